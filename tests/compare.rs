//! `compare` as a person runs it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

const APP: &str = "11112222-3333-4444-8555-666677778888";
const TENANT: &str = "99990000-1111-4222-8333-444455556666";

fn run(args: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("hartriage")
        .expect("the program is built")
        .env("LC_ALL", "C.UTF-8")
        .args(args)
        .assert()
}

fn stdout(args: &[&str]) -> String {
    let done = run(args).success();
    String::from_utf8(done.get_output().stdout.clone()).expect("output is UTF-8")
}

fn first_line(args: &[&str]) -> String {
    stdout(args).lines().next().unwrap_or_default().to_owned()
}

fn entry(second: u32, method: &str, url: &str, status: u32, location: &str, answer: &Value) -> Value {
    let text = if answer.is_null() { String::new() } else { answer.to_string() };
    let headers =
        if location.is_empty() { json!([]) } else { json!([{ "name": "Location", "value": location }]) };
    json!({
        "startedDateTime": format!("2026-11-20T09:00:{second:02}.000Z"),
        "time": 10,
        "request": { "method": method, "url": url, "httpVersion": "h2", "headers": [], "queryString": [],
            "cookies": [], "headersSize": -1, "bodySize": -1 },
        "response": { "status": status, "statusText": "", "httpVersion": "h2", "headers": headers, "cookies": [],
            "content": { "size": text.len(), "mimeType": "application/json", "text": text },
            "redirectURL": location, "headersSize": -1, "bodySize": -1 },
        "cache": {}, "timings": { "send": 0, "wait": 10, "receive": 0 },
    })
}

fn authorize(scopes: &str, state: &str) -> String {
    format!(
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id={APP}&response_type=code&scope={}\
         &redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state={state}&prompt=consent",
        scopes.replace(' ', "%20")
    )
}

fn write(folder: &Path, name: &str, entries: &[Value]) -> String {
    let har = json!({ "log": { "version": "1.2", "creator": { "name": "WebInspector", "version": "537" },
        "pages": [], "entries": entries } });
    let path = folder.join(name);
    fs::write(&path, har.to_string()).expect("the folder can be written");
    path.to_str().expect("a plain path").to_owned()
}

/// A connection from the authorize request to the mailbox.
fn good(folder: &Path) -> String {
    let callback = "https://app.example/cb?code=0.AXkAsyntheticsyntheticsyntheticsynthetic&state=s1";
    let token = json!({ "token_type": "Bearer", "scope": "Mail.Read User.Read offline_access", "expires_in": 3600,
        "access_token": "opaque-synthetic-access-token", "refresh_token": "opaque-synthetic-refresh-token" });
    let me = json!({ "userPrincipalName": "ann@contoso.example", "mail": "ann@contoso.example", "id": "1" });
    write(
        folder,
        "good.har",
        &[
            entry(
                1,
                "GET",
                &authorize("Mail.Read User.Read offline_access", "s1"),
                302,
                callback,
                &Value::Null,
            ),
            entry(2, "GET", callback, 200, "", &Value::Null),
            entry(3, "POST", "https://login.microsoftonline.com/common/oauth2/v2.0/token", 200, "", &token),
            entry(4, "GET", "https://graph.microsoft.com/v1.0/me", 200, "", &me),
            entry(
                5,
                "GET",
                "https://graph.microsoft.com/v1.0/me/messages?$top=1",
                200,
                "",
                &json!({ "value": [] }),
            ),
        ],
    )
}

/// Asks for one scope more and is refused with that code.
fn refused(folder: &Path, name: &str, scopes: &str, error: &str, code: u32) -> String {
    let callback = format!(
        "https://app.example/cb?error={error}&error_description=AADSTS{code}%3A%20refused.%20Correlation%20ID%3A%20{TENANT}\
         &state=s2"
    );
    write(
        folder,
        name,
        &[
            entry(1, "GET", &authorize(scopes, "s2"), 302, &callback, &Value::Null),
            entry(2, "GET", &callback, 400, "", &Value::Null),
        ],
    )
}

#[test]
fn a_scope_more_and_a_refusal() {
    let folder = tempfile::tempdir().expect("a folder");
    let scopes = "Mail.Read Mail.ReadWrite.Shared User.Read offline_access";
    let (good, bad) =
        (good(folder.path()), refused(folder.path(), "bad.har", scopes, "access_denied", 90094));
    let text = stdout(&["compare", "--lang", "en", &good, &bad]);
    let first = text.lines().next().unwrap_or_default();
    assert_eq!(
        first,
        "They part at consent: BAD AADSTS90094, GOOD asked for 3 scopes, BAD adds Mail.ReadWrite.Shared"
    );
    assert!(text.contains("scopes requested"), "{text}");
    assert!(text.contains("Mail.ReadWrite.Shared"), "{text}");
    assert!(text.contains("Diagnosis of BAD: ") && text.contains("Ask: "), "{text}");
    assert!(!text.contains("synthetic-") && !text.contains("0.AXkA"), "{text}");
    let json: Value =
        serde_json::from_str(&stdout(&["compare", "--lang", "en", "--format", "json", &good, &bad]))
            .expect("JSON");
    assert_eq!(json["schema"], "hartriage.compare/1");
    assert_eq!(json["first_line"], first);
    let scopes =
        json["differences"].as_array().expect("differences").iter().find(|d| d["name"] == "scope-requested");
    assert_eq!(scopes.map(|d| d["bad"].as_array().map_or(0, Vec::len)), Some(4), "{json:#}");
    let markdown = stdout(&["compare", "--lang", "en", "--format", "markdown", &good, &bad]);
    assert!(markdown.contains("| Stage | GOOD"), "{markdown}");
}

#[test]
fn a_refusal_at_sign_in_names_its_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let same = "Mail.Read User.Read offline_access";
    let (good, bad) = (good(folder.path()), refused(folder.path(), "bad.har", same, "access_denied", 50105));
    let first = first_line(&["compare", "--lang", "en", &good, &bad]);
    assert_eq!(first, "They part at sign-in: BAD AADSTS50105");
    let reversed = first_line(&["compare", "--lang", "en", &bad, &good]);
    assert!(reversed.contains("right way round"), "{reversed}");
    assert!(
        first_line(&["compare", "--lang", "ja", &good, &bad]).contains("段階で分かれます: BAD AADSTS50105")
    );
}

#[test]
fn sides_that_do_not_part_say_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = good(folder.path());
    assert_eq!(
        first_line(&["compare", "--lang", "en", &good, &good]),
        "They do not part: every stage seen in both ended alike."
    );
    let bad = refused(folder.path(), "bad.har", "Mail.Read", "access_denied", 50105);
    let first = first_line(&["compare", "--lang", "en", &bad, &bad]);
    assert!(first.starts_with("They do not part: both fail at ") && first.contains("AADSTS50105"), "{first}");
}

#[test]
fn a_har_against_a_log_of_another_producer() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("bad.log");
    let said = "2026-11-20T09:00:00Z ERROR token refresh failed: invalid_grant AADSTS50173: The provided grant has \
                expired due to it being revoked.\n";
    fs::write(&log, said).expect("the folder can be written");
    let first =
        first_line(&["compare", "--lang", "en", &good(folder.path()), log.to_str().expect("a plain path")]);
    assert!(first.starts_with("They part at ") && first.contains("BAD AADSTS50173"), "{first}");
}

#[test]
fn a_side_without_a_try_and_a_side_that_cannot_be_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = good(folder.path());
    let quiet =
        write(folder.path(), "quiet.har", &[entry(1, "GET", "https://app.example/", 200, "", &Value::Null)]);
    let first = first_line(&["compare", "--lang", "en", &good, &quiet]);
    assert_eq!(first, "Cannot be compared: BAD holds no try to connect to Microsoft.");
    let none = folder.path().join("none.har");
    run(&["compare", &good, none.to_str().expect("a plain path")]).code(2);
    run(&["compare", "--format", "csv", &good, &good]).code(2);
}
