//! The command line: arguments in, exit code out.
//!
//! In: the process's arguments. Out: results on standard output (or `-o`), diagnostics on standard error, an
//! [`ExitCode`]. Never: judging.
//!
//! `args` is what a person types; `config` what holds where nothing was typed; `options` turns it into what a run needs; `target` opens the outputs and `seal` gives up
//! what is not needed, both before any input is read; one file per command.

mod args;
mod canvas;
mod come;
mod commands;
mod config;
mod copy;
mod live;
mod minimal;
mod options;
mod output;
mod progress;
mod seal;
mod target;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser as _};

use args::{Arguments, Command};
use config::Settings;

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    run_with(std::env::args_os())
}

/// Runs that command line, whose first word is the program.
fn run_with(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let words: Vec<OsString> = words.into_iter().collect();
    let (arguments, settings) = match parse(&words) {
        Ok(parsed) => parsed,
        Err(stop) => return stop,
    };
    let sandbox = &arguments.sandbox;
    let done = match arguments.command {
        Some(Command::Diagnose(diagnose)) => commands::diagnose::run(&diagnose, sandbox),
        Some(Command::Sweep(sweep)) => commands::sweep::run(&sweep, sandbox),
        Some(Command::Merge(merge)) => commands::merge::run(&merge, sandbox),
        Some(Command::Compare(compare)) => commands::compare::run(&compare, sandbox),
        Some(Command::Explain(explain)) => commands::explain::run(&explain, sandbox),
        Some(Command::Redact(redact)) => commands::redact::run(&redact, sandbox),
        Some(Command::Excerpt(excerpt)) => commands::excerpt::run(&excerpt, sandbox),
        Some(Command::Facts(facts)) => commands::facts::run(&facts, sandbox),
        Some(Command::Rules(rules)) => commands::rules::run(&rules, sandbox),
        Some(Command::Config { lang }) => commands::config::run(lang, &settings, &command(), sandbox),
        Some(Command::Completions { shell }) => commands::shell::completions(shell),
        Some(Command::Man) => commands::shell::man(),
        None if arguments.diagnose.inputs.is_empty() => {
            let _ = Arguments::command().print_help();
            return output::unusable();
        }
        None => late_command(&arguments.diagnose.inputs)
            .map_or_else(|| commands::diagnose::run(&arguments.diagnose, sandbox), Err),
    };
    done.unwrap_or_else(|problem| output::complain(&problem))
}

/// What was typed, over what is set elsewhere. An error is printed, and is how the process ends.
fn parse(words: &[OsString]) -> Result<(Arguments, Settings), ExitCode> {
    let typed = Arguments::try_parse_from(words).map_err(|e| refuse(&e))?;
    if matches!(typed.command, Some(Command::Completions { .. } | Command::Man)) {
        return Ok((typed, Settings::default()));
    }
    let settings = Settings::read(&typed.config).map_err(|problem| output::complain(&problem))?;
    if settings.is_empty() {
        return Ok((typed, settings));
    }
    let matches = settings.as_defaults(command()).try_get_matches_from(words).map_err(|e| refuse(&e))?;
    let arguments = Arguments::from_arg_matches(&matches).map_err(|e| refuse(&e))?;
    Ok((arguments, settings))
}

/// `hartriage --quiet sweep x` takes `sweep` for an input, which no file is; say what was meant.
fn late_command(inputs: &[String]) -> Option<String> {
    let name = inputs.first().filter(|name| !std::path::Path::new(name).exists())?;
    let known = command().get_subcommands().any(|sub| sub.get_name() == name);
    known.then(|| format!("{name} is a command: write it first, and options after it"))
}

/// Help is no failure; wrong usage is.
fn refuse(error: &clap::Error) -> ExitCode {
    let failed = error.use_stderr();
    let _ = error.print();
    if failed { output::unusable() } else { ExitCode::SUCCESS }
}

/// The whole command line, for man pages, completions and docs.
pub fn command() -> clap::Command {
    Arguments::command()
}

#[cfg(test)]
mod leak_tests;
