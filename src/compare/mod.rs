//! Two captures side by side: where the one that worked and the one that did not part.
//!
//! In: the [`Findings`](crate::Findings) of both sides. Out: a [`Comparison`], owned and redacted, and its renderings.
//! Never: comparing what always differs (ids, hashes, times), or a string that did not pass `redact`.

mod differ;
mod model;
mod render;
mod side;
mod words;

pub use differ::compare;
pub use model::*;
pub use render::{SCHEMA, render};
