//! Tables with a header line: sign-in logs of the portal, audit logs, message traces, Exchange's own logs.
//!
//! In: comma-, semicolon- or tab-separated values with quoted fields, which may hold line ends. Out: a record with
//! fields for each row; an object in a quoted field (`AuditData`) gives its members as fields too. Never: a row read
//! under a wrong header because of a quote that was left open: such a quote ends with its line.

use std::borrow::Cow;

use super::fields::{Decoded, Fields, MAX_FIELDS, nested_json};
use super::json_lines::record;
use super::lines::{Chunk, MAX_RECORD, Unread, bom, is_blank, pieces, plain_field};
use super::{Format, Reach, Sink, Split};
use crate::model::{Form, Source};

/// A table with a header line.
pub(super) const FORMAT: Format = Format { name: "csv", claim, split, reach: Reach::Lines };

/// Names that tell a log from any other table.
const KNOWN: [&str; 20] = [
    "date (utc)",
    "datetime",
    "timestamp",
    "time",
    "date",
    "creationdate",
    "createddatetime",
    "timegenerated",
    "timegenerated [utc]",
    "date_time",
    "requestid",
    "request id",
    "auditdata",
    "username",
    "userprincipalname",
    "user",
    "operation",
    "received",
    "recipientaddress",
    "senderaddress",
];

fn claim(head: &[u8]) -> u8 {
    let Some(table) = Table::find(head) else { return 0 };
    let mut rows = Rows::new(head, table.body, head.len(), 1, table.delimiter);
    let wanted = table.names.len();
    let (mut seen, mut alike) = (0usize, 0usize);
    while let Some(row) = rows.next().filter(|_| seen < 50) {
        // The head may end within a row.
        if row.end >= head.len() && seen > 0 {
            break;
        }
        if !row.is_blank(head) && head.get(row.start) != Some(&b'#') {
            seen += 1;
            alike += usize::from(row.cells.len() == wanted);
        }
    }
    let known = table.names.iter().any(|n| KNOWN.iter().any(|k| n.eq_ignore_ascii_case(k)));
    match (seen, alike) {
        (0, _) => 0,
        _ if table.directive => 88,
        _ if alike * 10 < seen * 8 => 0,
        _ if known && wanted >= 4 => 66,
        _ if wanted >= 5 => 45,
        _ => 0,
    }
}

/// The header of a table.
struct Table<'a> {
    names: Vec<Cow<'a, str>>,
    delimiter: u8,
    /// Offset of the first row after the header.
    body: usize,
    /// The header is a `#Fields:` line.
    directive: bool,
}

impl<'a> Table<'a> {
    fn find(bytes: &'a [u8]) -> Option<Self> {
        let mut at = bom(bytes);
        for _ in 0..20 {
            let rest = bytes.get(at..).filter(|r| !r.is_empty())?;
            let line = rest.split(|b| *b == b'\n').next().unwrap_or_default();
            let next = at + line.len() + 1;
            if let Some(fields) = super::iis::fields_of(line) {
                let start = at + (fields.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
                return Self::of(bytes, start, next).map(|t| Table { directive: true, ..t });
            }
            let separator = line.len() < 8 && line.starts_with(b"sep=");
            if !line.starts_with(b"#") && !is_blank(line) && !separator {
                return Self::of(bytes, at, next);
            }
            at = next;
        }
        None
    }

    fn of(bytes: &'a [u8], start: usize, next: usize) -> Option<Self> {
        let line = bytes.get(start..next.min(bytes.len()))?;
        let delimiter =
            [b',', b';', b'\t'].into_iter().max_by_key(|d| memchr::memchr_iter(*d, line).count())?;
        let mut rows = Rows::new(bytes, start, bytes.len(), 1, delimiter);
        let row = rows.next()?;
        let names: Vec<_> =
            row.cells.iter().map(|cell| name(bytes.get(cell.0..cell.1).unwrap_or_default())).collect();
        let sound = names.len() >= 3 && names.iter().filter(|n| !is_name(n)).count() <= names.len() / 8;
        sound.then_some(Table { names, delimiter, body: rows.at, directive: false })
    }
}

/// A column name without outer and doubled blanks.
fn name(raw: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(raw.trim_ascii());
    if text.contains("  ") { Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" ")) } else { text }
}

fn is_name(text: &str) -> bool {
    (1..=60).contains(&text.len())
        && text.split(' ').count() <= 7
        && text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '@' | '$' | '\u{feff}'))
        && !text.contains(['{', '}', '=', '<', '>', '"', '?', '!'])
        && !text.contains("://")
}

/// A row: its cells as offsets of their inside, with whether they were quoted.
struct Row {
    start: usize,
    end: usize,
    line: u64,
    cells: Vec<(usize, usize, bool)>,
}

impl Row {
    fn is_blank(&self, bytes: &[u8]) -> bool {
        is_blank(bytes.get(self.start..self.end).unwrap_or_default())
    }
}

struct Rows<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
    line: u64,
    delimiter: u8,
    /// No quote before this offset closes anything: it need not be looked at again.
    barren: usize,
}

impl<'a> Rows<'a> {
    fn new(bytes: &'a [u8], at: usize, end: usize, line: u64, delimiter: u8) -> Self {
        Rows { bytes, at, end, line, delimiter, barren: 0 }
    }

    /// Offset behind the closing quote of a field whose inside begins at `from`.
    fn closing(&mut self, from: usize) -> Option<usize> {
        let limit = self.end.min(from + MAX_RECORD);
        let mut at = from.max(self.barren);
        loop {
            let Some(n) = self.bytes.get(at..limit).and_then(|rest| memchr::memchr(b'"', rest)) else {
                self.barren = self.barren.max(limit);
                return None;
            };
            match self.bytes.get(at + n + 1) {
                Some(b'"') => at += n + 2,
                Some(b) if *b == self.delimiter || matches!(b, b'\r' | b'\n') => return Some(at + n + 1),
                None => return Some(at + n + 1),
                // Not a closing quote at all: a writer that does not double them.
                Some(_) => at += n + 1,
            }
        }
    }

    /// The cell that begins at `at`, and where it ends.
    fn cell(&mut self, at: usize) -> ((usize, usize, bool), usize) {
        if self.bytes.get(at) == Some(&b'"')
            && let Some(after) = self.closing(at + 1).filter(|after| *after <= self.end)
        {
            return ((at + 1, after - 1, true), after);
        }
        let rest = self.bytes.get(at..self.end).unwrap_or_default();
        let end = at + memchr::memchr2(self.delimiter, b'\n', rest).unwrap_or(rest.len());
        let inner = if self.bytes.get(end) != Some(&self.delimiter)
            && end > at
            && self.bytes.get(end - 1) == Some(&b'\r')
        {
            end - 1
        } else {
            end
        };
        ((at, inner, false), end)
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        if self.at >= self.end {
            return None;
        }
        let mut row = Row { start: self.at, end: self.at, line: self.line, cells: Vec::new() };
        let mut at = self.at;
        loop {
            let (cell, after) = self.cell(at);
            row.cells.push(cell);
            at = after;
            if self.bytes.get(at) == Some(&b'\r') && at < self.end {
                at += 1;
            }
            if at < self.end && self.bytes.get(at) == Some(&self.delimiter) {
                at += 1;
                continue;
            }
            // Only a line end or the end can stand here.
            row.end = after;
            self.at = (at + 1).max(self.at + 1);
            let text = self.bytes.get(row.start..self.at.min(self.end)).unwrap_or_default();
            self.line += memchr::memchr_iter(b'\n', text).count() as u64;
            return Some(row);
        }
    }
}

fn split<'a>(source: &'a Source) -> Split<'a> {
    let whole = Chunk::whole(source);
    let Some(table) = Table::find(source.head()) else { return Split::default() };
    let (names, delimiter) = (std::sync::Arc::new(table.names), table.delimiter);
    let start = if source.is_first() { table.body.min(whole.end) } else { whole.start };
    let line = whole.line + memchr::memchr_iter(b'\n', whole.slice(whole.start, start)).count() as u64;
    let body = Chunk { start, line, ..whole };
    pieces(cut(body, delimiter), move |chunk: &Chunk<'a>, sink: &mut dyn Sink<'a>| {
        read(chunk, &names, delimiter, sink);
    })
}

/// Cuts between rows; a quoted field may hold line ends, so that the rows have to be walked.
fn cut(body: Chunk<'_>, delimiter: u8) -> Vec<Chunk<'_>> {
    let mut chunks = Vec::new();
    let mut open = body;
    for row in rows(&body, delimiter) {
        if row.start - open.start >= body.size {
            chunks.push(Chunk { end: row.start, ..open });
            open = Chunk { start: row.start, line: row.line, ..body };
        }
    }
    if open.end > open.start {
        chunks.push(open);
    }
    chunks
}

fn rows<'a>(chunk: &Chunk<'a>, delimiter: u8) -> Rows<'a> {
    Rows::new(chunk.bytes, chunk.start, chunk.end, chunk.line, delimiter)
}

fn read<'a>(chunk: &Chunk<'a>, names: &[Cow<'a, str>], delimiter: u8, sink: &mut dyn Sink<'a>) {
    let mut unread = Unread::default();
    for row in rows(chunk, delimiter).filter(|r| !r.is_blank(chunk.bytes)) {
        if chunk.bytes.get(row.start) == Some(&b'#') {
            continue;
        }
        if row.cells.len() < 2 || row.end - row.start > 4 * MAX_RECORD {
            unread.add(row.line);
            chunk.plain_record(row.start, row.end, row.line, sink);
            continue;
        }
        let fields = fields(chunk, names, &row);
        sink.event(record(chunk, fields, row.start, row.end, row.line));
    }
    unread.report(chunk, "not a row of the table, read as plain text", sink);
}

fn fields<'a>(chunk: &Chunk<'a>, names: &[Cow<'a, str>], row: &Row) -> Fields<'a> {
    let mut fields = Fields::default();
    for (index, &(start, end, quoted)) in row.cells.iter().enumerate().take(MAX_FIELDS) {
        let raw = chunk.slice(start, end);
        if raw.is_empty() {
            continue;
        }
        let name = names.get(index).cloned().unwrap_or_else(|| Cow::Owned(format!("column {}", index + 1)));
        // The members of an audit record are the record; those of any other column keep its name.
        let prefix = if name.eq_ignore_ascii_case("AuditData") { String::new() } else { name.to_string() };
        let mut field = plain_field(name, raw, start);
        if quoted && memchr::memmem::find(raw, b"\"\"").is_some() {
            field.value.form = Form::CsvQuoted;
        }
        fields.list.push(field);
        if quoted && !nested_json(raw).is_empty() {
            fields.unpack_decoded(&prefix, &Decoded::csv(raw, start));
        }
    }
    fields
}
