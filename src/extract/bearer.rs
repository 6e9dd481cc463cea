//! Bearer tokens on their way to an API, and the SASL line of IMAP, POP and SMTP.
//!
//! In: `Authorization` request headers, `AUTH XOAUTH2` lines. Out: what the token allows, for whom, for which API, and
//! whether it was already over. Never: the token.

use std::sync::LazyLock;

use crate::decode::decode_base64;
use crate::model::{FactName, Part};

use super::endpoint::Endpoint;
use super::identity::account;
use super::jwt::{self, Token};
use super::scopes::Api;
use super::{Facts, Views};
use crate::pattern::Regex;

pub(super) fn bearer(views: &Views<'_>, facts: &mut Facts<'_>) {
    if let Some(view) = views.request_header("authorization") {
        let api = match views.endpoint {
            Endpoint::Graph => Some(Api::Graph),
            Endpoint::AadGraph => Some(Api::AadGraph),
            Endpoint::Arm => Some(Api::Arm),
            Endpoint::Outlook | Endpoint::Ews => Some(Api::Outlook),
            _ => None,
        };
        let mut words = view.text.split_whitespace();
        let scheme = words.next().unwrap_or_default();
        if let (true, Some(api), Some(text)) = (scheme.eq_ignore_ascii_case("bearer"), api, words.next()) {
            note_used(text, api, view.part, facts);
        }
    }
    for view in views.list.iter().filter(|v| v.is_free_text()) {
        sasl(&view.text, view.part, facts);
    }
}

/// A token sent to `api`.
fn note_used(text: &str, api: Api, part: &Part<'_>, facts: &mut Facts<'_>) {
    let token = jwt::read(text);
    jwt::note_access(&token, part, facts);
    let Token::Jwt(claims) = &token else { return };
    if Api::of_audience(&claims.aud).is_some_and(|meant| meant != api) {
        facts.note(FactName::AudienceMismatch, "yes", part);
    }
    let time = facts.meta().time.map(|t| t.as_second());
    if let (Some(exp), Some(time)) = (claims.exp, time)
        && exp < time
    {
        facts.note(FactName::TokenExpired, "yes", part);
    }
}

/// `AUTHENTICATE XOAUTH2 <base64>`: `user=<address>^Aauth=Bearer <token>^A^A`.
fn sasl(text: &str, part: &Part<'_>, facts: &mut Facts<'_>) {
    static LINE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(r"(?i)\bAUTH(?:ENTICATE)?[ \t]+XOAUTH2\s+(?:\S{0,4}:\s*)?([A-Za-z0-9+/=_-]{16,})")
    });
    static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)\buser=([^\s\x01^]{3,190}?)(?:\x01|\^A|\\x01|\\u0001)auth=Bearer ([^\s\x01^\\]+)",
        )
    });
    if !text.contains("OAUTH2") && !text.contains("oauth2") && !text.contains("auth=Bearer") {
        return;
    }
    for hit in LINE.captures_iter(text).take(20) {
        let Some(bytes) = hit.get(1).and_then(|m| decode_base64(m.as_str())) else { continue };
        let line = String::from_utf8_lossy(&bytes);
        if let Some(rest) = line.strip_prefix("user=") {
            let (user, rest) = rest.split_once('\u{1}').unwrap_or((rest, ""));
            let token = rest.strip_prefix("auth=Bearer ").map(|t| t.trim_end_matches('\u{1}'));
            note_sasl(user, token.unwrap_or_default(), part, facts);
        }
    }
    for hit in PLAIN.captures_iter(text).take(20) {
        let group = |n: usize| hit.get(n).map_or("", |m| m.as_str());
        note_sasl(group(1), group(2), part, facts);
    }
}

fn note_sasl(user: &str, token: &str, part: &Part<'_>, facts: &mut Facts<'_>) {
    if let Some(found) = account(user) {
        facts.note(FactName::IdHint, found.address, part);
    }
    note_used(token, Api::Outlook, part, facts);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::jwt::tests::make;
    use crate::extract::synthetic::{Http, has, paste, run, values};
    use base64::Engine as _;

    #[test]
    fn token_for_another_api_and_over() {
        let token = make(r#"{"aud":"https://outlook.office.com","scp":"Mail.Read","exp":1767225600}"#);
        let header = format!("Bearer {token}");
        let event = Http::new("GET", "https://graph.microsoft.com/v1.0/me", 401)
            .sent("Authorization", &header)
            .at("2026-01-01T00:30:00Z")
            .event();
        let facts = run(bearer, &event);
        assert!(has(&facts, FactName::AudienceMismatch, "yes"));
        assert!(has(&facts, FactName::TokenExpired, "yes"));
        assert!(has(&facts, FactName::ScopeGranted, "Mail.Read"));
        let event = Http::new("GET", "https://outlook.office.com/api/v2.0/me", 200)
            .sent("authorization", &header)
            .at("2025-12-31T23:30:00Z")
            .event();
        let facts = run(bearer, &event);
        assert!(values(&facts, FactName::AudienceMismatch).is_empty());
        assert!(values(&facts, FactName::TokenExpired).is_empty());
    }

    #[test]
    fn roles_and_personal_tokens() {
        let header =
            format!("Bearer {}", make(r#"{"aud":"https://graph.microsoft.com","roles":["Mail.Read"]}"#));
        let event = Http::new("GET", "https://graph.microsoft.com/v1.0/users", 200)
            .sent("Authorization", &header)
            .event();
        assert!(has(&run(bearer, &event), FactName::RoleGranted, "Mail.Read"));
        let header = format!("Bearer EwB4A8l6BAAU{}", "aB3".repeat(50));
        let event = Http::new("GET", "https://graph.microsoft.com/v1.0/me", 200)
            .sent("Authorization", &header)
            .event();
        let facts = run(bearer, &event);
        assert!(has(&facts, FactName::TokenKind, "opaque"));
        assert!(has(&facts, FactName::AccountType, "personal"));
    }

    #[test]
    fn sasl_lines() {
        let token = make(r#"{"aud":"https://graph.microsoft.com","scp":"Mail.Read"}"#);
        let line = base64::engine::general_purpose::STANDARD
            .encode(format!("user=shared@contoso.example\u{1}auth=Bearer {token}\u{1}\u{1}"));
        let facts = run(
            bearer,
            &paste(&format!("C: A01 AUTHENTICATE XOAUTH2 {line}\nS: A01 NO AUTHENTICATE failed.")),
        );
        assert!(has(&facts, FactName::IdHint, "shared@contoso.example"));
        assert!(has(&facts, FactName::AudienceMismatch, "yes"));
    }
}
