//! Copies of sources without their secrets.

use std::panic::catch_unwind;

use hartriage::redact::{RedactError, SourceRedactor, redact_source};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::planted::{Dice, NAMES, base64, forms, in_header, placed, planted, shaped, under_name};

fn redacted(bytes: &[u8], kind: &str) -> String {
    let done = redact_source(bytes, kind).expect("nothing leaks");
    String::from_utf8(done.bytes).expect("UTF-8")
}

/// A capture with one secret in every place that a HAR has.
fn har(dice: &mut Dice) -> (Value, Vec<String>) {
    let mut hidden = Vec::new();
    let mut shape = |dice: &mut Dice| {
        let s = shaped(dice);
        hidden.push(s.hidden);
        s.shown
    };
    let (bearer, cookie, set, query, fragment) =
        (shape(dice), shape(dice), shape(dice), shape(dice), shape(dice));
    let (post, body, deep) = (shape(dice), shape(dice), shape(dice));
    let password = placed(dice);
    hidden.push(password.hidden);
    let password = password.shown;
    let name = *dice.pick(NAMES);
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", &post)
        .append_pair("password", &password)
        .finish();
    let value = json!({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "_vendor": {"keep": [1, 2.50, null]},
    "entries": [{
        "startedDateTime": "2026-01-02T03:04:05.000Z",
        "request": {"method": "POST",
            "url": format!("https://app.example/cb?{name}={query}&tenant=11111111-2222-3333-4444-555555555555#id_token={fragment}"),
            "headers": [{"name": "Authorization", "value": format!("Bearer {bearer}")},
                {"name": "Cookie", "value": format!("ESTSAUTH={cookie}; lang=en")}],
            "cookies": [{"name": "ESTSAUTH", "value": cookie, "path": "/"}],
            "queryString": [{"name": name, "value": query}],
            "postData": {"mimeType": "application/x-www-form-urlencoded", "text": form,
                "params": [{"name": "password", "value": password}, {"value": post, "name": "code"}]}},
        "response": {"status": 200,
            "headers": [{"name": "Set-Cookie", "value": format!("sid={set}; path=/; HttpOnly")}],
            "cookies": [{"name": "sid", "value": set}],
            "content": {"mimeType": "application/json", "encoding": "base64",
                "text": base64(&json!({"access_token": body, "scope": "Mail.Read"}).to_string())}},
        "_note": {"text": json!({"a": json!({"refresh_token": deep}).to_string()}).to_string()}
    }]}});
    (value, hidden)
}

/// Same keys, same kinds, same lengths of lists.
fn same_shape(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.keys().eq(b.keys()) && a.iter().zip(b).all(|((_, x), (_, y))| same_shape(x, y))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same_shape(x, y))
        }
        (Value::String(_), Value::String(_)) => true,
        (a, b) => a == b,
    }
}

#[test]
fn planted_secrets_in_captures() {
    let mut dice = Dice(0x1234_5678_9ABC_DEF1);
    let mut count = 0;
    for _ in 0..150 {
        let (before, hidden) = har(&mut dice);
        let input = if dice.next().is_multiple_of(2) {
            before.to_string()
        } else {
            serde_json::to_string_pretty(&before).expect("JSON")
        };
        let output = redacted(input.as_bytes(), "har");
        let after: Value = serde_json::from_str(&output).expect("still JSON");
        assert!(same_shape(&before, &after), "{output}");
        let body = after["log"]["entries"][0]["response"]["content"]["text"].as_str().expect("a body");
        let body = String::from_utf8(
            hartriage::decode::decode_base64(body).unwrap_or_else(|| panic!("{input} {output}")),
        )
        .expect("text");
        assert!(body.contains("Mail.Read"), "{body}");
        for secret in &hidden {
            for form in forms(secret) {
                assert!(!output.contains(&form), "{form} of\n{input}\nis in\n{output}");
                assert!(!body.contains(&form), "{form} is in {body}");
            }
            count += 1;
        }
        assert!(output.contains("11111111-2222-3333-4444-555555555555"));
        assert_eq!(redacted(output.as_bytes(), "har"), output, "again changes something in\n{input}");
    }
    eprintln!("{count} planted secrets, none released");
}

#[test]
fn planted_secrets_in_logs() {
    let all = planted(2500);
    for (input, hidden) in &all {
        let log = format!("2026-01-02 INFO start\n{input}\n2026-01-02 INFO end\n");
        let output = redacted(log.as_bytes(), "text");
        for form in forms(hidden) {
            assert!(!output.contains(&form), "{form} of\n{input}\nis in\n{output}");
        }
        assert!(
            output.starts_with("2026-01-02 INFO start\n") && output.ends_with("2026-01-02 INFO end\n"),
            "{output}"
        );
        assert_eq!(redacted(output.as_bytes(), "text"), output, "again changes something in\n{input}");
    }
    eprintln!("{} planted secrets, none released", all.len());
}

#[test]
fn bytes_outside_of_secrets_stay() {
    let input =
        "{ \"a\" : 1.50,\r\n\t\"password\":\"hunter2!\" , \"b\":\"\\u00e9\\/\", \"c\":[true,null,],}  ";
    let output = redacted(input.as_bytes(), "har");
    assert_eq!(output, input.replace("hunter2!", "redacted~password~8~1"));
    let untouched = "\u{feff}{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS50105: x\"}";
    assert_eq!(redacted(untouched.as_bytes(), "json"), untouched);
}

#[test]
fn marks_keep_what_judgement_needs() {
    let mut dice = Dice(7);
    let claims = base64(r#"{"upn":"ada@contoso.example","tid":"11111111-2222-3333-4444-555555555555"}"#);
    let jwt = format!("eyJhbGciOiJSUzI1NiJ9.{}.{}", claims.trim_end_matches('='), dice.b64url(300));
    let opaque = format!("EwB{}", dice.alnum(400));
    let input = format!("{{\"id_token\":\"{jwt}\",\"access_token\":\"{opaque}\",\"again\":\"{opaque}\"}}");
    let output = redacted(input.as_bytes(), "json");
    assert!(output.contains(claims.trim_end_matches('=')), "{output}");
    assert_eq!(output.matches("EwB~redacted~token~400~2").count(), 2, "{output}");
}

#[test]
fn one_number_for_one_secret_in_all_files() {
    let mut run = SourceRedactor::default();
    let first =
        run.redact(b"state=abcdef0123456789xyz&code=M.C507_BAY.2.U.aaaa1111bbbb2222", "text").expect("done");
    let second = run.redact(b"password=hunter22 M.C507_BAY.2.U.aaaa1111bbbb2222", "text").expect("done");
    assert!(String::from_utf8_lossy(&first.bytes).ends_with("M.C~redacted~code~30~2"));
    assert_eq!(
        String::from_utf8_lossy(&second.bytes),
        "password=redacted~password~8~3 M.C~redacted~code~30~2"
    );
}

#[test]
fn a_secret_in_an_odd_place_is_swept() {
    let input = r#"{"client_secret":"Zy8Q~abcDEF123ghiJKL456mnoPQR789stuVW","note Zy8Q~abcDEF123ghiJKL456mnoPQR789stuVW":1}"#;
    let output = redacted(input.as_bytes(), "json");
    assert!(!output.contains("abcDEF123"), "{output}");
}

#[test]
fn cookie_columns_of_web_server_logs() {
    let log = "#Fields: date cs-uri-stem cs(User-Agent) cs(Cookie) sc-status\n2026-01-02 /owa Mozilla theme=plain;+sess=abc 200\n";
    let output = redacted(log.as_bytes(), "iis-w3c");
    assert!(!output.contains("plain") && !output.contains("abc"), "{output}");
    assert!(output.ends_with(" 200\n") && output.contains("theme="), "{output}");
}

#[test]
fn errors_quote_nothing() {
    assert!(!RedactError::Leaked(3).to_string().contains('"'));
}

/// Pieces of which hostile and ordinary inputs are made.
fn pieces() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "password",
        "=",
        ":",
        "\"",
        "'",
        "\\",
        "\\\"",
        "%",
        "%22",
        "%2522",
        "&",
        "&quot;",
        "&amp;",
        "{",
        "}",
        "[",
        "]",
        "<",
        ">",
        ",",
        "code",
        "state",
        "Cookie: ",
        "Set-Cookie: ",
        "eyJ",
        "eyJhbGciOiJub25lIn0",
        ".",
        "Bearer ",
        "\n",
        "redacted~",
        "redacted~token~10~1",
        "é",
        "\u{202e}",
        "value",
        "name",
        "\\u0022",
        "\\u",
        "-----BEGIN PRIVATE KEY-----",
        "://",
        "@",
        "<saml:Assertion>",
        "\"cookies\"",
        "\"encoding\":\"base64\"",
        "\"text\":",
        "EwB",
        "Q~",
        "AUTH PLAIN ",
        "abc123DEF456",
        "M.C507_BAY.",
    ]);
    prop::collection::vec(prop_oneof![4 => words.prop_map(str::to_owned), 1 => "\\PC{0,12}"], 0..40)
        .prop_map(|v| v.concat())
}

/// A password that reads like the syntax around another value.
#[test]
fn a_secret_like_syntax_breaks_nothing() {
    let secret = "{\"text\":";
    let input =
        json!({"log": {"entries": [{"text": secret, "": [secret, {"value": secret, "name": "password"}]}]}});
    let done = redact_source(input.to_string().as_bytes(), "har").expect("it can be redacted");
    let copy: Value = serde_json::from_slice(&done.bytes).expect("JSON stays JSON");
    assert!(!copy.to_string().contains("{\\\"text\\\":"), "{copy}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_panics(input in pieces(), needle in pieces()) {
        let _ = hartriage::redact::text(&input);
        let _ = hartriage::redact::block(&input);
        let _ = hartriage::redact::label(&needle, &input);
        let cut = hartriage::redact::excerpt(&input, &needle);
        prop_assert!(cut.as_str().chars().count() <= 240);
        let _ = redact_source(input.as_bytes(), "");
        let _ = redact_source(input.as_bytes(), "text");
    }

    #[test]
    fn never_panics_on_bytes(input in prop::collection::vec(any::<u8>(), 0..300)) {
        let done = catch_unwind(|| redact_source(&input, "har"));
        prop_assert!(done.is_ok());
    }

    #[test]
    fn json_stays_json(inner in pieces(), key in pieces()) {
        let input = json!({"log": {"entries": [{"text": inner, key: [inner, {"value": inner, "name": "password"}]}]}}).to_string();
        if let Ok(done) = redact_source(input.as_bytes(), "har") {
            let parsed = serde_json::from_slice::<Value>(&done.bytes);
            prop_assert!(parsed.is_ok(), "{}\nbecame\n{}", input, String::from_utf8_lossy(&done.bytes));
        }
    }

    #[test]
    fn any_mixture_hides_its_secret(seed in 1u64.., before in pieces(), after in "[a-z ]{0,20}") {
        let mut dice = Dice(seed);
        let secret = shaped(&mut dice);
        let name = *dice.pick(NAMES);
        let placed = if dice.next().is_multiple_of(2) { in_header(&mut dice, &secret.shown) } else { under_name(&mut dice, name, &secret.shown) };
        let input = format!("{before}\n{placed}\n{after}");
        let output = hartriage::redact::text(&input);
        for form in forms(&secret.hidden) {
            prop_assert!(!output.as_str().contains(&form), "{} of\n{}\nis in\n{}", form, input, output);
        }
    }
}

/// Found by fuzzing: a list of cookies that lost the beginning of a string was read inside out, and swallowed what stood
/// behind it, more of it each time.
#[test]
fn a_damaged_list_of_cookies_swallows_nothing() {
    let text = r#"x {"cookies": [{"name": "n", "value": "abcdefgh12345678", "secure": true
        lue": "Ln7RbXmcDKiP7ok5", "path": "/", "domain": "app.contoso.example"}], "content": {"size": 1},
        "first": [1], "more": {"a": "b"}, "second": [2]}"#;
    let once = redact_source(text.as_bytes(), "text").expect("redacted").bytes;
    let said = String::from_utf8_lossy(&once);
    assert!(!said.contains("abcdefgh12345678") && !said.contains("Ln7RbXmcDKiP7ok5"), "{said}");
    assert!(said.contains(r#""content": {"size": 1}"#) && said.contains(r#""domain""#), "{said}");
    assert_eq!(redact_source(&once, "text").expect("redacted").bytes, once);
}

/// Found by fuzzing: the beginning of a key by itself hid all that followed, up to 64 KiB.
#[test]
fn a_private_key_without_an_end_swallows_nothing() {
    let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    let text =
        format!("{{\"a\": \"-----BEGIN PRIVATE KEY-----\\n{key}\\n{key}\"}} then AADSTS50105: refused\n");
    for kind in ["text", "json-lines"] {
        let done = redact_source(text.as_bytes(), kind).expect("redacted").bytes;
        let said = String::from_utf8_lossy(&done);
        assert!(!said.contains(&key[8..]) && said.contains("then AADSTS50105: refused"), "{kind}: {said}");
    }
    let bare =
        redact_source(b"-----BEGIN PRIVATE KEY-----q=0.8\" then {\"x\": \"AADSTS50105: refused\"}", "text");
    let said = String::from_utf8_lossy(&bare.expect("redacted").bytes).into_owned();
    assert!(said.contains("AADSTS50105: refused"), "{said}");
}

/// A mail client names its account beside its token: the copy still says who signed in.
#[test]
fn a_mail_clients_response_keeps_its_account() {
    let mut dice = Dice(11);
    let signature = dice.b64url(300);
    let claims = base64(r#"{"upn":"ada@contoso.example","aud":"https://outlook.office365.com"}"#);
    let jwt = format!("eyJhbGciOiJSUzI1NiJ9.{}.{signature}", claims.trim_end_matches('='));
    for token in [jwt, format!("EwB{}", dice.alnum(400))] {
        let response = base64(&format!("user=ada@contoso.example\u{1}auth=Bearer {token}\u{1}\u{1}"));
        let log =
            format!("imap: > A01 AUTHENTICATE XOAUTH2 {response}\nimap: < A01 NO AUTHENTICATE failed.\n");
        let once = redacted(log.as_bytes(), "text");
        let kept = once.split(' ').find_map(|word| {
            let word = word.lines().next()?;
            String::from_utf8(hartriage::decode::decode_base64(word).filter(|_| word.len() > 60)?).ok()
        });
        let kept = kept.expect("still base64");
        assert!(
            kept.starts_with("user=ada@contoso.example\u{1}auth=Bearer e") || kept.contains("EwB~redacted~")
        );
        assert!(kept.contains("redacted~") && !kept.contains(&token[token.len() - 40..]), "{kept}");
        assert_eq!(redacted(once.as_bytes(), "text"), once, "twice is once");
    }
    let unknown = base64("user=ada@contoso.example\u{1}auth=Bearer abcdefgh\u{1}\u{1}");
    let done = redacted(format!("A01 AUTHENTICATE XOAUTH2 {unknown}\n").as_bytes(), "text");
    assert!(!done.contains(&unknown), "a token of an unknown kind is hidden with its response: {done}");
}

/// Found by fuzzing: what ends a value in one reading ends it in the one below, too.
#[test]
fn an_escaped_sign_ends_a_value() {
    let code = "1.AXkA0U6yQwex2ezuvH3mTk5hCqNlNAxhk0KB3H90Kz4AgABBAIAAAAfjq9XcVbnmkL0PqRsTu";
    let text =
        format!(r#"{{"u":"https://app.example/cb?code={code}\u0026state=Zx81Qm20vLk3WpT9\u0022,after"}}"#);
    let said = redacted(text.as_bytes(), "text");
    assert!(!said.contains(&code[4..]) && !said.contains("Zx81Qm20"), "{said}");
    assert!(said.contains(r"\u0026state=") && said.contains(r"\u0022,after"), "{said}");
}

/// Found by fuzzing: signs alone are no cookie, and neither is an error code.
#[test]
fn no_sign_and_no_error_code_is_a_cookie() {
    let text = r#"{"cookies":$[], "content": {"text": "AADSTS50105: refused"}, "cookies": ["AADSTS50105"]}"#;
    assert_eq!(redacted(text.as_bytes(), "text"), text);
}
