//! The gate before extraction loses no fact: everything at hand is read with the gate for all and with the gate for
//! none, and must give the same.

use std::path::{Path, PathBuf};

use hartriage::{Options, Triage};

fn triage(gate_from: u64) -> Triage {
    let mut options = Options::default();
    options.limits.gate_from = gate_from;
    Triage::new(options).expect("the built-in rules compile")
}

fn differences(inputs: &[String]) -> Vec<String> {
    let (open, shut) = (triage(u64::MAX), triage(0));
    let mut out = Vec::new();
    for input in inputs {
        let one = std::slice::from_ref(input);
        let (all, gated) = (open.observe(one), shut.observe(one));
        if all.observed != gated.observed {
            let lost = all.observed.iter().find(|o| !gated.observed.contains(o));
            out.push(format!("{input}: lost {lost:?}"));
        }
        let events = |o: &hartriage::Observations| o.inputs.iter().map(|i| i.events).sum::<u64>();
        assert_eq!(events(&all), events(&gated), "{input}: events are counted with the gate as well");
    }
    out
}

fn files(folder: &Path, out: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|e| Some(e.ok()?.path())) {
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path.to_string_lossy().into_owned());
        }
    }
    out.sort();
}

#[test]
fn fixtures_give_the_same_facts() {
    let mut inputs = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), &mut inputs);
    inputs.retain(|f| !f.ends_with(".py") && !f.ends_with(".tsv"));
    assert!(inputs.len() > 60, "only {} fixtures", inputs.len());
    let lost = differences(&inputs);
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// Every example of every rule, as a line of a log: a stamp before it, and on one line.
#[test]
fn examples_give_the_same_facts_as_log_lines() {
    let rules = triage(0);
    let folder = tempfile::tempdir().expect("a folder");
    let mut inputs = Vec::new();
    for rule in rules.rules().rules() {
        for (n, example) in rule.examples.iter().chain(&rule.counters).enumerate() {
            let line = example.input.replace(['\n', '\r'], " ");
            let text = format!(
                "2026-11-20 08:15:42 INFO started\n2026-11-20 08:15:43 ERROR worker {line}\n2026-11-20 08:15:44 INFO done\n"
            );
            let path: PathBuf = folder.path().join(format!("{}-{n}.log", rule.id));
            std::fs::write(&path, text).expect("written");
            inputs.push(path.to_string_lossy().into_owned());
        }
    }
    assert!(inputs.len() > 250);
    let lost = differences(&inputs);
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// Failures that say the same again and again, with other ids and times; among them some that look alike and are not.
#[test]
fn repeated_failures_give_the_same_facts() {
    let id = |n: u32, k: u32| format!("{n:08x}-7a34-4d5b-9c1e-{:012x}", n.wrapping_mul(0x9E37_79B1) ^ k);
    /// The text of a record by its number, with a maker of ids.
    type Text = fn(u32, &dyn Fn(u32) -> String) -> String;
    let kinds: [Text; 6] = [
        |n, id| {
            let code = if n % 97 == 0 { 53003 } else { 50173 };
            format!(
                r#"POST https://login.microsoftonline.com/common/oauth2/v2.0/token for ann@contoso.example answered 400: {{"error":"invalid_grant","error_description":"AADSTS{code}: It has expired. Trace ID: {} Correlation ID: {} Timestamp: 2026-03-02 00:{:02}:{:02}Z"}}"#,
                id(1),
                if n % 7 == 0 { id(1) } else { id(2) },
                n / 60 % 60,
                n % 60,
            )
        },
        |n, id| {
            format!(
                r#"GET https://graph.microsoft.com/v1.0/me/calendars for bo@contoso.example failed with 404 after {} ms: {{"error":{{"code":"MailboxNotEnabledForRESTAPI","message":"x","innerError":{{"request-id":"{}"}}}}}}"#,
                100 + n % 30,
                id(3),
            )
        },
        // The tenant, the state and the account are what it is about.
        |_, id| format!("AADSTS50105 at https://login.microsoftonline.com/{}/oauth2/v2.0/token", id(4)),
        |_, id| format!("GET /cb?error=access_denied&error_subcode=cancel&state={}", id(5)),
        |n, id| format!("AADSTS50034: account user{n}@contoso.example, request {}", id(6)),
        |n, _| format!("[task-{}] 535 5.7.139 Authentication unsuccessful, the trace is {:016x}", n % 40, n),
    ];
    let lines = (0..360u32).map(|n| {
        let text = kinds[n as usize % kinds.len()](n, &|k| id(n, k));
        format!("2026-03-02T00:{:02}:{:02}.{:03}Z ERROR [worker-{}] {text}\n", n / 60 % 60, n % 60, n, n % 16)
    });
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("failures.log");
    std::fs::write(&path, lines.collect::<String>()).expect("written");
    let inputs = [path.to_string_lossy().into_owned()];
    // Piece by piece: what was seen in one is known in the next.
    let mut options = Options::default();
    options.limits.window = 8 << 10;
    let in_pieces = Triage::new(options).expect("the built-in rules compile").observe(&inputs);
    let looked_at = triage(u64::MAX).observe(&inputs);
    assert!(looked_at.observed.len() > 150, "{}", looked_at.observed.len());
    for (one, other) in looked_at.observed.iter().zip(&in_pieces.observed) {
        assert_eq!(one, other);
    }
    assert_eq!(looked_at.observed.len(), in_pieces.observed.len());
}
