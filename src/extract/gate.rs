//! Which log records cannot hold a fact.
//!
//! In: a record as written. Out: whether an extractor could find anything in it. Never: a fact, or a record kept shut
//! that holds one: every condition here is weaker than those of the extractors, and builds with debug assertions hold
//! the two against each other on every record that any test reads.
//!
//! Nearly all lines of a server log are about something else. They are told by a packed search for fragments without
//! which no extractor matches. Some fragments are ordinary words ("error", "required"): where one of those stands, a
//! closer look decides.

use std::borrow::Cow;
use std::cell::{LazyCell, RefCell};
use std::sync::LazyLock;

use aho_corasick::packed::{self, MatchKind, Searcher};
use regex::bytes::Regex;

use super::phrases;

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
    /// Wording of `phrases.tsv`.
    Phrase,
}

/// Fragments in lower case. No two with a closer look may begin alike; the shorter would hide the longer.
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
            // Escaped letters: what they spell is not known here.
            "\\u00",
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
    (Look::Key, &["answer", "responses", "details"]),
    (
        Look::Pair,
        &["correlation", "trace_id", "workload", "recordtype", "creationtime", "domain_name", "protocol"],
    ),
    (Look::Phrase, &["identity", "exist", "assigned", "principal", "challenge"]),
];

struct Gate {
    searchers: Vec<(Searcher, Vec<Look>)>,
}

/// The packed search takes no more patterns than these at a time.
const AT_ONCE: usize = 64;

static GATE: LazyLock<Gate> = LazyLock::new(|| {
    let listed = FRAGMENTS.iter().flat_map(|(look, words)| words.iter().map(|w| ((*w).to_owned(), *look)));
    let mut all: Vec<(String, Look)> = listed.collect();
    // A phrase counts where one of its words stands that no fragment holds already.
    all.extend(phrases::words().into_iter().map(|word| (word, Look::Phrase)));
    // Among those that begin alike the first wins: what opens without a closer look stands first.
    all.sort_by_key(|(_, look)| *look as u8);
    let searcher = |part: &[(String, Look)]| {
        let words = part.iter().map(|(word, _)| word.as_bytes());
        let built =
            packed::Config::new().match_kind(MatchKind::LeftmostFirst).builder().extend(words).build();
        built.map(|s| (s, part.iter().map(|(_, look)| *look).collect()))
    };
    // Fragments of like length together: the shortest decides how selective the search is.
    all.sort_by_key(|(word, _)| std::cmp::Reverse(word.len().min(4)));
    Gate { searchers: all.chunks(AT_ONCE).filter_map(searcher).collect() }
});

/// False where no extractor finds anything in a record with this text.
pub fn may_speak(text: &[u8]) -> bool {
    thread_local! {
        static LOWER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    // Other scripts: their phrases are not searched for here.
    if !text.is_ascii() {
        return true;
    }
    LOWER.with_borrow_mut(|lower| {
        lower.clear();
        lower.extend_from_slice(text);
        lower.make_ascii_lowercase();
        opens(text, lower)
    })
}

fn opens(text: &[u8], lower: &[u8]) -> bool {
    let looked_at = LazyCell::new(|| plain(text));
    let mut failed = Failed(0);
    mail_exchanger(lower)
        || GATE.searchers.iter().any(|(searcher, looks)| {
            let mut at = 0;
            while let Some(hit) = searcher.find_in(lower, (at..lower.len()).into()) {
                let look = looks.get(hit.pattern().as_usize()).copied().unwrap_or(Look::Open);
                if failed.try_again(look) && look.opens(text, &looked_at, lower) {
                    return true;
                }
                // Others may begin inside this one.
                at = hit.start() + 1;
            }
            false
        })
}

/// The text as the extractors see it inside of a URL or a string.
fn plain(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr3(b'%', b'\\', b'&', text).is_none() {
        return Cow::Borrowed(text);
    }
    let spaced: Vec<u8> = text.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
    let once: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
    let twice = percent_encoding::percent_decode(&once).collect::<Vec<u8>>();
    let text = String::from_utf8_lossy(&twice);
    Cow::Owned(
        text.replace("\\n", " ").replace("\\r", " ").replace("\\t", " ").replace("&nbsp;", " ").into_bytes(),
    )
}

/// The looks that found nothing in this text.
struct Failed(u16);

impl Failed {
    /// True the first time.
    fn try_again(&mut self, look: Look) -> bool {
        let bit = 1 << look as u8;
        let fresh = self.0 & bit == 0;
        self.0 |= bit;
        fresh
    }
}

/// `MX` as a word: too short for the packed search.
fn mail_exchanger(lower: &[u8]) -> bool {
    static MX: LazyLock<memchr::memmem::Finder<'static>> =
        LazyLock::new(|| memchr::memmem::Finder::new("mx"));
    let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    MX.find_iter(lower).any(|at| {
        let before = at.checked_sub(1).and_then(|n| lower.get(n));
        !word(before) && !word(lower.get(at + 2))
    })
}

fn pattern(source: &str) -> Regex {
    regex::bytes::RegexBuilder::new(source).unicode(false).build().expect("the patterns of this file compile")
}

macro_rules! looks_like {
    ($text:expr, $source:expr) => {{
        static PATTERN: LazyLock<Regex> = LazyLock::new(|| pattern($source));
        $text.into_iter().any(|text| PATTERN.is_match(text))
    }};
}

impl Look {
    /// Looks at the text as written and as decoded.
    fn opens(self, written: &[u8], decoded: &[u8], lower: &[u8]) -> bool {
        let text = [written, decoded];
        let has = |word: &str| memchr::memmem::find(lower, word.as_bytes()).is_some();
        match self {
            Look::Open => true,
            Look::Ours => looks_like!(
                text,
                r#"(?i)\b(?:adal|entra|ews)\b|\b[om]365|\baad|graph[. ]|exchange (?:online|server|web)|office ?-?365|\b(?:error|failure|status|result)[ _-]?(?:codes?|number|type)?\b["'\\]*\s*(?:[:=#]|=>|is)?\s*["'(\[\\]*\d{5}|sign[ -]?in (?:error|code)|(?-i:[A-Z]_?(?:MSGRAPH|GRAPH|O365|EXCHANGE|OFFICE)|(?:MSGRAPH|GRAPH|O365|EXCHANGE|OFFICE)_)"#
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
                ) || text.into_iter().any(phrases::any_match)
            }
            Look::Proxy => looks_like!(text, r"(?i)407|proxy authentication required"),
            Look::Markup => looks_like!(text, r"(?i)</?(?:html|body|head|div|title|style)\b"),
            Look::Key => looks_like!(text, r#"(?i)(?:answer|responses|details)["'\\\[.=:]"#),
            Look::Pair => {
                let payload = has("correlation_id") && has("trace_id") || has("protocol") && has("url");
                let record = has("operation") || has("account_type");
                payload || record || looks_like!(text, r"(?i)correlation id")
            }
            Look::Phrase => {
                looks_like!(
                    text,
                    r"(?i)identity provider|does not exist in tenant|not assigned to a role|resource principal|resulted in challenge"
                ) || text.into_iter().any(phrases::any_match)
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

    #[test]
    fn fragments_with_a_closer_look_do_not_hide_each_other() {
        let closer: Vec<(&str, Look)> = FRAGMENTS
            .iter()
            .filter(|(look, _)| *look != Look::Open)
            .flat_map(|(look, words)| words.iter().map(|w| (*w, *look)))
            .collect();
        for (a, of) in &closer {
            assert!(*a == a.to_ascii_lowercase() && a.len() > 2);
            for (b, other) in closer.iter().filter(|(b, _)| a != b) {
                assert!(!b.starts_with(a) || of == other, "{a} hides {b}");
            }
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
