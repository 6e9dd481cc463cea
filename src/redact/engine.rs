//! Finds the secrets of a text.
//!
//! In: any text. Out: the byte ranges of its secrets, sorted, apart from each other, at character boundaries. Never: an
//! opinion about personal data.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::kind::{self, Finding, Kind};
use super::named::{self, ceil, floor};
use super::names::Sensitive;
use super::shapes::{self, ANCHORS};
use super::{runs, view};

/// Parts of sensitive names; the identifier around a hit is judged by [`super::names`].
const NAME_PARTS: &[&str] = &[
    "token",
    "secret",
    "passw",
    "passp",
    "passc",
    "pass",
    "pwd",
    "psw",
    "code",
    "cookie",
    "authoriz",
    "authentic",
    "auth",
    "canary",
    "assertion",
    "saml",
    "wresult",
    "sft",
    "ctx",
    "ppft",
    "state",
    "nonce",
    "verifier",
    "key",
    "sig",
    "hmac",
    "credential",
    "session",
    "sessid",
    "sid",
    "otp",
    "otc",
    "pin",
    "jwt",
    "hint",
    "ests",
    "msp",
    "wlssc",
    "fedauth",
    "rtfa",
    "aspnet",
    "asp.net",
    "aspx",
    "connect.sid",
    "cipher",
    "opid",
    "contextid",
    "host-auth",
    "awsalb",
    "__cf",
    "cf_clear",
    "msis",
    "sdata",
    "\"rt\"",
    "\"at\"",
    "&ft=",
];

/// Deepest nesting of base64 in base64.
const MAX_NESTING: usize = 3;

static SUSPECTS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = ANCHORS.iter().map(|(a, _)| *a).chain(NAME_PARTS.iter().copied());
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        // The fastest to run: every byte of every reading goes through it.
        .kind(Some(AhoCorasickKind::DFA))
        .build(words)
        .expect("constant words")
});

/// Every secret in `text`.
pub(crate) fn findings(text: &str) -> Vec<Finding> {
    nested(text, 0)
}

fn nested(text: &str, depth: usize) -> Vec<Finding> {
    let mut all = Vec::new();
    view::each(text, |v| {
        scan(&v.text, depth, &mut |range, kind| {
            if range.start < range.end {
                all.push(Finding { range: snap(text, v.original(range)), kind });
            }
        });
    });
    merge(text, all)
}

/// Every secret in the inside of a JSON string, whose name may say more.
pub(super) fn findings_in_json(text: &str, what: Option<Sensitive>, in_url: bool) -> Vec<Finding> {
    let mut all = findings(text);
    if let Some(what) = what {
        let view = view::json(text);
        named::value(&view.text, what, in_url, &mut |range, kind| {
            if range.start < range.end {
                all.push(Finding { range: snap(text, view.original(range)), kind });
            }
        });
    }
    merge(text, all)
}

/// One reading of the text.
fn scan(text: &str, depth: usize, found: named::Found<'_>) {
    let mut seen_to = 0;
    for hit in SUSPECTS.find_overlapping_iter(text) {
        match ANCHORS.get(hit.pattern().as_usize()) {
            Some((_, shape)) => shapes::check(text, *shape, hit.start(), found),
            None if hit.end() > seen_to => {
                let inside = hit.end() - 1;
                let ident = named::ident(text, inside);
                seen_to = ident.end;
                named::check(text, &ident, found);
            }
            None => {}
        }
    }
    let holds_secret = |inner: &str| depth < MAX_NESTING && !nested(inner, depth + 1).is_empty();
    runs::scan(text, &holds_secret, found);
}

/// Moves the ends of a range so that no escape sequence is torn.
fn snap(text: &str, range: Range<usize>) -> Range<usize> {
    let start = ceil(text, view::unit_end(text.as_bytes(), range.start));
    let end = ceil(text, view::unit_end(text.as_bytes(), range.end));
    if start < end { start..end } else { floor(text, range.start)..end.max(range.start) }
}

/// Sorts, and joins what overlaps. The widest finding names the kind; among equals a JWT, whose claims may stay.
/// What lies within a mark of an earlier redaction is no secret.
pub(super) fn merge(text: &str, mut all: Vec<Finding>) -> Vec<Finding> {
    if all.is_empty() {
        return all;
    }
    let marks = kind::marks(text);
    all.retain(|f| !marks.iter().any(|m| m.start <= f.range.start && f.range.end <= m.end));
    all.sort_by_key(|f| (f.range.start, std::cmp::Reverse(f.range.end), rank(f.kind)));
    let mut merged: Vec<Finding> = Vec::new();
    for finding in all {
        match merged.last_mut() {
            Some(last) if finding.range.start < last.range.end => {
                if finding.range.end > last.range.end {
                    last.range.end = finding.range.end;
                    if last.kind == Kind::Jwt {
                        last.kind = Kind::Token;
                    }
                }
            }
            _ => merged.push(finding),
        }
    }
    merged
}

/// The more telling kind first.
fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Jwt => 0,
        Kind::Opaque => 2,
        _ => 1,
    }
}
