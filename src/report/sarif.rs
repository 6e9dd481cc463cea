//! `--format sarif`: SARIF 2.1.0, for viewers and services that collect findings.
//!
//! In: a [`Report`]. Out: one run: a rule for each diagnosis, a result for each, the chain of its evidence, and a
//! notification for everything that could not be read or judged. Never: a link or a placeholder that came from an input,
//! or a time of the run itself: the same report gives the same bytes.

use serde_json::{Map, Value, json};

use super::model::*;
use super::{link, lost, plain, view, words};
use crate::extract::join_hash;
use crate::model::{Kind, Lang, Safe, Severity};

/// Where the schema that this keeps to is published.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn render(report: &Report) -> String {
    let results = report.diagnoses.iter().enumerate();
    write(&Run {
        lang: report.extra.lang,
        version: report.tool.version,
        rules_date: &report.tool.rules_date,
        rules: report.extra.rules.iter().filter(|r| shown(report, &r.id)).map(rule).collect(),
        results: results.map(|(n, d)| result(report, d, n == 0)).collect(),
        notifications: notifications(report),
        artifacts: report.inputs.iter().filter_map(artifact).collect(),
        read: report.inputs.iter().any(|i| i.events > 0),
    })
}

/// What a run of SARIF says, whatever it is about.
pub(crate) struct Run<'r> {
    pub(crate) lang: Lang,
    pub(crate) version: &'r str,
    pub(crate) rules_date: &'r str,
    pub(crate) rules: Vec<Value>,
    pub(crate) results: Vec<Value>,
    pub(crate) notifications: Vec<Value>,
    pub(crate) artifacts: Vec<Value>,
    /// At least one input was read.
    pub(crate) read: bool,
}

/// The whole document, with a final newline.
pub(crate) fn write(run: &Run<'_>) -> String {
    let mut kinds: Vec<&str> =
        run.notifications.iter().filter_map(|n| n.pointer("/descriptor/id")?.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": run.version,
                "semanticVersion": run.version,
                "language": match run.lang { Lang::En => "en", Lang::Ja => "ja" },
                "rules": run.rules,
                "notifications": kinds.iter().map(|id| json!({"id": id})).collect::<Vec<_>>(),
                "properties": {"rules_date": run.rules_date},
            }},
            "invocations": [{
                "executionSuccessful": run.read,
                "toolExecutionNotifications": run.notifications,
            }],
            "artifacts": run.artifacts,
            "results": run.results,
        }]
    });
    inert(&mut document);
    let mut text = serde_json::to_string_pretty(&document).expect("a document of strings, numbers and lists");
    text.push('\n');
    text
}

/// Nothing in any string that a viewer could act upon, whatever way it came.
fn inert(value: &mut Value) {
    match value {
        Value::String(text) => *text = plain::block(text),
        Value::Array(items) => items.iter_mut().for_each(inert),
        Value::Object(fields) => fields.values_mut().for_each(inert),
        _ => {}
    }
}

/// A message in which nothing is a link or a placeholder: the standard gives `[`, `]`, `\`, `{` and `}` a meaning.
pub(crate) fn message(text: &str) -> Value {
    let mut out = String::with_capacity(text.len() + 16);
    for c in plain::block(text).chars() {
        match c {
            '[' | ']' | '\\' => out.extend(['\\', c]),
            '{' | '}' => out.extend([c, c]),
            c => out.push(c),
        }
    }
    json!({"text": out})
}

/// Where something stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spot<'s> {
    pub(crate) source: &'s str,
    pub(crate) entry: Option<u32>,
    pub(crate) line: Option<u64>,
    pub(crate) pointer: Option<&'s str>,
    pub(crate) span: [u64; 2],
}

/// A place with what stands there.
pub(crate) fn location(spot: Spot<'_>, text: &str) -> Value {
    let mut physical = Map::new();
    physical.insert("artifactLocation".to_owned(), artifact_location(spot.source));
    let mut region = Map::new();
    if let Some(line) = spot.line.filter(|n| *n > 0) {
        region.insert("startLine".to_owned(), json!(line));
    }
    if spot.span[1] > spot.span[0] {
        region.insert("byteOffset".to_owned(), json!(spot.span[0]));
        region.insert("byteLength".to_owned(), json!(spot.span[1] - spot.span[0]));
    }
    if !region.is_empty() {
        physical.insert("region".to_owned(), Value::Object(region));
    }
    let mut out = Map::new();
    out.insert("physicalLocation".to_owned(), Value::Object(physical));
    let pointer = spot.pointer.map(plain::line);
    let pointer = pointer.or_else(|| spot.entry.map(|n| format!("/log/entries/{n}")));
    if let Some(pointer) = pointer {
        let name = spot.entry.map_or_else(|| pointer.clone(), |n| format!("entry {n}"));
        out.insert(
            "logicalLocations".to_owned(),
            json!([{"name": name, "fullyQualifiedName": pointer, "kind": "value"}]),
        );
    }
    if !text.is_empty() {
        out.insert("message".to_owned(), message(text));
    }
    Value::Object(out)
}

/// An input as the standard names one: by its address, or in words where it has none.
fn artifact_location(name: &str) -> Value {
    match link::reference(name) {
        Some(uri) => json!({"uri": uri}),
        None if name == "-" => json!({"description": {"text": "standard input"}}),
        None => json!({"description": {"text": "a text given as an argument"}}),
    }
}

/// A rule: what it says of any case.
pub(crate) fn rule(note: &RuleNote) -> Value {
    let steps: Vec<String> = note.fix.iter().enumerate().map(|(n, s)| format!("{}. {s}", n + 1)).collect();
    let text = |text: &str| json!({"text": plain::block(text)});
    json!({
        "id": note.id,
        "shortDescription": text(note.title.as_str()),
        "fullDescription": text(note.meaning.as_str()),
        "help": text(&steps.join("\n")),
        "defaultConfiguration": {"level": level(note.severity, note.kind)},
    })
}

fn shown(report: &Report, id: &str) -> bool {
    report.diagnoses.iter().any(|d| d.id == id)
}

/// What is harmless has no level; what a cause explains is a note.
pub(crate) fn level(severity: Severity, kind: Kind) -> &'static str {
    match (kind, severity) {
        (Kind::Benign, _) => "none",
        (Kind::Cause, Severity::High) => "error",
        (Kind::Cause, Severity::Medium) => "warning",
        _ => "note",
    }
}

fn result(report: &Report, d: &Diagnosis, first: bool) -> Value {
    let lang = report.extra.lang;
    let main = d.evidence.iter().find(|e| e.role == Role::Primary).or(d.evidence.first());
    let others: Vec<&Evidence> =
        d.evidence.iter().filter(|e| !main.is_some_and(|m| std::ptr::eq(*e, m))).collect();
    let mut out = json!({
        "ruleId": d.id,
        "kind": if d.kind == Kind::Benign { "informational" } else { "fail" },
        "level": level(d.severity, d.kind),
        "message": message(&format!("{}\n{}", view::title(d, lang), d.meaning)),
        "locations": main.map(|e| exhibit(e, lang)).into_iter().collect::<Vec<_>>(),
        "occurrenceCount": d.count.max(1),
        "fingerprints": {"hartriage/place/v1": place_print(d, main)},
        "partialFingerprints": {"hartriage/trouble/v1": trouble_print(d)},
    });
    let Some(object) = out.as_object_mut() else { return out };
    if !others.is_empty() {
        let related = others.iter().enumerate().map(|(n, e)| numbered(exhibit(e, lang), n));
        object.insert("relatedLocations".to_owned(), related.collect());
    }
    let chain = if first { hops(report) } else { Vec::new() };
    let chain = if chain.is_empty() { chain_of(d, lang) } else { chain };
    if chain.len() > 1 {
        object.insert("codeFlows".to_owned(), json!([{"threadFlows": [{"locations": chain}]}]));
    }
    object.insert("properties".to_owned(), properties(d, lang));
    out
}

fn numbered(mut location: Value, n: usize) -> Value {
    location["id"] = json!(n + 1);
    location
}

fn properties(d: &Diagnosis, lang: Lang) -> Value {
    let rivals: Vec<Value> = d
        .rivals
        .iter()
        .map(
            |r| json!({"id": r.id, "confidence": r.confidence, "question": plain::line(r.question.as_str())}),
        )
        .collect();
    let list = |list: &[Safe]| list.iter().map(|s| plain::line(s.as_str())).collect::<Vec<_>>();
    json!({
        "rank": d.rank,
        "kind": d.kind,
        "severity": d.severity,
        "confidence": d.confidence,
        "certainty": words::certainty(d.confidence).get(lang),
        "owner": d.owner,
        "codes": list(&d.codes),
        "tenants": list(&d.tenants),
        "accounts": list(&d.accounts),
        "first_seen": d.first_seen,
        "last_seen": d.last_seen,
        "fix": list(&d.fix),
        "question": plain::line(d.question.as_str()),
        "rivals": rivals,
        "explains": d.explains,
    })
}

fn spot(e: &Evidence) -> Spot<'_> {
    Spot {
        source: e.source.as_str(),
        entry: e.entry,
        line: e.line,
        pointer: e.pointer.as_ref().map(Safe::as_str),
        span: e.span,
    }
}

fn exhibit(e: &Evidence, lang: Lang) -> Value {
    location(spot(e), &format!("{}: {}", view::role(e.role, lang), e.text))
}

/// The evidence of a diagnosis in order of time.
fn chain_of(d: &Diagnosis, lang: Lang) -> Vec<Value> {
    let mut chain: Vec<&Evidence> = d.evidence.iter().collect();
    chain.sort_by_key(|e| (e.time.clone(), e.source.clone(), e.entry, e.line, e.span));
    chain
        .into_iter()
        .enumerate()
        .map(|(n, e)| step(&exhibit(e, lang), n, e.time.as_deref(), e.role == Role::Primary))
        .collect()
}

/// The hops of the try behind the first diagnosis, as far as they were seen.
fn hops(report: &Report) -> Vec<Value> {
    let lang = report.extra.lang;
    let seen = view::flow(report).into_iter().filter(|(hop, _)| !hop.source.is_empty());
    seen.enumerate()
        .map(|(n, (hop, state))| {
            let spot = Spot {
                source: hop.source.as_str(),
                entry: hop.entry,
                line: hop.line,
                pointer: None,
                span: hop.span,
            };
            let name = words::hop_short(hop.name).get(lang);
            let text = format!("{name}: {} {}", view::state(state, lang), hop.label);
            step(&location(spot, text.trim_end()), n, hop.time.as_deref(), state == HopState::Failed)
        })
        .collect()
}

fn step(location: &Value, n: usize, time: Option<&str>, essential: bool) -> Value {
    let mut out = json!({
        "location": location,
        "executionOrder": n + 1,
        "importance": if essential { "essential" } else { "important" },
    });
    if let Some(time) = time.filter(|t| view::date_and_clock(t).is_some()) {
        out["executionTimeUtc"] = json!(time);
    }
    out
}

/// A fingerprint of these parts.
pub(crate) fn print(parts: &[&str]) -> String {
    join_hash(&parts.join("\0"))
}

/// The same for the same proof at the same place, whatever the language, the version and the other inputs.
fn place_print(d: &Diagnosis, main: Option<&Evidence>) -> String {
    let at = main.map(|e| {
        format!("{}\0{:?}\0{:?}\0{:?}", e.source, e.entry, e.line, e.pointer.as_ref().map(Safe::as_str))
    });
    join_hash(&format!("{}\0{}", d.id, at.unwrap_or_default()))
}

/// The same for the same trouble of the same people in another file.
fn trouble_print(d: &Diagnosis) -> String {
    let sorted = |list: &[Safe]| {
        let mut list: Vec<String> = list.iter().map(|s| s.as_str().to_lowercase()).collect();
        list.sort();
        list.join("\u{1}")
    };
    join_hash(&[d.id.clone(), sorted(&d.codes), sorted(&d.tenants), sorted(&d.accounts)].join("\0"))
}

fn artifact(input: &Input) -> Option<Value> {
    let uri = link::reference(input.name.as_str())?;
    Some(json!({
        "location": {"uri": uri},
        "length": input.bytes,
        "properties": {"kind": input.kind, "events": input.events},
    }))
}

/// Something that a reader of the results has to know.
pub(crate) fn notification(id: &str, level: &str, text: &str, source: Option<&str>) -> Value {
    let mut out = json!({"descriptor": {"id": id}, "level": level, "message": message(text)});
    if let Some(source) = source {
        out["locations"] = json!([location(Spot { source, ..Spot::default() }, "")]);
    }
    out
}

/// What was not read, not judged, not known, and left out.
fn notifications(report: &Report) -> Vec<Value> {
    let lang = report.extra.lang;
    let mut out = Vec::new();
    for input in &report.inputs {
        let level = if input.events == 0 { "error" } else { "warning" };
        for l in &input.lost {
            let place = if l.place.is_empty() { String::new() } else { format!(" ({})", l.place) };
            let id = format!("not-read/{}", lost::kind(l.why.as_str()));
            out.push(notification(
                &id,
                level,
                &format!("{}: {}{place}", l.what, l.why),
                Some(input.name.as_str()),
            ));
        }
    }
    let note = |id: &str, text: &str| notification(id, "note", text, None);
    out.extend(report.adequacy.missing.iter().map(|m| note("material", m.as_str())));
    for n in &report.not_evaluated {
        let text = format!("{}: {}: {}", words::NOT_JUDGED.get(lang), n.id, n.missing);
        let mut one = note("not-evaluated", &text);
        one["associatedRule"] = json!({"id": n.id});
        out.push(one);
    }
    for code in &report.unknown_codes {
        out.push(note("unknown-code", &format!("{}: {code}", words::UNKNOWN.get(lang))));
    }
    for line in &report.extra.skew {
        out.push(note(
            "clock",
            &format!("{}: {line} ({})", words::CLOCK.get(lang), words::CLOCK_NOTE.get(lang)),
        ));
    }
    if report.extra.suppressed > 0 {
        let text = format!("{}: {}", words::SUPPRESSED.get(lang), report.extra.suppressed);
        out.push(note("suppressed", &text));
    }
    if !report.extra.sandbox.is_empty() {
        out.push(note("sandbox", &report.extra.sandbox));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_holds_no_link_and_no_placeholder() {
        assert_eq!(message("[x](1) {0} \\ \u{202e}")["text"], "\\[x\\](1) {{0}} \\\\ ⟨U+202E⟩");
    }

    #[test]
    fn a_place_without_a_file_is_said_in_words() {
        let stdin = location(Spot { source: "-", line: Some(3), span: [4, 9], ..Spot::default() }, "");
        assert!(stdin.pointer("/physicalLocation/artifactLocation/uri").is_none());
        assert_eq!(
            stdin["physicalLocation"]["region"],
            json!({"startLine": 3, "byteOffset": 4, "byteLength": 5})
        );
    }
}
