//! Events → facts. One file per kind of fact.
//!
//! In: one [`Event`]. Out: its [`Observed`] facts, each with its place. Never: comparing events, judging, or keeping
//! a secret: values are canonical (codes, host names, addresses, hashes), excerpts are redacted.
//!
//! A new extractor is one file with an [`Extractor`] and its line in [`EXTRACTORS`].

mod dns;
mod endpoint;
mod hash;
mod identity;
mod jwt;
mod scopes;
mod sink;
#[cfg(test)]
mod testing;

pub use endpoint::{Endpoint, classify};
pub use sink::Facts;

use crate::model::{Event, Observed};

/// Reads one kind of fact from an event.
pub type Extractor = fn(event: &Event<'_>, facts: &mut Facts<'_>);

/// Every extractor. The order decides nothing but the order of facts that stand at the same byte.
pub const EXTRACTORS: &[Extractor] = &[dns::dns];

/// All facts of one event; `index` is its number within the source.
pub fn extract(event: &Event<'_>, index: u64) -> Observed {
    let mut facts = Facts::new(event, index);
    for extractor in EXTRACTORS {
        extractor(event, &mut facts);
    }
    facts.finish()
}
