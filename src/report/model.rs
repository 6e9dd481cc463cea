//! The report that every renderer draws: owned, redacted, and the frozen JSON `hartriage.report/1` when serialised.
//!
//! Field order is the order of the JSON. Strings that came from an input are [`Safe`]; `&'static str` and `String`
//! hold words of the product and canonical codes only.

use serde::Serialize;

use crate::model::{Kind, Lang, Outcome, Owner, Safe, Severity};

/// One answer of `diagnose`.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub schema: &'static str,
    pub tool: Tool,
    pub inputs: Vec<Input>,
    pub adequacy: Adequacy,
    pub attempts: Vec<Attempt>,
    pub diagnoses: Vec<Diagnosis>,
    pub identities: Vec<Identity>,
    pub scopes: Scopes,
    pub not_evaluated: Vec<NotEvaluated>,
    pub unknown_codes: Vec<Safe>,
    /// What the renderers draw besides; not part of the frozen JSON.
    #[serde(skip)]
    pub extra: Extra,
}

#[derive(Debug, Clone, Serialize)]
pub struct Tool {
    pub version: &'static str,
    /// Latest `checked` date of the rules.
    pub rules_date: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct Input {
    pub name: Safe,
    pub kind: String,
    pub bytes: u64,
    pub events: u64,
    pub lost: Vec<Lost>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Lost {
    pub what: Safe,
    pub why: Safe,
    pub place: Safe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AdequacyVerdict {
    Good,
    Partial,
    Poor,
}

#[derive(Debug, Clone, Serialize)]
pub struct Adequacy {
    pub verdict: AdequacyVerdict,
    /// What is missing, in words of the chosen language.
    pub missing: Vec<Safe>,
    /// How to capture again, as steps.
    pub recapture: Vec<Safe>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Attempt {
    pub id: String,
    pub outcome: Outcome,
    pub stage: &'static str,
    pub tenant: Option<Safe>,
    pub app: Option<Safe>,
    pub account: Option<Safe>,
    /// RFC 3339, UTC.
    pub first_seen: Option<String>,
    pub last_seen: Option<String>,
    pub diagnoses: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Diagnosis {
    pub rank: u32,
    pub id: String,
    pub kind: Kind,
    pub title: Safe,
    pub severity: Severity,
    /// 0–100.
    pub confidence: u8,
    pub owner: Owner,
    pub count: u64,
    pub codes: Vec<Safe>,
    pub first_seen: Option<String>,
    pub last_seen: Option<String>,
    pub tenants: Vec<Safe>,
    pub accounts: Vec<Safe>,
    pub meaning: Safe,
    pub fix: Vec<Safe>,
    pub rivals: Vec<Rival>,
    pub explains: Vec<String>,
    pub evidence: Vec<Evidence>,
    pub texts: Texts,
    /// The one question that settles it; equal to the first rival's question where there is a rival.
    #[serde(skip)]
    pub question: Safe,
    /// Stage at which it fails, for the flow drawing.
    #[serde(skip)]
    pub stage: &'static str,
}

#[derive(Debug, Clone, Serialize)]
pub struct Rival {
    pub id: String,
    pub confidence: u8,
    pub question: Safe,
    #[serde(skip)]
    pub title: Safe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Primary,
    Supporting,
    Against,
}

#[derive(Debug, Clone, Serialize)]
pub struct Evidence {
    pub role: Role,
    /// Name of the input.
    pub source: Safe,
    pub entry: Option<u32>,
    pub line: Option<u64>,
    pub pointer: Option<Safe>,
    pub span: [u64; 2],
    pub time: Option<String>,
    pub text: Safe,
    pub correlation_id: Option<Safe>,
    pub request_id: Option<Safe>,
    pub trace_id: Option<Safe>,
    /// What of `text` the evidence rests on, as it stands there; empty where that is not known.
    #[serde(skip)]
    pub mark: Safe,
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Texts {
    pub customer: Safe,
    pub admin: Safe,
    pub ticket: Safe,
}

#[derive(Debug, Clone, Serialize)]
pub struct Identity {
    pub address: Safe,
    /// `intended`, `hint`, `typed`, `picked`, `token`, `token-mail`, `upn`, `mailbox`, `proxy`, `error`.
    pub role: &'static str,
    /// `work`, `personal`, `guest`, `unknown`.
    pub account_type: String,
    pub tenant: Option<Safe>,
    /// `None` when no intended address is known.
    pub agrees_with_intended: Option<bool>,
    pub evidence: Option<IdentityEvidence>,
}

#[derive(Debug, Clone, Serialize)]
pub struct IdentityEvidence {
    pub source: Safe,
    pub entry: Option<u32>,
    pub line: Option<u64>,
    pub span: [u64; 2],
}

#[derive(Debug, Clone, Default, Serialize)]
pub struct Scopes {
    pub required: Vec<Safe>,
    pub requested: Vec<Safe>,
    pub granted: Vec<Safe>,
    pub missing: Vec<Safe>,
}

#[derive(Debug, Clone, Serialize)]
pub struct NotEvaluated {
    pub id: String,
    pub missing: Safe,
}

/// One hop of the flow of the first diagnosis (or of the last attempt, when nothing failed).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowHop {
    /// Stage name, or `authorize`, `sign-in`… as in `hop` facts.
    pub name: &'static str,
    pub state: HopState,
    /// Method and URL without query, or empty.
    pub label: Safe,
    /// Who answers: `browser`, `microsoft`, `vendor`.
    pub lane: &'static str,
    pub time: Option<String>,
    /// Name of the input, and where in it.
    pub source: Safe,
    pub entry: Option<u32>,
    pub line: Option<u64>,
    pub span: [u64; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HopState {
    Ok,
    Failed,
    /// Seen, result not known.
    Seen,
    NotSeen,
}

/// One exchange or record of the attempt that the flow shows, in order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the first of them; `None` where the source gives no time.
    pub after: Option<u64>,
    /// The hop it belongs to, as in [`FlowHop::name`]; empty for one that belongs to none.
    pub name: &'static str,
    pub state: HopState,
    /// Method and URL without query; empty for a record.
    pub label: Safe,
    pub status: Option<i32>,
    pub source: Safe,
    pub entry: Option<u32>,
    pub line: Option<u64>,
    /// True where the main evidence of the first diagnosis stands.
    pub proof: bool,
}

/// What the renderers need besides the frozen fields.
#[derive(Debug, Clone, Default)]
pub struct Extra {
    pub lang: Lang,
    /// Flow of the attempt behind the first diagnosis, or of the latest attempt.
    pub flow: Vec<FlowHop>,
    /// The same attempt, exchange by exchange.
    pub timeline: Vec<Moment>,
    /// Exchanges of it that are not in the timeline.
    pub timeline_more: usize,
    /// True when at least one attempt was seen and nothing failed in the end.
    pub all_worked: bool,
    /// What was checked when nothing failed, in words.
    pub checked: Vec<Safe>,
    /// Diagnoses left out by a filter.
    pub suppressed: u64,
    /// Level of the sandbox reached, in words; empty when full.
    pub sandbox: String,
    /// Measured clock differences between sources, in words.
    pub skew: Vec<Safe>,
    /// The rules behind the diagnoses, without anything of this case; in order of their ids.
    pub rules: Vec<RuleNote>,
}

/// A rule in the report's language, for readers who know nothing of the case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleNote {
    pub id: String,
    pub title: Safe,
    pub meaning: Safe,
    pub fix: Vec<Safe>,
    pub severity: Severity,
    pub kind: Kind,
}
