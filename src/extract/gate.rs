//! Which events cannot hold a fact.
//!
//! In: a log record as written, or an exchange. Out: whether an extractor could find anything in it. Never: a fact, or an event kept shut
//! that holds one: every condition here is weaker than those of the extractors, and `tests/gate.rs` holds the two
//! against each other on every fixture and every example of a rule.
//!
//! Nearly all lines of a server log are about something else. They are told by one search for fragments without which
//! no extractor matches. Some fragments are ordinary words ("error", "required"): where one of those stands, a
//! closer look decides.

use std::cell::LazyCell;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::Regex;

use crate::model::{Exchange, Form, Header, Part};

use super::endpoint::{self, Endpoint};
use super::{phrases, view};

macro_rules! looks_like {
    ($text:expr, $source:expr) => {{
        static PATTERN: LazyLock<Regex> = LazyLock::new(|| pattern($source));
        PATTERN.is_match($text)
    }};
}

/// What a fragment takes to open the gate. The discriminants count the bits of [`Failed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Look {
    /// Nothing more.
    Open,
    /// Words about Microsoft, or a number called an error.
    Ours,
    /// A code as character recognition or a hurried hand writes it.
    Noisy,
    /// `error` as a key, as the beginning of a code, or before a code.
    Error,
    /// A code in capitals or with an underscore.
    Capitals,
    /// The parameters of a redirect: `code` with what comes with it.
    Redirect,
    /// Words that announce scopes.
    Scopes,
    /// A proxy that wants a password.
    Proxy,
    /// Markup.
    Markup,
    /// A key of an answer.
    Key,
    /// A pair of keys that count together.
    Pair,
    /// A status code of mail.
    Mail,
    /// An application by name and id.
    Named,
    /// A mail exchanger.
    Mx,
    /// Characters that are not written as such: what they spell is not known here.
    Escape,
    /// Wording of `phrases.tsv`.
    Phrase,
}

/// Fragments in lower case.
const FRAGMENTS: &[(Look, &[&str])] = &[
    (
        Look::Open,
        &[
            // Microsoft by name, and its codes.
            "aadsts",
            "aadb2c",
            "microsoft",
            "msal",
            "outlook",
            "office365",
            "azure",
            "hotmail",
            "windows.net",
            "live.com",
            "login.live",
            "chinacloudapi",
            "windows-ppe",
            "msidentity",
            "substrate",
            "exchangelabs",
            // Keys and headers.
            "www-authenticate",
            "x-ms-",
            "x-calculated",
            "x-beserver",
            "x-feserver",
            "anchormailbox",
            "$config",
            "serverdata",
            "admin_consent",
            "id_token",
            "access_token",
            "grant_type",
            "resulttype",
            "ifexistsresult",
            "namespacetype",
            "cloud_instance",
            "cloudinstance",
            "activitydisplay",
            "enforcedgrant",
            "conditionsnot",
            "conditional",
            "recipienttype",
            "exchange_",
            "mailboxmove",
            "statusdetail",
            "synceditem",
            "batchstatus",
            "userpurpose",
            "serviceplan",
            "odata",
            "intended",
            "expected_e",
            "expectede",
            "requested_e",
            "requestede",
            "appdisplay",
            "userprincipal",
            "responsecode",
            "targetserver",
            "oauth2",
            "auth=bearer",
            "#ext#",
            ".users[",
            // Words of errors.
            "consent",
            "serviceexc",
            "restapi",
            "invalidauth",
            "authenticate",
            "mailboxinfostale",
            "mailboxstore",
            "mailboxconc",
            "throttled",
            "unhealthy",
            "unsuccessful",
            "nopermissions",
            "organizationfrom",
            "syncstate",
            "resyncrequired",
            "activitylimit",
            "incomingbytes",
            "extensionerror",
            "license",
            // Addresses of Exchange in answers.
            "ewsurl",
            "<asurl",
            "<oofurl",
            "<mdbdn",
            "<redirect",
            "<owaurl",
            "ewssupported",
            "<input",
            "urldefense",
            "friendlyappname",
            "sappname",
            // DNS.
            "cname",
            "canonical",
            "mail exchanger",
            "mail is handled",
        ],
    ),
    (Look::Ours, &["ews", "entra", "adal", "o365", "m365", "graph", "aad", "exchange", "office", "sign"]),
    (
        Look::Noisy,
        &[
            "adst", "ad5t", "ad$t", "ads7", "ad57", "ad$7", "4dst", "4d5t", "4d$t", "4ds7", "4d57", "4d$7",
            "adt", "ad7", "4dt", "4d7",
        ],
    ),
    (Look::Error, &["error", "exception"]),
    (
        Look::Capitals,
        &[
            "authorization_",
            "request_",
            "directory_",
            "authentication_",
            "_mailbox",
            "mailbox_",
            "_calendar",
            "calendar_",
            "_exchange",
            "_office",
            "_graph",
        ],
    ),
    (Look::Redirect, &["code=", "code%"]),
    (
        Look::Scopes,
        &["scope", "permission", "rivilege", "achtiging", "erechtigung", "utorisation", "ermiso", "claim"],
    ),
    (Look::Proxy, &["proxy", "tunnel"]),
    (
        Look::Markup,
        &[
            "<html", "<body", "<head", "<div", "<titl", "<styl", "/html", "/body", "/head", "/div", "/titl",
            "/styl",
        ],
    ),
    (
        Look::Mail,
        &[
            "4.0", "4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "4.7", "4.8", "4.9", "5.0", "5.1", "5.2", "5.3",
            "5.4", "5.5", "5.6", "5.7", "5.8", "5.9",
        ],
    ),
    (Look::Named, &["application"]),
    (Look::Mx, &["mx"]),
    (Look::Escape, &["\\u", "&#"]),
    (Look::Key, &["answer", "responses", "details"]),
    (
        Look::Pair,
        &["correlation", "trace_id", "workload", "recordtype", "creationtime", "domain_name", "protocol"],
    ),
    (Look::Phrase, &["identity", "exist", "assigned", "principal", "challenge"]),
];

struct Gate {
    fragments: AhoCorasick,
    /// The look of every fragment.
    looks: Vec<Look>,
}

// An automaton beats a vector search here: with two hundred fragments of lower-case letters nearly every block of a
// line is a candidate for some of them.
static GATE: LazyLock<Gate> = LazyLock::new(|| {
    let listed = FRAGMENTS.iter().flat_map(|(look, words)| words.iter().map(|w| ((*w).to_owned(), *look)));
    let phrases = phrases::words().into_iter().map(|word| (word, Look::Phrase));
    let (words, looks): (Vec<String>, Vec<Look>) = listed.chain(phrases).unzip();
    let fragments = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .prefilter(false)
        .build(&words)
        .expect("a few hundred short words fit an automaton");
    Gate { fragments, looks }
});

/// False where no extractor finds anything in a log record with this text.
pub fn may_speak(text: &[u8]) -> bool {
    // Other scripts: their phrases are not searched for here.
    !text.is_ascii() || opens(text)
}

/// True where some fragment stands and its closer look agrees.
fn opens(text: &[u8]) -> bool {
    let mut failed = Failed(0);
    let decoded = LazyCell::new(|| plain(text));
    GATE.fragments.find_overlapping_iter(text).any(|hit| {
        let look = GATE.looks.get(hit.pattern().as_usize()).copied().unwrap_or(Look::Open);
        failed.try_again(look)
            && (look.opens(text) || look.needs_words() && !decoded.is_empty() && look.opens(&decoded))
    })
}

/// False where no extractor finds anything in an exchange: it is none with Microsoft, and no text in it speaks.
pub fn may_matter(exchange: &Exchange<'_>) -> bool {
    let url = exchange.url.text();
    let seen = endpoint::classify(&url);
    if exchange.status == Some(407) || exchange.error.as_ref().is_some_and(part_speaks) {
        return true;
    }
    match seen.endpoint {
        // Nothing of these is read but the recorder's words.
        Endpoint::Docs | Endpoint::Static => return false,
        Endpoint::Other => {}
        _ => return true,
    }
    let path = seen.path.to_ascii_lowercase();
    if view::is_asset(&path) {
        return false;
    }
    const EXCHANGE: &[&str] = &["/owa", "/mapi", "/api/v2.0/", "/rpc", "/microsoft-server-activesync"];
    EXCHANGE.iter().any(|start| path.starts_with(start))
        || ["dns", "wsignin", "amlrequest"].iter().any(|word| seen.query.to_ascii_lowercase().contains(word))
        || may_speak(url.as_bytes())
        || exchange.redirect_url.as_ref().is_some_and(part_speaks)
        || exchange.request_headers.iter().chain(&exchange.response_headers).any(header_speaks)
        || exchange.request_body.as_ref().is_some_and(|b| !b.params.is_empty() || part_speaks(&b.text))
        || exchange.response_body.as_ref().is_some_and(|b| view::is_readable(b) && part_speaks(&b.text))
}

fn part_speaks(part: &Part<'_>) -> bool {
    match part.form {
        Form::Plain | Form::JsonString => may_speak(&part.raw),
        // Has to be decoded to be looked at.
        Form::CsvQuoted | Form::JsonBase64 | Form::JsonChunks => !part.is_empty(),
    }
}

/// Headers that count by their name, and what all may hold.
fn header_speaks(header: &Header<'_>) -> bool {
    const NAMES: &[&str] = &[
        "x-ms-",
        "x-calculated",
        "x-beserver",
        "x-feserver",
        "x-anchor",
        "www-auth",
        "restrict-",
        "sec-restrict",
    ];
    let named = NAMES
        .iter()
        .any(|start| header.name.get(..start.len()).is_some_and(|h| h.eq_ignore_ascii_case(start)));
    let cookie = header.name.len() >= 6
        && header.name.to_ascii_lowercase().ends_with("cookie")
        && looks_like!(&header.value.raw, "(?i)ESTSAUTH");
    named || cookie || part_speaks(&header.value)
}

/// The text as the extractors see it inside of a URL or a string; empty where that is the text as written.
fn plain(text: &[u8]) -> Vec<u8> {
    let coded = memchr::memchr(b'%', text).is_some();
    if !coded && memchr::memchr2(b'\\', b'&', text).is_none() {
        return Vec::new();
    }
    let mut out: Vec<u8> = if coded {
        let spaced: Vec<u8> = text.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
        let once: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
        percent_encoding::percent_decode(&once).collect()
    } else {
        text.to_vec()
    };
    // Escaped line ends and blanks separate words.
    for n in 1..out.len() {
        if let Some([b'\\', b'n' | b'r' | b't']) = out.get(n - 1..=n) {
            out[n - 1..=n].fill(b' ');
        }
    }
    for at in memchr::memmem::find_iter(&out.clone(), b"&nbsp;") {
        out[at..at + 6].fill(b' ');
    }
    out
}

/// The looks that found nothing in this text.
struct Failed(u32);

impl Failed {
    /// True the first time.
    fn try_again(&mut self, look: Look) -> bool {
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
    fn needs_words(self) -> bool {
        !matches!(self, Look::Open | Look::Escape)
    }

    fn opens(self, text: &[u8]) -> bool {
        // Words may be set apart by tags.
        let markup = || memchr::memchr(b'<', text).is_some();
        let lower = LazyCell::new(|| text.to_ascii_lowercase());
        let has = |word: &str| memchr::memmem::find(&lower, word.as_bytes()).is_some();
        match self {
            Look::Open => true,
            Look::Ours => looks_like!(
                text,
                r#"(?i)\b(?:adal|entra|ews)\b|\b[om]365|\baad|graph[. ]|\bgraph(?:error|service|api)|exchange (?:online|server|web)|office ?-?365|\b(?:error|failure|status|result)(?:\(s\)|[ _-]?(?:codes?|number|type)?\b)["'\\]*\s*(?:[:=#]|=>|is)?\s*["'(\[\\]*\d{5}|sign[ -]?in (?:error|code)|(?-i:[A-Z]_?(?:MSGRAPH|GRAPH|O365|EXCHANGE|OFFICE)|(?:MSGRAPH|GRAPH|O365|EXCHANGE|OFFICE)_)"#
            ),
            Look::Noisy => {
                looks_like!(text, r"(?i)[a4]d[s5$]?[t7][s5$]{0,2}[ :]{0,2}[0-9OILSBZX*?]{4}")
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
            Look::Proxy => looks_like!(text, r"(?i)407|proxy authentication required"),
            Look::Markup => looks_like!(text, r"(?i)</?(?:html|body|head|div|title|style)\b"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::extract;
    use crate::model::{Event, EventKind, Part, Place, Record};

    #[test]
    fn ordinary_lines_stay_shut() {
        for line in [
            "2026-03-03 12:00:01 INFO  [worker-1] sync.deal - processed 12 items for ann@contoso.example in 3 ms",
            "2026-03-03 12:00:01 ERROR [worker-1] http - GET /api/v3/deals/81?limit=50 -> 500 in 3 ms, trace ad7f90aad1204d71",
            "10:00:00 WARN cache - mxbean not found, reset the designed window",
        ] {
            assert!(!may_speak(line.as_bytes()), "{line}");
        }
    }

    /// Every wording that the tables know, as a log would quote it.
    #[test]
    fn every_code_of_the_tables_opens() {
        let record = |text: &str| {
            let part = Part::plain(text.as_bytes(), 0);
            let record = Record { text: part, ..Record::default() };
            let event =
                Event { place: Place::default(), time: None, kind: EventKind::Record(Box::new(record)) };
            let facts = extract(&event, 0).facts;
            let shut = !facts.is_empty() && !may_speak(text.as_bytes());
            (!facts.is_empty(), shut.then(|| format!("{text}: {facts:?}")))
        };
        let frames = [
            ("", ""),
            ("2026-03-03 12:00:01 WARN x - answered: ", ""),
            ("{\"error\":{\"code\":\"", "\",\"message\":\"x\"}}"),
            ("the server said code: ", " twice"),
            ("ServiceException: ", ": failed"),
            ("GET /cb?error=", "&state=12"),
            ("x failed: ", "\n   at some.place(file:12)"),
        ];
        let (mut spoke, mut lost) = (0, Vec::new());
        let mut count = |text: &str| {
            let (facts, shut) = record(text);
            spoke += usize::from(facts);
            lost.extend(shut);
        };
        for key in crate::knowledge::keys() {
            for (before, after) in frames {
                count(&format!("{before}{key}{after}"));
            }
        }
        for row in crate::knowledge::mail_protocols() {
            count(&format!("2026-03-03 12:00:01 smtp: {}", row.pattern));
        }
        for line in include_str!("phrases.tsv").lines().filter_map(|l| l.split('\t').nth(3)) {
            for alternative in line.split('|') {
                count(&alternative.replace(".{", " {").replace("\\", ""));
            }
        }
        assert!(lost.is_empty(), "{}", lost.join("\n"));
        assert!(spoke > 1000, "{spoke}");
    }
}
