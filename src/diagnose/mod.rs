//! Attempts → verdicts: which rules hold, with points for and against.
//!
//! In: attempts with their facts, and rules. Out: verdicts. Never: looking at an input, ordering or wording.

mod author;
mod evaluate;
mod ruleset;

pub use author::{RuleError, check_built_in, compile};
pub use evaluate::{evaluate, matches};
pub use ruleset::Ruleset;
