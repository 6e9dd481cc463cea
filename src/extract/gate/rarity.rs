//! How often four bytes stand in running text.
//!
//! In: a sample of the text at hand, or nothing. Out: what it costs to look for grams. Never: a choice that changes what is
//! found: only how fast.

const BITS: u32 = 18;
/// What a gram costs by itself, in hits a million positions: every one makes false candidates likelier.
const ENTRY: u64 = 1;

/// An estimate of frequencies.
pub(super) enum Rarity {
    /// By the letters of English, in thousandths.
    Letters(Box<[u64; 256]>),
    /// By the hashes of the grams of a sample, and the hits a million positions that each stands for.
    Sample(Box<[u8; 1 << BITS]>, u64),
}

impl Rarity {
    /// Where nothing is known about the text.
    pub(super) fn letters() -> Rarity {
        const LETTERS: &[u8] = b" etaoinsrhdlcumfpgwybvkxjqz";
        const THOUSANDTHS: &[u64] = &[
            180, 102, 75, 65, 62, 57, 57, 53, 50, 50, 33, 33, 23, 23, 20, 18, 15, 16, 17, 16, 12, 8, 6, 2, 1,
            1, 1,
        ];
        let mut all = Box::new([8; 256]);
        for (letter, often) in LETTERS.iter().zip(THOUSANDTHS) {
            all[usize::from(*letter)] = *often;
        }
        Rarity::Letters(all)
    }

    /// From what stands in the text at hand.
    pub(super) fn of(sample: &[u8]) -> Rarity {
        let mut counts = Box::new([0u8; 1 << BITS]);
        for gram in sample.windows(4).filter_map(|w| <[u8; 4]>::try_from(w).ok()) {
            let count = &mut counts[hash(u32::from_le_bytes(gram) | 0x2020_2020)];
            *count = count.saturating_add(1);
        }
        Rarity::Sample(counts, 1_000_000 / sample.len().max(1) as u64 + 1)
    }

    /// What looking for all of these costs. The grams are folded.
    pub(super) fn cost(&self, grams: &[u32]) -> u64 {
        let often = |gram: &u32| match self {
            Rarity::Letters(all) => {
                gram.to_le_bytes().iter().map(|b| all[usize::from(*b)]).product::<u64>() / 1_000_000
            }
            Rarity::Sample(counts, each) => u64::from(counts[hash(*gram)]) * each,
        };
        grams.iter().map(|gram| often(gram) + ENTRY).sum()
    }
}

fn hash(gram: u32) -> usize {
    (gram.wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}
