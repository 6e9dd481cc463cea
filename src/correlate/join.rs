//! Which events belong together.
//!
//! By ids first (state, code, Microsoft's ids), then by capture (a browser's exchanges between two authorize
//! requests are one try), then by account and time.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;

use super::skew::skews;
use super::stage;
use crate::model::{Fact, FactName, Observed, SourceId};

/// Records of one account further apart than this are different tries.
pub(super) const SAME_ACCOUNT: SignedDuration = SignedDuration::from_mins(10);
/// Records without any id or account further apart than this are different tries.
const ANONYMOUS: SignedDuration = SignedDuration::from_secs(2);
/// Records without any time further apart than this (in records) are different tries.
const ANONYMOUS_STEPS: u64 = 3;
/// Most anonymous records in one try; more are a busy log, not one try.
const ANONYMOUS_MOST: usize = 40;

/// Events that are not worth another core.
const FEW: usize = 1_000;

/// Groups of indexes into `observed`, each in order of time, and the events that belong to no try (DNS answers, an
/// admin's text, directory records).
pub(super) fn groups(observed: &[Observed]) -> (Vec<Vec<usize>>, Vec<&Observed>) {
    let told: Vec<Told<'_>> = observed.par_iter().with_min_len(FEW).map(Told::of).collect();
    let (members, others): (Vec<usize>, Vec<usize>) = (0..observed.len()).partition(|n| told[*n].of_a_try);
    let mut sets = Sets::new(observed.len());
    by_ids(&told, &members, &mut sets);
    by_capture(observed, &members, &mut sets);
    by_account(observed, &told, &members, &mut sets);
    by_neighbourhood(observed, &told, &members, &mut sets);
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for n in members {
        groups.entry(sets.root(n)).or_default().push(n);
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    for group in &mut groups {
        order(observed, group);
    }
    (groups, others.into_iter().map(|n| &observed[n]).collect())
}

/// What is asked of an event again and again.
struct Told<'a> {
    /// False for what belongs to the case.
    of_a_try: bool,
    account: Option<String>,
    ids: Vec<(&'static str, &'a str)>,
}

impl<'a> Told<'a> {
    fn of(event: &'a Observed) -> Told<'a> {
        let id = |fact: &'a Fact| joins(fact.name).map(|space| (space, fact.value.as_str()));
        Told {
            of_a_try: event.facts.iter().any(stage::belongs_to_a_try),
            account: account(event),
            ids: event.facts.iter().filter_map(id).collect(),
        }
    }
}

/// Order of time where every event has one; else order of the sources. Stable.
fn order(observed: &[Observed], group: &mut [usize]) {
    if group.iter().all(|n| observed[*n].meta.time.is_some()) {
        group.sort_by_key(|n| observed[*n].meta.time);
    }
}

/// True when an event of the case speaks about the attempt with those facts: an audit record for the person it names,
/// MX answers and texts that name addresses for their domain, everything else always.
pub(super) fn concerns(event: &Observed, facts: &[Fact]) -> bool {
    let addresses = |list: &[Fact]| -> Vec<String> {
        list.iter().filter(|f| f.name.is_identity()).map(|f| f.value.to_lowercase()).collect()
    };
    let domain_of =
        |address: &String| address.rsplit_once('@').map_or_else(String::new, |(_, d)| d.to_owned());
    let (named, known) = (addresses(&event.facts), addresses(facts));
    let has = |name: FactName| event.facts.iter().any(|f| f.name == name);
    if known.is_empty() || has(FactName::IdIntended) {
        return true;
    }
    if has(FactName::AuditOperation) {
        return named.is_empty() || named.iter().any(|n| known.contains(n));
    }
    let answers = event.facts.iter().filter(|f| f.name == FactName::MxDomain).map(|f| f.value.to_lowercase());
    let domains: Vec<String> = answers.chain(named.iter().map(domain_of)).collect();
    domains.is_empty() || known.iter().map(domain_of).any(|domain| domains.contains(&domain))
}

fn joins(name: FactName) -> Option<&'static str> {
    use FactName::*;
    match name {
        StateHash => Some("state"),
        CodeHash | CodeRedeemed => Some("code"),
        CorrelationId => Some("id"),
        RequestId | TraceId | ClientRequestId => Some("id"),
        SessionHash => Some("session"),
        _ => None,
    }
}

fn by_ids(told: &[Told<'_>], members: &[usize], sets: &mut Sets) {
    let mut first: HashMap<(&str, &str), usize> = HashMap::new();
    for n in members {
        for id in &told[*n].ids {
            let one = *first.entry(*id).or_insert(*n);
            sets.unite(one, *n);
        }
    }
}

/// In a browser's capture the events between two interactive authorize requests are one try.
fn by_capture(observed: &[Observed], members: &[usize], sets: &mut Sets) {
    let mut current: HashMap<SourceId, (usize, Option<&str>)> = HashMap::new();
    for n in members {
        let event = &observed[*n];
        if event.meta.place.entry.is_none() {
            continue;
        }
        let state = event.facts.iter().find(|f| f.name == FactName::StateHash).map(|f| f.value.as_str());
        let starts = starts_a_try(event) || state.is_some() && sends_to_authorize(event);
        match current.get(&event.meta.source) {
            Some((one, known)) if !starts || state.is_some() && state == *known => {
                let (one, known) = (*one, *known);
                sets.unite(one, *n);
                current.insert(event.meta.source, (one, known.or(state)));
            }
            _ => {
                current.insert(event.meta.source, (*n, state));
            }
        }
    }
}

/// An authorize request that a person sees: silent ones (`prompt=none`) run beside a try, not as one.
fn starts_a_try(event: &Observed) -> bool {
    let has = |name: FactName, value: &str| event.facts.iter().any(|f| f.name == name && f.value == value);
    event.meta.endpoint == "authorize" && has(FactName::Hop, "authorize") && !has(FactName::Prompt, "none")
}

/// The vendor's own answer that sends the browser to an authorize request: with a state of its own it is the beginning
/// of the next try, not the end of the one before.
fn sends_to_authorize(event: &Observed) -> bool {
    let has = |name: FactName, value: &str| event.facts.iter().any(|f| f.name == name && f.value == value);
    event.meta.endpoint == "other" && has(FactName::Hop, "authorize") && !has(FactName::Prompt, "none")
}

pub(super) fn account(event: &Observed) -> Option<String> {
    event.facts.iter().find(|f| stage::is_identity(f.name)).map(|f| f.value.to_lowercase())
}

/// Log records of the same account, close in time, in whatever source; and a record with the browser's try that came
/// just before it. Two tries of a browser stay two. Times are those of Microsoft's clock, where a source shows how far
/// its own is off.
fn by_account(observed: &[Observed], told: &[Told<'_>], members: &[usize], sets: &mut Sets) {
    let clocks: HashMap<SourceId, i64> = skews(observed).iter().map(|s| (s.source, s.seconds)).collect();
    let true_time = |event: &Observed| {
        let ahead = clocks.get(&event.meta.source).copied().unwrap_or_default();
        let time = event.meta.time?;
        Some(time.checked_add(SignedDuration::from_secs(ahead)).unwrap_or(time))
    };
    let mut timed: Vec<(Timestamp, usize, &str)> = members
        .iter()
        .filter_map(|n| Some((true_time(&observed[*n])?, *n, told[*n].account.as_deref()?)))
        .collect();
    timed.sort_unstable();
    let mut last: HashMap<&str, (usize, Timestamp)> = HashMap::new();
    for (time, n, account) in timed {
        let is_record = observed[n].meta.place.entry.is_none();
        if let Some((one, before)) = last.get(account)
            && is_record
            && time.duration_since(*before) <= SAME_ACCOUNT
            && same_app(&observed[*one], &observed[n])
        {
            sets.unite(*one, n);
        }
        last.insert(account, (n, time));
    }
}

/// False when both name an app, and not the same one: sign-in records of one person hold several apps.
fn same_app(a: &Observed, b: &Observed) -> bool {
    let app = |e: &Observed| e.facts.iter().find(|f| f.name == FactName::ClientId).map(|f| f.value.clone());
    match (app(a), app(b)) {
        (Some(x), Some(y)) => x == y,
        _ => true,
    }
}

/// Neighbouring records without ids or accounts: a stack trace cut in two, a client's lines of one failure.
fn by_neighbourhood(observed: &[Observed], told: &[Told<'_>], members: &[usize], sets: &mut Sets) {
    let anonymous = |n: usize| {
        observed[n].meta.place.entry.is_none() && told[n].account.is_none() && told[n].ids.is_empty()
    };
    let mut run = 0;
    for pair in members.windows(2) {
        let (a, b) = (&observed[pair[0]], &observed[pair[1]]);
        let near = a.meta.source == b.meta.source && anonymous(pair[0]) && anonymous(pair[1]) && close(a, b);
        run = if near { run + 1 } else { 0 };
        if near && run < ANONYMOUS_MOST {
            sets.unite(pair[0], pair[1]);
        }
    }
}

fn close(a: &Observed, b: &Observed) -> bool {
    match (a.meta.time, b.meta.time) {
        (Some(x), Some(y)) => y.duration_since(x).abs() <= ANONYMOUS,
        (None, None) => b.meta.index.saturating_sub(a.meta.index) <= ANONYMOUS_STEPS,
        _ => false,
    }
}

/// Disjoint sets of event indexes.
struct Sets(Vec<usize>);

impl Sets {
    fn new(len: usize) -> Self {
        Sets((0..len).collect())
    }

    fn root(&mut self, mut n: usize) -> usize {
        while self.0[n] != n {
            self.0[n] = self.0[self.0[n]];
            n = self.0[n];
        }
        n
    }

    /// The smaller index stays the root, so that groups are ordered by first appearance.
    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}
