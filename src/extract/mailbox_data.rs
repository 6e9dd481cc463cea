//! What data about a mailbox says of it: its type, the licence behind it, its calendars.
//!
//! In: answers of Graph, and what administrators paste from PowerShell. Out: `mailbox-type`, `license`,
//! `default-calendar`. Never: where the mailbox is hosted (the same words mean different things on either side of a
//! hybrid), or a conclusion from a list that is only one page of several.

use std::sync::LazyLock;

use crate::decode::json::{self, Value};
use crate::knowledge;
use crate::model::FactName;

use super::endpoint::{Endpoint, classify, path_of};
use super::payload::{Kind, Payload};
use super::view::{View, ViewAt};
use super::{Facts, Views};
use crate::pattern::Regex;

pub(super) fn mailbox_data(views: &Views<'_>, facts: &mut Facts<'_>) {
    for view in views.list.iter().filter(|v| v.is_free_text()) {
        recipient_type(view, facts);
        admin_words(view, facts);
    }
    no_licence(views, facts);
    for payload in views.payloads().iter().filter(|p| matches!(p.kind, Kind::Json | Kind::Fields)) {
        let view = views.view_of(payload);
        let answer = matches!(view.at, ViewAt::ResponseBody { .. });
        if !(answer && views.endpoint == Endpoint::Graph || view.is_free_text()) {
            continue;
        }
        purpose(payload, view, facts);
        licence(views, payload, view, facts);
        calendars(views, payload, view, facts);
    }
}

fn note_type(raw: &str, view: &View<'_>, facts: &mut Facts<'_>) {
    let lower = raw.to_ascii_lowercase();
    let bare = lower.strip_prefix("remote").unwrap_or(&lower);
    let bare = bare.strip_suffix("mailbox").unwrap_or(bare);
    let kind = match bare {
        "user" => "user",
        "shared" => "shared",
        "room" => "room",
        "equipment" => "equipment",
        "linked" => "linked",
        _ => return,
    };
    facts.add(FactName::MailboxType, kind, view.part, raw, &format!("mailbox type: {raw}"));
}

/// `RecipientTypeDetails : SharedMailbox`.
fn recipient_type(view: &View<'_>, facts: &mut Facts<'_>) {
    static TYPE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)\bRecipientTypeDetails["']?\s*[:=,]?\s*["']?((?:Remote)?(?:User|Shared|Room|Equipment|Linked)Mailbox)\b"#,
        )
    });
    for hit in TYPE.captures_iter(&view.text).take(5) {
        note_type(hit.get(1).map_or("", |m| m.as_str()), view, facts);
    }
}

/// Licence and move reports as PowerShell prints them.
fn admin_words(view: &View<'_>, facts: &mut Facts<'_>) {
    static PLAN: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"\b(EXCHANGE_[SL]_[A-Z_]+)\b(?:[ \t:=]+(Success|Disabled|PendingProvisioning|PendingInput|PendingActivation))?",
        )
    });
    static UNLICENSED: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(r"(?im)^\s*(?:IsLicensed\s*:\s*False|(?:AssignedLicenses|Licenses)\s*:\s*\{\})\s*$")
    });
    static MOVE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?im)^\s*(?:MailboxMoveStatus|StatusDetail|SyncedItemCount|BatchStatus)\s*:\s*(?:Queued|InProgress|Syncing|Synced|AutoSuspended|[A-Z]\w*Moving\w*)\b",
        )
    });
    let text = &*view.text;
    if text.contains("EXCHANGE_") {
        let plans: Vec<bool> = PLAN
            .captures_iter(text)
            .filter(|c| c.get(2).is_none_or(|s| s.as_str() != "Disabled"))
            .filter_map(|c| plan_kind("", c.get(1)?.as_str()))
            .collect();
        let value =
            if plans.contains(&true) { Some("exchange") } else { plans.first().map(|_| "foundation-only") };
        if let Some(value) = value {
            facts.add(FactName::License, value, view.part, "EXCHANGE_", "licence plans");
        }
    }
    if let Some(hit) = UNLICENSED.find(text) {
        facts.add(FactName::License, "none", view.part, hit.as_str(), hit.as_str());
    }
    if let Some(hit) = MOVE.find(text) {
        facts.add(FactName::Phrase, "migration", view.part, hit.as_str(), hit.as_str());
    }
}

/// `userPurpose` of the mailbox settings: a text, or an object with `value`.
fn purpose(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    for path in ["userPurpose", "userPurpose.value"] {
        if let Some(raw) = payload.at(path) {
            note_type(raw, view, facts);
        }
    }
    if view.is_free_text()
        && let Some(raw) = payload.get("RecipientTypeDetails")
    {
        note_type(raw, view, facts);
    }
}

/// Licence data of one person: what a whole organisation owns says nothing of this mailbox.
fn is_of_one_user(views: &Views<'_>, payload: &Payload) -> bool {
    const ORGANISATION: &[&str] =
        &["consumedUnits", "prepaidUnits", "verifiedDomains", "tenantType", "countryLetterCode"];
    if ORGANISATION.iter().any(|key| payload.get(key).is_some()) {
        return false;
    }
    if views.as_exchange().is_none() {
        return true;
    }
    let path = path_of(&views.url).to_ascii_lowercase();
    let mut segments = path.trim_end_matches('/').split('/').filter(|s| !s.is_empty()).skip(1);
    let rest: Vec<&str> = match segments.next() {
        Some("me") => segments.collect(),
        Some("users") if segments.next().is_some() => segments.collect(),
        _ => return false,
    };
    matches!(rest.as_slice(), [] | ["licensedetails"])
}

/// Plans that only carry others: no mailbox comes with them.
fn plan_kind(id: &str, name: &str) -> Option<bool> {
    let upper = name.to_ascii_uppercase();
    if upper.contains("EXCHANGE_S_FOUNDATION") {
        return Some(false);
    }
    if let Some(known) = knowledge::well_known(id).filter(|w| w.kind == "service_plan") {
        return Some(known.role.starts_with("mailbox"));
    }
    let mailbox = [
        "EXCHANGE_S_STANDARD",
        "EXCHANGE_S_ENTERPRISE",
        "EXCHANGE_S_DESKLESS",
        "EXCHANGE_S_ESSENTIALS",
        "EXCHANGE_L_STANDARD",
    ];
    mailbox.iter().any(|m| upper.starts_with(m)).then_some(true)
}

fn licence(views: &Views<'_>, payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    if !is_of_one_user(views, payload) {
        return;
    }
    let mut mailbox = false;
    let mut plumbing = false;
    let mut any = false;
    for member in payload.members.iter().filter(|m| m.key.eq_ignore_ascii_case("servicePlanId")) {
        any = true;
        let prefix = member.path.get(..member.path.len() - member.key.len()).unwrap_or_default();
        let at = |key: &str| payload.at(&format!("{prefix}{key}")).unwrap_or_default();
        let status = format!("{}{}", at("capabilityStatus"), at("provisioningStatus")).to_ascii_lowercase();
        if ["disabled", "deleted", "suspended"].iter().any(|dead| status.contains(dead)) {
            continue;
        }
        match plan_kind(&member.value, at("servicePlanName")) {
            Some(true) => mailbox = true,
            Some(false) => plumbing = true,
            None => {}
        }
    }
    let value = match (mailbox, plumbing) {
        (true, _) => "exchange",
        (false, true) => "foundation-only",
        // Plans, but none of Exchange: nothing that a mailbox could come from.
        _ if any && !more_pages(payload) => "none",
        _ => return,
    };
    facts.add(FactName::License, value, view.part, "servicePlan", "licence data");
}

fn more_pages(payload: &Payload) -> bool {
    payload.at("@odata.nextLink").is_some()
}

/// An empty list of licences.
fn no_licence(views: &Views<'_>, facts: &mut Facts<'_>) {
    let path = path_of(&views.url).to_ascii_lowercase();
    if views.endpoint != Endpoint::Graph || !path.ends_with("/licensedetails") {
        return;
    }
    let bodies = views.list.iter().filter(|v| matches!(v.at, ViewAt::ResponseBody { .. }));
    for view in bodies {
        let parsed = json::parse(view.text.as_bytes(), 0).filter(|p| !p.truncated);
        let empty = |p: &json::Parsed<'_>| {
            p.node.get("value").is_some_and(|v| matches!(&v.value, Value::Array(items) if items.is_empty()))
        };
        if parsed.is_some_and(|p| empty(&p)) {
            facts.add(FactName::License, "none", view.part, "value", "no licence is listed");
        }
    }
}

/// A complete list of calendars without the default one.
fn calendars(views: &Views<'_>, payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    let listed = payload.at("@odata.context").is_some_and(|c| c.to_ascii_lowercase().contains("/calendars"));
    let seen = classify(&views.url);
    let asked = seen.endpoint == Endpoint::Graph
        && seen.path.to_ascii_lowercase().trim_end_matches('/').ends_with("/calendars");
    if !(listed || asked) || payload.at("value.0.id").is_none() && payload.at("value.0.name").is_none() {
        return;
    }
    let flags: Vec<&str> = payload.all("isDefaultCalendar").collect();
    if flags.iter().any(|f| f.eq_ignore_ascii_case("true")) {
        facts.add(
            FactName::DefaultCalendar,
            "listed",
            view.part,
            "isDefaultCalendar",
            "isDefaultCalendar: true",
        );
        return;
    }
    let query = seen.query.replace("%24", "$").to_ascii_lowercase();
    let full = asked_for(&query).is_some_and(|top| flags.len() >= top);
    let narrowed = full || ["$select", "$filter", "$skip"].iter().any(|w| query.contains(w));
    let whole = !more_pages(payload) && json::parse(view.text.as_bytes(), 0).is_some_and(|p| !p.truncated);
    if !flags.is_empty() && whole && !narrowed {
        facts.add(
            FactName::DefaultCalendar,
            "missing",
            view.part,
            "isDefaultCalendar",
            "no calendar has isDefaultCalendar: true",
        );
    }
}

/// `$top`: a list that fills it may go on.
fn asked_for(query: &str) -> Option<usize> {
    query.split('&').find_map(|p| p.strip_prefix("$top="))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::synthetic::{Http, has, paste, run, values};

    fn graph(path: &str, body: &str) -> Vec<(FactName, String)> {
        let url = format!("https://graph.microsoft.com/v1.0/me{path}");
        run(mailbox_data, &Http::new("GET", &url, 200).body(body).event())
    }

    #[test]
    fn types() {
        assert!(has(
            &graph("/mailboxSettings", r#"{"userPurpose":"shared"}"#),
            FactName::MailboxType,
            "shared"
        ));
        let facts = run(mailbox_data, &paste("Name : Info\nRecipientTypeDetails : RoomMailbox"));
        assert!(has(&facts, FactName::MailboxType, "room"));
        let facts = run(mailbox_data, &paste("RecipientTypeDetails : RemoteUserMailbox"));
        assert!(has(&facts, FactName::MailboxType, "user"));
        assert!(run(mailbox_data, &paste("RecipientTypeDetails : MailUser")).is_empty());
    }

    #[test]
    fn licences() {
        let plan = |id: &str| {
            format!(
                r#"{{"value":[{{"servicePlans":[{{"servicePlanId":"{id}","provisioningStatus":"Success"}}]}}]}}"#
            )
        };
        let foundation = plan("113feb6c-3fe4-4440-bddc-54d774bf0318");
        assert!(has(&graph("/licenseDetails", &foundation), FactName::License, "foundation-only"));
        let real = plan("efb87545-963c-4e0d-99df-69c6916d9eb0");
        assert!(has(&graph("/licenseDetails", &real), FactName::License, "exchange"));
        assert!(has(&graph("/licenseDetails", r#"{"value":[]}"#), FactName::License, "none"));
        let event =
            Http::new("GET", "https://graph.microsoft.com/v1.0/organization", 200).body(&foundation).event();
        assert!(run(mailbox_data, &event).is_empty(), "what the organisation owns");
        assert!(graph("/licenseDetails", r#"{"value":["#).is_empty(), "a cut list proves nothing");
    }

    #[test]
    fn what_powershell_prints() {
        let facts = |text: &str| run(mailbox_data, &paste(text));
        assert!(has(
            &facts("EXCHANGE_S_FOUNDATION  Success\nTEAMS1 Success"),
            FactName::License,
            "foundation-only"
        ));
        let both = facts("EXCHANGE_S_FOUNDATION Success\nEXCHANGE_S_ENTERPRISE Success");
        assert_eq!(values(&both, FactName::License), ["exchange"]);
        let off = facts("EXCHANGE_S_FOUNDATION Success\nEXCHANGE_S_STANDARD Disabled");
        assert_eq!(values(&off, FactName::License), ["foundation-only"]);
        assert!(has(&facts("DisplayName : Ann\nIsLicensed : False\n"), FactName::License, "none"));
        assert!(has(&facts("StatusDetail : Synced"), FactName::Phrase, "migration"));
        assert!(facts("StatusDetail : Completed").is_empty());
    }

    #[test]
    fn default_calendar() {
        let list = |tail: &str| {
            format!(r#"{{"value":[{{"id":"1","name":"Team","isDefaultCalendar":false}}]{tail}}}"#)
        };
        assert!(has(&graph("/calendars", &list("")), FactName::DefaultCalendar, "missing"));
        let paged = list(r#","@odata.nextLink":"https://graph.microsoft.com/v1.0/me/calendars?$skip=10""#);
        assert!(values(&graph("/calendars", &paged), FactName::DefaultCalendar).is_empty());
        let whole = r#"{"value":[{"id":"1","name":"Calendar","isDefaultCalendar":true}]}"#;
        assert!(has(&graph("/calendars", whole), FactName::DefaultCalendar, "listed"));
    }
}
