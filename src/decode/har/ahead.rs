//! Entries of a large capture, found by all cores before the one pass that decides gets there.
//!
//! In: bytes, cut anywhere into stretches. Out: for places at which an entry seems to begin, where it ends, and whether it
//! is wanted: asked at once, while it is still near the core. Never: an answer that depends on where was cut: an entry that begins there is the same whoever asks, and whether one does is
//! decided by the pass that comes from the front.

use std::ops::Range;

use rayon::prelude::*;

use super::plain::{self, Alike, Outline};
use super::resync;
use super::sketch::Sketch;
use crate::decode::Wanted;

/// Where an entry stands, and what was read of it.
type Entry = (Range<usize>, Outline);

/// Entries that begin in one stretch.
#[derive(Default)]
struct Run {
    entries: Vec<Entry>,
    /// The insides of their long strings.
    long: Vec<Range<usize>>,
}

/// What was found, to be asked for from the front to the back.
#[derive(Default)]
pub(super) struct Ahead {
    runs: Vec<Run>,
    /// The next entry: its run, and its number in it.
    next: (usize, usize),
}

impl Ahead {
    /// Looks at all stretches of this length.
    pub(super) fn look(bytes: &[u8], stretch: usize, wanted: Option<Wanted>) -> Ahead {
        let stretch = stretch.max(1);
        let starts = (0..bytes.len()).into_par_iter().step_by(stretch);
        let runs = starts.map(|from| Run::read(bytes, from, stretch, wanted));
        Ahead { runs: runs.collect(), next: (0, 0) }
    }

    /// The entry that begins at `at`, and its long strings. Not to be asked for one that begins further to the front.
    pub(super) fn entry(&mut self, at: usize) -> Option<(Entry, &[Range<usize>])> {
        let (span, outline) = self.take(at)?;
        let run = self.runs.get(self.next.0)?;
        let from = run.long.partition_point(|l| l.start < span.start);
        let to = run.long.partition_point(|l| l.start < span.end);
        Some(((span, outline), run.long.get(from..to).unwrap_or_default()))
    }

    /// Goes on to the entry that begins at `at`, past those that begin before it.
    fn take(&mut self, at: usize) -> Option<Entry> {
        loop {
            let run = self.runs.get_mut(self.next.0)?;
            match run.entries.get_mut(self.next.1) {
                None => {
                    // Its entries are known to somebody else now.
                    *run = Run::default();
                    self.next = (self.next.0 + 1, 0);
                }
                Some((span, _)) if span.start > at => return None,
                Some((span, outline)) => {
                    self.next.1 += 1;
                    if span.start == at {
                        return Some((span.clone(), std::mem::take(outline)));
                    }
                }
            }
        }
    }
}

impl Run {
    /// Reads the entries that begin in the stretch. None is followed further than to the end of the next stretch, and
    /// no more than that is spent on what turns out to be none: what comes out of damaged input must not take for ever.
    fn read(bytes: &[u8], from: usize, stretch: usize, wanted: Option<Wanted>) -> Run {
        let mut run = Run::default();
        let end = bytes.len().min(from.saturating_add(stretch));
        let seen = bytes.get(..bytes.len().min(end.saturating_add(stretch))).unwrap_or_default();
        let within = bytes.get(..end).unwrap_or_default();
        let (mut wasted, mut alike, mut silent) = (0, Alike::default(), Alike::default());
        let mut guess = resync::next(within, from);
        while let Some(at) = guess.filter(|at| *at < end) {
            let known = run.long.len();
            match plain::entry(seen, at, &mut run.long, &mut alike) {
                Ok((span, mut outline)) => {
                    let long = run.long.get(known..).unwrap_or_default();
                    let sketch = Sketch { bytes: seen, span: span.clone(), outline: &outline, long };
                    outline.unwanted = wanted.is_some_and(|wanted| !sketch.is_wanted(wanted, &mut silent));
                    guess = follower(within, span.end);
                    run.entries.push((span, outline));
                }
                Err(reached) => {
                    wasted += reached - at;
                    if wasted > stretch {
                        break;
                    }
                    guess = resync::next(within, at + 1);
                }
            }
        }
        run
    }
}

/// Where the element begins that follows one which ended here.
fn follower(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let gap = rest.iter().take_while(|b| b.is_ascii_whitespace() || **b == b',').count();
    (rest.get(gap) == Some(&b'{')).then_some(from + gap)
}
