//! The search for hundreds of fragments at once, without regard to case.
//!
//! In: fragments of at least four bytes, each with a tag; then bytes. Out: the tags of the fragments that stand in
//! them. Never: a fragment missed.
//!
//! Every fragment is represented by the four bytes of it that are rarest in running text. One pass looks the four
//! bytes at every position up in a bitmap that fits the nearest cache; only where the bit is set, fragments are
//! compared. That costs the same whatever the number of fragments. An automaton is a chain of dependent loads, and
//! for a vector search nearly every block is a candidate when the fragments are hundreds.

/// Bytes of a gram, and of the shortest fragment.
pub(super) const GRAM: usize = 4;
/// Bytes that are looked at together.
const BLOCK: usize = 20;
/// Positions in a block at which a gram begins.
const STEP: usize = BLOCK - GRAM + 1;
/// The bitmap has two to the power of this many bits.
const BITS: u32 = 18;
const WORDS: usize = 1 << (BITS - 6);
/// Sets the bit that tells lower case from upper case. It makes a few signs and controls alike as well.
const FOLD: u8 = 0x20;
/// What is taken to stand before and after the text.
const EDGE: u8 = b'\n';

/// Fragments to look for.
pub(super) struct Sift<T> {
    bitmap: Box<[u64; WORDS]>,
    /// In order of the hashes of their grams.
    fragments: Vec<Fragment<T>>,
    /// Where the fragments of every word of the bitmap begin; one more at the end.
    starts: Vec<u16>,
}

struct Fragment<T> {
    gram: u32,
    folded: Vec<u8>,
    /// Where in it the gram begins.
    gram_at: usize,
    tag: T,
}

impl<T: Copy> Sift<T> {
    /// Fragments are written as [`super::fragments::FRAGMENTS`] says.
    pub(super) fn new(written: impl IntoIterator<Item = (T, String)>) -> Self {
        let mut fragments: Vec<Fragment<T>> = written
            .into_iter()
            .flat_map(|(tag, written)| spelled(&written).into_iter().map(move |s| Fragment::new(&s, tag)))
            .collect();
        fragments.sort_by_key(|f| hash(f.gram));
        let mut bitmap = Box::new([0; WORDS]);
        for fragment in &fragments {
            let hash = hash(fragment.gram);
            bitmap[(hash >> 6) as usize] |= 1 << (hash & 63);
        }
        let start = |word: usize| fragments.partition_point(|f| ((hash(f.gram) >> 6) as usize) < word) as u16;
        let starts = (0..=WORDS).map(start).collect();
        Sift { bitmap, fragments, starts }
    }

    /// True when `wanted` is true for the tag of some fragment in the text. A fragment may come up several times.
    pub(super) fn any(&self, text: &[u8], mut wanted: impl FnMut(T) -> bool) -> bool {
        // Signs that end a word may be those around the text.
        if self.in_block(text, -1, &edged(text, -1), &mut wanted) {
            return true;
        }
        let mut at = STEP - 1;
        while let Some(block) = text.get(at..at + BLOCK).and_then(|b| <&[u8; BLOCK]>::try_from(b).ok()) {
            if self.in_block(text, at as isize, block, &mut wanted) {
                return true;
            }
            at += STEP;
        }
        (at..text.len())
            .step_by(STEP)
            .any(|n| self.in_block(text, n as isize, &edged(text, n as isize), &mut wanted))
    }

    #[inline(always)]
    fn in_block(
        &self,
        text: &[u8],
        at: isize,
        block: &[u8; BLOCK],
        wanted: &mut impl FnMut(T) -> bool,
    ) -> bool {
        // Five grams begin in the first word, four more in each of the others.
        [0, 4, 8, 12].into_iter().any(|from| {
            let word = word(block, from);
            (usize::from(from > 0)..5).any(|n| {
                let gram = (word >> (8 * n)) as u32;
                self.holds(gram) && self.at(text, at + (from + n) as isize, gram, wanted)
            })
        })
    }

    /// Whether some fragment has this gram, or one of the same hash.
    #[inline(always)]
    fn holds(&self, gram: u32) -> bool {
        let hash = hash(gram);
        self.bitmap[(hash >> 6) as usize] >> (hash & 63) & 1 != 0
    }

    /// Compares the fragments of this gram, which stands at this position.
    #[inline(never)]
    fn at(&self, text: &[u8], at: isize, gram: u32, wanted: &mut impl FnMut(T) -> bool) -> bool {
        let word = (hash(gram) >> 6) as usize;
        let range = self.starts.get(word).zip(self.starts.get(word + 1));
        let listed = range.and_then(|(a, b)| self.fragments.get(usize::from(*a)..usize::from(*b)));
        listed.unwrap_or_default().iter().filter(|f| f.gram == gram).any(|f| {
            let from = at - f.gram_at as isize;
            f.folded.iter().zip(from..).all(|(b, n)| byte_at(text, n) | FOLD == *b) && wanted(f.tag)
        })
    }
}

/// The byte at a position, or the edge.
fn byte_at(text: &[u8], at: isize) -> u8 {
    usize::try_from(at).ok().and_then(|n| text.get(n).copied()).unwrap_or(EDGE)
}

/// The block from a position on, with edges where the text has none.
fn edged(text: &[u8], from: isize) -> [u8; BLOCK] {
    let mut block = [EDGE; BLOCK];
    let (start, at) = if from < 0 { (0, from.unsigned_abs()) } else { (from as usize, 0) };
    let there = text.get(start..).unwrap_or_default();
    for (to, byte) in block.iter_mut().skip(at).zip(there) {
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

impl<T> Fragment<T> {
    fn new(text: &[u8], tag: T) -> Self {
        let folded: Vec<u8> = text.iter().map(|b| b | FOLD).collect();
        debug_assert!(folded.len() >= GRAM, "a fragment is too short: {text:?}");
        let grams = folded.windows(GRAM).enumerate();
        let rarest = grams.max_by_key(|(n, gram)| (gram.iter().map(|b| rarity(*b)).sum::<usize>(), *n));
        let (gram_at, gram) = rarest
            .map_or((0, [EDGE; GRAM]), |(n, gram)| (n, <[u8; GRAM]>::try_from(gram).unwrap_or([EDGE; GRAM])));
        Fragment { gram: u32::from_le_bytes(gram), folded, gram_at, tag }
    }
}

/// How rare a byte is in logs and pages, by a rough order of the letters.
fn rarity(byte: u8) -> usize {
    b" etaoinsrhdlcumpfgbwyvkxjqz".iter().position(|b| *b == byte).unwrap_or(20)
}

/// Every text that a written fragment stands for.
fn spelled(written: &str) -> Vec<Vec<u8>> {
    let mut out = vec![Vec::new()];
    let mut rest = written.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let set = after.iter().position(|b| *b == b']').filter(|_| first == b'[');
        let (choices, step) = match set {
            Some(end) => (choices(after.get(..end).unwrap_or_default()), end + 2),
            None => (vec![first], 1),
        };
        out = out
            .iter()
            .flat_map(|text| choices.iter().map(move |c| text.iter().copied().chain([*c]).collect()))
            .collect();
        rest = rest.get(step..).unwrap_or_default();
    }
    out
}

/// The bytes of a set, one for each that differs after folding.
fn choices(set: &[u8]) -> Vec<u8> {
    let one_of = |b: u8| -> bool {
        let mut rest = set;
        while let Some((&first, after)) = rest.split_first() {
            let (found, step) = match after {
                [b'-', last, ..] => ((first..=*last).contains(&b), 3),
                _ if first == b'*' && set.len() == 1 => (true, 1),
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
    let mut seen = [false; 256];
    (0..128u8).filter(|b| one_of(*b) && !std::mem::replace(&mut seen[usize::from(b | FOLD)], true)).collect()
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
