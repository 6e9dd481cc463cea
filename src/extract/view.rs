//! The places of an event where text stands.
//!
//! In: one [`Event`]. Out: a [`View`] of every text that may mean something, each decoded once, and the payloads found
//! in them. Never: scripts, styles, images, fonts, documentation: codes in there mean nothing.

use std::borrow::Cow;
use std::cell::OnceCell;

use crate::model::{Body, Event, EventKind, Exchange, Part, Record};

use super::endpoint::{self, Endpoint};
use super::payload::{self, Payload};
use super::text;

/// Where a text stands in its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ViewAt<'e> {
    RequestUrl,
    /// `redirectURL` of the recorder; a `Location` header is a [`ViewAt::ResponseHeader`].
    RedirectUrl,
    RequestHeader(&'e str),
    ResponseHeader(&'e str),
    RequestBody {
        mime: &'e str,
    },
    ResponseBody {
        mime: &'e str,
    },
    /// One parameter of a form that the recorder split.
    FormParam(&'e str),
    /// The recorder's own words for a failed exchange.
    Error,
    RecordText,
    RecordField(&'e str),
    Paste,
}

/// A text and where it stands.
pub(super) struct View<'e> {
    pub(super) part: &'e Part<'e>,
    /// The text as sent or written, decoded.
    pub(super) text: Cow<'e, str>,
    pub(super) at: ViewAt<'e>,
    words: OnceCell<String>,
}

/// All that extractors need of one event: its texts, its payloads, and what its URL is for.
pub struct Views<'e> {
    pub(super) event: &'e Event<'e>,
    /// What the request URL is for; `Other` for records and pastes.
    pub(super) endpoint: Endpoint,
    /// Lower-case host of the request URL; empty for records and pastes.
    pub(super) host: String,
    /// The request URL, decoded; empty for records and pastes.
    pub(super) url: Cow<'e, str>,
    pub(super) list: Vec<View<'e>>,
    payloads: OnceCell<Vec<Payload>>,
    texts: OnceCell<Vec<text::Found>>,
}

impl<'e> Views<'e> {
    pub fn of(event: &'e Event<'e>) -> Views<'e> {
        let mut views = Views {
            event,
            endpoint: Endpoint::Other,
            host: String::new(),
            url: Cow::Borrowed(""),
            list: Vec::new(),
            payloads: OnceCell::new(),
            texts: OnceCell::new(),
        };
        match &event.kind {
            EventKind::Exchange(exchange) => views.exchange(exchange),
            EventKind::Record(record) => views.record(record),
            EventKind::Paste(part) => views.push(part, ViewAt::Paste),
        }
        views
    }

    /// The exchange, where the event is one.
    pub(super) fn as_exchange(&self) -> Option<&'e Exchange<'e>> {
        if let EventKind::Exchange(exchange) = &self.event.kind { Some(exchange) } else { None }
    }

    /// Error payloads and key/value sets in all views, in order; found once.
    pub(super) fn payloads(&self) -> &[Payload] {
        self.payloads.get_or_init(|| payload::find_all(&self.list))
    }

    /// The texts that may speak of an error; found once.
    pub(super) fn texts(&self) -> impl Iterator<Item = text::Text<'_>> {
        self.texts.get_or_init(|| text::find(self)).iter().filter_map(|found| found.text(self))
    }

    /// The view in which a payload stands.
    pub(super) fn view_of(&self, payload: &Payload) -> &View<'e> {
        &self.list[payload.view]
    }

    /// Value of the first response header with that name.
    pub(super) fn response_header(&self, name: &str) -> Option<&View<'e>> {
        self.list.iter().find(|v| matches!(v.at, ViewAt::ResponseHeader(n) if n.eq_ignore_ascii_case(name)))
    }

    /// Value of the first request header with that name.
    pub(super) fn request_header(&self, name: &str) -> Option<&View<'e>> {
        self.list.iter().find(|v| matches!(v.at, ViewAt::RequestHeader(n) if n.eq_ignore_ascii_case(name)))
    }

    fn push(&mut self, part: &'e Part<'e>, at: ViewAt<'e>) {
        if !part.is_empty() {
            self.list.push(View { part, text: part.text(), at, words: OnceCell::new() });
        }
    }

    fn exchange(&mut self, exchange: &'e Exchange<'e>) {
        self.url = exchange.url.text();
        let seen = endpoint::classify(&self.url);
        (self.endpoint, self.host) = (seen.endpoint, seen.host);
        let path = seen.path.to_ascii_lowercase();
        if matches!(self.endpoint, Endpoint::Docs | Endpoint::Static) || is_asset(&path) {
            if let Some(part) = &exchange.error {
                self.push(part, ViewAt::Error);
            }
            return;
        }
        self.push(&exchange.url, ViewAt::RequestUrl);
        for header in &exchange.request_headers {
            self.push(&header.value, ViewAt::RequestHeader(&header.name));
        }
        if let Some(body) = &exchange.request_body {
            self.push(&body.text, ViewAt::RequestBody { mime: &body.mime });
            for param in &body.params {
                self.push(&param.value, ViewAt::FormParam(&param.name));
            }
        }
        for header in &exchange.response_headers {
            self.push(&header.value, ViewAt::ResponseHeader(&header.name));
        }
        if let Some(part) = &exchange.redirect_url {
            self.push(part, ViewAt::RedirectUrl);
        }
        if let Some(body) = exchange.response_body.as_ref().filter(|b| is_readable(b)) {
            self.push(&body.text, ViewAt::ResponseBody { mime: &body.mime });
        }
        if let Some(part) = &exchange.error {
            self.push(part, ViewAt::Error);
        }
    }

    fn record(&mut self, record: &'e Record<'e>) {
        let whole = record.text.raw.trim_ascii_start();
        // The fields of a JSON record are its text, decoded.
        if record.fields.is_empty() || !whole.starts_with(b"{") {
            self.push(&record.text, ViewAt::RecordText);
        }
        for field in &record.fields {
            self.push(&field.value, ViewAt::RecordField(&field.name));
        }
        if let Some(message) = &record.message {
            let listed = record.fields.iter().any(|f| f.value.at == message.at && f.value.raw == message.raw);
            let inside = record.fields.is_empty() || !whole.starts_with(b"{");
            if !listed && !inside {
                self.push(message, ViewAt::RecordField("message"));
            }
        }
    }
}

impl View<'_> {
    /// True for a page: markup, not data.
    pub(super) fn is_html(&self) -> bool {
        match self.at {
            ViewAt::ResponseBody { mime } if mime.contains("html") => true,
            ViewAt::ResponseBody { .. } | ViewAt::RecordField(_) | ViewAt::Paste | ViewAt::RecordText => {
                let head = self.text.trim_start().as_bytes();
                let begins = |with: &str| {
                    head.get(..with.len()).is_some_and(|h| h.eq_ignore_ascii_case(with.as_bytes()))
                };
                begins("<!doctype html") || begins("<html") || begins("<head")
            }
            _ => false,
        }
    }

    /// What a person would read: the text itself, or of a page the text between its tags.
    pub(super) fn words(&self) -> &str {
        if !self.is_html() {
            return &self.text;
        }
        self.words.get_or_init(|| payload::visible_text(&self.text))
    }

    /// True where free text stands (logs, tickets), in which payloads may be embedded.
    pub(super) fn is_free_text(&self) -> bool {
        matches!(self.at, ViewAt::Paste | ViewAt::RecordText | ViewAt::RecordField(_) | ViewAt::Error)
    }
}

/// True for a path of a script, style, image or font.
pub(super) fn is_asset(path: &str) -> bool {
    const ENDINGS: &[&str] = &[
        ".js", ".mjs", ".css", ".map", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".webp", ".woff",
        ".woff2", ".ttf", ".wasm", ".mp4",
    ];
    ENDINGS.iter().any(|e| path.ends_with(e))
}

pub(super) fn is_readable(body: &Body<'_>) -> bool {
    const DEAD: &[&str] =
        &["javascript", "ecmascript", "css", "image/", "font", "audio/", "video/", "wasm", "octet-stream"];
    !DEAD.iter().any(|dead| body.mime.contains(dead))
}
