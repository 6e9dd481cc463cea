//! Where a string ends.
//!
//! In: bytes, and where the inside of a string begins. Out: the offset of the quote that ends it. Never: reading what
//! the escapes in it stand for.
//!
//! Nearly all bytes of a capture stand in strings, many of them in bodies that are JSON themselves and full of
//! escaped quotes. So blocks are asked as a whole whether a quote stands in them that is not plainly escaped.

use std::ops::Range;

use fearless_simd::{Level, Simd, dispatch, prelude::*};

use crate::source::soon;

/// Bytes that are asked about together.
const BLOCK: usize = 64;
/// Most strings are keys and short values: so many bytes are looked at word by word first.
const CLOSE: usize = 32;
/// A long body is looked at for the first time here, faster than memory gives it: it is asked for so far ahead.
const AHEAD: usize = 2048;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Index of the quote that ends the string whose inside begins at `from`, after its opening quote. `known` holds, in
/// order, the insides of long strings that were stepped over before.
#[inline]
pub(super) fn end(bytes: &[u8], from: usize, quote: u8, known: &[Range<usize>]) -> Option<usize> {
    let first = bytes.get(from..)?.first_chunk::<8>().map_or(0, |word| marks(*word, quote));
    // The lowest mark is a true one.
    let at = from + (first.trailing_zeros() / 8) as usize;
    if first != 0 && bytes.get(at) == Some(&quote) {
        return Some(at);
    }
    longer(bytes, from, quote, known)
}

fn longer(bytes: &[u8], from: usize, quote: u8, known: &[Range<usize>]) -> Option<usize> {
    let close = bytes.len().min(from.saturating_add(CLOSE));
    let near = bytes.get(from..close)?;
    for (n, word) in near.as_chunks::<8>().0.iter().enumerate() {
        let marks = marks(*word, quote);
        if marks != 0 {
            let at = from + 8 * n + (marks.trailing_zeros() / 8) as usize;
            return if bytes.get(at) == Some(&quote) {
                Some(at)
            } else {
                beyond(bytes, from, at, quote, known)
            };
        }
    }
    if near.len() < CLOSE {
        return closely(bytes, from, from..bytes.len(), quote);
    }
    if let Some(end) = listed(bytes, from, known) {
        return Some(end);
    }
    // Without escapes, this is the fastest.
    let at = close + memchr::memchr2(quote, b'\\', bytes.get(close..)?)?;
    if bytes.get(at) == Some(&quote) { Some(at) } else { beyond(bytes, from, at, quote, &[]) }
}

/// As [`end`], where no quote stands before `at`, and an escape there.
fn beyond(bytes: &[u8], from: usize, at: usize, quote: u8, known: &[Range<usize>]) -> Option<usize> {
    let close = bytes.len().min(at.saturating_add(CLOSE));
    if let Some(end) = closely(bytes, from, at..close, quote) {
        return Some(end);
    }
    if let Some(end) = listed(bytes, from, known) {
        return Some(end);
    }
    let mut at = close;
    loop {
        at = dispatch!(Level::new(), simd => doubtful(simd, bytes, at, quote));
        if bytes.len() < at + BLOCK {
            return closely(bytes, from, at..bytes.len(), quote);
        }
        if let Some(end) = closely(bytes, from, at..at + BLOCK, quote) {
            return Some(end);
        }
        at += BLOCK;
    }
}

/// Where the string ends, if it is known.
fn listed(bytes: &[u8], from: usize, known: &[Range<usize>]) -> Option<usize> {
    let listed = known.binary_search_by_key(&from, |inside| inside.start).ok()?;
    known.get(listed).map(|inside| inside.end).filter(|end| *end < bytes.len())
}

/// The highest bit of every byte that is this quote or begins an escape. A mark above a true one may be false.
#[inline(always)]
fn marks(word: [u8; 8], quote: u8) -> u64 {
    quotes(word, quote) | quotes(word, b'\\')
}

/// The block that begins there, after the two bytes before it.
fn block(bytes: &[u8], at: usize) -> Option<&[u8; BLOCK + 2]> {
    bytes.get(at.checked_sub(2)?..at.checked_add(BLOCK)?)?.first_chunk()
}

/// The first block from there on in which a quote stands that is not plainly escaped, or where less than a block is left.
/// Compiled for every kind of vector that the processor may turn out to have.
#[inline(always)]
fn doubtful<S: Simd>(simd: S, bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while let Some(block) = block(bytes, at) {
        soon(bytes, at + AHEAD);
        if may_end(simd, block, quote) {
            break;
        }
        at += BLOCK;
    }
    at
}

/// Whether a quote stands in the block that is not behind a single backslash.
#[inline(always)]
fn may_end<S: Simd>(simd: S, block: &[u8; BLOCK + 2], quote: u8) -> bool {
    let (quote, slash) = (S::u8s::splat(simd, quote), S::u8s::splat(simd, b'\\'));
    let mut any = S::mask8s::splat(simd, false);
    for from in (0..BLOCK).step_by(S::u8s::LEN) {
        let bytes = |n: usize| S::u8s::from_slice(simd, &block[from + n..from + n + S::u8s::LEN]);
        let escaped = bytes(1).simd_eq(slash) & !bytes(0).simd_eq(slash);
        any |= bytes(2).simd_eq(quote) & !escaped;
    }
    any.any_true()
}

/// The first quote of this range that is not escaped, eight bytes at a time.
fn closely(bytes: &[u8], from: usize, range: Range<usize>, quote: u8) -> Option<usize> {
    let inside = bytes.get(range.clone())?;
    let (words, rest) = inside.as_chunks::<8>();
    let mut at = range.start;
    for word in words {
        // A mark above a true one may be false, so each is looked at.
        let mut marks = quotes(*word, quote);
        while marks != 0 {
            let found = at + (marks.trailing_zeros() / 8) as usize;
            if bytes.get(found) == Some(&quote) && !escaped(bytes, from, found) {
                return Some(found);
            }
            marks &= marks - 1;
        }
        at += 8;
    }
    (at..at + rest.len()).find(|n| bytes.get(*n) == Some(&quote) && !escaped(bytes, from, *n))
}

/// The highest bit of every byte that is this quote. A mark above a true one may be false.
#[inline(always)]
fn quotes(word: [u8; 8], quote: u8) -> u64 {
    let word = u64::from_le_bytes(word) ^ (LOW * u64::from(quote));
    word.wrapping_sub(LOW) & !word & HIGH
}

/// An odd number of backslashes stands before `at`.
fn escaped(bytes: &[u8], from: usize, at: usize) -> bool {
    let before = bytes.get(from..at).unwrap_or_default();
    before.last() == Some(&b'\\') && before.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Byte by byte.
    fn plainly(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
        let mut at = from;
        loop {
            match *bytes.get(at)? {
                b'\\' => at += 2,
                b if b == quote => return Some(at),
                _ => at += 1,
            }
        }
    }

    #[test]
    fn quotes_and_backslashes_at_the_edges_of_blocks() {
        for length in 0..200 {
            for slashes in 0..4 {
                let inside = format!("{}{}", "x".repeat(length), "\\".repeat(slashes));
                let text = format!("\"{inside}\"{}\"", "y".repeat(length % 7));
                assert_eq!(end(text.as_bytes(), 1, b'"', &[]), plainly(text.as_bytes(), 1, b'"'), "{text}");
            }
        }
        assert_eq!(end(b"\"open", 1, b'"', &[]), None);
        assert_eq!(end(b"\"", 1, b'"', &[]), None);
    }

    proptest! {
        #[test]
        fn as_byte_by_byte(rare in "[\"'\\\\x]{0,40}", common in prop::collection::vec("[a-z]{0,90}|[\\\\]{1,3}[\"']", 0..8), tail in "[\"'\\\\x]{0,300}") {
            let text = format!("\"{rare}{}{tail}", common.concat());
            for quote in [b'"', b'\''] {
                prop_assert_eq!(end(text.as_bytes(), 1, quote, &[]), plainly(text.as_bytes(), 1, quote));
            }
        }
    }
}
