//! The command line: arguments in, exit code out.
//!
//! In: the process's arguments. Out: results on standard output (or `-o`), diagnostics on standard error, an
//! [`ExitCode`](std::process::ExitCode). Never: judging.
//!
//! `args` is what a person types; `options` turns it into what a run needs; one file per command.

mod args;
mod commands;
mod options;
mod output;
mod progress;

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
    let done = match arguments.command {
        Some(Command::Diagnose(diagnose)) => commands::diagnose::run(&diagnose),
        Some(Command::Sweep(sweep)) => commands::sweep::run(&sweep),
        Some(Command::Merge(merge)) => commands::merge::run(&merge),
        Some(Command::Compare(compare)) => commands::compare::run(&compare),
        Some(Command::Explain(explain)) => commands::explain::run(&explain),
        Some(Command::Facts(facts)) => commands::facts::run(&facts),
        Some(Command::Rules(rules)) => commands::rules::run(&rules),
        Some(Command::Completions { shell }) => commands::shell::completions(shell),
        Some(Command::Man) => commands::shell::man(),
        None if arguments.diagnose.inputs.is_empty() => {
            let _ = Arguments::command().print_help();
            return output::unusable();
        }
        None => commands::diagnose::run(&arguments.diagnose),
    };
    done.unwrap_or_else(|problem| output::complain(&problem))
}

/// The whole command line, for man pages, completions and docs.
pub fn command() -> clap::Command {
    Arguments::command()
}
