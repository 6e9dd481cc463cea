//! The flow as a picture: three lanes, and an arrow a hop from who asks to who answers.
//!
//! In: hops. Out: inline SVG with a title and a description that says the same in words. Never: colour as the only
//! sign: a failed hop is a square with a cross and the word for it, one that worked a disc with a tick.

use super::super::marks::Marks;
use super::super::{FlowHop, HopState, Report, view, words};
use super::write::{Doc, element, scroll};
use crate::model::Lang;

const LEFT: usize = 108;
const STEP: usize = 108;
const LANES: [usize; 3] = [64, 120, 176];
const HEIGHT: usize = 244;

pub(super) fn draw(doc: &mut Doc, report: &Report) {
    let hops = view::flow(report);
    if hops.is_empty() {
        return;
    }
    let lang = doc.lang;
    doc.element("h3", words::FLOW.get(lang));
    let width = LEFT + STEP * hops.len();
    doc.raw(&scroll(words::FLOW.get(lang)));
    doc.raw(&format!(
        "<svg class=\"flow\" viewBox=\"0 0 {width} {HEIGHT}\" width=\"{width}\" role=\"img\" aria-labelledby=\"flow-title flow-text\">"
    ));
    doc.element("title id=\"flow-title\"", words::FLOW.get(lang));
    doc.element("desc id=\"flow-text\"", &in_words(&hops, lang));
    lanes(doc, width);
    for (n, _) in hops.iter().enumerate().filter(|(_, (_, state))| *state == HopState::Failed) {
        let (x, height) = (LEFT + STEP * n + 6, HEIGHT - 8);
        doc.raw(&format!(
            "<rect class=\"here\" x=\"{x}\" y=\"6\" width=\"{}\" height=\"{height}\" rx=\"8\"/>",
            STEP - 12
        ));
    }
    for (n, (hop, state)) in hops.iter().enumerate() {
        column(doc, LEFT + STEP * n + STEP / 2, hop, *state);
    }
    doc.raw("</svg></div>");
}

fn in_words(hops: &[(&FlowHop, HopState)], lang: Lang) -> String {
    let words: Vec<String> = hops
        .iter()
        .map(|(hop, state)| format!("{}: {}", words::hop_short(hop.name).get(lang), word(*state).get(lang)))
        .collect();
    words.join("; ")
}

pub(super) fn word(state: HopState) -> words::Both {
    match state {
        HopState::Ok => words::STATE_OK,
        HopState::Failed => words::STATE_FAILED,
        HopState::Seen => words::STATE_SEEN,
        HopState::NotSeen => words::STATE_NOT_SEEN,
    }
}

fn lanes(doc: &mut Doc, width: usize) {
    let names = [words::BROWSER, words::MICROSOFT, words::VENDOR];
    for (y, name) in LANES.iter().zip(names) {
        doc.raw(&format!(
            "<rect class=\"lane\" x=\"0\" y=\"{}\" width=\"{width}\" height=\"44\" rx=\"6\"/>",
            y - 22
        ));
        doc.element(&format!("text class=\"name\" x=\"12\" y=\"{}\"", y + 5), name.get(doc.lang));
    }
}

fn lane(name: &str) -> usize {
    match name {
        "browser" => LANES[0],
        "microsoft" => LANES[1],
        _ => LANES[2],
    }
}

/// The browser asks until the redirect; from the token on it is the vendor's server.
fn asks(hop: &str) -> usize {
    match hop {
        "authorize" | "sign-in" | "consent" | "redirect" => LANES[0],
        _ => LANES[2],
    }
}

fn column(doc: &mut Doc, x: usize, hop: &FlowHop, state: HopState) {
    let (from, to) = (asks(hop.name), lane(hop.lane));
    let (name, class) = (words::hop_short(hop.name).get(doc.lang), class(state));
    let strong = if state == HopState::Failed { " class=\"bad\"" } else { "" };
    doc.raw("<g>");
    let about = if hop.label.is_empty() { name } else { hop.label.as_str() };
    doc.element("title", about);
    doc.element(&format!("text x=\"{x}\" y=\"28\" text-anchor=\"middle\"{strong}"), name);
    if from != to {
        doc.raw(&format!("<circle class=\"seen\" cx=\"{x}\" cy=\"{from}\" r=\"3\"/>"));
        let (start, end) = if from < to { (from + 4, to - 13) } else { (from - 4, to + 13) };
        let tip = if from < to { end - 6 } else { end + 6 };
        doc.raw(&format!(
            "<path class=\"go {class}\" d=\"M{x} {start}V{end}\"/><path class=\"go {solid}\" d=\"M{} {tip}L{x} {end}L{} {tip}\"/>",
            x - 5,
            x + 5,
            solid = if state == HopState::Failed { "bad" } else { "" },
        ));
    }
    doc.raw(&shape(x, to, state));
    let line = word(state).get(doc.lang);
    let text_class = if state == HopState::Failed { "bad" } else { "rest" };
    doc.raw(&element(
        &format!("text class=\"{text_class}\" x=\"{x}\" y=\"219\" text-anchor=\"middle\""),
        &format!("{} {line}", Marks::FULL.hop(state)),
    ));
    if let Some(entry) = hop.entry.filter(|_| state != HopState::NotSeen) {
        let entry = format!("{} {entry}", words::ENTRY.get(doc.lang));
        doc.element(&format!("text class=\"rest\" x=\"{x}\" y=\"236\" text-anchor=\"middle\""), &entry);
    }
    doc.raw("</g>");
}

fn class(state: HopState) -> &'static str {
    match state {
        HopState::Ok => "ok",
        HopState::Failed => "bad",
        HopState::Seen => "seen",
        HopState::NotSeen => "none",
    }
}

fn shape(x: usize, y: usize, state: HopState) -> String {
    match state {
        HopState::Ok => format!(
            "<circle class=\"ok\" cx=\"{x}\" cy=\"{y}\" r=\"10\"/><path class=\"glyph\" d=\"M{} {y}l3 4l6-8\"/>",
            x - 5
        ),
        HopState::Failed => format!(
            "<rect class=\"bad\" x=\"{}\" y=\"{}\" width=\"22\" height=\"22\" rx=\"2\"/>\
             <path class=\"glyph\" d=\"M{} {}l10 10m0-10l-10 10\"/>",
            x - 11,
            y - 11,
            x - 5,
            y - 5
        ),
        HopState::Seen => format!("<circle class=\"seen\" cx=\"{x}\" cy=\"{y}\" r=\"9\"/>"),
        HopState::NotSeen => format!("<circle class=\"none\" cx=\"{x}\" cy=\"{y}\" r=\"6\"/>"),
    }
}
