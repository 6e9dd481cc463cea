//! What holds where no flag was typed: the environment, then the user's file, then the system's, then what is built in.
//!
//! In: the environment and at most two small files, read before the sandbox closes. Out: the command line with other
//! defaults, so that one parser judges flags and settings alike. Never: a file from the working directory (it may be
//! a stranger's captures), a setting that opens the sandbox, or a word of a file in an error.

mod file;
mod keys;
mod places;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::args::ConfigArgs;
use crate::redact;
pub(super) use keys::{KEYS, Key};

/// A value that is not the built-in one, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) key: &'static Key,
    pub(super) value: String,
    pub(super) origin: Origin,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// The name of the variable.
    Environment(String),
    /// The file as printed, and the line.
    File(String, usize),
}

/// A file that was looked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Looked {
    pub(super) path: PathBuf,
    pub(super) there: bool,
}

/// Everything that was set, the strongest first of each key.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) values: Vec<Setting>,
    pub(super) files: Vec<Looked>,
}

impl Settings {
    /// Reads what these flags allow. The error is one clear line.
    pub(super) fn read(flags: &ConfigArgs) -> Result<Settings, String> {
        let variable = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
        let files = match (&flags.config, flags.no_config) {
            (Some(file), _) => vec![(file.clone(), true)],
            (None, true) => Vec::new(),
            (None, false) => places::all(&variable).into_iter().map(|file| (file, false)).collect(),
        };
        Settings::collect(&variable, &files)
    }

    /// `files`: the strongest first, each with whether it has to be there.
    fn collect(
        variable: &dyn Fn(&str) -> Option<OsString>,
        files: &[(PathBuf, bool)],
    ) -> Result<Settings, String> {
        let mut all = Settings { values: environment(variable)?, files: Vec::new() };
        let home = variable("HOME").map(PathBuf::from).filter(|p| p.is_absolute());
        for (path, needed) in files {
            let set = file::read(path, home.as_deref())?;
            if set.is_none() && *needed {
                return Err(format!("{}: there is no such file", shown(path)));
            }
            all.files.push(Looked { path: path.clone(), there: set.is_some() });
            all.values.extend(set.into_iter().flatten());
        }
        Ok(all)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// What holds for that key, unless it is what is built in.
    pub(super) fn of(&self, key: &str) -> Option<&Setting> {
        self.values.iter().find(|s| s.key.name == key)
    }

    /// The command line, and its subcommands, with these values as defaults.
    pub(super) fn as_defaults(&self, mut command: clap::Command) -> clap::Command {
        for key in KEYS {
            let known = command.get_arguments().any(|a| a.get_id() == key.argument().as_str());
            let Some(setting) = self.of(key.name).filter(|_| known) else { continue };
            if key.suits(command.get_name(), &setting.value) {
                let value = setting.value.clone();
                command = command.mut_arg(key.argument(), |arg| arg.default_value(value));
            }
        }
        command.mut_subcommands(|sub| self.as_defaults(sub))
    }
}

/// What the variables say.
fn environment(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Vec<Setting>, String> {
    let mut out = Vec::new();
    for key in KEYS {
        let name = key.variable();
        let Some(value) = variable(&name) else { continue };
        let value = value.to_str().and_then(|v| key.word_value(v));
        let value = value.ok_or_else(|| format!("environment: {name} takes {}", key.takes_words()))?;
        out.push(Setting { key, value, origin: Origin::Environment(name) });
    }
    Ok(out)
}

/// A path as it may be printed.
pub(super) fn shown(path: &Path) -> String {
    redact::name(&path.to_string_lossy()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none(_: &str) -> Option<OsString> {
        None
    }

    fn value(settings: &Settings, key: &str) -> Option<String> {
        settings.of(key).map(|s| s.value.clone())
    }

    #[test]
    fn environment_beats_user_beats_system() {
        let folder = tempfile::tempdir().expect("a folder");
        let (user, system) = (folder.path().join("user.toml"), folder.path().join("system.toml"));
        std::fs::write(&user, "lang = \"en\"\nformat = \"json\"\n").expect("written");
        std::fs::write(&system, "lang = \"ja\"\nformat = \"csv\"\nthreads = 3\n").expect("written");
        let files = [(user, false), (system, false), (folder.path().join("absent.toml"), false)];
        let variable = |name: &str| (name == "HARTRIAGE_FORMAT").then(|| OsString::from("html"));
        let settings = Settings::collect(&variable, &files).expect("it can be read");
        assert_eq!(value(&settings, "format").as_deref(), Some("html"));
        assert_eq!(value(&settings, "lang").as_deref(), Some("en"));
        assert_eq!(value(&settings, "threads").as_deref(), Some("3"));
        assert_eq!(value(&settings, "color"), None);
        assert_eq!(settings.files.iter().map(|f| f.there).collect::<Vec<_>>(), [true, true, false]);
        let threads = settings.of("threads").expect("set");
        assert!(matches!(&threads.origin, Origin::File(path, 3) if path.ends_with("system.toml")));
    }

    #[test]
    fn a_file_that_has_to_be_there_is_missed() {
        let absent = std::env::temp_dir().join("hartriage-absent").join("x.toml");
        let problem = Settings::collect(&none, &[(absent, true)]).expect_err("it is not there");
        assert!(problem.ends_with("x.toml: there is no such file"), "{problem}");
    }

    #[test]
    fn every_key_is_an_option_and_none_opens_the_sandbox() {
        let command = super::super::command();
        let all: Vec<&clap::Command> = std::iter::once(&command).chain(command.get_subcommands()).collect();
        for key in KEYS {
            let of = |c: &&clap::Command| c.get_arguments().any(|a| a.get_long() == Some(key.name));
            assert!(all.iter().any(of), "{} is no option", key.name);
        }
        assert!(KEYS.iter().all(|k| k.name != "no-sandbox"));
    }
}
