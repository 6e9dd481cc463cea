//! The table of what people write.
//!
//! In: `told.tsv`. Out: its rows, and whether one holds in a text. Never: whether the text is a ticket.
//!
//! A row's pattern is a regular expression for the whole text, or several that must all match within one sentence
//! (`&&`) or two that follow one another (`&+`), in any order; one that begins with `!` must not. `<name>` stands for a family of words that the table
//! defines in a line `=name`, so that a synonym is added once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::pattern::Regex;

/// Which texts a row is looked for in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Needs {
    /// One about mail or a calendar.
    Mail,
    /// One about connecting something, too: the row says enough by itself.
    Connection,
    /// One that names Microsoft: the same is said of any other service.
    Microsoft,
}

/// How much of the text must hold all that a row looks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Span {
    Text,
    Sentences(usize),
}

pub(super) struct Row {
    pub(super) value: &'static str,
    pub(super) needs: Needs,
    span: Span,
    all: Vec<usize>,
    none: Vec<usize>,
}

/// Rows, and the expressions that they share.
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    parts: Vec<Regex>,
}

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(include_str!("../told.tsv")));

impl Table {
    fn read(text: &'static str) -> Table {
        let lines = || text.lines().filter(|l| !l.starts_with('#') && !l.is_empty());
        let families = families(lines());
        let mut parts = BTreeMap::new();
        let rows = lines().filter(|l| !l.starts_with('=')).skip(1);
        let rows: Vec<Row> = rows.filter_map(|line| row(line, &families, &mut parts)).collect();
        let mut written: Vec<(usize, String)> = parts.into_iter().map(|(part, n)| (n, part)).collect();
        written.sort_unstable();
        Table { rows, parts: written.iter().map(|(_, part)| super::super::pattern(part)).collect() }
    }

    /// Where the row holds, as bytes of the text.
    pub(super) fn find(&self, row: &Row, text: &str, sentences: &[(usize, usize)]) -> Option<(usize, usize)> {
        match row.span {
            Span::Text => self.holds(row, text),
            Span::Sentences(many) => (0..sentences.len()).find_map(|n| {
                let start = sentences.get(n)?.0;
                let end = sentences.get(..sentences.len().min(n + many))?.last()?.1;
                let (from, to) = self.holds(row, text.get(start..end)?)?;
                Some((start + from, start + to))
            }),
        }
    }

    fn holds(&self, row: &Row, text: &str) -> Option<(usize, usize)> {
        let mut place = None;
        for n in &row.all {
            let hit = self.parts.get(*n)?.find(text)?;
            place = place.or(Some((hit.start(), hit.end())));
        }
        let against = row.none.iter().any(|n| self.parts.get(*n).is_some_and(|r| r.is_match(text)));
        place.filter(|_| !against)
    }
}

fn families(lines: impl Iterator<Item = &'static str>) -> Vec<(String, &'static str)> {
    let named = lines.filter_map(|l| l.strip_prefix('=')?.split_once('\t'));
    named.map(|(name, words)| (format!("<{name}>"), words)).collect()
}

fn row(
    line: &'static str,
    families: &[(String, &'static str)],
    parts: &mut BTreeMap<String, usize>,
) -> Option<Row> {
    let mut cells = line.split('\t');
    let (value, _language, written) = (cells.next()?, cells.next()?, cells.next()?);
    let needs = match cells.next() {
        Some("connection") => Needs::Connection,
        Some("microsoft") => Needs::Microsoft,
        _ => Needs::Mail,
    };
    let span = match () {
        () if written.contains(" &+ ") => Span::Sentences(2),
        () if written.contains(" && ") => Span::Sentences(1),
        () => Span::Text,
    };
    let mut row = Row { value, needs, span, all: Vec::new(), none: Vec::new() };
    for part in written.replace(" &+ ", " && ").split(" && ") {
        let (part, kept) = match part.strip_prefix('!') {
            Some(part) => (part, &mut row.none),
            None => (part, &mut row.all),
        };
        let part = format!("(?is){}", spaced(&expanded(part, families)));
        let next = parts.len();
        kept.push(*parts.entry(part).or_insert(next));
    }
    Some(row)
}

/// Families may stand in families that come after them.
fn expanded(pattern: &str, families: &[(String, &'static str)]) -> String {
    let mut out = pattern.to_owned();
    for (name, words) in families.iter().rev() {
        if out.contains(name) {
            out = out.replace(name, &format!("(?:{words})"));
        }
    }
    out
}

/// A blank stands for any white space and the mark that begins a quoted line; `blank ?` for none, too.
fn spaced(pattern: &str) -> String {
    pattern.replace(" ?", r"[\s>\u{a0}]*").replace(' ', r"[\s>\u{a0}]+")
}

/// Start and end of every sentence: it ends with its mark, or with an empty line.
pub(super) fn sentences(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let next = characters.peek().map(|(_, c)| *c);
        let ends = match c {
            '。' | '！' | '？' => true,
            '.' | '!' | '?' | ';' => next.is_none_or(char::is_whitespace),
            '\n' => next == Some('\n'),
            _ => false,
        };
        if ends {
            let end = at + c.len_utf8();
            out.push((start, end));
            start = end;
        }
    }
    if start < text.len() {
        out.push((start, text.len()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_named() {
        let table = include_str!("../told.tsv");
        let lines = table.lines().filter(|l| !l.starts_with(['#', '=']) && !l.is_empty()).count() - 1;
        assert_eq!(TABLE.rows.len(), lines);
        for row in &TABLE.rows {
            assert!(!row.all.is_empty(), "{}", row.value);
            let names = include_str!("../../model/fact_names.rs");
            assert!(names.contains(&format!("`{}`", row.value)), "{}", row.value);
        }
    }

    /// Every part is compiled by it.
    #[test]
    fn every_part_is_a_pattern_that_asks_for_something() {
        for (n, part) in TABLE.parts.iter().enumerate() {
            assert!(!part.is_match(""), "part {n}");
        }
    }

    #[test]
    fn every_family_is_defined_and_used() {
        let table = include_str!("../told.tsv");
        let lines = || table.lines().filter(|l| !l.starts_with('#'));
        let families = families(lines());
        let name = Regex::new("<[a-z]+>");
        for line in lines() {
            for used in name.find_iter(line) {
                assert!(families.iter().any(|(known, _)| known == used.as_str()), "{line}");
            }
        }
        for (family, _) in &families {
            assert!(table.matches(family.as_str()).count() > 0, "{family} is not used");
        }
    }

    #[test]
    fn cut_into_sentences() {
        let text = "It fails. Why?\nContoso.example is ours\n\nThanks";
        let cut: Vec<&str> = sentences(text).into_iter().map(|(a, b)| text[a..b].trim()).collect();
        assert_eq!(cut, ["It fails.", "Why?", "Contoso.example is ours", "Thanks"]);
        assert_eq!(sentences("接続できません。困っています").len(), 2);
        assert!(sentences("").is_empty());
    }

    #[test]
    fn within_one_sentence_in_any_order() {
        let table = Table::read(
            "value\tlanguage\tpattern\n=red\tred|crimson\na\t-\t<red> && door && !shed\nb\t-\t<red> &+ door\n",
        );
        let holds = |n: usize, text: &str| table.find(&table.rows[n], text, &sentences(text)).is_some();
        assert!(holds(0, "The door is crimson."));
        assert!(!holds(0, "The door. It is red."));
        assert!(!holds(0, "The red door of the shed."));
        assert!(holds(1, "The door. It is red."));
        assert!(!holds(1, "The door. It is old. Paint it red."));
    }
}
