//! Secrets by their own shape, wherever they stand.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::kind::{Kind, OPAQUE_STARTS, is_trivial};
use super::named::{Found, floor};

/// What the text at an anchor may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Jwt,
    Scheme,
    Opaque,
    ClientSecret,
    PrivateKey,
    VendorKey,
    UserInfo,
    Assertion,
    MailLogin,
    DevicePrompt,
}

/// Anchors, lower case, and the shape each may begin or belong to.
pub(super) const ANCHORS: &[(&str, Shape)] = &[
    ("eyj", Shape::Jwt),
    ("bearer", Shape::Scheme),
    ("basic", Shape::Scheme),
    ("negotiate", Shape::Scheme),
    ("ntlm", Shape::Scheme),
    ("digest", Shape::Scheme),
    ("msauth1.0", Shape::Scheme),
    ("wlid1.0", Shape::Scheme),
    ("ewa", Shape::Opaque),
    ("ewb", Shape::Opaque),
    ("ewc", Shape::Opaque),
    ("ewd", Shape::Opaque),
    ("0.a", Shape::Opaque),
    ("1.a", Shape::Opaque),
    ("m.c", Shape::Opaque),
    ("m.r", Shape::Opaque),
    ("q~", Shape::ClientSecret),
    ("private key", Shape::PrivateKey),
    ("akia", Shape::VendorKey),
    ("asia", Shape::VendorKey),
    ("aiza", Shape::VendorKey),
    ("ya29.", Shape::VendorKey),
    ("xox", Shape::VendorKey),
    ("ghp_", Shape::VendorKey),
    ("gho_", Shape::VendorKey),
    ("ghs_", Shape::VendorKey),
    ("github_pat_", Shape::VendorKey),
    ("glpat-", Shape::VendorKey),
    ("sk_live_", Shape::VendorKey),
    ("rk_live_", Shape::VendorKey),
    ("pat-", Shape::VendorKey),
    ("://", Shape::UserInfo),
    (":assertion", Shape::Assertion),
    ("<assertion", Shape::Assertion),
    ("<requestsecuritytokenresponse", Shape::Assertion),
    ("encryptedassertion", Shape::Assertion),
    ("authenticate ", Shape::MailLogin),
    ("auth ", Shape::MailLogin),
    ("login ", Shape::MailLogin),
    ("pass ", Shape::MailLogin),
    ("enter the code", Shape::DevicePrompt),
];

/// Reports what begins at (or around) byte `at`.
pub(super) fn check(text: &str, shape: Shape, at: usize, found: Found<'_>) {
    match shape {
        Shape::Jwt => jwt(text, at, found),
        Shape::Scheme => scheme(text, at, found),
        Shape::Opaque => opaque(text, at, found),
        Shape::ClientSecret => client_secret(text, at, found),
        Shape::PrivateKey => private_key(text, at, found),
        Shape::VendorKey => vendor_key(text, at, found),
        Shape::UserInfo => user_info(text, at, found),
        Shape::Assertion => assertion(text, at, found),
        Shape::MailLogin => mail_login(text, at, found),
        Shape::DevicePrompt => device_prompt(text, at, found),
    }
}

fn run(text: &str, at: usize, part: fn(u8) -> bool) -> Range<usize> {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at..at + rest.iter().take_while(|b| part(**b)).count()
}

fn base64url(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')
}

fn token68(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(b, b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=' | b'*' | b'!' | b'$')
}

fn starts_word(text: &str, at: usize) -> bool {
    !at.checked_sub(1).and_then(|i| text.as_bytes().get(i)).is_some_and(u8::is_ascii_alphanumeric)
}

/// Header, dot, and whatever is left of the rest. A header without a dot is no secret.
fn jwt(text: &str, at: usize, found: Found<'_>) {
    if !text.get(at..).is_some_and(|t| t.starts_with("eyJ")) {
        return;
    }
    let header = run(text, at, base64url);
    if header.len() < 8 || text.as_bytes().get(header.end) != Some(&b'.') {
        return;
    }
    let mut end = run(text, at, |b| base64url(b) || matches!(b, b'.' | b'=')).end;
    while end > at && text.as_bytes().get(end - 1) == Some(&b'.') {
        end -= 1;
    }
    let whole = text.get(at..end).unwrap_or_default();
    let masked = whole.rsplit('.').next().is_some_and(is_trivial);
    if end > header.end + 4 && !masked {
        let kind = if whole.split('.').count() == 3 { Kind::Jwt } else { Kind::Token };
        found(at..end, kind);
    }
}

/// `Bearer …`, `Basic …`, `Negotiate …`, `NTLM …`.
fn scheme(text: &str, at: usize, found: Found<'_>) {
    let word = run(text, at, |b| b.is_ascii_alphanumeric() || b == b'.');
    if !starts_word(text, at) || !matches!(text.as_bytes().get(word.end), Some(b' ' | b'+' | b'\t')) {
        return;
    }
    let name = text.get(word.clone()).unwrap_or_default().to_ascii_lowercase();
    let rest = text.get(word.end..).unwrap_or_default();
    let start =
        word.end + (rest.len() - rest.trim_start_matches([' ', '+', '\t', '"', '\'', '<', '{', '[']).len());
    let range = run(text, start, token68);
    let Some(value) = text.get(range.clone()) else { return };
    // `Bearer realm="…"` is a challenge.
    let challenge = value.ends_with('=') && matches!(text.as_bytes().get(range.end), Some(b'"' | b'\\'))
        || value.trim_end_matches('=').contains('=');
    let value = value.trim_end_matches('.');
    let range = range.start..range.start + value.len();
    let digit = value.bytes().any(|b| b.is_ascii_digit());
    let letter = value.bytes().any(|b| b.is_ascii_alphabetic());
    let wordy = value.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.'));
    let hit = match name.as_str() {
        "bearer" => {
            !challenge && ((digit && letter && value.len() >= 6) || (value.len() >= 20 && !is_lower(value)))
        }
        "basic" => !challenge && is_basic(value),
        "negotiate" | "ntlm" => value.len() >= 12 && (!wordy || value.len() >= 40),
        "digest" => challenge && value.starts_with("username"),
        _ => value.len() >= 12 && !wordy,
    };
    if hit && !is_trivial(value) {
        let end = if matches!(name.as_str(), "digest") { line_end(text, range.start) } else { range.end };
        found(range.start..end, if name == "bearer" { Kind::Token } else { Kind::Credentials });
    }
}

fn is_lower(value: &str) -> bool {
    value.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-' | b'.'))
}

fn is_basic(value: &str) -> bool {
    value.len() >= 4
        && crate::decode::decode_base64(value).is_some_and(|bytes| {
            bytes.contains(&b':') && bytes.iter().all(|b| *b >= 0x20 && *b != 0x7f) || value.len() >= 24
        })
}

fn line_end(text: &str, at: usize) -> usize {
    at + text.get(at..).and_then(|t| t.find(['\n', '\r', '\''])).unwrap_or(text.len() - at)
}

/// Tokens of personal accounts (`EwB…`) and codes (`0.A…`, `M.C…`).
fn opaque(text: &str, at: usize, found: Found<'_>) {
    if !starts_word(text, at)
        || !OPAQUE_STARTS.iter().any(|s| text.get(at..).is_some_and(|t| t.starts_with(s)))
    {
        return;
    }
    let range = run(text, at, token68);
    let value = text.get(range.clone()).unwrap_or_default().trim_end_matches(['.', '!']);
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let lower = value.bytes().any(|b| b.is_ascii_lowercase());
    let upper = value.bytes().filter(u8::is_ascii_uppercase).count();
    if value.len() >= 20 && digits >= 2 && lower && upper >= 2 {
        found(range.start..range.start + value.len(), Kind::Token);
    }
}

/// Secrets that Entra makes: three characters, a digit, `Q~`, and 31 to 34 more.
fn client_secret(text: &str, at: usize, found: Found<'_>) {
    let part = |b: u8| base64url(b) || matches!(b, b'.' | b'~');
    let start = at.saturating_sub(4);
    let head = text.as_bytes().get(start..at).unwrap_or_default();
    let end = run(text, at + 2, part).end;
    if head.len() == 4
        && head.iter().all(|b| part(*b))
        && head.last().is_some_and(u8::is_ascii_digit)
        && end - at >= 22
    {
        found(start..end, Kind::Secret);
    }
}

fn private_key(text: &str, at: usize, found: Found<'_>) {
    let from = at.saturating_sub(40);
    let begin = text.as_bytes().get(from..at).and_then(|t| memchr::memmem::rfind(t, b"-----BEGIN"));
    let Some(start) = begin.map(|n| from + n) else { return };
    let rest = text.get(at..).unwrap_or_default();
    let rest = rest.get(..floor(rest, 64 * 1024)).unwrap_or_default();
    let body = rest.find("-----").map_or(rest.len(), |n| n + 5);
    // Of a key without an end as much as reads like one: more would swallow what follows.
    let key = |b: u8| b.is_ascii_alphanumeric() || b.is_ascii_whitespace() || b"+/=\\:,-".contains(&b);
    let stop = match rest.get(body..).and_then(|t| t.find("-----END")) {
        Some(n) => body + n,
        None => body + rest.bytes().skip(body).take_while(|b| key(*b)).count(),
    };
    let stop = rest
        .get(stop..)
        .and_then(|t| t.strip_prefix("-----END"))
        .map_or(stop, |t| stop + 8 + t.find("-----").map_or(0, |n| n + 5));
    found(start..at + stop, Kind::Secret);
}

fn vendor_key(text: &str, at: usize, found: Found<'_>) {
    static KEYS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"^(?:A[KS]IA[0-9A-Z]{16}\b|AIza[\w-]{35}|ya29\.[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|gh[pos]_\w{30,}|github_pat_\w{22,}|glpat-[\w-]{20,}|[sr]k_live_\w{16,}|pat-[a-z]{2}\d-[0-9a-f-]{32,36})",
        )
        .expect("a constant pattern")
    });
    if !starts_word(text, at) {
        return;
    }
    let rest = text.get(at..floor(text, at + 512)).unwrap_or_default();
    if let Some(m) = KEYS.find(rest) {
        found(at..at + m.end(), Kind::Secret);
    }
}

/// `https://user:password@host`: all before the `@`.
fn user_info(text: &str, at: usize, found: Found<'_>) {
    let start = at + 3;
    let rest = text.get(start..).unwrap_or_default();
    let end = rest
        .find(|c: char| matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | '\\') || c.is_whitespace());
    let authority = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
    let Some(user) = authority.rfind('@').and_then(|n| authority.get(..n)) else { return };
    let secret = user.split_once(':').map(|(_, password)| password);
    if let Some(password) = secret.filter(|p| !is_trivial(p)) {
        found(start + user.len() - password.len()..start + user.len(), Kind::Credentials);
    }
}

/// A SAML assertion or token response, to its end tag.
fn assertion(text: &str, at: usize, found: Found<'_>) {
    let from = at.saturating_sub(40);
    let open = text.as_bytes().get(from..=at).and_then(|t| memchr::memrchr(b'<', t));
    let Some(start) = open.map(|n| from + n) else { return };
    let tag = run(text, start + 1, |b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'_' | b'-'));
    let Some(name) = text.get(tag.clone()).filter(|n| !n.is_empty()) else { return };
    let local = name.rsplit(':').next().unwrap_or(name);
    if !["Assertion", "EncryptedAssertion", "RequestSecurityTokenResponse"].contains(&local) {
        return;
    }
    let close = format!("</{name}");
    let body = text.get(tag.end..).unwrap_or_default();
    let head = tag.end + body.find('>').map_or(body.len(), |n| n + 1);
    let inner = text.get(head..).unwrap_or_default();
    let end = head + inner.find(&close).unwrap_or(inner.len());
    if text.get(head..end).is_some_and(|t| !is_trivial(t)) {
        found(head..end, Kind::Token);
    }
}

/// `AUTH PLAIN …`, `A1 LOGIN user password`, `PASS …` of mail protocols.
fn mail_login(text: &str, at: usize, found: Found<'_>) {
    static LOGIN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"^(?:(?i:AUTH(?:ENTICATE)?)\s+(?i:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|NTLM|CRAM-MD5|GSSAPI)\s+(\S{4,})|LOGIN\s+(?:"[^"]*"|\S+@\S+)\s+(\S+)|PASS\s+(\S+)\s*(?:\n|\r|$))"#,
        )
        .expect("a constant pattern")
    });
    if !starts_word(text, at) {
        return;
    }
    let rest = text.get(at..floor(text, at + 8192)).unwrap_or_default();
    let Some(groups) = LOGIN.captures(rest) else { return };
    if let Some(m) = groups.get(1).or(groups.get(2)).or(groups.get(3))
        && !is_trivial(m.as_str())
        && m.as_str().bytes().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'"')).count() > 2
    {
        found(at + m.start()..at + m.end(), Kind::Credentials);
    }
}

/// "enter the code ABCD1234 to authenticate".
fn device_prompt(text: &str, at: usize, found: Found<'_>) {
    let start = at + "enter the code".len();
    let rest = text.get(start..).unwrap_or_default();
    let gap = rest.len() - rest.trim_start().len();
    let code = run(text, start + gap, |b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    if (6..=12).contains(&code.len()) {
        found(code, Kind::Code);
    }
}
