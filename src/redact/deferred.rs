//! Excerpts that are cut when they are shown: of a busy log's like records most are not.
//!
//! In: texts as they stand in the input, each with the facts that rest on it. Out: the excerpts of those facts, redacted.
//! Never: a text that is handed out, or more of them held than a few short ones for each event.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::{cut_of, plain, window};
use crate::model::{Excerpt, Observed, Safe};

/// Longest text that waits.
const LONGEST: usize = 4 * 1024;
/// Most texts of one event that wait.
const MOST: usize = 12;

/// The excerpts that an event still lacks.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Deferred {
    texts: Vec<String>,
    lacking: Vec<Lacking>,
}

#[derive(Clone, PartialEq, Eq)]
struct Lacking {
    fact: usize,
    text: usize,
    needle: Needle,
}

/// What the excerpt is cut around.
#[derive(Clone, PartialEq, Eq)]
enum Needle {
    /// A part of the text.
    At(Range<usize>),
    Elsewhere(String),
}

impl Needle {
    fn of(text: &str, needle: &str) -> Needle {
        match text.find(needle) {
            Some(at) => Needle::At(at..at + needle.len()),
            None => Needle::Elsewhere(needle.to_owned()),
        }
    }

    /// `None` where the part is none of this text.
    fn in_text<'t>(&'t self, text: &'t str) -> Option<&'t str> {
        match self {
            Needle::At(range) => text.get(range.clone()),
            Needle::Elsewhere(needle) => Some(needle),
        }
    }
}

impl Deferred {
    /// Notes the excerpt of the fact with that index; false where it has to be made at once.
    pub(crate) fn put(&mut self, fact: usize, context: &str, needle: &str) -> bool {
        let context = window(context, needle);
        let known = self.texts.iter().position(|text| text == context);
        if context.len().max(needle.len()) > LONGEST || known.is_none() && self.texts.len() >= MOST {
            return false;
        }
        let text = known.unwrap_or(self.texts.len());
        if known.is_none() {
            self.texts.push(context.to_owned());
        }
        self.lacking.push(Lacking { fact, text, needle: Needle::of(context, needle) });
        true
    }

    /// The texts as they stand in the input.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// The same excerpts of as many other texts: what is shown stands at the same places in them.
    pub(crate) fn with(&self, texts: Vec<String>) -> Option<Deferred> {
        let shows =
            |one: &Lacking| texts.get(one.text).is_some_and(|text| one.needle.in_text(text).is_some());
        self.lacking.iter().all(shows).then(|| Deferred { lacking: self.lacking.clone(), texts })
    }

    /// Gives the facts of the event their excerpts.
    pub(crate) fn settle(self, event: &mut Observed) {
        self.give(event, |text, needle| text.excerpt(&needle).into());
    }

    /// Gives the facts of the event their excerpts; each is made when it is asked for.
    pub(crate) fn attach(self, event: &mut Observed) {
        self.give(event, |text, needle| {
            let text = Arc::clone(text);
            Excerpt::later(move || text.excerpt(&needle))
        });
    }

    fn give(self, event: &mut Observed, excerpt: impl Fn(&Arc<Text>, Needle) -> Excerpt) {
        let text = |written| Arc::new(Text { written, masked: OnceLock::new() });
        let texts: Vec<Arc<Text>> = self.texts.into_iter().map(text).collect();
        for one in self.lacking {
            if let (Some(fact), Some(text)) = (event.facts.get_mut(one.fact), texts.get(one.text)) {
                fact.excerpt = excerpt(text, one.needle);
            }
        }
    }
}

/// A text as it stands in the input, and what it is without secrets once somebody asked.
struct Text {
    written: String,
    masked: OnceLock<String>,
}

impl Text {
    fn excerpt(&self, needle: &Needle) -> Safe {
        let needle = needle.in_text(&self.written).unwrap_or_default();
        cut_of(self.masked.get_or_init(|| plain(&self.written)), needle)
    }
}

// What it holds is not redacted: it shows nothing of it.
impl std::fmt::Debug for Deferred {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Deferred({})", self.lacking.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Excerpt, Fact, FactName, Place};
    use crate::redact::excerpt;

    #[test]
    fn what_is_put_off_is_cut_as_at_once() {
        let long = "word ".repeat(100) + "AADSTS50173 secret=dfe2.Zk8q~x0w9VnB4tLmP7sQ1uYc3Rj6Ha";
        let texts = [("password=hunter2-Kx81 AADSTS50105", "AADSTS50105"), (long.as_str(), "AADSTS50173")];
        let fact = || Fact {
            name: FactName::EntraCode,
            value: String::new(),
            place: Place::default(),
            excerpt: Excerpt::default(),
        };
        let mut event = Observed { facts: vec![fact(), fact(), fact()], ..Observed::default() };
        let mut deferred = Deferred::default();
        assert!(deferred.put(0, texts[0].0, texts[0].1) && deferred.put(2, texts[1].0, texts[1].1));
        let mut later = event.clone();
        deferred.clone().settle(&mut event);
        deferred.attach(&mut later);
        assert_eq!(event, later);
        assert_eq!(event.facts[0].excerpt, excerpt(texts[0].0, texts[0].1).into());
        assert!(event.facts[1].excerpt.is_empty());
        assert_eq!(event.facts[2].excerpt, excerpt(texts[1].0, texts[1].1).into());
        assert!(event.facts[2].excerpt.as_str().contains("[redacted:"));
    }

    #[test]
    fn only_a_few_short_texts_wait() {
        let mut deferred = Deferred::default();
        assert!(!deferred.put(0, &"a ".repeat(LONGEST), ""));
        assert!((0..MOST).all(|n| deferred.put(0, &format!("text {n}"), "")));
        assert!(!deferred.put(0, "one more", "") && deferred.put(0, "text 0", ""));
    }
}
