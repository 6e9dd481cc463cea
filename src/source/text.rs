//! Text in wide encodings → UTF-8.
//!
//! In: bytes recognised as UTF-16 or UTF-32. Out: UTF-8 without a byte order mark. Never: failing; what is no
//! character becomes U+FFFD.

use super::sniff::Kind;

/// The text in UTF-8; `None` for a kind that is not a wide encoding.
pub(super) fn to_utf8(bytes: &[u8], kind: Kind) -> Option<Vec<u8>> {
    let even = bytes.get(..bytes.len() & !1).unwrap_or_default();
    let text = match kind {
        Kind::Utf16Le => encoding_rs::UTF_16LE.decode_with_bom_removal(even).0.into_owned(),
        Kind::Utf16Be => encoding_rs::UTF_16BE.decode_with_bom_removal(even).0.into_owned(),
        Kind::Utf32Le => wide(bytes, u32::from_le_bytes),
        Kind::Utf32Be => wide(bytes, u32::from_be_bytes),
        _ => return None,
    };
    Some(text.into_bytes())
}

fn wide(bytes: &[u8], read: fn([u8; 4]) -> u32) -> String {
    bytes
        .chunks_exact(4)
        .filter_map(|c| c.try_into().ok())
        .map(|c| char::from_u32(read(c)).unwrap_or(char::REPLACEMENT_CHARACTER))
        .filter(|c| *c != '\u{FEFF}')
        .collect()
}
