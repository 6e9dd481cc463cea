//! What every drawn output says alike: places, times, ids, the flow, counts. The outputs differ in how they draw it.
//!
//! In: a [`Report`]. Out: strings and small structures in the report's language. Never: escaping; that is the output's.

use std::ops::Range;

use super::marks::Marks;
use super::model::*;
use super::words;
use crate::model::{Kind, Lang, Outcome, Safe};

/// `2026-11-02T09:15:03Z` → `2026-11-02 09:15:03 UTC`; anything else as it is.
pub(super) fn time(text: &str) -> String {
    match date_and_clock(text) {
        Some((date, clock)) => format!("{date} {clock} UTC"),
        None => text.to_owned(),
    }
}

/// Day and time of day of an RFC 3339 time in UTC.
pub(super) fn date_and_clock(text: &str) -> Option<(&str, &str)> {
    let (date, clock) = text.strip_suffix('Z')?.split_once(['T', ' '])?;
    let digits = |t: &str, mark: char| t.chars().all(|c| c.is_ascii_digit() || c == mark || c == '.');
    (date.len() == 10 && clock.len() >= 8 && digits(date, '-') && digits(clock, ':')).then_some((date, clock))
}

/// `entry 3 › /response/content/text › bytes 812–823`, without the name of the source.
pub(super) fn place(e: &Evidence, lang: Lang, marks: Marks) -> String {
    let mut parts = Vec::new();
    if let Some(n) = e.entry {
        parts.push(format!("{} {n}", words::ENTRY.get(lang)));
    } else if let Some(n) = e.line {
        parts.push(format!("{} {n}", words::LINE.get(lang)));
    }
    if let Some(pointer) = &e.pointer {
        parts.push(pointer.to_string());
    }
    if e.span[1] > e.span[0] {
        parts.push(format!("{} {}{}{}", words::BYTES.get(lang), e.span[0], marks.range(), e.span[1]));
    }
    parts.join(marks.arrow())
}

/// Source, place and what the piece of evidence is for.
pub(super) fn whereabouts(e: &Evidence, lang: Lang) -> String {
    let place = place(e, lang, Marks::FULL);
    let arrow = if place.is_empty() { "" } else { " › " };
    format!("{}{arrow}{place} ({})", e.source, role(e.role, lang))
}

/// What a piece of evidence is for.
pub(super) fn role(role: Role, lang: Lang) -> &'static str {
    match role {
        Role::Primary => words::PROVES.get(lang),
        Role::Supporting => words::SUPPORTS.get(lang),
        Role::Against => words::AGAINST.get(lang),
    }
}

/// Microsoft's ids behind a diagnosis, each once, and the time to look for them: name and value.
pub(super) fn ids(d: &Diagnosis, lang: Lang) -> Vec<(&'static str, String)> {
    let mut out: Vec<(&'static str, String)> = Vec::new();
    for e in d.evidence.iter().filter(|e| e.role != Role::Against) {
        let of = [("correlation", &e.correlation_id), ("request", &e.request_id), ("trace", &e.trace_id)];
        for (name, id) in of {
            let name = words::id_kind(name).get(lang);
            if let Some(id) =
                id.as_ref().filter(|id| !out.iter().any(|(n, v)| *n == name && v == id.as_str()))
            {
                out.push((name, id.to_string()));
            }
        }
    }
    if out.is_empty() {
        return out;
    }
    let at = d.evidence.iter().find_map(|e| e.time.as_deref()).or(d.first_seen.as_deref());
    if let Some(at) = at {
        out.push((words::TIME.get(lang), time(at)));
    }
    out
}

/// What to mark in the text of a piece of evidence: what it rests on, else the first code of the diagnosis.
pub(super) fn marked(d: &Diagnosis, e: &Evidence, text: &str) -> Vec<Range<usize>> {
    let own = needles(std::slice::from_ref(&e.mark), text);
    if own.is_empty() { needles(&d.codes, text) } else { own }
}

/// Where the code of the diagnosis stands in a text: the first of its codes that is there.
pub(super) fn needles(codes: &[Safe], text: &str) -> Vec<Range<usize>> {
    let found = codes.iter().filter(|c| c.as_str().len() >= 3).map(|code| {
        let number = code.as_str().strip_prefix("AADSTS").filter(|n| n.len() >= 5);
        let found = whole(text, code.as_str());
        if found.is_empty() { number.map_or(found, |n| whole(text, n)) } else { found }
    });
    found.into_iter().find(|f| !f.is_empty()).unwrap_or_default()
}

/// Where `word` stands in `text` and is not part of a longer word.
fn whole(text: &str, word: &str) -> Vec<Range<usize>> {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    let hits = text.match_indices(word);
    hits.map(|(at, _)| at..at + word.len())
        .filter(|r| {
            let before = text.get(..r.start).and_then(|t| t.chars().next_back());
            let after = text.get(r.end..).and_then(|t| t.chars().next());
            !part(before) && !part(after)
        })
        .collect()
}

/// The hops worth drawing: all that were seen, and the main ones that were not. Empty when none was seen.
pub(super) fn flow(report: &Report) -> Vec<(&FlowHop, HopState)> {
    const MAIN: [&str; 5] = ["authorize", "sign-in", "consent", "token", "mailbox"];
    let hops = &report.extra.flow;
    if hops.iter().all(|h| h.state == HopState::NotSeen) {
        return Vec::new();
    }
    // A hop that failed on a page or in a log line may not have been drawn as failed: the try knows the stage.
    let failed = hops.iter().any(|h| h.state == HopState::Failed);
    let cause = report.diagnoses.first().filter(|d| !failed && d.kind == Kind::Cause);
    let stage = cause.and_then(|d| {
        let told = |a: &&Attempt| a.outcome == Outcome::Failed && a.diagnoses.contains(&d.id);
        report.attempts.iter().find(told).map(|a| a.stage)
    });
    hops.iter()
        .map(|h| {
            let here = h.state != HopState::Ok && stage == Some(h.name);
            (h, if here { HopState::Failed } else { h.state })
        })
        .filter(|(h, state)| *state != HopState::NotSeen || MAIN.contains(&h.name))
        .collect()
}

/// A hop's state in a word.
pub(super) fn state(state: HopState, lang: Lang) -> &'static str {
    let word = match state {
        HopState::Ok => words::STATE_OK,
        HopState::Failed => words::STATE_FAILED,
        HopState::Seen => words::STATE_SEEN,
        HopState::NotSeen => words::STATE_NOT_SEEN,
    };
    word.get(lang)
}

/// How many inputs were read whole, in part, and not at all.
pub(super) fn reading(report: &Report) -> [usize; 3] {
    let none = report.inputs.iter().filter(|i| i.events == 0).count();
    let part = report.inputs.iter().filter(|i| i.events > 0 && !i.lost.is_empty()).count();
    [report.inputs.len() - none - part, part, none]
}

/// The counts of the closing line, in parts.
pub(super) fn counts(report: &Report) -> Vec<String> {
    let [whole, part, none] = reading(report);
    let events: u64 = report.inputs.iter().map(|i| i.events).sum();
    let attempts = report.attempts.len();
    let lost: usize = report.inputs.iter().map(|i| i.lost.len()).sum();
    let (out, unknown) = (report.extra.suppressed, report.unknown_codes.len());
    match report.extra.lang {
        Lang::En => vec![
            format!("inputs: {whole} read, {part} partly, {none} not"),
            format!("events: {events}"),
            format!("attempts: {attempts}"),
            format!("left out by filters: {out}"),
            format!("losses: {lost}"),
            format!("unknown codes: {unknown}"),
        ],
        Lang::Ja => vec![
            format!("入力: 読取 {whole}、一部 {part}、不可 {none}"),
            format!("イベント: {events}"),
            format!("接続試行: {attempts}"),
            format!("フィルター除外: {out}"),
            format!("欠落: {lost}"),
            format!("未知のコード: {unknown}"),
        ],
    }
}

/// `hartriage 0.1.0 · rules of 2026-11-23`.
pub(super) fn made_by(report: &Report, marks: Marks) -> String {
    let lang = report.extra.lang;
    format!(
        "{} {}{}{} {}",
        env!("CARGO_PKG_NAME"),
        report.tool.version,
        marks.dot(),
        words::MADE_BY.get(lang),
        report.tool.rules_date
    )
}

/// The headline when there is no cause: that all worked, or that nothing was found.
pub(super) fn headline(report: &Report) -> Option<&'static str> {
    let lang = report.extra.lang;
    if report.extra.all_worked {
        return Some(words::ALL_WORKED.get(lang));
    }
    if nothing_read(report) {
        return Some(words::NOT_JUDGED_AT_ALL.get(lang));
    }
    let failed = report.diagnoses.iter().any(|d| d.kind != Kind::Benign);
    (!failed).then(|| words::NOTHING.get(lang))
}

/// True when no input gave an event: then that no failure was found would say too much.
fn nothing_read(report: &Report) -> bool {
    report.diagnoses.is_empty()
        && !report.inputs.is_empty()
        && report.inputs.iter().all(|i| i.events == 0 && !i.lost.is_empty())
}

/// Why nothing was found, when nothing was.
pub(super) fn why_nothing(report: &Report) -> Vec<String> {
    let lang = report.extra.lang;
    if report.extra.suppressed > 0 {
        return vec![words::ALL_FILTERED.get(lang).to_owned()];
    }
    if report.adequacy.missing.is_empty() {
        return vec![words::NOTHING_IN_MATERIAL.get(lang).to_owned()];
    }
    report.adequacy.missing.iter().map(ToString::to_string).collect()
}

/// "Is this material enough?" and the answer.
pub(super) fn enough(report: &Report) -> String {
    let lang = report.extra.lang;
    let between = match lang {
        Lang::En => " ",
        Lang::Ja => ": ",
    };
    format!("{}{between}{}", words::ADEQUACY.get(lang), enough_word(report))
}

/// The answer alone.
pub(super) fn enough_word(report: &Report) -> &'static str {
    let answer = match report.adequacy.verdict {
        AdequacyVerdict::Good => words::ENOUGH_YES,
        AdequacyVerdict::Partial => words::ENOUGH_PARTLY,
        AdequacyVerdict::Poor => words::ENOUGH_NO,
    };
    answer.get(report.extra.lang)
}

/// What was lost, one line each: input, what, why, place.
pub(super) fn losses(report: &Report) -> Vec<String> {
    let lines = report.inputs.iter().flat_map(|i| i.lost.iter().map(move |l| (i, l)));
    lines
        .map(|(i, l)| {
            let place = if l.place.is_empty() { String::new() } else { format!(" ({})", l.place) };
            format!("{}: {}: {}{place}", i.name, l.what, l.why)
        })
        .collect()
}

/// What could not be judged, by what was missing for it.
pub(super) fn not_judged(report: &Report) -> Vec<(String, Vec<&str>)> {
    let mut out: Vec<(String, Vec<&str>)> = Vec::new();
    if nothing_read(report) {
        return out;
    }
    for n in &report.not_evaluated {
        match out.iter_mut().find(|(missing, _)| missing == n.missing.as_str()) {
            Some((_, ids)) => ids.push(&n.id),
            None => out.push((n.missing.to_string(), vec![&n.id])),
        }
    }
    out
}

/// One scope: where it was seen, and whether it is missing.
struct ScopeRow<'r> {
    name: &'r str,
    required: bool,
    requested: bool,
    granted: bool,
    missing: bool,
}

/// Every scope of the ledger once, those missing first.
fn scopes(report: &Report) -> Vec<ScopeRow<'_>> {
    let s = &report.scopes;
    let mut names: Vec<&str> = Vec::new();
    for name in [&s.missing, &s.required, &s.requested, &s.granted].into_iter().flatten() {
        if !names.iter().any(|n| n.eq_ignore_ascii_case(name.as_str())) {
            names.push(name.as_str());
        }
    }
    let has = |list: &[Safe], name: &str| list.iter().any(|n| n.as_str().eq_ignore_ascii_case(name));
    names
        .into_iter()
        .map(|name| ScopeRow {
            name,
            required: has(&s.required, name),
            requested: has(&s.requested, name),
            granted: has(&s.granted, name),
            missing: has(&s.missing, name),
        })
        .collect()
}

/// The ledger as heads and rows: name, then a mark for each list. A list of which nothing is known has no column: a
/// dash there would say that nothing was asked for or granted.
pub(super) fn scope_table(report: &Report, marks: Marks) -> (Vec<&'static str>, Vec<Vec<String>>) {
    let (s, lang) = (&report.scopes, report.extra.lang);
    let mark = |yes: bool| if yes { marks.yes() } else { marks.no() }.to_owned();
    let granted = |row: &ScopeRow<'_>| match row.missing {
        true => format!("{} {}", marks.lacking(), words::MISSING.get(lang)),
        false => mark(row.granted),
    };
    let known =
        [!s.required.is_empty(), !s.requested.is_empty(), !s.granted.is_empty() || !s.missing.is_empty()];
    let heads = [words::REQUIRED, words::REQUESTED, words::GRANTED];
    let heads = heads.iter().zip(known).filter(|(_, known)| *known).map(|(head, _)| head.get(lang));
    let rows = scopes(report).into_iter().map(|row| {
        let cells = [mark(row.required), mark(row.requested), granted(&row)];
        let cells = cells.into_iter().zip(known).filter(|(_, known)| *known).map(|(cell, _)| cell);
        std::iter::once(row.name.to_owned()).chain(cells).collect()
    });
    (std::iter::once(words::SCOPE.get(lang)).chain(heads).collect(), rows.collect())
}

/// An address once, with everything it was seen as.
pub(super) struct Seen<'r> {
    pub(super) identity: &'r Identity,
    pub(super) roles: Vec<&'static str>,
}

/// The identities by address, in their order.
pub(super) fn identities(report: &Report) -> Vec<Seen<'_>> {
    let mut out: Vec<Seen<'_>> = Vec::new();
    for identity in &report.identities {
        let role = words::identity_role(identity.role).get(report.extra.lang);
        let same = |seen: &&mut Seen<'_>| {
            let i = seen.identity;
            (&i.address, &i.account_type, &i.tenant, i.agrees_with_intended)
                == (
                    &identity.address,
                    &identity.account_type,
                    &identity.tenant,
                    identity.agrees_with_intended,
                )
        };
        match out.iter_mut().find(same) {
            Some(seen) if seen.roles.contains(&role) => {}
            Some(seen) => seen.roles.push(role),
            None => out.push(Seen { identity, roles: vec![role] }),
        }
    }
    out
}

/// Whether the address is the intended one, in words; empty when none is known.
pub(super) fn agrees(identity: &Identity, lang: Lang) -> &'static str {
    match identity.agrees_with_intended {
        Some(true) => words::YES.get(lang),
        Some(false) => words::NO.get(lang),
        None => "",
    }
}

/// Codes, accounts and the like, with commas.
pub(super) fn join(list: &[Safe]) -> String {
    list.iter().map(Safe::as_str).collect::<Vec<_>>().join(", ")
}

/// Who acts; nobody has to when it is harmless.
pub(super) fn who(d: &Diagnosis, lang: Lang) -> &'static str {
    match d.kind {
        Kind::Benign => words::NOBODY.get(lang),
        _ => words::owner(d.owner).get(lang),
    }
}

/// How sure, in words, and who acts.
pub(super) fn standing(d: &Diagnosis, lang: Lang, marks: Marks) -> String {
    let sure = words::certainty(d.confidence).get(lang);
    match d.kind {
        Kind::Benign => sure.to_owned(),
        _ => format!("{sure}{}{}", marks.dot(), words::acts(who(d, lang), lang)),
    }
}

/// Title, and in words that it is no cause where it is none.
pub(super) fn title(d: &Diagnosis, lang: Lang) -> String {
    match d.kind {
        Kind::Cause => d.title.to_string(),
        kind => format!("{} ({})", d.title, words::kind(kind).get(lang)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_only_whole() {
        let codes = [Safe::own("AADSTS50020")];
        assert!(needles(&codes, "AADSTS500201: x").is_empty());
        assert_eq!(needles(&codes, "AADSTS50020: x"), vec![0..11]);
        assert_eq!(needles(&codes, "\"error_codes\":[50020]"), vec![15..20]);
    }

    #[test]
    fn times() {
        assert_eq!(time("2026-11-02T09:15:03Z"), "2026-11-02 09:15:03 UTC");
        assert_eq!(time("<yesterday>Z"), "<yesterday>Z");
    }
}
