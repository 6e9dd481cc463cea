//! What Microsoft's look-ups say of a name and its domain before anybody signs in.
//!
//! In: answers of GetCredentialType and GetUserRealm, in captures and pasted. Out: existence, throttling, kind of
//! domain, federation, cloud instance. Never: flow tokens or canaries that stand beside them.

use crate::model::FactName;

use super::payload::{Kind, Payload};
use super::view::View;
use super::{Facts, Views};

pub(super) fn realm(views: &Views<'_>, facts: &mut Facts<'_>) {
    for payload in views.payloads() {
        if !matches!(payload.kind, Kind::Json | Kind::Config | Kind::Fields) {
            continue;
        }
        let view = views.view_of(payload);
        credential_type(payload, view, facts);
        user_realm(payload, view, facts);
        cloud(payload, view, facts);
    }
}

fn add(name: FactName, value: &str, key: &str, raw: &str, view: &View<'_>, facts: &mut Facts<'_>) {
    facts.add(name, value, view.part, raw, &format!("{key}: {raw}"));
}

fn credential_type(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    let Some(exists) = payload.get("IfExistsResult").filter(|v| is_small_number(v)) else { return };
    add(FactName::IfExists, exists, "IfExistsResult", exists, view, facts);
    if let Some(bits) = payload.get("ThrottleStatus").filter(|v| is_small_number(v)) {
        add(FactName::ThrottleStatus, bits, "ThrottleStatus", bits, view, facts);
    }
    if let Some(number) = payload.get("DomainType") {
        let kind = match number {
            "2" => "consumer",
            "3" => "managed",
            "4" => "federated",
            "5" => "cloud-federated",
            _ => "unknown",
        };
        add(FactName::DomainType, kind, "DomainType", number, view, facts);
    }
    match payload.get("PrefCredential") {
        Some("12") => facts.note(FactName::Idp, "google.com", view.part),
        Some("4" | "5") => facts.note(FactName::Idp, "federated", view.part),
        _ if payload.get("FederationRedirectUrl").is_some_and(|u| !u.is_empty()) => {
            facts.note(FactName::Idp, "federated", view.part);
        }
        _ => {}
    }
}

fn is_small_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn user_realm(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    let about_domain = payload.get("domain_name").is_some() || payload.get("cloud_instance_name").is_some();
    let kind = payload.get("NameSpaceType").or_else(|| payload.get("account_type").filter(|_| about_domain));
    let Some(raw) = kind else { return };
    let kind = raw.to_ascii_lowercase();
    if matches!(&*kind, "managed" | "federated" | "unknown") {
        add(FactName::Namespace, &kind, "NameSpaceType", raw, view, facts);
        if kind == "federated" {
            facts.note(FactName::Idp, "federated", view.part);
        }
    }
}

fn cloud(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    let Some(raw) = payload.get("CloudInstanceName").or_else(|| payload.get("cloud_instance_name")) else {
        return;
    };
    let cloud = match raw.to_ascii_lowercase().trim_end_matches('/').trim_start_matches("login.") {
        "" => return,
        "microsoftonline.com" | "windows.net" => "public",
        "microsoftonline.us" => "us-gov",
        "partner.microsoftonline.cn" | "chinacloudapi.cn" => "china",
        "microsoftonline.de" => "germany",
        _ => "other",
    };
    add(FactName::Cloud, cloud, "CloudInstanceName", raw, view, facts);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::synthetic::{Http, has, paste, run};

    #[test]
    fn credential_type_answer() {
        let body = r#"{"Username":"ann@contoso.example","IfExistsResult":5,"ThrottleStatus":0,"Credentials":{"PrefCredential":4,"FederationRedirectUrl":"https://sts.contoso.example/?x=1"},"EstsProperties":{"DomainType":4},"FlowToken":"planted"}"#;
        let event =
            Http::new("POST", "https://login.microsoftonline.com/common/GetCredentialType", 200).body(body);
        let facts = run(realm, &event.event());
        for (name, value) in [
            (FactName::IfExists, "5"),
            (FactName::ThrottleStatus, "0"),
            (FactName::DomainType, "federated"),
            (FactName::Idp, "federated"),
        ] {
            assert!(has(&facts, name, value), "{name:?}={value} in {facts:?}");
        }
    }

    #[test]
    fn user_realm_answers() {
        let facts = run(realm, &paste(r#"{"NameSpaceType":"Unknown","Login":"a@b.example","State":1}"#));
        assert!(has(&facts, FactName::Namespace, "unknown"));
        let facts = run(
            realm,
            &paste(
                r#"{"ver":"1.0","account_type":"Managed","domain_name":"contoso.example","cloud_instance_name":"microsoftonline.us"}"#,
            ),
        );
        assert!(has(&facts, FactName::Namespace, "managed"));
        assert!(has(&facts, FactName::Cloud, "us-gov"));
        assert!(run(realm, &paste(r#"{"account_type":"Managed"}"#)).is_empty());
    }
}
