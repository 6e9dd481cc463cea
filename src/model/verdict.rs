use jiff::Timestamp;

use super::{Fact, Kind};

/// A rule that holds for one attempt.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Index of the rule.
    pub rule: usize,
    /// Index of the attempt.
    pub attempt: usize,
    pub points: i32,
    /// Indexes into the attempt's facts that earned points, strongest first.
    pub for_: Vec<usize>,
    /// Indexes into the attempt's facts that cost points.
    pub against: Vec<usize>,
}

/// A rival of a diagnosis: the rule, its own confidence here, and the question that separates the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RivalVerdict {
    pub rule: usize,
    pub confidence: u8,
}

/// A rule that holds for one or more attempts of the case, in its place in the ranking.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    pub rule: usize,
    /// A cause may be demoted to a symptom by a cause that explains it.
    pub kind: Kind,
    pub confidence: u8,
    /// How often it was seen.
    pub count: u64,
    pub attempts: Vec<usize>,
    pub codes: Vec<String>,
    pub first_seen: Option<Timestamp>,
    pub last_seen: Option<Timestamp>,
    pub tenants: Vec<String>,
    pub accounts: Vec<String>,
    pub rivals: Vec<RivalVerdict>,
    pub explains: Vec<String>,
    /// Facts that prove it, the primary one first.
    pub evidence: Vec<Fact>,
    pub against: Vec<Fact>,
}

/// All that the judgement found: the order is the ranking.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    pub diagnoses: Vec<Diagnosis>,
    /// Rules that could not be evaluated, with what was missing.
    pub not_evaluated: Vec<(usize, String)>,
}
