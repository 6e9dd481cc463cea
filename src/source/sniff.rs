//! What bytes are, by their content. File names are not asked: attachments are renamed too often.
//!
//! In: bytes. Out: their kind. Never: a guess at the format of a text; that is the decoders' business.

/// Kinds of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Utf32Be,
    Zip,
    Gzip,
    Zstd,
    Bzip2,
    Xz,
    Tar,
    /// Nothing that could be read; the reason is for people.
    Binary(&'static str),
}

const UNREAD_ARCHIVES: &[(&[u8], &str)] = &[
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive is not read: unpack it first"),
    (b"Rar!\x1A\x07", "a RAR archive is not read: unpack it first"),
    (b"\x04\x22\x4D\x18", "lz4 compression is not read: unpack it first"),
    (b"\x1F\x9D", "compress (.Z) compression is not read: unpack it first"),
    (b"MSCF\0\0\0\0", "a cabinet archive is not read: unpack it first"),
    (b"LZIP", "lzip compression is not read: unpack it first"),
];

const BINARIES: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1A\n", "an image: nothing to read"),
    (b"\xFF\xD8\xFF", "an image: nothing to read"),
    (b"GIF87a", "an image: nothing to read"),
    (b"GIF89a", "an image: nothing to read"),
    (b"II*\0", "an image: nothing to read"),
    (b"MM\0*", "an image: nothing to read"),
    (b"\0\0\x01\0", "an image: nothing to read"),
    (b"%PDF-", "a PDF document: copy its text into a text file"),
    (b"{\\rtf", "a rich text document: save it as plain text"),
    (b"\x78\x9F\x3E\x22", "an Outlook attachment container (winmail.dat): ask for the attachment itself"),
    (b"ElfFile\0", "a Windows event log: export it as text or CSV"),
    (b"\xD4\xC3\xB2\xA1", "a packet capture: export the HTTP exchanges as HAR"),
    (b"\xA1\xB2\xC3\xD4", "a packet capture: export the HTTP exchanges as HAR"),
    (b"\x0A\x0D\x0D\x0A", "a packet capture: export the HTTP exchanges as HAR"),
    (b"\x7FELF", "a program: nothing to read"),
    (b"\xCA\xFE\xBA\xBE", "a program: nothing to read"),
    (b"\xCF\xFA\xED\xFE", "a program: nothing to read"),
    (b"\0asm", "a program: nothing to read"),
    (b"SQLite format 3\0", "a database: export it as text"),
    (b"bplist00", "a binary property list: nothing to read"),
    (b"\0\x05\x16\x07", "metadata that macOS adds to archives: nothing to read"),
    (b"\0\0\0\x01Bud1", "metadata that macOS adds to folders: nothing to read"),
    (b"ID3", "sound or video: nothing to read"),
    (b"OggS", "sound or video: nothing to read"),
    (b"\x1A\x45\xDF\xA3", "sound or video: nothing to read"),
    (b"wOFF", "a font: nothing to read"),
    (b"wOF2", "a font: nothing to read"),
    (b"OTTO", "a font: nothing to read"),
];

/// The kind of these bytes, which are not empty.
pub(super) fn kind(bytes: &[u8]) -> Kind {
    if let Some(kind) = marked(bytes) {
        return kind;
    }
    if let Some((_, why)) = UNREAD_ARCHIVES.iter().chain(BINARIES).find(|(magic, _)| bytes.starts_with(magic))
    {
        return Kind::Binary(why);
    }
    if is_tar(bytes) {
        return Kind::Tar;
    }
    if let Some(kind) = shaped(bytes) {
        return kind;
    }
    if let Some(kind) = wide(bytes) {
        return kind;
    }
    if !is_http(bytes) && looks_binary(bytes) {
        Kind::Binary("not text: nothing to read")
    } else {
        Kind::Text
    }
}

fn marked(bytes: &[u8]) -> Option<Kind> {
    Some(match bytes {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Kind::Zip,
        [0x1F, 0x8B, 8, ..] => Kind::Gzip,
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Kind::Xz,
        [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Kind::Zstd,
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y', ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Kind::Bzip2,
        [0xFF, 0xFE, 0, 0, ..] => Kind::Utf32Le,
        [0, 0, 0xFE, 0xFF, ..] => Kind::Utf32Be,
        [0xFF, 0xFE, ..] => Kind::Utf16Le,
        [0xFE, 0xFF, ..] => Kind::Utf16Be,
        _ => return None,
    })
}

/// Formats without a plain magic number.
fn shaped(bytes: &[u8]) -> Option<Kind> {
    if bytes.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return Some(Kind::Binary(compound(bytes)));
    }
    let at = |from: usize, token: &[u8]| bytes.get(from..from + token.len()) == Some(token);
    let nul_early = bytes.iter().take(64).any(|b| *b == 0);
    if at(0, b"RIFF") && (at(8, b"WEBP") || at(8, b"AVI ") || at(8, b"WAVE")) {
        return Some(Kind::Binary("an image, sound or video: nothing to read"));
    }
    if at(4, b"ftyp") && bytes.first() == Some(&0) {
        return Some(Kind::Binary("an image or video: nothing to read"));
    }
    if at(0, b"BM") && nul_early {
        return Some(Kind::Binary("an image: nothing to read"));
    }
    (at(0, b"MZ") && nul_early).then_some(Kind::Binary("a program: nothing to read"))
}

/// What a compound file is: streams of an Outlook message have names that nothing else has.
fn compound(bytes: &[u8]) -> &'static str {
    let head = bytes.get(..bytes.len().min(4 << 20)).unwrap_or_default();
    let name: Vec<u8> = "__substg1.0_".encode_utf16().flat_map(u16::to_le_bytes).collect();
    if memchr::memmem::find(head, &name).is_some() {
        "an Outlook message (.msg): save it as .eml, or save its attachment by itself"
    } else {
        "an old Office document: save it as text"
    }
}

/// A tar header's checksum is right, whatever its dialect.
fn is_tar(bytes: &[u8]) -> bool {
    let Some(header) = bytes.get(..512) else { return false };
    let (Some(field), true) = (header.get(148..156), header.first() != Some(&0)) else { return false };
    let Ok(text) = std::str::from_utf8(field) else { return false };
    let text = text.trim_matches(['\0', ' ']);
    let Ok(wanted) = u32::from_str_radix(text, 8) else { return false };
    let sum: u32 = header
        .iter()
        .enumerate()
        .map(|(n, b)| if (148..156).contains(&n) { 32 } else { u32::from(*b) })
        .sum();
    sum == wanted
}

/// UTF-16 without a mark: every other byte of mostly Western text is zero.
fn wide(bytes: &[u8]) -> Option<Kind> {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let pairs = head.len() / 2;
    if pairs < 4 || memchr::memchr(0, head).is_none() {
        return None;
    }
    let (mut even, mut odd) = (0, 0);
    for pair in head.chunks_exact(2) {
        match pair {
            [0, low] if *low != 0 => even += 1,
            [low, 0] if *low != 0 => odd += 1,
            _ => {}
        }
    }
    // A quarter suffices: Japanese text between the braces and quotes of JSON still passes.
    if odd * 4 > pairs && even * 50 <= pairs {
        Some(Kind::Utf16Le)
    } else if even * 4 > pairs && odd * 50 <= pairs {
        Some(Kind::Utf16Be)
    } else {
        None
    }
}

/// An HTTP message as it went over the wire: its head is text, whatever its body is.
pub(crate) fn is_http(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(8192)).unwrap_or_default();
    let line = head.get(..memchr::memchr(b'\n', head).unwrap_or(head.len())).unwrap_or_default();
    line.starts_with(b"HTTP/1")
        || line.starts_with(b"HTTP/2")
        || memchr::memmem::find(line, b" HTTP/").is_some()
}

/// Control characters are rare in text, in whatever encoding; chat and terminal logs have some, but no zeros. The beginning alone does not decide: a log file that
/// was allocated ahead or survived a power cut can begin with zeros.
fn looks_binary(bytes: &[u8]) -> bool {
    let sample = |from: usize| bytes.get(from..(from + 4096).min(bytes.len())).unwrap_or_default();
    let binary = |part: &[u8]| {
        let count = |pick: fn(&u8) -> bool| part.iter().filter(|b| pick(b)).count();
        let controls = controls(part);
        if controls * 20 <= part.len() {
            return false;
        }
        let zeros = count(|b| *b == 0);
        let high = count(|b| *b > 127);
        (zeros > 4 && controls * 20 > part.len())
            || (high * 5 > part.len() && controls * 20 > part.len())
            || controls * 2 > part.len()
    };
    binary(sample(0)) && binary(sample(bytes.len() / 2))
}

/// How many control characters there are. Written so that the compiler makes vector instructions of it.
fn controls(part: &[u8]) -> usize {
    let is =
        |b: u8| (b <= 7) | (b == 11) | (b.wrapping_sub(14) <= 12) | (b.wrapping_sub(28) <= 3) | (b == 127);
    part.chunks(255).map(|few| usize::from(few.iter().map(|b| u8::from(is(*b))).sum::<u8>())).sum()
}
