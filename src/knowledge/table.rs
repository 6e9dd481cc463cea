//! A tab-separated table in memory: comment lines, one header line, rows.

use std::collections::HashMap;

pub(super) struct Table {
    rows: Vec<Row>,
    /// First column in lower case → rows, in order.
    index: HashMap<String, Vec<usize>>,
}

#[derive(Debug, Clone)]
pub(super) struct Row(Vec<&'static str>);

impl Row {
    /// The cell in that column; empty where the row is short.
    pub(super) fn cell(&self, column: usize) -> &'static str {
        self.0.get(column).copied().unwrap_or_default()
    }
}

impl Table {
    pub(super) fn parse(text: &'static str) -> Table {
        let rows: Vec<Row> = text
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
            .skip(1)
            .map(|line| Row(line.split('\t').map(str::trim).collect()))
            .collect();
        let mut index: HashMap<String, Vec<usize>> = HashMap::new();
        for (n, row) in rows.iter().enumerate() {
            index.entry(row.cell(0).to_ascii_lowercase()).or_default().push(n);
        }
        Table { rows, index }
    }

    pub(super) fn find(&self, key: &str) -> impl Iterator<Item = &Row> {
        let hits = self.index.get(&key.to_ascii_lowercase()).map(Vec::as_slice).unwrap_or_default();
        hits.iter().map(|n| &self.rows[*n])
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }
}
