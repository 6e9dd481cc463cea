//! Counts the entries of every HAR below a folder in three ways, side by side: as this tool reads them, as a lenient
//! JSON reader finds them, and as the strict `har` crate does.
//!
//! `cargo run --example count_entries -- DIR`

use std::process::ExitCode;

use hartriage::decode::{self, Sink};
use hartriage::model::{Event, EventKind, Lost, Source};
use hartriage::source::{self, Limits};
use serde_json::Value;

/// Entries as this tool reads them, and what it says it could not read.
#[derive(Default)]
struct Ours {
    entries: usize,
    lost: Vec<Lost>,
}

impl<'a> Sink<'a> for Ours {
    fn event(&mut self, event: Event<'a>) {
        self.entries += usize::from(matches!(event.kind, EventKind::Exchange(_)));
    }

    fn lost(&mut self, lost: Lost) {
        self.lost.push(lost);
    }
}

fn ours(source: &Source) -> Ours {
    let mut ours = Ours::default();
    let Some(format) = decode::format_of(source) else { return ours };
    let split = (format.split)(source);
    ours.lost = split.lost;
    let mut sink = Ours { lost: ours.lost, ..Ours::default() };
    for piece in &split.pieces {
        piece.read(&mut sink);
    }
    sink
}

/// Objects in lists called `entries`, wherever they stand; `None` where no JSON reader opens the file. A trailing
/// comma, a byte order mark and a call around it are forgiven.
fn lenient(text: &str) -> Option<usize> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let whole = parse(text).or_else(|| {
        let (open, close) = (text.find(['{', '['])?, text.rfind(['}', ']'])?);
        parse(text.get(open..=close)?)
    })?;
    Some(entries(&whole))
}

fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().or_else(|| serde_json::from_str(&without_trailing_commas(text)).ok())
}

fn without_trailing_commas(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if matches!(c, '}' | ']') && out.trim_end().ends_with(',') {
            out.truncate(out.trim_end().len() - 1);
        } else {
            quoted = c == '"';
        }
        out.push(c);
    }
    out
}

fn entries(value: &Value) -> usize {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| match value {
                Value::Array(list) if key == "entries" => {
                    list.iter().filter(|e| e.get("request").is_some() || e.get("response").is_some()).count()
                }
                Value::Object(list) if key == "entries" => {
                    list.values().filter(|e| e.get("request").is_some()).count()
                }
                value => entries(value),
            })
            .sum(),
        Value::Array(list) => list.iter().map(entries).sum(),
        _ => 0,
    }
}

fn strict(text: &str) -> Option<usize> {
    let har = har::from_slice(text.as_bytes()).ok()?;
    Some(match har.log {
        har::Spec::V1_2(log) => log.entries.len(),
        har::Spec::V1_3(log) => log.entries.len(),
    })
}

fn shown(count: Option<usize>) -> String {
    count.map_or_else(|| "-".to_owned(), |n| n.to_string())
}

#[expect(clippy::print_stdout, reason = "a program of its own")]
fn main() -> ExitCode {
    let inputs: Vec<String> = std::env::args().skip(1).collect();
    if inputs.is_empty() {
        return ExitCode::from(2);
    }
    let limits = Limits::default();
    let (found, _) = source::find(&inputs, &limits);
    let (mut files, mut readable, mut rejected, mut fewer) = (0, 0, 0, 0);
    let mut totals = [0usize; 3];
    println!("ours\tlenient\thar crate\tlosses\tfile");
    for source in found.iter().flat_map(|f| source::load(f, &limits).sources) {
        if decode::format_of(&source).is_none_or(|f| f.name != "har") {
            continue;
        }
        let text = String::from_utf8_lossy(source.bytes());
        let (ours, lenient, strict) = (ours(&source), lenient(&text), strict(&text));
        files += 1;
        readable += usize::from(lenient.is_some());
        rejected += usize::from(strict.is_none());
        fewer += usize::from(lenient.is_some_and(|n| ours.entries < n));
        totals[0] += ours.entries;
        totals[1] += lenient.unwrap_or_default();
        totals[2] += strict.unwrap_or_default();
        println!(
            "{}\t{}\t{}\t{}\t{}",
            ours.entries,
            shown(lenient),
            shown(strict),
            ours.lost.len(),
            source.name
        );
    }
    println!(
        "{files} files: {} entries here, {} as a lenient reader counts ({readable} files opened, {fewer} with more \
         than here), {} by the har crate ({rejected} files rejected)",
        totals[0], totals[1], totals[2]
    );
    if fewer == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
