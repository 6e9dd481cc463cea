use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;

use super::Fact;

/// The stages of a connection, in order. A failure at an earlier stage hides the later ones.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    Network,
    #[default]
    SignIn,
    Consent,
    Redirect,
    Token,
    Mailbox,
    Calendar,
    Sync,
}

impl Stage {
    pub const ALL: [Stage; 8] = [
        Stage::Network,
        Stage::SignIn,
        Stage::Consent,
        Stage::Redirect,
        Stage::Token,
        Stage::Mailbox,
        Stage::Calendar,
        Stage::Sync,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Stage::Network => "network",
            Stage::SignIn => "sign-in",
            Stage::Consent => "consent",
            Stage::Redirect => "redirect",
            Stage::Token => "token",
            Stage::Mailbox => "mailbox",
            Stage::Calendar => "calendar",
            Stage::Sync => "sync",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Succeeded,
    Failed,
    Abandoned,
    #[default]
    Unknown,
}

/// One hop of the flow as observed. `ok` is `None` when it was seen but its result was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    pub stage: Stage,
    pub ok: Option<bool>,
    /// Index into [`Attempt::events`].
    pub event: usize,
}

/// One try to connect or to use a connection: events joined by their ids, and all their facts in order of time.
#[derive(Debug, Clone, Default)]
pub struct Attempt {
    /// `a1`, `a2`… in order of first appearance.
    pub id: String,
    pub outcome: Outcome,
    /// The stage at which it failed, or the last one seen.
    pub stage: Stage,
    /// Indexes of the observed events, in order of time.
    pub events: Vec<usize>,
    pub hops: Vec<Hop>,
    /// Facts of the events and those derived by correlation, in order.
    pub facts: Vec<Fact>,
    /// Which of the facts are surroundings: from events that belong to no try (DNS answers, an admin's text). They count
    /// for and against a rule, but prove none alone.
    pub surroundings: Range<usize>,
    /// Indexes of the facts whose failure was overcome later: the same stage succeeded afterwards.
    pub resolved: BTreeSet<usize>,
    pub tenant: Option<String>,
    /// Id of the app.
    pub app: Option<String>,
    /// Name of the app, where the material says it.
    pub app_name: Option<String>,
    pub account: Option<String>,
    pub first_seen: Option<Timestamp>,
    pub last_seen: Option<Timestamp>,
}
