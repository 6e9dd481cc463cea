//! What a written fragment spells.
//!
//! In: fragments as [`super::fragments::FRAGMENTS`] lists them. Out: the bytes that may stand at each of their places, and
//! the grams that four neighbouring places spell. Never: a look at a text.
//!
//! Case makes no difference: bytes are folded, which makes a few signs and controls alike as well.

/// Bytes of a gram, and of the shortest fragment.
pub(super) const GRAM: usize = 4;
/// Sets the bit that tells lower case from upper case.
const FOLD: u8 = 0x20;
const FOLDED: u32 = 0x2020_2020;
/// What is taken to stand before and after the text.
pub(super) const EDGE: u8 = b'\n';

/// The bytes that may stand at one place, folded: a bit for each of ASCII.
pub(super) type Set = u128;

/// What may stand at each place of a written fragment.
pub(super) fn sets(written: &str) -> Vec<Set> {
    let mut out = Vec::new();
    let mut rest = written.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let listed = after.iter().position(|b| *b == b']').filter(|_| first == b'[');
        let (set, step) = match listed {
            Some(end) => (set(after.get(..end).unwrap_or_default()), end + 2),
            None => (1 << (first | FOLD), 1),
        };
        out.push(set);
        rest = rest.get(step..).unwrap_or_default();
    }
    debug_assert!(out.len() >= GRAM, "a fragment is too short: {written:?}");
    out
}

/// The bytes that a written set stands for.
fn set(written: &[u8]) -> Set {
    let one_of = |b: u8| -> bool {
        let mut rest = written;
        while let Some((&first, after)) = rest.split_first() {
            let (found, step) = match after {
                [b'-', last, ..] => ((first..=*last).contains(&b), 3),
                _ if first == b'*' && written.len() == 1 => (true, 1),
                _ if first == b'w' => (!b.is_ascii_alphanumeric() && b != b'_', 1),
                _ => (b == first, 1),
            };
            if found {
                return true;
            }
            rest = rest.get(step..).unwrap_or_default();
        }
        false
    };
    (0..128u8).filter(|b| one_of(*b)).fold(0, |set, b| set | 1 << (b | FOLD))
}

/// Whether a byte of a text, in any case, is one of a set.
pub(super) fn holds(set: Set, byte: u8) -> bool {
    byte < 128 && set >> (byte | FOLD) & 1 != 0
}

/// The bytes of a set.
pub(super) fn members(mut set: Set) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let byte = (set != 0).then(|| set.trailing_zeros() as u8)?;
        set &= set - 1;
        Some(byte)
    })
}

/// Every gram that these places spell.
pub(super) fn grams(window: &[Set; GRAM]) -> Vec<u32> {
    window.iter().rev().fold(vec![0], |after: Vec<u32>, set| {
        members(*set).flat_map(|byte| after.iter().map(move |rest| rest << 8 | u32::from(byte))).collect()
    })
}

/// The byte at a position of a text, or the edge.
pub(super) fn byte_at(text: &[u8], at: isize) -> u8 {
    usize::try_from(at).ok().and_then(|n| text.get(n).copied()).unwrap_or(EDGE)
}

/// The gram at a position, with the edge where the text has nothing.
#[inline]
pub(super) fn gram_at(text: &[u8], at: isize) -> u32 {
    let from = usize::try_from(at).ok();
    let whole = from.and_then(|n| text.get(n..n + GRAM)).and_then(|g| <[u8; GRAM]>::try_from(g).ok());
    let gram = whole.unwrap_or_else(|| std::array::from_fn(|k| byte_at(text, at + k as isize)));
    u32::from_le_bytes(gram) | FOLDED
}
