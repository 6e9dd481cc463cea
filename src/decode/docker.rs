//! Messages that Docker's `json-file` driver cut into several objects.
//!
//! In: lines `{"log":"…","stream":"stderr","time":"…"}`. Out: the message as one: a text of more than 16 KiB, which the
//! driver cuts, and a stack trace, of which every line is an object. An access line
//! in an object is the exchange that it is elsewhere. Never: joining two streams.

use std::borrow::Cow;

use super::fields::Fields;
use super::json::{self, Value, unescape};
use super::lines::Line;
use crate::model::{self, Event, EventKind, Exchange, Header};

/// One object of the driver.
pub(super) struct Part<'a> {
    /// The inside of `log`, escaped.
    log: &'a [u8],
    stream: Cow<'a, str>,
    /// Where its line ends.
    pub(super) end: usize,
}

fn part<'a>(text: &'a [u8], end: usize) -> Option<Part<'a>> {
    if !text.starts_with(b"{") || memchr::memmem::find(text, b"\"stream\"").is_none() {
        return None;
    }
    let node = json::parse(text, 0).filter(|p| !p.truncated)?.node;
    let Value::Str(log) = node.get("log")?.value else { return None };
    let stream = node.get("stream")?.text()?;
    node.get("time")?;
    Some(Part { log, stream, end })
}

/// The object of this line, when it goes on with the message of the line before it.
pub(super) fn more<'a>(bytes: &'a [u8], line: &Line<'a>) -> Option<Part<'a>> {
    let own = part(line.text, line.end())?;
    let before = bytes.get(..line.start.checked_sub(1)?)?;
    let start = memchr::memrchr(b'\n', before).map_or(0, |n| n + 1);
    let before = part(before.get(start..)?.trim_ascii_end(), 0)?;
    let text = unescape(own.log);
    let next = Line { text: text.as_bytes(), start: 0, number: 0 };
    let cut = !before.log.ends_with(b"\\n");
    let trace = !text.trim().is_empty() && !text.starts_with('{') && super::text::continues(&next);
    (before.stream == own.stream && (cut || trace)).then_some(own)
}

pub(super) fn goes_on(bytes: &[u8], line: &Line<'_>) -> bool {
    more(bytes, line).is_some()
}

/// Puts the further parts of its message into the record.
pub(super) fn join(event: &mut Event<'_>, parts: &[Part<'_>]) {
    let EventKind::Record(record) = &mut event.kind else { return };
    if parts.is_empty() {
        return;
    }
    let Some(field) = record.fields.iter_mut().find(|f| f.name == "log") else { return };
    let whole = field.value.raw.to_mut();
    for part in parts {
        whole.extend_from_slice(part.log);
    }
    let at = usize::try_from(field.value.at).unwrap_or_default();
    let text = unescape(whole).into_owned();
    record.message = Some(field.value.clone());
    let inner = Fields::owned(text.as_bytes(), at);
    if record.level.is_empty() {
        record.level = inner.level();
    }
    record.fields.extend(inner.list.into_iter().map(|mut f| {
        f.name = Cow::Owned(format!("log.{}", f.name));
        f
    }));
}

/// Makes an exchange of the record of a message that is a line of an access log.
pub(super) fn access(event: &mut Event<'_>) {
    let EventKind::Record(record) = &event.kind else { return };
    if !record.fields.iter().any(|f| f.name == "stream") {
        return;
    }
    let Some(log) = record.fields.iter().find(|f| f.name == "log") else { return };
    if memchr::memmem::find(&log.value.raw, b"HTTP/").is_none() {
        return;
    }
    let text = unescape(&log.value.raw);
    let Some((exchange, time)) = super::access::exchange_of(text.trim_end().as_bytes(), 0) else { return };
    let exchange = owned(exchange, &log.value);
    event.time = time.or(event.time);
    event.kind = EventKind::Exchange(Box::new(exchange));
}

/// The exchange, with places in the text as it stands in the source: escaped.
fn owned<'a>(exchange: Exchange<'_>, log: &model::Part<'_>) -> Exchange<'a> {
    let part = |part: &model::Part<'_>| {
        let within = memchr::memmem::find(&log.raw, &part.raw).unwrap_or_default();
        let raw = Cow::Owned(part.raw.to_vec());
        model::Part { raw, at: log.at + within as u64, ..model::Part::default() }
    };
    Exchange {
        method: Cow::Owned(exchange.method.into_owned()),
        url: part(&exchange.url),
        status: exchange.status,
        log_line: true,
        client: exchange.client.map(|c| Cow::Owned(c.into_owned())),
        request_headers: exchange
            .request_headers
            .iter()
            .map(|h| Header { name: Cow::Owned(h.name.to_string()), value: part(&h.value) })
            .collect(),
        ..Exchange::default()
    }
}
