//! `hartriage config`: what holds without flags, and where it comes from.

use std::process::ExitCode;

use unicode_width::UnicodeWidthStr as _;

use crate::cli::args::{LangArg, Sandbox};
use crate::cli::config::{KEYS, Origin, Settings, shown};
use crate::cli::options;
use crate::cli::output;
use crate::cli::seal::seal;
use crate::model::Lang;
use crate::redact;
use crate::report::words;

pub(in crate::cli) fn run(
    lang: Option<LangArg>,
    settings: &Settings,
    built_in: &clap::Command,
    sandbox: &Sandbox,
) -> Result<ExitCode, String> {
    let lang = options::language(lang);
    seal(sandbox, &[])?;
    let rows: Vec<[String; 3]> = KEYS.iter().map(|key| row(key.name, settings, built_in, lang)).collect();
    let width = |n: usize| rows.iter().map(|r| r[n].width()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    let mut text = String::new();
    for [key, value, origin] in &rows {
        let gap = " ".repeat(second - value.width());
        text.push_str(&format!("{key:<first$}  {value}{gap}  {origin}\n"));
    }
    text.push('\n');
    for file in &settings.files {
        let note = if file.there { words::FILE_READ } else { words::FILE_ABSENT };
        text.push_str(&format!("{}: {}\n", shown(&file.path), note.get(lang)));
    }
    if settings.files.is_empty() {
        text.push_str(&format!("{}\n", words::NO_FILES.get(lang)));
    }
    output::write(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Key, value, origin.
fn row(key: &str, settings: &Settings, built_in: &clap::Command, lang: Lang) -> [String; 3] {
    if let Some(set) = settings.of(key) {
        let origin = match &set.origin {
            Origin::Environment(name) => format!("{} {name}", words::FROM_ENVIRONMENT.get(lang)),
            Origin::File(path, line) => format!("{path}:{line}"),
        };
        return [key.to_owned(), redact::name(&set.value).to_string(), origin];
    }
    if key == "lang" {
        let code = if options::language(None) == Lang::Ja { "ja" } else { "en" };
        return [key.to_owned(), code.to_owned(), words::FROM_LOCALE.get(lang).to_owned()];
    }
    [key.to_owned(), default_of(key, built_in), words::BUILT_IN.get(lang).to_owned()]
}

/// What the definition of the command line says; `-` where nothing is set.
fn default_of(key: &str, command: &clap::Command) -> String {
    let all = std::iter::once(command).chain(command.get_subcommands());
    let argument = all.flat_map(clap::Command::get_arguments).find(|a| a.get_long() == Some(key));
    let Some(argument) = argument else { return "-".to_owned() };
    if matches!(argument.get_action(), clap::ArgAction::SetTrue) {
        return "false".to_owned();
    }
    let value = argument.get_default_values().first();
    value.map_or_else(|| "-".to_owned(), |v| v.to_string_lossy().into_owned())
}
