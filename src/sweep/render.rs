//! Aggregate → text, one file per output.
//!
//! In: an [`Aggregate`] and the rules that name its causes. Out: a `String`. Never: another order than that of the
//! view, or a string of an input that is not redacted.

use super::view::View;
use super::{Aggregate, render_html, render_json, render_lines, render_sarif, render_table};
use crate::diagnose::Ruleset;
use crate::model::Lang;
use crate::report::Format;

/// What a rendering has to fit.
#[derive(Debug, Clone, Copy)]
pub struct Canvas {
    /// Columns, 60 to 200.
    pub width: usize,
    /// No characters outside ASCII in lines and marks.
    pub ascii: bool,
    /// CSV as Excel wants it.
    pub excel: bool,
}

/// Draws the aggregate. The second text is the closing summary where the format has no room for it (CSV).
pub fn render(
    aggregate: &Aggregate,
    rules: &Ruleset,
    lang: Lang,
    format: Format,
    canvas: Canvas,
) -> (String, Option<String>) {
    let view = View::of(aggregate, rules, lang);
    match format {
        Format::Table => (render_table::render(&view, canvas), None),
        Format::Json => (render_json::render(&view, aggregate), None),
        Format::Ndjson => (render_json::lines(&view, aggregate), None),
        Format::Markdown => (render_lines::markdown(&view), None),
        Format::Csv => (render_lines::csv(&view, canvas.excel), Some(view.summary())),
        Format::Html => (render_html::render(&view), None),
        Format::Sarif => (render_sarif::render(&view, aggregate, rules), None),
    }
}
