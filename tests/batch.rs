//! `sweep` and `merge` as a person runs them.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

fn run(args: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("hartriage")
        .expect("the program is built")
        .env("LC_ALL", "C.UTF-8")
        .args(args)
        .assert()
}

fn stdout(args: &[&str]) -> String {
    let done = run(args).success();
    String::from_utf8(done.get_output().stdout.clone()).expect("output is UTF-8")
}

fn guid(n: usize) -> String {
    format!("{n:08}-1111-4222-8333-444455556666")
}

/// An exported sign-in record of one customer: tenant, account, code.
fn record(n: usize, code: u32, said: &str) -> String {
    let record = json!({
        "createdDateTime": format!("2026-11-2{}T{:02}:00:00Z", n % 3, 8 + n % 9),
        "userPrincipalName": format!("user{n}@contoso{n}.example"),
        "appId": guid(77),
        "resourceTenantId": guid(n),
        "homeTenantId": guid(n),
        "correlationId": guid(n + 5000),
        "clientAppUsed": "Browser",
        "status": { "errorCode": code, "failureReason": said },
    });
    format!("{record}\n")
}

/// Twelve inputs: seven of a vendor's expired secret (seven tenants), three unassigned users, one without anything,
/// one that is no text at all.
fn write_inputs(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for n in 0..10 {
        let text = if n < 7 {
            record(n, 7_000_222, "The provided client secret keys for app are expired.")
        } else {
            record(n, 50_105, "The signed in user is not assigned to a role for the application.")
        };
        out.push((format!("case{n}.log"), text.into_bytes()));
    }
    out.push(("quiet.log".into(), b"2026-11-23T08:00:00Z INFO nothing of note happened here\n".to_vec()));
    out.push(("rubbish.bin".into(), (0..4000_u32).map(|n| (n * 7919 % 251) as u8 & 0x1f).collect()));
    out.into_iter()
        .map(|(name, bytes)| {
            let path = folder.join(name);
            fs::write(&path, bytes).expect("the folder can be written");
            path
        })
        .collect()
}

fn names(paths: &[PathBuf]) -> Vec<&str> {
    paths.iter().map(|p| p.to_str().expect("a plain path")).collect()
}

fn sweep(paths: &[PathBuf], more: &[&str]) -> String {
    let mut args = vec!["sweep", "--lang", "en"];
    args.extend(names(paths));
    args.extend(more);
    stdout(&args)
}

#[test]
fn counts_add_up_and_the_vendors_cause_comes_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = write_inputs(folder.path());
    let json: Value = serde_json::from_str(&sweep(&paths, &["--format", "json"])).expect("JSON");
    assert_eq!(json["schema"], "hartriage.sweep/1");
    let rows = json["rows"].as_array().expect("rows");
    assert_eq!(rows[0]["key"], "client-credential-invalid", "{json:#}");
    assert_eq!(rows[0]["vendor_wide"], true);
    assert_eq!(
        ["attempts", "tenants", "accounts", "inputs"].map(|k| rows[0][k].as_u64()),
        [Some(7); 4],
        "{json:#}"
    );
    assert_eq!(rows[1]["key"], "user-not-assigned");
    assert_eq!((&rows[1]["vendor_wide"], rows[1]["attempts"].as_u64()), (&Value::Bool(false), Some(3)));
    assert_eq!(rows[0]["first_seen"], "2026-11-20T08:00:00Z");
    let example = &rows[0]["representative"];
    assert!(example["source"].as_str().is_some_and(|s| s.ends_with("case0.log")), "{example:#}");
    assert_eq!(example["line"], 1);
    assert!(example["text"].as_str().is_some_and(|t| t.contains("7000222")));
    let trend: u64 =
        rows[0]["trend"].as_array().expect("a trend").iter().filter_map(|b| b["attempts"].as_u64()).sum();
    assert_eq!(trend, 7);
    let of = |k: &str| json["inputs"][k].as_u64().expect("a number");
    assert_eq!(of("found"), 12);
    assert_eq!(of("read") + of("partly_read") + of("not_read"), 12);
    let results = ["with_cause", "all_worked", "nothing_to_report", "left_out_by_filters"].map(of);
    assert_eq!(results.iter().sum::<u64>(), of("read") + of("partly_read"));
    assert_eq!((results[0], results[2], of("not_read")), (10, 1, 1));
}

#[test]
fn parts_merge_to_the_bytes_of_one_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = write_inputs(folder.path());
    let aside = tempfile::tempdir().expect("a folder");
    let all = [folder.path().to_path_buf()];
    let parts: Vec<PathBuf> = (0..3).map(|n| aside.path().join(format!("{n}.hts"))).collect();
    for (n, part) in parts.iter().enumerate() {
        let third: Vec<PathBuf> = paths.iter().skip(n).step_by(3).cloned().collect();
        sweep(&third, &["--partial", "-o", part.to_str().expect("a plain path")]);
    }
    for format in ["table", "json", "ndjson", "markdown", "csv", "html"] {
        let whole = sweep(&all, &["--format", format]);
        let one_thread = sweep(&all, &["--format", format, "--threads", "1"]);
        assert_eq!(whole, one_thread);
        for order in [[0, 1, 2], [2, 0, 1]] {
            let mut args = vec!["merge", "--lang", "en", "--format", format];
            let files = order.map(|n| parts[n].to_str().expect("a plain path"));
            args.extend(files);
            assert_eq!(stdout(&args), whole, "{format}");
        }
    }
    let both = aside.path().join("both.hts");
    let file = |p: &PathBuf| p.to_str().expect("a plain path").to_owned();
    stdout(&["merge", "--partial", "-o", &file(&both), &file(&parts[0]), &file(&parts[1])]);
    let twice = stdout(&["merge", "--lang", "en", "--format", "json", &file(&parts[2]), &file(&both)]);
    assert_eq!(twice, sweep(&all, &["--format", "json"]));
}

#[test]
fn other_groupings() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = write_inputs(folder.path());
    let rows = |by: &str| {
        let json: Value =
            serde_json::from_str(&sweep(&paths, &["--format", "json", "--group-by", by])).expect("JSON");
        json["rows"].as_array().expect("rows").clone()
    };
    assert_eq!(rows("tenant").len(), 10);
    assert_eq!(rows("account").len(), 10);
    assert_eq!(rows("input").len(), 10);
    let codes = rows("code");
    assert_eq!(codes[0]["key"], "AADSTS7000222");
    assert_eq!(codes[0]["causes"][0]["id"], "client-credential-invalid");
    assert_eq!(codes[0]["attempts"], 7);
    assert_eq!(rows("app").len(), 1);
}

#[test]
fn filters_hold_for_every_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = write_inputs(folder.path());
    let tenant = guid(8);
    for format in ["table", "json", "ndjson", "markdown", "csv", "html"] {
        let text = sweep(&paths, &["--format", format, "--tenant", &tenant]);
        assert!(
            text.contains("user-not-assigned") || text.contains("user\\-not\\-assigned"),
            "{format}: {text}"
        );
        assert!(!text.contains("client-credential-invalid"), "{format}: {text}");
    }
    let late = sweep(&paths, &["--format", "csv", "--since", "2026-12-01"]);
    assert_eq!(late.lines().count(), 1, "{late}");
    let sure = sweep(&paths, &["--format", "csv", "--min-confidence", "100"]);
    assert_eq!(sure.lines().count(), 1, "{sure}");
}

#[test]
fn the_last_line_says_what_became_of_the_inputs() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = write_inputs(folder.path());
    let text = sweep(&paths, &[]);
    let last = text.lines().last().unwrap_or_default();
    assert_eq!(
        last,
        "12 inputs found: 11 read, 0 partly read, 1 not read. Of the 11 that could be read, 10 hold a cause, in 0 all \
         worked, 1 had nothing to report."
    );
    assert!(text.contains("rubbish.bin · not read"), "{text}");
    let mut args = vec!["sweep", "--lang", "ja"];
    args.extend(names(&paths));
    assert!(stdout(&args).lines().last().is_some_and(|l| l.starts_with("入力 12 件: 読み取り 11 件")));
}

#[test]
fn what_cannot_be_merged_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = write_inputs(folder.path());
    let file = |name: &str| folder.path().join(name).to_str().expect("a plain path").to_owned();
    sweep(&paths[..1], &["--partial", "-o", &file("a.hts")]);
    sweep(&paths[1..2], &["--partial", "--group-by", "tenant", "-o", &file("b.hts")]);
    let refused = run(&["merge", &file("a.hts"), &file("b.hts")]).code(2);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("--group-by"));
    run(&["merge", &file("case0.log")]).code(2);
    run(&["merge", &file("none.hts")]).code(2);
    run(&["sweep", &file("rubbish.bin")]).code(2);
}

#[test]
fn an_archive_is_one_case() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("case.tar");
    let mut tar = tar::Builder::new(fs::File::create(&path).expect("the folder can be written"));
    for (name, n) in [("one.log", 1), ("two.log", 2)] {
        let text = record(n, 50_105, "The signed in user is not assigned to a role for the application.");
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, text.as_bytes()).expect("it fits");
    }
    tar.finish().expect("it ends");
    let of = |by: &str| -> Value {
        serde_json::from_str(&sweep(std::slice::from_ref(&path), &["--format", "json", "--group-by", by]))
            .expect("JSON")
    };
    let json = of("cause");
    let row = &json["rows"][0];
    assert_eq!(
        (&json["inputs"]["found"], &row["inputs"], &row["attempts"]),
        (&json!(1), &json!(1), &json!(2))
    );
    let source = row["representative"]["source"].as_str().unwrap_or_default();
    assert!(source.ends_with("case.tar!/one.log"), "{source}");
    assert!(of("input")["rows"][0]["key"].as_str().is_some_and(|k| k.ends_with("case.tar")));
}

#[test]
fn no_secret_reaches_a_table_or_a_part() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = "M.C123_BAY.2.U.aaaabbbb-cccc-4ddd-8eee-ffff00001111";
    let url = format!(
        "https://app.example/cb?error=access_denied&error_description=AADSTS50105%3A%20no&code={secret}"
    );
    let path = folder.path().join("url.txt");
    fs::write(&path, url).expect("the folder can be written");
    for more in [vec!["--format", "json"], vec!["--partial"], vec!["--format", "html"], vec![]] {
        let text = sweep(std::slice::from_ref(&path), &more);
        assert!(text.contains("50105") && !text.contains("aaaabbbb"), "{text}");
    }
}

#[test]
fn pseudonyms_are_one_over_all_inputs_and_parts() {
    let folder = tempfile::tempdir().expect("a folder");
    let aside = tempfile::tempdir().expect("a folder");
    let paths = write_inputs(folder.path());
    let file = |name: &str| aside.path().join(name).to_str().expect("a plain path").to_owned();
    for by in ["cause", "account"] {
        let whole = sweep(&paths, &["--format", "json", "--anonymize", "--group-by", by]);
        assert!(!whole.contains("contoso"), "{whole}");
        let json: Value = serde_json::from_str(&whole).expect("JSON");
        let rows = json["rows"].as_array().expect("rows");
        let accounts: u64 = rows.iter().filter_map(|r| r["accounts"].as_u64()).sum();
        assert_eq!(accounts, 10, "{json:#}");
        sweep(&paths[..5], &["--partial", "--group-by", by, "-o", &file("a.hts")]);
        sweep(&paths[5..], &["--partial", "--group-by", by, "-o", &file("b.hts")]);
        let args =
            ["merge", "--lang", "en", "--format", "json", "--anonymize", &file("b.hts"), &file("a.hts")];
        assert_eq!(stdout(&args), whole);
    }
    let mut args = vec!["sweep", "--partial", "--anonymize"];
    args.extend(names(&paths));
    run(&args).code(2);
}
