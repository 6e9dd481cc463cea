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

/// Writes a result to standard output. A reader that went away (a pager closed early) is no failure.
pub(super) fn write(text: &str) -> Result<(), String> {
    write_bytes(text.as_bytes())
}

/// As [`write`].
pub(super) fn write_bytes(bytes: &[u8]) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        _ => Ok(()),
    }
}

/// Writes a part of a result to standard output; false when its reader went away.
pub(super) fn write_now(bytes: &[u8]) -> Result<bool, String> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(e) => Err(format!("standard output: {e}")),
    }
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
