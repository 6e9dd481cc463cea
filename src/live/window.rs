//! The events of the last minutes, and which attempts among them are settled.
//!
//! In: events as they are observed. Out: the findings of each attempt, once, when nothing more is expected of it; again
//! only where later events make it a different failure. Never: more events than [`MOST`] for long,
//! or an attempt let go unjudged.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use crate::Triage;
use crate::correlate::correlate;
use crate::model::{Attempt, Kind, Observed, Profile};
use crate::rank::rank;
use crate::triage::Findings;

/// An attempt is settled when none of its events came for so long…
const QUIET: Duration = Duration::from_secs(4);
/// …or when the log's own clock went on so far, as it does when a log is caught up with; that is as long as correlation
/// joins records of one account. Settled events stay so long, for what may still join them.
const STAY: SignedDuration = SignedDuration::from_mins(10);
/// Most events in the window, and most facts in them.
const MOST: usize = 2_000;
const MOST_FACTS: usize = 40_000;

#[derive(Default)]
pub(super) struct Window {
    observed: Vec<Observed>,
    /// One for each of them.
    seen: Vec<Seen>,
    facts: usize,
    /// The latest time that the log has told.
    clock: Option<Timestamp>,
    profile: Option<Profile>,
}

/// What became of an event.
struct Seen {
    came: Instant,
    settled: bool,
    /// The diagnoses that its attempt was reported with.
    told: BTreeSet<String>,
}

impl Window {
    pub(super) fn add(&mut self, observed: Vec<Observed>, now: Instant) {
        for event in observed {
            self.clock = self.clock.max(event.meta.time);
            self.facts += event.facts.len();
            self.observed.push(event);
            self.seen.push(Seen { came: now, settled: false, told: BTreeSet::new() });
        }
    }

    fn is_full(&self) -> bool {
        self.observed.len() > MOST || self.facts > MOST_FACTS
    }

    /// The attempts that are settled by now, each with the diagnoses that were reported of it before.
    pub(super) fn settle(
        &mut self,
        triage: &Triage,
        now: Instant,
        ended: bool,
    ) -> Vec<(Findings, BTreeSet<String>)> {
        let full = self.is_full();
        if !full && !ended && !(0..self.seen.len()).any(|n| !self.seen[n].settled && self.is_over(n, now)) {
            return Vec::new();
        }
        self.profile = self.profile.take().or_else(|| triage.profile_of(&self.observed));
        let attempts = correlate(&self.observed, &[], self.profile.as_ref());
        // Of a window that is full the older half goes, whatever is expected of it.
        let half = self.observed.len() / 2;
        let mut out = Vec::new();
        let mut loose: BTreeSet<usize> = (0..self.seen.len()).collect();
        for attempt in attempts {
            for n in &attempt.events {
                loose.remove(n);
            }
            let settled = attempt.events.iter().all(|n| self.seen[*n].settled);
            let goes = full && attempt.events.iter().any(|n| *n < half);
            if !settled && (ended || goes || attempt.events.iter().all(|n| self.is_over(*n, now))) {
                out.extend(self.report(triage, attempt));
            }
        }
        for n in loose.into_iter().filter(|n| full || self.is_over(*n, now)).collect::<Vec<_>>() {
            self.seen[n].settled = true;
        }
        self.let_go(now, if full { half } else { 0 });
        out
    }

    fn is_over(&self, n: usize, now: Instant) -> bool {
        self.is_past(n, now, QUIET)
    }

    fn is_past(&self, n: usize, now: Instant, quiet: Duration) -> bool {
        let past = match (self.clock, self.observed[n].meta.time) {
            (Some(clock), Some(time)) => clock.duration_since(time) >= STAY,
            _ => false,
        };
        past || now.duration_since(self.seen[n].came) >= quiet
    }

    /// Marks the attempt as reported.
    fn report(&mut self, triage: &Triage, attempt: Attempt) -> Option<(Findings, BTreeSet<String>)> {
        let events = attempt.events.clone();
        let told: BTreeSet<String> = events.iter().flat_map(|n| self.seen[*n].told.iter().cloned()).collect();
        let findings = triage.wants(&attempt).then(|| self.alone(triage, attempt));
        let ids: BTreeSet<String> = findings
            .iter()
            .flat_map(|f| &f.judgement.diagnoses)
            .map(|d| triage.rules().get(d.rule).id.clone())
            .chain(told.iter().cloned())
            .collect();
        for n in events {
            self.seen[n].settled = true;
            self.seen[n].told.clone_from(&ids);
        }
        findings.filter(|f| f.judgement.diagnoses.iter().any(|d| d.kind != Kind::Benign)).map(|f| (f, told))
    }

    /// One attempt, judged by itself; what the others in the window tell of it is among its facts.
    fn alone(&self, triage: &Triage, mut attempt: Attempt) -> Findings {
        let observed: Vec<Observed> = attempt.events.iter().map(|n| self.observed[*n].clone()).collect();
        attempt.events = (0..observed.len()).collect();
        let attempts = vec![attempt];
        let mut judgement = rank(triage.rules(), &attempts, self.profile.as_ref());
        judgement.diagnoses.retain(|d| d.kind != Kind::Benign);
        let profile = self.profile.clone();
        Findings { observed, attempts, judgement, profile, ..Findings::default() }
    }

    /// Drops what is settled and old, and everything before `half`.
    fn let_go(&mut self, now: Instant, half: usize) {
        let stay = Duration::try_from(STAY).unwrap_or(QUIET);
        let gone: Vec<bool> = (0..self.seen.len())
            .map(|n| n < half || self.seen[n].settled && self.is_past(n, now, stay))
            .collect();
        let mut at = gone.iter();
        self.observed.retain(|_| !at.next().copied().unwrap_or(false));
        let mut at = gone.iter();
        self.seen.retain(|_| !at.next().copied().unwrap_or(false));
        self.facts = self.observed.iter().map(|event| event.facts.len()).sum();
    }
}
