//! Known wording, for where the code is missing.
//!
//! In: views. Out: the facts that `phrases.tsv` names (`entra-text`, `api-text`, `api-message`, `mail-text`, `phrase`).
//! Never: words of a code that stands in the same line or payload, or the contents of somebody's mail.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, OnceLock};

use aho_corasick::AhoCorasick;

use crate::knowledge;
use crate::model::{Fact, FactName};

use super::sink::Facts;
use super::text::{Text, about_others, around, line_of, names_microsoft_host};
use super::view::{ViewAt, Views};
use crate::pattern::{Regex, Word, Words, retain_possible};

struct Phrase {
    fact: FactName,
    value: &'static str,
    needs: &'static str,
    /// As the table has it.
    written: &'static str,
    pattern: OnceLock<Regex>,
}

impl Phrase {
    /// Read when it is first needed: most never are.
    fn pattern(&self) -> &Regex {
        self.pattern.get_or_init(|| super::pattern(&format!("(?is){}", spaced(self.written))))
    }
}

struct Phrases {
    rows: Vec<Phrase>,
    /// The words without which a row cannot match, and the row of each.
    anchors: Words,
    anchored_row: Vec<usize>,
    /// Finds all of them; built when enough text was searched to be worth it.
    automaton: OnceLock<AhoCorasick>,
    searched: AtomicUsize,
    /// Rows that have no such words.
    always: Vec<usize>,
}

/// A text that is faster asked for each word than searched for all.
const SHORT: usize = 6 * 1024;
/// Bytes of longer texts searched for one word after the other before the automaton is built.
const ENOUGH: usize = 16 * 1024;

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let table = include_str!("phrases.tsv");
    let lines = table.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).skip(1);
    let (mut rows, mut always) = (Vec::new(), Vec::new());
    let (mut anchors, mut anchored_row) = (Vec::new(), Vec::new());
    for line in lines {
        let mut cells = line.split('\t');
        let (Some(fact), Some(value), Some(needs), Some(written)) =
            (cells.next(), cells.next(), cells.next(), cells.next())
        else {
            continue;
        };
        let Some(fact) = FactName::from_id(fact) else { continue };
        match anchors_of(written) {
            Some(found) => {
                anchored_row.resize(anchors.len() + found.len(), rows.len());
                anchors.extend(found.iter().map(|word| Word::new(word)));
            }
            None => always.push(rows.len()),
        }
        rows.push(Phrase { fact, value, needs, written, pattern: OnceLock::new() });
    }
    let anchors = Words::new(anchors);
    Phrases { rows, anchors, anchored_row, automaton: OnceLock::new(), searched: AtomicUsize::new(0), always }
});

impl Phrases {
    /// The row of every anchor that stands in the text, perhaps several times; of a short text, a few others, too.
    fn anchored(&self, text: &str, mut found: impl FnMut(usize)) {
        let row = |n: usize| self.anchored_row.get(n).copied().unwrap_or(usize::MAX);
        let long = text.len() > SHORT;
        if long && self.searched.fetch_add(text.len(), Ordering::Relaxed) + text.len() > ENOUGH {
            let hits = self.automaton().find_overlapping_iter(text);
            return hits.for_each(|hit| found(row(hit.pattern().as_usize())));
        }
        self.anchors.each(text, |n| found(row(n)));
    }

    fn automaton(&self) -> &AhoCorasick {
        self.automaton.get_or_init(|| {
            AhoCorasick::builder()
                .ascii_case_insensitive(true)
                .build(self.anchors.iter().map(Word::as_bytes))
                .expect("a few hundred short words fit an automaton")
        })
    }
}

/// For every alternative of a pattern the longest word that it must contain; `None` when one has none.
fn anchors_of(pattern: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let (mut best, mut run, mut depth) = (String::new(), String::new(), 0usize);
    let mut characters = pattern.chars().peekable();
    let longer = |best: &mut String, run: &mut String| {
        if run.len() > best.len() {
            best.clone_from(run);
        }
        run.clear();
    };
    while let Some(c) = characters.next() {
        match c {
            '(' | '[' | '{' => {
                longer(&mut best, &mut run);
                depth += 1;
            }
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '\\' => {
                longer(&mut best, &mut run);
                characters.next();
            }
            '|' if depth == 0 => {
                longer(&mut best, &mut run);
                found.push(std::mem::take(&mut best));
            }
            c if depth == 0
                && (c.is_ascii_alphanumeric()
                    || c == '-'
                    || !c.is_alphabetic() && !c.is_ascii()
                    || c > '\u{3000}') =>
            {
                // What may be absent or repeated is not part of the word.
                match characters.peek() {
                    Some('?' | '*' | '{') => longer(&mut best, &mut run),
                    _ => run.push(c),
                }
            }
            _ => longer(&mut best, &mut run),
        }
    }
    longer(&mut best, &mut run);
    found.push(best);
    found.iter().all(|word| word.len() >= 4).then_some(found)
}

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
        for n in candidates(searched) {
            if let Some(phrase) = PHRASES.rows.get(n) {
                keep(phrase, &text, searched, views, facts);
            }
        }
    }
}

/// Rows that may match, in order.
fn candidates(searched: &str) -> Vec<usize> {
    let mut rows = PHRASES.always.clone();
    let mut seen = vec![false; PHRASES.rows.len()];
    PHRASES.anchored(searched, |row| {
        if let Some(fresh) = seen.get_mut(row).filter(|s| !**s) {
            *fresh = true;
            rows.push(row);
        }
    });
    rows.sort_unstable();
    retain_possible(searched, &mut rows, |n| PHRASES.rows.get(*n).map(Phrase::pattern));
    rows
}

fn keep(phrase: &Phrase, text: &Text<'_>, searched: &str, views: &Views<'_>, facts: &mut Facts<'_>) {
    // To search costs more than to see that nothing could come of it.
    let known = |f: &Fact| f.name == phrase.fact && f.value == phrase.value;
    if facts.seen().iter().any(known) || is_coded(phrase, facts) {
        return;
    }
    for hit in phrase.pattern().find_iter(searched).take(4) {
        let near = around(searched, hit.start(), hit.end());
        if !(is_met(phrase.needs, text, near, views) || vouched(phrase.needs, facts))
            || has_code(phrase, searched, hit.start(), facts)
        {
            continue;
        }
        facts.add(phrase.fact, phrase.value, text.view.part, hit.as_str(), near);
        return;
    }
}

/// A code of Microsoft's tables in the same event says whose words they are.
fn vouched(needs: &str, facts: &Facts<'_>) -> bool {
    let known = |f: &Fact| {
        f.name == FactName::EntraCode || f.name == FactName::ApiCode && knowledge::api(&f.value).is_some()
    };
    needs == "microsoft" && facts.seen().iter().any(known)
}

/// True when the surroundings are what the phrase needs.
fn is_met(needs: &str, text: &Text<'_>, near: &str, views: &Views<'_>) -> bool {
    match needs {
        "microsoft" => (text.ours || views.endpoint.is_microsoft()) && !about_others(near),
        "host" => {
            names_microsoft_host(near)
                || views.endpoint.is_microsoft()
                || near.contains("InvalidAuthenticationToken")
        }
        "free" => text.view.is_free_text() && !text.view.is_html() && !is_wish(&text.text),
        "page" => views.endpoint.is_microsoft() || text.view.at == ViewAt::Paste,
        _ => true,
    }
}

/// True for a plan or a change: it names what is to be supported, not what went wrong.
fn is_wish(text: &str) -> bool {
    static WISH: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(r"(?i)^\W{0,10}(?:feature[ -]request|enhancement\b|(?:feat|docs?|chore|refactor)[:(])")
    });
    WISH.is_match(text)
}

/// True where the code itself stands with the words.
fn has_code(phrase: &Phrase, searched: &str, at: usize, facts: &Facts<'_>) -> bool {
    if is_coded(phrase, facts) {
        return true;
    }
    phrase.fact == FactName::EntraText && {
        let line = line_of(searched, at).to_ascii_uppercase();
        let before = around(searched, at, at).to_ascii_uppercase();
        names_code(&line) || led_in(&before)
    }
}

/// True where the code stands in the event.
fn is_coded(phrase: &Phrase, facts: &Facts<'_>) -> bool {
    let codes: &[FactName] = match phrase.fact {
        FactName::EntraText => &[FactName::EntraCode, FactName::EntraEnvelope],
        FactName::ApiText => &[FactName::ApiCode],
        _ => return false,
    };
    let code = |f: &Fact| codes.contains(&f.name) && f.value.eq_ignore_ascii_case(phrase.value);
    facts.seen().iter().any(code)
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

/// For every row that log records may match without other words of Microsoft's: one word without which it cannot.
/// Words of other scripts are left out.
pub(super) fn words() -> Vec<String> {
    let mut chosen: Vec<String> = Vec::new();
    for row in PHRASES.rows.iter().filter(|row| matches!(row.needs, "-" | "free")) {
        for words in alternatives(row.written) {
            if words.iter().any(|w| !w.is_ascii() || chosen.contains(w)) {
                continue;
            }
            let rare = words.iter().filter(|w| !COMMON.contains(&w.as_str()));
            if let Some(word) = rare.max_by_key(|w| w.len()).or(words.iter().max_by_key(|w| w.len())) {
                chosen.push(word.clone());
            }
        }
    }
    chosen
}

/// Words that fill logs.
const COMMON: &[&str] = &[
    "access",
    "account",
    "application",
    "client",
    "endpoint",
    "request",
    "requests",
    "response",
    "server",
    "service",
    "session",
    "user",
    "token",
    "failed",
    "error",
    "found",
    "mailbox",
    "message",
    "does",
    "with",
    "has",
    "the",
    "not",
    "this",
    "for",
    "required",
    "conta",
];

/// True where some wording stands in the text.
pub(super) fn any_match(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return true };
    let end = text.len().min(LONGEST);
    let searched = text.get(..end).unwrap_or(text);
    candidates(searched)
        .into_iter()
        .any(|n| PHRASES.rows.get(n).is_some_and(|row| row.pattern().is_match(searched)))
}

/// For every alternative of a pattern the stretches of letters and digits that a text must hold to match it, lower
/// case. One that is not ASCII stands for itself.
fn alternatives(pattern: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let (mut words, mut run, mut depth) = (Vec::new(), String::new(), 0usize);
    let mut characters = pattern.chars().peekable();
    let end = |run: &mut String, words: &mut Vec<String>| {
        let word = std::mem::take(run).to_lowercase();
        if word.len() > 2 {
            words.push(word);
        }
    };
    while let Some(c) = characters.next() {
        match c {
            '(' | '[' | '{' => {
                end(&mut run, &mut words);
                depth += 1;
            }
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '\\' => {
                end(&mut run, &mut words);
                characters.next();
            }
            '|' if depth == 0 => {
                end(&mut run, &mut words);
                all.push(std::mem::take(&mut words));
            }
            c if depth == 0 && c.is_alphanumeric() => match characters.peek() {
                Some('?' | '*' | '{') => end(&mut run, &mut words),
                _ => run.push(c),
            },
            _ => end(&mut run, &mut words),
        }
    }
    end(&mut run, &mut words);
    all.push(words);
    all
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
            assert!(!row.pattern().is_match(""), "{}", row.value);
            if row.fact == FactName::EntraText {
                assert!(knowledge::entra(row.value).is_some(), "{}", row.value);
            }
            if row.fact == FactName::ApiText {
                assert!(knowledge::api(row.value).is_some(), "{}", row.value);
            }
        }
    }

    #[test]
    fn anchors() {
        assert_eq!(anchors_of("abcd (?:x|y) longer ?z"), Some(vec!["longer".to_owned()]));
        assert_eq!(anchors_of("first one|second"), Some(vec!["first".to_owned(), "second".to_owned()]));
        assert_eq!(anchors_of("(?:only|groups)"), None);
        assert!(PHRASES.always.len() < 12, "{}", PHRASES.always.len());
    }

    #[test]
    fn the_automaton_finds_what_the_words_find() {
        let text = include_str!("phrases.tsv");
        for line in text.lines() {
            let mut one: Vec<usize> = Vec::new();
            let standing = PHRASES.anchors.iter().zip(&PHRASES.anchored_row);
            let standing = standing.filter(|(word, _)| word.stands_in(line.as_bytes()));
            one.extend(standing.map(|(_, row)| *row));
            let hits = PHRASES.automaton().find_overlapping_iter(line);
            let mut other: Vec<usize> =
                hits.filter_map(|hit| PHRASES.anchored_row.get(hit.pattern().as_usize()).copied()).collect();
            for rows in [&mut one, &mut other] {
                rows.sort_unstable();
                rows.dedup();
            }
            assert_eq!(one, other, "{line}");
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
            ("Outlook signs her in with the wrong work account", "phrase=wrong-account"),
            ("I chose my school account by mistake in the Microsoft window", "phrase=wrong-account"),
            ("Microsoft token endpoint returned no refresh_token", "phrase=no-refresh-token"),
            (
                "Microsoft Graph: could not renew the subscription 7: not found",
                "api-text=SubscriptionNotFound",
            ),
            (
                "Exception calling \"FindItems\" with \"2\" argument(s): \"The request failed. The remote server returned an error: (403) Forbidden.\"",
                "phrase=ews-forbidden",
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
        assert!(spelled(&paste("Feature request: let us add a shared mailbox"), extract).is_empty());
    }
}
