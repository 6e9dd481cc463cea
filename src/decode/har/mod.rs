//! HTTP archives (HAR 1.1, 1.2, 1.3 and without version), in the state in which customers send them.
//!
//! In: bytes that claim to be a HAR, whole, cut, wrapped, nested or damaged. Out: one event per entry. Never: an
//! entry passed over without a [`Lost`], or a half-read value taken for a whole one.

mod ahead;
mod claim;
mod entry;
mod frame;
mod plain;
mod resync;
mod scan;
mod sketch;
mod time;

#[cfg(test)]
mod same_tests;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use super::{Format, Piece, Reach, Sink, Split, Wanted};
use crate::model::{Event, Lost, Place, Source, Span};
use plain::Alike;
use scan::{Ending, Layout, Slot, State};
use sketch::Sketch;

/// The format, for the list of formats.
pub(super) const FORMAT: Format = Format { name: "har", claim: claim::claim, split, reach: Reach::Whole };

/// Where in a HAR things are that a copy of a part of it needs.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// The entries by their number.
    pub(crate) entries: Vec<Range<usize>>,
    pub(crate) creators: Vec<Range<usize>>,
    pub(crate) pages: Vec<Range<usize>>,
}

/// Finds the entries, as [`FORMAT`] numbers them.
pub(crate) fn places(bytes: &[u8]) -> Places {
    let layout = scan::scan(bytes);
    Places {
        entries: layout.entries.into_iter().map(|slot| slot.span).collect(),
        creators: layout.creators,
        pages: layout.pages.into_iter().map(|(_, span)| span).collect(),
    }
}

fn split(source: &Source) -> Split<'_> {
    split_asking(source, None)
}

/// Cuts it into pieces; with `wanted`, entries that nobody wants are not looked at again when it is their turn.
pub(super) fn split_asking(source: &Source, wanted: Option<Wanted>) -> Split<'_> {
    let bytes = source.bytes();
    let layout = scan::scan_asking(bytes, wanted);
    let counts = frame::count(bytes, &layout);
    let mut out = Split { marks: frame::marks(bytes, &counts, &layout), ..Split::default() };
    out.lost.extend(frame::side_files(&source.name, &counts));
    out.lost.extend(ending(source, &layout));
    for event in frame::titles(bytes, source.id, &layout) {
        out.pieces.push(Box::new(TitlePiece { event }));
    }
    let found = Arc::new(Found { source, slots: layout.entries, long: layout.long });
    for entries in found.together() {
        out.pieces.push(Box::new(EntriesPiece { found: Arc::clone(&found), entries }));
    }
    out
}

/// What the end of the file took away, or why there is nothing to read.
fn ending(source: &Source, layout: &Layout) -> Option<Lost> {
    let lost = |what: String, why: &str| {
        let place = format!("byte {}", source.bytes().len());
        Some(Lost { source: source.name.clone(), what, why: why.to_owned(), place })
    };
    let count = layout.entries.len();
    match layout.ending {
        Ending::InEntry => {
            lost(format!("entry {}", count.saturating_sub(1)), "incomplete: the file ends inside it")
        }
        Ending::InList => lost(
            format!("entries from {count} on"),
            "the file ends before the list of entries does; how many followed is unknown",
        ),
        Ending::Elsewhere if count == 0 => {
            lost("every entry".to_owned(), "the file ends before the first entry")
        }
        Ending::Elsewhere => {
            lost("the end of the file".to_owned(), "the file stops early, outside its entries")
        }
        Ending::Whole if count == 0 && layout.list_seen => {
            lost("every entry".to_owned(), "the list of entries is empty: nothing was recorded")
        }
        Ending::Whole if count == 0 => {
            lost("every entry".to_owned(), "it is JSON, but has no list of entries")
        }
        Ending::Whole => None,
    }
}

/// A page title.
struct TitlePiece<'a> {
    event: Event<'a>,
}

impl<'a> Piece<'a> for TitlePiece<'a> {
    fn read(&self, sink: &mut dyn Sink<'a>) {
        sink.event(self.event.clone());
    }
}

/// Bytes of entries that make a piece; a longer one is a piece by itself.
const PIECE: usize = 128 << 10;

/// All entries of a capture.
struct Found<'a> {
    source: &'a Source,
    slots: Vec<Slot>,
    /// The insides of long strings in them, in order.
    long: Vec<Range<usize>>,
}

impl Found<'_> {
    /// The numbers of the entries, by pieces.
    fn together(&self) -> Vec<Range<usize>> {
        let mut pieces: Vec<Range<usize>> = Vec::new();
        let mut room = 0;
        for (index, slot) in self.slots.iter().enumerate() {
            match pieces.last_mut().filter(|_| room >= slot.span.len()) {
                Some(piece) => piece.end = index + 1,
                None => {
                    pieces.push(index..index + 1);
                    room = PIECE;
                }
            }
            room = room.saturating_sub(slot.span.len());
        }
        pieces
    }

    /// The long strings of an entry.
    fn long(&self, span: &Range<usize>) -> &[Range<usize>] {
        let within = |at: usize| self.long.partition_point(|inside| inside.start < at);
        self.long.get(within(span.start)..within(span.end)).unwrap_or_default()
    }
}

/// Some entries, parsed when it is their turn.
struct EntriesPiece<'a> {
    found: Arc<Found<'a>>,
    entries: Range<usize>,
}

impl<'a> Piece<'a> for EntriesPiece<'a> {
    fn read(&self, sink: &mut dyn Sink<'a>) {
        let found = &*self.found;
        let mut silent = Alike::default();
        for index in self.entries.clone() {
            if let Some(slot) = found.slots.get(index) {
                let one = One { source: found.source, slot, index, long: found.long(&slot.span) };
                one.read(&mut silent, sink);
            }
        }
    }
}

/// One entry.
struct One<'a, 'l> {
    source: &'a Source,
    slot: &'l Slot,
    index: usize,
    long: &'l [Range<usize>],
}

impl<'a> One<'a, '_> {
    /// `silent` tells of headers which nobody wants.
    fn read(&self, silent: &mut Alike, sink: &mut dyn Sink<'a>) {
        let state = self.slot.state;
        if state == State::NotAnEntry {
            return sink.lost(self.lost("not an HTTP exchange"));
        }
        if self.is_unwanted(silent, sink) {
            return sink.unwanted(1);
        }
        let span = self.slot.span.clone();
        let Some(entry) = entry::open(self.source.bytes(), span, state == State::Whole, self.long) else {
            return self.broken(false, sink);
        };
        let sound = state == State::Whole && entry.whole;
        let head = entry.head();
        let told = sound || !head.url.is_empty();
        if told && sink.wants_exchange(&head) {
            sink.event(entry.event(self.place()));
        } else if told {
            sink.unwanted(1);
        }
        if !sound {
            self.broken(told, sink);
        }
    }

    /// Whether what is known of it already says that nobody wants it.
    fn is_unwanted(&self, silent: &mut Alike, sink: &dyn Sink<'a>) -> bool {
        let Some(outline) = &self.slot.outline else { return false };
        let (bytes, span) = (self.source.bytes(), self.slot.span.clone());
        let sketch = Sketch { bytes, span, outline, long: self.long };
        outline.unwanted || !sketch.is_wanted(|head, rest| sink.wants_sketch(head, rest), silent)
    }

    fn place(&self) -> Place {
        let span = &self.slot.span;
        Place {
            source: self.source.id,
            span: Span { start: span.start as u64, end: span.end as u64 },
            entry: Some(u32::try_from(self.index).unwrap_or(u32::MAX)),
            line: None,
            pointer: self.slot.pointer.to_string(),
        }
    }

    fn lost(&self, why: &str) -> Lost {
        Lost {
            source: self.source.name.clone(),
            what: format!("entry {}", u32::try_from(self.index).unwrap_or(u32::MAX)),
            why: why.to_owned(),
            place: format!("byte {}", self.slot.span.start),
        }
    }

    fn broken(&self, told: bool, sink: &mut dyn Sink<'_>) {
        match (self.slot.state, told) {
            // The frame has said already that the file ends inside it.
            (State::Cut, _) => {}
            (_, true) => sink.lost(self.lost("its JSON is broken; what could be read was kept")),
            (_, false) => sink.lost(self.lost("its JSON is broken")),
        }
    }
}
