//! Sources → observed events.
//!
//! In: what an input holds, as [`source::open`] hands it over. Out: for each source what became of it, and every event
//! that holds a fact. Never: more than a window of a long log in memory, or judging.

use rayon::prelude::*;

use super::clock::{self, Clock};
use super::held::{Held, Seen, Shapes};
use super::kept::Kept;
use super::windows::{Windows, format_in_windows};
use crate::decode::{self, Piece, Sink, Split, Survey};
use crate::extract::{
    attune, extract, extract_for_now, may_begin_to_matter, may_matter, may_matter_at_all, may_speak, survey,
};
use crate::model::{
    Event, EventKind, Exchange, Fact, FactName, InputSummary, Lost, Observed, Place, Source, SourceId,
};
use crate::redact::Deferred;
use crate::source::{Bytes, Limits, Taker};
use crate::triage::Observations;

/// Small sources are read side by side, until so many bytes of them wait.
const TOGETHER: usize = 32 << 20;

/// Reads what is handed over, in that order.
pub(super) struct Reading<'l> {
    limits: &'l Limits,
    clock: Clock,
    waiting: Vec<Source>,
    bytes: usize,
    open: Option<Windows>,
    out: Vec<Read>,
}

impl<'l> Reading<'l> {
    pub(super) fn new(limits: &'l Limits) -> Self {
        Reading {
            limits,
            clock: Clock::start(limits.max_time),
            waiting: Vec::new(),
            bytes: 0,
            open: None,
            out: Vec::new(),
        }
    }

    fn flush(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        let large = std::mem::take(&mut self.bytes) >= TOGETHER;
        let read: Vec<Read> = waiting.par_iter().map(|s| read_source(s, self.limits, self.clock)).collect();
        self.out.extend(read);
        if large {
            // To give the pages of a large file back takes a while, in which this one can go on.
            rayon::spawn(move || drop(waiting));
        }
    }

    /// Everything that was read, with what was lost on the way.
    pub(super) fn finish(mut self, lost: Vec<Lost>) -> Vec<Read> {
        self.flush();
        let mut read = self.out;
        for lost in lost {
            match read.iter_mut().find(|r| r.input.name == lost.source) {
                Some(of) => of.input.lost.push(lost),
                None => read.push(Read::unreadable(lost)),
            }
        }
        read
    }
}

impl Taker for Reading<'_> {
    fn whole(&mut self, source: Source) {
        self.bytes += source.bytes().len();
        self.waiting.push(source);
        if self.bytes >= TOGETHER {
            self.flush();
        }
    }

    fn begins(&mut self, name: &str, head: &[u8]) -> bool {
        let Some(format) = format_in_windows(head) else { return false };
        self.flush();
        self.open = Some(Windows::new(name, format, head, self.limits.window).within(self.clock));
        true
    }

    fn window(&mut self, bytes: Bytes, last: bool) -> usize {
        let Some(open) = &mut self.open else { return (*bytes).as_ref().len() };
        let used = open.take(bytes, last);
        if last && let Some(open) = self.open.take() {
            self.out.push(open.finish());
        }
        used
    }
}

/// One source, read.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) input: InputSummary,
    pub(crate) observed: Vec<Observed>,
    pub(crate) marks: Vec<Fact>,
}

impl Read {
    pub(super) fn unreadable(lost: Lost) -> Read {
        let input = InputSummary {
            name: lost.source.clone(),
            kind: "unreadable".to_owned(),
            lost: vec![lost],
            ..InputSummary::default()
        };
        Read { input, observed: Vec::new(), marks: Vec::new() }
    }
}

/// Takes what the pieces of a source give, in their order.
pub(super) trait Gather: Send {
    /// What was kept so far.
    fn kept(&mut self) -> &mut Kept;
    fn gather(&mut self, parts: Vec<Taken<'_>>);
}

/// A source that is read as a whole.
#[derive(Default)]
struct Whole {
    read: Read,
    kept: Kept,
    /// Lines of the pieces so far, where they are counted.
    lines: u64,
}

impl Gather for Whole {
    fn kept(&mut self) -> &mut Kept {
        &mut self.kept
    }

    fn gather(&mut self, parts: Vec<Taken<'_>>) {
        for mut part in parts {
            let lines = part.lines.map_or(0, |_| self.lines);
            part.keep(&mut self.kept, &Before { events: self.read.input.events, bytes: 0, lines });
            self.lines += part.lines.unwrap_or(0);
            self.read.input.events += part.events;
            self.read.input.lost.extend(part.lost);
        }
    }
}

/// Stretches of a log that are read before what they gave is looked through for repeats: a log in which every record
/// fails gives far more than it holds.
const STRETCHES: usize = 32;

/// Hands over what the pieces give, in their order. While some is looked through, the next is read. Gives the offset of the
/// first one that was not begun in time.
pub(super) fn take_all(
    split: &Split<'_>,
    gated: bool,
    clock: Clock,
    into: &mut impl Gather,
) -> Option<Unread> {
    let log = split.pieces.first().is_some_and(|piece| piece.start().is_some());
    // Little at first: what is known of a log spares looks later.
    let mut together = if !log {
        split.pieces.len().max(1)
    } else if into.kept().shapes.is_empty() {
        1
    } else {
        STRETCHES
    };
    let mut before: Vec<Taken<'_>> = Vec::new();
    let mut unread = None;
    let mut rest = split.pieces.as_slice();
    while let Some((pieces, after)) =
        rest.split_at_checked(together.min(rest.len())).filter(|_| !rest.is_empty())
    {
        // Once enough is known, nobody waits for what the stretches before these teach.
        let shapes = std::mem::take(&mut into.kept().shapes);
        let known = (together == STRETCHES).then_some(&shapes);
        let read = || -> Vec<Option<Taken<'_>>> {
            let read =
                pieces.par_iter().map(|piece| (!clock.is_over()).then(|| take(piece.as_ref(), gated, known)));
            read.collect()
        };
        let ((), taken) = rayon::join(|| into.gather(std::mem::take(&mut before)), read);
        into.kept().learn(shapes);
        let late = taken.iter().position(Option::is_none).and_then(|n| pieces.get(n));
        unread = unread.or(late.map(|piece| Unread { offset: piece.start().map(|start| start.at) }));
        // Where the lines of a log are counted, nothing behind an unread piece has a place.
        before = if log {
            taken.into_iter().map_while(|t| t).collect()
        } else {
            taken.into_iter().flatten().collect()
        };
        let shapes = &into.kept().shapes;
        before.par_iter_mut().for_each(|taken| taken.look(shapes));
        rest = after;
        if log {
            together = (2 * together).min(STRETCHES);
        }
    }
    into.gather(before);
    let shapes = std::mem::take(&mut into.kept().shapes);
    into.kept().learn(shapes);
    unread
}

/// Where the first piece begins that was not read, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unread {
    pub(super) offset: Option<usize>,
}

pub(super) fn read_source(source: &Source, limits: &Limits, clock: Clock) -> Read {
    let gated = source.bytes().len() as u64 >= limits.gate_from;
    if gated {
        attune(source.bytes());
    }
    let mut input = InputSummary {
        name: source.name.clone(),
        bytes: source.bytes().len() as u64,
        ..InputSummary::default()
    };
    let Some(format) = decode::format_of(source) else {
        input.kind = "unknown".to_owned();
        input.lost.push(Lost {
            source: source.name.clone(),
            what: "the input".to_owned(),
            why: "it is in no format that is known here".to_owned(),
            place: String::new(),
        });
        return Read { input, observed: Vec::new(), marks: Vec::new() };
    };
    input.kind = format.name.to_owned();
    let mut split =
        if gated { decode::split_asking(format, source, may_matter_at_all) } else { (format.split)(source) };
    input.lost = std::mem::take(&mut split.lost);
    let read = Read { input, observed: Vec::new(), marks: marks(std::mem::take(&mut split.marks)) };
    let mut whole = Whole { read, kept: Kept::default(), lines: 0 };
    let unread = take_all(&split, gated, clock, &mut whole);
    let Whole { mut read, mut kept, .. } = whole;
    if let Some(Unread { offset }) = unread {
        read.input.lost.push(clock::unread(&source.name, offset.map(|at| at as u64)));
    }
    read.observed = kept.take();
    read
}

/// What the frame of a capture tells, as facts of the whole source.
fn marks(marks: Vec<(FactName, String)>) -> Vec<Fact> {
    let fact = |(name, value)| Fact { name, value, place: Place::default(), excerpt: Default::default() };
    marks.into_iter().map(fact).collect()
}

/// What a piece gave.
#[derive(Default)]
pub(super) struct Taken<'a> {
    /// Ask the gate before an event is looked at.
    gated: bool,
    observed: Vec<One<'a>>,
    pub(super) events: u64,
    /// How many lines it has, if the lines of places count from its beginning.
    pub(super) lines: Option<u64>,
    pub(super) lost: Vec<Lost>,
}

/// What stands before a piece.
pub(super) struct Before {
    pub(super) events: u64,
    pub(super) bytes: u64,
    pub(super) lines: u64,
}

/// An event that may hold facts.
enum One<'a> {
    Held(Held<'a>),
    Seen(Seen),
}

impl Taken<'_> {
    /// Looks into what is held.
    fn look(&mut self, shapes: &Shapes) {
        if !self.observed.iter().any(|one| matches!(one, One::Held(_))) {
            return;
        }
        let look = |one| match one {
            One::Held(held) => One::Seen(held.look(shapes)),
            seen => seen,
        };
        self.observed = std::mem::take(&mut self.observed).into_par_iter().map(look).collect();
    }

    /// Hands over what was seen.
    pub(super) fn keep(&mut self, kept: &mut Kept, before: &Before) {
        for one in self.observed.drain(..) {
            let mut seen = match one {
                One::Seen(seen) => seen,
                One::Held(held) => held.look(&kept.shapes),
            };
            seen.observed.meta.index += before.events;
            seen.observed.shift(before.bytes, before.lines);
            kept.add(seen);
        }
    }
}

impl<'a> Sink<'a> for Taken<'a> {
    fn event(&mut self, event: Event<'a>) {
        if self.gated && !opened(&event) {
            return self.unwanted(1);
        }
        let index = self.events;
        self.events += 1;
        let one = if self.gated && Held::can_be(&event) {
            One::Held(Held::new(event, index))
        } else {
            // Exchanges are kept, all of them.
            let (observed, deferred) = match event.kind {
                EventKind::Record(_) => extract_for_now(&event, index),
                _ => (extract(&event, index), Deferred::default()),
            };
            if observed.facts.is_empty() {
                return;
            }
            One::Seen(Seen::once(observed, deferred))
        };
        self.observed.push(one);
    }

    fn wants(&self, text: &[u8]) -> bool {
        !self.gated || may_speak(text)
    }

    fn survey(&self, text: &[u8]) -> Survey {
        if self.gated { survey(text) } else { Survey::default() }
    }

    fn wants_exchange(&self, head: &Exchange<'a>) -> bool {
        !self.gated || may_begin_to_matter(head)
    }

    fn wants_sketch(&self, head: &Exchange<'a>, rest: &mut dyn FnMut() -> Option<Exchange<'a>>) -> bool {
        !self.gated || may_matter_at_all(head, rest)
    }

    fn unwanted(&mut self, count: u64) {
        self.events += count;
    }

    fn lines(&mut self, count: u64) {
        self.lines = Some(count);
    }

    fn lost(&mut self, lost: Lost) {
        self.lost.push(lost);
    }
}

/// Whether the gate lets the event in. The names of a structured record's fields may stand elsewhere.
fn opened(event: &Event<'_>) -> bool {
    match &event.kind {
        EventKind::Record(record) if record.fields.is_empty() => may_speak(&record.text.raw),
        EventKind::Exchange(exchange) => may_matter(exchange),
        _ => true,
    }
}

/// Reads a piece; looks into what it holds, if there is something known to look with.
fn take<'a>(piece: &(dyn Piece<'a> + 'a), gated: bool, known: Option<&Shapes>) -> Taken<'a> {
    let mut taken = Taken { gated, ..Taken::default() };
    piece.read(&mut taken);
    if let Some(shapes) = known {
        taken.look(shapes);
    }
    taken
}

/// Numbers the sources in the order in which they were reached.
pub(super) fn number(read: Vec<Read>) -> Observations {
    let mut all = Observations::default();
    for (n, mut one) in read.into_iter().enumerate() {
        let id = SourceId(u32::try_from(n).unwrap_or(u32::MAX));
        one.input.id = id;
        for event in &mut one.observed {
            event.meta.source = id;
            event.meta.place.source = id;
            event.facts.iter_mut().for_each(|fact| fact.place.source = id);
        }
        one.marks.iter_mut().for_each(|fact| fact.place.source = id);
        all.inputs.push(one.input);
        all.observed.append(&mut one.observed);
        all.marks.append(&mut one.marks);
    }
    all
}
