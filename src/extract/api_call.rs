//! What a call of Microsoft's APIs was about, and how it ended.
//!
//! In: views. Out: `api-ok`, `api-status`, `api-area`, `api-target`, `api-surface` of failed calls, `batch-inner`.
//! Never: pre-flight requests, pages of Outlook on the web, or a product's own API.

use std::sync::LazyLock;

use crate::model::{FactName, Part};

use super::endpoint::{self, Endpoint};
use super::payload::{Kind, Payload};
use super::sink::Facts;
use super::text::{about_microsoft, around};
use super::view::{View, ViewAt, Views};
use crate::pattern::Regex;

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    match views.as_exchange() {
        Some(_) => exchange(views, facts),
        None => logged(views, facts),
    }
    for payload in views.payloads() {
        batch(views, payload, facts);
    }
}

/// Name of the API behind an endpoint; `None` for all that is not an API.
pub(super) fn surface_of(endpoint: Endpoint) -> Option<&'static str> {
    Some(match endpoint {
        Endpoint::Graph => "graph",
        Endpoint::Outlook => "outlook",
        Endpoint::Ews => "ews",
        Endpoint::Autodiscover => "autodiscover",
        Endpoint::AadGraph => "aadgraph",
        Endpoint::Arm => "arm",
        _ => return None,
    })
}

/// True for a call of an API: Outlook's host serves pages, too.
fn is_call(endpoint: Endpoint, path: &str) -> bool {
    match endpoint {
        Endpoint::Outlook => path.to_ascii_lowercase().starts_with("/api/"),
        other => surface_of(other).is_some(),
    }
}

fn exchange(views: &Views<'_>, facts: &mut Facts<'_>) {
    let Some(exchange) = views.as_exchange() else { return };
    let seen = endpoint::classify(&views.url);
    let Some(status) = exchange.status else { return };
    if exchange.method.eq_ignore_ascii_case("OPTIONS") || !is_call(seen.endpoint, seen.path) {
        return;
    }
    let area = match seen.endpoint {
        Endpoint::Ews => ews_area(views),
        _ => area_of(seen.endpoint, seen.path),
    };
    let failed_inside = seen.endpoint == Endpoint::Ews && super::ews::has_error(views);
    if (200..300).contains(&status) && !failed_inside {
        if seen.endpoint == Endpoint::Arm {
            return;
        }
        facts.note(FactName::ApiOk, area, &exchange.url);
    } else if status >= 400 || failed_inside {
        failed(seen.endpoint, seen.path, area, Some(status), &exchange.url, &views.url, facts);
        if seen.endpoint == Endpoint::Ews
            && let Some(whose) = ews_mailbox(views)
        {
            facts.add(FactName::ApiTarget, "other", &exchange.url, &whose, &format!("folder of {whose}"));
        }
    }
}

/// The mailbox that a SOAP request names beside a folder: somebody else's, as one's own needs no name.
fn ews_mailbox(views: &Views<'_>) -> Option<String> {
    static OWNER: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"<(?:\w+:)?DistinguishedFolderId\b[^>]*>\s*<(?:\w+:)?Mailbox>\s*<(?:\w+:)?EmailAddress>\s*([^<\s]{3,254})",
        )
    });
    let request = views.list.iter().find(|v| matches!(v.at, ViewAt::RequestBody { .. }))?;
    Some(OWNER.captures(&request.text)?.get(1)?.as_str().to_ascii_lowercase())
}

fn failed(
    endpoint: Endpoint,
    path: &str,
    area: &str,
    status: Option<i32>,
    part: &Part<'_>,
    context: &str,
    facts: &mut Facts<'_>,
) {
    let label = context.split(['?', '#']).next().unwrap_or_default();
    facts.add(FactName::ApiArea, area, part, path, label);
    if let Some(status) = status.filter(|s| *s >= 400) {
        facts.add(FactName::ApiStatus, status.to_string(), part, path, &format!("{label} {status}"));
    }
    if let Some(surface) = surface_of(endpoint) {
        facts.note(FactName::ApiSurface, surface, part);
    }
    if let Some(target) = target_of(path) {
        facts.add(FactName::ApiTarget, target, part, path, label);
    }
    // One subscription by its id: it was this that was not found, whatever the code is called.
    if area == "subscription" && status == Some(404) && segments(path).len() > 1 {
        facts.add(FactName::ApiText, "SubscriptionNotFound", part, path, label);
    }
}

/// Segments of a path after the version.
fn segments(path: &str) -> Vec<String> {
    let path = path.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let mut all: Vec<String> = path.split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect();
    let version = |s: &String| {
        s == "beta"
            || s == "api"
            || s.strip_prefix('v').is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()))
    };
    while all.first().is_some_and(version) {
        all.remove(0);
    }
    all
}

/// Whose data a path asks for.
pub(super) fn target_of(path: &str) -> Option<&'static str> {
    let all = segments(path);
    let first = all.first().map(String::as_str).unwrap_or_default();
    if first == "me" {
        Some("own")
    } else if first == "users" && all.len() > 1 || first.starts_with("users(") || first.starts_with("users('")
    {
        Some("other")
    } else {
        None
    }
}

/// What a path of Graph or Outlook is about.
pub(super) fn area_of(endpoint: Endpoint, path: &str) -> &'static str {
    if matches!(endpoint, Endpoint::Autodiscover | Endpoint::Arm) {
        return "other";
    }
    let all = segments(path);
    let word = |s: &String| s.split('(').next().unwrap_or_default().to_owned();
    let words: Vec<String> = all.iter().map(word).collect();
    let has = |names: &[&str]| words.iter().any(|w| names.contains(&&**w));
    if has(&["$batch"]) {
        "batch"
    } else if has(&["subscriptions"]) {
        "subscription"
    } else if has(&["delta", "microsoft.graph.delta"]) {
        "delta"
    } else if has(&["sendmail", "send", "reply", "replyall", "forward", "microsoft.graph.sendmail"]) {
        "send"
    } else if has(&CALENDAR) {
        "calendar"
    } else if has(&["contacts", "contactfolders", "people"]) {
        "contacts"
    } else if has(&[
        "messages",
        "mailfolders",
        "mailboxsettings",
        "inferenceclassification",
        "mastercategories",
    ]) {
        "mailbox"
    } else if words.first().is_some_and(|w| w == "me") && (words.len() == 1 || has(&["photo", "photos"])) {
        "me"
    } else if has(&DIRECTORY) {
        "directory"
    } else {
        "other"
    }
}

const CALENDAR: [&str; 9] = [
    "calendar",
    "calendars",
    "calendarview",
    "calendargroups",
    "events",
    "findmeetingtimes",
    "getschedule",
    "findrooms",
    "places",
];
const DIRECTORY: [&str; 14] = [
    "users",
    "groups",
    "organization",
    "directoryobjects",
    "subscribedskus",
    "licensedetails",
    "memberof",
    "transitivememberof",
    "manager",
    "directory",
    "domains",
    "serviceprincipals",
    "applications",
    "oauth2permissiongrants",
];

/// What a SOAP request is about, by its operation.
fn ews_area(views: &Views<'_>) -> &'static str {
    static CALENDAR: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"CalendarView|GetUserAvailability|CalendarItem|Id=.calendar"));
    static SEND: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"<(?:\w+:)?SendItem\b|MessageDisposition=.Send"));
    let request = views.list.iter().find(|v| matches!(v.at, ViewAt::RequestBody { .. }));
    match request.map(|v| &*v.text) {
        Some(text) if SEND.is_match(text) => "send",
        Some(text) if CALENDAR.is_match(text) => "calendar",
        _ => "mailbox",
    }
}

/// Calls that a log quotes with their result.
fn logged(views: &Views<'_>, facts: &mut Facts<'_>) {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)(?:\b([1-5]\d\d)\b[^\n]{0,60}?)?(https://(?:[a-z-]+\.)*(?:graph\.microsoft\.(?:com|us)|outlook\.office(?:365)?\.com)/[^\s"'<>|)\\,]+)(?:[^\n]{0,40}?(?:\b(?:status|code|http/[12.]+|returned|failed with|responded with|:)?|->|=>)[\s"':=]{1,4}([1-5]\d\d)\b)?"#,
        )
    });
    for view in views.list.iter().filter(|v| v.is_free_text()) {
        for c in CALL.captures_iter(&view.text).take(50) {
            let (Some(all), Some(url)) = (c.get(0), c.get(2)) else { continue };
            // A guest's sign-in name, which people forget to encode, is no fragment.
            let whole = url.as_str().replace("#EXT#", "%23EXT%23");
            let seen = endpoint::classify(&whole);
            if !is_call(seen.endpoint, seen.path) {
                continue;
            }
            let status = c
                .get(3)
                .or(c.get(1).filter(|_| all.as_str().contains("for url")))
                .and_then(|m| m.as_str().parse::<i32>().ok())
                .or_else(|| status_field(views));
            let area = area_of(seen.endpoint, seen.path);
            match status {
                Some(200..=299) => facts.add(FactName::ApiOk, area, view.part, url.as_str(), url.as_str()),
                Some(s) if s >= 400 => {
                    let context = around(&view.text, all.start(), all.end());
                    failed(seen.endpoint, seen.path, area, Some(s), view.part, context, facts);
                    if (500..600).contains(&s) && !facts.has(FactName::ServerFault) {
                        facts.add(FactName::ServerFault, s.to_string(), view.part, url.as_str(), context);
                    }
                }
                _ => {}
            }
        }
        if about_microsoft(&view.text) {
            by_path(view, facts);
        }
        chained(view, facts);
    }
}

/// `/me/events returns 401`: a call without its host, in a text about Microsoft.
fn by_path(view: &View<'_>, facts: &mut Facts<'_>) {
    static PATH: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)(?:^|[\s"'`(])((?:/(?:v1\.0|beta))?/(?:me|users/[^\s"'/]{1,128})/(?:messages|mailfolders|events|calendars?|calendarview|calendargroups|sendmail|contacts|contactfolders|mailboxsettings)\b[^\s"'`<>|)\\,]{0,400})[^\n]{0,40}?(?:\b(?:status|code|returned|returns|gives|gave|answers|failed with|responded with|:)?|->|=>)[\s"'`:=]{1,4}(4\d\d)\b"#,
        )
    });
    for c in PATH.captures_iter(&view.text).take(20) {
        let (Some(path), Some(status)) = (c.get(1), c.get(2)) else { continue };
        let area = area_of(Endpoint::Graph, path.as_str());
        let context = around(&view.text, path.start(), status.end());
        failed(Endpoint::Graph, path.as_str(), area, status.as_str().parse().ok(), view.part, context, facts);
    }
}

/// `Access Denied … .Users["x"].MailFolders`: the call as the library's program writes it, with a refusal near it.
fn chained(view: &View<'_>, facts: &mut Facts<'_>) {
    static CHAIN: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)\.Users\[[^\]\n]{1,160}\]\s{0,80}\.(MailFolders|Messages|Calendar|Calendars|CalendarView|Events|Contacts|ContactFolders|SendMail)\b"#,
        )
    });
    static REFUSED: LazyLock<Regex> = LazyLock::new(|| super::pattern(r"(?i)\baccess (?:is )?denied\b"));
    let Some(hit) = CHAIN.captures(&view.text) else { return };
    let (Some(all), Some(what)) = (hit.get(0), hit.get(1)) else { return };
    let context = around(&view.text, all.start(), all.end());
    if !REFUSED.is_match(context) && !context.contains("ErrorAccessDenied") {
        return;
    }
    let path = format!("/users/x/{}", what.as_str());
    failed(Endpoint::Graph, &path, area_of(Endpoint::Graph, &path), None, view.part, context, facts);
    if !context.contains("ErrorAccessDenied") {
        facts.add(FactName::ApiText, "ErrorAccessDenied", view.part, all.as_str(), context);
    }
}

/// The HTTP status in a field of a structured record.
fn status_field(views: &Views<'_>) -> Option<i32> {
    const KEYS: &[&str] =
        &["status", "statuscode", "status_code", "http_status", "httpstatus", "responsestatus"];
    let fields = views.payloads().iter().find(|p| p.kind == Kind::Fields)?;
    fields
        .members
        .iter()
        .find(|m| KEYS.contains(&&*m.key.to_ascii_lowercase()))
        .and_then(|m| m.value.trim().parse().ok())
        .filter(|s| (100..600).contains(s))
}

/// Statuses of the requests inside a `$batch` answer.
fn batch(views: &Views<'_>, payload: &Payload, facts: &mut Facts<'_>) {
    let view = views.view_of(payload);
    if payload.kind != Kind::Json || matches!(view.at, ViewAt::RequestBody { .. }) || !is_batch(payload) {
        return;
    }
    let part = view.part;
    for member in &payload.members {
        let Some(number) = position(&member.path, ".status") else { continue };
        let Ok(status) = member.value.trim().parse::<i32>() else { continue };
        let id = payload.at(&format!("responses.{number}.id")).unwrap_or_default();
        let url = request_url(views, id);
        let area = url.as_deref().map(|u| area_of(Endpoint::Graph, u));
        if status >= 400 {
            let context = format!("request {id} of a batch: {status} {}", url.as_deref().unwrap_or_default());
            facts.add(FactName::BatchInner, status.to_string(), part, &member.value, &context);
            facts.add(FactName::ApiStatus, status.to_string(), part, &member.value, &context);
            facts.note(FactName::ApiSurface, "graph", part);
            if let Some(area) = area {
                facts.add(FactName::ApiArea, area, part, &member.value, &context);
            }
            if let Some(target) = url.as_deref().and_then(target_of) {
                facts.add(FactName::ApiTarget, target, part, &member.value, &context);
            }
        } else if let Some(area) = area.filter(|_| (200..300).contains(&status)) {
            facts.note(FactName::ApiOk, area, part);
        }
    }
}

fn is_batch(payload: &Payload) -> bool {
    payload.members.iter().take(200).any(|m| position(&m.path, ".id").is_some())
        && payload.members.iter().any(|m| position(&m.path, ".status").is_some())
}

/// `7` for `responses.7.status`.
fn position<'m>(path: &'m str, end: &str) -> Option<&'m str> {
    let middle = path.strip_prefix("responses.")?.strip_suffix(end)?;
    middle.bytes().all(|b| b.is_ascii_digit()).then_some(middle)
}

/// The URL that the request with that id asked for.
fn request_url(views: &Views<'_>, id: &str) -> Option<String> {
    let requests =
        views.payloads().iter().find(|p| p.members.iter().any(|m| m.path.starts_with("requests.0.")))?;
    let member = requests
        .members
        .iter()
        .find(|m| m.key == "id" && m.value == id && m.path.starts_with("requests."))?;
    let prefix = member.path.strip_suffix("id")?;
    requests.at(&format!("{prefix}url")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exchange as event, paste, spelled};
    use super::*;

    #[test]
    fn areas() {
        for (path, area) in [
            ("/v1.0/me", "me"),
            ("/v1.0/me/messages?$top=1", "mailbox"),
            ("/v1.0/me/mailFolders('inbox')", "mailbox"),
            ("/v1.0/me/mailFolders/inbox/messages/delta", "delta"),
            ("/v1.0/users/a@contoso.example/calendar/events", "calendar"),
            ("/v1.0/me/sendMail", "send"),
            ("/v1.0/subscriptions", "subscription"),
            ("/v1.0/$batch", "batch"),
            ("/v1.0/users", "directory"),
            ("/beta/organization", "directory"),
            ("/api/v2.0/me/contacts", "contacts"),
        ] {
            assert_eq!(area_of(Endpoint::Graph, path), area, "{path}");
        }
        assert_eq!(target_of("/v1.0/me/messages"), Some("own"));
        assert_eq!(target_of("/v1.0/users/x/messages"), Some("other"));
        assert_eq!(target_of("/v1.0/users"), None);
    }

    #[test]
    fn failed_and_succeeded_calls() {
        let url = "https://graph.microsoft.com/v1.0/me/messages";
        assert_eq!(spelled(&event("GET", url, 200, "", ""), extract), ["api-ok=mailbox"]);
        assert_eq!(
            spelled(&event("GET", url, 403, "", ""), extract),
            ["api-area=mailbox", "api-status=403", "api-surface=graph", "api-target=own"]
        );
        assert!(spelled(&event("OPTIONS", url, 200, "", ""), extract).is_empty());
        assert!(spelled(&event("GET", "https://outlook.office.com/mail/", 200, "", ""), extract).is_empty());
        assert!(spelled(&event("GET", "https://app.example/api/me", 403, "", ""), extract).is_empty());
    }

    #[test]
    fn logged_call() {
        let text = "Client Error: 404 Client Error: Not Found for url: https://graph.microsoft.com/v1.0/me/messages | x";
        assert_eq!(
            spelled(&paste(text), extract),
            ["api-area=mailbox", "api-status=404", "api-surface=graph", "api-target=own"]
        );
    }

    #[test]
    fn calls_in_other_spellings() {
        let found = |text: &str| spelled(&paste(text), extract);
        let guest = "GET https://graph.microsoft.com/v1.0/users/ann_fabrikam.example#EXT#@contoso.onmicrosoft.com/events -> 401";
        assert_eq!(
            found(guest),
            ["api-area=calendar", "api-status=401", "api-surface=graph", "api-target=other"]
        );
        assert_eq!(
            found("With Microsoft Graph /me/messages returns 401"),
            ["api-area=mailbox", "api-status=401", "api-surface=graph", "api-target=own"]
        );
        assert!(found("our /me/messages returns 401").is_empty());
        let chain = "client\n .Users[\"u-1\"]\n .Calendar\n .Request()";
        assert!(found(chain).is_empty());
        assert_eq!(
            found(&format!("Access denied at {chain}")),
            ["api-area=calendar", "api-surface=graph", "api-target=other", "api-text=ErrorAccessDenied"]
        );
        let gone = "PATCH https://graph.microsoft.com/v1.0/subscriptions/s-1 -> 404";
        assert!(found(gone).contains(&"api-text=SubscriptionNotFound".to_owned()));
    }

    #[test]
    fn inside_a_batch() {
        let body = r#"{"responses":[{"id":"1","status":404,"body":{}},{"id":"2","status":200,"body":{}}]}"#;
        let found = spelled(
            &event("POST", "https://graph.microsoft.com/v1.0/$batch", 200, "application/json", body),
            extract,
        );
        assert_eq!(found, ["api-ok=batch", "batch-inner=404", "api-status=404", "api-surface=graph"]);
    }
}
