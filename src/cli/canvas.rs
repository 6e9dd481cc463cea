//! What a rendering has to fit: the terminal it goes to, or none.
//!
//! In: the flags and the environment. Out: a [`Canvas`]. Never: an escape sequence into a file or a pipe that nobody
//! asked for.

use std::env;
use std::io::{self, IsTerminal as _};

use super::args::{ColorArg, FormatArg, Output};
use super::output;
use crate::report::Canvas;
use crate::report::link::Links;

/// The canvas; the error is one clear line. Names that were replaced lead to no file.
pub(super) fn of(out: &Output, anonymised: bool) -> Result<Canvas, String> {
    if out.excel && out.format != FormatArg::Csv {
        return Err("--excel is for --format csv".to_owned());
    }
    let file = out.output.as_deref();
    let links = file.is_none() && !anonymised && takes_links(out.color);
    Ok(Canvas {
        width: output::width(),
        colour: output::coloured(out.color, file),
        verbose: out.verbose,
        ascii: out.ascii || (file.is_none() && output::ascii_terminal()),
        excel: out.excel,
        links: if links { here() } else { None },
    })
}

/// A variable of the environment that is set and not empty.
fn var(name: &str) -> Option<String> {
    env::var(name).ok().filter(|v| !v.is_empty())
}

/// Whether standard output is a terminal that is known to open links. `FORCE_HYPERLINK=1` says that it is, `=0` that it
/// is not; a pipe gets none whatever is said.
fn takes_links(colour: ColorArg) -> bool {
    if !io::stdout().is_terminal() || colour == ColorArg::Never {
        return false;
    }
    match var("FORCE_HYPERLINK") {
        Some(said) => said != "0",
        None => var("NO_COLOR").is_none() && var("CI").is_none() && known_terminal(),
    }
}

fn known_terminal() -> bool {
    let term = var("TERM").unwrap_or_default();
    if term == "dumb" || term.starts_with("screen") || term.starts_with("tmux") {
        return false;
    }
    let program = var("TERM_PROGRAM").unwrap_or_default();
    let vte = var("VTE_VERSION").and_then(|v| v.parse::<u32>().ok()).is_some_and(|v| v >= 5000);
    let kinds = ["xterm-kitty", "alacritty", "foot", "xterm-ghostty", "wezterm"];
    let programs = ["iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio", "Tabby"];
    vte || kinds.iter().any(|k| term.starts_with(k))
        || programs.contains(&program.as_str())
        || ["WT_SESSION", "KONSOLE_VERSION", "DOMTERM", "KITTY_WINDOW_ID"]
            .iter()
            .any(|name| var(name).is_some())
}

/// This machine and this folder; `None` where the folder has no plain name.
fn here() -> Option<Links> {
    let folder = env::current_dir().ok()?.to_str()?.to_owned();
    Some(Links { host: host(), folder })
}

/// The name of this machine; empty, which stands for this machine too, where it is not known or no plain name.
fn host() -> String {
    let named = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = named.or_else(|| var("HOSTNAME")).unwrap_or_default().trim().to_owned();
    let plain =
        name.len() <= 253 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'));
    if plain && !cfg!(windows) { name } else { String::new() }
}
