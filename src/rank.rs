//! Verdicts → diagnoses in one total order.
//!
//! In: attempts and the verdicts on them. Out: a [`Judgement`]. Never: wording, or an order that depends on anything
//! but its input.
//!
//! 1. Within an attempt, a verdict that rests on nothing but what a stronger verdict rests on is its rival, not a
//!    second diagnosis; a cause explains the symptoms it names.
//! 2. Over the case, verdicts of one rule become one diagnosis with its count.
//! 3. Order: causes before symptoms before benign; a vendor-wide cause first; then confidence in steps of ten, the
//!    earlier stage, the first occurrence, exact confidence, id.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::diagnose::{Ruleset, evaluate, matches};
use crate::model::{
    Attempt, Diagnosis, Fact, FactName, Judgement, Kind, Owner, Place, Profile, RivalVerdict, Rule, Stage,
    Verdict,
};

/// Below this a verdict is no diagnosis, only perhaps a rival.
const LEAST: i32 = 15;
/// Nothing is ever certain.
const MOST: i32 = 97;
/// A code that was read with letters for digits may be another one, whatever the words beside it say.
const MOST_MISREAD: i32 = 75;
/// The rule that speaks only where no other does.
const LAST_RESORT: &str = "unclassified-error";
/// From here a cause may stand above what it explains.
const SURE: i32 = 60;
/// Most facts shown as evidence of one diagnosis.
const MOST_EVIDENCE: usize = 12;
/// So many attempts are worth another core.
const MANY: usize = 64;

/// Judges every attempt and orders what holds.
pub fn rank(rules: &Ruleset, attempts: &[Attempt], profile: Option<&Profile>) -> Judgement {
    let mut merged: BTreeMap<(usize, Kind), Merged> = BTreeMap::new();
    let standing = |(n, attempt): (usize, &Attempt)| standing(rules, attempt, n, profile);
    let stands: Vec<Vec<Stand>> = attempts.par_iter().enumerate().with_min_len(MANY).map(standing).collect();
    for (attempt, stands) in attempts.iter().zip(stands) {
        for stand in stands {
            merged.entry((stand.verdict.rule, stand.kind)).or_default().add(attempt, stand);
        }
    }
    drop_doubles(&mut merged);
    let finish = |((rule, kind), merged): (_, Merged)| merged.finish(rules, attempts, rule, kind);
    let mut diagnoses: Vec<(Diagnosis, Key)> = if attempts.len() < MANY {
        merged.into_iter().map(finish).collect()
    } else {
        merged.into_par_iter().map(finish).collect()
    };
    diagnoses.sort_by(|a, b| a.1.cmp(&b.1));
    Judgement {
        diagnoses: diagnoses.into_iter().map(|(d, _)| d).collect(),
        not_evaluated: not_evaluated(rules, attempts),
    }
}

/// Confidence of a verdict, 1 to 97, lowered where the material was sanitised or incomplete.
fn confidence(attempt: &Attempt, verdict: &Verdict) -> u8 {
    let weak = |why: &str| attempt.facts.iter().any(|f| f.name == FactName::WeakEvidence && f.value == why);
    let most = if weak("misread-code") { MOST_MISREAD } else { MOST };
    let points = verdict.points.min(most) - if weak("sanitised") { 3 } else { 0 };
    u8::try_from(points.clamp(1, MOST)).unwrap_or(1)
}

/// A verdict that stands as a diagnosis of its attempt, with those that yielded to it.
struct Stand {
    verdict: Verdict,
    kind: Kind,
    confidence: u8,
    rivals: Vec<(usize, u8)>,
    explains: Vec<usize>,
}

/// Points of a rule that the vendor's profile names for one of the vendor's own codes.
const PROFILE_POINTS: i32 = 60;

/// Verdicts that the profile gives by naming a rule for a vendor's code, where the rule does not hold by itself.
fn by_profile(
    rules: &Ruleset,
    attempt: &Attempt,
    index: usize,
    profile: Option<&Profile>,
    known: &[Verdict],
) -> Vec<Verdict> {
    let named = attempt
        .facts
        .iter()
        .enumerate()
        .filter(|(n, f)| f.name == FactName::VendorCode && !attempt.resolved.contains(n));
    named
        .filter_map(|(n, f)| Some((n, rules.index_of(profile?.error_codes.get(&f.value)?)?)))
        .filter(|(_, rule)| !known.iter().any(|v| v.rule == *rule))
        .map(|(n, rule)| Verdict {
            rule,
            attempt: index,
            points: PROFILE_POINTS,
            for_: vec![n],
            against: vec![],
        })
        .collect()
}

fn standing(rules: &Ruleset, attempt: &Attempt, index: usize, profile: Option<&Profile>) -> Vec<Stand> {
    let mut verdicts = evaluate(rules, attempt, index);
    verdicts.extend(by_profile(rules, attempt, index, profile, &verdicts));
    let lifted = lifted(rules, &verdicts);
    verdicts.sort_by_key(|v| {
        let rule = rules.get(v.rule);
        (rule.kind, rule.id == LAST_RESORT, -lifted[&v.rule], rule.stage, v.rule)
    });
    let mut stands: Vec<Stand> = Vec::new();
    for verdict in verdicts {
        let rule = rules.get(verdict.rule);
        let confidence = confidence(attempt, &verdict);
        let yields = stands.iter_mut().find(|s| yields_to(rules, attempt, rule, &verdict, s));
        match yields {
            Some(stronger) if rule.kind == Kind::Symptom => stronger.explains.push(verdict.rule),
            Some(stronger) => stronger.rivals.push((verdict.rule, confidence)),
            None if verdict.points >= LEAST => {
                stands.push(Stand { kind: rule.kind, verdict, confidence, rivals: vec![], explains: vec![] })
            }
            None => {}
        }
    }
    explain(rules, &mut stands);
    stands
}

/// Points for the order of verdicts: a sure cause stands above what it explains.
fn lifted(rules: &Ruleset, verdicts: &[Verdict]) -> BTreeMap<usize, i32> {
    let explained = |by: &Rule| {
        let theirs = verdicts.iter().filter(|v| by.explains.contains(&rules.get(v.rule).id));
        theirs.map(|v| v.points + 1).max().unwrap_or_default()
    };
    verdicts
        .iter()
        .map(|v| {
            (v.rule, if v.points >= SURE { v.points.max(explained(rules.get(v.rule))) } else { v.points })
        })
        .collect()
}

/// True when the weaker verdict adds no failure of its own to what the stronger one rests on.
fn yields_to(rules: &Ruleset, attempt: &Attempt, rule: &Rule, weaker: &Verdict, stronger: &Stand) -> bool {
    if rule.kind == Kind::Benign || stronger.kind != Kind::Cause {
        return false;
    }
    if rule.id == LAST_RESORT {
        return true;
    }
    let own = failures(attempt, &weaker.for_);
    let other = failures(attempt, &stronger.verdict.for_);
    let named = rules.get(stronger.verdict.rule).rivals.iter().any(|r| r.id == rule.id)
        || rule.rivals.iter().any(|r| r.id == rules.get(stronger.verdict.rule).id);
    own.is_subset(&other)
        || named && own.iter().any(|f| other.contains(f))
        || same_event(attempt, &own, &other)
}

/// Codes and error words among the facts a verdict rests on, by index.
fn failures(attempt: &Attempt, facts: &[usize]) -> BTreeSet<usize> {
    facts.iter().copied().filter(|n| attempt.facts.get(*n).is_some_and(|f| says_failure(f.name))).collect()
}

fn says_failure(name: FactName) -> bool {
    use FactName::*;
    matches!(
        name,
        EntraCode
            | EntraText
            | EntraGuess
            | OauthError
            | OauthSuberror
            | ApiCode
            | ApiText
            | ApiMessage
            | ApiStatus
            | BatchInner
            | ChallengeError
            | ChallengeCode
            | DiagnosticsCode
            | VendorCode
            | MsalCode
            | ConsumerCode
            | IdxCode
            | SmtpCode
            | MailText
            | Phrase
            | Told
            | UnknownCode
            | NetworkError
            | ProxyAnswer
            | Throttle
            | ServerFault
            | ScopeMissing
            | Page
    )
}

/// Both rest on one and the same event only: one failure, two readings.
fn same_event(attempt: &Attempt, own: &BTreeSet<usize>, other: &BTreeSet<usize>) -> bool {
    let event = |n: &usize| {
        let place = &attempt.facts[*n].place;
        (place.source, place.entry, place.entry.is_none().then_some(place.line))
    };
    let own: BTreeSet<_> = own.iter().map(event).collect();
    let other: BTreeSet<_> = other.iter().map(event).collect();
    own.len() == 1 && own.iter().all(|(_, entry, _)| entry.is_some()) && own.is_subset(&other)
}

fn explain(rules: &Ruleset, stands: &mut [Stand]) {
    for n in 0..stands.len() {
        if stands[n].kind != Kind::Cause || stands[n].confidence < 40 {
            continue;
        }
        let named = &rules.get(stands[n].verdict.rule).explains;
        for m in 0..stands.len() {
            let other = stands[m].verdict.rule;
            let weaker =
                m != n && stands[m].kind != Kind::Benign && stands[m].confidence <= stands[n].confidence;
            if weaker && named.contains(&rules.get(other).id) {
                stands[m].kind = Kind::Symptom;
                stands[n].explains.push(other);
            }
        }
    }
}

/// A rule that is a cause somewhere in the case is not listed as a symptom as well.
fn drop_doubles(merged: &mut BTreeMap<(usize, Kind), Merged>) {
    let causes: BTreeSet<usize> = merged.keys().filter(|(_, k)| *k == Kind::Cause).map(|(r, _)| *r).collect();
    merged.retain(|(rule, kind), _| *kind != Kind::Symptom || !causes.contains(rule));
}

#[derive(Default)]
struct Merged {
    attempts: Vec<usize>,
    best: Option<(u8, Verdict)>,
    /// Attempt and strongest facts of the first few verdicts, for evidence beyond the best one's.
    others: Vec<(usize, Vec<usize>)>,
    rivals: BTreeMap<usize, u8>,
    explains: BTreeSet<usize>,
    wide: bool,
}

impl Merged {
    fn add(&mut self, attempt: &Attempt, stand: Stand) {
        self.attempts.push(stand.verdict.attempt);
        self.explains.extend(stand.explains);
        for (rule, confidence) in stand.rivals {
            let known = self.rivals.entry(rule).or_default();
            *known = (*known).max(confidence);
        }
        self.wide |= attempt.facts.iter().any(|f| f.name == FactName::Spread && f.value == "many-tenants");
        if self.others.len() < MOST_EVIDENCE {
            let strongest = stand.verdict.for_.iter().copied().take(3).collect();
            self.others.push((stand.verdict.attempt, strongest));
        }
        if self.best.as_ref().is_none_or(|(c, _)| stand.confidence > *c) {
            self.best = Some((stand.confidence, stand.verdict));
        }
    }

    fn finish(self, rules: &Ruleset, attempts: &[Attempt], index: usize, kind: Kind) -> (Diagnosis, Key) {
        let rule = rules.get(index);
        let (confidence, verdict) = self
            .best
            .unwrap_or((1, Verdict { rule: index, attempt: 0, points: 1, for_: vec![], against: vec![] }));
        let attempt = &attempts[verdict.attempt];
        let mut evidence: Vec<Fact> = pick(attempt, &verdict.for_);
        for (other, facts) in self.others.iter().filter(|(n, _)| *n != verdict.attempt) {
            let room = MOST_EVIDENCE.saturating_sub(evidence.len());
            evidence.extend(pick(&attempts[*other], facts).into_iter().take(room));
        }
        let against = pick(attempt, &verdict.against);
        let all = || self.attempts.iter().map(|n| &attempts[*n]);
        let first_seen = all().filter_map(|a| a.first_seen).min();
        let vendor_wide = self.wide && matches!(rule.owner, Owner::AppVendor | Owner::Microsoft);
        let place = evidence.first().map(|f| f.place.clone()).unwrap_or_default();
        let key = Key {
            kind,
            vendor_wide: !vendor_wide,
            bucket: std::cmp::Reverse(confidence / 10),
            stage: rule.stage,
            place,
            confidence: std::cmp::Reverse(confidence),
            rule: index,
        };
        let diagnosis = Diagnosis {
            rule: index,
            kind,
            confidence,
            count: self.attempts.len() as u64,
            codes: codes(rule, all(), &evidence),
            first_seen,
            last_seen: all().filter_map(|a| a.last_seen).max(),
            tenants: distinct(all().filter_map(|a| a.tenant.as_deref())),
            accounts: distinct(all().filter_map(|a| a.account.as_deref())),
            rivals: rivals(rules, rule, &self.rivals, kind),
            explains: self.explains.iter().map(|n| rules.get(*n).id.clone()).collect(),
            evidence,
            against,
            attempts: self.attempts,
        };
        (diagnosis, key)
    }
}

/// The total order of diagnoses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    kind: Kind,
    vendor_wide: bool,
    bucket: std::cmp::Reverse<u8>,
    stage: Stage,
    place: Place,
    confidence: std::cmp::Reverse<u8>,
    rule: usize,
}

fn pick(attempt: &Attempt, facts: &[usize]) -> Vec<Fact> {
    facts.iter().filter_map(|n| attempt.facts.get(*n)).take(MOST_EVIDENCE).cloned().collect()
}

fn distinct<'s>(values: impl Iterator<Item = &'s str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    values.filter(|v| seen.insert(v.to_lowercase())).map(str::to_owned).collect()
}

/// The codes that bear on the diagnosis, as they are written in the field, in order of appearance: those that its rule
/// asks for, and those that stand beside the texts of its evidence. A bare HTTP status is one only where there is no other.
fn codes<'a>(rule: &Rule, attempts: impl Iterator<Item = &'a Attempt>, evidence: &[Fact]) -> Vec<String> {
    let beside = |fact: &Fact| {
        let at = |f: &Fact| (f.place.source, f.place.entry, f.place.line);
        evidence.iter().any(|e| at(e) == at(fact) && !e.excerpt.is_empty())
    };
    let asked = |fact: &Fact| {
        fact.name == FactName::VendorCode
            || rule.all.iter().chain(&rule.any).any(|c| matches(c, fact))
            || rule.weights.iter().any(|w| w.points > 0 && matches(&w.when, fact))
    };
    let mut seen = BTreeSet::new();
    // The facts of which the code is seen: a case says the same few of them over and over.
    let mut taken: BTreeSet<(usize, &str)> = BTreeSet::new();
    let mut out = Vec::new();
    for attempt in attempts {
        for (n, fact) in attempt.facts.iter().enumerate() {
            if taken.contains(&(fact.name as usize, &*fact.value)) {
                continue;
            }
            let Some(code) = code_of(fact) else { continue };
            let lower = code.to_lowercase();
            let overcome = rule.kind != Kind::Benign && attempt.resolved.contains(&n);
            if !seen.contains(&lower) && (asked(fact) || !overcome && beside(fact)) {
                seen.insert(lower);
                taken.insert((fact.name as usize, &fact.value));
                out.push(code);
            }
        }
    }
    let status = |code: &String| code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit());
    if out.iter().any(|code| !status(code)) {
        out.retain(|code| !status(code));
    }
    out
}

/// The code that a fact stands for, as people write it; `None` for facts that are no codes.
pub fn code_of(fact: &Fact) -> Option<String> {
    use FactName::*;
    match fact.name {
        EntraCode | EntraEnvelope | EntraGuess => Some(format!("AADSTS{}", fact.value)),
        ApiCode | VendorCode | IdxCode | SmtpCode | OauthError | OauthSuberror | MsalCode | ConsumerCode
        | ChallengeCode | UnknownCode | DiagnosticsCode | ChallengeError => Some(fact.value.clone()),
        NetworkError if fact.value.starts_with("net::") => Some(fact.value.clone()),
        ApiStatus | ServerFault | BatchInner => Some(fact.value.clone()),
        MailText => Some(mail_words(&fact.value).to_owned()),
        _ => None,
    }
}

/// The words of a mail server that people search for.
fn mail_words(id: &str) -> &str {
    match id {
        "authenticate-failed" => "NO AUTHENTICATE failed",
        "authenticated-not-connected" => "User is authenticated but not connected",
        "login-failed" => "NO LOGIN failed",
        other => other,
    }
}

/// Rivals seen, strongest first; for a cause without one, the first that its author names, at a low confidence.
fn rivals(rules: &Ruleset, rule: &Rule, seen: &BTreeMap<usize, u8>, kind: Kind) -> Vec<RivalVerdict> {
    let mut list: Vec<RivalVerdict> =
        seen.iter().map(|(rule, confidence)| RivalVerdict { rule: *rule, confidence: *confidence }).collect();
    list.sort_by_key(|r| (std::cmp::Reverse(r.confidence), r.rule));
    if list.is_empty() && kind == Kind::Cause {
        list.extend(
            rule.rivals
                .first()
                .and_then(|r| rules.index_of(&r.id))
                .map(|rule| RivalVerdict { rule, confidence: 0 }),
        );
    }
    list.truncate(3);
    list
}

/// Causes that could not be judged because the material cannot show what they rest on.
fn not_evaluated(rules: &Ruleset, attempts: &[Attempt]) -> Vec<(usize, String)> {
    if attempts.is_empty() {
        return Vec::new();
    }
    let seen: BTreeSet<FactName> = attempts.iter().flat_map(|a| a.facts.iter().map(|f| f.name)).collect();
    let needs: [(&str, &[FactName], &str); 6] = [
        ("refresh-token-missing", &[FactName::Token], "token-answer"),
        ("scope-missing", &[FactName::ScopeGranted], "granted-scopes"),
        ("wrong-account", &[FactName::IdToken, FactName::IdUpn], "signed-in-account"),
        ("upn-differs-from-mail", &[FactName::IdMailbox], "mailbox-address"),
        ("default-calendar-missing", &[FactName::DefaultCalendar], "calendar-list"),
        ("consent-in-wrong-tenant", &[FactName::ConsentTenant], "admin-consent-answer"),
    ];
    needs
        .iter()
        .filter(|(_, facts, _)| !facts.iter().any(|f| seen.contains(f)))
        .filter_map(|(id, _, missing)| Some((rules.index_of(id)?, (*missing).to_owned())))
        .collect()
}
