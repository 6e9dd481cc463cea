//! Regular expressions that are compiled when a text may match them.
//!
//! In: a pattern, then texts. Out: what the `regex` crate finds. A short text meets a hundred patterns and matches a few,
//! and to compile one takes longer than to search a megabyte: so long as a pattern is not compiled, a text is first
//! searched for the words without which it cannot match ([`words`]). Never: a result that differs from the crate's.

mod words;

use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex::{CaptureMatches, Captures, Match, Matches, Replacer};

pub(crate) use words::Word;

/// Bytes searched for words after which the pattern is compiled all the same: its own search is the faster one.
const ENOUGH: usize = 64 * 1024;

/// A regular expression; the methods are those of [`regex::Regex`].
pub(crate) struct Regex {
    source: Box<str>,
    /// `None`: any text may match.
    words: OnceLock<Option<Vec<Word>>>,
    compiled: OnceLock<regex::Regex>,
    searched: AtomicUsize,
}

impl Regex {
    pub(crate) fn new(source: &str) -> Regex {
        Regex {
            source: source.into(),
            words: OnceLock::new(),
            compiled: OnceLock::new(),
            searched: AtomicUsize::new(0),
        }
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.of(text).is_some_and(|r| r.is_match(text))
    }

    pub(crate) fn find<'h>(&self, text: &'h str) -> Option<Match<'h>> {
        self.of(text)?.find(text)
    }

    pub(crate) fn find_iter<'r, 'h>(&'r self, text: &'h str) -> Each<Matches<'r, 'h>> {
        Each(self.of(text).map(|r| r.find_iter(text)))
    }

    pub(crate) fn captures<'h>(&self, text: &'h str) -> Option<Captures<'h>> {
        self.of(text)?.captures(text)
    }

    pub(crate) fn captures_iter<'r, 'h>(&'r self, text: &'h str) -> Each<CaptureMatches<'r, 'h>> {
        Each(self.of(text).map(|r| r.captures_iter(text)))
    }

    pub(crate) fn replace_all<'h, R: Replacer>(&self, text: &'h str, with: R) -> Cow<'h, str> {
        self.of(text).map_or(Cow::Borrowed(text), |r| r.replace_all(text, with))
    }

    /// The compiled pattern, unless it cannot match this text.
    fn of(&self, text: &str) -> Option<&regex::Regex> {
        if let Some(compiled) = self.compiled.get() {
            return Some(compiled);
        }
        if self.may_match(text) {
            return Some(self.compile());
        }
        debug_assert!(!self.compile().is_match(text), "{} has not the words of {}", text, self.source);
        None
    }

    fn may_match(&self, text: &str) -> bool {
        let words = self.words.get_or_init(|| words::of(&self.source));
        self.searched.fetch_add(text.len(), Ordering::Relaxed) > ENOUGH || hold(words.as_deref(), text)
    }

    /// All patterns run in the tests, so one that does not compile never ships.
    fn compile(&self) -> &regex::Regex {
        self.compiled.get_or_init(|| regex::Regex::new(&self.source).expect("a constant pattern"))
    }
}

/// False where a text holds none of the words without which a pattern cannot match, in whatever letter case.
pub(crate) fn may_match(source: &str, text: &str) -> bool {
    hold(words::of(source).as_deref(), text)
}

fn hold(words: Option<&[Word]>, text: &str) -> bool {
    let Some(words) = words else { return true };
    words::has_folded(text) || words.iter().any(|word| word.stands_in(text.as_bytes()))
}

/// The matches of a pattern that may not have been compiled for them.
pub(crate) struct Each<I>(Option<I>);

impl<I: Iterator> Iterator for Each<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.0.as_mut()?.next()
    }
}
