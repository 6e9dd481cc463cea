//! The rules prove themselves: every example ranks its own rule first against all rules, every counter-example stays
//! quiet, and each file has all that `docs/writing-rules.md` asks for (compiling them checks that).

use hartriage::model::FACTS;
use hartriage::{Options, Triage, diagnose, proof};

fn triage() -> Triage {
    Triage::new(Options::default()).expect("the built-in rules compile")
}

#[test]
fn every_example_ranks_its_rule_first() {
    let triage = triage();
    let proven = proof::prove(&triage);
    assert!(proven.run >= 4 * triage.rules().rules().len(), "only {} proofs", proven.run);
    assert!(
        proven.failures.is_empty(),
        "{} of {} failed:\n{}",
        proven.failures.len(),
        proven.run,
        proven.failures.join("\n")
    );
}

/// What is read at a start, and later of what is shown, is what the files say.
#[test]
fn the_built_in_rules_are_their_files() {
    let checked =
        diagnose::check_built_in().and_then(diagnose::Ruleset::of).expect("every file is well-formed");
    let built_in = diagnose::Ruleset::built_in().expect("the built-in rules compile");
    assert_eq!(built_in.rules().len(), checked.rules().len());
    for (read, file) in built_in.rules().iter().zip(checked.rules()) {
        assert_eq!(format!("{read:?}"), format!("{file:?}"));
    }
}

#[test]
fn every_cause_of_the_vocabulary_has_a_rule() {
    let ids = include_str!("causes.txt");
    let triage = triage();
    let missing: Vec<&str> =
        ids.lines().filter(|id| !id.is_empty() && triage.rules().index_of(id).is_none()).collect();
    assert!(missing.is_empty(), "no rule for {missing:?}");
}

#[test]
fn fact_names_are_unique_and_documented() {
    let mut ids: Vec<&str> = FACTS.iter().map(|f| f.id).collect();
    assert!(FACTS.iter().all(|f| f.doc.ends_with(['.', '…'])));
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

/// A rule file, with one thing changed.
fn changed(from: &str, to: &str) -> String {
    let (_, text) = hartriage::rules::find("user-not-assigned").expect("the rule is built in");
    assert!(text.contains(from), "{from:?} is not in the rule");
    text.replacen(from, to, 1)
}

#[test]
fn a_rule_without_its_proof_is_refused() {
    let compile =
        |text: &str| diagnose::compile("user-not-assigned.toml", text).map(|_| ()).map_err(|e| e.what);
    assert_eq!(compile(&changed("id = ", "id = ")), Ok(()));
    let no_fact = compile(&changed("entra-code=50105", "entra-kode=50105")).expect_err("unknown fact");
    assert!(no_fact.contains("no fact named"), "{no_fact}");
    assert!(compile(&changed("[text.ja]", "[text.xx]")).is_err());
    assert!(compile(&changed("[[example]]", "[[beispiel]]")).is_err());
    assert!(compile(&changed("[[counter]]", "[[kounter]]")).is_err());
    let without: String = {
        let text = changed("id = ", "id = ");
        let end = text.find("[[counter]]").expect("a counter-example");
        text[..end].to_owned()
    };
    assert!(compile(&without).expect_err("no counter-examples").contains("counter-example"));
}
