//! The built program, as people and scripts call it: exit codes, filters, formats, determinism, secrets.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

const FORMATS: [&str; 7] = ["table", "json", "ndjson", "markdown", "html", "csv", "sarif"];
const REFUSED: &str = "https://app.example/cb?error=access_denied&error_subcode=cancel&state=1";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fixture(path: &str) -> String {
    root().join("fixtures").join(path).to_string_lossy().into_owned()
}

/// The program in the folder of the project, with nothing of the caller's environment that could change its answer.
fn hartriage(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("hartriage").expect("the program is built");
    command.current_dir(root()).args(args).env("COLUMNS", "200").env("LC_ALL", "C").env_remove("NO_COLOR");
    command
}

struct Done {
    code: i32,
    out: String,
    err: String,
}

fn done(mut command: Command) -> Done {
    let output = command.output().expect("the program runs");
    Done {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn run(args: &[&str]) -> Done {
    done(hartriage(args))
}

fn json(args: &[&str]) -> Value {
    let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
    let done = run(&args);
    serde_json::from_str(&done.out).unwrap_or_else(|e| panic!("{e}: {}\n{}", done.err, done.out))
}

fn ids(report: &Value) -> Vec<String> {
    let all = report["diagnoses"].as_array().expect("diagnoses");
    all.iter().map(|d| d["id"].as_str().expect("an id").to_owned()).collect()
}

fn first_cause(report: &Value) -> Option<String> {
    let all = report["diagnoses"].as_array().expect("diagnoses");
    all.iter().find(|d| d["kind"] == "cause").map(|d| d["id"].as_str().expect("an id").to_owned())
}

#[test]
fn a_pasted_redirect_gets_a_ranked_answer_with_a_question() {
    let report = json(&[REFUSED]);
    assert_eq!(report["inputs"][0]["name"], "argument");
    assert_eq!(first_cause(&report).as_deref(), Some("consent-cancelled"));
    let rivals = report["diagnoses"][0]["rivals"].as_array().expect("rivals");
    let admin = rivals.iter().find(|r| r["id"] == "admin-consent-required").expect("the other reading");
    let question = admin["question"].as_str().expect("a question");
    assert!(question.ends_with('?'), "{question}");
    assert!(
        report["diagnoses"][0]["confidence"].as_u64().expect("a number") < 70,
        "the URL alone proves little"
    );
    let shown = run(&[REFUSED]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    let flat = |text: &str| {
        text.split(|c: char| c.is_whitespace() || c == '│' || c == '┆')
            .filter(|w| !w.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert!(flat(&shown.out).contains(&flat(question)), "the question is not shown:\n{}", shown.out);
}

#[test]
fn the_default_command_is_diagnose() {
    assert_eq!(run(&[REFUSED]).out, run(&["diagnose", REFUSED]).out);
}

#[test]
fn a_missing_file_is_named_and_ends_with_2() {
    let done = run(&["no/such/capture.har"]);
    assert_eq!(done.code, 2);
    let lines: Vec<&str> = done.err.lines().filter(|l| l.contains("no/such/capture.har")).collect();
    assert_eq!(lines.len(), 1, "{}", done.err);
    assert!(lines[0].starts_with("hartriage: "), "{}", lines[0]);
}

#[test]
fn wrong_usage_ends_with_2() {
    assert_eq!(run(&[]).code, 2);
    assert_eq!(run(&["--format", "pdf", REFUSED]).code, 2);
    assert_eq!(run(&["--since", "yesterday-ish", REFUSED]).code, 2);
    assert_eq!(run(&["--profile", "nobody", REFUSED]).code, 2);
}

#[test]
fn one_unreadable_input_stops_nothing_and_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let bad = folder.path().join("photo.har");
    std::fs::write(&bad, [0x00, 0xff, 0xfe, 0x13, 0x00, 0x00, 0x89, 0x50].repeat(64)).expect("a file");
    let gone = folder.path().join("gone.har");
    let (bad, gone) = (bad.to_string_lossy().into_owned(), gone.to_string_lossy().into_owned());
    let good = fixture("demo/contoso-sign-in.har");
    let args = [bad.as_str(), good.as_str(), gone.as_str()];
    let report = json(&args);
    assert_eq!(first_cause(&report).as_deref(), Some("user-not-assigned"));
    for name in [&bad, &gone] {
        let inputs = report["inputs"].as_array().expect("inputs");
        let input = inputs
            .iter()
            .find(|i| i["name"] == name.as_str())
            .unwrap_or_else(|| panic!("{name} is not named"));
        let lost = input["lost"].as_array().expect("lost");
        assert!(
            !lost.is_empty() && lost.iter().all(|l| l["why"].as_str().is_some_and(|w| !w.is_empty())),
            "{input}"
        );
    }
    let shown = run(&args);
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(shown.err.contains("photo.har") && shown.err.contains("gone.har"), "{}", shown.err);
    assert!(shown.out.contains("user-not-assigned"), "{}", shown.out);
}

#[test]
fn a_dash_reads_standard_input() {
    let mut command = hartriage(&["--format", "json", "-"]);
    command.write_stdin(std::fs::read(fixture("demo/contoso-sign-in.har")).expect("the demo"));
    let report: Value = serde_json::from_str(&done(command).out).expect("JSON");
    assert_eq!(report["inputs"][0]["name"], "-");
    assert_eq!(first_cause(&report).as_deref(), Some("user-not-assigned"));
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn the_json_has_the_frozen_keys_in_the_frozen_order() {
    let report = json(&[&fixture("demo")]);
    assert_eq!(report["schema"], "hartriage.report/1");
    assert_eq!(
        keys(&report),
        [
            "schema",
            "tool",
            "inputs",
            "adequacy",
            "attempts",
            "diagnoses",
            "identities",
            "scopes",
            "not_evaluated",
            "unknown_codes"
        ]
    );
    assert_eq!(keys(&report["tool"]), ["version", "rules_date"]);
    assert_eq!(keys(&report["inputs"][0]), ["name", "kind", "bytes", "events", "lost"]);
    assert_eq!(keys(&report["adequacy"]), ["verdict", "missing", "recapture"]);
    assert_eq!(
        keys(&report["attempts"][0]),
        ["id", "outcome", "stage", "tenant", "app", "account", "first_seen", "last_seen", "diagnoses"]
    );
    let diagnosis = &report["diagnoses"][0];
    assert_eq!(
        keys(diagnosis),
        [
            "rank",
            "id",
            "kind",
            "title",
            "severity",
            "confidence",
            "owner",
            "count",
            "codes",
            "first_seen",
            "last_seen",
            "tenants",
            "accounts",
            "meaning",
            "fix",
            "rivals",
            "explains",
            "evidence",
            "texts"
        ]
    );
    assert_eq!(keys(&diagnosis["texts"]), ["customer", "admin", "ticket"]);
    assert_eq!(
        keys(&diagnosis["evidence"][0]),
        [
            "role",
            "source",
            "entry",
            "line",
            "pointer",
            "span",
            "time",
            "text",
            "correlation_id",
            "request_id",
            "trace_id"
        ]
    );
    assert_eq!(
        keys(&report["identities"][0]),
        ["address", "role", "account_type", "tenant", "agrees_with_intended", "evidence"]
    );
    assert_eq!(keys(&report["scopes"]), ["required", "requested", "granted", "missing"]);
    let rival = json(&[REFUSED])["diagnoses"][0]["rivals"][0].clone();
    assert_eq!(keys(&rival), ["id", "confidence", "question"]);
    let lost = json(&[&fixture("cases/app-unknown-in-cut-capture")])["inputs"][0]["lost"][0].clone();
    assert_eq!(keys(&lost), ["what", "why", "place"]);
}

#[test]
fn the_ranks_count_up_and_the_kinds_stand_in_order() {
    let report = json(&[&fixture("demo")]);
    let all = report["diagnoses"].as_array().expect("diagnoses");
    let ranks: Vec<u64> = all.iter().map(|d| d["rank"].as_u64().expect("a rank")).collect();
    assert_eq!(ranks, (1..=all.len() as u64).collect::<Vec<_>>());
    let order = ["cause", "symptom", "benign"];
    let kinds: Vec<usize> =
        all.iter().map(|d| order.iter().position(|k| d["kind"] == *k).expect("a kind")).collect();
    assert!(kinds.is_sorted(), "{kinds:?}");
}

/// A span is the bytes in the input that the evidence rests on.
#[test]
fn a_span_opens_at_the_proof() {
    let path = fixture("demo/contoso-sign-in.har");
    let bytes = std::fs::read(&path).expect("the demo");
    let report = json(&[&path]);
    let span = report["diagnoses"][0]["evidence"][0]["span"].clone();
    let at = |n: usize| usize::try_from(span[n].as_u64().expect("a number")).expect("an offset");
    let shown = String::from_utf8_lossy(&bytes[at(0)..at(1)]);
    assert!(shown.contains("50105"), "{shown}");
}

#[test]
fn fail_on_ends_with_1_only_when_met() {
    assert_eq!(run(&["--fail-on", "high", &fixture("demo/contoso-sign-in.har")]).code, 1);
    assert_eq!(
        run(&["--fail-on", "info", &fixture("demo/adatum-works.har")]).code,
        0,
        "what is benign fails nothing"
    );
    assert_eq!(run(&[&fixture("demo/contoso-sign-in.har")]).code, 0);
}

/// The ids that an output names, out of all that the demo can name.
fn named(output: &str, all: &[String]) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let words: BTreeSet<&str> = output.split(|c: char| !word(c)).collect();
    all.iter().filter(|id| words.contains(id.as_str())).cloned().collect()
}

/// The filters, each of which leaves something of the demo and takes something away.
fn filters(tenant: &str) -> Vec<Vec<&str>> {
    vec![
        vec![],
        vec!["--min-confidence", "95"],
        vec!["--min-severity", "high"],
        vec!["--tenant", tenant],
        vec!["--account", "ann.lee@contoso.example"],
        vec!["--since", "2026-11-22"],
        vec!["--until", "2026-11-20"],
        vec!["--since", "2026-11-19T00:00:00Z", "--until", "2026-11-21", "--min-severity", "high"],
    ]
}

fn fabrikam() -> String {
    let report = json(&[&fixture("demo/fabrikam-settings-page.har")]);
    report["attempts"][0]["tenant"].as_str().expect("a tenant").to_owned()
}

/// The ids of the results of a SARIF log.
fn results(log: &str) -> BTreeSet<String> {
    let log: Value = serde_json::from_str(log).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    results.iter().map(|r| r["ruleId"].as_str().expect("an id").to_owned()).collect()
}

/// The ids that a format shows: those of its results where it has such a thing, else those that it names at all.
fn shown_by(format: &str, output: &str, all: &[String]) -> BTreeSet<String> {
    if format == "sarif" { results(output) } else { named(output, all) }
}

#[test]
fn a_filter_applies_to_every_format_alike() {
    let demo = fixture("demo");
    let all = ids(&json(&[&demo]));
    let tenant = fabrikam();
    let mut seen = BTreeSet::new();
    for filter in filters(&tenant) {
        let with = |format: &'static str| {
            let args = [&[demo.as_str(), "--format", format][..], &filter].concat();
            let done = run(&args);
            assert_eq!(done.code, 0, "{filter:?} {format}: {}", done.err);
            done.out
        };
        let report: Value = serde_json::from_str(&with("json")).expect("JSON");
        let wanted: BTreeSet<String> = ids(&report).into_iter().collect();
        let not_judged: Vec<&Value> =
            report["not_evaluated"].as_array().expect("a list").iter().map(|n| &n["id"]).collect();
        seen.insert(wanted.clone());
        for format in FORMATS.into_iter().filter(|f| *f != "json") {
            let shown = shown_by(format, &with(format), &all);
            assert!(wanted.is_subset(&shown), "{filter:?} {format}: {shown:?} lacks some of {wanted:?}");
            let beside: Vec<_> = shown
                .difference(&wanted)
                .filter(|id| !not_judged.contains(&&Value::from(id.as_str())))
                .collect();
            assert!(beside.is_empty(), "{filter:?} {format} names {beside:?} besides {wanted:?}");
        }
    }
    assert!(seen.len() >= 7, "the filters hardly filter: {seen:?}");
    assert!(seen.iter().all(|ids| !ids.is_empty()), "a filter left nothing: {seen:?}");
}

#[test]
fn a_filter_applies_to_every_format_of_a_sweep_alike() {
    let demo = fixture("demo");
    let rows = |text: &str| -> Vec<String> {
        let sweep: Value = serde_json::from_str(text).expect("JSON");
        let rows = sweep["rows"].as_array().expect("rows").clone();
        rows.iter().map(|r| r["key"].as_str().expect("a cause").to_owned()).collect()
    };
    let all = rows(&run(&["sweep", &demo, "--format", "json"]).out);
    let causes: BTreeSet<String> = ids(&json(&[&demo])).into_iter().collect();
    let tenant = fabrikam();
    let mut seen = BTreeSet::new();
    for filter in filters(&tenant) {
        let with = |format: &'static str| {
            let args = [&["sweep", demo.as_str(), "--format", format][..], &filter].concat();
            let done = run(&args);
            assert_eq!(done.code, 0, "{filter:?} {format}: {}", done.err);
            done.out
        };
        let wanted: BTreeSet<String> = rows(&with("json")).into_iter().collect();
        assert!(wanted.is_subset(&causes), "{filter:?}");
        seen.insert(wanted.clone());
        for format in FORMATS.into_iter().filter(|f| *f != "json") {
            assert_eq!(shown_by(format, &with(format), &all), wanted, "{filter:?} {format}");
        }
    }
    assert!(seen.len() >= 7, "the filters hardly filter: {seen:?}");
}

#[test]
fn the_same_bytes_whatever_the_number_of_threads() {
    for format in FORMATS {
        // The renderers run on one thread; the JSON shows all that the others draw.
        let folder = fixture(if format == "json" { "" } else { "demo" });
        let with = |threads: &str| run(&["--format", format, "--threads", threads, &folder]).out;
        let one = with("1");
        assert!(!one.is_empty(), "{format}");
        for threads in ["2", "8"] {
            assert!(one == with(threads), "--format {format} --threads {threads} differs from --threads 1");
        }
    }
}

#[test]
fn an_output_file_holds_what_would_be_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("answer.json");
    let done = run(&["--format", "json", "-o", &file.to_string_lossy(), REFUSED]);
    assert_eq!((done.code, done.out.as_str()), (0, ""), "{}", done.err);
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), run(&["--format", "json", REFUSED]).out);
}

// Secrets.

/// Names of fields, parameters and headers whose values are secrets.
const SECRET: [&str; 20] = [
    "access_token",
    "refresh_token",
    "id_token",
    "code_verifier",
    "client_secret",
    "passwd",
    "password",
    "sft",
    "sctx",
    "canary",
    "apicanary",
    "flowtoken",
    "ctx",
    "originalrequest",
    "authorization",
    "cookie",
    "set-cookie",
    "ppft",
    "state",
    "client_info",
];
/// Shorter values are words like `22` or `Bearer`, not secrets.
const SHORTEST: usize = 16;

fn is_secret(name: &str) -> bool {
    SECRET.contains(&name.to_ascii_lowercase().as_str())
}

/// Collects the secrets below a JSON value: by the name of the field, of a `name`/`value` pair, of a cookie, and inside
/// texts that hold JSON, a form, a URL or a page's `$Config`.
fn secrets(name: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let (Some(Value::String(n)), Some(v)) = (fields.get("name"), fields.get("value")) {
                secrets(n, v, found);
                if fields.contains_key("httpOnly") {
                    keep(v.as_str().unwrap_or_default(), found);
                }
            }
            for (n, v) in fields {
                if n == "cookies" || !matches!(n.as_str(), "name" | "value") {
                    secrets(n, v, found);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|v| secrets(name, v, found)),
        Value::String(text) => from_text(name, text, found),
        _ => {}
    }
}

fn from_text(name: &str, text: &str, found: &mut BTreeSet<String>) {
    match name.to_ascii_lowercase().as_str() {
        "cookie" => text.split("; ").filter_map(|c| c.split_once('=')).for_each(|(_, v)| keep(v, found)),
        "set-cookie" => {
            keep(text.split(';').next().and_then(|c| c.split_once('=')).map_or("", |(_, v)| v), found)
        }
        "authorization" => keep(text.rsplit(' ').next().unwrap_or_default(), found),
        _ if is_secret(name) => keep(text, found),
        _ => {}
    }
    if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str::<Value>(text) {
        secrets("", &inner, found);
    }
    if let Some((_, rest)) = text.split_once("$Config=")
        && let Some(Ok(config)) = serde_json::Deserializer::from_str(rest).into_iter::<Value>().next()
    {
        secrets("", &config, found);
    }
    for pair in text.split(['?', '&', '#', '\n', ' ']) {
        if let Some((n, v)) = pair.split_once('=')
            && (is_secret(n) || n == "code")
        {
            keep(v.split(['"', '<', '\\']).next().unwrap_or_default(), found);
        }
    }
}

/// The whole text, and the last part of a token: its signature, or the body of an authorization code.
fn keep(text: &str, found: &mut BTreeSet<String>) {
    let text = text.trim_matches('"');
    let is_word = text.contains(char::is_whitespace) || text.len() < SHORTEST;
    if is_word || text.starts_with("http") {
        return;
    }
    found.insert(text.to_owned());
    found.extend(text.rsplit('.').next().filter(|p| p.len() >= SHORTEST).map(str::to_owned));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            out.extend(files(&path));
        } else if path.extension().is_none_or(|e| e != "tsv") {
            out.push(path);
        }
    }
    out.sort();
    out
}

fn planted() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in ["fixtures/demo", "fixtures/cases"] {
        for file in files(&root().join(folder)) {
            let text = std::fs::read_to_string(&file).expect("text");
            match serde_json::from_str::<Value>(&text) {
                Ok(value) => secrets("", &value, &mut found),
                Err(_) => text.lines().for_each(|line| from_text("", line, &mut found)),
            }
            for line in text.lines().filter_map(|l| l.split_once("AUTHENTICATE XOAUTH2 ")) {
                keep(line.1, &mut found);
            }
        }
    }
    found
}

#[test]
fn no_planted_secret_is_in_any_output() {
    let planted = planted();
    assert!(planted.len() > 400, "only {} secrets were found in the fixtures", planted.len());
    for prefix in ["EwB", "1.AXkA", "Made-Up!", "eyJ", "M.C507"] {
        assert!(planted.iter().any(|s| s.starts_with(prefix)), "no secret begins with {prefix}");
    }
    let (demo, cases) = (fixture("demo"), fixture("cases"));
    let mut outputs: Vec<(String, String)> = Vec::new();
    for format in FORMATS {
        for more in [&["-v"][..], &["--lang", "ja", "--anonymize"][..]] {
            let args: Vec<&str> = ["--format", format, demo.as_str(), cases.as_str()]
                .into_iter()
                .chain(more.iter().copied())
                .collect();
            let done = run(&args);
            outputs.push((format!("{format} {more:?}"), done.out + &done.err));
        }
    }
    let facts = run(&["facts", &demo, &cases]);
    assert!(facts.out.lines().count() > 500, "{}", facts.err);
    outputs.push(("facts".to_owned(), facts.out + &facts.err));
    let mut leaks = Vec::new();
    for (name, text) in &outputs {
        leaks.extend(planted.iter().filter(|s| text.contains(s.as_str())).map(|s| format!("{name}: {s}")));
    }
    assert!(
        leaks.is_empty(),
        "{} leaks, the first of them:\n{}",
        leaks.len(),
        leaks[..leaks.len().min(12)].join("\n")
    );
}

#[test]
fn anonymize_leaves_no_address() {
    for format in FORMATS {
        let shown = run(&[
            "--anonymize",
            "--format",
            format,
            &fixture("demo/contoso-sign-in.har"),
            &fixture("demo/fabrikam-settings-page.har"),
        ]);
        for address in ["ann.lee@contoso.example", "ben.ortiz@fabrikam.example"] {
            assert!(!shown.out.contains(address), "{format} names {address}");
        }
    }
}

/// The two commands that a newcomer copies first.
#[test]
fn the_commands_of_the_readme_run() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    let commands: Vec<&str> = readme.lines().filter(|l| l.starts_with("    ")).map(str::trim).collect();
    assert_eq!(commands[..2], ["cargo run --release -- diagnose fixtures/demo", "cargo test"]);
    let shown = run(&["diagnose", "fixtures/demo"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(
        shown.out.contains("user-not-assigned") && shown.out.contains("mailbox-on-premises"),
        "{}",
        shown.out
    );
}

/// Every command that the README shows is one that the program knows.
#[test]
fn the_readme_shows_no_command_that_does_not_exist() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    let help = run(&["--help"]).out;
    let flags = readme
        .split(|c: char| c.is_whitespace() || c == '`')
        .filter(|w| w.starts_with("--") && w.len() > 2 && *w != "--release");
    let flags: BTreeSet<&str> = flags.map(|f| f.trim_end_matches(['.', ',', ':', ';', ')'])).collect();
    assert!(flags.len() >= 3, "{flags:?}");
    let unknown: Vec<&&str> = flags
        .iter()
        .filter(|f| !help.contains(**f) && !matches!(**f, "--path" | "--locked" | "--all-targets"))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// What could not be read is said in the language of the answer, in every format.
#[test]
fn a_japanese_report_says_in_japanese_what_was_not_read() {
    let folders = ["cases", "har", "inputs", "logs"].map(fixture);
    let folders: Vec<&str> = folders.iter().map(String::as_str).chain(["no/such/file"]).collect();
    let report = json(&[&["--lang", "ja"][..], &folders].concat());
    let lost: Vec<&Value> = report["inputs"]
        .as_array()
        .expect("inputs")
        .iter()
        .flat_map(|i| i["lost"].as_array().expect("a list"))
        .collect();
    assert!(lost.len() > 10, "only {} losses", lost.len());
    for one in &lost {
        for field in ["what", "why"] {
            let text = one[field].as_str().expect("a text");
            assert!(!text.is_ascii(), "{field}: {text}");
        }
        assert!(one["place"].as_str().is_some_and(|p| p.is_empty() || !p.is_ascii()), "{one}");
    }
    let english = json(&[&["--lang", "en"][..], &folders].concat());
    let why = english["inputs"][0]["name"].clone();
    assert_eq!(why, report["inputs"][0]["name"], "the same inputs in the same order");
    let sweep = json(&[&["sweep", "--lang", "ja"][..], &folders].concat());
    let named = sweep["inputs"]["named"].as_array().expect("a list");
    assert!(named.iter().all(|n| n["why"].as_str().is_some_and(|w| !w.is_ascii())), "{named:?}");
}

#[test]
fn explain_suggests_only_what_is_near() {
    let far = run(&["explain", "zzz", "--lang", "en"]);
    assert_eq!((far.code, far.out.as_str()), (2, ""));
    assert!(far.err.contains("not known here.") && !far.err.contains("Did you mean"), "{}", far.err);
    let near = run(&["explain", "ErrorAccesDenied", "AADSTS5O105", "user-not-asigned", "--lang", "en"]);
    for wanted in ["ErrorAccessDenied", "AADSTS50105", "user-not-assigned"] {
        assert!(near.err.contains(wanted), "{wanted}: {}", near.err);
    }
}

#[test]
fn a_weak_answer_says_may() {
    let weak = json(&[REFUSED, "--lang", "en"])["diagnoses"][0].clone();
    assert!(weak["confidence"].as_u64().is_some_and(|c| c < 50), "{weak}");
    let said = |field: &str| weak.pointer(field).and_then(Value::as_str).expect("a text").to_owned();
    for field in ["/meaning", "/texts/customer", "/texts/admin"] {
        assert!(said(field).contains("may be"), "{field}: {}", said(field));
    }
    let sure = json(&[&fixture("demo/contoso-sign-in.har"), "--lang", "en"])["diagnoses"][0].clone();
    assert!(!sure["texts"]["customer"].as_str().expect("a text").contains("It may be the following"));
}

/// Interrupts and statuses of the same try are no codes of the diagnosis.
#[test]
fn codes_are_those_that_bear_on_the_diagnosis() {
    let report = json(&[&fixture("cases/no-mailbox-guest")]);
    let cause = &report["diagnoses"][0];
    assert_eq!(cause["id"], "guest-account");
    assert_eq!(cause["codes"], serde_json::json!(["MailboxNotEnabledForRESTAPI"]));
    let interrupt =
        report["diagnoses"].as_array().expect("a list").iter().find(|d| d["id"] == "sign-in-interrupt");
    assert_eq!(interrupt.expect("the interrupt")["codes"], serde_json::json!(["AADSTS50140"]));
}

#[test]
fn a_command_behind_options_is_not_taken_for_a_file() {
    let run = run(&["--quiet", "rules", "list"]);
    assert_eq!(run.code, 2);
    assert_eq!(run.err, "hartriage: rules is a command: write it first, and options after it\n");
}
