//! The hops of a connection, and whether each worked.
//!
//! In: exchanges, access-log lines, sign-in facts. Out: `hop`, `hop-ok`, `hop-failed`. Never: why a hop failed, or a
//! failure from a challenge that was answered to a call without a token.

use crate::model::{Exchange, FactName, Part};

use super::endpoint::{Endpoint, classify};
use super::payload::{Kind, Payload};
use super::view::ViewAt;
use super::{Facts, Views};

pub(super) fn flow(views: &Views<'_>, facts: &mut Facts<'_>) {
    let Some(exchange) = views.as_exchange() else {
        signin_record(facts);
        token_in_text(facts);
        return;
    };
    if exchange.method.eq_ignore_ascii_case("OPTIONS") {
        return;
    }
    let posted = exchange.method.eq_ignore_ascii_case("POST");
    match views.endpoint {
        Endpoint::Authorize => authorize(views, exchange, facts),
        Endpoint::SignIn | Endpoint::Consumer if posted && is_sign_in_post(&views.url) => {
            sign_in(views, exchange, facts);
        }
        Endpoint::Consent | Endpoint::AdminConsent => consent(views, exchange, facts),
        Endpoint::Token => token(exchange, facts),
        Endpoint::Graph | Endpoint::Outlook | Endpoint::Ews => api(views, exchange, facts),
        _ => {}
    }
}

fn note(hop: &'static str, ok: Option<bool>, part: &Part<'_>, facts: &mut Facts<'_>) {
    facts.note(FactName::Hop, hop, part);
    match ok {
        Some(true) => facts.note(FactName::HopOk, hop, part),
        Some(false) => facts.note(FactName::HopFailed, hop, part),
        None => {}
    }
}

/// `pgid` of the page that came back, in lower case.
fn page_id(views: &Views<'_>) -> String {
    let pages = views.payloads().iter().filter(|p| p.kind == Kind::Config);
    pages.filter_map(|p| p.get("pgid")).next().unwrap_or_default().to_ascii_lowercase()
}

/// A page of sign-in that carries an error of its own.
fn page_failed(views: &Views<'_>) -> bool {
    let bad = |p: &Payload| {
        let said = |key: &str| p.get(key).is_some_and(|v| !matches!(v, "" | "0"));
        p.kind == Kind::Config
            && (said("sErrorCode") || said("strServiceExceptionMessage") || said("sErrTxt"))
    };
    page_id(views).contains("error") || views.payloads().iter().any(bad)
}

/// 2xx and 3xx worked, 4xx and 5xx did not; anything else is not known.
fn by_status(exchange: &Exchange<'_>) -> Option<bool> {
    match exchange.status? {
        200..=399 => Some(true),
        400.. => Some(false),
        _ => None,
    }
}

fn authorize(views: &Views<'_>, exchange: &Exchange<'_>, facts: &mut Facts<'_>) {
    let ok = if page_failed(views) { Some(false) } else { by_status(exchange) };
    note("authorize", ok, &exchange.url, facts);
    consent_page(views, exchange, facts);
}

/// A consent page was shown; what the user did is told by what follows.
fn consent_page(views: &Views<'_>, exchange: &Exchange<'_>, facts: &mut Facts<'_>) {
    if page_id(views).contains("consent") {
        note("consent", None, &exchange.url, facts);
    }
}

/// Posts of a name, password, second factor or "stay signed in".
fn is_sign_in_post(url: &str) -> bool {
    let path = classify(url).path.to_ascii_lowercase();
    path.ends_with("/login")
        || path.contains("/sas/")
        || path.contains("/kmsi")
        || path.contains("post.srf")
        || path.contains("/processauth")
        || path.contains("/reprocess")
        || path.contains("/resume")
        || path.contains("/wsfed")
}

fn sign_in(views: &Views<'_>, exchange: &Exchange<'_>, facts: &mut Facts<'_>) {
    let second_factor = views.payloads().iter().any(|p| {
        matches!(views.view_of(p).at, ViewAt::ResponseBody { .. })
            && p.kind == Kind::Json
            && p.get("Success").is_some_and(|v| v.eq_ignore_ascii_case("false"))
            && p.get("ErrCode").is_some_and(|v| !matches!(v, "" | "0"))
    });
    // A page that asks on is neither: only a code for the app ends the sign-in, and `redirect` sees that.
    let ok = match by_status(exchange) {
        Some(false) => Some(false),
        _ if page_failed(views) || second_factor => Some(false),
        _ => None,
    };
    note("sign-in", ok, &exchange.url, facts);
    consent_page(views, exchange, facts);
}

/// Answers of the admin consent endpoint are read where they arrive.
fn consent(views: &Views<'_>, exchange: &Exchange<'_>, facts: &mut Facts<'_>) {
    let failed = by_status(exchange) == Some(false) || page_failed(views);
    let ok = if failed {
        Some(false)
    } else {
        facts.seen().iter().any(|f| f.name == FactName::CodeReceived).then_some(true)
    };
    note("consent", ok, &exchange.url, facts);
}

fn token(exchange: &Exchange<'_>, facts: &mut Facts<'_>) {
    let issued = facts.has(FactName::Token);
    let ok = match by_status(exchange) {
        Some(false) => Some(false),
        // A redacted or missing body does not undo the status.
        Some(true) => Some(true),
        None => issued.then_some(true),
    };
    note("token", ok, &exchange.url, facts);
}

fn api(views: &Views<'_>, exchange: &Exchange<'_>, facts: &mut Facts<'_>) {
    let seen = classify(&views.url);
    let path = seen.path.to_ascii_lowercase();
    if views.endpoint == Endpoint::Graph && path.ends_with("/$batch") {
        batch(views, facts);
        return;
    }
    let hop = if views.endpoint == Endpoint::Ews { Some("mailbox") } else { hop_of(&path) };
    let Some(hop) = hop else { return };
    note(hop, api_result(views, exchange), &exchange.url, facts);
}

/// Result of one call. A challenge to a call that carried no token is only the start of the conversation.
fn api_result(views: &Views<'_>, exchange: &Exchange<'_>) -> Option<bool> {
    if exchange.status == Some(401) && views.request_header("authorization").is_none() {
        return None;
    }
    let soap_error = views.endpoint == Endpoint::Ews
        && views.list.iter().any(|v| {
            matches!(v.at, ViewAt::ResponseBody { .. }) && v.text.contains("ResponseClass=\"Error\"")
        });
    if soap_error { Some(false) } else { by_status(exchange) }
}

/// What a call of Graph or the old Outlook API was for; `None` for what no connection needs.
fn hop_of(path: &str) -> Option<&'static str> {
    let path = path.trim_end_matches('/');
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let has = |word: &str| {
        segments.iter().any(|s| *s == word || s.strip_prefix(word).is_some_and(|r| r.starts_with('(')))
    };
    let owner = segments.iter().position(|s| matches!(*s, "me" | "users"));
    if has("subscriptions") || has("delta") || has("sendmail") || has("send") || has("microsoft.graph.delta")
    {
        return Some("sync");
    }
    let at = owner?;
    if ["calendar", "calendars", "events", "calendarview", "calendargroups", "getschedule"]
        .iter()
        .any(|w| has(w))
    {
        return Some("calendar");
    }
    if ["messages", "mailfolders", "mailboxsettings", "inferenceclassification", "folders", "contacts"]
        .iter()
        .any(|w| has(w))
    {
        return Some("mailbox");
    }
    let tail = segments.len() - at - 1;
    let is_me = segments.get(at) == Some(&"me") && tail == 0;
    let is_user = segments.get(at) == Some(&"users") && tail == 1;
    (is_me || is_user).then_some("me")
}

/// Inner calls of a batch, each with its own status.
fn batch(views: &Views<'_>, facts: &mut Facts<'_>) {
    let of = |body: bool| {
        views.payloads().iter().filter(move |p| match views.view_of(p).at {
            ViewAt::RequestBody { .. } => !body,
            ViewAt::ResponseBody { .. } => body,
            _ => false,
        })
    };
    let calls: Vec<(&str, &str)> = of(false)
        .flat_map(|p| {
            (0..20).filter_map(move |n| {
                Some((p.at(&format!("requests.{n}.id"))?, p.at(&format!("requests.{n}.url"))?))
            })
        })
        .collect();
    for payload in of(true) {
        let part = views.view_of(payload).part;
        for n in 0..20 {
            let at = |key: &str| payload.at(&format!("responses.{n}.{key}"));
            let (Some(id), Some(status)) = (at("id"), at("status").and_then(|s| s.parse::<i32>().ok()))
            else {
                continue;
            };
            let url = calls.iter().find(|(call, _)| *call == id).map(|(_, url)| *url);
            let path = url.map(|u| u.split('?').next().unwrap_or_default().to_ascii_lowercase());
            if let Some(hop) = path.as_deref().and_then(hop_of) {
                let ok = match status {
                    200..=399 => Some(true),
                    400.. => Some(false),
                    _ => None,
                };
                note(hop, ok, part, facts);
            }
        }
    }
}

/// A sign-in record is a sign-in.
fn signin_record(facts: &mut Facts<'_>) {
    let results: Vec<String> =
        facts.seen().iter().filter(|f| f.name == FactName::SigninResult).map(|f| f.value.clone()).collect();
    for result in results {
        facts.of_event(FactName::Hop, "sign-in");
        match &*result {
            "success" => facts.of_event(FactName::HopOk, "sign-in"),
            "failure" => facts.of_event(FactName::HopFailed, "sign-in"),
            _ => {}
        }
    }
}

/// A token answer inside a log or ticket.
fn token_in_text(facts: &mut Facts<'_>) {
    if facts.has(FactName::Token) {
        facts.of_event(FactName::Hop, "token");
        facts.of_event(FactName::HopOk, "token");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::synthetic::{Http, has, run, values};

    fn get(url: &str, status: i32) -> Vec<(FactName, String)> {
        run(flow, &Http::new("GET", url, status).sent("Authorization", "Bearer x").event())
    }

    #[test]
    fn calls_by_area() {
        for (path, hop) in [
            ("/v1.0/me", "me"),
            ("/v1.0/me?$select=mail", "me"),
            ("/v1.0/users/ann@contoso.example", "me"),
            ("/v1.0/me/mailFolders/inbox/messages?$top=1", "mailbox"),
            ("/v1.0/me/mailFolders('inbox')/messages", "mailbox"),
            ("/beta/me/calendarView?startDateTime=x", "calendar"),
            ("/v1.0/me/sendMail", "sync"),
            ("/v1.0/me/mailFolders/inbox/messages/delta", "sync"),
            ("/v1.0/subscriptions", "sync"),
        ] {
            let url = format!("https://graph.microsoft.com{path}");
            assert!(has(&get(&url, 200), FactName::HopOk, hop), "{path}");
            assert!(has(&get(&url, 404), FactName::HopFailed, hop), "{path}");
        }
        assert!(get("https://graph.microsoft.com/v1.0/organization", 200).is_empty());
    }

    #[test]
    fn challenges_and_silence_are_no_failures() {
        let url = "https://graph.microsoft.com/v1.0/me/messages";
        let facts = run(flow, &Http::new("GET", url, 401).event());
        assert!(has(&facts, FactName::Hop, "mailbox"));
        assert!(values(&facts, FactName::HopFailed).is_empty());
        assert!(has(&get(url, 401), FactName::HopFailed, "mailbox"));
        assert!(values(&get(url, 0), FactName::HopFailed).is_empty());
        assert!(run(flow, &Http::new("OPTIONS", url, 200).event()).is_empty());
    }

    #[test]
    fn soap_and_batch() {
        let soap = Http::new("POST", "https://outlook.office365.com/EWS/Exchange.asmx", 200)
            .body(r#"<s:Envelope><m:X ResponseClass="Error"></m:X></s:Envelope>"#);
        assert!(has(&run(flow, &soap.event()), FactName::HopFailed, "mailbox"));
        let event = Http::new("POST", "https://graph.microsoft.com/v1.0/$batch", 200)
            .asks(r#"{"requests":[{"id":"1","method":"GET","url":"/me"},{"id":"2","method":"GET","url":"/me/calendars?$top=1"}]}"#)
            .body(r#"{"responses":[{"id":"2","status":404},{"id":"1","status":200}]}"#)
            .event();
        let facts = run(flow, &event);
        assert!(has(&facts, FactName::HopOk, "me"), "{facts:?}");
        assert!(has(&facts, FactName::HopFailed, "calendar"));
    }

    #[test]
    fn sign_in_pages() {
        let page = |pgid: &str, code: &str| {
            format!(r#"<html><script>$Config={{"pgid":"{pgid}","sErrorCode":"{code}"}};</script></html>"#)
        };
        let post = |body: &str| {
            run(
                flow,
                &Http::new("POST", "https://login.microsoftonline.com/common/login", 200).body(body).event(),
            )
        };
        let wrong = post(&page("ConvergedSignIn", "50126"));
        assert!(has(&wrong, FactName::HopFailed, "sign-in"), "{wrong:?}");
        let next = post(&page("KmsiInterrupt", ""));
        assert!(has(&next, FactName::Hop, "sign-in"));
        assert!(values(&next, FactName::HopFailed).is_empty());
        assert!(has(&post(&page("ConvergedConsent", "")), FactName::Hop, "consent"));
    }

    #[test]
    fn token_endpoint() {
        let url = "https://login.microsoftonline.com/common/oauth2/v2.0/token";
        assert!(has(&run(flow, &Http::new("POST", url, 200).event()), FactName::HopOk, "token"));
        assert!(has(&run(flow, &Http::new("POST", url, 400).event()), FactName::HopFailed, "token"));
    }
}
