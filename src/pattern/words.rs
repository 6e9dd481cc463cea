//! The words without which a pattern cannot match.
//!
//! In: the source of a pattern. Out: which words every match holds, letter case aside; `None` where there is no telling;
//! and the words of which every match begins with one, where that is so.
//! Reads only as much of the syntax as that takes, and gives up on what it does not know. Never: a word that a match may
//! lack.

use std::iter::Peekable;
use std::str::Chars;

use super::summary::{Groups, Summary, groups};

/// A word, searched for without case.
#[derive(Debug)]
pub(crate) struct Word {
    text: Box<[u8]>,
    /// Where its rarest byte stands: the one that is searched for.
    rare: usize,
    /// Its bits in the summary of a text.
    groups: Groups,
}

/// A shorter word stands nearly everywhere: nothing is gained by looking where.
pub(super) const SHORTEST_HEAD: usize = 3;

impl Word {
    pub(crate) fn new(text: &str) -> Word {
        let text = text.as_bytes().to_ascii_lowercase();
        let rarest = text.iter().enumerate().min_by_key(|(_, byte)| how_common(**byte));
        Word { rare: rarest.map_or(0, |(n, _)| n), groups: groups(&text), text: text.into() }
    }

    /// The word in lower case.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// False where the word does not stand in the text of the summary.
    pub(super) fn may_stand_in(&self, text: &Summary) -> bool {
        text.may_hold(&self.groups)
    }

    /// Letters beyond ASCII stand for themselves.
    pub(crate) fn stands_in(&self, text: &[u8]) -> bool {
        let Some(rare) = self.text.get(self.rare) else { return true };
        memchr::memchr2_iter(*rare, rare.to_ascii_uppercase(), text).any(|at| {
            let Some(start) = at.checked_sub(self.rare) else { return false };
            text.get(start..start + self.text.len()).is_some_and(|t| t.eq_ignore_ascii_case(&self.text))
        })
    }
}

/// How often a byte stands in logs and URLs, roughly.
fn how_common(byte: u8) -> usize {
    const COMMONEST: &[u8] = b"etaoinsrcldhupmfg ./bwv-_:\"0123456789";
    COMMONEST.iter().rev().position(|b| *b == byte).map_or(0, |n| n + 1)
}

/// The letters beyond ASCII that count as `s` and `k` without case.
const LONG_S: char = '\u{17f}';
const KELVIN: char = '\u{212a}';

pub(super) fn has_folded(text: &str) -> bool {
    !text.is_ascii() && text.contains([LONG_S, KELVIN])
}

/// What a text must hold.
#[derive(Debug)]
pub(super) enum Need {
    Word(Word),
    /// Letters beyond ASCII.
    Beyond,
    All(Vec<Need>),
    Any(Vec<Need>),
}

impl Need {
    pub(super) fn is_met(&self, text: &[u8]) -> bool {
        match self {
            Need::Word(word) => word.stands_in(text),
            Need::Beyond => !text.is_ascii(),
            Need::All(list) => list.iter().all(|need| need.is_met(text)),
            Need::Any(list) => list.iter().any(|need| need.is_met(text)),
        }
    }
}

impl Need {
    /// True where a summary does not exclude it.
    pub(super) fn may_be_met(&self, text: &Summary) -> bool {
        match self {
            Need::Word(word) => word.may_stand_in(text),
            Need::Beyond => !text.is_ascii(),
            Need::All(list) => list.iter().all(|need| need.may_be_met(text)),
            Need::Any(list) => list.iter().any(|need| need.may_be_met(text)),
        }
    }
}

/// What every match of the pattern holds.
pub(super) fn of(source: &str) -> Option<Need> {
    read(source)?.0
}

/// What every match holds, and the words of which it begins with one, in lower case.
pub(super) fn read(source: &str) -> Option<(Option<Need>, Heads)> {
    let mut reader = Reader { rest: source.chars().peekable(), extended: false };
    let found = reader.alternatives().ok()?;
    // A bracket too many: not a pattern that was understood.
    if reader.rest.next().is_some() { None } else { Some(found) }
}

/// `None`: a match may begin with something else.
pub(super) type Heads = Option<Vec<String>>;

/// What this reader does not know.
struct Unknown;

struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
    /// Blanks mean nothing.
    extended: bool,
}

/// What one alternative needs, as far as it was read.
struct Branch {
    all: Vec<Need>,
    run: String,
    heads: Heads,
    /// Nothing came yet that has to be there.
    begins: bool,
}

impl Branch {
    fn new() -> Branch {
        Branch { all: Vec::new(), run: String::new(), heads: Some(Vec::new()), begins: true }
    }

    /// Ends the run of letters.
    fn end_run(&mut self) {
        if !self.run.is_empty() {
            self.lead(Some(vec![self.run.to_ascii_lowercase()]), true);
            self.all.push(Need::Word(Word::new(&self.run)));
            self.run.clear();
        }
    }

    /// Something that begins with one of these words; it may be absent unless it `is_there`.
    fn lead(&mut self, with: Heads, is_there: bool) {
        if !self.begins {
            return;
        }
        let with = with.filter(|words| words.iter().all(|word| word.len() >= SHORTEST_HEAD));
        self.heads = self.heads.take().zip(with).map(|(heads, with)| [heads, with].concat());
        self.begins = !is_there && self.heads.is_some();
    }

    fn finish(mut self) -> (Option<Need>, Heads) {
        self.end_run();
        let heads = self.heads.take().filter(|_| !self.begins);
        // Long words are rare words: most texts lack the first one asked for.
        self.all.sort_by_key(|need| match need {
            Need::Word(word) => std::cmp::Reverse(word.text.len()),
            _ => std::cmp::Reverse(0),
        });
        (if self.all.len() > 1 { Some(Need::All(self.all)) } else { self.all.pop() }, heads)
    }
}

impl Reader<'_> {
    /// To the end of the pattern or group.
    fn alternatives(&mut self) -> Result<(Option<Need>, Heads), Unknown> {
        let (mut any, mut heads) = (Some(Vec::new()), Some(Vec::new()));
        loop {
            let (branch, begins) = self.branch()?;
            heads = heads.zip(begins).map(|(heads, begins)| [heads, begins].concat());
            any = any.zip(branch).map(|(mut any, branch)| {
                any.push(branch);
                any
            });
            if self.rest.next_if_eq(&'|').is_none() {
                let any = any.map(|mut any| if any.len() > 1 { Need::Any(any) } else { any.remove(0) });
                return Ok((any, heads));
            }
        }
    }

    fn branch(&mut self) -> Result<(Option<Need>, Heads), Unknown> {
        let mut branch = Branch::new();
        while let Some(c) = self.rest.next_if(|c| !matches!(c, '|' | ')')) {
            match c {
                '(' => {
                    branch.end_run();
                    let Some((group, heads)) = self.group()? else { continue };
                    let is_there = self.times()?.0 > 0;
                    branch.lead(heads, is_there);
                    branch.all.extend(group.filter(|_| is_there));
                }
                '[' => {
                    branch.end_run();
                    self.class()?;
                    self.times()?;
                    branch.lead(None, true);
                }
                '\\' => {
                    let is_place = matches!(self.rest.peek(), Some('b' | 'B' | 'A' | 'z' | '<' | '>'));
                    match self.escape()? {
                        Some(c) => self.letter(c, &mut branch)?,
                        None => {
                            branch.end_run();
                            self.times()?;
                            if !is_place {
                                branch.lead(None, true);
                            }
                        }
                    }
                }
                '.' | '^' | '$' => {
                    branch.end_run();
                    self.times()?;
                    if c == '.' {
                        branch.lead(None, true);
                    }
                }
                '#' if self.extended => return Err(Unknown),
                c if self.extended && c.is_whitespace() => {}
                c => self.letter(c, &mut branch)?,
            }
        }
        Ok(branch.finish())
    }

    fn letter(&mut self, c: char, branch: &mut Branch) -> Result<(), Unknown> {
        let (least, repeated) = self.times()?;
        if least == 0 || !c.is_ascii() {
            branch.end_run();
            branch.lead(None, true);
            // Those two are letters of ASCII, too, without case.
            let beyond = least > 0 && !matches!(c, LONG_S | KELVIN);
            branch.all.extend(beyond.then_some(Need::Beyond));
            return Ok(());
        }
        branch.run.push(c);
        if repeated {
            branch.end_run();
        }
        Ok(())
    }

    /// After `(`, to its `)`; `None` where it only says how to read the rest.
    fn group(&mut self) -> Result<Option<(Option<Need>, Heads)>, Unknown> {
        let outside = self.extended;
        if self.rest.next_if_eq(&'?').is_some() {
            self.rest.next_if_eq(&'P');
            if self.rest.next_if_eq(&'<').is_some() {
                self.until('>')?;
            } else if self.flags()? {
                return Ok(None);
            }
        }
        let inner = self.alternatives()?;
        self.extended = outside;
        self.rest.next_if_eq(&')').ok_or(Unknown)?;
        Ok(Some(inner))
    }

    /// After `(?`; true where that was all of the group.
    fn flags(&mut self) -> Result<bool, Unknown> {
        let mut on = true;
        for c in self.rest.by_ref() {
            match c {
                ')' => return Ok(true),
                ':' => return Ok(false),
                '-' => on = false,
                'x' if on => self.extended = true,
                'x' => return Err(Unknown),
                'i' | 's' | 'm' | 'u' | 'U' | 'R' => {}
                _ => return Err(Unknown),
            }
        }
        Err(Unknown)
    }

    /// After `[`, to its `]`.
    fn class(&mut self) -> Result<(), Unknown> {
        self.rest.next_if_eq(&'^');
        // A bracket that comes first stands for itself.
        self.rest.next_if_eq(&']');
        let mut depth = 1;
        while depth > 0 {
            match self.rest.next().ok_or(Unknown)? {
                '[' => depth += 1,
                ']' => depth -= 1,
                '\\' => drop(self.rest.next()),
                _ => {}
            }
        }
        Ok(())
    }

    /// After `\`: the letter that it stands for; `None` where it stands for none, or for one of several.
    fn escape(&mut self) -> Result<Option<char>, Unknown> {
        match self.rest.next().ok_or(Unknown)? {
            '<' | '>' | 'd' | 'D' | 'w' | 'W' | 's' | 'S' | 'B' | 'A' | 'z' | 'n' | 'r' | 't' => Ok(None),
            'b' if self.rest.peek() != Some(&'{') => Ok(None),
            'x' if self.rest.peek() != Some(&'{') => {
                let digits: String = self.rest.by_ref().take(2).collect();
                let code = u8::from_str_radix(&digits, 16).map_err(|_| Unknown)?;
                Ok(Some(char::from(code)))
            }
            'x' | 'u' | 'p' | 'b' if self.rest.next_if_eq(&'{').is_some() => {
                self.until('}')?;
                Ok(None)
            }
            c if c.is_ascii_punctuation() || c == ' ' => Ok(Some(c)),
            _ => Err(Unknown),
        }
    }

    fn until(&mut self, end: char) -> Result<(), Unknown> {
        self.rest.by_ref().find(|c| *c == end).map(drop).ok_or(Unknown)
    }

    /// How often what was read comes at least, and whether that was said at all.
    fn times(&mut self) -> Result<(u32, bool), Unknown> {
        let (mut least, mut said) = (1, false);
        loop {
            while self.extended && self.rest.next_if(|c| c.is_whitespace()).is_some() {}
            match self.rest.next_if(|c| matches!(c, '?' | '*' | '+' | '{')) {
                None => return Ok((least, said)),
                Some('+') => {}
                Some('{') => least = least.min(self.count()?),
                Some(_) => least = 0,
            }
            said = true;
            // As few as possible: says nothing of how many there are.
            self.rest.next_if_eq(&'?');
        }
    }

    /// After `{`, to its `}`.
    fn count(&mut self) -> Result<u32, Unknown> {
        let mut digits = String::new();
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        self.until('}')?;
        Ok(digits.parse().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::strategy::ValueTree as _;
    use proptest::string::string_regex;
    use proptest::test_runner::TestRunner;

    use super::super::summary;
    use super::*;

    fn spelled(need: &Need) -> String {
        let list = |all: &[Need], by: &str| all.iter().map(spelled).collect::<Vec<_>>().join(by);
        match need {
            Need::Word(word) => String::from_utf8_lossy(&word.text).into_owned(),
            Need::Beyond => "…".to_owned(),
            Need::All(all) => format!("({})", list(all, " & ")),
            Need::Any(any) => format!("({})", list(any, " | ")),
        }
    }

    #[test]
    fn the_words_of_a_pattern() {
        for (source, words) in [
            (r"AADSTS\d{4,8}", "aadsts"),
            (r"(?i)colou?r|grey", "((colo & r) | grey)"),
            (r"(?:one|two|three)?four", "four"),
            (r"(?:login|sign)\.example\.(?:com|org)", "(.example. & (login | sign) & (com | org))"),
            (r"a{0,2}bcd{2}e", "(bcd & e)"),
            (r"[[a-z]\]x]+ab+?c", "(ab & c)"),
            (r"(?x) foo \s+ bar | q u x", "((foo & bar) | qux)"),
            (r"(?x: a b)c d", "(c d & ab)"),
            (r"\x22value\u{a0}", "\"value"),
            (r"été|\u{e9}t\u{e9}", "((t & … & …) | t)"),
            (r"(?i)\x{17f}a|ſb", "(a | b)"),
            // Nothing has to be there.
            (r"\d+|word", "?"),
            (r"(?:a|b*)", "?"),
            (r"\pL", "?"),
        ] {
            assert_eq!(of(source).as_ref().map_or("?".to_owned(), spelled), words, "{source}");
        }
    }

    #[test]
    fn the_words_that_begin_a_match() {
        for (source, heads) in [
            (r"AADSTS\d{4,8}", "aadsts"),
            (r"(?i)\b(?:trace|Correlation)[ _]?id", "trace correlation"),
            (r"(?:error[ _-]?|odata_)?code\b", "error odata_ code"),
            (r"colou?r|^grey", "colo grey"),
            (r"(?:one|two)+three", "one two"),
            (r"(?x) foo \s+ bar | qux", "foo qux"),
            // May begin with something else.
            (r"[a-z]word|other", "?"),
            (r"(?:^|\s)word", "?"),
            (r"A?word", "?"),
            (r".word", "?"),
            (r"éword", "?"),
            (r"(?:word)?", "?"),
            // Too short to be looked for.
            (r"word|is", "?"),
        ] {
            let found = read(source).and_then(|(_, heads)| heads).map(|heads| heads.join(" "));
            assert_eq!(found.as_deref().unwrap_or("?"), heads, "{source}");
        }
    }

    #[test]
    fn a_word_is_found_without_case() {
        let word = Word::new("aadsts");
        assert!(word.stands_in(b"x AADSTS50105") && word.stands_in(b"aAdStS"));
        assert!(!word.stands_in(b"AADST") && !word.stands_in(b"") && !word.stands_in(b"s"));
    }

    /// Every pattern of the folder, as its source has it.
    fn patterns() -> Vec<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/extract");
        let calls = regex::Regex::new(r###"pattern\(\s*r(?:"([^"]+)"|#"((?s:.+?))"#)"###).expect("a pattern");
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
            found.extend(
                calls
                    .captures_iter(&text)
                    .filter_map(|c| c.get(1).or(c.get(2)))
                    .map(|m| m.as_str().to_owned()),
            );
        }
        assert!(found.len() > 100, "{}", found.len());
        found
    }

    #[test]
    fn whatever_matches_holds_a_word() {
        let mut runner = TestRunner::deterministic();
        let mut judged = 0;
        for source in patterns() {
            let Some(need) = of(&source) else { continue };
            // Anchors and word boundaries cannot be made up to order; what lies between them can.
            let plain = source.replace(r"\b", "").replace(r"\B", "").replace(r"\z", "");
            let plain = plain.replace("(?:^|", "(?:x|").replace("|$)", "|x)").replace(['^', '$'], "");
            let Ok(strategy) = string_regex(&plain) else { continue };
            judged += 1;
            for _ in 0..20 {
                let text = strategy.new_tree(&mut runner).expect("a text").current();
                let heads = read(&source).and_then(|(_, heads)| heads);
                let begins = heads.is_none_or(|heads| {
                    let lower = text.to_ascii_lowercase();
                    heads.iter().any(|head| lower.starts_with(head))
                });
                assert!(
                    begins || has_folded(&text) || plain != source,
                    "{text:?} begins otherwise: {source}"
                );
                let found = has_folded(&text)
                    || need.is_met(text.as_bytes())
                        && summary::ask(&text, |summary| need.may_be_met(summary));
                assert!(found, "{text:?} has not the words of {source}: {}", spelled(&need));
            }
        }
        assert!(judged > 60, "only {judged} patterns were judged");
    }
}
