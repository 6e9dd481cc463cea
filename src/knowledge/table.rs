//! A tab-separated table: comment lines, one header line, rows. It is searched as it is, without being read first.

use std::cmp::Ordering;

pub(super) struct Table {
    text: &'static str,
    /// Where the rows begin, in order of their first cell in lower case; written by `build.rs`.
    by_key: &'static [u32],
}

/// The most that is asked for of a row.
pub(super) const CELLS: usize = 8;

/// A line of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row(&'static str);

impl Row {
    /// The cell in that column; empty where the row is short.
    pub(super) fn cell(self, column: usize) -> &'static str {
        self.0.split('\t').nth(column).unwrap_or_default().trim()
    }

    /// The first cells; empty where the row is short.
    pub(super) fn cells(self) -> [&'static str; CELLS] {
        let mut cells = [""; CELLS];
        let (mut from, mut n) = (0, 0);
        let ends = memchr::memchr_iter(b'\t', self.0.as_bytes()).chain([self.0.len()]);
        for end in ends.take(CELLS) {
            cells[n] = self.0.get(from..end).unwrap_or_default().trim();
            (from, n) = (end + 1, n + 1);
        }
        cells
    }

    #[cfg(test)]
    pub(super) fn line(self) -> &'static str {
        self.0
    }
}

impl Table {
    pub(super) const fn new(text: &'static str, by_key: &'static [u32]) -> Table {
        Table { text, by_key }
    }

    /// Rows with that first cell, letter case aside, in order.
    pub(super) fn find(&self, key: &str) -> impl Iterator<Item = Row> {
        let compared = |at: u32| self.compare(at, key.as_bytes());
        let from = self.by_key.partition_point(|at| compared(*at) == Ordering::Less);
        let rest = self.by_key.get(from..).unwrap_or_default();
        let count = rest.iter().take_while(|at| compared(**at) == Ordering::Equal).count();
        rest.iter().take(count).map(|at| self.row(*at))
    }

    /// How the first cell of the row compares with a key, both in lower case.
    fn compare(&self, at: u32, key: &[u8]) -> Ordering {
        let rest = self.text.as_bytes().get(at as usize..).unwrap_or_default();
        let mut n = 0;
        loop {
            let of_cell = rest.get(n).filter(|b| !matches!(b, b'\t' | b'\r' | b'\n'));
            match (of_cell, key.get(n)) {
                (Some(a), Some(b)) if a.eq_ignore_ascii_case(b) => n += 1,
                (a, b) => return a.map(u8::to_ascii_lowercase).cmp(&b.map(u8::to_ascii_lowercase)),
            }
        }
    }

    fn row(&self, at: u32) -> Row {
        let rest = self.text.get(at as usize..).unwrap_or_default();
        Row(rest.lines().next().unwrap_or_default())
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row> {
        let lines = self.text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        lines.skip(1).map(Row)
    }
}
