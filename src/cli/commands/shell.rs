//! `hartriage completions SHELL` and `hartriage man`: made from the one definition of the command line.

use std::process::ExitCode;

use crate::cli::{command, output};

pub(in crate::cli) fn completions(shell: clap_complete::Shell) -> Result<ExitCode, String> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(), "hartriage", &mut text);
    print(&text)
}

pub(in crate::cli) fn man() -> Result<ExitCode, String> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command()).render(&mut text).map_err(|e| e.to_string())?;
    print(&text)
}

fn print(text: &[u8]) -> Result<ExitCode, String> {
    output::write(&String::from_utf8_lossy(text))?;
    Ok(ExitCode::SUCCESS)
}
