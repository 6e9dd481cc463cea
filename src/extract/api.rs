//! Error codes of Graph, Outlook REST and their relatives.
//!
//! In: views. Out: `api-code` (every nested one), `api-surface`, `unknown-code`. Never: the error codes of a product's
//! own API: outside Microsoft's hosts a code counts when it is Microsoft's alone, or stands beside Microsoft's words.

use std::sync::LazyLock;

use crate::knowledge;
use crate::model::{FactName, Part};

use super::api_call::surface_of;
use super::endpoint::Endpoint;
use super::passing::is_name;
use super::payload::{Kind, Payload};
use super::sink::Facts;
use super::text::{Text, about_microsoft, about_others, around};
use super::view::{ViewAt, Views};
use crate::pattern::Regex;

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    for payload in views.payloads() {
        members(views, payload, facts);
    }
    for text in views.texts() {
        spoken(&text, is_foreign_answer(views), facts);
        specific(&text, facts);
    }
}

/// Codes in the error members of a payload, outermost first.
fn members(views: &Views<'_>, payload: &Payload, facts: &mut Facts<'_>) {
    let view = views.view_of(payload);
    let readable = matches!(payload.kind, Kind::Json | Kind::Fields)
        && !matches!(view.at, ViewAt::RequestBody { .. } | ViewAt::RequestHeader(_));
    if !readable {
        return;
    }
    let from_api = surface_of(views.endpoint).is_some();
    let ours =
        from_api || has_inner_ids(payload) || about_microsoft(&payload.context) && !is_foreign_answer(views);
    let mut found = false;
    for member in payload.members.iter().filter(|m| is_error_code(&m.path)) {
        let code = member.value.trim();
        if !is_code(code) {
            continue;
        }
        let known = knowledge::api(code).is_some();
        if known && (ours || is_distinct(code)) || from_api || has_inner_ids(payload) {
            add(code, view.part, &payload.context, facts);
            found = true;
            if !known && views.endpoint != Endpoint::Arm {
                facts.add(FactName::UnknownCode, code, view.part, code, &payload.context);
            }
        }
    }
    if found {
        surface(views, payload, facts);
    }
}

/// True for an answer of a host that is not Microsoft's.
fn is_foreign_answer(views: &Views<'_>) -> bool {
    views.as_exchange().is_some() && !views.endpoint.is_microsoft()
}

fn add(code: &str, part: &Part<'_>, context: &str, facts: &mut Facts<'_>) {
    facts.add(FactName::ApiCode, code, part, code, context);
}

fn surface(views: &Views<'_>, payload: &Payload, facts: &mut Facts<'_>) {
    let view = views.view_of(payload);
    let text = &*payload.context;
    let name = surface_of(views.endpoint).or_else(|| {
        Some(
            if payload.members.iter().any(|m| m.path.starts_with("odata.error"))
                || text.contains("graph.windows.net")
            {
                "aadgraph"
            } else if text.contains("management.azure.") || text.contains("management.core.windows.") {
                "arm"
            } else if text.contains("outlook.office") {
                "outlook"
            } else if has_inner_ids(payload) || text.contains("graph.microsoft") {
                "graph"
            } else {
                return None;
            },
        )
    });
    if let Some(name) = name {
        facts.note(FactName::ApiSurface, name, view.part);
    }
}

/// True for `…error.code`, `…innerError.code`, `…odata.error.code`, `…details.0.code`.
fn is_error_code(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let Some(parent) = lower.strip_suffix(".code").or_else(|| lower.strip_suffix(".errorcode")) else {
        return false;
    };
    let last = parent.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').rsplit('.').next();
    matches!(last, Some("error" | "innererror" | "details" | "odataerror" | "mainerror"))
}

/// An identifier, not a sentence or a number.
fn is_code(value: &str) -> bool {
    (3..=90).contains(&value.len())
        && value.starts_with(|c: char| c.is_ascii_alphabetic())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:".contains(&b))
}

fn has_inner_ids(payload: &Payload) -> bool {
    payload.members.iter().any(|m| {
        let path = m.path.to_ascii_lowercase();
        path.contains("innererror.")
            && (path.ends_with("request-id") || path.ends_with("requestid") || path.ends_with(".date"))
    })
}

/// True for a code that nobody but Microsoft's mailbox and directory APIs use.
fn is_distinct(code: &str) -> bool {
    const GENERIC: &[&str] = &[
        "badrequest",
        "notfound",
        "forbidden",
        "internalservererror",
        "unknownerror",
        "serviceunavailable",
        "accessdenied",
        "unauthenticated",
        "invalidrequest",
        "toomanyrequests",
        "notsupported",
        "generalexception",
        "itemnotfound",
        "validationerror",
        "notimplemented",
        "notallowed",
        "gatewaytimeout",
        "badgateway",
        "unauthorizedaccess",
        "tokenexpired",
        "tokennotfound",
        "authenticationerror",
        "authenticationfailure",
        "resourcenotfound",
        "servicenotavailable",
        "usernotfound",
        "internalerror",
        "invaliduser",
        "serverbusy",
        "redirecturl",
        "redirectaddress",
        "invaliddomain",
        "invalidsetting",
        "notfederated",
        "identitynotfound",
        "nameAlreadyExists",
        "invalidrange",
        "throttledrequest",
        "quotalimitreached",
        "subscriptionnotfound",
    ];
    let lower = code.to_ascii_lowercase();
    lower.len() > 8
        && !GENERIC.iter().any(|g| g.eq_ignore_ascii_case(&lower))
        && knowledge::api(code).is_some()
}

/// `Code: X`, `code = 'X'`, `odataerror_code:X`: codes in the words of a library.
fn spoken(text: &Text<'_>, foreign: bool, facts: &mut Facts<'_>) {
    static SPOKEN: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)\b(?:error[ _-]?|odataerror_)?code\b["'\\]*\s*(?:[:=]|=>)\s*["'\\]*([A-Za-z][A-Za-z_]{4,80})\b"#,
        )
    });
    if !text.ours && !text.text.contains("ServiceException") && !text.text.contains("ODataError") {
        return;
    }
    for c in SPOKEN.captures_iter(&text.text).take(50) {
        let (Some(all), Some(code)) = (c.get(0), c.get(1)) else { continue };
        let context = around(&text.text, all.start(), all.end());
        let counts = is_distinct(code.as_str()) || !foreign && knowledge::api(code.as_str()).is_some();
        if counts && !about_others(context) {
            add(code.as_str(), text.view.part, context, facts);
            named_surface(context, text, facts);
        }
    }
}

/// Codes that nobody else uses, as words of a log or ticket.
fn specific(text: &Text<'_>, facts: &mut Facts<'_>) {
    static WORD: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"\b(?:Error[A-Z][A-Za-z]{4,60}|(?:Authorization|Request|Directory|Authentication)_[A-Z][A-Za-z]{3,60}|[A-Za-z]*ForRESTAPI|RESTAPI[A-Za-z]{4,60}|InvalidAuthenticationToken|MailboxInfoStale|MailboxStoreUnavailable|MailboxConcurrency|ApplicationThrottled|ResourceUnhealthy|NoPermissionsInAccessToken|OrganizationFromTenantGuidNotFound|ExtensionError|SyncStateInvalid|[Ss]yncStateNotFound|resyncRequired|activityLimitReached)\b",
        )
    });
    if !may_be_specific(&text.text) {
        debug_assert!(!WORD.is_match(&text.text));
        return;
    }
    for hit in WORD.find_iter(&text.text).take(50) {
        let before = text.text.get(..hit.start()).unwrap_or_default();
        let after = text.text.get(hit.end()..).unwrap_or_default();
        let identifier = before.ends_with(['/', '$', '@', '_'])
            || before.ends_with('.')
                && !before.ends_with("ResponseCode.")
                && !before.ends_with("ServiceError.")
                && !before.ends_with("exchangelib.errors.")
            || after.starts_with(['(', '_', '$'])
            || after.starts_with('.')
                && after.get(1..2).is_some_and(|c| c.chars().all(char::is_alphanumeric));
        if identifier
            || is_name(&text.text, hit.start(), hit.end())
            || hit.as_str() == "MailboxConcurrency"
            || knowledge::api(hit.as_str()).is_none()
        {
            continue;
        }
        let context = around(&text.text, hit.start(), hit.end());
        add(hit.as_str(), text.view.part, context, facts);
        named_surface(context, text, facts);
    }
}

/// False where no word stands that begins as those codes do. "error" stands in most texts, but not as they spell it.
fn may_be_specific(text: &str) -> bool {
    static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"RESTAPI|InvalidAuthenticationToken|MailboxInfoStale|MailboxStoreUnavailable|MailboxConcurrency|ApplicationThrottled|ResourceUnhealthy|NoPermissionsInAccessToken|OrganizationFromTenantGuidNotFound|ExtensionError|SyncStateInvalid|yncStateNotFound|resyncRequired|activityLimitReached",
        )
    });
    let bytes = text.as_bytes();
    let is_capital = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
    let error = |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with("Error"));
    memchr::memchr_iter(b'E', bytes).any(|at| is_capital(at + "Error".len()) && error(at))
        || memchr::memchr_iter(b'_', bytes).any(|at| is_capital(at + 1))
        || WHOLE.is_match(text)
}

/// The API that the surroundings name.
fn named_surface(context: &str, text: &Text<'_>, facts: &mut Facts<'_>) {
    let lower = context.to_ascii_lowercase();
    let name = if lower.contains("graph.microsoft")
        || lower.contains("microsoft.graph")
        || lower.contains("odataerror")
    {
        "graph"
    } else if lower.contains("outlook.office") && lower.contains("/api/") {
        "outlook"
    } else if lower.contains("exchange.asmx")
        || lower.contains("exchange.webservices")
        || lower.contains(" ews")
    {
        "ews"
    } else {
        return;
    };
    facts.note(FactName::ApiSurface, name, text.view.part);
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exchange, paste, record, spelled};
    use super::*;

    #[test]
    fn nested_codes_in_order() {
        let body = r#"{"error":{"code":"Forbidden","message":"x","innerError":{"code":"ErrorAccessDenied","request-id":"1"}}}"#;
        let event =
            exchange("GET", "https://graph.microsoft.com/v1.0/me/messages", 403, "application/json", body);
        assert_eq!(
            spelled(&event, extract),
            ["api-code=Forbidden", "api-code=ErrorAccessDenied", "api-surface=graph"]
        );
        assert_eq!(spelled(&paste(body), extract).len(), 3);
    }

    #[test]
    fn unknown_code_of_a_microsoft_host() {
        let body = r#"{"error":{"code":"ErrorSomethingNew","message":"x"}}"#;
        let event = exchange("GET", "https://graph.microsoft.com/v1.0/me", 400, "application/json", body);
        assert!(spelled(&event, extract).contains(&"unknown-code=ErrorSomethingNew".to_owned()));
    }

    #[test]
    fn renderings() {
        for (text, code) in [
            (
                "ServiceException: Code: Authorization_RequestDenied\nMessage: Insufficient privileges",
                "Authorization_RequestDenied",
            ),
            (
                r#"{"odata.error":{"code":"Authorization_RequestDenied","message":{"lang":"en","value":"x"}}}"#,
                "Authorization_RequestDenied",
            ),
            ("ODataError: Code: NotFound Message: no mailbox", "NotFound"),
            ("sync failed: MailboxNotEnabledForRESTAPI", "MailboxNotEnabledForRESTAPI"),
            (r#"msg="{\"error\":{\"code\":\"ErrorItemNotFound\"}}""#, "ErrorItemNotFound"),
            (
                r#"{"responses":[{"id":"1","status":404,"body":{"error":{"code":"ErrorItemNotFound"}}}]}"#,
                "ErrorItemNotFound",
            ),
        ] {
            assert!(spelled(&paste(text), extract).contains(&format!("api-code={code}")), "{text}");
        }
    }

    #[test]
    fn no_specific_code_is_passed_over() {
        for code in [
            "ErrorItemNotFound",
            "Authorization_RequestDenied",
            "MailboxNotEnabledForRESTAPI",
            "MailboxStoreUnavailable",
            "ApplicationThrottled",
            "SyncStateNotFound",
            "syncStateNotFound",
            "resyncRequired",
            "activityLimitReached",
        ] {
            assert!(may_be_specific(&format!("x {code}.")), "{code}");
        }
        assert!(!may_be_specific("ERROR error_code Errors and rest_api, SyncState"));
    }

    #[test]
    fn other_peoples_codes() {
        for text in [
            r#"{"error":{"code":"NotFound","message":"no such order"}}"#,
            "at Contoso.ErrorInvalidUser.Handle()",
            "code: Forbidden in shop",
        ] {
            assert!(spelled(&record(text), extract).is_empty(), "{text}");
        }
        let body = r#"{"error":{"code":"Forbidden","message":"no"}}"#;
        let event = exchange("GET", "https://app.example/api/x", 403, "application/json", body);
        assert!(spelled(&event, extract).is_empty());
    }
}
