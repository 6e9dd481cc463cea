//! What one look at a whole stretch of text told of the records in it.
//!
//! In: the places in a stretch where something of interest may stand. Out: whether a part of the stretch holds any of them.
//! Never: a part called quiet that touches such a place.

use std::ops::Range;

/// So many bytes are told apart by one bit.
const BLOCK: usize = 64;

/// The places of a stretch where something of interest may stand.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    /// A bit for each block; none where nothing is known and every part has to be looked at.
    blocks: Option<Vec<u64>>,
}

impl Survey {
    /// Of a stretch of so many bytes in which nothing was found yet.
    pub fn quiet(length: usize) -> Survey {
        Survey { blocks: Some(vec![0; length / BLOCK / 64 + 1]) }
    }

    /// Something may stand there. Ends beyond the stretch are cut off.
    pub fn mark(&mut self, range: Range<usize>) {
        let Some(blocks) = &mut self.blocks else { return };
        for block in range.start / BLOCK..=range.end.saturating_sub(1).max(range.start) / BLOCK {
            if let Some(bits) = blocks.get_mut(block / 64) {
                *bits |= 1 << (block % 64);
            }
        }
    }

    /// Where the quiet part ends that begins at an offset: what ends before is quiet.
    pub fn quiet_to(&self, from: usize) -> usize {
        let Some(blocks) = &self.blocks else { return from };
        let (word, bit) = (from / BLOCK / 64, from / BLOCK % 64);
        let ahead = |(n, bits): (usize, &u64)| (n, if n == word { bits & u64::MAX << bit } else { *bits });
        let marked = blocks.iter().enumerate().skip(word).map(ahead).find(|(_, bits)| *bits != 0);
        marked.map_or(usize::MAX, |(n, bits)| (64 * n + bits.trailing_zeros() as usize) * BLOCK)
    }

    /// True where nothing of interest stands in that part.
    pub fn is_quiet(&self, range: Range<usize>) -> bool {
        let Some(blocks) = &self.blocks else { return false };
        let marked = |block: usize| blocks.get(block / 64).is_some_and(|bits| bits >> (block % 64) & 1 != 0);
        !(range.start / BLOCK..=range.end / BLOCK).any(marked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_marked_is_not_quiet() {
        assert!(!Survey::default().is_quiet(0..1) && Survey::default().quiet_to(7) == 7);
        for at in [0, 1, 63, 64, 4095, 4096, 9_999] {
            let mut survey = Survey::quiet(10_000);
            survey.mark(at..at + 1);
            assert!(!survey.is_quiet(at..at + 1) && !survey.is_quiet(0..10_000), "{at}");
            assert!(survey.is_quiet(at + 130..at + 200), "{at}");
            assert!(at < 200 || survey.is_quiet(at - 200..at - 130), "{at}");
            for from in [0, at.saturating_sub(130), at, at + 1] {
                let to = survey.quiet_to(from);
                assert!(
                    to <= at && at < to + 64 || from / 64 > at / 64 && to == usize::MAX,
                    "{at} {from} {to}"
                );
            }
        }
        let mut survey = Survey::quiet(10_000);
        survey.mark(60..300);
        assert!((0..300).all(|at| !survey.is_quiet(at..at + 1)));
        survey.mark(9_990..50_000);
    }
}
