//! How the bytes of a [`Part`] become text.

use std::borrow::Cow;

pub use crate::source::codec::decode_base64;

use super::json::unescape;
use super::packed;
use crate::model::{Form, Part, Span};

impl<'a> Part<'a> {
    /// A part that stands in the source as it is.
    pub fn plain(raw: &'a [u8], at: usize) -> Part<'a> {
        Part { raw: Cow::Borrowed(raw), at: at as u64, form: Form::Plain, pointer: Cow::Borrowed("") }
    }

    /// The text, decoded as [`Part::form`] says; invalid UTF-8 is replaced.
    pub fn text(&self) -> Cow<'_, str> {
        match self.form {
            Form::Plain | Form::Made(_) => String::from_utf8_lossy(&self.raw),
            Form::JsonString => unescape(&self.raw),
            Form::CsvQuoted => Cow::Owned(String::from_utf8_lossy(&self.raw).replace("\"\"", "\"")),
            Form::JsonBase64 => match decode_base64(&unescape(&self.raw)) {
                Some(bytes) => Cow::Owned(packed::text(bytes)),
                None => unescape(&self.raw),
            },
            Form::JsonChunks => {
                let text = unescape(&self.raw);
                packed::chunks(&text).map_or(text, |bytes| Cow::Owned(packed::text(bytes)))
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    /// The span of the whole part in the source.
    pub fn span(&self) -> Span {
        let length = match self.form {
            Form::Made(length) => length.into(),
            _ => self.raw.len() as u64,
        };
        Span { start: self.at, end: self.at + length }
    }

    /// The span of `needle` in the source where it stands there literally; else the whole part.
    pub fn span_of(&self, needle: &str) -> Span {
        if matches!(self.form, Form::Made(_)) {
            return self.span();
        }
        match first(&self.raw, needle.as_bytes()) {
            Some(n) if !needle.is_empty() => {
                let start = self.at + n as u64;
                Span { start, end: start + needle.len() as u64 }
            }
            _ => self.span(),
        }
    }
}

/// As `memmem::find`, which takes longer to get ready than to search a record.
fn first(text: &[u8], needle: &[u8]) -> Option<usize> {
    let Some(byte) = needle.first().filter(|_| text.len() <= SHORT) else {
        return memchr::memmem::find(text, needle);
    };
    memchr::memchr_iter(*byte, text).find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(needle)))
}

/// In a longer text, the first byte of a needle may stand too often.
const SHORT: usize = 2 * 1024;
