//! Gives up what a run does not need, before it reads anything that a stranger wrote.
//!
//! In: the flags and the open outputs. Out: the level that was reached, in words. Never: an input read before, or a
//! worker thread started before.

use super::args::Sandbox;
use super::output;
use super::target::{self, Target};
use crate::model::Lang;
use crate::report::words;
use crate::sandbox::{self, Gap, Level, Writable};

/// What became of it.
pub(super) struct Seal(Level);

/// Leaves nothing to write but these outputs. The error is one clear line.
pub(super) fn seal(flags: &Sandbox, outputs: &[&Target]) -> Result<Seal, String> {
    let mut writable = Writable::default();
    outputs.iter().for_each(|target| target.keep(&mut writable));
    let level = if flags.no_sandbox { Level::None(Gap::SwitchedOff) } else { sandbox::apply(&writable) };
    if flags.require_sandbox && level != Level::Full {
        let level = level_words(level, Lang::En);
        return Err(format!("--require-sandbox: the sandbox is not complete here ({level})"));
    }
    target::clean_up_on_interrupt();
    Ok(Seal(level))
}

impl Seal {
    /// The level in words; empty when it is full.
    pub(super) fn words(&self, lang: Lang) -> String {
        match self.0 {
            Level::Full => String::new(),
            level => format!("{}: {}", words::SANDBOX.get(lang), level_words(level, lang)),
        }
    }

    /// Says it on standard error when it is not full.
    pub(super) fn say(&self, quiet: bool, lang: Lang) {
        if !quiet && self.0 != Level::Full {
            output::say(&format!("hartriage: {}", self.words(lang)));
        }
    }
}

/// Level and what is missing, in words.
fn level_words(level: Level, lang: Lang) -> String {
    let (word, gap) = match level {
        Level::Full => return "full".to_owned(),
        Level::Partial(gap) => (words::SANDBOX_PARTIAL, gap),
        Level::None(gap) => (words::SANDBOX_NONE, gap),
    };
    format!("{}: {}", word.get(lang), words::sandbox_gap(gap).get(lang))
}
