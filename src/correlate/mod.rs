//! Facts → attempts: which events belong to one try to connect, what became of it, and what only several facts
//! together tell.
//!
//! In: [`Observed`] events in order of source. Out: [`Attempt`]s with derived facts, in order of first appearance.
//! Never: reading bytes, knowing a rule, or wording anything.

mod derive;
mod join;
mod outcome;
mod repeats;
mod scopes;
mod skew;
mod stage;

pub use repeats::Repeats;
pub use scopes::{Ledger, ledger};
pub use skew::{Skew, skews};
pub use stage::{Step, steps_of};

use std::collections::{BTreeSet, HashMap};

use rayon::prelude::*;

use crate::model::{Attempt, Fact, FactName, Observed, Profile, SourceId};

/// Joins events into attempts and derives what follows from them together.
/// `marks` are facts of whole sources (`capture-tool`, `sanitised`).
pub fn correlate(observed: &[Observed], marks: &[Fact], profile: Option<&Profile>) -> Vec<Attempt> {
    let (groups, case) = join::groups(observed);
    let marks = Marks::of(marks);
    let mut attempts: Vec<Attempt> = groups
        .into_par_iter()
        .with_min_len(FEW)
        .map(|events| assemble(observed, events, &case, &marks))
        .collect();
    attempts.sort_by_key(|a| a.events.first().copied());
    attempts.par_iter_mut().with_min_len(FEW).enumerate().for_each(|(n, attempt)| {
        attempt.id = format!("a{}", n + 1);
        outcome::settle(attempt, observed);
        derive::within(attempt, observed);
        scopes::derive(attempt, profile);
    });
    outcome::settle_across(&mut attempts, observed);
    derive::across(&mut attempts);
    for attempt in &mut attempts {
        outcome::publish(attempt);
    }
    attempts
}

/// Attempts that are not worth another core.
const FEW: usize = 64;

/// The facts of whole sources, to be found by their source.
struct Marks<'a> {
    all: &'a [Fact],
    by_source: HashMap<SourceId, Vec<usize>>,
}

impl<'a> Marks<'a> {
    fn of(all: &'a [Fact]) -> Self {
        let mut by_source: HashMap<SourceId, Vec<usize>> = HashMap::new();
        for (n, mark) in all.iter().enumerate() {
            by_source.entry(mark.place.source).or_default().push(n);
        }
        Marks { all, by_source }
    }

    /// Those of these sources, in their order.
    fn about(&self, sources: &BTreeSet<SourceId>) -> impl Iterator<Item = &'a Fact> {
        let mut of: Vec<usize> =
            sources.iter().filter_map(|source| self.by_source.get(source)).flatten().copied().collect();
        of.sort_unstable();
        of.into_iter().filter_map(|n| self.all.get(n))
    }
}

/// The attempt of some events: their facts in order of time, those of the case that concern it, and who it is about.
fn assemble(observed: &[Observed], events: Vec<usize>, case: &[&Observed], marks: &Marks<'_>) -> Attempt {
    let mut attempt = Attempt { events, ..Attempt::default() };
    for n in &attempt.events {
        attempt.facts.extend(observed[*n].facts.iter().cloned());
    }
    let surroundings: Vec<Fact> = case
        .iter()
        .filter(|event| join::concerns(event, &attempt.facts))
        .flat_map(|event| event.facts.iter().cloned())
        .collect();
    attempt.surroundings = attempt.facts.len()..attempt.facts.len() + surroundings.len();
    attempt.facts.extend(surroundings);
    let sources: BTreeSet<SourceId> = attempt.events.iter().map(|n| observed[*n].meta.source).collect();
    attempt.facts.extend(marks.about(&sources).cloned());
    let times = attempt.events.iter().filter_map(|n| observed[*n].meta.time);
    attempt.first_seen = times.clone().min();
    attempt.last_seen = times.max();
    attempt.app = first(&attempt, &[FactName::ClientId]);
    attempt.app_name = first(&attempt, &[FactName::AppName]);
    attempt.tenant = tenant(&attempt);
    attempt.account = first(&attempt, &ACCOUNT);
    attempt
}

/// Where the account of an attempt is read from, best first.
const ACCOUNT: [FactName; 8] = [
    FactName::IdToken,
    FactName::IdUpn,
    FactName::IdMailbox,
    FactName::IdTyped,
    FactName::IdPicked,
    FactName::IdHint,
    FactName::IdError,
    FactName::IdIntended,
];

fn first(attempt: &Attempt, names: &[FactName]) -> Option<String> {
    names.iter().find_map(|name| attempt.facts.iter().find(|f| f.name == *name)).map(|f| f.value.clone())
}

fn tenant(attempt: &Attempt) -> Option<String> {
    let is_guid = |f: &&Fact| f.value.len() == 36 && f.value.matches('-').count() == 4;
    let of = |name: FactName| attempt.facts.iter().filter(move |f| f.name == name);
    of(FactName::Tenant)
        .find(is_guid)
        .or_else(|| of(FactName::Tenant).next())
        .or_else(|| of(FactName::ErrorTenant).next())
        .map(|f| f.value.clone())
}

#[cfg(test)]
mod tests;
