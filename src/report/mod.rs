//! Findings → report → text. One file per output; each takes a [`Report`] and gives a `String`.
//!
//! In: what was found. Out: an owned, redacted [`Report`] and its renderings. Never: looking at an input, or printing
//! what is not [`crate::model::Safe`].

mod adequacy;
mod build;
mod csv;
pub(crate) mod escape;
mod flow;
pub(crate) mod html;
mod json;
pub mod link;
pub mod lost;
mod markdown;
pub(crate) mod marks;
mod model;
mod ndjson;
mod paint;
pub(crate) mod plain;
mod said;
pub(crate) mod sarif;
mod table;
mod texts;
mod timeline;
mod view;
pub mod words;

pub use build::{SCHEMA, build, build_with};
pub(crate) use csv::BOM;
pub use flow::hop_words;
pub use model::*;
pub use texts::without_case;

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Table,
    Json,
    Ndjson,
    Markdown,
    Html,
    Csv,
    Sarif,
}

/// What a rendering has to fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Canvas {
    /// Columns, 60 to 200.
    pub width: usize,
    pub colour: bool,
    /// Show every diagnosis in full, not only the first.
    pub verbose: bool,
    /// Draw lines and marks in ASCII. Words and texts of the input stay as they are.
    pub ascii: bool,
    /// CSV as Excel wants it: led by a byte order mark, without which it takes UTF-8 for the local code page.
    pub excel: bool,
    /// How a terminal opens a file; none where it cannot, and for everything that is no terminal.
    pub links: Option<link::Links>,
}

/// Draws what a log that is still being written has just shown: a short block for each diagnosis, or a line of JSON.
/// Other formats say all at the end.
pub fn render_live(report: &Report, format: Format, canvas: &Canvas) -> String {
    match format {
        Format::Table => table::brief(report, canvas),
        Format::Ndjson => ndjson::render(report),
        _ => String::new(),
    }
}

/// What stands between the blocks of [`render_live`] and the report at the end.
pub fn live_ends(report: &Report, canvas: &Canvas) -> String {
    table::heading(words::OVERALL.get(report.extra.lang), report, canvas)
}

/// Draws the report.
pub fn render(report: &Report, format: Format, canvas: &Canvas) -> String {
    match format {
        Format::Table => table::render(report, canvas),
        Format::Json => json::render(report),
        Format::Ndjson => ndjson::render(report),
        Format::Markdown => markdown::render(report, canvas.verbose),
        Format::Csv => csv::render(report, canvas.excel),
        Format::Html => html::render(report),
        Format::Sarif => sarif::render(report),
    }
}
