//! Side × side → where they part, and in what they differ.

use super::model::{Comparison, Diagnosed, Difference, Parting, Side, State};
use super::side::side;
use super::words::SETTINGS;
use crate::diagnose::Ruleset;
use crate::model::{FactName, Kind, Observed, Safe, Stage};
use crate::redact::Redactor;
use crate::report::Report;
use crate::triage::Findings;

/// Compares what was found in the one that worked with what was found in the other; `report` words the other.
pub fn compare(
    rules: &Ruleset,
    good: &Findings,
    bad: &Findings,
    report: &Report,
    anonymize: bool,
) -> Comparison {
    // One for both: the same pseudonym has to mean the same person.
    let seen: Vec<Observed> =
        if anonymize { good.observed.iter().chain(&bad.observed).cloned().collect() } else { Vec::new() };
    let redactor = Redactor::new(anonymize, &seen);
    let good = side(good, rules, &redactor, true);
    let bad = side(bad, rules, &redactor, false);
    let differences = differences(&good, &bad);
    let parting = parting(&good, &bad, &differences);
    let first = report.diagnoses.iter().find(|d| d.kind == Kind::Cause).or(report.diagnoses.first());
    let diagnosis = first.map(|d| Diagnosed {
        id: d.id.clone(),
        title: d.title.clone(),
        confidence: d.confidence,
        question: d.question.clone(),
    });
    Comparison { good, bad, parting, differences, diagnosis }
}

/// Parameters whose values are known on both sides and differ, in order of stage. What is seen on one side only may
/// be missing from the material of the other; it counts where both sides show the stage.
fn differences(good: &Side, bad: &Side) -> Vec<Difference> {
    let mut out = Vec::new();
    for (number, setting) in SETTINGS.iter().enumerate() {
        let values = |side: &Side| side.settings.get(number).map(|s| s.values.clone()).unwrap_or_default();
        let (good_values, bad_values) = (values(good), values(bad));
        let shown = |side: &Side, own: &[Safe]| {
            !own.is_empty() || state(side, setting.stage) != State::NotSeen && setting.absence_tells
        };
        let both = shown(good, &good_values) && shown(bad, &bad_values);
        if both && !same(&good_values, &bad_values) {
            out.push(Difference {
                name: setting.fact.id(),
                number,
                stage: setting.stage,
                good: good_values,
                bad: bad_values,
                telling: setting.telling,
            });
        }
    }
    out.sort_by_key(|d| d.stage);
    out
}

fn same(a: &[Safe], b: &[Safe]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.as_str().eq_ignore_ascii_case(y.as_str()))
}

pub(super) fn state(side: &Side, stage: Stage) -> State {
    let place = Stage::ALL.iter().position(|s| *s == stage);
    place.and_then(|n| side.stages.get(n)).map(|s| s.state).unwrap_or_default()
}

/// The first stage at which one side goes through and the other fails or ends, or at which both fail differently.
fn parting(good: &Side, bad: &Side, differences: &[Difference]) -> Option<Parting> {
    if good.outcome.is_none() || bad.outcome.is_none() {
        return None;
    }
    let at = |stage: Stage, reversed: bool| Parting {
        stage,
        because: because(stage, differences).cloned(),
        reversed,
    };
    for (n, stage) in Stage::ALL.into_iter().enumerate() {
        let (Some(g), Some(b)) = (good.stages.get(n), bad.stages.get(n)) else { continue };
        let goes_on = |state: State| matches!(state, State::Ok | State::Seen);
        match (g.state, b.state) {
            (State::Failed, State::Failed) if g.codes == b.codes => return None,
            (State::Failed, State::Failed) => return Some(at(stage, false)),
            (_, State::Failed) => return Some(at(stage, false)),
            (State::Failed, _) => return Some(at(stage, true)),
            (g, State::NotSeen) if goes_on(g) && ends(bad, n) => return Some(at(stage, false)),
            (State::NotSeen, b) if goes_on(b) && ends(good, n) => return Some(at(stage, true)),
            _ => {}
        }
    }
    None
}

/// Something was seen before that stage, and nothing from it on: the flow ends, it is not merely unrecorded.
fn ends(side: &Side, stage: usize) -> bool {
    let seen = |s: &super::model::StageSeen| s.state != State::NotSeen;
    side.stages.iter().take(stage).any(seen) && !side.stages.iter().skip(stage).any(seen)
}

/// The telling parameter that most likely has to do with a stage.
fn because(stage: Stage, differences: &[Difference]) -> Option<&Difference> {
    use FactName::*;
    let likely: &[FactName] = match stage {
        Stage::Network => &[],
        Stage::SignIn => &[CaPolicy, AccountType, Prompt, Authority, Idp, DomainType, ClientApp],
        Stage::Consent => &[ScopeRequested, Prompt, ConsentShown, AccountType, Authority],
        Stage::Redirect => &[RedirectHost, ResponseType, ClientId, ScopeRequested],
        Stage::Token => &[ClientAuth, Pkce, GrantType, RedirectHost, ClientId, ScopeRequested],
        Stage::Mailbox | Stage::Calendar | Stage::Sync => {
            &[ScopeGranted, ScopeRequested, AccountType, MailboxType, License, MeMail, Resource, Backend]
        }
    };
    let named = |name: &FactName| differences.iter().find(|d| d.telling && d.name == name.id());
    likely.iter().find_map(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::model::{Setting, StageSeen};
    use crate::model::Outcome;

    fn flow(states: [State; 8]) -> Side {
        Side {
            inputs: vec![],
            outcome: Some(Outcome::Unknown),
            stages: states.map(|state| StageSeen { state, ..StageSeen::default() }).to_vec(),
            settings: vec![Setting::default(); SETTINGS.len()],
        }
    }

    use State::{Failed, NotSeen, Ok, Seen};
    const WHOLE: [State; 8] = [NotSeen, Ok, Ok, Ok, Ok, Ok, NotSeen, NotSeen];

    fn parts(good: [State; 8], bad: [State; 8]) -> Option<(Stage, bool)> {
        parting(&flow(good), &flow(bad), &[]).map(|p| (p.stage, p.reversed))
    }

    #[test]
    fn where_flows_part() {
        assert_eq!(parts(WHOLE, WHOLE), None);
        let refused = [NotSeen, Ok, Failed, NotSeen, NotSeen, NotSeen, NotSeen, NotSeen];
        assert_eq!(parts(WHOLE, refused), Some((Stage::Consent, false)));
        assert_eq!(parts(refused, WHOLE), Some((Stage::Consent, true)));
        assert_eq!(parts(refused, refused), None);
        let given_up = [NotSeen, Seen, NotSeen, NotSeen, NotSeen, NotSeen, NotSeen, NotSeen];
        assert_eq!(parts(WHOLE, given_up), Some((Stage::Consent, false)));
        // Not recorded, but it went on: no parting there.
        let unrecorded = [NotSeen, NotSeen, NotSeen, NotSeen, Ok, Failed, NotSeen, NotSeen];
        assert_eq!(parts(WHOLE, unrecorded), Some((Stage::Mailbox, false)));
    }
}
