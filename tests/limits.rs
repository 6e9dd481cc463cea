//! Hostile and damaged files end in a note within the limits; and what a capture went through on its way changes
//! neither the diagnosis nor the codes.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use hartriage::model::Kind;
use hartriage::report::Report;
use hartriage::source::Limits;
use hartriage::{Options, Triage};
use proptest::prelude::*;

fn triage(limits: Limits) -> Triage {
    Triage::new(Options { limits, ..Options::default() }).expect("the built-in rules compile")
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).expect("a file");
    path
}

fn run_with(bytes: &[u8], limits: Limits) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let path = put(folder.path(), "case", bytes);
    triage(limits).run(&[path.to_string_lossy().into_owned()])
}

fn losses(report: &Report) -> Vec<String> {
    report.inputs.iter().flat_map(|i| i.lost.iter().map(|l| l.why.to_string())).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).expect("memory");
    out.finish().expect("memory")
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        out.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a member");
        out.write_all(bytes).expect("memory");
    }
    out.finish().expect("memory").into_inner()
}

#[test]
fn a_bomb_of_zips_is_stopped() {
    let limits = Limits { ratio_from: 8 << 20, ..Limits::default() };
    let inner = zip(&[("spaces.log", &vec![b' '; 4 << 20])]);
    let members: Vec<(String, &[u8])> = (0..64).map(|n| (format!("{n}.zip"), &inner[..])).collect();
    let members: Vec<(&str, &[u8])> = members.iter().map(|(n, b)| (n.as_str(), *b)).collect();
    let report = run_with(&zip(&members), limits);
    let lost = losses(&report);
    assert!(lost.iter().any(|w| w.contains("times its size; stopped")), "{lost:?}");
    assert!(lost.iter().any(|w| w.contains("the members that follow were not read")), "{lost:?}");
    let read: u64 = report.inputs.iter().map(|i| i.bytes).sum();
    assert!(read < 16 << 20, "{read} bytes came out");
}

#[test]
fn a_gzip_of_zeros_is_stopped() {
    let report = run_with(&gzip(&vec![0; 64 << 20]), Limits { ratio_from: 8 << 20, ..Limits::default() });
    let lost = losses(&report);
    assert!(lost.iter().any(|w| w.contains("times its size; stopped")), "{lost:?}");
    assert!(report.diagnoses.is_empty());
}

#[test]
fn ten_million_brackets() {
    for bytes in [vec![b'['; 10_000_000], b"{\"a\":".repeat(2_000_000)] {
        let report = run_with(&bytes, Limits::default());
        assert_eq!(report.inputs.len(), 1);
        assert!(!losses(&report).is_empty());
        assert!(report.diagnoses.is_empty());
    }
    let mut har = b"{\"log\":{\"entries\":[{\"request\":".to_vec();
    har.extend(b"{\"a\":".repeat(1_000_000));
    assert!(!losses(&run_with(&har, Limits::default())).is_empty());
}

#[test]
fn a_line_without_end() {
    let mut bytes = b"2026-03-03 12:00:00 ERROR ".to_vec();
    bytes.extend(b"lorem ipsum ".repeat(4_000_000));
    bytes.extend(b" AADSTS700082: The refresh token has expired due to inactivity.\n");
    let report = run_with(&bytes, Limits::default());
    assert!(losses(&report).iter().any(|w| w.contains("read in parts")), "{:?}", losses(&report));
    assert_eq!(report.inputs[0].bytes, bytes.len() as u64);
    assert!(codes(&report).contains(&"AADSTS700082".to_owned()), "{:?}", codes(&report));
}

#[cfg(unix)]
#[test]
fn links_pipes_and_locked_files() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().expect("a folder");
    let below = folder.path().join("case");
    fs::create_dir(&below).expect("a folder");
    put(&below, "app.log", b"2026-03-03 12:00:00 INFO start\n2026-03-03 12:00:01 INFO end\n");
    symlink(&below, below.join("again")).expect("a link");
    symlink("self", below.join("self")).expect("a link");
    let locked = put(&below, "locked.log", b"2026-03-03 12:00:00 INFO x\n");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).expect("permissions");
    let pipe = below.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|s| s.success());
    let report = triage(Limits::default()).run(&[below.to_string_lossy().into_owned()]);
    let of =
        |name: &str| report.inputs.iter().filter(|i| i.name.as_str().ends_with(name)).collect::<Vec<_>>();
    assert_eq!(of("app.log").len(), 1, "once, though a link leads there again");
    assert_eq!(of("self").len(), 1, "a link to itself is named");
    // Root reads it all the same.
    assert!(of("locked.log")[0].events > 0 || !of("locked.log")[0].lost.is_empty());
    if made {
        assert!(of("pipe")[0].lost[0].why.as_str().contains("named pipe"));
    }
}

/// The causes in order, and every code named.
fn causes(report: &Report) -> Vec<String> {
    report.diagnoses.iter().filter(|d| d.kind == Kind::Cause).map(|d| d.id.clone()).collect()
}

fn codes(report: &Report) -> Vec<String> {
    let mut all: Vec<String> =
        report.diagnoses.iter().flat_map(|d| d.codes.iter().map(|c| c.to_string())).collect();
    all.sort();
    all.dedup();
    all
}

fn capture() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/inputs/capture.har")).expect("a fixture")
}

/// The ways in which customers, mail programs and ticket systems wrap a file.
fn wrap(bytes: &[u8], how: u8) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    match how {
        0 => gzip(bytes),
        1 => zip(&[("photo.png", b"\x89PNG\r\n\x1a\n"), ("folder/login.har", bytes)]),
        2 => serde_json::json!({ "ticket": 7, "attachment": base64::engine::general_purpose::STANDARD.encode(bytes) })
            .to_string()
            .into_bytes(),
        3 => serde_json::json!({ "ticket": 7, "attachment": text }).to_string().into_bytes(),
        4 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        5 => [vec![0xFE, 0xFF], text.encode_utf16().flat_map(u16::to_be_bytes).collect()].concat(),
        6 => [b"\xEF\xBB\xBF".to_vec(), bytes.to_vec()].concat(),
        7 => format!("onInputData({text});").into_bytes(),
        _ => {
            let coded = base64::engine::general_purpose::STANDARD.encode(bytes);
            let lines: Vec<&str> =
                coded.as_bytes().chunks(76).map(|c| std::str::from_utf8(c).expect("ASCII")).collect();
            format!(
                "From: a@contoso.example\r\nTo: b@fabrikam.example\r\nMIME-Version: 1.0\r\nSubject: x\r\n\
                 Content-Type: application/json; name=\"x.har\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
                lines.join("\r\n")
            )
            .into_bytes()
        }
    }
}

#[test]
fn every_wrapping_by_itself() {
    let bytes = capture();
    let plain = run_with(&bytes, Limits::default());
    assert_eq!(causes(&plain), ["refresh-token-expired"]);
    for how in 0..=8 {
        let report = run_with(&wrap(&bytes, how), Limits::default());
        assert_eq!((causes(&report), codes(&report)), (causes(&plain), codes(&plain)), "wrapping {how}");
        // What a ticket system holds as base64 may be wrapped already.
        let report = run_with(&wrap(&wrap(&bytes, how), 2), Limits::default());
        assert_eq!(
            (causes(&report), codes(&report)),
            (causes(&plain), codes(&plain)),
            "wrapping {how} in base64"
        );
    }
}

/// Either the failing entry was whole enough and gives the same answer, or the loss is said.
fn cut_at(length: usize) -> Result<(), String> {
    let bytes = capture();
    let plain = run_with(&bytes, Limits::default());
    let report = run_with(&bytes[..length], Limits::default());
    let same = causes(&report) == causes(&plain) && codes(&report) == codes(&plain);
    if !same && losses(&report).is_empty() {
        return Err(format!("cut at {length}: {:?}", causes(&report)));
    }
    match codes(&report).into_iter().find(|code| !codes(&plain).contains(code)) {
        Some(half) => Err(format!("cut at {length}: half a code was taken for a whole one: {half}")),
        None => Ok(()),
    }
}

#[test]
fn cut_near_the_beginning() {
    (0..64).for_each(|length| assert_eq!(cut_at(length), Ok(())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Wrapped twice, in any two ways that text and bytes allow.
    #[test]
    fn wrappings_in_wrappings(first in 0u8..=8, second in prop::sample::select(vec![0u8, 1, 2, 8])) {
        let bytes = capture();
        let plain = run_with(&bytes, Limits::default());
        let report = run_with(&wrap(&wrap(&bytes, first), second), Limits::default());
        prop_assert_eq!((causes(&report), codes(&report)), (causes(&plain), codes(&plain)), "{} in {}", first, second);
    }

    #[test]
    fn cut_anywhere(at in 0.0f64..1.0) {
        let length = (capture().len() as f64 * at) as usize;
        prop_assert_eq!(Ok(()), cut_at(length));
    }

    /// Several captures in one file.
    #[test]
    fn concatenated(count in 2usize..5, between in prop::sample::select(vec!["", "\n", "\r\n\r\n", ",", "\0"])) {
        let bytes = capture();
        let plain = run_with(&bytes, Limits::default());
        let text = String::from_utf8(bytes).expect("UTF-8");
        let report = run_with(vec![text; count].join(between).as_bytes(), Limits::default());
        prop_assert_eq!(report.inputs[0].events, 2 * count as u64);
        prop_assert_eq!((causes(&report), codes(&report)), (causes(&plain), codes(&plain)));
    }
}

/// Without any time, whatever the input: it is said where reading stopped, once, and nothing is made of the rest.
#[test]
fn no_time_is_left() {
    let line = "2026-03-02T08:00:00Z ERROR sync - AADSTS50105: not assigned to a role\n";
    let har = include_bytes!("../fixtures/demo/contoso-sign-in.har");
    // As long as what is read window by window.
    let long = gzip(&line.repeat(600_000).into_bytes());
    let cases: [(&[u8], &str); 3] = [(line.as_bytes(), "byte 0"), (har, ""), (&long, "byte 0")];
    for (bytes, place) in cases {
        let none = Limits { max_time: Some(std::time::Duration::ZERO), ..Limits::default() };
        let report = run_with(bytes, none);
        let over: Vec<&str> = report
            .inputs
            .iter()
            .flat_map(|i| &i.lost)
            .filter(|l| l.why.to_string().contains("--time-limit"))
            .map(|l| l.place.as_str())
            .collect();
        assert_eq!(over, [place]);
        assert!(report.diagnoses.is_empty());
    }
    for bytes in [line.as_bytes(), har] {
        let enough = Limits { max_time: Some(std::time::Duration::from_secs(3600)), ..Limits::default() };
        let report = run_with(bytes, enough);
        assert!(!report.diagnoses.is_empty() && losses(&report).is_empty(), "{:?}", losses(&report));
    }
}
