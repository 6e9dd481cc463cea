//! What is kept of the events of a source.
//!
//! In: its events in order, with the excerpts that they still lack. Out: those worth keeping, with their excerpts. Never:
//! an excerpt made for an event that a later one of its run replaces.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::held::{Seen, Shapes};
use crate::correlate::{Repeats, Slot};
use crate::model::Observed;
use crate::redact::Deferred;

type Lacking = BTreeMap<usize, Deferred>;

/// What was kept so far.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) events: Vec<Observed>,
    repeats: Repeats,
    /// Excerpts that are not made yet, by the index of their event.
    lacking: Lacking,
    /// Those of events in whose place another may come.
    passing: Lacking,
    /// What the records of the log look like.
    pub(super) shapes: Shapes,
}

impl Kept {
    pub(super) fn add(&mut self, mut seen: Seen) {
        self.shapes.learn(&mut seen);
        let Seen { observed: event, deferred, .. } = seen;
        if event.facts.is_empty() {
            return;
        }
        let Slot { at, stays } = self.repeats.keep(&mut self.events, event);
        let lacking = if stays { &mut self.lacking } else { &mut self.passing };
        if deferred.is_empty() {
            lacking.remove(&at);
        } else {
            lacking.insert(at, deferred);
        }
    }

    /// Makes the excerpts of what is sure to be kept: what they are made of is longer.
    pub(super) fn pause(&mut self) {
        let lacking = std::mem::take(&mut self.lacking);
        self.settle(lacking);
    }

    fn settle(&mut self, lacking: Lacking) {
        let take = |(at, deferred): (usize, Deferred)| {
            let event = self.events.get_mut(at).map(std::mem::take)?;
            Some((at, event, deferred))
        };
        let mut waiting: Vec<_> = lacking.into_iter().filter_map(take).collect();
        waiting.par_iter_mut().for_each(|(_, event, deferred)| deferred.settle(event));
        for (at, event, _) in waiting {
            if let Some(place) = self.events.get_mut(at) {
                *place = event;
            }
        }
    }

    /// What was kept since the last time, in the order of the source.
    pub(super) fn take(&mut self) -> Vec<Observed> {
        self.pause();
        let passing = std::mem::take(&mut self.passing);
        self.settle(passing);
        self.repeats.settle(&mut self.events);
        std::mem::take(&mut self.events)
    }
}
