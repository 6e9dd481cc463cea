//! Text in the older encodings of one or two bytes a character → UTF-8; and text without a terminal's colours.
//!
//! In: bytes that are text. Out: UTF-8 where they are not UTF-8 but plausibly Shift_JIS, or else Windows-1252; the text
//! without escape sequences. Never: touching text that is mostly UTF-8 with a few broken bytes.

use std::borrow::Cow;

/// Only this much of a text is looked at to tell its encoding.
const SAMPLE: usize = 4 << 20;
/// Larger texts are left as they are: a copy of them would take too much memory.
const MOST: usize = 256 << 20;

/// So much is looked at before it is asked whether to go on.
const PART: usize = 16 << 10;

/// Whether one look tells that the text stays as it is: it is ASCII, without an escape sequence.
pub(super) fn is_bare(bytes: &[u8]) -> bool {
    // Written so that the compiler makes vector instructions of it.
    let odd = |part: &[u8]| part.iter().fold(0, |odd, b| odd | (b & 0x80) | u8::from(*b == 0x1B));
    bytes.len() <= MOST && bytes.chunks(PART).all(|part| odd(part) == 0)
}

/// The text in UTF-8, when it was in another encoding.
pub(super) fn to_utf8(bytes: &[u8]) -> Option<Vec<u8>> {
    let encoding = if bytes.len() > MOST { None } else { encoding(bytes) };
    Some(encoding?.decode_without_bom_handling(bytes).0.into_owned().into_bytes())
}

/// The text without the sequences that colour it in a terminal, when it has some: they stand in the middle of words.
pub(super) fn without_colours(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() > MOST {
        return None;
    }
    let escape = memchr::memchr(0x1B, bytes)?;
    memchr::memmem::find(bytes.get(escape..)?, b"\x1B[")?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(n) = memchr::memchr(0x1B, rest) {
        out.extend_from_slice(rest.get(..n).unwrap_or_default());
        let after = rest.get(n + 1..).unwrap_or_default();
        let Some(sequence) = after.strip_prefix(b"[") else {
            out.push(0x1B);
            rest = after;
            continue;
        };
        let head = sequence.get(..sequence.len().min(32)).unwrap_or_default();
        match head.iter().position(|b| (0x40..=0x7E).contains(b)) {
            Some(end) => rest = sequence.get(end + 1..).unwrap_or_default(),
            None => rest = sequence,
        }
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// What a long text takes to become UTF-8 without colours, told by its beginning.
pub(super) struct Way {
    encoding: Option<&'static encoding_rs::Encoding>,
    colours: bool,
}

impl Way {
    pub(super) fn of(head: &[u8]) -> Way {
        Way { encoding: encoding(head), colours: memchr::memmem::find(head, b"\x1B[").is_some() }
    }

    /// As [`Way::of`], for a text whose colours may begin later.
    pub(super) fn coloured(head: &[u8]) -> Way {
        Way { colours: true, ..Way::of(head) }
    }

    /// True when the text stays as it is.
    pub(super) fn is_plain(&self) -> bool {
        self.encoding.is_none() && !self.colours
    }

    /// Whole lines, as they should be.
    pub(super) fn turned<'t>(&self, lines: &'t [u8]) -> Cow<'t, [u8]> {
        let text: Cow<'t, [u8]> = match self.encoding {
            Some(encoding) => {
                Cow::Owned(encoding.decode_without_bom_handling(lines).0.into_owned().into_bytes())
            }
            None => Cow::Borrowed(lines),
        };
        match self.colours.then(|| without_colours(&text)).flatten() {
            Some(plain) => Cow::Owned(plain),
            None => text,
        }
    }
}

/// The older encoding that a text is in; `None` for UTF-8.
fn encoding(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let sample = bytes.get(..bytes.len().min(SAMPLE)).unwrap_or_default();
    if mostly_utf8(sample) {
        return None;
    }
    Some(if is_shift_jis(sample) { encoding_rs::SHIFT_JIS } else { encoding_rs::WINDOWS_1252 })
}

/// Whether characters of several bytes that are UTF-8 outnumber the bytes that are not.
fn mostly_utf8(bytes: &[u8]) -> bool {
    if bytes.is_ascii() {
        return true;
    }
    // Nothing to count, as a rule. A character that is cut at the end is no other encoding.
    if std::str::from_utf8(bytes).err().is_none_or(|e| e.error_len().is_none()) {
        return true;
    }
    let (mut good, mut bad, mut rest) = (0usize, 0usize, bytes);
    loop {
        match std::str::from_utf8(rest) {
            Ok(text) => {
                good += wide(text);
                break;
            }
            Err(error) => {
                let valid = rest.get(..error.valid_up_to()).unwrap_or_default();
                good += std::str::from_utf8(valid).map_or(0, wide);
                let Some(length) = error.error_len() else { break };
                bad += 1;
                rest = rest.get(error.valid_up_to() + length..).unwrap_or_default();
            }
        }
        if bad > 10_000 && bad > 4 * good {
            return false;
        }
    }
    bad == 0 || good > bad
}

fn wide(text: &str) -> usize {
    text.bytes().filter(|b| *b >= 0xC0).count()
}

/// Japanese has kana in nearly every sentence; Western letters read as Shift_JIS give rare characters instead.
fn is_shift_jis(bytes: &[u8]) -> bool {
    let (text, _) = encoding_rs::SHIFT_JIS.decode_without_bom_handling(bytes);
    let (mut kana, mut others, mut broken) = (0usize, 0usize, 0usize);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        match c {
            '\u{3000}'..='\u{30FF}' => kana += 1,
            char::REPLACEMENT_CHARACTER => broken += 1,
            _ => others += 1,
        }
    }
    kana >= 2 && kana * 5 >= kana + others && broken * 20 <= kana + others
}
