//! Microsoft's ids and times of an error.
//!
//! In: views. Out: `correlation-id`, `request-id`, `trace-id`, `client-request-id`, `error-time`. Never: a vendor's own
//! ids: they count only from Microsoft's hosts, or beside the words of one of Microsoft's errors.

use std::sync::LazyLock;

use crate::model::FactName;

use super::endpoint::Endpoint;
use super::payload::{Kind, Payload};
use super::sink::Facts;
use super::text::{about_microsoft, around};
use super::view::{ViewAt, Views};
use crate::pattern::Regex;

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    headers(views, facts);
    for payload in views.payloads() {
        members(views, payload, facts);
    }
    for text in views.texts() {
        if text.ours || views.endpoint.is_microsoft() || payload_like(&text.text) {
            described(&text.text, text.view.part, facts);
        }
    }
}

/// The lines that end Microsoft's descriptions.
fn described(text: &str, part: &crate::model::Part<'_>, facts: &mut Facts<'_>) {
    static ID: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)\b(trace|correlation|client[ _+-]?request|request)[ _+-]?id["']?(?:[ \t]*[:=]|%3a|[ \t])[ \t+]*["']?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"#,
        )
    });
    static TIME: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)timestamp[ \t]*(?::|%3a)[ \t+]*(\d{4}-\d\d-\d\d[ T+]\d\d(?::|%3a)\d\d(?::|%3a)\d\dZ?)",
        )
    });
    for c in ID.captures_iter(text).take(50) {
        let (Some(all), Some(kind), Some(id)) = (c.get(0), c.get(1), c.get(2)) else { continue };
        let name = match kind.as_str().to_ascii_lowercase().as_bytes() {
            [b't', ..] => FactName::TraceId,
            [b'c', b'o', ..] => FactName::CorrelationId,
            [b'c', ..] => FactName::ClientRequestId,
            _ => FactName::RequestId,
        };
        add_id(name, id.as_str(), part, around(text, all.start(), all.end()), facts);
    }
    for c in TIME.captures_iter(text).take(20) {
        if let Some(time) = c.get(1) {
            add_time(&time.as_str().replace("%3a", ":").replace("%3A", ":").replace('+', " "), part, facts);
        }
    }
}

/// True for the tail of one of Microsoft's descriptions.
fn payload_like(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.contains("correlation id") && (lower.contains("timestamp") || lower.contains("trace id"))
}

fn add_id(name: FactName, id: &str, part: &crate::model::Part<'_>, context: &str, facts: &mut Facts<'_>) {
    let id = id.trim().trim_matches(['{', '}', '"', '\'']);
    if is_guid(id) && id.bytes().any(|b| b != b'0' && b != b'-') {
        facts.add(name, id.to_ascii_lowercase(), part, id, context);
    }
}

/// `2026-01-02 03:04:05Z`, `2026-01-02T03:04:05`: Microsoft's payloads are in UTC, whether they say so or not.
pub(super) fn moment(written: &str) -> Option<jiff::Timestamp> {
    let bare = written.trim().trim_end_matches('Z').replace(' ', "T");
    format!("{bare}Z").parse().ok()
}

fn add_time(written: &str, part: &crate::model::Part<'_>, facts: &mut Facts<'_>) {
    if let Some(time) = moment(written) {
        facts.add(FactName::ErrorTime, time.to_string(), part, written, written);
    }
}

pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(n, b)| match n {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

fn name_of(key: &str) -> Option<FactName> {
    Some(match &*key.to_ascii_lowercase().replace(['-', '_', ' '], "") {
        "correlationid" | "xmscorrelationid" => FactName::CorrelationId,
        "traceid" | "strtraceid" => FactName::TraceId,
        "requestid" | "xmsrequestid" | "originalrequestid" => FactName::RequestId,
        "clientrequestid" | "xmsclientrequestid" | "returnclientrequestid" => FactName::ClientRequestId,
        _ => return None,
    })
}

fn headers(views: &Views<'_>, facts: &mut Facts<'_>) {
    if !views.endpoint.is_microsoft() {
        return;
    }
    let sign_in = matches!(
        views.endpoint,
        Endpoint::Authorize
            | Endpoint::Token
            | Endpoint::SignIn
            | Endpoint::Consent
            | Endpoint::CredentialType
    );
    for view in &views.list {
        let (ViewAt::RequestHeader(name) | ViewAt::ResponseHeader(name)) = view.at else { continue };
        let Some(fact) = name_of(name) else { continue };
        add_id(fact, &view.text, view.part, &view.text, facts);
        // The sign-in service sends its trace id as `x-ms-request-id`.
        if sign_in && name.eq_ignore_ascii_case("x-ms-request-id") {
            add_id(FactName::TraceId, &view.text, view.part, &view.text, facts);
        }
    }
}

fn members(views: &Views<'_>, payload: &Payload, facts: &mut Facts<'_>) {
    if !of_microsoft(views, payload) {
        return;
    }
    let part = views.view_of(payload).part;
    for member in &payload.members {
        if let Some(name) = name_of(&member.key) {
            add_id(name, &member.value, part, &payload.context, facts);
        }
        let lower = member.path.to_ascii_lowercase();
        let time = matches!(&*lower, "timestamp" | "stimestamp") || lower.ends_with("innererror.date");
        if time && payload.kind != Kind::Fields {
            add_time(&member.value, part, facts);
        }
    }
}

/// True where the ids of a payload are Microsoft's.
fn of_microsoft(views: &Views<'_>, payload: &Payload) -> bool {
    let has = |key: &str| payload.get(key).is_some();
    let inner = payload.members.iter().any(|m| m.path.to_ascii_lowercase().contains("innererror."));
    match payload.kind {
        Kind::Config => true,
        Kind::Query | Kind::Fragment => {
            views.endpoint.is_microsoft() && payload.base.contains("microsoft") || has("error_description")
        }
        Kind::Headers => about_microsoft(&views.view_of(payload).text) || has("x-ms-request-id"),
        _ => {
            inner
                || has("error_codes")
                || has("appDisplayName")
                || has("userPrincipalName") && has("correlationId")
                || has("trace_id") && has("correlation_id")
                || has("error_description") && views.endpoint.is_microsoft()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{paste, record, spelled, with_headers};
    use super::*;

    const A: &str = "11111111-2222-4333-8444-5555555555AA";

    #[test]
    fn description_lines() {
        let text = format!(
            "AADSTS50105: x\r\nTrace ID: {A}\r\nCorrelation ID: {}\r\nTimestamp: 2026-01-02 03:04:05Z",
            A.replace('1', "9")
        );
        assert_eq!(
            spelled(&paste(&text), extract),
            [
                "trace-id=11111111-2222-4333-8444-5555555555aa",
                "correlation-id=99999999-2222-4333-8444-5555555555aa",
                "error-time=2026-01-02T03:04:05Z"
            ]
        );
    }

    #[test]
    fn graph_inner_error() {
        let text = format!(
            r#"{{"error":{{"code":"X","innerError":{{"date":"2026-01-02T03:04:05","request-id":"{A}","client-request-id":"{A}"}}}}}}"#
        );
        assert_eq!(
            spelled(&paste(&text), extract),
            [
                "error-time=2026-01-02T03:04:05Z",
                "request-id=11111111-2222-4333-8444-5555555555aa",
                "client-request-id=11111111-2222-4333-8444-5555555555aa"
            ]
        );
    }

    #[test]
    fn headers_and_foreign_ids() {
        let event =
            with_headers("GET", "https://graph.microsoft.com/v1.0/me", 200, "", "", &[("request-id", A)]);
        assert_eq!(spelled(&event, extract), ["request-id=11111111-2222-4333-8444-5555555555aa"]);
        let event = with_headers("GET", "https://app.example/x", 200, "", "", &[("request-id", A)]);
        assert!(spelled(&event, extract).is_empty());
        let line = format!("INFO request id: {A} done");
        assert!(spelled(&record(&line), extract).is_empty());
    }
}
