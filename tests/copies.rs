//! `redact` and `excerpt` as a person runs them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use hartriage::{Options, Triage};
use serde_json::Value;

fn run(args: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("hartriage")
        .expect("the program is built")
        .env("LC_ALL", "C.UTF-8")
        .args(args)
        .assert()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

fn stderr(done: &assert_cmd::assert::Assert) -> String {
    String::from_utf8_lossy(&done.get_output().stderr).into_owned()
}

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let entries = fs::read_dir(folder).expect("fixtures").map(|e| e.expect("an entry").path());
    let mut out: Vec<PathBuf> = entries.filter(|p| p.extension().is_none_or(|e| e != "tsv")).collect();
    out.sort();
    out
}

fn triage() -> Triage {
    Triage::new(Options::default()).expect("the rules are well-formed")
}

/// Ids of what failed, first one first.
fn first(triage: &Triage, path: &Path) -> Option<String> {
    let report = triage.run(&[text(path).to_owned()]);
    report.diagnoses.first().map(|d| d.id.clone())
}

#[test]
fn a_copy_gives_the_same_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let triage = triage();
    let (mut seen, mut named) = (0, 0);
    for kind in ["cases", "demo", "logs", "har"] {
        let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(kind);
        for more in [&[][..], &["--anonymize"]] {
            let out = folder.path().join(format!("{kind}{}", more.len()));
            let mut args = vec!["redact", text(&input), "-o", text(&out), "--quiet"];
            args.extend(more);
            run(&args).success();
            for case in fixtures(kind) {
                let copy = out.join(case.file_name().expect("a name"));
                assert_eq!(first(&triage, &copy), first(&triage, &case), "{} {more:?}", case.display());
                seen += 1;
                let all =
                    if copy.is_dir() { String::new() } else { fs::read_to_string(&copy).expect("text") };
                named += usize::from(all.contains("user1@domain1.example"));
            }
        }
    }
    assert!(seen > 100 && named > 5, "{seen} {named}");
}

#[test]
fn a_copy_that_gives_another_answer_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let inputs = folder.path().join("in");
    fs::create_dir(&inputs).expect("a folder");
    let (same, other) = (inputs.join("same.log"), inputs.join("other.log"));
    let refused = "AADSTS50105: Your administrator has configured the application to block users";
    fs::write(&same, format!("2026-11-20T08:15:30Z ERROR {refused}\n")).expect("written");
    // An error where a password belongs is hidden with it.
    fs::write(&other, format!("2026-11-20T08:15:30Z ERROR connect password=\"{refused}\"\n"))
        .expect("written");
    let out = folder.path().join("out");
    let said = |input: &Path, name: &str| {
        stderr(&run(&["redact", text(input), "-o", text(&folder.path().join(name))]).success())
    };
    assert!(said(&same, "a").contains("checked: the copy gives the same first diagnosis as the original"));
    let alone = said(&other, "b");
    assert!(
        alone.contains("the copy gives another first diagnosis") && !alone.contains("checked"),
        "{alone}"
    );
    let both = stderr(&run(&["redact", text(&inputs), "-o", text(&out)]).success());
    assert!(both.contains("checked: 1 of 2 copies give the same first diagnosis"), "{both}");
    assert!(both.contains("other.log: the copy gives another first diagnosis"), "{both}");
}

#[test]
fn an_excerpt_is_valid_and_gives_the_same_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let triage = triage();
    let (mut written, mut entries, mut all) = (0, 0, 0);
    for case in fixtures("cases").into_iter().chain(fixtures("demo")) {
        let findings = triage.run(&[text(&case).to_owned()]);
        let Some(wanted) = findings.diagnoses.first().filter(|d| d.kind != hartriage::model::Kind::Benign)
        else {
            run(&["excerpt", text(&case), "-o", text(&folder.path().join("none.har"))]).code(2);
            continue;
        };
        let out = folder.path().join(format!("{written}.har"));
        let done = Command::cargo_bin("hartriage")
            .expect("built")
            .args(["excerpt", text(&case), "-o", text(&out)])
            .output()
            .expect("run");
        let said = String::from_utf8_lossy(&done.stderr);
        if !done.status.success() {
            assert_eq!(done.status.code(), Some(2));
            assert!(said.contains("the proof is in no HAR"), "{}: {said}", case.display());
            assert!(!out.exists());
            continue;
        }
        written += 1;
        let har = har::from_path(&out).expect("a valid HAR");
        let har::Spec::V1_2(log) = har.log else { panic!("1.2") };
        assert!(log.comment.expect("a comment").starts_with(&wanted.id));
        entries += log.entries.len();
        all += usize::try_from(findings.inputs.iter().map(|i| i.events).sum::<u64>()).expect("few");
        let again = first(&triage, &out);
        if again.as_deref() != Some(wanted.id.as_str()) {
            assert!(
                said.contains("part of the proof is in another input"),
                "{}: {again:?} {said}",
                case.display()
            );
        }
    }
    eprintln!("{written} excerpts, {entries} of {all} events");
    assert!(written > 20 && entries * 2 < all);
    assert!(!folder.path().join("none.har").exists());
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a member");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("a zip").into_inner()
}

fn unzip(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    (0..archive.len())
        .map(|n| {
            let mut file = archive.by_index(n).expect("a member");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("read");
            (String::from_utf8_lossy(file.name_raw()).into_owned(), bytes)
        })
        .collect()
}

#[test]
fn archives_become_archives() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = "M.C507_BAY.2.U.aaaa1111bbbb2222cccc";
    let request = format!("GET /cb?code={secret} HTTP/1.1\r\nHost: app.example\r\n\r\n");
    let response =
        [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\xff".as_slice(), b"x"].concat();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let body = format!("{{\"access_token\":\"{secret}x\",\"scope\":\"Mail.Read\"}}");
    packed.write_all(body.as_bytes()).expect("written");
    let head =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n\r\n".as_slice();
    let second = [head, &packed.finish().expect("a stream")].concat();
    let inner = zip(&[("deep/app.log", format!("later it said {secret}\n").as_bytes())]);
    let outer = zip(&[
        ("raw/1_c.txt", request.as_bytes()),
        ("raw/1_s.txt", &response),
        ("raw/2_c.txt", request.as_bytes()),
        ("raw/2_s.txt", &second),
        ("../../evil\u{1b}[31m.txt", b"password=hunter2hunter2"),
        ("shot.png", b"\x89PNG\r\n\x1a\n0000"),
        ("inner.zip", &inner),
    ]);
    let (input, out) = (folder.path().join("case.saz"), folder.path().join("copy.saz"));
    fs::write(&input, outer).expect("written");
    let said = stderr(&run(&["redact", text(&input), "-o", text(&out)]).success());
    assert!(said.contains("left out: ") && said.contains("shot.png") && said.contains("no text"), "{said}");
    assert!(said.contains("code in") && !said.contains(secret) && !said.contains("hunter2"), "{said}");
    let members = unzip(&fs::read(&out).expect("the copy"));
    let names: Vec<&str> = members.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "evil⟨U+001B⟩[31m.txt",
            "inner.zip/deep/app.log",
            "raw/1_c.txt",
            "raw/1_s.txt",
            "raw/2_c.txt",
            "raw/2_s.txt"
        ]
    );
    assert!(members.values().all(|bytes| !String::from_utf8_lossy(bytes).contains("aaaa1111")));
    assert!(members["raw/1_s.txt"].ends_with(b"\r\n\r\n"), "the body that cannot be read is gone");
    let second = String::from_utf8_lossy(&members["raw/2_s.txt"]);
    assert!(second.contains("Mail.Read") && !second.contains("Content-Encoding"), "{second}");
    let again = folder.path().join("again.saz");
    run(&["redact", text(&input), "-o", text(&again)]).success();
    assert_eq!(fs::read(&out).expect("one"), fs::read(&again).expect("two"), "the same bytes each time");
}

#[test]
fn a_folder_becomes_a_folder_and_a_secret_of_one_file_is_hidden_in_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("in");
    fs::create_dir_all(input.join("sub")).expect("made");
    fs::write(input.join("a.log"), "the agent typed korrekt-pferd-batterie and left\n").expect("written");
    fs::write(input.join("sub/b.log"), "password=korrekt-pferd-batterie\n").expect("written");
    let out = folder.path().join("out");
    run(&["redact", text(&input), "-o", text(&out)]).success();
    for file in ["a.log", "sub/b.log"] {
        let copy = fs::read_to_string(out.join(file)).expect("a copy");
        assert!(!copy.contains("pferd") && copy.contains("redacted~password"), "{file}: {copy}");
    }
    assert_eq!(fs::read_dir(&out).expect("a folder").count(), 2);
    run(&["redact", text(&input), "-o", text(&out)]).code(2);
    run(&["redact", text(&input), "-o", text(&input.join("copy"))]).code(2);
    let file = input.join("a.log");
    run(&["redact", text(&file), "-o", text(&file)]).code(2);
    run(&["redact", text(&folder.path().join("none")), "-o", text(&folder.path().join("x"))]).code(2);
    let left: Vec<_> =
        fs::read_dir(folder.path()).expect("a folder").map(|e| e.expect("an entry").file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[cfg(unix)]
#[test]
fn the_map_is_private_and_tells_who_is_who() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let (input, out, map) =
        (folder.path().join("a.log"), folder.path().join("b.log"), folder.path().join("map.tsv"));
    fs::write(&input, "signed in as ada@contoso.example from 203.0.113.7\n").expect("written");
    run(&["redact", text(&input), "-o", text(&out), "--map", text(&map)]).code(2);
    run(&["redact", text(&input), "-o", text(&out), "--anonymize", "--map", text(&map)]).success();
    assert_eq!(
        fs::read_to_string(&out).expect("a copy"),
        "signed in as user1@domain1.example from 192.0.2.1\n"
    );
    let pairs = fs::read_to_string(&map).expect("a map");
    assert!(pairs.contains("user1\tada\n") && pairs.contains("domain1\tcontoso.example\n"), "{pairs}");
    assert_eq!(fs::metadata(&map).expect("there").permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_behind() {
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.har");
    fs::write(&out, "the old one").expect("written");
    for signal in ["-INT", "-TERM"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hartriage"))
            .args(["redact", "-", "-o", text(&out)])
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let part = folder.path().join("out.har.part");
        let begun = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(30));
            part.exists()
        });
        assert!(begun, "it writes aside");
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert!(
            Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill").success()
        );
        // Waiting would close its standard input, which ends it too.
        let ended = (0..100).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(30));
            child.try_wait().expect("asked")
        });
        assert_eq!(ended.and_then(|s| s.code()), Some(130));
        assert!(!part.exists(), "nothing half-written is left");
        assert_eq!(fs::read_to_string(&out).expect("there"), "the old one");
    }
}

/// An input that does not come to its end stands for one that takes too long.
#[test]
fn a_copy_that_takes_too_long_is_given_up() {
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.har");
    fs::write(&out, "the old one").expect("written");
    let mut child = Command::new(env!("CARGO_BIN_EXE_hartriage"))
        .args(["redact", "-", "-o", text(&out), "--time-limit", "1"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let input = child.stdin.take();
    let ended = (0..1000).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(30));
        child.try_wait().expect("asked")
    });
    drop(input);
    assert_eq!(ended.and_then(|s| s.code()), Some(2));
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
    assert!(said.contains("--time-limit"), "{said}");
    assert!(!folder.path().join("out.har.part").exists(), "nothing half-written is left");
    assert_eq!(fs::read_to_string(&out).expect("there"), "the old one");
}

/// In the middle of a folder, with some copies written and others not.
#[cfg(unix)]
#[test]
fn an_interrupt_in_a_folder_leaves_nothing_behind() {
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().expect("a folder");
    let (input, out) = (folder.path().join("in"), folder.path().join("out"));
    fs::create_dir(&input).expect("a folder");
    // More than are copied side by side, so that some are written while others are still to come.
    for n in 0..200 {
        let line =
            |i: usize| format!("2026-01-02 03:04:05 user{i} password=Hunter{n}-{i}-x said %22a%22 &amp; b\n");
        let text: String = (0..600).map(line).collect();
        fs::write(input.join(format!("{n}.log")), text).expect("written");
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_hartriage"))
        .args(["redact", text(&input), "-o", text(&out)])
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let part = folder.path().join("out.part");
    let begun = (0..3000).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        part.join(".3.part").exists()
    });
    assert!(begun, "the first copies are written aside");
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let left: Vec<_> = fs::read_dir(folder.path()).expect("there").flatten().map(|e| e.file_name()).collect();
    assert_eq!(left, ["in"], "nothing half-written is left");
}

/// The same bytes for any number of threads and whatever the order in which they end.
#[test]
fn threads_do_not_matter() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let (logs, case) = (cases.join("logs"), cases.join("cases/one-story-from-five-pieces"));
    for args in [
        vec!["diagnose", text(&case), "--format", "json"],
        vec!["diagnose", text(&logs), "--format", "html", "--anonymize"],
        vec!["facts", text(&case)],
        vec!["sweep", text(&logs), text(&case), "--format", "json"],
        vec!["sweep", text(&logs), text(&case), "--partial"],
    ] {
        let outputs: Vec<Vec<u8>> = ["1", "2", "8"]
            .iter()
            .map(|n| {
                let mut args = args.clone();
                args.extend(["--threads", n]);
                run(&args).success().get_output().stdout.clone()
            })
            .collect();
        assert!(outputs.iter().all(|o| *o == outputs[0]) && outputs[0].len() > 100, "{args:?}");
    }
}

/// Texts are looked at side by side, numbers are given in order.
#[test]
fn a_copy_is_the_same_for_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let copies: Vec<Vec<(PathBuf, Vec<u8>)>> = ["1", "2", "8"]
        .iter()
        .map(|threads| {
            let out = folder.path().join(threads);
            Command::cargo_bin("hartriage")
                .expect("the program is built")
                .env("RAYON_NUM_THREADS", threads)
                .args(["redact", text(&input), "-o", text(&out)])
                .assert()
                .success();
            let names = fixtures("demo").into_iter().map(|p| out.join(p.file_name().expect("a name")));
            names.map(|p| (p.file_name().expect("a name").into(), fs::read(p).expect("a copy"))).collect()
        })
        .collect();
    let marks = copies[0].iter().map(|(_, c)| String::from_utf8_lossy(c).matches("redacted~").count());
    assert!(marks.sum::<usize>() > 50);
    assert!(copies.iter().all(|c| *c == copies[0]));
}

/// Strings that do something elsewhere do nothing in any output.
#[test]
fn hostile_strings_are_inert() {
    let folder = tempfile::tempdir().expect("a folder");
    let evil = "\u{1b}[2J\u{202e}=HYPERLINK(1)<script>alert(1)</script>|`x`](javascript:1)";
    let input = folder.path().join("evil\u{1b}[31m<b>.log");
    let line = serde_json::json!({"level": "error", "upn": "=cmd@contoso.example", "tenant": evil,
        "message": format!("AADSTS50105: {evil} is not assigned")});
    fs::write(&input, format!("{line}\n")).expect("written");
    for format in ["table", "json", "ndjson", "markdown", "html", "csv"] {
        for command in ["diagnose", "sweep"] {
            let done = run(&[command, text(&input), "--format", format, "-v"]).success();
            let out = String::from_utf8_lossy(&done.get_output().stdout).into_owned() + &stderr(&done);
            assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'), "{command} {format}: {out}");
            match format {
                "html" => assert!(!out.contains("<script>alert") && !out.contains("<b>.log"), "{out}"),
                "csv" => assert!(
                    !out.split([',', '\n', '"'])
                        .any(|cell| cell.starts_with("=cmd") || cell.starts_with("=HYPER")),
                    "{out}"
                ),
                "json" => assert!(
                    serde_json::from_str::<Value>(&String::from_utf8_lossy(&done.get_output().stdout))
                        .is_ok()
                ),
                _ => {}
            }
        }
    }
}
