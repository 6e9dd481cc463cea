//! What a ticket says in its writer's own words.
//!
//! In: pasted text. Out: `told` facts, of what `told.tsv` lists. Never: from a log, a capture or a page; from a text that
//! holds a code or known wording (those are the better evidence); from one that says that all is well, asks whether
//! to buy, or announces something; or from one about another product.

use std::sync::LazyLock;

use crate::model::{Fact, FactName};

use super::sink::Facts;
use super::text::{about_microsoft, around};
use super::view::{ViewAt, Views};
use crate::pattern::Regex;

/// A longer text is no ticket.
const LONGEST: usize = 8 * 1024;

struct Row {
    value: &'static str,
    pattern: Regex,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let lines = include_str!("told.tsv").lines().filter(|l| !l.starts_with('#') && !l.is_empty()).skip(1);
    let row = |line: &'static str| {
        let mut cells = line.split('\t');
        let (value, _language, written) = (cells.next()?, cells.next()?, cells.next()?);
        Some(Row { value, pattern: super::pattern(&format!("(?is){}", spaced(written))) })
    };
    lines.filter_map(row).collect()
});

/// A blank stands for any white space and the mark that begins a quoted line; `blank ?` for none, too.
fn spaced(pattern: &str) -> String {
    pattern.replace(" ?", r"[\s>\u{a0}]*").replace(' ', r"[\s>\u{a0}]+")
}

pub(super) fn told(views: &Views<'_>, facts: &mut Facts<'_>) {
    if facts.seen().iter().any(|f| is_better(f.name) || is_wording(f)) {
        return;
    }
    for view in views.list.iter().filter(|v| v.at == ViewAt::Paste && !v.is_html()) {
        let text = &*view.text;
        if text.len() > LONGEST
            || names_codes(text)
            || !about_mailbox(text)
            || !is_trouble(text)
            || is_settled(text)
        {
            continue;
        }
        for row in ROWS.iter() {
            if let Some(hit) = row.pattern.find(text) {
                let near = around(text, hit.start(), hit.end());
                facts.add(FactName::Told, row.value, view.part, hit.as_str(), near);
            }
        }
    }
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

/// True for a text about mail or a calendar of Microsoft's, or of nobody in particular.
fn about_mailbox(text: &str) -> bool {
    static MAILBOX: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)outlook|exchange|mailbox|inbox|e-?mail|\bmails?\b|\bcalendars?\b|kalender|postfach|calendrier|\bagenda|boîte|messagerie|courriel|buzón|calendario|correo|postvak|calendário|caixa (?:de|postal)|予定|受信トレイ|カレンダー|メール|schedul|\bsync|synchron|同期",
        )
    });
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)google|gmail|icloud|yahoo|salesforce|slack\b|zoom\b|caldav|lotus|zimbra|webex|\bt-online|\bgmx\b|onedrive|sharepoint|dev ?ops|power ?bi|teams (?:call|meeting|chat)|\bsql\b|xbox|printer|\bvpn\b",
        )
    });
    static TERMS: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?i)conditional access|条件付きアクセス|enterprise app"));
    let ours = about_microsoft(text) || TERMS.is_match(text);
    let others = OTHERS.is_match(text);
    if MAILBOX.is_match(text) { ours || !others } else { ours && !others }
}

/// True where something is said to be wrong.
fn is_trouble(text: &str) -> bool {
    static TROUBLE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(concat!(
            r"(?i)\b(?:can.?t|cannot|couldn.t|won.t|doesn.t|don.t|didn.t|isn.t|aren.t|wasn.t|hasn.t|not|no|nobody|nothing|none|never|unable|fail\w*|errors?|stop(?:s|ped)?|disconnect\w*|reconnect\w*|refus\w*|block\w*|denied|reject\w*|broken?|locked|missing|lost|bounc\w*|crawl\w*|again|trouble|problem|issue|stuck|expired|wrong|instead|disabled|deactivated|requires|requested|late|delay\w*|slow\w*|locked out|declined|required|insufficient|what now|approval|needed|dead|what do (?:we|i)|how do (?:we|i))\b",
            r"|\b(?:nicht|keine?n?|fehl\w*|schlägt|abgebrochen|getrennt|statt|Problem\w*|gesperrt|deaktiviert|erforderlich|niemand|nichts|reißt|bricht|verzöger\w*|falsch\w*)\b",
            r"|\b(?:pas|plus|erreur|échec|échoue\w*|impossible|déconnect\w*|reconnect\w*|refus\w*|bloqu\w*|désactiv\w*|problème|requise?|mauvais\w*|aucune?|rien|retard|lente?)\b|échou",
            r"|\b(?:no|dejó|dejaron|falla|fallo|error|desconect\w*|imposible|problema|rechaz\w*|desactivad\w*|deshabilitad\w*|bloque\w*|nadie|nada|equivocad\w*|ningun\w*)\b",
            r"|\b(?:niet|geen|fout\w*|mislukt|werkt|gestopt|verbroken|geblokkeerd|uitgeschakeld|probleem|vereist|niemand|niets|verkeerde?)\b",
            r"|\b(?:não|nao|erro|falha\w*|parou|desconect\w*|desativad\w*|problema|impossível|bloque\w*|ninguém|nada|errad\w*)\b",
            r"|\b(?:non|errore|impossibile|smesso|disconness\w*)\b",
            r"|でき(?:ない|ません|なく|ず)|失敗|エラー|止まっ|停止|切れ|切断|進め(?:ない|ません)|ません|できず|届か|拒否|ブロック|必要|不具合|うまくいか|なくな[っりる]|遅れ|遅延|されない|無効|外れ|求められ|間違|誤って|別の|違う"
        ))
    });
    TROUBLE.is_match(text)
}

/// True for what needs no diagnosis: it was put right, or nothing happened yet.
fn is_settled(text: &str) -> bool {
    static SETTLED: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(concat!(
            r"(?i)\bfine (?:since|now|again)|syncing (?:again|fine)|everything (?:is |works|runs|syncs)\w* ?(?:\w+ )?(?:again|fine)|(?:can|may|could) (?:be )?close|(?:is|are) (?:re)?connected again|(?:is|are) reconnected\b|planning to|we plan to|works? (?:again|(?:fine |perfectly )?now\b)|working (?:again|fine)|(?:is|was|been|got|it.s|now) (?:solved|resolved|fixed|sorted)|close (?:the|this|my) ticket|without (?:a |any )?(?:problems?|issues?)\b|all good (?:now|since|again)|no (?:further )?action (?:is |was )?(?:needed|required)",
            r"|newsletter|webinar|unsubscribe|feature request|roadmap|release notes|we are (?:evaluating|considering|comparing)|before we (?:buy|purchase|sign|start|roll)|do you (?:support|offer)|would like to know (?:if|whether)|price list|quote for",
            r"|\b(?:gelöst|behoben|erledigt)\b|wieder verbunden[.!]|wir planen|(?:funktioniert|klappt|läuft) (?:jetzt|wieder|nun)(?: alles| einwandfrei| problemlos| wie|[.!,])|bevor wir (?:kaufen|bestellen)|Angebot",
            r"|\brésolue?\b|(?:est|sont) (?:de nouveau |bien )?reconnectée?s?\b|nous prévoyons|fonctionne (?:de nouveau|à nouveau)|marche (?:de nouveau|à nouveau)|\bdevis\b|\btarif",
            r"|resuelto|solucionado|ya funciona|funciona de nuevo|presupuesto|opgelost|werkt weer|weer verbonden[.!]|(?:está|quedó) (?:ya )?reconectad|foi reconectad|offerte|resolvido|voltou a funcionar|orçamento|\brisolto|funziona di nuovo",
            r"|解決しました|復旧しました|直りました|無事に?(?:接続|連携|完了)|問題なく|見積|検討して"
        ))
    });
    SETTLED.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{paste, record, spelled};
    use super::*;

    fn facts(text: &str) -> Vec<String> {
        spelled(&paste(text), told)
    }

    #[test]
    fn every_row_is_read_and_named() {
        let table = include_str!("told.tsv");
        let lines = table.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).count() - 1;
        assert_eq!(ROWS.len(), lines);
        for row in ROWS.iter() {
            assert!(!row.pattern.is_match(""), "{}", row.value);
            let names = include_str!("../model/fact_names.rs");
            assert!(names.contains(&format!("`{}`", row.value)), "{}", row.value);
        }
    }

    #[test]
    fn own_words() {
        for (text, value) in [
            ("Sync of my mailbox is dead since I got a new password", "password-changed"),
            ("Seit dem Kennwortwechsel wird mein Kalender nicht mehr aktualisiert", "password-changed"),
            ("MFA ist bei uns jetzt Pflicht, der Kalender ist seither getrennt", "mfa-introduced"),
            ("> our mail is on our\n> own Exchange, so the calendar cannot be linked", "own-exchange"),
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
        let line = "sync of the calendar failed after a password change";
        assert_eq!(spelled(&record(line), told), Vec::<String>::new());
    }
}
