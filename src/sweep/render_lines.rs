//! `--format markdown` and `csv`.

use super::model::Grouping;
use super::view::{Line, View, minute};
use super::words;
use crate::report::BOM;
use crate::report::escape::{csv as field, markdown as plain};
use crate::report::words as common;

/// Inputs named as not read.
const NAMED: usize = 20;

pub(super) fn markdown(view: &View<'_>) -> String {
    let lang = view.lang;
    let mut out = format!("# {}\n\n", words::TITLE.get(lang));
    if view.rows.is_empty() {
        out.push_str(&format!("{}\n\n", words::NO_ROWS.get(lang)));
    } else {
        table(view, &mut out);
    }
    let not_read = view.not_read(NAMED);
    if !not_read.is_empty() {
        out.push_str(&format!("## {}\n\n", words::NOT_READ.get(lang)));
        not_read.iter().for_each(|line| out.push_str(&format!("- {}\n", plain(line))));
        out.push('\n');
    }
    out.push_str(&format!("{}\n", view.summary()));
    out
}

fn table(view: &View<'_>, out: &mut String) {
    let lang = view.lang;
    let head =
        [words::grouping(view.group_by), words::ATTEMPTS, words::TENANTS, words::ACCOUNTS, words::INPUTS];
    let head: Vec<&str> = head.iter().chain([&words::SEEN, &words::TREND]).map(|b| b.get(lang)).collect();
    out.push_str(&format!("| # | {} |\n|---:|---|---:|---:|---:|---:|---|---|\n", head.join(" | ")));
    for line in &view.rows {
        let r = line.row;
        let seen = seen(line).join(" – ");
        let spark = view.spark(&r.trend, false);
        let (attempts, inputs) = (r.attempts, r.inputs);
        let (tenants, accounts) = (r.tenants.len(), r.accounts.len());
        out.push_str(&format!(
            "| {} | {} | {attempts} | {tenants} | {accounts} | {inputs} | {seen} | {spark} |\n",
            line.rank,
            what(view, line),
        ));
    }
    let scale = view.scale_words();
    if !scale.is_empty() {
        out.push_str(&format!("\n{scale}\n"));
    }
    out.push_str(&format!("\n## {}\n\n", words::EXAMPLES.get(lang)));
    for line in &view.rows {
        if let Some(e) = &line.row.example {
            let (place, text) = (plain(&view.place(e)), plain(e.text.as_str()));
            out.push_str(&format!("{}. {place}, {} %: {text}\n", line.rank, e.confidence));
        }
    }
    out.push('\n');
}

fn what(view: &View<'_>, line: &Line<'_>) -> String {
    let lang = view.lang;
    let mut parts = vec![format!("**{}**", plain(line.label.as_str()))];
    if line.vendor_wide {
        parts.push(format!("*{}*", words::WIDE.get(lang)));
    }
    if view.group_by == Grouping::Cause {
        parts.push(plain(line.key.as_str()));
        let owner = line.causes.first().and_then(|c| c.owner);
        parts.extend(owner.map(|o| common::owner(o).get(lang).to_owned()));
    } else {
        parts.push(plain(&line.cause_list(lang)));
    }
    if view.group_by != Grouping::Code && !line.codes.is_empty() {
        parts.push(plain(&line.code_list(lang)));
    }
    parts.join("<br>")
}

/// First and last seen, to the minute; one value where they are the same, none where not known.
pub(super) fn seen(line: &Line<'_>) -> Vec<String> {
    let mut seen: Vec<String> =
        [line.row.first_seen, line.row.last_seen].into_iter().flatten().map(minute).collect();
    seen.dedup();
    seen
}

/// One row a line. Column names are the same in every language: other programs read them.
pub(super) fn csv(view: &View<'_>, excel: bool) -> String {
    let mut out = if excel { BOM.to_owned() } else { String::new() };
    out.push_str(
        "rank,group_by,key,title,vendor_wide,owner,severity,attempts,tenants,accounts,inputs,first_seen,last_seen,\
         causes,codes,example_confidence,example_source,example_entry,example_line,example_byte,example_text\r\n",
    );
    for line in &view.rows {
        let r = line.row;
        let top = line.causes.first();
        let owner = top.and_then(|c| c.owner).map(|o| common::owner(o).get(view.lang)).unwrap_or_default();
        let severity =
            top.and_then(|c| c.severity).map(|s| common::severity(s).get(view.lang)).unwrap_or_default();
        let joined = |list: Vec<String>| list.join(" ");
        let mut fields = vec![
            line.rank.to_string(),
            view.group_by.name().to_owned(),
            line.key.to_string(),
            line.label.to_string(),
            line.vendor_wide.to_string(),
            owner.to_owned(),
            severity.to_owned(),
            r.attempts.to_string(),
            r.tenants.len().to_string(),
            r.accounts.len().to_string(),
            r.inputs.to_string(),
            line.first_seen().unwrap_or_default(),
            line.last_seen().unwrap_or_default(),
            joined(line.causes.iter().map(|c| c.id.to_string()).collect()),
            joined(line.codes.iter().map(|(c, _)| c.to_string()).collect()),
        ];
        fields.extend(example_fields(line));
        let fields: Vec<String> = fields.iter().map(|f| field(f)).collect();
        out.push_str(&format!("{}\r\n", fields.join(",")));
    }
    out
}

fn example_fields(line: &Line<'_>) -> [String; 6] {
    let Some(e) = &line.row.example else { return Default::default() };
    [
        e.confidence.to_string(),
        e.input.to_string(),
        e.entry.map(|n| n.to_string()).unwrap_or_default(),
        e.line.map(|n| n.to_string()).unwrap_or_default(),
        e.span[0].to_string(),
        e.text.to_string(),
    ]
}
