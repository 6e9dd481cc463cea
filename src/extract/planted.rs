//! No extractor may let a secret into a value or an excerpt, whatever stands around it, and none may panic.

use crate::model::{Event, Form, Part};

use super::synthetic::{Http, paste, record};
use super::{Extractor, Facts, Views};

const EXTRACTORS: &[Extractor] = &[
    super::authorize::authorize,
    super::redirect::redirect,
    super::token::token,
    super::bearer::bearer,
    super::identity::identity,
    super::scopes::scopes,
    super::realm::realm,
    super::exchange_headers::exchange_headers,
    super::signin_log::signin_log,
    super::audit::audit,
    super::mailbox_data::mailbox_data,
    super::dns::dns,
    super::flow::flow,
];

const SECRET: &str = "PLANTEDsecret0123456789abcdefPLANTED";

/// Everything that the extractors would show of an event.
fn shown(event: &Event<'_>) -> String {
    let mut facts = Facts::new(event, 0);
    let views = Views::of(event);
    for extractor in EXTRACTORS {
        extractor(&views, &mut facts);
    }
    let facts = facts.finish().facts;
    let lines =
        facts.iter().map(|f| format!("{}={} {} {}", f.name.id(), f.value, f.excerpt, f.place.pointer));
    lines.collect::<Vec<_>>().join("\n")
}

fn texts() -> Vec<String> {
    let jwt = super::jwt::tests::make(
        r#"{"tid":"11111111-2222-3333-4444-555555555555","upn":"ann@contoso.example","scp":"Mail.Read"}"#,
    );
    let signature = jwt.replace("c2lnbmF0dXJl", SECRET);
    vec![
        format!(
            "https://app.example/cb?code=0.{SECRET}&state={SECRET}&session_state={SECRET}&client_info={SECRET}"
        ),
        format!("https://app.example/cb#access_token={signature}&id_token={signature}&state={SECRET}"),
        format!(
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id={SECRET}&redirect_uri=https://u:{SECRET}@app.example/cb&response_type=code&scope={SECRET}&state={SECRET}&nonce={SECRET}&code_challenge={SECRET}&login_hint={SECRET}&prompt={SECRET}"
        ),
        format!(
            "grant_type=authorization_code&client_id=aaaaaaaa-0000-0000-0000-000000000001&client_secret={SECRET}&code={SECRET}&code_verifier={SECRET}&client_assertion={SECRET}"
        ),
        format!("grant_type=password&username=ann@contoso.example&password={SECRET}&scope=Mail.Read"),
        format!("login=ann@contoso.example&passwd={SECRET}&flowToken={SECRET}&canary={SECRET}"),
        format!(
            r#"{{"token_type":"Bearer","expires_in":3600,"scope":"Mail.Read","access_token":"{signature}","refresh_token":"{SECRET}","id_token":"{signature}"}}"#
        ),
        format!(
            r#"{{"username":"ann@contoso.example","flowToken":"{SECRET}","IfExistsResult":0,"missingScopes":["{SECRET}","Mail.{SECRET}"]}}"#
        ),
        format!(
            r#"{{"status":{{"errorCode":50105}},"appId":"{SECRET}","userPrincipalName":"ann@contoso.example","correlationId":"{SECRET}"}}"#
        ),
        format!("C: A01 AUTHENTICATE XOAUTH2 user=ann@contoso.example\u{1}auth=Bearer {signature}\u{1}\u{1}"),
        format!("missing scopes: {SECRET}, eyJ0.{SECRET}.{SECRET}, Mail.Read"),
        format!(
            "<html><script>$Config={{\"pgid\":\"ConvergedSignIn\",\"sFT\":\"{SECRET}\",\"sCtx\":\"{SECRET}\",\"arrSessions\":[{{\"name\":\"ann@contoso.example\",\"sid\":\"{SECRET}\"}}],\"canary\":\"{SECRET}\"}};</script></html>"
        ),
        format!("Negotiate {SECRET}"),
        format!("ESTSAUTHPERSISTENT={SECRET}; path=/; secure"),
        format!("Bearer {signature}"),
    ]
}

/// Every text in every place of an event.
fn everywhere(text: &str, mut look: impl FnMut(&Event<'_>)) {
    look(&paste(text));
    look(&record(text, &[("message", text), ("ResultType", "50105"), ("AppId", text), ("AuditData", text)]));
    for url in [
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "https://login.microsoftonline.com/common/login",
        "https://login.microsoftonline.com/common/GetCredentialType",
        "https://graph.microsoft.com/v1.0/me",
        "https://mail.contoso.example/EWS/Exchange.asmx",
        "https://app.example/cb",
        text,
    ] {
        for (asked, answered) in [(text, ""), ("", text)] {
            let event = Http::new("POST", url, 200)
                .sent("Authorization", text)
                .sent("Cookie", text)
                .sent("X-AnchorMailbox", text)
                .got("Set-Cookie", text)
                .got("Location", text)
                .got("WWW-Authenticate", text)
                .got("X-BEServer", text)
                .got("Date", text)
                .form(asked)
                .body(answered)
                .at("2026-01-01T00:00:00Z")
                .event();
            look(&event);
        }
    }
}

#[test]
fn nothing_planted_comes_out() {
    let mut seen = 0;
    for text in texts() {
        everywhere(&text, |event| {
            let shown = shown(event);
            seen += shown.lines().count();
            let low = shown.to_lowercase();
            assert!(!low.contains("plantedsecret"), "from {text}:\n{shown}");
        });
    }
    assert!(seen > 400, "the extractors were at work: {seen} facts");
}

#[test]
fn cut_and_foreign_texts_end_quietly() {
    let foreign = "é\u{202e}漢字😀\0\u{1}%E3%81%".repeat(3);
    for text in texts() {
        for cut in (0..text.len()).step_by(7).filter(|n| text.is_char_boundary(*n)) {
            let text = format!("{}{foreign}", &text[..cut]);
            let _ = shown(&paste(&text));
            let _ = shown(&Http::new("GET", &text, 302).got("Location", &text).body(&text).event());
        }
    }
    let raw =
        Part { raw: vec![0xFF, b'{', b'"', 0xC3].into(), at: 0, form: Form::JsonString, ..Part::default() };
    let event = Event { kind: crate::model::EventKind::Paste(raw), ..paste("") };
    assert!(shown(&event).is_empty());
}
