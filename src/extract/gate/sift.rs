//! The search for hundreds of fragments at once, without regard to case.
//!
//! In: fragments of at least four bytes, each with a tag; then bytes. Out: the tags of the fragments that stand in
//! them. Never: a fragment missed.
//!
//! Every fragment is represented by two grams of four bytes that begin next to each other, the rarest in running text:
//! one of them begins at an even position wherever the fragment stands. One pass looks the four bytes at every second
//! position up in a bitmap that fits the nearest cache; only where the bit is set, fragments are compared. That costs
//! the same whatever the number of fragments. An automaton is a chain of dependent loads, and for a vector search nearly
//! every block is a candidate when the fragments are hundreds. For the second gram of
//! a fragment of four bytes, any byte is taken to stand before or after it.

/// Bytes of a gram, and of the shortest fragment.
pub(super) const GRAM: usize = 4;
/// Bytes that are looked at together.
const BLOCK: usize = 20;
/// How far the next block is: a gram begins at every second of these positions.
const STEP: usize = BLOCK - GRAM + 2;
/// The bitmap has two to the power of this many bits.
const BITS: u32 = 18;
const WORDS: usize = 1 << (BITS - 6);
/// Sets the bit that tells lower case from upper case. It makes a few signs and controls alike as well.
const FOLD: u8 = 0x20;
/// What is taken to stand before and after the text.
const EDGE: u8 = b'\n';

/// The bytes that may stand at one place, folded: a bit for each of ASCII.
type Set = u128;

/// Fragments to look for.
pub(super) struct Sift<T> {
    bitmap: Box<[u64; WORDS]>,
    fragments: Vec<(Vec<Set>, T)>,
    /// In order of their hashes.
    grams: Vec<Gram>,
    /// Where the grams of every word of the bitmap begin; one more at the end.
    starts: Vec<u16>,
}

/// Four bytes that stand at some place of a fragment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Gram {
    bytes: u32,
    /// Which fragment.
    of: u16,
    /// Where in the fragment it begins; one byte before it at the least.
    at: i16,
}

impl<T: Copy> Sift<T> {
    /// Fragments are written as [`super::fragments::FRAGMENTS`] says.
    pub(super) fn new(written: impl IntoIterator<Item = (T, String)>) -> Self {
        let fragments: Vec<(Vec<Set>, T)> = written.into_iter().map(|(tag, w)| (sets(&w), tag)).collect();
        let listed = fragments.iter().zip(0u16..).flat_map(|((sets, _), of)| {
            let at = best_pair(sets);
            let both = [at, at + 1].into_iter();
            both.flat_map(move |at| grams(sets, at).into_iter().map(move |bytes| Gram { bytes, of, at }))
        });
        let mut grams: Vec<Gram> = listed.collect();
        grams.sort_unstable_by_key(|g| (hash(g.bytes), *g));
        debug_assert!(u16::try_from(grams.len()).is_ok(), "too many: {}", grams.len());
        let mut bitmap = Box::new([0; WORDS]);
        for gram in &grams {
            let hash = hash(gram.bytes);
            bitmap[(hash >> 6) as usize] |= 1 << (hash & 63);
        }
        let mut sorted = grams.iter().map(|g| (hash(g.bytes) >> 6) as usize).enumerate().peekable();
        let mut start = |word| {
            while sorted.next_if(|(_, of)| *of < word).is_some() {}
            sorted.peek().map_or(grams.len(), |(n, _)| *n) as u16
        };
        let starts = (0..=WORDS).map(&mut start).collect();
        Sift { bitmap, fragments, grams, starts }
    }

    /// True when `wanted` is true for the tag of some fragment in the text. A fragment may come up several times.
    pub(super) fn any(&self, text: &[u8], mut wanted: impl FnMut(T) -> bool) -> bool {
        let mut at = 0;
        while let Some(block) = text.get(at..at + BLOCK).and_then(|b| <&[u8; BLOCK]>::try_from(b).ok()) {
            if self.in_block(text, at as isize, block, &mut wanted) {
                return true;
            }
            at += STEP;
        }
        (at..text.len()).step_by(STEP).any(|n| self.in_block(text, n as isize, &edged(text, n), &mut wanted))
    }

    #[inline(always)]
    fn in_block(
        &self,
        text: &[u8],
        at: isize,
        block: &[u8; BLOCK],
        wanted: &mut impl FnMut(T) -> bool,
    ) -> bool {
        // Written out: a loop over them is not unrolled.
        let (first, second, third) = (word(block, 0), word(block, 6), word(block, 12));
        let hits = self.bits(first) | self.bits(second) << 3 | self.bits(third) << 6;
        hits != 0
            && (0..9).filter(|n| hits >> n & 1 != 0).any(|n| {
                let gram = word(block, n / 3 * 6) >> (16 * (n % 3));
                self.at(text, at + 2 * n as isize, gram as u32, wanted)
            })
    }

    /// A bit for each of the three grams at even positions of a word that some fragment has, or another of the same hash.
    #[inline(always)]
    fn bits(&self, word: u64) -> u32 {
        self.bit(word as u32) | self.bit((word >> 16) as u32) << 1 | self.bit((word >> 32) as u32) << 2
    }

    #[inline(always)]
    fn bit(&self, gram: u32) -> u32 {
        let hash = hash(gram);
        (self.bitmap[(hash >> 6) as usize] >> (hash & 63) & 1) as u32
    }

    /// Compares the fragments of this gram, which stands at this position.
    #[inline(never)]
    fn at(&self, text: &[u8], at: isize, gram: u32, wanted: &mut impl FnMut(T) -> bool) -> bool {
        let word = (hash(gram) >> 6) as usize;
        let range = self.starts.get(word).zip(self.starts.get(word + 1));
        let listed = range.and_then(|(a, b)| self.grams.get(usize::from(*a)..usize::from(*b)));
        listed.unwrap_or_default().iter().filter(|g| g.bytes == gram).any(|g| {
            let Some((sets, tag)) = self.fragments.get(usize::from(g.of)) else { return false };
            let from = at - g.at as isize;
            sets.iter().zip(from..).all(|(set, n)| holds(*set, byte_at(text, n) | FOLD)) && wanted(*tag)
        })
    }
}

/// The byte at a position, or the edge.
fn byte_at(text: &[u8], at: isize) -> u8 {
    usize::try_from(at).ok().and_then(|n| text.get(n).copied()).unwrap_or(EDGE)
}

/// The block from a position on, with edges where the text has none.
fn edged(text: &[u8], from: usize) -> [u8; BLOCK] {
    let mut block = [EDGE; BLOCK];
    for (to, byte) in block.iter_mut().zip(text.get(from..).unwrap_or_default()) {
        *to = *byte;
    }
    block
}

/// Eight bytes of a block, folded.
#[inline(always)]
fn word(block: &[u8; BLOCK], from: usize) -> u64 {
    let bytes = block.get(from..from + 8).and_then(|b| <[u8; 8]>::try_from(b).ok());
    u64::from_le_bytes(bytes.unwrap_or_default()) | FOLDS
}

const FOLDS: u64 = u64::from_le_bytes([FOLD; 8]);

#[inline(always)]
fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(0x9E37_79B1) >> (32 - BITS)
}

/// Every byte of ASCII, folded.
const ANY: Set = 0xFFFF_FFFF << 32 | 0xFFFF_FFFF << 96;

fn holds(set: Set, byte: u8) -> bool {
    byte < 128 && set >> byte & 1 != 0
}

fn members(mut set: Set) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let byte = (set != 0).then(|| set.trailing_zeros() as u8)?;
        set &= set - 1;
        Some(byte)
    })
}

/// The sets of four places of a fragment; anything stands beside it.
fn window(sets: &[Set], at: i16) -> [Set; GRAM] {
    std::array::from_fn(|n| {
        let place = usize::try_from(isize::from(at) + n as isize).ok();
        place.and_then(|n| sets.get(n).copied()).unwrap_or(ANY)
    })
}

/// Everything that four places of a fragment may hold.
fn grams(sets: &[Set], at: i16) -> Vec<u32> {
    window(sets, at).into_iter().rev().fold(vec![0], |after: Vec<u32>, set| {
        members(set).flat_map(|byte| after.iter().map(move |rest| rest << 8 | u32::from(byte))).collect()
    })
}

/// Where the first of two neighbouring grams begins: few spellings count first, then how rare they are. A sign around the
/// text is not looked for before its first byte, so that a fragment that may begin with it has no gram before its own.
fn best_pair(sets: &[Set]) -> i16 {
    let rarities: Vec<usize> = sets.iter().map(|s| members(*s).map(rarity).min().unwrap_or(0)).collect();
    let count = |at| window(sets, at).map(|s| u64::from(s.count_ones())).iter().product::<u64>();
    let rare = |at: i16| rarities.iter().skip(at.max(0) as usize).take(GRAM).sum::<usize>();
    let last = sets.len().saturating_sub(GRAM) as i16;
    let cost = |at: i16| (count(at) + count(at + 1), std::cmp::Reverse(rare(at).min(rare(at + 1))));
    let first = if sets.first().is_some_and(|s| holds(*s, EDGE | FOLD)) { 0 } else { -1 };
    (first..=last).rev().min_by_key(|at| cost(*at)).unwrap_or(0)
}

/// How rare a byte is in logs and pages, by a rough order of the letters.
fn rarity(byte: u8) -> usize {
    b" etaoinsrhdlcumpfgbwyvkxjqz".iter().position(|b| *b == byte).unwrap_or(20)
}

/// What may stand at each place of a written fragment.
fn sets(written: &str) -> Vec<Set> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(fragments: &[&str], text: &str) -> Vec<usize> {
        let sift = Sift::new(fragments.iter().enumerate().map(|(n, f)| (n, (*f).to_owned())));
        let mut all = Vec::new();
        sift.any(text.as_bytes(), |n| {
            all.push(n);
            false
        });
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn at_the_edges() {
        assert_eq!(found(&["ews[w]", "[w0-9]mx[w]"], "EWS"), [0]);
        assert_eq!(found(&["ews[w]", "[w0-9]mx[w]"], "mx"), [1]);
        assert_eq!(found(&["ews[w]", "[w0-9]mx[w]"], "newsy, amx"), [0usize; 0]);
        assert_eq!(found(&["aad[*]", "[45].[0-9][.0-9]"], "5.7.1, AADError"), [0, 1]);
        assert_eq!(found(&["abcdef"], ""), [0usize; 0]);
    }

    proptest! {
        /// As a plain search finds it, wherever it stands and in any case.
        #[test]
        fn as_a_plain_search(
            words in prop::collection::vec("[a-d.]{4,7}", 1..6),
            text in "[a-dA-D.]{0,80}",
        ) {
            let written: Vec<&str> = words.iter().map(String::as_str).collect();
            let lower = text.to_ascii_lowercase();
            let plain: Vec<usize> = (0..words.len()).filter(|n| lower.contains(&words[*n])).collect();
            prop_assert_eq!(found(&written, &text), plain);
        }
    }
}
