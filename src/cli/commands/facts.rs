//! `hartriage facts`: every fact with its place, one JSON object a line.

use std::process::ExitCode;

use serde::Serialize;

use crate::cli::args::{Facts, Sandbox};
use crate::cli::seal::seal;
use crate::cli::target::Target;
use crate::cli::{options, output};
use crate::model::{Fact, InputSummary, Observed};
use crate::redact::Redactor;

/// One line of the output.
#[derive(Serialize)]
struct Line<'f> {
    fact: &'static str,
    value: String,
    source: String,
    entry: Option<u32>,
    line: Option<u64>,
    pointer: &'f str,
    span: [u64; 2],
    time: Option<String>,
    text: String,
}

pub(in crate::cli) fn run(args: &Facts, sandbox: &Sandbox) -> Result<ExitCode, String> {
    let lang = options::language(args.output.lang);
    let target = Target::open(args.output.output.as_deref())?;
    seal(sandbox, &[&target])?.say(args.output.quiet, lang);
    let triage = options::triage(&args.filter, lang)?;
    options::threads(args.output.threads)?;
    let crate::Observations { inputs, observed, .. } = triage.observe(&args.inputs);
    let redactor = Redactor::new(args.filter.anonymize, &observed);
    let mut text = String::new();
    for event in &observed {
        for fact in &event.facts {
            let line = line(&inputs, event, fact, &redactor);
            text.push_str(&serde_json::to_string(&line).map_err(|e| e.to_string())?);
            text.push('\n');
        }
    }
    target.finish(text.as_bytes())?;
    let unread = inputs.iter().all(|i| i.events == 0);
    Ok(if unread { output::unusable() } else { ExitCode::SUCCESS })
}

fn line<'f>(inputs: &[InputSummary], event: &Observed, fact: &'f Fact, redactor: &Redactor) -> Line<'f> {
    let name = inputs.get(fact.place.source.0 as usize).map_or("", |i| i.name.as_str());
    Line {
        fact: fact.name.id(),
        value: redactor.text(&fact.value).to_string(),
        source: redactor.name(name).to_string(),
        entry: fact.place.entry,
        line: fact.place.line,
        pointer: &fact.place.pointer,
        span: [fact.place.span.start, fact.place.span.end],
        time: event.meta.time.map(|t| t.to_string()),
        text: redactor.text(fact.excerpt.as_str()).to_string(),
    }
}
