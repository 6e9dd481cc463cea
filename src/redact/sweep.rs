//! The last look before a redacted file is released.
//!
//! In: the redacted bytes and every secret that was found. Out: the bytes, with what was left of a secret in another
//! place or encoding replaced too, or the number of secrets that could still be read.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::grams::{Grams, SHORTEST};
use super::kind::Kind;
use super::random::{is_guid, is_opaque};
use super::source::Secret;
use super::view::unit_end;

/// Length of the pieces that stand for a long secret.
const PIECE: usize = 32;

/// Looks for some secrets.
pub(super) struct Sweeper {
    /// What to look for.
    needles: Vec<Vec<u8>>,
    /// The mark for each of them.
    marks: Vec<String>,
    grams: Grams,
    /// For what `grams` declines; made when it is needed for the first time.
    automaton: OnceLock<Option<AhoCorasick>>,
}

impl Sweeper {
    pub(super) fn new<'s>(secrets: impl Iterator<Item = &'s Secret>) -> Sweeper {
        let telling = secrets.filter(|s| is_telling(s)).flat_map(needles);
        let (needles, marks): (Vec<Vec<u8>>, Vec<String>) =
            telling.map(|(needle, mark)| (needle, mark.to_owned())).unzip();
        let grams = Grams::of(needles.iter().map(Vec::as_slice));
        Sweeper { needles, marks, grams, automaton: OnceLock::new() }
    }

    /// Replaces or reports what can still be read of the secrets.
    pub(super) fn sweep(&self, mut bytes: Vec<u8>) -> Result<Vec<u8>, usize> {
        if self.needles.is_empty() {
            return Ok(bytes);
        }
        for _ in 0..3 {
            let hits = self.hits(&bytes)?;
            if hits.is_empty() {
                return Ok(bytes);
            }
            #[cfg(test)]
            if hole::is_open() {
                continue;
            }
            bytes = replace(&bytes, &hits, &self.marks);
        }
        match self.hits(&bytes)?.len() {
            0 => Ok(bytes),
            left => Err(left),
        }
    }

    /// What can still be read, and where.
    fn hits(&self, bytes: &[u8]) -> Result<Vec<(usize, usize, usize)>, usize> {
        if let Some(hits) = self.grams.find(bytes, &self.needles) {
            return Ok(hits);
        }
        let build =
            || AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&self.needles).ok();
        let search = self.automaton.get_or_init(build).as_ref().ok_or(self.needles.len())?;
        Ok(search.find_iter(bytes).map(|m| (m.start(), m.end(), m.pattern().as_usize())).collect())
    }
}

/// What to look for, and the mark that takes its place.
fn needles(secret: &Secret) -> Vec<(Vec<u8>, &str)> {
    // The claims of a JWT may stay elsewhere, its signature may not.
    let plain = bare(&secret.plain);
    let telling = if plain.starts_with("eyJ") { plain.rsplit('.').next().unwrap_or(plain) } else { plain };
    forms(telling).into_iter().map(|n| (n, secret.mark.as_str())).collect()
}

/// Without quotes and space around it: they would match the syntax around another value.
fn bare(secret: &str) -> &str {
    secret.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\'))
}

/// Secrets whose text cannot stand anywhere for another reason: not an id, a host, a word or a number.
fn is_telling(secret: &Secret) -> bool {
    let s = bare(&secret.plain);
    if s.len() < SHORTEST
        || is_guid(s)
        || s.starts_with("http")
        || s.chars().all(|c| c.is_numeric() || c == '.')
    {
        return false;
    }
    match secret.kind {
        Kind::Cookie | Kind::State => is_opaque(s),
        _ => {
            let word = s.len() <= 12 && s.bytes().all(|b| b.is_ascii_alphabetic());
            let host = s.contains('.')
                && s.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'-' | b'@'));
            !word && !host
        }
    }
}

/// Everything that betrays the secret: itself in every encoding, or three pieces of each where it is long.
fn forms(plain: &str) -> Vec<Vec<u8>> {
    let json = serde_json::to_string(plain).unwrap_or_default();
    let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned();
    let url = utf8_percent_encode(plain, NON_ALPHANUMERIC).to_string();
    let html = plain.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
    let mut all: Vec<Vec<u8>> = Vec::new();
    let lower = lower_hex(&url);
    all.extend(pieces(plain.as_bytes()).into_iter().filter(|piece| !is_syntax(piece)));
    for form in [json, url, lower, html] {
        all.extend(pieces(form.as_bytes()));
    }
    for skip in 0..3 {
        all.extend(pieces(&base64_inside(plain.as_bytes(), skip)));
    }
    all.sort();
    all.dedup();
    all.retain(|n| n.len() >= SHORTEST && !n.windows(8).any(|w| w.eq_ignore_ascii_case(b"redacted")));
    all
}

/// A quote beside a sign of JSON: as it stands that is no value anywhere, but the syntax around other values. Within a
/// string its quotes would be escaped, and that form is looked for as well.
fn is_syntax(piece: &[u8]) -> bool {
    let sign = |b: &u8| matches!(b, b'{' | b'}' | b'[' | b']' | b':' | b',');
    piece.windows(2).any(|w| matches!(w, [b'"', b] | [b, b'"'] if sign(b)))
}

fn lower_hex(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    let mut hex = 0;
    for c in url.chars() {
        out.push(if hex > 0 { c.to_ascii_lowercase() } else { c });
        hex = if c == '%' { 2 } else { usize::saturating_sub(hex, 1) };
    }
    out
}

/// The characters of a base64 text that depend on nothing but the secret, when it begins `skip` bytes into a group.
fn base64_inside(plain: &[u8], skip: usize) -> Vec<u8> {
    let mut padded = vec![0; skip];
    padded.extend_from_slice(plain);
    let text = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&padded);
    let from = if skip == 0 { 0 } else { skip + 1 };
    let to = padded.len() * 8 / 6;
    text.as_bytes().get(from..to).unwrap_or_default().to_vec()
}

fn pieces(form: &[u8]) -> Vec<Vec<u8>> {
    if form.len() <= PIECE + PIECE / 2 {
        return vec![form.to_vec()];
    }
    // Not the beginning: many secrets have that in common.
    let (middle, last) = ((form.len() - PIECE) / 2, form.len() - PIECE);
    [middle, (middle + last) / 2, last]
        .iter()
        .filter_map(|at| form.get(*at..at + PIECE))
        .map(<[u8]>::to_vec)
        .collect()
}

/// The next place at which neither an escape sequence nor a character is torn.
fn whole(bytes: &[u8], at: usize) -> usize {
    let at = unit_end(bytes, at);
    at + bytes.get(at..).unwrap_or_default().iter().take_while(|b| (0x80..0xC0).contains(*b)).count()
}

/// Puts the mark where a secret or a piece of one stands, with the rest of the unbroken string around it.
fn replace(bytes: &[u8], hits: &[(usize, usize, usize)], marks: &[String]) -> Vec<u8> {
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_');
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for (start, end, mark) in hits {
        let (start, end) = (whole(bytes, *start), whole(bytes, *end));
        if start < at || start >= end {
            continue;
        }
        let around = end - start >= PIECE;
        let before =
            bytes.get(at..start).unwrap_or_default().iter().rev().take_while(|b| around && part(b)).count();
        let after = bytes
            .get(end..)
            .unwrap_or_default()
            .iter()
            .take_while(|b| around && (part(b) || **b == b'='))
            .count();
        out.extend_from_slice(bytes.get(at..start - before).unwrap_or_default());
        out.extend_from_slice(marks.get(*mark).map_or("", String::as_str).as_bytes());
        at = end + after;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    out
}

/// A flaw that can be switched on, to see that a copy which still holds a secret is not released. For tests in a
/// process of their own.
#[cfg(test)]
pub(crate) mod hole {
    use std::sync::atomic::{AtomicBool, Ordering};

    static OPEN: AtomicBool = AtomicBool::new(false);

    /// From now on nothing is replaced that the first look has missed.
    pub(crate) fn open() {
        OPEN.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_open() -> bool {
        OPEN.load(Ordering::SeqCst)
    }
}
