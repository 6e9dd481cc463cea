//! `--format sarif`: one result a row, at its clearest case.

use serde_json::{Value, json};

use super::Aggregate;
use super::view::{Line, View};
use crate::diagnose::Ruleset;
use crate::model::{Kind, Lang, Rule, Safe};
use crate::report::sarif::{self, Run, Spot};
use crate::report::{RuleNote, lost, without_case, words as common};

pub(super) fn render(view: &View<'_>, aggregate: &Aggregate, rules: &Ruleset) -> String {
    let mut ids: Vec<&str> = view.rows.iter().filter_map(cause).collect();
    ids.sort_unstable();
    ids.dedup();
    let known = ids.iter().filter_map(|id| Some(rules.get(rules.index_of(id)?)));
    sarif::write(&Run {
        lang: view.lang,
        version: aggregate.settings.tool.as_str(),
        rules_date: aggregate.settings.rules_date.as_str(),
        rules: known.map(|rule| sarif::rule(&note(rule, view.lang))).collect(),
        results: view.rows.iter().map(|line| result(view, line, rules)).collect(),
        notifications: notifications(view),
        artifacts: Vec::new(),
        read: !aggregate.nothing_read(),
    })
}

/// The cause that a row is told by: its own, or that of its clearest case.
fn cause<'l>(line: &'l Line<'_>) -> Option<&'l str> {
    let example = line.row.example.as_ref().map(|e| e.cause.as_str());
    example.or_else(|| line.causes.first().map(|c| c.id.as_str()))
}

fn note(rule: &Rule, lang: Lang) -> RuleNote {
    let texts = match lang {
        Lang::En => &rule.en,
        Lang::Ja => &rule.ja,
    };
    let plain = |text: &String| crate::redact::text(&without_case(text, lang));
    RuleNote {
        id: rule.id.clone(),
        title: plain(&texts.title),
        meaning: plain(&texts.meaning),
        fix: texts.fix.iter().map(plain).collect(),
        severity: rule.severity,
        kind: rule.kind,
    }
}

fn result(view: &View<'_>, line: &Line<'_>, rules: &Ruleset) -> Value {
    let r = line.row;
    let id = cause(line).unwrap_or_default();
    let rule = rules.index_of(id).map(|n| rules.get(n));
    let level = rule.map_or("warning", |rule| sarif::level(rule.severity, Kind::Cause));
    let causes = line.cause_list(view.lang);
    let text = if line.label.as_str() == causes { causes } else { format!("{}\n{causes}", line.label) };
    let locations: Vec<Value> = r
        .example
        .iter()
        .map(|e| {
            let pointer = Some(e.pointer.as_str()).filter(|p| !p.is_empty());
            let spot = Spot { source: e.input.as_str(), entry: e.entry, line: e.line, pointer, span: e.span };
            sarif::location(spot, e.text.as_str())
        })
        .collect();
    json!({
        "ruleId": id,
        "kind": "fail",
        "level": level,
        "message": sarif::message(&text),
        "locations": locations,
        "occurrenceCount": r.attempts.max(1),
        "partialFingerprints": {"hartriage/row/v1": sarif::print(&[view.group_by.name(), line.key.as_str()])},
        "properties": {
            "rank": line.rank,
            "group_by": view.group_by.name(),
            "key": (!line.key.is_empty()).then(|| line.key.as_str()),
            "confidence": r.example.as_ref().map(|e| e.confidence),
            "owner": rule.map(|rule| rule.owner),
            "vendor_wide": line.vendor_wide,
            "attempts": r.attempts,
            "inputs": r.inputs,
            "tenants": r.tenants.len(),
            "accounts": r.accounts.len(),
            "first_seen": line.first_seen(),
            "last_seen": line.last_seen(),
            "codes": line.codes.iter().map(|(code, _)| Safe::as_str(code)).collect::<Vec<_>>(),
        },
    })
}

/// What was not read, and what became of the inputs.
fn notifications(view: &View<'_>) -> Vec<Value> {
    let mut out: Vec<Value> = view
        .inputs
        .named
        .iter()
        .map(|n| {
            let place =
                if n.place.is_empty() { String::new() } else { format!(" ({})", view.place_words(n)) };
            let id = format!("not-read/{}", lost::kind(n.why.as_str()));
            let level = if n.partly { "warning" } else { "error" };
            let text = format!("{}: {}{place}", view.what_words(n), view.why_words(n));
            sarif::notification(&id, level, &text, Some(n.input.as_str()))
        })
        .collect();
    out.push(sarif::notification("summary", "note", &view.summary(), None));
    if view.inputs.filtered > 0 {
        let text = format!("{}: {}", common::SUPPRESSED.get(view.lang), view.inputs.filtered);
        out.push(sarif::notification("suppressed", "note", &text, None));
    }
    out
}
