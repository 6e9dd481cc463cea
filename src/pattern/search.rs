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
            Some(starts) => starts_from(starts, from).find_map(|start| {
                let mut groups = self.regex.create_captures();
                self.regex.search_captures(&at(text, start), &mut groups);
                groups.is_match().then_some(groups)
            }),
        }
    }

    pub(super) fn find_iter<'h>(self, text: &'h str) -> impl Iterator<Item = Span> + use<'r, 'h> {
        let all = self.starts.is_none().then(|| self.regex.find_iter(text).map(|found| found.span()));
        let mut from = 0;
        let placed = std::iter::from_fn(move || {
            let found = self.starts.and_then(|_| self.find(text, from))?;
            from = found.end;
            Some(found)
        });
        all.into_iter().flatten().chain(placed)
    }

    pub(super) fn captures_iter<'h>(self, text: &'h str) -> impl Iterator<Item = Captures> + use<'r, 'h> {
        let all = self.starts.is_none().then(|| self.regex.captures_iter(text));
        let mut from = 0;
        let placed = std::iter::from_fn(move || {
            let found = self.starts.and_then(|_| self.captures(text, from))?;
            from = found.get_match()?.end();
            Some(found)
        });
        all.into_iter().flatten().chain(placed)
    }
}

fn at(text: &str, start: usize) -> Input<'_> {
    Input::new(text).range(start..).anchored(Anchored::Yes)
}

fn starts_from(starts: &Starts, from: usize) -> impl Iterator<Item = usize> {
    starts.iter().skip_while(move |start| *start < from)
}
