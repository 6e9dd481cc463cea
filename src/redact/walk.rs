//! Where in a source secrets may stand.
//!
//! In: the bytes of a source. Out: its texts, each with what its name and place say of it: the strings of JSON, bodies
//! in base64, lines of text. Never: a look at what a text says.

use std::borrow::Cow;
use std::ops::Range;

use super::engine;
use super::kind::{Finding, Kind, is_trivial};
use super::named;
use super::names::{Rule, Sensitive, classify};
use crate::decode::json::{self, Node, Value};

/// Deepest nesting of bodies in bodies.
const MAX_NESTING: usize = 3;
/// Longest key that is taken for a name.
const LONGEST_NAME: usize = 24;
/// Shortest stretch of broken JSON, or key, that can hold a secret.
const SHORTEST: usize = 12;
/// Text is looked at in pieces of about this size, cut at line ends.
const CHUNK: usize = 4 << 20;

/// A stretch of the source that may hold secrets.
pub(super) struct Item {
    pub(super) range: Range<usize>,
    /// Where in a HAR it stands, for the counts.
    pub(super) place: &'static str,
    pub(super) form: Form,
}

/// What it is.
pub(super) enum Form {
    /// The inside of a JSON string.
    Inside { what: Option<Sensitive>, in_url: bool },
    /// The inside of a JSON string that is said to be base64.
    Base64 { media: bool, what: Option<Sensitive>, in_url: bool },
    /// A JSON string that looks like a compressed body, stored as a list of chunks.
    Chunks { whole: Range<usize>, what: Option<Sensitive>, in_url: bool },
    /// A bare word that is a secret by its name.
    Word(Kind),
    /// Text without structure.
    Text,
    /// Text in which the secrets are known by their column.
    Secrets(Vec<Finding>),
}

/// What is known of a JSON value from above.
#[derive(Clone, Copy)]
struct Above {
    what: Option<Sensitive>,
    in_url: bool,
    /// Inside a list of cookies, where every value is one.
    cookies: bool,
    place: &'static str,
    nesting: usize,
}

/// What the members of an object say of each other.
#[derive(Default)]
struct About<'a> {
    /// `"name": …` of a name/value pair.
    named: Option<Cow<'a, str>>,
    /// Its body is base64.
    encoded: bool,
    /// Its body is an image, a font or sound.
    media: bool,
}

impl<'a> About<'a> {
    /// In one pass: there are more objects than anything else.
    fn of(node: &Node<'a>) -> About<'a> {
        let mut about = About::default();
        // The first of each kind counts, and of names the kinds in this order.
        let (mut rank, mut encoding, mut mime) = (usize::MAX, false, false);
        for (key, child) in node.members() {
            let is = |word: &str| key.eq_ignore_ascii_case(word);
            match key.len() {
                3 | 4 | 6 => {
                    let found = ["name", "key", "header"].iter().position(|word| is(word));
                    if let Some(found) = found.filter(|n| *n < rank) {
                        (rank, about.named) = (found, child.text());
                    }
                }
                8 if is("encoding") || is("mimeType") => {
                    if is("mimeType") && !std::mem::replace(&mut mime, true) {
                        about.media = child.text().is_some_and(|m| is_media(&m));
                    } else if is("encoding") && !std::mem::replace(&mut encoding, true) {
                        about.encoded = is_base64(child);
                    }
                }
                9 if !encoding && is("_encoding") => about.encoded |= is_base64(child),
                _ => {}
            }
        }
        about
    }
}

fn is_base64(node: &Node<'_>) -> bool {
    node.text().is_some_and(|e| e.trim().eq_ignore_ascii_case("base64"))
}

/// Every such stretch, in order of the source. `kind` is the name of its format, empty when not known.
pub(super) fn items(bytes: &[u8], kind: &str, nesting: usize) -> Vec<Item> {
    let mut walk = Walk { bytes, items: Vec::new(), covered: Vec::new() };
    walk.source(kind, nesting);
    walk.items
}

struct Walk<'b> {
    bytes: &'b [u8],
    items: Vec<Item>,
    /// Strings of broken JSON that were looked at, so that the rest can be looked at as text.
    covered: Vec<Range<usize>>,
}

impl Walk<'_> {
    fn source(&mut self, kind: &str, nesting: usize) {
        let bytes = self.bytes;
        let json = kind == "har" || kind.starts_with("json") || kind.is_empty() || nesting > 0;
        let mut at = 0;
        while at < bytes.len() {
            let space = bytes.get(at..).unwrap_or_default().iter().take_while(|b| is_space(**b)).count();
            let start = at + space;
            if json && let Some(parsed) = json_at(bytes, start) {
                let above = Above { what: None, in_url: false, cookies: false, place: "body", nesting };
                let around = std::mem::take(&mut self.covered);
                self.node(&parsed.node, above);
                at = parsed.node.end.max(start + 1);
                let covered = std::mem::replace(&mut self.covered, around);
                if parsed.truncated {
                    self.between(start..at, covered);
                }
            } else {
                // Text to the end of the line, or to the end of all where no JSON follows.
                let end = if json && looks_like_json_lines(bytes) {
                    line_end(bytes, start)
                } else {
                    chunk_end(bytes, start)
                };
                self.text(at..end);
                at = end;
            }
        }
        self.columns();
    }

    /// What broken JSON holds besides its strings: the reader gave up on it, a person would not.
    fn between(&mut self, whole: Range<usize>, mut covered: Vec<Range<usize>>) {
        covered.sort_by_key(|r| r.start);
        covered.push(whole.end..whole.end);
        let mut at = whole.start;
        for range in covered {
            if range.start > at + SHORTEST {
                self.text(at..range.start);
            }
            at = at.max(range.end);
        }
    }

    fn node(&mut self, node: &Node<'_>, above: Above) {
        match &node.value {
            Value::Str(raw) => self.string(node.start + 1, raw.len(), above),
            Value::Bare(raw) => self.bare(node, raw, above),
            Value::Array(items) => self.array(items, above),
            Value::Object(_) => self.object(node, above),
            Value::Skipped => self.lexical(node.start..node.end, above),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn array(&mut self, items: &[Node<'_>], above: Above) {
        // `["Cookie", "a=b"]`
        if let [name, value] = items
            && let Value::Str(_) = name.value
            && let Some(what) = name.text().and_then(|n| classify(&n))
            && above.what.is_none()
            && matches!(value.value, Value::Str(_))
        {
            return self.node(value, Above { what: Some(what), in_url: true, ..above });
        }
        for item in items {
            self.node(item, above);
        }
    }

    fn object(&mut self, node: &Node<'_>, above: Above) {
        let About { named, encoded, media } = About::of(node);
        let pair = named.as_deref().and_then(classify);
        let mut before = node.start;
        for (key, child) in node.members() {
            if key.len() > LONGEST_NAME {
                self.key(before..child.start, above);
            }
            before = child.end;
            let place = place_of(key).unwrap_or(above.place);
            let is_value = key.eq_ignore_ascii_case("value");
            let own = classify(key);
            let cookies =
                key.eq_ignore_ascii_case("cookies") || (above.cookies && child.members().is_empty());
            let what = if is_value && above.cookies {
                Some(Sensitive { kind: Kind::Cookie, rule: Rule::Always })
            } else if is_value && named.is_some() {
                pair
            } else if key.eq_ignore_ascii_case("cookies") {
                Some(Sensitive { kind: Kind::Cookie, rule: Rule::Cookie })
            } else {
                own.filter(|_| child.members().is_empty())
                    .or(above.what.filter(|w| w.kind == Kind::Cookie && !above.cookies))
            };
            let below = Above { what, in_url: is_value && named.is_some(), cookies, place, ..above };
            if encoded && ["text", "content", "body"].iter().any(|k| key.eq_ignore_ascii_case(k)) {
                self.encoded(child, media, below);
            } else if !self.chunks(child, below) {
                self.node(child, below);
            }
        }
    }

    /// A key so long that it is no name: some things are filed under a token.
    fn key(&mut self, range: Range<usize>, above: Above) {
        let gap = self.bytes.get(range.clone()).unwrap_or_default();
        let (first, last) = (memchr::memchr(b'"', gap), memchr::memrchr(b'"', gap));
        if let (Some(first), Some(last)) = (first, last)
            && first + 1 < last
        {
            self.string(range.start + first + 1, last - first - 1, Above { what: None, ..above });
        }
    }

    /// A compressed body, stored as a list of chunks in a string: it becomes the text that it held.
    fn chunks(&mut self, node: &Node<'_>, above: Above) -> bool {
        let Value::Str(raw) = node.value else { return false };
        if !raw.starts_with(b"[\\\"") || above.nesting >= MAX_NESTING {
            return false;
        }
        self.covered.push(node.start..node.end);
        let form = Form::Chunks { whole: node.start..node.end, what: above.what, in_url: above.in_url };
        let range = node.start + 1..node.start + 1 + raw.len();
        self.items.push(Item { range, place: above.place, form });
        true
    }

    /// The inside of a JSON string.
    fn string(&mut self, at: usize, len: usize, above: Above) {
        if len == 0 {
            return;
        }
        self.covered.push(at..at + len);
        let form = Form::Inside { what: above.what, in_url: above.in_url };
        self.items.push(Item { range: at..at + len, place: above.place, form });
    }

    fn bare(&mut self, node: &Node<'_>, raw: &[u8], above: Above) {
        let word = printable(raw);
        let number =
            word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'+' | b'e' | b'E'));
        match above.what {
            Some(what)
                if what.rule == Rule::Always
                    && !is_trivial(&word)
                    && (!number || what.kind == Kind::Password) =>
            {
                let form = Form::Word(what.kind);
                self.items.push(Item { range: node.start..node.end, place: above.place, form });
            }
            _ if !number => self.string(node.start, node.end - node.start, above),
            _ => {}
        }
    }

    /// A base64 body.
    fn encoded(&mut self, node: &Node<'_>, media: bool, above: Above) {
        let Value::Str(raw) = &node.value else { return self.node(node, above) };
        if above.nesting >= MAX_NESTING {
            return self.node(node, above);
        }
        self.covered.push(node.start..node.end);
        let range = node.start + 1..node.start + 1 + raw.len();
        let form = Form::Base64 { media, what: above.what, in_url: above.in_url };
        self.items.push(Item { range, place: above.place, form });
    }

    /// JSON that was too deep for a tree: string by string, each after the key before it.
    fn lexical(&mut self, range: Range<usize>, above: Above) {
        let bytes = self.bytes;
        let (mut at, mut key) = (range.start, None);
        while let Some(n) = memchr::memchr(b'"', bytes.get(at..range.end).unwrap_or_default()) {
            let start = at + n + 1;
            let Some(Value::Str(raw)) = json::parse(bytes, at + n).map(|p| p.node.value) else { break };
            let len = raw.len().min(range.end.saturating_sub(start));
            at = start + len + 1;
            let rest = bytes.get(at..range.end).unwrap_or_default();
            if rest.iter().find(|b| !is_space(**b)) == Some(&b':') {
                key = classify(&json::unescape(raw));
            } else {
                self.string(start, len, Above { what: key.take(), ..above });
            }
        }
    }

    fn text(&mut self, range: Range<usize>) {
        self.items.push(Item { range, place: "text", form: Form::Text });
    }

    /// The cookie columns of W3C logs, whose names stand in the `#Fields:` line.
    fn columns(&mut self) {
        let bytes = self.bytes;
        if memchr::memmem::find(bytes, b"(Cookie)").is_none()
            && memchr::memmem::find(bytes, b"(Set-Cookie)").is_none()
        {
            return;
        }
        let (mut at, mut columns) = (0, Vec::new());
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            let text = printable(line);
            if let Some(fields) = text.strip_prefix("#Fields:") {
                let names = fields.split_whitespace();
                columns = names.enumerate().filter(|(_, n)| n.ends_with("Cookie)")).map(|(i, _)| i).collect();
            } else if !columns.is_empty() && !text.starts_with('#') {
                let mut from = 0;
                for (i, word) in text.split([' ', '\t']).enumerate() {
                    if columns.contains(&i) && word.trim() != "-" {
                        let mut found = Vec::new();
                        named::cookie_values(
                            &text,
                            &(from..from + word.trim_end().len()),
                            false,
                            &mut |range, kind| {
                                found.push(Finding { range, kind });
                            },
                        );
                        let form = Form::Secrets(engine::merge(&text, found));
                        self.items.push(Item { range: at..at + line.len(), place: "cookies", form });
                    }
                    from += word.len() + 1;
                }
            }
            at += line.len();
        }
    }
}

/// A JSON value at `at`, where it is certain that it is one and no text in brackets.
fn json_at(bytes: &[u8], at: usize) -> Option<json::Parsed<'_>> {
    let rest = bytes.get(at..)?;
    let inner = rest.get(1..)?.iter().find(|b| !is_space(**b));
    let opens = match rest.first()? {
        b'{' => matches!(inner, Some(b'"' | b'\'' | b'}')),
        b'[' => matches!(inner, Some(b'{' | b'[' | b'"' | b']')),
        _ => false,
    };
    let parsed = json::parse(bytes, at).filter(|_| opens)?;
    let filled = !parsed.node.members().is_empty() || !parsed.node.items().is_empty();
    (filled || !parsed.truncated).then_some(parsed)
}

/// The first line that is not empty begins with a bracket: JSON may go on after a line that is none.
fn looks_like_json_lines(bytes: &[u8]) -> bool {
    bytes.iter().find(|b| !is_space(**b)).is_some_and(|b| matches!(b, b'{' | b'['))
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n' | 0xEF | 0xBB | 0xBF)
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default()).map_or(bytes.len(), |n| at + n + 1)
}

fn chunk_end(bytes: &[u8], at: usize) -> usize {
    if bytes.len() - at <= CHUNK { bytes.len() } else { line_end(bytes, at + CHUNK) }
}

fn is_media(mime: &str) -> bool {
    ["image/", "font/", "audio/", "video/"]
        .iter()
        .any(|m| mime.trim_start().to_ascii_lowercase().starts_with(m))
}

/// Where in a HAR a member stands, for the counts.
fn place_of(key: &str) -> Option<&'static str> {
    const PLACES: &[(&str, &str)] = &[
        ("headers", "headers"),
        ("cookies", "cookies"),
        ("queryString", "url"),
        ("url", "url"),
        ("redirectURL", "url"),
        ("postData", "request body"),
        ("content", "response body"),
    ];
    PLACES.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, p)| *p)
}

/// The bytes as text of the same length: each invalid byte is one control character.
pub(super) fn printable(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{1a}'));
    }
    Cow::Owned(text)
}
