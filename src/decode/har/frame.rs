//! What the frame of a HAR tells about the capture: its recorder, a sanitiser, the titles of its pages.
//!
//! In: the layout. Out: marks, events for page titles, and what the frame says is kept elsewhere. Never: a mark that
//! rests on a missing cookie alone.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::packed;
use memchr::memmem;
use rayon::prelude::*;

use super::scan::Layout;
use crate::decode::json::{self, Node, Value};
use crate::model::{Event, EventKind, FactName, Form, Lost, Part, Place, SourceId, Span};

/// Marks of the capture as a whole.
pub(super) fn marks(bytes: &[u8], counts: &Counts, layout: &Layout) -> Vec<(FactName, String)> {
    let mut marks = Vec::new();
    for span in &layout.creators {
        if let Some(name) = creator(bytes.get(..span.end).unwrap_or_default(), span.start) {
            let mark = (FactName::CaptureTool, name);
            if !marks.contains(&mark) {
                marks.push(mark);
            }
        }
    }
    if let Some(by) = sanitised(bytes, counts, layout, &marks) {
        marks.push((FactName::Sanitised, by.to_owned()));
    }
    marks
}

fn creator(bytes: &[u8], at: usize) -> Option<String> {
    let parsed = json::parse(bytes, at)?;
    let name = parsed.node.get("name")?.text()?.trim().to_lowercase();
    (!name.is_empty()).then(|| name.chars().take(60).collect())
}

/// What is counted. Each ends with a quote that no backslash can stand before: none stands in the inside of a string.
const NEEDLES: &[&str] = &[
    // What the Google and Cloudflare sanitisers write: `[name redacted]`, `[type/subtype mimeType scrubbed]`.
    " redacted]\"",
    " scrubbed]\"",
    "\"REDACTED\"",
    "\"[REDACTED]\"",
    "\"<redacted>\"",
    "\"***REDACTED***\"",
    "\"cookie\"",
    "\"Cookie\"",
    "\"set-cookie\"",
    "\"Set-Cookie\"",
    "\"authorization\"",
    "\"Authorization\"",
    "\"_file\"",
];
const CLOUDFLARE: Range<usize> = 0..2;
const OTHERS: Range<usize> = 2..6;
const HEADERS: Range<usize> = 6..12;
const SIDE_FILE: Range<usize> = 12..13;

/// Names of Microsoft's hosts.
const HOSTS: &[&str] =
    &["login.microsoftonline.com", "login.live.com", "graph.microsoft.com", "outlook.office"];

/// Bytes that are searched together.
const STRETCH: usize = 4 << 20;

/// How often each needle stands in the capture.
#[derive(Default, Clone, Copy)]
pub(super) struct Counts([usize; NEEDLES.len()]);

/// Counts the needles, in stretches that are searched in parallel. Long strings are passed over but for their ends.
pub(super) fn count(bytes: &[u8], layout: &Layout) -> Counts {
    static SEARCHER: LazyLock<Option<packed::Searcher>> = LazyLock::new(|| packed::Searcher::new(NEEDLES));
    let overlap = NEEDLES.iter().map(|n| n.len()).max().unwrap_or(0) - 1;
    let in_stretch = |begins: Range<usize>| {
        let seen = bytes.get(begins.start..bytes.len().min(begins.end + overlap)).unwrap_or_default();
        let mut counts = Counts::default();
        let mut add = |needle: usize, at: usize| {
            if let Some(n) = counts.0.get_mut(needle).filter(|_| at < begins.len()) {
                *n += 1;
            }
        };
        match &*SEARCHER {
            Some(searcher) => searcher.find_iter(seen).for_each(|m| add(m.pattern().as_usize(), m.start())),
            // No vector instructions here.
            None => NEEDLES.iter().enumerate().for_each(|(n, needle)| {
                memmem::find_iter(seen, needle).for_each(|at| add(n, at));
            }),
        }
        counts
    };
    let stretches = between(&layout.long, bytes.len(), overlap);
    stretches.into_par_iter().with_min_len(16).map(in_stretch).reduce(Counts::default, Counts::plus)
}

/// Where a needle may begin that does not stand in a long string, in stretches.
fn between(long: &[Range<usize>], length: usize, overlap: usize) -> Vec<Range<usize>> {
    let after = long.iter().map(|l| l.end.saturating_sub(overlap).max(l.start));
    let gaps = [0].into_iter().chain(after).zip(long.iter().map(|l| l.start).chain([length]));
    gaps.flat_map(|(from, end)| (from..end).step_by(STRETCH).map(move |at| at..end.min(at + STRETCH)))
        .collect()
}

impl Counts {
    fn any(&self, of: Range<usize>) -> bool {
        self.0.get(of).is_some_and(|c| c.iter().any(|n| *n > 0))
    }

    fn plus(mut self, other: Counts) -> Counts {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a += b);
        self
    }
}

/// Whether the capture names a host of Microsoft's; a URL does it as a rule.
fn names_microsoft(bytes: &[u8], layout: &Layout) -> bool {
    let overlap = HOSTS.iter().map(|n| n.len()).max().unwrap_or(0) - 1;
    let finders: Vec<memmem::Finder<'_>> = HOSTS.iter().map(memmem::Finder::new).collect();
    let urls = layout.entries.iter().filter_map(|slot| slot.url(bytes));
    if urls.into_iter().any(|url| finders.iter().any(|host| host.find(url).is_some())) {
        return true;
    }
    (0..bytes.len()).into_par_iter().step_by(STRETCH).any(|at| {
        let seen = bytes.get(at..bytes.len().min(at + STRETCH + overlap)).unwrap_or_default();
        finders.iter().any(|host| host.find(seen).is_some())
    })
}

/// Who sanitised the capture, where explicit marks say so, or where Chrome's export says so by having taken every
/// cookie and authorization header of a capture that talks to Microsoft.
fn sanitised(
    bytes: &[u8],
    counts: &Counts,
    layout: &Layout,
    marks: &[(FactName, String)],
) -> Option<&'static str> {
    if counts.any(CLOUDFLARE) {
        return Some("cloudflare");
    }
    if counts.any(OTHERS) {
        return Some("other");
    }
    let chrome = marks.iter().any(|(_, name)| name == "webinspector");
    (chrome && layout.entries.len() > 1 && !counts.any(HEADERS) && names_microsoft(bytes, layout))
        .then_some("chrome")
}

/// Bodies that the recorder wrote to files beside the capture.
pub(super) fn side_files(name: &str, counts: &Counts) -> Option<Lost> {
    let count = counts.0.get(SIDE_FILE).map_or(0, |c| c.iter().sum());
    (count > 0).then(|| Lost {
        source: name.to_owned(),
        what: if count == 1 { "1 body".to_owned() } else { format!("{count} bodies") },
        why: "the recorder wrote it to a separate file beside the capture".to_owned(),
        place: String::new(),
    })
}

/// Page titles that are URLs with a fragment: a browser shows there what no request carries.
pub(super) fn titles<'a>(bytes: &'a [u8], source: SourceId, layout: &Layout) -> Vec<Event<'a>> {
    let mut out = Vec::new();
    for (pointer, span) in &layout.pages {
        let list = bytes.get(..span.end).unwrap_or_default();
        if memchr::memchr(b'#', list.get(span.start..).unwrap_or_default()).is_none() {
            continue;
        }
        let Some(parsed) = json::parse(list, span.start) else { continue };
        for (index, page) in parsed.node.items().iter().enumerate() {
            if let Some(event) = title(page, list.len(), source, format!("{pointer}/{index}/title")) {
                out.push(event);
            }
        }
    }
    out
}

fn title<'a>(page: &Node<'a>, limit: usize, source: SourceId, pointer: String) -> Option<Event<'a>> {
    let node = page.get("title")?;
    let Value::Str(raw) = node.value else { return None };
    let whole = node.end - node.start == raw.len() + 2 && node.end <= limit;
    let fragment = raw.iter().position(|b| *b == b'#')?;
    let telling = raw.get(fragment..).is_some_and(|f| f.contains(&b'='));
    if !whole || !telling || memmem::find(raw, b"://").is_none() {
        return None;
    }
    let span = Span { start: node.start as u64 + 1, end: node.end as u64 - 1 };
    let part =
        Part { raw: Cow::Borrowed(raw), at: span.start, form: Form::JsonString, pointer: Cow::Borrowed("") };
    let place = Place { source, span, entry: None, line: None, pointer };
    Some(Event { place, time: None, kind: EventKind::Paste(part) })
}
