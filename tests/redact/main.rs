//! No secret survives printing or redaction, and nothing else is touched.

mod answers;
mod planted;
mod sources;

use hartriage::redact;

use planted::{forms, planted};

fn assert_hidden(input: &str, hidden: &str, output: &str, how: &str) {
    for form in forms(hidden) {
        assert!(!output.contains(&form), "{how}: {form:?} of\n{input}\nis in\n{output}");
    }
}

#[test]
fn planted_secrets_are_never_printed() {
    let all = planted(3000);
    for (input, hidden) in &all {
        assert_hidden(input, hidden, redact::text(input).as_str(), "text");
        assert_hidden(input, hidden, redact::block(input).as_str(), "block");
        let cut = redact::excerpt(input, "contoso.example");
        assert_hidden(input, hidden, cut.as_str(), "excerpt");
        assert!(cut.as_str().chars().count() <= 240);
    }
    eprintln!("{} planted secrets, none printed", all.len());
}

#[test]
fn evidence_stays_readable() {
    for text in [
        "AADSTS50105: Your administrator has configured the application Contoso Sync ('11111111-2222-3333-4444-555555555555') to block users unless they are specifically granted ('assigned') access to the application.",
        "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.",
        "AADSTS50126: Error validating credentials due to invalid username or password. Trace ID: 11111111-2222-3333-4444-555555555555 Correlation ID: 11111111-2222-3333-4444-555555555556 Timestamp: 2026-01-02 03:04:05Z",
        r#"{"error":"invalid_grant","error_description":"AADSTS50173: The provided grant has expired due to it being revoked, a fresh auth token is needed.","error_codes":[50173],"trace_id":"11111111-2222-3333-4444-555555555555","error_uri":"https://login.microsoftonline.com/error?code=50173"}"#,
        r#"{"error":{"code":"MailboxNotEnabledForRESTAPI","message":"REST API is not yet supported for this mailbox.","innerError":{"request-id":"11111111-2222-3333-4444-555555555555"}}}"#,
        r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000", error="insufficient_claims""#,
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=11111111-2222-3333-4444-555555555555&scope=openid%20Mail.Read&prompt=consent&login_hint=ada%40contoso.example",
        "error: invalid_token: the token is expired, password: expired, state: FAILED, code=403 code=ErrorItemNotFound",
        "IDX14100: JWT is not well formed, there are no dots (.).",
        "token_type=Bearer expires_in=3599 scope=Mail.Read token_endpoint=https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "outlook_0123456789ABCDEF@outlook.com ada_fabrikam.example#EXT#@contoso.onmicrosoft.com",
        "OFFICE_ERROR_REST_API_NOT_ENABLED_FOR_COMPONENT_SHARED_MAILBOX on am6pr0102mb3270.eurprd01.prod.exchangelabs.com",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "WWW-Authenticate: Negotiate, NTLM, Basic realm=\"contoso\"",
        "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [AM6PR0102CA0001.eurprd01.prod.exchangelabs.com]",
    ] {
        assert_eq!(redact::text(text).as_str(), text);
    }
}

/// The texts that Microsoft publishes for its codes hold no secret, so none of them may change.
#[test]
fn published_error_texts_stay_readable() {
    let mut seen = 0;
    for file in ["aadsts", "graph_errors", "oauth_errors", "mail_protocol_errors"] {
        let path = format!("{}/src/knowledge/{file}.tsv", env!("CARGO_MANIFEST_DIR"));
        for line in std::fs::read_to_string(path).expect("a knowledge table").lines() {
            for cell in line.split('\t').map(str::trim) {
                let flat = cell.split_whitespace().collect::<Vec<_>>().join(" ");
                assert_eq!(redact::text(&flat).as_str(), flat);
                seen += 1;
            }
        }
    }
    assert!(seen > 1000);
}

#[test]
fn controls_become_visible() {
    assert_eq!(redact::text("a\u{202e}b\u{1b}[31m\nc").as_str(), "a⟨U+202E⟩b⟨U+001B⟩[31m c");
    assert_eq!(redact::block("a\r\nb\u{7}").as_str(), "a\nb⟨U+0007⟩");
    assert_eq!(redact::name("x\u{200b}.har").as_str(), "x⟨U+200B⟩.har");
}

#[test]
fn labels_hold_no_query_and_no_user() {
    let label = redact::label("GET", "https://ada:pw@graph.microsoft.com/v1.0/me/messages?$top=1&token=x#y");
    assert_eq!(label.as_str(), "GET https://graph.microsoft.com/v1.0/me/messages");
    let label = redact::label("POST", "https://hooks.contoso.example/in/q7Zk2LmX9vB4nR8sT1wY6cJ3");
    assert_eq!(label.as_str(), "POST https://hooks.contoso.example/in/[redacted:opaque]");
}
