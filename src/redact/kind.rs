//! What a secret is called, and what a finding is.

use std::ops::Range;

/// Kind of a secret, as marks name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A signed token whose claims can be read.
    Jwt,
    /// Any other token, assertion or flow token.
    Token,
    /// Authorization or device code.
    Code,
    Password,
    /// Client secret, API key, private key, connection key.
    Secret,
    Cookie,
    /// What follows the scheme in an `Authorization` header, or in a URL before the `@`.
    Credentials,
    Signature,
    /// `state`, `nonce` and the like: they may embed tokens.
    State,
    /// A long random string of unknown use.
    Opaque,
}

impl Kind {
    /// Word used in marks.
    pub fn id(self) -> &'static str {
        match self {
            Kind::Jwt => "jwt",
            Kind::Token => "token",
            Kind::Code => "code",
            Kind::Password => "password",
            Kind::Secret => "secret",
            Kind::Cookie => "cookie",
            Kind::Credentials => "credentials",
            Kind::Signature => "signature",
            Kind::State => "state",
            Kind::Opaque => "opaque",
        }
    }
}

/// A secret found in a text: the bytes it takes there, in whatever encoding it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) range: Range<usize>,
    pub(crate) kind: Kind,
}

/// True for values that hold nothing to hide: empty, null, a flag, an error code, or masked already.
pub(super) fn is_trivial(value: &str) -> bool {
    let v =
        value.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | '<' | '>'));
    const WORDS: &[&str] = &[
        "null",
        "none",
        "nil",
        "undefined",
        "true",
        "false",
        "yes",
        "no",
        "present",
        "absent",
        "empty",
        "n/a",
        "bearer",
        "basic",
        "ntlm",
        "negotiate",
        "digest",
        "deleted",
        "missing",
        "not set",
        "unset",
        "redacted",
    ];
    let code = v.strip_prefix("AADSTS").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    let scrubbed = v.starts_with("eyJ") && v.ends_with(".redacted");
    v.is_empty()
        || scrubbed
        || code
        || WORDS.iter().any(|w| v.eq_ignore_ascii_case(w))
        || v.chars().all(|c| matches!(c, '*' | '.' | 'x' | 'X' | '-' | '•' | '…' | '#'))
        || is_mark(v)
        || (v.starts_with('[')
            && v.ends_with(']')
            && v.len() < 80
            && v.to_ascii_lowercase().contains("redacted"))
        || v.get(..9).is_some_and(|h| h.eq_ignore_ascii_case("[redacted"))
}

/// First characters of opaque tokens and codes; they tell the issuer and stay.
pub(super) const OPAQUE_STARTS: &[&str] = &["EwA", "EwB", "EwC", "EwD", "0.A", "1.A", "M.C", "M.R"];

/// Word that opens every mark.
pub(super) const MARK: &str = "redacted~";

/// True for a mark that this module wrote into a file: `redacted~token~1000~3`, after the three characters of an
/// opaque token or the claims of a JWT.
pub(super) fn is_mark(value: &str) -> bool {
    let Some(at) = value.find(MARK) else { return false };
    let prefix = value.get(..at).unwrap_or_default();
    let rest = value.get(at + MARK.len()..).unwrap_or_default();
    let claims = prefix.ends_with('.') && prefix.starts_with("eyJ") && prefix.matches('.').count() <= 2;
    let opaque = prefix.strip_suffix('~').is_some_and(|p| OPAQUE_STARTS.contains(&p));
    let mut parts = rest.split('~');
    let kind_ok = parts.next().is_some_and(|k| !k.is_empty() && k.bytes().all(|b| b.is_ascii_lowercase()));
    let digits = |p: Option<&str>| p.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    (prefix.is_empty() || claims || opaque)
        && kind_ok
        && digits(parts.next())
        && digits(parts.next())
        && parts.next().is_none()
}

/// Every mark in a text, with what it keeps of the secret.
pub(super) fn marks(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let claims = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let mark = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'~';
    memchr::memmem::find_iter(bytes, MARK)
        .map(|at| {
            let head = text.get(..at).unwrap_or_default();
            let run = bytes.get(..at).unwrap_or_default().iter().rev().take_while(|b| claims(b)).count();
            let opaque = head.strip_suffix('~').filter(|h| OPAQUE_STARTS.iter().any(|s| h.ends_with(s)));
            let jwt = head.get(at - run..).filter(|h| h.ends_with('.')).and_then(|h| h.find("eyJ"));
            let start = match (opaque, jwt) {
                (Some(_), _) => at - 4,
                (None, Some(n)) => at - run + n,
                (None, None) => at,
            };
            let len = bytes.get(at..).unwrap_or_default().iter().take_while(|b| mark(b)).count();
            start..at + len
        })
        .filter(|r| text.get(r.clone()).is_some_and(is_mark))
        .collect()
}
