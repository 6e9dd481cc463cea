//! A long log is read window by window: that gives the events, facts and places that reading it as a whole gives.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use hartriage::decode::{self, Reach};
use hartriage::model::Source;
use hartriage::source::Limits;
use hartriage::{Observations, Options, Triage};

fn triage(window: usize) -> Triage {
    let limits = Limits { window, gate_from: 0, ..Limits::default() };
    Triage::new(Options { limits, ..Options::default() }).expect("the built-in rules compile")
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
    out.sort();
}

/// Every fixture that is a line log, made long.
fn long_logs() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut paths = Vec::new();
    ["inputs", "logs"].iter().for_each(|folder| files(&root.join(folder), &mut paths));
    let mut out = Vec::new();
    for path in paths {
        let bytes = fs::read(&path).expect("a fixture");
        let source = Source::whole("x", std::sync::Arc::new(bytes.clone()));
        let lines = decode::format_of(&source).is_some_and(|f| !matches!(f.reach, Reach::Whole));
        let text =
            std::str::from_utf8(&bytes).is_ok() && !bytes.contains(&0x1B) && !bytes.starts_with(b"From");
        // A paste, and a log without one line that begins a record: these are broken where a window ends.
        let paste = path.extension().is_some_and(|e| e == "txt") || path.ends_with("ews-soap.log");
        // A document with a capture in it.
        let paste = paste || path.extension().is_some_and(|e| e == "json");
        if lines && text && !paste {
            let one = [bytes.trim_ascii_end(), b"\n"].concat();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            out.push((name, one.repeat(300_000 / one.len() + 1)));
        }
    }
    assert!(out.len() > 30, "only {} logs among the fixtures", out.len());
    out
}

fn same(name: &str, whole: &Observations, parts: &Observations) {
    assert_eq!(whole.observed.len(), parts.observed.len(), "{name}");
    for (a, b) in whole.observed.iter().zip(&parts.observed) {
        assert_eq!(a, b, "{name}");
    }
    let told =
        |o: &Observations| o.inputs.iter().map(|i| (i.kind.clone(), i.bytes, i.events)).collect::<Vec<_>>();
    assert_eq!(told(whole), told(parts), "{name}");
}

#[test]
fn windows_give_what_the_whole_gives() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("long.log");
    let (whole, parts) = (triage(1 << 30), triage(48 << 10));
    for (name, bytes) in long_logs() {
        fs::write(&path, &bytes).expect("a file");
        let input = [path.to_string_lossy().into_owned()];
        let read = whole.observe(&input);
        assert!(read.inputs[0].events > 0, "{name}");
        same(&name, &read, &parts.observe(&input));
    }
}

#[test]
fn a_long_log_in_an_archive_or_on_a_pipe() {
    let folder = tempfile::tempdir().expect("a folder");
    let logs = long_logs();
    let (name, bytes) = logs.iter().find(|(n, _)| n == "kubernetes.log").expect("the fixture");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).expect("memory");
    let path = folder.path().join("long.log");
    fs::write(&path, bytes).expect("a file");
    let whole = triage(1 << 30).observe(&[path.to_string_lossy().into_owned()]);
    fs::write(&path, packed.finish().expect("memory")).expect("a file");
    let parts = triage(48 << 10);
    same(name, &whole, &parts.observe(&[path.to_string_lossy().into_owned()]));
    same(name, &whole, &parts.observe_reader("-", bytes.as_slice()));
}
