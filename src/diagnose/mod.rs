//! Attempts → verdicts: which rules hold, with points for and against.
//!
//! In: attempts with their facts, and rules. Out: verdicts. Never: looking at an input, ordering or wording.

mod author;
mod evaluate;
mod ruleset;

pub use author::{RuleError, compile};
pub use evaluate::{evaluate, matches};
pub use ruleset::Ruleset;
