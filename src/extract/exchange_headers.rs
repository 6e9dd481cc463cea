//! What headers tell of the servers between: which Exchange answered, where Autodiscover points, cookies that keep a
//! session, restrictions that a proxy added, and clocks that disagree.
//!
//! In: headers of exchanges, Autodiscover answers, pasted header lists, Exchange proxy logs. Out: the facts named
//! above. Never: the value of a cookie.

use std::sync::LazyLock;

use crate::model::FactName;

use super::endpoint::{Endpoint, classify};
use super::payload::{Kind, Payload};
use super::view::{View, ViewAt};
use super::{Facts, Views};
use crate::pattern::Regex;

/// Clocks that differ by less are in step.
const SKEW: i64 = 30;

pub(super) fn exchange_headers(views: &Views<'_>, facts: &mut Facts<'_>) {
    for view in &views.list {
        match view.at {
            ViewAt::RequestHeader(name) => request_header(name, view, facts),
            ViewAt::ResponseHeader(name) => response_header(views, name, view, facts),
            ViewAt::ResponseBody { .. } if views.endpoint == Endpoint::Autodiscover => {
                xml_targets(view, facts)
            }
            ViewAt::Paste | ViewAt::RecordText | ViewAt::RecordField(_) => {
                xml_targets(view, facts);
                server_in_brackets(view, facts);
            }
            _ => {}
        }
    }
    for payload in views.payloads() {
        let view = views.view_of(payload);
        json_target(views, payload, view, facts);
        match payload.kind {
            Kind::Headers => pasted(payload, view, facts),
            Kind::Fields => proxy_log(payload, view, facts),
            Kind::Config
                if payload.get("pgid").is_some_and(|p| p.to_ascii_lowercase().starts_with("kmsi")) =>
            {
                facts.add(FactName::StaySignedIn, "yes", view.part, "pgid", "KmsiInterrupt");
            }
            _ => {}
        }
    }
}

fn request_header(name: &str, view: &View<'_>, facts: &mut Facts<'_>) {
    const RESTRICT: &[&str] =
        &["restrict-access-to-tenants", "restrict-access-context", "sec-restrict-tenant-access-policy"];
    let name = name.to_ascii_lowercase();
    if RESTRICT.contains(&&*name) {
        facts.add(FactName::TenantRestriction, "yes", view.part, "", &name);
    }
    if name == "cookie" && has_cookie(&view.text, ';') {
        facts.note(FactName::StaySignedIn, "yes", view.part);
    }
}

/// True when the persistent session cookie is there with a value.
fn has_cookie(text: &str, separator: char) -> bool {
    text.split([separator, '\n', ',']).any(|cookie| {
        let (name, value) = cookie.trim().split_once('=').unwrap_or_default();
        name.eq_ignore_ascii_case("ESTSAUTHPERSISTENT") && !value.trim().is_empty()
    })
}

fn response_header(views: &Views<'_>, name: &str, view: &View<'_>, facts: &mut Facts<'_>) {
    let name = name.to_ascii_lowercase();
    let status = views.as_exchange().and_then(|e| e.status);
    match &*name {
        "set-cookie" if has_cookie(&view.text, ';') => facts.note(FactName::StaySignedIn, "yes", view.part),
        "x-calculatedbetarget" | "x-beserver" | "x-feserver" | "x-calculatedfetarget" => {
            server(&name, &view.text, &views.host, status, view, facts);
        }
        "x-owa-version" if is_customer_host(&views.host) && is_exchange_call(views) => {
            on_premises(&name, view, facts)
        }
        "x-powered-by"
            if is_customer_host(&views.host) && is_exchange_call(views) && view.text.contains("ASP.NET") =>
        {
            on_premises(&name, view, facts);
        }
        "www-authenticate" if is_customer_host(&views.host) && is_exchange_call(views) => {
            let lower = view.text.to_ascii_lowercase();
            if ["basic", "ntlm", "negotiate"].iter().any(|scheme| lower.starts_with(scheme)) {
                on_premises(&name, view, facts);
            }
        }
        "date" if views.endpoint.is_microsoft() && views.response_header("age").is_none() => {
            skew(view, facts)
        }
        _ => {}
    }
}

/// Calls that an Exchange server answers.
fn is_exchange_call(views: &Views<'_>) -> bool {
    let path = classify(&views.url).path.to_ascii_lowercase();
    matches!(views.endpoint, Endpoint::Ews | Endpoint::Autodiscover)
        || ["/owa", "/mapi", "/api/v2.0/", "/rpc", "/microsoft-server-activesync"]
            .iter()
            .any(|p| path.starts_with(p))
}

fn is_microsoft_name(host: &str) -> bool {
    const DOMAINS: &[&str] = &[
        "outlook.com",
        "office.com",
        "office365.com",
        "office365.us",
        "outlook.cn",
        "exchangelabs.com",
        "microsoft.com",
        "microsoftonline.com",
        "office.net",
        "live.com",
        "windows.net",
        "outlook.office.us",
    ];
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    DOMAINS.iter().any(|d| host == *d || host.strip_suffix(d).is_some_and(|rest| rest.ends_with('.')))
}

fn is_customer_host(host: &str) -> bool {
    host.contains('.') && !is_microsoft_name(host)
}

/// A server that a header names. A failed call only proves that a directory server of the cloud answered, so that the
/// cloud counts where the call worked; a customer's server counts always.
fn server(name: &str, text: &str, host: &str, status: Option<i32>, view: &View<'_>, facts: &mut Facts<'_>) {
    static CLOUD: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?i)^[a-z0-9]{2,6}(?:pr|p)\d{2}[a-z]{2,3}\d{3,5}$"));
    let server = text.trim().to_ascii_lowercase();
    let shown = format!("{name}: {server}");
    if is_microsoft_name(&server) || CLOUD.is_match(&server) {
        if status.is_none_or(|s| (200..400).contains(&s)) {
            facts.add(FactName::Backend, "cloud", view.part, text.trim(), &shown);
        }
        return;
    }
    let bare = !server.contains('.');
    let shaped = !server.is_empty()
        && server.len() < 200
        && server.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    if shaped && (!bare || is_customer_host(host)) {
        facts.add(FactName::Backend, "on-premises", view.part, text.trim(), &shown);
    }
}

fn on_premises(name: &str, view: &View<'_>, facts: &mut Facts<'_>) {
    // The first word only: what follows a scheme may be a challenge with secrets in it.
    let head: String = view.text.split_whitespace().next().unwrap_or_default().chars().take(40).collect();
    facts.add(FactName::Backend, "on-premises", view.part, "", &format!("{name}: {head}"));
}

/// `[XX0PR00CA0000.namprd00.prod.outlook.com]` in answers of IMAP, POP and SMTP.
fn server_in_brackets(view: &View<'_>, facts: &mut Facts<'_>) {
    static SERVER: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?i)\[([a-z0-9-]+\.[a-z0-9-]+\.prod\.outlook\.com)\b"));
    if let Some(name) = SERVER.captures(&view.text).and_then(|c| c.get(1)) {
        facts.add(FactName::Backend, "cloud", view.part, name.as_str(), name.as_str());
    }
}

fn skew(view: &View<'_>, facts: &mut Facts<'_>) {
    let Some(ours) = facts.meta().time else { return };
    let Ok(theirs) = jiff::fmt::rfc2822::parse(view.text.trim()) else { return };
    let ahead = theirs.timestamp().as_second() - ours.as_second();
    if ahead.abs() > SKEW {
        facts.add(
            FactName::DateSkew,
            ahead.to_string(),
            view.part,
            &view.text,
            &format!("Date: {}", view.text),
        );
    }
}

/// Autodiscover v2: `{"Protocol":"REST","Url":"https://…"}`.
fn json_target(views: &Views<'_>, payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    let asked = views.endpoint == Endpoint::Autodiscover || view.is_free_text();
    if let (true, Some(_), Some(url)) = (asked, payload.at("Protocol"), payload.at("Url")) {
        target(url, view, facts);
    }
}

fn target(url: &str, view: &View<'_>, facts: &mut Facts<'_>) {
    let host = classify(url).host;
    let kind = match &*host {
        "" => return,
        h if h == "live.com" || h.ends_with(".live.com") => "personal",
        h if is_microsoft_name(h) => "cloud",
        h if h.contains('.') => "on-premises",
        _ => return,
    };
    facts.add(FactName::Autodiscover, kind, view.part, &host, &format!("Autodiscover: {host}"));
}

/// POX and SOAP answers: the addresses of Exchange in their settings.
fn xml_targets(view: &View<'_>, facts: &mut Facts<'_>) {
    static URL: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)<(?:EwsUrl|ASUrl|OOFUrl|MdbDN|RedirectUrl|ExternalEwsUrl|OWAUrl)\b[^>]*>\s*(https?://[^<\s]+)",
        )
    });
    static SETTING: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)<Name>(?:ExternalEwsUrl|InternalEwsUrl|EwsSupportedUrl)</Name>\s*<Value>\s*(https?://[^<\s]+)",
        )
    });
    static ADDRESS: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?i)<(?:RedirectAddr|RedirectTarget)>\s*[^<@\s]+@([a-z0-9.-]+)"));
    let text = &*view.text;
    if !text.contains("</") {
        return;
    }
    for hit in URL.captures_iter(text).chain(SETTING.captures_iter(text)).take(10) {
        target(hit.get(1).map_or("", |m| m.as_str()), view, facts);
    }
    if let Some(domain) = ADDRESS.captures(text).and_then(|c| c.get(1)).map(|m| m.as_str())
        && domain.to_ascii_lowercase().ends_with("mail.onmicrosoft.com")
    {
        facts.add(FactName::Autodiscover, "cloud", view.part, domain, &format!("redirected to {domain}"));
    }
}

/// Header lists pasted as text. Their host and status are not known.
fn pasted(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    for key in ["X-CalculatedBETarget", "X-BEServer", "X-FEServer"] {
        if let Some(text) = payload.get(key) {
            server(key, text, "", None, view, facts);
        }
    }
}

/// Exchange's own proxy log: the server that took the call.
fn proxy_log(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    if (payload.get("BackEndStatus").is_some() || payload.get("ProxyAction").is_some())
        && let Some(text) = payload.get("TargetServer").filter(|t| !t.is_empty())
    {
        let host = payload.get("UrlHost").unwrap_or_default();
        let status = payload.get("HttpStatus").and_then(|s| s.parse().ok());
        server("TargetServer", text, host, status, view, facts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::synthetic::{Http, has, paste, record, run, values};

    #[test]
    fn which_exchange_answered() {
        let cloud = Http::new("GET", "https://outlook.office365.com/api/v2.0/me/messages", 200)
            .got("X-CalculatedBETarget", "XX0PR00MB0000.namprd00.prod.outlook.com");
        assert!(has(&run(exchange_headers, &cloud.event()), FactName::Backend, "cloud"));
        let failed = Http::new("GET", "https://graph.microsoft.com/v1.0/me/messages", 404)
            .got("X-BEServer", "XX0PR00MB0000");
        assert!(run(exchange_headers, &failed.event()).is_empty());
        let own = Http::new("POST", "https://mail.contoso.example/EWS/Exchange.asmx", 401)
            .got("X-FEServer", "EXCH01")
            .got("WWW-Authenticate", "NTLM");
        assert!(has(&run(exchange_headers, &own.event()), FactName::Backend, "on-premises"));
        let facts = run(
            exchange_headers,
            &record("x", &[("BackEndStatus", "200"), ("TargetServer", "exch01.contoso.example")]),
        );
        assert!(has(&facts, FactName::Backend, "on-premises"), "{facts:?}");
    }

    #[test]
    fn where_autodiscover_points() {
        let v2 = |body: &'static str| {
            let event = Http::new(
                "GET",
                "https://autodiscover-s.outlook.com/autodiscover/autodiscover.json?Protocol=REST",
                200,
            );
            run(exchange_headers, &event.body(body).event())
        };
        assert!(has(
            &v2(r#"{"Protocol":"REST","Url":"https://mail.contoso.example/api"}"#),
            FactName::Autodiscover,
            "on-premises"
        ));
        assert!(has(
            &v2(r#"{"Protocol":"REST","Url":"https://outlook.office.com/api"}"#),
            FactName::Autodiscover,
            "cloud"
        ));
        let facts = run(
            exchange_headers,
            &paste("<Protocol><EwsUrl>https://mail.contoso.example/EWS/Exchange.asmx</EwsUrl></Protocol>"),
        );
        assert!(has(&facts, FactName::Autodiscover, "on-premises"));
    }

    #[test]
    fn cookies_restrictions_and_clocks() {
        let event = Http::new("GET", "https://login.microsoftonline.com/common/login", 200)
            .sent("Restrict-Access-To-Tenants", "contoso.example")
            .got("Set-Cookie", "x=1; path=/\nESTSAUTHPERSISTENT=planted-cookie; path=/")
            .got("Date", "Thu, 01 Jan 2026 00:10:00 GMT")
            .at("2026-01-01T00:00:00Z")
            .event();
        let facts = run(exchange_headers, &event);
        assert!(has(&facts, FactName::TenantRestriction, "yes"));
        assert!(has(&facts, FactName::StaySignedIn, "yes"));
        assert_eq!(values(&facts, FactName::DateSkew), ["600"]);
        let event = Http::new("GET", "https://login.microsoftonline.com/logout", 200)
            .got("Set-Cookie", "ESTSAUTHPERSISTENT=; expires=Thu, 01 Jan 1970 00:00:00 GMT")
            .got("Date", "Thu, 01 Jan 2026 00:00:12 GMT")
            .at("2026-01-01T00:00:00Z")
            .event();
        assert!(run(exchange_headers, &event).is_empty());
    }
}
