//! Comparison → table, Markdown, HTML or JSON. The first line says where they part.

use comfy_table::{ContentArrangement, Table};
use serde::Serialize;

use super::differ::state;
use super::model::*;
use super::words::{self, SETTINGS};
use crate::model::{Lang, Safe, Stage};
use crate::report::escape::markdown as escape;
use crate::report::html::{CLOSE, element, open, scroll};
use crate::report::words as common;
use crate::report::{Canvas, Format};
use crate::sweep::with;

/// Name of the JSON schema.
pub const SCHEMA: &str = "hartriage.compare/1";
/// Values named in one place.
const LISTED: usize = 6;

/// Draws the comparison; `None` for a format that it has no form in.
pub fn render(comparison: &Comparison, lang: Lang, format: Format, canvas: &Canvas) -> Option<String> {
    let view = View { c: comparison, lang };
    match format {
        Format::Table => Some(view.table(canvas)),
        Format::Markdown => Some(view.markdown()),
        Format::Json => Some(view.json()),
        Format::Html => Some(view.html()),
        Format::Ndjson | Format::Csv | Format::Sarif => None,
    }
}

struct View<'c> {
    c: &'c Comparison,
    lang: Lang,
}

#[derive(Serialize)]
struct Json<'c> {
    schema: &'static str,
    first_line: String,
    #[serde(flatten)]
    comparison: &'c Comparison,
    stages: Vec<JsonStage<'c>>,
}

#[derive(Serialize)]
struct JsonStage<'c> {
    stage: &'static str,
    good: &'c StageSeen,
    bad: &'c StageSeen,
}

/// A line of the table: what, GOOD, BAD.
type Row = [String; 3];

impl View<'_> {
    fn say(&self, both: words::Both) -> &'static str {
        both.get(self.lang)
    }

    fn pairs(&self) -> impl Iterator<Item = (Stage, &StageSeen, &StageSeen)> {
        let sides = self.c.good.stages.iter().zip(&self.c.bad.stages);
        Stage::ALL.into_iter().zip(sides).map(|(stage, (good, bad))| (stage, good, bad))
    }

    /// Where they part, or that they do not.
    fn first_line(&self) -> String {
        match (self.c.good.outcome, self.c.bad.outcome) {
            (None, None) => return with(self.say(words::NO_TRY), &[self.say(words::BOTH_SIDES)]),
            (None, _) => return with(self.say(words::NO_TRY), &[words::GOOD]),
            (_, None) => return with(self.say(words::NO_TRY), &[words::BAD]),
            _ => {}
        }
        let Some(parting) = &self.c.parting else { return self.alike() };
        let comma = if self.lang == Lang::En { ", " } else { "、" };
        // What the failure says first; then what differs. A value that only one side has may be absent because the
        // other failed before it: that is no reason.
        let mut clauses = self.endings(parting);
        let both = |d: &&Difference| d.name.starts_with("scope-") || !d.good.is_empty() && !d.bad.is_empty();
        clauses.extend(parting.because.iter().filter(both).map(|d| self.clause(d)));
        if clauses.is_empty() {
            clauses.extend(parting.because.iter().map(|d| self.clause(d)));
        }
        let line =
            with(self.say(words::PART_AT), &[self.say(words::stage(parting.stage)), &clauses.join(comma)]);
        if parting.reversed { format!("{line} {}", self.say(words::REVERSED)) } else { line }
    }

    fn alike(&self) -> String {
        let failed = self.pairs().find(|(_, g, b)| g.state == State::Failed && b.state == State::Failed);
        match failed {
            Some((stage, _, bad)) => {
                let codes = list(&bad.codes).unwrap_or_else(|| self.say(words::NO_CODE).to_owned());
                with(self.say(words::SAME_FAILURE), &[self.say(words::stage(stage)), &codes])
            }
            None => self.say(words::SAME).to_owned(),
        }
    }

    /// What each side ended with at the stage where they part.
    fn endings(&self, parting: &Parting) -> Vec<String> {
        let seen = self.pairs().find(|(stage, ..)| *stage == parting.stage);
        let Some((_, good, bad)) = seen else { return Vec::new() };
        let mut out = Vec::new();
        for (name, side, other) in [(words::GOOD, good, bad), (words::BAD, bad, good)] {
            match side.state {
                State::Failed => out.push(match list(&side.codes) {
                    Some(codes) => format!("{name} {codes}"),
                    None => match side.status.filter(|s| *s >= 400) {
                        Some(status) => format!("{name} HTTP {status}"),
                        None => with(self.say(words::FAILS), &[name]),
                    },
                }),
                State::NotSeen if other.state != State::Failed => {
                    out.push(with(self.say(words::ENDS), &[name]))
                }
                _ => {}
            }
        }
        out
    }

    /// A difference as part of a sentence.
    fn clause(&self, d: &Difference) -> String {
        let only = |a: &[Safe], b: &[Safe]| -> Vec<Safe> {
            let known = |v: &&Safe| b.iter().any(|w| w.as_str().eq_ignore_ascii_case(v.as_str()));
            a.iter().filter(|v| !known(v)).cloned().collect()
        };
        if d.name.starts_with("scope-") {
            let count = if d.name == "scope-granted" { words::GRANTED } else { words::ASKED };
            let mut parts = vec![with(self.say(count), &[&d.good.len().to_string()])];
            let more = [(words::ADDS, only(&d.bad, &d.good)), (words::LACKS, only(&d.good, &d.bad))];
            parts.extend(more.iter().filter_map(|(say, v)| Some(with(self.say(*say), &[&list(v)?]))));
            return parts.join(if self.lang == Lang::En { ", " } else { "、" });
        }
        let of = |v: &[Safe]| list(v).unwrap_or_else(|| self.say(words::NONE).to_owned());
        with(self.say(words::VALUES), &[self.label(d), &of(&d.good), &of(&d.bad)])
    }

    fn label(&self, d: &Difference) -> &'static str {
        SETTINGS.get(d.number).map_or(d.name, |s| self.say(s.label))
    }

    /// Stages that either side shows, each followed by the parameters that differ there.
    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (stage, good, bad) in self.pairs() {
            let differ: Vec<&Difference> = self.c.differences.iter().filter(|d| d.stage == stage).collect();
            let seen = |side: &Side| state(side, stage) != State::NotSeen;
            if differ.is_empty() && !seen(&self.c.good) && !seen(&self.c.bad) {
                continue;
            }
            let parted = self.c.parting.as_ref().is_some_and(|p| p.stage == stage);
            let mark = if parted { "» " } else { "" };
            rows.push([format!("{mark}{}", self.say(words::stage(stage))), self.cell(good), self.cell(bad)]);
            for d in differ {
                let of = |v: &[Safe]| list(v).unwrap_or_else(|| self.say(words::NONE).to_owned());
                rows.push([format!("  {}", self.label(d)), of(&d.good), of(&d.bad)]);
            }
        }
        rows
    }

    fn cell(&self, seen: &StageSeen) -> String {
        let mut parts = vec![self.say(words::state(seen.state)).to_owned()];
        if seen.state == State::Failed {
            parts.extend(seen.status.filter(|s| *s >= 400).map(|s| format!("HTTP {s}")));
            parts.extend(list(&seen.codes));
        }
        if let Some(place) = &seen.place {
            match (place.entry, place.line) {
                (Some(n), _) => parts.push(format!("{} {n}", common::ENTRY.get(self.lang))),
                (None, Some(n)) => parts.push(format!("{} {n}", common::LINE.get(self.lang))),
                (None, None) => {}
            }
        }
        parts.join(" · ")
    }

    fn diagnosis(&self) -> Vec<String> {
        match &self.c.diagnosis {
            None => vec![self.say(words::NO_DIAGNOSIS).to_owned()],
            Some(d) => {
                let what =
                    format!("{}: {} ({}, {} %)", self.say(words::DIAGNOSIS), d.title, d.id, d.confidence);
                let ask = format!("{}: {}", common::ASK.get(self.lang), d.question);
                if d.question.is_empty() { vec![what] } else { vec![what, ask] }
            }
        }
    }

    fn head(&self) -> [String; 3] {
        let side = |name: &str, side: &Side| format!("{name} {}", list(&side.inputs).unwrap_or_default());
        [self.say(words::STAGE).to_owned(), side(words::GOOD, &self.c.good), side(words::BAD, &self.c.bad)]
    }

    fn table(&self, canvas: &Canvas) -> String {
        let mut out = format!("{}\n\n", self.first_line());
        let rows = self.rows();
        if !rows.is_empty() {
            let mut table = Table::new();
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(u16::try_from(canvas.width).unwrap_or(80));
            table.load_style(if canvas.ascii {
                comfy_table::presets::ASCII_BORDERS_ONLY_CONDENSED
            } else {
                comfy_table::presets::UTF8_BORDERS_ONLY
            });
            table.set_header(self.head());
            table.add_rows(rows);
            out.push_str(&format!("{}\n\n", table.trim_fmt()));
        }
        self.diagnosis().iter().for_each(|line| out.push_str(&format!("{line}\n")));
        out
    }

    fn markdown(&self) -> String {
        let mut out = format!("{}\n\n", escape(&self.first_line()));
        let rows = self.rows();
        if !rows.is_empty() {
            let line = |row: &Row| format!("| {} |\n", row.each_ref().map(|c| escape(c.trim())).join(" | "));
            out.push_str(&line(&self.head()));
            out.push_str("|---|---|---|\n");
            rows.iter().for_each(|row| out.push_str(&line(row)));
            out.push('\n');
        }
        out.push_str(&self.diagnosis().iter().map(|l| escape(l)).collect::<Vec<_>>().join("\n\n"));
        out.push('\n');
        out
    }

    fn html(&self) -> String {
        let title = self.say(words::TITLE);
        let mut out = open(self.lang, title);
        out.push_str(&format!("<header>{}</header>\n<main>\n<section>\n", element("h1", title)));
        out.push_str(&format!("{}\n", element("p class=\"headline\"", &self.first_line())));
        for line in self.diagnosis() {
            out.push_str(&format!("{}\n", element("p", &line)));
        }
        out.push_str("</section>\n");
        let rows = self.rows();
        if !rows.is_empty() {
            let head = self.head();
            let heads: String = head.iter().map(|h| element("th scope=\"col\"", h)).collect();
            out.push_str(&format!("<section>\n{}<table class=\"sides\">\n", scroll(self.say(words::STAGE))));
            out.push_str(&format!("<thead><tr>{heads}</tr></thead>\n<tbody>\n"));
            rows.iter().for_each(|row| out.push_str(&html_row(row)));
            out.push_str("</tbody>\n</table></div>\n</section>\n");
        }
        out.push_str("</main>\n");
        out.push_str(CLOSE);
        out
    }

    fn json(&self) -> String {
        let stages = self.pairs().map(|(stage, good, bad)| JsonStage { stage: stage.name(), good, bad });
        let json = Json {
            schema: SCHEMA,
            first_line: self.first_line(),
            comparison: self.c,
            stages: stages.collect(),
        };
        let mut text =
            serde_json::to_string_pretty(&json).expect("a comparison holds only strings, numbers and lists");
        text.push('\n');
        text
    }
}

/// A row of the page: a stage stands out, most where the two part; a parameter stands below its stage.
fn html_row([what, good, bad]: &Row) -> String {
    let class = match what {
        what if what.starts_with('»') => " class=\"parted\"",
        what if what.starts_with(' ') => " class=\"below\"",
        _ => "",
    };
    format!(
        "<tr{class}>{}{}{}</tr>\n",
        element("th scope=\"row\"", what.trim()),
        element(&format!("td data-label=\"{}\"", words::GOOD), good),
        element(&format!("td data-label=\"{}\"", words::BAD), bad)
    )
}

/// The first values, and how many more; `None` where there is none.
fn list(values: &[Safe]) -> Option<String> {
    let mut shown: Vec<String> = values.iter().take(LISTED).map(ToString::to_string).collect();
    if values.len() > LISTED {
        shown.push(format!("… +{}", values.len() - LISTED));
    }
    (!shown.is_empty()).then(|| shown.join(", "))
}
