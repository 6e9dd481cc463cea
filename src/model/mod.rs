//! The nouns of the tool, as `docs/architecture.md` names them: plain data, no logic beyond reading a field.
//!
//! In: nothing. Out: the types that the stages hand to each other. Never: reading, deciding, printing.
//!
//! Two lifetimes at most pass through the pipeline: `'a`, the bytes of a source, and the rules, which are `'static`
//! or owned by the run. A [`Fact`] and everything after it is owned.

mod attempt;
mod event;
mod excerpt;
mod fact;
mod fact_names;
mod later;
mod place;
mod profile;
mod rule;
mod safe;
mod source;
mod verdict;

pub use attempt::{Attempt, Hop, Outcome, Stage};
pub use event::{Body, Event, EventKind, Exchange, Form, Header, Param, Part, Record};
pub use excerpt::Excerpt;
pub use fact::{EventMeta, Fact, Observed};
pub use fact_names::{FACTS, FactName, FactSpec};
pub use later::Later;
pub use place::{Place, Span};
pub use profile::Profile;
pub use rule::{Condition, Example, Kind, Lang, Owner, Rival, Rule, RuleTexts, Severity, Weight};
pub use safe::Safe;
pub use source::{InputSummary, Lost, Source, SourceId, Stretch};
pub use verdict::{Diagnosis, Judgement, RivalVerdict, Verdict};
