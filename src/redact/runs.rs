//! Long unbroken strings: random ones, and base64 that hides a secret.

use std::ops::Range;

use super::kind::{Kind, is_mark};
use super::named::Found;
use super::random::{is_guid, is_secret_run};

/// Shortest string that is tried as base64.
const SHORTEST: usize = 16;
/// Shortest string that can be a secret just by being random.
const RANDOM: usize = 32;
/// One character in so many may be damaged in a text.
const DAMAGED: usize = 40;

/// Reports the random runs of a text and the base64 blobs in which `holds_secret` finds something.
pub(super) fn scan(text: &str, holds_secret: &dyn Fn(&str) -> bool, found: Found<'_>) {
    let bytes = text.as_bytes();
    let part = |i: usize| bytes.get(i).is_some_and(|b| TABLE[usize::from(*b)]);
    let mut at = 0;
    // A long run that begins at or after `at` covers one byte in sixteen: most text is stepped over.
    while at + SHORTEST <= bytes.len() {
        let probe = at + SHORTEST - 1;
        let mut len = 0;
        while len < SHORTEST && part(probe - len) {
            len += 1;
        }
        if len < SHORTEST {
            at = probe + 1 - len;
            // What is left of the run has to grow to the right.
            if len == 0 || !part(probe + 1) {
                at = probe + 1;
            }
            continue;
        }
        let more = bytes.get(probe + 1..).unwrap_or_default();
        let end = probe + 1 + more.iter().take_while(|b| TABLE[usize::from(**b)]).count();
        let end = wrapped(bytes, at, end);
        judge(text, at..end, holds_secret, found);
        at = end + 1;
    }
}

const TABLE: [bool; 256] = {
    let mut table = [false; 256];
    let mut i = 0;
    while i < 256 {
        let b = i as u8;
        table[i] = b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=' | b'~');
        i += 1;
    }
    table
};

/// Base64 in lines of 64 or 76 characters goes on in the next line.
fn wrapped(bytes: &[u8], start: usize, mut end: usize) -> usize {
    let mut line = start;
    while matches!(end - line, 60 | 64 | 72 | 76) {
        let rest = bytes.get(end..).unwrap_or_default();
        let gap = rest.iter().take(2).take_while(|b| matches!(b, b'\r' | b'\n')).count();
        let next = bytes.get(end + gap..).unwrap_or_default();
        let len = next.iter().take_while(|b| TABLE[usize::from(**b)]).count();
        let closed = matches!(next.get(len), None | Some(b'\r' | b'\n' | b'"' | b'\'' | b'<'));
        if gap == 0 || len == 0 || !closed {
            break;
        }
        line = end + gap;
        end = line + len;
    }
    end
}

fn judge(text: &str, run: Range<usize>, holds_secret: &dyn Fn(&str) -> bool, found: Found<'_>) {
    let Some(whole) = text.get(run.clone()) else { return };
    if whole.contains('~') && is_mark(whole) {
        return;
    }
    // `name=value` within a run; `=` elsewhere only pads.
    let body = whole.trim_end_matches('=');
    if let Some(n) = body.find('=') {
        let rest = whole.len() - n - 1;
        if n >= SHORTEST {
            judge(text, run.start..run.start + n, holds_secret, found);
        }
        if rest >= SHORTEST {
            judge(text, run.end - rest..run.end, holds_secret, found);
        }
        return;
    }
    match readable(whole) {
        Some(inner) => {
            if holds_secret(&inner) || is_user_and_password(&inner) {
                found(run, Kind::Opaque);
            }
        }
        None => random(text, run, holds_secret, found),
    }
}

/// What the base64 says, if it says anything. A text with a few bytes damaged is still one; what is random is not.
fn readable(run: &str) -> Option<String> {
    if !may_be_readable(run.as_bytes()) {
        return None;
    }
    let bytes = crate::decode::decode_base64(run)?;
    let text = String::from_utf8_lossy(&bytes);
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\0' | '\u{1}');
    let (all, odd) = text.chars().fold((0, 0), |(all, odd), c| {
        (all + 1, odd + usize::from(!plain(c) || c == char::REPLACEMENT_CHARACTER))
    });
    (odd * DAMAGED <= all).then(|| text.into_owned())
}

/// Whether its first characters say something: most runs are words or random, and need not be decoded whole.
fn may_be_readable(run: &[u8]) -> bool {
    let mut plain = [0_u8; 24];
    let mut len = 0;
    for group in run.chunks_exact(4).take(plain.len() / 3) {
        let mut bits = 0_u32;
        for b in group {
            let Some(value) = SIX.get(usize::from(*b)).copied().filter(|v| *v < 64) else {
                // Padding, or none of base64's: whoever decodes it says which.
                return true;
            };
            bits = bits << 6 | u32::from(value);
        }
        for (slot, byte) in plain.iter_mut().skip(len).zip(bits.to_be_bytes().iter().skip(1)) {
            *slot = *byte;
        }
        len += 3;
    }
    let plain = plain.get(..len).unwrap_or_default();
    let control = |b: &u8| (*b < 0x20 && !matches!(b, b'\n' | b'\r' | b'\t' | 0 | 1)) || *b == 0x7f;
    !plain.iter().any(control)
        && std::str::from_utf8(plain).map_or_else(|e| e.error_len().is_none(), |_| true)
}

/// Values of base64 characters of either alphabet; 255 for others.
const SIX: [u8; 256] = {
    let mut table = [255; 256];
    let mut i = 0;
    while i < 256 {
        let b = i as u8;
        table[i] = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => 255,
        };
        i += 1;
    }
    table
};

fn is_user_and_password(text: &str) -> bool {
    let ascii = text.bytes().all(|b| (0x20..0x7f).contains(&b) || b == 0);
    let nul = text.split('\0').count() == 3;
    let colon = text.split_once(':').is_some_and(|(user, password)| {
        !user.is_empty()
            && !password.is_empty()
            && !password.starts_with("//")
            && !text.contains([' ', '{', '<'])
    });
    ascii && text.len() < 200 && (nul || colon)
}

/// Pieces of a run between slashes: a path holds words and ids, base64 does not.
fn random(text: &str, run: Range<usize>, holds_secret: &dyn Fn(&str) -> bool, found: Found<'_>) {
    let Some(whole) = text.get(run.clone()) else { return };
    if whole.len() >= RANDOM && is_secret_run(whole) && !has_path_words(whole) {
        return trim_guids(text, run, found);
    }
    if !whole.contains('/') {
        return;
    }
    let mut at = run.start;
    for piece in whole.split('/') {
        let range = at..at + piece.len();
        at = range.end + 1;
        if piece.len() < SHORTEST || is_guid(piece) {
            continue;
        }
        match readable(piece) {
            Some(inner) if holds_secret(&inner) || is_user_and_password(&inner) => found(range, Kind::Opaque),
            None if piece.len() >= RANDOM && is_secret_run(piece) => found(range, Kind::Opaque),
            _ => {}
        }
    }
}

/// A run that begins like a path: its first pieces are words.
fn has_path_words(run: &str) -> bool {
    let pieces: Vec<&str> = run.split('/').filter(|p| p.len() > 1).collect();
    let words = pieces.iter().filter(|p| {
        is_guid(p) || (p.len() >= 4 && p.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_')))
    });
    pieces.len() > 1 && words.count() > 0
}

/// Ids at either end of a run stay readable when nothing random is left without them.
fn trim_guids(text: &str, run: Range<usize>, found: Found<'_>) {
    let Some(whole) = text.get(run.clone()) else { return };
    let rest: String = without_guids(whole);
    if rest.len() == whole.len() || is_secret_run(&rest) {
        found(run, Kind::Opaque);
    }
}

fn without_guids(run: &str) -> String {
    let mut rest = String::with_capacity(run.len());
    let mut at = 0;
    while at < run.len() {
        match run.get(at..at + 36) {
            Some(id) if is_guid(id) => at += 36,
            _ => {
                rest.push_str(run.get(at..at + 1).unwrap_or_default());
                at += 1;
            }
        }
    }
    rest
}
