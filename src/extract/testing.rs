//! Events for the tests of this folder.

use std::borrow::Cow;

use super::{Extractor, Facts, Views};
use crate::model::{Body, Event, EventKind, Exchange, FactName, Header, Part, Place, Record};

pub(super) fn paste(text: &str) -> Event<'_> {
    Event { place: Place::default(), time: None, kind: EventKind::Paste(Part::plain(text.as_bytes(), 0)) }
}

pub(super) fn record(text: &str) -> Event<'_> {
    let record = Record { text: Part::plain(text.as_bytes(), 0), ..Record::default() };
    Event { place: Place::default(), time: None, kind: EventKind::Record(Box::new(record)) }
}

pub(super) fn exchange<'a>(
    method: &'a str,
    url: &'a str,
    status: i32,
    mime: &str,
    body: &'a str,
) -> Event<'a> {
    with_headers(method, url, status, mime, body, &[])
}

pub(super) fn with_headers<'a>(
    method: &'a str,
    url: &'a str,
    status: i32,
    mime: &str,
    body: &'a str,
    headers: &[(&'a str, &'a str)],
) -> Event<'a> {
    let headers = headers
        .iter()
        .map(|(name, value)| Header { name: Cow::Borrowed(*name), value: Part::plain(value.as_bytes(), 0) });
    let exchange = Exchange {
        method: Cow::Borrowed(method),
        url: Part::plain(url.as_bytes(), 0),
        status: Some(status),
        response_headers: headers.collect(),
        response_body: Some(Body {
            text: Part::plain(body.as_bytes(), 0),
            mime: mime.to_owned(),
            params: Vec::new(),
        }),
        ..Exchange::default()
    };
    Event { place: Place::default(), time: None, kind: EventKind::Exchange(Box::new(exchange)) }
}

/// Names and values of what one extractor makes of an event.
pub(super) fn facts_of(event: &Event<'_>, extractor: Extractor) -> Vec<(FactName, String)> {
    let mut facts = Facts::new(event, 0);
    extractor(&Views::of(event), &mut facts);
    facts.finish().facts.into_iter().map(|f| (f.name, f.value)).collect()
}

/// `name=value` spellings, for shorter assertions.
pub(super) fn spelled(event: &Event<'_>, extractor: Extractor) -> Vec<String> {
    facts_of(event, extractor).into_iter().map(|(n, v)| format!("{}={v}", n.id())).collect()
}
