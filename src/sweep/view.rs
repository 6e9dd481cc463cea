//! Aggregate → what every rendering draws: rows in order, with titles and times in words.
//!
//! Order: vendor-wide causes first, then by attempts, inputs, and what the row stands for. Whether a cause is
//! vendor-wide shows only when all parts are together, so it is computed here.

use serde::Serialize;

use super::model::{Aggregate, Cause, Grouping, Inputs, NotRead, Representative, Row, WIDE};
use super::spark::Scale;
use super::text::Text;
use super::trend::Trend;
use super::words;
use crate::diagnose::Ruleset;
use crate::model::{Lang, Owner, Safe, Severity};
use crate::redact;
use crate::report::lost;
use crate::report::words as common;

/// Codes and causes named in one row.
const LISTED: usize = 8;

#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) lang: Lang,
    pub(super) group_by: Grouping,
    pub(super) inputs: &'a Inputs,
    pub(super) rows: Vec<Line<'a>>,
    pub(super) scale: Option<Scale>,
}

/// A row, worded.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) rank: usize,
    /// Empty when not known.
    pub(super) key: Safe,
    /// What stands in the first column.
    pub(super) label: Safe,
    pub(super) row: &'a Row,
    pub(super) vendor_wide: bool,
    /// Most attempts first.
    pub(super) causes: Vec<CauseLine>,
    pub(super) codes: Vec<(Safe, u64)>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct CauseLine {
    pub(super) id: Safe,
    pub(super) title: Safe,
    pub(super) owner: Option<Owner>,
    pub(super) severity: Option<Severity>,
    pub(super) attempts: u64,
}

impl<'a> View<'a> {
    pub(super) fn of(aggregate: &'a Aggregate, rules: &Ruleset, lang: Lang) -> View<'a> {
        let group_by = aggregate.settings.group_by;
        let mut rows: Vec<Line<'a>> =
            aggregate.rows.iter().map(|(key, row)| line(key, row, group_by, rules, lang)).collect();
        rows.sort_by(|a, b| order(a).cmp(&order(b)));
        for (n, row) in rows.iter_mut().enumerate() {
            row.rank = n + 1;
        }
        let scale = Scale::of(aggregate.rows.values().map(|r| &r.trend));
        View { lang, group_by, inputs: &aggregate.inputs, rows, scale }
    }

    pub(super) fn spark(&self, trend: &Trend, ascii: bool) -> String {
        self.scale.map(|s| s.line(trend, ascii)).unwrap_or_default()
    }

    /// What a mark of the trend stands for; empty when nothing has a time.
    pub(super) fn scale_words(&self) -> String {
        let Some(scale) = self.scale else { return String::new() };
        let hours = scale.width / 3600;
        let (unit, n) = if hours % 24 == 0 { (words::DAYS, hours / 24) } else { (words::HOURS, hours) };
        let width = words::with(unit.get(self.lang), &[&n.to_string()]);
        words::with(words::SCALE.get(self.lang), &[&minute(scale.start), &minute(scale.end()), &width])
    }

    /// How many inputs there were and what became of them: numbers that add up.
    pub(super) fn summary(&self) -> String {
        let i = self.inputs;
        let readable = i.read.saturating_add(i.partly);
        let found = readable.saturating_add(i.unread);
        let numbers = |list: &[u64]| list.iter().map(u64::to_string).collect::<Vec<_>>();
        let fill = |sentence: words::Both, list: &[u64]| {
            let list = numbers(list);
            words::with(sentence.get(self.lang), &list.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let first = fill(words::FOUND, &[found, i.read, i.partly, i.unread]);
        let results = if i.filtered == 0 { words::RESULTS } else { words::RESULTS_FILTERED };
        let gap = if self.lang == Lang::En { " " } else { "" };
        format!("{first}{gap}{}", fill(results, &[readable, i.failed, i.worked, i.nothing, i.filtered]))
    }

    /// The inputs that were not or not wholly read, at most `most` by name.
    pub(super) fn not_read(&self, most: usize) -> Vec<String> {
        let i = self.inputs;
        let mut lines: Vec<String> = i.named.iter().take(most).map(|n| self.not_read_line(n)).collect();
        let all = i.partly.saturating_add(i.unread);
        let more = all.saturating_sub(lines.len() as u64);
        if more > 0 {
            lines.push(words::with(words::MORE.get(self.lang), &[&more.to_string()]));
        }
        lines
    }

    fn not_read_line(&self, n: &NotRead) -> String {
        let how = if n.partly { words::PARTLY } else { words::UNREAD };
        let place = if n.place.is_empty() { String::new() } else { format!(" ({})", self.place_words(n)) };
        format!("{} · {} · {}: {}{place}", n.input, how.get(self.lang), self.what_words(n), self.why_words(n))
    }

    /// A part says it in English, whoever wrote it: the language is that of the one who reads.
    pub(super) fn what_words(&self, n: &NotRead) -> String {
        lost::what(n.what.as_str(), self.lang)
    }

    pub(super) fn why_words(&self, n: &NotRead) -> String {
        lost::why(n.why.as_str(), self.lang)
    }

    pub(super) fn place_words(&self, n: &NotRead) -> String {
        lost::place(n.place.as_str(), self.lang)
    }

    /// Where the example of a row stands: `a.har › entry 3`, `a.log › line 12`, with the first byte.
    pub(super) fn place(&self, example: &Representative) -> String {
        let lang = self.lang;
        let at = match (example.entry, example.line) {
            (Some(n), _) => format!(" › {} {n}", common::ENTRY.get(lang)),
            (None, Some(n)) => format!(" › {} {n}", common::LINE.get(lang)),
            (None, None) => String::new(),
        };
        format!("{}{at} ({} {})", example.input, common::BYTE.get(lang), example.span[0])
    }
}

impl Line<'_> {
    pub(super) fn first_seen(&self) -> Option<String> {
        self.row.first_seen.and_then(rfc3339)
    }

    pub(super) fn last_seen(&self) -> Option<String> {
        self.row.last_seen.and_then(rfc3339)
    }

    /// `AADSTS50105, AADSTS65001, … and 3 more`.
    pub(super) fn code_list(&self, lang: Lang) -> String {
        listed(self.codes.iter().map(|(c, _)| c.to_string()), self.codes.len(), lang)
    }

    /// The causes of a row that is none itself: `title (12), …`.
    pub(super) fn cause_list(&self, lang: Lang) -> String {
        let each = self.causes.iter().map(|c| format!("{} ({})", c.title, c.attempts));
        listed(each, self.causes.len(), lang)
    }
}

fn listed(list: impl Iterator<Item = String>, all: usize, lang: Lang) -> String {
    let mut shown: Vec<String> = list.take(LISTED).collect();
    if all > shown.len() {
        let more = (all - shown.len()).to_string();
        shown.push(words::with(words::MORE.get(lang), &[&more]));
    }
    shown.join(", ")
}

/// Second since 1970 → RFC 3339, UTC.
pub(super) fn rfc3339(second: i64) -> Option<String> {
    jiff::Timestamp::from_second(second).ok().map(|t| t.to_string())
}

/// Second since 1970 → `2026-11-23 08:00`.
pub(super) fn minute(second: i64) -> String {
    let time = rfc3339(second).unwrap_or_default();
    time.get(..16).map(|t| t.replace('T', " ")).unwrap_or(time)
}

fn order<'l>(line: &'l Line<'_>) -> impl Ord + 'l {
    use std::cmp::Reverse;
    (!line.vendor_wide, Reverse(line.row.attempts), Reverse(line.row.inputs), &line.key)
}

fn line<'a>(key: &Text, row: &'a Row, group_by: Grouping, rules: &Ruleset, lang: Lang) -> Line<'a> {
    let mut causes: Vec<CauseLine> =
        row.causes.iter().map(|(id, cause)| cause_line(id, cause, rules, lang)).collect();
    causes.sort_by(|a, b| b.attempts.cmp(&a.attempts).then_with(|| a.id.cmp(&b.id)));
    let label = match group_by {
        Grouping::Cause => causes.first().map(|c| c.title.clone()).unwrap_or_else(|| key.into()),
        Grouping::Code if key.is_empty() => Safe::own(words::NO_CODE.get(lang)),
        _ if key.is_empty() => Safe::own(words::NOT_KNOWN.get(lang)),
        _ => key.into(),
    };
    let vendor_wide = row.causes.iter().any(|(id, cause)| vendor_wide(id, cause, rules));
    Line { rank: 0, key: key.into(), label, row, vendor_wide, causes, codes: codes(row) }
}

fn cause_line(id: &Text, cause: &Cause, rules: &Ruleset, lang: Lang) -> CauseLine {
    let rule = rules.index_of(id.as_str()).map(|n| rules.get(n));
    let title = rule.map(|r| match lang {
        Lang::En => r.en.title.as_str(),
        Lang::Ja => r.ja.title.as_str(),
    });
    CauseLine {
        id: id.into(),
        // The part may come from a run with more rules than this one.
        title: title.map_or_else(|| id.into(), |t| redact::text(&without_placeholders(t, lang))),
        owner: rule.map(|r| r.owner),
        severity: rule.map(|r| r.severity),
        attempts: cause.attempts,
    }
}

/// One code of the cause was seen in several tenants, and it is not the tenants who can act.
fn vendor_wide(id: &Text, cause: &Cause, rules: &Ruleset) -> bool {
    let owner = rules.index_of(id.as_str()).map(|n| rules.get(n).owner);
    matches!(owner, Some(Owner::AppVendor | Owner::Microsoft))
        && cause.codes.values().any(|c| c.tenants.len() >= WIDE)
}

/// A title speaks of many cases here: plain words stand for what differs between them.
fn without_placeholders(title: &str, lang: Lang) -> String {
    let mut out = title.to_owned();
    for name in ["account", "app", "tenant", "codes", "scopes", "correlation_id", "time"] {
        out = out.replace(&format!("{{{name}}}"), common::unknown_value(name).get(lang));
    }
    out
}

/// Codes of a row over all its causes, most attempts first.
fn codes(row: &Row) -> Vec<(Safe, u64)> {
    let mut all: std::collections::BTreeMap<&Text, u64> = Default::default();
    for (code, seen) in row.causes.values().flat_map(|c| &c.codes) {
        // An attempt may show one code under two causes: the greater count is the safe one.
        let known = all.entry(code).or_default();
        *known = (*known).max(seen.attempts);
    }
    let mut list: Vec<(Safe, u64)> = all.into_iter().map(|(c, n)| (c.into(), n)).collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    list
}
