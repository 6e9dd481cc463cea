//! What programs read, against its schema: the schemas of `docs/` and that of SARIF 2.1.0, by a validator of the whole of
//! JSON Schema. Fields that the schemas of `docs/` do not name are refused, so that they cannot drift.

use std::path::Path;
use std::process::Command;

use boon::{Compiler, Schemas};
use hartriage::model::Lang;
use hartriage::report::{Format, Report};
use serde_json::Value;

use super::{drawn, sample};

/// What is wrong with the value, if anything.
fn problem(schema: &str, value: &Value) -> Option<String> {
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    compiler.add_resource("file:///schema.json", schema).expect("a schema");
    let index = compiler.compile("file:///schema.json", &mut schemas).expect("a valid schema");
    schemas.validate(value, index).err().map(|e| format!("{e:#}"))
}

const REPORT: &str = include_str!("../../docs/report.schema.json");
const SWEEP: &str = include_str!("../../docs/sweep.schema.json");
const PART: &str = include_str!("../../docs/sweep-part.schema.json");
const COMPARE: &str = include_str!("../../docs/compare.schema.json");
const EXPLAIN: &str = include_str!("../../docs/explain.schema.json");
/// A copy of the schema of OASIS; its terms are beside it.
const SARIF: &str = include_str!("sarif-2.1.0.schema.json");

fn fits(schema: &str, value: &Value) {
    if let Some(problem) = problem(schema, value) {
        panic!("{problem}");
    }
}

fn json(report: &Report) -> Value {
    serde_json::from_str(&drawn(report, Format::Json)).expect("JSON")
}

/// What the program prints, in the folder of the project.
fn printed(args: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_hartriage"))
        .args(args)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .expect("the program runs");
    String::from_utf8(done.stdout).expect("UTF-8")
}

fn printed_json(args: &[&str]) -> Value {
    let text = printed(args);
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{args:?}: {e}: {text}"))
}

/// True when the schema refuses the value once that place holds something else.
fn refuses(schema: &str, good: &Value, pointer: &str, with: Value) -> bool {
    let mut bad = good.clone();
    *bad.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there")) = with;
    problem(schema, &bad).is_some()
}

/// Inputs that between them fill every field: causes, rivals, losses, a log, a pasted address, a damaged capture.
const INPUTS: [&str; 5] = [
    "fixtures/demo",
    "fixtures/cases/app-unknown-in-cut-capture",
    "fixtures/cases/one-story-from-five-pieces",
    "https://app.example/cb?error=access_denied&error_subcode=cancel&state=1",
    "no/such/file.har",
];

#[test]
fn reports_follow_the_schema() {
    for lang in [Lang::En, Lang::Ja] {
        for report in
            [sample::ordinary(lang), sample::worked(lang), sample::empty(lang), sample::hostile(lang)]
        {
            fits(REPORT, &json(&report));
        }
    }
    for lang in ["en", "ja"] {
        let args = [&["--format", "json", "--lang", lang][..], &INPUTS].concat();
        let report = printed_json(&args);
        assert!(report["diagnoses"].as_array().is_some_and(|d| d.len() > 4));
        fits(REPORT, &report);
    }
}

#[test]
fn the_schema_refuses_what_is_not_a_report() {
    let good = json(&sample::ordinary(Lang::En));
    assert!(refuses(REPORT, &good, "/schema", "hartriage.report/2".into()));
    assert!(refuses(REPORT, &good, "/diagnoses/0/confidence", 101.into()));
    assert!(refuses(REPORT, &good, "/diagnoses/0/kind", "guess".into()));
    assert!(refuses(REPORT, &good, "/diagnoses/0/evidence/0/span", serde_json::json!([1])));
    assert!(refuses(REPORT, &good, "/inputs/0", serde_json::json!({"name": "x"})));
    assert!(refuses(REPORT, &good, "/scopes", Value::Null));
    let mut more = good.clone();
    more["extra"] = Value::Null;
    assert!(problem(REPORT, &more).is_some());
}

#[test]
fn sweeps_follow_the_schema() {
    for by in ["cause", "tenant", "account", "app", "input", "code"] {
        let args =
            [&["sweep", "--format", "json", "--group-by", by, "--min-severity", "low"][..], &INPUTS].concat();
        let sweep = printed_json(&args);
        assert!(sweep["rows"].as_array().is_some_and(|r| !r.is_empty()), "{by}");
        assert!(sweep["inputs"]["named"].as_array().is_some_and(|n| n.len() > 1), "{by}");
        fits(SWEEP, &sweep);
        assert!(refuses(SWEEP, &sweep, "/rows/0/rank", 0.into()));
        assert!(refuses(SWEEP, &sweep, "/rows/0/representative", serde_json::json!({})));
        assert!(refuses(SWEEP, &sweep, "/settings/group_by", "mood".into()));
    }
}

#[test]
fn lines_of_a_sweep_are_its_rows_and_then_the_rest() {
    let sweep = printed_json(&["sweep", "--format", "json", "fixtures/demo"]);
    let text = printed(&["sweep", "--format", "ndjson", "fixtures/demo"]);
    let mut lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    let mut whole = lines.pop().expect("a last line");
    whole["rows"] = Value::Array(lines);
    assert_eq!(whole, sweep);
}

#[test]
fn parts_follow_the_schema() {
    for by in ["cause", "code"] {
        let args = [&["sweep", "--partial", "--group-by", by][..], &INPUTS].concat();
        let part = printed_json(&args);
        fits(PART, &part);
        let row = part["rows"].as_object().and_then(|r| r.keys().next()).expect("a row").clone();
        assert!(refuses(PART, &part, &format!("/rows/{row}/trend"), serde_json::json!({"buckets": {}})));
        assert!(refuses(PART, &part, "/schema", "hartriage.sweep-part/2".into()));
    }
}

#[test]
fn comparisons_follow_the_schema() {
    let (works, fails) = ("fixtures/demo/adatum-works.har", "fixtures/demo/contoso-sign-in.har");
    let scopes = "fixtures/cases/sending-not-granted-at-hubspot";
    for (good, bad) in [(works, fails), (fails, works), (works, works), (works, scopes)] {
        let comparison = printed_json(&["compare", good, bad, "--format", "json"]);
        fits(COMPARE, &comparison);
        assert!(refuses(COMPARE, &comparison, "/stages/0/good/state", "fine".into()));
        assert!(refuses(COMPARE, &comparison, "/good", Value::Null));
    }
}

#[test]
fn explanations_follow_the_schema() {
    let codes =
        ["50105", "ErrorAccessDenied", "interaction_required", "5.7.139", "Mail.Send", "user-not-assigned"];
    for lang in ["en", "ja"] {
        let text = printed(&[&["explain", "--format", "json", "--lang", lang][..], &codes].concat());
        assert_eq!(text.lines().count(), codes.len());
        for line in text.lines() {
            let answer: Value = serde_json::from_str(line).expect("JSON");
            fits(EXPLAIN, &answer);
            assert!(refuses(EXPLAIN, &answer, "/schema", "hartriage.explain/2".into()));
        }
    }
}

#[test]
fn sarif_follows_the_standard() {
    for lang in [Lang::En, Lang::Ja] {
        for report in
            [sample::ordinary(lang), sample::worked(lang), sample::empty(lang), sample::hostile(lang)]
        {
            fits(SARIF, &serde_json::from_str(&drawn(&report, Format::Sarif)).expect("JSON"));
        }
    }
    for command in ["diagnose", "sweep"] {
        let args = [&[command, "--format", "sarif"][..], &INPUTS].concat();
        let log = printed_json(&args);
        fits(SARIF, &log);
        let run = &log["runs"][0];
        let results = run["results"].as_array().expect("results");
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        assert!(results.len() > 4, "{command}");
        for result in results {
            assert!(rules.iter().any(|r| r["id"] == result["ruleId"]), "{command}: {}", result["ruleId"]);
        }
        let told = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notifications");
        let cut = told.iter().filter(|n| n["descriptor"]["id"] == "not-read/cut-in-entry").count();
        let gone = told.iter().filter(|n| n["descriptor"]["id"] == "not-read/no-such-file").count();
        assert_eq!((cut, gone), (1, 1), "{command}");
        assert!(refuses(SARIF, &log, "/runs/0/results/0/level", "fatal".into()));
        assert!(refuses(SARIF, &log, "/runs/0/results/0/message", Value::Null));
    }
}

/// The region is the bytes in the file, whatever was redacted in the text beside it.
#[test]
fn a_region_of_sarif_opens_at_the_proof() {
    let log = printed_json(&["--format", "sarif", "fixtures/demo/contoso-sign-in.har"]);
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "fixtures/demo/contoso-sign-in.har");
    let at =
        |name: &str| usize::try_from(place["region"][name].as_u64().expect("a number")).expect("an offset");
    let bytes =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/contoso-sign-in.har"));
    let bytes = bytes.expect("the demo");
    let shown = &bytes[at("byteOffset")..at("byteOffset") + at("byteLength")];
    assert!(String::from_utf8_lossy(shown).contains("50105"));
    let log = printed_json(&["--format", "sarif", "fixtures/demo/tailspin-mail-sync.jsonl"]);
    let region = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert!(region["startLine"].as_u64().is_some_and(|line| line > 1), "{region}");
}

#[test]
fn fingerprints_do_not_depend_on_language_or_company() {
    let prints = |args: &[&str]| {
        let log = printed_json(&[&["--format", "sarif"][..], args].concat());
        let all = log["runs"][0]["results"].as_array().expect("results").clone();
        let of = all.into_iter().find(|r| r["ruleId"] == "user-not-assigned").expect("the result");
        (of["fingerprints"].clone(), of["partialFingerprints"].clone())
    };
    let alone = prints(&["fixtures/demo/contoso-sign-in.har", "--lang", "en"]);
    assert_eq!(alone, prints(&["fixtures/demo", "--lang", "ja"]));
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("b.har");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/contoso-sign-in.har"), &copy)
        .expect("a copy");
    let moved = prints(&[copy.to_str().expect("a plain path")]);
    assert_ne!(alone.0, moved.0, "another place");
    assert_eq!(alone.1, moved.1, "the same trouble");
}
