//! Who and what an error text names.
//!
//! In: views. Out: `idp`, `error-tenant`, `id-error`, `client-id`, `resource` from the sentences of Microsoft's errors.
//! Never: names from other sentences.

use std::sync::LazyLock;

use crate::model::FactName;

use super::ids::is_guid;
use super::sink::Facts;
use super::text::{Text, around};
use super::view::Views;
use crate::pattern::Regex;

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)AADSTS\d{4,8}|identity provider|has not consented|does not exist in tenant|not assigned to a role|resource principal",
        )
    });
    for text in views.texts() {
        if SENTENCE.is_match(&text.text) {
            provider(&text, facts);
            tenant(&text, facts);
            account(&text, facts);
            application(&text, facts);
            resource(&text, facts);
        }
    }
}

/// Runs a pattern and hands out its first group.
fn each(pattern: &Regex, text: &Text<'_>, mut found: impl FnMut(&str, &str)) {
    for c in pattern.captures_iter(&text.text).take(20) {
        if let (Some(all), Some(value)) = (c.get(0), c.get(1)) {
            found(value.as_str(), around(&text.text, all.start(), all.end()));
        }
    }
}

fn provider(text: &Text<'_>, facts: &mut Facts<'_>) {
    static PROVIDER: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r#"(?i)identity provider[ +]['"\\`%27]*([a-z0-9.:/_%-]{3,200})"#));
    each(&PROVIDER, text, |value, context| {
        let lower = value.to_ascii_lowercase();
        let provider = if lower.contains("live.com") {
            "live.com"
        } else if lower.contains("google.com") {
            "google.com"
        } else if lower.contains("sts.windows.net") || lower.contains("login.microsoftonline") {
            "other-tenant"
        } else if lower.starts_with("mail") {
            "mail"
        } else if lower.contains('.') {
            "other"
        } else {
            return;
        };
        facts.add(FactName::Idp, provider, text.view.part, value, context);
    });
}

fn tenant(text: &Text<'_>, facts: &mut Facts<'_>) {
    static TENANT: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(r"(?i)\b(?:tenant|directory|organi[sz]ation) ['\x22`]([^'\x22`\n]{2,100})['\x22`]")
    });
    each(&TENANT, text, |value, context| {
        if !value.contains("Hidden") {
            facts.add(FactName::ErrorTenant, value.trim().to_lowercase(), text.view.part, value, context);
        }
    });
}

fn account(text: &Text<'_>, facts: &mut Facts<'_>) {
    static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)\b(?:user account|signed in user|user|account) ['\x22`{]{0,2}([a-z0-9._%+#'-]{1,80}@[a-z0-9.-]{1,100}\.[a-z]{2,20})",
        )
    });
    each(&ACCOUNT, text, |value, context| {
        facts.add(FactName::IdError, value.to_lowercase(), text.view.part, value, context);
    });
}

fn application(text: &Text<'_>, facts: &mut Facts<'_>) {
    static APP: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)\b(?:client )?application(?: with (?:identifier|id))? ?['\x22`(]{0,2}([0-9a-f-]{36})",
        )
    });
    each(&APP, text, |value, context| {
        if is_guid(value) {
            facts.add(FactName::ClientId, value.to_ascii_lowercase(), text.view.part, value, context);
        }
    });
}

fn resource(text: &Text<'_>, facts: &mut Facts<'_>) {
    static RESOURCE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)\b(?:resource principal named|access to (?:a service|resource)|resource) ['\x22`(]{0,3}((?:https?://)?[a-z0-9-]+[a-z0-9./:_-]{5,120})",
        )
    });
    each(&RESOURCE, text, |value, context| {
        let lower = value.to_ascii_lowercase();
        let name = if lower.contains("graph.microsoft.") || lower.starts_with("00000003-0000-0000-c000") {
            "graph"
        } else if lower.contains("outlook.office") || lower.starts_with("00000002-0000-0ff1-ce00") {
            "outlook"
        } else if lower.contains("graph.windows.net") || lower.starts_with("00000002-0000-0000-c000") {
            "aadgraph"
        } else if lower.contains("management.") && lower.contains("azure")
            || lower.contains("management.core.windows")
        {
            "arm"
        } else if lower.starts_with("http") || is_guid(&lower) {
            "other"
        } else {
            return;
        };
        facts.add(FactName::Resource, name, text.view.part, value, context);
    });
}

#[cfg(test)]
mod tests {
    use super::super::testing::{paste, spelled};
    use super::*;

    #[test]
    fn who_and_where() {
        let text = "AADSTS50020: User account 'pat@contoso.example' from identity provider 'live.com' does not exist in tenant 'Fabrikam' and cannot access the application '11111111-2222-4333-8444-555555555555'(App) in that tenant.";
        assert_eq!(
            spelled(&paste(text), extract),
            [
                "idp=live.com",
                "error-tenant=fabrikam",
                "id-error=pat@contoso.example",
                "client-id=11111111-2222-4333-8444-555555555555"
            ]
        );
        let text = "AADSTS50020: User account '{EmailHidden}' from identity provider 'https://sts.windows.net/1/' does not exist in tenant 'x1'";
        assert!(spelled(&paste(text), extract).contains(&"idp=other-tenant".to_owned()));
    }

    #[test]
    fn resources() {
        let text = "AADSTS500011: The resource principal named https://outlook.office365.com was not found in the tenant named x.";
        assert_eq!(spelled(&paste(text), extract), ["resource=outlook"]);
        assert!(spelled(&paste("the user pat@contoso.example called about tenant 'x'"), extract).is_empty());
    }
}
