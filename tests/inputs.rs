//! Every input format of `docs/inputs.md`, by its fixture: one decoder claims it, its records are counted, what cannot
//! be read is said, and the diagnosis is right. The table is `fixtures/inputs/expected.tsv`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hartriage::decode::{FORMATS, format_of};
use hartriage::model::Kind;
use hartriage::source::{self, Limits};
use hartriage::{Options, Triage};

const TABLE: &str = include_str!("../fixtures/inputs/expected.tsv");
const PAGE: &str = include_str!("../docs/inputs.md");

/// A line of the table: a source, the format that claims it, its events, its losses, and the first cause of its file.
struct Row {
    source: &'static str,
    format: &'static str,
    events: u64,
    lost: usize,
    first: Option<&'static str>,
}

impl Row {
    /// The file as a customer sends it.
    fn file(&self) -> &'static str {
        let whole = self.source.split("!/").next().unwrap_or_default();
        whole.split('/').next().unwrap_or_default()
    }
}

fn rows() -> Vec<Row> {
    let lines = TABLE.lines().filter(|l| !l.starts_with('#') && !l.is_empty());
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let [source, format, events, lost, first] = cells[..] else { panic!("{line:?}: not five cells") };
            Row {
                source,
                format,
                events: events.parse().expect("a number"),
                lost: lost.parse().expect("a number"),
                first: Some(first).filter(|f| *f != "-"),
            }
        })
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/inputs")
}

#[test]
fn every_fixture_is_in_the_table_and_on_the_page() {
    let named: BTreeSet<&str> = rows().iter().map(Row::file).collect();
    for entry in std::fs::read_dir(folder()).expect("the folder of fixtures") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        assert!(named.contains(name.as_str()) || name == "expected.tsv", "{name} is not in expected.tsv");
    }
    for name in named {
        assert!(folder().join(name).exists(), "{name} does not exist");
        assert!(PAGE.contains(&format!("`{name}`")), "{name} is not in docs/inputs.md");
    }
}

#[test]
fn every_format_has_a_fixture_and_a_row() {
    let claimed: BTreeSet<&str> = rows().iter().map(|r| r.format).collect();
    for format in FORMATS {
        let elsewhere =
            PAGE.lines().any(|l| l.contains(&format!("`{}`", format.name)) && l.contains("fixtures/logs/"));
        assert!(claimed.contains(format.name) || elsewhere, "no fixture is claimed by {}", format.name);
        assert!(PAGE.contains(&format!("`{}`", format.name)), "{} is not in docs/inputs.md", format.name);
    }
    // A row of the page names the fixture that proves it.
    let unproved: Vec<&str> = PAGE
        .lines()
        .filter(|l| l.starts_with("| ") && !l.starts_with("| Format") && !l.starts_with("| ---"))
        .filter(|l| !rows().iter().any(|r| l.contains(&format!("`{}`", r.file()))))
        .filter(|l| !l.contains("fixtures/logs/"))
        .take_while(|l| !l.starts_with("| | files opened"))
        .collect();
    assert!(unproved.is_empty(), "{unproved:#?}");
}

#[test]
fn exactly_one_decoder_claims_each_source() {
    for row in rows().iter().filter(|r| r.format != "unreadable") {
        let file = folder().join(row.file()).to_string_lossy().into_owned();
        let (found, _) = source::find(std::slice::from_ref(&file), &Limits::default());
        let sources: Vec<_> =
            found.iter().flat_map(|f| source::load(f, &Limits::default()).sources).collect();
        let wanted = folder().join(row.source).to_string_lossy().into_owned();
        let source =
            sources.iter().find(|s| s.name == wanted).unwrap_or_else(|| panic!("{wanted}: not there"));
        let head = &source.bytes()[..source.bytes().len().min(64 * 1024)];
        let mut claims: Vec<(u8, &str)> = FORMATS.iter().map(|f| ((f.claim)(head), f.name)).collect();
        claims.sort_by_key(|c| std::cmp::Reverse(c.0));
        assert!(claims[0].0 > claims[1].0, "{}: {claims:?}", row.source);
        assert_eq!(claims[0].1, row.format, "{}", row.source);
        assert_eq!(format_of(source).map(|f| f.name), Some(row.format));
    }
}

#[test]
fn every_fixture_is_read_and_diagnosed() {
    let triage = Triage::new(Options::default()).expect("the built-in rules compile");
    let rows = rows();
    let files: BTreeSet<&str> = rows.iter().map(Row::file).collect();
    let mut wrong = Vec::new();
    for file in files {
        let report = triage.run(&[folder().join(file).to_string_lossy().into_owned()]);
        for row in rows.iter().filter(|r| r.file() == file) {
            let of_row = report.inputs.iter().find(|i| {
                i.name.as_str().ends_with(&format!("inputs/{}", row.source)) && i.kind.as_str() == row.format
            });
            let Some(input) = of_row else {
                let got: Vec<_> = report.inputs.iter().map(|i| (i.name.as_str(), i.kind.as_str())).collect();
                wrong.push(format!("{}: not read as {}: {got:?}", row.source, row.format));
                continue;
            };
            if (input.events, input.lost.len()) != (row.events, row.lost) {
                wrong.push(format!("{}: {} events, {} losses", row.source, input.events, input.lost.len()));
            }
            let first = report.diagnoses.iter().find(|d| d.kind == Kind::Cause).map(|d| d.id.as_str());
            if first != row.first {
                wrong.push(format!("{}: first is {first:?}, not {:?}", row.source, row.first));
            }
        }
        let unlisted: Vec<&str> = report
            .inputs
            .iter()
            .map(|i| i.name.as_str())
            .filter(|n| !rows.iter().any(|r| n.ends_with(&format!("inputs/{}", r.source))))
            .collect();
        if !unlisted.is_empty() {
            wrong.push(format!("{file}: not in the table: {unlisted:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A container's prefix changes nothing of an access line: not the facts, and not what stands where they point to.
#[test]
fn access_lines_behind_a_prefix() {
    let triage = Triage::new(Options::default()).expect("the built-in rules compile");
    let of = |name: &str| {
        let path = folder().join(name);
        let bytes = std::fs::read(&path).expect("a fixture");
        let observed = triage.observe(&[path.to_string_lossy().into_owned()]).observed;
        let facts = observed.iter().flat_map(|e| e.facts.iter().map(|f| (&e.meta, f)));
        facts
            .map(|(meta, f)| {
                let (start, end) = (f.place.span.start as usize, f.place.span.end as usize);
                let there = String::from_utf8_lossy(&bytes[start..end]).into_owned();
                let stands = there.len() < 300 && there.contains(&f.value);
                (meta.status, meta.endpoint, meta.time, f.name.id(), f.value.clone(), stands)
            })
            .collect::<Vec<_>>()
    };
    let text = std::fs::read_to_string(folder().join("compose-access.log")).expect("a fixture");
    let bare = tempfile::tempdir().expect("a folder");
    let path = bare.path().join("access.log");
    let lines = text.lines().filter(|l| l.contains("HTTP/1.1")).map(|l| l.replace("web-1  | ", ""));
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).expect("a file");
    let wanted: Vec<_> = of(&path.to_string_lossy());
    assert!(wanted.iter().any(|w| (w.0, w.3, w.4.as_str()) == (Some(302), "entra-code", "50105")));
    for name in ["kubernetes-access.log", "compose-access.log", "docker-access.log"] {
        assert_eq!(of(name), wanted, "{name}");
    }
}

/// A code that was read with letters for digits is said to be less sure than the same code read well.
#[test]
fn a_misread_code_is_less_sure() {
    let triage = Triage::new(Options::default()).expect("the built-in rules compile");
    let text = std::fs::read_to_string(folder().join("ocr.txt")).expect("a fixture");
    let of = |text: &str| triage.report(&triage.investigate_text("ticket.txt", text));
    let (misread, read) = (of(&text), of(&text.replace("5O1O5", "50105")));
    let (less, more) = (&misread.diagnoses[0], &read.diagnoses[0]);
    assert_eq!((less.id.as_str(), more.id.as_str()), ("user-not-assigned", "user-not-assigned"));
    assert!(less.confidence + 15 <= more.confidence, "{} and {}", less.confidence, more.confidence);
    assert!(misread.adequacy.missing.iter().any(|m| m.as_str().contains("letters for digits")));
    assert!(!read.adequacy.missing.iter().any(|m| m.as_str().contains("letters for digits")));
}

#[test]
fn a_link_that_tells_nothing_is_named() {
    let triage = Triage::new(Options::default()).expect("the built-in rules compile");
    let link = "https://url.uk.m.mimecastprotect.com/s/AbCdEfGhIj?domain=app.contoso.example";
    let report = triage.run(&[link.to_owned()]);
    assert!(report.inputs[0].lost.iter().any(|l| l.why.as_str().contains("Mimecast")), "{:?}", report.inputs);
}
