//! What is known of Microsoft's codes, scopes, apps and host names: the tables behind `explain`, and the look-ups that
//! extraction and judgement share.
//!
//! In: a code or name. Out: rows of embedded tables (`*.tsv` beside this file; `#` lines say where each came from).
//! Never: I/O, or a guess that is not marked as one.

pub mod profiles;
mod table;

use std::sync::OnceLock;

use table::Table;

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

/// The tenant id of personal Microsoft accounts.
pub const CONSUMER_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

macro_rules! tables {
    ($($name:ident $file:literal;)*) => {
        $(fn $name() -> &'static Table {
            static TABLE: OnceLock<Table> = OnceLock::new();
            TABLE.get_or_init(|| Table::parse(include_str!($file)))
        })*
    };
}

tables! {
    entra_table "aadsts.tsv";
    api_table "graph_errors.tsv";
    oauth_table "oauth_errors.tsv";
    scope_table "scopes.tsv";
    app_table "wellknown_apps.tsv";
    mx_table "mx_hosts.tsv";
    mail_table "mail_protocol_errors.tsv";
}

/// The Entra code with those digits (`50105`, `AADSTS50105`).
pub fn entra(code: &str) -> Option<Entra> {
    let digits = code.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let row = entra_table().find(&format!("AADSTS{digits}")).next()?;
    Some(Entra {
        code: row.cell(0).trim_start_matches("AADSTS"),
        name: row.cell(1),
        oauth_error: row.cell(2),
        category: row.cell(4),
        fixer: row.cell(5),
        meaning: row.cell(7),
    })
}

/// Rows of Graph, Outlook, EWS, Autodiscover codes; letter case does not matter.
pub fn api(code: &str) -> Option<Api> {
    api_table().find(code).next().map(|row| Api {
        code: row.cell(0),
        surface: row.cell(1),
        http: row.cell(2),
        category: row.cell(3),
        fixer: row.cell(4),
        gloss: row.cell(6),
        meaning: row.cell(7),
    })
}

/// Rows for an OAuth error, suberror, consumer code or HRESULT; one value may stand in several fields.
pub fn oauth(value: &str) -> impl Iterator<Item = OAuth> {
    oauth_table().find(value).map(|row| OAuth {
        value: row.cell(0),
        field: row.cell(1),
        surface: row.cell(2),
        category: row.cell(4),
        fixer: row.cell(5),
        meaning: row.cell(7),
    })
}

/// A scope by name (without resource prefix) or GUID.
pub fn scope(name_or_guid: &str) -> impl Iterator<Item = Scope> {
    let wanted = name_or_guid.to_ascii_lowercase();
    let hit = move |cell: &str| cell.to_ascii_lowercase() == wanted;
    scope_table().rows().filter(move |row| hit(row.cell(0)) || hit(row.cell(2))).map(|row| Scope {
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
    app_table().find(id).next().map(|row| WellKnown {
        id: row.cell(0),
        name: row.cell(1),
        kind: row.cell(2),
        role: row.cell(3),
    })
}

/// What a host name in an MX, SPF or Autodiscover answer says; the first row that matches.
pub fn mx(host: &str) -> Option<Mx> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    mx_table().rows().find(|row| mx_matches(row.cell(0), row.cell(1), &host)).map(|row| Mx {
        pattern: row.cell(1),
        provider: row.cell(2),
        role: row.cell(3),
        hosts_mailbox: row.cell(4),
        meaning: row.cell(6),
    })
}

fn mx_matches(how: &str, pattern: &str, host: &str) -> bool {
    if how == "regex" {
        return regex::Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|r| r.is_match(host));
    }
    host == pattern || host.strip_suffix(pattern).is_some_and(|rest| rest.ends_with('.'))
}

/// Every row of the mail protocol table.
pub fn mail_protocols() -> impl Iterator<Item = MailProtocol> {
    mail_table().rows().map(|row| MailProtocol {
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
    let tables = [entra_table(), api_table(), oauth_table(), scope_table(), app_table()];
    tables.into_iter().flat_map(|t| t.rows().map(|row| row.cell(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

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
