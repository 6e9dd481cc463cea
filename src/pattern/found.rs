//! What a pattern found in a text.
//!
//! In: the text, and places in it. Out: matches and their groups, as text. Never: a search.

use regex_automata::util::captures;

/// A stretch of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match<'h> {
    text: &'h str,
    start: usize,
    end: usize,
}

impl<'h> Match<'h> {
    pub(super) fn new(text: &'h str, span: regex_automata::Span) -> Match<'h> {
        Match { text, start: span.start, end: span.end }
    }

    pub(crate) fn start(&self) -> usize {
        self.start
    }

    pub(crate) fn end(&self) -> usize {
        self.end
    }

    pub(crate) fn range(&self) -> std::ops::Range<usize> {
        self.start..self.end
    }

    pub(crate) fn as_str(&self) -> &'h str {
        self.text.get(self.range()).unwrap_or_default()
    }
}

/// A match, and what its groups hold.
#[derive(Debug)]
pub(crate) struct Captures<'h> {
    text: &'h str,
    groups: captures::Captures,
}

impl<'h> Captures<'h> {
    pub(super) fn new(text: &'h str, groups: captures::Captures) -> Captures<'h> {
        Captures { text, groups }
    }

    /// The group of this number; 0 is the match.
    pub(crate) fn get(&self, group: usize) -> Option<Match<'h>> {
        self.groups.get_group(group).map(|span| Match::new(self.text, span))
    }

    /// The group of this name.
    pub(crate) fn name(&self, group: &str) -> Option<Match<'h>> {
        self.groups.get_group_by_name(group).map(|span| Match::new(self.text, span))
    }
}
