//! Captures that other software put into a JSON document as a text: escaped in a string, or as base64.
//!
//! In: a JSON document (a ticket export, a message as Graph gives it). Out: the captures in it, and the document
//! without them. Never: looking into a HAR, whose strings are bodies of exchanges.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;
use regex::bytes::Regex;

use super::codec::{decode_base64, unescape};
use super::sniff::{self, Kind};
use super::{mail, text};

/// Captures taken out of one document at most.
const MOST: usize = 64;
/// Texts shorter than this hold no capture.
const LEAST: usize = 100;

/// Documents within documents that are looked into to tell whether there is a capture.
const DEEPER: usize = 2;

/// What was found: the capture's bytes, and where its text stands.
pub(super) struct Embedded {
    pub(super) bytes: Vec<u8>,
    pub(super) span: Range<usize>,
}

/// The captures in a document, in order.
pub(super) fn find(bytes: &[u8]) -> Vec<Embedded> {
    within(bytes, DEEPER)
}

fn within(bytes: &[u8], deeper: usize) -> Vec<Embedded> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if !matches!(text.first(), Some(b'{' | b'[')) || memmem::find(bytes, b"\"startedDateTime\"").is_some() {
        return Vec::new();
    }
    let mut found: Vec<Embedded> = escaped(bytes).into_iter().chain(coded(bytes, deeper)).collect();
    found.sort_by_key(|e| e.span.start);
    found.dedup_by(|later, first| later.span.start < first.span.end);
    found.truncate(MOST);
    found
}

/// The document with a word in the place of each capture.
pub(super) fn without(bytes: &[u8], found: &[Embedded]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    for (number, one) in found.iter().enumerate() {
        out.extend_from_slice(bytes.get(at..one.span.start).unwrap_or_default());
        out.extend_from_slice(format!("(read as embedded-{})", number + 1).as_bytes());
        at = one.span.end;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    out
}

/// Strings that hold the text of a HAR.
fn escaped(bytes: &[u8]) -> Vec<Embedded> {
    static HAR: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?-u)"(?:\\ufeff|\xEF\xBB\xBF)?(?:\\[nrt]|[ \t])*\{(?:\\[nrt]|[ \t])*\\"log\\"(?:\\[nrt]|[ \t])*:"#).ok()
    });
    let Some(pattern) = LazyLock::force(&HAR) else { return Vec::new() };
    let spans = pattern.find_iter(bytes).take(MOST).map(|hit| inside(bytes, hit.start()));
    spans
        .filter_map(|span| {
            let text = unescape(bytes.get(span.clone())?).into_owned();
            Some(Embedded { bytes: text.into_bytes(), span })
        })
        .collect()
}

/// What base64 begins with that may hold a capture: archives and compressed data; JSON, also in UTF-16 and behind the call
/// that viewers of HARs use; a message, by the headers that come first.
const BEGINNINGS: &str = "UEsDB|H4sI|KLUv|/Td6WFo|eyJ|eyAi|ewog|ewoJ|ewoi|ew0K|W3si|77u/ey?w?|//57AA|/v8Aew|AHsA|ewA[iKgN]|\
                          b25JbnB1dERhdGEo|RnJvbTog|UmVjZWl2ZWQ6|UmV0dXJuLV|RGVsaXZlcmVk|TUlNRS1W|RGF0ZTog|U3ViamVjdDog|\
                          TWVzc2FnZS|VG86I|Q29udGVudC|QVJDLV|WC1N";

/// Strings of base64 that hold one of these, perhaps behind `data:…;base64,`.
fn coded(bytes: &[u8], deeper: usize) -> Vec<Embedded> {
    static BASE64: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let head = r#"(?-u)"(?:data:[A-Za-z0-9/+.;=_-]{0,100};base64,)?(?:"#;
        Regex::new(&format!(r"{head}{BEGINNINGS})[A-Za-z0-9+/=_\\-]{{60}}")).ok()
    });
    let Some(pattern) = LazyLock::force(&BASE64) else { return Vec::new() };
    let spans = pattern.find_iter(bytes).take(16 * MOST).map(|hit| inside(bytes, hit.start()));
    spans
        .filter(|span| span.len() >= LEAST)
        .filter_map(|span| {
            let text = unescape(bytes.get(span.clone())?);
            let code = text.rsplit_once(";base64,").map_or(text.as_ref(), |(_, code)| code);
            let bytes = decode_base64(code)?;
            is_capture(&bytes, deeper).then_some(Embedded { bytes, span })
        })
        .collect()
}

/// Archives, compressed data, messages, JSON with a HAR's list of entries, and documents that hold one of these.
fn is_capture(bytes: &[u8], deeper: usize) -> bool {
    let packed: [&[u8]; 4] = [b"PK\x03\x04", b"\x1F\x8B\x08", b"\x28\xB5\x2F\xFD", b"\xFD7zXZ\0"];
    if packed.iter().any(|magic| bytes.starts_with(magic)) || mail::is_mail(bytes) {
        return true;
    }
    let wide = match sniff::kind(bytes) {
        kind @ (Kind::Utf16Le | Kind::Utf16Be) => text::to_utf8(bytes, kind, || {}),
        _ => None,
    };
    let text = wide.as_deref().unwrap_or(bytes);
    memmem::find(text, b"\"entries\"").is_some() && memmem::find(text, b"\"log\"").is_some()
        || deeper > 0 && !within(text, deeper - 1).is_empty()
}

/// The inside of the string that begins with the quote at `at`.
fn inside(bytes: &[u8], at: usize) -> Range<usize> {
    let mut next = at + 1;
    while let Some(n) = bytes.get(next..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        if bytes.get(next + n) == Some(&b'"') {
            return at + 1..next + n;
        }
        next += n + 2;
    }
    at + 1..bytes.len()
}
