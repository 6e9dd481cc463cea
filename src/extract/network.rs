//! The way to Microsoft and the servers' health.
//!
//! In: views. Out: `network-error`, `proxy-answer`, `throttle`, `retry-after`, `server-fault`. Never: cancelled
//! beacons, other hosts' outages, or a failed call of the product's own services.

use std::sync::LazyLock;

use crate::model::{EventKind, FactName, Part};

use super::api_call::surface_of;
use super::endpoint::Endpoint;
use super::payload::Kind;
use super::sink::Facts;
use super::text::{Text, about_microsoft, around, names_microsoft_host};
use super::view::{ViewAt, Views};
use crate::pattern::Regex;

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    match &views.event.kind {
        EventKind::Exchange(_) => exchange(views, facts),
        _ => {
            for view in views.list.iter().filter(|v| v.is_free_text()) {
                logged(&view.text, view.part, facts);
            }
            for payload in views.payloads().iter().filter(|p| p.kind == Kind::Fields) {
                logged(&payload.context, views.view_of(payload).part, facts);
            }
            pasted_headers(views, facts);
        }
    }
    for view in views.list.iter().filter(|v| may_be_block_page(views, v.at)) {
        block_page(view.words(), &view.text, view.part, facts);
    }
    for text in views.texts() {
        limits(&text, facts);
    }
    batch_waits(views, facts);
}

/// True for an endpoint whose failure matters: sign-in, API, or the way back to the vendor.
fn matters(endpoint: Endpoint) -> bool {
    endpoint.is_microsoft() && endpoint != Endpoint::Logout || endpoint == Endpoint::Callback
}

fn exchange(views: &Views<'_>, facts: &mut Facts<'_>) {
    let Some(exchange) = views.as_exchange() else { return };
    let part = &exchange.url;
    let status = exchange.status;
    if status == Some(407) {
        facts.note(FactName::ProxyAnswer, "407", part);
    }
    if !matters(views.endpoint) || exchange.method.eq_ignore_ascii_case("OPTIONS") {
        return;
    }
    no_answer(views, facts);
    let Some(status) = status else { return };
    if views.endpoint == Endpoint::Callback {
        return;
    }
    let label = format!("{} {status}", views.host);
    let wait = views.response_header("retry-after");
    let asked = status == 429 || (500..600).contains(&status);
    if (500..600).contains(&status) {
        facts.add(FactName::ServerFault, status.to_string(), part, &views.url, &label);
    }
    if status == 429 || status == 503 && wait.is_some() {
        facts.add(FactName::Throttle, status.to_string(), part, &views.url, &label);
    }
    if let Some(view) = wait.filter(|_| asked) {
        let date = views.response_header("date").map(|v| v.text.to_string());
        if let Some(seconds) = seconds(&view.text, date.as_deref()) {
            facts.add(FactName::RetryAfter, seconds, view.part, &view.text, &label);
        }
    }
}

/// The recorder's words for an exchange without answer, or its status 0.
fn no_answer(views: &Views<'_>, facts: &mut Facts<'_>) {
    static NET: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"net::ERR_[A-Z0-9_]+|NS_ERROR_[A-Z0-9_]+"));
    /// The page went away or an extension was at work: no fault of the network.
    const HARMLESS: &[&str] =
        &["net::ERR_ABORTED", "NS_BINDING_ABORTED", "NS_ERROR_ABORT", "net::ERR_CACHE_MISS"];
    let Some(exchange) = views.as_exchange() else { return };
    let words = views.list.iter().find(|v| v.at == ViewAt::Error);
    if let Some(view) = words {
        let named = NET.find(&view.text).map(|m| m.as_str().to_owned());
        if named.as_deref().is_some_and(|n| HARMLESS.contains(&n)) || view.text.contains("ABORTED") {
            return;
        }
        let value = named.or_else(|| kind_of(&view.text).map(str::to_owned));
        if let Some(value) = value {
            facts.add(FactName::NetworkError, value, view.part, &view.text, &view.text);
            return;
        }
    }
    let silent = exchange.response_headers.is_empty()
        && exchange.response_body.as_ref().is_none_or(|b| b.text.is_empty());
    let main = surface_of(views.endpoint).is_some()
        || matches!(views.endpoint, Endpoint::Authorize | Endpoint::Token | Endpoint::Callback);
    if exchange.status == Some(0) && silent && main {
        facts.add(
            FactName::NetworkError,
            "status-0",
            &exchange.url,
            &views.host,
            &format!("{}: no answer", views.host),
        );
    }
}

/// What kind of network failure words speak of.
fn kind_of(text: &str) -> Option<&'static str> {
    static KINDS: LazyLock<[(&str, Regex); 5]> = LazyLock::new(|| {
        [
            (
                "dns",
                super::pattern(
                    r"(?i)\bENOTFOUND\b|EAI_AGAIN|getaddrinfo|name or service not known|UnknownHostException|could not resolve host|couldn't resolve host|no such host|NameResolution|remote name could not be resolved|temporary failure in name resolution|nodename nor servname",
                ),
            ),
            (
                "tls",
                super::pattern(
                    r"(?i)SSLHandshake|PKIX path|certificate verify failed|CERTIFICATE_VERIFY_FAILED|unable to get local issuer|self[- ]?signed[ _]cert|UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER|CERT_(?:HAS_EXPIRED|AUTHORITY|DATE|COMMON)|x509:|RemoteCertificate|could not establish trust relationship|SSL_ERROR|tls: |secure channel|SSL connection could not be established|certificate (?:is )?not trusted",
                ),
            ),
            ("refused", super::pattern(r"(?i)ECONNREFUSED|connection refused|actively refused")),
            (
                "reset",
                super::pattern(
                    r"(?i)ECONNRESET|connection (?:was )?reset|forcibly closed|socket hang up|unexpected eof|RemoteDisconnected",
                ),
            ),
            (
                "timeout",
                super::pattern(
                    r"(?i)ETIMEDOUT|ESOCKETTIMEDOUT|connect(?:ion)? ?timed? ?out|ConnectTimeout|read timed out|operation timed out|request timed out|SocketTimeout|did not properly respond after a period|host has failed to respond",
                ),
            ),
        ]
    });
    KINDS.iter().find(|(_, pattern)| pattern.is_match(text)).map(|(kind, _)| *kind)
}

/// Network failures that a log reports near the name of a Microsoft host.
fn logged(text: &str, part: &Part<'_>, facts: &mut Facts<'_>) {
    static TROUBLE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)\bENOTFOUND|EAI_AGAIN|getaddrinfo|name or service not known|UnknownHost|resolve host|no such host|NameResolution|name could not be resolved|name resolution|ECONN|refused|ETIMEDOUT|ESOCKETTIMEDOUT|timed? ?out|ConnectTimeout|reset|forcibly closed|hang up|SSL|certificate|PKIX|x509|self[- ]signed|trust relationship|tls: |issuer|net::ERR_[A-Z_]+|RemoteDisconnected|host has failed",
        )
    });
    static NET: LazyLock<Regex> = LazyLock::new(|| super::pattern(r"net::ERR_[A-Z0-9_]+"));
    static INSPECTION: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)self[- ]?signed[ _]cert(?:ificate)?[ _]in|unable to get local issuer|UNABLE_TO_GET_ISSUER|PKIX path building failed|zscaler|netskope|fortinet|fortigate|blue ?coat|sophos",
        )
    });
    static PROXY: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(r"(?i)\b407\b.{0,40}proxy|proxy authentication required|tunnel(?:ing)? .{0,60}\b407\b")
    });
    for hit in TROUBLE.find_iter(text).take(20) {
        let near = around(text, hit.start(), hit.end());
        let before = text.get(..hit.start()).unwrap_or_default();
        let host = names_microsoft_host(near)
            || names_microsoft_host(before.get(tail_from(before)..).unwrap_or_default());
        if !host {
            continue;
        }
        let value = NET.find(near).map(|m| m.as_str()).or_else(|| kind_of(near));
        let Some(value) = value.filter(|v| *v != "net::ERR_ABORTED") else { continue };
        facts.add(FactName::NetworkError, value, part, hit.as_str(), near);
        if value == "tls" && INSPECTION.is_match(near) {
            facts.add(FactName::ProxyAnswer, "tls-inspection", part, hit.as_str(), near);
        }
        break;
    }
    faults(text, part, facts);
    if let Some(hit) = PROXY.find(text) {
        facts.add(FactName::ProxyAnswer, "407", part, hit.as_str(), around(text, hit.start(), hit.end()));
    }
}

/// 5xx answers that a log reports of a Microsoft host.
fn faults(text: &str, part: &Part<'_>, facts: &mut Facts<'_>) {
    static FAULT: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)too many (50[0234]) error responses|\b(50[0234])\b[ :,'-]{1,3}(?:internal server error|server error|bad gateway|service unavailable|gateway time-?out)|(?:internal server error|bad gateway|service unavailable|gateway time-?out)[ :,(-]{1,3}(50[0234])\b",
        )
    });
    for c in FAULT.captures_iter(text).take(20) {
        let (Some(all), Some(status)) = (c.get(0), c.get(1).or(c.get(2)).or(c.get(3))) else { continue };
        let near = around(text, all.start(), all.end());
        let before = text.get(..all.start()).unwrap_or_default();
        let before = before.get(tail_from(before)..).unwrap_or_default();
        if names_microsoft_host(near) || names_microsoft_host(before) {
            facts.add(FactName::ServerFault, status.as_str(), part, all.as_str(), near);
            return;
        }
    }
}

/// Where the last 300 bytes begin.
fn tail_from(text: &str) -> usize {
    let mut at = text.len().saturating_sub(300);
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

fn pasted_headers(views: &Views<'_>, facts: &mut Facts<'_>) {
    for payload in views.payloads().iter().filter(|p| p.kind == Kind::Headers) {
        let view = views.view_of(payload);
        if !about_microsoft(&view.text) && payload.get("x-ms-ags-diagnostic").is_none() {
            continue;
        }
        let wait = payload.get("retry-after").and_then(|v| seconds(v, payload.get("date")));
        if let Some(seconds) = wait {
            facts.add(FactName::RetryAfter, seconds, view.part, "etry-", &payload.context);
        }
    }
}

/// `Retry-After` of requests inside a batch.
fn batch_waits(views: &Views<'_>, facts: &mut Facts<'_>) {
    for payload in
        views.payloads().iter().filter(|p| p.kind == Kind::Json && views.endpoint == Endpoint::Graph)
    {
        for member in payload.members.iter().filter(|m| m.key.eq_ignore_ascii_case("retry-after")) {
            if let Some(seconds) = seconds(&member.value, None) {
                facts.add(
                    FactName::RetryAfter,
                    seconds,
                    views.view_of(payload).part,
                    &member.value,
                    &member.path,
                );
            }
        }
    }
}

/// Seconds to wait, rounded up: a number, maybe decimal, or a date to be compared with the answer's own.
fn seconds(value: &str, date: Option<&str>) -> Option<String> {
    let value = value.trim();
    if let Ok(number) = value.parse::<f64>() {
        return (0.0..1e9).contains(&number).then(|| format!("{}", number.ceil() as u64));
    }
    let until = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    let now = jiff::fmt::rfc2822::parse(date?.trim()).ok()?.timestamp();
    Some((until.as_second() - now.as_second()).max(0).to_string())
}

/// Limits that an error names.
fn limits(of: &Text<'_>, facts: &mut Facts<'_>) {
    let (text, part) = (&*of.text, of.view.part);
    static LIMIT: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"\b(MailboxConcurrency|ApplicationThrottled|IncomingBytes|ErrorThrottleLimitExceeded|ErrorExceededConnectionCount|ErrorExceededSubscriptionCount|ErrorServerBusy|activityLimitReached)\b",
        )
    });
    static COUNT: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)\b429\b[ \t:,)"'-]{0,8}(?:\(?too many requests|throttl)|client application has been throttled|TooManyRequests"#,
        )
    });
    if !of.ours
        && !text.contains("MailboxConcurrency")
        && !text.contains("lient application has been throttled")
    {
        return;
    }
    for hit in LIMIT.find_iter(text).take(5) {
        facts.add(FactName::Throttle, hit.as_str(), part, hit.as_str(), around(text, hit.start(), hit.end()));
    }
    if let Some(hit) = COUNT.find(text) {
        facts.add(FactName::Throttle, "429", part, hit.as_str(), around(text, hit.start(), hit.end()));
    }
}

/// True where a page may stand instead of what was asked for: an answer of a Microsoft host, or a page in a log.
fn may_be_block_page(views: &Views<'_>, at: ViewAt<'_>) -> bool {
    match at {
        ViewAt::ResponseBody { .. } => views.endpoint.is_microsoft() || views.endpoint == Endpoint::Callback,
        ViewAt::Paste | ViewAt::RecordText | ViewAt::RecordField(_) => true,
        _ => false,
    }
}

/// A web filter's or proxy's page.
fn block_page(words: &str, whole: &str, part: &Part<'_>, facts: &mut Facts<'_>) {
    static VENDOR: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)zscaler|forcepoint|websense|fortiguard|fortigate|blue ?coat|symantec web|netskope|barracuda web|cisco umbrella|opendns|palo alto networks|mcafee web gateway|skyhigh|sophos web|smoothwall|squid/|web ?filter|content filter|url filter|secure web gateway",
        )
    });
    static BLOCKED: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)access (?:to this (?:site|page|website) )?(?:is |has been |was )?(?:blocked|denied|restricted)|(?:page|site|website|request|url) (?:is |has been |was )?blocked|blocked by (?:your |the )?(?:administrator|organi[sz]ation|company|policy|network)|zugriff (?:wurde )?(?:gesperrt|blockiert|verweigert)|acc(?:è|&egrave;)s (?:bloqu|refus|interdit)|acceso (?:bloqueado|denegado)|アクセスがブロック|toegang (?:geblokkeerd|geweigerd)|acesso (?:bloqueado|negado)|accesso (?:bloccato|negato)",
        )
    });
    static MARKUP: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?i)</?(?:html|body|head|div|title|style)\b"));
    let words = words.get(..words.len().min(20_000)).unwrap_or(words);
    // People write of blocked access, too: only a page is an answer.
    if !MARKUP.is_match(whole) {
        return;
    }
    let Some(hit) = BLOCKED.find(words) else { return };
    let named = VENDOR.is_match(whole);
    let headline = hit.start() < 2_000 && words.len() < 4_000;
    if named || headline && !about_microsoft(words) {
        let context = around(words, hit.start(), hit.end());
        facts.add(FactName::ProxyAnswer, "block-page", part, hit.as_str(), context);
        facts.add(FactName::Phrase, "proxy-block-page", part, hit.as_str(), context);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exchange, paste, record, spelled, with_headers};
    use super::*;

    const GRAPH: &str = "https://graph.microsoft.com/v1.0/me/messages";

    #[test]
    fn statuses_and_waits() {
        let event = with_headers("GET", GRAPH, 429, "", "", &[("Retry-After", "2.128")]);
        assert_eq!(spelled(&event, extract), ["throttle=429", "retry-after=3"]);
        let headers =
            [("Retry-After", "Mon, 05 Jan 2026 10:00:30 GMT"), ("Date", "Mon, 05 Jan 2026 10:00:00 GMT")];
        let event = with_headers("GET", GRAPH, 503, "", "", &headers);
        assert_eq!(spelled(&event, extract), ["server-fault=503", "throttle=503", "retry-after=30"]);
        assert!(spelled(&exchange("GET", "https://app.example/x", 503, "", ""), extract).is_empty());
    }

    #[test]
    fn no_answer_from_a_host_that_matters() {
        let found = |url: &'static str, status, words: &'static str| {
            let mut event = exchange("GET", url, status, "", "");
            if let EventKind::Exchange(exchange) = &mut event.kind {
                exchange.response_body = None;
                exchange.error = (!words.is_empty()).then(|| Part::plain(words.as_bytes(), 0));
            }
            spelled(&event, extract)
        };
        assert_eq!(
            found(GRAPH, 0, "net::ERR_NAME_NOT_RESOLVED"),
            ["network-error=net::ERR_NAME_NOT_RESOLVED"]
        );
        assert_eq!(found(GRAPH, 0, ""), ["network-error=status-0"]);
        assert!(found(GRAPH, 0, "net::ERR_ABORTED").is_empty());
        assert!(
            found("https://browser.events.data.microsoft.com/x", 0, "net::ERR_BLOCKED_BY_CLIENT").is_empty()
        );
        assert!(found("https://app.example/x", 0, "").is_empty());
    }

    #[test]
    fn log_words() {
        for (text, fact) in [
            ("Error: getaddrinfo ENOTFOUND login.microsoftonline.com", "network-error=dns"),
            ("connect ECONNREFUSED smtp.office365.com:587", "network-error=refused"),
            ("https://graph.microsoft.com: read timed out", "network-error=timeout"),
            ("SSLError(host='graph.microsoft.com'): certificate verify failed", "network-error=tls"),
            (
                "graph.microsoft.com: self signed certificate in certificate chain",
                "proxy-answer=tls-inspection",
            ),
            ("Tunnel connection failed: 407 Proxy Authentication Required", "proxy-answer=407"),
            ("Application is over its MailboxConcurrency limit.", "throttle=MailboxConcurrency"),
        ] {
            assert!(spelled(&record(text), extract).contains(&fact.to_owned()), "{text}");
        }
        for text in [
            "connect ECONNREFUSED db.internal.example:5432",
            "request timed out for shop.example",
            "user reset password",
        ] {
            assert!(spelled(&record(text), extract).is_empty(), "{text}");
        }
    }

    #[test]
    fn block_pages() {
        let page = "<html><head><title>Access blocked</title></head><body>Blocked by your administrator (web filter)</body></html>";
        let event = exchange(
            "GET",
            "https://login.microsoftonline.com/common/oauth2/v2.0/token",
            200,
            "text/html",
            page,
        );
        assert_eq!(spelled(&event, extract), ["proxy-answer=block-page", "phrase=proxy-block-page"]);
        assert!(spelled(&paste("Access blocked, what can I do?"), extract).is_empty());
    }
}
