//! Records that passed the gate and were not looked into yet.
//!
//! In: records of a log. Out: what they say. Never: a look into a record of which others of the same shape have told it
//! already, or anything taken from those before it was held against what a look found: in records of that shape, or in those
//! that differ from it in their accounts only.

use std::collections::HashMap;

use crate::extract::{Shape, Template, extract_for_now, kin};
use crate::model::{Event, EventKind, Observed};
use crate::redact::Deferred;

/// Most shapes that are remembered; each takes some kilobytes.
const SHAPES: usize = 4_000;
/// So often a template, or those of its kin, have to tell what a look finds before it is believed.
const PROOFS: u8 = 2;

/// A record, its number in what was read with it, and its shape if it has one.
pub(super) struct Held<'a> {
    event: Event<'a>,
    index: u64,
    shape: Option<Shape>,
}

/// What a record says.
pub(super) struct Seen {
    pub(super) observed: Observed,
    pub(super) deferred: Deferred,
    pub(super) taught: Option<Taught>,
}

/// What a look into a record taught of its shape.
pub(super) struct Taught {
    shape: Vec<u8>,
    lesson: Lesson,
}

enum Lesson {
    New(Option<Box<Template>>),
    Holds(bool),
}

/// What is known of the shapes of a log's records.
#[derive(Default)]
pub(super) struct Shapes {
    known: HashMap<Vec<u8>, Known>,
    /// How often templates of shapes held that differ in their accounts only; `None` once one did not.
    kin: HashMap<Vec<u8>, Option<u8>>,
    /// No more of them are remembered.
    full: bool,
}

/// A template, if there can be one, and how often it was found to hold.
struct Known {
    template: Option<Box<Template>>,
    proofs: u8,
}

impl Seen {
    /// Of an event whose shape does not matter.
    pub(super) fn once(observed: Observed, deferred: Deferred) -> Seen {
        Seen { observed, deferred, taught: None }
    }
}

impl<'a> Held<'a> {
    /// False for an event that has to be looked into at once: an exchange, or a record with fields of its own.
    pub(super) fn can_be(event: &Event<'_>) -> bool {
        matches!(&event.kind, EventKind::Record(record) if record.fields.is_empty() && record.message.is_none())
    }

    pub(super) fn new(event: Event<'a>, index: u64) -> Held<'a> {
        let shape = match &event.kind {
            EventKind::Record(record) => Shape::of(&record.text.raw),
            _ => None,
        };
        Held { event, index, shape }
    }

    pub(super) fn look(self, shapes: &Shapes) -> Seen {
        let known = self.shape.as_ref().and_then(|shape| shapes.known.get(shape.key()));
        let told = || known?.template.as_ref()?.tell(&self.event, self.index);
        if known.is_some_and(|known| known.proofs >= PROOFS)
            && let Some((observed, deferred)) = told()
        {
            return Seen::once(observed, deferred);
        }
        let (observed, deferred) = extract_for_now(&self.event, self.index);
        let lesson = |shape: &Shape| match known {
            None if shapes.full => None,
            None => Some(Lesson::New(Template::of(&self.event, shape, &observed, &deferred).map(Box::new))),
            Some(_) => Some(Lesson::Holds(told().is_some_and(|(o, d)| o == observed && d == deferred))),
        };
        let lesson = self.shape.as_ref().and_then(lesson);
        let taught = self.shape.zip(lesson).map(|(shape, lesson)| Taught { shape: shape.into_key(), lesson });
        Seen { observed, deferred, taught }
    }
}

impl Shapes {
    /// True where nothing is known of the records that come.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// What was seen only once may never come again.
    fn make_room(&mut self) {
        if !self.full && self.known.len() >= SHAPES {
            self.known.retain(|_, known| known.proofs > 0);
            self.full = self.known.len() > SHAPES / 2;
        }
    }

    /// Counts a template that held, or did not.
    fn count(&mut self, kin: Vec<u8>, holds: bool) {
        if self.kin.len() < SHAPES || self.kin.contains_key(&kin) {
            let held = self.kin.entry(kin).or_insert(Some(0));
            *held = held.filter(|_| holds).map(|held| held.saturating_add(1));
        }
    }

    /// Notes what a look taught. What did not hold once is not believed again.
    pub(super) fn learn(&mut self, Taught { shape, lesson }: Taught) {
        match lesson {
            Lesson::New(template) if !self.known.contains_key(&shape) => {
                self.make_room();
                if !self.full {
                    let proofs = self.kin.get(&kin(&shape)).copied().flatten().unwrap_or(0);
                    self.known.insert(shape, Known { template, proofs });
                }
            }
            Lesson::New(_) => {}
            Lesson::Holds(holds) => {
                if let Some(known) = self.known.get_mut(&shape) {
                    known.proofs = known.proofs.saturating_add(u8::from(holds));
                    known.template = known.template.take().filter(|_| holds);
                    self.count(kin(&shape), holds);
                }
            }
        }
    }
}
