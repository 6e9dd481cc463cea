//! An HTTP message as it went over the wire.
//!
//! In: bytes of a request or an answer. Out: its first line, headers and body; the body without chunks and without
//! compression, where it is text. Never: a body that is no text, or more than [`MOST`] bytes of one.

use std::borrow::Cow;
use std::io::Read;

use crate::model::{Body, Form, Header, Part};

/// Most bytes that one body may unpack to.
const MOST: u64 = 64 << 20;

/// A message, cut into its parts; offsets count from the beginning of the source.
pub(super) struct Message<'a> {
    pub(super) first_line: &'a [u8],
    pub(super) first_at: usize,
    pub(super) headers: Vec<Header<'a>>,
    pub(super) body: &'a [u8],
    pub(super) body_at: usize,
}

impl<'a> Message<'a> {
    /// Cuts the message that stands in `bytes`, which begin at `at` in the source.
    pub(super) fn parse(bytes: &'a [u8], at: usize) -> Self {
        let mut next = 0;
        let (first_line, step) = line(bytes, 0);
        let first_at = at;
        next += step;
        let mut headers = Vec::new();
        while next < bytes.len() {
            let (text, step) = line(bytes, next);
            if text.is_empty() {
                next += step;
                break;
            }
            if let Some(colon) = memchr::memchr(b':', text) {
                let name = text.get(..colon).unwrap_or_default().trim_ascii();
                let value = text.get(colon + 1..).unwrap_or_default();
                let lead = value.len() - value.trim_ascii_start().len();
                let part = Part::plain(value.trim_ascii(), at + next + colon + 1 + lead);
                headers.push(Header { name: String::from_utf8_lossy(name), value: part });
            }
            next += step;
        }
        let body = bytes.get(next..).unwrap_or_default();
        Message { first_line, first_at, headers, body, body_at: at + next }
    }

    pub(super) fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        self.headers.iter().find(|h| h.name.eq_ignore_ascii_case(name)).map(|h| h.value.text())
    }

    /// The body as text; `Err` says why there is none though bytes are there.
    pub(super) fn text(&self, pointer: &'static str) -> Result<Option<Body<'a>>, &'static str> {
        if self.body.is_empty() {
            return Ok(None);
        }
        let kind = self.header("content-type").unwrap_or_default();
        let mime = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !is_text(&mime) {
            return Ok(None);
        }
        let chunked =
            self.header("transfer-encoding").is_some_and(|t| t.to_ascii_lowercase().contains("chunked"));
        let whole = if chunked { unchunk(self.body) } else { None };
        let plain = whole.map_or(Cow::Borrowed(self.body), Cow::Owned);
        let coding = self.header("content-encoding").unwrap_or_default().trim().to_ascii_lowercase();
        let raw = match coding.as_str() {
            "" | "identity" => plain,
            coding => match unpack(&plain, coding) {
                Some(out) => Cow::Owned(out),
                // Recorders undo the compression and leave the header.
                None if std::str::from_utf8(&plain).is_ok() => plain,
                None => return Err("its compressed body could not be unpacked"),
            },
        };
        // Chunks or a compression were undone: no byte of it stands where it seems to.
        let form = match &raw {
            Cow::Owned(_) => Form::Made(u32::try_from(self.body.len()).unwrap_or(u32::MAX)),
            Cow::Borrowed(_) => Form::Plain,
        };
        let part = Part { raw, at: self.body_at as u64, form, pointer: Cow::Borrowed(pointer) };
        Ok(Some(Body { text: part, mime, params: Vec::new() }))
    }
}

/// The message with its body as text: chunks and compression undone, and without the headers that told of them. A
/// body that is no text is left out; the second value says so. `None` where the bytes are no message or need no change.
pub(crate) fn plain_message(bytes: &[u8]) -> Option<(Vec<u8>, bool)> {
    if !crate::source::is_http(bytes) {
        return None;
    }
    let message = Message::parse(bytes, 0);
    let told = ["content-encoding", "transfer-encoding"];
    let readable = |b: &[u8]| !b.contains(&0) && std::str::from_utf8(b).is_ok();
    if message.body.is_empty() || (readable(message.body) && told.iter().all(|h| message.header(h).is_none()))
    {
        return None;
    }
    let text = message.text("").ok().flatten().map(|b| b.text.raw.into_owned());
    let text = text.or_else(|| Some(message.body.to_vec())).filter(|t| readable(t));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < message.body_at {
        let (content, step) = line(bytes, at);
        let name = content.split(|b| *b == b':').next().unwrap_or_default().trim_ascii();
        if !told.iter().any(|t| name.eq_ignore_ascii_case(t.as_bytes())) {
            out.extend_from_slice(bytes.get(at..(at + step).min(bytes.len())).unwrap_or_default());
        }
        at += step;
    }
    let left_out = text.is_none();
    out.extend(text.unwrap_or_default());
    Some((out, left_out))
}

/// The line that begins at `at`, without its end, and how far the next one is.
fn line(bytes: &[u8], at: usize) -> (&[u8], usize) {
    let rest = bytes.get(at..).unwrap_or_default();
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let text = rest.get(..end).unwrap_or_default();
    (text.strip_suffix(b"\r").unwrap_or(text), end + 1)
}

fn is_text(mime: &str) -> bool {
    let binary = ["image/", "video/", "audio/", "font/", "application/octet-stream", "application/wasm"];
    !binary.iter().any(|b| mime.starts_with(b)) || mime == "image/svg+xml"
}

/// Joins the chunks of a body; `None` where it has none.
fn unchunk(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = body;
    loop {
        let end = memchr::memchr(b'\n', rest.get(..rest.len().min(1024))?);
        let Some(end) = end else { return (!out.is_empty()).then_some(out) };
        let size = std::str::from_utf8(rest.get(..end)?).ok()?.split(';').next()?.trim();
        let Ok(size) = usize::from_str_radix(size, 16) else {
            return (!out.is_empty()).then_some(out);
        };
        if size == 0 {
            return Some(out);
        }
        let data = rest.get(end + 1..)?;
        let Some(chunk) = data.get(..size) else {
            // The capture ends inside this chunk.
            out.extend_from_slice(data);
            return Some(out);
        };
        out.extend_from_slice(chunk);
        let after = data.get(size..)?;
        rest = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n")).unwrap_or(after);
    }
}

/// Undoes the codings of `Content-Encoding`, the last one first.
fn unpack(bytes: &[u8], codings: &str) -> Option<Vec<u8>> {
    let mut data = bytes.to_vec();
    for coding in codings.rsplit(',').map(str::trim).filter(|c| !c.is_empty() && *c != "identity") {
        data = unpack_one(&data, coding)?;
    }
    Some(data)
}

/// Undoes one coding, as far as the data is whole.
pub(super) fn unpack_one(bytes: &[u8], coding: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    // A broken end keeps what came before it.
    let _broken = match coding {
        "gzip" | "x-gzip" => flate2::read::MultiGzDecoder::new(bytes).take(MOST).read_to_end(&mut out),
        "deflate" if matches!(bytes.first(), Some(b) if b & 0x0F == 8) => {
            flate2::read::ZlibDecoder::new(bytes).take(MOST).read_to_end(&mut out)
        }
        "deflate" => flate2::read::DeflateDecoder::new(bytes).take(MOST).read_to_end(&mut out),
        "br" => brotli_decompressor::Decompressor::new(bytes, 4096).take(MOST).read_to_end(&mut out),
        "zstd" => ruzstd::decoding::StreamingDecoder::new(bytes).ok()?.take(MOST).read_to_end(&mut out),
        _ => return None,
    };
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(headers: &str, body: &[u8]) -> String {
        let bytes = [format!("HTTP/1.1 200 OK\r\n{headers}\r\n\r\n").as_bytes(), body].concat();
        let message = Message::parse(&bytes, 0);
        message.text("").expect("readable").map(|b| b.text.text().into_owned()).unwrap_or_default()
    }

    #[test]
    fn codings_are_undone() {
        assert_eq!(body("Content-Type: text/plain", b"as it is"), "as it is");
        assert_eq!(
            body("Content-Type: text/plain\r\nContent-Encoding: br", b"\x0b\x05\x80hello world\x03"),
            "hello world"
        );
        assert_eq!(
            body("Transfer-Encoding: chunked", b"5;x=1\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
            "hello world"
        );
        assert_eq!(body("Transfer-Encoding: chunked", b"5\r\nhello\r\nff\r\n wor"), "hello wor", "cut short");
        assert_eq!(
            body("Transfer-Encoding: chunked", b"undone by the recorder\n"),
            "undone by the recorder\n"
        );
        assert_eq!(body("Content-Encoding: gzip", b"undone by the recorder"), "undone by the recorder");
        assert_eq!(body("Content-Type: image/png", b"\x89PNG"), "");
    }

    #[test]
    fn what_cannot_be_unpacked_is_said() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n\xFF\xFE\xFD\xFC";
        assert!(Message::parse(bytes, 0).text("").is_err());
    }

    #[test]
    fn headers_keep_their_places() {
        let bytes = b"GET / HTTP/1.1\nHost:  app.contoso.example\nX:y\n\nbody";
        let message = Message::parse(bytes, 100);
        let host = &message.headers[0].value;
        assert_eq!((host.text().as_ref(), host.at), ("app.contoso.example", 100 + 22));
        assert_eq!((message.body, message.body_at), (&b"body"[..], 100 + 47));
    }
}
