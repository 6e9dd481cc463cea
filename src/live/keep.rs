//! What the report at the end is made of.
//!
//! In: every event that holds a fact. Out: findings over all of them; where they are too many, over the first attempts of
//! each cause, with the right counts. Never: more facts than [`MOST_FACTS`] for long.

use std::collections::{BTreeMap, BTreeSet};

use super::judged;
use crate::Triage;
use crate::model::{Fact, InputSummary, Kind, Lost, Observed};
use crate::triage::{Findings, Observations};

/// Facts that are kept before attempts are let go.
const MOST_FACTS: usize = 100_000;
/// Then attempts of each diagnosis that stay.
const ATTEMPTS: usize = 20;
/// And events at either end of each.
const EVENTS: usize = 6;
/// And events of no attempt: DNS answers, an admin's words.
const LOOSE: usize = 50;

#[derive(Default)]
pub(super) struct Keep {
    observed: Vec<Observed>,
    facts: usize,
    /// By rule: attempts that were counted and let go.
    gone: BTreeMap<usize, u64>,
    thinned: bool,
}

impl Keep {
    pub(super) fn is_thinned(&self) -> bool {
        self.thinned
    }

    pub(super) fn add(&mut self, triage: &Triage, observed: &[Observed]) {
        self.facts += observed.iter().map(|event| event.facts.len()).sum::<usize>();
        self.observed.extend_from_slice(observed);
        if self.facts > MOST_FACTS {
            self.thin(triage);
        }
    }

    /// Keeps the first attempts of each diagnosis, and of these the first and last events.
    fn thin(&mut self, triage: &Triage) {
        let found = judged(triage, std::mem::take(&mut self.observed));
        let mut stays = BTreeSet::new();
        for diagnosis in found.judgement.diagnoses.iter().filter(|d| d.kind != Kind::Benign) {
            stays.extend(diagnosis.attempts.iter().take(ATTEMPTS).copied());
        }
        for diagnosis in found.judgement.diagnoses.iter().filter(|d| d.kind != Kind::Benign) {
            let gone = diagnosis.attempts.iter().filter(|n| !stays.contains(n)).count();
            *self.gone.entry(diagnosis.rule).or_default() += gone as u64;
        }
        let mut joined = BTreeSet::new();
        let mut kept = BTreeSet::new();
        for (n, attempt) in found.attempts.iter().enumerate() {
            joined.extend(attempt.events.iter().copied());
            if stays.contains(&n) {
                kept.extend(attempt.events.iter().take(EVENTS));
                kept.extend(attempt.events.iter().rev().take(EVENTS));
            }
        }
        kept.extend((0..found.observed.len()).filter(|n| !joined.contains(n)).take(LOOSE));
        let all = found.observed.into_iter().enumerate();
        self.observed = all.filter(|(n, _)| kept.contains(n)).map(|(_, event)| event).collect();
        self.facts = self.observed.iter().map(|event| event.facts.len()).sum();
        self.thinned = true;
    }

    pub(super) fn findings(&self, triage: &Triage, mut input: InputSummary, marks: Vec<Fact>) -> Findings {
        if self.thinned {
            input.lost.push(Lost {
                source: input.name.clone(),
                what: "part of the attempts".to_owned(),
                why: format!(
                    "the log held more than fits in memory: of each cause the first {ATTEMPTS} attempts are shown, and \
                     all are counted"
                ),
                place: String::new(),
            });
        }
        let observed = self.observed.clone();
        let mut found = triage.judge(Observations { inputs: vec![input], observed, marks });
        for diagnosis in &mut found.judgement.diagnoses {
            diagnosis.count += self.gone.get(&diagnosis.rule).copied().unwrap_or_default();
        }
        found
    }
}
