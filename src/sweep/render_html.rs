//! `--format html`: one page that loads nothing and runs nothing.
//!
//! In: the rows in order. Out: a page in the dress of the report. Never: markup from an input.

use super::model::Grouping;
use super::render_lines::seen;
use super::view::{Line, View};
use super::words;
use crate::report::escape::html;
use crate::report::html::{CLOSE, element, holding, open, scroll};
use crate::report::words as common;

/// Inputs named as not read.
const NAMED: usize = 50;

pub(super) fn render(view: &View<'_>) -> String {
    let lang = view.lang;
    let title = words::TITLE.get(lang);
    let mut out = open(lang, title);
    out.push_str(&format!("<header>{}\n", element("h1", title)));
    out.push_str(&format!("{}</header>\n<main>\n", element("p class=\"soft\"", &view.summary())));
    out.push_str("<section>\n");
    if view.rows.is_empty() {
        out.push_str(&element("p", words::NO_ROWS.get(lang)));
    } else {
        table(view, &mut out);
    }
    out.push_str("</section>\n");
    let not_read = view.not_read(NAMED);
    if !not_read.is_empty() {
        let items: String = not_read.iter().map(|line| element("li", line)).collect();
        let head = element("h2", words::NOT_READ.get(lang));
        out.push_str(&format!("<section>\n{head}\n{}\n</section>\n", holding("ul", &items)));
    }
    out.push_str("</main>\n");
    out.push_str(CLOSE);
    out
}

fn table(view: &View<'_>, out: &mut String) {
    let lang = view.lang;
    let heads = heads(view).map(|(label, class)| element(&format!("th scope=\"col\"{class}"), label));
    out.push_str(&format!("{}<table class=\"sweep\">\n", scroll(words::grouping(view.group_by).get(lang))));
    out.push_str(&format!("<thead><tr>{}</tr></thead>\n<tbody>\n", heads.concat()));
    view.rows.iter().for_each(|line| row(view, line, out));
    out.push_str("</tbody>\n</table></div>\n");
    let scale = view.scale_words();
    if !scale.is_empty() {
        out.push_str(&element("p class=\"soft\"", &scale));
    }
}

/// Each column: its name, and how it stands.
fn heads(view: &View<'_>) -> [(&'static str, &'static str); 7] {
    const NUMBER: &str = " class=\"number\"";
    let named = [
        (words::grouping(view.group_by), ""),
        (words::ATTEMPTS, NUMBER),
        (words::TENANTS, NUMBER),
        (words::ACCOUNTS, NUMBER),
        (words::INPUTS, NUMBER),
        (words::SEEN, ""),
        (words::TREND, ""),
    ];
    named.map(|(name, class)| (name.get(view.lang), class))
}

fn row(view: &View<'_>, line: &Line<'_>, out: &mut String) {
    let r = line.row;
    let numbers = [r.attempts, r.tenants.len() as u64, r.accounts.len() as u64, r.inputs];
    let cells = numbers.iter().map(|n| html(&n.to_string()));
    let cells = cells.chain([seen(line).join("<br>"), spark(view, line)]);
    let cells: String = heads(view)
        .iter()
        .skip(1)
        .zip(cells)
        .map(|((label, class), cell)| holding(&format!("td{class} data-label=\"{}\"", html(label)), &cell))
        .collect();
    out.push_str(&format!("<tr>{}{cells}</tr>\n", holding("th scope=\"row\"", &what(view, line))));
}

/// The counts of the row as bars, with the same as text for those who cannot see them.
fn spark(view: &View<'_>, line: &Line<'_>) -> String {
    let counts = view.scale.map(|s| s.counts(&line.row.trend)).unwrap_or_default();
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let bars: String = counts
        .iter()
        .enumerate()
        .map(|(n, count)| {
            // A count that is there is never too low to be seen.
            let height = if *count == 0 { 1 } else { 3 + count.saturating_mul(21) / most };
            format!("<rect x=\"{}\" y=\"{}\" width=\"7\" height=\"{height}\"/>", n * 9, 24 - height)
        })
        .collect();
    if counts.is_empty() {
        return String::new();
    }
    let width = counts.len() * 9;
    let said = counts.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
    format!(
        "<svg class=\"spark\" width=\"{width}\" height=\"24\" viewBox=\"0 0 {width} 24\" role=\"img\" \
         aria-label=\"{said}\">{bars}</svg>"
    )
}

fn what(view: &View<'_>, line: &Line<'_>) -> String {
    let lang = view.lang;
    let mut parts = vec![html(&format!("{}. {}", line.rank, line.label))];
    if line.vendor_wide {
        parts.push(element("span class=\"pill high\"", words::WIDE.get(lang)));
    }
    if view.group_by == Grouping::Cause {
        let owner = line.causes.first().and_then(|c| c.owner).map(|o| common::owner(o).get(lang));
        let owner = owner.map(|o| format!(" · {o}")).unwrap_or_default();
        let key = element("code", line.key.as_str());
        parts.push(holding("span class=\"soft\"", &format!("{key}{}", html(&owner))));
    } else {
        parts.push(element("span class=\"soft\"", &line.cause_list(lang)));
    }
    if view.group_by != Grouping::Code && !line.codes.is_empty() {
        parts.push(element("span class=\"soft\"", &line.code_list(lang)));
    }
    let mut out = parts.join("<br>");
    if let Some(e) = &line.row.example {
        let place = element("code", &view.place(e));
        let text = html(e.text.as_str());
        out.push_str(&format!("<div class=\"example soft\">{place}, {} %<br>{text}</div>", e.confidence));
    }
    out
}
