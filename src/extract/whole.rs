//! Tests of all extractors together: what must stay quiet, and input that stops or is hostile.

use super::extract;
use super::testing::{exchange, paste, record, with_headers};
use crate::model::{Event, EventKind, FactName, Param, Part, Place, Record};

/// Facts that say that something went wrong.
const ERRORS: &[FactName] = &[
    FactName::EntraCode,
    FactName::EntraEnvelope,
    FactName::EntraText,
    FactName::EntraGuess,
    FactName::OauthError,
    FactName::OauthSuberror,
    FactName::ApiCode,
    FactName::ApiText,
    FactName::ApiStatus,
    FactName::ChallengeError,
    FactName::DiagnosticsCode,
    FactName::VendorCode,
    FactName::MsalCode,
    FactName::ConsumerCode,
    FactName::IdxCode,
    FactName::SmtpCode,
    FactName::MailText,
    FactName::UnknownCode,
    FactName::NetworkError,
    FactName::ProxyAnswer,
    FactName::Throttle,
    FactName::ServerFault,
    FactName::Phrase,
    FactName::Told,
];

fn errors(event: &Event<'_>) -> Vec<String> {
    let facts = extract(event, 0).facts;
    facts
        .iter()
        .filter(|f| ERRORS.contains(&f.name))
        .map(|f| format!("{}={}", f.name.id(), f.value))
        .collect()
}

#[test]
fn quiet_logs() {
    for line in [
        "WARN login: Invalid username or password for user 7",
        r#"{"level":"error","msg":"token cache could not be read","error":"unexpected end of JSON input"}"#,
        "System.Exception: IDX10223: Lifetime validation failed. at Microsoft.IdentityModel.Tokens.Validators",
        "OAuth 2.0 is not configured for this provider",
        "GET /login 401 12ms",
        "error redeeming code: missing code",
        "at Contoso.Mail.ErrorHandler.HandleErrorAccessDenied(Error e)",
        "HTTP 503 from shop.example, retry in 50105 ms",
        "using outlook-connector 5.7.139 on node 535",
    ] {
        assert_eq!(errors(&record(line)), Vec::<String>::new(), "{line}");
    }
}

#[test]
fn quiet_exchanges() {
    let page = r#"<!DOCTYPE html><html><head><script>$Config={"pgid":"ConvergedSignIn","sErrorCode":"","iErrorCode":0,"strMainMessage":"","urlGetCredentialType":"https://login.microsoftonline.com/common/GetCredentialType","arrErrors":["50126"]};</script></head><body><noscript>We can't sign you in</noscript></body></html>"#;
    let sign_in = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=1&error_mode=x";
    let mail = r#"{"value":[{"subject":"AADSTS50105 and ErrorAccessDenied","body":{"content":"Need admin approval, 535 5.7.139"}}]}"#;
    let graph = "https://graph.microsoft.com/v1.0/me/messages";
    for event in [
        exchange("GET", sign_in, 200, "text/html", page),
        exchange("GET", graph, 200, "application/json", mail),
        exchange(
            "GET",
            "https://aadcdn.msauth.net/a/b.js",
            200,
            "text/javascript",
            "x={50105:'AADSTS50105'}",
        ),
        exchange(
            "GET",
            "https://learn.microsoft.com/x",
            200,
            "text/html",
            "<html>AADSTS50105: not assigned</html>",
        ),
        exchange("GET", "https://help.vendor.example/office", 200, "text/html", "<html>AADSTS50105</html>"),
        exchange(
            "POST",
            "https://app.vendor.example/api/login",
            401,
            "application/json",
            r#"{"error":"access_denied"}"#,
        ),
        exchange(
            "GET",
            "https://app.vendor.example/api/x",
            503,
            "text/html",
            "<html>Service Unavailable</html>",
        ),
        with_headers(
            "GET",
            "https://app.vendor.example/x",
            401,
            "",
            "",
            &[("WWW-Authenticate", "Bearer error=\"invalid_token\"")],
        ),
    ] {
        assert_eq!(errors(&event), Vec::<String>::new(), "{:?}", extract(&event, 0).meta.host);
    }
}

#[test]
fn fields_of_a_record_count_together() {
    let field = |name: &'static str, value: &'static str| Param {
        name: name.into(),
        value: Part::plain(value.as_bytes(), 0),
    };
    let fields = vec![
        field("provider", "office365"),
        field("error", "invalid_grant"),
        field("host", "login.microsoftonline.com"),
        field("cause", "connect ECONNREFUSED"),
    ];
    let record = Record { text: Part::plain(b"{}", 0), fields, ..Record::default() };
    let event = Event { place: Place::default(), time: None, kind: EventKind::Record(Box::new(record)) };
    assert_eq!(errors(&event), ["oauth-error=invalid_grant", "network-error=refused"]);
}

#[test]
fn input_that_stops_anywhere() {
    let body = r#"x {"error":"invalid_grant","error_description":"AADSTS70002: é. AADSTS50012: ü\r\nTrace ID: 1"} https://app.example/cb?error=access_denied&error_description=AADSTS65004%3a+d%C3%A9&state=1 535 5.7.139 Authentication unsuccessful 管理者の承認が必要"#;
    for cut in 0..body.len() {
        let bytes = body.as_bytes().get(..cut).unwrap_or_default();
        let part = Part::plain(bytes, 0);
        let event = Event { place: Place::default(), time: None, kind: EventKind::Paste(part) };
        let _ = extract(&event, 0);
    }
    assert!(errors(&paste(body)).contains(&"entra-code=50012".to_owned()));
}

#[test]
fn hostile_input_ends() {
    for unit in [
        "{\"error\":",
        "AADSTS",
        "https://a.example/?error=",
        "%25",
        "<input type=hidden name=",
        "Bearer a=\"",
        "$Config={",
        "\\\"",
    ] {
        let text = unit.repeat(20_000);
        let _ = extract(&paste(&text), 0);
        let event = with_headers(
            "GET",
            "https://graph.microsoft.com/v1.0/me",
            401,
            "text/html",
            &text,
            &[("www-authenticate", &text)],
        );
        let _ = extract(&event, 0);
    }
}
