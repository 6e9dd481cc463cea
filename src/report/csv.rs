//! `--format csv`: one row a diagnosis, RFC 4180.
//!
//! In: a [`Report`], and whether Excel is to open it. Out: a header row and the rows, lines ending in CRLF, led by a byte
//! order mark for Excel. Never: a cell that a spreadsheet takes for a
//! formula.

use super::{Report, Role, escape, view};
use crate::report::Diagnosis;

/// Byte order mark: by it Excel knows UTF-8.
pub(crate) const BOM: &str = "\u{feff}";

const HEAD: [&str; 20] = [
    "rank",
    "id",
    "kind",
    "title",
    "severity",
    "confidence",
    "owner",
    "count",
    "codes",
    "first_seen",
    "last_seen",
    "tenants",
    "accounts",
    "meaning",
    "fix",
    "question",
    "source",
    "entry",
    "line",
    "correlation_id",
];

pub(super) fn render(report: &Report, excel: bool) -> String {
    let mut out = if excel { BOM.to_owned() } else { String::new() };
    write_row(&mut out, &HEAD.map(str::to_owned));
    for d in &report.diagnoses {
        write_row(&mut out, &row(d));
    }
    out
}

fn row(d: &Diagnosis) -> [String; 20] {
    let first = d.evidence.iter().find(|e| e.role == Role::Primary).or(d.evidence.first());
    let fix: Vec<String> = d.fix.iter().enumerate().map(|(n, step)| format!("{}. {step}", n + 1)).collect();
    let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
    [
        d.rank.to_string(),
        d.id.clone(),
        name(&d.kind),
        d.title.to_string(),
        name(&d.severity),
        d.confidence.to_string(),
        name(&d.owner),
        d.count.to_string(),
        view::join(&d.codes),
        d.first_seen.clone().unwrap_or_default(),
        d.last_seen.clone().unwrap_or_default(),
        view::join(&d.tenants),
        view::join(&d.accounts),
        d.meaning.to_string(),
        fix.join("\n"),
        d.question.to_string(),
        first.map(|e| e.source.to_string()).unwrap_or_default(),
        number(first.and_then(|e| e.entry).map(u64::from)),
        number(first.and_then(|e| e.line)),
        d.evidence
            .iter()
            .find_map(|e| e.correlation_id.as_ref())
            .map(ToString::to_string)
            .unwrap_or_default(),
    ]
}

/// The name that a value has in the JSON.
fn name<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

fn write_row(out: &mut String, cells: &[String]) {
    let fields: Vec<String> = cells.iter().map(|cell| escape::csv(cell)).collect();
    out.push_str(&fields.join(","));
    out.push_str("\r\n");
}
