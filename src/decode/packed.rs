//! Bodies that a recorder stored compressed: gzip, zlib, or, where they are no text as they are, brotli or deflate.
//!
//! In: bytes of a body, or an array of chunks. Out: the bytes or text inside. Never: more than [`MOST`] bytes out.

use std::io::Read;

use super::json;
use super::part::decode_base64;

/// Largest body that is tried as brotli or deflate.
const MOST_UNMARKED: usize = 4 << 20;
/// Most bytes that one body may unpack to.
const MOST: u64 = 64 << 20;

/// Text of a body: unpacked where it is gzip or zlib data; invalid UTF-8 is replaced, UTF-16 with a mark read.
pub(super) fn text(bytes: Vec<u8>) -> String {
    let bytes = unpack(&bytes).or_else(|| unmarked(&bytes)).unwrap_or(bytes);
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(&bytes) {
        return encoding.decode(&bytes).0.into_owned();
    }
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

/// The body as UTF-8 text, where it is something else that becomes text: compressed, or wide.
pub(crate) fn readable(bytes: &[u8]) -> Option<Vec<u8>> {
    let unpacked = unpack(bytes).or_else(|| unmarked(bytes));
    let plain = unpacked.as_deref().unwrap_or(bytes);
    match encoding_rs::Encoding::for_bom(plain) {
        Some((encoding, _)) if encoding != encoding_rs::UTF_8 => {
            Some(encoding.decode(plain).0.into_owned().into())
        }
        _ => unpacked,
    }
}

/// What a gzip or zlib stream holds, as far as it is whole; `None` where it is neither.
fn unpack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    // A broken end keeps what came before it.
    let _broken = match bytes {
        [0x1F, 0x8B, 8, ..] => flate2::read::MultiGzDecoder::new(bytes).take(MOST).read_to_end(&mut out),
        [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] => {
            flate2::read::ZlibDecoder::new(bytes).take(MOST).read_to_end(&mut out)
        }
        _ => return None,
    };
    (!out.is_empty()).then_some(out)
}

/// What a brotli or deflate stream holds. Neither begins with a mark: only what becomes text counts.
fn unmarked(bytes: &[u8]) -> Option<Vec<u8>> {
    let wide = encoding_rs::Encoding::for_bom(bytes).is_some();
    if wide || bytes.len() > MOST_UNMARKED || std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let text = |out: &Vec<u8>| std::str::from_utf8(out).is_ok() && !out.contains(&0);
    ["br", "deflate"].into_iter().find_map(|coding| super::http::unpack_one(bytes, coding).filter(text))
}

/// Joins an array of hex or base64 chunks, when they hold compressed data. Chunks that hold anything else (an
/// encoding for which there is no reader) are left as text.
pub(crate) fn chunks(text: &str) -> Option<Vec<u8>> {
    let parsed = json::parse(text.as_bytes(), 0)?;
    let mut out = Vec::new();
    for item in parsed.node.items() {
        let json::Value::Str(chunk) = item.value else { return None };
        let chunk = std::str::from_utf8(chunk).ok()?;
        out.extend(hex(chunk).or_else(|| decode_base64(chunk))?);
    }
    unpack(&out)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits
        .chunks_exact(2)
        .map(|pair| {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            u8::try_from(high * 16 + low).ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use base64::Engine as _;

    use super::*;

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).expect("memory");
        encoder.finish().expect("memory")
    }

    #[test]
    fn chunks_in_hex_and_base64() {
        let packed = gzip("{\"error\":\"invalid_grant\"}");
        let (a, b) = packed.split_at(13);
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let array = format!("[\"{}\",\"{}\"]", hex(a), hex(b));
        assert_eq!(text(chunks(&array).expect("chunks")), "{\"error\":\"invalid_grant\"}");
        let code = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let array = format!("[\"{}\",\"{}\"]", code(a), code(b));
        assert_eq!(text(chunks(&array).expect("chunks")), "{\"error\":\"invalid_grant\"}");
        assert_eq!(chunks("[\"plain\",\"words\"]"), None);
    }

    #[test]
    fn brotli_and_deflate_without_a_mark() {
        // A whole brotli stream of `hello world`, uncompressed; preceded by bytes that are no UTF-8 in its packed form.
        let brotli = b"\x0b\x05\x80hello world\x03";
        assert_eq!(text(brotli.to_vec()), "hello world");
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(b"{\"error\":\"invalid_grant\",\"error\":\"invalid_grant\"}").expect("memory");
        let packed = encoder.finish().expect("memory");
        assert_eq!(text(packed), "{\"error\":\"invalid_grant\",\"error\":\"invalid_grant\"}");
        assert_eq!(text(b"caf\xE9 au lait".to_vec()), "caf\u{FFFD} au lait");
    }

    #[test]
    fn broken_gzip_keeps_its_beginning() {
        let long: String = (0..5000).map(|n| format!("{} ", n * 7919)).collect();
        let mut packed = gzip(&long);
        packed.truncate(packed.len() / 2);
        let got = text(packed);
        assert!(!got.is_empty() && long.starts_with(&got));
    }
}
