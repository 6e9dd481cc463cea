//! Answers of mail servers.
//!
//! In: views. Out: `smtp-code`, and `mail-text` for a refused token. Other known answers of IMAP, POP and SMTP are wording, see `phrases.rs`. Never: version
//! numbers, or answers of other providers' servers.

use std::sync::LazyLock;

use crate::decode::{decode_base64, json};
use crate::model::FactName;

use super::sink::Facts;
use super::text::{Text, around, line_of};
use super::view::Views;
use crate::pattern::Regex;

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    static CODE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(r#"\b([245]\d\d)(?:[ -]{1,2}|, b['"])#?([245]\.\d{1,3}\.\d{1,3})\b"#)
    });
    // A library may have cut off the reply code.
    static BARE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?:^|[ :>'(])([45]\.\d{1,2}\.\d{1,3})[ ;,]{1,2}(?:SMTP; )?(?:Authentication unsuccessful|Access denied, |Client (?:does not have permissions|(?:was )?not authenticated)|SendAsDenied|Basic authentication is not supported)",
        )
    });
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(r"(?i)gsmtp|google|gmail|yahoo|amazonaws|sendgrid|mailgun|postfix|exim")
    });
    static SERVED: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)\.prod\.(?:outlook|exchangelabs)\.com|smtp\.office365|Authentication unsuccessful|tenant has exceeded threshold|bad outbound sender|traffic not accepted from this IP|banned sending IP|smtp_auth_disabled|permissions to send as this sender|to send anonymous mail during MAIL FROM",
        )
    });
    // The vendor's own relay (Postfix, Exim) tells what Microsoft's server answered.
    static BY_NAME: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?i)\.prod\.(?:outlook|exchangelabs)\.com|smtp\.office365"));
    let others = |line: &str| OTHERS.is_match(line) && !BY_NAME.is_match(line);
    for text in views.texts().filter(|t| t.view.is_free_text()) {
        token_refused(&text, facts);
        if !may_hold_code(&text.text) {
            debug_assert!(!CODE.is_match(&text.text) && !BARE.is_match(&text.text));
            continue;
        }
        for c in CODE.captures_iter(&text.text).take(20) {
            let (Some(all), Some(reply), Some(code)) = (c.get(0), c.get(1), c.get(2)) else { continue };
            let line = line_of(&text.text, all.start());
            let same_class = reply.as_str().as_bytes().first() == code.as_str().as_bytes().first();
            let ours = SERVED.is_match(line) || text.ours;
            if same_class && !code.as_str().starts_with('2') && ours && !others(line) {
                let context = around(&text.text, all.start(), all.end());
                facts.add(FactName::SmtpCode, code.as_str(), text.view.part, code.as_str(), context);
            }
        }
        for c in BARE.captures_iter(&text.text).take(20) {
            let (Some(all), Some(code)) = (c.get(0), c.get(1)) else { continue };
            let fresh =
                !facts.seen().iter().any(|f| f.name == FactName::SmtpCode && f.value == code.as_str());
            if fresh && !others(line_of(&text.text, all.start())) {
                let context = around(&text.text, all.start(), all.end());
                facts.add(FactName::SmtpCode, code.as_str(), text.view.part, code.as_str(), context);
            }
        }
    }
}

/// False where nothing like `5.7.1` stands, which most texts have not.
fn may_hold_code(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'.', bytes).any(|dot| {
        let class = dot.checked_sub(1).and_then(|at| bytes.get(at));
        let rest = bytes.get(dot + 1..).unwrap_or_default();
        let digits = rest.iter().take(4).take_while(|b| b.is_ascii_digit()).count();
        let next = rest.get(digits..).unwrap_or_default();
        class.is_some_and(|b| b"245".contains(b))
            && (1..=3).contains(&digits)
            && matches!(next, [b'.', digit, ..] if digit.is_ascii_digit())
    })
}

/// The answer to a refused token: `+ ` or `334 ` and base64 of `{"status":"400","schemes":"Bearer",…}`.
fn token_refused(text: &Text<'_>, facts: &mut Facts<'_>) {
    static ANSWER: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?:\+|334) (eyJ[A-Za-z0-9+/]{20,400}={0,2})"));
    for c in ANSWER.captures_iter(&text.text).take(10) {
        let (Some(all), Some(coded)) = (c.get(0), c.get(1)) else { continue };
        let bytes = decode_base64(coded.as_str()).unwrap_or_default();
        let Some(parsed) = json::parse(&bytes, 0) else { continue };
        let refused = parsed.node.get("status").and_then(|n| n.int()).is_some_and(|s| s >= 400);
        if refused && parsed.node.get("schemes").is_some() && text.ours {
            let context = around(&text.text, all.start(), all.start());
            facts.add(FactName::MailText, "authenticate-failed", text.view.part, coded.as_str(), context);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{paste, spelled};
    use super::*;

    #[test]
    fn refused_token() {
        // {"status":"400","schemes":"Bearer","scope":"x"}
        let text =
            "outlook.office365.com\nS: + eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJ4In0=";
        assert_eq!(spelled(&paste(text), extract), ["mail-text=authenticate-failed"]);
        assert!(spelled(&paste(&text.replace("outlook.office365.com", "imap.example")), extract).is_empty());
    }

    #[test]
    fn codes() {
        let line = "535 5.7.139 Authentication unsuccessful, x [XX0PR00CA0000.namprd00.prod.outlook.com]";
        assert_eq!(spelled(&paste(line), extract), ["smtp-code=5.7.139"]);
        for line in [
            "AuthenticationInvalidCredentials: 5.7.3 Authentication unsuccessful [XX0PR00CA0000.namprd00.prod.outlook.com]",
            "(535, b'5.7.3 Authentication unsuccessful')",
            "postfix/smtp[8]: server smtp.office365.com[192.0.2.5] said: 535 5.7.3 Authentication unsuccessful",
        ] {
            assert_eq!(spelled(&paste(line), extract), ["smtp-code=5.7.3"], "{line}");
        }
        assert!(spelled(&paste("535-5.7.8 Username and Password not accepted - gsmtp"), extract).is_empty());
        assert!(spelled(&paste("using library 5.7.139 with Outlook"), extract).is_empty());
    }
}
