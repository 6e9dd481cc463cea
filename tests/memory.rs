//! Hostile and huge inputs end in an answer or a note, within bounded resident memory. What is measured is the program
//! itself, as a process of its own. Built without optimisation, the largest are smaller.
#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io::{BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// The promise, in MiB.
const MOST: u64 = 512;
/// What line logs take, however long they are.
const LOG: u64 = 256;
const MIB: usize = 1 << 20;

fn scaled(full: usize) -> usize {
    if cfg!(debug_assertions) { full / 5 } else { full }
}

/// Runs `diagnose` and gives what it printed, with its peak of resident memory in MiB. The mark only grows, so that the
/// last look before the end sees all but the last milliseconds.
fn run(input: &Path) -> (serde_json::Value, u64) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_hartriage"))
        .args(["diagnose", "--quiet", "--format", "json"])
        .arg(input)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut out = child.stdout.take().expect("its output");
    let printed = std::thread::spawn(move || {
        let mut text = String::new();
        out.read_to_string(&mut text).map(|_| text)
    });
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().expect("a child").is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let mark = mark.and_then(|m| m.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok());
        peak = peak.max(mark.unwrap_or_default());
        std::thread::sleep(Duration::from_millis(2));
    }
    let text = printed.join().expect("a thread").expect("text");
    assert!(peak > 0, "it was never looked at");
    eprintln!("{}: {} MiB at most", input.display(), peak / 1024);
    (serde_json::from_str(&text).expect("a report"), peak / 1024)
}

fn losses(report: &serde_json::Value) -> String {
    report["inputs"].as_array().expect("inputs").iter().map(|i| i["lost"].to_string()).collect()
}

fn first(report: &serde_json::Value) -> &str {
    report["diagnoses"][0]["id"].as_str().unwrap_or_default()
}

fn at(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("a file");
    path
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

/// Some MiB of an ordinary log: every line is another, one in two thousand is a failure.
fn ordinary(mib: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(mib * MIB + 400);
    let (mut n, mut seed) = (0u64, 1u64);
    while text.len() < mib * MIB {
        n += 1;
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let clock = format!("{:02}:{:02}:{:02}", n / 3600 % 24, n / 60 % 60, n % 60);
        let line = if n.is_multiple_of(2000) {
            format!("2026-11-23T{clock}Z ERROR user{n}@contoso.example AADSTS50105: not assigned to a role\n")
        } else {
            format!("2026-11-23T{clock}Z INFO [worker-{}] GET /api/v3/deals/{seed:016x} -> 200\n", seed >> 60)
        };
        text.extend_from_slice(line.as_bytes());
    }
    text
}

#[test]
fn a_bomb_of_zips() {
    let folder = tempfile::tempdir().expect("a folder");
    let inner = zip(&[("spaces.log", &vec![b' '; 32 * MIB])]);
    let members: Vec<(String, &[u8])> = (0..64).map(|n| (format!("{n}.zip"), &inner[..])).collect();
    let members: Vec<(&str, &[u8])> = members.iter().map(|(n, b)| (n.as_str(), *b)).collect();
    let (report, peak) = run(&at(&folder, "bomb.zip", &zip(&members)));
    assert!(losses(&report).contains("times its size; stopped"), "{}", losses(&report));
    assert!(peak < MOST, "{peak} MiB");
}

#[test]
fn ten_gigabytes_of_zeros() {
    let folder = tempfile::tempdir().expect("a folder");
    let member = gzip(&vec![0; 64 * MIB]);
    let (report, peak) = run(&at(&folder, "zeros.gz", &member.repeat(160)));
    assert!(!losses(&report).is_empty() && report["diagnoses"].as_array().is_some_and(Vec::is_empty));
    assert!(peak < MOST, "{peak} MiB");
    // As text that is no log: held up to what may be held.
    let (report, peak) = run(&at(&folder, "blanks.gz", &gzip(&vec![b'\n'; 64 * MIB]).repeat(160)));
    assert!(losses(&report).contains("the rest was not read"), "{}", losses(&report));
    // As a log: stopped by what came out for what went in.
    let line = b"2026-11-23T08:00:00Z INFO nothing\n".repeat(MIB);
    let (report, peak_of_log) = run(&at(&folder, "same.log.gz", &gzip(&line).repeat(scaled(100))));
    assert!(losses(&report).contains("times its size; stopped"), "{}", losses(&report));
    assert!(peak_of_log < LOG, "{peak_of_log} MiB");
    assert!(peak < MOST, "{peak} MiB");
}

#[test]
fn ten_million_deep() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in [("deep.json", vec![b'['; 10_000_000]), ("deep.har", b"{\"log\":".repeat(1_500_000))]
    {
        let (report, peak) = run(&at(&folder, name, &bytes));
        assert!(losses(&report).len() > 2, "{name}: {report}");
        assert!(peak < MOST, "{peak} MiB");
    }
}

#[test]
fn a_line_of_a_gigabyte() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("line.log");
    let mut file = BufWriter::new(File::create(&path).expect("a file"));
    let part = b"lorem ipsum dolor ".repeat(60_000);
    file.write_all(b"2026-11-23T08:00:00Z ERROR ").expect("written");
    for _ in 0..scaled(1024) {
        file.write_all(&part).expect("written");
    }
    file.write_all(b" AADSTS700082: The refresh token has expired due to inactivity.\n").expect("written");
    drop(file);
    let (report, peak) = run(&path);
    assert_eq!(first(&report), "refresh-token-expired");
    assert_eq!(losses(&report).matches("read in parts").count(), 1, "{}", losses(&report));
    assert!(peak < LOG, "{peak} MiB");
}

#[test]
fn a_zipped_log_of_700_mebibytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let block = ordinary(scaled(140));
    let members = [gzip(&block)].concat().repeat(5);
    let (packed, peak) = run(&at(&folder, "app.log.gz", &members));
    assert_eq!(first(&packed), "user-not-assigned");
    assert_eq!(packed["inputs"][0]["bytes"].as_u64(), Some(5 * block.len() as u64));
    assert_eq!(losses(&packed), "[]", "read to its end");
    assert!(peak < LOG, "{peak} MiB");
    let one = zip(&[("server/app.log", &block)]);
    let (report, peak) = run(&at(&folder, "nested.zip", &zip(&[("inner.zip", &one)])));
    assert_eq!(first(&report), "user-not-assigned");
    assert!(losses(&report).chars().all(|c| "[]".contains(c)), "{}", losses(&report));
    assert!(peak < LOG, "{peak} MiB");
    // As it lies on a disk: the pages of the file do not stay.
    let path = folder.path().join("app.log");
    let mut file = File::create(&path).expect("a file");
    (0..5).for_each(|_| file.write_all(&block).expect("written"));
    drop(file);
    let (plain, peak) = run(&path);
    assert_eq!(plain["diagnoses"][0]["count"], packed["diagnoses"][0]["count"]);
    assert!(peak < LOG, "{peak} MiB");
}

#[test]
fn links_in_a_circle_and_a_locked_file() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = tempfile::tempdir().expect("a folder");
    symlink(folder.path(), folder.path().join("again")).expect("a link");
    symlink("self", folder.path().join("self")).expect("a link");
    let locked = at(&folder, "locked.log", b"2026-11-23T08:00:00Z INFO x\n");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).expect("permissions");
    let (report, peak) = run(folder.path());
    assert!(losses(&report).contains("the link leads nowhere"), "{}", losses(&report));
    assert!(peak < MOST, "{peak} MiB");
}
