//! OAuth errors.
//!
//! In: views. Out: `oauth-error`, `oauth-suberror`, `oauth-error-at`, and `server-fault` for the two errors that blame
//! the server. Never: the `error` of a product's own API, or of another identity provider.

use std::sync::LazyLock;

use crate::knowledge;
use crate::model::{FactName, Part};

use super::endpoint::{self, Endpoint};
use super::payload::{Kind, Payload};
use super::sink::Facts;
use super::text::{Text, about_microsoft, about_others, around, line_of};
use super::view::{ViewAt, Views};
use crate::pattern::Regex;

const SUBERRORS: &[&str] = &["suberror", "sub_error", "error_subcode", "oauth_sub_error", "suberrorcode"];

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    for payload in views.payloads() {
        members(views, payload, facts);
    }
    for text in views.texts() {
        if !text.decoded && text.view.is_free_text() {
            words(&text, facts);
        }
    }
}

/// The `error` and `suberror` of a payload that is an OAuth answer.
fn members(views: &Views<'_>, payload: &Payload, facts: &mut Facts<'_>) {
    let Some(at) = place_of(views, payload) else { return };
    let part = views.view_of(payload).part;
    let error = payload
        .at("error")
        .or_else(|| payload.members.iter().find(|m| m.path.ends_with(".error")).map(|m| &*m.value))
        .map(str::trim)
        .filter(|e| is_error(e, at == "token"));
    if let Some(error) = error {
        add(error, at, part, &payload.context, facts);
    }
    let sub = payload
        .members
        .iter()
        .find(|m| SUBERRORS.iter().any(|key| m.key.eq_ignore_ascii_case(key)))
        .map(|m| m.value.trim())
        .filter(|v| is_word(v));
    if let Some(sub) = sub {
        facts.add(FactName::OauthSuberror, sub.to_ascii_lowercase(), part, sub, &payload.context);
    }
}

fn add(error: &str, at: &str, part: &Part<'_>, context: &str, facts: &mut Facts<'_>) {
    let value = error.to_ascii_lowercase();
    facts.add(FactName::OauthErrorAt, at, part, error, context);
    if matches!(&*value, "server_error" | "temporarily_unavailable") {
        facts.add(FactName::ServerFault, value.clone(), part, error, context);
    }
    if at == "token" && !is_known(&value) {
        facts.add(FactName::UnknownCode, value.clone(), part, error, context);
    }
    facts.add(FactName::OauthError, value, part, error, context);
}

fn is_word(value: &str) -> bool {
    (3..=60).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

fn is_known(value: &str) -> bool {
    knowledge::oauth(value).any(|row| row.field == "error")
}

/// Known errors anywhere; from a token endpoint any word, since Microsoft may invent one.
fn is_error(value: &str, token: bool) -> bool {
    is_known(value) || token && is_word(value) && value.contains('_')
}

/// Where an OAuth answer stands; `None` for a payload that is none.
fn place_of(views: &Views<'_>, payload: &Payload) -> Option<&'static str> {
    let view = views.view_of(payload);
    let has = |key: &str| payload.get(key).is_some();
    let marked = has("error_description") || has("error_subcode") || has("error_uri") || has("suberror");
    match (payload.kind, view.at) {
        (_, ViewAt::RequestHeader(_)) => None,
        (Kind::Query | Kind::Fragment, _) => is_redirect(views, payload).then_some("redirect"),
        (Kind::Form, _) => {
            let posted =
                views.endpoint == Endpoint::Callback || !views.endpoint.is_microsoft() && has("state");
            (posted && marked).then_some("redirect")
        }
        (Kind::Hidden, _) => marked.then_some("redirect"),
        (Kind::Config, _) => has("error").then_some("page"),
        (Kind::Headers, _) => None,
        (_, ViewAt::ResponseBody { .. }) => match views.endpoint {
            Endpoint::Token | Endpoint::DeviceCode => Some("token"),
            e if e.is_microsoft() => marked.then_some("page"),
            _ => (marked && about_microsoft(&payload.context)).then_some("log"),
        },
        (Kind::Fields, _) => (marked && ours(views, payload)).then_some("log"),
        (Kind::Json, _) if is_printed_redirect(payload) => Some("redirect"),
        _ if !ours(views, payload) => None,
        _ => Some(if has("error_codes") || has("trace_id") || has("suberror") { "token" } else { "log" }),
    }
}

/// True for the parameters of a redirect that a product printed as JSON.
fn is_printed_redirect(payload: &Payload) -> bool {
    let state = payload.at("state").is_some() && payload.at("error").is_some_and(is_known);
    state && payload.members.len() <= 8 && !about_others(&payload.context)
}

/// True where a payload of a log or ticket is of Microsoft's sign-in, or at least of nobody else's.
fn ours(views: &Views<'_>, payload: &Payload) -> bool {
    let has = |key: &str| payload.get(key).is_some();
    if has("error_codes") || has("correlation_id") || has("suberror") || about_microsoft(&payload.context) {
        return true;
    }
    let others = || about_others(&payload.context) || about_others(&views.view_of(payload).text);
    has("error_description") && !others()
}

/// True for parameters of a redirect that answers an authorize request.
fn is_redirect(views: &Views<'_>, payload: &Payload) -> bool {
    if payload.get("error").is_none() {
        return false;
    }
    let keys: Vec<&str> = payload.members.iter().map(|m| &*m.key).collect();
    let rebuilt =
        format!("{}?{}", payload.base, keys.iter().map(|k| format!("{k}=1")).collect::<Vec<_>>().join("&"));
    let endpoint = endpoint::classify(&rebuilt).endpoint;
    let alone = keys == ["error"] && payload.get("error").is_some_and(is_known);
    let reply = endpoint == Endpoint::Callback || alone || payload.base.is_empty() && keys.len() > 1;
    let native =
        payload.base.contains("/oauth2/nativeclient") || payload.base.contains("/oauth20_desktop.srf");
    (reply || native) && !about_others(&views.view_of(payload).text)
}

/// Error words in a line of a log that is about Microsoft.
fn words(of: &Text<'_>, facts: &mut Facts<'_>) {
    let (text, part) = (&*of.text, of.view.part);
    static WORD: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"\b(invalid_grant|unauthorized_client|interaction_required|consent_required|login_required|account_selection_required|invalid_client|invalid_resource|unsupported_grant_type|unsupported_response_type|temporarily_unavailable|access_denied|server_error|invalid_request|invalid_scope|invalid_instance|invalid_tenant)\b",
        )
    });
    for hit in WORD.find_iter(text).take(20) {
        let near = around(text, hit.start(), hit.end());
        let line = line_of(text, hit.start());
        let before = text.get(..hit.start()).unwrap_or_default();
        let placed = before.trim_end().ends_with([':', '=', '(', '"', '\'', '`', '[', '>'])
            || before.trim().is_empty()
            || before.trim_end().ends_with(" error")
            || text.get(hit.end()..).is_some_and(|rest| rest.trim_start().starts_with([':', '(']));
        let fielded = of.ours && before.trim().is_empty();
        if placed && (fielded || about_microsoft(line) || about_microsoft(near)) {
            if !facts.has(FactName::OauthErrorAt) {
                facts.add(FactName::OauthErrorAt, "log", part, hit.as_str(), near);
            }
            if matches!(hit.as_str(), "server_error" | "temporarily_unavailable") {
                facts.add(FactName::ServerFault, hit.as_str(), part, hit.as_str(), near);
            }
            facts.add(FactName::OauthError, hit.as_str(), part, hit.as_str(), near);
        }
    }
    suberrors(of, facts);
}

/// `suberror bad_token`, `suberror=basic_action` in the words of a library.
fn suberrors(of: &Text<'_>, facts: &mut Facts<'_>) {
    static SUB: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)\bsub_?error(?:key)?\W{1,4}(bad_token|token_expired|basic_action|additional_action|message_only|consent_required|user_password_expired|protection_policy_required|client_mismatch|device_authentication_failed)\b",
        )
    });
    for c in SUB.captures_iter(&of.text).take(10).filter(|_| of.ours) {
        let (Some(all), Some(word)) = (c.get(0), c.get(1)) else { continue };
        let near = around(&of.text, all.start(), all.end());
        let value = word.as_str().to_ascii_lowercase();
        if !facts.seen().iter().any(|f| f.name == FactName::OauthSuberror && f.value == value) {
            facts.add(FactName::OauthSuberror, value, of.view.part, word.as_str(), near);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exchange, paste, record, spelled};
    use super::*;

    #[test]
    fn token_answer_and_redirect() {
        let body = r#"{"error":"invalid_grant","error_description":"AADSTS50173: x","suberror":"bad_token"}"#;
        let url = "https://login.microsoftonline.com/common/oauth2/v2.0/token";
        assert_eq!(
            spelled(&exchange("POST", url, 400, "application/json", body), extract),
            ["oauth-error-at=token", "oauth-error=invalid_grant", "oauth-suberror=bad_token"]
        );
        let url = "https://app.example/cb?error=access_denied&error_subcode=cancel&state=1";
        assert_eq!(
            spelled(&exchange("GET", url, 200, "text/html", "<html></html>"), extract),
            ["oauth-error-at=redirect", "oauth-error=access_denied", "oauth-suberror=cancel"]
        );
        assert_eq!(spelled(&paste(url), extract).len(), 3);
        for text in [
            r#"received query parameters: {"error":"access_denied","state":"x"}"#,
            "SignInCallback?error=access_denied",
        ] {
            assert_eq!(
                spelled(&paste(text), extract),
                ["oauth-error-at=redirect", "oauth-error=access_denied"],
                "{text}"
            );
        }
    }

    #[test]
    fn log_words() {
        assert_eq!(
            spelled(&record("ERROR refresh: invalid_grant: AADSTS50173: expired"), extract),
            ["oauth-error-at=log", "oauth-error=invalid_grant"]
        );
    }

    #[test]
    fn other_peoples_errors() {
        for text in [
            r#"{"error":"access_denied","message":"no permission in shop"}"#,
            r#"google: {"error":"invalid_grant","error_description":"Token revoked","host":"oauth2.googleapis.com"}"#,
            "OAuth 2.0 is not configured for this provider",
            "function access_denied() called",
        ] {
            assert!(spelled(&record(text), extract).is_empty(), "{text}");
        }
        let event = exchange(
            "GET",
            "https://app.example/api",
            401,
            "application/json",
            r#"{"error":"invalid_token"}"#,
        );
        assert!(spelled(&event, extract).is_empty());
    }
}
