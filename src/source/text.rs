//! Text in wide encodings → UTF-8.
//!
//! In: bytes recognised as UTF-16 or UTF-32. Out: UTF-8 without a byte order mark. Never: failing; what is no
//! character becomes U+FFFD.

use super::sniff::Kind;

/// So much is turned at a time.
const PART: usize = 16 << 20;

/// The text in UTF-8; `None` for a kind that is not a wide encoding. `after_part` is told now and then that what came
/// before is done with.
pub(super) fn to_utf8(bytes: &[u8], kind: Kind, after_part: impl Fn()) -> Option<Vec<u8>> {
    let even = bytes.get(..bytes.len() & !1).unwrap_or_default();
    match kind {
        Kind::Utf16Le => Some(narrowed(even, encoding_rs::UTF_16LE, after_part)),
        Kind::Utf16Be => Some(narrowed(even, encoding_rs::UTF_16BE, after_part)),
        Kind::Utf32Le => Some(wide(bytes, u32::from_le_bytes).into_bytes()),
        Kind::Utf32Be => Some(wide(bytes, u32::from_be_bytes).into_bytes()),
        _ => None,
    }
}

fn narrowed(bytes: &[u8], encoding: &'static encoding_rs::Encoding, after_part: impl Fn()) -> Vec<u8> {
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut out = String::new();
    let parts = bytes.len().div_ceil(PART).max(1);
    for (n, part) in bytes.chunks(PART).enumerate() {
        let most = decoder.max_utf8_buffer_length(part.len()).unwrap_or(part.len());
        out.reserve(most);
        // The room suffices, so that all of the part is taken.
        let _ = decoder.decode_to_string(part, &mut out, n + 1 == parts);
        after_part();
    }
    out.into_bytes()
}

fn wide(bytes: &[u8], read: fn([u8; 4]) -> u32) -> String {
    bytes
        .chunks_exact(4)
        .filter_map(|c| c.try_into().ok())
        .map(|c| char::from_u32(read(c)).unwrap_or(char::REPLACEMENT_CHARACTER))
        .filter(|c| *c != '\u{FEFF}')
        .collect()
}
