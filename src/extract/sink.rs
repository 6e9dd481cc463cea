//! Where extractors put their facts.

use crate::model::{Event, EventKind, EventMeta, Excerpt, Fact, FactName, Observed, Part, Place, Span};
use crate::redact::{self, Deferred, Excerpts};

use super::endpoint;

/// Collects the facts of one event. The same name and value at the same place is kept once.
pub struct Facts<'e> {
    place: &'e Place,
    observed: Observed,
    /// Those that can wait until it is clear whether the event is kept.
    deferred: Deferred,
    excerpts: Excerpts,
}

impl<'e> Facts<'e> {
    pub fn new(event: &'e Event<'_>, index: u64) -> Self {
        let mut meta = EventMeta {
            source: event.place.source,
            index,
            place: event.place.clone(),
            time: event.time,
            ..EventMeta::default()
        };
        if let EventKind::Exchange(exchange) = &event.kind {
            let url = exchange.url.text();
            let seen = endpoint::classify(&url);
            meta.host = seen.host;
            meta.endpoint = seen.endpoint.name();
            meta.status = exchange.status;
            meta.label = redact::label(&exchange.method, &url);
        }
        Facts {
            place: &event.place,
            observed: Observed { meta, facts: Vec::new() },
            deferred: Deferred::default(),
            excerpts: Excerpts::default(),
        }
    }

    /// What is known of the event already.
    pub fn meta(&self) -> &EventMeta {
        &self.observed.meta
    }

    /// A fact that stands in `part`; the span is that of `needle` where it stands there literally. `context` is the
    /// text around it that the evidence may show: it is redacted and cut here.
    pub fn add(
        &mut self,
        name: FactName,
        value: impl Into<String>,
        part: &Part<'_>,
        needle: &str,
        context: &str,
    ) {
        let value = value.into();
        // Redaction costs more than all the rest, so not for what is kept already.
        if !self.known(name, &value) {
            let waits = self.deferred.put(self.observed.facts.len(), context, needle);
            let excerpt = if waits { Excerpt::default() } else { self.excerpts.cut(context, needle).into() };
            self.push(name, value, part, part.span_of(needle), excerpt);
        }
    }

    /// A fact whose value says it all.
    pub fn note(&mut self, name: FactName, value: impl Into<String>, part: &Part<'_>) {
        self.push(name, value.into(), part, part.span(), Excerpt::default());
    }

    /// A fact of the event as a whole.
    pub fn of_event(&mut self, name: FactName, value: impl Into<String>) {
        let fact = Fact { name, value: value.into(), place: self.place.clone(), excerpt: Excerpt::default() };
        self.keep(fact);
    }

    fn push(&mut self, name: FactName, value: String, part: &Part<'_>, span: Span, excerpt: Excerpt) {
        let mut place = self.place.clone();
        place.span = span;
        place.pointer.push_str(&part.pointer);
        self.keep(Fact { name, value, place, excerpt });
    }

    fn keep(&mut self, fact: Fact) {
        if !self.known(fact.name, &fact.value) {
            self.observed.facts.push(fact);
        }
    }

    /// There already, or nothing.
    fn known(&self, name: FactName, value: &str) -> bool {
        value.is_empty() || self.observed.facts.iter().any(|f| f.name == name && f.value == value)
    }

    /// Facts so far, for extractors that build on others.
    pub fn seen(&self) -> &[Fact] {
        &self.observed.facts
    }

    pub fn has(&self, name: FactName) -> bool {
        self.observed.facts.iter().any(|f| f.name == name)
    }

    pub fn finish(mut self) -> Observed {
        self.deferred.settle(&mut self.observed);
        self.observed
    }

    /// As [`Facts::finish`], with the excerpts that are still to be made.
    pub(super) fn finish_later(self) -> (Observed, Deferred) {
        (self.observed, self.deferred)
    }
}
