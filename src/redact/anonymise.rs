//! Stable pseudonyms for personal data.
//!
//! In: texts of a run, in one order. Out: the same texts with addresses, customers' domains, personal names and IP
//! addresses replaced, equal ones by equal ones in all files. What judgement needs stays: guests keep `#EXT#`, system
//! mailboxes stay `outlook_<hex>@outlook.com`, Microsoft's and consumer providers' domains stay, GUIDs stay.
//! Never: a way back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use base64::Engine as _;
use regex::{Captures, Regex};

use crate::decode::decode_base64;

/// Pseudonyms given so far, numbered by first appearance.
#[derive(Debug, Default)]
pub struct Anonymiser {
    users: BTreeMap<String, usize>,
    domains: BTreeMap<String, usize>,
    names: BTreeMap<String, usize>,
    addresses: BTreeMap<String, usize>,
    aliases: BTreeMap<String, usize>,
    kept: Vec<String>,
    /// IP addresses that were given out.
    issued: BTreeSet<String>,
}

static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)([a-z0-9][a-z0-9._+'\-]*?)(?:_([a-z0-9\-]+(?:\.[a-z0-9\-]+)+))?((?:#|%23)EXT(?:#|%23))?(@|%40|~at~|\\+u0040)((?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z]{2,})",
    )
    .expect("a constant pattern")
});
/// An address of which a cut left the beginning, and a word that may be one.
static CUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)([a-z0-9][a-z0-9._+'\-]*)(?:(@|%40|~at~|\\+u0040)[a-z0-9.\-]*)?…")
        .expect("a constant pattern")
});
static HOST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?)+")
        .expect("a constant pattern")
});
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)(["'](?:displayName|userDisplayName|givenName|surname|given_name|family_name|sCompanyDisplayName|User)\\*["']\s*(?::|=>)\s*\\*["'])([^"'\\]{2,80})"#,
    )
    .expect("a constant pattern")
});
static RUN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/_-]{20,}={0,2}").expect("a constant pattern"));
static V4: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d{1,3}(?:\.\d{1,3}){3}").expect("a constant pattern"));
static V6: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:[0-9a-f]{1,4}:){2,7}(?::[0-9a-f]{1,4}){1,5}|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){2,6}:")
        .expect("a constant pattern")
});

/// Providers and Microsoft's own domains: they tell the kind of account and nobody's name.
const PUBLIC: &[&str] = &[
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "gmail.com",
    "googlemail.com",
    "yahoo.com",
    "icloud.com",
    "me.com",
    "aol.com",
    "proton.me",
    "gmx.de",
    "gmx.net",
    "web.de",
    "microsoft.com",
    "microsoftonline.com",
    "office.com",
    "office365.com",
    "windows.net",
    "windows.com",
    "azure.com",
    "google.com",
    "msftidentity.com",
    "exchangelabs.com",
    "microsoftonline.us",
    "chinacloudapi.cn",
    "sharepoint.com",
    "onmicrosoft.com",
];

/// Host labels that say what a server does.
const ROLES: &[&str] = &[
    "autodiscover",
    "mail",
    "owa",
    "exchange",
    "webmail",
    "adfs",
    "sts",
    "fs",
    "login",
    "www",
    "smtp",
    "imap",
    "mx",
];

impl Anonymiser {
    /// A domain that is nobody's secret, such as the vendor's.
    pub fn keep(&mut self, domain: &str) {
        self.kept.push(domain.to_ascii_lowercase());
    }

    /// What each pseudonym stands for, in the order in which they were given.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for (known, name) in [
            (&self.users, "user"),
            (&self.domains, "domain"),
            (&self.names, "Person "),
            (&self.addresses, "address "),
            (&self.aliases, "outlook_"),
        ] {
            let mut list: Vec<(&String, &usize)> = known.iter().collect();
            list.sort_by_key(|(_, n)| **n);
            out.extend(list.into_iter().map(|(original, n)| (format!("{name}{n}"), original.clone())));
        }
        out
    }

    /// As [`Anonymiser::apply`], for a whole file: bytes that are no text stay, and base64 that says something is
    /// read, changed and written again.
    pub fn apply_bytes(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            let text = self.encoded(chunk.valid(), 0);
            out.extend_from_slice(self.apply(&text).as_bytes());
            out.extend_from_slice(chunk.invalid());
        }
        out
    }

    /// Changes what base64 says, up to base64 in base64.
    fn encoded(&mut self, text: &str, depth: usize) -> String {
        if depth > 2 {
            return text.to_owned();
        }
        replace(&RUN, text, |_, _, run| {
            let inner = String::from_utf8(decode_base64(run)?).ok()?;
            if inner.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
                return None;
            }
            let nested = self.encoded(&inner, depth + 1);
            let changed = self.apply(&nested);
            (changed != inner).then(|| encode_like(run, &changed))
        })
    }

    /// Gives numbers to what stands in a text without rewriting it: call it for all sources in their order.
    pub fn learn(&mut self, text: &str) {
        let _ = self.apply(text);
    }

    /// The text with pseudonyms.
    pub fn apply(&mut self, text: &str) -> String {
        let text = self.people(text);
        let text = CUT.replace_all(&text, |c: &Captures<'_>| self.cut(c)).into_owned();
        let text = EMAIL.replace_all(&text, |c: &Captures<'_>| self.email(c)).into_owned();
        let text = HOST.replace_all(&text, |c: &Captures<'_>| self.host(&c[0])).into_owned();
        let text = replace(&V4, &text, |whole, at, found| self.v4(whole, at, found));
        replace(&V6, &text, |_, _, found| self.v6(found))
    }

    fn people(&mut self, text: &str) -> String {
        let text = NAME
            .replace_all(text, |c: &Captures<'_>| {
                let name = c[2].trim();
                if name.contains('@') || is_pseudonym(name, "Person ") {
                    return c[0].to_owned();
                }
                format!("{}Person {}", &c[1], number(&mut self.names, name))
            })
            .into_owned();
        // Longest first, so that a full name is not torn by a first name; the order does not depend on the map.
        let mut known: Vec<(&String, &usize)> = self.names.iter().filter(|(n, _)| n.contains(' ')).collect();
        known.sort_by_key(|(name, n)| (std::cmp::Reverse(name.len()), **n));
        known.iter().fold(text, |text, (name, n)| {
            if text.contains(name.as_str()) {
                text.replace(name.as_str(), &format!("Person {n}"))
            } else {
                text
            }
        })
    }

    /// What a cut left of an address: the domain goes, and the person is the one that is known by that beginning.
    fn cut(&mut self, c: &Captures<'_>) -> String {
        let local = c[1].to_ascii_lowercase();
        match c.get(2) {
            Some(_) if is_pseudonym(&local, "user") => format!("{}{}…", &c[1], &c[2]),
            Some(at) => format!("user{}{}…", number(&mut self.users, &local), at.as_str()),
            None if local.len() > 2 && self.users.keys().any(|known| known.starts_with(&local)) => {
                "…".to_owned()
            }
            None => c[0].to_owned(),
        }
    }

    fn email(&mut self, c: &Captures<'_>) -> String {
        let local = c[1].to_ascii_lowercase();
        let (guest, at, domain) = (c.get(3).map_or("", |m| m.as_str()), &c[4], c[5].to_ascii_lowercase());
        let home = c.get(2).map_or("", |m| m.as_str()).to_ascii_lowercase();
        let is_hex = |s: &str| s.len() == 16 && s.bytes().all(|b| b.is_ascii_hexdigit());
        if let Some(hex) = local.strip_prefix("outlook_").filter(|h| is_hex(h)) {
            let n = number(&mut self.aliases, hex);
            return format!("outlook_{n:016X}{at}{domain}");
        }
        let local = if guest.is_empty() && !home.is_empty() { format!("{local}_{home}") } else { local };
        let user = if is_pseudonym(&local, "user") {
            local
        } else {
            format!("user{}", number(&mut self.users, &local))
        };
        let home = if guest.is_empty() { String::new() } else { format!("_{}", self.domain(&home)) };
        let home = if home == "_" { String::new() } else { home };
        format!("{user}{home}{guest}{at}{}", self.domain(&domain))
    }

    /// Pseudonym of the domain of an address.
    fn domain(&mut self, domain: &str) -> String {
        for suffix in [".mail.onmicrosoft.com", ".onmicrosoft.com"] {
            if let Some(tenant) = domain.strip_suffix(suffix) {
                return format!("{}{suffix}", self.label(tenant));
            }
        }
        let public = |d: &str| domain == d || domain.strip_suffix(d).is_some_and(|h| h.ends_with('.'));
        if domain.is_empty() || PUBLIC.iter().any(|d| public(d)) || self.kept.iter().any(|d| public(d)) {
            return domain.to_owned();
        }
        if domain.strip_suffix(".example").is_some_and(|d| is_pseudonym(d, "domain")) {
            return domain.to_owned();
        }
        format!("domain{}.example", number(&mut self.domains, domain))
    }

    fn label(&mut self, tenant: &str) -> String {
        if is_pseudonym(tenant, "domain") {
            return tenant.to_owned();
        }
        format!("domain{}", number(&mut self.domains, &format!("{tenant}.onmicrosoft.com")))
    }

    /// A host name under a domain that belongs to a person of this run.
    fn host(&mut self, host: &str) -> String {
        let lower = host.to_ascii_lowercase();
        if let Some(at) = lower.find(".mail.protection.outlook.com") {
            let known =
                self.domains.iter().find(|(d, _)| lower.get(..at) == Some(d.replace('.', "-").as_str()));
            return known
                .map_or(host.to_owned(), |(_, n)| format!("domain{n}-example.mail.protection.outlook.com"));
        }
        for suffix in [".mail.onmicrosoft.com", ".onmicrosoft.com", "-my.sharepoint.com", ".sharepoint.com"] {
            if let Some(tenant) = lower.strip_suffix(suffix).filter(|t| !t.contains('.')) {
                return format!("{}{suffix}", self.label(tenant));
            }
        }
        let mut rest = lower.as_str();
        let mut prefix = Vec::new();
        loop {
            if let Some(n) = self.domains.get(rest) {
                prefix.push(format!("domain{n}.example"));
                return prefix.join(".");
            }
            let Some((label, tail)) = rest.split_once('.') else { return host.to_owned() };
            prefix.push(if ROLES.contains(&label) { label.to_owned() } else { "host".to_owned() });
            rest = tail;
        }
    }

    /// Versions (`Chrome/120.0.0.0`, `15.20.1.2` after a word) are no addresses.
    fn v4(&mut self, whole: &str, at: usize, found: &str) -> Option<String> {
        let before = whole.get(..at).unwrap_or_default();
        let after = whole.get(at + found.len()..).unwrap_or_default();
        let glued = before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
            || (before.ends_with('/') && !before.ends_with("//"))
            || after.starts_with(|c: char| c.is_alphanumeric())
            || after.strip_prefix('.').is_some_and(|t| t.starts_with(|c: char| c.is_ascii_digit()));
        let octets: Vec<u8> = found.split('.').filter_map(|o| o.parse().ok()).collect();
        let [first, ..] = octets.as_slice() else { return None };
        let special = octets.len() != 4 || *first == 127 || *first == 0 || found == "255.255.255.255";
        let ours = self.issued.contains(found);
        if glued || special || ours {
            return None;
        }
        let n = number(&mut self.addresses, found) - 1;
        let net = ["192.0.2", "198.51.100", "203.0.113"].get(n / 254);
        let new = match net {
            Some(net) => format!("{net}.{}", n % 254 + 1),
            None => format!("240.0.{}.{}", n / 254 % 256, n % 254 + 1),
        };
        self.issued.insert(new.clone());
        Some(new)
    }

    fn v6(&mut self, found: &str) -> Option<String> {
        if self.issued.contains(found) {
            return None;
        }
        let new = format!("2001:db8::{:x}", number(&mut self.addresses, found));
        self.issued.insert(new.clone());
        Some(new)
    }
}

/// Base64 in the alphabet and with the padding of `run`.
fn encode_like(run: &str, text: &str) -> String {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let plain = run.ends_with('=')
        || run.contains(['+', '/'])
        || (run.len().is_multiple_of(4) && !run.starts_with("eyJ"));
    if plain && !run.contains(['-', '_']) { STANDARD.encode(text) } else { URL_SAFE_NO_PAD.encode(text) }
}

fn is_pseudonym(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

fn number(known: &mut BTreeMap<String, usize>, key: &str) -> usize {
    let next = known.len() + 1;
    *known.entry(key.to_owned()).or_insert(next)
}

/// Replaces matches where `with` says so; it sees the whole text.
fn replace(pattern: &Regex, text: &str, mut with: impl FnMut(&str, usize, &str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for m in pattern.find_iter(text) {
        if let Some(new) = with(text, m.start(), m.as_str()) {
            out.push_str(text.get(at..m.start()).unwrap_or_default());
            out.push_str(&new);
            at = m.end();
        }
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(texts: &[&str]) -> Vec<String> {
        let mut anonymiser = Anonymiser::default();
        texts.iter().map(|t| anonymiser.apply(t)).collect()
    }

    #[test]
    fn equal_identities_stay_equal() {
        let out = run(&[
            "intended ada@contoso.example, signed in as Bob@contoso.example",
            "login_hint=ada%40contoso.example; ADA@CONTOSO.example",
            "ada@fabrikam.example",
        ]);
        assert_eq!(out[0], "intended user1@domain1.example, signed in as user2@domain1.example");
        assert_eq!(out[1], "login_hint=user1%40domain1.example; user1@domain1.example");
        assert_eq!(out[2], "user1@domain2.example");
    }

    #[test]
    fn what_a_cut_left_of_an_address_goes_too() {
        let out = run(&[
            "ann.lee@contoso.example",
            "the user 'ann.lee@c… 'ann.lee@contoso.exam… 'ann.l… ann.lee%40… and so on… bob@fabr…",
        ]);
        assert_eq!(out[1], "the user 'user1@… 'user1@… '… user1%40… and so on… user2@…");
        let mut anonymiser = Anonymiser::default();
        let once = anonymiser.apply("ann@contoso.example ann@c…");
        assert_eq!(anonymiser.apply(&once), once);
    }

    #[test]
    fn what_judgement_needs_stays() {
        let out = run(&[
            "ada@contoso.example is outlook_0123456789ABCDEF@outlook.com and ada_contoso.example#EXT#@fabrikam.onmicrosoft.com",
            "bob@hotmail.com autodiscover.contoso.example contoso-example.mail.protection.outlook.com graph.microsoft.com",
        ]);
        assert_eq!(
            out[0],
            "user1@domain1.example is outlook_0000000000000001@outlook.com and user1_domain1.example#EXT#@domain2.onmicrosoft.com"
        );
        assert_eq!(
            out[1],
            "user2@hotmail.com autodiscover.domain1.example domain1-example.mail.protection.outlook.com graph.microsoft.com"
        );
    }

    #[test]
    fn names_and_addresses() {
        let out = run(&[
            r#"{"displayName":"Ada Lovelace","appDisplayName":"Contoso Sync","ip":"203.0.113.9"}"#,
            "Ada Lovelace from 203.0.113.9 and 2001:db8:1:2::3, Chrome/120.0.0.0 at 03:04:05, 5.7.139",
        ]);
        assert_eq!(out[0], r#"{"displayName":"Person 1","appDisplayName":"Contoso Sync","ip":"192.0.2.1"}"#);
        assert_eq!(out[1], "Person 1 from 192.0.2.1 and 2001:db8::2, Chrome/120.0.0.0 at 03:04:05, 5.7.139");
    }

    #[test]
    fn what_base64_says_is_changed_too() {
        let claims = "eyJ1cG4iOiJhZGFAY29udG9zby5leGFtcGxlIn0";
        let mut anonymiser = Anonymiser::default();
        let out = anonymiser.apply_bytes(
            format!("{claims}.redacted~x \\u00e9 ada\\u0040contoso.example \u{fffd}").as_bytes(),
        );
        let out = String::from_utf8(out).unwrap();
        assert_eq!(
            out,
            "eyJ1cG4iOiJ1c2VyMUBkb21haW4xLmV4YW1wbGUifQ.redacted~x \\u00e9 user1\\u0040domain1.example \u{fffd}"
        );
        assert!(anonymiser.pairs().contains(&("user1".into(), "ada".into())));
    }

    #[test]
    fn twice_is_once() {
        let mut anonymiser = Anonymiser::default();
        let text = r#"ada@contoso.example "displayName":"Ada L" 198.51.100.7 x.contoso.example ada_contoso.example#EXT#@f.onmicrosoft.com"#;
        let once = anonymiser.apply(text);
        assert_eq!(anonymiser.apply(&once), once);
    }
}
