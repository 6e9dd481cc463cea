//! One diagnosis as an article.

use super::super::marks::Marks;
use super::super::{Diagnosis, Evidence, Report, plain, view, words};
use super::write::{Doc, element, escape, holding};
use super::{swimlane, timeline};
use crate::model::Lang;

/// Pieces of evidence shown.
const EVIDENCE: usize = 20;

pub(super) fn draw(doc: &mut Doc, report: &Report, d: &Diagnosis, first: bool) {
    let lang = doc.lang;
    doc.raw(&format!("<article id=\"d{0}\" aria-labelledby=\"t{0}\">", d.rank));
    doc.element(&format!("h2 id=\"t{}\"", d.rank), &format!("{}. {}", d.rank, view::title(d, lang)));
    about(doc, d);
    if !d.meaning.is_empty() {
        doc.element("h3", words::HAPPENED.get(lang));
        doc.paragraph(d.meaning.as_str());
    }
    if d.confidence < 50 {
        doc.element("p class=\"weak\"", words::WEAK_LONG.get(lang));
    }
    if first {
        swimlane::draw(doc, report);
        timeline::draw(doc, report);
    }
    if !d.fix.is_empty() {
        doc.element("h3", &format!("{} ({})", words::FIX.get(lang), view::who(d, lang)));
        doc.list("ol", d.fix.iter().map(|s| s.as_str()));
    }
    rivals(doc, d);
    evidence(doc, d);
    ids(doc, d);
    texts(doc, d);
    doc.raw("</article>");
}

/// Confidence as number, bar and word.
pub(super) fn sure(d: &Diagnosis, lang: Lang) -> String {
    let percent = d.confidence.min(100);
    format!(
        "<span class=\"sure\">{} %<span class=\"bar\" aria-hidden=\"true\"><i style=\"width:{percent}%\"></i></span></span><br>{}",
        percent,
        element("span class=\"soft\"", words::certainty(d.confidence).get(lang))
    )
}

/// What the diagnosis is about, as names and values.
fn about(doc: &mut Doc, d: &Diagnosis) {
    let lang = doc.lang;
    let mut parts = vec![
        (words::CONFIDENCE.get(lang), sure(d, lang)),
        (words::OWNER.get(lang), escape(view::who(d, lang))),
        (words::DIAGNOSIS_ID.get(lang), element("code", &d.id)),
    ];
    let lists = [(words::CODES, &d.codes), (words::ACCOUNTS, &d.accounts), (words::TENANTS, &d.tenants)];
    for (name, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
        let codes: Vec<String> = list.iter().map(|c| element("code", c.as_str())).collect();
        parts.push((name.get(lang), codes.join(", ")));
    }
    if !d.explains.is_empty() {
        parts.push((words::EXPLAINS.get(lang), escape(&d.explains.join(", "))));
    }
    let parts: String = parts
        .iter()
        .map(|(name, value)| holding("div", &format!("{}{}", element("dt", name), holding("dd", value))))
        .collect();
    doc.holding("dl class=\"about\"", &parts);
}

fn rivals(doc: &mut Doc, d: &Diagnosis) {
    let lang = doc.lang;
    let ask = |question: &str| {
        format!(
            "{} {}",
            element("span class=\"ask\"", &format!("{}:", words::ASK.get(lang))),
            escape(question)
        )
    };
    if d.rivals.is_empty() {
        if !d.question.is_empty() {
            doc.element("h3", words::TO_BE_SURE.get(lang));
            doc.holding("p", &ask(d.question.as_str()));
        }
        return;
    }
    doc.element("h3", words::RIVAL.get(lang));
    let items: String = d
        .rivals
        .iter()
        .map(|r| {
            let name = if r.title.is_empty() { r.id.as_str() } else { r.title.as_str() };
            let sure = match r.confidence {
                0 => words::RIVAL_UNSEEN.get(lang).to_owned(),
                n => format!("{n} %"),
            };
            let asked = if r.question.is_empty() {
                String::new()
            } else {
                format!("<br>{}", ask(r.question.as_str()))
            };
            holding("li", &format!("{}{asked}", escape(&format!("{name} ({sure})"))))
        })
        .collect();
    doc.holding("ul", &items);
}

fn evidence(doc: &mut Doc, d: &Diagnosis) {
    if d.evidence.is_empty() {
        return;
    }
    doc.element("h3", words::EVIDENCE.get(doc.lang));
    doc.element("p class=\"soft screen\"", words::COPY_HINT.get(doc.lang));
    for (n, e) in d.evidence.iter().take(EVIDENCE).enumerate() {
        exhibit(doc, d, e, n + 1);
    }
    if d.evidence.len() > EVIDENCE {
        doc.element("p class=\"soft\"", &words::more(d.evidence.len() - EVIDENCE, doc.lang));
    }
}

fn exhibit(doc: &mut Doc, d: &Diagnosis, e: &Evidence, number: usize) {
    doc.raw(&format!("<figure id=\"d{}e{number}\">", d.rank));
    let place = format!("{} › {}", e.source, view::place(e, doc.lang, Marks::FULL));
    let place = element("code", place.trim_end_matches([' ', '›']));
    let name = element("b", &format!("{}.{number}", d.rank));
    let time = e.time.as_deref().map(|t| escape(&format!(" · {}", view::time(t)))).unwrap_or_default();
    doc.holding("figcaption", &format!("{name} {}: {place}{time}", escape(view::role(e.role, doc.lang))));
    let text = plain::line(e.text.as_str());
    let mut marked = String::new();
    let mut at = 0;
    for range in view::marked(d, e, &text) {
        marked.push_str(&escape(text.get(at..range.start).unwrap_or_default()));
        marked.push_str(&element("mark", text.get(range.clone()).unwrap_or_default()));
        at = range.end;
    }
    marked.push_str(&escape(text.get(at..).unwrap_or_default()));
    doc.holding("pre", &marked);
    doc.raw("</figure>");
}

fn ids(doc: &mut Doc, d: &Diagnosis) {
    let ids = view::ids(d, doc.lang);
    if ids.is_empty() {
        return;
    }
    doc.element("h3", words::IDS.get(doc.lang));
    let items: String = ids
        .iter()
        .map(|(name, id)| format!("{}{}", element("dt", name), holding("dd", &element("code", id))))
        .collect();
    doc.holding("dl class=\"ids\"", &items);
}

fn texts(doc: &mut Doc, d: &Diagnosis) {
    let texts = [
        (words::CUSTOMER, &d.texts.customer),
        (words::ADMIN, &d.texts.admin),
        (words::TICKET, &d.texts.ticket),
    ];
    for (name, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
        doc.element("h3", name.get(doc.lang));
        doc.element("blockquote", text.as_str());
    }
}
