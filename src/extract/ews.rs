//! Errors of Exchange Web Services and Autodiscover.
//!
//! In: views. Out: `api-code`, `api-surface` and `autodiscover-code` from SOAP and POX answers, whose HTTP status is
//! often 200. Never: `NoError`, warnings, or codes from the items of a mailbox.

use std::sync::LazyLock;

use crate::knowledge;
use crate::model::FactName;

use super::endpoint::Endpoint;
use super::sink::Facts;
use super::text::around;
use super::view::{View, ViewAt, Views};
use crate::pattern::Regex;

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    for view in views.list.iter().filter(|v| may_hold(views, v)) {
        soap(view, facts);
        autodiscover(views, view, facts);
    }
}

/// True where SOAP of these services may stand.
fn may_hold(views: &Views<'_>, view: &View<'_>) -> bool {
    match view.at {
        ViewAt::ResponseBody { .. } => {
            matches!(views.endpoint, Endpoint::Ews | Endpoint::Autodiscover | Endpoint::Outlook)
        }
        _ => view.is_free_text() && (view.text.contains("ResponseCode") || view.text.contains("ErrorCode")),
    }
}

/// True when an answer with a good HTTP status reports a failure inside.
pub(super) fn has_error(views: &Views<'_>) -> bool {
    views
        .list
        .iter()
        .any(|v| matches!(v.at, ViewAt::ResponseBody { .. }) && v.text.contains("ResponseClass=\"Error\""))
}

fn soap(view: &View<'_>, facts: &mut Facts<'_>) {
    static CODE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"<(?:\w+:)?(?:ResponseCode|faultcode)\b[^>]*>\s*(?:\w+:)?([A-Za-z][A-Za-z0-9]{3,80})\s*<",
        )
    });
    static SPOKEN: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?i)\bresponse ?code[:= ]{1,3}['\x22]?(Error[A-Za-z0-9]{4,80})"));
    for c in CODE.captures_iter(&view.text).chain(SPOKEN.captures_iter(&view.text)).take(50) {
        let (Some(all), Some(code)) = (c.get(0), c.get(1)) else { continue };
        if !code.as_str().starts_with("Error") && knowledge::api(code.as_str()).is_none() {
            continue;
        }
        let context = around(&view.text, all.start(), all.end());
        facts.add(FactName::ApiCode, code.as_str(), view.part, code.as_str(), context);
        facts.add(FactName::ApiSurface, "ews", view.part, code.as_str(), context);
        if knowledge::api(code.as_str()).is_none() {
            facts.add(FactName::UnknownCode, code.as_str(), view.part, code.as_str(), context);
        }
    }
}

fn autodiscover(views: &Views<'_>, view: &View<'_>, facts: &mut Facts<'_>) {
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"<(?:\w+:)?ErrorCode>\s*([A-Za-z0-9]{3,60})\s*</"));
    static JSON: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r#""ErrorCode"\s*:\s*"([A-Za-z0-9]{3,60})""#));
    let speaks =
        views.endpoint == Endpoint::Autodiscover || view.text.to_ascii_lowercase().contains("autodiscover");
    if !speaks {
        return;
    }
    for c in CODE.captures_iter(&view.text).chain(JSON.captures_iter(&view.text)).take(20) {
        let (Some(all), Some(code)) = (c.get(0), c.get(1)) else { continue };
        if matches!(code.as_str(), "NoError" | "None") {
            continue;
        }
        let context = around(&view.text, all.start(), all.end());
        facts.add(FactName::AutodiscoverCode, code.as_str(), view.part, code.as_str(), context);
        // A redirect is an answer, not an error.
        if !code.as_str().starts_with("Redirect") {
            facts.add(FactName::ApiSurface, "autodiscover", view.part, code.as_str(), context);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exchange, paste, spelled};
    use super::*;

    #[test]
    fn error_inside_a_good_answer() {
        let body = r#"<s:Envelope><m:FindFolderResponseMessage ResponseClass="Error"><m:MessageText>x</m:MessageText><m:ResponseCode>ErrorAccessDenied</m:ResponseCode></m:FindFolderResponseMessage></s:Envelope>"#;
        let url = "https://outlook.office365.com/EWS/Exchange.asmx";
        assert_eq!(
            spelled(&exchange("POST", url, 200, "text/xml", body), extract),
            ["api-code=ErrorAccessDenied", "api-surface=ews"]
        );
        let fine = body.replace("ErrorAccessDenied", "NoError").replace("\"Error\"", "\"Success\"");
        assert!(spelled(&exchange("POST", url, 200, "text/xml", &fine), extract).is_empty());
    }

    #[test]
    fn fault_and_words() {
        let fault = r#"<s:Fault><faultcode xmlns:a="x">a:ErrorServerBusy</faultcode><detail><e:ResponseCode>ErrorServerBusy</e:ResponseCode></detail></s:Fault>"#;
        assert_eq!(spelled(&paste(fault), extract), ["api-code=ErrorServerBusy", "api-surface=ews"]);
        let words = "No mailbox with such guid with ResponseCode ErrorNonExistentMailbox";
        assert_eq!(spelled(&paste(words), extract), ["api-code=ErrorNonExistentMailbox", "api-surface=ews"]);
    }

    #[test]
    fn autodiscover_answer() {
        let body =
            r#"<Autodiscover><Response><Error><ErrorCode>600</ErrorCode></Error></Response></Autodiscover>"#;
        let url = "https://autodiscover.contoso.example/autodiscover/autodiscover.xml";
        let found = spelled(&exchange("GET", url, 200, "text/xml", body), extract);
        assert!(found.contains(&"autodiscover-code=600".to_owned()), "{found:?}");
    }
}
