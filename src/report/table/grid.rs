//! Tables without clutter: a rule below the heads, space between columns.
//!
//! In: heads and cells. Out: lines no wider than asked. Never: colour inside a cell, which would break the measure.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use super::super::plain;
use super::page::Page;

/// A column: its head, its widest wish, and whether numbers stand in it.
pub(super) struct Column {
    pub(super) head: &'static str,
    pub(super) most: usize,
    pub(super) number: bool,
}

impl Column {
    pub(super) fn new(head: &'static str, most: usize) -> Column {
        Column { head, most, number: false }
    }

    pub(super) fn number(head: &'static str, most: usize) -> Column {
        Column { head, most, number: true }
    }
}

/// Columns between two cells: one of padding, and the separator.
const GAP: usize = 2;
/// No column is squeezed below this, unless all of it is narrower.
const LEAST: usize = 10;

/// Draws rows of cells; a cell may hold several lines. `airy` leaves a line free between rows.
pub(super) fn draw(page: &mut Page, columns: &[Column], rows: &[Vec<String>], airy: bool) {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| plain::block(cell)).collect()).collect();
    let widths = widths(columns, &rows, page.width.saturating_sub(GAP * columns.len().saturating_sub(1)));
    let mut table = Table::new();
    let mark = page.marks.rule();
    let rule = LineStyle::none().fill(mark).junction(mark);
    table.load_style(TableStyle::new().header_separator(rule));
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.iter().zip(&widths).map(|(c, w)| wrapped(c.head, *w)));
    for (n, row) in rows.iter().enumerate() {
        if airy && n > 0 {
            table.add_row(columns.iter().map(|_| ""));
        }
        table.add_row(row.iter().zip(&widths).map(|(cell, w)| wrapped(cell, *w)));
    }
    for (n, column) in columns.iter().enumerate() {
        let Some(drawn) = table.column_mut(n) else { continue };
        drawn.set_padding((0, u16::from(n + 1 < columns.len())));
        if column.number {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
    }
    write(page, &table);
}

/// Heads and the rule below them are painted; the rows are left alone.
fn write(page: &mut Page, table: &Table) {
    let (mut head, mark) = (true, page.marks.rule());
    for line in table.lines() {
        let rule = head && !line.is_empty() && line.chars().all(|c| c == mark);
        let line = line.trim_end();
        let painted = match (head, rule) {
            (true, true) => page.paint.faint(line),
            (true, false) => page.paint.bold(line),
            (false, _) => line.to_owned(),
        };
        page.raw(&painted);
        head &= !rule;
    }
}

fn wrapped(text: &str, width: usize) -> String {
    plain::wrapped(text, width).join("\n")
}

/// Width of each column: what it holds, at most its wish; the widest give way until all fit.
fn widths(columns: &[Column], rows: &[Vec<String>], room: usize) -> Vec<usize> {
    let longest = |text: &str| text.split('\n').map(plain::width).max().unwrap_or(0);
    let mut widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(n, c)| {
            let cells = rows.iter().filter_map(|r| r.get(n)).map(|cell| longest(cell)).max().unwrap_or(0);
            cells.max(plain::width(c.head)).clamp(1, c.most)
        })
        .collect();
    while widths.iter().sum::<usize>() > room {
        let Some(widest) = widths.iter_mut().max().filter(|w| **w > LEAST) else { break };
        *widest -= 1;
    }
    widths
}
