//! Synthetic events for the tests of extractors.

use std::borrow::Cow;

use crate::model::{Body, Event, EventKind, Exchange, FactName, Header, Param, Part, Place, Record};

use super::{Facts, Views};

pub(super) type Pairs = Vec<(FactName, String)>;

/// The pairs of name and value that one piece of extraction makes of an event.
pub(super) fn facts_of(event: &Event<'_>, read: impl Fn(&Event<'_>, &Part<'_>, &mut Facts<'_>)) -> Pairs {
    let mut facts = Facts::new(event, 0);
    read(event, &Part::default(), &mut facts);
    facts.finish().facts.into_iter().map(|f| (f.name, f.value)).collect()
}

/// The pairs that an extractor makes of an event.
pub(super) fn run(extractor: super::Extractor, event: &Event<'_>) -> Pairs {
    facts_of(event, |event, _, facts| extractor(&Views::of(event), facts))
}

pub(super) fn has(facts: &[(FactName, String)], name: FactName, value: &str) -> bool {
    facts.iter().any(|(n, v)| *n == name && v == value)
}

pub(super) fn values(facts: &[(FactName, String)], name: FactName) -> Vec<&str> {
    facts.iter().filter(|(n, _)| *n == name).map(|(_, v)| v.as_str()).collect()
}

fn part(text: &str) -> Part<'_> {
    Part::plain(text.as_bytes(), 0)
}

pub(super) fn paste(text: &str) -> Event<'_> {
    Event { place: Place::default(), time: None, kind: EventKind::Paste(part(text)) }
}

pub(super) fn record<'a>(text: &'a str, fields: &[(&'a str, &'a str)]) -> Event<'a> {
    let fields = fields.iter().map(|(n, v)| Param { name: Cow::Borrowed(*n), value: part(v) }).collect();
    let record = Record { text: part(text), fields, ..Record::default() };
    Event { place: Place::default(), time: None, kind: EventKind::Record(Box::new(record)) }
}

/// Builds an exchange step by step.
pub(super) struct Http<'a>(Exchange<'a>, Option<jiff::Timestamp>);

impl<'a> Http<'a> {
    pub(super) fn new(method: &'a str, url: &'a str, status: i32) -> Self {
        let exchange =
            Exchange { method: method.into(), url: part(url), status: Some(status), ..Exchange::default() };
        Http(exchange, None)
    }

    pub(super) fn sent(mut self, name: &'a str, value: &'a str) -> Self {
        self.0.request_headers.push(Header { name: name.into(), value: part(value) });
        self
    }

    pub(super) fn got(mut self, name: &'a str, value: &'a str) -> Self {
        self.0.response_headers.push(Header { name: name.into(), value: part(value) });
        self
    }

    pub(super) fn form(mut self, text: &'a str) -> Self {
        let mime = "application/x-www-form-urlencoded".to_owned();
        self.0.request_body = Some(Body { text: part(text), mime, params: Vec::new() });
        self
    }

    pub(super) fn asks(mut self, json: &'a str) -> Self {
        let mime = "application/json".to_owned();
        self.0.request_body = Some(Body { text: part(json), mime, params: Vec::new() });
        self
    }

    pub(super) fn body(mut self, text: &'a str) -> Self {
        let mime = if text.starts_with('<') { "text/html" } else { "application/json" };
        self.0.response_body = Some(Body { text: part(text), mime: mime.to_owned(), params: Vec::new() });
        self
    }

    pub(super) fn at(mut self, time: &str) -> Self {
        self.1 = Some(time.parse().expect("a time"));
        self
    }

    pub(super) fn event(self) -> Event<'a> {
        Event { place: Place::default(), time: self.1, kind: EventKind::Exchange(Box::new(self.0)) }
    }
}
