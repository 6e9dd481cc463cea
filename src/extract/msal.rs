//! Errors of the client library.
//!
//! In: views. Out: `msal-code`. Never: ordinary words: a code counts when no other software uses it, or in the place
//! in which the library prints its codes.

use std::sync::LazyLock;

use crate::model::FactName;

use super::passing::is_name;
use super::sink::Facts;
use super::text::around;
use super::view::Views;
use crate::pattern::Regex;

/// Codes that nobody else prints.
const DISTINCT: &str = "no_tokens_found|interaction_in_progress|state_mismatch|nonce_mismatch|user_cancelled|popup_window_error|empty_window_error|monitor_window_timeout|monitor_popup_timeout|hash_empty_error|hash_does_not_contain_known_properties|block_iframe_reload|block_nested_popups|native_account_unavailable|multiple_matching_tokens|endpoints_resolution_error|openid_config_error|no_account_error|no_account_in_silent_request|authentication_canceled|failed_to_acquire_token_silently_from_broker|failed_to_acquire_token_silently|uninitialized_public_client_application|crypto_nonexistent|silent_sso_error|untrusted_authority|pkce_not_created|post_request_failed|redirect_in_iframe|multiple_matching_appMetadata|token_renewal_error|popup_window_timeout|user_login_error|login_progress_error|acquire_token_progress_error|no_network_connectivity|refresh_token_expired|user_null|unmatched_oauth_state";
/// Codes that count only where the library prints its codes.
const PLACED: &str = "invalid_state|network_error|timed_out|token_refresh_required|request_cannot_be_made|user_mismatch|multiple_accounts|unknown_error|no_network|invalid_cache|access_denied";

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    static ALONE: LazyLock<Regex> = LazyLock::new(|| super::pattern(&format!(r"\b(?:{DISTINCT})\b")));
    static IN_PLACE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(&format!(
            r#"(?:(?:Auth|Browser|Client|Configuration|Required|Server)\w*(?:Error|Exception)|MSAL[^\n]{{0,80}}error(?:Code)?|msal[^\n]{{0,80}}error(?:Code)?|-Error)["']?\s*[:=]?\s*["'(]?({PLACED}|{DISTINCT})\b"#
        ))
    });
    static STATE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)\berror(?:code)?["'\\]*\s*[:=]?\s*["'\\]*(invalid_state|state_mismatch)\b|\b(invalid_state)_?(?:error)?:"#,
        )
    });
    for text in views.texts().filter(|t| t.view.is_free_text()) {
        let library = text.ours;
        for hit in ALONE.find_iter(&text.text).take(20) {
            let context = around(&text.text, hit.start(), hit.end());
            if is_name(&text.text, hit.start(), hit.end()) {
                continue;
            }
            if library || is_placed(&text.text, hit.start()) {
                facts.add(FactName::MsalCode, hit.as_str(), text.view.part, hit.as_str(), context);
            }
        }
        for c in IN_PLACE.captures_iter(&text.text).take(20) {
            let (Some(all), Some(code)) = (c.get(0), c.get(1)) else { continue };
            if code.as_str() != "access_denied" && !is_name(&text.text, code.start(), code.end()) {
                let context = around(&text.text, all.start(), all.end());
                facts.add(FactName::MsalCode, code.as_str(), text.view.part, code.as_str(), context);
            }
        }
        if library {
            for c in STATE.captures_iter(&text.text).take(5) {
                if let Some(code) = c.get(1).or(c.get(2)) {
                    let context = around(&text.text, code.start(), code.end());
                    facts.add(
                        FactName::MsalCode,
                        code.as_str().to_ascii_lowercase(),
                        text.view.part,
                        code.as_str(),
                        context,
                    );
                }
            }
        }
    }
}

/// True right after `…Error:` or `…Exception:`.
fn is_placed(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_end_matches([' ', ':', '"', '\'', '=', '(']);
    before.ends_with("Error")
        || before.ends_with("Exception")
        || before.ends_with("errorCode")
        || before.ends_with("error")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{paste, record, spelled};
    use super::*;

    #[test]
    fn placed_and_distinct() {
        for (text, code) in [
            (
                "BrowserAuthError: interaction_in_progress: Interaction is currently in progress.",
                "interaction_in_progress",
            ),
            ("Uncaught ClientAuthError: state_mismatch: State mismatch error", "state_mismatch"),
            ("[Mon] @azure/msal-browser@3.1 : Error - no_tokens_found", "no_tokens_found"),
            ("msal 1.3.4-Error invalid_state", "invalid_state"),
            ("an infrequent msal error \"Invalid_state\" shows", "invalid_state"),
        ] {
            assert_eq!(spelled(&paste(text), extract), [format!("msal-code={code}")], "{text}");
        }
    }

    #[test]
    fn plain_words() {
        for text in [
            "state machine: invalid_state",
            "fetch failed: network_error",
            "json: token cache could not be read",
        ] {
            assert!(spelled(&record(text), extract).is_empty(), "{text}");
        }
    }
}
