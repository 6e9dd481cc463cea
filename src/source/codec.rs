//! Codings that texts are put into on their way: JSON escapes, base64, quoted-printable.
//!
//! In: bytes or text. Out: what stood there before. Never: failing where a part of it can be read.

use std::borrow::Cow;

use base64::Engine as _;

/// Undoes the escapes of a JSON string. Unknown escapes keep their character; lone surrogates and invalid UTF-8
/// become U+FFFD.
pub fn unescape(raw: &[u8]) -> Cow<'_, str> {
    if memchr::memchr(b'\\', raw).is_none() {
        return std::str::from_utf8(raw).map_or_else(|_| String::from_utf8_lossy(raw), Cow::Borrowed);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let Some(n) = memchr::memchr(b'\\', &raw[at..]) else {
            out.extend_from_slice(&raw[at..]);
            break;
        };
        out.extend_from_slice(&raw[at..at + n]);
        at += n + 1;
        let Some(&c) = raw.get(at) else { break };
        at += 1;
        match c {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'u' => at = push_unicode(raw, at, &mut out),
            other => out.push(other),
        }
    }
    Cow::Owned(String::from_utf8(out).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

fn push_unicode(raw: &[u8], at: usize, out: &mut Vec<u8>) -> usize {
    let Some(first) = hex4(raw, at) else {
        out.push(b'u');
        return at;
    };
    let mut next = at + 4;
    let mut code = u32::from(first);
    if (0xD800..0xDC00).contains(&first)
        && raw.get(next..next + 2) == Some(b"\\u")
        && let Some(second) = hex4(raw, next + 2).filter(|s| (0xDC00..0xE000).contains(s))
    {
        code = 0x10000 + ((u32::from(first) - 0xD800) << 10) + (u32::from(second) - 0xDC00);
        next += 6;
    }
    let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    next
}

fn hex4(raw: &[u8], at: usize) -> Option<u16> {
    let digits = std::str::from_utf8(raw.get(at..at + 4)?).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

/// Base64 of either alphabet, padded or not, with white space; `None` where it is not base64.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut clean = Vec::with_capacity(text.len());
    for b in text.bytes() {
        match b {
            b'-' => clean.push(b'+'),
            b'_' => clean.push(b'/'),
            b'=' | b' ' | b'\t'..=b'\r' => {}
            b if b.is_ascii() => clean.push(b),
            // White space of other scripts is passed over, anything else is no base64.
            _ => {
                let plain: String = text.chars().filter(|c| c.is_ascii() || !c.is_whitespace()).collect();
                return if plain.is_ascii() { decode_base64(&plain) } else { None };
            }
        }
    }
    base64::engine::general_purpose::STANDARD_NO_PAD.decode(clean).ok()
}

/// Quoted-printable: `=3D`, and lines that end with `=`.
pub(crate) fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(n) = memchr::memchr(b'=', rest) {
        out.extend_from_slice(rest.get(..n).unwrap_or_default());
        let after = rest.get(n + 1..).unwrap_or_default();
        let hex = after.get(..2).and_then(|h| std::str::from_utf8(h).ok());
        let line = after.iter().position(|b| !matches!(b, b' ' | b'\t' | b'\r'));
        if let Some(byte) = hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            out.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else if let Some(end) = line.filter(|end| after.get(*end) == Some(&b'\n')) {
            rest = after.get(end + 1..).unwrap_or_default();
        } else {
            out.push(b'=');
            rest = after;
        }
    }
    out.extend_from_slice(rest);
    out
}
