//! Says quickly that a text holds none of many strings.
//!
//! In: strings of eight bytes or more, and a text. Out: whether it is certain that none of them stands in the text.
//! Never: a wrong "none". A copy is looked through for thousands of secrets several times, and nearly always none is
//! left; the search that finds and replaces them is some ten times slower and need not run then.

use std::collections::HashMap;

/// Shortest string that can be looked for.
pub(super) const SHORTEST: usize = 8;
/// Bytes that are looked at together.
const GRAM: usize = 4;
/// Every string holds a whole gram at one in so many places, wherever it begins.
const STRIDE: usize = SHORTEST - GRAM + 1;
/// Most strings that may share a gram; beyond, nothing is certain.
const CROWD: usize = 64;

/// The grams of some strings.
pub(super) struct Absence {
    /// A set bit for each gram, so that most grams of a text need no look into `grams`.
    bits: Vec<u64>,
    /// Number of bits, as a power of two.
    power: u32,
    /// Gram → strings that have it, and where.
    grams: HashMap<u32, Vec<(u32, usize)>>,
    /// Too many strings are too much alike, or one is too short.
    crowded: bool,
}

impl Absence {
    pub(super) fn of<'n>(needles: impl ExactSizeIterator<Item = &'n [u8]>) -> Absence {
        let wanted = (needles.len() * STRIDE * 8).next_power_of_two();
        let power = wanted.trailing_zeros().clamp(12, 26);
        let mut new =
            Absence { bits: vec![0; 1 << (power - 6)], power, grams: HashMap::new(), crowded: false };
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

    /// True when none of the strings stands in the text; `needles` are those that this was made of.
    pub(super) fn is_sure<N: AsRef<[u8]>>(&self, text: &[u8], needles: &[N]) -> bool {
        let stands = |at: usize, number: u32, offset: usize| {
            let needle = needles.get(number as usize).map_or(&[][..], AsRef::as_ref);
            let start = at.checked_sub(offset);
            start.and_then(|from| text.get(from..)).is_some_and(|rest| rest.starts_with(needle))
        };
        !self.crowded
            && (0..text.len()).step_by(STRIDE).all(|at| {
                let Some(gram) = text.get(at..).and_then(key) else { return true };
                !self.may_hold(gram)
                    || self
                        .grams
                        .get(&gram)
                        .is_none_or(|all| !all.iter().any(|(n, offset)| stands(at, *n, *offset)))
            })
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wherever_it_stands() {
        let needles = ["hunter-2-contoso", "12345678"];
        let absence = Absence::of(needles.iter().map(|n| n.as_bytes()));
        for before in 0..40 {
            for after in 0..10 {
                for needle in needles {
                    let text = format!("{}{needle}{}", "x".repeat(before), "y".repeat(after));
                    assert!(!absence.is_sure(text.as_bytes(), &needles), "{text}");
                }
            }
        }
        assert!(absence.is_sure(b"hunter-2-contos o 1234567 8 and much more that is harmless", &needles));
    }

    #[test]
    fn what_is_too_short_or_too_much_alike_is_never_sure() {
        assert!(!Absence::of([b"short".as_slice()].into_iter()).is_sure(b"", &["short"]));
        let alike: Vec<String> = (100..200).map(|n| format!("aaaaaaaaa{n}")).collect();
        assert!(!Absence::of(alike.iter().map(|n| n.as_bytes())).is_sure(b"", &alike));
    }

    proptest! {
        /// As the search itself says, on texts of few letters, where much is alike.
        #[test]
        fn never_a_wrong_none(needles in prop::collection::vec("[ab]{8,14}", 0..8), text in "[abc]{0,400}") {
            let absence = Absence::of(needles.iter().map(|n| n.as_bytes()));
            let stands = needles.iter().any(|n| text.contains(n.as_str()));
            prop_assert!(!(stands && absence.is_sure(text.as_bytes(), &needles)));
            if !absence.crowded {
                prop_assert_eq!(absence.is_sure(text.as_bytes(), &needles), !stands);
            }
        }
    }
}
