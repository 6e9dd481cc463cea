//! What is known of Microsoft's codes, scopes, apps and host names: the tables behind `explain`, and the look-ups that
//! extraction and judgement share.
//!
//! In: a code or name. Out: rows of embedded tables (`*.tsv` beside this file; `#` lines say where each came from).
//! Never: I/O, or a guess that is not marked as one.

pub mod profiles;
mod table;

use std::collections::HashSet;
use std::sync::LazyLock;

use table::{Row, Table};

use crate::pattern::Regex;

/// A row of `aadsts.tsv`.
#[derive(Debug, Clone, Copy)]
pub struct Entra {
    /// Digits only.
    pub code: &'static str,
    pub name: &'static str,
    /// The `error` most often seen with it; empty when unknown.
    pub oauth_error: &'static str,
    pub category: &'static str,
    /// Owner id of who can act first.
    pub fixer: &'static str,
    pub meaning: &'static str,
}

/// A row of `graph_errors.tsv`.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    pub code: &'static str,
    pub surface: &'static str,
    pub http: &'static str,
    pub category: &'static str,
    pub fixer: &'static str,
    /// `written` or `name-derived` (the meaning only repeats the identifier: of low value).
    pub gloss: &'static str,
    pub meaning: &'static str,
}

/// A row of `oauth_errors.tsv`.
#[derive(Debug, Clone, Copy)]
pub struct OAuth {
    pub value: &'static str,
    /// Where the value appears: `error`, `suberror`, `error_subcode`, `sErrorCode`, `HRESULT`…
    pub field: &'static str,
    pub surface: &'static str,
    pub category: &'static str,
    pub fixer: &'static str,
    pub meaning: &'static str,
}

/// A row of `scopes.tsv`.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    pub scope: &'static str,
    pub kind: &'static str,
    pub guid: &'static str,
    pub admin_consent: &'static str,
    pub personal_account: &'static str,
    /// Scopes that include this one, separated by blanks (one step of the closure).
    pub satisfied_by: &'static str,
    pub resource_prefix: &'static str,
    pub note: &'static str,
}

/// A row of `wellknown_apps.tsv`.
#[derive(Debug, Clone, Copy)]
pub struct WellKnown {
    pub id: &'static str,
    pub name: &'static str,
    /// `app`, `tenant`, `exchange_org`, `issuer`, `authority`, `service_plan`, `host`.
    pub kind: &'static str,
    pub role: &'static str,
}

/// A row of `mx_hosts.tsv`.
#[derive(Debug, Clone, Copy)]
pub struct Mx {
    pub provider: &'static str,
    /// `mailbox`, `gateway`, `forwarder`, `application`, `none`, `address_domain`, `autodiscover`, `spf_include`.
    pub role: &'static str,
    pub hosts_mailbox: &'static str,
    pub meaning: &'static str,
    pub pattern: &'static str,
}

/// A row of `mail_protocol_errors.tsv`.
#[derive(Debug, Clone, Copy)]
pub struct MailProtocol {
    pub protocol: &'static str,
    /// Literal or regex to look for, without case.
    pub pattern: &'static str,
    /// Enhanced status code or `-`.
    pub enhanced: &'static str,
    pub phase: &'static str,
    pub category: &'static str,
    pub fixer: &'static str,
    pub meaning: &'static str,
}

/// Length of a GUID as written.
const GUID: usize = 36;

/// The tenant id of personal Microsoft accounts.
pub const CONSUMER_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Where the rows of the tables begin, in order of key.
mod order {
    include!(concat!(env!("OUT_DIR"), "/tables.rs"));
}

macro_rules! tables {
    ($($name:ident $file:literal $order:ident;)*) => {
        $(static $name: Table = Table::new(include_str!($file), &order::$order);)*

        #[cfg(test)]
        const ALL: &[(&str, &Table, &[u32])] = &[$(($file, &$name, &order::$order)),*];
    };
}

tables! {
    ENTRA "aadsts.tsv" AADSTS;
    API "graph_errors.tsv" GRAPH_ERRORS;
    OAUTH "oauth_errors.tsv" OAUTH_ERRORS;
    SCOPES "scopes.tsv" SCOPES;
    APPS "wellknown_apps.tsv" WELLKNOWN_APPS;
    MX "mx_hosts.tsv" MX_HOSTS;
    MAIL "mail_protocol_errors.tsv" MAIL_PROTOCOL_ERRORS;
}

/// The Entra code with those digits (`50105`, `AADSTS50105`).
pub fn entra(code: &str) -> Option<Entra> {
    let digits = code.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let [code, name, oauth_error, _, category, fixer, _, meaning] =
        ENTRA.find(&format!("AADSTS{digits}")).next()?.cells();
    Some(Entra { code: code.trim_start_matches("AADSTS"), name, oauth_error, category, fixer, meaning })
}

/// Rows of Graph, Outlook, EWS, Autodiscover codes; letter case does not matter.
pub fn api(code: &str) -> Option<Api> {
    API.find(code).next().map(|row| {
        let [code, surface, http, category, fixer, _, gloss, meaning] = row.cells();
        Api { code, surface, http, category, fixer, gloss, meaning }
    })
}

/// Rows for an OAuth error, suberror, consumer code or HRESULT; one value may stand in several fields.
pub fn oauth(value: &str) -> impl Iterator<Item = OAuth> {
    OAUTH.find(value).map(|row| {
        let [value, field, surface, _, category, fixer, _, meaning] = row.cells();
        OAuth { value, field, surface, category, fixer, meaning }
    })
}

/// A scope by name (without resource prefix) or GUID.
pub fn scope(name_or_guid: &str) -> impl Iterator<Item = Scope> {
    // A few rows have no GUID.
    let guid = matches!(name_or_guid.len(), 0 | GUID).then(|| name_or_guid.to_owned());
    let by_guid = guid.map(|g| SCOPES.rows().filter(move |row| row.cell(2).eq_ignore_ascii_case(&g)));
    SCOPES.find(name_or_guid).chain(by_guid.into_iter().flatten()).map(|row| Scope {
        scope: row.cell(0),
        kind: row.cell(1),
        guid: row.cell(2),
        admin_consent: row.cell(3),
        personal_account: row.cell(4),
        satisfied_by: row.cell(5),
        resource_prefix: row.cell(6),
        note: row.cell(8),
    })
}

/// True when `granted` includes `wanted`: the same scope, or one reached over `satisfied_by`.
pub fn scope_satisfies(granted: &str, wanted: &str) -> bool {
    let mut queue = vec![wanted.to_ascii_lowercase()];
    let mut seen: Vec<String> = Vec::new();
    while let Some(next) = queue.pop() {
        if next.eq_ignore_ascii_case(granted) {
            return true;
        }
        if seen.contains(&next) {
            continue;
        }
        for row in scope(&next) {
            queue.extend(row.satisfied_by.split_whitespace().map(str::to_ascii_lowercase));
        }
        seen.push(next);
    }
    false
}

/// A first-party app, tenant, authority, service plan or host by id.
pub fn well_known(id: &str) -> Option<WellKnown> {
    APPS.find(id).next().map(|row| WellKnown {
        id: row.cell(0),
        name: row.cell(1),
        kind: row.cell(2),
        role: row.cell(3),
    })
}

/// True for a GUID that some table knows: an app, a tenant, a service plan, a scope.
pub fn is_known_id(id: &str) -> bool {
    static KNOWN: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let cells = [&APPS, &SCOPES]
            .into_iter()
            .flat_map(|t| t.rows().flat_map(|row| (0..6).map(move |n| row.cell(n))));
        cells.filter(|cell| cell.len() == 36).map(str::to_ascii_lowercase).collect()
    });
    KNOWN.contains(&id.to_ascii_lowercase())
}

/// What a host name in an MX, SPF or Autodiscover answer says; the first row that matches.
pub fn mx(host: &str) -> Option<Mx> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    MX.rows().zip(whole_names()).find(|(row, whole)| mx_matches(*row, whole.as_ref(), &host)).map(
        |(row, _)| Mx {
            pattern: row.cell(1),
            provider: row.cell(2),
            role: row.cell(3),
            hosts_mailbox: row.cell(4),
            meaning: row.cell(6),
        },
    )
}

/// The pattern of every row that has one.
fn whole_names() -> &'static [Option<Regex>] {
    static WHOLE: LazyLock<Vec<Option<Regex>>> = LazyLock::new(|| {
        let pattern =
            |row: Row| (row.cell(0) == "regex").then(|| Regex::new(&format!("^(?:{})$", row.cell(1))));
        MX.rows().map(pattern).collect()
    });
    &WHOLE
}

fn mx_matches(row: Row, whole: Option<&Regex>, host: &str) -> bool {
    if let Some(whole) = whole {
        return whole.is_match(host);
    }
    let pattern = row.cell(1);
    host == pattern || host.strip_suffix(pattern).is_some_and(|rest| rest.ends_with('.'))
}

/// Every row of the mail protocol table.
pub fn mail_protocols() -> impl Iterator<Item = MailProtocol> {
    MAIL.rows().map(|row| MailProtocol {
        protocol: row.cell(0),
        pattern: row.cell(1),
        enhanced: row.cell(2),
        phase: row.cell(3),
        category: row.cell(4),
        fixer: row.cell(5),
        meaning: row.cell(7),
    })
}

/// Everything that can be looked up by name, for suggesting neighbours: codes, values, scopes, ids, in order of table.
pub fn keys() -> impl Iterator<Item = &'static str> {
    let tables = [&ENTRA, &API, &OAUTH, &SCOPES, &APPS];
    tables.into_iter().flat_map(|t| t.rows().map(|row| row.cell(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A look-up finds what a search through all rows finds, in the same order.
    #[test]
    fn the_order_of_rows_is_that_of_the_tables() {
        for (file, table, order) in ALL {
            assert_eq!(table.rows().count(), order.len(), "{file}");
            for row in table.rows() {
                for key in [row.cell(0).to_owned(), row.cell(0).to_uppercase(), format!("{}x", row.cell(0))] {
                    let found: Vec<_> = table.find(&key).map(|r| r.line()).collect();
                    let all = table.rows().filter(|r| r.cell(0).eq_ignore_ascii_case(&key));
                    assert_eq!(found, all.map(|r| r.line()).collect::<Vec<_>>(), "{file}: {key}");
                }
            }
        }
    }

    #[test]
    fn every_host_pattern_compiles() {
        assert!(whole_names().iter().flatten().count() > 3);
        assert!(whole_names().iter().flatten().all(|whole| !whole.is_match("\n")));
    }

    #[test]
    fn look_ups() {
        assert_eq!(entra("AADSTS50105").map(|e| e.code), Some("50105"));
        assert_eq!(entra("50105").map(|e| e.fixer), Some("tenant_admin"));
        assert!(entra("1").is_none());
        assert!(api("mailboxnotenabledforrestapi").is_some());
        assert!(oauth("interaction_required").next().is_some());
        assert_eq!(scope("e383f46e-2787-4529-855e-0e479a3ffac0").next().map(|s| s.scope), Some("Mail.Send"));
        assert!(scope_satisfies("Mail.ReadWrite.Shared", "Mail.Read"));
        assert!(!scope_satisfies("Mail.ReadWrite", "Mail.Send"));
        assert!(
            is_known_id("9188040D-6c67-4c5b-b112-36a304b66dad")
                && is_known_id("e383f46e-2787-4529-855e-0e479a3ffac0")
        );
        assert!(!is_known_id("0d6f1c1e-7a34-4d5b-9c1e-1f2e3d4c5b6a"));
        assert_eq!(well_known(CONSUMER_TENANT).map(|w| w.kind), Some("tenant"));
        assert_eq!(
            mx("contoso-example.olc.protection.outlook.com").map(|m| m.provider),
            Some("microsoft_consumer")
        );
        assert_eq!(
            mx("contoso-example.mail.protection.outlook.com.").map(|m| m.hosts_mailbox),
            Some("maybe")
        );
        assert_eq!(
            mx("mail.protection.outlook.com.contoso.example").map(|m| m.provider),
            Some("self_hosted")
        );
        assert!(mail_protocols().count() > 90);
    }
}
