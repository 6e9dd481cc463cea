//! A vendor's own error codes, and those of Microsoft's token library.
//!
//! In: views. Out: `vendor-code`, `idx-code`. Never: names of settings (`OUTLOOK_CLIENT_ID`), dictionaries of messages,
//! or a library error of a product that has nothing to do with Microsoft's services.

use std::sync::LazyLock;

use crate::model::FactName;

use super::sink::Facts;
use super::text::{Text, around, names_microsoft_host};
use super::view::Views;
use crate::pattern::Regex;

/// More different codes than this in one text are a dictionary.
const MAX_DIFFERENT: usize = 3;

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    for text in views.texts() {
        vendor(&text, facts);
        library(&text, views, facts);
    }
}

fn vendor(text: &Text<'_>, facts: &mut Facts<'_>) {
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"\b[A-Z][A-Z0-9]{2,}(?:_[A-Z0-9]+){2,}\b"));
    static ABOUT: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?:^|_)(?:OFFICE|OFFICE365|O365|OUTLOOK|MICROSOFT|MSGRAPH|GRAPH|MAILBOX|CALENDAR|EXCHANGE)(?:_|$)",
        )
    });
    static BAD: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?:^|_)(?:ERROR|ERR|FAILED|FAILURE|INVALID|NOT|NO|DENIED|DISABLED|EXPIRED|MISSING|UNAUTHORIZED|REVOKED|BLOCKED|EXCEEDED|REQUIRED|UNSUPPORTED|UNAVAILABLE|FORBIDDEN|THROTTLED|TIMEOUT|MISMATCH|UNKNOWN)(?:_|$)",
        )
    });
    if !may_hold_code(&text.text) {
        debug_assert!(!CODE.is_match(&text.text));
        return;
    }
    let mut hits: Vec<(usize, &str)> = Vec::new();
    for hit in CODE.find_iter(&text.text).take(2000) {
        let code = hit.as_str();
        let before = text.text.get(..hit.start()).unwrap_or_default();
        let after = text.text.get(hit.end()..).unwrap_or_default();
        let setting = before.ends_with(['$', '{', '.', '/']) || after.starts_with('=');
        if !setting && ABOUT.is_match(code) && BAD.is_match(code) && !hits.iter().any(|(_, c)| *c == code) {
            hits.push((hit.start(), code));
        }
    }
    if hits.len() > MAX_DIFFERENT && !text.view.is_free_text() {
        return;
    }
    for (at, code) in hits {
        facts.add(FactName::VendorCode, code, text.view.part, code, around(&text.text, at, at + code.len()));
    }
}

/// False where no `_` joins two words in capitals.
fn may_hold_code(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_capital = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    memchr::memchr_iter(b'_', bytes).any(|at| at > 0 && is_capital(at - 1) && is_capital(at + 1))
}

fn library(text: &Text<'_>, views: &Views<'_>, facts: &mut Facts<'_>) {
    static CODE: LazyLock<Regex> = LazyLock::new(|| super::pattern(r"\bIDX\d{5}\b"));
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"InvalidAuthenticationToken|AADSTS\d{4}|(?i)outlook|office 365|\bo365\b|msgraph|microsoft graph",
        )
    });
    for hit in CODE.find_iter(&text.text).take(10) {
        let context = around(&text.text, hit.start(), hit.end());
        let ours = views.endpoint.is_microsoft()
            || names_microsoft_host(&text.text)
            || CALL.is_match(&text.text)
            || facts.has(FactName::ApiCode);
        if ours {
            facts.add(FactName::IdxCode, hit.as_str(), text.view.part, hit.as_str(), context);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{paste, record, spelled};
    use super::*;

    #[test]
    fn codes_and_settings() {
        let code = "OFFICE_ERROR_REST_API_NOT_ENABLED_FOR_COMPONENT_SHARED_MAILBOX";
        assert_eq!(spelled(&paste(code), extract), [format!("vendor-code={code}")]);
        for text in [
            "OUTLOOK_CLIENT_ID=1 MICROSOFT_GRAPH_API_URL",
            "SHOP_ORDER_NOT_FOUND",
            "$OUTLOOK_LOGIN_REQUIRED_URL",
        ] {
            assert!(spelled(&paste(text), extract).is_empty(), "{text}");
        }
    }

    #[test]
    fn token_library() {
        let text = "401 for url: https://graph.microsoft.com/v1.0/me | IDX14100: JWT is not well formed";
        assert_eq!(spelled(&record(text), extract), ["idx-code=IDX14100"]);
        assert!(
            spelled(
                &record("IDX12709: CanReadToken() returned false. at Microsoft.IdentityModel.Tokens"),
                extract
            )
            .is_empty()
        );
    }
}
