//! The search for hundreds of fragments at once, without regard to case.
//!
//! In: fragments of at least four bytes, each with a tag; then bytes. Out: the tags of the fragments that stand in
//! them. Never: a fragment missed.
//!
//! Every fragment is represented by two grams of four bytes that begin next to each other, the rarest in running text:
//! one of them begins at an even position wherever the fragment stands. One pass looks the four bytes at every second
//! position up in two small tables that fit the nearest cache. An entry is a set of eight planes over which the grams are
//! spread; a plane that both entries hold makes a candidate. Hashes are made of lanes of sixteen bits, which any processor
//! computes eight at a time. Only for candidates, fragments are compared. That costs the same whatever the number of
//! fragments. An automaton is a chain of dependent loads, and for a vector search nearly every block is a candidate when
//! the fragments are hundreds. For the second gram of a fragment of four bytes, any byte is taken to stand before or after
//! it.

use super::rarity::Rarity;

/// Bytes of a gram, and of the shortest fragment.
pub(super) const GRAM: usize = 4;
/// Grams that are looked up together: one begins at every second position.
const LANES: usize = 32;
/// How far the next block is.
pub(super) const STEP: usize = 2 * LANES;
/// Bytes that are looked at together.
const BLOCK: usize = STEP + GRAM - 2;
/// A table has two to the power of this many entries.
const BITS: u32 = 15;
/// Odd factors for the hashes of the first two bytes of a gram and of the two after them.
const FACTORS: [(u16, u16); 8] = [
    (0xE96F, 0x9DB1),
    (0xEDD7, 0x49E5),
    (0x9E37, 0x79B1),
    (0x25CF, 0x7661),
    (0x7AA5, 0x6469),
    (0xC83B, 0x34D3),
    (0xAA51, 0xD833),
    (0x7F87, 0x5877),
];
/// So much of a sample decides which of them.
const SAMPLE: usize = 64 << 10;
/// Sets the bit that tells lower case from upper case. It makes a few signs and controls alike as well.
const FOLD: u16 = 0x2020;
const FOLDED: u32 = 0x2020_2020;
/// What is taken to stand before and after the text.
const EDGE: u8 = b'\n';
/// Grams are found by so many bits of a hash.
const INDEX: u32 = 12;

/// The bytes that may stand at one place, folded: a bit for each of ASCII.
type Set = u128;

/// Fragments to look for.
pub(super) struct Sift<T> {
    tables: Tables,
    fragments: Vec<(Vec<Set>, T)>,
    /// In order of their hashes.
    grams: Vec<Gram>,
    /// Where the grams of every index begin; one more at the end.
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

/// A fragment in a text.
pub(super) struct Found<T> {
    pub(super) tag: T,
    /// Where it begins, before the text perhaps, and ends.
    pub(super) from: isize,
    pub(super) to: isize,
}

impl<T: Copy> Sift<T> {
    /// Fragments are written as [`super::fragments::FRAGMENTS`] says. The text, perhaps empty, is one of those that will be
    /// looked at: how rare the grams are in it decides how fast the search is.
    pub(super) fn new(written: impl IntoIterator<Item = (T, String)>, like: &[u8]) -> Self {
        let rarity = if like.is_empty() { Rarity::letters() } else { Rarity::of(like) };
        let fragments: Vec<(Vec<Set>, T)> = written.into_iter().map(|(tag, w)| (sets(&w), tag)).collect();
        let listed = fragments.iter().zip(0u16..).flat_map(|((sets, _), of)| {
            let at = best_pair(sets, &rarity);
            let both = [at, at + 1].into_iter();
            both.flat_map(move |at| grams(sets, at).into_iter().map(move |bytes| Gram { bytes, of, at }))
        });
        let mut grams: Vec<Gram> = listed.collect();
        grams.sort_unstable_by_key(|g| (index(g.bytes), *g));
        debug_assert!(u16::try_from(grams.len()).is_ok(), "too many: {}", grams.len());
        let mut sorted = grams.iter().map(|g| index(g.bytes)).enumerate().peekable();
        let mut start = |wanted| {
            while sorted.next_if(|(_, index)| *index < wanted).is_some() {}
            sorted.peek().map_or(grams.len(), |(n, _)| *n) as u16
        };
        let starts = (0..=1 << INDEX).map(&mut start).collect();
        Sift { tables: Tables::best(&grams, like), fragments, grams, starts }
    }

    /// True when `wanted` is true for the tag of some fragment in the text. A fragment may come up several times.
    pub(super) fn any(&self, text: &[u8], mut wanted: impl FnMut(T) -> bool) -> bool {
        self.find(text, |found| wanted(found.tag))
    }

    /// True when `wanted` is true for some fragment in the text. A fragment may come up several times.
    pub(super) fn find(&self, text: &[u8], mut wanted: impl FnMut(Found<T>) -> bool) -> bool {
        let mut at = 0;
        while let Some(block) = text.get(at..at + BLOCK).and_then(|b| <&[u8; BLOCK]>::try_from(b).ok()) {
            if self.in_block(text, at, block, &mut wanted) {
                return true;
            }
            at += STEP;
        }
        (at..text.len()).step_by(STEP).any(|n| self.in_tail(text, n, &mut wanted))
    }

    #[inline(always)]
    fn in_block(
        &self,
        text: &[u8],
        at: usize,
        block: &[u8; BLOCK],
        wanted: &mut impl FnMut(Found<T>) -> bool,
    ) -> bool {
        let (one, other) = self.tables.hashed(block);
        for n in 0..LANES / 4 {
            let (mut one, mut other) = (one[n], other[n]);
            for lane in 4 * n..4 * (n + 1) {
                if self.tables.shared(one as u16, other as u16) != 0 && self.at(text, at + 2 * lane, wanted) {
                    return true;
                }
                (one, other) = (one >> 16, other >> 16);
            }
        }
        false
    }

    /// The grams that begin in what is left, and reach beyond it perhaps.
    fn in_tail(&self, text: &[u8], at: usize, wanted: &mut impl FnMut(Found<T>) -> bool) -> bool {
        let end = text.len().min(at + STEP);
        (at..end).step_by(2).any(|n| self.tables.planes(gram_at(text, n)) != 0 && self.at(text, n, wanted))
    }

    /// Compares the fragments of the gram that stands at this position: a candidate is rare.
    #[inline(never)]
    fn at(&self, text: &[u8], at: usize, wanted: &mut impl FnMut(Found<T>) -> bool) -> bool {
        let gram = gram_at(text, at);
        let index = index(gram) as usize;
        let range = self.starts.get(index).zip(self.starts.get(index + 1));
        let listed = range.and_then(|(a, b)| self.grams.get(usize::from(*a)..usize::from(*b)));
        listed.unwrap_or_default().iter().any(|g| g.bytes == gram && self.stands(text, at, *g, wanted))
    }

    #[inline(never)]
    fn stands(&self, text: &[u8], at: usize, gram: Gram, wanted: &mut impl FnMut(Found<T>) -> bool) -> bool {
        let Some((sets, tag)) = self.fragments.get(usize::from(gram.of)) else { return false };
        let from = at as isize - gram.at as isize;
        let stands = sets.iter().zip(from..).all(|(set, n)| holds(*set, byte_at(text, n) | FOLD as u8));
        stands && wanted(Found { tag: *tag, from, to: from + sets.len() as isize })
    }
}

/// The planes of the grams, by two hashes. No plane of both entries of a gram: it is none of them.
struct Tables {
    first: Box<[u8; 1 << BITS]>,
    second: Box<[u8; 1 << BITS]>,
    factors: (u16, u16),
}

impl Tables {
    fn new(grams: &[Gram], factors: (u16, u16)) -> Tables {
        let mut tables =
            Tables { first: Box::new([0; 1 << BITS]), second: Box::new([0; 1 << BITS]), factors };
        // Spread evenly: what is false in a plane grows with the square of the grams in it.
        for (n, same) in grams.chunk_by(|a, b| a.bytes == b.bytes).enumerate() {
            let Some(gram) = same.first() else { continue };
            let (one, other) = tables.hashes(gram.bytes as u16, (gram.bytes >> 16) as u16);
            tables.first[entry(one)] |= 1 << (n % 8);
            tables.second[entry(other)] |= 1 << (n % 8);
        }
        tables
    }

    /// Those that let the fewest grams of the text through: the grams that fill it must not meet any of these.
    fn best(grams: &[Gram], like: &[u8]) -> Tables {
        let sample = like.get(..SAMPLE).unwrap_or(like);
        let let_through = |tables: &Tables| {
            let grams = sample.windows(GRAM).step_by(2).filter_map(|g| <[u8; GRAM]>::try_from(g).ok());
            grams.filter(|gram| tables.planes(u32::from_le_bytes(*gram) | FOLDED) != 0).count()
        };
        let tried = if sample.is_empty() { &FACTORS[..1] } else { &FACTORS[..] };
        let built = tried.iter().map(|factors| Tables::new(grams, *factors));
        built.min_by_key(let_through).expect("there are factors")
    }

    /// Both hashes of the grams at every second position of a block, those of four in each number.
    #[inline(always)]
    fn hashed(&self, block: &[u8; BLOCK]) -> ([u64; LANES / 4], [u64; LANES / 4]) {
        let (low, high) = (words(block.first_chunk()), words(block.last_chunk()));
        let (mut one, mut other) = ([0u16; LANES], [0u16; LANES]);
        for n in 0..LANES {
            (one[n], other[n]) = self.hashes(low[n], high[n]);
        }
        // They are computed side by side and used one by one: through memory that is a quarter faster than from lane to
        // lane, which the compiler would choose.
        std::hint::black_box((in_fours(&one), in_fours(&other)))
    }

    fn planes(&self, gram: u32) -> u8 {
        let (one, other) = self.hashes(gram as u16, (gram >> 16) as u16);
        self.shared(one, other)
    }

    /// The planes that the entries of two hashes both hold.
    #[inline(always)]
    fn shared(&self, one: u16, other: u16) -> u8 {
        self.first[entry(one)] & self.second[entry(other)]
    }

    /// What decides where a gram stands in the two tables.
    #[inline(always)]
    fn hashes(&self, low: u16, high: u16) -> (u16, u16) {
        // Bits rise in a product: the turn lets those of all four bytes meet.
        let (low, high) = (low.wrapping_mul(self.factors.0), high.wrapping_mul(self.factors.1));
        let one = low.wrapping_add(high.rotate_left(7));
        let other = high.wrapping_sub(low.rotate_left(7));
        (one, other)
    }
}

/// The entry of a table that a hash stands for.
#[inline(always)]
fn entry(hash: u16) -> usize {
    usize::from(hash >> (16 - BITS))
}

/// The bytes two by two, folded.
#[inline(always)]
fn words(bytes: Option<&[u8; STEP]>) -> [u16; LANES] {
    let bytes = bytes.unwrap_or(&[0; STEP]);
    let mut words = [0; LANES];
    for n in 0..LANES {
        words[n] = u16::from_le_bytes([bytes[2 * n], bytes[2 * n + 1]]) | FOLD;
    }
    words
}

/// Four hashes in each number, the first one lowest.
#[inline(always)]
fn in_fours(hashes: &[u16; LANES]) -> [u64; LANES / 4] {
    let mut fours = [0; LANES / 4];
    for n in 0..LANES / 4 {
        let low = u64::from(hashes[4 * n]) | u64::from(hashes[4 * n + 1]) << 16;
        let high = u64::from(hashes[4 * n + 2]) | u64::from(hashes[4 * n + 3]) << 16;
        fours[n] = low | high << 32;
    }
    fours
}

/// The byte at a position, or the edge.
fn byte_at(text: &[u8], at: isize) -> u8 {
    usize::try_from(at).ok().and_then(|n| text.get(n).copied()).unwrap_or(EDGE)
}

/// The four bytes at a position, folded, with the edge where the text has none.
#[inline]
fn gram_at(text: &[u8], at: usize) -> u32 {
    let whole = text.get(at..at + GRAM).and_then(|g| <[u8; GRAM]>::try_from(g).ok());
    let gram = whole.unwrap_or_else(|| std::array::from_fn(|k| text.get(at + k).copied().unwrap_or(EDGE)));
    u32::from_le_bytes(gram) | FOLDED
}

fn index(gram: u32) -> u32 {
    gram.wrapping_mul(0x9E37_79B1) >> (32 - INDEX)
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

/// Where the first of two neighbouring grams begins: where what they spell stands most seldom. A sign around the text is not looked for before its first byte, so that a fragment that may begin with it has no gram before its own.
fn best_pair(sets: &[Set], rarity: &Rarity) -> i16 {
    let last = sets.len().saturating_sub(GRAM) as i16;
    let cost = |at: i16| rarity.cost(&grams(sets, at)) + rarity.cost(&grams(sets, at + 1));
    let first = if sets.first().is_some_and(|s| holds(*s, EDGE | FOLD as u8)) { 0 } else { -1 };
    (first..=last).rev().min_by_key(|at| cost(*at)).unwrap_or(0)
}

/// What may stand at each place of a written fragment.
fn sets(written: &str) -> Vec<Set> {
    let mut out = Vec::new();
    let mut rest = written.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let listed = after.iter().position(|b| *b == b']').filter(|_| first == b'[');
        let (set, step) = match listed {
            Some(end) => (set(after.get(..end).unwrap_or_default()), end + 2),
            None => (1 << (first | FOLD as u8), 1),
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
    (0..128u8).filter(|b| one_of(*b)).fold(0, |set, b| set | 1 << (b | FOLD as u8))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(fragments: &[&str], text: &str) -> Vec<usize> {
        let sift = Sift::new(fragments.iter().enumerate().map(|(n, f)| (n, (*f).to_owned())), b"");
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
