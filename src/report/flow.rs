//! The flow of an attempt as hops, for the swimlane, and what was checked when nothing failed.

use super::model::{FlowHop, HopState};
use super::words::Both;
use crate::model::{FactName, Lang, Outcome, Safe};
use crate::redact::Redactor;
use crate::triage::Findings;

/// Hops in the order of a connection, with the lane that answers.
const HOPS: [(&str, &str); 9] = [
    ("authorize", "microsoft"),
    ("sign-in", "microsoft"),
    ("consent", "microsoft"),
    ("redirect", "vendor"),
    ("token", "microsoft"),
    ("me", "microsoft"),
    ("mailbox", "microsoft"),
    ("calendar", "microsoft"),
    ("sync", "microsoft"),
];

/// The name of a hop as it stands in facts.
pub(super) fn name(value: &str) -> Option<&'static str> {
    HOPS.iter().find(|(name, _)| *name == value).map(|(name, _)| *name)
}

/// The hops of the attempt with that number, or of the last attempt.
pub(super) fn flow(findings: &Findings, attempt: Option<usize>, redactor: &Redactor) -> Vec<FlowHop> {
    let Some(attempt) = attempt.or(findings.attempts.len().checked_sub(1)) else { return Vec::new() };
    let attempt = &findings.attempts[attempt];
    HOPS.iter()
        .map(|(name, lane)| {
            let mut hop = FlowHop {
                name,
                lane,
                state: HopState::NotSeen,
                label: Safe::default(),
                time: None,
                source: Safe::default(),
                entry: None,
                line: None,
                span: [0, 0],
            };
            for n in &attempt.events {
                let event = &findings.observed[*n];
                for fact in event.facts.iter().filter(|f| f.value == *name) {
                    let state = match fact.name {
                        FactName::HopOk => HopState::Ok,
                        FactName::HopFailed => HopState::Failed,
                        FactName::Hop if hop.state == HopState::NotSeen => HopState::Seen,
                        _ => continue,
                    };
                    hop.state = state;
                    hop.label = redactor.text(event.meta.label.as_str());
                    hop.time = event.meta.time.map(|t| t.to_string());
                    let place = &event.meta.place;
                    let input = findings.inputs.get(place.source.0 as usize);
                    hop.source = input.map(|i| redactor.name(&i.name)).unwrap_or_default();
                    (hop.entry, hop.line) = (place.entry, place.line);
                    hop.span = [place.span.start, place.span.end];
                }
            }
            hop
        })
        .collect()
}

/// What was seen to work, when nothing failed.
pub(super) fn checked(findings: &Findings, lang: Lang) -> Vec<Safe> {
    let worked = |name: &str| {
        findings.attempts.iter().filter(|a| a.outcome == Outcome::Succeeded).any(|a| {
            a.facts.iter().any(|f| match f.name {
                FactName::HopOk | FactName::ApiOk => f.value == name,
                FactName::Token => name == "token",
                FactName::CodeReceived => name == "redirect",
                FactName::SigninResult => name == "sign-in" && f.value == "success",
                _ => false,
            })
        })
    };
    HOPS.iter()
        .filter(|(name, _)| worked(name))
        .map(|(name, _)| Safe::own(hop_words(name).get(lang)))
        .collect()
}

/// A hop in words.
pub fn hop_words(name: &str) -> Both {
    match name {
        "authorize" => Both { en: "authorize request", ja: "認可要求" },
        "sign-in" => Both { en: "sign-in", ja: "サインイン" },
        "consent" => Both { en: "consent", ja: "同意" },
        "redirect" => Both { en: "redirect with a code", ja: "コード付きリダイレクト" },
        "token" => Both { en: "token", ja: "トークン" },
        "me" => Both { en: "profile (/me)", ja: "プロフィール (/me)" },
        "mailbox" => Both { en: "mailbox", ja: "メールボックス" },
        "calendar" => Both { en: "calendar", ja: "予定表" },
        _ => Both { en: "sync and send", ja: "同期・送信" },
    }
}
