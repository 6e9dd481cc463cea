//! What a fact tells of the flow: failure or success, and at which stage.

use crate::model::{Fact, FactName, Observed, Stage};

/// True for facts that speak of a try to connect, against those that only describe surroundings.
pub(super) fn belongs_to_a_try(fact: &Fact) -> bool {
    use FactName::*;
    is_failure(fact)
        || is_success(fact)
        || matches!(
            fact.name,
            Hop | Authority
                | Prompt
                | ClientId
                | GrantType
                | Page
                | StateHash
                | CodeHash
                | CodeRedeemed
                | SigninResult
                | AdminConsent
                | ConsentShown
                | IfExists
                | Namespace
                | ScopeNamed
                | OutlookAlias
                | DefaultCalendar
                | EntraEnvelope
                | ApiSurface
                | MeMail
        )
}

/// True for facts that say that something was refused or broke.
pub(super) fn is_failure(fact: &Fact) -> bool {
    use FactName::*;
    match fact.name {
        EntraCode | EntraText | EntraGuess | OauthError | OauthSuberror | ApiCode | ApiText | ApiMessage
        | ApiStatus | BatchInner | ChallengeError | ChallengeCode | DiagnosticsCode | VendorCode
        | MsalCode | ConsumerCode | IdxCode | SmtpCode | MailText | UnknownCode | HopFailed
        | NetworkError | ProxyAnswer | Throttle | ServerFault | AutodiscoverCode | Told => true,
        Phrase => !matches!(fact.value.as_str(), "stay-signed-in" | "account-picker" | "consent-page"),
        Page => matches!(fact.value.as_str(), "error" | "need-admin" | "conditional-access"),
        SigninResult => fact.value == "failure",
        AdminConsent => fact.value == "refused",
        _ => false,
    }
}

/// True for facts that say that something went through.
pub(super) fn is_success(fact: &Fact) -> bool {
    use FactName::*;
    match fact.name {
        HopOk | CodeReceived | Token | ApiOk => true,
        SigninResult => fact.value == "success",
        AdminConsent => fact.value == "granted",
        _ => false,
    }
}

/// True for addresses that name the person of a try. A proxy address alone does not.
pub(super) fn is_identity(name: FactName) -> bool {
    name.is_identity() && name != FactName::IdProxy
}

/// What one event tells of the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Seen(Stage),
    Ok(Stage),
    Failed(Stage),
}

/// Every step that an event shows, a failure first.
pub fn steps_of(event: &Observed) -> Vec<Step> {
    let failed = event.facts.iter().any(is_failure).then(|| Step::Failed(of_failure(event)));
    let hops = event.facts.iter().filter(|f| f.name == FactName::Hop);
    let seen = hops.filter_map(|f| of_hop(&f.value)).map(Step::Seen);
    let ok = event.facts.iter().filter(|f| is_success(f)).filter_map(of_success).map(Step::Ok);
    failed.into_iter().chain(ok).chain(seen).collect()
}

/// The stage of a success.
pub(super) fn of_success(fact: &Fact) -> Option<Stage> {
    match fact.name {
        FactName::HopOk => of_hop(&fact.value),
        FactName::CodeReceived => Some(Stage::Redirect),
        FactName::Token => Some(Stage::Token),
        FactName::ApiOk => Some(of_area(&fact.value)),
        FactName::SigninResult => Some(Stage::SignIn),
        FactName::AdminConsent => Some(Stage::Consent),
        _ => None,
    }
}

/// The stage of a failing event, from what the exchange was for, else from the facts it holds.
pub(super) fn of_failure(event: &Observed) -> Stage {
    let value = |name: FactName| event.facts.iter().find(|f| f.name == name).map(|f| f.value.as_str());
    let has = |name: FactName| value(name).is_some();
    if has(FactName::NetworkError) || has(FactName::ProxyAnswer) {
        return Stage::Network;
    }
    if let Some(stage) = value(FactName::HopFailed).and_then(of_hop) {
        return stage;
    }
    if let Some(area) = value(FactName::ApiArea) {
        return of_area(area);
    }
    match event.meta.endpoint {
        "token" | "device-code" => Stage::Token,
        "authorize" | "sign-in" | "consumer" | "credential-type" | "user-realm" => Stage::SignIn,
        "consent" | "admin-consent" => Stage::Consent,
        "callback" => Stage::Redirect,
        "graph" | "outlook" | "ews" | "autodiscover" => Stage::Mailbox,
        _ if value(FactName::OauthErrorAt) == Some("token") => Stage::Token,
        _ if has(FactName::EntraCode) || has(FactName::EntraText) => Stage::SignIn,
        _ if has(FactName::ApiCode) || has(FactName::ApiText) || has(FactName::VendorCode) => Stage::Mailbox,
        _ if has(FactName::MailText) || has(FactName::SmtpCode) => Stage::Sync,
        _ => Stage::SignIn,
    }
}

pub(super) fn of_hop(hop: &str) -> Option<Stage> {
    Some(match hop {
        "authorize" | "sign-in" => Stage::SignIn,
        "consent" => Stage::Consent,
        "redirect" => Stage::Redirect,
        "token" => Stage::Token,
        "me" | "mailbox" => Stage::Mailbox,
        "calendar" => Stage::Calendar,
        "sync" => Stage::Sync,
        _ => return None,
    })
}

fn of_area(area: &str) -> Stage {
    match area {
        "calendar" => Stage::Calendar,
        "send" | "subscription" | "delta" => Stage::Sync,
        _ => Stage::Mailbox,
    }
}
