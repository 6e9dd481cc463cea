//! Audit records: who consented to what, who failed to log on, which policy governs consent.
//!
//! In: unified audit records (also as the JSON cell `AuditData` of a CSV) and Entra directory audits. Out: operation,
//! code, user, app, tenant, consented scopes. Never: a verdict over several records.

use std::sync::LazyLock;

use crate::model::FactName;

use super::identity::{account, is_guid};
use super::payload::{Kind, Payload};
use super::scopes::note_scopes;
use super::view::View;
use super::{Facts, Views};
use crate::pattern::Regex;

pub(super) fn audit(views: &Views<'_>, facts: &mut Facts<'_>) {
    for payload in views.payloads() {
        let view = views.view_of(payload);
        if matches!(payload.kind, Kind::Json | Kind::Fields) {
            unified(payload, view, facts);
            directory(payload, view, facts);
        }
    }
    for view in &views.list {
        consent_policy(view, facts);
    }
}

fn note_operation(text: &str, payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    let operation = text.trim().trim_end_matches('.').to_lowercase();
    if operation.len() > 120 {
        return;
    }
    let consents =
        operation.contains("consent to application") || operation.contains("delegated permission grant");
    facts.add(FactName::AuditOperation, operation, view.part, text, &format!("Operation: {text}"));
    if consents {
        for member in &payload.members {
            consented(&member.value, view, facts);
        }
    }
}

/// `Scope:  Mail.Read User.Read,` inside the properties of a consent record.
fn consented(text: &str, view: &View<'_>, facts: &mut Facts<'_>) {
    static SCOPE: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"\bScope:\s*([A-Za-z0-9_.:/ -]{3,2000})"));
    for hit in SCOPE.captures_iter(text).take(20) {
        note_scopes(FactName::ScopeConsented, hit.get(1).map_or("", |m| m.as_str()), view.part, facts);
    }
}

/// `{"CreationTime":…,"Operation":…,"RecordType":15,…}`.
fn unified(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    let Some(operation) = payload.at("Operation").or_else(|| payload.at("AuditData.Operation")) else {
        return;
    };
    if ["RecordType", "Workload", "CreationTime", "AuditLogRecordType"]
        .iter()
        .all(|key| payload.get(key).is_none())
    {
        return;
    }
    note_operation(operation, payload, view, facts);
    let code = payload.get("ErrorNumber").map(str::trim).unwrap_or_default();
    if (4..=8).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit()) {
        facts.add(FactName::EntraCode, code, view.part, code, &format!("ErrorNumber: {code}"));
        facts.note(FactName::SigninResult, "failure", view.part);
    } else if operation.eq_ignore_ascii_case("UserLoggedIn") && matches!(code, "" | "0") {
        facts.note(FactName::SigninResult, "success", view.part);
    }
    if let Some((raw, found)) = payload.get("UserId").and_then(|r| Some((r, account(r)?))) {
        facts.add(FactName::IdUpn, found.address, view.part, raw, &format!("UserId: {raw}"));
    }
    for (name, key) in [(FactName::ClientId, "ApplicationId"), (FactName::Tenant, "OrganizationId")] {
        if let Some(raw) = payload.get(key).filter(|v| is_guid(v)) {
            facts.add(name, raw.to_ascii_lowercase(), view.part, raw, &format!("{key}: {raw}"));
        }
    }
}

/// Entra's own audit: `activityDisplayName`, `loggedByService`, `targetResources`.
fn directory(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    let Some(activity) = payload.get("activityDisplayName") else { return };
    if payload.get("loggedByService").is_some() || payload.get("activityDateTime").is_some() {
        note_operation(activity, payload, view, facts);
        if let Some(id) = payload.get("correlationId").filter(|v| is_guid(v)) {
            facts.add(
                FactName::CorrelationId,
                id.to_ascii_lowercase(),
                view.part,
                id,
                &format!("correlationId: {id}"),
            );
        }
    }
}

/// Ids of consent policies: `ManagePermissionGrantsForSelf.microsoft-user-default-recommended`.
fn consent_policy(view: &View<'_>, facts: &mut Facts<'_>) {
    static POLICY: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(r"\bManagePermissionGrantsFor(?:Self|OwnedResource)\.[A-Za-z0-9-]{1,80}")
    });
    if view.text.contains("ManagePermissionGrantsFor") {
        for hit in POLICY.find_iter(&view.text).take(10) {
            facts.add(FactName::ConsentPolicy, hit.as_str(), view.part, hit.as_str(), hit.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::synthetic::{has, paste, record, run};

    #[test]
    fn failed_logon() {
        let text = r#"{"CreationTime":"2026-01-02T03:04:05","Operation":"UserLoginFailed","RecordType":15,"ErrorNumber":"50126","UserId":"Ann@contoso.example","ApplicationId":"aaaaaaaa-0000-0000-0000-000000000001"}"#;
        for event in [paste(text), record("row", &[("AuditData", text)])] {
            let facts = run(audit, &event);
            assert!(has(&facts, FactName::AuditOperation, "userloginfailed"), "{facts:?}");
            assert!(has(&facts, FactName::EntraCode, "50126"));
            assert!(has(&facts, FactName::IdUpn, "ann@contoso.example"));
        }
    }

    #[test]
    fn consent_record_and_policy() {
        let text = r#"{"CreationTime":"2026-01-02T03:04:05","Operation":"Consent to application.","Workload":"AzureActiveDirectory","ModifiedProperties":[{"Name":"ConsentAction.Permissions","NewValue":"[] => [[Id: x, ConsentType: Principal, Scope:  Mail.Read User.Read, CreatedDateTime: ]]"}]}"#;
        let facts = run(audit, &paste(text));
        assert!(has(&facts, FactName::AuditOperation, "consent to application"));
        assert!(has(&facts, FactName::ScopeConsented, "Mail.Read"), "{facts:?}");
        let facts = run(
            audit,
            &paste(
                r#"{"permissionGrantPoliciesAssigned":["ManagePermissionGrantsForSelf.microsoft-user-default-recommended"]}"#,
            ),
        );
        assert!(has(
            &facts,
            FactName::ConsentPolicy,
            "ManagePermissionGrantsForSelf.microsoft-user-default-recommended"
        ));
    }
}
