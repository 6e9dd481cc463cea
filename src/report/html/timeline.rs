//! The attempt in order of time: a row an exchange, with how long after the first it came.
//!
//! In: moments. Out: a table whose bars say what the numbers say. Never: colour as the only sign.

use super::super::marks::Marks;
use super::super::{HopState, Moment, Report, words};
use super::swimlane::word;
use super::write::{Doc, element, escape, scroll};
use crate::model::Lang;

pub(super) fn draw(doc: &mut Doc, report: &Report) {
    let moments = &report.extra.timeline;
    if moments.len() < 2 {
        return;
    }
    let lang = doc.lang;
    doc.element("h3", words::TIMELINE.get(lang));
    let longest = moments.iter().filter_map(|m| m.after).max().unwrap_or(0).max(1);
    let several = moments.iter().any(|m| moments.first().is_some_and(|first| first.source != m.source));
    let head = [words::AFTER, words::STEP, words::REQUEST, words::PLACE];
    let heads: String = head.iter().map(|h| element("th scope=\"col\"", h.get(lang))).collect();
    doc.raw(&format!("{}<table class=\"time\">", scroll(words::TIMELINE.get(lang))));
    doc.raw(&format!("<thead><tr>{heads}</tr></thead><tbody>"));
    for moment in moments {
        doc.raw(&row(moment, longest, several, lang));
    }
    doc.raw("</tbody></table></div>");
    if report.extra.timeline_more > 0 {
        doc.element("p class=\"soft\"", &words::more(report.extra.timeline_more, lang));
    }
}

fn row(m: &Moment, longest: u64, several: bool, lang: Lang) -> String {
    let class = if m.state == HopState::Failed { " class=\"failed\"" } else { "" };
    let step = if m.name.is_empty() { "" } else { words::hop_short(m.name).get(lang) };
    let mut what = escape(if m.label.is_empty() { words::RECORD.get(lang) } else { m.label.as_str() });
    if let Some(status) = m.status.filter(|s| *s > 0) {
        what.push_str(&format!(" <span class=\"soft\">HTTP {status}</span>"));
    }
    if m.proof {
        what.push_str(&format!(" <a class=\"proof\" href=\"#d1e1\">{}</a>", words::PROVES.get(lang)));
    }
    let cells = [
        format!("{}{}", bar(m, longest), escape(&after(m.after))),
        format!(
            "{} {} <span class=\"soft\">{}</span>",
            Marks::FULL.hop(m.state),
            step,
            word(m.state).get(lang)
        ),
        what,
        escape(&place(m, several, lang)),
    ];
    let labels = [words::AFTER, words::STEP, words::REQUEST, words::PLACE];
    let cells: String = cells
        .iter()
        .zip(labels)
        .map(|(c, l)| format!("<td data-label=\"{}\">{c}</td>", l.get(lang)))
        .collect();
    format!("<tr{class}>{cells}</tr>")
}

/// Where on the way from the first to the last, in thousandths.
fn bar(m: &Moment, longest: u64) -> String {
    let Some(after) = m.after else { return String::new() };
    let at = after.saturating_mul(1000) / longest;
    format!(
        "<span class=\"track\" aria-hidden=\"true\"><i style=\"left:{}.{}%\"></i></span>",
        at / 10,
        at % 10
    )
}

/// `+0.4 s`, `+14.1 s`, `+2 min 5 s`, `+3 h 2 min`.
fn after(milliseconds: Option<u64>) -> String {
    let Some(ms) = milliseconds else { return "–".to_owned() };
    let seconds = ms / 1000;
    match seconds {
        0..60 => format!("+{seconds}.{} s", ms % 1000 / 100),
        60..3600 => format!("+{} min {} s", seconds / 60, seconds % 60),
        _ => format!("+{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn place(m: &Moment, several: bool, lang: Lang) -> String {
    let at = match (m.entry, m.line) {
        (Some(n), _) => format!("{} {n}", words::ENTRY.get(lang)),
        (None, Some(n)) => format!("{} {n}", words::LINE.get(lang)),
        (None, None) => String::new(),
    };
    if !several {
        return at;
    }
    if at.is_empty() { m.source.to_string() } else { format!("{} › {at}", m.source) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_after_the_first() {
        for (ms, says) in
            [(0, "+0.0 s"), (14_117, "+14.1 s"), (125_000, "+2 min 5 s"), (10_920_000, "+3 h 2 min")]
        {
            assert_eq!(after(Some(ms)), says);
        }
        assert_eq!(after(None), "–");
    }
}
