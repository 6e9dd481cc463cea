//! What the frame of a HAR tells about the capture: its recorder, a sanitiser, the titles of its pages.
//!
//! In: the layout. Out: marks, events for page titles, and what the frame says is kept elsewhere. Never: a mark that
//! rests on a missing cookie alone.

use std::borrow::Cow;

use memchr::memmem;

use super::scan::Layout;
use crate::decode::json::{self, Node, Value};
use crate::model::{Event, EventKind, FactName, Form, Lost, Part, Place, SourceId, Span};

/// Marks of the capture as a whole.
pub(super) fn marks(bytes: &[u8], layout: &Layout) -> Vec<(FactName, String)> {
    let mut marks = Vec::new();
    for span in &layout.creators {
        if let Some(name) = creator(bytes.get(..span.end).unwrap_or_default(), span.start) {
            let mark = (FactName::CaptureTool, name);
            if !marks.contains(&mark) {
                marks.push(mark);
            }
        }
    }
    if let Some(by) = sanitised(bytes, layout, &marks) {
        marks.push((FactName::Sanitised, by.to_owned()));
    }
    marks
}

fn creator(bytes: &[u8], at: usize) -> Option<String> {
    let parsed = json::parse(bytes, at)?;
    let name = parsed.node.get("name")?.text()?.trim().to_lowercase();
    (!name.is_empty()).then(|| name.chars().take(60).collect())
}

/// Who sanitised the capture, where explicit marks say so, or where Chrome's export says so by having taken every
/// cookie and authorization header of a capture that talks to Microsoft.
fn sanitised(bytes: &[u8], layout: &Layout, marks: &[(FactName, String)]) -> Option<&'static str> {
    let has = |needle: &str| memmem::find(bytes, needle.as_bytes()).is_some();
    // What the Google and Cloudflare sanitisers write: `[name redacted]`, `[type/subtype mimeType scrubbed]`.
    if has(" redacted]\"") || has(" scrubbed]\"") {
        return Some("cloudflare");
    }
    if ["\"REDACTED\"", "\"[REDACTED]\"", "\"<redacted>\"", "\"***REDACTED***\""].iter().any(|n| has(n)) {
        return Some("other");
    }
    let chrome = marks.iter().any(|(_, name)| name == "webinspector");
    let headers = [
        "\"cookie\"",
        "\"Cookie\"",
        "\"set-cookie\"",
        "\"Set-Cookie\"",
        "\"authorization\"",
        "\"Authorization\"",
    ];
    let hosts = ["login.microsoftonline.com", "login.live.com", "graph.microsoft.com", "outlook.office"];
    (chrome && layout.entries.len() > 1 && hosts.iter().any(|h| has(h)) && !headers.iter().any(|h| has(h)))
        .then_some("chrome")
}

/// Bodies that the recorder wrote to files beside the capture.
pub(super) fn side_files(name: &str, bytes: &[u8]) -> Option<Lost> {
    let count = memmem::find_iter(bytes, b"\"_file\"").count();
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
