//! Report → text. One file per output; each takes a [`Report`] and gives a `String`.
//!
//! In: an owned, redacted [`Report`]. Out: one rendering. Never: looking at an input, or printing what is not
//! [`crate::model::Safe`].

mod model;

pub use model::*;
