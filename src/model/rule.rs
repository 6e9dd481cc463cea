use super::{FactName, Later, Stage};

/// Language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Lang {
    #[default]
    En,
    Ja,
}

/// What a rule says of its facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A reason why it failed.
    Cause,
    /// Explained by a cause.
    Symptom,
    /// Looks bad, is not.
    Benign,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
}

/// Who has to act first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    EndUser,
    TenantAdmin,
    ExchangeAdmin,
    AppVendor,
    Microsoft,
    IdentityProvider,
}

/// A condition on the facts of one attempt, written `name`, `name=value` or `name=prefix*`; values compare without
/// case, `a|b` means either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub name: FactName,
    /// Lower-case alternatives; empty means that any value will do. A trailing `*` matches a prefix.
    pub values: Vec<String>,
}

/// A condition with its points, for (+) or against (−).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weight {
    pub when: Condition,
    pub points: i32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rival {
    pub id: String,
    /// The question that separates the two, by language.
    pub question_en: String,
    pub question_ja: String,
}

/// An input that proves the rule (or, as a counter-example, must leave it quiet).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    pub name: String,
    pub input: String,
    /// Counter-examples only: the rule that should come first instead; empty for no diagnosis at all or any other.
    pub instead: String,
}

/// The words of a rule in one language. Placeholders `{account}`, `{app}`, `{tenant}`, `{codes}`, `{scopes}`,
/// `{correlation_id}`, `{time}` are filled, or replaced by plain words when not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleTexts {
    pub title: String,
    /// What happened, in two sentences.
    pub meaning: String,
    /// Steps, for the one who has to act.
    pub fix: Vec<String>,
    /// Reply to the customer.
    pub customer: String,
    /// Request to the administrator or whoever else has to act.
    pub admin: String,
}

/// A rule as it runs: compiled from one TOML file.
#[derive(Debug, Clone)]
pub struct Rule {
    pub id: String,
    pub kind: Kind,
    pub owner: Owner,
    pub severity: Severity,
    pub stage: Stage,
    /// Name of the page of Microsoft (or of the standard) that it rests on.
    pub reference: String,
    /// Date on which somebody last checked it, `YYYY-MM-DD`.
    pub checked: String,
    pub all: Vec<Condition>,
    pub any: Vec<Condition>,
    pub none: Vec<Condition>,
    pub weights: Vec<Weight>,
    /// Ids of rules that this one explains when both hold for an attempt.
    pub explains: Vec<String>,
    pub rivals: Vec<Rival>,
    /// The one question that settles it when no rival is in sight.
    pub question_en: String,
    pub question_ja: String,
    pub en: Later<RuleTexts>,
    pub ja: Later<RuleTexts>,
    pub examples: Later<Vec<Example>>,
    pub counters: Later<Vec<Example>>,
}
