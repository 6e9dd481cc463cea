//! Whose account: the addresses that stand in hints, anchors, sign-in pages, tokens and answers of `/me`.
//!
//! In: one event. Out: identities in lower case, account type, directory ids. Never: a comparison between them, a
//! password that stands beside a typed name, or the token of an XOAUTH2 line.

/// A sign-in name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    /// Lower case; for a guest the address at home.
    pub(super) address: String,
    /// The name carried `#EXT#`.
    pub(super) guest: bool,
    /// Canonical provider where the name says it (`live.com#ann@…`).
    pub(super) provider: Option<&'static str>,
}

/// Reads a sign-in name or address; `None` when it is neither (a phone number, a mark of a sanitiser, a sentence).
pub(super) fn account(text: &str) -> Option<Account> {
    let lower = text.trim().trim_matches(['"', '\'', '<', '>']).to_lowercase();
    let (provider, lower) = match lower.split_once('#') {
        Some(("live.com", rest)) => (Some("live.com"), rest.to_owned()),
        Some(("google.com", rest)) => (Some("google.com"), rest.to_owned()),
        _ => (None, lower),
    };
    if let Some((local, _)) = lower.split_once("#ext#@") {
        let address = match local.rsplit_once('_') {
            Some((name, domain)) if domain.contains('.') => format!("{name}@{domain}"),
            _ => lower.clone(),
        };
        return is_address(&address.replace("#ext#", "")).then_some(Account {
            address,
            guest: true,
            provider,
        });
    }
    is_address(&lower).then_some(Account { address: lower, guest: false, provider })
}

/// One `@`, a dotted domain, and no character that would make it something else.
pub(super) fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let fine = |c: char| c.is_alphanumeric() || "!$%&'*+-./=?^_`~".contains(c);
    let labels_fine = domain
        .split('.')
        .all(|l| !l.is_empty() && l.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_'));
    !local.is_empty()
        && local.len() <= 128
        && domain.len() <= 190
        && local.chars().all(fine)
        && !local.contains("**")
        && domain.contains('.')
        && labels_fine
        && !domain.rsplit('.').next().unwrap_or_default().chars().all(|c| c.is_ascii_digit())
}

/// A GUID with dashes that is not all zeros.
pub(super) fn is_guid(text: &str) -> bool {
    let groups = [8, 4, 4, 4, 12];
    let mut parts = text.split('-');
    groups
        .iter()
        .all(|n| parts.next().is_some_and(|p| p.len() == *n && p.bytes().all(|b| b.is_ascii_hexdigit())))
        && parts.next().is_none()
        && text.bytes().any(|b| b != b'0' && b != b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_accounts() {
        let read = |t: &str| account(t).map(|a| (a.address, a.guest, a.provider));
        assert_eq!(read("Ann@Contoso.example"), Some(("ann@contoso.example".into(), false, None)));
        assert_eq!(
            read("bob_smith_fabrikam.example#EXT#@contoso.onmicrosoft.com"),
            Some(("bob_smith@fabrikam.example".into(), true, None))
        );
        assert_eq!(
            read("live.com#eve@gmail.example"),
            Some(("eve@gmail.example".into(), false, Some("live.com")))
        );
        for text in
            ["+15550100", "***@contoso.example", "[redacted]", "a@b", "a@192.0.2.1", "x y@contoso.example"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn guids() {
        assert!(is_guid("11111111-2222-3333-4444-555555555555"));
        assert!(!is_guid("00000000-0000-0000-0000-000000000000"));
        assert!(!is_guid("11111111-2222-3333-4444-55555555555g"));
    }
}
