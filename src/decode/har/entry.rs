//! One HAR entry → one event.
//!
//! In: the span of an entry. Out: an [`Exchange`] whose parts borrow from the source. Never: decoding a body, or
//! taking a value that the end of the file cut in two for a whole one.

use std::borrow::Cow;
use std::ops::Range;

use super::time;
use crate::decode::json::{self, Node, Value, unescape};
use crate::model::{Body, Event, EventKind, Exchange, Form, Header, Param, Part, Place};

/// Members of an entry, of its request and of its response are read at first; what these hold only for an event.
const OUTLINE: usize = 2;
/// What is read for an event of that which lies deeper.
const INSIDES: &[&str] = &["headers", "postData", "_postData", "content", "body", "_content"];

/// Opens the entry at `span`. `closed` is false for an entry that the file cuts short or whose brackets do not match;
/// `long` holds the insides of its long strings, in order. `None` when no object stands there.
pub(super) fn open<'a, 'l>(
    bytes: &'a [u8],
    span: Range<usize>,
    closed: bool,
    long: &'l [Range<usize>],
) -> Option<Entry<'a, 'l>> {
    let bytes = bytes.get(..span.end)?;
    let parsed = json::parse_to(bytes, span.start, OUTLINE, long)?;
    if !matches!(parsed.node.value, Value::Object(_)) {
        return None;
    }
    let reader = Reader { bytes, cut: !closed || parsed.truncated };
    Some(Entry { reader, node: parsed.node, long, whole: !parsed.truncated })
}

/// An entry of which the outline was read.
pub(super) struct Entry<'a, 'l> {
    reader: Reader<'a>,
    node: Node<'a>,
    long: &'l [Range<usize>],
    /// False when its JSON was broken inside.
    pub(super) whole: bool,
}

impl<'a> Entry<'a, '_> {
    /// The exchange with nothing but its URL, its status and what the recorder says of an error.
    pub(super) fn head(&self) -> Exchange<'a> {
        let request = self.reader.field(&self.node, &["request"]);
        let response = self.reader.field(&self.node, &["response"]);
        Exchange {
            url: self.reader.url(&self.node, request),
            status: response.and_then(|r| self.reader.status(r)),
            error: self.reader.error(&self.node, request, response),
            ..Exchange::default()
        }
    }

    /// All of it; `place` says where it stands.
    pub(super) fn event(mut self, place: Place) -> Event<'a> {
        self.read_insides();
        let exchange = self.reader.exchange(&self.node);
        let started = self.reader.field(&self.node, &["startedDateTime", "startedDate", "_startedDateTime"]);
        let time = started.and_then(|n| n.text()).and_then(|t| time::parse(&t));
        Event { place, time, kind: EventKind::Exchange(Box::new(exchange)) }
    }

    /// Reads what was stepped over.
    fn read_insides(&mut self) {
        let Value::Object(members) = &mut self.node.value else { return };
        for (_, part) in members {
            let Value::Object(members) = &mut part.value else { continue };
            for (key, inside) in members {
                if inside.value == Value::Skipped
                    && INSIDES.iter().any(|name| key.eq_ignore_ascii_case(name))
                    && let Some(read) = json::parse_to(self.reader.bytes, inside.start, usize::MAX, self.long)
                {
                    *inside = read.node;
                }
            }
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    /// The last value may have been cut in two.
    cut: bool,
}

impl<'a> Reader<'a> {
    fn exchange(&self, entry: &Node<'a>) -> Exchange<'a> {
        let request = self.field(entry, &["request"]);
        let response = self.field(entry, &["response"]);
        let request_headers = self.headers(request, "/request/headers");
        let response_headers = self.headers(response, "/response/headers");
        let text = |node: Option<&Node<'a>>, key| {
            node.and_then(|n| self.field(n, &[key])).and_then(Node::text).unwrap_or_default()
        };
        Exchange {
            method: text(request, "method"),
            url: self.url(entry, request),
            status: response.and_then(|r| self.status(r)),
            status_text: text(response, "statusText"),
            request_body: request.and_then(|r| self.request_body(r, &request_headers)),
            response_body: response.and_then(|r| self.response_body(r, &response_headers)),
            redirect_url: response.and_then(|r| self.part(r, "redirectURL", "/response/redirectURL")),
            error: self.error(entry, request, response),
            client: None,
            session: text(Some(entry), "pageref"),
            log_line: false,
            request_headers,
            response_headers,
        }
    }

    /// The first of these members that holds something; of duplicate keys the first that does.
    fn field<'n>(&self, node: &'n Node<'a>, keys: &[&str]) -> Option<&'n Node<'a>> {
        keys.iter().find_map(|key| {
            node.members()
                .iter()
                .filter(|(k, v)| k.eq_ignore_ascii_case(key) && self.whole(v))
                .map(|(_, v)| v)
                .find(|v| !v.is_null() && !matches!(v.value, Value::Str(b"")))
        })
    }

    /// False for a string or word that the end of the bytes may have cut.
    fn whole(&self, node: &Node<'a>) -> bool {
        if !self.cut || node.end < self.bytes.len() {
            return true;
        }
        match node.value {
            Value::Str(raw) => node.end - node.start == raw.len() + 2,
            Value::Bare(_) | Value::Null | Value::Bool(_) => false,
            _ => true,
        }
    }

    fn part(&self, node: &Node<'a>, key: &str, pointer: &'static str) -> Option<Part<'a>> {
        self.field(node, &[key]).and_then(|n| self.leaf(n, Cow::Borrowed(pointer)))
    }

    /// The part that a value stands for. Objects and arrays stand for their own JSON text.
    fn leaf(&self, node: &Node<'a>, pointer: Cow<'static, str>) -> Option<Part<'a>> {
        if !self.whole(node) {
            return None;
        }
        let (raw, at, form) = match &node.value {
            Value::Null => return None,
            Value::Str(raw) => (*raw, node.start + 1, Form::JsonString),
            Value::Skipped | Value::Array(_) | Value::Object(_) | Value::Bare(_) | Value::Bool(_) => {
                (self.bytes.get(node.start..node.end)?, node.start, Form::Plain)
            }
        };
        Some(Part { raw: Cow::Borrowed(raw), at: at as u64, form, pointer })
    }

    fn url(&self, entry: &Node<'a>, request: Option<&Node<'a>>) -> Part<'a> {
        request
            .and_then(|r| self.part(r, "url", "/request/url"))
            .or_else(|| self.part(entry, "_full_url", "/_full_url"))
            .or_else(|| self.part(entry, "url", "/url"))
            .unwrap_or_default()
    }

    fn status(&self, response: &Node<'a>) -> Option<i32> {
        let node = self.field(response, &["status"])?;
        let number = node.int().or_else(|| {
            let text = node.text()?;
            let digits = text.trim().split(|c: char| !c.is_ascii_digit()).next()?.to_owned();
            digits.parse().ok()
        })?;
        // Recorders write -1 as well as 0 where no answer came.
        i32::try_from(number.clamp(0, 9999)).ok()
    }

    fn error(
        &self,
        entry: &Node<'a>,
        request: Option<&Node<'a>>,
        response: Option<&Node<'a>>,
    ) -> Option<Part<'a>> {
        const PLACES: &[(&str, [&str; 3])] = &[
            ("_error", ["/response/_error", "/request/_error", "/_error"]),
            ("_failure", ["/response/_failure", "/request/_failure", "/_failure"]),
            ("_errorText", ["/response/_errorText", "/request/_errorText", "/_errorText"]),
            ("errorText", ["/response/errorText", "/request/errorText", "/errorText"]),
            ("_failureText", ["/response/_failureText", "/request/_failureText", "/_failureText"]),
            (
                "_blocked_reason",
                ["/response/_blocked_reason", "/request/_blocked_reason", "/_blocked_reason"],
            ),
            ("error", ["/response/error", "/request/error", "/error"]),
        ];
        let owners = [response, request, Some(entry)];
        PLACES.iter().find_map(|(key, pointers)| {
            owners
                .iter()
                .zip(pointers)
                .find_map(|(owner, pointer)| owner.and_then(|o| self.part(o, key, pointer)))
        })
    }

    fn headers(&self, owner: Option<&Node<'a>>, pointer: &str) -> Vec<Header<'a>> {
        let mut out = Vec::new();
        let Some(list) = owner.and_then(|o| self.field(o, &["headers"])) else { return out };
        out.reserve(list.items().len());
        for (key, value) in list.members() {
            let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            self.header(key.clone(), value, pointer, &mut out);
        }
        for (index, item) in list.items().iter().enumerate() {
            match &item.value {
                Value::Object(members) => {
                    let name = self.field(item, &["name", "key"]).and_then(Node::text);
                    if let Some(name) = name {
                        if let Some(value) = self.field(item, &["value"]) {
                            self.header(name, value, format!("{pointer}/{index}/value"), &mut out);
                        } else if self.whole(item) && item.get("value").is_some_and(|v| self.whole(v)) {
                            out.push(Header { name, value: Part::default() });
                        }
                    } else if let [(key, value)] = members.as_slice() {
                        self.header(key.clone(), value, format!("{pointer}/{index}"), &mut out);
                    }
                }
                Value::Array(pair) => {
                    if let [name, value, ..] = pair.as_slice() {
                        let name = name.text().unwrap_or_default();
                        self.header(name, value, format!("{pointer}/{index}/1"), &mut out);
                    }
                }
                Value::Str(_) if self.whole(item) => {
                    self.header_line(item, format!("{pointer}/{index}"), &mut out);
                }
                _ => {}
            }
        }
        out
    }

    /// A header written as one text, `Name: value`.
    fn header_line(&self, item: &Node<'a>, pointer: String, out: &mut Vec<Header<'a>>) {
        let Value::Str(raw) = item.value else { return };
        let Some(colon) = memchr::memchr(b':', raw) else { return };
        let rest = raw.get(colon + 1..).unwrap_or_default();
        let value = rest.trim_ascii_start();
        let at = item.start + 1 + colon + 1 + (rest.len() - value.len());
        let name = unescape(raw.get(..colon).unwrap_or_default());
        push_lines(name, value, at, Form::JsonString, pointer, out);
    }

    fn header(&self, name: Cow<'a, str>, value: &Node<'a>, pointer: String, out: &mut Vec<Header<'a>>) {
        if let Value::Array(values) = &value.value {
            for (index, value) in values.iter().enumerate() {
                if let Some(part) = self.leaf(value, Cow::Owned(format!("{pointer}/{index}"))) {
                    out.push(Header { name: name.clone(), value: part });
                }
            }
            return;
        }
        let Some(part) = self.leaf(value, Cow::Borrowed("")) else { return };
        if let Cow::Borrowed(raw) = part.raw {
            push_lines(name, raw, part.at as usize, part.form, pointer, out);
        }
    }

    fn request_body(&self, request: &Node<'a>, headers: &[Header<'a>]) -> Option<Body<'a>> {
        let data = self.field(request, &["postData", "_postData"])?;
        if !matches!(data.value, Value::Object(_)) {
            let text = self.leaf(data, Cow::Borrowed("/request/postData"))?;
            return Some(Body { text, mime: content_type(headers), params: Vec::new() });
        }
        let text = self.body_text(data, &["text", "content", "body"], "/request/postData");
        let params = self.params(data);
        if text.is_none() && params.is_empty() {
            return None;
        }
        let mime = self.mime(data).unwrap_or_else(|| content_type(headers));
        Some(Body { text: text.unwrap_or_default(), mime, params })
    }

    fn params(&self, data: &Node<'a>) -> Vec<Param<'a>> {
        const AT: &str = "/request/postData/params";
        let Some(list) = self.field(data, &["params"]) else { return Vec::new() };
        let mut out = Vec::new();
        for (key, value) in list.members() {
            let pointer = format!("{AT}/{}", key.replace('~', "~0").replace('/', "~1"));
            if let Some(value) = self.leaf(value, Cow::Owned(pointer)) {
                out.push(Param { name: key.clone(), value });
            }
        }
        for (index, item) in list.items().iter().enumerate() {
            let pair = match &item.value {
                Value::Array(pair) => pair.first().zip(pair.get(1)).map(|(n, v)| (n, v, "1")),
                _ => self
                    .field(item, &["name"])
                    .zip(self.field(item, &["value"]))
                    .map(|(n, v)| (n, v, "value")),
            };
            let Some((name, value, last)) = pair else { continue };
            if let Some(value) = self.leaf(value, Cow::Owned(format!("{AT}/{index}/{last}"))) {
                out.push(Param { name: name.text().unwrap_or_default(), value });
            }
        }
        out
    }

    fn response_body(&self, response: &Node<'a>, headers: &[Header<'a>]) -> Option<Body<'a>> {
        let content = self.field(response, &["content", "body", "_content"])?;
        if matches!(&content.value, Value::Array(items) if items.is_empty()) {
            return None;
        }
        if !matches!(content.value, Value::Object(_)) {
            let text = self.leaf(content, Cow::Borrowed("/response/content"))?;
            return Some(Body { text, mime: content_type(headers), params: Vec::new() });
        }
        let text = self.body_text(content, &["text", "_text", "body"], "/response/content")?;
        let mime = self.mime(content).unwrap_or_else(|| content_type(headers));
        Some(Body { text, mime, params: Vec::new() })
    }

    fn mime(&self, owner: &Node<'a>) -> Option<String> {
        let mime = self.field(owner, &["mimeType"])?.text()?;
        let mime = bare_mime(&mime);
        (!mime.is_empty() && mime != "x-unknown").then_some(mime)
    }

    fn body_text(&self, owner: &Node<'a>, keys: &[&str], at: &str) -> Option<Part<'a>> {
        let (key, node) = keys
            .iter()
            .find_map(|k| self.field(owner, &[k]).or_else(|| self.cut_body(owner, k)).map(|n| (*k, n)))?;
        let pointer = Cow::Owned(format!("{at}/{key}"));
        if !self.whole(node) {
            return cut_text(node, pointer);
        }
        let mut part = self.leaf(node, pointer)?;
        if part.form != Form::JsonString {
            return Some(part);
        }
        let encoding = self.field(owner, &["encoding", "_encoding"]).and_then(Node::text).unwrap_or_default();
        part.form = form_of_body(&part.raw, &encoding);
        Some(part)
    }

    /// A body that the end of the file cut: worth keeping, for it may be the longest text of the capture.
    fn cut_body<'n>(&self, owner: &'n Node<'a>, key: &str) -> Option<&'n Node<'a>> {
        owner.get(key).filter(|n| !self.whole(n) && matches!(n.value, Value::Str(_)))
    }
}

/// A cut body without its last word, which may be half a code or name. What may be base64 (a single long word) is
/// dropped altogether.
fn cut_text<'a>(node: &Node<'a>, pointer: Cow<'static, str>) -> Option<Part<'a>> {
    let Value::Str(raw) = node.value else { return None };
    let keep = raw.iter().rposition(|b| matches!(b, b' ' | b',' | b'}' | b'>' | b'&'))?;
    let raw = raw.get(..keep)?;
    // A backslash left alone at the end belonged to what was dropped.
    let slashes = raw.iter().rev().take_while(|b| **b == b'\\').count();
    let raw = raw.get(..raw.len() - slashes % 2)?;
    Some(Part { raw: Cow::Borrowed(raw), at: node.start as u64 + 1, form: Form::JsonString, pointer })
}

/// Recorders join repeated headers (`Set-Cookie`) with line breaks: each line is a header of its own.
fn push_lines<'a>(
    name: Cow<'a, str>,
    raw: &'a [u8],
    at: usize,
    form: Form,
    mut pointer: String,
    out: &mut Vec<Header<'a>>,
) {
    let mut start = 0;
    let before = out.len();
    while start <= raw.len() {
        let rest = raw.get(start..).unwrap_or_default();
        let (length, gap) = line_break(rest, form).unwrap_or((rest.len(), 1));
        let line = rest.get(..length).unwrap_or_default();
        let last = start + length + gap > raw.len();
        if !line.trim_ascii().is_empty() {
            let pointer = if last { std::mem::take(&mut pointer) } else { pointer.clone() };
            let value = Part {
                raw: Cow::Borrowed(line),
                at: (at + start) as u64,
                form,
                pointer: Cow::Owned(pointer),
            };
            out.push(Header { name: name.clone(), value });
        }
        start += length + gap;
    }
    if out.len() == before {
        out.push(Header { name, value: Part::default() });
    }
}

/// Where the first line ends, and how long its break is.
fn line_break(raw: &[u8], form: Form) -> Option<(usize, usize)> {
    let mut at = 0;
    while let Some(n) = memchr::memchr2(b'\n', b'\\', raw.get(at..)?) {
        at += n;
        if raw.get(at) == Some(&b'\n') {
            return Some((at, 1));
        }
        if form == Form::JsonString {
            match raw.get(at..)? {
                [_, b'r', b'\\', b'n', ..] => return Some((at, 4)),
                [_, b'n', ..] => return Some((at, 2)),
                _ => {}
            }
            at += 2;
        } else {
            at += 1;
        }
    }
    None
}

/// How a body is written that stands in a string.
pub(super) fn form_of_body(raw: &[u8], encoding: &str) -> Form {
    if encoding.trim().eq_ignore_ascii_case("base64") {
        Form::JsonBase64
    } else if raw.starts_with(b"[\\\"") && raw.ends_with(b"\\\"]") {
        Form::JsonChunks
    } else {
        Form::JsonString
    }
}

pub(super) fn content_type(headers: &[Header<'_>]) -> String {
    headers
        .iter()
        .find(|h| h.name.eq_ignore_ascii_case("content-type"))
        .map(|h| bare_mime(&h.value.text()))
        .unwrap_or_default()
}

pub(super) fn bare_mime(text: &str) -> String {
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
