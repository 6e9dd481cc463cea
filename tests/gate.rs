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
