//! The answer that a copy gives.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hartriage::redact::redact_source;
use hartriage::{Options, Triage};
use proptest::prelude::*;
use serde_json::Value;

/// Every capture of the fixtures' cases that is whole.
fn captures() -> Vec<Value> {
    let files = |folder: &Path| {
        let entries = fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("an entry").path());
        entries.collect::<BTreeSet<PathBuf>>()
    };
    let cases = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases"));
    let paths = cases.iter().flat_map(|case| if case.is_dir() { files(case) } else { BTreeSet::new() });
    let texts = paths.filter_map(|path| fs::read_to_string(path).ok()).filter(|text| text.len() < 60_000);
    texts.filter_map(|text| serde_json::from_str(&text).ok()).collect()
}

fn strings<'v>(value: &'v mut Value, out: &mut Vec<&'v mut String>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(items) => items.iter_mut().for_each(|item| strings(item, out)),
        Value::Object(members) => members.values_mut().for_each(|member| strings(member, out)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the strings of a capture hold, its copy gives the same first diagnosis.
    #[test]
    fn any_string_of_a_capture(
        which in any::<prop::sample::Index>(),
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3_u8), 1..6),
        sign in prop::sample::select(vec!["\"", "\\", "\\u0022", "'", "[", "{\"", "&", ";", ",", "\n", "%22", "<", "="]),
    ) {
        let triage = Triage::new(Options::default()).expect("the built-in rules");
        let mut captures = captures();
        let count = captures.len();
        prop_assert!(count > 15, "{count} captures");
        let capture = &mut captures[which.index(count)];
        for (string, at, change) in places {
            let mut all = Vec::new();
            strings(capture, &mut all);
            let one = string.index(all.len());
            let text = &mut all[one];
            let at = at.index(text.len() + 1);
            let at = (0..=at).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
            match change {
                0 => text.insert_str(at, sign),
                1 => text.truncate(at),
                _ => { let end = text.split_off(at); **text = end; }
            }
        }
        let before = serde_json::to_vec(capture).expect("JSON");
        let after = redact_source(&before, "har").expect("nothing leaks").bytes;
        let judge = |bytes: &[u8]| triage.investigate_text("x.har", &String::from_utf8_lossy(bytes));
        let first = |found: &hartriage::Findings| found.judgement.diagnoses.first().map(|d| d.rule);
        let (original, copy) = (judge(&before), judge(&after));
        let (text, left) = (String::from_utf8_lossy(&before), String::from_utf8_lossy(&after));
        let mut facts = original.observed.iter().flat_map(|o| &o.facts);
        // An error that stands where a secret belongs is hidden with it.
        let hidden = facts.any(|f| text.contains(&f.value) && !left.contains(&f.value));
        prop_assert!(hidden || first(&copy) == first(&original), "another first diagnosis");
    }
}
