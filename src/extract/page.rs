//! Pages of Microsoft's sign-in.
//!
//! In: views. Out: `page` (the page id and what kind of page it is), `consent-shown`, `consumer-code` of live.com
//! pages. Never: pages of other hosts.

use std::sync::LazyLock;

use crate::knowledge;
use crate::model::FactName;

use super::endpoint::Endpoint;
use super::payload::{Kind, Payload};
use super::sink::Facts;
use super::text::{Text, around};
use super::view::{ViewAt, Views};
use crate::pattern::Regex;

/// Beginning of a page id, lower case, and the kind of page.
const KINDS: &[(&str, &str)] = &[
    ("convergedsignin", "sign-in"),
    ("convergederror", "error"),
    ("kmsiinterrupt", "kmsi"),
    ("convergedtfa", "mfa"),
    ("convergedproofup", "mfa-registration"),
    ("convergedconsent", "consent"),
    ("appconsent", "consent"),
    ("consent", "consent"),
    ("convergedadminconsent", "need-admin"),
    ("convergedconditionalaccess", "conditional-access"),
    ("conditionalaccess", "conditional-access"),
    ("convergedchangepassword", "change-password"),
    ("convergedaccountpicker", "account-picker"),
    ("selectaccount", "account-picker"),
];

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    for payload in views.payloads().iter().filter(|p| p.kind == Kind::Config) {
        config(views, payload, facts);
    }
    for view in views.list.iter().filter(|v| may_show(views, v.at)) {
        words(view.words(), views.endpoint, view.part, facts);
    }
    for text in views.texts() {
        legacy(&text, views, facts);
    }
    consumer_redirect(views, facts);
    consumer_consent(views, facts);
}

/// The page of account.live.com that asks whether the app may see the account's data. It bears no page id.
fn consumer_consent(views: &Views<'_>, facts: &mut Facts<'_>) {
    let Some(exchange) = views.as_exchange() else { return };
    let shown = exchange.method.eq_ignore_ascii_case("GET") && exchange.status == Some(200);
    if views.endpoint == Endpoint::Consent && shown && views.host.ends_with("live.com") {
        facts.add(FactName::Page, "consent", &exchange.url, &views.host, "page that asks for consent");
        facts.add(FactName::ConsentShown, "accept", &exchange.url, &views.host, "page that asks for consent");
    }
}

/// True for an answer of the sign-in hosts, and for a ticket that quotes one.
fn may_show(views: &Views<'_>, at: ViewAt<'_>) -> bool {
    match at {
        ViewAt::ResponseBody { mime } => {
            mime.contains("html")
                && matches!(
                    views.endpoint,
                    Endpoint::Authorize
                        | Endpoint::SignIn
                        | Endpoint::Consent
                        | Endpoint::Consumer
                        | Endpoint::AdminConsent
                )
        }
        ViewAt::Paste => true,
        _ => false,
    }
}

fn config(views: &Views<'_>, payload: &Payload, facts: &mut Facts<'_>) {
    let part = views.view_of(payload).part;
    if views.as_exchange().is_some() && !views.endpoint.is_microsoft() {
        return;
    }
    if let Some(id) = payload.get("pgid").filter(|id| !id.is_empty() && id.len() < 60) {
        let lower = id.to_ascii_lowercase();
        let kind = KINDS.iter().find(|(start, _)| lower.starts_with(start)).map(|(_, kind)| *kind);
        facts.add(FactName::Page, lower, part, id, &format!("page {id}"));
        if let Some(kind) = kind {
            facts.add(FactName::Page, kind, part, id, &format!("page {id}"));
            if kind == "need-admin" || kind == "consent" && asks_admin(payload) {
                facts.add(FactName::Page, "need-admin", part, id, &format!("page {id}"));
                facts.add(FactName::ConsentShown, "admin", part, id, &format!("page {id}"));
            } else if kind == "consent" {
                facts.add(FactName::ConsentShown, "accept", part, id, &format!("page {id}"));
            }
        }
    }
    if payload.members.iter().any(|m| m.path.starts_with("arrSessions.1.")) {
        facts.add(
            FactName::Page,
            "account-picker",
            part,
            "arrSessions",
            "several signed-in accounts to pick from",
        );
    }
    let code = payload.get("sErrorCode").map(str::trim).filter(|c| is_legacy(c));
    if let Some(code) = code {
        facts.add(FactName::ConsumerCode, code.to_ascii_lowercase(), part, code, &payload.context);
    }
}

/// True where a consent page only lets the user ask an administrator.
fn asks_admin(payload: &Payload) -> bool {
    payload.members.iter().any(|m| {
        m.value.len() < 300 && m.value.to_ascii_lowercase().contains("need admin approval")
            || m.key.eq_ignore_ascii_case("fShowAdminConsentRequest") && m.value == "true"
    })
}

/// Headlines that pages bear in their text.
fn words(text: &str, endpoint: Endpoint, part: &crate::model::Part<'_>, facts: &mut Facts<'_>) {
    static NEED_ADMIN: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)need admin approval|that only an admin can grant|管理者の承認が必要|Administratorgenehmigung erforderlich",
        )
    });
    static CONSENT: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?is)permissions requested.{0,600}(?:this app would like to|accept)|this app would like to:.{0,600}accept",
        )
    });
    let text = text.get(..text.len().min(100_000)).unwrap_or(text);
    if let Some(hit) = NEED_ADMIN.find(text) {
        let context = around(text, hit.start(), hit.end());
        facts.add(FactName::Page, "need-admin", part, hit.as_str(), context);
        facts.add(FactName::ConsentShown, "admin", part, hit.as_str(), context);
    } else if let Some(hit) =
        CONSENT.find(text).filter(|_| endpoint.is_microsoft() || text.contains("Cancel"))
    {
        let context = around(text, hit.start(), hit.start());
        facts.add(FactName::Page, "consent", part, "Permissions requested", context);
        facts.add(FactName::ConsentShown, "accept", part, "Permissions requested", context);
    }
}

/// A code of the older sign-in system: eight hexadecimal digits that begin with 8004 or CFFF.
fn is_legacy(code: &str) -> bool {
    let bare = code.trim_start_matches("0x").trim_start_matches("0X");
    let upper = bare.to_ascii_uppercase();
    bare.len() == 8
        && bare.bytes().all(|b| b.is_ascii_hexdigit())
        && (upper.starts_with("8004") || upper.starts_with("CFFF"))
}

/// Known legacy codes in words about Microsoft.
fn legacy(of: &Text<'_>, views: &Views<'_>, facts: &mut Facts<'_>) {
    let (text, part) = (&*of.text, of.view.part);
    static HRESULT: LazyLock<Regex> = LazyLock::new(|| super::pattern(r"\b(?:0[xX])?(8004[0-9A-Fa-f]{4})\b"));
    if !of.ours && !views.endpoint.is_microsoft() {
        return;
    }
    for c in HRESULT.captures_iter(text).take(10) {
        let (Some(all), Some(code)) = (c.get(0), c.get(1)) else { continue };
        let upper = code.as_str().to_ascii_uppercase();
        let known = knowledge::oauth(&upper).next().is_some()
            || knowledge::oauth(&format!("0x{upper}")).next().is_some();
        if known {
            let context = around(text, all.start(), all.end());
            facts.add(
                FactName::ConsumerCode,
                code.as_str().to_ascii_lowercase(),
                part,
                code.as_str(),
                context,
            );
        }
    }
}

/// `…&hr=80041012` or `errcode=` in a redirect of live.com.
fn consumer_redirect(views: &Views<'_>, facts: &mut Facts<'_>) {
    for payload in views.payloads().iter().filter(|p| p.is_params() && p.base.contains("live.com")) {
        let code = ["hr", "errcode", "errorcode", "ec"].iter().find_map(|key| payload.get(key));
        if let Some(code) = code.filter(|c| is_legacy(c)) {
            let part = views.view_of(payload).part;
            facts.add(FactName::ConsumerCode, code.to_ascii_lowercase(), part, code, &payload.base);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exchange, paste, spelled};
    use super::*;

    const URL: &str = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=1";

    #[test]
    fn kinds() {
        for (id, kind) in [("ConvergedSignIn", "sign-in"), ("ConvergedTFA", "mfa"), ("KmsiInterrupt", "kmsi")]
        {
            let html =
                format!("<html><script>$Config={{\"pgid\":\"{id}\",\"sErrorCode\":\"\"}};</script></html>");
            let found = spelled(&exchange("GET", URL, 200, "text/html", &html), extract);
            assert_eq!(found, [format!("page={}", id.to_lowercase()), format!("page={kind}")]);
        }
    }

    #[test]
    fn consent_and_need_admin() {
        let html = r#"<html><script>$Config={"pgid":"ConvergedConsent"};</script></html>"#;
        let found = spelled(&exchange("GET", URL, 200, "text/html", html), extract);
        assert!(found.contains(&"consent-shown=accept".to_owned()));
        let html = r#"<html><script>$Config={"pgid":"ConvergedConsent"};</script><h1>Need admin approval</h1></html>"#;
        let found = spelled(&exchange("GET", URL, 200, "text/html", html), extract);
        assert!(found.contains(&"consent-shown=admin".to_owned()));
        assert!(
            spelled(&paste("Need admin approval\nApp needs permission"), extract)
                .contains(&"page=need-admin".to_owned())
        );
    }

    #[test]
    fn consumer_codes() {
        let html =
            r#"<html><script>var ServerData = {"sErrorCode":"80041012","sErrTxt":"x"};</script></html>"#;
        let url = "https://login.live.com/ppsecure/post.srf";
        assert!(
            spelled(&exchange("POST", url, 200, "text/html", html), extract)
                .contains(&"consumer-code=80041012".to_owned())
        );
        assert!(spelled(&paste("HRESULT 0x80041010 from WMI"), extract).is_empty());
    }
}
