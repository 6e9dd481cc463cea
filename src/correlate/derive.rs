//! Facts that only several facts together tell. Each is written as a fact of the attempt, so that rules can ask.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::outcome::note;
use super::stage;
use crate::knowledge;
use crate::model::{Attempt, Fact, FactName, Observed};

/// Attempts that are not worth another core.
const FEW: usize = 64;

/// Facts within one attempt.
pub(super) fn within(attempt: &mut Attempt, observed: &[Observed]) {
    identities(attempt);
    account_type(attempt);
    silent_sign_in(attempt);
    phase(attempt);
    code_reused(attempt, observed);
    unknown_codes(attempt);
    alternating(attempt);
    provisioned_later(attempt);
    weak_evidence(attempt, observed);
}

fn of(attempt: &Attempt, name: FactName) -> Vec<&Fact> {
    attempt.facts.iter().filter(|f| f.name == name).collect()
}

fn has(attempt: &Attempt, name: FactName, value: &str) -> bool {
    attempt.facts.iter().any(|f| f.name == name && f.value.eq_ignore_ascii_case(value))
}

fn any(attempt: &Attempt, name: FactName) -> bool {
    attempt.facts.iter().any(|f| f.name == name)
}

/// Whether the addresses that ought to be one person's are.
fn identities(attempt: &mut Attempt) {
    use FactName::*;
    // The accounts that a picker offers tell who signed in only where nothing better does.
    let answered = [IdToken, IdTokenMail, IdUpn, IdMailbox].iter().any(|name| any(attempt, *name));
    let last = if answered { IdProxy } else { IdPicked };
    let token: Vec<FactName> = vec![IdToken, IdTokenMail, IdUpn, IdMailbox, IdProxy, last];
    let pairs: [(&str, FactName, &[FactName]); 5] = [
        ("intended-token", IdIntended, &token),
        ("hint-token", IdHint, &token),
        ("typed-token", IdTyped, &token),
        ("upn-mail", IdUpn, &[IdMailbox]),
        ("token-mail", IdToken, &[IdMailbox]),
    ];
    for (pair, left, right) in pairs {
        let known: Vec<Fact> = attempt.facts.iter().filter(|f| right.contains(&f.name)).cloned().collect();
        let asked: Vec<Fact> = of(attempt, left).into_iter().cloned().collect();
        if known.is_empty() || asked.is_empty() {
            continue;
        }
        let agree = asked.iter().any(|a| known.iter().any(|k| same_person(&a.value, &k.value)));
        let name = if agree { IdMatch } else { IdMismatch };
        let place = known[0].place.clone();
        note(attempt, name, pair, &place);
    }
}

/// Equal addresses, or the same name in a tenant's built-in domain.
fn same_person(a: &str, b: &str) -> bool {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    if a == b {
        return true;
    }
    match (a.split_once('@'), b.split_once('@')) {
        (Some((x, p)), Some((y, q))) => {
            x == y && (p.ends_with(".onmicrosoft.com") || q.ends_with(".onmicrosoft.com"))
        }
        _ => false,
    }
}

fn account_type(attempt: &mut Attempt) {
    if any(attempt, FactName::AccountType) {
        return;
    }
    let consumer = has(attempt, FactName::Tenant, knowledge::CONSUMER_TENANT);
    let guest =
        attempt.facts.iter().find(|f| stage::is_identity(f.name) && f.value.to_uppercase().contains("#EXT#"));
    let place = guest.map(|f| f.place.clone()).or_else(|| attempt.facts.first().map(|f| f.place.clone()));
    let value = if consumer {
        "personal"
    } else if guest.is_some() {
        "guest"
    } else {
        return;
    };
    note(attempt, FactName::AccountType, value, &place.unwrap_or_default());
}

/// A code came back though nobody typed or picked anything.
fn silent_sign_in(attempt: &mut Attempt) {
    let asked = has(attempt, FactName::Hop, "authorize");
    let code = any(attempt, FactName::CodeReceived);
    let typed = any(attempt, FactName::IdTyped) || any(attempt, FactName::IdPicked);
    let page = attempt.facts.iter().any(|f| {
        f.name == FactName::Page && matches!(f.value.as_str(), "sign-in" | "account-picker" | "mfa")
    });
    // Whoever reads mail or a calendar afterwards is connected; that it is another's is said by other facts.
    let reads = attempt
        .facts
        .iter()
        .any(|f| f.name == FactName::ApiOk && matches!(f.value.as_str(), "mailbox" | "calendar" | "sync"));
    if asked && code && !typed && !page && !reads {
        let place = of(attempt, FactName::CodeReceived)[0].place.clone();
        note(attempt, FactName::SilentSignIn, "yes", &place);
    }
}

fn phase(attempt: &mut Attempt) {
    let refresh = attempt
        .facts
        .iter()
        .find(|f| f.name == FactName::GrantType && f.value == "refresh_token")
        .map(|f| f.place.clone());
    let connect = attempt
        .facts
        .iter()
        .find(|f| {
            f.name == FactName::GrantType && f.value == "authorization_code"
                || f.name == FactName::Page
                || f.name == FactName::Hop && matches!(f.value.as_str(), "authorize" | "redirect" | "consent")
        })
        .map(|f| f.place.clone());
    match (connect, refresh) {
        (Some(place), _) => note(attempt, FactName::Phase, "connect", &place),
        (None, Some(place)) => note(attempt, FactName::Phase, "refresh", &place),
        (None, None) => {}
    }
}

/// One code redeemed, or delivered to the same callback, more than once. The redirect that led to the callback carries
/// the code as well; that is no second delivery.
fn code_reused(attempt: &mut Attempt, observed: &[Observed]) {
    let mut seen: BTreeSet<(FactName, &str, &str)> = BTreeSet::new();
    let mut twice = None;
    for event in attempt.events.iter().map(|n| &observed[*n]) {
        for fact in &event.facts {
            let delivered = fact.name == FactName::CodeHash && event.meta.endpoint == "callback";
            let label = if delivered { event.meta.label.as_str() } else { "" };
            if (delivered || fact.name == FactName::CodeRedeemed)
                && !seen.insert((fact.name, &fact.value, label))
            {
                twice = twice.or(Some(fact.place.clone()));
            }
        }
    }
    if let Some(place) = twice {
        note(attempt, FactName::CodeReused, "yes", &place);
    }
}

/// Well-formed codes that no table knows are shown as such.
fn unknown_codes(attempt: &mut Attempt) {
    let unknown: Vec<Fact> = of(attempt, FactName::EntraCode)
        .into_iter()
        .filter(|f| f.value != "0" && knowledge::entra(&f.value).is_none())
        .cloned()
        .collect();
    for fact in unknown {
        note(attempt, FactName::UnknownCode, &format!("AADSTS{}", fact.value), &fact.place);
    }
}

fn alternating(attempt: &mut Attempt) {
    let not_found = attempt
        .facts
        .iter()
        .any(|f| f.name == FactName::ApiCode && f.value.eq_ignore_ascii_case("ResourceNotFound"));
    let place = attempt
        .facts
        .iter()
        .find(|f| {
            f.name == FactName::ApiCode && f.value.to_ascii_lowercase().starts_with("mailboxnotenabled")
        })
        .map(|f| f.place.clone());
    if let (true, Some(place)) = (not_found, place) {
        note(attempt, FactName::Alternating, "mailbox", &place);
    }
}

/// A "no mailbox" answer that turned into success: the mailbox was being made.
fn provisioned_later(attempt: &mut Attempt) {
    let place = attempt
        .resolved
        .iter()
        .map(|n| &attempt.facts[*n])
        .find(|f| f.name == FactName::ApiCode && f.value.to_ascii_lowercase().starts_with("mailboxnot"))
        .map(|f| f.place.clone());
    if let Some(place) = place {
        note(attempt, FactName::ProvisionedLater, "yes", &place);
    }
}

fn weak_evidence(attempt: &mut Attempt, observed: &[Observed]) {
    let place = attempt.facts.first().map(|f| f.place.clone()).unwrap_or_default();
    let codes = [
        FactName::EntraCode,
        FactName::ApiCode,
        FactName::VendorCode,
        FactName::SmtpCode,
        FactName::ConsumerCode,
    ];
    let failed = attempt.facts.iter().any(stage::is_failure);
    if failed && !attempt.facts.iter().any(|f| codes.contains(&f.name)) {
        let words =
            [FactName::EntraText, FactName::ApiText, FactName::Phrase, FactName::Told, FactName::EntraGuess];
        if attempt.facts.iter().any(|f| words.contains(&f.name)) {
            // A code that had to be guessed is more than words, and less than a code.
            let guessed = any(attempt, FactName::EntraGuess);
            note(
                attempt,
                FactName::WeakEvidence,
                if guessed { "misread-code" } else { "words-only" },
                &place,
            );
        }
        if attempt.events.len() == 1
            && observed[attempt.events[0]].meta.place.entry.is_none()
            && any(attempt, FactName::OauthError)
        {
            note(attempt, FactName::WeakEvidence, "url-only", &place);
        }
    }
    if any(attempt, FactName::Sanitised) {
        note(attempt, FactName::WeakEvidence, "sanitised", &place);
    }
}

/// Facts across attempts: how far a code spreads, and consent given elsewhere.
pub(super) fn across(attempts: &mut [Attempt]) {
    spread(attempts);
    consent_elsewhere(attempts);
}

fn spread(attempts: &mut [Attempt]) {
    let said: Vec<BTreeMap<String, usize>> = attempts.par_iter().with_min_len(FEW).map(failures).collect();
    let mut seen: BTreeMap<&str, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for (attempt, said) in attempts.iter().zip(&said) {
        for key in said.keys() {
            let entry = seen.entry(key).or_default();
            entry.0.extend(attempt.tenant.clone());
            entry.1.extend(attempt.account.as_ref().map(|a| a.to_lowercase()));
        }
    }
    let sizes: BTreeMap<&str, (usize, usize)> =
        seen.into_iter().map(|(key, (tenants, accounts))| (key, (tenants.len(), accounts.len()))).collect();
    for (attempt, said) in attempts.iter_mut().zip(&said) {
        let size = |key: &String| sizes.get(key.as_str()).copied().unwrap_or_default();
        let widest = said.iter().map(|(key, n)| (size(key), *n)).max();
        let Some((size, place)) =
            widest.and_then(|(size, n)| Some((size, attempt.facts.get(n)?.place.clone())))
        else {
            continue;
        };
        let value = match size {
            (3.., _) => "many-tenants",
            (_, 3..) => "many-accounts",
            (_, 1) => "one-account",
            _ => continue,
        };
        note(attempt, FactName::Spread, value, &place);
    }
}

/// What failed in an attempt, and the last fact that says it.
fn failures(attempt: &Attempt) -> BTreeMap<String, usize> {
    let names = [FactName::EntraCode, FactName::ApiCode, FactName::Throttle, FactName::ServerFault];
    let failures = attempt.facts.iter().enumerate().filter(|(_, fact)| names.contains(&fact.name));
    failures.map(|(n, fact)| (format!("{}={}", fact.name.id(), fact.value.to_lowercase()), n)).collect()
}

fn consent_elsewhere(attempts: &mut [Attempt]) {
    let consented: BTreeSet<String> = attempts
        .iter()
        .flat_map(|a| of(a, FactName::ConsentTenant))
        .map(|f| f.value.to_lowercase())
        .collect();
    if consented.is_empty() {
        return;
    }
    for attempt in attempts.iter_mut() {
        let elsewhere = of(attempt, FactName::Tenant)
            .into_iter()
            .find(|f| f.value.len() == 36 && !consented.contains(&f.value.to_lowercase()))
            .map(|f| f.place.clone());
        if let Some(place) = elsewhere {
            note(attempt, FactName::ConsentTenantDiffers, "yes", &place);
        }
    }
}
