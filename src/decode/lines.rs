//! What all line-oriented formats share: lines with places, chunks of lines, pieces.
//!
//! In: the bytes of a source. Out: [`Chunk`]s of about 1 MiB that begin where a record begins, and [`Line`]s with
//! their offsets and one-based numbers. Never: copying bytes, or a line longer than [`MAX_LINE`]: longer ones are cut.

use std::borrow::Cow;

use rayon::prelude::*;

use super::{Piece, Sink, Split, Start};
use crate::model::{Event, EventKind, Lost, Param, Part, Place, Record, Source, SourceId, Span};

/// Longest stretch that one plain record may take.
pub(super) const MAX_RECORD: usize = 256 * 1024;
/// Longest line that a structured format reads as one.
pub(super) const MAX_LINE: usize = 8 * 1024 * 1024;
/// So many places to cut at are worth another core.
const MARKS: usize = 32;
/// Most lines of one record.
pub(super) const MAX_RECORD_LINES: usize = 2_000;

/// Size of the stretches that are read in parallel.
#[cfg(not(test))]
pub(super) fn chunk_size() -> usize {
    1024 * 1024
}

#[cfg(test)]
pub(super) use super::log_tests::chunk_size;

/// A stretch of whole lines of a source.
#[derive(Clone, Copy)]
pub(super) struct Chunk<'a> {
    pub(super) source: SourceId,
    pub(super) name: &'a str,
    /// The whole source; offsets count from its beginning.
    pub(super) bytes: &'a [u8],
    pub(super) start: usize,
    pub(super) end: usize,
    /// One-based number of the first line.
    pub(super) line: u64,
    /// Where lines are counted from the beginning of the chunk instead: offset and number of a line before it.
    pub(super) after: Option<(usize, u64)>,
    /// Size of the pieces into which it is cut.
    pub(super) size: usize,
}

/// A line without its line end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) text: &'a [u8],
    pub(super) start: usize,
    pub(super) number: u64,
}

impl Line<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(super) fn is_blank(&self) -> bool {
        is_blank(self.text)
    }

    pub(super) fn is_indented(&self) -> bool {
        matches!(self.text.first(), Some(b' ' | b'\t'))
    }
}

/// Nothing but white space and NULs.
pub(super) fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| b.is_ascii_whitespace() || *b == 0)
}

/// The lines of `bytes[start..end]`.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
    number: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8], start: usize, end: usize, number: u64) -> Self {
        Lines { bytes, at: start, end: end.min(bytes.len()), number }
    }

    pub(super) fn of_head(head: &'a [u8]) -> Self {
        Lines::new(head, bom(head), head.len(), 1)
    }
}

impl Lines<'_> {
    /// Where the next line begins.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Goes on with the line at an offset, so many lines further.
    pub(super) fn skip_to(&mut self, at: usize, lines: u64) {
        self.at = at;
        self.number += lines;
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.bytes.get(self.at..self.end).filter(|rest| !rest.is_empty())?;
        let (length, step) = match memchr::memchr(b'\n', rest) {
            Some(n) => (n, n + 1),
            None => (rest.len(), rest.len()),
        };
        let text = rest.get(..length).unwrap_or_default();
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let line = Line { text, start: self.at, number: self.number };
        self.at += step;
        self.number += 1;
        Some(line)
    }
}

/// Length of the byte order mark at the beginning.
pub(super) fn bom(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 }
}

impl<'a> Chunk<'a> {
    /// The whole source as one chunk.
    pub(super) fn whole(source: &'a Source) -> Self {
        let bytes = source.bytes();
        let start = if source.is_first() { bom(bytes) } else { 0 };
        let (line, size) = source.stretch.as_ref().map_or_else(|| (1, chunk_size()), |s| (s.line, s.piece));
        Chunk {
            source: source.id,
            name: &source.name,
            bytes,
            start,
            end: bytes.len(),
            line,
            after: None,
            size,
        }
    }

    pub(super) fn lines(&self) -> Lines<'a> {
        Lines::new(self.bytes, self.start, self.end, self.line)
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// Cuts the chunk into smaller ones that begin at lines for which `begins` holds.
    pub(super) fn cut(self, begins: impl Fn(&Line<'_>) -> bool + Sync) -> Vec<Chunk<'a>> {
        self.cut_every(self.size, begins)
    }

    pub(super) fn cut_every(self, size: usize, begins: impl Fn(&Line<'_>) -> bool + Sync) -> Vec<Chunk<'a>> {
        let mut chunks = self.divide(size, begins);
        number(&mut chunks);
        chunks
    }

    /// As [`Chunk::cut`], each chunk with lines that count from its beginning: counting takes another look at all of it. The
    /// reader tells the sink how many they are.
    pub(super) fn cut_uncounted(self, begins: impl Fn(&Line<'_>) -> bool + Sync) -> Vec<Chunk<'a>> {
        let after = Some((self.start, self.line));
        let chunks = self.divide(self.size, begins);
        chunks.into_iter().map(|chunk| Chunk { line: 1, after, ..chunk }).collect()
    }

    fn divide(self, size: usize, begins: impl Fn(&Line<'_>) -> bool + Sync) -> Vec<Chunk<'a>> {
        let size = size.max(1);
        let marks: Vec<usize> = (self.start + size..self.end).step_by(size).collect();
        let near = |from: &usize| next_begin(&self, *from, from.saturating_add(size), &begins);
        let starts: Vec<usize> = marks.par_iter().with_min_len(MARKS).filter_map(near).collect();
        let ends = starts.iter().copied().chain([self.end]);
        let starts = [self.start].into_iter().chain(starts.iter().copied());
        let chunks = starts.zip(ends).filter(|(start, end)| start < end);
        chunks.map(|(start, end)| Chunk { start, end, ..self }).collect()
    }

    pub(super) fn place(&self, start: usize, end: usize, line: u64) -> Place {
        let span = Span { start: start as u64, end: end as u64 };
        Place { source: self.source, span, line: Some(line), ..Place::default() }
    }

    pub(super) fn lost(&self, what: String, why: &str, line: u64) -> Lost {
        Lost { source: self.name.to_owned(), what, why: why.to_owned(), place: format!("line {line}") }
    }

    /// The number of a line in the whole source.
    fn in_source(&self, line: u64) -> u64 {
        let before =
            |(at, number)| number + memchr::memchr_iter(b'\n', self.slice(at, self.start)).count() as u64 - 1;
        line + self.after.map_or(0, before)
    }

    /// Hands over `bytes[start..end]` as a plain record, in several where it is too long for one.
    pub(super) fn plain_record(&self, start: usize, end: usize, line: u64, sink: &mut dyn Sink<'a>) {
        let (start, end) = trim(self.bytes, start, end);
        if start == end {
            return;
        }
        if end - start > MAX_RECORD {
            let line = self.in_source(line);
            let what = format!("the text from line {line} on as a whole");
            sink.lost(self.lost(what, "longer than 256 KiB without a break, read in parts", line));
        }
        let mut at = start;
        let mut number = line;
        while at < end {
            let stop = stop_before(self.bytes, at, end);
            if sink.wants(self.slice(at, stop)) {
                sink.event(self.record_event(at, stop, number));
            } else {
                sink.unwanted(1);
            }
            if stop < end {
                number += memchr::memchr_iter(b'\n', self.slice(at, stop)).count() as u64;
            }
            at = stop;
        }
    }

    fn record_event(&self, start: usize, end: usize, line: u64) -> Event<'a> {
        let text = self.slice(start, end);
        let record = Record {
            text: Part::plain(text, start),
            fields: Vec::new(),
            message: None,
            level: super::stamp::level(text),
        };
        Event {
            place: self.place(start, end, line),
            time: super::stamp::line_stamp(text).and_then(|s| s.time),
            kind: EventKind::Record(Box::new(record)),
        }
    }
}

/// Gives every chunk the number of its first line. Lines are counted in parallel.
fn number(chunks: &mut [Chunk<'_>]) {
    let lines = |c: &Chunk<'_>| memchr::memchr_iter(b'\n', c.slice(c.start, c.end)).count() as u64;
    let counts: Vec<u64> = chunks.par_iter().map(lines).collect();
    let mut line = chunks.first().map_or(1, |c| c.line);
    for (chunk, count) in chunks.iter_mut().zip(counts) {
        chunk.line = line;
        line += count;
    }
}

/// Where the first line from `from` on, and before `to`, stands for which `begins` holds. The lines that it is shown have no
/// number yet.
fn next_begin(
    chunk: &Chunk<'_>,
    from: usize,
    to: usize,
    begins: impl Fn(&Line<'_>) -> bool,
) -> Option<usize> {
    // The line that holds `from - 1` is stepped over, so that `from` itself may be a beginning.
    let step = memchr::memchr(b'\n', chunk.slice(from - 1, to.min(chunk.end)))?;
    let mut lines = Lines::new(chunk.bytes, from + step, chunk.end, 0).take_while(|line| line.start < to);
    lines.find(begins).map(|line| line.start)
}

/// Narrows a stretch to what lies between its outer line ends and NULs.
pub(super) fn trim(bytes: &[u8], start: usize, end: usize) -> (usize, usize) {
    let text = bytes.get(start..end).unwrap_or_default();
    let void = |b: &u8| matches!(b, b'\n' | b'\r' | 0);
    let Some(first) = text.iter().position(|b| !void(b)) else { return (start, start) };
    let last = text.iter().rposition(|b| !void(b)).unwrap_or(first);
    if is_blank(text) { (start, start) } else { (start + first, start + last + 1) }
}

/// Where to end a record that begins at `at`: `end`, or a break within the allowed length.
fn stop_before(bytes: &[u8], at: usize, end: usize) -> usize {
    if end - at <= MAX_RECORD {
        return end;
    }
    let window = bytes.get(at..at + MAX_RECORD).unwrap_or_default();
    let tail = window.len().saturating_sub(4096);
    let near = window.get(tail..).unwrap_or_default();
    if let Some(n) = near.iter().rposition(u8::is_ascii_whitespace) {
        return at + tail + n + 1;
    }
    // No break in sight: at least not inside a character.
    let back = near.iter().rev().take(3).take_while(|b| **b & 0xC0 == 0x80).count();
    let lead = usize::from(near.iter().rev().nth(back).is_some_and(|b| *b >= 0xC0));
    at + MAX_RECORD - if lead == 1 { back + 1 } else { 0 }
}

/// A chunk with the way to read it.
struct ReadChunk<'a, R> {
    chunk: Chunk<'a>,
    read: R,
}

impl<'a, R> Piece<'a> for ReadChunk<'a, R>
where
    R: Fn(&Chunk<'a>, &mut dyn Sink<'a>) + Send + Sync,
{
    fn read(&self, sink: &mut dyn Sink<'a>) {
        (self.read)(&self.chunk, sink);
    }

    fn start(&self) -> Option<Start> {
        let Chunk { start, line, after, .. } = self.chunk;
        Some(Start { at: start, line: after.is_none().then_some(line) })
    }
}

/// One piece for each chunk, all read in the same way.
pub(super) fn pieces<'a, R>(chunks: Vec<Chunk<'a>>, read: R) -> Split<'a>
where
    R: Fn(&Chunk<'a>, &mut dyn Sink<'a>) + Send + Sync + Clone + 'a,
{
    let mut split = Split::default();
    for chunk in chunks {
        split.pieces.push(Box::new(ReadChunk { chunk, read: read.clone() }));
    }
    split
}

/// A field that stands in the source as it is; it bears its name as pointer.
pub(super) fn plain_field<'a>(name: Cow<'a, str>, raw: &'a [u8], at: usize) -> Param<'a> {
    let mut value = Part::plain(raw, at);
    value.pointer = Cow::Owned(name.to_string());
    Param { name, value }
}

/// Numbers of the lines that a format could not read, told in one sentence.
#[derive(Default)]
pub(super) struct Unread {
    first: Vec<u64>,
    count: u64,
}

impl Unread {
    const SHOWN: usize = 8;

    pub(super) fn add(&mut self, line: u64) {
        if self.first.len() < Self::SHOWN {
            self.first.push(line);
        }
        self.count += 1;
    }

    pub(super) fn add_unless_blank(&mut self, line: &Line<'_>) {
        if !line.is_blank() {
            self.add(line.number);
        }
    }

    pub(super) fn report<'a>(&self, chunk: &Chunk<'a>, why: &str, sink: &mut dyn Sink<'a>) {
        let Some(&first) = self.first.first() else { return };
        let list = self.first.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        let more = self.count - self.first.len() as u64;
        let what = match (self.count, more) {
            (1, _) => format!("line {list}"),
            (_, 0) => format!("lines {list}"),
            _ => format!("lines {list} and {more} more"),
        };
        sink.lost(chunk.lost(what, why, first));
    }
}
