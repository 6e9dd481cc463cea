//! Whose account: the addresses that stand in hints, anchors, sign-in pages, tokens and answers of `/me`.
//!
//! In: one event. Out: identities in lower case, account type, directory ids. Never: a comparison between them, a
//! password that stands beside a typed name, or the token of an XOAUTH2 line.

use std::sync::LazyLock;

use crate::knowledge::CONSUMER_TENANT;
use crate::model::FactName;

use super::endpoint::{Endpoint, classify};
use super::payload::{Kind, Payload};
use super::view::{View, ViewAt};
use super::{Facts, Views};
use crate::pattern::Regex;

pub(super) fn identity(views: &Views<'_>, facts: &mut Facts<'_>) {
    for view in &views.list {
        if let ViewAt::RequestHeader(name) = view.at
            && name.eq_ignore_ascii_case("x-anchormailbox")
        {
            anchor(&view.text, view, facts);
        }
        outlook_alias(view, facts);
        if matches!(view.at, ViewAt::Paste) {
            intended(view, facts);
        }
    }
    realm_name(views, facts);
    for payload in views.payloads() {
        let view = views.view_of(payload);
        for key in ["X-AnchorMailbox", "AnchorMailbox"] {
            payload.all(key).for_each(|value| anchor(value, view, facts));
        }
        typed(views, view, payload, facts);
        picked(payload, view, facts);
        me(views, view, payload, facts);
        said(payload, view, facts);
    }
}

/// An identity that stands in `text`, with what its form tells of the account; false when it is none.
pub(super) fn note(name: FactName, text: &str, key: &str, view: &View<'_>, facts: &mut Facts<'_>) -> bool {
    let Some(found) = account(text) else { return false };
    facts.add(name, found.address.as_str(), view.part, text.trim(), &format!("{key}: {}", text.trim()));
    if found.guest {
        facts.note(FactName::AccountType, "guest", view.part);
    }
    if let Some(provider) = found.provider {
        facts.note(FactName::Idp, provider, view.part);
    }
    true
}

/// `Oid:<oid>@<tid>`, `UPN:ann@…`, `SMTP:ann@…`, `Smtp~ann@…`, `UserInfo~ann@…`, or a bare address.
fn anchor(text: &str, view: &View<'_>, facts: &mut Facts<'_>) {
    let (kind, rest) = text.split_once([':', '~']).unwrap_or(("", text));
    if kind.eq_ignore_ascii_case("oid") {
        let (oid, tid) = rest.split_once('@').unwrap_or((rest, ""));
        if is_guid(oid) {
            facts.note(FactName::Oid, oid.to_ascii_lowercase(), view.part);
        }
        if tid.eq_ignore_ascii_case(CONSUMER_TENANT) {
            facts.note(FactName::AccountType, "personal", view.part);
        }
        if is_guid(tid) {
            facts.note(FactName::Tenant, tid.to_ascii_lowercase(), view.part);
        }
        return;
    }
    note(FactName::IdHint, rest, "X-AnchorMailbox", view, facts);
}

/// The system-made address of a personal account whose mail lives elsewhere.
fn outlook_alias(view: &View<'_>, facts: &mut Facts<'_>) {
    static ALIAS: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?i)outlook_[0-9a-f]{16}(?:@|%40)outlook\.com"));
    for hit in ALIAS.find_iter(&view.text).take(5) {
        let address = hit.as_str().to_ascii_lowercase().replace("%40", "@");
        facts.add(FactName::OutlookAlias, address.as_str(), view.part, hit.as_str(), &address);
    }
}

/// Names typed on a sign-in page: look-ups of the credential type, login posts, and pages that repeat the name.
fn typed(views: &Views<'_>, view: &View<'_>, payload: &Payload, facts: &mut Facts<'_>) {
    let keys: &[&str] = match (view.at, payload.kind) {
        (_, Kind::Config) => &["sPOST_Username", "sSigninName"],
        (ViewAt::RequestBody { .. } | ViewAt::FormParam(_), _) => match views.endpoint {
            Endpoint::CredentialType => &["username"],
            Endpoint::SignIn | Endpoint::Consumer | Endpoint::Authorize => &["login", "loginfmt"],
            _ => &[],
        },
        _ => &[],
    };
    for key in keys {
        if let Some(name) = payload.get(key) {
            note(FactName::IdTyped, name, key, view, facts);
        }
    }
}

/// The name in the address of a realm look-up: `/common/userrealm/ann@contoso.example`, `?login=ann%40…`.
fn realm_name(views: &Views<'_>, facts: &mut Facts<'_>) {
    if views.endpoint != Endpoint::UserRealm {
        return;
    }
    let Some(view) = views.list.iter().find(|v| v.at == ViewAt::RequestUrl) else { return };
    let seen = classify(&views.url);
    let login =
        seen.query.split('&').find_map(|p| p.strip_prefix("login=").or_else(|| p.strip_prefix("user=")));
    let name = login.or_else(|| seen.path.rsplit('/').next()).unwrap_or_default().replace("%40", "@");
    note(FactName::IdTyped, &name, "userrealm", view, facts);
}

/// Accounts that the picker offered or that were signed in already.
fn picked(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    if payload.kind != Kind::Config {
        return;
    }
    for member in &payload.members {
        let path = member.path.to_ascii_lowercase();
        let tile = path.starts_with("arrsessions.")
            || path.starts_with("arrtiles.")
            || path.starts_with("selectedaccount");
        if tile {
            note(FactName::IdPicked, &member.value, "account", view, facts);
        }
    }
}

/// Answers of `/me` and `/users/{id}`, also inside `$batch` and logs.
fn me(views: &Views<'_>, view: &View<'_>, payload: &Payload, facts: &mut Facts<'_>) {
    let readable =
        matches!(view.at, ViewAt::ResponseBody { .. }) && is_directory(views) || view.is_free_text();
    if !readable || !matches!(payload.kind, Kind::Json | Kind::Fields) {
        return;
    }
    outlook_me(views, payload, view, facts);
    let Some(upn) = payload.members.iter().find(|m| m.key.eq_ignore_ascii_case("userPrincipalName")) else {
        return;
    };
    let prefix = upn.path.get(..upn.path.len() - upn.key.len()).unwrap_or_default();
    let at = |key: &str| payload.at(&format!("{prefix}{key}"));
    let is_user = at("mail").is_some()
        || payload.is_null(&format!("{prefix}mail"))
        || at("businessPhones").is_some()
        || at("proxyAddresses.0").is_some()
        || payload.at("@odata.context").is_some_and(|c| c.contains("$metadata#users"));
    // A list of other people, and a sign-in record, are not the answer of `/me`.
    if !is_user
        || prefix.ends_with(|c: char| c.is_ascii_digit())
        || prefix.starts_with("value.")
        || at("status.errorCode").is_some()
    {
        return;
    }
    note(FactName::IdUpn, &upn.value, "userPrincipalName", view, facts);
    if let Some(mail) = at("mail").filter(|m| !m.is_empty()) {
        note(FactName::IdMailbox, mail, "mail", view, facts);
        facts.add(FactName::MeMail, "present", view.part, "\"mail\"", "mail is set");
    } else if payload.is_null(&format!("{prefix}mail")) {
        facts.add(FactName::MeMail, "null", view.part, "\"mail\"", "\"mail\": null");
    }
    for member in payload.members.iter().filter(|m| m.path.starts_with(prefix)) {
        if matches!(&*member.key, "proxyAddresses" | "otherMails" | "imAddresses") {
            let address = member.value.split_once(':').map_or(&*member.value, |(_, a)| a);
            note(FactName::IdProxy, address, &member.key, view, facts);
        }
    }
    note_directory_id(at("id"), view, facts);
    if at("userType").is_some_and(|t| t.eq_ignore_ascii_case("guest")) {
        facts.note(FactName::AccountType, "guest", view.part);
    }
}

/// A GUID in a tenant's directory; sixteen hexadecimal digits for a personal account.
fn note_directory_id(id: Option<&str>, view: &View<'_>, facts: &mut Facts<'_>) {
    match id {
        Some(id) if is_guid(id) => facts.note(FactName::Oid, id.to_ascii_lowercase(), view.part),
        Some(id) if id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()) => {
            facts.note(FactName::AccountType, "personal", view.part);
        }
        _ => {}
    }
}

/// `/me` of the old Outlook API: `EmailAddress`, `Alias`, `MailboxGuid`.
fn outlook_me(views: &Views<'_>, payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    let alias = payload.at("Alias").unwrap_or_default();
    if views.endpoint == Endpoint::Outlook && (payload.at("MailboxGuid").is_some() || !alias.is_empty()) {
        if let Some(address) = payload.at("EmailAddress") {
            note(FactName::IdMailbox, address, "EmailAddress", view, facts);
        }
        if alias.starts_with("puid-") {
            facts.note(FactName::AccountType, "personal", view.part);
        }
    }
}

fn is_directory(views: &Views<'_>) -> bool {
    matches!(views.endpoint, Endpoint::Graph | Endpoint::Outlook | Endpoint::AadGraph)
}

/// What a vendor's record says that the user wanted.
fn said(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    const KEYS: &[&str] = &[
        "intended_email",
        "intendedEmail",
        "expected_email",
        "expectedEmail",
        "requested_email",
        "requestedEmail",
        "intended_account",
    ];
    for key in KEYS {
        if let Some(value) = payload.get(key) {
            note(FactName::IdIntended, value, key, view, facts);
        }
    }
}

/// The address that a ticket's writer wants connected; only when the words point at exactly one.
fn intended(view: &View<'_>, facts: &mut Facts<'_>) {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?xi) (?: \b(?:my|our|his|her|their|the\ (?:user|customer|client)'?s?|correct|right|intended|expected|actual|real)
                    \s (?:(?:work|business|office\s365|outlook|e-?mail|mailbox|login)\s){0,2} (?:address|account|mailbox|e-?mail|inbox|calendar) \s?(?:is|:|=|should\sbe|was)?
                | \b(?:connect|connecting|link|linking|add|adding|expected|intended|wanted|instead\sof) (?:\s(?:to|with|my|the|her|his|their|our|it|as|be|a))*
                    (?:\s(?:work|office\s365|outlook|shared|e-?mail))* (?:\s(?:address|account|mailbox|e-?mail|inbox|calendar))? \s?(?:is|:|=)?
            ) \s* [\x22'<(]* ([\w.+'-]+@[\w-]+(?:\.[\w-]+)+)",
        )
    });
    let text = view.text.get(..view.text.len().min(64 * 1024)).unwrap_or(&view.text);
    let mut found: Vec<(String, &str)> = Vec::new();
    for hit in WORDS.captures_iter(text) {
        let Some(word) = hit.get(1).map(|m| m.as_str()) else { continue };
        if let Some(found_account) = account(word)
            && !found.iter().any(|(a, _)| *a == found_account.address)
        {
            found.push((found_account.address, word));
        }
    }
    if let [(address, word)] = found.as_slice() {
        facts.add(FactName::IdIntended, address.as_str(), view.part, word, word);
    }
}

/// A sign-in name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    /// Lower case; for a guest the address at home.
    pub(super) address: String,
    /// The name carried `#EXT#`.
    pub(super) guest: bool,
    /// Canonical provider where the name says it (`live.com#ann@…`).
    pub(super) provider: Option<&'static str>,
}

/// Reads a sign-in name or address; `None` when it is neither (a phone number, a mark of a sanitiser, a sentence).
pub(super) fn account(text: &str) -> Option<Account> {
    let lower = text.trim().trim_matches(['"', '\'', '<', '>']).to_lowercase();
    let (provider, lower) = match lower.split_once('#') {
        Some(("live.com", rest)) => (Some("live.com"), rest.to_owned()),
        Some(("google.com", rest)) => (Some("google.com"), rest.to_owned()),
        _ => (None, lower),
    };
    if let Some((local, _)) = lower.split_once("#ext#@") {
        let address = match local.rsplit_once('_') {
            Some((name, domain)) if domain.contains('.') => format!("{name}@{domain}"),
            _ => lower.clone(),
        };
        return is_address(&address.replace("#ext#", "")).then_some(Account {
            address,
            guest: true,
            provider,
        });
    }
    is_address(&lower).then_some(Account { address: lower, guest: false, provider })
}

/// One `@`, a dotted domain, and no character that would make it something else.
pub(super) fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let fine = |c: char| c.is_alphanumeric() || "!$%&'*+-./=?^_`~".contains(c);
    let labels_fine = domain
        .split('.')
        .all(|l| !l.is_empty() && l.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_'));
    !local.is_empty()
        && local.len() <= 128
        && domain.len() <= 190
        && local.chars().all(fine)
        && !local.contains("**")
        && domain.contains('.')
        && labels_fine
        && !domain.rsplit('.').next().unwrap_or_default().chars().all(|c| c.is_ascii_digit())
}

/// A GUID with dashes that is not all zeros.
pub(super) fn is_guid(text: &str) -> bool {
    let groups = [8, 4, 4, 4, 12];
    let mut parts = text.split('-');
    groups
        .iter()
        .all(|n| parts.next().is_some_and(|p| p.len() == *n && p.bytes().all(|b| b.is_ascii_hexdigit())))
        && parts.next().is_none()
        && text.bytes().any(|b| b != b'0' && b != b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_accounts() {
        let read = |t: &str| account(t).map(|a| (a.address, a.guest, a.provider));
        assert_eq!(read("Ann@Contoso.example"), Some(("ann@contoso.example".into(), false, None)));
        assert_eq!(
            read("bob_smith_fabrikam.example#EXT#@contoso.onmicrosoft.com"),
            Some(("bob_smith@fabrikam.example".into(), true, None))
        );
        assert_eq!(
            read("live.com#eve@gmail.example"),
            Some(("eve@gmail.example".into(), false, Some("live.com")))
        );
        for text in
            ["+15550100", "***@contoso.example", "[redacted]", "a@b", "a@192.0.2.1", "x y@contoso.example"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    use crate::extract::synthetic::{Http, has, paste, run, values};

    #[test]
    fn typed_picked_and_hinted() {
        let event =
            Http::new("POST", "https://login.microsoftonline.com/common/GetCredentialType?mkt=en", 200)
                .sent("X-AnchorMailbox", "UPN:Ann@contoso.example")
                .asks(r#"{"username":"typed@contoso.example","flowToken":"planted"}"#)
                .event();
        let facts = run(identity, &event);
        assert!(has(&facts, FactName::IdTyped, "typed@contoso.example"));
        assert!(has(&facts, FactName::IdHint, "ann@contoso.example"));
        let event = Http::new("POST", "https://login.microsoftonline.com/common/login", 200)
            .form("login=ann%40contoso.example&passwd=planted-password%40x.example&ctx=planted")
            .event();
        assert_eq!(run(identity, &event), [(FactName::IdTyped, "ann@contoso.example".to_owned())]);
        for path in [
            "common/userrealm/ann%40contoso.example?api-version=1.0",
            "GetUserRealm.srf?login=ann%40contoso.example",
        ] {
            let url = format!("https://login.microsoftonline.com/{path}");
            let facts = run(identity, &Http::new("GET", &url, 200).event());
            assert!(has(&facts, FactName::IdTyped, "ann@contoso.example"), "{path}: {facts:?}");
        }
        let page = r#"<html><script>$Config={"arrSessions":[{"name":"bob@fabrikam.example","id":"x"}],"sPOST_Username":"ann@contoso.example"};</script>"#;
        let event = Http::new(
            "GET",
            "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=1",
            200,
        )
        .body(page);
        let facts = run(identity, &event.event());
        assert!(has(&facts, FactName::IdPicked, "bob@fabrikam.example"), "{facts:?}");
        assert!(has(&facts, FactName::IdTyped, "ann@contoso.example"));
    }

    #[test]
    fn answers_of_me() {
        let me = |body: &str| {
            run(identity, &Http::new("GET", "https://graph.microsoft.com/v1.0/me", 200).body(body).event())
        };
        let facts = me(
            r#"{"userPrincipalName":"Ann@contoso.example","mail":null,"id":"11111111-2222-3333-4444-555555555555"}"#,
        );
        assert!(has(&facts, FactName::IdUpn, "ann@contoso.example"));
        assert!(has(&facts, FactName::MeMail, "null"));
        let facts = me(
            r#"{"userPrincipalName":"ann@gmail.example","mail":"outlook_0123456789ABCDEF@outlook.com","id":"0123456789abcdef","proxyAddresses":["SMTP:a@contoso.example"]}"#,
        );
        assert!(has(&facts, FactName::IdMailbox, "outlook_0123456789abcdef@outlook.com"));
        assert!(has(&facts, FactName::OutlookAlias, "outlook_0123456789abcdef@outlook.com"));
        assert!(has(&facts, FactName::AccountType, "personal"));
        assert!(has(&facts, FactName::IdProxy, "a@contoso.example"));
        let facts =
            me(r#"{"value":[{"userPrincipalName":"other@contoso.example","mail":"other@contoso.example"}]}"#);
        assert!(values(&facts, FactName::IdUpn).is_empty(), "a list of people is not the user");
    }

    #[test]
    fn what_the_ticket_says() {
        let facts = run(
            identity,
            &paste("Hi, my email address is ann@contoso.example but it shows bob@fabrikam.example."),
        );
        assert_eq!(values(&facts, FactName::IdIntended), ["ann@contoso.example"]);
        let facts = run(
            identity,
            &paste("I tried connecting ann@contoso.example, then I tried to connect bob@fabrikam.example"),
        );
        assert!(values(&facts, FactName::IdIntended).is_empty(), "two candidates are none");
    }

    #[test]
    fn guids() {
        assert!(is_guid("11111111-2222-3333-4444-555555555555"));
        assert!(!is_guid("00000000-0000-0000-0000-000000000000"));
        assert!(!is_guid("11111111-2222-3333-4444-55555555555g"));
    }
}
