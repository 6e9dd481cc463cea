//! What a comparison says.

use serde::Serialize;

use crate::model::{Outcome, Safe, Stage};

/// One side: its main attempt, stage by stage.
#[derive(Debug, Clone, Serialize)]
pub struct Side {
    pub inputs: Vec<Safe>,
    /// Outcome of the main attempt; `None` when the material holds no try to connect.
    pub outcome: Option<Outcome>,
    /// In the order of [`Stage::ALL`].
    #[serde(skip)]
    pub stages: Vec<StageSeen>,
    #[serde(skip)]
    pub(super) settings: Vec<Setting>,
}

/// How a stage went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Ok,
    Failed,
    /// Seen, result not known.
    Seen,
    #[default]
    NotSeen,
}

/// A stage on one side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StageSeen {
    pub state: State,
    /// HTTP status of the last exchange of this stage.
    pub status: Option<i32>,
    /// Error codes that were not overcome, most telling first.
    pub codes: Vec<Safe>,
    /// Where the exchange or line stands that decided the state.
    pub place: Option<PlaceSeen>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceSeen {
    pub source: Safe,
    pub entry: Option<u32>,
    pub line: Option<u64>,
    pub byte: u64,
}

/// A parameter or property of the attempt: all its values on one side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) values: Vec<Safe>,
}

/// A parameter in which the sides differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Id of the fact: `prompt`, `scope-requested`, `account-type`…
    pub name: &'static str,
    #[serde(skip)]
    pub(super) number: usize,
    #[serde(serialize_with = "stage_name")]
    pub stage: Stage,
    pub good: Vec<Safe>,
    pub bad: Vec<Safe>,
    /// False for what usually differs between two captures (whose account, which tenant).
    pub telling: bool,
}

/// The first place where the flows part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parting {
    #[serde(serialize_with = "stage_name")]
    pub stage: Stage,
    /// The parameter that may explain it.
    pub because: Option<Difference>,
    /// True when it is GOOD that failed or is missing there.
    pub reversed: bool,
}

/// The first diagnosis of BAD.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosed {
    pub id: String,
    pub title: Safe,
    pub confidence: u8,
    pub question: Safe,
}

/// The answer.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    pub good: Side,
    pub bad: Side,
    /// `None` when they do not part.
    pub parting: Option<Parting>,
    pub differences: Vec<Difference>,
    pub diagnosis: Option<Diagnosed>,
}

fn stage_name<S: serde::Serializer>(stage: &Stage, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(stage.name())
}
