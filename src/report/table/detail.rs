//! One diagnosis in full, for a terminal.

use std::ops::Range;

use super::super::paint::Paint;
use super::super::plain;
use super::super::{HopState, Report, Role, view, words};
use super::page::{Brush, Page};
use crate::report::{Diagnosis, Evidence};

/// Pieces of evidence shown unless all are asked for.
const EVIDENCE: usize = 3;
/// Indent of what stands below a small heading.
const IN: usize = 4;

/// Everything about a diagnosis; `first` adds the flow, which is drawn for the first only, `all` the texts to send and
/// every piece of evidence.
pub(super) fn draw(page: &mut Page, report: &Report, d: &Diagnosis, first: bool, all: bool) {
    let lang = page.lang;
    title(page, d);
    if !d.meaning.is_empty() {
        page.heading(words::HAPPENED.get(lang));
        page.text(IN, d.meaning.as_str());
    }
    if d.confidence < 50 {
        page.text(IN, words::WEAK_LONG.get(lang));
    }
    evidence(page, d, all);
    ids(page, d);
    if first {
        flow(page, report);
    }
    if !d.fix.is_empty() {
        page.heading(words::FIX.get(lang));
        for (n, step) in d.fix.iter().enumerate() {
            page.item(IN, &format!("{}.", n + 1), step.as_str());
        }
    }
    rivals(page, d);
    if all {
        texts(page, d);
    }
}

/// The diagnosis in a few lines: what, when, how sure, who acts, where it stands, what to ask.
pub(super) fn brief(page: &mut Page, d: &Diagnosis) {
    let lang = page.lang;
    let seen = d.last_seen.as_deref().map(view::time).unwrap_or_default();
    page.part(format!("{seen} {}", view::title(d, lang)).trim_start());
    page.text(2, &format!("{} % {} {}", d.confidence, view::bar(d.confidence), view::standing(d, lang)));
    about(page, d);
    if let Some(first) = d.evidence.first() {
        exhibit(page, d, first);
    }
    if !d.question.is_empty() {
        page.item(2, &format!("{}:", words::ASK.get(lang)), d.question.as_str());
    }
}

fn title(page: &mut Page, d: &Diagnosis) {
    let lang = page.lang;
    page.part(&format!("{} {}", d.rank, view::title(d, lang)));
    let standing = view::standing(d, lang);
    page.text(2, &format!("{} % {} {standing}", d.confidence, view::bar(d.confidence)));
    about(page, d);
}

/// Id, codes and who is concerned.
fn about(page: &mut Page, d: &Diagnosis) {
    let lang = page.lang;
    let mut facts = vec![d.id.clone()];
    let lists = [(words::CODES, &d.codes), (words::ACCOUNTS, &d.accounts), (words::TENANTS, &d.tenants)];
    facts.extend(
        lists
            .iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(name, list)| format!("{}: {}", name.get(lang), view::join(list))),
    );
    if !d.explains.is_empty() {
        facts.push(format!("{}: {}", words::EXPLAINS.get(lang), d.explains.join(", ")));
    }
    let facts: Vec<(String, Brush)> = facts.iter().map(|f| (plain::line(f), Paint::faint as Brush)).collect();
    page.chain(2, " · ", &facts);
}

fn evidence(page: &mut Page, d: &Diagnosis, all: bool) {
    if d.evidence.is_empty() {
        return;
    }
    page.heading(words::EVIDENCE.get(page.lang));
    let most = if all { usize::MAX } else { EVIDENCE };
    for (n, e) in d.evidence.iter().take(most).enumerate() {
        if n > 0 {
            page.gap();
        }
        exhibit(page, d, e);
    }
    if d.evidence.len() > most {
        page.faint(IN, &words::more(d.evidence.len() - most, page.lang));
    }
}

/// Where it stands, then what stands there with the code underlined.
fn exhibit(page: &mut Page, d: &Diagnosis, e: &Evidence) {
    let mut place = format!("{} › {}", e.source, view::place(e, page.lang));
    if e.role != Role::Primary {
        place.push_str(&format!(" ({})", view::role(e.role, page.lang)));
    }
    page.faint(IN, place.trim_end_matches([' ', '›']));
    let text = plain::line(e.text.as_str());
    let marked = view::needles(&d.codes, &text);
    for line in plain::wrap(&text, page.room(IN + 2)) {
        let bar = page.paint.faint("│");
        let shown = text.get(line.clone()).unwrap_or_default();
        page.raw(&format!("{}{bar} {shown}", " ".repeat(IN)));
        let below = underline(&text, &line, &marked);
        if !below.is_empty() {
            let below = page.paint.bad(&below);
            page.raw(&format!("{}{bar} {below}", " ".repeat(IN)));
        }
    }
}

/// Marks below those parts of a line that lie in one of the ranges.
fn underline(text: &str, line: &Range<usize>, marked: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut at = line.start;
    for range in marked {
        let (from, to) = (range.start.max(at), range.end.min(line.end));
        if from >= to {
            continue;
        }
        out.push_str(&" ".repeat(plain::width(text.get(at..from).unwrap_or_default())));
        out.push_str(&"━".repeat(plain::width(text.get(from..to).unwrap_or_default())));
        at = to;
    }
    out
}

fn ids(page: &mut Page, d: &Diagnosis) {
    let ids = view::ids(d, page.lang);
    if ids.is_empty() {
        return;
    }
    page.heading(words::IDS.get(page.lang));
    let widest = ids.iter().map(|(name, _)| plain::width(name)).max().unwrap_or(0);
    for (name, id) in ids {
        let label = format!("{name}{}", " ".repeat(widest - plain::width(name) + 1));
        page.item(IN, &label, &id);
    }
}

fn flow(page: &mut Page, report: &Report) {
    let hops = view::flow(report);
    if hops.is_empty() {
        return;
    }
    page.heading(words::FLOW.get(page.lang));
    let parts: Vec<(String, Brush)> = hops
        .iter()
        .map(|(hop, state)| {
            let paint: Brush = match state {
                HopState::Ok => Paint::good,
                HopState::Failed => Paint::bad,
                HopState::Seen => |_, text| text.to_owned(),
                HopState::NotSeen => Paint::faint,
            };
            (format!("{} {}", words::hop_short(hop.name).get(page.lang), view::mark(*state)), paint)
        })
        .collect();
    page.chain(IN, " › ", &parts);
    page.faint(IN, words::LEGEND.get(page.lang));
}

fn rivals(page: &mut Page, d: &Diagnosis) {
    let lang = page.lang;
    let ask = format!("{}:", words::ASK.get(lang));
    if d.rivals.is_empty() {
        if !d.question.is_empty() {
            page.heading(words::TO_BE_SURE.get(lang));
            page.item(IN, &ask, d.question.as_str());
        }
        return;
    }
    page.heading(words::RIVAL.get(lang));
    for rival in &d.rivals {
        let sure = match rival.confidence {
            0 => words::RIVAL_UNSEEN.get(lang).to_owned(),
            n => format!("{n} % {}", view::bar(n)),
        };
        let name = if rival.title.is_empty() { rival.id.as_str() } else { rival.title.as_str() };
        page.item(IN, "-", &format!("{name} ({sure})"));
        if !rival.question.is_empty() {
            page.item(IN + 2, &ask, rival.question.as_str());
        }
    }
}

fn texts(page: &mut Page, d: &Diagnosis) {
    let lang = page.lang;
    let texts = [
        (words::CUSTOMER, &d.texts.customer),
        (words::ADMIN, &d.texts.admin),
        (words::TICKET, &d.texts.ticket),
    ];
    for (name, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
        page.heading(name.get(lang));
        page.text(IN, text.as_str());
    }
}
