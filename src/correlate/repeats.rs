//! A busy log that says the same of the same account again and again.
//!
//! In: observed events of one log, in its order. Out: those that are worth keeping: of a run of like records the first
//! [`MOST`] and the last one. Never: anything dropped that begins, ends or changes an attempt: the records of a run
//! belong to one attempt by their account and time, and tell the same but for Microsoft's ids.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;

use super::join;
use crate::model::{FactName, Observed};

/// Records of a run that are kept, besides its last one.
const MOST: usize = 10;

/// What was kept so far, by what the records say.
#[derive(Debug, Default)]
pub struct Repeats {
    tries: HashMap<String, Try>,
    runs: HashMap<u64, Run>,
    replaced: bool,
}

/// The try that the records of an account belong to, as [`join`] will see it.
#[derive(Debug)]
struct Try {
    number: usize,
    seen: Timestamp,
    app: Option<String>,
}

#[derive(Debug)]
struct Run {
    of_try: usize,
    kept: usize,
    /// Where the last record stands among the kept ones, once more than [`MOST`] were seen.
    last: Option<usize>,
}

impl Repeats {
    /// Adds the event to those kept, or puts it in the place of the last one of its run.
    pub fn keep(&mut self, kept: &mut Vec<Observed>, event: Observed) {
        let Some((key, of_try)) = self.place(&event) else {
            return kept.push(event);
        };
        let run = self.runs.entry(key).or_insert(Run { of_try, kept: 0, last: None });
        if run.of_try != of_try {
            *run = Run { of_try, kept: 0, last: None };
        }
        run.kept += 1;
        match run.last.and_then(|n| kept.get_mut(n)) {
            Some(last) => {
                *last = event;
                self.replaced = true;
            }
            None => {
                run.last = (run.kept > MOST).then_some(kept.len());
                kept.push(event);
            }
        }
    }

    /// What the record says, and the number of its account's try.
    fn place(&mut self, event: &Observed) -> Option<(u64, usize)> {
        if event.meta.place.entry.is_some() {
            return None;
        }
        let (account, seen) = join::account(event).zip(event.meta.time)?;
        let app = event.facts.iter().find(|f| f.name == FactName::ClientId).map(|f| f.value.clone());
        let known = self.tries.get(&account);
        let goes_on = known.is_some_and(|t| {
            let near = seen.duration_since(t.seen).abs() <= join::SAME_ACCOUNT;
            near && (t.app.is_none() || app.is_none() || t.app == app)
        });
        let number = known.map_or(0, |t| t.number + usize::from(!goes_on));
        let key = key(event, &account);
        self.tries.insert(account, Try { number, seen, app });
        key.map(|key| (key, number))
    }

    /// Puts the kept events back into the order of the log.
    pub fn settle(&mut self, kept: &mut [Observed]) {
        if std::mem::take(&mut self.replaced) {
            kept.sort_by_key(|event| event.meta.index);
        }
        self.runs.clear();
        self.tries.clear();
    }
}

/// What the record says; `None` for one whose ids may join it with others.
fn key(event: &Observed, account: &str) -> Option<u64> {
    use FactName::*;
    let mut hasher = DefaultHasher::new();
    account.hash(&mut hasher);
    for fact in &event.facts {
        match fact.name {
            StateHash | CodeHash | CodeRedeemed => return None,
            name if name.is_of_one_call() => {}
            name => (name, &fact.value).hash(&mut hasher),
        }
    }
    Some(hasher.finish())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::model::{EventMeta, Fact, Place};

    fn record(second: i64, facts: &[(FactName, String)]) -> Observed {
        let fact = |(name, value): &(FactName, String)| Fact {
            name: *name,
            value: value.clone(),
            place: Place::default(),
            excerpt: Default::default(),
        };
        let time = Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_secs(second)).ok();
        let meta = EventMeta { index: second as u64, time, ..EventMeta::default() };
        Observed { meta, facts: facts.iter().map(fact).collect() }
    }

    fn failure(second: i64, account: &str) -> Observed {
        record(
            second,
            &[
                (FactName::EntraCode, "50173".to_owned()),
                (FactName::IdIntended, account.to_owned()),
                (FactName::RequestId, format!("r{second}")),
            ],
        )
    }

    fn kept(events: impl IntoIterator<Item = Observed>) -> Vec<u64> {
        let (mut repeats, mut out) = (Repeats::default(), Vec::new());
        events.into_iter().for_each(|event| repeats.keep(&mut out, event));
        repeats.settle(&mut out);
        out.iter().map(|event| event.meta.index).collect()
    }

    #[test]
    fn a_run_keeps_its_beginning_and_its_end() {
        let both = (0..1000)
            .flat_map(|n| [failure(2 * n, "ann@contoso.example"), failure(2 * n + 1, "bo@contoso.example")]);
        let kept = kept(both);
        assert_eq!(kept.len(), 2 * (MOST + 1));
        assert!(kept.is_sorted());
        assert_eq!(kept[2 * MOST..], [1998, 1999]);
    }

    #[test]
    fn another_try_is_another_run() {
        let day = 24 * 3600;
        let kept =
            kept((0..3).flat_map(|d| (0..100).map(move |n| failure(d * day + n, "ann@contoso.example"))));
        assert_eq!(kept.len(), 3 * (MOST + 1));
    }

    #[test]
    fn what_joins_or_names_nobody_stays() {
        let anonymous = (0..100).map(|n| record(n, &[(FactName::EntraCode, "50173".to_owned())]));
        assert_eq!(kept(anonymous).len(), 100);
        let with_state = (0..100).map(|n| {
            let mut event = failure(n, "ann@contoso.example");
            event.facts.push(record(n, &[(FactName::StateHash, "s".to_owned())]).facts.remove(0));
            event
        });
        assert_eq!(kept(with_state).len(), 100);
    }
}
