//! One JSON document that holds records: an array of them, or an object with such an array (`records`, `value`…), or
//! a single record.
//!
//! In: exports of sign-in and audit logs. Out: a record with fields for each element, and a paste for what stands
//! around the array. Never: the whole document as one tree; only one element at a time.

use super::fields::Fields;
use super::json::{Node, Value, parse};
use super::json_lines::record;
use super::lines::{Chunk, Lines, MAX_LINE, bom, chunk_size, pieces, trim};
use super::{Format, Reach, Sink, Split};
use crate::model::{Event, EventKind, Part, Source};

/// Records in one JSON document.
pub(super) const FORMAT: Format = Format { name: "json-records", claim, split, reach: Reach::Whole };

const WRAPPERS: [&str; 12] = [
    "records", "value", "events", "logs", "entries", "data", "results", "items", "hits", "rows", "signIns",
    "messages",
];

fn claim(head: &[u8]) -> u8 {
    let Some(parsed) = parse(head, bom(head)) else { return 0 };
    if !parsed.truncated && !super::lines::is_blank(head.get(parsed.node.end..).unwrap_or_default()) {
        return 0;
    }
    if let Some(array) = array_of(&parsed.node) {
        let objects = array.items().iter().filter(|i| !i.members().is_empty()).take(20);
        let seen = objects.clone().count();
        let alike = objects.filter(|i| Fields::of(i, 0).look_like_a_record()).count();
        return if seen > 0 && alike * 2 >= seen { 75 } else { 0 };
    }
    let single = !parsed.truncated && Fields::of(&parsed.node, 0).look_like_a_record();
    let error = parsed.node.get("error").is_some_and(|e| !e.members().is_empty());
    let stands_alone = Lines::of_head(head).filter(|l| !l.is_blank()).count() > 1;
    if single && !error && !parsed.node.members().is_empty() && stands_alone { 72 } else { 0 }
}

/// The array of records in a document.
fn array_of<'n, 'a>(node: &'n Node<'a>) -> Option<&'n Node<'a>> {
    if matches!(node.value, Value::Array(_)) {
        return Some(node);
    }
    let wrapped = |(key, value): &&'n (std::borrow::Cow<'a, str>, Node<'a>)| {
        matches!(value.value, Value::Array(_)) && WRAPPERS.iter().any(|w| key.eq_ignore_ascii_case(w))
    };
    node.members().iter().find(wrapped).map(|(_, value)| value)
}

/// What a stretch of the document is.
#[derive(Clone, Copy)]
enum Kind {
    Elements,
    Frame,
}

fn split<'a>(source: &'a Source) -> Split<'a> {
    let whole = Chunk::whole(source);
    let head = whole.slice(0, whole.end.min(whole.start + 64 * 1024));
    let array = parse(head, whole.start).and_then(|p| array_of(&p.node).map(|a| a.start));
    let (inside, stretches) = match array {
        Some(array) => elements(whole, array + 1),
        None => (whole, vec![whole]),
    };
    let mut split = pieces(frame(whole, whole.start, inside.start), |c: &Chunk<'a>, s: &mut dyn Sink<'a>| {
        read(c, Kind::Frame, s);
    });
    let body = pieces(stretches, |c: &Chunk<'a>, s: &mut dyn Sink<'a>| read(c, Kind::Elements, s));
    let tail = pieces(frame(whole, inside.end, whole.end), |c: &Chunk<'a>, s: &mut dyn Sink<'a>| {
        read(c, Kind::Frame, s);
    });
    split.pieces.extend(body.pieces);
    split.pieces.extend(tail.pieces);
    split
}

/// What stands around the array, if it says anything besides the array's name.
fn frame<'a>(whole: Chunk<'a>, start: usize, end: usize) -> Vec<Chunk<'a>> {
    let text = whole.slice(start, end);
    if text.iter().filter(|b| b.is_ascii_alphanumeric()).count() <= 12 {
        return Vec::new();
    }
    let line = whole.line + memchr::memchr_iter(b'\n', whole.slice(whole.start, start)).count() as u64;
    vec![Chunk { start, end, line, ..whole }]
}

/// Cuts the inside of the array that begins at `from` between elements. Gives the inside as a whole as well.
fn elements(whole: Chunk<'_>, from: usize) -> (Chunk<'_>, Vec<Chunk<'_>>) {
    let line = whole.line + memchr::memchr_iter(b'\n', whole.slice(whole.start, from)).count() as u64;
    let mut inside = Chunk { start: from, line, ..whole };
    let mut chunks = Vec::new();
    let mut open = inside;
    let (mut depth, mut at) = (0usize, from);
    while let Some(&b) = whole.bytes.get(at) {
        match b {
            b'"' => at = after_string(whole.bytes, at),
            b'{' | b'[' => depth += 1,
            b']' if depth == 0 => {
                inside.end = at;
                break;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 && at - open.start >= chunk_size() => {
                let lines = memchr::memchr_iter(b'\n', whole.slice(open.start, at + 1)).count() as u64;
                chunks.push(Chunk { end: at + 1, ..open });
                open = Chunk { start: at + 1, line: open.line + lines, ..whole };
            }
            _ => {}
        }
        at += 1;
    }
    chunks.push(Chunk { end: inside.end, ..open });
    (inside, chunks)
}

/// Where the container ends that begins at `at`, by its brackets alone.
fn element_end(bytes: &[u8], at: usize) -> usize {
    let (mut depth, mut next) = (0usize, at);
    while let Some(&b) = bytes.get(next) {
        match b {
            b'"' => next = after_string(bytes, next),
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return next + 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        next += 1;
    }
    bytes.len()
}

/// Offset of the closing quote of the string that begins at `at`.
fn after_string(bytes: &[u8], at: usize) -> usize {
    let mut next = at + 1;
    while let Some(n) = bytes.get(next..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        if bytes.get(next + n) == Some(&b'"') {
            return next + n;
        }
        next += n + 2;
    }
    bytes.len()
}

fn read<'a>(chunk: &Chunk<'a>, kind: Kind, sink: &mut dyn Sink<'a>) {
    let (start, end) = trim(chunk.bytes, chunk.start, chunk.end);
    if let Kind::Frame = kind {
        let text = Part::plain(chunk.slice(start, end), start);
        sink.event(Event {
            place: chunk.place(start, end, chunk.line),
            time: None,
            kind: EventKind::Paste(text),
        });
        return;
    }
    let bytes = chunk.slice(0, chunk.end);
    let (mut at, mut line, mut counted) = (chunk.start, chunk.line, chunk.start);
    loop {
        while bytes.get(at).is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b',' | 0)) {
            at += 1;
        }
        if at >= chunk.end {
            return;
        }
        line += memchr::memchr_iter(b'\n', chunk.slice(counted, at)).count() as u64;
        counted = at;
        let Some(parsed) = parse(bytes, at).filter(|p| p.node.end > at && p.node.end - at <= MAX_LINE) else {
            sink.lost(chunk.lost(
                "the elements from here on".to_owned(),
                "not JSON, read as plain text",
                line,
            ));
            chunk.plain_record(at, chunk.end, line, sink);
            return;
        };
        let stop = if parsed.truncated { element_end(bytes, at) } else { parsed.node.end };
        if parsed.truncated {
            sink.lost(chunk.lost(
                "part of an element".to_owned(),
                "broken JSON, its complete fields were read",
                line,
            ));
        }
        let (_, stop) = trim(chunk.bytes, at, stop);
        sink.event(record(chunk, Fields::of(&parsed.node, 0), at, stop, line));
        at = stop.max(at + 1);
    }
}
