//! The shape of the code: each stage imports only the model and the stages before it, and only `redact` vouches for
//! printable text.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders or files of `src` in the direction of data flow; each may use those before it.
const ORDER: [&str; 19] = [
    "pattern",
    "model",
    "knowledge",
    "rules",
    "source",
    "decode",
    "redact",
    "extract",
    "correlate",
    "diagnose",
    "rank",
    "report",
    "triage",
    "live",
    "sweep",
    "compare",
    "proof",
    "explain",
    "cli",
];

/// What a later module may use of an earlier position without being a stage of the flow.
const ALLOWED: [(&str, &str); 3] = [
    // The report is built from what a run found, and a run ends in a report: one type crosses back.
    ("report", "triage"),
    // Explaining words a code with the report's vocabulary, and the command line with both.
    ("explain", "report"),
    ("redact", "redact"),
];

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("src is readable") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn all_sources() -> Vec<PathBuf> {
    let mut out = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut out);
    out.sort();
    assert!(out.len() > 20, "the sources were not found");
    out
}

/// Name of the stage a file belongs to: its folder below `src`, or its own name.
fn stage(path: &Path) -> String {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("below src");
    let first = below.components().next().expect("a component").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

fn position(stage: &str) -> Option<usize> {
    ORDER.iter().position(|s| *s == stage)
}

#[test]
fn imports_follow_the_flow() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for path in all_sources() {
        let own = stage(&path);
        if own == "lib" || own == "main" || own == "sandbox" {
            continue;
        }
        let own_position = position(&own).unwrap_or_else(|| panic!("{own} has no place in ORDER"));
        for line in fs::read_to_string(&path).expect("readable").lines() {
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                let Some(used_position) = position(&used) else { continue };
                seen += 1;
                let allowed = ALLOWED.contains(&(own.as_str(), used.as_str()));
                if used_position > own_position && !allowed {
                    wrong.push(format!("{}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(seen > 50, "the scan found only {seen} imports: it looks in the wrong place");
    assert!(wrong.is_empty(), "against the flow:\n{}", wrong.join("\n"));
}

#[test]
fn only_redact_vouches_for_text() {
    let mut makers = Vec::new();
    for path in all_sources() {
        let text = fs::read_to_string(&path).expect("readable");
        if text.contains("Safe::vouched(") {
            makers.push(stage(&path));
        }
    }
    makers.dedup();
    assert_eq!(makers, ["redact"]);
}

#[test]
fn unsafe_code_stands_in_one_file() {
    let with: Vec<PathBuf> = all_sources()
        .into_iter()
        .filter(|p| {
            fs::read_to_string(p).expect("readable").lines().any(|l| {
                l.trim_start().starts_with("unsafe ")
                    || l.contains("allow(unsafe_code)")
                    || l.contains("= unsafe {")
            })
        })
        .collect();
    assert!(with.len() <= 1, "{with:?}");
}
