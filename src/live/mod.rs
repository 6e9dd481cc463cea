//! A log that is still being written, reported as it goes.
//!
//! In: bytes as they come. Out: a [`Report`] for each failed attempt, once, when nothing more is expected of it; and at the
//! end one over everything. Never: more in memory than a window of events and a few attempts of each cause, however long
//! the log runs; waiting; printing.
//!
//! `intake` makes events of bytes, `window` joins those of the last minutes into attempts and tells which are settled,
//! `keep` holds what the report at the end is made of.

mod intake;
mod keep;
mod window;

use std::time::Instant;

use crate::Triage;
use crate::redact::Redactor;
use crate::report::{self, Report};
use crate::triage::{Findings, Observations};

use intake::Intake;
pub use intake::Likeness;
use keep::Keep;
use window::Window;

/// A log as far as it has come.
pub struct Live<'t> {
    triage: &'t Triage,
    intake: Intake,
    window: Window,
    keep: Keep,
    redactor: Redactor,
}

impl<'t> Live<'t> {
    pub fn new(triage: &'t Triage, name: &str) -> Live<'t> {
        Live {
            triage,
            intake: Intake::new(name, triage.options().limits.window),
            window: Window::default(),
            keep: Keep::default(),
            redactor: Redactor::new(triage.options().anonymize, &[]),
        }
    }

    /// What the bytes that came look like.
    pub fn likeness(&self) -> Likeness {
        self.intake.likeness()
    }

    /// Bytes came.
    pub fn push(&mut self, bytes: &[u8], now: Instant) {
        self.intake.push(bytes, now);
        self.observe(now);
    }

    /// The log begins anew: the file was replaced or cut. What was seen stays seen.
    pub fn again(&mut self, why: &str, now: Instant) {
        self.intake.again(why);
        self.observe(now);
    }

    /// True while everything is still there, so that the report at the end can be that of a log that is read at once.
    pub fn holds_all(&self) -> bool {
        !self.keep.is_thinned()
    }

    /// The reports that are due; a log that has come to its end owes all.
    pub fn due(&mut self, now: Instant, ended: bool) -> Vec<Report> {
        if ended {
            self.intake.end();
        } else {
            self.intake.tick(now);
        }
        self.observe(now);
        let input = self.intake.summary();
        let settled = self.window.settle(self.triage, now, ended);
        let mut reports = Vec::new();
        for (mut findings, told) in settled {
            findings.inputs.push(input.clone());
            self.redactor.learn(&findings.observed);
            let mut report = self.word(&findings);
            report.diagnoses.retain(|d| !told.contains(&d.id));
            if !report.diagnoses.is_empty() {
                reports.push(report);
            }
        }
        reports
    }

    /// Everything that was found, as of a log that is read at once: exactly so while it all fits.
    pub fn finish(mut self) -> Report {
        self.intake.end();
        self.observe(Instant::now());
        let (input, marks) = (self.intake.summary(), self.intake.marks());
        self.word(&self.keep.findings(self.triage, input, marks))
    }

    fn word(&self, findings: &Findings) -> Report {
        report::build_with(self.triage.rules(), findings, self.triage.options(), &self.redactor)
    }

    fn observe(&mut self, now: Instant) {
        let observed = self.intake.observed();
        if observed.is_empty() {
            return;
        }
        self.redactor.learn(&observed);
        self.keep.add(self.triage, &observed);
        self.window.add(observed, now);
    }
}

/// Findings of some events by themselves.
fn judged(triage: &Triage, observed: Vec<crate::model::Observed>) -> Findings {
    triage.judge(Observations { observed, ..Observations::default() })
}
