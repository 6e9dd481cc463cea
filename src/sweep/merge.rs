//! Adding up. Every operation here is associative and commutative.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::model::{Aggregate, Cause, Code, Inputs, NAMED, Representative, Row, WIDE};

impl Aggregate {
    /// Adds another aggregate, counted with the same settings.
    pub fn merge(&mut self, other: Aggregate) {
        self.inputs.merge(other.inputs);
        for (key, row) in other.rows {
            self.rows.entry(key).or_default().merge(row);
        }
    }

    /// The first setting in which the two differ, by name; such aggregates must not be merged.
    pub fn differs(&self, other: &Aggregate) -> Option<&'static str> {
        let (a, b) = (&self.settings, &other.settings);
        [
            ("version", a.tool != b.tool),
            ("rules", a.rules_date != b.rules_date),
            ("--group-by", a.group_by != b.group_by),
            ("--anonymize", a.anonymize != b.anonymize),
            ("--min-severity", a.min_severity != b.min_severity),
            ("--min-confidence", a.min_confidence != b.min_confidence),
            ("--tenant", a.tenant != b.tenant),
            ("--account", a.account != b.account),
            ("--profile", a.profile != b.profile),
            ("--since", a.since != b.since),
            ("--until", a.until != b.until),
        ]
        .into_iter()
        .find_map(|(name, differs)| differs.then_some(name))
    }
}

fn add(to: &mut u64, more: u64) {
    *to = to.saturating_add(more);
}

/// Keeps the first `most` in order.
pub(super) fn keep_first<T: Ord>(set: &mut BTreeSet<T>, most: usize) {
    while set.len() > most {
        set.pop_last();
    }
}

impl Inputs {
    fn merge(&mut self, other: Inputs) {
        add(&mut self.read, other.read);
        add(&mut self.partly, other.partly);
        add(&mut self.unread, other.unread);
        add(&mut self.failed, other.failed);
        add(&mut self.worked, other.worked);
        add(&mut self.filtered, other.filtered);
        add(&mut self.nothing, other.nothing);
        add(&mut self.bytes, other.bytes);
        add(&mut self.events, other.events);
        self.named.extend(other.named);
        keep_first(&mut self.named, NAMED);
    }
}

impl Row {
    pub(super) fn merge(&mut self, other: Row) {
        add(&mut self.attempts, other.attempts);
        add(&mut self.inputs, other.inputs);
        self.tenants.extend(other.tenants);
        self.accounts.extend(other.accounts);
        self.first_seen = [self.first_seen, other.first_seen].into_iter().flatten().min();
        self.last_seen = self.last_seen.max(other.last_seen);
        self.trend.merge(&other.trend);
        for (id, cause) in other.causes {
            self.causes.entry(id).or_default().merge(cause);
        }
        if let Some(example) = other.example {
            self.offer(example);
        }
    }

    /// Takes the example if it is the better one: surer, then first by input and byte.
    pub(super) fn offer(&mut self, example: Representative) {
        if self.example.as_ref().is_none_or(|known| example.order() < known.order()) {
            self.example = Some(example);
        }
    }
}

impl Cause {
    fn merge(&mut self, other: Cause) {
        add(&mut self.attempts, other.attempts);
        for (code, more) in other.codes {
            self.codes.entry(code).or_default().merge(more);
        }
    }
}

impl Code {
    fn merge(&mut self, other: Code) {
        add(&mut self.attempts, other.attempts);
        self.tenants.extend(other.tenants);
        keep_first(&mut self.tenants, WIDE);
    }
}

impl Representative {
    /// Total: two that compare equal are equal.
    fn order(&self) -> impl Ord + '_ {
        (
            Reverse(self.confidence),
            &self.input,
            self.span,
            (self.entry, self.line, &self.pointer),
            (self.time, &self.text, &self.cause),
        )
    }
}
