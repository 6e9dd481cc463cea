//! The closer looks at a text in which a fragment stands.
//!
//! In: the text, as written or decoded. Out: whether it is worth extracting from. Never: a fact.

use std::cell::LazyCell;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::fragments::Look;
use super::phrases;

macro_rules! looks_like {
    ($text:expr, $source:expr) => {{
        static PATTERN: LazyLock<Regex> = LazyLock::new(|| pattern($source));
        PATTERN.is_match($text)
    }};
}

/// Whether a cookie is one of Entra's sign-in session.
pub(super) fn names_session(cookie: &[u8]) -> bool {
    looks_like!(cookie, "(?i)ESTSAUTH")
}

/// The looks that found nothing in this text.
#[derive(Default)]
pub(super) struct Failed(u32);

impl Failed {
    /// True the first time.
    pub(super) fn try_again(&mut self, look: Look) -> bool {
        let bit = 1u32 << look as u8;
        let fresh = self.0 & bit == 0;
        self.0 |= bit;
        fresh
    }
}

fn pattern(source: &str) -> Regex {
    regex::bytes::RegexBuilder::new(source).unicode(false).build().expect("the patterns of this file compile")
}

impl Look {
    /// Whether decoding may bring to light what it looks for.
    pub(super) fn needs_words(self) -> bool {
        !matches!(self, Look::Open | Look::Escape)
    }

    pub(super) fn opens(self, text: &[u8]) -> bool {
        // Words may be set apart by tags.
        let markup = || memchr::memchr(b'<', text).is_some();
        let lower = LazyCell::new(|| text.to_ascii_lowercase());
        let has = |word: &str| memchr::memmem::find(&lower, word.as_bytes()).is_some();
        match self {
            Look::Open => true,
            Look::Ours => looks_like!(
                text,
                r#"(?i)\b(?:adal|entra|ews)\b|\b[om]365|\baad[0-9a-f]{0,4}(?:[^0-9a-f]|$)|graph[. ]|\bgraph(?:error|service|api)|exchange (?:online|server|web)|office ?-?365|\b(?:error|failure|status|result)(?:\(s\)|[ _-]?(?:codes?|number|type)?\b)["'\\]*\s*(?:[:=#]|=>|is)?\s*["'(\[\\]*\d{5}|sign[ -]?in (?:error|code)|(?-i:[A-Z]_?(?:MSGRAPH|GRAPH|O365|EXCHANGE|OFFICE)|(?:MSGRAPH|GRAPH|O365|EXCHANGE|OFFICE)_)"#
            ),
            Look::Noisy => {
                looks_like!(
                    text,
                    r"(?i)(?:^|[^a-z0-9_]|\\[nrt]|%[0-9a-f]{2})a?[a4]d[s5$]?[t7][s5$]{0,2}[ :]{0,2}[0-9OILSBZX*?]{4,8}(?:[^0-9a-z_]|$)"
                )
            }
            Look::Error => looks_like!(
                text,
                r#"(?i)error[a-z_]*\s*["'\\=:%]|error[a-z]{5}|(?:error|exception)["'\s:=(]*[a-z]+_[a-z]"#
            ),
            Look::Capitals => looks_like!(
                text,
                r"\b(?:Authorization|Request|Directory|Authentication)_[A-Z]|[A-Z0-9]_(?:OFFICE|MAILBOX|CALENDAR|EXCHANGE|GRAPH)|(?:OFFICE|MAILBOX|CALENDAR|EXCHANGE|GRAPH)_[A-Z0-9]"
            ),
            Look::Redirect => has("state") || has("client_info") || has("iss"),
            Look::Scopes => {
                looks_like!(
                    text,
                    r"(?i)missing|insufficient|need|requir|necessary|lack|granted|without|additional|following|ontbreken|vereiste|fehlende|manquante|faltantes|necesarios"
                ) || markup()
                    || phrases::any_match(text)
            }
            Look::Mail => looks_like!(
                text,
                r#"(?i)\b[45]\d\d(?:[ -]{1,2}|, b['"])#?[45]\.\d{1,3}\.\d|[45]\.\d{1,2}\.\d{1,3}[ ;,]{1,2}(?:smtp; )?[abcs]"#
            ),
            Look::Named => {
                looks_like!(
                    text,
                    r"(?i)application '?[0-9a-f-]{36}|application [^'\n]{2,60} \('[0-9a-f-]{36}"
                )
            }
            Look::Mx => looks_like!(text, r"(?i)\bmx\b"),
            Look::Escape => looks_like!(
                text,
                r"(?i)\\u[0-9a-f]{4}|&#(?:1[3-9][0-9]|[2-9][0-9][0-9]|[0-9]{4}|x[89a-f][0-9a-f]|x[0-9a-f]{3})"
            ),
            Look::Packed => looks_like!(text, r#""eyJ[^". ]{57}"#),
            Look::Proxy => looks_like!(text, r"(?i)407|proxy authentication required"),
            Look::Blocked => looks_like!(text, r"(?i)</?(?:html|body|head|div|title|style)\b"),
            Look::Key => looks_like!(text, r#"(?i)(?:answer|responses|details)["'\\\[.=:]"#),
            Look::Pair => {
                let payload = has("correlation_id") && has("trace_id") || has("protocol") && has("url");
                let record = has("operation") || has("account_type");
                payload
                    || record
                    || looks_like!(text, r"(?i)correlation id")
                    || has("correlation") && Look::Ours.opens(text)
            }
            Look::Phrase => {
                looks_like!(
                    text,
                    r"(?i)identity provider|does not exist in tenant|not assigned to a role|resource principal|resulted in challenge"
                ) || markup()
                    || phrases::any_match(text)
            }
        }
    }
}
