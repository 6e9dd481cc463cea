//! Whole cases as customers send them, against the one table of what the answer must be:
//! `fixtures/cases/expected.tsv`. `CASE=name cargo test --test scenarios` runs one of them.

use std::path::Path;

use hartriage::model::{Kind, Outcome};
use hartriage::report::{Diagnosis, Evidence, Report, Role};
use hartriage::{Options, Triage};

const TABLE: &str = include_str!("../fixtures/cases/expected.tsv");

/// A line of the table.
struct Expected {
    case: &'static str,
    first: Option<&'static str>,
    least: u8,
    outcome: Option<&'static str>,
    owner: Option<&'static str>,
    evidence: Vec<&'static str>,
    scopes: Vec<&'static str>,
    also: Vec<&'static str>,
    never: Vec<&'static str>,
}

fn table() -> Vec<Expected> {
    let rows = TABLE.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).skip(1);
    rows.map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [case, first, least, outcome, owner, evidence, scopes, also, never, _note] = cells[..] else {
            panic!("{line:?} has {} cells, not ten", cells.len());
        };
        let one = |cell: &'static str| Some(cell).filter(|c| *c != "-");
        let list = |cell: &'static str| one(cell).map(|c| c.split(',').collect()).unwrap_or_default();
        Expected {
            case,
            first: one(first),
            least: one(least).map_or(0, |n| n.parse().expect("a number")),
            outcome: one(outcome),
            owner: one(owner),
            evidence: list(evidence),
            scopes: list(scopes),
            also: list(also),
            never: list(never),
        }
    })
    .collect()
}

fn fixture(case: &str) -> String {
    let below = if case.starts_with("demo/") { case.to_owned() } else { format!("cases/{case}") };
    format!("{}/fixtures/{below}", env!("CARGO_MANIFEST_DIR"))
}

fn triage() -> Triage {
    Triage::new(Options::default()).expect("the built-in rules compile")
}

fn report(case: &str) -> Report {
    triage().run(&[fixture(case)])
}

fn causes(report: &Report) -> impl Iterator<Item = &Diagnosis> {
    report.diagnoses.iter().filter(|d| d.kind == Kind::Cause)
}

fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// `file#entry`, `file:line`, or a file alone.
fn stands_at(evidence: &Evidence, place: &str) -> bool {
    let file = evidence.source.as_str().rsplit('/').next().unwrap_or_default();
    if evidence.role == Role::Against {
        return false;
    }
    match (place.split_once('#'), place.split_once(':')) {
        (Some((name, entry)), _) => {
            name == file && evidence.entry.map(|n| n.to_string()).as_deref() == Some(entry)
        }
        (None, Some((name, line))) => {
            name == file && evidence.line.map(|n| n.to_string()).as_deref() == Some(line)
        }
        (None, None) => place == file,
    }
}

/// What is wrong with the answer, one clause each.
fn complaints(expected: &Expected, report: &Report) -> Vec<String> {
    let mut wrong = Vec::new();
    let first = causes(report).next();
    if first.map(|d| d.id.as_str()) != expected.first {
        let all: Vec<String> = causes(report).map(|d| format!("{} {}", d.id, d.confidence)).collect();
        wrong.push(format!("first is {all:?}, not {:?}", expected.first));
    }
    if let Some(first) = first.filter(|d| Some(d.id.as_str()) == expected.first) {
        about_the_first(expected, first, &mut wrong);
    }
    let outcomes: Vec<Outcome> = match expected.first {
        Some(id) => report
            .attempts
            .iter()
            .filter(|a| a.diagnoses.iter().any(|d| d == id))
            .map(|a| a.outcome)
            .collect(),
        None => report.attempts.last().map(|a| a.outcome).into_iter().collect(),
    };
    if let Some(outcome) = expected.outcome
        && !outcomes.iter().any(|o| word(o) == outcome)
    {
        wrong.push(format!("outcome is {outcomes:?}, not {outcome}"));
    }
    let missing: Vec<&str> = report.scopes.missing.iter().map(|s| s.as_str()).collect();
    if missing != expected.scopes {
        wrong.push(format!("missing scopes are {missing:?}, not {:?}", expected.scopes));
    }
    for id in expected.also.iter().filter(|id| !id.starts_with('~')) {
        if !report.diagnoses.iter().any(|d| d.id == *id) {
            wrong.push(format!("{id} is not reported"));
        }
    }
    for id in &expected.never {
        if causes(report).any(|d| d.id == *id) {
            wrong.push(format!("{id} is reported as a cause"));
        }
    }
    wrong
}

fn about_the_first(expected: &Expected, first: &Diagnosis, wrong: &mut Vec<String>) {
    if first.confidence < expected.least {
        wrong.push(format!("confidence is {}, under {}", first.confidence, expected.least));
    }
    if let Some(owner) = expected.owner
        && word(&first.owner) != owner
    {
        wrong.push(format!("owner is {:?}, not {owner}", first.owner));
    }
    for place in &expected.evidence {
        if !first.evidence.iter().any(|e| stands_at(e, place)) {
            wrong.push(format!("no evidence at {place}"));
        }
    }
    for id in expected.also.iter().filter_map(|id| id.strip_prefix('~')) {
        match first.rivals.iter().find(|r| r.id == id) {
            Some(rival) if rival.question.as_str().is_empty() => {
                wrong.push(format!("no question against {id}"))
            }
            Some(_) => {}
            None => wrong.push(format!("{id} is not named as a rival")),
        }
    }
}

#[test]
fn every_case_gets_its_answer() {
    let only = std::env::var("CASE").ok();
    let triage = triage();
    let rows: Vec<Expected> =
        table().into_iter().filter(|e| only.as_ref().is_none_or(|o| e.case.contains(o.as_str()))).collect();
    assert!(only.is_some() || rows.len() > 35, "only {} cases", rows.len());
    let mut failures = Vec::new();
    for expected in &rows {
        let report = triage.run(&[fixture(expected.case)]);
        failures.extend(complaints(expected, &report).iter().map(|w| format!("{}: {w}", expected.case)));
    }
    assert!(
        failures.is_empty(),
        "{} complaints about {} cases:\n{}",
        failures.len(),
        rows.len(),
        failures.join("\n")
    );
}

#[test]
fn the_table_and_the_folders_agree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let listed: Vec<String> = table().iter().map(|e| e.case.to_owned()).collect();
    let names = |folder: &str| {
        let entries = std::fs::read_dir(root.join(folder)).expect("the folder of fixtures");
        entries.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect::<Vec<String>>()
    };
    let cases = names("cases").into_iter().filter(|n| n != "expected.tsv");
    let demo = names("demo").into_iter().map(|n| format!("demo/{n}"));
    let unlisted: Vec<String> = cases.chain(demo).filter(|n| !listed.contains(n)).collect();
    assert!(unlisted.is_empty(), "not in expected.tsv: {unlisted:?}");
    let absent: Vec<&String> = listed.iter().filter(|c| !Path::new(&fixture(c)).exists()).collect();
    assert!(absent.is_empty(), "no such fixture: {absent:?}");
}

/// The redirect is the same; only the page before it tells whose refusal it was.
#[test]
fn one_redirect_two_causes() {
    let redirect = |case: &str| {
        let text = std::fs::read_to_string(format!("{}/capture.har", fixture(case))).expect("a capture");
        let start = text.find("?error=access_denied&error_subcode=cancel&state=").expect("the refusal");
        text[start..].chars().take(48).collect::<String>()
    };
    assert_eq!(redirect("declined-after-need-admin-page"), redirect("declined-after-accept-page"));
    let first = |case: &str| causes(&report(case)).next().map(|d| d.id.clone());
    assert_ne!(first("declined-after-need-admin-page"), first("declined-after-accept-page"));
}

/// Five captures end with the same answer of Graph and have five different causes; so has the sixth with its listing.
#[test]
fn one_answer_six_causes() {
    let same = [
        "no-mailbox-profile-without-mail",
        "no-mailbox-own-server-answers",
        "no-mailbox-guest",
        "no-mailbox-alternating",
        "no-mailbox-then-served",
        "no-mailbox-shared",
    ];
    let mut seen: Vec<String> = Vec::new();
    for case in same {
        let report = report(case);
        let first = causes(&report).next().unwrap_or_else(|| panic!("{case}: no cause"));
        let text = std::fs::read_to_string(format!("{}/capture.har", fixture(case))).expect("a capture");
        assert!(text.contains("MailboxNotEnabledForRESTAPI"), "{case}");
        assert!(!seen.contains(&first.id), "{case}: {} again", first.id);
        seen.push(first.id.clone());
    }
}

/// Five pieces of one case are one try: who, where it got to, and that it failed at the mailbox.
#[test]
fn five_pieces_join_into_one_story() {
    let report = report("one-story-from-five-pieces");
    assert_eq!(
        report.inputs.len(),
        5,
        "{:?}",
        report.inputs.iter().map(|i| i.name.as_str()).collect::<Vec<_>>()
    );
    assert!(report.inputs.iter().all(|i| i.events > 0), "every piece is read");
    let failed: Vec<_> = report.attempts.iter().filter(|a| a.outcome == Outcome::Failed).collect();
    assert_eq!(failed.len(), 1, "{:?}", report.attempts);
    assert_eq!(failed[0].stage, "mailbox");
    assert_eq!(failed[0].account.as_ref().map(|a| a.as_str()), Some("rae.cole@northwind.example"));
    assert_eq!(report.attempts.len(), 1, "one try: {:?}", report.attempts);
}

/// All customers of the vendor at once: the tenants are counted.
#[test]
fn a_vendor_wide_failure_counts_its_tenants() {
    let report = report("secret-expired-for-every-tenant");
    let wide = causes(&report).find(|d| d.id == "client-credential-invalid").expect("the expired secret");
    assert_eq!(wide.count, 5);
    assert_eq!(wide.tenants.len(), 5, "{:?}", wide.tenants);
}

/// What a cut file lost is named, and the rest is read.
#[test]
fn a_cut_capture_says_what_is_lost() {
    let report = report("app-unknown-in-cut-capture");
    assert!(report.inputs.iter().any(|i| !i.lost.is_empty()), "the loss is named");
    assert_eq!(word(&report.adequacy.verdict), "partial");
    assert_ne!(report.adequacy.missing.len(), 0);
}

/// A sanitised capture is said to be one; nothing is concluded from cookies that were taken out.
#[test]
fn a_sanitised_capture_is_said_to_be_one() {
    let report = report("policy-blocks-in-sanitised-capture");
    assert_eq!(word(&report.adequacy.verdict), "partial");
    assert_ne!(report.adequacy.recapture.len(), 0);
}

/// Only help pages: nothing is concluded, and the answer says what is missing.
#[test]
fn silence_is_explained() {
    let report = report("help-pages-and-bundles-only");
    assert!(report.diagnoses.is_empty(), "{:?}", report.diagnoses.iter().map(|d| &d.id).collect::<Vec<_>>());
    assert_eq!(word(&report.adequacy.verdict), "poor");
    assert_ne!(report.adequacy.missing.len(), 0);
    assert_ne!(report.adequacy.recapture.len(), 0);
}

/// The demo as a whole: five customers' causes and nothing else, each with its proof; what worked adds none.
#[test]
fn the_demo_shows_five_causes() {
    let report = triage().run(&[format!("{}/fixtures/demo", env!("CARGO_MANIFEST_DIR"))]);
    let mut ids: Vec<&str> = causes(&report).map(|d| d.id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(
        ids,
        [
            "admin-consent-required",
            "mailbox-on-premises",
            "refresh-token-expired",
            "user-not-assigned",
            "wrong-account"
        ]
    );
    for cause in causes(&report) {
        assert!(cause.evidence.iter().any(|e| e.role == Role::Primary), "{}", cause.id);
        assert!(
            !cause.fix.is_empty()
                && !cause.texts.customer.as_str().is_empty()
                && !cause.question.as_str().is_empty(),
            "{}",
            cause.id
        );
        assert!(
            cause.tenants.len() <= 1 && cause.accounts.len() <= 1,
            "{}: customers are mixed up: {:?}",
            cause.id,
            cause.accounts
        );
    }
    let mut owners: Vec<String> = causes(&report).map(|d| word(&d.owner)).collect();
    owners.sort_unstable();
    owners.dedup();
    assert!(owners.len() >= 3, "{owners:?}");
}
