//! Scopes: their canonical names, and those that refusals, logs, consent pages and consent records name.
//!
//! In: any text of an event. Out: `scope-named`, `scope-consented`, and for other extractors the canonical name and the
//! API of a scope or audience. Never: a value that is no scope (a token in the wrong place stays unmentioned).

use std::sync::LazyLock;

use crate::knowledge;
use crate::model::{FactName, Part};

use super::identity::is_guid;
use super::payload::{Kind, Payload};
use super::text::contains;
use super::view::{View, ViewAt};
use super::{Facts, Views};
use crate::pattern::Regex;

pub(super) fn scopes(views: &Views<'_>, facts: &mut Facts<'_>) {
    for view in &views.list {
        if view.is_free_text() || matches!(view.at, ViewAt::ResponseBody { .. }) {
            named(view, facts);
        }
    }
    for payload in views.payloads() {
        let view = views.view_of(payload);
        named_by_key(payload, view, facts);
        consented(payload, view, facts);
    }
}

/// Longest text in which phrases are looked for.
const MAX_TEXT: usize = 1 << 20;

fn named(view: &View<'_>, facts: &mut Facts<'_>) {
    static STEMS: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            "cope|ermission|rivilege|achtiging|erechtigung|utorisation|ermiso|スコープ|権限|許可|scp|roles",
        )
    });
    if view.text.len() > MAX_TEXT || !STEMS.is_match(&view.text) {
        return;
    }
    for (scope, word) in named_in(view.words()) {
        facts.add(FactName::ScopeNamed, scope, view.part, &word, &word);
    }
}

/// `"missingScopes": ["Mail.Send"]`, `required_permissions=…`.
fn named_by_key(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    for member in payload.members.iter().filter(|m| !m.value.is_empty() && m.value.len() < 4000) {
        let has = |word: &str| contains(&member.path, word);
        if (has("scope") || has("permission")) && ["missing", "required", "needed"].into_iter().any(has) {
            for word in member.value.split([' ', ',', ';']) {
                if let Some(scope) = known_scope(word.trim_matches(|c: char| !c.is_alphanumeric())) {
                    facts.add(
                        FactName::ScopeNamed,
                        scope,
                        view.part,
                        word,
                        &format!("{}: {word}", member.key),
                    );
                }
            }
        }
    }
}

/// Scopes on a consent page (`arrScopes`), and grants as the directory lists them.
fn consented(payload: &Payload, view: &View<'_>, facts: &mut Facts<'_>) {
    if payload.kind == Kind::Config {
        for member in payload.members.iter().filter(|m| m.path.to_ascii_lowercase().starts_with("arrscopes"))
        {
            let scope =
                scope_by_guid(&member.value).map(str::to_owned).or_else(|| known_scope(&member.value));
            if let Some(scope) = scope {
                facts.note(FactName::ScopeConsented, scope, view.part);
            }
        }
    }
    if payload.get("consentType").is_some() {
        for list in payload.all("scope") {
            note_scopes(FactName::ScopeConsented, list, view.part, facts);
        }
    }
}

/// The API behind a scope prefix, an audience or a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    Graph,
    Outlook,
    AadGraph,
    Arm,
    Other,
}

const PREFIXES: &[(&str, Api)] = &[
    ("graph.microsoft.", Api::Graph),
    ("dod-graph.microsoft.", Api::Graph),
    ("microsoftgraph.chinacloudapi.cn", Api::Graph),
    ("outlook.office", Api::Outlook),
    ("partner.outlook.cn", Api::Outlook),
    ("ps.outlook.com", Api::Outlook),
    ("graph.windows.net", Api::AadGraph),
    ("management.azure.com", Api::Arm),
    ("management.core.windows.net", Api::Arm),
];

impl Api {
    pub(super) fn name(self) -> &'static str {
        match self {
            Api::Graph => "graph",
            Api::Outlook => "outlook",
            Api::AadGraph => "aadgraph",
            Api::Arm => "arm",
            Api::Other => "other",
        }
    }

    /// By `aud` or `resource`: an URL or an application id; `None` when empty.
    pub(super) fn of_audience(aud: &str) -> Option<Api> {
        let lower = aud.trim().to_ascii_lowercase();
        Some(match lower.as_str() {
            "" => return None,
            "00000003-0000-0000-c000-000000000000" => Api::Graph,
            "00000002-0000-0ff1-ce00-000000000000" => Api::Outlook,
            "00000002-0000-0000-c000-000000000000" => Api::AadGraph,
            "797f4846-ba00-4fd7-ba43-dac1f8f63013" => Api::Arm,
            url => Api::of_host(url.split_once("://").map_or(url, |(_, rest)| rest)),
        })
    }

    pub(super) fn of_host(host: &str) -> Api {
        let host = host.strip_prefix("www.").unwrap_or(host);
        PREFIXES.iter().find(|(prefix, _)| host.starts_with(prefix)).map_or(Api::Other, |(_, api)| *api)
    }
}

/// A scope without its resource prefix, in the spelling of the table where it is known, and the API it names.
pub(super) fn scope_of(word: &str) -> Option<(String, Option<Api>)> {
    let word =
        word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').trim_end_matches('.');
    let (name, api) = match word.split_once("://") {
        Some((_, rest)) => {
            let (host, name) = rest.rsplit_once('/').unwrap_or((rest, ""));
            (name, Some(Api::of_host(host)))
        }
        None => (word, None),
    };
    if let Some(row) = knowledge::scope(name).next() {
        // The table holds one legacy row by its full address.
        let known = row.scope.rsplit('/').next().unwrap_or(row.scope);
        return Some((known.to_owned(), api));
    }
    is_scope_shaped(name).then(|| (name.to_owned(), api))
}

/// `Files.Read.All`, `user_impersonation`, `wl.basic`: short words, joined by dots. A token's parts are longer.
fn is_scope_shaped(name: &str) -> bool {
    static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"^(?:[A-Za-z][A-Za-z0-9-]{1,30}(?:\.[A-Za-z][A-Za-z0-9-]{1,30}){1,4}|user_impersonation|[a-z]{3,12}_[a-z_]{3,24})$",
        )
    });
    SHAPE.is_match(name) && !name.starts_with("eyJ")
}

/// Adds every scope of a blank- or comma-separated list. Roles and scopes share their spelling.
pub(super) fn note_scopes(name: FactName, list: &str, part: &Part<'_>, facts: &mut Facts<'_>) {
    for word in list.split([' ', ',', '+', '\t', '\n', '\r']).filter(|w| !w.is_empty()).take(200) {
        if let Some((scope, api)) = scope_of(word) {
            facts.note(name, scope, part);
            if let Some(api) = api.filter(|_| name == FactName::ScopeRequested) {
                facts.note(FactName::Resource, api.name(), part);
            }
        }
    }
}

/// First and second word of a mail or calendar scope in the languages that translating proxies and browsers make.
const NOUNS: &[(&str, &[&str])] = &[
    (
        "Mail",
        &[
            "mail",
            "e-mail",
            "correo",
            "courrier",
            "courriel",
            "posta",
            "post",
            "メール",
            "邮件",
            "郵件",
            "почта",
        ],
    ),
    (
        "Calendars",
        &[
            "calendars",
            "calendar",
            "kalender",
            "calendriers",
            "calendrier",
            "calendarios",
            "calendario",
            "agenda",
            "agendas",
            "calendari",
            "カレンダー",
            "日历",
        ],
    ),
    ("Contacts", &["contacts", "kontakte", "contactos", "contatti", "contacten", "contatos", "連絡先"]),
];
const VERBS: &[(&str, &[&str])] = &[
    (
        "Send",
        &[
            "verzenden",
            "versturen",
            "senden",
            "envoyer",
            "enviar",
            "inviare",
            "invia",
            "skicka",
            "送信",
            "发送",
            "отправить",
        ],
    ),
    ("Read", &["lezen", "lesen", "lire", "lecture", "leer", "leggere", "ler", "läsa", "読み取り", "读取"]),
    (
        "ReadWrite",
        &[
            "lezenschrijven",
            "lesenschreiben",
            "lireecrire",
            "lireécrire",
            "leerescribir",
            "lerescrever",
            "leggerescrivere",
            "読み取り書き込み",
        ],
    ),
];

/// The true name of a machine-translated scope (`Mail.Verzenden`), where both words are unambiguous.
fn untranslated(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    let (noun, verb) = lower.split_once('.')?;
    let find = |table: &[(&'static str, &[&str])], word: &str| {
        table.iter().find(|(_, words)| words.contains(&word)).map(|(name, _)| *name)
    };
    Some(format!("{}.{}", find(NOUNS, noun)?, find(VERBS, verb.trim_matches(['.', '\'', '"']))?))
}

/// Longest stretch after an announcing phrase in which scopes are looked for.
const REACH: usize = 600;

fn announcing() -> &'static Regex {
    static ANNOUNCE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?xi)
            (?: (?:missing|insufficient|needed|required|requires?|necessary|lacks?|lacking|not\s+granted|without|additional|following)
                [\s_:'\x22-]{0,4} (?:\w+\s+){0,3}? (?:delegated\s+|application\s+|graph\s+|oauth\s+)? (?:scopes?|permissions?|privileges)
              | (?:scopes?|permissions?) (?:\s+\w+){0,4}? \s+ (?:missing|needed|required|not\s+granted|necessary)
              | (?:missing|required|needed)(?:_|-)?(?:scopes?|permissions?)
              | (?:scp|roles)\s+claims?\s+need
              | (?:ontbrekende|vereiste)\s+(?:machtigingen|scopes?) | fehlende\s+(?:berechtigungen|scopes?)
              | (?:autorisations|scopes?)\s+manquante?s | permisos\s+(?:faltantes|necesarios)
              | 必要な(?:スコープ|権限|アクセス許可) | 不足している(?:スコープ|権限) )",
        )
    });
    &ANNOUNCE
}

/// Scopes named after a phrase that says that they are missing or needed.
pub(super) fn named_in(text: &str) -> Vec<(String, String)> {
    let announce = announcing();
    let mut found: Vec<(String, String)> = Vec::new();
    let mut from = 0;
    let mut left = 200;
    while let Some(hit) = text.get(from..).and_then(|rest| announce.find(rest)) {
        let start = from + hit.end();
        if is_reference(text, from + hit.start()) {
            from = start;
            continue;
        }
        let mut end = (start + REACH).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        for word in words_after(text.get(start..end).unwrap_or_default()) {
            let scope = if word.contains('.') || word.contains("://") { known_scope(word) } else { None };
            if let Some(scope) = scope
                && found.len() < 64
                && !found.iter().any(|(known, _)| *known == scope)
            {
                found.push((scope, word.to_owned()));
            }
        }
        from = start;
        left -= 1;
        if left == 0 {
            break;
        }
    }
    found
}

/// The sentence with which Microsoft's reference opens the table of permissions of every call.
fn is_reference(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default().trim_end();
    ["one of the", "one of the following"].iter().any(|end| {
        before
            .len()
            .checked_sub(end.len())
            .and_then(|n| before.get(n..))
            .is_some_and(|b| b.eq_ignore_ascii_case(end))
    })
}

/// Words up to the end of the sentence or list; a dot inside a word does not end a sentence.
fn words_after(stretch: &str) -> impl Iterator<Item = &str> {
    let end = [". ", "\n\n", ".\n", "\\n\\n"].iter().filter_map(|stop| stretch.find(stop)).min();
    let stretch = end.and_then(|end| stretch.get(..end)).unwrap_or(stretch);
    let trim = |c: char| !c.is_alphanumeric();
    stretch
        .split(|c: char| {
            c.is_whitespace()
                || matches!(c, ',' | ';' | '|' | '"' | '\'' | '[' | ']' | '(' | ')' | '`' | '\\')
        })
        .map(move |w| w.trim_matches(trim))
        .filter(|w| w.len() >= 4 && w.len() <= 120)
}

/// A scope of the table, or one in the shape of Graph's (`Files.Read.All`), or a translated one: in running text a bare
/// word with dots could be a host or a file.
fn known_scope(word: &str) -> Option<String> {
    let bare = word.rsplit('/').next().unwrap_or(word);
    if let Some(row) = knowledge::scope(bare).next() {
        return Some(row.scope.rsplit('/').next().unwrap_or(row.scope).to_owned());
    }
    if let Some(name) = untranslated(bare) {
        return Some(name);
    }
    let verb = bare.split('.').nth(1)?;
    let graphy =
        ["Read", "ReadWrite", "Send", "ReadBasic", "AccessAsUser", "Manage", "Create", "FullControl"];
    let starts_upper = bare.chars().next().is_some_and(|c| c.is_ascii_uppercase());
    (starts_upper && graphy.contains(&verb) && is_scope_shaped(bare)).then(|| bare.to_owned())
}

/// A scope given by GUID, as consent pages and app manifests do.
pub(super) fn scope_by_guid(word: &str) -> Option<&'static str> {
    is_guid(word).then(|| knowledge::scope(word).next().map(|row| row.scope))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_names() {
        assert_eq!(
            scope_of("https://graph.microsoft.com/mail.read"),
            Some(("Mail.Read".into(), Some(Api::Graph)))
        );
        assert_eq!(
            scope_of("https://outlook.office.com/IMAP.AccessAsUser.All"),
            Some(("IMAP.AccessAsUser.All".into(), Some(Api::Outlook)))
        );
        assert_eq!(scope_of("offline_access"), Some(("offline_access".into(), None)));
        assert_eq!(
            scope_of("https://graph.microsoft.com/.default"),
            Some((".default".into(), Some(Api::Graph)))
        );
        assert_eq!(scope_of("Files.Read.All"), Some(("Files.Read.All".into(), None)));
        assert_eq!(scope_of("eyJhbGciOi.eyJ0aWQ.c2ln"), None);
        assert_eq!(scope_of("hunter2"), None);
        assert!(named_in("One of the following permissions is required: Mail.Read, Mail.Send").is_empty());
    }

    #[test]
    fn audiences() {
        assert_eq!(Api::of_audience("00000003-0000-0000-c000-000000000000"), Some(Api::Graph));
        assert_eq!(Api::of_audience("https://outlook.office365.com/"), Some(Api::Outlook));
        assert_eq!(Api::of_audience("api://contoso"), Some(Api::Other));
        assert_eq!(Api::of_audience(""), None);
    }

    #[test]
    fn consent_pages_and_keys() {
        use crate::extract::synthetic::{Http, has, paste, run};
        let page = r#"<html><script>//<![CDATA[
$Config={"pgid":"ConvergedConsent","arrScopes":[{"id":"e383f46e-2787-4529-855e-0e479a3ffac0"},{"value":"Calendars.Read"}]};
//]]></script></html>"#;
        let event =
            Http::new("GET", "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?x=1", 200)
                .body(page);
        let facts = run(scopes, &event.event());
        assert!(has(&facts, FactName::ScopeConsented, "Mail.Send"), "{facts:?}");
        assert!(has(&facts, FactName::ScopeConsented, "Calendars.Read"));
        let facts = run(scopes, &paste(r#"{"ok":false,"missingScopes":["Mail.Read","eyJ0.planted.token"]}"#));
        assert_eq!(facts, [(FactName::ScopeNamed, "Mail.Read".to_owned())]);
        let facts =
            run(scopes, &paste(r#"{"value":[{"consentType":"Principal","scope":" User.Read Mail.Read"}]}"#));
        assert!(has(&facts, FactName::ScopeConsented, "Mail.Read"));
    }

    #[test]
    fn scopes_named_by_refusals() {
        let names = |text: &str| named_in(text).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(
            names("Missing permissions: [Mail.Send, Calendars.ReadWrite]"),
            ["Mail.Send", "Calendars.ReadWrite"]
        );
        assert_eq!(names(r#"{"missingScopes":["Mail.Read"]}"#), ["Mail.Read"]);
        assert_eq!(
            names("Scopes needed: https://graph.microsoft.com/Mail.ReadWrite. Then Calendars.Read."),
            ["Mail.ReadWrite"]
        );
        assert_eq!(names("ontbrekende machtigingen: Mail.Verzenden"), ["Mail.Send"]);
        assert_eq!(names("The token contains scopes Mail.Read"), Vec::<String>::new());
        assert_eq!(names("required permissions are described at docs.contoso.example"), Vec::<String>::new());
    }
}
