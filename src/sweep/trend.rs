//! Attempts by time, in a bounded number of buckets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Seconds of the finest bucket.
const HOUR: i64 = 3600;
/// Buckets kept at most; more, and neighbours are joined.
const MOST: usize = 256;
/// Doublings of an hour that cover all of time.
const WIDEST: u32 = 40;

/// Counts in buckets of an hour, doubled as often as needed to keep within [`MOST`]. The width depends on what was
/// counted alone, not on the order, so that adding commutes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trend {
    /// How often the hour was doubled.
    doubled: u32,
    /// Number of the bucket since 1970 → attempts.
    buckets: BTreeMap<i64, u64>,
}

impl Trend {
    /// Counts one attempt at that second.
    pub(super) fn count(&mut self, second: i64) {
        let one = Trend { doubled: 0, buckets: BTreeMap::from([(second.div_euclid(HOUR), 1)]) };
        self.merge(&one);
    }

    /// Adds the other's counts.
    pub(super) fn merge(&mut self, other: &Trend) {
        let width = self.doubled.max(other.doubled).min(WIDEST);
        self.widen(width);
        for (bucket, count) in &other.buckets {
            let to = self.buckets.entry(bucket >> (width - other.doubled.min(width))).or_default();
            *to = to.saturating_add(*count);
        }
        while self.buckets.len() > MOST && self.doubled < WIDEST {
            self.widen(self.doubled + 1);
        }
    }

    fn widen(&mut self, width: u32) {
        if width <= self.doubled {
            return;
        }
        let mut wider: BTreeMap<i64, u64> = BTreeMap::new();
        for (bucket, count) in std::mem::take(&mut self.buckets) {
            let to = wider.entry(bucket >> (width - self.doubled)).or_default();
            *to = to.saturating_add(count);
        }
        self.buckets = wider;
        self.doubled = width;
    }

    /// Seconds of a bucket.
    pub(super) fn width(&self) -> i64 {
        HOUR.saturating_mul(1_i64.checked_shl(self.doubled.min(WIDEST)).unwrap_or(1))
    }

    /// Second at which each bucket begins, and its attempts.
    pub(super) fn buckets(&self) -> impl Iterator<Item = (i64, u64)> + '_ {
        let width = self.width();
        self.buckets.iter().map(move |(n, count)| (n.saturating_mul(width), *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_times_stay_bounded_and_none_is_lost() {
        let mut trend = Trend::default();
        for day in 0..5000 {
            trend.count(day * 24 * HOUR);
        }
        assert!(trend.buckets.len() <= MOST);
        assert_eq!(trend.buckets().map(|(_, n)| n).sum::<u64>(), 5000);
        assert_eq!(trend.buckets().next(), Some((0, 22)));
    }

    #[test]
    fn times_before_1970() {
        let mut trend = Trend::default();
        trend.count(-1);
        assert_eq!(trend.buckets().collect::<Vec<_>>(), [(-3600, 1)]);
    }
}
