//! A copy of a source without its secrets.
//!
//! In: the bytes of a source. Out: the same bytes with every secret replaced by a mark (`redacted~kind~length~number`).
//! JSON is changed inside string values only, so it parses as before, entries and vendor fields in place; base64
//! bodies are decoded, redacted and encoded again. The same secret has the same number within a run, a JWT keeps its
//! claims and an opaque token its first three characters, so a diagnosis comes out the same. Never: bytes in which a
//! secret that was found can still be read, in any encoding: then nothing is released.

use std::borrow::Cow;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::hash::BuildHasher as _;
use std::ops::Range;

use base64::Engine as _;

use super::kind::{Finding, Kind, MARK, OPAQUE_STARTS, is_trivial};
use super::named;
use super::names::{Rule, Sensitive, classify};
use super::sweep::Sweeper;
use super::{engine, view};
use crate::decode::json::{self, Node, Value};
use crate::decode::{decode_base64, readable_body, unpack_chunks};

/// Deepest nesting of bodies in bodies.
const MAX_NESTING: usize = 3;
/// Longest key that is taken for a name.
const LONGEST_NAME: usize = 24;
/// Shortest stretch of broken JSON, or key, that can hold a secret.
const SHORTEST: usize = 12;
/// Most rounds of looking again.
const ROUNDS: usize = 3;
/// Text is looked at in pieces of about this size, cut at line ends.
const CHUNK: usize = 4 << 20;

/// A redacted source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    pub bytes: Vec<u8>,
    /// How many secrets were replaced, by kind and by place (`headers`, `cookies`, `url`, `body`, `text`…).
    pub counts: BTreeMap<(&'static str, &'static str), u64>,
}

/// Why a source could not be redacted. Never quotes input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedactError {
    /// This many secrets could still be read in the result.
    Leaked(usize),
    /// Larger than can be addressed.
    TooLarge,
}

impl fmt::Display for RedactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RedactError::Leaked(n) => {
                write!(f, "{n} secrets could still be read in the result; nothing was written")
            }
            RedactError::TooLarge => f.write_str("larger than 4 GiB"),
        }
    }
}

impl std::error::Error for RedactError {}

/// Redacts one source by itself. `kind` is the name of its format (`har`, `json-lines`…), empty when not known.
pub fn redact_source(bytes: &[u8], kind: &str) -> Result<Redacted, RedactError> {
    SourceRedactor::default().redact(bytes, kind)
}

/// Redacts the sources of a run, in order: the same secret gets the same number in all of them.
#[derive(Debug, Default)]
pub struct SourceRedactor {
    numbers: HashMap<String, usize>,
    secrets: Vec<Secret>,
    /// Strings in which nothing was found, by their hash: most strings of a capture occur again and again.
    clean: HashSet<u64>,
    hasher: RandomState,
    /// Those that stand in the source at hand.
    here: BTreeSet<usize>,
}

/// Looks for the secrets of a whole run.
pub struct LastLook(Sweeper);

impl LastLook {
    /// The bytes without them; an error where one can still be read.
    pub fn at(&self, bytes: Vec<u8>) -> Result<Vec<u8>, RedactError> {
        self.0.sweep(bytes).map_err(RedactError::Leaked)
    }
}

/// A secret that was replaced.
#[derive(Debug)]
pub(super) struct Secret {
    pub(super) plain: String,
    pub(super) mark: String,
    pub(super) kind: Kind,
}

impl SourceRedactor {
    /// The next source of the run.
    pub fn redact(&mut self, bytes: &[u8], kind: &str) -> Result<Redacted, RedactError> {
        if u32::try_from(bytes.len()).is_err() {
            return Err(RedactError::TooLarge);
        }
        self.here.clear();
        let mut pass = Pass { run: self, counts: BTreeMap::new(), covered: Vec::new() };
        let out = pass.bytes(bytes, kind, 0);
        let counts = pass.counts;
        let mut bytes = self.swept(out)?;
        // What a mark has uncovered is found by looking again, until nothing is.
        for _ in 0..ROUNDS {
            if self.here.is_empty() {
                break;
            }
            let again =
                Pass { run: self, counts: BTreeMap::new(), covered: Vec::new() }.bytes(&bytes, kind, 0);
            if again == bytes {
                break;
            }
            bytes = self.swept(again)?;
        }
        Ok(Redacted { bytes, counts })
    }

    /// Ends the run: what looks once more at every source for the secrets of all of them.
    pub fn finish(self) -> Result<LastLook, RedactError> {
        Sweeper::new(self.secrets.iter()).map(LastLook).map_err(RedactError::Leaked)
    }

    /// Without what is left of the secrets of this source in other places or encodings.
    fn swept(&self, bytes: Vec<u8>) -> Result<Vec<u8>, RedactError> {
        let here = self.here.iter().filter_map(|n| self.secrets.get(*n));
        Sweeper::new(here).and_then(|s| s.sweep(bytes)).map_err(RedactError::Leaked)
    }

    /// The mark for a secret, and the secret kept for the last check.
    fn mark(&mut self, kind: Kind, raw: &str) -> String {
        let plain = view::plainest(raw);
        if let Some(known) = self.numbers.get(&plain) {
            self.here.insert(*known);
            return self.secrets.get(*known).map(|s| s.mark.clone()).unwrap_or_default();
        }
        let index = self.secrets.len();
        let mark =
            format!("{}{MARK}{}~{}~{}", kept(kind, &plain), kind.id(), length_class(plain.len()), index + 1);
        self.numbers.insert(plain.clone(), index);
        self.here.insert(index);
        self.secrets.push(Secret { plain, mark: mark.clone(), kind });
        mark
    }
}

/// The first characters of an opaque token, which tell its issuer.
fn kept(kind: Kind, plain: &str) -> String {
    let start = OPAQUE_STARTS.iter().find(|s| plain.starts_with(**s) && plain.len() >= 20);
    match start {
        Some(s) if kind != Kind::Password => format!("{s}~"),
        _ => String::new(),
    }
}

/// Length rounded to one digit.
fn length_class(len: usize) -> usize {
    let mut unit = 1;
    while len / unit >= 10 {
        unit *= 10;
    }
    (len + unit / 2) / unit * unit
}

/// A replacement: bytes of the source, and what stands there instead.
struct Edit {
    range: Range<usize>,
    with: String,
}

struct Pass<'r> {
    run: &'r mut SourceRedactor,
    counts: BTreeMap<(&'static str, &'static str), u64>,
    /// Strings of broken JSON that were looked at, so that the rest can be looked at as text.
    covered: Vec<Range<usize>>,
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

impl Pass<'_> {
    fn bytes(&mut self, bytes: &[u8], kind: &str, nesting: usize) -> Vec<u8> {
        let mut edits = Vec::new();
        let json = kind == "har" || kind.starts_with("json") || kind.is_empty() || nesting > 0;
        let mut at = 0;
        while at < bytes.len() {
            let space = bytes.get(at..).unwrap_or_default().iter().take_while(|b| is_space(**b)).count();
            let start = at + space;
            if json && let Some(parsed) = json_at(bytes, start) {
                let above = Above { what: None, in_url: false, cookies: false, place: "body", nesting };
                let around = std::mem::take(&mut self.covered);
                self.node(bytes, &parsed.node, above, &mut edits);
                at = parsed.node.end.max(start + 1);
                let covered = std::mem::replace(&mut self.covered, around);
                if parsed.truncated {
                    self.between(bytes, start..at, covered, &mut edits);
                }
            } else {
                // Text to the end of the line, or to the end of all where no JSON follows.
                let end = if json && looks_like_json_lines(bytes) {
                    line_end(bytes, start)
                } else {
                    chunk_end(bytes, start)
                };
                self.text(bytes, at..end, &mut edits);
                at = end;
            }
        }
        self.columns(bytes, &mut edits);
        splice(bytes, edits)
    }

    /// What broken JSON holds besides its strings: the reader gave up on it, a person would not.
    fn between(
        &mut self,
        bytes: &[u8],
        whole: Range<usize>,
        mut covered: Vec<Range<usize>>,
        edits: &mut Vec<Edit>,
    ) {
        covered.sort_by_key(|r| r.start);
        covered.push(whole.end..whole.end);
        let mut at = whole.start;
        for range in covered {
            if range.start > at + SHORTEST {
                self.text(bytes, at..range.start, edits);
            }
            at = at.max(range.end);
        }
    }

    fn node(&mut self, bytes: &[u8], node: &Node<'_>, above: Above, edits: &mut Vec<Edit>) {
        match &node.value {
            Value::Str(raw) => self.string(bytes, node.start + 1, raw.len(), above, edits),
            Value::Bare(raw) => self.bare(bytes, node, raw, above, edits),
            Value::Array(items) => self.array(bytes, items, above, edits),
            Value::Object(_) => self.object(bytes, node, above, edits),
            Value::Skipped => self.lexical(bytes, node.start..node.end, above, edits),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn array(&mut self, bytes: &[u8], items: &[Node<'_>], above: Above, edits: &mut Vec<Edit>) {
        // `["Cookie", "a=b"]`
        if let [name, value] = items
            && let Value::Str(_) = name.value
            && let Some(what) = name.text().and_then(|n| classify(&n))
            && above.what.is_none()
            && matches!(value.value, Value::Str(_))
        {
            return self.node(bytes, value, Above { what: Some(what), in_url: true, ..above }, edits);
        }
        for item in items {
            self.node(bytes, item, above, edits);
        }
    }

    fn object(&mut self, bytes: &[u8], node: &Node<'_>, above: Above, edits: &mut Vec<Edit>) {
        let named = ["name", "key", "header"].iter().find_map(|k| node.get(k)).and_then(Node::text);
        let pair = named.as_deref().and_then(classify);
        let encoded = ["encoding", "_encoding"]
            .iter()
            .find_map(|k| node.get(k))
            .and_then(Node::text)
            .is_some_and(|e| e.trim().eq_ignore_ascii_case("base64"));
        let media = node.get("mimeType").and_then(Node::text).is_some_and(|m| is_media(&m));
        let mut before = node.start;
        for (key, child) in node.members() {
            if key.len() > LONGEST_NAME {
                self.key(bytes, before..child.start, above, edits);
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
                self.encoded(bytes, child, media, below, edits);
            } else if !self.chunks(child, below, edits) {
                self.node(bytes, child, below, edits);
            }
        }
    }

    /// A key so long that it is no name: some things are filed under a token.
    fn key(&mut self, bytes: &[u8], range: Range<usize>, above: Above, edits: &mut Vec<Edit>) {
        let gap = bytes.get(range.clone()).unwrap_or_default();
        let (first, last) = (memchr::memchr(b'"', gap), memchr::memrchr(b'"', gap));
        if let (Some(first), Some(last)) = (first, last)
            && first + 1 < last
        {
            self.string(
                bytes,
                range.start + first + 1,
                last - first - 1,
                Above { what: None, ..above },
                edits,
            );
        }
    }

    /// A compressed body, stored as a list of chunks in a string: it becomes the text that it held.
    fn chunks(&mut self, node: &Node<'_>, above: Above, edits: &mut Vec<Edit>) -> bool {
        let Value::Str(raw) = node.value else { return false };
        if !raw.starts_with(b"[\\\"") || above.nesting >= MAX_NESTING {
            return false;
        }
        let Some(body) = node.text().and_then(|t| unpack_chunks(&t)) else { return false };
        self.covered.push(node.start..node.end);
        let clean = self.bytes(&body, "", above.nesting + 1);
        if clean != body {
            let with = serde_json::to_string(&String::from_utf8_lossy(&clean)).unwrap_or_default();
            edits.push(Edit { range: node.start..node.end, with });
        }
        true
    }

    /// The inside of a JSON string.
    fn string(&mut self, bytes: &[u8], at: usize, len: usize, above: Above, edits: &mut Vec<Edit>) {
        let Some(raw) = bytes.get(at..at + len) else { return };
        self.covered.push(at..at + len);
        let text = printable(raw);
        let key = self.run.hasher.hash_one((&*text, above.what, above.in_url));
        if self.run.clean.contains(&key) {
            return;
        }
        let found = engine::findings_in_json(&text, above.what, above.in_url);
        if found.is_empty() {
            self.run.clean.insert(key);
        }
        self.replace(&text, at, found, above.place, edits);
    }

    fn bare(&mut self, bytes: &[u8], node: &Node<'_>, raw: &[u8], above: Above, edits: &mut Vec<Edit>) {
        let word = printable(raw);
        let number =
            word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'+' | b'e' | b'E'));
        match above.what {
            Some(what)
                if what.rule == Rule::Always
                    && !is_trivial(&word)
                    && (!number || what.kind == Kind::Password) =>
            {
                let with = format!("\"{}\"", self.run.mark(what.kind, &word));
                self.count(what.kind, above.place);
                edits.push(Edit { range: node.start..node.end, with });
            }
            _ if !number => self.string(bytes, node.start, node.end - node.start, above, edits),
            _ => {}
        }
    }

    /// A base64 body.
    fn encoded(&mut self, bytes: &[u8], node: &Node<'_>, media: bool, above: Above, edits: &mut Vec<Edit>) {
        let (Value::Str(raw), Some(text)) = (&node.value, node.text()) else {
            return self.node(bytes, node, above, edits);
        };
        let Some(body) = decode_base64(&text).filter(|_| above.nesting < MAX_NESTING) else {
            return self.node(bytes, node, above, edits);
        };
        if std::str::from_utf8(&body).is_err() && media {
            return;
        }
        let body = readable_body(&body).unwrap_or(body);
        self.covered.push(node.start..node.end);
        let clean = self.bytes(&body, "", above.nesting + 1);
        if clean != body {
            let with = base64::engine::general_purpose::STANDARD.encode(clean);
            edits.push(Edit { range: node.start + 1..node.start + 1 + raw.len(), with });
        }
    }

    /// JSON that was too deep for a tree: string by string, each after the key before it.
    fn lexical(&mut self, bytes: &[u8], range: Range<usize>, above: Above, edits: &mut Vec<Edit>) {
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
                self.string(bytes, start, len, Above { what: key.take(), ..above }, edits);
            }
        }
    }

    fn text(&mut self, bytes: &[u8], range: Range<usize>, edits: &mut Vec<Edit>) {
        let text = printable(bytes.get(range.clone()).unwrap_or_default());
        let found = engine::findings(&text);
        self.replace(&text, range.start, found, "text", edits);
    }

    /// The cookie columns of W3C logs, whose names stand in the `#Fields:` line.
    fn columns(&mut self, bytes: &[u8], edits: &mut Vec<Edit>) {
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
                        self.replace(&text, at, engine::merge(&text, found), "cookies", edits);
                    }
                    from += word.len() + 1;
                }
            }
            at += line.len();
        }
    }

    fn replace(
        &mut self,
        text: &str,
        at: usize,
        found: Vec<Finding>,
        place: &'static str,
        edits: &mut Vec<Edit>,
    ) {
        for finding in found {
            let Some(raw) = text.get(finding.range.clone()) else { continue };
            let (mut start, mut kind) = (finding.range.start, finding.kind);
            if kind == Kind::Jwt
                && let Some(dot) = claims_end(raw)
            {
                start += dot;
                kind = Kind::Signature;
            }
            let Some(secret) = text.get(start..finding.range.end) else { continue };
            let with = self.run.mark(kind, secret);
            self.count(finding.kind, place);
            edits.push(Edit { range: at + start..at + finding.range.end, with });
        }
    }

    fn count(&mut self, kind: Kind, place: &'static str) {
        *self.counts.entry((kind.id(), place)).or_default() += 1;
    }
}

/// Where the signature of a JWT begins whose claims may stay: they are JSON and hold no secret by name.
fn claims_end(jwt: &str) -> Option<usize> {
    let mut parts = jwt.split('.');
    let (_, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let text = String::from_utf8(decode_base64(claims)?).ok()?;
    serde_json::from_str::<serde::de::IgnoredAny>(&text).ok()?;
    let lower = text.to_ascii_lowercase();
    let secret = ["secret", "password", "_token\"", "assertion"].iter().any(|w| lower.contains(w));
    (!secret && !signature.is_empty()).then(|| jwt.len() - signature.len())
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
fn printable(bytes: &[u8]) -> Cow<'_, str> {
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

/// Carries out the edits; where two overlap, the first one wins.
fn splice(bytes: &[u8], mut edits: Vec<Edit>) -> Vec<u8> {
    edits.sort_by_key(|e| (e.range.start, std::cmp::Reverse(e.range.end)));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for edit in edits {
        if edit.range.start < at {
            at = at.max(edit.range.end);
            continue;
        }
        out.extend_from_slice(bytes.get(at..edit.range.start).unwrap_or_default());
        out.extend_from_slice(edit.with.as_bytes());
        at = edit.range.end;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    out
}
