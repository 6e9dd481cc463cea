//! The only maker of printable text.
//!
//! In: any text of an input. Out: [`Safe`] text without secrets and control characters. Never: a secret, whatever the
//! flags; personal data is kept unless the run anonymises.
//!
//! Secrets are found by their shape (tokens, keys, long random strings) and by their place (the value under a
//! sensitive name), in the text as it stands and with JSON escapes, URL escapes, HTML entities and base64 undone.

mod anonymise;
mod deferred;
mod draft;
mod engine;
mod grams;
mod kind;
mod named;
mod names;
mod random;
mod runs;
mod sasl;
mod shapes;
mod source;
mod sweep;
mod view;
mod walk;

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use crate::model::{Observed, Safe};

pub use anonymise::Anonymiser;
pub use deferred::Deferred;
pub(crate) use engine::findings;
pub use kind::Kind;
pub use source::{LastLook, RedactError, Redacted, SourceRedactor, redact_source};
#[cfg(test)]
pub(crate) use sweep::hole;

/// Longest excerpt, in characters.
const EXCERPT: usize = 240;
/// Text on either side of the needle that is looked at; more would not change what stands next to it.
const WINDOW: usize = 64 * 1024;

/// Makes the texts of a report: redacted, and with pseudonyms where the run asks for them.
#[derive(Debug, Default)]
pub struct Redactor {
    /// Given when the run anonymises. Reports are made in one order by one thread, so numbers are stable.
    pub anonymiser: Option<Mutex<Anonymiser>>,
}

impl Redactor {
    /// For one run. Pseudonyms are numbered by the first appearance of an identity in the order of the sources, so
    /// they do not depend on what a report shows first.
    pub fn new(anonymize: bool, observed: &[Observed]) -> Redactor {
        if !anonymize {
            return Redactor::default();
        }
        let redactor = Redactor { anonymiser: Some(Mutex::new(Anonymiser::default())) };
        redactor.learn(observed);
        redactor
    }

    /// Gives pseudonyms to the identities in further events.
    pub fn learn(&self, observed: &[Observed]) {
        let Some(anonymiser) = &self.anonymiser else { return };
        let mut anonymiser = anonymiser.lock().unwrap_or_else(PoisonError::into_inner);
        for fact in observed.iter().flat_map(|o| &o.facts).filter(|f| f.name.is_identity()) {
            anonymiser.learn(&fact.value);
        }
    }

    /// The name of an input: a path is shown on one line, secrets in it masked.
    pub fn name(&self, input: &str) -> Safe {
        self.text(input)
    }

    /// Redacted text on one line.
    pub fn text(&self, input: &str) -> Safe {
        Safe::vouched(visible(&self.pseudonyms(&masked(input)), false))
    }

    /// Redacted text that keeps its lines.
    pub fn block(&self, input: &str) -> Safe {
        Safe::vouched(visible(&self.pseudonyms(&masked(input)), true))
    }

    /// Text that is redacted already: pseudonyms only.
    pub fn safe(&self, input: &Safe) -> Safe {
        Safe::vouched(self.pseudonyms(input.as_str()).into_owned())
    }

    fn pseudonyms<'t>(&self, input: &'t str) -> Cow<'t, str> {
        match &self.anonymiser {
            None => Cow::Borrowed(input),
            Some(anonymiser) => {
                let mut anonymiser = anonymiser.lock().unwrap_or_else(PoisonError::into_inner);
                Cow::Owned(anonymiser.apply(input))
            }
        }
    }
}

/// A cut of `context` around `needle`, at most 240 characters, redacted.
pub fn excerpt(context: &str, needle: &str) -> Safe {
    Excerpts::default().cut(context, needle)
}

/// Makes the excerpts of one event: many facts stand in the same text, which is redacted once.
#[derive(Debug, Default)]
pub struct Excerpts {
    /// Texts and what they are without secrets, the latest last.
    seen: Vec<(String, String)>,
}

impl Excerpts {
    /// Texts that are remembered.
    const MOST: usize = 6;

    /// As [`excerpt`].
    pub fn cut(&mut self, context: &str, needle: &str) -> Safe {
        let context = window(context, needle);
        let text = match self.seen.iter().position(|(seen, _)| seen == context) {
            Some(at) => self.seen.get(at),
            None => {
                if self.seen.len() >= Self::MOST {
                    self.seen.remove(0);
                }
                self.seen.push((context.to_owned(), plain(context)));
                self.seen.last()
            }
        };
        cut_of(text.map_or("", |(_, text)| text.as_str()), needle)
    }
}

/// A text without secrets and control characters.
fn plain(text: &str) -> String {
    visible(&masked(text), false)
}

/// What is shown of a [`plain`] text.
fn cut_of(plain: &str, needle: &str) -> Safe {
    Safe::vouched(cut(plain, &visible(needle, false)))
}

/// Method and URL without query, fragment and user; path segments that look like secrets are masked.
pub fn label(method: &str, url: &str) -> Safe {
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    let bare = match bare.split_once("://") {
        Some((scheme, rest)) => {
            let host = rest.find('/').unwrap_or(rest.len());
            let from = rest.get(..host).and_then(|h| h.rfind('@')).map_or(0, |n| n + 1);
            format!("{scheme}://{}", rest.get(from..).unwrap_or_default())
        }
        None => bare.to_owned(),
    };
    let path: Vec<Cow<'_, str>> = bare.split('/').map(segment).collect();
    text(&format!("{method} {}", path.join("/")))
}

/// Redacted text of any length on one line.
pub fn text(input: &str) -> Safe {
    Safe::vouched(visible(&masked(input), false))
}

/// Redacted text that keeps its lines and tabs.
pub fn block(input: &str) -> Safe {
    Safe::vouched(visible(&masked(input), true))
}

/// A file name or path.
pub fn name(input: &str) -> Safe {
    text(input)
}

/// Every secret replaced by `[redacted:kind]`.
fn masked(input: &str) -> Cow<'_, str> {
    let found = findings(input);
    if found.is_empty() {
        return Cow::Borrowed(input);
    }
    let mut out = String::with_capacity(input.len());
    let mut at = 0;
    for finding in &found {
        out.push_str(input.get(at..finding.range.start).unwrap_or_default());
        out.push_str("[redacted:");
        out.push_str(finding.kind.id());
        out.push(']');
        at = finding.range.end;
    }
    out.push_str(input.get(at..).unwrap_or_default());
    Cow::Owned(out)
}

/// Control, bidirectional and invisible characters in a form that does nothing to a terminal.
fn visible(input: &str, lines: bool) -> String {
    if input.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return input.to_owned();
    }
    let mut out = String::with_capacity(input.len());
    for c in input.chars() {
        match c {
            '\n' | '\t' if lines => out.push(c),
            '\r' if lines => {}
            '\n' | '\r' | '\t' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c if c.is_control() || is_invisible(c) => out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Characters that change the order or look of others, or show nothing.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The part of a long text around the needle; a run that the cut would tear is left out whole.
fn window<'t>(context: &'t str, needle: &str) -> &'t str {
    if context.len() <= 2 * WINDOW {
        return context;
    }
    let at = if needle.is_empty() { 0 } else { context.find(needle).unwrap_or(0) };
    let from = named::ceil(context, at.saturating_sub(WINDOW));
    let to = named::floor(context, (at + needle.len()).saturating_add(WINDOW));
    let cut = context.get(from..to).unwrap_or_default();
    let head = if from == 0 { 0 } else { cut.find(char::is_whitespace).unwrap_or(cut.len()) };
    let tail = if to == context.len() { cut.len() } else { cut.rfind(char::is_whitespace).unwrap_or(0) };
    cut.get(head..tail.max(head)).unwrap_or_default()
}

/// At most [`EXCERPT`] characters around the needle.
fn cut(text: &str, needle: &str) -> String {
    let text = text.trim();
    if text.is_ascii() && needle.is_ascii() {
        return cut_ascii(text, needle);
    }
    let chars = text.chars().count();
    if chars <= EXCERPT {
        return text.to_owned();
    }
    let at = if needle.is_empty() { None } else { text.find(needle) };
    let first = at.and_then(|n| text.get(..n)).map_or(0, |t| t.chars().count());
    let room = EXCERPT - 2;
    let before = room.saturating_sub(needle.chars().count()) / 3;
    let from = first.saturating_sub(before).min(chars - room);
    let body: String = text.chars().skip(from).take(room).collect();
    let head = if from > 0 { "…" } else { "" };
    let tail = if from + room < chars { "…" } else { "" };
    format!("{head}{}{tail}", body.trim())
}

/// As [`cut`], where every byte is a character.
fn cut_ascii(text: &str, needle: &str) -> String {
    if text.len() <= EXCERPT {
        return text.to_owned();
    }
    let first = if needle.is_empty() { 0 } else { text.find(needle).unwrap_or_default() };
    let room = EXCERPT - 2;
    let before = room.saturating_sub(needle.len()) / 3;
    let from = first.saturating_sub(before).min(text.len() - room);
    let body = text.get(from..from + room).unwrap_or_default().trim();
    let (head, tail) = (if from > 0 { "…" } else { "" }, if from + room < text.len() { "…" } else { "" });
    [head, body, tail].concat()
}

/// A path segment, masked where it looks like a secret.
fn segment(segment: &str) -> Cow<'_, str> {
    let secret = segment.len() >= 20 && random::is_opaque(segment) && random::looks_random(segment);
    if secret && !random::is_ids_or_words(segment) {
        Cow::Borrowed("[redacted:opaque]")
    } else {
        Cow::Borrowed(segment)
    }
}
