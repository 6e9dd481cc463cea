//! `hartriage compare`: where a capture that worked and one that did not part.

use std::process::ExitCode;

use crate::Findings;
use crate::cli::args::{Compare, Sandbox};
use crate::cli::seal::seal;
use crate::cli::target::Target;
use crate::cli::{canvas, options};
use crate::compare::{compare, render};
use crate::redact;
use crate::report::Format;

pub(in crate::cli) fn run(args: &Compare, sandbox: &Sandbox) -> Result<ExitCode, String> {
    let lang = options::language(args.output.lang);
    let canvas = canvas::of(&args.output, args.filter.anonymize)?;
    let format = Format::from(args.output.format);
    if !matches!(format, Format::Table | Format::Json | Format::Markdown | Format::Html) {
        return Err("compare prints table, json, markdown or html".to_owned());
    }
    let target = Target::open(args.output.output.as_deref())?;
    seal(sandbox, &[&target])?.say(args.output.quiet, lang);
    let triage = options::triage(&args.filter, lang)?;
    options::threads(args.output.threads)?;
    let good = triage.investigate(std::slice::from_ref(&args.good));
    readable(&good, &args.good)?;
    let bad = triage.investigate(std::slice::from_ref(&args.bad));
    readable(&bad, &args.bad)?;
    let comparison = compare(triage.rules(), &good, &bad, &triage.report(&bad), args.filter.anonymize);
    let text = render(&comparison, lang, format, &canvas).unwrap_or_default();
    target.finish(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Neither side can be judged against one of which nothing was read.
fn readable(findings: &Findings, input: &str) -> Result<(), String> {
    if findings.inputs.iter().any(|i| i.events > 0) {
        return Ok(());
    }
    let name = redact::name(input);
    let lost = findings.inputs.iter().flat_map(|i| &i.lost).next();
    Err(match lost {
        Some(lost) => format!("{name}: {}: {}", redact::text(&lost.what), redact::text(&lost.why)),
        None => format!("{name}: it holds nothing"),
    })
}
