//! Which four places of each fragment are looked for, and in which bucket: so that little else of a text is let through.
//!
//! In: fragments; a sample of the text at hand. Out: a window of each fragment, and what the buckets hold. Never: a choice
//! that changes what is found: only how fast.
//!
//! Everything that mixes the values of a bucket's windows passes it, therefore windows that are alike belong together, and what they
//! mix should be seldom in the text. Fragments are placed one after the other, each where it lets the fewest more
//! positions of the sample through. That is worth several times a choice by how often letters stand: words of logs are few.

use super::buckets::{BUCKETS, ROWS, Rows, rows, values};
use super::fragment::{GRAM, Set};

/// So many positions of a sample are counted.
const POSITIONS: usize = 8192;
/// Positions in a group: when a choice is worse than the best one so far by some of these, the others don't matter.
const GROUP: usize = 512;

/// A bit for each position of a group.
type Bits = [u64; GROUP / 64];

/// Where the window of each fragment begins in it, and what every bucket holds.
pub(super) fn spread(fragments: &[Vec<Set>], like: &[u8]) -> (Vec<usize>, [Rows; BUCKETS]) {
    let sample = Sample::of(like);
    let mut spread = Spread::new(&sample);
    let windows: Vec<Vec<Rows>> = fragments.iter().map(|sets| all_rows(sets)).collect();
    let mut order: Vec<usize> = (0..fragments.len()).collect();
    // Those that let the most through whatever else their bucket holds: others may share what they cost.
    order.sort_by_key(|n| std::cmp::Reverse(windows[*n].iter().map(looseness).min()));
    let mut begins = vec![0; fragments.len()];
    for n in order {
        begins[n] = spread.place(&windows[n]);
    }
    (begins, spread.rows)
}

/// Every window of a fragment.
fn all_rows(sets: &[Set]) -> Vec<Rows> {
    sets.windows(GRAM).filter_map(|w| <&[Set; GRAM]>::try_from(w).ok()).map(rows).collect()
}

/// How much of all that could be a window passes.
fn looseness(rows: &Rows) -> u64 {
    rows.iter().map(|row| u64::from(row.count_ones())).product()
}

/// What stands at some positions of a text, group by group: for each value of each row the positions that have it.
struct Sample {
    groups: Vec<[[Bits; 16]; ROWS]>,
}

impl Sample {
    fn of(text: &[u8]) -> Sample {
        let windows = text.windows(GRAM).count();
        let count = POSITIONS.min(windows);
        let groups = count.div_ceil(GROUP);
        let mut sample = Sample { groups: vec![[[[0; GROUP / 64]; 16]; ROWS]; groups] };
        for n in 0..count {
            // Neighbours are dealt out, so that every group is like the whole.
            let (group, place) = (n % groups, n / groups);
            let window = text.get(windows / count * n..).and_then(|text| text.first_chunk::<GRAM>());
            let Some(window) = window.filter(|w| w.is_ascii()) else { continue };
            for (row, value) in values(*window).into_iter().enumerate() {
                sample.groups[group][row][usize::from(value)][place / 64] |= 1 << (place % 64);
            }
        }
        sample
    }
}

/// The buckets while they are filled.
struct Spread<'a> {
    sample: &'a Sample,
    rows: [Rows; BUCKETS],
    /// What passes each row of each bucket; what passes all rows of any.
    passing: Vec<Passing>,
}

/// What passes in one group.
#[derive(Clone)]
struct Passing {
    rows: [[Bits; ROWS]; BUCKETS],
    any: Bits,
}

impl<'a> Spread<'a> {
    fn new(sample: &'a Sample) -> Spread<'a> {
        let none = Passing { rows: [[[0; GROUP / 64]; ROWS]; BUCKETS], any: [0; GROUP / 64] };
        Spread { sample, rows: [[0; ROWS]; BUCKETS], passing: vec![none; sample.groups.len()] }
    }

    /// Puts one of these windows, which it tells, into the bucket where it costs least.
    fn place(&mut self, windows: &[Rows]) -> usize {
        let mut best = (u32::MAX, u32::MAX, 0, 0);
        for bucket in 0..BUCKETS {
            for (at, window) in windows.iter().enumerate() {
                let added = self.added(bucket, window);
                let growth = added.iter().map(|row| row.count_ones()).sum();
                if growth == 0 {
                    return at;
                }
                best = best.min((self.cost(bucket, &added, best.0), growth, bucket, at));
            }
        }
        let (_, _, bucket, at) = best;
        if let Some(window) = windows.get(at) {
            self.put(bucket, &self.added(bucket, window));
        }
        at
    }

    /// The values that a bucket lacks of a window.
    fn added(&self, bucket: usize, window: &Rows) -> Rows {
        std::array::from_fn(|row| window[row] & !self.rows[bucket][row])
    }

    /// How many positions pass then that no bucket lets through yet; counted until there are more than the limit.
    fn cost(&self, bucket: usize, added: &Rows, limit: u32) -> u32 {
        let mut cost = 0;
        for (passing, sample) in self.passing.iter().zip(&self.sample.groups) {
            let more = all(&passing.rows_with(bucket, added, sample));
            cost += more.iter().zip(&passing.any).map(|(more, any)| (more & !any).count_ones()).sum::<u32>();
            if cost > limit {
                break;
            }
        }
        cost
    }

    fn put(&mut self, bucket: usize, added: &Rows) {
        self.rows[bucket].iter_mut().zip(added).for_each(|(row, more)| *row |= more);
        for (passing, sample) in self.passing.iter_mut().zip(&self.sample.groups) {
            passing.rows[bucket] = passing.rows_with(bucket, added, sample);
            let all = all(&passing.rows[bucket]);
            passing.any.iter_mut().zip(all).for_each(|(any, all)| *any |= all);
        }
    }
}

impl Passing {
    fn rows_with(&self, bucket: usize, added: &Rows, sample: &[[Bits; 16]; ROWS]) -> [Bits; ROWS] {
        let mut rows = self.rows[bucket];
        for row in 0..ROWS {
            let mut values = added[row];
            while values != 0 {
                let positions = &sample[row][values.trailing_zeros() as usize];
                rows[row].iter_mut().zip(positions).for_each(|(passing, more)| *passing |= more);
                values &= values - 1;
            }
        }
        rows
    }
}

/// What passes all rows.
fn all(rows: &[Bits; ROWS]) -> Bits {
    let mut all = rows[0];
    for row in &rows[1..] {
        all.iter_mut().zip(row).for_each(|(all, row)| *all &= row);
    }
    all
}
