//! Authorize requests: what the app asked for, and of whom.
//!
//! In: requests to the authorize endpoint, also as pasted URLs and `Location` headers. Out: app, authority, scopes,
//! prompt, hint, redirect host, PKCE, and the hash of `state`. Never: `state`, `nonce` or a challenge itself.

use crate::model::FactName;

use super::endpoint::{Endpoint, classify};
use super::hash::{is_removed, join_hash};
use super::identity::{account, is_guid};
use super::payload::Payload;
use super::scopes::{Api, note_scopes};
use super::view::{View, ViewAt};
use super::{Facts, Views};

pub(super) fn authorize(views: &Views<'_>, facts: &mut Facts<'_>) {
    for payload in views.payloads().iter().filter(|p| p.is_params()) {
        let view = views.view_of(payload);
        let url = request_url(views, view, payload);
        if classify(url).endpoint != Endpoint::Authorize || payload.get("client_id").is_none() {
            continue;
        }
        facts.note(FactName::Hop, "authorize", view.part);
        note_authority(url, view, facts);
        note_client(payload, view, facts);
        note_request(payload, view, facts);
        note_hint(payload, view, facts);
    }
}

/// The URL that a parameter set belongs to: its own, or that of the request whose body it is.
pub(super) fn request_url<'v>(views: &'v Views<'_>, view: &View<'_>, payload: &'v Payload) -> &'v str {
    let in_body = matches!(view.at, ViewAt::RequestBody { .. } | ViewAt::FormParam(_));
    if payload.base.is_empty() && in_body {
        views.url.split(['?', '#']).next().unwrap_or_default()
    } else {
        &payload.base
    }
}

/// `authority` and, where the segment names one, `tenant`.
pub(super) fn note_authority(url: &str, view: &View<'_>, facts: &mut Facts<'_>) {
    let seen = classify(url);
    let segment =
        seen.path.trim_start_matches('/').split('/').next().unwrap_or_default().to_ascii_lowercase();
    let kind = match segment.as_str() {
        "common" | "organizations" | "consumers" => segment.as_str(),
        s if is_guid(s) => "guid",
        s if is_domain(s) => "domain",
        _ => return,
    };
    facts.add(FactName::Authority, kind, view.part, &segment, &format!("{}/{segment}", seen.host));
    if matches!(kind, "guid" | "domain") {
        facts.add(
            FactName::Tenant,
            segment.as_str(),
            view.part,
            &segment,
            &format!("{}/{segment}", seen.host),
        );
    }
}

fn is_domain(text: &str) -> bool {
    let fine = |l: &str| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    text.contains('.') && !text.ends_with(".srf") && text.len() < 200 && text.split('.').all(fine)
}

/// `client-id` and `redirect-host` of an authorize or token request.
pub(super) fn note_client(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    if let Some(id) = payload.get("client_id") {
        // Apps of personal accounts once had ids of sixteen digits.
        if is_guid(id) || (id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit())) {
            facts.add(FactName::ClientId, id.to_ascii_lowercase(), view.part, id, &format!("client_id={id}"));
        }
    }
    if let Some(host) = payload.get("redirect_uri").and_then(redirect_host) {
        facts.add(FactName::RedirectHost, host.as_str(), view.part, &host, &format!("redirect_uri={host}"));
    }
}

/// Scheme and host of a redirect URI.
pub(super) fn redirect_host(uri: &str) -> Option<String> {
    let lower = uri.trim().to_ascii_lowercase();
    if lower.starts_with("urn:ietf:wg:oauth:2.0:oob") {
        return Some("urn:ietf:wg:oauth:2.0:oob".to_owned());
    }
    let (scheme, rest) = lower.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
    let fine =
        |t: &str| t.len() < 200 && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-_".contains(&b));
    (!scheme.is_empty() && fine(scheme) && fine(host)).then(|| format!("{scheme}://{host}"))
}

fn note_request(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    if let Some(list) = payload.get("scope") {
        note_scopes(FactName::ScopeRequested, list, view.part, facts);
    }
    if let Some(api) = payload.get("resource").and_then(Api::of_audience) {
        facts.note(FactName::Resource, api.name(), view.part);
    }
    if let Some(state) = payload.get("state").filter(|s| !is_removed(s)) {
        facts.note(FactName::StateHash, join_hash(state), view.part);
    }
    let word = |key: &str| {
        let value = payload.get(key)?.to_ascii_lowercase();
        let fine = value.len() < 60 && value.bytes().all(|b| b.is_ascii_lowercase() || b"_ ".contains(&b));
        (fine && !value.is_empty()).then_some(value)
    };
    if let Some(value) = word("response_type") {
        facts.add(
            FactName::ResponseType,
            value.as_str(),
            view.part,
            &value,
            &format!("response_type={value}"),
        );
    }
    if let Some(value) = word("prompt") {
        facts.add(FactName::Prompt, value.as_str(), view.part, &value, &format!("prompt={value}"));
    }
    if !is_whole(payload) {
        return;
    }
    if payload.get("prompt").is_none_or(str::is_empty) {
        facts.note(FactName::Prompt, "absent", view.part);
    }
    let pkce = if payload.get("code_challenge").is_some() { "present" } else { "absent" };
    facts.note(FactName::Pkce, pkce, view.part);
}

/// A pasted URL may be cut: absence counts only where the usual parameters are there.
fn is_whole(payload: &Payload) -> bool {
    payload.get("redirect_uri").is_some() && payload.get("response_type").is_some()
}

fn note_hint(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    let hint = ["login_hint", "username"].iter().find_map(|key| payload.get(key)).filter(|h| !h.is_empty());
    match hint {
        Some(hint) => {
            facts.note(FactName::LoginHint, "present", view.part);
            if let Some(found) = account(hint) {
                facts.add(FactName::IdHint, found.address, view.part, hint, &format!("login_hint={hint}"));
            }
        }
        None if is_whole(payload) => facts.note(FactName::LoginHint, "absent", view.part),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::synthetic::{Http, has, paste, run, values};

    const URL: &str = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=aaaaaaaa-0000-0000-0000-000000000001&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fx&scope=openid+offline_access+https%3A%2F%2Fgraph.microsoft.com%2FMail.Read&state=planted-state-value&login_hint=Ann%40contoso.example&nonce=planted-nonce";

    #[test]
    fn request_in_a_capture() {
        let facts = run(authorize, &Http::new("GET", URL, 302).event());
        for (name, value) in [
            (FactName::Hop, "authorize"),
            (FactName::ClientId, "aaaaaaaa-0000-0000-0000-000000000001"),
            (FactName::Authority, "common"),
            (FactName::ScopeRequested, "Mail.Read"),
            (FactName::ScopeRequested, "offline_access"),
            (FactName::Resource, "graph"),
            (FactName::RedirectHost, "https://app.example"),
            (FactName::Prompt, "absent"),
            (FactName::LoginHint, "present"),
            (FactName::IdHint, "ann@contoso.example"),
            (FactName::Pkce, "absent"),
            (FactName::ResponseType, "code"),
        ] {
            assert!(has(&facts, name, value), "{name:?}={value} in {facts:?}");
        }
        assert_eq!(values(&facts, FactName::StateHash), [join_hash("planted-state-value")]);
    }

    #[test]
    fn pasted_and_redirected_requests() {
        let facts = run(authorize, &paste(&format!("I opened {URL} and it failed")));
        assert!(has(&facts, FactName::Hop, "authorize"));
        let event = Http::new("GET", "https://app.example/connect", 302).got("Location", URL).event();
        assert!(has(&run(authorize, &event), FactName::ScopeRequested, "Mail.Read"));
    }

    #[test]
    fn tenants_in_the_path() {
        let url = "https://login.microsoftonline.com/Contoso.onmicrosoft.com/oauth2/authorize?client_id=aaaaaaaa-0000-0000-0000-000000000001&resource=https://outlook.office365.com";
        let facts = run(authorize, &Http::new("GET", url, 200).event());
        assert!(has(&facts, FactName::Tenant, "contoso.onmicrosoft.com"));
        assert!(has(&facts, FactName::Resource, "outlook"));
        assert!(values(&facts, FactName::Prompt).is_empty(), "a cut URL proves no absence");
    }
}
