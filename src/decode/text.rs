//! Plain text: a paste, or a log without a format of its own.
//!
//! In: any text. Out: for a paste (a ticket, an error page, a URL list, an error body) one event with the whole of
//! it; for a log one record for each line that begins with a time stamp, with the lines that follow it (stack traces,
//! bodies). Never: leaving out a line that is not blank.

use super::lines::{Chunk, Line, Lines, MAX_RECORD, MAX_RECORD_LINES, is_blank, pieces, trim};
use super::stamp::line_stamp;
use super::{Format, Sink, Split};
use crate::model::{Event, EventKind, Part, Source};

/// Text of any kind.
pub(super) const FORMAT: Format = Format { name: "text", claim, split };

/// Largest source that is read as one paste.
const MAX_PASTE: usize = 256 * 1024;
/// Lines that decide what kind of text it is.
const SAMPLE: usize = 2_000;

fn claim(head: &[u8]) -> u8 {
    u8::from(is_text(head))
}

/// Text has hardly any control characters; a log may hold a run of NULs where a machine crashed.
pub(super) fn is_text(head: &[u8]) -> bool {
    let nul = memchr::memchr_iter(0, head).count();
    let control = head.iter().filter(|b| matches!(b, 1..=8 | 11 | 14..=26 | 28..=31 | 127)).count();
    let few = control * 25 <= head.len() || control * 4 <= head.len() && is_utf8(head);
    !is_blank(head) && few && nul * 3 <= head.len()
}

/// Whether the head is UTF-8 but for a character that its end may cut.
fn is_utf8(head: &[u8]) -> bool {
    match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none(),
    }
}

/// What a text turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Paste,
    /// Records begin at time stamps.
    Stamped,
    /// No time stamps: every line that is not indented begins a record.
    Unstamped,
}

fn split<'a>(source: &'a Source) -> Split<'a> {
    let whole = Chunk::whole(source);
    match shape(whole.slice(whole.start, whole.end)) {
        Shape::Paste => pieces(vec![whole], read_paste),
        Shape::Stamped => pieces(whole.cut(|l| begins(l, true)), |c: &Chunk<'a>, s: &mut dyn Sink<'a>| {
            read_records(c, true, s);
        }),
        Shape::Unstamped => pieces(whole.cut(|l| begins(l, false)), |c: &Chunk<'a>, s: &mut dyn Sink<'a>| {
            read_records(c, false, s);
        }),
    }
}

fn shape(bytes: &[u8]) -> Shape {
    let (mut stamped, mut others, mut first, mut early) = (0usize, 0usize, None, false);
    for line in Lines::new(bytes, 0, bytes.len().min(4 * MAX_PASTE), 1).filter(|l| !l.is_blank()).take(SAMPLE)
    {
        let begins = line_stamp(line.text).is_some();
        if begins {
            early |= others <= 3;
            first.get_or_insert(others == 0);
            stamped += 1;
        } else if !continues(&line) {
            others += 1;
        }
    }
    // A log that begins with a stamp and goes on with bodies and traces may have few stamped lines.
    let clear = stamped >= others && (stamped >= 2 || stamped == 1 && first == Some(true));
    let wordy = stamped >= 3 && early && stamped * 5 >= others;
    let log = clear || wordy || stamped >= 50 && stamped * 20 >= others;
    match (log, bytes.len() <= MAX_PASTE) {
        (true, _) => Shape::Stamped,
        (false, true) => Shape::Paste,
        (false, false) => Shape::Unstamped,
    }
}

/// Whether a line belongs to the one before it by its looks: indented, a stack frame, a bracket, a cause.
pub(super) fn continues(line: &Line<'_>) -> bool {
    const STARTS: [&str; 14] = [
        "at ",
        "Caused by",
        "Traceback (",
        "File \"",
        "goroutine ",
        "created by ",
        "--- ",
        "...",
        "During handling",
        "The above exception",
        "Suppressed:",
        "#",
        "from ",
        "End of ",
    ];
    let text = line.text;
    line.is_indented()
        || line.is_blank()
        || matches!(text.first(), Some(b'{' | b'}' | b'[' | b']' | b'<' | b'"' | b'/' | b')' | b'|' | b'^'))
            && line_stamp(text).is_none()
        || STARTS.iter().any(|s| text.starts_with(s.as_bytes()))
}

fn begins(line: &Line<'_>, stamped: bool) -> bool {
    if stamped { line_stamp(line.text).is_some() } else { !continues(line) }
}

fn read_paste<'a>(chunk: &Chunk<'a>, sink: &mut dyn Sink<'a>) {
    let (start, end) = trim(chunk.bytes, chunk.start, chunk.end);
    if start < end {
        let line = 1 + memchr::memchr_iter(b'\n', chunk.slice(chunk.start, start)).count() as u64;
        let text = Part::plain(chunk.slice(start, end), start);
        sink.event(Event { place: chunk.place(start, end, line), time: None, kind: EventKind::Paste(text) });
    }
}

/// Groups the lines of a chunk into records. A group that grows too large is closed early.
pub(super) fn read_records<'a>(chunk: &Chunk<'a>, stamped: bool, sink: &mut dyn Sink<'a>) {
    let mut open: Option<(usize, usize, u64, usize)> = None;
    for line in chunk.lines() {
        let fits = open.is_some_and(|(start, _, _, count)| {
            line.end() - start <= MAX_RECORD && count < MAX_RECORD_LINES && !begins(&line, stamped)
        });
        open = match open {
            Some((start, _, number, count)) if fits => Some((start, line.end(), number, count + 1)),
            before => {
                if let Some((start, end, number, _)) = before {
                    emit(chunk, start, end, number, sink);
                }
                Some((line.start, line.end(), line.number, 1))
            }
        };
    }
    if let Some((start, end, number, _)) = open {
        emit(chunk, start, end, number, sink);
    }
}

/// A record that starts with blank lines is placed where its text starts.
fn emit<'a>(chunk: &Chunk<'a>, start: usize, end: usize, number: u64, sink: &mut dyn Sink<'a>) {
    let (first, _) = trim(chunk.bytes, start, end);
    let skipped = memchr::memchr_iter(b'\n', chunk.slice(start, first)).count() as u64;
    chunk.plain_record(first, end, number + skipped, sink);
}
