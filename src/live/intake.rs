//! Bytes as they come → observed events.
//!
//! In: bytes in whatever portions. Out: the events of the lines that are there. Never: an event of half a line, or more
//! than a window of unread text.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::{Fact, InputSummary, Lost, Observed};
use crate::source::{Bytes, Feed, Taker, is_plain_text};
use crate::triage::{Windows, format_in_windows, shift_index};

/// Lines are read at once when nothing came for so long.
const QUIET: Duration = Duration::from_millis(300);
/// And after so long though more keeps coming; the last record may still grow then.
const BUSY: Duration = Duration::from_millis(600);
/// And when so much is there.
const MUCH: usize = 2 << 20;
/// So much of the beginning decides what kind of log it is.
const HEAD: usize = 64 << 10;
/// Notes kept of what could not be read.
const NOTES: usize = 200;

/// What the beginning of a stream looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// Too little has come to tell.
    Unclear,
    /// A log that can be read line by line.
    Log,
    /// Something that has to be there as a whole: a capture, an archive, a document.
    Other,
}

pub(super) struct Intake {
    name: String,
    most: usize,
    /// The beginning as it came, and as text.
    raw: Vec<u8>,
    head: Vec<u8>,
    feed: Option<Feed>,
    windows: Option<Windows>,
    came: Instant,
    read: Instant,
    observed: Vec<Observed>,
    /// What became of the file before it was replaced, and how often.
    before: InputSummary,
}

impl Intake {
    pub(super) fn new(name: &str, most: usize) -> Intake {
        let now = Instant::now();
        Intake {
            name: name.to_owned(),
            most,
            raw: Vec::new(),
            head: Vec::new(),
            feed: None,
            windows: None,
            came: now,
            read: now,
            observed: Vec::new(),
            before: InputSummary::default(),
        }
    }

    pub(super) fn likeness(&self) -> Likeness {
        let line = memchr::memchr(b'\n', &self.head).is_some();
        let log = line && is_plain_text(&self.raw) && format_in_windows(&self.head).is_some();
        match (log, self.raw.len() >= HEAD) {
            (true, _) => Likeness::Log,
            (false, true) => Likeness::Other,
            (false, false) => Likeness::Unclear,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8], now: Instant) {
        self.came = now;
        let room = HEAD.saturating_sub(self.raw.len());
        self.raw.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        for part in bytes.chunks(MUCH) {
            let mut feed = self.feed.take().unwrap_or_else(|| Feed::coloured(part));
            let before = feed.text().len();
            feed.push(part, self.most);
            let room = HEAD.saturating_sub(self.head.len());
            let new = feed.text().get(before..).unwrap_or_default();
            let learned = room > 0 && !new.is_empty();
            self.head.extend_from_slice(new.get(..room).unwrap_or(new));
            self.feed = Some(feed);
            if learned {
                self.learn();
            }
            if self.waiting() >= MUCH {
                self.read(now, false);
            }
        }
    }

    /// Text that waits to be read.
    fn waiting(&self) -> usize {
        self.feed.as_ref().map_or(0, |f| f.text().len())
    }

    /// What kind of log it is shows better the more of it is there.
    fn learn(&mut self) {
        let Some(format) = format_in_windows(&self.head) else { return };
        match &mut self.windows {
            Some(windows) => windows.learn(format, &self.head),
            None => self.windows = Some(Windows::new(&self.name, format, &self.head, self.most)),
        }
    }

    pub(super) fn tick(&mut self, now: Instant) {
        let quiet = now.duration_since(self.came) >= QUIET;
        if self.waiting() > 0 && (quiet || now.duration_since(self.read) >= BUSY) {
            self.read(now, quiet);
        }
    }

    /// Reads the lines that are there; `all` even where the last record may go on.
    fn read(&mut self, now: Instant, all: bool) {
        self.read = now;
        let (Some(feed), Some(windows)) = (&mut self.feed, &mut self.windows) else { return };
        let length = feed.text().len();
        windows.pieces_of((length / 64).clamp(256, 64 << 10));
        feed.hand(&mut Hand { windows, all }, false);
        self.observed.extend(windows.observed());
    }

    /// Nothing more comes.
    pub(super) fn end(&mut self) {
        let Some(feed) = &mut self.feed else { return };
        feed.end();
        if self.windows.is_none() {
            self.head = feed.text().get(..HEAD).unwrap_or(feed.text()).to_vec();
            self.learn();
        }
        let (Some(feed), Some(windows)) = (&mut self.feed, &mut self.windows) else { return };
        feed.hand(windows, true);
        self.observed.extend(windows.observed());
        self.feed = None;
    }

    /// The file was replaced or cut: its lines are counted from one again.
    pub(super) fn again(&mut self, why: &str) {
        self.end();
        let input = self.summary();
        self.before = input;
        if self.before.lost.len() < NOTES {
            self.before.lost.push(Lost {
                source: self.name.clone(),
                what: "the file".to_owned(),
                why: why.to_owned(),
                place: String::new(),
            });
        }
        (self.windows, self.feed) = (None, None);
        self.head.clear();
        self.raw.clear();
    }

    /// Events since the last time.
    pub(super) fn observed(&mut self) -> Vec<Observed> {
        let mut observed = std::mem::take(&mut self.observed);
        observed.iter_mut().for_each(|event| shift_index(event, self.before.events));
        observed
    }

    /// What became of the input so far.
    pub(super) fn summary(&self) -> InputSummary {
        let now = self.windows.as_ref().map(Windows::summary);
        joined(&self.before, now.as_ref(), &self.name)
    }

    /// What the frame of the log tells.
    pub(super) fn marks(&self) -> Vec<Fact> {
        self.windows.as_ref().map(Windows::marks).unwrap_or_default()
    }
}

fn joined(before: &InputSummary, now: Option<&InputSummary>, name: &str) -> InputSummary {
    let mut all = before.clone();
    all.name = name.to_owned();
    match now {
        Some(now) => {
            all.kind.clone_from(&now.kind);
            all.bytes += now.bytes;
            all.events += now.events;
            all.lost.extend(now.lost.iter().take(NOTES).cloned());
        }
        None if all.kind.is_empty() => all.kind = "unknown".to_owned(),
        None => {}
    }
    all
}

/// Takes whole lines.
struct Hand<'w> {
    windows: &'w mut Windows,
    all: bool,
}

impl Taker for Hand<'_> {
    fn whole(&mut self, _source: crate::model::Source) {}

    fn begins(&mut self, _name: &str, _head: &[u8]) -> bool {
        false
    }

    fn window(&mut self, bytes: Bytes, _last: bool) -> usize {
        if !self.all {
            return self.windows.take(bytes, false);
        }
        let text = (*bytes).as_ref();
        match memchr::memrchr(b'\n', text) {
            Some(n) if n + 1 == text.len() => self.windows.take(bytes, true),
            Some(n) => self.windows.take(Arc::new(text.get(..=n).unwrap_or_default().to_vec()), true),
            None => self.windows.take(bytes, false),
        }
    }
}
