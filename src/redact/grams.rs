//! Finds many strings in a text that hardly ever holds one.
//!
//! In: strings of eight bytes or more, and a text. Out: where they stand, as a search by automaton would say. Never: a
//! place missed: where strings are too much alike to be fast, it declines. A copy is looked through for thousands of
//! secrets several times, and nearly always none is left: four bytes in five are not even looked at, and there is no
//! automaton to be built.

use std::collections::HashMap;

/// Shortest string that can be looked for.
pub(super) const SHORTEST: usize = 8;
/// Bytes that are looked at together.
const GRAM: usize = 4;
/// Every string holds a whole gram at one in so many places, wherever it begins.
const STRIDE: usize = SHORTEST - GRAM + 1;
/// Most strings that may share a gram; beyond, nothing is certain.
const CROWD: usize = 64;

/// At most one place for so many bytes of the text is kept in mind.
const DENSE: usize = 16;

/// The grams of some strings.
pub(super) struct Grams {
    /// A set bit for each gram, so that most grams of a text need no look into `grams`.
    bits: Vec<u64>,
    /// Number of bits, as a power of two.
    power: u32,
    /// Gram → strings that have it, and where.
    grams: HashMap<u32, Vec<(u32, usize)>>,
    /// Too many strings are too much alike, or one is too short.
    crowded: bool,
}

impl Grams {
    pub(super) fn of<'n>(needles: impl ExactSizeIterator<Item = &'n [u8]>) -> Grams {
        let wanted = (needles.len() * STRIDE * 8).next_power_of_two();
        let power = wanted.trailing_zeros().clamp(12, 26);
        let mut new = Grams { bits: vec![0; 1 << (power - 6)], power, grams: HashMap::new(), crowded: false };
        for (number, needle) in (0_u32..).zip(needles) {
            new.crowded |= needle.len() < SHORTEST;
            new.add(needle, number);
        }
        new
    }

    /// Any stretch of [`SHORTEST`] bytes serves; the one whose grams the fewest other strings have.
    fn add(&mut self, needle: &[u8], number: u32) {
        let last = needle.len().saturating_sub(SHORTEST);
        let company = |from: &usize| {
            let grams = grams(needle, *from);
            grams.map(|(_, gram)| self.grams.get(&gram).map_or(0, Vec::len)).max()
        };
        let Some(from) = [last, last / 2, 0].into_iter().min_by_key(company) else { return };
        for (at, gram) in grams(needle, from) {
            let (first, second) = self.places(gram);
            for place in [first, second] {
                if let Some(word) = self.bits.get_mut(place / 64) {
                    *word |= 1 << (place % 64);
                }
            }
            let known = self.grams.entry(gram).or_default();
            known.push((number, at));
            self.crowded |= known.len() > CROWD;
        }
    }

    /// Two places in `bits`, from either end of a mix of the gram's own bits.
    fn places(&self, gram: u32) -> (usize, usize) {
        let mixed = u64::from(gram).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let (high, low) = (mixed >> (64 - self.power), (mixed >> 8) & ((1 << self.power) - 1));
        (usize::try_from(high).unwrap_or(0), usize::try_from(low).unwrap_or(0))
    }

    fn bit(&self, place: usize) -> bool {
        self.bits.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    fn may_hold(&self, gram: u32) -> bool {
        let (first, second) = self.places(gram);
        self.bit(first) && self.bit(second)
    }

    /// Where the strings stand, leftmost and longest first, none over another: start, end, number. `needles` are those
    /// that this was made of. `None` where another search has to say.
    pub(super) fn find<N: AsRef<[u8]>>(
        &self,
        text: &[u8],
        needles: &[N],
    ) -> Option<Vec<(usize, usize, usize)>> {
        if self.crowded {
            return None;
        }
        let mut all = Vec::new();
        for at in (0..text.len()).step_by(STRIDE) {
            let Some(gram) = text.get(at..).and_then(key) else { break };
            if !self.may_hold(gram) {
                continue;
            }
            // A text made of nothing else: an automaton keeps no list of what stands over another.
            if all.len() > text.len() / DENSE + 1024 {
                return None;
            }
            for (number, offset) in self.grams.get(&gram).into_iter().flatten() {
                let needle = needles.get(*number as usize).map_or(&[][..], AsRef::as_ref);
                let Some(start) = at.checked_sub(*offset) else { continue };
                if text.get(start..).is_some_and(|rest| rest.starts_with(needle)) {
                    all.push((start, start + needle.len(), *number as usize));
                }
            }
        }
        all.sort_unstable_by_key(|(start, end, number)| (*start, std::cmp::Reverse(*end), *number));
        let mut free = 0;
        all.retain(|(start, end, _)| {
            let apart = *start >= free;
            if apart {
                free = *end;
            }
            apart
        });
        Some(all)
    }
}

/// The grams of the stretch at `from`, with their places in the string.
fn grams(needle: &[u8], from: usize) -> impl Iterator<Item = (usize, u32)> {
    let grams = needle.get(from..).unwrap_or_default().windows(GRAM).take(STRIDE);
    (from..).zip(grams.filter_map(key))
}

fn key(gram: &[u8]) -> Option<u32> {
    gram.get(..GRAM)?.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use aho_corasick::{AhoCorasick, MatchKind};
    use proptest::prelude::*;

    use super::*;

    fn grams_of<N: AsRef<[u8]>>(needles: &[N]) -> Grams {
        Grams::of(needles.iter().map(AsRef::as_ref))
    }

    #[test]
    fn wherever_it_stands() {
        let needles = ["hunter-2-contoso", "12345678"];
        let grams = grams_of(&needles);
        for before in 0..40 {
            for after in 0..10 {
                for (number, needle) in needles.iter().enumerate() {
                    let text = format!("{}{needle}{}", "x".repeat(before), "y".repeat(after));
                    let place = (before, before + needle.len(), number);
                    assert_eq!(grams.find(text.as_bytes(), &needles), Some(vec![place]), "{text}");
                }
            }
        }
        let harmless = b"hunter-2-contos o 1234567 8 and much more that is harmless";
        assert_eq!(grams.find(harmless, &needles), Some(Vec::new()));
    }

    #[test]
    fn what_is_too_short_or_too_much_alike_is_declined() {
        assert_eq!(grams_of(&["short"]).find(b"", &["short"]), None);
        let alike: Vec<String> = (100..200).map(|n| format!("aaaaaaaaa{n}aaaaaaaaa")).collect();
        assert_eq!(grams_of(&alike).find(b"", &alike), None);
    }

    #[test]
    fn a_text_made_of_nothing_else_is_declined() {
        let needles = ["aaaaaaaa", "aaaaaaaaa"];
        assert_eq!(grams_of(&needles).find("a".repeat(100_000).as_bytes(), &needles), None);
    }

    proptest! {
        /// As the automaton says, on texts of few letters, where much is alike and stands over another.
        #[test]
        fn as_an_automaton_says(needles in prop::collection::vec("[ab]{8,14}", 1..8), text in "[abc]{0,400}") {
            let search = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&needles).expect("few");
            let wanted: Vec<_> = search.find_iter(&text).map(|m| (m.start(), m.end(), m.pattern().as_usize())).collect();
            prop_assert_eq!(grams_of(&needles).find(text.as_bytes(), &needles), Some(wanted));
        }
    }
}
