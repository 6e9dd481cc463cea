//! The outline of an entry → an exchange of which everything is told that decides whether it is wanted.
//!
//! In: an outline and the bytes. Out: an [`Exchange`] that borrows from them. Never: an exchange that is handed on as an
//! event, for it lacks what decides nothing; or one that lacks something that decides: then there is no sketch.

use std::borrow::Cow;
use std::ops::Range;

use super::entry::{bare_mime, content_type, form_of_body};
use super::plain::{Alike, Inside, Outline, Reader, Told, goes_on, keep};
use crate::decode::json::unescape;
use crate::model::{Body, Exchange, Form, Header, Part};

/// An entry that was read to the letter.
pub(super) struct Sketch<'a, 'l> {
    pub(super) bytes: &'a [u8],
    pub(super) span: Range<usize>,
    pub(super) outline: &'l Outline,
    /// The insides of its long strings.
    pub(super) long: &'l [Range<usize>],
}

impl<'a> Sketch<'a, '_> {
    /// Asks whether it is wanted. `silent` tells of headers that nobody wants.
    pub(super) fn is_wanted(
        &self,
        wanted: impl Fn(&Exchange<'a>, &mut dyn FnMut() -> Option<Exchange<'a>>) -> bool,
        silent: &mut Alike,
    ) -> bool {
        let answer = wanted(&self.head(), &mut || self.exchange(silent));
        if answer {
            *silent = Alike::default();
        }
        answer
    }

    /// The exchange with nothing but its URL and status.
    pub(super) fn head(&self) -> Exchange<'a> {
        Exchange {
            url: self.part(self.outline.url, "/request/url"),
            status: self.outline.status.map(i32::from),
            ..Exchange::default()
        }
    }

    /// The exchange with headers and bodies; `None` where only the lenient reader can tell. Headers that are the same as
    /// those of an exchange that nobody wanted are left out: `silent` tells which, and then what of this one would be.
    pub(super) fn exchange(&self, silent: &mut Alike) -> Option<Exchange<'a>> {
        if self.outline.more {
            return None;
        }
        let mut body = match self.outline.content {
            Some(at) => self.body(at)?,
            None => None,
        };
        let untyped = body.as_mut().filter(|b| b.mime.is_empty());
        if untyped.is_some() {
            silent.response.headers.clear();
        }
        let request_headers = self.headers(self.outline.request_headers, &mut silent.request.headers)?;
        let response_headers = self.headers(self.outline.response_headers, &mut silent.response.headers)?;
        if let Some(body) = untyped {
            body.mime = content_type(&response_headers);
        }
        Some(Exchange {
            request_headers,
            response_headers,
            response_body: body,
            redirect_url: self.outline.redirect.map(|at| self.part(at, "/response/redirectURL")),
            ..self.head()
        })
    }

    fn part(&self, inside: Inside, pointer: &'static str) -> Part<'a> {
        let at = self.span.start + inside.at as usize;
        self.string(at..at + inside.length as usize, pointer)
    }

    fn string(&self, inside: Range<usize>, pointer: &'static str) -> Part<'a> {
        let at = inside.start as u64;
        let raw = Cow::Borrowed(self.bytes.get(inside).unwrap_or_default());
        Part { raw, at, form: Form::JsonString, pointer: Cow::Borrowed(pointer) }
    }

    fn reader(&self, at: u32) -> Reader<'a, '_> {
        let at = self.span.start + at as usize;
        Reader { bytes: self.bytes, at, start: self.span.start, known: self.long, long: None }
    }

    fn headers(&self, at: Option<u32>, silent: &mut Vec<Range<usize>>) -> Option<Vec<Header<'a>>> {
        let Some(at) = at else { return Some(Vec::new()) };
        let mut out = Vec::new();
        let mut count = 0;
        self.reader(at).list(|reader| {
            let (start, place) = (reader.at, count);
            count += 1;
            if goes_on(self.bytes, start, silent.get(place)) {
                reader.at += silent.get(place).map_or(0, |s| s.len());
                return Some(());
            }
            out.push(self.header(reader)?);
            keep(silent, place, start..reader.at);
            Some(())
        })?;
        Some(out)
    }

    /// A header on one line, as an object of its name and its value.
    fn header(&self, reader: &mut Reader<'a, '_>) -> Option<Header<'a>> {
        let (mut name, mut value) = (None, None);
        reader.object(|reader, key| {
            let place = match key {
                b"name" => &mut name,
                b"value" => &mut value,
                b"comment" => return reader.value(),
                _ => return None,
            };
            once(reader, place)
        })?;
        let name = std::str::from_utf8(self.bytes.get(name.filter(|n| !n.is_empty())?)?).ok()?;
        let value = self.string(value?, "");
        let plain = memchr::memchr2(b'\\', b'\n', &value.raw).is_none() && !name.contains('\\');
        plain.then_some(Header { name: Cow::Borrowed(name), value })
    }

    /// The body in `content`, if there is one; without a type if that stands elsewhere.
    fn body(&self, at: u32) -> Option<Option<Body<'a>>> {
        let (mut text, mut mime, mut encoding) = (None, None, None);
        self.reader(at).object(|reader, key| {
            let place = match key {
                b"text" => &mut text,
                b"mimeType" => &mut mime,
                b"encoding" => &mut encoding,
                b"size" | b"compression" | b"comment" => return reader.value(),
                _ => return None,
            };
            once(reader, place)
        })?;
        let Some(text) = text.filter(|t| !t.is_empty()) else { return Some(None) };
        let named =
            |at: Option<Range<usize>>| unescape(at.and_then(|at| self.bytes.get(at)).unwrap_or_default());
        let mut mime = bare_mime(&named(mime));
        if mime == "x-unknown" {
            mime.clear();
        }
        let mut text = self.string(text, "/response/content/text");
        text.form = form_of_body(&text.raw, &named(encoding));
        Some(Some(Body { text, mime, params: Vec::new() }))
    }
}

/// A text that nothing stands in the place of yet.
fn once(reader: &mut Reader<'_, '_>, place: &mut Option<Range<usize>>) -> Option<()> {
    match reader.told()? {
        Told::Text(inside) if place.is_none() => *place = Some(inside),
        _ => return None,
    }
    Some(())
}
