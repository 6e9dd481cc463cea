//! One diagnosis in full, for a terminal.

use std::ops::Range;

use super::super::marks::Marks;
use super::super::paint::Paint;
use super::super::plain;
use super::super::{FlowHop, HopState, Report, Role, view, words};
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
    let standing = view::standing(d, lang, page.marks);
    page.text(2, &format!("{} % {} {standing}", d.confidence, page.marks.bar(d.confidence)));
    about(page, d);
    if let Some(first) = exhibits(d).first() {
        draw_exhibit(page, d, first, true);
    }
    if !d.question.is_empty() {
        page.item(2, &format!("{}:", words::ASK.get(lang)), d.question.as_str());
    }
}

fn title(page: &mut Page, d: &Diagnosis) {
    let lang = page.lang;
    page.part(&format!("{} {}", d.rank, view::title(d, lang)));
    let standing = view::standing(d, lang, page.marks);
    page.text(2, &format!("{} % {} {standing}", d.confidence, page.marks.bar(d.confidence)));
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
    page.chain(2, page.marks.dot(), &facts);
}

fn evidence(page: &mut Page, d: &Diagnosis, all: bool) {
    if d.evidence.is_empty() {
        return;
    }
    page.heading(words::EVIDENCE.get(page.lang));
    let exhibits = exhibits(d);
    let most = if all { usize::MAX } else { EVIDENCE };
    for (n, exhibit) in exhibits.iter().take(most).enumerate() {
        draw_exhibit(page, d, exhibit, n == 0);
    }
    let end = page.paint.faint(page.marks.end());
    page.raw(&format!("{}{end}", " ".repeat(IN)));
    if exhibits.len() > most {
        page.faint(IN, &words::more(exhibits.len() - most, page.lang));
    }
}

/// Pieces of evidence that rest on one text are shown as one, each with its own mark.
fn exhibits(d: &Diagnosis) -> Vec<Vec<&Evidence>> {
    let mut out: Vec<Vec<&Evidence>> = Vec::new();
    for e in &d.evidence {
        let same = |of: &&mut Vec<&Evidence>| {
            of.first().is_some_and(|f| {
                (&f.source, f.entry, f.line, &f.pointer, &f.text)
                    == (&e.source, e.entry, e.line, &e.pointer, &e.text)
            })
        };
        match out.iter_mut().find(same) {
            Some(of) => of.push(e),
            None => out.push(vec![e]),
        }
    }
    out
}

/// What is marked in a text, and why.
struct Label {
    range: Range<usize>,
    role: Role,
}

/// Where it stands, then what stands there, with what it rests on underlined and named.
fn draw_exhibit(page: &mut Page, d: &Diagnosis, of: &[&Evidence], first: bool) {
    let Some(e) = of.first() else { return };
    let (arrow, lang) = (page.marks.arrow(), page.lang);
    let place = format!("{}{arrow}{}", e.source, view::place(e, lang, page.marks));
    let joint = page.marks.joint(first);
    page.place(IN, joint, place.trim_end_matches(arrow), e.source.as_str());
    let text = plain::line(e.text.as_str());
    let labels = labels(d, of, &text);
    let edge = page.paint.faint(page.marks.edge());
    for line in plain::wrap(&text, page.room(IN + 3)) {
        let shown = text.get(line.clone()).unwrap_or_default();
        page.raw(&format!("{}{edge}  {shown}", " ".repeat(IN)));
        for (n, label) in
            labels.iter().enumerate().filter(|(_, l)| l.range.start < line.end && l.range.end > line.start)
        {
            // What the mark is for stands where it begins, the first time.
            let named = labels.iter().take(n).any(|l| l.role == label.role) || label.range.start < line.start;
            let below = underline(page, &text, &line, label, !named);
            page.raw(&format!("{}{edge}  {below}", " ".repeat(IN)));
        }
    }
    if labels.is_empty() && e.role != Role::Primary {
        let role = page.paint.faint(view::role(e.role, lang));
        page.raw(&format!("{}{edge}  = {role}", " ".repeat(IN)));
    }
}

/// The marks of all pieces of evidence that share a text, each place once.
fn labels(d: &Diagnosis, of: &[&Evidence], text: &str) -> Vec<Label> {
    let mut out: Vec<Label> = Vec::new();
    for e in of {
        for range in view::marked(d, e, text) {
            if !out.iter().any(|l| l.range.start < range.end && range.start < l.range.end) {
                out.push(Label { range, role: e.role });
            }
        }
    }
    out.sort_by_key(|l| l.range.start);
    out
}

/// The mark below a line, and what it is for when there is room.
fn underline(page: &Page, text: &str, line: &Range<usize>, label: &Label, named: bool) -> String {
    let (from, to) = (label.range.start.max(line.start), label.range.end.min(line.end));
    let before = plain::width(text.get(line.start..from).unwrap_or_default());
    let marks = plain::width(text.get(from..to).unwrap_or_default());
    let under = page.marks.under(label.role == Role::Primary).repeat(marks);
    let name = view::role(label.role, page.lang);
    let room = page.room(IN + 3);
    let name = if named && before + marks + 1 + plain::width(name) <= room {
        format!(" {name}")
    } else {
        String::new()
    };
    let below = format!("{under}{name}");
    let below = if label.role == Role::Primary { page.paint.bad(&below) } else { page.paint.bold(&below) };
    format!("{}{below}", " ".repeat(before))
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
    if !lanes(page, &hops) {
        let parts: Vec<(String, Brush)> =
            hops.iter().map(|(hop, state)| (hop_text(page, hop, *state), brush(*state))).collect();
        page.chain(IN, page.marks.arrow(), &parts);
    }
    if !page.marks.is_ascii() {
        page.faint(IN, words::LEGEND.get(page.lang));
    }
}

fn hop_text(page: &Page, hop: &FlowHop, state: HopState) -> String {
    format!("{} {}", words::hop_short(hop.name).get(page.lang), page.marks.hop(state))
}

fn brush(state: HopState) -> Brush {
    match state {
        HopState::Ok => Paint::good,
        HopState::Failed => Paint::bad,
        HopState::Seen => |_, text| text.to_owned(),
        HopState::NotSeen => Paint::faint,
    }
}

/// A lane for each side that answers, time from left to right; false when the page is too narrow for it or one side
/// answers all.
fn lanes(page: &mut Page, hops: &[(&FlowHop, HopState)]) -> bool {
    const LANES: [(&str, words::Both); 2] = [("microsoft", words::MICROSOFT), ("vendor", words::VENDOR)];
    let texts: Vec<String> = hops.iter().map(|(hop, state)| hop_text(page, hop, *state)).collect();
    let arrow = page.marks.arrow();
    let head = LANES.iter().map(|(_, name)| plain::width(name.get(page.lang))).max().unwrap_or(0) + 2;
    let wide = texts.iter().map(|t| plain::width(t)).sum::<usize>() + plain::width(arrow) * (texts.len() - 1);
    let one_lane = hops.iter().all(|(hop, _)| Some(hop.lane) == hops.first().map(|(first, _)| first.lane));
    if one_lane || IN + head + wide > page.width {
        return false;
    }
    for (lane, name) in LANES {
        let name = name.get(page.lang);
        let mut line =
            format!("{}{}{}", " ".repeat(IN), page.paint.bold(name), " ".repeat(head - plain::width(name)));
        for (n, ((hop, state), text)) in hops.iter().zip(&texts).enumerate() {
            let lead = if n == 0 { "" } else { arrow };
            if hop.lane == lane {
                line.push_str(&page.paint.faint(lead));
                line.push_str(&brush(*state)(page.paint, text));
            } else {
                line.push_str(&" ".repeat(plain::width(lead) + plain::width(text)));
            }
        }
        page.raw(&line);
    }
    true
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
            n => format!("{n} % {}", page.marks.bar(n)),
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
        // The note for the ticket holds arrows of our own.
        page.text(IN, &text.as_str().replace(Marks::FULL.arrow(), page.marks.arrow()));
    }
}
