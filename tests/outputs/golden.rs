//! What the program prints for the demo: every format in both languages, letter for letter. A difference is read before it
//! is accepted. Nothing in it depends on the day, the machine or the number of threads; the version is masked.

use std::path::Path;
use std::process::Command;

use unicode_width::UnicodeWidthStr as _;

use super::snapshot;

/// Name of the snapshot, and the flags.
const FORMATS: [(&str, &[&str]); 9] = [
    ("table-80", &["--format", "table"]),
    ("table-140", &["--format", "table"]),
    ("table-ascii", &["--format", "table", "--ascii"]),
    ("json", &["--format", "json"]),
    ("ndjson", &["--format", "ndjson"]),
    ("markdown", &["--format", "markdown"]),
    ("csv", &["--format", "csv"]),
    ("html", &["--format", "html"]),
    ("sarif", &["--format", "sarif"]),
];

fn printed(args: &[&str], width: usize) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_hartriage"))
        .args(args)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .env("COLUMNS", width.to_string())
        .env_remove("FORCE_HYPERLINK")
        .output()
        .expect("the program runs");
    String::from_utf8(done.stdout).expect("UTF-8").replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

fn demo(flags: &[&str], lang: &str, width: usize) -> String {
    // Without the sandbox a line says so where the kernel has none: with the flag it says so everywhere.
    printed(&[&["fixtures/demo", "--no-sandbox", "--lang", lang][..], flags].concat(), width)
}

#[test]
fn the_demo_in_every_format_and_language() {
    for lang in ["en", "ja"] {
        for (name, flags) in FORMATS {
            let width = if name.ends_with("140") { 140 } else { 80 };
            let text = demo(flags, lang, width);
            if name.starts_with("table") {
                assert!(text.lines().all(|l| l.width() <= width), "{name}: a line is too wide");
            }
            snapshot(&format!("demo-{name}-{lang}"), &text.replace("\r\n", "↵\n"));
        }
    }
}

#[test]
fn ascii_is_ascii() {
    let text = demo(&["--ascii", "-v"], "en", 80);
    let strange: Vec<char> = text.chars().filter(|c| !c.is_ascii() && !matches!(c, '…')).collect();
    // What the input says keeps its characters; our own marks are gone.
    assert!(strange.iter().all(|c| "·".contains(*c)) && strange.len() < 5, "{strange:?}");
    for mark in ["─", "│", "✓", "✗", "›", "▮", "━", "×", "–"] {
        assert!(!text.contains(mark), "{mark}");
        assert!(mark == "–" || demo(&["-v"], "en", 80).contains(mark), "{mark} is in no table");
    }
    assert!(text.contains("sign-in [FAILED]") && text.contains("^^^^^^^^^^^ main evidence"));
    let ja = demo(&["--ascii", "-v"], "ja", 80);
    assert!(!ja.contains(['─', '│', '✓', '✗', '›', '▮', '━', '×']));
}

#[test]
fn excel_gets_a_byte_order_mark_and_nothing_else() {
    for command in ["diagnose", "sweep"] {
        let with = printed(&[command, "fixtures/demo", "--format", "csv", "--excel"], 80);
        let without = printed(&[command, "fixtures/demo", "--format", "csv"], 80);
        assert_eq!(with.strip_prefix('\u{feff}'), Some(without.as_str()));
        assert!(without.ends_with("\r\n") && !without.starts_with('\u{feff}'));
    }
    let wrong =
        Command::new(env!("CARGO_BIN_EXE_hartriage")).args(["--excel", "x"]).output().expect("it runs");
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn no_link_in_a_pipe_or_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("answer.txt");
    let done = Command::new(env!("CARGO_BIN_EXE_hartriage"))
        .args(["fixtures/demo", "--color", "always"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .envs([("FORCE_HYPERLINK", "1"), ("TERM_PROGRAM", "vscode"), ("TERM", "xterm-kitty")])
        .output()
        .expect("the program runs");
    let text = String::from_utf8(done.stdout).expect("UTF-8");
    assert!(text.contains("\u{1b}[") && !text.contains("\u{1b}]"));
    let done = Command::new(env!("CARGO_BIN_EXE_hartriage"))
        .args(["fixtures/demo", "-o", file.to_str().expect("a plain path")])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .env("FORCE_HYPERLINK", "1")
        .status()
        .expect("the program runs");
    assert!(done.success() && !std::fs::read_to_string(file).expect("the answer").contains('\u{1b}'));
}
