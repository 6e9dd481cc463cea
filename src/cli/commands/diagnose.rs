//! `hartriage diagnose`: the answer to one case.

use std::process::ExitCode;

use crate::Triage;
use crate::cli::args::{Diagnose, FormatArg, Sandbox};
use crate::cli::live::{self, Manner};
use crate::cli::seal::seal;
use crate::cli::target::{self, Target};
use crate::cli::{canvas, come, options, output};
use crate::model::{Kind, Severity};
use crate::report::{Canvas, Format, Report, render};

pub(in crate::cli) fn run(args: &Diagnose, sandbox: &Sandbox) -> Result<ExitCode, String> {
    if args.inputs.is_empty() {
        return Err("no input: name a file, a folder, a URL, or `-` for standard input".to_owned());
    }
    let lang = options::language(args.output.lang);
    let canvas = canvas::of(&args.output, args.filter.anonymize)?;
    let target = Target::open(args.output.output.as_deref())?;
    let sealed = seal(sandbox, &[&target])?;
    let triage = options::triage(&args.filter, lang)?;
    options::threads(args.output.threads)?;
    let report = answer(args, &triage, &canvas, target, sealed.words(lang))?;
    if !matches!(args.output.format, FormatArg::Table | FormatArg::Html) {
        sealed.say(args.output.quiet, lang);
    }
    if !args.output.quiet {
        name_the_unread(&report);
    }
    let status = status(&report, args.fail_on.map(Severity::from));
    // The process ends here, which gives the memory back faster than thing by thing.
    std::mem::forget((report, triage));
    Ok(status)
}

/// Reads the inputs and writes the answer: bit by bit where they are still being written.
fn answer(
    args: &Diagnose,
    triage: &Triage,
    canvas: &Canvas,
    target: Target,
    sandbox: String,
) -> Result<Report, String> {
    let format = Format::from(args.output.format);
    let manner = Manner { format, canvas, quiet: args.output.quiet, follow: args.follow, sandbox };
    match args.inputs.as_slice() {
        [only] if only == "-" && (args.follow || !come::stdin_is_a_file()) => {
            target::note_interrupt();
            live::pipe(triage, &manner, target)
        }
        [only] if args.follow => {
            target::note_interrupt();
            live::file(triage, only, &manner, target)
        }
        _ if args.follow => Err("--follow: name one log file, or `-`".to_owned()),
        inputs => {
            let findings = triage.investigate(inputs);
            let mut report = triage.report(&findings);
            std::mem::forget(findings);
            report.extra.sandbox = manner.sandbox;
            target.finish(render(&report, format, canvas).as_bytes())?;
            Ok(report)
        }
    }
}

/// Inputs of which nothing could be read, one line each.
fn name_the_unread(report: &Report) {
    for input in report.inputs.iter().filter(|i| i.events == 0) {
        for lost in &input.lost {
            let place = if lost.place.is_empty() { String::new() } else { format!(" ({})", lost.place) };
            output::say(&format!("hartriage: {}: {}: {}{place}", input.name, lost.what, lost.why));
        }
    }
}

fn status(report: &Report, fail_on: Option<Severity>) -> ExitCode {
    if report.inputs.iter().all(|i| i.events == 0) {
        return output::unusable();
    }
    let met = |s: Severity| report.diagnoses.iter().any(|d| d.kind == Kind::Cause && d.severity >= s);
    if fail_on.is_some_and(met) { ExitCode::from(1) } else { ExitCode::SUCCESS }
}

impl From<FormatArg> for Format {
    fn from(arg: FormatArg) -> Format {
        match arg {
            FormatArg::Table => Format::Table,
            FormatArg::Json => Format::Json,
            FormatArg::Ndjson => Format::Ndjson,
            FormatArg::Markdown => Format::Markdown,
            FormatArg::Html => Format::Html,
            FormatArg::Csv => Format::Csv,
            FormatArg::Sarif => Format::Sarif,
        }
    }
}
