//! What free text says in passing: the authority of a sign-in URL, a guest's sign-in name, and whose connection a
//! record of a vendor's log is about.
//!
//! In: log records and pasted text. Out: authority, tenant, guest identities, the account that the vendor's log names
//! (`id-intended`). Never: a query or fragment of a URL.

use std::sync::LazyLock;

use crate::model::{EventKind, FactName};

use super::authorize::note_authority;
use super::hash::{is_removed, join_hash};
use super::identity;
use super::payload::Kind;
use super::view::ViewAt;
use super::{Facts, Views};
use crate::pattern::Regex;

/// Most mentions read in one text.
const MOST: usize = 8;

pub(super) fn mentions(views: &Views<'_>, facts: &mut Facts<'_>) {
    static AUTHORITY: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)https://login\.(?:microsoftonline\.(?:com|us|de)|windows\.net|partner\.microsoftonline\.cn|chinacloudapi\.cn)/[a-z0-9.-]{3,80}/(?:oauth2|v2\.0|adminconsent)",
        )
    });
    static GUEST: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?i)[a-z0-9._%+-]{1,128}#EXT#@[a-z0-9.-]{3,128}"));
    for view in views.list.iter().filter(|v| v.is_free_text()) {
        for hit in AUTHORITY.find_iter(&view.text).take(MOST) {
            note_authority(hit.as_str(), view, facts);
        }
        for hit in GUEST.find_iter(&view.text).take(MOST) {
            identity::note(FactName::IdUpn, hit.as_str(), "userPrincipalName", view, facts);
        }
    }
}

/// The account and tenant that a record names beside a failure or success: `account=ann@contoso.example`,
/// `"user_email": …`, `tenant=<guid>`. Records without any other fact are not looked at: there is nothing to attach to.
pub(super) fn owner(views: &Views<'_>, facts: &mut Facts<'_>) {
    static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)\b(?:account|user|email|e-mail|mailbox|username|user_?name|user_?email|user_?id|login|owner|address|connected_?account|smtp)\\?["']?\s*[=:]\s*\\?["']?([a-z0-9._%+'-]{1,64}@[a-z0-9.-]{1,128}\.[a-z]{2,24})"#,
        )
    });
    // "refresh failed for ann@contoso.example", "mailbox ann@contoso.example: …".
    static SPOKEN: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)\b(?:for|account|user|mailbox)\s{1,2}['"<]?[a-z0-9._%+'-]{1,64}@[a-z0-9.-]{1,128}\.[a-z]{2,24}"#,
        )
    });
    static TENANT: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)\b(?:tenant|tid|tenant_?id|aad_?tenant(?:_?id)?|directory_?id)\\?["']?\s*[=:]\s*\\?["']?([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})\b"#,
        )
    });
    static STATE: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r#"(?i)\bstate\\?["']?\s*[=:]\s*\\?["']?([a-z0-9._~+/=-]{10,400})"#));
    let EventKind::Record(record) = &views.event.kind else { return };
    if facts.seen().is_empty() {
        return;
    }
    let said = facts.seen().iter().any(|f| f.name.is_identity() && f.name != FactName::IdError);
    for view in views.list.iter().filter(|v| v.at == ViewAt::RecordText) {
        let named = || {
            let named = ACCOUNT.captures(&view.text).and_then(|c| c.get(1)).map(|m| m.as_str());
            named.or_else(|| SPOKEN.find(&view.text).map(|m| address_of(m.as_str())))
        };
        if let Some(found) = (!said).then(named).flatten() {
            identity::note(FactName::IdIntended, found, "account", view, facts);
        }
        let state = STATE.captures(&view.text).and_then(|c| c.get(1)).map(|m| m.as_str());
        // A state is random; a word in that place is the state of something else.
        if let Some(state) = state.filter(|s| !is_removed(s) && s.bytes().any(|b| b.is_ascii_digit())) {
            facts.note(FactName::StateHash, join_hash(state), view.part);
        }
        if let Some(found) = TENANT.captures(&view.text).and_then(|c| c.get(1)) {
            facts.note(FactName::Tenant, found.as_str().to_ascii_lowercase(), view.part);
        }
    }
    for field in &record.fields {
        let Some(view) =
            views.list.iter().find(|v| v.part.at == field.value.at && v.at != ViewAt::RecordText)
        else {
            continue;
        };
        let key =
            field.name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().replace(['_', '-'], "");
        if ACCOUNT_KEYS.contains(&key.as_str()) && !said {
            identity::note(FactName::IdIntended, &view.text, "account", view, facts);
        }
        if TENANT_KEYS.contains(&key.as_str()) && identity::is_guid(view.text.trim()) {
            facts.note(FactName::Tenant, view.text.trim().to_ascii_lowercase(), view.part);
        }
    }
}

/// The address at the end of "for 'ann@contoso.example".
fn address_of(spoken: &str) -> &str {
    let last = spoken.rsplit(char::is_whitespace).next().unwrap_or_default();
    // A quote that nothing comes before belongs to the address.
    last.strip_prefix(['\'', '"', '<']).filter(|address| !address.starts_with('@')).unwrap_or(last)
}

/// The app and tenant that Microsoft's page, or a sign-in record, names.
pub(super) fn names(views: &Views<'_>, facts: &mut Facts<'_>) {
    const APP: [&str; 5] =
        ["sFriendlyAppName", "sAppName", "sAppDisplayName", "appDisplayName", "AppDisplayName"];
    for payload in views.payloads() {
        let view = views.view_of(payload);
        if payload.kind == Kind::Config && views.as_exchange().is_some_and(|_| !views.endpoint.is_microsoft())
        {
            continue;
        }
        if payload.kind == Kind::Config
            && let Some(tenant) = payload.get("sTenantId").filter(|t| identity::is_guid(t))
        {
            facts.note(FactName::Tenant, tenant.to_ascii_lowercase(), view.part);
        }
        if let Some(name) = APP.iter().find_map(|key| payload.get(key)).map(str::trim).filter(|n| is_name(n))
        {
            facts.add(FactName::AppName, name, view.part, name, name);
        }
    }
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)application '?[0-9a-f-]{36}'? ?\(([^()\n]{2,60})\)|application ([^'\n]{2,60}) \('[0-9a-f-]{36}'\)",
        )
    });
    for text in views.texts() {
        let found = NAMED.captures(&text.text).and_then(|c| c.get(1).or(c.get(2)));
        if let Some(name) = found.map(|m| m.as_str().trim()).filter(|n| is_name(n)) {
            facts.add(FactName::AppName, name, text.view.part, name, name);
        }
    }
}

/// A name that a person gave, not an id, a placeholder or a piece of code.
fn is_name(text: &str) -> bool {
    let fine = |c: char| c.is_alphanumeric() || " -_.&/+,:()'".contains(c);
    (2..=60).contains(&text.chars().count())
        && text.chars().any(char::is_alphabetic)
        && !identity::is_guid(text)
        && text.chars().all(fine)
}

/// Field names under which a vendor's log names the connected account, in lower case without `_` and `-`.
const ACCOUNT_KEYS: [&str; 12] = [
    "account",
    "user",
    "email",
    "mailbox",
    "username",
    "useremail",
    "login",
    "owner",
    "address",
    "connectedaccount",
    "accountemail",
    "emailaddress",
];
/// Field names under which it names the tenant.
const TENANT_KEYS: [&str; 5] = ["tenant", "tid", "tenantid", "aadtenantid", "directoryid"];

#[cfg(test)]
mod tests {
    use super::super::synthetic::{has, paste, record, run, values};
    use super::*;

    #[test]
    fn the_address_that_was_spoken_of() {
        for (spoken, address) in [
            ("for  ann@contoso.example", "ann@contoso.example"),
            ("user <ann@contoso.example", "ann@contoso.example"),
            ("mailbox 'ann@contoso.example", "ann@contoso.example"),
            ("for '@contoso.example", "'@contoso.example"),
        ] {
            assert_eq!(address_of(spoken), address, "{spoken}");
        }
    }

    #[test]
    fn authority_and_guest() {
        let text = "POST https://login.microsoftonline.com/bbbb1111-2222-4333-8444-555566667777/oauth2/v2.0/token failed \
                    for ann_fabrikam.example#EXT#@contoso.onmicrosoft.com, see https://login.microsoftonline.com/error?code=1";
        let facts = run(mentions, &paste(text));
        assert_eq!(values(&facts, FactName::Tenant), ["bbbb1111-2222-4333-8444-555566667777"]);
        assert!(has(&facts, FactName::AccountType, "guest"));
        let line = r#"ERROR refresh account=bo.lind@tailspin.example tenant=04e5a7d5-f349-49bb-a642-350e55a7db40 failed"#;
        let event = record(line, &[]);
        let views = Views::of(&event);
        let mut facts = Facts::new(&event, 0);
        owner(&views, &mut facts);
        assert!(facts.seen().is_empty(), "nothing to attach to");
        facts.of_event(FactName::EntraCode, "700082");
        owner(&views, &mut facts);
        assert!(
            facts
                .seen()
                .iter()
                .any(|f| f.name == FactName::IdIntended && f.value == "bo.lind@tailspin.example")
        );
        assert!(facts.has(FactName::Tenant));
        for line in ["refresh failed for bo@ab.example: x", "mailbox bo@ab.example: x", "login=bo@ab.example"]
        {
            let event = record(line, &[]);
            let mut facts = Facts::new(&event, 0);
            facts.of_event(FactName::EntraCode, "700082");
            owner(&Views::of(&event), &mut facts);
            assert!(facts.seen().iter().any(|f| f.value == "bo@ab.example"), "{line}");
        }
        assert!(run(mentions, &paste("https://login.microsoftonline.com/error?code=50105")).is_empty());
    }
}
