//! Which texts of an event may speak of an error.
//!
//! In: the views of an event. Out: [`Text`]s worth searching, decoded, and small helpers to judge their surroundings.
//! Never: the data of a successful call (people's mail quotes error codes), help pages, dictionaries of messages.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::model::EventKind;

use super::endpoint::Endpoint;
use super::payload::Kind;
use super::view::{View, ViewAt, Views};
use crate::pattern::Regex;

/// Largest body of a host that is not Microsoft's in which an error is looked for.
const MAX_FOREIGN_BODY: usize = 64 * 1024;
/// A text that names more different Entra codes than this is a list of them, not an error.
const MAX_CODES: usize = 5;

/// A text that may speak of an error.
pub(super) struct Text<'v> {
    pub(super) view: &'v View<'v>,
    pub(super) text: Cow<'v, str>,
    /// Part of a payload: a decoded parameter or member, of which `view` holds the encoded form.
    pub(super) decoded: bool,
    /// About Microsoft's services, by its own words or those of its record.
    pub(super) ours: bool,
}

/// Index of a view, with the text where it is not that of the view.
pub(super) struct Found {
    view: usize,
    own: Option<String>,
    ours: bool,
}

pub(super) fn find(views: &Views<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    // The fields of a record speak of one thing: one of them says of what.
    let record = matches!(views.event.kind, EventKind::Record(_)) && views.list.len() > 1;
    let of_record = record && views.list.iter().any(|v| about_microsoft(&v.text));
    for (n, view) in views.list.iter().enumerate() {
        if speaks(views, view) && !is_list_of_codes(view.words()) {
            found.push(Found { view: n, own: None, ours: of_record || about_microsoft(view.words()) });
        }
    }
    for payload in views.payloads() {
        let encoded = payload.is_params() || matches!(payload.kind, Kind::Config | Kind::Json);
        if !encoded || !payload_speaks(views, payload.view, payload.kind) {
            continue;
        }
        for member in payload.members.iter().filter(|m| is_message(&m.key) && !m.value.is_empty()) {
            let ours = of_record || about_microsoft(&member.value) || about_microsoft(&payload.context);
            found.push(Found { view: payload.view, own: Some(member.value.clone()), ours });
        }
    }
    found
}

impl Found {
    pub(super) fn text<'v>(&'v self, views: &'v Views<'_>) -> Option<Text<'v>> {
        let view = views.list.get(self.view)?;
        Some(match &self.own {
            Some(own) => Text { view, text: Cow::Borrowed(own), decoded: true, ours: self.ours },
            None => Text { view, text: Cow::Borrowed(view.words()), decoded: false, ours: self.ours },
        })
    }
}

/// Keys whose values are sentences about an error.
fn is_message(key: &str) -> bool {
    const KEYS: &[&str] = &[
        "error_description",
        "errordescription",
        "error_message",
        "message",
        "msg",
        "strserviceexceptionmessage",
        "strmainmessage",
        "stradditionalmessage",
        "serrtxt",
        "description",
        "detail",
        "failurereason",
        "error",
        "exception",
        "value",
    ];
    KEYS.iter().any(|k| k.eq_ignore_ascii_case(key))
}

fn speaks(views: &Views<'_>, view: &View<'_>) -> bool {
    match view.at {
        ViewAt::RequestUrl => !views.endpoint.is_microsoft() || views.endpoint == Endpoint::SignIn,
        ViewAt::RedirectUrl | ViewAt::Error | ViewAt::RecordText | ViewAt::Paste => true,
        ViewAt::RecordField(_) => true,
        ViewAt::RequestHeader(_) => false,
        ViewAt::ResponseHeader(name) => {
            let name = name.to_ascii_lowercase();
            matches!(&*name, "location" | "www-authenticate" | "x-ms-diagnostics" | "x-ms-error-code")
        }
        ViewAt::RequestBody { .. } | ViewAt::FormParam(_) => {
            matches!(views.endpoint, Endpoint::Callback | Endpoint::Other)
                && view.text.len() < MAX_FOREIGN_BODY
                && !is_help(views)
        }
        ViewAt::ResponseBody { .. } => body_speaks(views, view),
    }
}

fn payload_speaks(views: &Views<'_>, view: usize, kind: Kind) -> bool {
    views.list.get(view).is_some_and(|v| match v.at {
        ViewAt::ResponseBody { .. } if kind == Kind::Config => true,
        ViewAt::RequestHeader(_) => false,
        _ => speaks(views, v),
    })
}

fn body_speaks(views: &Views<'_>, view: &View<'_>) -> bool {
    let status = views.as_exchange().and_then(|x| x.status).unwrap_or(0);
    match views.endpoint {
        // What a mailbox holds is not about the connection.
        Endpoint::Graph | Endpoint::Outlook | Endpoint::AadGraph | Endpoint::Arm => {
            !(200..300).contains(&status)
        }
        Endpoint::Ews | Endpoint::Autodiscover => !(200..300).contains(&status),
        Endpoint::Callback | Endpoint::Other => {
            view.text.len() < MAX_FOREIGN_BODY && view.words().len() < 16 * 1024 && !is_help(views)
        }
        _ => true,
    }
}

/// True for a host or path of help pages, knowledge bases and forums.
fn is_help(views: &Views<'_>) -> bool {
    static HELP: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)^https?://(?:(?:support|help|docs?|knowledge|learn|community|forums?|kb|developers?|blog|wiki)\.|[^/?#]+/(?:help|docs?|kb|knowledge|support|community|wiki|blog|forums?|locales?|i18n|lang)(?:/|$))",
        )
    });
    HELP.is_match(&views.url)
}

/// True for a text that names many different Entra codes.
fn is_list_of_codes(text: &str) -> bool {
    static CODE: LazyLock<Regex> = LazyLock::new(|| super::pattern(r"AADSTS\d{4,8}"));
    let mut seen: Vec<&str> = Vec::new();
    for hit in CODE.find_iter(text).take(200) {
        if !seen.contains(&hit.as_str()) {
            seen.push(hit.as_str());
        }
    }
    seen.len() > MAX_CODES && seen.len() > text.lines().count()
}

/// True where the text is about Microsoft's services.
pub(super) fn about_microsoft(text: &str) -> bool {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)AADSTS|microsoft|\bmsal|\badal\b|outlook|office ?-?365|\bo365|\bm365|azure|\bentra\b|graph\.|graph api|\bgraph(?:error|service|api)|msgraph|windows\.net|login\.live|\bexchange (?:online|server|web)|\bEWS\b|hotmail",
        )
    });
    WORDS.is_match(text)
}

/// True where the text names a host of Microsoft's sign-in or mail services.
pub(super) fn names_microsoft_host(text: &str) -> bool {
    static HOSTS: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)login\.microsoftonline\.|login\.windows\.net|sts\.windows\.net|login\.live\.com|login\.microsoft\.com|graph\.microsoft\.|outlook\.office(?:365)?\.|smtp\.office365\.com|smtp-mail\.outlook\.com|imap-mail\.outlook\.com|graph\.windows\.net|autodiscover(?:-s)?\.outlook\.com|substrate\.office\.com",
        )
    });
    HOSTS.is_match(text)
}

/// True where the text is about another provider and not about Microsoft.
pub(super) fn about_others(text: &str) -> bool {
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)google\.auth|google[_-]auth|googleapi|accounts\.google|google (?:calendar|sign-in|oauth|workspace)|gsmtp|gmail|salesforce|okta\b|auth0|slack\.com|zoom\.us|facebook|keycloak|cognito|github\.com/login|linkedin|yahoo|dropbox|atlassian|hubspot|zoho|pipedrive|stripe\.com|discord|gitlab|appleid\.apple|onelogin|pingone|forgerock|openid-connect/(?:token|auth)",
        )
    });
    OTHERS.is_match(text) && !about_microsoft(text)
}

/// True where the word, given in lower case, stands in the text in any letter case.
pub(super) fn contains(text: &str, word: &str) -> bool {
    let Some(first) = word.bytes().next() else { return true };
    memchr::memchr2_iter(first, first.to_ascii_uppercase(), text.as_bytes()).any(|at| {
        let stretch = text.as_bytes().get(at..at + word.len());
        stretch.is_some_and(|stretch| stretch.eq_ignore_ascii_case(word.as_bytes()))
    })
}

/// True where the text ends with the word in any letter case.
pub(super) fn ends_with(text: &str, word: &str) -> bool {
    let start = text.len().checked_sub(word.len());
    start.is_some_and(|start| text.as_bytes()[start..].eq_ignore_ascii_case(word.as_bytes()))
}

/// A stretch of text around a hit, for the evidence.
pub(super) fn around(text: &str, start: usize, end: usize) -> &str {
    let mut from = start.saturating_sub(120);
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    let mut to = (end + 400).min(text.len());
    while !text.is_char_boundary(to) {
        to -= 1;
    }
    &text[from..to]
}

/// The line in which a hit stands.
pub(super) fn line_of(text: &str, at: usize) -> &str {
    first_line(text.get(line_start(text, at)..).unwrap_or_default())
}

/// Where the line begins in which a hit stands.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    memchr::memrchr(b'\n', before).map_or(0, |n| n + 1)
}

/// The text up to its first line end.
pub(super) fn first_line(text: &str) -> &str {
    let Some(end) = memchr::memchr(b'\n', text.as_bytes()) else { return text };
    let line = text.get(..end).unwrap_or_default();
    line.strip_suffix('\r').unwrap_or(line)
}
