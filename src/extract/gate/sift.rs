//! The search for hundreds of fragments at once, without regard to case.
//!
//! In: fragments of at least four bytes, each with a tag; then bytes. Out: the tags of the fragments that stand in
//! them, and the parts of the text that hold other bytes than ASCII. Never: a fragment missed.
//!
//! Every fragment is represented by four neighbouring places of it. First, candidates are marked for many positions at a time
//! ([`super::buckets`]): seldom more than one position in a hundred, since the places are chosen for the text at hand
//! ([`super::spread`]). Then the four bytes at a candidate are looked up, and only for those that some fragment has, fragments
//! are compared. That costs nearly the same whatever the number of fragments. An automaton is a chain of dependent loads, and a
//! search by whole first bytes takes nearly every position for a candidate when the fragments are hundreds.

use std::ops::Range;

use super::buckets::{Buckets, OVER, STEP};
use super::fragment::{EDGE, GRAM, Set, byte_at, gram_at, grams, holds, sets};
use super::spread::spread;

/// Bytes of which candidates are marked before they are looked at: what they need stays in the nearest cache.
const PART: usize = 16 << 10;
/// Grams are known by so many bits of a hash.
const BITS: u32 = 16;

/// Fragments to look for.
pub(super) struct Sift<T> {
    buckets: Buckets,
    fragments: Vec<(Vec<Set>, T)>,
    /// In order.
    grams: Vec<Gram>,
    /// A bit for each hash of a gram.
    known: Box<[u64; (1 << BITS) / 64]>,
}

/// Four bytes that stand at the chosen places of a fragment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Gram {
    bytes: u32,
    /// Which fragment.
    of: u16,
    /// Where in the fragment it begins.
    at: u16,
}

/// What a text holds.
pub(super) enum Met<T> {
    /// Where it begins, before the text perhaps, and ends.
    Fragment { tag: T, from: isize, to: isize },
    /// A part with bytes other than ASCII.
    Foreign(Range<usize>),
}

impl<T: Copy> Sift<T> {
    /// Fragments are written as [`super::fragments::FRAGMENTS`] says. The text is like those that will be looked at: that
    /// decides how fast the search is.
    pub(super) fn new(written: impl IntoIterator<Item = (T, String)>, like: &[u8]) -> Self {
        let (sets, tags): (Vec<Vec<Set>>, Vec<T>) =
            written.into_iter().map(|(tag, w)| (sets(&w), tag)).unzip();
        let (begins, buckets) = spread(&sets, like);
        let mut all = Vec::new();
        for ((sets, at), of) in sets.iter().zip(begins).zip(0u16..) {
            let window = sets.get(at..).and_then(|sets| sets.first_chunk::<GRAM>());
            let grams = window.map(grams).unwrap_or_default();
            all.extend(grams.into_iter().map(|bytes| Gram { bytes, of, at: at as u16 }));
        }
        all.sort_unstable();
        let mut known = Box::new([0; (1 << BITS) / 64]);
        for (word, bit) in all.iter().map(|gram| hash(gram.bytes)) {
            known[word] |= bit;
        }
        let fragments = sets.into_iter().zip(tags).collect();
        Sift { buckets: Buckets::new(&buckets), fragments, grams: all, known }
    }

    /// True when `wanted` is true for something in the text. A fragment may come up several times.
    pub(super) fn find(&self, text: &[u8], mut wanted: impl FnMut(Met<T>) -> bool) -> bool {
        // One may begin with what is taken to stand before the text.
        if self.at(text, -1, &mut wanted) {
            return true;
        }
        let whole = text.len().saturating_sub(OVER) / STEP * STEP;
        whole > 0 && self.in_whole(text, whole, &mut wanted) || self.in_tail(text, whole, &mut wanted)
    }

    /// The windows that begin in whole steps.
    fn in_whole(&self, text: &[u8], whole: usize, wanted: &mut impl FnMut(Met<T>) -> bool) -> bool {
        let mut marks = [0; PART / STEP];
        for from in (0..whole).step_by(PART) {
            let to = whole.min(from + PART);
            let (part, marks) = (&text[from..to + OVER], &mut marks[..(to - from) / STEP]);
            let ascii = self.buckets.mark(part, marks);
            if !ascii && wanted(Met::Foreign(from..to)) || self.at_any(text, from, marks, wanted) {
                return true;
            }
        }
        false
    }

    /// The windows that begin in what is left, and reach beyond it perhaps.
    fn in_tail(&self, text: &[u8], from: usize, wanted: &mut impl FnMut(Met<T>) -> bool) -> bool {
        const STEPS: usize = 2;
        let mut tail = [EDGE; STEPS * STEP + OVER];
        let left = &text[from..];
        tail[..left.len()].copy_from_slice(left);
        let mut marks = [0; STEPS];
        let steps = left.len().div_ceil(STEP);
        let ascii = self.buckets.mark(&tail[..steps * STEP + OVER], &mut marks[..steps]);
        !ascii && wanted(Met::Foreign(from..text.len())) || self.at_any(text, from, &marks, wanted)
    }

    /// Looks at every marked position.
    #[inline]
    fn at_any(
        &self,
        text: &[u8],
        from: usize,
        marks: &[u64],
        wanted: &mut impl FnMut(Met<T>) -> bool,
    ) -> bool {
        for (n, marks) in marks.iter().enumerate() {
            let mut left = *marks;
            while left != 0 {
                let at = from + n * STEP + left.trailing_zeros() as usize;
                if self.at(text, at as isize, wanted) {
                    return true;
                }
                left &= left - 1;
            }
        }
        false
    }

    /// Whether a fragment has the gram that stands at this position, and is wanted.
    #[inline]
    fn at(&self, text: &[u8], at: isize, wanted: &mut impl FnMut(Met<T>) -> bool) -> bool {
        let gram = gram_at(text, at);
        let (word, bit) = hash(gram);
        self.known[word] & bit != 0 && self.stands(text, at, gram, wanted)
    }

    /// Compares the fragments that have this gram.
    #[inline(never)]
    fn stands(&self, text: &[u8], at: isize, gram: u32, wanted: &mut impl FnMut(Met<T>) -> bool) -> bool {
        let first = self.grams.partition_point(|g| g.bytes < gram);
        let same = self.grams.get(first..).unwrap_or_default().iter().take_while(|g| g.bytes == gram);
        for gram in same {
            let Some((sets, tag)) = self.fragments.get(usize::from(gram.of)) else { continue };
            let from = at - gram.at as isize;
            let stands = sets.iter().zip(from..).all(|(set, n)| holds(*set, byte_at(text, n)));
            if stands && wanted(Met::Fragment { tag: *tag, from, to: from + sets.len() as isize }) {
                return true;
            }
        }
        false
    }
}

/// The place of a gram's bit.
#[inline]
fn hash(gram: u32) -> (usize, u64) {
    let hash = gram.wrapping_mul(0x9E37_79B1) >> (32 - BITS);
    ((hash / 64) as usize, 1 << (hash % 64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sift(fragments: &[&str], like: &str) -> Sift<usize> {
        Sift::new(fragments.iter().enumerate().map(|(n, f)| (n, (*f).to_owned())), like.as_bytes())
    }

    fn found(fragments: &[&str], like: &str, text: &str) -> Vec<usize> {
        found_by(&sift(fragments, like), text)
    }

    fn found_by(sift: &Sift<usize>, text: &str) -> Vec<usize> {
        let mut all = Vec::new();
        sift.find(text.as_bytes(), |met| {
            if let Met::Fragment { tag, .. } = met {
                all.push(tag);
            }
            false
        });
        all.sort_unstable();
        all.dedup();
        all
    }

    #[test]
    fn at_the_edges() {
        assert_eq!(found(&["ews[w]", "[w0-9]mx[w]"], "", "EWS"), [0]);
        assert_eq!(found(&["ews[w]", "[w0-9]mx[w]"], "", "mx"), [1]);
        assert_eq!(found(&["ews[w]", "[w0-9]mx[w]"], "", "newsy, amx"), [0usize; 0]);
        assert_eq!(found(&["aad[*]", "[45].[0-9][.0-9]"], "", "5.7.1, AADError"), [0, 1]);
        assert_eq!(found(&["abcdef"], "", ""), [0usize; 0]);
    }

    /// Where steps, parts and the tail meet.
    #[test]
    fn at_every_position() {
        let sift = sift(&["abcde"], "");
        for length in (0..200).chain(PART - 3..PART + 3).chain(2 * PART + 60..2 * PART + 70) {
            for at in (0..length).filter(|at| *at < 200 || at % PART > PART - 9 || length - at < 80) {
                let text = format!("{}AbCde{}", " ".repeat(at), " ".repeat(length - at));
                assert_eq!(found_by(&sift, &text), [0], "{at} of {length}");
            }
        }
    }

    /// Parts with other bytes are told, wherever these stand.
    #[test]
    fn other_bytes_are_told() {
        let sift = sift(&["abcde"], "");
        for length in [1, 60, 64, 70, 130, 200, PART + 100, 2 * PART + 3] {
            for at in (0..length).filter(|at| *at < 200 || at % PART < 2 || length - at < 80) {
                let mut text = vec![b' '; length];
                let told = |text: &[u8]| {
                    let mut parts = Vec::new();
                    sift.find(text, |met| {
                        if let Met::Foreign(part) = met {
                            parts.push(part);
                        }
                        false
                    });
                    parts
                };
                assert!(told(&text).is_empty());
                text[at] = 0x80;
                let parts = told(&text);
                assert!(parts.len() == 1 && parts[0].contains(&at), "{at} of {length}: {parts:?}");
            }
        }
    }

    proptest! {
        /// As a plain search finds it, wherever it stands, in any case and whatever the search was tuned to.
        #[test]
        fn as_a_plain_search(
            words in prop::collection::vec("[a-d.0-9_]{4,9}", 1..60),
            like in "[a-d.0-9_ ]{0,3000}",
            text in "[a-dA-D.0-9_é]{0,300}",
            inserted in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..4),
        ) {
            let written: Vec<&str> = words.iter().map(String::as_str).collect();
            let mut text = text;
            for (word, at) in inserted {
                let at = text.char_indices().map(|(n, _)| n).nth(at.index(text.chars().count() + 1)).unwrap_or(text.len());
                text.insert_str(at, &words[word.index(words.len())]);
            }
            let lower = text.to_ascii_lowercase();
            // A fold makes the underscore and the delete character alike, which these texts don't have.
            let plain: Vec<usize> = (0..words.len()).filter(|n| lower.contains(&words[*n])).collect();
            prop_assert_eq!(found(&written, &like, &text), plain);
        }
    }
}
