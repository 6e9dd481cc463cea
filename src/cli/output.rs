//! Where results and complaints go: results to standard output or a file, complaints to standard error.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

use super::args::ColorArg;

/// Exit status 2, could not analyse: wrong usage, or nothing readable.
pub(super) fn unusable() -> ExitCode {
    ExitCode::from(2)
}

/// One line on standard error, and exit status 2.
pub(super) fn complain(problem: &str) -> ExitCode {
    say(&format!("hartriage: {problem}"));
    unusable()
}

/// One line on standard error. A closed standard error is no reason to stop.
pub(super) fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Writes a result to `file`, aside first and renamed when whole, or to standard output. A reader that went away
/// (a pager closed early) is no failure.
pub(super) fn write(text: &str, file: Option<&Path>) -> Result<(), String> {
    let Some(file) = file else {
        let mut out = io::stdout().lock();
        let done = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        return match done {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
            _ => Ok(()),
        };
    };
    let fail = |e: io::Error| format!("{}: {e}", file.display());
    let mut aside = file.as_os_str().to_owned();
    aside.push(".part");
    let aside = Path::new(&aside);
    std::fs::write(aside, text).map_err(fail)?;
    std::fs::rename(aside, file).map_err(fail)
}

/// Whether to colour what goes to standard output (or to `file`).
pub(super) fn coloured(when: ColorArg, file: Option<&Path>) -> bool {
    match when {
        ColorArg::Always => true,
        ColorArg::Never => false,
        ColorArg::Auto => {
            let off = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
            file.is_none() && !off && io::stdout().is_terminal()
        }
    }
}

/// Columns to fill: those of the terminal, `COLUMNS` where it is set, else 80.
pub(super) fn width() -> usize {
    let asked = std::env::var("COLUMNS").ok().and_then(|c| c.parse::<usize>().ok());
    let seen = || terminal_size::terminal_size().map(|(w, _)| usize::from(w.0));
    asked.or_else(seen).unwrap_or(80).clamp(60, 200)
}

/// True for a terminal whose locale is known not to show more than ASCII.
pub(super) fn ascii_terminal() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
        .unwrap_or_default()
        .to_ascii_lowercase();
    let utf8 = locale.contains("utf-8") || locale.contains("utf8");
    !cfg!(windows) && io::stdout().is_terminal() && !utf8
}
