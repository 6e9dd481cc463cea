//! Where the next entry visibly begins, in a capture whose brackets cannot be trusted.
//!
//! In: bytes and a start. Out: the offset of an opening brace. Never: a look at what the entry means.

/// Keys that begin an entry in the recorders' output, and begin nothing else in a HAR.
const FIRST_KEYS: &[&[u8]] = &[
    b"startedDateTime",
    b"pageref",
    b"request",
    b"_initiator",
    b"_connectionId",
    b"_fromCache",
    b"_priority",
    b"_resourceType",
    b"_id",
    b"_order",
    b"cache",
    b"connection",
];

/// Offset of the next `{` that begins an entry, at or after `from`: it follows a comma or `[` and its first key is
/// one that begins entries.
pub(super) fn next(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr::memchr(b'{', bytes.get(at..)?)?;
        if begins_entry(bytes.get(at + 1..)?) && follows_separator(bytes.get(..at)?) {
            return Some(at);
        }
        at += 1;
    }
}

fn begins_entry(after: &[u8]) -> bool {
    let inside = after.trim_ascii_start();
    let Some(rest) = inside.strip_prefix(b"\"") else { return false };
    FIRST_KEYS.iter().any(|key| rest.strip_prefix(*key).is_some_and(|r| r.starts_with(b"\"")))
}

fn follows_separator(before: &[u8]) -> bool {
    // Far more white space than any indentation is not looked through, so that the search stays linear.
    let tail = before.get(before.len().saturating_sub(256)..).unwrap_or_default();
    matches!(tail.trim_ascii_end().last(), Some(b',' | b'[' | b'}'))
}
