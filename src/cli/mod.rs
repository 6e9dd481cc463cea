//! The command line: arguments in, exit code out.
//!
//! In: the process's arguments. Out: results on standard output (or `-o`), diagnostics on standard error, an
//! [`ExitCode`]. Never: judging.
//!
//! `args` is what a person types; `options` turns it into what a run needs; `target` opens the outputs and `seal` gives up
//! what is not needed, both before any input is read; one file per command.

mod args;
mod come;
mod commands;
mod copy;
mod live;
mod minimal;
mod options;
mod output;
mod progress;
mod seal;
mod target;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use args::{Arguments, Command};

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let failed = error.use_stderr();
            let _ = error.print();
            return if failed { output::unusable() } else { ExitCode::SUCCESS };
        }
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
        Some(Command::Completions { shell }) => commands::shell::completions(shell),
        Some(Command::Man) => commands::shell::man(),
        None if arguments.diagnose.inputs.is_empty() => {
            let _ = Arguments::command().print_help();
            return output::unusable();
        }
        None => commands::diagnose::run(&arguments.diagnose, sandbox),
    };
    done.unwrap_or_else(|problem| output::complain(&problem))
}

/// The whole command line, for man pages, completions and docs.
pub fn command() -> clap::Command {
    Arguments::command()
}
