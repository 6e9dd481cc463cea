//! Whether bytes are a HAR.

use super::scan::{self, Layout};

/// Certainty from the first bytes. Structure decides, not words: a log line that mentions `entries` claims nothing.
pub(super) fn claim(head: &[u8]) -> u8 {
    if !begins_like_json(head) {
        return 0;
    }
    by_layout(head, &scan::begin(head))
}

fn by_layout(head: &[u8], layout: &Layout) -> u8 {
    if layout.list_seen {
        return list(layout);
    }
    if layout.log_seen {
        return 95;
    }
    if !layout.entries.is_empty() {
        return 92;
    }
    if log_of_something(head, layout.roots == 0) { 60 } else { 0 }
}

/// A list named `entries` is a HAR's when its elements look like exchanges, or when a HAR's `log` is around it.
fn list(layout: &Layout) -> u8 {
    let exchanges = layout.entries.iter().any(|e| e.state != scan::State::NotAnEntry);
    match exchanges {
        _ if layout.is_certain() => 97,
        true => 95,
        false if layout.log_around => 90,
        false => 0,
    }
}

/// JSON, perhaps after a byte order mark, perhaps wrapped in a call or assigned to a name.
fn begins_like_json(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let Some(open) = memchr::memchr2(b'{', b'[', text.get(..text.len().min(512)).unwrap_or_default()) else {
        return false;
    };
    let before = text.get(..open).unwrap_or_default();
    before.iter().all(|b| {
        b.is_ascii_alphanumeric()
            || b.is_ascii_whitespace()
            || matches!(b, b'_' | b'$' | b'.' | b'(' | b'=' | b'/' | b'*' | b';' | 0)
    })
}

/// `{"log": [`, or `{"log": {` that is cut short in its first value: a HAR that lost the rest.
fn log_of_something(head: &[u8], cut: bool) -> bool {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let opening = ["{", "\"log\"", ":"].iter().try_fold(text, |rest, token| {
        rest.trim_ascii_start().strip_prefix(token.as_bytes()).map(<[u8]>::trim_ascii_start)
    });
    match opening.and_then(<[u8]>::first) {
        Some(b'[') => true,
        Some(b'{') => cut,
        _ => false,
    }
}

#[cfg(test)]
pub(super) fn claim_of_all(head: &[u8]) -> u8 {
    if begins_like_json(head) { by_layout(head, &scan::scan_after(head, None)) } else { 0 }
}
