//! Reads what a token says of itself.
//!
//! In: the text of an access or id token, or of `client_info`. Out: the claims that name account, tenant, audience and
//! rights. Never: the token itself, its signature, or a check of it.

use crate::decode::decode_base64;
use crate::decode::json::{self, Node};
use crate::knowledge::CONSUMER_TENANT;
use crate::model::{FactName, Part};

use super::Facts;
use super::hash::is_removed;
use super::identity::{Account, account, is_guid};
use super::scopes::{Api, note_scopes};

/// Longest token that is looked at.
const MAX_TOKEN: usize = 128 * 1024;

/// What a text that stands where a token belongs turns out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Jwt(Box<Claims>),
    /// Not readable; personal accounts get such tokens for Graph and Outlook (`EwB…`).
    Opaque {
        personal: bool,
    },
    /// A sanitiser was here, or it is no token at all.
    Unreadable,
}

/// The claims that matter, as written; empty where absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) tid: String,
    pub(super) oid: String,
    pub(super) names: Vec<String>,
    pub(super) email: String,
    pub(super) idp: String,
    pub(super) acct: Option<i64>,
    pub(super) aud: String,
    pub(super) app: String,
    pub(super) scp: String,
    pub(super) roles: Vec<String>,
    pub(super) exp: Option<i64>,
}

/// Reads a token.
pub(super) fn read(token: &str) -> Token {
    let token = token.trim();
    if token.len() > MAX_TOKEN || token.len() < 6 {
        return Token::Unreadable;
    }
    if let Some(claims) = payload(token).and_then(|bytes| claims(&bytes)) {
        return Token::Jwt(Box::new(claims));
    }
    let personal = is_personal_opaque(token);
    if personal || (token.len() >= 40 && !token.starts_with("eyJ") && !is_removed(token)) {
        return Token::Opaque { personal };
    }
    Token::Unreadable
}

/// `EwB…` and its sisters: what login.live.com gives for Graph and Outlook. A cut or masked tail does not matter.
fn is_personal_opaque(token: &str) -> bool {
    let mut chars = token.chars();
    chars.next() == Some('E')
        && chars.next() == Some('w')
        && chars.next().is_some_and(|c| c.is_ascii_uppercase())
        && !token.contains(' ')
}

/// Bytes of the middle part of a JWT; the signature may be missing, replaced or cut, and so may the payload's end.
fn payload(token: &str) -> Option<Vec<u8>> {
    if !token.starts_with("ey") {
        return None;
    }
    let middle = token.split('.').nth(1)?;
    let clean: String = middle
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '/'))
        .collect();
    // A cut payload leaves one stray digit at most three out of four times: drop to whole groups then.
    decode_base64(&clean).or_else(|| decode_base64(clean.get(..clean.len() / 4 * 4)?))
}

fn claims(bytes: &[u8]) -> Option<Claims> {
    let node = json::parse(bytes, 0)?.node;
    if node.members().is_empty() {
        return None;
    }
    let text = |key: &str| node.get(key).and_then(Node::text).map(|t| t.into_owned()).unwrap_or_default();
    let mut tid = text("tid");
    if tid.is_empty() {
        tid = tenant_of_issuer(&text("iss")).unwrap_or_default();
    }
    let names = ["preferred_username", "upn", "unique_name"].map(text).into_iter().filter(|n| !n.is_empty());
    let app = Some(text("appid")).filter(|a| !a.is_empty()).unwrap_or_else(|| text("azp"));
    Some(Claims {
        tid,
        oid: text("oid"),
        names: names.collect(),
        email: text("email"),
        idp: text("idp"),
        acct: node.get("acct").and_then(Node::int),
        aud: text("aud"),
        app,
        scp: text("scp"),
        roles: node.get("roles").map(words).unwrap_or_default(),
        exp: node.get("exp").and_then(Node::int),
    })
}

fn words(node: &Node<'_>) -> Vec<String> {
    let items = node.items().iter().filter_map(Node::text).map(|t| t.into_owned());
    items.chain(node.text().map(|t| t.into_owned())).collect()
}

/// Tenant id inside an issuer of either version.
pub(super) fn tenant_of_issuer(issuer: &str) -> Option<String> {
    let (_, rest) = issuer.split_once("://")?;
    let segment = rest.split('/').nth(1)?;
    is_guid(segment).then(|| segment.to_ascii_lowercase())
}

/// Facts of an access token. `part` is where it stands; nothing of it is shown.
pub(super) fn note_access(token: &Token, part: &Part<'_>, facts: &mut Facts<'_>) {
    match token {
        Token::Unreadable => {}
        Token::Opaque { personal } => {
            facts.note(FactName::TokenKind, "opaque", part);
            if *personal {
                facts.note(FactName::AccountType, "personal", part);
            }
        }
        Token::Jwt(claims) => {
            facts.note(FactName::TokenKind, "jwt", part);
            note_scopes(FactName::ScopeGranted, &claims.scp, part, facts);
            note_scopes(FactName::RoleGranted, &claims.roles.join(" "), part, facts);
            if let Some(api) = Api::of_audience(&claims.aud) {
                facts.note(FactName::Resource, api.name(), part);
            }
            if is_guid(&claims.app) {
                facts.note(FactName::ClientId, claims.app.to_ascii_lowercase(), part);
            }
            note_account(claims, part, facts);
        }
    }
}

/// Facts of an id token: who signed in, where.
pub(super) fn note_id(token: &Token, part: &Part<'_>, facts: &mut Facts<'_>) {
    let Token::Jwt(claims) = token else { return };
    if is_guid(&claims.aud) {
        facts.note(FactName::ClientId, claims.aud.to_ascii_lowercase(), part);
    }
    note_account(claims, part, facts);
}

/// `client_info`: `uid` and `utid` are the ids of the home account.
pub(super) fn note_client_info(value: &str, part: &Part<'_>, facts: &mut Facts<'_>) {
    let Some(bytes) = decode_base64(value).filter(|b| b.len() < 4096) else { return };
    let Some(parsed) = json::parse(&bytes, 0) else { return };
    let id = |key: &str| {
        let text = parsed.node.get(key).and_then(Node::text)?;
        is_guid(&text).then(|| text.to_ascii_lowercase())
    };
    let (uid, utid) = (id("uid"), id("utid"));
    if let Some(oid) = uid {
        facts.note(FactName::Oid, oid, part);
    }
    if let Some(home) = utid {
        if home == CONSUMER_TENANT {
            facts.note(FactName::AccountType, "personal", part);
        }
        facts.note(FactName::HomeTenant, home, part);
    }
}

fn note_account(claims: &Claims, part: &Part<'_>, facts: &mut Facts<'_>) {
    let tid = claims.tid.to_ascii_lowercase();
    if is_guid(&tid) {
        facts.note(FactName::Tenant, tid.as_str(), part);
    }
    if is_guid(&claims.oid) {
        facts.note(FactName::Oid, claims.oid.to_ascii_lowercase(), part);
    }
    let mut kind = claims.acct.filter(|a| *a == 1).map(|_| "guest");
    for name in &claims.names {
        let Some(Account { address, guest, provider }) = account(name) else { continue };
        facts.note(FactName::IdToken, address, part);
        if guest {
            kind = kind.or(Some("guest"));
        }
        if let Some(provider) = provider {
            facts.note(FactName::Idp, provider, part);
        }
    }
    if let Some(Account { address, .. }) = account(&claims.email) {
        facts.note(FactName::IdTokenMail, address, part);
    }
    if let Some((idp, home)) = provider_of(&claims.idp, &tid) {
        facts.note(FactName::Idp, idp, part);
        kind = kind.or(Some("guest"));
        if let Some(home) = home {
            facts.note(FactName::HomeTenant, home, part);
        }
    }
    let has_user = !claims.names.is_empty() || !claims.scp.is_empty() || claims.acct.is_some();
    if tid == CONSUMER_TENANT {
        kind = Some("personal");
    } else if is_guid(&tid) && has_user {
        kind = kind.or(Some("work"));
    }
    if let Some(kind) = kind {
        facts.note(FactName::AccountType, kind, part);
    }
}

/// Canonical provider of an `idp` claim and the home tenant that it names; `None` when the account is at home.
fn provider_of(idp: &str, tid: &str) -> Option<(&'static str, Option<String>)> {
    let lower = idp.to_ascii_lowercase();
    if lower.is_empty() || (lower.contains("live.com") && tid == CONSUMER_TENANT) {
        return None;
    }
    if let Some(home) = tenant_of_issuer(&lower) {
        return match home.as_str() {
            same if same == tid => None,
            CONSUMER_TENANT => Some(("live.com", None)),
            _ => Some(("other-tenant", Some(home))),
        };
    }
    Some(match lower.as_str() {
        "live.com" => ("live.com", None),
        "google.com" => ("google.com", None),
        "mail" => ("mail", None),
        _ => ("other", None),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::extract::synthetic::{facts_of, has, paste};
    use base64::Engine as _;

    /// An unsigned token with those claims.
    pub(in crate::extract) fn make(claims: &str) -> String {
        let enc = |t: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(t);
        format!("{}.{}.c2lnbmF0dXJl", enc(r#"{"typ":"JWT","alg":"RS256"}"#), enc(claims))
    }

    const TID: &str = "11111111-2222-3333-4444-555555555555";

    fn access(claims: &str) -> Vec<(FactName, String)> {
        let token = make(claims);
        facts_of(&paste(&token), |_, part, facts| note_access(&read(&token), part, facts))
    }

    #[test]
    fn work_token() {
        let facts = access(&format!(
            r#"{{"aud":"https://graph.microsoft.com","tid":"{TID}","upn":"Ann@contoso.example","scp":"Mail.Read openid","acct":0,"appid":"aaaaaaaa-0000-0000-0000-000000000001","exp":1767300000}}"#
        ));
        for (name, value) in [
            (FactName::Resource, "graph"),
            (FactName::Tenant, TID),
            (FactName::IdToken, "ann@contoso.example"),
            (FactName::ScopeGranted, "Mail.Read"),
            (FactName::AccountType, "work"),
            (FactName::TokenKind, "jwt"),
        ] {
            assert!(has(&facts, name, value), "{name:?}={value} in {facts:?}");
        }
    }

    #[test]
    fn guests_and_personal_accounts() {
        let guest = access(&format!(
            r#"{{"tid":"{TID}","idp":"https://sts.windows.net/99999999-2222-3333-4444-555555555555/","unique_name":"bob_fabrikam.example#EXT#@contoso.onmicrosoft.com"}}"#
        ));
        assert!(has(&guest, FactName::AccountType, "guest"));
        assert!(has(&guest, FactName::Idp, "other-tenant"));
        assert!(has(&guest, FactName::IdToken, "bob@fabrikam.example"));
        assert!(has(&guest, FactName::HomeTenant, "99999999-2222-3333-4444-555555555555"));
        let own = access(&format!(
            r#"{{"tid":"{TID}","idp":"https://sts.windows.net/{TID}/","upn":"a@b.example"}}"#
        ));
        assert!(has(&own, FactName::AccountType, "work"));
        let personal =
            access(&format!(r#"{{"tid":"{CONSUMER_TENANT}","preferred_username":"a@gmail.example"}}"#));
        assert!(has(&personal, FactName::AccountType, "personal"));
    }

    #[test]
    fn opaque_cut_and_removed_tokens() {
        assert_eq!(read(&format!("EwB4A8l6BAAU{}", "Ab9".repeat(40))), Token::Opaque { personal: true });
        assert_eq!(read("[access_token redacted]"), Token::Unreadable);
        assert_eq!(read("***************"), Token::Unreadable);
        let token =
            make(&format!(r#"{{"tid":"{TID}","upn":"ann@contoso.example","rest":"{}"}}"#, "x".repeat(300)));
        for cut in 0..token.len() {
            let _ = read(&token[..cut]);
        }
        let cut = &token[..token.len() / 2];
        assert!(matches!(read(cut), Token::Jwt(c) if c.tid == TID));
    }

    #[test]
    fn client_info() {
        use base64::Engine as _;
        let info = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!(
            r#"{{"uid":"77777777-2222-3333-4444-555555555555","utid":"{CONSUMER_TENANT}"}}"#
        ));
        let facts = facts_of(&paste(&info), |_, part, facts| note_client_info(&info, part, facts));
        assert!(has(&facts, FactName::AccountType, "personal"));
        assert!(has(&facts, FactName::Oid, "77777777-2222-3333-4444-555555555555"));
    }
}
