//! Redaction of real captures, where a collection of them is at hand: `HARTRIAGE_SAMPLES=folder`, else
//! `../shared/samples`. Small files by default, all with `HARTRIAGE_ALL=1`. Nothing here needs the collection.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hartriage::model::Source;
use hartriage::redact::SourceRedactor;
use hartriage::source::{Found, Limits, Origin, load};
use hartriage::{Options, Triage, decode};
use rayon::prelude::*;
use serde_json::Value;

/// Largest file that is looked at by default.
const SMALL: u64 = 300 * 1024;

fn samples() -> Option<PathBuf> {
    let given = std::env::var_os("HARTRIAGE_SAMPLES").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples"));
    Some(folder.join("har")).filter(|f| f.is_dir())
}

fn files(folder: &Path, most: u64, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, most, out);
        } else if path.metadata().is_ok_and(|m| m.len() <= most) {
            out.push(path);
        }
    }
}

struct Done {
    bytes: u64,
    took: Duration,
    entries: usize,
    wrong: Vec<String>,
}

/// Identity of the first diagnosis, if any.
fn first(triage: &Triage, name: &str, text: &[u8]) -> Option<String> {
    let findings = triage.investigate_text(name, &String::from_utf8_lossy(text));
    findings.judgement.diagnoses.first().map(|d| triage.rules().get(d.rule).id.clone())
}

fn entries(value: &Value) -> Option<usize> {
    value.pointer("/log/entries").and_then(Value::as_array).map(Vec::len)
}

fn try_source(triage: &Triage, source: &Source) -> Done {
    let before = source.bytes();
    let kind = decode::format_of(source).map_or("", |f| f.name);
    let start = Instant::now();
    let mut run = SourceRedactor::default();
    let after = run.redact(before, kind).and_then(|done| run.finish().at(done.bytes));
    let took = start.elapsed();
    let mut wrong = Vec::new();
    let mut count = 0;
    match after {
        Err(error) => wrong.push(format!("{}: {error}", source.name)),
        Ok(after) => {
            if let Ok(old) =
                serde_json::from_slice::<Value>(before.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(before))
            {
                match serde_json::from_slice::<Value>(after.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&after)) {
                    Err(error) => wrong.push(format!("{}: no JSON any more: {error}", source.name)),
                    Ok(new) if entries(&new) != entries(&old) => {
                        wrong.push(format!("{}: another number of entries", source.name));
                    }
                    Ok(new) => count = entries(&new).unwrap_or(0),
                }
            }
            let (old, new) = (first(triage, &source.name, before), first(triage, &source.name, &after));
            if old != new {
                wrong.push(format!("{}: {old:?} became {new:?}", source.name));
            }
        }
    }
    Done { bytes: before.len() as u64, took, entries: count, wrong }
}

#[test]
fn redacted_captures_stay_what_they_are() {
    let Some(folder) = samples() else { return eprintln!("no samples here") };
    let most = if std::env::var_os("HARTRIAGE_ALL").is_some() { u64::MAX } else { SMALL };
    let mut paths = Vec::new();
    files(&folder, most, &mut paths);
    paths.sort();
    let triage = Triage::new(Options::default()).expect("the rules are well-formed");
    let done: Vec<Done> = paths
        .par_iter()
        .flat_map_iter(|path| {
            let found = Found { name: path.display().to_string(), origin: Origin::File(path.clone()) };
            load(&found, &Limits::default()).sources
        })
        .map(|source| {
            let source = Source::whole(source.name, Arc::clone(&source.bytes));
            let done = try_source(&triage, &source);
            if std::env::var_os("HARTRIAGE_SLOW").is_some() {
                let rate = done.bytes as f64 / 1e6 / done.took.as_secs_f64();
                eprintln!(
                    "{rate:8.2} MB/s {:9} {:6.2}s {}",
                    done.bytes,
                    done.took.as_secs_f64(),
                    source.name
                );
            }
            done
        })
        .collect();
    let bytes: u64 = done.iter().map(|d| d.bytes).sum();
    let took: Duration = done.iter().map(|d| d.took).sum();
    let entries: usize = done.iter().map(|d| d.entries).sum();
    let wrong: Vec<&String> = done.iter().flat_map(|d| &d.wrong).collect();
    eprintln!(
        "{} captures, {entries} entries, {:.1} MB redacted in {:.1} s of one core: {:.1} MB/s; {} differ",
        done.len(),
        bytes as f64 / 1e6,
        took.as_secs_f64(),
        bytes as f64 / 1e6 / took.as_secs_f64(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}
