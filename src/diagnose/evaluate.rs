//! Does a rule hold for an attempt, and with how many points?

use std::cell::LazyCell;
use std::collections::{BTreeSet, HashMap};

use super::Ruleset;
use crate::model::{Attempt, Condition, FACTS, Fact, FactName, Kind, Rule, Verdict};

/// Every rule that holds for the attempt, in order of rule; `index` is the attempt's number. What was overcome later
/// in the same story (`resolved`) is no failure: only benign rules see it.
pub fn evaluate(rules: &Ruleset, attempt: &Attempt, index: usize) -> Vec<Verdict> {
    let named = Named::of(attempt);
    let candidates: BTreeSet<usize> = named.names().flat_map(|name| rules.opened_by(name)).copied().collect();
    candidates
        .into_iter()
        .filter_map(|n| judge(rules.get(n), &named).map(|v| Verdict { rule: n, attempt: index, ..v }))
        .collect()
}

/// The facts of an attempt by name and value: of the hundreds that a busy account has, a condition asks a few.
struct Named<'a> {
    attempt: &'a Attempt,
    by_name: Vec<Vec<Alike>>,
}

/// Indexes of facts that say the same.
struct Alike {
    all: Vec<usize>,
}

impl<'a> Named<'a> {
    fn of(attempt: &'a Attempt) -> Self {
        let mut by_name: Vec<Vec<Alike>> = FACTS.iter().map(|_| Vec::new()).collect();
        let mut known: HashMap<(FactName, &str), usize> = HashMap::new();
        for (n, fact) in attempt.facts.iter().enumerate() {
            let of_name = &mut by_name[fact.name as usize];
            let place = *known.entry((fact.name, &fact.value)).or_insert(of_name.len());
            match of_name.get_mut(place) {
                Some(alike) => alike.all.push(n),
                None => of_name.push(Alike { all: vec![n] }),
            }
        }
        Named { attempt, by_name }
    }

    /// The names that some fact has.
    fn names(&self) -> impl Iterator<Item = FactName> {
        let first = self.by_name.iter().filter_map(|of_name| of_name.first()?.all.first());
        first.filter_map(|n| self.attempt.facts.get(*n)).map(|fact| fact.name)
    }

    /// Indexes of the facts that satisfy the condition, as far as a rule of this kind sees them; in order of what they say.
    fn hits(&self, condition: &Condition, kind: Kind) -> impl Iterator<Item = usize> {
        let of_name = self.by_name.get(condition.name as usize).map(Vec::as_slice).unwrap_or_default();
        let says = |alike: &&Alike| {
            let fact = alike.all.first().and_then(|n| self.attempt.facts.get(*n));
            fact.is_some_and(|fact| matches(condition, fact))
        };
        let hits = of_name.iter().filter(says).flat_map(|alike| alike.all.iter().copied());
        hits.filter(move |n| kind == Kind::Benign || !self.attempt.resolved.contains(n))
    }
}

fn judge(rule: &Rule, named: &Named<'_>) -> Option<Verdict> {
    let attempt = named.attempt;
    let holds = |c: &Condition| named.hits(c, rule.kind).next().is_some();
    if !rule.all.iter().all(holds) || rule.none.iter().any(holds) {
        return None;
    }
    if !rule.any.is_empty() && !rule.any.iter().any(holds) {
        return None;
    }
    let overcome = LazyCell::new(|| overcome(rule, attempt));
    let mut points = 0;
    let mut for_: Vec<(i32, usize)> = Vec::new();
    let mut against = Vec::new();
    for weight in &rule.weights {
        let mut hits: Vec<usize> = named.hits(&weight.when, rule.kind).collect();
        hits.sort_unstable();
        let about_others = weight.when.name == FactName::LaterSuccess && weight.points < 0 && !*overcome;
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
    match wanted.as_bytes() {
        [prefix @ .., b'*'] => {
            value.as_bytes().get(..prefix.len()).is_some_and(|value| value.eq_ignore_ascii_case(prefix))
                && value.is_char_boundary(prefix.len())
        }
        wanted => value.as_bytes().eq_ignore_ascii_case(wanted),
    }
}
