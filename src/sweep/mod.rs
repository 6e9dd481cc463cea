//! Many cases → one table: how often each cause was seen, by whom, where and when.
//!
//! In: the [`Findings`](crate::Findings) of one case after another, or partial aggregates written earlier. Out: an
//! [`Aggregate`] and its renderings. Never: reading a file, keeping a case after it was folded in, or a string that
//! did not pass `redact`.
//!
//! Folding and merging commute, so that neither the number of threads nor the way in which inputs were split shows in
//! the result. What depends on all parts together (order, vendor-wide causes) is computed when drawing.

mod anonymise;
mod fold;
mod merge;
mod model;
mod part;
mod render;
mod render_html;
mod render_json;
mod render_lines;
mod render_sarif;
mod render_table;
mod spark;
mod text;
mod trend;
mod view;
mod words;
pub(crate) use words::with;

pub use model::{Aggregate, Grouping, Settings};
pub use part::{PartError, SCHEMA as PART_SCHEMA};
pub use render::{Canvas, render};
pub use render_json::SCHEMA;

#[cfg(test)]
mod properties;
