//! A row's counts as a line of marks.

use super::trend::Trend;

const MARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 8] = ['.', ':', '-', '=', '+', '*', '#', '@'];
/// Marks of the longest line.
const MOST: i64 = 12;
/// Widths that people read easily, in hours; wider ones double.
const HOURS: [i64; 9] = [1, 2, 3, 6, 12, 24, 48, 168, 336];

/// The stretch of time that every line of one table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    pub(super) start: i64,
    pub(super) marks: usize,
    /// Seconds of one mark.
    pub(super) width: i64,
}

impl Scale {
    /// The scale that fits all rows; `None` when nothing has a time.
    pub(super) fn of<'t>(trends: impl Iterator<Item = &'t Trend> + Clone) -> Option<Scale> {
        let first = trends.clone().filter_map(|t| t.buckets().next()).map(|(s, _)| s).min()?;
        let last = trends.clone().filter_map(|t| Some(t.buckets().last()?.0 + t.width() - 1)).max()?;
        let finest = trends.map(Trend::width).max().unwrap_or(3600);
        let doubling = std::iter::successors(Some(672_i64), |h| h.checked_mul(2));
        let mut widths = HOURS.into_iter().chain(doubling).filter_map(|h| h.checked_mul(3600));
        let marks = |width: i64| last.div_euclid(width) - first.div_euclid(width) + 1;
        let width = widths.find(|w| *w >= finest && marks(*w) <= MOST)?;
        let start = first.div_euclid(width).checked_mul(width)?;
        Some(Scale { start, marks: usize::try_from(marks(width)).unwrap_or(1), width })
    }

    pub(super) fn end(self) -> i64 {
        self.start.saturating_add(self.width.saturating_mul(i64::try_from(self.marks).unwrap_or(i64::MAX)))
    }

    /// Attempts under each mark.
    pub(super) fn counts(self, trend: &Trend) -> Vec<u64> {
        let mut counts = vec![0_u64; self.marks];
        for (second, count) in trend.buckets() {
            let mark =
                usize::try_from((second.saturating_sub(self.start)).div_euclid(self.width)).unwrap_or(0);
            if let Some(to) = counts.get_mut(mark) {
                *to = to.saturating_add(count);
            }
        }
        counts
    }

    /// The line of a row: tallest where it has most; a blank where it has none.
    pub(super) fn line(self, trend: &Trend, ascii: bool) -> String {
        let counts = self.counts(trend);
        let most = counts.iter().copied().max().unwrap_or(0).max(1);
        let marks = if ascii { ASCII } else { MARKS };
        let mark = |n: &u64| match n {
            0 => ' ',
            n => {
                let step = (u128::from(*n) * 8).div_ceil(u128::from(most)).clamp(1, 8) - 1;
                usize::try_from(step).ok().and_then(|s| marks.get(s)).copied().unwrap_or(' ')
            }
        };
        counts.iter().map(mark).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(hours: &[(i64, u64)]) -> Trend {
        let mut trend = Trend::default();
        for (hour, n) in hours {
            (0..*n).for_each(|_| trend.count(hour * 3600));
        }
        trend
    }

    #[test]
    fn marks_follow_the_counts() {
        let t = trend(&[(0, 1), (1, 8), (3, 4)]);
        let scale = Scale::of([&t].into_iter()).expect("it has times");
        assert_eq!((scale.start, scale.marks, scale.width), (0, 4, 3600));
        assert_eq!(scale.line(&t, false), "▁█ ▄");
        assert_eq!(scale.line(&t, true), ".@ =");
    }

    #[test]
    fn long_stretches_get_wider_marks() {
        let t = trend(&[(0, 1), (24 * 30, 1)]);
        let scale = Scale::of([&t].into_iter()).expect("it has times");
        assert!(scale.marks <= 12, "{scale:?}");
        assert_eq!(scale.counts(&t).iter().sum::<u64>(), 2);
        assert_eq!(Scale::of([&Trend::default()].into_iter()), None);
    }
}
