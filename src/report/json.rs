//! `--format json`: the frozen `hartriage.report/1`.

use super::Report;

/// The report as JSON, indented, with a final newline.
pub(super) fn render(report: &Report) -> String {
    let mut text =
        serde_json::to_string_pretty(report).expect("a report holds only strings, numbers and lists");
    text.push('\n');
    text
}
