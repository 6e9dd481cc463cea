//! Filling the texts of rules, and the ticket note that is the same for all.

use super::model::{Diagnosis, Role};
use super::words;
use crate::model::Lang;

/// Values for the placeholders of a rule's texts; `None` becomes plain words.
#[derive(Debug, Clone, Default)]
pub(super) struct Fill {
    pub(super) account: Option<String>,
    pub(super) app: Option<String>,
    pub(super) tenant: Option<String>,
    pub(super) codes: Option<String>,
    pub(super) scopes: Option<String>,
    pub(super) correlation_id: Option<String>,
    pub(super) time: Option<String>,
}

impl Fill {
    fn value(&self, placeholder: &str) -> Option<&str> {
        match placeholder {
            "account" => self.account.as_deref(),
            "app" => self.app.as_deref(),
            "tenant" => self.tenant.as_deref(),
            "codes" => self.codes.as_deref(),
            "scopes" => self.scopes.as_deref(),
            "correlation_id" => self.correlation_id.as_deref(),
            "time" => self.time.as_deref(),
            _ => None,
        }
    }
}

/// Names of the placeholders.
pub(crate) const PLACEHOLDERS: [&str; 7] =
    ["account", "app", "tenant", "codes", "scopes", "correlation_id", "time"];

/// Who reads a text: decides the words for a value that is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// The support engineer, or a colleague at the vendor.
    Vendor,
    /// Somebody in the customer's organisation.
    Customer,
}

impl Reader {
    fn unknown(self, placeholder: &str) -> words::Both {
        match self {
            Reader::Vendor => words::unknown_value(placeholder),
            Reader::Customer => words::unknown_value_for_customer(placeholder),
        }
    }
}

/// A rule's text with plain words for all placeholders, for a reader at the vendor: nothing is known of a case.
pub fn without_case(text: &str, lang: Lang) -> String {
    fill(text, &Fill::default(), Reader::Vendor, lang)
}

/// Replaces the placeholders. Values are inserted as they are: what they hold is never read as a placeholder.
pub(super) fn fill(text: &str, values: &Fill, reader: Reader, lang: Lang) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        out.push_str(before);
        let name = after[1..].split_once('}').map_or("", |(name, _)| name);
        if PLACEHOLDERS.contains(&name) {
            match values.value(name) {
                Some(value) if is_guid(value) => match words::guid_of(name) {
                    Some(word) => push_words(&mut out, &format!("{} {value}", word.get(lang))),
                    None => out.push_str(value),
                },
                Some(value) => out.push_str(value),
                None => {
                    push_words(&mut out, reader.unknown(name).get(lang));
                    rest = &after[name.len() + 2..];
                    if lang == Lang::Ja {
                        rest = without_blank(rest);
                    }
                    continue;
                }
            }
            rest = &after[name.len() + 2..];
        } else {
            out.push('{');
            rest = &after[1..];
        }
    }
    out.push_str(rest);
    out
}

/// A bare id says nothing in a sentence: what it is stands before it.
fn is_guid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(n, b)| match n {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Japanese words do not need the blank that sets off a value in Latin letters.
fn without_blank(rest: &str) -> &str {
    match rest.strip_prefix(' ') {
        Some(after) if after.starts_with(|c: char| !c.is_ascii()) => after,
        _ => rest,
    }
}

/// Plain words, with a capital where a sentence begins.
fn push_words(out: &mut String, words: &str) {
    if words.starts_with(|c: char| !c.is_ascii()) && out.ends_with(' ') {
        let after_words = out.trim_end().ends_with(|c: char| !c.is_ascii());
        if after_words {
            out.pop();
        }
    }
    let before = out.trim_end();
    let begins = before.is_empty() || (before.len() < out.len() && before.ends_with(['.', '!', '?', ':']));
    let mut chars = words.chars();
    match chars.next() {
        Some(first) if begins => out.extend(first.to_uppercase().chain(chars)),
        _ => out.push_str(words),
    }
}

/// The request to the one who acts, closed by what identifies the case: a line for each value that is known and that the
/// text does not name itself.
pub(super) fn request(text: &str, values: &Fill, reader: Reader, lang: Lang) -> String {
    let mut out = fill(text, values, reader, lang);
    let lines: Vec<String> =
        [("codes", words::ANSWER), ("correlation_id", words::CORRELATION), ("time", words::AT)]
            .into_iter()
            .filter(|(name, _)| !text.contains(&format!("{{{name}}}")))
            .filter_map(|(name, label)| {
                Some(format!("{}: {}", label.get(lang), super::view::time(values.value(name)?)))
            })
            .collect();
    if !lines.is_empty() {
        out.push_str("\n\n");
        out.push_str(&lines.join("\n"));
    }
    out
}

/// The note for the ticket: what, how sure, who, codes, ids, the first evidence, the question.
pub(super) fn ticket(d: &Diagnosis, lang: Lang) -> String {
    let mut lines = vec![format!("{} ({}, {} %)", d.title, d.id, d.confidence)];
    let mut add = |label: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("{label}: {value}"));
        }
    };
    let join =
        |list: &[crate::model::Safe]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    add(words::OWNER.get(lang), words::owner(d.owner).get(lang).to_owned());
    add(pick(lang, "Codes", "コード"), join(&d.codes));
    add(pick(lang, "Accounts", "アカウント"), join(&d.accounts));
    add(pick(lang, "Tenants", "テナント"), join(&d.tenants));
    add(words::FIRST_SEEN.get(lang), d.first_seen.clone().unwrap_or_default());
    if let Some(e) = d.evidence.iter().find(|e| e.role == Role::Primary) {
        add(words::EVIDENCE.get(lang), format!("{}{} {}", e.source, place(e.entry, e.line, lang), e.text));
        let ids = [("correlation", &e.correlation_id), ("request", &e.request_id), ("trace", &e.trace_id)];
        for (name, id) in ids {
            add(words::id_kind(name).get(lang), id.as_ref().map(ToString::to_string).unwrap_or_default());
        }
    }
    add(words::ASK.get(lang), d.question.to_string());
    lines.join("\n")
}

fn pick(lang: Lang, en: &'static str, ja: &'static str) -> &'static str {
    words::Both { en, ja }.get(lang)
}

/// ` › entry 3` or ` › line 12`, or nothing.
pub(super) fn place(entry: Option<u32>, line: Option<u64>, lang: Lang) -> String {
    match (entry, line) {
        (Some(n), _) => format!(" › {} {n}", words::ENTRY.get(lang)),
        (None, Some(n)) => format!(" › {} {n}", words::LINE.get(lang)),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders() {
        let values = Fill { account: Some("{tenant}@contoso.example".into()), ..Fill::default() };
        assert_eq!(
            fill("{account} in {tenant} {x}", &values, Reader::Customer, Lang::En),
            "{tenant}@contoso.example in your organisation {x}"
        );
        assert_eq!(fill("{account", &values, Reader::Vendor, Lang::En), "{account");
        assert_eq!(
            fill("Done. {app} works; {app} is new.", &values, Reader::Vendor, Lang::En),
            "Done. The app works; the app is new."
        );
    }

    #[test]
    fn unknown_organisation_by_reader() {
        let say = |reader| fill("In {tenant}.", &Fill::default(), reader, Lang::En);
        assert_eq!(say(Reader::Customer), "In your organisation.");
        assert_eq!(say(Reader::Vendor), "In the customer's organisation.");
    }

    #[test]
    fn request_ends_with_what_is_known() {
        let values =
            Fill { codes: Some("AADSTS50105".into()), time: Some("2026-11-02".into()), ..Fill::default() };
        assert_eq!(
            request("Please look.", &values, Reader::Customer, Lang::En),
            "Please look.\n\nMicrosoft's answer: AADSTS50105\nTime: 2026-11-02"
        );
        assert_eq!(
            request("{codes} at {time}.", &values, Reader::Customer, Lang::En),
            "AADSTS50105 at 2026-11-02."
        );
        assert_eq!(request("Please look.", &Fill::default(), Reader::Customer, Lang::En), "Please look.");
    }

    #[test]
    fn japanese_words_close_up() {
        let say = |text| fill(text, &Fill::default(), Reader::Customer, Lang::Ja);
        assert_eq!(
            say("同じ {account} の予定表 > {app} > 認証"),
            "同じ対象のアカウントの予定表 > 対象アプリ > 認証"
        );
    }

    #[test]
    fn an_id_says_what_it_is() {
        let values = Fill { tenant: Some("11112222-3333-4444-8555-666677778888".into()), ..Fill::default() };
        assert_eq!(
            fill("{tenant} refused.", &values, Reader::Vendor, Lang::En),
            "Tenant 11112222-3333-4444-8555-666677778888 refused."
        );
        assert_eq!(
            fill("同じ {tenant} で", &values, Reader::Vendor, Lang::Ja),
            "同じテナント 11112222-3333-4444-8555-666677778888 で"
        );
    }
}
