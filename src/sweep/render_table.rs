//! `--format table`: for a terminal.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};

use super::model::Grouping;
use super::render::Canvas;
use super::render_lines::seen;
use super::view::{Line, View};
use super::words;
use crate::report::{plain, words as common};

/// Inputs named as not read.
const NAMED: usize = 20;
/// Lines of an example shown.
const EXAMPLE: usize = 2;
/// Columns from which each count has a column of its own.
const ROOMY: usize = 110;

pub(super) fn render(view: &View<'_>, canvas: Canvas) -> String {
    let lang = view.lang;
    let mut out = String::new();
    if view.rows.is_empty() {
        out.push_str(&format!("{}\n", words::NO_ROWS.get(lang)));
    } else {
        out.push_str(&format!("{}\n", table(view, canvas)));
        let scale = view.scale_words();
        if !scale.is_empty() {
            out.push_str(&format!("{scale}\n"));
        }
        out.push_str(&format!("\n{}\n", words::EXAMPLES.get(lang)));
        view.rows.iter().for_each(|line| out.push_str(&example(view, line, canvas)));
    }
    let not_read = view.not_read(NAMED);
    if !not_read.is_empty() {
        out.push_str(&format!("\n{}\n", words::NOT_READ.get(lang)));
        not_read.iter().for_each(|line| out.push_str(&hanging("  ", "    ", line, canvas)));
    }
    // One line, however long: it is the last one, and read as such.
    out.push_str(&format!("\n{}\n", view.summary()));
    out
}

/// A paragraph as wide as the page.
fn hanging(first: &str, next: &str, text: &str, canvas: Canvas) -> String {
    let room = canvas.width.saturating_sub(next.len()).max(20);
    let lines = plain::wrapped(&plain::line(text), room);
    let lines = lines.iter().enumerate();
    lines.map(|(n, line)| format!("{}{line}\n", if n == 0 { first } else { next })).collect()
}

/// Where the clearest case of a row stands and how it begins: two lines of each at most, as wide as the page.
fn example(view: &View<'_>, line: &Line<'_>, canvas: Canvas) -> String {
    let Some(e) = &line.row.example else { return String::new() };
    let mut out = String::new();
    let place = format!("{}, {} %", view.place(e), e.confidence);
    let room = canvas.width.saturating_sub(5).max(20);
    let text = plain::wrapped(&plain::line(e.text.as_str()), room);
    let cut = text.len() > EXAMPLE;
    for (n, part) in plain::wrapped(&plain::line(&place), room).iter().enumerate() {
        let lead = if n == 0 { format!("{:>3}. ", line.rank) } else { "     ".to_owned() };
        out.push_str(&format!("{lead}{part}\n"));
    }
    for (n, part) in text.iter().take(EXAMPLE).enumerate() {
        let more = if cut && n + 1 == EXAMPLE { " …" } else { "" };
        out.push_str(&format!("     {}{more}\n", fitting(part, room, more)));
    }
    out
}

/// The part, or as much of it as leaves room for the mark that follows.
fn fitting<'p>(part: &'p str, room: usize, more: &str) -> std::borrow::Cow<'p, str> {
    if more.is_empty() {
        return part.into();
    }
    plain::wrapped(part, room - 2).into_iter().next().unwrap_or_default().into()
}

fn table(view: &View<'_>, canvas: Canvas) -> String {
    let lang = view.lang;
    let mut table = Table::new();
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(canvas.width).unwrap_or(80));
    table.load_style(if canvas.ascii {
        comfy_table::presets::ASCII_BORDERS_ONLY_CONDENSED
    } else {
        comfy_table::presets::UTF8_BORDERS_ONLY
    });
    let narrow = canvas.width < ROOMY;
    let first = [common::RANK, words::grouping(view.group_by)];
    let counts = [words::ATTEMPTS, words::TENANTS, words::ACCOUNTS, words::INPUTS];
    let counts: &[words::Both] = if narrow { &[words::COUNTS] } else { &counts };
    let head = first.iter().chain(counts).chain([&words::SEEN]);
    table.set_header(head.map(|h| h.get(lang)));
    for line in &view.rows {
        table.add_row(cells(view, line, canvas, narrow));
    }
    table.trim_fmt()
}

fn cells(view: &View<'_>, line: &Line<'_>, canvas: Canvas, narrow: bool) -> Vec<Cell> {
    let r = line.row;
    let number = |n: String| Cell::new(n).set_alignment(CellAlignment::Right);
    let counts = [r.attempts, r.tenants.len() as u64, r.accounts.len() as u64, r.inputs];
    let mut cells = vec![number(line.rank.to_string()), Cell::new(what(view, line))];
    if narrow {
        let labels = [words::ATTEMPTS, words::TENANTS, words::ACCOUNTS, words::INPUTS];
        let each = counts.iter().zip(labels).map(|(n, label)| format!("{}: {n}", label.get(view.lang)));
        cells.push(number(each.collect::<Vec<_>>().join("\n")));
    } else {
        cells.extend(counts.iter().map(|n| number(n.to_string())));
    }
    let mut time = seen(line);
    let spark = view.spark(&r.trend, canvas.ascii);
    if !spark.trim().is_empty() {
        time.push(spark);
    }
    cells.push(Cell::new(time.join("\n")));
    cells
}

fn what(view: &View<'_>, line: &Line<'_>) -> String {
    let lang = view.lang;
    let mut parts = vec![line.label.to_string()];
    if line.vendor_wide {
        parts.push(format!("[{}]", words::WIDE.get(lang)));
    }
    if view.group_by == Grouping::Cause {
        let owner = line.causes.first().and_then(|c| c.owner).map(|o| common::owner(o).get(lang));
        let owner = owner.map(|o| format!(" · {o}")).unwrap_or_default();
        parts.push(format!("{}{owner}", line.key));
    } else {
        parts.push(line.cause_list(lang));
    }
    if view.group_by != Grouping::Code && !line.codes.is_empty() {
        parts.push(line.code_list(lang));
    }
    parts.join("\n")
}
