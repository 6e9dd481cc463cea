//! What became of an attempt, and which failures were overcome.
//!
//! A failure is overcome when the same thing succeeded afterwards: for sign-in, consent, redirect and token any later
//! success of that stage or a later one; for API calls a success of the same area and target. An interrupt followed
//! by success, a retry that worked, a challenge answered with a token are no failures.

use std::collections::BTreeSet;

use super::stage;
use crate::model::{Attempt, Fact, FactName, Hop, Observed, Outcome, Place, Stage};

/// An event that failed or succeeded, in order.
struct Step {
    order: usize,
    event: usize,
    stage: Stage,
    ok: bool,
    area: String,
    target: String,
}

fn value(event: &Observed, name: FactName) -> &str {
    event.facts.iter().find(|f| f.name == name).map_or("", |f| f.value.as_str())
}

fn steps(attempt: &Attempt, observed: &[Observed]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (order, n) in attempt.events.iter().enumerate() {
        let event = &observed[*n];
        let step = |stage, ok, area: &str| Step {
            order,
            event: *n,
            stage,
            ok,
            area: area.to_owned(),
            target: value(event, FactName::ApiTarget).to_owned(),
        };
        let failed = event.facts.iter().any(stage::is_failure);
        if failed {
            steps.push(step(stage::of_failure(event), false, value(event, FactName::ApiArea)));
        }
        for fact in event.facts.iter().filter(|f| stage::is_success(f)) {
            if let Some(s) = stage::of_success(fact) {
                let area = if fact.name == FactName::ApiOk { fact.value.as_str() } else { "" };
                // One event may hold both (a `$batch`, a log excerpt): then the failure is what counts.
                if !failed
                    || event.meta.place.entry.is_none()
                        && event.facts.len() > 1
                        && s < stage::of_failure(event)
                {
                    steps.push(step(s, true, area));
                }
            }
        }
    }
    steps
}

fn overcomes(success: &Step, failure: &Step) -> bool {
    success.ok && success.order > failure.order && same_or_later(success, failure)
}

fn same_or_later(success: &Step, failure: &Step) -> bool {
    if failure.stage >= Stage::Mailbox {
        let same_area = failure.area.is_empty() || success.area.is_empty() || success.area == failure.area;
        let same_target =
            failure.target.is_empty() || success.target.is_empty() || success.target == failure.target;
        return success.stage == failure.stage && same_area && same_target;
    }
    match failure.stage {
        Stage::Network => success.stage >= Stage::Redirect,
        Stage::SignIn => success.stage >= Stage::SignIn,
        other => success.stage >= other,
    }
}

/// Fills hops, outcome, stage and resolved facts of one attempt, and notes what succeeded later.
pub(super) fn settle(attempt: &mut Attempt, observed: &[Observed]) {
    let steps = steps(attempt, observed);
    attempt.hops = hops(attempt, observed);
    let mut later: BTreeSet<Stage> = BTreeSet::new();
    let mut last_open: Option<&Step> = None;
    let mut first_open: Option<&Step> = None;
    for failure in steps.iter().filter(|s| !s.ok) {
        if steps.iter().any(|s| overcomes(s, failure)) {
            later.insert(failure.stage);
            resolve(attempt, &observed[failure.event]);
            if retried(failure, &steps, observed) {
                note(attempt, FactName::RetryWorked, "yes", &observed[failure.event].meta.place);
            }
        } else if superseded(failure, &steps, observed) {
            resolve(attempt, &observed[failure.event]);
        } else {
            first_open = first_open.or(Some(failure));
            last_open = Some(failure);
        }
    }
    let place = attempt.events.last().map(|n| observed[*n].meta.place.clone()).unwrap_or_default();
    for stage in later {
        note(attempt, FactName::LaterSuccess, stage.name(), &place);
    }
    let reached = steps.iter().filter(|s| s.ok).map(|s| s.stage).max();
    attempt.outcome = match (last_open, reached) {
        (Some(last), _)
            if [first_open, Some(last)].iter().flatten().all(|s| still_asking(&observed[s.event])) =>
        {
            Outcome::Abandoned
        }
        (Some(_), _) => Outcome::Failed,
        (None, Some(stage)) if stage >= Stage::Token => Outcome::Succeeded,
        (None, Some(Stage::SignIn)) if signed_in_by_record(attempt) => Outcome::Succeeded,
        (None, _) if saw(attempt, "authorize") || saw(attempt, "consent") => Outcome::Abandoned,
        (None, _) => Outcome::Unknown,
    };
    attempt.stage = match first_open {
        Some(failure) => failure.stage,
        None => reached.or_else(|| attempt.hops.iter().map(|h| h.stage).max()).unwrap_or(Stage::SignIn),
    };
}

/// A sign-in record of Entra tells of success without showing tokens.
fn signed_in_by_record(attempt: &Attempt) -> bool {
    attempt.facts.iter().any(|f| f.name == FactName::SigninResult && f.value == "success")
}

fn saw(attempt: &Attempt, hop: &str) -> bool {
    attempt.facts.iter().any(|f| f.name == FactName::Hop && f.value == hop)
}

/// Codes by which Microsoft asks for one more step: what comes after them decides.
const INTERRUPTS: [&str; 14] = [
    "50058", "50072", "50074", "50076", "50079", "50125", "50140", "50199", "50203", "16000", "16001",
    "29200", "51005", "81012",
];

/// An interrupt that the same sign-in went past: a later step of it failed with another code.
fn superseded(failure: &Step, steps: &[Step], observed: &[Observed]) -> bool {
    let codes = |n: usize| -> BTreeSet<&str> {
        let facts = observed[n].facts.iter().filter(|f| f.name == FactName::EntraCode);
        facts.map(|f| f.value.as_str()).collect()
    };
    let own = codes(failure.event);
    let interrupt = !own.is_empty() && own.iter().all(|c| INTERRUPTS.contains(c));
    interrupt
        && steps.iter().any(|s| {
            let later = codes(s.event);
            s.order > failure.order
                && s.stage <= Stage::Token
                && later.iter().any(|c| !own.contains(c) && !INTERRUPTS.contains(c))
        })
}

/// The last that is seen is a page that asks for one more step, and nothing but that step was refused: who was to take
/// it went away.
fn still_asking(event: &Observed) -> bool {
    let page = |f: &Fact| {
        f.name == FactName::Page && matches!(f.value.as_str(), "mfa" | "mfa-registration" | "account-picker")
    };
    event.facts.iter().any(page)
        && event.facts.iter().filter(|f| stage::is_failure(f)).all(|f| match f.name {
            FactName::EntraCode => INTERRUPTS.contains(&f.value.as_str()),
            FactName::HopFailed => true,
            _ => false,
        })
}

/// The failure was throttling or a server fault, and the same call worked afterwards.
fn retried(failure: &Step, steps: &[Step], observed: &[Observed]) -> bool {
    let event = &observed[failure.event];
    let transient = event
        .facts
        .iter()
        .any(|f| matches!(f.name, FactName::Throttle | FactName::ServerFault | FactName::RetryAfter));
    let same_call = |s: &&Step| {
        let other = &observed[s.event];
        event.meta.label.is_empty() || other.meta.label == event.meta.label
    };
    transient && steps.iter().filter(|s| overcomes(s, failure)).any(|s| same_call(&s))
}

fn resolve(attempt: &mut Attempt, event: &Observed) {
    for (n, fact) in attempt.facts.iter().enumerate() {
        if stage::is_failure(fact) && event.facts.contains(fact) {
            attempt.resolved.insert(n);
        }
    }
}

pub(super) fn note(attempt: &mut Attempt, name: FactName, value: &str, place: &Place) {
    let known = attempt.facts.iter().any(|f| f.name == name && f.value == value);
    if !known {
        attempt.facts.push(Fact { name, value: value.to_owned(), place: place.clone(), ..empty() });
    }
}

fn empty() -> Fact {
    Fact { name: FactName::Hop, value: String::new(), place: Place::default(), excerpt: Default::default() }
}

fn hops(attempt: &Attempt, observed: &[Observed]) -> Vec<Hop> {
    let mut hops = Vec::new();
    for (order, n) in attempt.events.iter().enumerate() {
        let event = &observed[*n];
        let failed = event.facts.iter().any(|f| f.name == FactName::HopFailed);
        for fact in event
            .facts
            .iter()
            .filter(|f| matches!(f.name, FactName::Hop | FactName::HopOk | FactName::HopFailed))
        {
            let Some(stage) = stage::of_hop(&fact.value) else { continue };
            let ok = match fact.name {
                FactName::HopOk => Some(true),
                FactName::HopFailed => Some(false),
                _ if failed => continue,
                _ => None,
            };
            hops.push(Hop { stage, ok, event: order });
        }
    }
    hops
}

/// A failed attempt of the same person and app that a later attempt of the same case overcame is no failure either.
pub(super) fn settle_across(attempts: &mut [Attempt], observed: &[Observed]) {
    let all: Vec<Vec<Step>> = attempts.iter().map(|a| steps(a, observed)).collect();
    let succeeded: Vec<usize> =
        (0..attempts.len()).filter(|m| attempts[*m].outcome == Outcome::Succeeded).collect();
    for n in 0..attempts.len() {
        if attempts[n].outcome != Outcome::Failed {
            continue;
        }
        let later = succeeded.get(succeeded.partition_point(|m| *m <= n)..).unwrap_or_default();
        let overcome = later.iter().copied().any(|m| {
            same_story(&attempts[n], &attempts[m], observed)
                && all[n].iter().filter(|s| !s.ok).all(|f| all[m].iter().any(|s| s.ok && same_or_later(s, f)))
        });
        if overcome {
            for step in all[n].iter().filter(|s| !s.ok) {
                let attempt = &mut attempts[n];
                resolve(attempt, &observed[step.event]);
                note(attempt, FactName::LaterSuccess, step.stage.name(), &observed[step.event].meta.place);
            }
        }
    }
}

/// Same account where both are known; else the same capture. Same app where both are known.
fn same_story(a: &Attempt, b: &Attempt, observed: &[Observed]) -> bool {
    let source = |x: &Attempt| {
        x.events.first().map(|n| (observed[*n].meta.source, observed[*n].meta.place.entry.is_some()))
    };
    let same_app = a.app.is_none() || b.app.is_none() || a.app == b.app;
    let same_capture = source(a) == source(b) && source(a).is_some_and(|(_, browser)| browser);
    let same_account = match (&a.account, &b.account) {
        (Some(x), Some(y)) => x.eq_ignore_ascii_case(y),
        _ => same_capture,
    };
    let after = match (a.last_seen, b.last_seen) {
        (Some(x), Some(y)) => y >= x,
        _ => same_capture,
    };
    same_app && same_account && after
}

/// Writes the outcome as a fact, for rules.
pub(super) fn publish(attempt: &mut Attempt) {
    let name = match attempt.outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::Failed => "failed",
        Outcome::Abandoned => "abandoned",
        Outcome::Unknown => "unknown",
    };
    let place = attempt.facts.first().map(|f| f.place.clone()).unwrap_or_default();
    note(attempt, FactName::OutcomeIs, name, &place);
}
