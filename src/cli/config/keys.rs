//! The keys: those options that a person may want to hold every time, under their own names.
//!
//! In: a value as a word or from a file. Out: the value as the command line would take it, or nothing where it would not.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use toml::de::DeValue;

use crate::cli::args::{ColorArg, FormatArg, GroupByArg, LangArg, SeverityArg};
use crate::knowledge::profiles;

/// A key of the file. Its option is `--name`, its variable `HARTRIAGE_NAME`.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli) struct Key {
    pub(in crate::cli) name: &'static str,
    takes: Takes,
}

#[derive(Debug, PartialEq, Eq)]
enum Takes {
    Lang,
    Format,
    Color,
    Severity,
    GroupBy,
    /// A whole number up to this one.
    Number(u16),
    Flag,
    Folder,
    /// The name of a built-in profile, or a file.
    Profile,
}

const fn key(name: &'static str, takes: Takes) -> Key {
    Key { name, takes }
}

/// Every key, in the order in which `hartriage config` prints them. What picks attempts (`--since`, `--tenant`) is not
/// among them: held silently it would hide failures. Nor is what opens the sandbox.
pub(in crate::cli) const KEYS: &[Key] = &[
    key("lang", Takes::Lang),
    key("format", Takes::Format),
    key("color", Takes::Color),
    key("threads", Takes::Number(1024)),
    key("time-limit", Takes::Number(36_000)),
    key("profile", Takes::Profile),
    key("rules", Takes::Folder),
    key("anonymize", Takes::Flag),
    key("min-severity", Takes::Severity),
    key("min-confidence", Takes::Number(100)),
    key("group-by", Takes::GroupBy),
    key("verbose", Takes::Flag),
    key("quiet", Takes::Flag),
    key("no-progress", Takes::Flag),
    key("require-sandbox", Takes::Flag),
];

impl Key {
    /// Name of the argument in the definition of the command line.
    pub(super) fn argument(&self) -> String {
        self.name.replace('-', "_")
    }

    pub(super) fn variable(&self) -> String {
        format!("HARTRIAGE_{}", self.argument().to_ascii_uppercase())
    }

    /// Whether that command can do it; one that cannot keeps what is built in.
    pub(super) fn suits(&self, command: &str, value: &str) -> bool {
        match (command, &self.takes) {
            ("compare", Takes::Format) => matches!(value, "table" | "json" | "markdown" | "html"),
            ("explain", Takes::Format) => matches!(value, "table" | "json"),
            _ => true,
        }
    }

    /// What it takes, in words.
    pub(super) fn takes_words(&self) -> String {
        match &self.takes {
            Takes::Number(most) => format!("a whole number from 0 to {most}"),
            Takes::Flag => "true or false".to_owned(),
            Takes::Folder => "the path of a folder".to_owned(),
            Takes::Profile => "the name of a profile, or the path of a file".to_owned(),
            _ => self.words().join(", "),
        }
    }

    fn words(&self) -> Vec<String> {
        match self.takes {
            Takes::Lang => names::<LangArg>(),
            Takes::Format => names::<FormatArg>(),
            Takes::Color => names::<ColorArg>(),
            Takes::Severity => names::<SeverityArg>(),
            Takes::GroupBy => names::<GroupByArg>(),
            _ => Vec::new(),
        }
    }

    /// The value of a word, as a variable has it: a path means what it would mean as an argument.
    pub(super) fn word_value(&self, word: &str) -> Option<String> {
        match &self.takes {
            Takes::Number(most) => word.parse().ok().and_then(|n| number(n, *most)),
            Takes::Flag => match word {
                "1" | "true" => Some("true".to_owned()),
                "0" | "false" => Some("false".to_owned()),
                _ => None,
            },
            Takes::Folder | Takes::Profile => Some(word.to_owned()),
            _ => self.words().into_iter().find(|w| w == word),
        }
    }

    /// The value that stands in a file of that folder: its paths begin there, not where the program happens to run.
    pub(super) fn file_value(
        &self,
        value: &DeValue<'_>,
        folder: &Path,
        home: Option<&Path>,
    ) -> Option<String> {
        match (&self.takes, value) {
            (Takes::Number(most), DeValue::Integer(n)) if n.radix() == 10 => {
                n.as_str().parse().ok().and_then(|n| number(n, *most))
            }
            (Takes::Flag, DeValue::Boolean(set)) => Some(set.to_string()),
            (Takes::Number(_) | Takes::Flag, _) => None,
            (Takes::Profile, DeValue::String(name)) if built_in(name) => Some(name.to_string()),
            (Takes::Folder | Takes::Profile, DeValue::String(path)) => absolute(path, folder, home),
            (_, DeValue::String(word)) => self.word_value(word),
            _ => None,
        }
    }
}

fn names<T: ValueEnum>() -> Vec<String> {
    let all = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    all.map(|v| v.get_name().to_owned()).collect()
}

fn number(n: i64, most: u16) -> Option<String> {
    (0..=i64::from(most)).contains(&n).then(|| n.to_string())
}

fn built_in(name: &str) -> bool {
    profiles::built_in().iter().any(|p| p.name == name)
}

fn absolute(path: &str, folder: &Path, home: Option<&Path>) -> Option<String> {
    let whole: PathBuf = match path.strip_prefix("~/") {
        Some(rest) => home?.join(rest),
        None if path.is_empty() => return None,
        None => folder.join(path),
    };
    whole.to_str().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> &'static Key {
        KEYS.iter().find(|k| k.name == name).expect("a key")
    }

    #[test]
    fn paths_of_a_file_begin_at_the_file() {
        let at = |key: &str, path: &str| {
            of(key).file_value(
                &DeValue::String(path.into()),
                Path::new("/etc/hartriage"),
                Some(Path::new("/home/ann")),
            )
        };
        assert_eq!(at("rules", "rules").as_deref(), Some("/etc/hartriage/rules"));
        assert_eq!(at("rules", "/srv/rules").as_deref(), Some("/srv/rules"));
        assert_eq!(at("rules", "~/rules").as_deref(), Some("/home/ann/rules"));
        assert_eq!(at("profile", "hubspot").as_deref(), Some("hubspot"));
        assert_eq!(at("profile", "ours.toml").as_deref(), Some("/etc/hartriage/ours.toml"));
    }

    #[test]
    fn values_out_of_bounds_are_no_values() {
        assert_eq!(of("min-confidence").word_value("101"), None);
        assert_eq!(of("min-confidence").word_value("-1"), None);
        assert_eq!(of("threads").word_value("8").as_deref(), Some("8"));
        assert_eq!(of("anonymize").word_value("yes"), None);
        assert_eq!(of("lang").word_value("fr"), None);
        assert_eq!(of("min-severity").takes_words(), "info, low, medium, high");
    }
}
