//! Findings → report → text. One file per output; each takes a [`Report`] and gives a `String`.
//!
//! In: what was found. Out: an owned, redacted [`Report`] and its renderings. Never: looking at an input, or printing
//! what is not [`crate::model::Safe`].

mod adequacy;
mod build;
mod flow;
mod model;
mod texts;
pub mod words;

pub use build::{SCHEMA, build};
pub use flow::hop_words;
pub use model::*;
pub(crate) use texts::PLACEHOLDERS;
