//! `--format json` and `ndjson`: `hartriage.sweep/1`.

use serde::Serialize;

use super::Aggregate;
use super::model::{NotRead, Representative, Settings};
use super::view::{CauseLine, Line, View, rfc3339};
use crate::model::Safe;

/// Name of the JSON schema.
pub const SCHEMA: &str = "hartriage.sweep/1";

#[derive(Serialize)]
struct Sweep<'a> {
    schema: &'static str,
    settings: &'a Settings,
    rows: Vec<JsonRow<'a>>,
    inputs: JsonInputs<'a>,
}

#[derive(Serialize)]
struct JsonRow<'a> {
    rank: usize,
    /// What the row stands for; null when not known.
    key: Option<&'a Safe>,
    title: &'a Safe,
    vendor_wide: bool,
    attempts: u64,
    inputs: u64,
    tenants: usize,
    accounts: usize,
    first_seen: Option<String>,
    last_seen: Option<String>,
    causes: &'a [CauseLine],
    codes: Vec<JsonCode<'a>>,
    trend: Vec<JsonBucket>,
    representative: Option<JsonExample<'a>>,
}

#[derive(Serialize)]
struct JsonCode<'a> {
    code: &'a Safe,
    attempts: u64,
}

#[derive(Serialize)]
struct JsonBucket {
    start: Option<String>,
    seconds: i64,
    attempts: u64,
}

#[derive(Serialize)]
struct JsonExample<'a> {
    id: &'a str,
    confidence: u8,
    source: &'a str,
    entry: Option<u32>,
    line: Option<u64>,
    pointer: Option<&'a str>,
    span: [u64; 2],
    time: Option<String>,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonInputs<'a> {
    found: u64,
    read: u64,
    partly_read: u64,
    not_read: u64,
    with_cause: u64,
    all_worked: u64,
    nothing_to_report: u64,
    left_out_by_filters: u64,
    bytes: u64,
    events: u64,
    /// Those not or not wholly read, the first of them by name.
    named: Vec<JsonNotRead<'a>>,
}

#[derive(Serialize)]
struct JsonNotRead<'a> {
    name: &'a str,
    read: &'static str,
    what: String,
    why: String,
    place: String,
}

/// One line of `ndjson` after the rows.
#[derive(Serialize)]
struct Closing<'a> {
    schema: &'static str,
    settings: &'a Settings,
    inputs: JsonInputs<'a>,
}

pub(super) fn render(view: &View<'_>, aggregate: &Aggregate) -> String {
    let sweep = Sweep {
        schema: SCHEMA,
        settings: &aggregate.settings,
        rows: view.rows.iter().map(row).collect(),
        inputs: inputs(view),
    };
    let mut text =
        serde_json::to_string_pretty(&sweep).expect("a sweep holds only strings, numbers and lists");
    text.push('\n');
    text
}

/// One row a line, then the settings and inputs.
pub(super) fn lines(view: &View<'_>, aggregate: &Aggregate) -> String {
    let mut out = String::new();
    for line in &view.rows {
        out.push_str(
            &serde_json::to_string(&row(line)).expect("a row holds only strings, numbers and lists"),
        );
        out.push('\n');
    }
    let closing = Closing { schema: SCHEMA, settings: &aggregate.settings, inputs: inputs(view) };
    out.push_str(&serde_json::to_string(&closing).expect("a summary holds only strings and numbers"));
    out.push('\n');
    out
}

fn row<'a>(line: &'a Line<'_>) -> JsonRow<'a> {
    let r = line.row;
    JsonRow {
        rank: line.rank,
        key: (!line.key.is_empty()).then_some(&line.key),
        title: &line.label,
        vendor_wide: line.vendor_wide,
        attempts: r.attempts,
        inputs: r.inputs,
        tenants: r.tenants.len(),
        accounts: r.accounts.len(),
        first_seen: line.first_seen(),
        last_seen: line.last_seen(),
        causes: &line.causes,
        codes: line.codes.iter().map(|(code, n)| JsonCode { code, attempts: *n }).collect(),
        trend: r
            .trend
            .buckets()
            .map(|(start, attempts)| JsonBucket { start: rfc3339(start), seconds: r.trend.width(), attempts })
            .collect(),
        representative: r.example.as_ref().map(example),
    }
}

fn example(e: &Representative) -> JsonExample<'_> {
    JsonExample {
        id: e.cause.as_str(),
        confidence: e.confidence,
        source: e.input.as_str(),
        entry: e.entry,
        line: e.line,
        pointer: (!e.pointer.is_empty()).then_some(e.pointer.as_str()),
        span: e.span,
        time: e.time.and_then(rfc3339),
        text: e.text.as_str(),
    }
}

fn inputs<'a>(view: &View<'a>) -> JsonInputs<'a> {
    let i = view.inputs;
    JsonInputs {
        found: i.read.saturating_add(i.partly).saturating_add(i.unread),
        read: i.read,
        partly_read: i.partly,
        not_read: i.unread,
        with_cause: i.failed,
        all_worked: i.worked,
        nothing_to_report: i.nothing,
        left_out_by_filters: i.filtered,
        bytes: i.bytes,
        events: i.events,
        named: i.named.iter().map(|n| not_read(view, n)).collect(),
    }
}

fn not_read<'n>(view: &View<'_>, n: &'n NotRead) -> JsonNotRead<'n> {
    JsonNotRead {
        name: n.input.as_str(),
        read: if n.partly { "partly" } else { "no" },
        what: view.what_words(n),
        why: view.why_words(n),
        place: view.place_words(n),
    }
}
