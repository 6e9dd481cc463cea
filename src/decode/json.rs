//! A lenient JSON reader that keeps places.
//!
//! In: bytes, of a file or of a body. Out: a tree that borrows raw strings and knows the byte span of every value.
//! Reads what a person could read: trailing commas, single quotes, bare words (`NaN`, `undefined`, `True`, `None`),
//! control characters in strings, Ruby's `=>`, and input that stops anywhere (what was complete is kept).
//! Never: recursion deeper than [`MAX_DEPTH`], a panic, a copy of a string before somebody asks for it.

use std::borrow::Cow;
use std::ops::Range;

use super::quoted;
pub use crate::source::codec::unescape;

/// Deepest nesting that is read; what lies deeper is kept as [`Value::Skipped`].
pub const MAX_DEPTH: usize = 64;

/// A value with the span it takes in the bytes that were parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Node<'a> {
    pub value: Value<'a>,
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    /// A number or any other bare word, as written.
    Bare(&'a [u8]),
    /// The inside of a string, with its escapes.
    Str(&'a [u8]),
    Array(Vec<Node<'a>>),
    /// Members in order; duplicate keys are kept.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
    /// Deeper than [`MAX_DEPTH`], or than was asked for.
    Skipped,
}

/// Result of a parse: the value, where it ended, and whether the input stopped early.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed<'a> {
    pub node: Node<'a>,
    /// The input ended inside the value, or broke JSON so badly that the rest of a container was given up.
    pub truncated: bool,
}

impl<'a> Node<'a> {
    /// First member with that key, compared without case.
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.members().iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v)
    }

    /// Follows keys; stops at the first that is missing.
    pub fn path(&self, keys: &[&str]) -> Option<&Node<'a>> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    pub fn members(&self) -> &[(Cow<'a, str>, Node<'a>)] {
        if let Value::Object(members) = &self.value { members } else { &[] }
    }

    pub fn items(&self) -> &[Node<'a>] {
        if let Value::Array(items) = &self.value { items } else { &[] }
    }

    /// Text of a string, number or other bare word, decoded; `None` for containers and null.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        match &self.value {
            Value::Str(raw) => Some(unescape(raw)),
            Value::Bare(raw) => Some(String::from_utf8_lossy(raw)),
            Value::Bool(b) => Some(Cow::Borrowed(if *b { "true" } else { "false" })),
            _ => None,
        }
    }

    /// The value as a whole number, also when written as a string or a decimal.
    pub fn int(&self) -> Option<i64> {
        let text = self.text()?;
        let text = text.trim();
        text.parse::<i64>().ok().or_else(|| {
            let f = text.parse::<f64>().ok()?;
            (f.is_finite() && f.abs() < 9e15).then_some(f as i64)
        })
    }

    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }
}

/// Parses the value that starts at or after `from` (white space is skipped). `None` when there is no value there.
pub fn parse(bytes: &[u8], from: usize) -> Option<Parsed<'_>> {
    parse_to(bytes, from, usize::MAX, &[])
}

/// As [`parse`], but containers that lie as deep as `depth` (0 is the value itself) are only stepped over, by the same
/// rules: they become [`Value::Skipped`]. `long` holds, in order, the insides of strings whose ends are known already.
pub(super) fn parse_to<'a>(
    bytes: &'a [u8],
    from: usize,
    depth: usize,
    long: &[Range<usize>],
) -> Option<Parsed<'a>> {
    let mut reader = Reader { bytes, at: from, truncated: false, kept: depth, long };
    reader.space();
    let node = reader.value(0)?;
    Some(Parsed { node, truncated: reader.truncated })
}

struct Reader<'a, 'l> {
    bytes: &'a [u8],
    at: usize,
    truncated: bool,
    /// What lies deeper is not kept.
    kept: usize,
    long: &'l [Range<usize>],
}

impl<'a> Reader<'a, '_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n' | 0 | 0xEF | 0xBB | 0xBF | 0xA0 | 0xC2) = self.peek() {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Option<Node<'a>> {
        let start = self.at;
        let value = match self.peek()? {
            b'{' if depth < MAX_DEPTH => self.object(depth),
            b'[' if depth < MAX_DEPTH => self.array(depth),
            b'{' | b'[' => {
                self.skip_container();
                Value::Skipped
            }
            quote @ (b'"' | b'\'') => Value::Str(self.string(quote)),
            b'}' | b']' | b',' | b':' => return None,
            _ => self.bare()?,
        };
        Some(Node { value, start, end: self.at })
    }

    fn object(&mut self, depth: usize) -> Value<'a> {
        let keep = depth < self.kept;
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.space();
            match self.peek() {
                None => {
                    self.truncated = true;
                    break;
                }
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(b',') => {
                    self.at += 1;
                    continue;
                }
                Some(_) => {}
            }
            let Some(key) = self.value(depth + 1) else {
                self.truncated = true;
                break;
            };
            self.space();
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            if rest.starts_with(b"=>") {
                self.at += 2;
            } else if rest.first() == Some(&b':') {
                self.at += 1;
            } else {
                self.truncated = true;
                break;
            }
            self.space();
            match self.value(depth + 1) {
                Some(node) if keep => members.push((key.text().unwrap_or_default(), node)),
                Some(_) => {}
                None if matches!(self.peek(), Some(b',' | b'}')) => {}
                None => {
                    self.truncated = true;
                    break;
                }
            }
            if self.truncated {
                break;
            }
        }
        if keep { Value::Object(members) } else { Value::Skipped }
    }

    fn array(&mut self, depth: usize) -> Value<'a> {
        let keep = depth < self.kept;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.space();
            match self.peek() {
                None => {
                    self.truncated = true;
                    break;
                }
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(b',') => {
                    self.at += 1;
                    continue;
                }
                Some(_) => {}
            }
            match self.value(depth + 1) {
                Some(node) if keep => items.push(node),
                Some(_) => {}
                None => {
                    self.truncated = true;
                    break;
                }
            }
            if self.truncated {
                break;
            }
        }
        if keep { Value::Array(items) } else { Value::Skipped }
    }

    fn string(&mut self, quote: u8) -> &'a [u8] {
        let start = self.at + 1;
        let end = quoted::end(self.bytes, start, quote, self.long);
        self.truncated |= end.is_none();
        self.at = end.map_or(self.bytes.len(), |end| end + 1);
        self.bytes.get(start..end.unwrap_or(self.bytes.len())).unwrap_or_default()
    }

    fn bare(&mut self) -> Option<Value<'a>> {
        let start = self.at;
        while let Some(b) = self.peek() {
            if matches!(
                b,
                b',' | b':' | b'}' | b']' | b'{' | b'[' | b'"' | b'=' | b' ' | b'\t' | b'\r' | b'\n'
            ) {
                break;
            }
            self.at += 1;
        }
        let word = &self.bytes[start..self.at];
        match word {
            b"" => None,
            b"null" | b"None" | b"nil" | b"undefined" => Some(Value::Null),
            b"true" | b"True" => Some(Value::Bool(true)),
            b"false" | b"False" => Some(Value::Bool(false)),
            _ => Some(Value::Bare(word)),
        }
    }

    /// Steps over a container without building it: brackets are counted, strings respected.
    fn skip_container(&mut self) {
        let mut open = 0usize;
        while let Some(b) = self.peek() {
            match b {
                b'{' | b'[' => open += 1,
                b'}' | b']' => {
                    open -= 1;
                    if open == 0 {
                        self.at += 1;
                        return;
                    }
                }
                b'"' => {
                    self.string(b'"');
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.truncated = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_keys() {
        let text = br#" {"a": {"b": [1, "x\"y", null]}, } "#;
        let parsed = parse(text, 0).expect("a value");
        assert!(!parsed.truncated);
        let b = parsed.node.path(&["a", "b"]).expect("b");
        assert_eq!(b.items()[1].text().as_deref(), Some("x\"y"));
        assert_eq!(&text[b.items()[1].start..b.items()[1].end], br#""x\"y""#);
        assert!(b.items()[2].is_null());
    }

    #[test]
    fn python_and_ruby_spellings() {
        let parsed = parse(b"{'error': 'invalid_grant', 'claims': None, 'n': True}", 0).expect("a value");
        assert_eq!(parsed.node.get("error").and_then(Node::text).as_deref(), Some("invalid_grant"));
        assert!(parsed.node.get("claims").is_some_and(Node::is_null));
        let parsed = parse(br#"{"error"=>"invalid_grant", "codes"=>[50173]}"#, 0).expect("a value");
        assert_eq!(parsed.node.path(&["codes"]).map(|n| n.items()[0].int()), Some(Some(50173)));
    }

    #[test]
    fn truncated_anywhere_keeps_what_was_complete() {
        let text = br#"{"error":"invalid_grant","list":[1,2,{"k":"v"}],"d":"AADSTS50105: x"}"#;
        for cut in 0..text.len() {
            if let Some(p) = parse(&text[..cut], 0) {
                assert!(p.truncated, "cut at {cut}");
            }
        }
        let p = parse(&text[..30], 0).expect("a value");
        assert_eq!(p.node.get("error").and_then(Node::text).as_deref(), Some("invalid_grant"));
    }

    #[test]
    fn deep_nesting_is_bounded() {
        let text = "[".repeat(1_000_000);
        assert!(parse(text.as_bytes(), 0).expect("a value").truncated);
    }

    #[test]
    fn surrogates() {
        assert_eq!(unescape(br"\ud83d\ude00 \ud83d x \u00e9"), "😀 \u{FFFD} x é");
    }
}
