//! What is kept of the events of a source.
//!
//! In: its events in order, with what their excerpts are made of. Out: those worth keeping, with their excerpts. Never: an
//! excerpt made that nobody asks for.

use super::held::{Seen, Shapes, Taught};
use crate::correlate::Repeats;
use crate::model::Observed;

/// What was kept so far.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) events: Vec<Observed>,
    repeats: Repeats,
    /// What the records of the log look like.
    pub(super) shapes: Shapes,
    /// What the events taught of that since the last time.
    taught: Vec<Taught>,
}

impl Kept {
    pub(super) fn add(&mut self, mut seen: Seen) {
        self.taught.extend(seen.taught.take());
        let Seen { observed: mut event, deferred, .. } = seen;
        if event.facts.is_empty() {
            return;
        }
        deferred.attach(&mut event);
        self.repeats.keep(&mut self.events, event);
    }

    /// Adds to what was known what the events taught since.
    pub(super) fn learn(&mut self, known: Shapes) {
        self.shapes = known;
        for one in self.taught.drain(..) {
            self.shapes.learn(one);
        }
    }

    /// What was kept since the last time, in the order of the source.
    pub(super) fn take(&mut self) -> Vec<Observed> {
        self.repeats.settle(&mut self.events);
        std::mem::take(&mut self.events)
    }
}
