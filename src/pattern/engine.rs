//! What a pattern is compiled into: for texts of ASCII or for any, to be had at once or to be used often.
//!
//! In: the source of a pattern, and what is known of a text. Out: a matcher that finds in the text what the `regex` crate
//! finds. In a text of ASCII, `\w`, `.` and letter case are those of ASCII, which compiles in a third of the time. To search
//! a few short texts, neither a lazy automaton nor a prefilter earns what building it costs.
//! Never: a difference in what is found.

use std::sync::OnceLock;

use regex_automata::meta::{self, Config};
use regex_automata::util::syntax;

use super::words;

/// The forms of one pattern; each is compiled when a text asks for it.
#[derive(Default)]
pub(super) struct Engines {
    /// `None` within: the pattern says something that ASCII alone cannot say.
    ascii: [OnceLock<Option<meta::Regex>>; 2],
    any: [OnceLock<meta::Regex>; 2],
}

impl Engines {
    /// The form for a text of ASCII or any other, for a few of them or for `many`.
    pub(super) fn of(&self, source: &str, is_ascii: bool, many: bool) -> &meta::Regex {
        let form = usize::from(many);
        let ascii = is_ascii.then(|| self.ascii[form].get_or_init(|| in_ascii(source, many)).as_ref());
        // All patterns run in the tests, so one that does not compile never ships.
        ascii.flatten().unwrap_or_else(|| {
            self.any[form].get_or_init(|| {
                let builder = meta::Builder::new().configure(config(many)).build(&with_digits(source));
                builder.expect("a constant pattern")
            })
        })
    }

    #[cfg(test)]
    pub(super) fn are_idle(&self) -> bool {
        self.ascii.iter().all(|form| form.get().is_none()) && self.any.iter().all(|form| form.get().is_none())
    }
}

fn config(many: bool) -> Config {
    Config::new().hybrid(many).onepass(many).auto_prefilter(many)
}

fn in_ascii(source: &str, many: bool) -> Option<meta::Regex> {
    let bytes = syntax::Config::new().unicode(false).utf8(false);
    let config = config(many).utf8_empty(false);
    meta::Builder::new().configure(config).syntax(bytes).build(&ascii(source)?).ok()
}

/// A byte that no text of ASCII holds, as a pattern of bytes spells it.
const NEVER: &str = r"\xFF";

/// The pattern of bytes that matches in a text of ASCII what this one matches; `None` where there is no telling.
fn ascii(source: &str) -> Option<String> {
    // Two letters beyond ASCII match some of ASCII without case; where Unicode is switched on, it is meant.
    if words::has_folded(source) || source.contains("(?u") || source.contains("(?iu") {
        return None;
    }
    let mut out = String::with_capacity(source.len());
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\\' {
            if c.is_ascii() {
                out.push(c)
            } else {
                out.push_str(NEVER)
            }
            continue;
        }
        match rest.next()? {
            'x' | 'u' | 'U' if rest.next_if_eq(&'{').is_some() => {
                let digits: String = rest.by_ref().take_while(|c| *c != '}').collect();
                match u32::from_str_radix(&digits, 16).ok()? {
                    0x17f | 0x212a => return None,
                    0x80.. => out.push_str(NEVER),
                    code => out.push_str(&format!(r"\x{code:02X}")),
                }
            }
            'p' | 'P' | 'x' | 'u' | 'U' => return None,
            other => out.extend(['\\', other]),
        }
    }
    Some(out)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_ascii() {
        assert_eq!(with_digits(r"\\d\d[\d.\]\d](?:\d)\D"), r"\\d[0-9][[0-9].\][0-9]](?:[0-9])\D");
    }

    #[test]
    fn what_ascii_cannot_hold_matches_nothing() {
        for (source, spelled) in [
            (r"(?i)boîte|\w+", Some(r"(?i)bo\xFFte|\w+")),
            (r"[\s>\u{a0}]\x{41}", Some(r"[\s>\xFF]\x41")),
            (r"\\u{a0}", Some(r"\\u{a0}")),
            (r"a\pLb", None),
            (r"(?i)ſ", None),
            (r"(?i)\u{17f}", None),
            (r"\x41", None),
        ] {
            assert_eq!(ascii(source).as_deref(), spelled, "{source}");
        }
    }

    /// Both spellings and both forms, on texts made from the patterns of a table.
    #[test]
    fn all_forms_find_the_same() {
        for source in [
            r"(?i)\bsign(?:ed|ing)?[- ]?(?:\w+ )?in\b",
            r"(?is)pass(?:word|wort)[\s>\u{a0}]+.{0,40}(?:changed|geändert)",
            r"[^\W\d]\S*?(k|K)\D",
            r"(?m)^(?P<key>[^:\n]*):\s*(.*)$|\B-\b",
            r"x*",
        ] {
            let reference = regex::Regex::new(&with_digits(source)).expect("a pattern");
            let engines = Engines::default();
            for text in [
                "",
                "He signed us in, then Sign-in: failed\nPassword > was\nchanged",
                "the Passwort  geändert, a sIgNIn\nk: v",
                "xx-x a\u{212a}b",
            ] {
                let wanted: Vec<_> = reference.find_iter(text).map(|m| m.range()).collect();
                for (is_ascii, many) in [(false, false), (false, true), (true, false), (true, true)] {
                    if is_ascii && !text.is_ascii() {
                        continue;
                    }
                    let regex = engines.of(source, is_ascii, many);
                    let found: Vec<_> = regex.find_iter(text).map(|m| m.range()).collect();
                    assert_eq!(found, wanted, "{source} {text} {is_ascii} {many}");
                }
            }
        }
    }
}
