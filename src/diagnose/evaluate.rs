//! Does a rule hold for an attempt, and with how many points?

use std::collections::BTreeSet;

use super::Ruleset;
use crate::model::{Attempt, Condition, Fact, FactName, Kind, Rule, Verdict};

/// Every rule that holds for the attempt, in order of rule; `index` is the attempt's number. What was overcome later
/// in the same story (`resolved`) is no failure: only benign rules see it.
pub fn evaluate(rules: &Ruleset, attempt: &Attempt, index: usize) -> Vec<Verdict> {
    let candidates: BTreeSet<usize> =
        attempt.facts.iter().flat_map(|f| rules.opened_by(f.name)).copied().collect();
    candidates
        .into_iter()
        .filter_map(|n| judge(rules.get(n), attempt).map(|v| Verdict { rule: n, attempt: index, ..v }))
        .collect()
}

fn judge(rule: &Rule, attempt: &Attempt) -> Option<Verdict> {
    let visible: Vec<usize> = (0..attempt.facts.len())
        .filter(|n| rule.kind == Kind::Benign || !attempt.resolved.contains(n))
        .collect();
    let holds = |c: &Condition| visible.iter().any(|n| matches(c, &attempt.facts[*n]));
    if !rule.all.iter().all(holds) || rule.none.iter().any(holds) {
        return None;
    }
    if !rule.any.is_empty() && !rule.any.iter().any(holds) {
        return None;
    }
    let overcome = overcome(rule, attempt);
    let mut points = 0;
    let mut for_: Vec<(i32, usize)> = Vec::new();
    let mut against = Vec::new();
    for weight in &rule.weights {
        let hits: Vec<usize> =
            visible.iter().copied().filter(|n| matches(&weight.when, &attempt.facts[*n])).collect();
        let about_others = weight.when.name == FactName::LaterSuccess && weight.points < 0 && !overcome;
        if hits.is_empty() || about_others {
            continue;
        }
        points += weight.points;
        if weight.points >= 0 {
            for_.extend(hits.iter().map(|n| (weight.points, *n)));
        } else {
            against.extend(hits);
        }
    }
    for_.sort_by_key(|(points, n)| (-points, *n));
    let mut seen = BTreeSet::new();
    let for_: Vec<usize> = for_.into_iter().map(|(_, n)| n).filter(|n| seen.insert(*n)).collect();
    // Surroundings alone prove nothing: something in the try itself must speak for the rule.
    let own = for_.iter().any(|n| !attempt.surroundings.contains(n));
    (points > 0 && own).then_some(Verdict { rule: 0, attempt: 0, points, for_, against })
}

/// True when something that the rule rests on was overcome: only then does a later success speak against the rule. What
/// was overcome may have been another matter, such as the question whether to stay signed in.
fn overcome(rule: &Rule, attempt: &Attempt) -> bool {
    let earns = |f: &Fact| rule.weights.iter().any(|w| w.points > 0 && matches(&w.when, f));
    attempt.resolved.iter().filter_map(|n| attempt.facts.get(*n)).any(earns)
}

/// True when the fact satisfies the condition.
pub fn matches(condition: &Condition, fact: &Fact) -> bool {
    condition.name == fact.name
        && (condition.values.is_empty() || condition.values.iter().any(|v| value_matches(v, &fact.value)))
}

fn value_matches(wanted: &str, value: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(prefix) => {
            value.len() >= prefix.len()
                && value.is_char_boundary(prefix.len())
                && value[..prefix.len()].eq_ignore_ascii_case(prefix)
        }
        None => value.eq_ignore_ascii_case(wanted),
    }
}
