//! The customer's own identity provider (AD FS, Okta, Ping…) in the middle of a Microsoft sign-in.
//!
//! In: exchanges with a host that is not Microsoft's and that was asked to sign somebody in for Microsoft. Out: the
//! sign-in hop, and `phrase=identity-provider-error` where that host failed. Never: errors of other hosts.

use crate::model::FactName;

use super::endpoint::{Endpoint, classify};
use super::view::ViewAt;
use super::{Facts, Views};

pub(super) fn federation(views: &Views<'_>, facts: &mut Facts<'_>) {
    let Some(exchange) = views.as_exchange() else { return };
    let Some(view) = views.list.iter().find(|v| v.at == ViewAt::RequestUrl) else { return };
    let seen = classify(&views.url);
    let asked = seen.query.to_ascii_lowercase();
    let for_microsoft = asked.contains("wa=wsignin1.0")
        || asked.contains("microsoftonline")
        || asked.contains("samlrequest=") && seen.path.to_ascii_lowercase().contains("/adfs/");
    if views.endpoint != Endpoint::Other || exchange.log_line || !for_microsoft {
        return;
    }
    facts.note(FactName::Hop, "sign-in", view.part);
    let silent = views.list.iter().find(|v| v.at == ViewAt::Error && !v.text.contains("ABORT"));
    if let Some(words) = silent.filter(|_| exchange.status.is_none_or(|s| s == 0)) {
        let context = format!("{} did not answer: {}", seen.host, words.text);
        facts.add(FactName::Phrase, "identity-provider-error", words.part, &words.text, &context);
        facts.note(FactName::HopFailed, "sign-in", view.part);
    }
    // AD FS numbers its errors, and shows some of them with status 200.
    let numbered = views.list.iter().find(|v| v.is_html() && v.text.contains("MSIS"));
    if exchange.status.is_some_and(|s| s >= 400) || numbered.is_some() {
        let told = numbered.unwrap_or(view);
        let context = format!("{} answered with status {}", seen.host, exchange.status.unwrap_or_default());
        facts.add(FactName::Phrase, "identity-provider-error", told.part, "MSIS", &context);
        facts.note(FactName::HopFailed, "sign-in", view.part);
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::{Http, has, run};
    use super::*;
    use crate::model::{EventKind, Part};

    #[test]
    fn own_identity_provider_fails() {
        let url =
            "https://sts.contoso.example/adfs/ls/?wa=wsignin1.0&wtrealm=urn%3afederation%3aMicrosoftOnline";
        let page = "<html><body>Error details: MSIS7012: An error occurred</body></html>";
        let failed = run(federation, &Http::new("GET", url, 500).body(page).event());
        assert!(has(&failed, FactName::Phrase, "identity-provider-error"));
        let fine = run(federation, &Http::new("GET", url, 200).body("<html>sign in</html>").event());
        assert!(!has(&fine, FactName::Phrase, "identity-provider-error"));
        let mut silent = Http::new("GET", url, 0).event();
        if let EventKind::Exchange(exchange) = &mut silent.kind {
            exchange.error = Some(Part::plain(b"net::ERR_NAME_NOT_RESOLVED", 0));
        }
        assert!(has(&run(federation, &silent), FactName::Phrase, "identity-provider-error"));
        let other =
            run(federation, &Http::new("GET", "https://www.contoso.example/x", 500).body(page).event());
        assert!(other.is_empty());
    }
}
