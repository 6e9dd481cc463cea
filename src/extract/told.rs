//! What a ticket says in its writer's own words.
//!
//! In: pasted text. Out: `told` facts, of what `told.tsv` lists. Never: from a log, a capture or a page; from a text that
//! holds a code or known wording (those are the better evidence); from one that says that all is well, asks whether
//! to buy, or announces something; or from one about another product.

mod rows;
mod ticket;

use std::sync::LazyLock;

use crate::model::{Fact, FactName};

use super::sink::Facts;
use super::text::around;
use super::view::{ViewAt, Views};
use crate::pattern::Regex;
use rows::TABLE;

/// A longer text is no ticket. Words are counted, as a copy without secrets has the same number.
const LONGEST: usize = 64 * 1024;
const MOST_WORDS: usize = 1_200;
/// From so many keys of JSON on, a text is data, and not what somebody says.
const MOST_KEYS: usize = 20;

pub(super) fn told(views: &Views<'_>, facts: &mut Facts<'_>) {
    if facts.seen().iter().any(|f| is_better(f.name) || is_wording(f)) {
        return;
    }
    for view in views.list.iter().filter(|v| v.at == ViewAt::Paste && !v.is_html()) {
        let text = &*view.text;
        if !is_talk(text) || names_codes(text) || !ticket::is_trouble(text) || ticket::is_settled(text) {
            continue;
        }
        let about = ticket::about(text);
        if about.is_empty() {
            continue;
        }
        let sentences = rows::sentences(text);
        for row in TABLE.rows.iter().filter(|row| about.contains(&row.needs)) {
            if let Some((start, end)) = TABLE.find(row, text, &sentences) {
                let near = around(text, start, end);
                facts.add(
                    FactName::Told,
                    row.value,
                    view.part,
                    text.get(start..end).unwrap_or_default(),
                    near,
                );
            }
        }
    }
}

/// Short enough for a ticket, and not a capture that no reader took.
fn is_talk(text: &str) -> bool {
    text.len() <= LONGEST
        && text.split_whitespace().nth(MOST_WORDS).is_none()
        && text.matches("\":").nth(MOST_KEYS).is_none()
}

/// Known wording of an error; the other phrases are circumstances, and a description goes with them.
fn is_wording(fact: &Fact) -> bool {
    const CIRCUMSTANCES: &[&str] = &[
        "shared-mailbox",
        "license-missing",
        "migration",
        "provisioning",
        "stay-signed-in",
        "account-picker",
        "consent-page",
    ];
    fact.name == FactName::Phrase && !CIRCUMSTANCES.contains(&&*fact.value)
}

/// Facts beside which a description adds nothing.
fn is_better(name: FactName) -> bool {
    use FactName::*;
    matches!(
        name,
        EntraCode
            | EntraText
            | EntraGuess
            | OauthError
            | OauthSuberror
            | ApiCode
            | ApiText
            | ApiMessage
            | ApiStatus
            | ChallengeError
            | ChallengeCode
            | DiagnosticsCode
            | VendorCode
            | MsalCode
            | ConsumerCode
            | IdxCode
            | SmtpCode
            | MailText
            | UnknownCode
            | NetworkError
            | ProxyAnswer
            | Throttle
            | ServerFault
    )
}

/// True where codes stand that no extractor took for an error: a list of them, or a page about them.
fn names_codes(text: &str) -> bool {
    static CODE: LazyLock<Regex> = LazyLock::new(|| super::pattern(r"(?i)AADSTS\d{4}"));
    CODE.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{paste, record, spelled};
    use super::*;

    fn facts(text: &str) -> Vec<String> {
        spelled(&paste(text), told)
    }

    #[test]
    fn own_words() {
        for (text, value) in [
            ("Sync of my mailbox is dead since I got a new password", "password-changed"),
            ("Seit dem Kennwortwechsel wird mein Kalender nicht mehr aktualisiert", "password-changed"),
            ("MFA ist bei uns jetzt Pflicht, der Kalender ist seither getrennt", "mfa-introduced"),
            ("> our mail is on our\n> own Exchange, so the calendar cannot be linked", "own-exchange"),
            ("The inbox broke the very day I updated my Office password", "password-changed"),
            (
                "I click Connect calendar and it says that his company must first authorise this application",
                "admin-approval",
            ),
            ("受信トレイの容量がいっぱいで、予定を作成できません", "full"),
        ] {
            assert!(facts(text).contains(&format!("told={value}")), "{text} {:?}", facts(text));
        }
    }

    #[test]
    fn quiet() {
        for text in [
            "We changed the password, reconnected the calendar, and it is fine since.",
            "Google Calendar does not sync any more after I changed my password",
            "OneDrive does not sync after a password change",
            "| AADSTS50076 | MFA required |\n| AADSTS53003 | blocked by Conditional Access |",
            "Do you support mailboxes on our own Exchange? Nothing is connected yet.",
            "Passwort geändert, Kalender neu verbunden, Problem behoben. Danke!",
            "パスワードを変更しましたが、再接続して無事に接続できました。カレンダーは問題なく動いています。",
        ] {
            assert_eq!(facts(text), Vec::<String>::new(), "{text}");
        }
        // A capture that no reader took is no ticket, however short.
        let data = format!("{} inbox not connected since a password change", r#"{"mailbox": 1} "#.repeat(30));
        assert_eq!(facts(&data), Vec::<String>::new());
        let line = "sync of the calendar failed after a password change";
        assert_eq!(spelled(&record(line), told), Vec::<String>::new());
    }
}
