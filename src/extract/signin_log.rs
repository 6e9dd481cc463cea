//! Entra sign-in records.
//!
//! In: rows as Graph, the portal's CSV, Azure Monitor and diagnostic exports spell them. Out: code, result, Conditional
//! Access, client, and the ids of user, app and tenant. Never: a verdict over several rows (the last one of a
//! correlation id counts; that is for later stages).

use crate::model::FactName;

use super::identity::{account, is_guid};
use super::payload::{Kind, Member, Payload};
use super::scopes::Api;
use super::view::View;
use super::{Facts, Views};

/// Codes that stop a sign-in for a question; success often follows.
const INTERRUPTS: &[&str] = &[
    "50058", "50072", "50074", "50076", "50079", "50125", "50140", "50199", "50203", "16000", "16001",
    "50127", "50055",
];

/// Spellings of the field that makes a row a sign-in row.
const CODE_FIELDS: &[&str] = &["status.errorCode", "status_errorCode", "resultType", "Sign-in error code"];

pub(super) fn signin_log(views: &Views<'_>, facts: &mut Facts<'_>) {
    for payload in views.payloads() {
        let view = views.view_of(payload);
        if matches!(payload.kind, Kind::Json | Kind::Fields) {
            for row in rows(payload) {
                note_row(&row, view, facts);
            }
            policies(payload, view, facts);
        }
    }
}

/// One sign-in: the members under one prefix, which stand together.
struct Row<'p> {
    members: &'p [Member],
    prefix: &'p str,
    code: &'p str,
}

/// Most rows of one payload that are read.
const MAX_ROWS: usize = 500;

fn rows(payload: &Payload) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (n, member) in payload.members.iter().enumerate().filter(|(_, m)| !m.null) {
        let path = member.path.trim_end();
        let Some(field) = CODE_FIELDS.iter().find(|field| ends_with_field(path, field)) else { continue };
        let mut prefix = path.get(..path.len() - field.len()).unwrap_or_default();
        prefix = prefix.strip_suffix("properties.").unwrap_or(prefix);
        if rows.len() >= MAX_ROWS || rows.last().is_some_and(|r| r.prefix == prefix) {
            continue;
        }
        let row = Row { members: around(&payload.members, n, prefix), prefix, code: member.value.trim() };
        if row.is_signin() {
            rows.push(row);
        }
    }
    rows
}

/// The run of members around `at` whose paths begin with `prefix`.
fn around<'p>(members: &'p [Member], at: usize, prefix: &str) -> &'p [Member] {
    let (before, after) = members.split_at(at);
    let same = |m: &&Member| m.path.starts_with(prefix);
    let start = at - before.iter().rev().take_while(same).count();
    let end = at + after.iter().take_while(same).count();
    members.get(start..end).unwrap_or_default()
}

fn ends_with_field(path: &str, field: &str) -> bool {
    let Some(start) = path.len().checked_sub(field.len()) else { return false };
    let boundary = start == 0 || path.as_bytes().get(start - 1) == Some(&b'.');
    boundary && path.get(start..).is_some_and(|tail| tail.eq_ignore_ascii_case(field))
}

impl<'p> Row<'p> {
    /// First field with one of those names, at the row or under `properties`; header cells may end with a blank.
    fn get(&self, names: &[&str]) -> Option<&'p str> {
        names.iter().find_map(|name| {
            self.members.iter().find_map(|m| {
                let rest = m.path.strip_prefix(self.prefix)?.trim_end();
                let rest = rest.strip_prefix("properties.").unwrap_or(rest);
                (rest.eq_ignore_ascii_case(name) && !m.null && !m.value.is_empty()).then(|| m.value.trim())
            })
        })
    }

    fn is_signin(&self) -> bool {
        let about_app = self
            .get(&["appId", "appDisplayName", "Application", "Application ID", "clientAppUsed"])
            .is_some();
        let about_who =
            self.get(&["userPrincipalName", "Username", "User ID", "userId", "servicePrincipalId"]).is_some();
        let about_signin = self
            .get(&[
                "conditionalAccessStatus",
                "Conditional Access",
                "correlationId",
                "Correlation ID",
                "createdDateTime",
            ])
            .is_some();
        let category = self.get(&["category"]).is_none_or(|c| c.to_ascii_lowercase().contains("signin"));
        about_app && (about_who || about_signin) && category
    }
}

fn note_row(row: &Row<'_>, view: &View<'_>, facts: &mut Facts<'_>) {
    let mut add = |name: FactName, value: &str, raw: &str| {
        facts.add(name, value, view.part, raw, &format!("{}: {raw}", name.id()));
    };
    let is_code = (4..=8).contains(&row.code.len()) && row.code.bytes().all(|b| b.is_ascii_digit());
    if is_code {
        add(FactName::EntraCode, row.code, row.code);
    }
    if let Some(result) = result_of(row, is_code) {
        add(FactName::SigninResult, result, row.code);
    }
    if let Some(raw) = row.get(&["conditionalAccessStatus", "Conditional Access"]) {
        let status = raw.to_ascii_lowercase().replace([' ', '_'], "");
        if matches!(&*status, "success" | "failure" | "notapplied") {
            add(FactName::CaStatus, &status, raw);
        }
    }
    if let Some(raw) = row.get(&["clientAppUsed", "Client app"]) {
        add(FactName::ClientApp, &raw.to_lowercase(), raw);
    }
    for (name, fields) in GUIDS {
        if let Some(raw) = row.get(fields).filter(|v| is_guid(v)) {
            add(*name, &raw.to_ascii_lowercase(), raw);
        }
    }
    if let Some(raw) = row.get(&["userPrincipalName", "Username"])
        && let Some(found) = account(raw)
    {
        add(FactName::IdUpn, &found.address, raw);
        if found.guest {
            add(FactName::AccountType, "guest", raw);
        }
    }
    if let Some((raw, found)) =
        row.get(&["signInIdentifier", "Sign-in identifier"]).and_then(|r| Some((r, account(r)?)))
    {
        add(FactName::IdTyped, &found.address, raw);
    }
    if let Some(raw) =
        row.get(&["userType", "User type"]).filter(|t| t.to_ascii_lowercase().contains("guest"))
    {
        add(FactName::AccountType, "guest", raw);
    }
    if let Some(raw) = row.get(&["resourceId", "Resource ID", "resourceIdentity"])
        && let Some(api) = Api::of_audience(raw)
    {
        add(FactName::Resource, api.name(), raw);
    }
}

const GUIDS: &[(FactName, &[&str])] = &[
    (FactName::ClientId, &["appId", "Application ID"]),
    (FactName::CorrelationId, &["correlationId", "Correlation ID"]),
    (FactName::RequestId, &["id", "Request ID", "originalRequestId"]),
    (FactName::Oid, &["userId", "User ID"]),
    (FactName::Tenant, &["resourceTenantId", "Resource tenant ID", "AADTenantId", "tenantId"]),
    (FactName::HomeTenant, &["homeTenantId", "Home tenant ID"]),
];

fn result_of(row: &Row<'_>, is_code: bool) -> Option<&'static str> {
    if let Some(said) = row.get(&["Status"]) {
        match said.to_ascii_lowercase().as_str() {
            "success" => return Some("success"),
            "failure" => return Some("failure"),
            "interrupted" => return Some("interrupted"),
            _ => {}
        }
    }
    if row.code == "0" || row.code.eq_ignore_ascii_case("success") || row.code.eq_ignore_ascii_case("none") {
        return Some("success");
    }
    if !is_code {
        return None;
    }
    let silent = row.get(&["isInteractive"]).is_some_and(|v| v.eq_ignore_ascii_case("false"))
        || row.get(&["category"]).is_some_and(|c| c.to_ascii_lowercase().starts_with("noninteractive"));
    // The first 65001 of an interactive sign-in is the question for consent itself.
    let asks = INTERRUPTS.contains(&row.code) || (row.code == "65001" && !silent);
    Some(if asks { "interrupted" } else { "failure" })
}

/// Policies that said no; in some tables the list is a JSON text of its own.
fn policies(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    for member in payload.members.iter().filter(|m| m.key.eq_ignore_ascii_case("result")) {
        if !member.value.eq_ignore_ascii_case("failure") {
            continue;
        }
        let prefix = member.path.get(..member.path.len() - member.key.len()).unwrap_or_default();
        let listed = prefix.to_ascii_lowercase().contains("conditionalaccesspolicies");
        let shaped = prefix.is_empty()
            && (payload.get("enforcedGrantControls").is_some()
                || payload.get("conditionsNotSatisfied").is_some());
        if !(listed || shaped) {
            continue;
        }
        if let Some(name) = payload.at(&format!("{prefix}displayName")).filter(|n| n.len() < 300) {
            facts.add(FactName::CaPolicy, name, view.part, name, &format!("{name}: failure"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::synthetic::{has, paste, record, run, values};

    const APP: &str = "aaaaaaaa-0000-0000-0000-000000000001";

    #[test]
    fn graph_rows() {
        let text = format!(
            r#"{{"value":[{{"id":"bbbbbbbb-0000-0000-0000-000000000001","userPrincipalName":"Ann@contoso.example","appId":"{APP}","clientAppUsed":"Browser","correlationId":"cccccccc-0000-0000-0000-000000000001","conditionalAccessStatus":"failure","appliedConditionalAccessPolicies":[{{"displayName":"Block outside office","result":"failure"}},{{"displayName":"Other","result":"notApplied"}}],"status":{{"errorCode":53003}}}}]}}"#
        );
        let facts = run(signin_log, &paste(&text));
        for (name, value) in [
            (FactName::EntraCode, "53003"),
            (FactName::SigninResult, "failure"),
            (FactName::CaStatus, "failure"),
            (FactName::CaPolicy, "Block outside office"),
            (FactName::ClientApp, "browser"),
            (FactName::ClientId, APP),
            (FactName::IdUpn, "ann@contoso.example"),
            (FactName::RequestId, "bbbbbbbb-0000-0000-0000-000000000001"),
        ] {
            assert!(has(&facts, name, value), "{name:?}={value} in {facts:?}");
        }
        assert_eq!(values(&facts, FactName::CaPolicy).len(), 1);
    }

    #[test]
    fn portal_csv_with_its_blanks() {
        let fields = [
            ("Username", "ann@contoso.example"),
            ("Application ID ", APP),
            ("Resource ID ", "00000003-0000-0000-c000-000000000000"),
            ("Status", "Interrupted"),
            ("Sign-in error code", "50140"),
            ("Conditional Access", "Not Applied"),
        ];
        let facts = run(signin_log, &record("row", &fields));
        assert!(has(&facts, FactName::SigninResult, "interrupted"), "{facts:?}");
        assert!(has(&facts, FactName::CaStatus, "notapplied"));
        assert!(has(&facts, FactName::ClientId, APP));
        assert!(has(&facts, FactName::Resource, "graph"));
    }

    #[test]
    fn azure_monitor_and_diagnostic_rows() {
        let fields = [("ResultType", "0"), ("AppId", APP), ("UserPrincipalName", "ann@contoso.example")];
        let facts = run(signin_log, &record("row", &fields));
        assert!(has(&facts, FactName::SigninResult, "success"));
        assert!(values(&facts, FactName::EntraCode).is_empty());
        let fields = [
            ("category", "NonInteractiveUserSignInLogs"),
            ("resultType", "65001"),
            ("properties.appId", APP),
            ("properties.userPrincipalName", "ann@contoso.example"),
        ];
        let facts = run(signin_log, &record("row", &fields));
        assert!(has(&facts, FactName::SigninResult, "failure"), "{facts:?}");
        assert!(has(&facts, FactName::ClientId, APP));
        let other = [("category", "AuditLogs"), ("resultType", "50105"), ("appId", APP), ("userId", "x")];
        assert!(run(signin_log, &record("row", &other)).is_empty());
    }
}
