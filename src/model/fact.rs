use jiff::Timestamp;

use super::{Excerpt, FactName, Place, Safe, SourceId};

/// One typed observation made from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub name: FactName,
    /// The value in canonical form; see [`super::FACTS`] for the vocabulary of each name. Never a secret.
    pub value: String,
    pub place: Place,
    /// A redacted line of what stands there, for the evidence. Empty where the value says it all.
    pub excerpt: Excerpt,
}

/// What is known of an event besides its facts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventMeta {
    pub source: SourceId,
    /// Number of the event within its source.
    pub index: u64,
    pub place: Place,
    pub time: Option<Timestamp>,
    /// Lower-case host of an exchange; empty when not an exchange or unknown.
    pub host: String,
    /// HTTP status of an exchange.
    pub status: Option<i32>,
    /// What the exchange was for, as `extract::endpoint` names it (`authorize`, `token`, `graph`, `callback`…).
    pub endpoint: &'static str,
    /// Redacted method and URL without query, for the flow; empty for records.
    pub label: Safe,
}

/// An event after extraction: what is known of it and the facts, in the order in which they stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    pub meta: EventMeta,
    pub facts: Vec<Fact>,
}

impl Observed {
    /// Counts places from so many bytes and lines further back.
    pub(crate) fn shift(&mut self, bytes: u64, lines: u64) {
        let places = self.facts.iter_mut().map(|fact| &mut fact.place).chain([&mut self.meta.place]);
        for place in places {
            place.span.start += bytes;
            place.span.end += bytes;
            place.line = place.line.map(|line| line + lines);
        }
    }
}
