//! JSON logs with one object a line, or a few lines for each.
//!
//! In: structured logs of any library, container logs, sign-in and audit exports; prefixes that a container runtime or
//! syslog puts before the object are stepped over. Out: a record with fields for each object, and a plain record for
//! what is no JSON. Never: a line without an event, or a broken object without its complete fields and a note.

use super::fields::Fields;
use super::json::{Value, parse};
use super::lines::{Chunk, Line, Lines, MAX_LINE, MAX_RECORD, MAX_RECORD_LINES, Unread, pieces};
use super::{Format, Reach, Sink, Split};
use crate::model::{Event, EventKind, Part, Record, Source};

/// One object a line.
pub(super) const FORMAT: Format = Format { name: "json-lines", claim, split, reach: Reach::Lines };

/// How far into a line an object may begin after a prefix.
const PREFIX: usize = 160;

fn claim(head: &[u8]) -> u8 {
    let (mut objects, mut records, mut lines) = (0usize, 0usize, 0usize);
    let mut at = 0;
    for line in Lines::of_head(head).filter(|l| !l.is_blank()).take(200) {
        lines += usize::from(line.start >= at);
        let Some(json) = opening(&line).filter(|_| line.start >= at) else { continue };
        let Some(parsed) = parse(head, json).filter(|p| is_object(&p.node.value)) else { continue };
        objects += 1;
        records += usize::from(Fields::of(&parsed.node, 0).look_like_a_record());
        at = parsed.node.end;
    }
    match (objects, records) {
        (0, _) => 0,
        // One object alone may be an error body or any other answer.
        (1, 0) => 0,
        (1, _) if lines > 1 => 0,
        _ if objects * 2 < lines => 0,
        (_, 0) => 30,
        _ => 70,
    }
}

fn is_object(value: &Value<'_>) -> bool {
    matches!(value, Value::Object(members) if !members.is_empty())
}

/// Where the object begins with which a line begins, after a known kind of prefix.
fn opening(line: &Line<'_>) -> Option<usize> {
    let head = line.text.get(..PREFIX).unwrap_or(line.text);
    let at = memchr::memchr(b'{', head)?;
    let after = line.text.get(at + 1..)?.trim_ascii_start();
    let object = matches!(after.first(), None | Some(b'"' | b'}' | b'\''));
    (object && is_prefix(head.get(..at)?)).then_some(line.start + at)
}

/// Nothing, `web_1  | `, `2026-01-02T03:04:05Z stdout F `, or a syslog header.
fn is_prefix(before: &[u8]) -> bool {
    if before.is_empty() {
        return true;
    }
    let words = before.trim_ascii_end();
    words.ends_with(b"|")
        || words.ends_with(b"stdout F")
        || words.ends_with(b"stderr F")
        || words.ends_with(b"stdout P")
        || words.ends_with(b"stderr P")
        || words == b"data:"
        || super::stamp::line_stamp(before).is_some_and(|s| is_header(words.get(s.len..).unwrap_or_default()))
}

/// What may stand between a time stamp and the object: a host, a tag, a process, a level; not a message.
fn is_header(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii();
    let single = !rest.contains(&b' ');
    rest.len() < 100
        && rest.last() != Some(&b'=')
        && (single || matches!(rest.last(), Some(b':' | b'-' | b']' | b'|')))
}

fn split<'a>(source: &'a Source) -> Split<'a> {
    let whole = Chunk::whole(source);
    pieces(whole.cut(|line| opening(line).is_some() && !super::docker::goes_on(whole.bytes, line)), read)
}

fn read<'a>(chunk: &Chunk<'a>, sink: &mut dyn Sink<'a>) {
    let mut unread = Unread::default();
    let mut broken = Unread::default();
    let mut lines = chunk.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(json) = opening(&line) else {
            let mut end = line.end();
            unread.add_unless_blank(&line);
            while let Some(next) = lines.next_if(|next| opening(next).is_none()) {
                end = next.end();
                unread.add_unless_blank(&next);
            }
            let noise = Chunk { start: line.start, end, line: line.number, ..*chunk };
            super::text::read_records(&noise, true, sink);
            continue;
        };
        // The object may go on over lines that begin none.
        let (mut end, mut count) = (line.end(), 1);
        let mut parsed = parse(chunk.slice(0, end), json).filter(|_| end - json <= MAX_LINE);
        if parsed.as_ref().is_some_and(|p| p.truncated) {
            let group = continuation(chunk, &line);
            let longer = parse(chunk.slice(0, group), json).filter(|p| !p.truncated);
            if let Some(longer) = longer {
                let stop = longer.node.end;
                while lines.peek().is_some_and(|next| next.start < stop) {
                    end = lines.next().map_or(end, |next| next.end());
                    count += 1;
                }
                parsed = Some(longer);
            }
        }
        match parsed.filter(|p| is_object(&p.node.value)) {
            Some(parsed) if count > 1 || end - line.start <= MAX_LINE => {
                if parsed.truncated {
                    broken.add(line.number);
                }
                let fields = Fields::of(&parsed.node, 0);
                let mut parts = Vec::new();
                while let Some(part) = lines.peek().and_then(|l| super::docker::more(chunk.bytes, l)) {
                    if part.end - line.start > MAX_RECORD || parts.len() >= MAX_RECORD_LINES {
                        break;
                    }
                    end = part.end;
                    parts.push(part);
                    lines.next();
                }
                let mut event = record(chunk, fields, line.start, end, line.number);
                super::docker::join(&mut event, &parts);
                if parts.is_empty() {
                    super::docker::access(&mut event);
                }
                sink.event(event);
            }
            _ => {
                unread.add(line.number);
                chunk.plain_record(line.start, end, line.number, sink);
            }
        }
    }
    unread.report(chunk, "not JSON, read as plain text", sink);
    broken.report(chunk, "broken JSON, its complete fields were read", sink);
}

/// Where the lines end that may belong to the object which begins on `line`.
fn continuation(chunk: &Chunk<'_>, line: &Line<'_>) -> usize {
    Lines::new(chunk.bytes, line.start, chunk.end, line.number)
        .skip(1)
        .take(MAX_RECORD_LINES)
        .take_while(|next| opening(next).is_none() && next.end() - line.start <= MAX_RECORD)
        .last()
        .map_or(line.end(), |last| last.end())
}

/// A record with fields for `bytes[start..end]`.
pub(super) fn record<'a>(
    chunk: &Chunk<'a>,
    fields: Fields<'a>,
    start: usize,
    end: usize,
    line: u64,
) -> Event<'a> {
    let time = fields.time();
    let record = Record {
        text: Part::plain(chunk.slice(start, end), start),
        message: fields.message(),
        level: fields.level(),
        fields: fields.list,
    };
    let time = time.or_else(|| super::stamp::line_stamp(&record.text.raw).and_then(|s| s.time));
    Event { place: chunk.place(start, end, line), time, kind: EventKind::Record(Box::new(record)) }
}
