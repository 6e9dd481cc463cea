//! Requests to the token endpoint and what came back.
//!
//! In: token exchanges, and the same bodies inside logs and tickets. Out: grant, client authentication, what was granted,
//! whether a refresh token came, whose tokens they are. Never: a code, secret, assertion or token.

use crate::decode::json;
use crate::model::FactName;

use super::authorize::{note_authority, note_client, request_url};
use super::endpoint::{Endpoint, classify};
use super::hash::{is_removed, join_hash};
use super::identity::account;
use super::payload::{Kind, Payload};
use super::scopes::{Api, note_scopes};
use super::view::{View, ViewAt};
use super::{Facts, Views, jwt};

const GRANTS: &[&str] = &[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "password",
    "device_code",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:ietf:params:oauth:grant-type:saml1_1-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
];

pub(super) fn token(views: &Views<'_>, facts: &mut Facts<'_>) {
    let mut grant = String::new();
    for payload in views.payloads() {
        let view = views.view_of(payload);
        if let Some(found) = grant_of(payload) {
            grant = found.to_owned();
            note_request(views, view, payload, found, facts);
        }
    }
    for payload in views.payloads() {
        let view = views.view_of(payload);
        if is_answer(views, view, payload) {
            note_answer(view, payload, &grant, facts);
        }
    }
}

fn grant_of(payload: &Payload) -> Option<&'static str> {
    let grant = payload.get("grant_type")?.trim().to_ascii_lowercase();
    GRANTS.iter().find(|known| **known == grant).copied()
}

fn note_request(views: &Views<'_>, view: &View<'_>, payload: &Payload, grant: &str, facts: &mut Facts<'_>) {
    facts.add(FactName::GrantType, grant, view.part, grant, &format!("grant_type={grant}"));
    let url = request_url(views, view, payload);
    if classify(url).endpoint == Endpoint::Token {
        note_authority(url, view, facts);
    }
    note_client(payload, view, facts);
    if let Some(auth) = client_auth(views, payload) {
        facts.note(FactName::ClientAuth, auth, view.part);
    }
    if let Some(list) = payload.get("scope") {
        note_scopes(FactName::ScopeRequested, list, view.part, facts);
    }
    if let Some(api) = payload.get("resource").and_then(Api::of_audience) {
        facts.note(FactName::Resource, api.name(), view.part);
    }
    if let Some(code) = payload.get("code").filter(|c| grant == "authorization_code" && !is_removed(c)) {
        facts.note(FactName::CodeRedeemed, join_hash(code), view.part);
    }
    if let Some(found) = payload.get("username").filter(|_| grant == "password").and_then(account) {
        facts.note(FactName::IdTyped, found.address, view.part);
    }
}

/// How the client proved itself. `none` only where its id stands in the body: with a Basic header it would not, and a
/// sanitiser may have removed that header.
fn client_auth(views: &Views<'_>, payload: &Payload) -> Option<&'static str> {
    let has = |key: &str| payload.get(key).is_some_and(|v| !v.is_empty());
    let basic = views
        .request_header("authorization")
        .is_some_and(|v| v.text.to_ascii_lowercase().starts_with("basic"));
    if has("client_assertion") {
        Some("assertion")
    } else if has("client_secret") || (basic && views.endpoint == Endpoint::Token) {
        Some("secret")
    } else {
        (has("client_id") && views.endpoint == Endpoint::Token).then_some("none")
    }
}

/// True for a body that hands out tokens: at the token endpoint, or so shaped in a log or ticket.
fn is_answer(views: &Views<'_>, view: &View<'_>, payload: &Payload) -> bool {
    if !matches!(payload.kind, Kind::Json | Kind::Fields)
        || payload.get("error").is_some_and(|e| !e.is_empty())
    {
        return false;
    }
    let has = |key: &str| payload.get(key).is_some_and(|v| !v.is_empty());
    let tokens = has("access_token") || has("id_token");
    match view.at {
        ViewAt::ResponseBody { .. } => tokens && views.endpoint == Endpoint::Token,
        ViewAt::Paste | ViewAt::RecordText | ViewAt::RecordField(_) => {
            tokens
                && (has("token_type") || has("expires_in") || has("ext_expires_in"))
                && grant_of(payload).is_none()
        }
        _ => false,
    }
}

fn note_answer(view: &View<'_>, payload: &Payload, grant: &str, facts: &mut Facts<'_>) {
    facts.note(FactName::Token, "issued", view.part);
    if payload.get("refresh_token").is_some_and(|t| !t.is_empty()) {
        facts.note(FactName::RefreshToken, "present", view.part);
    } else if matches!(grant, "" | "authorization_code") && is_whole(view, payload) {
        facts.note(FactName::RefreshToken, "absent", view.part);
    }
    if let Some(list) = payload.get("scope") {
        note_scopes(FactName::ScopeGranted, list, view.part, facts);
    }
    if let Some(api) = payload.get("resource").and_then(Api::of_audience) {
        facts.note(FactName::Resource, api.name(), view.part);
    }
    if let Some(text) = payload.get("access_token") {
        jwt::note_access(&jwt::read(text), view.part, facts);
    }
    if let Some(text) = payload.get("id_token") {
        jwt::note_id(&jwt::read(text), view.part, facts);
    }
    if let Some(text) = payload.get("client_info") {
        jwt::note_client_info(text, view.part, facts);
    }
}

/// True where a missing refresh token means that none was given: the body is complete and nobody removed values. A
/// user's token only: app-only answers never have one.
fn is_whole(view: &View<'_>, payload: &Payload) -> bool {
    let Some(access) = payload.get("access_token").filter(|t| !is_removed(t)) else { return false };
    let app_only = matches!(jwt::read(access), jwt::Token::Jwt(c) if c.scp.is_empty() && !c.roles.is_empty());
    let user = payload.get("scope").is_some() || payload.get("id_token").is_some();
    if app_only || !user || payload.get("token_type").is_none() {
        return false;
    }
    if payload.kind == Kind::Fields {
        return true;
    }
    let text = &*view.text;
    let Some(start) = text.find("\"access_token\"").and_then(|at| text.get(..at)?.rfind('{')) else {
        return false;
    };
    json::parse(text.as_bytes(), start).is_some_and(|parsed| !parsed.truncated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::jwt::tests::make;
    use crate::extract::synthetic::{Http, has, paste, run, values};

    const URL: &str = "https://login.microsoftonline.com/organizations/oauth2/v2.0/token";
    const FORM: &str = "grant_type=authorization_code&client_id=aaaaaaaa-0000-0000-0000-000000000001&client_secret=planted-secret&code=0.planted-code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=offline_access+Mail.Read";

    fn answer(tail: &str) -> String {
        let access = make(
            r#"{"tid":"11111111-2222-3333-4444-555555555555","upn":"ann@contoso.example","scp":"Mail.Read","aud":"00000003-0000-0000-c000-000000000000"}"#,
        );
        format!(
            r#"{{"token_type":"Bearer","scope":"Mail.Read","expires_in":3600,"access_token":"{access}"{tail}}}"#
        )
    }

    #[test]
    fn request_and_answer() {
        let body = answer("");
        let facts = run(token, &Http::new("POST", URL, 200).form(FORM).body(&body).event());
        for (name, value) in [
            (FactName::GrantType, "authorization_code"),
            (FactName::ClientAuth, "secret"),
            (FactName::Authority, "organizations"),
            (FactName::ScopeRequested, "offline_access"),
            (FactName::RedirectHost, "https://app.example"),
            (FactName::Token, "issued"),
            (FactName::RefreshToken, "absent"),
            (FactName::ScopeGranted, "Mail.Read"),
            (FactName::IdToken, "ann@contoso.example"),
            (FactName::Resource, "graph"),
        ] {
            assert!(has(&facts, name, value), "{name:?}={value} in {facts:?}");
        }
        assert_eq!(values(&facts, FactName::CodeRedeemed), [join_hash("0.planted-code")]);
    }

    #[test]
    fn when_a_missing_refresh_token_proves_nothing() {
        let refresh =
            "grant_type=refresh_token&client_id=aaaaaaaa-0000-0000-0000-000000000001&refresh_token=planted";
        let body = answer("");
        let facts = run(token, &Http::new("POST", URL, 200).form(refresh).body(&body).event());
        assert!(values(&facts, FactName::RefreshToken).is_empty());
        assert!(has(&facts, FactName::ClientAuth, "none"));
        for tail in [r#","id_tok"#, r#","refresh_token":"[redacted]"}"#] {
            let body = answer(tail);
            let cut = &body[..body.len() - 1];
            let facts = run(token, &Http::new("POST", URL, 200).form(FORM).body(cut).event());
            assert!(!has(&facts, FactName::RefreshToken, "absent"), "{tail}");
            assert!(has(&facts, FactName::Token, "issued"));
        }
        let masked = r#"{"token_type":"Bearer","scope":"Mail.Read","access_token":"[redacted]"}"#;
        let facts = run(token, &Http::new("POST", URL, 200).form(FORM).body(masked).event());
        assert!(values(&facts, FactName::RefreshToken).is_empty());
        assert!(has(&facts, FactName::Token, "issued"));
    }

    #[test]
    fn answers_in_tickets_and_errors() {
        let body = answer(r#","refresh_token":"planted-refresh""#);
        let facts = run(token, &paste(&format!("the server said {body}")));
        assert!(has(&facts, FactName::RefreshToken, "present"));
        let error = Http::new("POST", URL, 400).form(FORM).body(r#"{"error":"invalid_grant"}"#).event();
        assert!(values(&run(token, &error), FactName::Token).is_empty());
    }
}
