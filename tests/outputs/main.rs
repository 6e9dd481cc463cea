//! Every output: what it looks like, and that no string of an input gets out of its place.

mod golden;
mod sample;
mod schema;

use hartriage::model::Lang;
use hartriage::report::{Canvas, Format, Report, render};
use unicode_width::UnicodeWidthStr as _;

use sample::{empty, hostile, ordinary, worked};

const LANGUAGES: [Lang; 2] = [Lang::En, Lang::Ja];

fn canvas(width: usize, colour: bool, verbose: bool) -> Canvas {
    Canvas { width, colour, verbose, ..Canvas::default() }
}

fn drawn(report: &Report, format: Format) -> String {
    render(report, format, &canvas(80, false, false))
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../snapshots");
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name.to_owned(), text));
}

#[test]
fn tables() {
    for (lang, code) in [(Lang::En, "en"), (Lang::Ja, "ja")] {
        for width in [80, 120] {
            let table = render(&ordinary(lang), Format::Table, &canvas(width, false, false));
            snapshot(&format!("table-{code}-{width}"), &table);
        }
        snapshot(&format!("table-{code}-worked"), &drawn(&worked(lang), Format::Table));
        snapshot(&format!("table-{code}-nothing"), &drawn(&empty(lang), Format::Table));
    }
    snapshot("table-en-verbose", &render(&ordinary(Lang::En), Format::Table, &canvas(80, false, true)));
}

#[test]
fn texts() {
    snapshot("markdown-en", &drawn(&ordinary(Lang::En), Format::Markdown));
    snapshot("markdown-ja", &drawn(&ordinary(Lang::Ja), Format::Markdown));
    snapshot("csv", &drawn(&ordinary(Lang::En), Format::Csv).replace("\r\n", "↵\n"));
    snapshot("ndjson", &drawn(&ordinary(Lang::En), Format::Ndjson));
    snapshot("html-en", &drawn(&ordinary(Lang::En), Format::Html));
    snapshot("html-ja-worked", &drawn(&worked(Lang::Ja), Format::Html));
}

#[test]
fn no_line_of_a_table_is_wider_than_the_canvas() {
    for lang in LANGUAGES {
        for report in [ordinary(lang), worked(lang), empty(lang), hostile(lang)] {
            for width in [60, 80, 97, 120, 200] {
                for verbose in [false, true] {
                    let table = render(&report, Format::Table, &canvas(width, false, verbose));
                    for line in table.lines() {
                        assert!(line.width() <= width, "{} > {width}: {line}", line.width());
                    }
                }
            }
        }
    }
}

#[test]
fn colour_changes_no_letter() {
    for lang in LANGUAGES {
        let plain = render(&ordinary(lang), Format::Table, &canvas(80, false, true));
        let coloured = render(&ordinary(lang), Format::Table, &canvas(80, true, true));
        assert!(coloured.contains('\u{1b}') && !plain.contains('\u{1b}'));
        let mut bare = String::new();
        for (n, part) in coloured.split('\u{1b}').enumerate() {
            bare.push_str(if n == 0 { part } else { part.split_once('m').expect("a whole sequence").1 });
        }
        let trim = |t: &str| t.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        assert_eq!(trim(&bare), trim(&plain));
    }
}

/// Characters that act on a terminal or turn text round.
fn active(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\r')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn no_drawn_format_lets_a_control_character_through() {
    for lang in LANGUAGES {
        for format in [Format::Table, Format::Markdown, Format::Csv, Format::Html, Format::Sarif] {
            let text = render(&hostile(lang), format, &canvas(80, false, true));
            assert_eq!(text.chars().find(|c| active(*c)), None, "{format:?}");
            assert!(text.contains("⟨U+202E⟩evil"), "{format:?}: the hostile text is not there at all");
        }
    }
}

#[test]
fn json_lines_hold_one_diagnosis_each() {
    let report = hostile(Lang::En);
    let text = drawn(&report, Format::Ndjson);
    assert_eq!(text.lines().count(), report.diagnoses.len());
    for (line, d) in text.lines().zip(&report.diagnoses) {
        let value: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        assert_eq!(value["id"], d.id.as_str());
        assert_eq!(value["title"], d.title.as_str());
        assert_eq!(value["inputs"][0], sample::HOSTILE);
    }
}

/// A small reader of RFC 4180, to look at cells as a spreadsheet would.
fn cells(csv: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = csv.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(!quoted && cell.is_empty() && row.is_empty(), "the file ends in the middle of a row");
    rows
}

#[test]
fn csv_cells_are_no_formulas() {
    let report = hostile(Lang::En);
    let rows = cells(&drawn(&report, Format::Csv));
    assert_eq!(rows.len(), report.diagnoses.len() + 1);
    let mut guarded = 0;
    for row in &rows {
        assert_eq!(row.len(), 20);
        for cell in row {
            assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            guarded += usize::from(cell.starts_with('\''));
        }
    }
    assert!(guarded >= 4 * 3, "only {guarded} cells were guarded");
}

#[test]
fn html_holds_no_markup_of_an_input() {
    for lang in LANGUAGES {
        let page = drawn(&hostile(lang), Format::Html);
        for tag in page.split('<').skip(1).filter_map(|t| t.split_once('>')).map(|(tag, _)| tag) {
            if tag.starts_with("meta http-equiv") {
                continue;
            }
            assert!(!tag.starts_with("script") && !tag.starts_with("img"), "{tag}");
            for forbidden in ["javascript:", " src=", " on", "http:", "https:", "evil"] {
                assert!(!tag.contains(forbidden), "{forbidden}: {tag}");
            }
        }
        assert!(page.contains("&lt;script&gt;") && !page.contains("@import") && !page.contains("url("));
        // Every link stays on the page.
        assert_eq!(page.matches("href=\"").count(), page.matches("href=\"#d").count());
        assert!(page.contains("default-src 'none'"));
        well_formed(&page);
    }
    well_formed(&drawn(&ordinary(Lang::En), Format::Html));
}

/// Every element that is opened is closed, in order, and every id is there once.
fn well_formed(page: &str) {
    const EMPTY: [&str; 4] = ["meta", "br", "!doctype", "!DOCTYPE"];
    let mut open: Vec<String> = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    let style_end = page.find("</style>").expect("a style");
    let style_start = page.find("<style>").expect("a style") + "<style>".len();
    let page = format!("{}{}", &page[..style_start], &page[style_end..]);
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        let name = tag.split([' ', '\n']).next().expect("a name");
        if let Some(id) = tag.split(" id=\"").nth(1).and_then(|t| t.split('"').next()) {
            assert!(!ids.contains(&id.to_owned()), "id {id} twice");
            ids.push(id.to_owned());
        }
        if let Some(closed) = name.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(closed));
        } else if !EMPTY.contains(&name) && !tag.ends_with('/') {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?} not closed");
}

#[test]
fn html_headings_descend_one_level_at_a_time() {
    for report in [ordinary(Lang::En), worked(Lang::En), empty(Lang::Ja)] {
        let page = drawn(&report, Format::Html);
        let mut before = 0;
        for at in page.match_indices("<h").map(|(at, _)| at) {
            let Some(level) = page[at + 2..].chars().next().and_then(|c| c.to_digit(10)) else { continue };
            assert!(level <= before + 1, "h{level} after h{before}");
            before = level;
        }
        assert_eq!(page.matches("<h1").count(), 1);
    }
}

#[test]
fn markdown_of_an_input_is_inert() {
    for lang in LANGUAGES {
        let text = drawn(&hostile(lang), Format::Markdown);
        let mut fence: Option<&str> = None;
        let mut fenced = 0;
        for line in text.lines() {
            let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
            match fence {
                Some(open) => {
                    if line == open {
                        fence = None;
                    } else {
                        assert!(!(ticks.len() >= open.len() && ticks == line), "closes the fence: {line}");
                    }
                }
                None if ticks.len() >= 3 => {
                    fence = Some(ticks);
                    fenced += 1;
                }
                None => inert(line),
            }
        }
        assert!(fence.is_none() && fenced >= 4);
        assert!(!text.contains("\n# not a heading") && !text.contains("\n# x\n> "));
    }
}

/// A line outside of fences: no raw HTML, and outside of code spans no link and no mark that is not escaped.
fn inert(line: &str) {
    let mut outside = String::new();
    let mut code = false;
    let mut escaped = false;
    for c in line.chars() {
        match c {
            '`' if !escaped => code = !code,
            c if !code => outside.push(c),
            _ => {}
        }
        escaped = c == '\\' && !escaped && !code;
    }
    assert!(!code, "a code span stays open: {line}");
    assert!(!outside.contains('<'), "{outside}");
    assert!(!outside.contains("://") && !outside.contains('@'), "{outside}");
    let bare = outside
        .replace("\\\\", "")
        .replace("\\*", "")
        .replace("\\_", "")
        .replace("\\[", "")
        .replace("\\]", "");
    let own = bare.replace("**", "");
    assert!(!own.contains(['*', '_', '[', ']']), "{line}");
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    for format in [
        Format::Table,
        Format::Json,
        Format::Ndjson,
        Format::Markdown,
        Format::Html,
        Format::Csv,
        Format::Sarif,
    ] {
        assert_eq!(drawn(&ordinary(Lang::Ja), format), drawn(&ordinary(Lang::Ja), format));
    }
}

fn linked(report: &Report) -> String {
    let links =
        hartriage::report::link::Links { host: "desk".to_owned(), folder: "/home/aki/cases".to_owned() };
    render(report, Format::Table, &Canvas { links: Some(links), ..canvas(80, false, true) })
}

#[test]
fn links_lead_to_the_file_and_change_no_letter() {
    let text = linked(&ordinary(Lang::En));
    assert!(
        text.contains("\u{1b}]8;id=1;file://desk/home/aki/cases/case.zip\u{1b}\\case.zip!/login.har"),
        "{text}"
    );
    let mut bare = String::new();
    for (n, part) in text.split("\u{1b}]8;").enumerate() {
        bare.push_str(if n == 0 { part } else { part.split_once("\u{1b}\\").expect("a whole sequence").1 });
    }
    assert_eq!(bare, render(&ordinary(Lang::En), Format::Table, &canvas(80, false, true)));
}

/// Every escape sequence of a page with links is one of ours, and its address is plain ASCII.
#[test]
fn a_hostile_name_gets_no_say_in_a_link() {
    let text = linked(&hostile(Lang::Ja));
    let mut open = false;
    for part in text.split('\u{1b}').skip(1) {
        match part.strip_prefix("]8;") {
            Some(";") => open = false,
            Some(link) => {
                let (_, uri) = link.split_once(';').expect("an address");
                assert!(
                    uri.starts_with("file://desk/") && uri.bytes().all(|b| b.is_ascii_graphic()),
                    "{uri}"
                );
                open = true;
            }
            None => assert!(part.starts_with('\\'), "{part}"),
        }
    }
    assert!(!open);
}

/// In a message of SARIF a viewer makes links of brackets; none of an input's may be left.
#[test]
fn messages_of_sarif_hold_no_link_of_an_input() {
    for lang in LANGUAGES {
        let log: serde_json::Value =
            serde_json::from_str(&drawn(&hostile(lang), Format::Sarif)).expect("JSON");
        let mut seen = 0;
        messages(&log, &mut |text| {
            seen += 1;
            let bare = text
                .replace("\\\\", "")
                .replace("\\[", "")
                .replace("\\]", "")
                .replace("{{", "")
                .replace("}}", "");
            assert!(!bare.contains(['[', ']', '\\', '{', '}']), "{text}");
        });
        assert!(seen > 5, "only {seen} messages");
    }
}

fn messages(value: &serde_json::Value, see: &mut impl FnMut(&str)) {
    match value {
        serde_json::Value::Object(fields) => {
            if let Some(text) = fields.get("message").and_then(|m| m["text"].as_str()) {
                see(text);
            }
            fields.values().for_each(|v| messages(v, see));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|v| messages(v, see)),
        _ => {}
    }
}
