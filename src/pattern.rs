//! Regular expressions that are compiled, and searched for, when a text may match them.
//!
//! In: a pattern, then texts. Out: what the `regex` crate finds. A text meets a hundred patterns and matches a few; to
//! compile one takes longer than to search a megabyte, and to search a record for one longer than to see that it lacks
//! the words without which it cannot match ([`words`], [`summary`]). Never: a result that differs from the crate's.

mod summary;
mod words;

use std::borrow::Cow;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex::{CaptureMatches, Captures, Match, Matches, Replacer};

use words::Need;
pub(crate) use words::Word;

/// Bytes searched for words after which the pattern is compiled all the same: its own search is the faster one.
const ENOUGH: usize = 64 * 1024;

/// A regular expression; the methods are those of [`regex::Regex`], and `\d` is a digit of ASCII: nothing that is looked
/// for is written in others, and an automaton of all the world's digits is ten times as large.
pub(crate) struct Regex {
    source: Box<str>,
    /// `None`: any text may match.
    need: OnceLock<Option<Need>>,
    compiled: OnceLock<regex::Regex>,
    searched: AtomicUsize,
}

impl Regex {
    pub(crate) fn new(source: &str) -> Regex {
        Regex {
            source: source.into(),
            need: OnceLock::new(),
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
        let may_match = self.may_match(text);
        debug_assert!(
            may_match || !self.compile().is_match(text),
            "{text} has not the words of {}",
            self.source
        );
        may_match.then(|| self.compile())
    }

    fn may_match(&self, text: &str) -> bool {
        let Some(need) = self.need.get_or_init(|| words::of(&self.source)) else { return true };
        if text.len() <= summary::LONGEST {
            return summary::ask(text, |summary| summary.is_folded() || need.may_be_met(summary));
        }
        self.compiled.get().is_some()
            || self.searched.fetch_add(text.len(), Ordering::Relaxed) > ENOUGH
            || is_met(Some(need), text)
    }

    /// All patterns run in the tests, so one that does not compile never ships.
    fn compile(&self) -> &regex::Regex {
        self.compiled
            .get_or_init(|| regex::Regex::new(&with_digits(&self.source)).expect("a constant pattern"))
    }
}

/// The pattern with the digits of ASCII for `\d`, within a class, too.
fn with_digits(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 16);
    let mut rest = source.chars();
    while let Some(c) = rest.next() {
        match (c, if c == '\\' { rest.next() } else { None }) {
            (_, Some('d')) => out.push_str("[0-9]"),
            (c, other) => out.extend([Some(c), other].into_iter().flatten()),
        }
    }
    out
}

/// Asks for each of the words whether it may stand in the text.
pub(crate) fn each_word<'w>(words: impl Iterator<Item = &'w Word>, text: &str, mut found: impl FnMut(usize)) {
    if text.len() > summary::LONGEST {
        let standing = words.enumerate().filter(|(_, word)| word.stands_in(text.as_bytes()));
        return standing.for_each(|(n, _)| found(n));
    }
    summary::ask(text, |summary| {
        words.enumerate().filter(|(_, word)| word.may_stand_in(summary)).for_each(|(n, _)| found(n));
    });
}

/// False where a text lacks words without which a pattern cannot match, in whatever letter case.
pub(crate) fn may_match(source: &str, text: &str) -> bool {
    is_met(words::of(source).as_ref(), text)
}

fn is_met(need: Option<&Need>, text: &str) -> bool {
    need.is_none_or(|need| words::has_folded(text) || need.is_met(text.as_bytes()))
}

/// The matches of a pattern that may not have been compiled for them.
pub(crate) struct Each<I>(Option<I>);

impl<I: Iterator> Iterator for Each<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.0.as_mut()?.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_ascii() {
        assert_eq!(with_digits(r"\\d\d[\d.\]\d](?:\d)\D"), r"\\d[0-9][[0-9].\][0-9]](?:[0-9])\D");
        assert!(Regex::new(r"^\d[\d]$").is_match("12") && !Regex::new(r"\d").is_match("１"));
    }

    #[test]
    fn a_pattern_is_compiled_when_its_words_are_there() {
        let pattern = Regex::new(r"(?i)(\w+)declined");
        assert!(pattern.may_match("declined") && !pattern.may_match("nothing of the kind"));
        assert!(pattern.compiled.get().is_none());
        assert!(pattern.captures("they DECLINED").is_none() && pattern.compiled.get().is_some());
        assert_eq!(pattern.find_iter("xDeclined").map(|m| m.as_str()).collect::<Vec<_>>(), ["xDeclined"]);
        // The other sign for Kelvin is a `k` without case.
        assert!(Regex::new("(?i)ok").is_match("o\u{212a}"));
        // Of a long text, the pattern's own search is faster than that for its words.
        let (often, long) = (Regex::new("rare word"), "often seen ".repeat(summary::LONGEST / 8));
        (0..2 + ENOUGH / long.len()).for_each(|_| assert!(!often.is_match(&long)));
        assert!(often.compiled.get().is_some());
    }
}
