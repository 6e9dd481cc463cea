//! Secrets by place: the value that stands under a sensitive name, in any of the usual syntaxes.
//!
//! Headers, query and form parameters, JSON, Python and Ruby keys, XML elements, hidden inputs, name/value pairs,
//! connection strings, command line options.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::kind::{Kind, is_trivial};
use super::names::{Rule, Sensitive, classify};
use super::random::{is_authorization_code, is_error_code, is_guid, is_opaque};

/// Takes what was found: range and kind.
pub(super) type Found<'f> = &'f mut dyn FnMut(Range<usize>, Kind);

/// Furthest distance between a name and its value.
const REACH: usize = 64 * 1024;

/// Longest quoted value.
const LONGEST: usize = 1 << 20;

/// The identifier around byte `at`.
pub(super) fn ident(text: &str, at: usize) -> Range<usize> {
    let bytes = text.as_bytes();
    let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'$');
    let start =
        at - bytes.get(..at).unwrap_or_default().iter().rev().take(128).take_while(|b| is_part(b)).count();
    let end = at + bytes.get(at..).unwrap_or_default().iter().take(128).take_while(|b| is_part(b)).count();
    start..end
}

/// Looks at the identifier and at what follows it.
pub(super) fn check(text: &str, ident: &Range<usize>, found: Found<'_>) {
    let Some(name) = text.get(ident.clone()).filter(|_| may_name(text, ident)) else { return };
    let tail = name.rsplit('.').next().unwrap_or(name);
    let what = classify(name).or_else(|| if tail.len() < name.len() { classify(tail) } else { None });
    let Some(what) = what else { return };
    let place = Place::of(text, ident);
    if let Some(value) = place.direct(text, ident, what) {
        take(text, &value, what, &place, found);
    }
    for value in place.pairs(text, ident) {
        let pair = Place { in_url: true, ..place };
        take(text, &value, what, &pair, found);
    }
}

/// Cheap look at what follows: most words are no names.
fn may_name(text: &str, ident: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    let quoted = matches!(bytes.get(ident.end), Some(b'"' | b'\'' | b'`'));
    let rest = bytes.get(ident.end..).unwrap_or_default();
    let next = rest.iter().take(64).find(|b| !matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b']'));
    quoted
        || matches!(next, Some(b'=' | b':' | b'>' | b'<'))
        || bytes.get(ident.start) == Some(&b'-')
        || matches!(ident.start.checked_sub(1).and_then(|i| bytes.get(i)), Some(b'<' | b':'))
}

/// How the name stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    quote: Option<u8>,
    /// After `?`, `&` or `#`, or as a pair with a value of its own.
    in_url: bool,
    /// After `?`, `&` or `#`.
    after_mark: bool,
    element: bool,
    option: bool,
    /// The name is the value of a `name` key or attribute.
    named: bool,
}

impl Place {
    fn of(text: &str, ident: &Range<usize>) -> Place {
        let bytes = text.as_bytes();
        let before = |n: usize| ident.start.checked_sub(n).and_then(|i| bytes.get(i)).copied();
        let prev = before(1);
        let quote = prev.filter(|q| matches!(q, b'"' | b'\'' | b'`') && bytes.get(ident.end) == Some(q));
        let head = text.get(..ident.start.saturating_sub(usize::from(quote.is_some()))).unwrap_or_default();
        let tail = head.trim_end_matches([' ', '\t', '=', ':', '>']).trim_end_matches(['"', '\'']);
        let key = |k: &str| tail.len() < head.len() && ends_with_word(tail, k);
        Place {
            quote,
            in_url: matches!(prev, Some(b'?' | b'&' | b'#')) || ident.start == 0,
            after_mark: matches!(prev, Some(b'?' | b'&' | b'#')),
            element: prev == Some(b'<') || (prev == Some(b':') && element_prefix(head)),
            option: text.get(ident.clone()).is_some_and(|n| n.starts_with('-')),
            named: key("name") || key("key") || key("id"),
        }
    }

    /// The value right after the name.
    fn direct(&self, text: &str, ident: &Range<usize>, what: Sensitive) -> Option<Value> {
        let mut at = ident.end + usize::from(self.quote.is_some());
        if self.element {
            let rest = text.get(at..)?;
            let close = rest.get(..floor(rest, 2048))?.find('>')?;
            let start = at + close + 1;
            let end = start + text.get(start..)?.find('<').unwrap_or(text.len() - start);
            return (!rest.get(..close)?.ends_with('/')).then_some(Value { range: start..end, url: false });
        }
        if text.as_bytes().get(at) == Some(&b']') {
            at += 1;
        }
        if text.as_bytes().get(at) == Some(&b')') && what.kind == Kind::Cookie {
            return None;
        }
        let rest = text.get(at..)?;
        let gap = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        let after = rest.get(gap..)?;
        let spaced = gap > 0;
        let (sep, url) = if after.starts_with("=>") {
            (2, false)
        } else if after.starts_with("==") || after.starts_with("!=") {
            return None;
        } else if after.starts_with(":=") {
            (2, false)
        } else if after.starts_with('=') {
            (1, !spaced)
        } else if after.starts_with(':') && !after.starts_with("://") {
            (1, false)
        } else if self.quote.is_some() && after.starts_with(',') && !self.named {
            return tuple(text, at + gap + 1);
        } else if self.option && spaced {
            (0, false)
        } else {
            return None;
        };
        let value = self.value(text, at + gap + sep, url, what)?;
        let path =
            text.get(ident.clone()) == Some("PWD") && text.as_bytes().get(value.range.start) == Some(&b'/');
        if path {
            return None;
        }
        let code = what.kind != Kind::Password && text.get(value.range.clone()).is_some_and(is_code);
        (!(self.prose(url) && (is_sentence(text, &value) || code))).then_some(value)
    }

    /// Name and value are words of a sentence rather than a key with its value.
    fn prose(&self, url: bool) -> bool {
        self.quote.is_none() && !url
    }

    fn value(&self, text: &str, at: usize, url: bool, what: Sensitive) -> Option<Value> {
        let rest = text.get(at..)?;
        let newlines = self.quote.is_some();
        let start =
            rest.find(|c: char| !(matches!(c, ' ' | '\t') || (newlines && matches!(c, '\n' | '\r'))))?;
        let from = at + start;
        let rest = text.get(from..)?;
        if ["\\\"", "\\'", "&quot;", "%22", "\\u0022", "\\t", "\\n", "\\r"]
            .iter()
            .any(|q| rest.starts_with(q))
        {
            // A quote one layer down: the reading without that layer sees it.
            return None;
        }
        match rest.bytes().next()? {
            b'{' => None,
            b'[' if !rest.starts_with("[redacted") => {
                let end = from + rest.get(..floor(rest, REACH))?.find(']').unwrap_or(rest.len());
                Some(Value { range: from..end, url: false })
            }
            q @ (b'"' | b'\'' | b'`') => Some(quoted(text, from + 1, q)),
            _ => Some(self.bare(text, from, url, what)),
        }
    }

    fn bare(&self, text: &str, from: usize, url: bool, what: Sensitive) -> Value {
        let rest = text.get(from..).unwrap_or_default();
        let whole_line = matches!(what.rule, Rule::Cookie | Rule::SetCookie | Rule::Header) && !url;
        let query = rest.find(char::is_whitespace).map_or(rest, |n| rest.get(..n).unwrap_or_default());
        let alone = self.in_url && !query.contains(';');
        let form = url && what.kind != Kind::Cookie && (self.after_mark || alone || query.contains('&'));
        let stop: fn(char) -> bool = if whole_line {
            |c| matches!(c, '\n' | '\r' | '"' | '\'' | '<')
        } else if form {
            |c| matches!(c, '&' | '"' | '\'' | '<' | '>' | '#' | '`') || c.is_whitespace()
        } else {
            |c| matches!(c, '&' | '"' | '\'' | '<' | '>' | ';' | ',' | '`') || c.is_whitespace()
        };
        let mut end = from + rest.find(stop).unwrap_or(rest.len());
        let value = text.get(from..end).unwrap_or_default();
        // A sign that ends the value ends it in a reading with one layer less, too.
        let escapes = if whole_line { LINE_ESCAPES } else { ESCAPES };
        let value = escapes.iter().fold(value, |v, e| before(v, e));
        // The backslash before a quote belongs to the quote.
        let slashes = value.len() - value.trim_end_matches('\\').len();
        let quote = matches!(text.as_bytes().get(from + value.len()), Some(b'"' | b'\''));
        end = from + value.len() - usize::from(quote && slashes % 2 == 1);
        if !whole_line {
            end -= value.len() - value.trim_end_matches(['}', ')', ']', '.']).len();
        } else if quote {
            // What stands between a value without quotes and the next key.
            end -= value.len() - value.trim_end_matches(STRUCTURE).len();
        }
        Value { range: from..end.max(from), url: form || self.in_url && url }
    }

    /// Values of the pair whose name this is: `"name":"x","value":"y"` and `<input name="x" value="y">`, in any order.
    fn pairs(&self, text: &str, ident: &Range<usize>) -> Vec<Value> {
        static AFTER: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(
                r#"^["'`]?\s*[,;]?\s*(?:["']?[A-Za-z0-9_:.-]+["']?\s*(?:=>|[=:])\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_.-]+)\s*,?\s*){0,5}["']?(?i:value|content)["']?\s*(?:=>|[=:])\s*"#,
            )
            .expect("a constant pattern")
        });
        static ELEMENT: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"^\s*</[A-Za-z0-9_:]+>\s*<(?:[A-Za-z0-9_]+:)?(?i:value)[^>]*>")
                .expect("a constant pattern")
        });
        if !self.named {
            return Vec::new();
        }
        let rest = text.get(ident.end..).unwrap_or_default();
        let rest = rest.get(..floor(rest, 4096)).unwrap_or_default();
        let mut values = Vec::new();
        if let Some(m) = AFTER.find(rest) {
            let at = ident.end + m.end();
            match text.as_bytes().get(at) {
                Some(q @ (b'"' | b'\'')) => values.push(quoted(text, at + 1, *q)),
                Some(b'[' | b'{') | None => {}
                Some(_) => values.push(self.bare(text, at, false, ANY)),
            }
        } else if let Some(m) = ELEMENT.find(rest) {
            let at = ident.end + m.end();
            let end = at + text.get(at..).and_then(|t| t.find('<')).unwrap_or(text.len() - at);
            values.push(Value { range: at..end, url: true });
        }
        values.extend(self.value_before(text, ident));
        values
    }

    /// `"value":"y","name":"x"`, read backwards from the name.
    fn value_before(&self, text: &str, ident: &Range<usize>) -> Option<Value> {
        let from = ceil(text, ident.start.saturating_sub(REACH));
        let window = text.get(from..ident.start)?;
        let key = window.trim_end_matches(['"', '\'', ' ', '\t', ':', '=', '>']);
        let key = key.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
        let end = key.trim_end_matches(['"', '\'']).trim_end_matches([' ', '\t', '\r', '\n', ',', ';']);
        let end = if end.len() == key.len() { key.strip_suffix(['"', '\''])? } else { end };
        let quote = end.bytes().last().filter(|q| matches!(q, b'"' | b'\''))?;
        let close = end.len() - 1;
        let mut open = close;
        loop {
            open = memchr::memrchr(quote, window.as_bytes().get(..open)?)?;
            let slashes = window.as_bytes().get(..open)?.iter().rev().take_while(|b| **b == b'\\').count();
            if slashes % 2 == 0 {
                break;
            }
        }
        let before = window.get(..open)?.trim_end_matches([' ', '\t', '\r', '\n', ':', '=', '>']);
        let is_value = ends_with_word(before.trim_end_matches(['"', '\'']), "value");
        is_value.then_some(Value { range: from + open + 1..from + close, url: false })
    }
}

/// What ends a bare value, escaped; and what ends one that takes the rest of its line.
const ESCAPES: &[&str] = &["\\\"", "\\u0022", "\\u0026", "\\u0027", "\\u003c", "\\u003e"];
const LINE_ESCAPES: &[&str] =
    &["\\\"", "\\n", "\\r", "&quot;", "\\u0022", "\\u0027", "\\u003c", "\\u000a", "\\u000d"];

/// The syntax around a value.
const STRUCTURE: [char; 9] = [',', ':', '[', ']', '{', '}', '(', ')', ' '];

/// What stands before the first `escape`, whose letters may be of either case.
fn before<'t>(text: &'t str, escape: &str) -> &'t str {
    let same = |at: &usize| text.get(*at..at + escape.len()).is_some_and(|e| e.eq_ignore_ascii_case(escape));
    let first = escape.bytes().next().unwrap_or_default();
    let at = memchr::memchr_iter(first, text.as_bytes()).find(same);
    at.and_then(|at| text.get(..at)).unwrap_or(text)
}

const ANY: Sensitive = Sensitive { kind: Kind::Opaque, rule: Rule::Always };

/// Where a value stands.
struct Value {
    range: Range<usize>,
    url: bool,
}

/// A quoted value: up to the quote that is not escaped, else to the end.
fn quoted(text: &str, start: usize, quote: u8) -> Value {
    let bytes = text.as_bytes();
    let mut at = start;
    let limit = floor(text, start.saturating_add(LONGEST));
    while let Some(n) = memchr::memchr2(quote, b'\\', bytes.get(at..limit).unwrap_or_default()) {
        if bytes.get(at + n) == Some(&quote) {
            return Value { range: start..at + n, url: false };
        }
        at = (at + n + 2).min(bytes.len());
    }
    Value { range: start..limit, url: false }
}

/// `('Authorization', 'Bearer …')`, `["Cookie", "…"]`.
fn tuple(text: &str, at: usize) -> Option<Value> {
    let rest = text.get(at..)?;
    let gap = rest.len() - rest.trim_start().len();
    let quote = rest.as_bytes().get(gap).filter(|q| matches!(q, b'"' | b'\''))?;
    let value = quoted(text, at + gap + 1, *quote);
    // `"token", "password"` is a list of names, a header pair closes right after the value.
    let after = text.get(value.range.end + 1..)?.trim_start();
    after.starts_with([')', ']']).then_some(value)
}

/// Reports what is secret in the value, as the rule says.
fn take(text: &str, value: &Value, what: Sensitive, place: &Place, found: Found<'_>) {
    let Some(raw) = text.get(value.range.clone()) else { return };
    let start = value.range.start + (raw.len() - raw.trim_start().len());
    let range = start..start + raw.trim().len();
    let raw = raw.trim();
    let sign = what.kind != Kind::Password && !raw.contains(|c: char| c.is_alphanumeric());
    if sign || is_trivial(raw) {
        return;
    }
    if raw.starts_with('[') {
        return list(text, &range, what, place, found);
    }
    let url = value.url || place.in_url;
    let secret = match what.rule {
        Rule::Always => true,
        Rule::InUrl if url => true,
        Rule::InUrl | Rule::WhenOpaque => is_opaque(raw) || (what.kind == Kind::State && is_guid(raw)),
        Rule::Code if url => code_in_url(text, &range, raw),
        Rule::Code => !is_error_code(raw) && is_authorization_code(raw),
        Rule::Cookie | Rule::SetCookie => {
            return cookie_values(text, &range, what.rule == Rule::SetCookie, found);
        }
        Rule::Header => return credentials(text, &range, found),
    };
    if secret {
        found(range, what.kind);
    }
}

/// The secrets of a value that stands by itself, its name being known.
pub(super) fn value(text: &str, what: Sensitive, in_url: bool, found: Found<'_>) {
    let place = Place { quote: None, in_url, after_mark: false, element: false, option: false, named: false };
    take(text, &Value { range: 0..text.len(), url: in_url }, what, &place, found);
}

/// Every string of a list; of the objects in it, what stands under `value`.
fn list(text: &str, range: &Range<usize>, what: Sensitive, place: &Place, found: Found<'_>) {
    let (mut at, mut key) = (range.start, None);
    while at < range.end {
        let Some(n) = text.get(at..range.end).and_then(|t| t.find(['"', '\''])) else { break };
        if !text.get(at..at + n).is_some_and(opens_string) {
            // The end of a string whose beginning is lost: taken for a beginning, it would turn all that follows
            // inside out, and the list would swallow what stands behind it.
            (at, key) = (at + n + 1, None);
            continue;
        }
        let quote = text.as_bytes().get(at + n).copied().unwrap_or(b'"');
        let string = quoted(text, at + n + 1, quote);
        at = string.range.end + 1;
        let inner = text.get(string.range.clone()).unwrap_or_default();
        if text.get(at..).is_some_and(|t| t.trim_start().starts_with(':')) {
            key = Some(inner);
        } else if !inner.trim().starts_with('[') && key.take().is_none_or(|k| k.eq_ignore_ascii_case("value"))
        {
            let rule =
                if what.kind == Kind::Cookie && inner.find('=').is_none() { Rule::Always } else { what.rule };
            take(text, &string, Sensitive { rule, ..what }, place, found);
        }
    }
}

/// What stands between a string of a list and the quote after it, where that quote opens the next one; Python puts a
/// letter before it.
fn opens_string(gap: &str) -> bool {
    let gap = gap.trim_end();
    let bare = gap.strip_suffix(['u', 'b', 'r', 'f']).map_or(gap, str::trim_end);
    [gap, bare].iter().any(|g| g.is_empty() || g.ends_with([',', ':', '[', '{', '(', '=', '>', ';']))
}

/// `code=` in a query: an authorization code where the company it keeps says so.
fn code_in_url(text: &str, range: &Range<usize>, raw: &str) -> bool {
    if is_authorization_code(raw) {
        return true;
    }
    let from = ceil(text, range.start.saturating_sub(2000));
    let to = floor(text, range.end + 2000);
    let before = text.get(from..range.start).unwrap_or_default();
    let before = before.rsplit(['?', ' ', '"', '\n']).next().unwrap_or(before);
    let after = text.get(range.end..to).unwrap_or_default();
    let after = after.split([' ', '"', '\n', '<']).next().unwrap_or(after);
    let near = |k: &str| before.contains(k) || after.contains(k);
    if near("error=") {
        return false;
    }
    let flow = ["state=", "code_verifier=", "grant_type=", "redirect_uri=", "client_info="];
    flow.iter().any(|k| near(k)) || !is_error_code(raw)
}

/// The values of cookies; names and attributes stay.
pub(super) fn cookie_values(text: &str, range: &Range<usize>, set: bool, found: Found<'_>) {
    const ATTRIBUTES: &[&str] =
        &["path", "domain", "expires", "max-age", "samesite", "version", "priority", "comment"];
    let mut at = range.start;
    let mut first = true;
    while at < range.end {
        let Some(rest) = text.get(at..range.end) else { return };
        let len = rest.find([';', '\n', '\r']).unwrap_or(rest.len());
        let piece = rest.get(..len).unwrap_or_default();
        match piece.split_once('=') {
            Some((name, value)) => {
                let known = set && !first && ATTRIBUTES.iter().any(|a| name.trim().eq_ignore_ascii_case(a));
                let from = at + name.len() + 1;
                let comma = if known { next_cookie(value) } else { None };
                match comma {
                    Some((skip, len)) => report(text, from + skip..from + skip + len, found),
                    None if known => {}
                    None => report(text, from..from + value.len(), found),
                }
            }
            None if first => report(text, at..at + piece.len(), found),
            None => {}
        }
        first = rest.as_bytes().get(len).is_none_or(|b| *b != b';');
        at += len + 1;
    }
}

/// Another cookie after a comma inside an attribute: `path=/, b=secret`.
fn next_cookie(value: &str) -> Option<(usize, usize)> {
    let comma = value.find(',')?;
    let equals = comma + value.get(comma..)?.find('=')?;
    Some((equals + 1, value.len() - equals - 1))
}

fn report(text: &str, range: Range<usize>, found: Found<'_>) {
    let Some(raw) = text.get(range.clone()) else { return };
    let value = raw.trim().trim_matches('"');
    if !is_trivial(value) {
        let start = range.start + raw.find(value).unwrap_or(0);
        found(start..start + value.len(), Kind::Cookie);
    }
}

/// What follows the scheme of a credentials header.
pub(super) fn credentials(text: &str, range: &Range<usize>, found: Found<'_>) {
    let Some(raw) = text.get(range.clone()) else { return };
    let scheme = raw.find(' ').filter(|n| {
        *n <= 24
            && raw
                .get(..*n)
                .is_some_and(|s| s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.')))
    });
    let start = range.start + scheme.map_or(0, |n| n + 1);
    let rest = text.get(start..range.end).unwrap_or_default();
    let trimmed = rest.trim();
    if !is_trivial(trimmed) && !is_marked_list(trimmed) && !trimmed.starts_with("http") {
        let start = start + (rest.len() - rest.trim_start().len());
        found(start..start + trimmed.len(), Kind::Credentials);
    }
}

/// `Basic` values and lists of parameters may hold marks among words.
fn is_marked_list(value: &str) -> bool {
    value.split([',', ' ']).filter(|p| !p.is_empty()).all(is_trivial)
}

/// "password: The password is expired": the value starts a sentence.
fn is_sentence(text: &str, value: &Value) -> bool {
    const STARTS: &[&str] = &[
        "the",
        "is",
        "was",
        "has",
        "have",
        "your",
        "this",
        "user",
        "users",
        "not",
        "invalid",
        "incorrect",
        "expired",
        "must",
        "cannot",
        "can",
        "could",
        "failed",
        "failure",
        "error",
        "required",
        "missing",
        "wrong",
        "please",
        "unable",
        "an",
        "a",
        "it",
        "you",
        "for",
        "in",
        "of",
        "to",
        "and",
        "or",
        "if",
        "request",
        "received",
        "bad",
        "unauthorized",
        "unknown",
        "aadsts",
        "no",
        "only",
        "found",
        "ok",
        "success",
        "mismatch",
        "revoked",
        "token",
    ];
    let word = text.get(value.range.clone()).unwrap_or_default().trim_matches(|c: char| !c.is_alphanumeric());
    let opens_clause = text.get(value.range.clone()).is_some_and(|v| v.ends_with(':'));
    opens_clause || STARTS.iter().any(|s| word.eq_ignore_ascii_case(s)) || word.starts_with("AADSTS")
}

/// A piece of a script or style sheet.
fn is_code(value: &str) -> bool {
    value.starts_with('$') || value.contains(['{', '(']) || value.contains("=>")
}

fn ends_with_word(text: &str, word: &str) -> bool {
    let Some(at) = text.len().checked_sub(word.len()) else { return false };
    text.get(at..).is_some_and(|t| t.eq_ignore_ascii_case(word))
        && !text.get(..at).is_some_and(|t| t.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// `<ns:` right before the name.
fn element_prefix(head: &str) -> bool {
    let head = head.trim_end_matches(':');
    let open = head.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    open.len() < head.len() && head.len() - open.len() < 32 && open.ends_with('<')
}

/// Largest character boundary at or before `at`.
pub(super) fn floor(text: &str, at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    (0..=at).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

/// Smallest character boundary at or after `at`.
pub(super) fn ceil(text: &str, at: usize) -> usize {
    (at..text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len())
}
