//! A long log, window by window.
//!
//! In: stretches of its text, each beginning where the one before was used up to. Out: what reading it as a whole would
//! give, with places that count from its beginning. Never: a record cut by the end of a window, unless the record is as
//! long as the window.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::clock::{self, Clock};
use super::kept::Kept;
use super::read::{Before, Gather, Read, Taken, Unread, take_all};
use crate::decode::{Format, Reach, Start, format_of_head};
use crate::extract::attune;
use crate::model::{Fact, InputSummary, Lost, Observed, Source, Stretch};
use crate::source::{Bytes, Taker};

/// So much of the beginning decides what kind of log it is.
const HEAD: usize = 1 << 20;
/// Largest piece of a window.
const PIECE: usize = 1 << 18;
/// Losses told one by one.
const TOLD: usize = 200;

/// What is known of the log so far.
pub(crate) struct Windows {
    format: &'static Format,
    head: Arc<[u8]>,
    frame: Arc<[u8]>,
    /// Longest window.
    most: usize,
    /// Size of pieces; a window is used up to the beginning of its last one.
    piece: usize,
    /// Offset and one-based line at which the next window begins.
    at: u64,
    line: u64,
    /// Lines of the window so far, where its pieces count them.
    counted: Option<u64>,
    clock: Clock,
    /// Some of it was left unread because the time was over.
    late: bool,
    read: Read,
    kept: Kept,
    told: BTreeSet<(String, String, String)>,
    untold: u64,
}

/// The format of a log that begins like this, if it can be read window by window. A JSON document cannot, even where
/// nothing but plain text claims it: captures may stand in it.
pub(crate) fn format_in_windows(head: &[u8]) -> Option<&'static Format> {
    let format = format_of_head(head).filter(|f| !matches!(f.reach, Reach::Whole))?;
    let text = head.trim_ascii_start();
    let inside = text.strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
    let json =
        text.starts_with(b"{") || inside.is_some_and(|i| matches!(i.first(), Some(b'{' | b'[' | b'"')));
    let lines = format.name != "text" && memchr::memchr(b'\n', text).is_some();
    (!json || lines).then_some(format)
}

impl Windows {
    pub(crate) fn new(name: &str, format: &'static Format, head: &[u8], most: usize) -> Windows {
        let mut read = Read::default();
        (read.input.name, read.input.kind) = (name.to_owned(), format.name.to_owned());
        Windows {
            format,
            head: head.get(..HEAD).unwrap_or(head).into(),
            frame: Arc::new([]),
            most,
            piece: (most / 8).clamp(1, PIECE),
            at: 0,
            line: 1,
            counted: None,
            clock: Clock::endless(),
            late: false,
            read,
            kept: Kept::default(),
            told: BTreeSet::new(),
            untold: 0,
        }
    }

    /// Reads no more once the time is over.
    pub(super) fn within(mut self, clock: Clock) -> Windows {
        self.clock = clock;
        self
    }

    /// Cuts into pieces of about this size from now on.
    pub(crate) fn pieces_of(&mut self, piece: usize) {
        self.piece = piece.clamp(1, PIECE);
    }

    /// What kind of log it is can still change while hardly any of it was seen.
    pub(crate) fn learn(&mut self, format: &'static Format, head: &[u8]) {
        self.format = format;
        self.head = head.get(..HEAD).unwrap_or(head).into();
        self.read.input.kind = format.name.to_owned();
    }

    /// Reads a window; gives how much of it is used up.
    pub(crate) fn take(&mut self, bytes: Bytes, last: bool) -> usize {
        let length = (*bytes).as_ref().len();
        let source = self.source(Arc::clone(&bytes));
        attune(source.bytes());
        let mut split = (self.format.split)(&source);
        let begin = split.pieces.last().and_then(|p| p.start()).filter(|start| start.at > 0);
        let (used, line) = match begin {
            _ if last => (length, None),
            Some(Start { at, line }) => {
                // What begins there may go on in the next window.
                split.pieces.pop();
                (at, line)
            }
            None if length >= self.most => {
                let range = 0..break_in(source.bytes());
                return self.take(Arc::new(Front { bytes, range }), true);
            }
            None => return 0,
        };
        let lost = std::mem::take(&mut split.lost);
        self.lose(lost);
        let clock = self.clock;
        let unread = take_all(&split, true, clock, self);
        self.leave(unread);
        self.step(&source.bytes()[..used], line);
        used
    }

    /// Says once where reading stopped.
    fn leave(&mut self, unread: Option<Unread>) {
        let Some(Unread { offset }) = unread.filter(|_| !self.late) else { return };
        self.late = true;
        let at = self.at + offset.unwrap_or(0) as u64;
        self.read.input.lost.push(clock::unread(&self.read.input.name, Some(at)));
    }

    fn source(&self, bytes: Bytes) -> Source {
        let stretch = Stretch {
            line: self.line,
            first: self.at == 0,
            head: Arc::clone(&self.head),
            frame: Arc::clone(&self.frame),
            piece: self.piece,
        };
        Source { stretch: Some(stretch), ..Source::whole(self.read.input.name.as_str(), bytes) }
    }

    /// The parts of a line without end lose the same; and a broken log can lose something in every window.
    fn lose(&mut self, lost: Vec<Lost>) {
        for one in lost {
            if self.told.len() >= TOLD {
                self.untold += 1;
            } else if self.told.insert((one.what.clone(), one.why.clone(), one.place.clone())) {
                self.read.input.lost.push(one);
            }
        }
    }

    /// Goes on behind what was used, where this line begins.
    fn step(&mut self, used: &[u8], line: Option<u64>) {
        if let Reach::Headed(directives) = self.format.reach {
            self.frame = directives(&[&self.frame, used].concat()).into();
        }
        let count = || self.line + memchr::memchr_iter(b'\n', used).count() as u64;
        self.line = match self.counted.take() {
            Some(lines) => self.line + lines,
            None => line.unwrap_or_else(count),
        };
        self.at += used.len() as u64;
        self.read.input.bytes = self.at;
    }

    /// What the frame of the log tells.
    pub(crate) fn marks(&self) -> Vec<Fact> {
        self.read.marks.clone()
    }

    /// What was observed since the last time.
    pub(crate) fn observed(&mut self) -> Vec<Observed> {
        self.kept.take()
    }

    /// What became of the log so far.
    pub(crate) fn summary(&self) -> InputSummary {
        self.read.input.clone()
    }

    /// What was read, and what became of it.
    pub(crate) fn finish(mut self) -> Read {
        self.read.observed = self.kept.take();
        if self.untold > 0 {
            self.read.input.lost.push(Lost {
                source: self.read.input.name.clone(),
                what: format!("{} more places", self.untold),
                why: "something was passed over there as well; only the first are told".to_owned(),
                place: String::new(),
            });
        }
        self.read
    }
}

impl Gather for Windows {
    fn kept(&mut self) -> &mut Kept {
        &mut self.kept
    }

    fn gather(&mut self, parts: Vec<Taken<'_>>) {
        for mut part in parts {
            let lines = part.lines.map_or(0, |_| self.line - 1 + self.counted.unwrap_or(0));
            part.keep(&mut self.kept, &Before { events: self.read.input.events, bytes: self.at, lines });
            self.counted = part.lines.map(|lines| self.counted.unwrap_or(0) + lines);
            self.read.input.events += part.events;
            self.lose(part.lost);
        }
    }
}

impl Taker for Windows {
    fn whole(&mut self, _source: Source) {}

    fn begins(&mut self, _name: &str, _head: &[u8]) -> bool {
        false
    }

    fn window(&mut self, bytes: Bytes, last: bool) -> usize {
        self.take(bytes, last)
    }
}

/// Counts an event from further back.
pub(crate) fn shift_index(event: &mut Observed, by: u64) {
    event.meta.index += by;
}

/// Where to break a stretch that holds no beginning of a record: behind its last line, else behind a blank, else at
/// least between two characters.
fn break_in(bytes: &[u8]) -> usize {
    if let Some(n) = memchr::memrchr(b'\n', bytes) {
        return n + 1;
    }
    let tail = bytes.len().saturating_sub(4096);
    let near = bytes.get(tail..).unwrap_or_default();
    if let Some(n) = near.iter().rposition(u8::is_ascii_whitespace) {
        return tail + n + 1;
    }
    let back = near.iter().rev().take(3).take_while(|b| **b & 0xC0 == 0x80).count();
    let lead = usize::from(near.iter().rev().nth(back).is_some_and(|b| *b >= 0xC0));
    let cut = bytes.len() - if lead == 1 { back + 1 } else { 0 };
    if cut == 0 { bytes.len() } else { cut }
}

/// The front of shared bytes.
struct Front {
    bytes: Bytes,
    range: Range<usize>,
}

impl AsRef<[u8]> for Front {
    fn as_ref(&self) -> &[u8] {
        (*self.bytes).as_ref().get(self.range.clone()).unwrap_or_default()
    }
}
