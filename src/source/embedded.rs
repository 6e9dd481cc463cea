//! Captures that other software put into a JSON document as a text: escaped in a string, or as base64.
//!
//! In: a JSON document (a ticket export, a message as Graph gives it). Out: the captures in it, and the document
//! without them. Never: looking into a HAR, whose strings are bodies of exchanges.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;
use regex::bytes::Regex;

use super::codec::{decode_base64, unescape};

/// Captures taken out of one document at most.
const MOST: usize = 64;
/// Texts shorter than this hold no capture.
const LEAST: usize = 100;

/// What was found: the capture's bytes, and where its text stands.
pub(super) struct Embedded {
    pub(super) bytes: Vec<u8>,
    pub(super) span: Range<usize>,
}

/// The captures in a document, in order.
pub(super) fn find(bytes: &[u8]) -> Vec<Embedded> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    if !matches!(text.first(), Some(b'{' | b'[')) || memmem::find(bytes, b"\"startedDateTime\"").is_some() {
        return Vec::new();
    }
    let mut found: Vec<Embedded> = escaped(bytes).into_iter().chain(coded(bytes)).collect();
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

/// Strings of base64 that hold a HAR, an archive or compressed data, perhaps behind `data:…;base64,`.
fn coded(bytes: &[u8]) -> Vec<Embedded> {
    static BASE64: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?-u)"(?:data:[A-Za-z0-9/+.;=_-]{0,100};base64,)?(?:UEsDB|H4sI|KLUv|/Td6WFo|eyJ|eyAi|ewog|ewoJ|ew0K|77u/ey?w?|//57AA)[A-Za-z0-9+/=_\\-]{60}"#).ok()
    });
    let Some(pattern) = LazyLock::force(&BASE64) else { return Vec::new() };
    let spans = pattern.find_iter(bytes).take(16 * MOST).map(|hit| inside(bytes, hit.start()));
    spans
        .filter(|span| span.len() >= LEAST)
        .filter_map(|span| {
            let text = unescape(bytes.get(span.clone())?);
            let code = text.rsplit_once(";base64,").map_or(text.as_ref(), |(_, code)| code);
            let bytes = decode_base64(code)?;
            is_capture(&bytes).then_some(Embedded { bytes, span })
        })
        .collect()
}

/// Archives, compressed data, and JSON with a HAR's list of entries.
fn is_capture(bytes: &[u8]) -> bool {
    let packed: [&[u8]; 4] = [b"PK\x03\x04", b"\x1F\x8B\x08", b"\x28\xB5\x2F\xFD", b"\xFD7zXZ\0"];
    packed.iter().any(|magic| bytes.starts_with(magic))
        || bytes.starts_with(b"\xFF\xFE{\0")
        || memmem::find(bytes, b"\"entries\"").is_some() && memmem::find(bytes, b"\"log\"").is_some()
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
