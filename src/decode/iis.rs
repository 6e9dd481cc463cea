//! Logs in the W3C extended format: IIS, and other servers that write `#Fields:`.
//!
//! In: lines under one or more `#Fields:` headers, in any order of fields. Out: an exchange for each request line, a
//! record with fields where the fields are not those of a request. Never: a value under a header that came later.

use std::borrow::Cow;

use super::fields::Fields;
use super::json_lines::record;
use super::lines::{Chunk, Line, Lines, Unread, pieces, plain_field};
use super::time::parse_time;
use super::{Format, Reach, Sink, Split};
use crate::model::{Event, EventKind, Exchange, Header, Part, Source};

/// W3C extended log file.
pub(super) const FORMAT: Format = Format { name: "iis-w3c", claim, split, reach: Reach::Headed(directives) };

fn claim(head: &[u8]) -> u8 {
    let header = Lines::of_head(head).take(200).find_map(|l| fields_of(l.text));
    // Comma-separated fields are those of Exchange; `csv` reads them.
    match header {
        Some(fields) if fields.len() > 1 && !fields.contains(&b',') => 90,
        _ => 0,
    }
}

/// What follows `#Fields:`.
pub(super) fn fields_of(line: &[u8]) -> Option<&[u8]> {
    let name = line.get(..8).filter(|n| n.eq_ignore_ascii_case(b"#Fields:"))?;
    line.get(name.len()..).map(<[u8]>::trim_ascii)
}

/// What the header lines say about the lines below.
#[derive(Clone, Default)]
struct Directives<'a> {
    names: Vec<&'a str>,
    /// `#Date:`, for logs whose lines have a time only.
    date: &'a [u8],
}

impl<'a> Directives<'a> {
    fn read(&mut self, line: &'a [u8]) {
        if let Some(fields) = fields_of(line) {
            self.names = fields.split(u8::is_ascii_whitespace).filter(|n| !n.is_empty()).map(text).collect();
        } else if let Some(date) = line.strip_prefix(b"#Date:") {
            self.date = date.trim_ascii().get(..10).unwrap_or_default();
        }
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or("?")
}

fn split<'a>(source: &'a Source) -> Split<'a> {
    let whole = Chunk::whole(source);
    let mut header = Directives::default();
    let frame = source.stretch.as_ref().map_or(&[][..], |s| &s.frame);
    frame.split(|b| *b == b'\n').for_each(|line| header.read(line));
    let mut split = Split::default();
    for chunk in whole.cut(|_| true) {
        let known = header.clone();
        for line in headers(&chunk) {
            header.read(line);
        }
        let read = move |c: &Chunk<'a>, s: &mut dyn Sink<'a>| read_lines(c, known.clone(), s);
        split.pieces.extend(pieces(vec![chunk], read).pieces);
    }
    split
}

/// The header lines that hold for what follows these bytes.
fn directives(bytes: &[u8]) -> Vec<u8> {
    let lines = header_lines(bytes);
    let last = |is: fn(&[u8]) -> bool| lines.iter().rfind(|line| is(line)).copied();
    let kept = [last(|l| l.starts_with(b"#Date:")), last(|l| fields_of(l).is_some())];
    kept.into_iter().flatten().flat_map(|line| [line, b"\n"].concat()).collect()
}

fn headers<'a>(chunk: &Chunk<'a>) -> Vec<&'a [u8]> {
    header_lines(chunk.slice(chunk.start, chunk.end))
}

/// The header lines among others, found without looking at those.
fn header_lines(bytes: &[u8]) -> Vec<&[u8]> {
    let first = bytes.starts_with(b"#").then_some(0);
    first
        .into_iter()
        .chain(memchr::memmem::find_iter(bytes, b"\n#").map(|n| n + 1))
        .filter_map(|at| bytes.get(at..)?.split(|b| *b == b'\n').next())
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .collect()
}

fn read_lines<'a>(chunk: &Chunk<'a>, mut header: Directives<'a>, sink: &mut dyn Sink<'a>) {
    let mut unread = Unread::default();
    for line in chunk.lines().filter(|l| !l.is_blank()) {
        if line.text.starts_with(b"#") {
            header.read(line.text);
            continue;
        }
        let row = Row::new(&header, &line);
        if row.values.len() < 2 || header.names.is_empty() {
            unread.add(line.number);
            chunk.plain_record(line.start, line.end(), line.number, sink);
        } else if row.get("cs-uri-stem").or(row.get("cs-uri")).is_some() {
            sink.event(row.exchange(chunk, &line));
        } else {
            let list =
                row.values.iter().map(|(name, raw, at)| plain_field(Cow::Borrowed(name), raw, *at)).collect();
            let mut event = record(chunk, Fields { list }, line.start, line.end(), line.number);
            event.time = row.time();
            sink.event(event);
        }
    }
    unread.report(chunk, "fewer values than fields, read as plain text", sink);
}

/// The values of a line with their names and offsets; `-` stands for none.
struct Row<'a> {
    values: Vec<(&'a str, &'a [u8], usize)>,
    date: &'a [u8],
}

impl<'a> Row<'a> {
    fn new(header: &Directives<'a>, line: &Line<'a>) -> Self {
        let mut values = Vec::with_capacity(header.names.len());
        let mut at = 0;
        let mut names = header.names.iter();
        while let Some(rest) = line.text.get(at..).filter(|r| !r.is_empty()) {
            let blank = |b: &u8| *b == b' ' || *b == b'\t';
            let skip = rest.iter().position(|b| !blank(b)).unwrap_or(rest.len());
            let rest = rest.get(skip..).unwrap_or_default();
            // A quoted value may hold blanks.
            let end = match rest.first() {
                None => break,
                Some(b'"') => {
                    let inner = rest.get(1..).unwrap_or_default();
                    memchr::memchr(b'"', inner).map_or(rest.len(), |n| n + 2)
                }
                Some(_) => rest.iter().position(blank).unwrap_or(rest.len()),
            };
            let Some(name) = names.next() else { break };
            let raw = rest.get(..end).unwrap_or_default();
            let start = line.start + at + skip;
            match raw.strip_prefix(b"\"").and_then(|r| r.strip_suffix(b"\"")) {
                Some(inner) => values.push((*name, inner, start + 1)),
                None => values.push((*name, raw, start)),
            }
            at += skip + end;
        }
        Row { values, date: header.date }
    }

    fn get(&self, name: &str) -> Option<(&'a [u8], usize)> {
        let found = self.values.iter().find(|(n, _, _)| n.eq_ignore_ascii_case(name))?;
        Some((found.1, found.2)).filter(|(raw, _)| *raw != b"-" && !raw.is_empty())
    }

    fn string(&self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name).map(|(raw, _)| String::from_utf8_lossy(raw))
    }

    fn time(&self) -> Option<jiff::Timestamp> {
        let date = self.string("date").unwrap_or_else(|| String::from_utf8_lossy(self.date));
        let time = self.string("time")?;
        // Some write date and time in one field.
        parse_time(&format!("{date} {time}")).or_else(|| parse_time(&time))
    }

    fn exchange(&self, chunk: &Chunk<'a>, line: &Line<'a>) -> Event<'a> {
        let mut exchange = Exchange {
            method: self.string("cs-method").unwrap_or_default(),
            url: self.url(),
            status: self.string("sc-status").and_then(|s| s.parse().ok()),
            client: self.string("c-ip"),
            log_line: true,
            ..Exchange::default()
        };
        const HEADERS: [(&str, &str); 6] = [
            ("host", "cs-host"),
            ("host", "cs(Host)"),
            ("referer", "cs(Referer)"),
            ("user-agent", "cs(User-Agent)"),
            ("cookie", "cs(Cookie)"),
            ("cs-username", "cs-username"),
        ];
        for (name, field) in HEADERS {
            if let Some((raw, at)) = self.get(field) {
                let value = Part::plain(raw, at);
                exchange.request_headers.push(Header { name: Cow::Borrowed(name), value });
            }
        }
        Event {
            place: chunk.place(line.start, line.end(), line.number),
            time: self.time(),
            kind: EventKind::Exchange(Box::new(exchange)),
        }
    }

    /// Stem and query joined. Where they stand next to each other, as they nearly always do, every byte of the URL
    /// but the `?` stands at its own offset.
    fn url(&self) -> Part<'a> {
        let Some((stem, at)) = self.get("cs-uri-stem").or(self.get("cs-uri")) else { return Part::default() };
        let Some((query, query_at)) = self.get("cs-uri-query") else { return Part::plain(stem, at) };
        let joined = [stem, b"?", query].concat();
        let mut url = Part::plain(b"", at);
        // Elsewhere the query is what matters, so that its offsets are kept.
        if query_at != at + stem.len() + 1 {
            url.at = query_at.saturating_sub(stem.len() + 1) as u64;
        }
        url.raw = Cow::Owned(joined);
        url
    }
}
