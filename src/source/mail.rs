//! An e-mail as a file (`.eml`) → its text and its attachments.
//!
//! In: a message as RFC 5322 and MIME write it, whole or cut. Out: its text, under its subject, and every attachment,
//! handed back to the loader. Never: more parts or deeper nesting than the limits, or HTML beside the same text.

use std::sync::Arc;

use super::codec::{decode_base64, quoted_printable};

use super::archive::allowed;
use super::load::Loader;

/// Parts within parts that are entered at most.
const MAX_NESTING: usize = 12;

/// Headers that only a message has which went through a mail system.
const TRANSPORT: [&str; 5] = ["mime-version", "message-id", "received", "return-path", "delivered-to"];

/// Whether these bytes begin like a message.
pub(super) fn is_mail(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(64 * 1024)).unwrap_or_default();
    if !head.first().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        return false;
    }
    let first = head.get(..memchr::memchr(b'\n', head).unwrap_or(head.len())).unwrap_or_default();
    if !header_name(first).is_some_and(|n| n.eq_ignore_ascii_case("from") || n.len() < 60) {
        return false;
    }
    let headers = Headers::read(head).0;
    let transport = TRANSPORT.iter().filter(|name| headers.get(name).is_some()).count();
    transport > 0
        && headers.get("from").is_some()
        && ["subject", "to", "date", "content-type"].iter().any(|name| headers.get(name).is_some())
}

/// Reads the message and hands on what it holds.
pub(super) fn open(loader: &mut Loader<'_>, name: &str, bytes: &[u8], depth: usize) {
    let mut reader = Reader { loader, name, depth, parts: 0, handed_on: false };
    reader.entity(bytes, "", 0);
    if !reader.handed_on {
        reader.loader.lose(name, "a mail without text or attachment");
    }
}

struct Reader<'r, 'l> {
    loader: &'r mut Loader<'l>,
    name: &'r str,
    depth: usize,
    parts: usize,
    /// Something of it went back to the loader, which says what becomes of it.
    handed_on: bool,
}

impl Reader<'_, '_> {
    /// A message or a part of one: headers, an empty line, a body.
    fn entity(&mut self, bytes: &[u8], subject: &str, nesting: usize) {
        if nesting > MAX_NESTING {
            return self.loader.lose(self.name, "its parts are nested too deeply");
        }
        let (headers, body) = Headers::read(bytes);
        let subject = headers.get("subject").map_or_else(|| subject.to_owned(), words);
        let kind = headers.get("content-type").unwrap_or("text/plain").to_owned();
        let mime = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if mime.starts_with("multipart/")
            && let Some(boundary) = parameter(&kind, "boundary")
        {
            let parts = split(body, &boundary);
            let plain = mime == "multipart/alternative" && parts.iter().any(|p| is_plain_text(p));
            for part in parts {
                if !(plain && is_html(part)) {
                    self.entity(part, &subject, nesting + 1);
                }
            }
            return;
        }
        if !allowed(self.loader, self.name) {
            return;
        }
        let content = decoded(&headers, body);
        if mime == "message/rfc822" {
            return self.entity(&content, &subject, nesting + 1);
        }
        self.leaf(&headers, &kind, &mime, content, &subject);
    }

    fn leaf(&mut self, headers: &Headers, kind: &str, mime: &str, content: Vec<u8>, subject: &str) {
        self.parts += 1;
        let disposition = headers.get("content-disposition").unwrap_or_default();
        let file = parameter(disposition, "filename").or_else(|| parameter(kind, "name"));
        if let Some(file) = file {
            self.handed_on = true;
            let label = format!("{}!/{}", self.name, words(&file).replace('\\', "/"));
            return self.loader.take(&label, Arc::new(content), self.depth);
        }
        if !mime.starts_with("text/") && !mime.starts_with("message/") {
            self.handed_on = true;
            let label = format!("{}!/part {}", self.name, self.parts);
            return self.loader.take(&label, Arc::new(content), self.depth);
        }
        let text = text(&content, kind);
        if text.trim().is_empty() {
            return;
        }
        self.handed_on = true;
        let extension = if mime == "text/html" { "html" } else { "txt" };
        let number = if self.parts == 1 { String::new() } else { format!("-{}", self.parts) };
        let label = format!("{}!/message{number}.{extension}", self.name);
        let under = if subject.is_empty() { text } else { format!("Subject: {subject}\n\n{text}") };
        self.loader.keep(&label, Arc::new(under.into_bytes()));
    }
}

fn is_plain_text(part: &[u8]) -> bool {
    let (headers, body) = Headers::read(part);
    headers.get("content-type").is_none_or(|t| t.trim().to_ascii_lowercase().starts_with("text/plain"))
        && !body.trim_ascii().is_empty()
}

fn is_html(part: &[u8]) -> bool {
    let headers = Headers::read(part).0;
    headers.get("content-type").is_some_and(|t| t.trim().to_ascii_lowercase().starts_with("text/html"))
}

/// Headers with their continued lines joined; names in lower case.
struct Headers(Vec<(String, String)>);

impl Headers {
    /// The headers at the beginning, and what follows them.
    fn read(bytes: &[u8]) -> (Headers, &[u8]) {
        let mut list: Vec<(String, String)> = Vec::new();
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest).or((!rest.is_empty()).then_some(rest.len())) {
            let line = rest.get(..end).unwrap_or_default();
            let after = rest.get(end + 1..).unwrap_or_default();
            let text = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
            if text.is_empty() {
                return (Headers(list), after);
            }
            if text.starts_with([' ', '\t']) {
                if let Some((_, value)) = list.last_mut() {
                    value.push(' ');
                    value.push_str(text.trim());
                }
            } else if let Some(name) = header_name(line) {
                let value = text.get(name.len() + 1..).unwrap_or_default().trim().to_owned();
                list.push((name.to_ascii_lowercase(), value));
            } else if !(list.is_empty() && text.starts_with("From ")) {
                // No header: the body begins without an empty line.
                return (Headers(list), rest);
            }
            rest = after;
        }
        (Headers(list), rest)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// Longest name of a header.
const LONGEST: usize = 76;

fn header_name(line: &[u8]) -> Option<&str> {
    let colon = memchr::memchr(b':', line.get(..line.len().min(LONGEST + 1))?)?;
    let name = std::str::from_utf8(line.get(..colon)?).ok()?;
    let sound = (1..=LONGEST).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    sound.then_some(name)
}

/// A parameter of a header (`name="value"`), also in the form with a charset (`name*=utf-8''value`).
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut joined = String::new();
    for piece in pieces(header).into_iter().skip(1) {
        let Some((key, value)) = piece.split_once('=') else { continue };
        let key = key.trim().to_ascii_lowercase();
        let base = key.split('*').next().unwrap_or_default();
        if base != name {
            continue;
        }
        let value = value.trim().trim_matches('"');
        if key.ends_with('*') {
            let coded = value.splitn(3, '\'').last().unwrap_or_default();
            joined.push_str(&percent_encoding::percent_decode_str(coded).decode_utf8_lossy());
        } else {
            joined.push_str(value);
        }
    }
    (!joined.is_empty()).then_some(joined)
}

/// Cuts a header value at the semicolons that stand outside quotes.
fn pieces(header: &str) -> Vec<&str> {
    let mut quoted = false;
    header
        .split(|c| {
            quoted ^= c == '"';
            c == ';' && !quoted
        })
        .collect()
}

/// The parts between the lines that are the boundary; a part without its closing line is kept.
fn split<'b>(body: &'b [u8], boundary: &str) -> Vec<&'b [u8]> {
    let mark = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut open: Option<usize> = None;
    for at in memchr::memmem::find_iter(body, mark.as_bytes()) {
        let begins = at == 0 || body.get(at - 1) == Some(&b'\n');
        let rest = body.get(at + mark.len()..).unwrap_or_default();
        let closes = rest.starts_with(b"--");
        let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let alone =
            rest.get(..line).unwrap_or_default().iter().all(|b| b.is_ascii_whitespace() || *b == b'-');
        if !begins || !alone {
            continue;
        }
        if let Some(start) = open {
            parts.push(body.get(start..at).unwrap_or_default());
        }
        open = (!closes).then_some((at + mark.len() + line + 1).min(body.len()));
        if closes {
            break;
        }
    }
    if let Some(start) = open {
        parts.push(body.get(start..).unwrap_or_default());
    }
    parts
}

fn decoded(headers: &Headers, body: &[u8]) -> Vec<u8> {
    let coding = headers.get("content-transfer-encoding").unwrap_or_default().trim().to_ascii_lowercase();
    match coding.as_str() {
        "base64" => {
            let text = String::from_utf8_lossy(body);
            decode_base64(&text).unwrap_or_else(|| body.to_vec())
        }
        "quoted-printable" => quoted_printable(body),
        _ => body.to_vec(),
    }
}

fn text(content: &[u8], kind: &str) -> String {
    let label = parameter(kind, "charset").unwrap_or_default();
    let encoding = encoding_rs::Encoding::for_label(label.as_bytes());
    match encoding.filter(|_| {
        std::str::from_utf8(content).is_err() || label.to_ascii_lowercase().starts_with("iso-2022")
    }) {
        Some(encoding) => encoding.decode(content).0.into_owned(),
        None => String::from_utf8_lossy(content).into_owned(),
    }
}

/// Undoes the encoded words of a header (`=?utf-8?B?…?=`).
fn words(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, coded)) = rest.split_once("=?") {
        let mut fields = coded.splitn(4, '?');
        let (Some(charset), Some(coding), Some(text), Some(after)) =
            (fields.next(), fields.next(), fields.next(), fields.next().and_then(|a| a.strip_prefix('=')))
        else {
            break;
        };
        let bytes = if coding.eq_ignore_ascii_case("b") {
            decode_base64(text).unwrap_or_default()
        } else {
            quoted_printable(text.replace('_', " ").as_bytes())
        };
        if !before.trim().is_empty() {
            out.push_str(before);
        }
        let encoding = encoding_rs::Encoding::for_label(charset.as_bytes()).unwrap_or(encoding_rs::UTF_8);
        out.push_str(&encoding.decode(&bytes).0);
        rest = after;
    }
    out.push_str(rest);
    out
}
