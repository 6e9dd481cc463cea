//! Known wording, for where the code is missing.
//!
//! In: views. Out: the facts that `phrases.tsv` names (`entra-text`, `api-text`, `api-message`, `mail-text`, `phrase`).
//! Never: words of a code that stands in the same line or payload, or the contents of somebody's mail.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use crate::model::FactName;

use super::sink::Facts;
use super::text::{Text, about_others, around, line_of, names_microsoft_host};
use super::view::{ViewAt, Views};

struct Phrase {
    fact: FactName,
    value: &'static str,
    needs: &'static str,
    pattern: Regex,
}

struct Phrases {
    /// Which of them occur, in one pass.
    any: RegexSet,
    rows: Vec<Phrase>,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let table = include_str!("phrases.tsv");
    let lines = table.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).skip(1);
    let mut sources = Vec::new();
    let mut rows = Vec::new();
    for line in lines {
        let cells: Vec<&'static str> = line.split('\t').collect();
        let [fact, value, needs, pattern, ..] = *cells else { continue };
        let Some(fact) = FactName::from_id(fact) else { continue };
        let source = format!("(?is){}", spaced(pattern));
        rows.push(Phrase { fact, value, needs, pattern: super::pattern(&source) });
        sources.push(source);
    }
    let any = regex::RegexSetBuilder::new(sources)
        .size_limit(64 << 20)
        .build()
        .expect("the phrases compile one by one, so together");
    Phrases { any, rows }
});

/// A blank stands for any white space, `blank ?` for none, too.
fn spaced(pattern: &str) -> String {
    pattern.replace(" ?", r"[\s\u{a0}]*").replace(" *", r"[\s\u{a0}]*").replace(' ', r"[\s\u{a0}]+")
}

/// Longest text that is searched for wording.
const LONGEST: usize = 256 * 1024;

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    for text in views.texts() {
        let end = text.text.len().min(LONGEST);
        let searched = text.text.get(..end).unwrap_or(&text.text);
        for n in PHRASES.any.matches(searched) {
            if let Some(phrase) = PHRASES.rows.get(n) {
                keep(phrase, &text, searched, views, facts);
            }
        }
    }
}

fn keep(phrase: &Phrase, text: &Text<'_>, searched: &str, views: &Views<'_>, facts: &mut Facts<'_>) {
    for hit in phrase.pattern.find_iter(searched).take(4) {
        let near = around(searched, hit.start(), hit.end());
        if !is_met(phrase.needs, text, searched, near, views)
            || has_code(phrase, searched, hit.start(), facts)
        {
            continue;
        }
        facts.add(phrase.fact, phrase.value, text.view.part, hit.as_str(), near);
        return;
    }
}

/// True when the surroundings are what the phrase needs.
fn is_met(needs: &str, text: &Text<'_>, searched: &str, near: &str, views: &Views<'_>) -> bool {
    match needs {
        "microsoft" => (text.ours || views.endpoint.is_microsoft()) && !about_others(near),
        "host" => {
            names_microsoft_host(near)
                || views.endpoint.is_microsoft()
                || near.contains("InvalidAuthenticationToken")
        }
        "free" => text.view.is_free_text() && !text.view.is_html(),
        "page" => views.endpoint.is_microsoft() || text.view.at == ViewAt::Paste,
        _ => true,
    }
}

/// True where the code itself stands with the words.
fn has_code(phrase: &Phrase, searched: &str, at: usize, facts: &Facts<'_>) -> bool {
    let seen = |name: FactName| {
        facts.seen().iter().any(|f| f.name == name && f.value.eq_ignore_ascii_case(phrase.value))
    };
    match phrase.fact {
        FactName::EntraText => {
            let line = line_of(searched, at).to_ascii_uppercase();
            let before = around(searched, at, at).to_ascii_uppercase();
            seen(FactName::EntraCode) || seen(FactName::EntraEnvelope) || names_code(&line) || led_in(&before)
        }
        FactName::ApiText => seen(FactName::ApiCode),
        _ => false,
    }
}

fn names_code(line: &str) -> bool {
    static CODE: LazyLock<Regex> = LazyLock::new(|| super::pattern(r"AADSTS\W{0,3}\d{4}"));
    CODE.is_match(line)
}

/// True where a code shortly before opens the sentence, a line end between them or not.
fn led_in(before: &str) -> bool {
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?s)AADSTS\d{4,8}[^\n]{0,120}\s*\n?[^\n]{0,10}"));
    let head = before.get(..120.min(before.len())).unwrap_or(before);
    CODE.is_match(head)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exchange, paste, record, spelled};
    use super::*;

    #[test]
    fn every_row_is_read() {
        let table = include_str!("phrases.tsv");
        let lines = table.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).count() - 1;
        assert_eq!(PHRASES.rows.len(), lines);
        for row in &PHRASES.rows {
            assert!(!row.pattern.is_match(""), "{}", row.value);
            if row.fact == FactName::EntraText {
                assert!(crate::knowledge::entra(row.value).is_some(), "{}", row.value);
            }
            if row.fact == FactName::ApiText {
                assert!(crate::knowledge::api(row.value).is_some(), "{}", row.value);
            }
        }
    }

    #[test]
    fn words_without_code() {
        for (text, fact) in [
            ("The signed in user is not assigned to a role\n for the application 'x'", "entra-text=50105"),
            (
                "Error The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
                "api-text=MailboxNotEnabledForRESTAPI",
            ),
            ("page said: Need admin approval", "phrase=need-admin-page"),
            ("管理者の承認が必要です", "phrase=need-admin-page"),
            ("A4 BAD User is authenticated but not connected.", "mail-text=authenticated-not-connected"),
            (
                "535 5.7.139 SmtpClientAuthentication is disabled for the Tenant",
                "mail-text=smtp-auth-disabled",
            ),
        ] {
            assert!(spelled(&paste(text), extract).contains(&fact.to_owned()), "{text}");
        }
    }

    #[test]
    fn words_with_code_and_mail_contents() {
        let text = "AADSTS50105: The signed in user is not assigned to a role for the application";
        assert!(spelled(&paste(text), extract).is_empty());
        let mail = r#"{"value":[{"bodyPreview":"Need admin approval"}]}"#;
        let event =
            exchange("GET", "https://graph.microsoft.com/v1.0/me/messages", 200, "application/json", mail);
        assert!(spelled(&event, extract).is_empty());
        assert!(spelled(&record("Invalid username or password"), extract).is_empty());
    }
}
