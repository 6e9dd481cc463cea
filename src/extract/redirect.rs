//! Answers of the authorize endpoint on their way to the app: callbacks with a code, an error, or an admin's consent.
//!
//! In: callback requests, `Location` headers, posted forms, fragments, pasted URLs. Out: hops, `code-received`, hashes
//! of code and state, the consent answer, identities of a token in a fragment. Never: the code or token itself.

use crate::model::FactName;

use super::authorize::request_url;
use super::endpoint::{Endpoint, classify};
use super::hash::{is_removed, join_hash};
use super::identity::is_guid;
use super::payload::{Kind, Payload};
use super::view::{View, ViewAt};
use super::{Facts, Views, jwt};

pub(super) fn redirect(views: &Views<'_>, facts: &mut Facts<'_>) {
    for payload in views.payloads() {
        let view = views.view_of(payload);
        if !is_answer(views, view, payload) {
            continue;
        }
        let failed = payload.get("error").is_some_and(|e| !e.is_empty());
        note_ids(payload, view, facts);
        note_code(payload, view, facts);
        note_consent(payload, failed, view, facts);
        note_hops(views, view, payload, failed, facts);
    }
}

/// True for a parameter set that Microsoft sends to an app.
fn is_answer(views: &Views<'_>, view: &View<'_>, payload: &Payload) -> bool {
    let has = |key: &str| payload.get(key).is_some();
    let joined = has("state") || has("session_state") || has("client_info") || has("iss");
    let shaped = (has("code") && joined)
        || (has("error") && (joined || has("error_description") || has("error_subcode")))
        || has("admin_consent")
        || ((has("id_token") || has("access_token")) && joined);
    let request = has("grant_type") || has("redirect_uri") || has("code_verifier");
    let elsewhere = payload.get("scope").is_some_and(|s| s.contains("googleapis.com"));
    if !payload.is_params() || !shaped || request || elsewhere {
        return false;
    }
    // A page of Microsoft that posts itself to the app carries the answer in hidden inputs.
    if payload.kind == Kind::Hidden {
        return views.endpoint.is_microsoft() || views.as_exchange().is_none();
    }
    let endpoint = classify(request_url(views, view, payload)).endpoint;
    match view.at {
        ViewAt::RequestBody { .. } | ViewAt::FormParam(_) => !endpoint.is_microsoft(),
        _ => {
            matches!(endpoint, Endpoint::Other | Endpoint::Callback | Endpoint::AdminConsent)
                || is_native(&payload.base)
        }
    }
}

/// The sign-in host's own redirect address for native apps.
fn is_native(base: &str) -> bool {
    base.to_ascii_lowercase().contains("/oauth2/nativeclient")
}

fn note_ids(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    if let Some(state) = payload.get("state").filter(|s| !is_removed(s)) {
        facts.note(FactName::StateHash, join_hash(state), view.part);
    }
    if let Some(info) = payload.get("client_info") {
        jwt::note_client_info(info, view.part, facts);
    }
    if let Some(token) = payload.get("id_token") {
        jwt::note_id(&jwt::read(token), view.part, facts);
    }
    if let Some(token) = payload.get("access_token") {
        jwt::note_access(&jwt::read(token), view.part, facts);
    }
}

fn note_code(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    let Some(code) = payload.get("code").filter(|c| !c.is_empty()) else { return };
    facts.note(FactName::CodeReceived, "yes", view.part);
    if !is_removed(code) {
        facts.note(FactName::CodeHash, join_hash(code), view.part);
    }
}

fn note_consent(payload: &Payload, failed: bool, view: &View<'_>, facts: &mut Facts<'_>) {
    let Some(word) = payload.get("admin_consent") else { return };
    let granted = word.eq_ignore_ascii_case("true") && !failed;
    let answer = if granted { "granted" } else { "refused" };
    facts.add(FactName::AdminConsent, answer, view.part, "admin_consent", &format!("admin_consent={word}"));
    if let Some(tenant) = payload.get("tenant").filter(|t| is_guid(t)) {
        let shown = format!("tenant={tenant}");
        facts.add(FactName::ConsentTenant, tenant.to_ascii_lowercase(), view.part, tenant, &shown);
    }
    facts.note(FactName::Hop, "consent", view.part);
    facts.note(if granted { FactName::HopOk } else { FactName::HopFailed }, "consent", view.part);
}

fn note_hops(views: &Views<'_>, view: &View<'_>, payload: &Payload, failed: bool, facts: &mut Facts<'_>) {
    facts.note(FactName::Hop, "redirect", view.part);
    if failed {
        facts.note(FactName::HopFailed, "redirect", view.part);
        return;
    }
    let signed_in = ["code", "id_token", "access_token"].iter().any(|key| payload.get(key).is_some());
    if signed_in {
        facts.note(FactName::Hop, "sign-in", view.part);
        facts.note(FactName::HopOk, "sign-in", view.part);
    }
    let delivered = matches!(view.at, ViewAt::RequestUrl | ViewAt::RequestBody { .. } | ViewAt::FormParam(_));
    match views.as_exchange().and_then(|e| e.status).filter(|_| delivered) {
        Some(200..=399) => facts.note(FactName::HopOk, "redirect", view.part),
        Some(400..) => facts.note(FactName::HopFailed, "redirect", view.part),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::synthetic::{Http, has, paste, run, values};

    #[test]
    fn code_in_query_form_and_fragment() {
        let query = Http::new("GET", "https://app.example/cb?code=0.planted-code&state=s1", 302).event();
        let facts = run(redirect, &query);
        assert!(has(&facts, FactName::CodeReceived, "yes"));
        assert!(has(&facts, FactName::HopOk, "redirect"));
        assert!(has(&facts, FactName::HopOk, "sign-in"));
        let hash = join_hash("0.planted-code");
        let form =
            Http::new("POST", "https://app.example/cb", 500).form("code=0.planted-code&state=s1").event();
        let facts = run(redirect, &form);
        assert_eq!(values(&facts, FactName::CodeHash), [hash.as_str()]);
        assert!(has(&facts, FactName::HopFailed, "redirect"));
        let location = Http::new("POST", "https://login.microsoftonline.com/common/login", 302)
            .got("Location", "https://app.example/cb#code=0.planted-code&state=s1")
            .event();
        let facts = run(redirect, &location);
        assert_eq!(values(&facts, FactName::CodeHash), [hash.as_str()]);
        assert!(has(&facts, FactName::HopOk, "sign-in"));
        assert!(!has(&facts, FactName::HopOk, "redirect"), "not delivered yet");
        let log = Http::new("GET", "/cb?code=0.planted-code&state=s1", 302).event();
        assert!(has(&run(redirect, &log), FactName::HopOk, "redirect"));
    }

    #[test]
    fn errors_and_admin_consent() {
        let facts =
            run(redirect, &paste("https://app.example/cb?error=access_denied&error_subcode=cancel&state=x"));
        assert!(has(&facts, FactName::HopFailed, "redirect"));
        assert!(values(&facts, FactName::CodeReceived).is_empty());
        let url =
            "https://app.example/cb?admin_consent=True&tenant=11111111-2222-3333-4444-555555555555&state=x";
        let facts = run(redirect, &paste(url));
        assert!(has(&facts, FactName::AdminConsent, "granted"));
        assert!(has(&facts, FactName::ConsentTenant, "11111111-2222-3333-4444-555555555555"));
        let facts = run(redirect, &paste(&format!("{url}&error=permission_denied")));
        assert!(has(&facts, FactName::AdminConsent, "refused"));
        assert!(has(&facts, FactName::HopFailed, "consent"));
    }

    #[test]
    fn token_requests_are_no_redirects() {
        let event = Http::new("POST", "https://login.microsoftonline.com/common/oauth2/v2.0/token", 200)
            .form("grant_type=authorization_code&code=0.planted-code&redirect_uri=https://app.example/cb&state=1")
            .event();
        assert!(run(redirect, &event).is_empty());
    }
}
