//! Microsoft's ids and times of an error.
//!
//! In: views. Out: `correlation-id`, `request-id`, `trace-id`, `client-request-id`, `error-time`. Never: a vendor's own
//! ids: they count only from Microsoft's hosts, or beside the words of one of Microsoft's errors.

use std::sync::LazyLock;

use crate::model::FactName;

use super::endpoint::Endpoint;
use super::payload::{Kind, Payload};
use super::sink::Facts;
use super::text::{about_microsoft, around, contains, ends_with};
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
            r#"(?i)\b(?:trace|correlation|client[ _+-]?request|request)[ _+-]?id["']?(?:[ \t]*[:=]|%3a|[ \t])[ \t+]*["']?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"#,
        )
    });
    static TIME: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)timestamp[ \t]*(?::|%3a)[ \t+]*\d{4}-\d\d-\d\d[ T+]\d\d(?::|%3a)\d\d(?::|%3a)\d\dZ?",
        )
    });
    for all in ID.find_iter(text).take(50) {
        let name = match all.as_str().as_bytes() {
            [b't' | b'T', ..] => FactName::TraceId,
            [b'c' | b'C', b'o' | b'O', ..] => FactName::CorrelationId,
            [b'c' | b'C', ..] => FactName::ClientRequestId,
            _ => FactName::RequestId,
        };
        // The id ends the match.
        let id = all.as_str().get(all.as_str().len().saturating_sub(GUID)..).unwrap_or_default();
        add_id(name, id, part, around(text, all.start(), all.end()), facts);
    }
    for all in TIME.find_iter(text).take(20) {
        let time = time_of(all.as_str());
        add_time(&time.replace("%3a", ":").replace("%3A", ":").replace('+', " "), part, facts);
    }
}

/// `2026-01-02 03:04:05Z` of `Timestamp%3a+2026-01-02 03:04:05Z`.
fn time_of(all: &str) -> &str {
    let rest = all.get(all.find([':', '%']).unwrap_or_default()..).unwrap_or_default();
    let rest = rest.strip_prefix(':').or_else(|| rest.get("%3a".len()..)).unwrap_or_default();
    rest.trim_start_matches([' ', '\t', '+'])
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
    in_utc(written).parse().ok()
}

fn in_utc(written: &str) -> String {
    written.trim().trim_end_matches('Z').replace(' ', "T") + "Z"
}

fn add_time(written: &str, part: &crate::model::Part<'_>, facts: &mut Facts<'_>) {
    let known = in_utc(written);
    // Read and written, a time that is noted is the same again.
    if facts.seen().iter().any(|f| f.name == FactName::ErrorTime && f.value == known) {
        return;
    }
    if let Some(time) = moment(written) {
        facts.add(FactName::ErrorTime, time.to_string(), part, written, written);
    }
}

/// Length of a GUID.
const GUID: usize = 36;

pub(super) fn is_guid(text: &str) -> bool {
    text.len() == GUID
        && text.bytes().enumerate().all(|(n, b)| match n {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

fn name_of(key: &str) -> Option<FactName> {
    // The longest of the names has 21 letters.
    let mut name = [0; 24];
    let mut length = 0;
    for letter in key.bytes().filter(|letter| !b"-_ ".contains(letter)) {
        *name.get_mut(length)? = letter.to_ascii_lowercase();
        length += 1;
    }
    Some(match name.get(..length)? {
        b"correlationid" | b"xmscorrelationid" => FactName::CorrelationId,
        b"traceid" | b"strtraceid" => FactName::TraceId,
        b"requestid" | b"xmsrequestid" | b"originalrequestid" => FactName::RequestId,
        b"clientrequestid" | b"xmsclientrequestid" | b"returnclientrequestid" => FactName::ClientRequestId,
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
        let path = &member.path;
        let time = path.eq_ignore_ascii_case("timestamp")
            || path.eq_ignore_ascii_case("stimestamp")
            || ends_with(path, "innererror.date");
        if time && payload.kind != Kind::Fields {
            add_time(&member.value, part, facts);
        }
    }
}

/// True where the ids of a payload are Microsoft's.
fn of_microsoft(views: &Views<'_>, payload: &Payload) -> bool {
    let has = |key: &str| payload.get(key).is_some();
    let inner = payload.members.iter().any(|m| contains(&m.path, "innererror."));
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

    #[test]
    fn the_time_of_a_description() {
        for written in [
            "Timestamp: 2026-01-02 03:04:05Z",
            "timestamp%3A+2026-01-02 03:04:05Z",
            "TIMESTAMP\t :2026-01-02 03:04:05Z",
        ] {
            assert_eq!(time_of(written), "2026-01-02 03:04:05Z", "{written}");
        }
    }

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
