//! A network log of Chrome or Edge (`chrome://net-export`).
//!
//! In: the JSON that the browser writes, whole or cut. Out: an exchange for each request and each hop of its
//! redirects: URL, method, headers, status, the network error, and the body where raw bytes were logged. Never: a
//! request body, which the browser does not log.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use jiff::Timestamp;

use super::json::{self, Node, Value};
use super::{Format, Piece, Reach, Sink, Split};
use crate::model::{
    Body, Event, EventKind, Exchange, FactName, Form, Header, Lost, Part, Place, Source, SourceId, Span,
};

/// A network log.
pub(super) const FORMAT: Format = Format { name: "net-export", claim, split, reach: Reach::Whole };

/// Most bytes of a body.
const MOST: usize = 8 << 20;

fn claim(head: &[u8]) -> u8 {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let opens = text.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    let constants = opens.is_some_and(|t| t.starts_with(b"\"constants\""));
    let names: [&[u8]; 6] = [
        b"\"logEventTypes\"",
        b"\"netError\"",
        b"\"clientInfo\"",
        b"\"activeFieldTrialGroups\"",
        b"\"cacheStateFlags\"",
        b"\"timeTickOffset\"",
    ];
    let known = names.iter().filter(|n| memchr::memmem::find(head, n).is_some()).count();
    if constants && known > 0 { 98 } else { 0 }
}

/// What the numbers of the log stand for.
#[derive(Default)]
struct Names {
    events: BTreeMap<i64, String>,
    errors: BTreeMap<i64, String>,
    /// Milliseconds to add to the log's times.
    offset: i64,
}

impl Names {
    fn of(constants: &Node<'_>) -> Self {
        let table = |key: &str| {
            let members = constants.get(key).map(Node::members).unwrap_or_default();
            members.iter().filter_map(|(name, n)| Some((n.int()?, name.to_string()))).collect()
        };
        let offset = constants.get("timeTickOffset").and_then(Node::int).unwrap_or_default();
        Names { events: table("logEventTypes"), errors: table("netError"), offset }
    }

    fn error(&self, code: i64) -> String {
        match self.errors.get(&code) {
            Some(name) if name.starts_with("ERR_") => format!("net::{name}"),
            Some(name) => format!("net::ERR_{name}"),
            None => format!("net::ERR_UNKNOWN_{}", code.unsigned_abs()),
        }
    }

    fn time(&self, event: &Node<'_>) -> Option<Timestamp> {
        let ticks = event.get("time").and_then(Node::int)?;
        Timestamp::from_millisecond(ticks.checked_add(self.offset)?).ok()
    }
}

/// A request while its events are gathered.
struct Request<'a> {
    order: usize,
    event: Event<'a>,
    body: Vec<u8>,
}

fn split<'a>(source: &'a Source) -> Split<'a> {
    let mut out = Split { marks: vec![(FactName::CaptureTool, "net-export".to_owned())], ..Split::default() };
    let bytes = source.bytes();
    let lost = |what: &str, why: &str| Lost {
        source: source.name.clone(),
        what: what.to_owned(),
        why: why.to_owned(),
        place: format!("byte {}", bytes.len()),
    };
    let constants = memchr::memmem::find(bytes, b"\"constants\"").and_then(|n| value_after(bytes, n + 11));
    let Some(constants) = constants.filter(|c| !c.truncated) else {
        out.lost.push(lost("every event", "the file ends before the first event"));
        return out;
    };
    let names = Names::of(&constants.node);
    let list = bytes
        .get(constants.node.end..)
        .and_then(|rest| memchr::memmem::find(rest, b"\"events\""))
        .and_then(|n| list_after(bytes, constants.node.end + n + 8));
    let Some(list) = list else {
        out.lost.push(lost("every event", "it has no list of events"));
        return out;
    };
    let (events, whole) = requests(bytes, list, source.id, &names);
    if !whole {
        out.lost.push(lost("the last events", "the file ends before the list of events does"));
    }
    if events.is_empty() {
        out.lost.push(lost("every request", "no request was logged"));
    }
    for event in events {
        out.pieces.push(Box::new(One { event }));
    }
    out
}

fn value_after(bytes: &[u8], at: usize) -> Option<json::Parsed<'_>> {
    let colon = at + bytes.get(at..)?.iter().position(|b| !b.is_ascii_whitespace())?;
    (bytes.get(colon) == Some(&b':')).then(|| json::parse(bytes, colon + 1)).flatten()
}

/// Offset behind the bracket of the list.
fn list_after(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let inner = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"[")?;
    Some(bytes.len() - inner.len())
}

/// Every request in order of its beginning; false when the list does not end.
fn requests<'a>(bytes: &'a [u8], from: usize, source: SourceId, names: &Names) -> (Vec<Event<'a>>, bool) {
    let mut open: BTreeMap<i64, Request<'a>> = BTreeMap::new();
    let mut done: Vec<Request<'a>> = Vec::new();
    let (mut at, mut whole) = (from, false);
    loop {
        while bytes.get(at).is_some_and(|b| b.is_ascii_whitespace() || *b == b',') {
            at += 1;
        }
        if bytes.get(at) == Some(&b']') {
            whole = true;
            break;
        }
        let Some(parsed) = json::parse(bytes, at).filter(|p| !p.truncated && p.node.end > at) else { break };
        at = parsed.node.end;
        take(&parsed.node, source, names, &mut open, &mut done);
    }
    done.extend(open.into_values());
    done.sort_by_key(|r| r.order);
    let count = done.len();
    let mut events = Vec::with_capacity(count);
    for (index, request) in done.into_iter().enumerate() {
        events.push(finish(request, index));
    }
    (events, whole)
}

fn take<'a>(
    node: &Node<'a>,
    source: SourceId,
    names: &Names,
    open: &mut BTreeMap<i64, Request<'a>>,
    done: &mut Vec<Request<'a>>,
) {
    let Some(name) = node.get("type").and_then(Node::int).and_then(|n| names.events.get(&n)) else { return };
    let Some(id) = node.path(&["source", "id"]).and_then(Node::int) else { return };
    let params = node.get("params");
    if name == "URL_REQUEST_START_JOB"
        && let Some(url) = params.and_then(|p| p.get("url")).and_then(part)
    {
        let exchange = Exchange {
            method: params.and_then(|p| p.get("method")).and_then(Node::text).unwrap_or_default(),
            url,
            ..Exchange::default()
        };
        let span = Span { start: node.start as u64, end: node.end as u64 };
        let place = Place { source, span, ..Place::default() };
        let event = Event { place, time: names.time(node), kind: EventKind::Exchange(Box::new(exchange)) };
        let order = open.len() + done.len();
        if let Some(before) = open.insert(id, Request { order, event, body: Vec::new() }) {
            done.push(before);
        }
        return;
    }
    let Some(request) = open.get_mut(&id) else { return };
    let Some(params) = params else { return };
    request.event.place.span.end = node.end as u64;
    let EventKind::Exchange(exchange) = &mut request.event.kind else { return };
    if name.ends_with("SEND_REQUEST_HEADERS") {
        exchange.request_headers = headers(params);
    } else if name.ends_with("READ_RESPONSE_HEADERS") {
        answer(params, exchange);
    } else if name == "URL_REQUEST_JOB_FILTERED_BYTES_READ" {
        let text = params.get("bytes").and_then(Node::text).unwrap_or_default();
        let bytes = base64::engine::general_purpose::STANDARD.decode(text.as_bytes()).unwrap_or_default();
        if request.body.len() + bytes.len() <= MOST {
            request.body.extend(bytes);
        }
    }
    // A transaction's own error may be tried again; that of the request is its end.
    let ends = matches!(name.as_str(), "FAILED" | "CANCELLED")
        || name.starts_with("URL_REQUEST_START_JOB")
        || name == "REQUEST_ALIVE";
    if let Some(code) = params.get("net_error").and_then(Node::int).filter(|code| *code < -1 && ends) {
        let (start, end) = params.get("net_error").map_or((0, 0), |n| (n.start, n.end));
        let raw = Cow::Owned(names.error(code).into_bytes());
        exchange.error = Some(Part {
            raw,
            at: start as u64,
            form: made(end - start),
            pointer: Cow::Borrowed("net_error"),
        });
    }
}

/// For what the capture holds as a number, or in base64 and in pieces, over so many bytes.
fn made(length: usize) -> Form {
    Form::Made(u32::try_from(length).unwrap_or(u32::MAX))
}

/// The part of a string.
fn part<'a>(node: &Node<'a>) -> Option<Part<'a>> {
    let Value::Str(raw) = node.value else { return None };
    let at = node.start as u64 + 1;
    Some(Part { raw: Cow::Borrowed(raw), at, form: Form::JsonString, pointer: Cow::Borrowed("") })
}

/// `["Name: value", …]`, or an object of them.
fn headers<'a>(params: &Node<'a>) -> Vec<Header<'a>> {
    let Some(list) = params.get("headers") else { return Vec::new() };
    let named = list
        .members()
        .iter()
        .filter_map(|(name, value)| Some(Header { name: name.clone(), value: part(value)? }));
    let lines = list.items().iter().filter_map(|item| {
        let Value::Str(raw) = item.value else { return None };
        // HTTP/2 names its own headers `:authority`.
        let colon = 1 + memchr::memchr(b':', raw.get(1..)?)?;
        let name = String::from_utf8_lossy(raw.get(..colon)?);
        let value = raw.get(colon + 1..)?.trim_ascii();
        let lead = raw.get(colon + 1..)?.len() - raw.get(colon + 1..)?.trim_ascii_start().len();
        let at = (item.start + 1 + colon + 1 + lead) as u64;
        let value =
            Part { raw: Cow::Borrowed(value), at, form: Form::JsonString, pointer: Cow::Borrowed("") };
        (!name.starts_with(':')).then_some(Header { name, value })
    });
    named.chain(lines).collect()
}

fn answer<'a>(params: &Node<'a>, exchange: &mut Exchange<'a>) {
    let first =
        params.get("headers").and_then(|h| h.items().first()).and_then(Node::text).unwrap_or_default();
    let status =
        first.strip_prefix("HTTP/").and_then(|l| l.split(' ').nth(1)).and_then(|s| s.trim().parse().ok());
    if status.is_some() {
        exchange.status = status;
    }
    exchange.response_headers =
        headers(params).into_iter().filter(|h| !h.name.starts_with("HTTP/")).collect();
}

fn finish(mut request: Request<'_>, index: usize) -> Event<'_> {
    request.event.place.entry = u32::try_from(index).ok();
    let EventKind::Exchange(exchange) = &mut request.event.kind else { return request.event };
    if exchange.error.is_some() && exchange.response_headers.is_empty() {
        exchange.status = Some(0);
    }
    if !request.body.is_empty() {
        let kind = exchange.response_headers.iter().find(|h| h.name.eq_ignore_ascii_case("content-type"));
        let mime =
            kind.map(|h| h.value.text().split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        let raw = Cow::Owned(std::mem::take(&mut request.body));
        let span = request.event.place.span;
        let form = made(usize::try_from(span.end - span.start).unwrap_or(usize::MAX));
        let text = Part { raw, at: span.start, form, pointer: Cow::Borrowed("body") };
        exchange.response_body = Some(Body { text, mime: mime.unwrap_or_default(), params: Vec::new() });
    }
    request.event
}

/// One request.
struct One<'a> {
    event: Event<'a>,
}

impl<'a> Piece<'a> for One<'a> {
    fn read(&self, sink: &mut dyn Sink<'a>) {
        sink.event(self.event.clone());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// An error is named by the capture's own table: the name may be longer than the number that stands for it.
    #[test]
    fn an_error_lies_where_its_number_stands() {
        let text = r#"{"constants": {"logEventTypes": {"URL_REQUEST_START_JOB": 1}, "netError": {"ERR_NAME_NOT_RESOLVED": -105},
"timeTickOffset": "1772539200000"}, "events": [
{"params": {"url": "https://login.microsoftonline.com/common", "method": "GET"}, "phase": 1, "source": {"id": 9, "type": 1}, "time": "1", "type": 1},
{"params": {"net_error": -105}, "phase": 2, "source": {"id": 9, "type": 1}, "time": "2", "type": 1}]}"#;
        let source = Source::whole("net.json", Arc::new(text.as_bytes().to_vec()));
        let kept = super::super::log_tests::read(&FORMAT, &source);
        let EventKind::Exchange(exchange) = &kept.events[0].kind else { panic!("no exchange") };
        let error = exchange.error.as_ref().expect("an error");
        let span = error.span_of("ERR_NAME_NOT_RESOLVED");
        assert_eq!(error.text(), "net::ERR_NAME_NOT_RESOLVED");
        assert_eq!(text.get(span.start as usize..span.end as usize), Some("-105"));
    }
}
