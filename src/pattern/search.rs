//! The search for a pattern in a text, all over it or where it may begin.
//!
//! In: a compiled pattern, and where its matches may begin, if that is known. Out: what the `regex` crate finds: of two
//! matches the one that begins first, and the next one behind it. Never: an empty match, where the beginnings are known.

use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input, Span};

use super::lexicon::Starts;

#[derive(Clone, Copy)]
pub(super) struct Search<'r> {
    regex: &'r Regex,
    starts: Option<Starts>,
}

impl<'r> Search<'r> {
    pub(super) fn new(regex: &'r Regex, starts: Option<Starts>) -> Search<'r> {
        Search { regex, starts }
    }

    pub(super) fn is_match(&self, text: &str) -> bool {
        match &self.starts {
            None => self.regex.is_match(text),
            Some(starts) => {
                starts.iter().any(|start| self.regex.search_half(&at(text, start).earliest(true)).is_some())
            }
        }
    }

    /// The first match that begins at `from` or behind.
    pub(super) fn find(&self, text: &str, from: usize) -> Option<Span> {
        match &self.starts {
            None => self.regex.search(&Input::new(text).range(from..)),
            Some(starts) => starts_from(starts, from).find_map(|start| self.regex.search(&at(text, start))),
        }
        .map(|found| found.span())
    }

    /// As [`Search::find`], with its groups.
    pub(super) fn captures(&self, text: &str, from: usize) -> Option<Captures> {
        match &self.starts {
            None => {
                let mut groups = self.regex.create_captures();
                self.regex.search_captures(&Input::new(text).range(from..), &mut groups);
                groups.is_match().then_some(groups)
            }
            Some(starts) => {
                let fits = |start: &usize| self.regex.search_half(&at(text, *start).earliest(true)).is_some();
                let start = starts_from(starts, from).find(fits)?;
                let mut groups = self.regex.create_captures();
                self.regex.search_captures(&at(text, start), &mut groups);
                groups.is_match().then_some(groups)
            }
        }
    }
}

/// Goes through the matches in a text, one after the other.
pub(super) struct Walk<'r, 'h> {
    /// `None`: there is nothing to be found.
    search: Option<Search<'r>>,
    text: &'h str,
    from: usize,
    /// Where the last match ended.
    last: Option<usize>,
}

impl<'r, 'h> Walk<'r, 'h> {
    pub(super) fn new(search: Option<Search<'r>>, text: &'h str) -> Walk<'r, 'h> {
        Walk { search, text, from: 0, last: None }
    }

    pub(super) fn next_span(&mut self) -> Option<Span> {
        self.step(Search::find, |span| *span)
    }

    pub(super) fn next_captures(&mut self) -> Option<Captures> {
        self.step(Search::captures, |groups| {
            groups.get_match().map_or(Span::from(0..0), |found| found.span())
        })
    }

    fn step<T>(
        &mut self,
        find: impl Fn(&Search<'r>, &str, usize) -> Option<T>,
        span_of: impl Fn(&T) -> Span,
    ) -> Option<T> {
        let search = self.search.as_ref()?;
        let mut found = find(search, self.text, self.from)?;
        let mut span = span_of(&found);
        // What matches nothing does not do so where the match before ended.
        if span.is_empty() && self.last == Some(span.end) {
            found = find(search, self.text, self.from + 1)?;
            span = span_of(&found);
        }
        self.from = span.end;
        self.last = Some(span.end);
        Some(found)
    }
}

fn at(text: &str, start: usize) -> Input<'_> {
    Input::new(text).range(start..).anchored(Anchored::Yes)
}

fn starts_from(starts: &Starts, from: usize) -> impl Iterator<Item = usize> {
    starts.iter().skip_while(move |start| *start < from)
}
