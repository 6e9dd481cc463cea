//! Answers of mail servers.
//!
//! In: views. Out: `smtp-code`. Known answers of IMAP, POP and SMTP are wording, see `phrases.rs`. Never: version
//! numbers, or answers of other providers' servers.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::FactName;

use super::sink::Facts;
use super::text::{around, line_of};
use super::view::Views;

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    static CODE: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r#"\b([245]\d\d)[ -]{1,2}#?([245]\.\d{1,3}\.\d{1,3})\b"#));
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(r"(?i)gsmtp|google|gmail|yahoo|amazonaws|sendgrid|mailgun|postfix|exim")
    });
    static SERVED: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)\.prod\.(?:outlook|exchangelabs)\.com|smtp\.office365|Authentication unsuccessful",
        )
    });
    for text in views.texts().filter(|t| t.view.is_free_text()) {
        for c in CODE.captures_iter(&text.text).take(20) {
            let (Some(all), Some(reply), Some(code)) = (c.get(0), c.get(1), c.get(2)) else { continue };
            let line = line_of(&text.text, all.start());
            let same_class = reply.as_str().as_bytes().first() == code.as_str().as_bytes().first();
            let ours = SERVED.is_match(line) || text.ours;
            if same_class && !code.as_str().starts_with('2') && ours && !OTHERS.is_match(line) {
                let context = around(&text.text, all.start(), all.end());
                facts.add(FactName::SmtpCode, code.as_str(), text.view.part, code.as_str(), context);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{paste, spelled};
    use super::*;

    #[test]
    fn codes() {
        let line = "535 5.7.139 Authentication unsuccessful, x [XX0PR00CA0000.namprd00.prod.outlook.com]";
        assert_eq!(spelled(&paste(line), extract), ["smtp-code=5.7.139"]);
        assert!(spelled(&paste("535-5.7.8 Username and Password not accepted - gsmtp"), extract).is_empty());
        assert!(spelled(&paste("using library 5.7.139 with Outlook"), extract).is_empty());
    }
}
