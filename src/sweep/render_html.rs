//! `--format html`: one page that loads nothing and runs nothing.

use super::model::Grouping;
use super::render_lines::seen;
use super::view::{Line, View};
use super::words;
use crate::model::Lang;
use crate::report::escape::html;
use crate::report::words as common;

/// Inputs named as not read.
const NAMED: usize = 50;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#1b1b1f;background:#fff}\
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #d5d5dd;padding:.4rem .6rem;text-align:left;\
vertical-align:top;overflow-wrap:anywhere}td.n{text-align:right}small{color:#55555f}code{white-space:pre}\
.wide{background:#fdecea;padding:0 .3rem}@media(prefers-color-scheme:dark){body{color:#e4e4ea;background:#1b1b1f}\
th,td{border-color:#44444c}small{color:#a9a9b4}.wide{background:#5b2320}}";

pub(super) fn render(view: &View<'_>) -> String {
    let lang = view.lang;
    let code = if lang == Lang::En { "en" } else { "ja" };
    let title = words::TITLE.get(lang);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         base-uri 'none'; form-action 'none'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n<h1>{title}</h1>\n"
    );
    if view.rows.is_empty() {
        out.push_str(&format!("<p>{}</p>\n", words::NO_ROWS.get(lang)));
    } else {
        table(view, &mut out);
    }
    let not_read = view.not_read(NAMED);
    if !not_read.is_empty() {
        out.push_str(&format!("<h2>{}</h2>\n<ul>\n", words::NOT_READ.get(lang)));
        not_read.iter().for_each(|line| out.push_str(&format!("<li>{}</li>\n", html(line))));
        out.push_str("</ul>\n");
    }
    out.push_str(&format!("<p>{}</p>\n</body>\n</html>\n", html(&view.summary())));
    out
}

fn table(view: &View<'_>, out: &mut String) {
    let lang = view.lang;
    let head = [
        common::RANK,
        words::grouping(view.group_by),
        words::ATTEMPTS,
        words::TENANTS,
        words::ACCOUNTS,
        words::INPUTS,
        words::SEEN,
        words::TREND,
    ];
    out.push_str("<table>\n<thead><tr>");
    head.iter().for_each(|h| out.push_str(&format!("<th scope=\"col\">{}</th>", h.get(lang))));
    out.push_str("</tr></thead>\n<tbody>\n");
    view.rows.iter().for_each(|line| row(view, line, out));
    out.push_str(&format!("</tbody>\n</table>\n<p><small>{}</small></p>\n", html(&view.scale_words())));
}

fn row(view: &View<'_>, line: &Line<'_>, out: &mut String) {
    let r = line.row;
    out.push_str(&format!("<tr><td class=\"n\">{}</td><td>{}</td>", line.rank, what(view, line)));
    let numbers = [r.attempts, r.tenants.len() as u64, r.accounts.len() as u64, r.inputs];
    numbers.iter().for_each(|n| out.push_str(&format!("<td class=\"n\">{n}</td>")));
    let spark = view.spark(&r.trend, false);
    out.push_str(&format!(
        "<td>{}</td><td><code>{}</code></td></tr>\n",
        seen(line).join("<br>"),
        html(&spark)
    ));
}

fn what(view: &View<'_>, line: &Line<'_>) -> String {
    let lang = view.lang;
    let mut parts = vec![format!("<strong>{}</strong>", html(line.label.as_str()))];
    if line.vendor_wide {
        parts.push(format!("<span class=\"wide\">{}</span>", words::WIDE.get(lang)));
    }
    if view.group_by == Grouping::Cause {
        let owner = line.causes.first().and_then(|c| c.owner).map(|o| common::owner(o).get(lang));
        let owner = owner.map(|o| format!(" · {o}")).unwrap_or_default();
        parts.push(format!("{}{owner}", html(line.key.as_str())));
    } else {
        parts.push(html(&line.cause_list(lang)));
    }
    if view.group_by != Grouping::Code && !line.codes.is_empty() {
        parts.push(html(&line.code_list(lang)));
    }
    if let Some(e) = &line.row.example {
        let (place, text) = (html(&view.place(e)), html(e.text.as_str()));
        parts.push(format!("<small>{place}, {} %<br>{text}</small>", e.confidence));
    }
    parts.join("<br>")
}
