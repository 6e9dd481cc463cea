//! Findings → one side: the flow of the main attempt, stage by stage.

use std::collections::BTreeSet;

use super::model::{PlaceSeen, Setting, Side, StageSeen, State};
use super::words::SETTINGS;
use crate::correlate::{Step, steps_of};
use crate::diagnose::Ruleset;
use crate::model::{Attempt, Fact, FactName, Kind, Observed, Outcome, Safe, Stage};
use crate::rank::code_of;
use crate::redact::Redactor;
use crate::triage::Findings;

/// Values kept of one parameter.
const MOST: usize = 40;

/// The side whose main attempt is the one that worked (`good`), or the one that the first diagnosis is about.
pub(super) fn side(findings: &Findings, rules: &Ruleset, redactor: &Redactor, good: bool) -> Side {
    let main = if good { working(findings) } else { failing(findings) };
    let attempt = main.and_then(|n| findings.attempts.get(n));
    let maker = Maker { findings, redactor };
    let mut stages = maker.stages(attempt);
    if let Some(stage) = main.and_then(|n| told(findings, rules, n)) {
        attribute(stage, &mut stages);
    }
    Side {
        inputs: findings.inputs.iter().map(|i| redactor.name(&i.name)).collect(),
        outcome: attempt.map(|a| a.outcome),
        stages,
        settings: SETTINGS.iter().map(|s| maker.setting(attempt, s.fact)).collect(),
    }
}

/// Of the attempts that succeeded, else of all, the first with the most stages.
fn working(findings: &Findings) -> Option<usize> {
    let worked = |n: &usize| findings.attempts.get(*n).is_some_and(|a| a.outcome == Outcome::Succeeded);
    let all: Vec<usize> = (0..findings.attempts.len()).collect();
    let succeeded: Vec<usize> = all.iter().copied().filter(worked).collect();
    fullest(findings, if succeeded.is_empty() { &all } else { &succeeded })
}

/// The attempt of the first cause; else one that failed, else the fullest.
fn failing(findings: &Findings) -> Option<usize> {
    let cause = findings.judgement.diagnoses.iter().find(|d| d.kind == Kind::Cause);
    let failed = |n: &usize| findings.attempts.get(*n).is_some_and(|a| a.outcome == Outcome::Failed);
    let all: Vec<usize> = (0..findings.attempts.len()).collect();
    match cause {
        Some(cause) => fullest(findings, &cause.attempts),
        None => all.iter().copied().find(failed).or_else(|| fullest(findings, &all)),
    }
}

fn fullest(findings: &Findings, among: &[usize]) -> Option<usize> {
    let stages = |n: &usize| {
        let hops = findings.attempts.get(*n).map(|a| a.hops.iter().map(|h| h.stage).collect::<BTreeSet<_>>());
        hops.map_or(0, |h| h.len())
    };
    among.iter().copied().min_by_key(|n| (std::cmp::Reverse(stages(n)), *n))
}

/// The stage that the first cause of an attempt is about.
fn told(findings: &Findings, rules: &Ruleset, attempt: usize) -> Option<Stage> {
    let mut causes = findings.judgement.diagnoses.iter().filter(|d| d.kind == Kind::Cause);
    causes.find(|d| d.attempts.contains(&attempt)).map(|d| rules.get(d.rule).stage)
}

/// What fails at sign-in or consent is often seen only in the redirect that carries the error back: the failure moves
/// to the stage that its cause is about.
fn attribute(told: Stage, stages: &mut [StageSeen]) {
    let front = [Stage::SignIn, Stage::Consent, Stage::Redirect];
    let place = |stage: Stage| Stage::ALL.iter().position(|s| *s == stage);
    let failed = stages.iter().position(|s| s.state == State::Failed);
    let (Some(from), Some(to)) = (failed, place(told)) else { return };
    let in_front = |n: usize| front.iter().any(|s| place(*s) == Some(n));
    if from == to || !in_front(from) || !in_front(to) {
        return;
    }
    if let Some(failed) = stages.get_mut(from).map(std::mem::take) {
        if let Some(carrier) = stages.get_mut(from) {
            *carrier = StageSeen { state: State::Seen, place: failed.place.clone(), ..StageSeen::default() };
        }
        if let Some(stage) = stages.get_mut(to) {
            *stage = failed;
        }
    }
}

struct Maker<'m> {
    findings: &'m Findings,
    redactor: &'m Redactor,
}

impl Maker<'_> {
    fn stages(&self, attempt: Option<&Attempt>) -> Vec<StageSeen> {
        let mut stages = vec![StageSeen::default(); Stage::ALL.len()];
        let Some(attempt) = attempt else { return stages };
        for event in attempt.events.iter().filter_map(|n| self.findings.observed.get(*n)) {
            let overcome = event.facts.iter().any(|f| is_resolved(attempt, f));
            for step in steps_of(event) {
                self.take(step, event, overcome, &mut stages);
            }
        }
        stages
    }

    fn take(&self, step: Step, event: &Observed, overcome: bool, stages: &mut [StageSeen]) {
        let (stage, state) = match step {
            Step::Failed(_) if overcome => return,
            Step::Failed(stage) => (stage, State::Failed),
            Step::Ok(stage) => (stage, State::Ok),
            Step::Seen(stage) => (stage, State::Seen),
        };
        let place = Stage::ALL.iter().position(|s| *s == stage);
        let Some(seen) = place.and_then(|n| stages.get_mut(n)) else { return };
        if state == State::Failed {
            self.add_codes(event, &mut seen.codes);
        }
        if outweighs(state, seen.state) {
            seen.state = state;
            seen.status = event.meta.status;
            seen.place = Some(self.place(event));
        }
    }

    fn place(&self, event: &Observed) -> PlaceSeen {
        let place = &event.meta.place;
        let input = self.findings.inputs.get(place.source.0 as usize);
        PlaceSeen {
            source: input.map(|i| self.redactor.name(&i.name)).unwrap_or_default(),
            entry: place.entry,
            line: place.line,
            byte: place.span.start,
        }
    }

    fn add_codes(&self, event: &Observed, codes: &mut Vec<Safe>) {
        let mut found: Vec<(u8, String)> =
            event.facts.iter().filter_map(|f| Some((weight(f.name)?, code_of(f)?))).collect();
        found.sort();
        // `access_denied` says nothing that a code beside it does not say better.
        let best = found.first().map_or(0, |(weight, _)| *weight);
        found.retain(|(weight, _)| *weight < VAGUE || best >= VAGUE);
        for (_, code) in found {
            let code = self.redactor.text(&code);
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }

    fn setting(&self, attempt: Option<&Attempt>, name: FactName) -> Setting {
        let facts = attempt.map(|a| a.facts.as_slice()).unwrap_or_default();
        let mut seen = BTreeSet::new();
        let own = facts.iter().filter(|f| f.name == name);
        let mut values: Vec<&str> =
            own.map(|f| f.value.as_str()).filter(|v| seen.insert(v.to_lowercase())).take(MOST).collect();
        values.sort_by_key(|v| v.to_lowercase());
        Setting { values: values.into_iter().map(|v| self.redactor.text(v)).collect() }
    }
}

fn is_resolved(attempt: &Attempt, fact: &Fact) -> bool {
    attempt.resolved.iter().any(|n| attempt.facts.get(*n) == Some(fact))
}

/// A failure that stands outweighs success, and both a mere sight; the last of the same kind counts.
fn outweighs(new: State, old: State) -> bool {
    let weight = |s: State| match s {
        State::NotSeen => 0,
        State::Seen => 1,
        State::Ok => 2,
        State::Failed => 3,
    };
    weight(new) > weight(old) || new == State::Ok && old == State::Ok
}

/// Weight from which a code only names the kind of refusal.
const VAGUE: u8 = 4;

/// How much a code tells: the smaller, the more. `None` for what is no code or only repeats the status.
fn weight(name: FactName) -> Option<u8> {
    use FactName::*;
    Some(match name {
        EntraCode | EntraGuess => 0,
        ApiCode | VendorCode | ConsumerCode | IdxCode => 1,
        SmtpCode | MailText | MsalCode | DiagnosticsCode | ChallengeCode | NetworkError => 2,
        ChallengeError | UnknownCode => 3,
        OauthError => VAGUE,
        OauthSuberror => VAGUE + 1,
        _ => return None,
    })
}
