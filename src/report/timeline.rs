//! The attempt that the flow shows, exchange by exchange, in order of time.
//!
//! In: findings and which attempt. Out: what belongs to a hop, and where the main evidence stands. Never: every request
//! of a page; those that say nothing of the connection are left out.

use super::model::{HopState, Moment};
use crate::model::{Fact, FactName, Observed, Place};
use crate::redact::Redactor;
use crate::triage::Findings;

/// Shown in any case; after that, only what failed or proves.
const FIRST: usize = 30;
const MOST: usize = 60;

/// The moments of the attempt with that number, or of the last attempt; and how many were left out.
pub(super) fn timeline(
    findings: &Findings,
    attempt: Option<usize>,
    proof: Option<&Place>,
    redactor: &Redactor,
) -> (Vec<Moment>, usize) {
    let attempt = attempt.or(findings.attempts.len().checked_sub(1)).and_then(|n| findings.attempts.get(n));
    let Some(attempt) = attempt else { return (Vec::new(), 0) };
    let events = attempt.events.iter().filter_map(|n| findings.observed.get(*n));
    let proves = |e: &Observed| proof.is_some_and(|p| at(p) == at(&e.meta.place));
    let telling: Vec<(&Observed, &'static str, HopState)> = events
        .filter_map(|e| {
            let hop = hop(&e.facts);
            hop.or(proves(e).then_some(("", HopState::Seen))).map(|(name, state)| (e, name, state))
        })
        .collect();
    // What was refused and then accepted was a step on the way (a challenge, an interrupt), not the failure.
    let overcome = |n: usize, name: &str| {
        telling.iter().skip(n + 1).any(|(_, later, state)| *later == name && *state == HopState::Ok)
    };
    let start = telling.iter().filter_map(|(e, ..)| e.meta.time).min();
    let mut out: Vec<Moment> = Vec::new();
    for (n, (event, name, state)) in telling.iter().enumerate() {
        let proof = proves(event);
        let state = match state {
            HopState::Failed if overcome(n, name) => HopState::Seen,
            state => *state,
        };
        if out.len() >= MOST || !(n < FIRST || proof || state == HopState::Failed) {
            continue;
        }
        let after =
            event.meta.time.zip(start).map(|(time, start)| time.as_millisecond() - start.as_millisecond());
        let name_of = findings.inputs.get(event.meta.source.0 as usize).map_or("", |i| i.name.as_str());
        out.push(Moment {
            after: after.and_then(|ms| u64::try_from(ms).ok()),
            name,
            state,
            label: redactor.text(event.meta.label.as_str()),
            status: event.meta.status,
            source: redactor.name(name_of),
            entry: event.meta.place.entry,
            line: event.meta.place.line,
            proof,
        });
    }
    let more = telling.len() - out.len();
    (out, more)
}

fn at(place: &Place) -> (u32, Option<u32>, Option<u64>) {
    (place.source.0, place.entry, place.line)
}

/// The hop that an exchange belongs to, and how it went: of several, the one that says most.
fn hop(facts: &[Fact]) -> Option<(&'static str, HopState)> {
    let mut best: Option<(&'static str, HopState, u8)> = None;
    for fact in facts {
        let (state, weight) = match fact.name {
            FactName::HopFailed => (HopState::Failed, 3),
            FactName::HopOk => (HopState::Ok, 2),
            FactName::Hop => (HopState::Seen, 1),
            _ => continue,
        };
        let Some(name) = super::flow::name(&fact.value) else { continue };
        if best.is_none_or(|(_, _, known)| weight >= known) {
            best = Some((name, state, weight));
        }
    }
    best.map(|(name, state, _)| (name, state))
}
