//! Logs whose lines stand behind a prefix that a runtime or a log daemon wrote: Kubernetes (CRI), Docker Compose,
//! syslog (RFC 5424), Heroku.
//!
//! In: lines with one of these prefixes. Out: a record for each message, with what the prefix says as fields; a message
//! that was cut into parts and a stack trace are one record, without the prefixes between its lines. Never: joining
//! lines of two containers or streams, or leaving out a line without the prefix.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::fields::Fields;
use super::json;
use super::lines::{Chunk, Line, Lines, MAX_RECORD, MAX_RECORD_LINES, Unread, pieces, plain_field};
use super::time::parse_time;
use super::{Format, Reach, Sink, Split};
use crate::model::{Event, EventKind, Part, Record, Source};

/// Lines behind a prefix.
pub(super) const FORMAT: Format = Format { name: "prefixed", claim, split, reach: Reach::Lines };

const STAMP: &str = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[0-9.,]*(?:Z|[+-]\d\d:?\d\d)";

/// The kinds of prefix; each has the groups that [`Framed::read`] names.
static PREFIXES: [LazyLock<Option<Regex>>; 4] = [
    // Kubernetes.
    LazyLock::new(|| {
        pattern(&format!(r"^(?P<time>{STAMP}) (?P<stream>stdout|stderr) (?P<tag>[FP])(?::[^ ]*)? ?"))
    }),
    // syslog, perhaps behind its length.
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:\d{{1,6}} )?<\d{{1,3}}>1 (?P<time>{STAMP}|-) (?P<host>[!-~]{{1,255}}) (?P<app>[!-~]{{1,48}}) (?P<procid>[!-~]{{1,128}}) (?P<msgid>[!-~]{{1,32}}) ?(?P<data>-|(?:\[[^\]]*(?:\\\][^\]]*)*\])+)? ?(?:\xEF\xBB\xBF)?"
        ))
    }),
    // Heroku, as its command prints it.
    LazyLock::new(|| {
        pattern(&format!(r"^(?P<time>{STAMP}) (?P<stream>(?:app|heroku)\[[A-Za-z0-9._-]+\]): ?"))
    }),
    // Docker Compose, perhaps with time stamps.
    LazyLock::new(|| {
        pattern(&format!(
            r"^(?:\x1B\[[0-9;]*m)?(?P<stream>[A-Za-z0-9][A-Za-z0-9._-]*[_-]\d+)\s*\| ?(?:\x1B\[0?m ?)?(?:(?P<time>{STAMP}) )?"
        ))
    }),
];

fn pattern(source: &str) -> Option<Regex> {
    Regex::new(&format!("(?-u){source}")).ok()
}

/// False where a line has no prefix of that kind, by a few bytes: for most inputs no pattern is needed.
fn may_be(kind: usize, line: &[u8]) -> bool {
    let begins = |other: &[u8]| line.first().is_some_and(|b| b.is_ascii_digit() || other.contains(b));
    let holds = |byte: u8| memchr::memchr(byte, line).is_some();
    match kind {
        0 | 2 => begins(b""),
        1 => begins(b"<") && holds(b'<') && holds(b'>'),
        _ => holds(b'|'),
    }
}

/// A line as its prefix divides it.
struct Framed<'a> {
    /// Which kind of prefix.
    kind: usize,
    /// The stream, container or process that wrote it.
    of: &'a [u8],
    time: &'a [u8],
    /// Offset of the message in the line.
    at: usize,
    message: &'a [u8],
    /// The message goes on in the next line.
    partial: bool,
    /// Named parts of the prefix, with their offsets in the line.
    fields: Vec<(&'static str, usize, &'a [u8])>,
}

impl<'a> Framed<'a> {
    fn read(line: &[u8], kind: usize, text: &'a [u8]) -> Option<Self> {
        if !may_be(kind, line) {
            return None;
        }
        let groups = PREFIXES.get(kind)?.as_ref()?.captures(line)?;
        let cut = |name: &str| {
            groups.name(name).map(|m| (m.start(), text.get(m.start()..m.end()).unwrap_or_default()))
        };
        let at = groups.get(0)?.end();
        let named = ["stream", "host", "app", "procid", "msgid", "data"];
        let fields: Vec<_> = named
            .into_iter()
            .filter_map(|name| {
                cut(name).filter(|(_, v)| *v != b"-" && !v.is_empty()).map(|(at, v)| (name, at, v))
            })
            .collect();
        let of = cut("stream").or_else(|| cut("procid")).unwrap_or_default().1;
        Some(Framed {
            kind,
            of,
            time: cut("time").unwrap_or_default().1,
            at,
            message: text.get(at..)?,
            partial: cut("tag").is_some_and(|(_, tag)| tag == b"P"),
            fields,
        })
    }

    fn of_line(kind: usize, line: &Line<'a>) -> Option<Self> {
        Framed::read(line.text.get(..2048).unwrap_or(line.text), kind, line.text)
    }

    /// Whether `next` is more of the message that ends with this line.
    fn goes_on(&self, next: &Framed<'_>) -> bool {
        let same = self.kind == next.kind && self.of == next.of;
        let message = next.message.trim_ascii_end();
        let json = message.first() == Some(&b'{') && message.last() == Some(&b'}');
        let more = Line { text: next.message, start: 0, number: 0 };
        same && (self.partial || !json && !message.is_empty() && super::text::continues(&more))
    }
}

/// The kind of prefix that most lines have.
fn kind_of(head: &[u8]) -> Option<usize> {
    let mut hits = [0usize; 4];
    let mut lines = 0;
    for line in Lines::of_head(head).filter(|l| !l.is_blank()).take(100) {
        lines += 1;
        if let Some(kind) = (0..PREFIXES.len()).find(|kind| Framed::of_line(*kind, &line).is_some()) {
            hits[kind.min(3)] += 1;
        }
    }
    let best = (0..4).max_by_key(|kind| hits[*kind])?;
    (hits[best] > 0 && hits[best] * 10 >= lines * 6).then_some(best)
}

fn claim(head: &[u8]) -> u8 {
    if kind_of(head).is_some() { 78 } else { 0 }
}

fn split<'a>(source: &'a Source) -> Split<'a> {
    let whole = Chunk::whole(source);
    let head = source.head();
    let kind = kind_of(head.get(..64 * 1024).unwrap_or(head)).unwrap_or_default();
    let chunks = whole.cut(|line| begins(whole.bytes, kind, line));
    pieces(chunks, move |chunk: &Chunk<'a>, sink: &mut dyn Sink<'a>| read(chunk, kind, sink))
}

/// Whether a record begins with this line, by itself and the line before it.
fn begins(bytes: &[u8], kind: usize, line: &Line<'_>) -> bool {
    let Some(framed) = Framed::of_line(kind, line) else { return false };
    let before = bytes.get(..line.start.saturating_sub(1)).unwrap_or_default();
    let start = memchr::memrchr(b'\n', before).map_or(0, |n| n + 1);
    let text = before.get(start..).unwrap_or_default();
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let before = Line { text, start, number: 0 };
    Framed::of_line(kind, &before).is_none_or(|before| !before.goes_on(&framed))
}

fn read<'a>(chunk: &Chunk<'a>, kind: usize, sink: &mut dyn Sink<'a>) {
    let mut unread = Unread::default();
    let mut lines = chunk.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(first) = Framed::of_line(kind, &line) else {
            let mut end = line.end();
            unread.add_unless_blank(&line);
            while let Some(next) = lines.next_if(|next| Framed::of_line(kind, next).is_none()) {
                end = next.end();
                unread.add_unless_blank(&next);
            }
            let noise = Chunk { start: line.start, end, line: line.number, ..*chunk };
            super::text::read_records(&noise, true, sink);
            continue;
        };
        let (mut end, mut count) = (line.end(), 1);
        let mut joined: Option<Vec<u8>> = None;
        let mut last =
            Framed { fields: Vec::new(), ..Framed::of_line(kind, &line).unwrap_or(Framed::empty()) };
        while let Some(next) = lines.peek().copied() {
            let Some(framed) = Framed::of_line(kind, &next).filter(|f| last.goes_on(f)) else { break };
            if next.end() - line.start > MAX_RECORD || count >= MAX_RECORD_LINES {
                break;
            }
            let text = joined.get_or_insert_with(|| first.message.to_vec());
            if !last.partial {
                text.push(b'\n');
            }
            text.extend_from_slice(framed.message);
            (end, count, last) = (next.end(), count + 1, framed);
            lines.next();
        }
        sink.event(event(chunk, &line, &first, joined, end));
    }
    unread.report(chunk, "without the prefix of the other lines, read as plain text", sink);
}

impl Framed<'_> {
    fn empty() -> Self {
        Framed { kind: 0, of: b"", time: b"", at: 0, message: b"", partial: false, fields: Vec::new() }
    }
}

fn event<'a>(
    chunk: &Chunk<'a>,
    line: &Line<'a>,
    first: &Framed<'a>,
    joined: Option<Vec<u8>>,
    end: usize,
) -> Event<'a> {
    let at = line.start + first.at;
    let place = chunk.place(line.start, end, line.number);
    if joined.is_none()
        && let Some((exchange, time)) = super::access::exchange_of(first.message, at)
    {
        let time = time.or_else(|| parse_time(&String::from_utf8_lossy(first.time)));
        return Event { place, time, kind: EventKind::Exchange(Box::new(exchange)) };
    }
    let mut fields = Fields::default();
    for (name, offset, value) in &first.fields {
        fields.list.push(plain_field(Cow::Borrowed(name), value, line.start + offset));
    }
    let message = match joined {
        None => Part::plain(first.message, at),
        Some(text) => Part { raw: Cow::Owned(text), ..Part::plain(b"", at) },
    };
    let inner = match &message.raw {
        Cow::Borrowed(raw) => object(raw).map(|node| Fields::of(&node, at)).unwrap_or_default(),
        Cow::Owned(raw) => Fields::owned(raw, at),
    };
    let (time, level, said) = (inner.time(), inner.level(), inner.message());
    let structured = !inner.list.is_empty();
    fields.list.extend(inner.list);
    let time = time
        .or_else(|| parse_time(&String::from_utf8_lossy(first.time)))
        .or_else(|| super::stamp::line_stamp(&message.raw).and_then(|s| s.time));
    let level = if level.is_empty() { super::stamp::level(&message.raw) } else { level };
    let record = Record {
        text: message.clone(),
        message: said.filter(|_| structured).or(Some(message)),
        level,
        fields: fields.list,
    };
    Event { place, time, kind: EventKind::Record(Box::new(record)) }
}

/// The object that a message is.
fn object(raw: &[u8]) -> Option<json::Node<'_>> {
    let parsed = json::parse(raw.trim_ascii_start().first().filter(|b| **b == b'{').map(|_| raw)?, 0)?;
    (!parsed.truncated && !parsed.node.members().is_empty()).then_some(parsed.node)
}
