//! Regular expressions that are compiled, and searched for, when a text may match them.
//!
//! In: a pattern, then texts. Out: what the `regex` crate finds. A text meets a hundred patterns and matches a few; to
//! compile one takes longer than to search a megabyte, and to search a record for one longer than to see that it lacks
//! the words without which it cannot match ([`words`], [`summary`], [`lexicon`]). Where every match begins with one of a
//! few words, it is tried where these stand and nowhere else ([`search`]). What it is compiled into depends on the texts
//! ([`engine`]). Never: a result that differs from the crate's.

mod engine;
mod found;
mod lexicon;
mod search;
mod summary;
mod words;

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use regex_automata::meta;

use engine::Engines;
pub(crate) use found::{Captures, Match};
use lexicon::Places;
use search::{Search, Walk};
use words::Need;
pub(crate) use words::Word;

/// Bytes searched for words after which the pattern is compiled all the same: its own search is the faster one.
const ENOUGH: usize = 64 * 1024;
/// Bytes searched for the pattern after which a form is compiled that searches faster.
const MANY: usize = 4 * 1024;

/// A regular expression; the methods are those of [`regex::Regex`], and `\d` is a digit of ASCII: nothing that is looked
/// for is written in others, and an automaton of all the world's digits is ten times as large.
pub(crate) struct Regex {
    source: Box<str>,
    /// `None`: any text may match.
    need: OnceLock<Option<Needed>>,
    engines: Engines,
    /// Bytes of long texts searched for words, and of all texts for the pattern.
    sifted: AtomicUsize,
    searched: AtomicUsize,
}

/// What a text must hold.
struct Needed {
    need: Arc<Need>,
    /// The number under which a lexicon knows it.
    entry: usize,
}

impl Needed {
    fn of(source: &str) -> Option<Needed> {
        let (need, heads) = words::read(source)?;
        let need = Arc::new(need?);
        Some(Needed { entry: lexicon::enter(need.clone(), heads), need })
    }
}

impl Regex {
    pub(crate) fn new(source: &str) -> Regex {
        Regex {
            source: source.into(),
            need: OnceLock::new(),
            engines: Engines::default(),
            sifted: AtomicUsize::new(0),
            searched: AtomicUsize::new(0),
        }
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.of(text).is_some_and(|search| search.is_match(text))
    }

    pub(crate) fn find<'h>(&self, text: &'h str) -> Option<Match<'h>> {
        self.of(text)?.find(text, 0).map(|span| Match::new(text, span))
    }

    pub(crate) fn find_iter<'h>(&self, text: &'h str) -> impl Iterator<Item = Match<'h>> {
        let mut walk = Walk::new(self.of(text), text);
        std::iter::from_fn(move || walk.next_span().map(|span| Match::new(text, span)))
    }

    pub(crate) fn captures<'h>(&self, text: &'h str) -> Option<Captures<'h>> {
        self.of(text)?.captures(text, 0).map(|groups| Captures::new(text, groups))
    }

    pub(crate) fn captures_iter<'h>(&self, text: &'h str) -> impl Iterator<Item = Captures<'h>> {
        let mut walk = Walk::new(self.of(text), text);
        std::iter::from_fn(move || walk.next_captures().map(|groups| Captures::new(text, groups)))
    }

    /// Every match replaced by what is made of it.
    pub(crate) fn replace_all<'h>(
        &self,
        text: &'h str,
        mut with: impl FnMut(&Captures<'h>) -> String,
    ) -> Cow<'h, str> {
        let (mut out, mut done) = (String::new(), 0);
        for captures in self.captures_iter(text) {
            let Some(whole) = captures.get(0) else { continue };
            out.push_str(text.get(done..whole.start()).unwrap_or_default());
            out.push_str(&with(&captures));
            done = whole.end();
        }
        if done == 0 && out.is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(out + text.get(done..).unwrap_or_default())
    }

    /// How to search for the pattern, unless it cannot match this text.
    fn of(&self, text: &str) -> Option<Search<'_>> {
        let (places, is_ascii) = self.places(text);
        let starts = match places {
            Places::Nowhere => None,
            Places::Anywhere => Some(None),
            Places::At(starts) => Some(Some(starts)),
        };
        debug_assert!(
            starts.is_some() || !self.engines.of(&self.source, false, true).is_match(text),
            "{text} has not the words of {}",
            self.source
        );
        let search = Search::new(self.form(text, is_ascii, starts.is_some())?, starts?);
        debug_assert_eq!(
            {
                let mut walk = Walk::new(Some(search), text);
                std::iter::from_fn(move || walk.next_span()).collect::<Vec<_>>()
            },
            self.engines.of(&self.source, false, true).find_iter(text).map(|m| m.span()).collect::<Vec<_>>(),
            "{text} is told apart by two forms of {}",
            self.source
        );
        Some(search)
    }

    /// The form for this text.
    fn form(&self, text: &str, is_ascii: bool, may_match: bool) -> Option<&meta::Regex> {
        may_match.then(|| {
            let searched = self.searched.load(Ordering::Relaxed);
            let many = searched.saturating_add(text.len()) > MANY;
            if !many {
                self.searched.fetch_add(text.len(), Ordering::Relaxed);
            }
            self.engines.of(&self.source, is_ascii, many)
        })
    }

    /// Where the text may match, and whether it is of ASCII alone.
    fn places(&self, text: &str) -> (Places, bool) {
        let Some(needed) = self.need.get_or_init(|| Needed::of(&self.source)) else {
            return (Places::Anywhere, text.is_ascii());
        };
        let (may_match, is_ascii) = if text.len() <= summary::LONGEST {
            if let Some(found) = summary::places(text, needed.entry) {
                return found;
            }
            summary::ask(text, |summary| {
                (summary.is_folded() || needed.need.may_be_met(summary), summary.is_ascii())
            })
        } else {
            let met = self.searched.load(Ordering::Relaxed) > 0
                || self.sifted.fetch_add(text.len(), Ordering::Relaxed) > ENOUGH
                || is_met(Some(&needed.need), text);
            (met, met && text.is_ascii())
        };
        (if may_match { Places::Anywhere } else { Places::Nowhere }, is_ascii)
    }
}

/// Leaves only those of which the pattern may match in the text, as far as that can be told of all at once.
pub(crate) fn retain_possible<'r, T>(
    text: &str,
    asked: &mut Vec<T>,
    pattern_of: impl Fn(&T) -> Option<&'r Regex>,
) {
    if text.len() > summary::LONGEST {
        return;
    }
    let entry_of = |regex: &Regex| {
        let needed = regex.need.get_or_init(|| Needed::of(&regex.source));
        needed.as_ref().map(|needed| needed.entry)
    };
    summary::retain(text, asked, |one| pattern_of(one).and_then(entry_of));
}

/// A list of words that texts are asked for.
pub(crate) struct Words {
    list: Arc<[Word]>,
    entry: OnceLock<usize>,
}

impl Words {
    pub(crate) fn new(list: Vec<Word>) -> Words {
        Words { list: list.into(), entry: OnceLock::new() }
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Word> {
        self.list.iter()
    }

    /// Calls with the number of every word that may stand in the text.
    pub(crate) fn each(&self, text: &str, mut found: impl FnMut(usize)) {
        if text.len() > summary::LONGEST {
            let standing = self.iter().enumerate().filter(|(_, word)| word.stands_in(text.as_bytes()));
            return standing.for_each(|(n, _)| found(n));
        }
        let entry = *self.entry.get_or_init(|| lexicon::enter_words(self.list.clone()));
        if summary::each(text, entry, &mut found).is_none() {
            summary::ask(text, |summary| {
                let standing = self.iter().enumerate().filter(|(_, word)| word.may_stand_in(summary));
                standing.for_each(|(n, _)| found(n));
            });
        }
    }
}

/// False where a text lacks words without which a pattern cannot match, in whatever letter case.
pub(crate) fn may_match(source: &str, text: &str) -> bool {
    is_met(words::of(source).as_ref(), text)
}

fn is_met(need: Option<&Need>, text: &str) -> bool {
    need.is_none_or(|need| words::has_folded(text) || need.is_met(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_compiled_when_its_words_are_there() {
        let may_match = |places| !matches!(places, Places::Nowhere);
        let pattern = Regex::new(r"(?i)(\w+)declined");
        assert!(
            may_match(pattern.places("declined").0) && !may_match(pattern.places("nothing of the kind").0)
        );
        assert!(pattern.engines.are_idle());
        assert!(pattern.captures("they DECLINED").is_none() && !pattern.engines.are_idle());
        assert_eq!(pattern.find_iter("xDeclined").map(|m| m.as_str()).collect::<Vec<_>>(), ["xDeclined"]);
        // The other sign for Kelvin is a `k` without case.
        assert!(Regex::new("(?i)ok").is_match("o\u{212a}"));
        // Of a long text, the pattern's own search is faster than that for its words.
        let (often, long) = (Regex::new("rare word"), "often seen ".repeat(summary::LONGEST / 8));
        (0..2 + ENOUGH / long.len()).for_each(|_| assert!(!often.is_match(&long)));
        assert!(often.searched.load(Ordering::Relaxed) > 0 || !often.engines.are_idle());
        assert!(Regex::new(r"^\d[\d]$").is_match("12") && !Regex::new(r"\d").is_match("１"));
    }

    #[test]
    fn matches_are_replaced() {
        let pattern = Regex::new(r"<(\w)>");
        let doubled = |c: &Captures<'_>| c.get(1).map_or("", |m| m.as_str()).repeat(2);
        assert_eq!(pattern.replace_all("<a>é<b>.", doubled), "aaébb.");
        assert_eq!(pattern.replace_all("<a>", |_| String::new()), "");
        assert!(matches!(pattern.replace_all("a", doubled), Cow::Borrowed("a")));
    }

    /// Whole texts, stretches and copies of them, asked often enough for a lexicon; what is found is also held against
    /// another form of the pattern wherever patterns are used in a debug build.
    #[test]
    fn what_the_lexicon_lets_through_is_all_there_is() {
        const SOURCES: [&str; 8] = [
            r"(?i)\b(?:trace|correlation)[ _]?id\b",
            r"(?i)(?:error[ _-]?)?code\b\W*(\w+)",
            r"error(?:_description)?|description",
            r"(?i)sign(?:ed)? ?in|in out",
            r"\b[a-z]*word\b|a.b",
            r"x*",
            r"(?i)kelvin|\bok\b",
            r"(?m)^error|code$",
        ];
        let patterns: Vec<Regex> = SOURCES.iter().map(|source| Regex::new(source)).collect();
        let words = ["error", "code", "Trace ID", "error_description", " ", "in", "sword", "xx", "oK", "\n"];
        let odd = ["\u{212a}elvin", "é", "Error code: X1 ", "signed in out", "_"];
        let pieces: Vec<&str> = words.into_iter().chain(odd).collect();
        for n in 0..400_usize {
            let text: String = (0..8).map(|k| pieces[(n * (k + 3) + k * k * n / 7) % pieces.len()]).collect();
            let stretch = text.char_indices().nth(5).and_then(|(at, _)| text.get(at..)).unwrap_or_default();
            let (copy, copies) = (stretch.to_owned(), stretch.repeat(3));
            for text in [text.as_str(), stretch, &copies, &copy] {
                for (pattern, source) in patterns.iter().zip(SOURCES) {
                    let crates = regex::Regex::new(source).expect("a pattern");
                    let found: Vec<_> = pattern.find_iter(text).map(|m| m.range()).collect();
                    let wanted: Vec<_> = crates.find_iter(text).map(|m| m.range()).collect();
                    assert_eq!(found, wanted, "{source} {text:?}");
                    let group = pattern.captures_iter(text).map(|c| c.get(1).map(|m| m.range()));
                    let wanted = crates.captures_iter(text).map(|c| c.get(1).map(|m| m.range()));
                    assert!(group.eq(wanted), "{source} {text:?}");
                    assert_eq!(pattern.is_match(text), crates.is_match(text), "{source} {text:?}");
                    assert_eq!(pattern.find(text).map(|m| m.range()), crates.find(text).map(|m| m.range()));
                }
            }
        }
    }

    #[test]
    fn what_cannot_match_is_sorted_out() {
        let patterns = [Regex::new("absent word"), Regex::new("present"), Regex::new(r"\d")];
        for n in 0..100 {
            let mut left = vec![0, 1, 2];
            retain_possible(&format!("all is present {n}"), &mut left, |n| patterns.get(*n));
            assert!(left.contains(&1) && left.contains(&2), "{left:?}");
        }
    }
}
