//! The scope ledger: required · requested · consented · granted · named in a refusal, and what is missing.

use std::collections::BTreeSet;

use super::outcome::note;
use crate::knowledge;
use crate::model::{Attempt, FactName, Place, Profile};

/// Scopes of some attempts, each list in order of first appearance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    pub required: Vec<String>,
    pub requested: Vec<String>,
    pub granted: Vec<String>,
    pub missing: Vec<String>,
}

/// Scopes that never stand in a grant, or say nothing about access: their absence there proves nothing.
const NOT_ECHOED: [&str; 4] = ["offline_access", "openid", "profile", "email"];

/// Adds `scope-required` (from the profile) and `scope-missing` to an attempt.
pub(super) fn derive(attempt: &mut Attempt, profile: Option<&Profile>) {
    let place = place_of(attempt);
    for scope in profile.iter().flat_map(|p| &p.required_scopes) {
        note(attempt, FactName::ScopeRequired, scope, &place);
    }
    for scope in missing(attempt) {
        note(attempt, FactName::ScopeMissing, &scope, &place);
    }
}

fn place_of(attempt: &Attempt) -> Place {
    let of = |name: FactName| attempt.facts.iter().find(|f| f.name == name);
    of(FactName::ScopeGranted)
        .or_else(|| of(FactName::ScopeNamed))
        .or_else(|| of(FactName::ScopeRequested))
        .or_else(|| attempt.facts.first())
        .map(|f| f.place.clone())
        .unwrap_or_default()
}

fn values(attempt: &Attempt, name: FactName) -> impl Iterator<Item = &str> {
    attempt.facts.iter().filter(move |f| f.name == name).map(|f| f.value.as_str())
}

fn missing(attempt: &Attempt) -> Vec<String> {
    let granted: Vec<&str> = values(attempt, FactName::ScopeGranted).collect();
    let requested: Vec<&str> = values(attempt, FactName::ScopeRequested).collect();
    let has = |list: &[&str], wanted: &str| list.iter().any(|g| knowledge::scope_satisfies(g, wanted));
    let mut missing: Vec<&str> =
        values(attempt, FactName::ScopeNamed).filter(|s| !has(&granted, s)).collect();
    if !granted.is_empty() {
        let wanted = values(attempt, FactName::ScopeRequired).chain(requested.iter().copied());
        missing.extend(wanted.filter(|s| !not_echoed(s) && !is_default(s) && !has(&granted, s)));
    } else if !requested.is_empty() && !requested.iter().any(|s| is_default(s)) {
        missing.extend(
            values(attempt, FactName::ScopeRequired).filter(|s| !not_echoed(s) && !has(&requested, s)),
        );
    }
    let mut seen = BTreeSet::new();
    missing.into_iter().filter(|s| seen.insert(s.to_lowercase())).map(str::to_owned).collect()
}

fn not_echoed(scope: &str) -> bool {
    NOT_ECHOED.iter().any(|s| s.eq_ignore_ascii_case(scope))
}

/// `.default` asks for whatever is registered; what that is cannot be seen.
fn is_default(scope: &str) -> bool {
    scope.eq_ignore_ascii_case(".default")
}

/// The ledger over all attempts.
pub fn ledger(attempts: &[Attempt]) -> Ledger {
    let collect = |name: FactName| {
        let mut seen = BTreeSet::new();
        attempts
            .iter()
            .flat_map(|a| values(a, name))
            .filter(|s| seen.insert(s.to_lowercase()))
            .map(str::to_owned)
            .collect()
    };
    Ledger {
        required: collect(FactName::ScopeRequired),
        requested: collect(FactName::ScopeRequested),
        granted: collect(FactName::ScopeGranted),
        missing: collect(FactName::ScopeMissing),
    }
}
