//! Which events cannot hold a fact.
//!
//! In: a log record as written, or an exchange. Out: whether an extractor could find anything in it. Never: a fact, or an event kept shut
//! that holds one: every condition here is weaker than those of the extractors, and `tests/gate.rs` holds the two
//! against each other on every fixture and every example of a rule.
//!
//! Nearly all lines of a server log are about something else. They are told by one search for fragments without which
//! no extractor matches. Some fragments are ordinary words ("error", "required"): where one of those stands, a
//! closer look decides.

mod buckets;
mod fragment;
mod fragments;
mod looks;
mod sift;
mod spread;

use std::cell::LazyCell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{LazyLock, OnceLock};

use crate::decode::Survey;
use crate::model::{Exchange, Form, Header, Part};

use super::endpoint::{self, Endpoint, Seen};
use super::{phrases, view};
use fragments::{FRAGMENTS, Look};
use looks::Failed;
use sift::{Met, Sift};

/// For texts of which nothing is known.
static SIFT: LazyLock<Sift<Look>> = LazyLock::new(|| sift(TYPICAL));

/// What support engineers mostly have, in little.
const TYPICAL: &[u8] = include_bytes!("typical.txt");

/// Tuned to the first long text.
static TUNED: OnceLock<Sift<Look>> = OnceLock::new();

/// So much has to come before it is.
const ENOUGH: u64 = 4 << 20;
/// So much of a text it is tuned to.
const LONG: usize = 128 << 10;

fn sift(like: &[u8]) -> Sift<Look> {
    let listed = FRAGMENTS.iter().flat_map(|(look, all)| all.iter().map(|f| (*look, (*f).to_owned())));
    let phrases = phrases::words().into_iter().map(|word| (Look::Phrase, long_enough(word)));
    Sift::new(listed.chain(phrases), like)
}

/// The search that is likely the fastest. All of them find the same.
fn fastest() -> &'static Sift<Look> {
    TUNED.get().unwrap_or(&SIFT)
}

/// Tunes the search to texts like this one, once enough of them came for that to pay; beside what is read meanwhile, if there
/// is more than one thread.
pub fn attune(text: &[u8]) {
    static CAME: AtomicU64 = AtomicU64::new(0);
    static BEGUN: AtomicBool = AtomicBool::new(false);
    let came = CAME.fetch_add(text.len() as u64, Ordering::Relaxed) + text.len() as u64;
    if text.len() < LONG || came < ENOUGH || BEGUN.swap(true, Ordering::Relaxed) {
        return;
    }
    let like = samples(text);
    let tune = move || TUNED.set(sift(&like)).unwrap_or_default();
    if rayon::current_num_threads() > 1 { rayon::spawn(tune) } else { tune() }
}

/// Pieces from all over a text.
fn samples(text: &[u8]) -> Vec<u8> {
    const PIECE: usize = 4 << 10;
    let from = (0..LONG / PIECE).map(|n| text.len() / (LONG / PIECE) * n);
    from.filter_map(|from| text.get(from..from + PIECE)).collect::<Vec<_>>().concat()
}

/// A word with anything after it that it lacks to be searched for.
fn long_enough(word: String) -> String {
    let lacking = fragment::GRAM.saturating_sub(word.len());
    word + &"[*]".repeat(lacking)
}

/// Where in a stretch of log records something may stand that opens the gate for a record. The records end where lines do.
pub fn survey(text: &[u8]) -> Survey {
    let mut survey = Survey::quiet(text.len());
    fastest().find(text, |met| {
        match met {
            Met::Fragment { from, to, .. } => survey.mark(from.max(0) as usize..to.max(0) as usize),
            // Other scripts: their phrases are not searched for here.
            Met::Foreign(part) => {
                let other = |at: &usize| !text.get(*at).is_some_and(u8::is_ascii);
                part.filter(other).for_each(|at| survey.mark(at..at + 1));
            }
        }
        false
    });
    survey
}

/// False where no extractor finds anything in a log record with this text.
pub fn may_speak(text: &[u8]) -> bool {
    let mut failed = Failed::default();
    let decoded = LazyCell::new(|| plain(text));
    fastest().find(text, |met| {
        // Phrases in other scripts are not searched for here.
        let Met::Fragment { tag: look, .. } = met else { return true };
        failed.try_again(look)
            && (look.opens(text) || look.needs_words() && !decoded.is_empty() && look.opens(&decoded))
    })
}

/// False where [`may_matter`] is false whatever headers and bodies the exchange has; nothing else of it is asked for than
/// its URL, its status and its error.
pub fn may_begin_to_matter(head: &Exchange<'_>) -> bool {
    let url = head.url.text();
    by_its_head(head, &endpoint::classify(&url)) != Some(false)
}

/// What the head of an exchange decides alone.
fn by_its_head(head: &Exchange<'_>, seen: &Seen<'_>) -> Option<bool> {
    if head.status == Some(407) || head.error.as_ref().is_some_and(part_speaks) {
        return Some(true);
    }
    match seen.endpoint {
        // Nothing of these is read but the recorder's words.
        Endpoint::Docs | Endpoint::Static => Some(false),
        Endpoint::Other => view::is_asset(&seen.path.to_ascii_lowercase()).then_some(false),
        _ => Some(true),
    }
}

/// False where no extractor finds anything in an exchange: it is none with Microsoft, and no text in it speaks.
pub fn may_matter(exchange: &Exchange<'_>) -> bool {
    let url = exchange.url.text();
    let seen = endpoint::classify(&url);
    by_its_head(exchange, &seen).unwrap_or_else(|| by_the_rest(exchange, &url, &seen))
}

/// As [`may_matter`], for an exchange of which the rest is only told where its head does not decide; true where it is not
/// told.
pub fn may_matter_at_all<'a>(head: &Exchange<'a>, rest: &mut dyn FnMut() -> Option<Exchange<'a>>) -> bool {
    let url = head.url.text();
    let seen = endpoint::classify(&url);
    by_its_head(head, &seen).unwrap_or_else(|| rest().is_none_or(|whole| by_the_rest(&whole, &url, &seen)))
}

fn by_the_rest(exchange: &Exchange<'_>, url: &str, seen: &Seen<'_>) -> bool {
    let (path, query) = (seen.path.to_ascii_lowercase(), seen.query.to_ascii_lowercase());
    const EXCHANGE: &[&str] = &["/owa", "/mapi", "/api/v2.0/", "/rpc", "/microsoft-server-activesync"];
    EXCHANGE.iter().any(|start| path.starts_with(start))
        || ["dns", "wsignin", "amlrequest"].iter().any(|word| query.contains(word))
        || may_speak(url.as_bytes())
        || exchange.redirect_url.as_ref().is_some_and(part_speaks)
        || exchange.request_headers.iter().chain(&exchange.response_headers).any(header_speaks)
        || exchange.request_body.as_ref().is_some_and(|b| !b.params.is_empty() || part_speaks(&b.text))
        || exchange.response_body.as_ref().is_some_and(|b| view::is_readable(b) && part_speaks(&b.text))
}

fn part_speaks(part: &Part<'_>) -> bool {
    match part.form {
        Form::Plain | Form::Made(_) | Form::JsonString => may_speak(&part.raw),
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
        && looks::names_session(&header.value.raw);
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
            "10:00:00 INFO http - trace aad9fea35a0bbb93, then 4d711480b95378c4 and ad75579ef0afbb14",
        ] {
            assert!(!may_speak(line.as_bytes()), "{line}");
        }
    }

    /// Base64 is no word; what it holds may be.
    #[test]
    fn packed_payloads_open() {
        use base64::Engine as _;
        let payload = r#"{"error": "invalid_grant", "error_description": "AADSTS700082: expired"}"#;
        let packed = base64::engine::general_purpose::STANDARD.encode(payload);
        let line = format!(r#"x {{"bytes": "{packed}", "type": 130}}"#);
        assert!(may_speak(line.as_bytes()));
        let token = format!(r#"x {{"bytes": "{}.{packed}"}}"#, &packed[..20]);
        assert!(!may_speak(token.as_bytes()), "{token}");
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
        for line in include_str!("../phrases.tsv").lines().filter_map(|l| l.split('\t').nth(3)) {
            for alternative in line.split('|') {
                count(&alternative.replace(".{", " {").replace("\\", ""));
            }
        }
        assert!(lost.is_empty(), "{}", lost.join("\n"));
        assert!(spoke > 1000, "{spoke}");
    }
}
