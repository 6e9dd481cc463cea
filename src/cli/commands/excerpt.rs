//! `hartriage excerpt`: the exchanges that prove the first diagnosis, as a HAR of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use har::v1_2::{Creator, Log, Pages};
use har::{Har, Spec};
use serde_json::{Map, Value as Json};

use crate::cli::args::{Excerpt, Sandbox};
use crate::cli::seal::seal;
use crate::cli::target::{Target, give_up_after};
use crate::cli::{minimal, options, output};
use crate::model::{Diagnosis, Kind, Place, Source};
use crate::redact::{Anonymiser, SourceRedactor};
use crate::report::Report;
use crate::source::{self, Limits};
use crate::{Findings, Triage, decode, redact};

/// Entries by the name of their source.
type Wanted = BTreeMap<String, BTreeSet<usize>>;

pub(in crate::cli) fn run(args: &Excerpt, sandbox: &Sandbox) -> Result<ExitCode, String> {
    if args.inputs.iter().any(|i| i == "-") {
        return Err("excerpt reads its inputs twice: save standard input to a file first".to_owned());
    }
    let lang = options::language(args.lang);
    let target = Target::file(&args.output, false)?;
    seal(sandbox, &[&target])?.say(args.quiet, lang);
    let triage = options::triage(&args.filter, lang)?;
    options::threads(args.threads)?;
    let findings = triage.investigate(&args.inputs);
    let report = triage.report(&findings);
    let (rank, first) = first(&triage, &findings, &report)?;
    // Reading has its own limit; what follows reads the captures once more.
    give_up_after(args.filter.time_limit, findings.inputs.len());
    let sources = captures(&args.inputs, &findings);
    let proof = entries(&findings, first.evidence.iter().map(|f| &f.place));
    if proof.is_empty() {
        return Err(no_capture(&report, rank));
    }
    let wider = widths(&findings, first, proof, &sources);
    let mut best = None;
    for wanted in wider {
        let text = released(&write(&sources, &wanted, &report, rank)?, args.filter.anonymize)?;
        let again = triage.investigate_text("excerpt.har", &text);
        let same = again.judgement.diagnoses.first().is_some_and(|d| d.rule == first.rule);
        let count: usize = wanted.values().map(BTreeSet::len).sum();
        if same || best.is_none() {
            best = Some((text, count, same));
        }
        if same {
            break;
        }
    }
    let (text, count, same) = best.ok_or("the exchanges could not be written as HAR")?;
    target.finish(text.as_bytes())?;
    if !args.quiet {
        let exchanges = if count == 1 { "exchange" } else { "exchanges" };
        output::say(&format!("{count} {exchanges} written"));
        if !same {
            output::say(
                "read by themselves they do not give the same first diagnosis: part of the proof is in another input",
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The first diagnosis of something that failed: its place in the report, and what was judged.
fn first<'f>(
    triage: &Triage,
    findings: &'f Findings,
    report: &Report,
) -> Result<(usize, &'f Diagnosis), String> {
    let rank = report.diagnoses.iter().position(|d| d.kind != Kind::Benign);
    let id = rank.and_then(|n| report.diagnoses.get(n)).map(|d| d.id.as_str());
    let judged = findings.judgement.diagnoses.iter();
    rank.zip(judged.into_iter().find(|d| Some(triage.rules().get(d.rule).id.as_str()) == id))
        .ok_or_else(|| "nothing failed in what could be read: there is nothing to prove".to_owned())
}

/// The proof is in a log or a pasted address.
fn no_capture(report: &Report, rank: usize) -> String {
    let evidence = report.diagnoses.get(rank).and_then(|d| d.evidence.first());
    let place = evidence.map(|e| match e.line {
        Some(line) => format!(" but in {} line {line}", e.source),
        None => format!(" but in {}", e.source),
    });
    format!("the proof is in no HAR{}: send `redact`'s copy of that instead", place.unwrap_or_default())
}

/// The HAR sources of the inputs.
fn captures(inputs: &[String], findings: &Findings) -> Vec<Source> {
    let limits = Limits::for_whole();
    let (found, _) = source::find(inputs, &limits);
    let har: BTreeSet<&str> =
        findings.inputs.iter().filter(|i| i.kind == "har").map(|i| i.name.as_str()).collect();
    let loaded = found.iter().flat_map(|one| source::load(one, &limits).sources);
    loaded.filter(|s| har.contains(s.name.as_str())).collect()
}

fn entries<'p>(findings: &Findings, places: impl Iterator<Item = &'p Place>) -> Wanted {
    let mut wanted = Wanted::new();
    for place in places {
        let input = findings.inputs.get(place.source.0 as usize).filter(|i| i.kind == "har");
        if let (Some(input), Some(entry)) = (input, place.entry) {
            wanted.entry(input.name.clone()).or_default().insert(entry as usize);
        }
    }
    wanted
}

/// What may be taken, from the least to everything.
fn widths(findings: &Findings, first: &Diagnosis, proof: Wanted, sources: &[Source]) -> Vec<Wanted> {
    let events = first.attempts.iter().filter_map(|n| findings.attempts.get(*n)).flat_map(|a| &a.events);
    let of_attempts = events.filter_map(|n| findings.observed.get(*n)).map(|o| &o.meta.place);
    let attempts = entries(findings, of_attempts);
    let telling = entries(findings, findings.observed.iter().map(|o| &o.meta.place));
    let all =
        sources.iter().map(|s| (s.name.clone(), (0..decode::har_places(s.bytes()).entries.len()).collect()));
    vec![proof, attempts, telling, all.collect()]
}

/// The HAR, not yet redacted.
fn write(sources: &[Source], wanted: &Wanted, report: &Report, rank: usize) -> Result<String, String> {
    let mut log = Log { comment: Some(headline(report, rank)), ..Log::default() };
    let (mut vendors, mut pages): (Vec<[Map<String, Json>; 3]>, Vec<Pages>) = (Vec::new(), Vec::new());
    for source in sources {
        let Some(numbers) = wanted.get(&source.name) else { continue };
        let places = decode::har_places(source.bytes());
        let part = |range: &std::ops::Range<usize>| source.bytes().get(range.clone()).unwrap_or_default();
        if log.creator.name.is_empty() {
            log.creator = places.creators.first().and_then(|c| minimal::creator(part(c))).unwrap_or_default();
        }
        pages.extend(places.pages.iter().flat_map(|p| minimal::pages(part(p))));
        for number in numbers {
            let Some(mut one) = places.entries.get(*number).and_then(|r| minimal::entry(part(r))) else {
                continue;
            };
            one.entry.comment = Some(remark(report, rank, &source.name, *number));
            log.entries.push(one.entry);
            vendors.push(one.vendor);
        }
    }
    if log.creator.name.is_empty() {
        log.creator = Creator { name: "unknown".to_owned(), version: "0".to_owned(), comment: None };
    }
    log.creator.comment = Some(format!("excerpt by hartriage {}", env!("CARGO_PKG_VERSION")));
    log.pages = Some(pages).filter(|p| !p.is_empty());
    let mut value = serde_json::to_value(Har { log: Spec::V1_2(log) }).map_err(|e| e.to_string())?;
    add_vendor_fields(&mut value, vendors);
    serde_json::to_string_pretty(&value).map_err(|e| e.to_string())
}

fn add_vendor_fields(value: &mut Json, vendors: Vec<[Map<String, Json>; 3]>) {
    let Some(list) = value.pointer_mut("/log/entries").and_then(Json::as_array_mut) else { return };
    for (entry, [own, request, response]) in list.iter_mut().zip(vendors) {
        for (at, fields) in [("", own), ("/request", request), ("/response", response)] {
            if let Some(object) = entry.pointer_mut(at).and_then(Json::as_object_mut) {
                object.extend(fields);
            }
        }
    }
}

/// The diagnosis in one line.
fn headline(report: &Report, rank: usize) -> String {
    report
        .diagnoses
        .get(rank)
        .map_or_else(String::new, |d| format!("{}: {} ({} %). {}", d.id, d.title, d.confidence, d.meaning))
}

/// What an exchange is there for.
fn remark(report: &Report, rank: usize, source: &str, entry: usize) -> String {
    let name = redact::name(source);
    let evidence = report.diagnoses.get(rank).map(|d| d.evidence.as_slice()).unwrap_or_default();
    let of_this = evidence.iter().find(|e| e.entry == u32::try_from(entry).ok() && e.source == name);
    match of_this {
        Some(e) => format!("entry {entry} of {name}: {}", e.text),
        None => format!("entry {entry} of {name}"),
    }
}

/// Without secrets, and read back as the HAR that it has to be.
fn released(text: &str, anonymize: bool) -> Result<String, String> {
    let mut run = SourceRedactor::default();
    let mut bytes = run.redact(text.as_bytes(), "har").map_err(|e| e.to_string())?.bytes;
    if anonymize {
        let mut anonymiser = Anonymiser::default();
        bytes = anonymiser.apply_bytes(&bytes);
        bytes = anonymiser.apply_bytes(&bytes);
    }
    let bytes = run.finish().at(bytes).map_err(|e| e.to_string())?;
    har::from_slice(&bytes).map_err(|_| "the excerpt would not be valid HAR; nothing was written")?;
    String::from_utf8(bytes).map_err(|_| "the excerpt would not be text; nothing was written".to_owned())
}
