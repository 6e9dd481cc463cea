//! A tab-separated table: comment lines, one header line, rows. It is searched as it is, without being read first.

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
        let wanted = || key.bytes().map(|b| b.to_ascii_lowercase());
        let from = self.by_key.partition_point(|at| self.key(*at).lt(wanted()));
        let rest = self.by_key.get(from..).unwrap_or_default();
        let count = rest.iter().take_while(|at| self.key(**at).eq(wanted())).count();
        rest.iter().take(count).map(|at| self.row(*at))
    }

    /// The first cell of the row in lower case.
    fn key(&self, at: u32) -> impl Iterator<Item = u8> {
        let rest = self.text.as_bytes().get(at as usize..).unwrap_or_default();
        let cell = rest.iter().take_while(|b| !matches!(b, b'\t' | b'\r' | b'\n'));
        cell.map(|b| b.to_ascii_lowercase())
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
