//! The proofs that rules carry: every example ranks its own rule first against all rules, every counter-example
//! leaves it quiet.
//!
//! In: a [`Triage`] with its rules. Out: how many proofs were run and which failed. Never: a proof that is skipped.

use rayon::prelude::*;

use crate::Triage;
use crate::model::{Example, Kind, Rule};

/// Result of running the proofs.
#[derive(Debug, Clone, Default)]
pub struct Proven {
    pub run: usize,
    /// One line each: rule, example, what came instead.
    pub failures: Vec<String>,
}

/// Runs every example and counter-example of every rule.
pub fn prove(triage: &Triage) -> Proven {
    let results: Vec<Vec<Option<String>>> =
        triage.rules().rules().par_iter().map(|r| prove_rule(triage, r)).collect();
    let results: Vec<Option<String>> = results.into_iter().flatten().collect();
    Proven { run: results.len(), failures: results.into_iter().flatten().collect() }
}

fn prove_rule(triage: &Triage, rule: &Rule) -> Vec<Option<String>> {
    let examples = rule.examples.iter().map(|e| example(triage, rule, e));
    examples.chain(rule.counters.iter().map(|c| counter(triage, rule, c))).collect()
}

/// Ids found in an input, in order: those of the rule's own kind, as `id` or `id (confidence)`.
fn found(triage: &Triage, input: &str, kind: Kind) -> Vec<(String, u8)> {
    let findings = triage.investigate_text("example", input);
    let diagnoses = findings.judgement.diagnoses.into_iter().filter(|d| d.kind == kind);
    diagnoses.map(|d| (triage.rules().get(d.rule).id.clone(), d.confidence)).collect()
}

fn listed(found: &[(String, u8)]) -> String {
    if found.is_empty() {
        return "nothing".to_owned();
    }
    found.iter().map(|(id, confidence)| format!("{id} ({confidence})")).collect::<Vec<_>>().join(", ")
}

fn example(triage: &Triage, rule: &Rule, example: &Example) -> Option<String> {
    let found = found(triage, &example.input, rule.kind);
    let first = found.first().is_some_and(|(id, _)| *id == rule.id);
    (!first).then(|| format!("{}: example {:?}: got {}", rule.id, example.name, listed(&found)))
}

fn counter(triage: &Triage, rule: &Rule, counter: &Example) -> Option<String> {
    let found = found(triage, &counter.input, Kind::Cause);
    let fired = found.iter().any(|(id, _)| *id == rule.id);
    let instead = counter.instead.is_empty()
        || found.first().is_some_and(|(id, _)| *id == counter.instead)
        || rule_kind(triage, &counter.instead) != Some(Kind::Cause);
    let wanted = if counter.instead.is_empty() { "anything else" } else { &counter.instead };
    (fired || !instead).then(|| {
        format!("{}: counter-example {:?}: wanted {wanted}, got {}", rule.id, counter.name, listed(&found))
    })
}

fn rule_kind(triage: &Triage, id: &str) -> Option<Kind> {
    triage.rules().index_of(id).map(|n| triage.rules().get(n).kind)
}
