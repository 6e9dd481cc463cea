//! One file of settings: flat TOML, `key = value`.
//!
//! In: a path. Out: the settings in it with their lines; nothing when there is no such file. Never: a word of the file in
//! an error, for it may be any file.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use super::keys::{KEYS, Key};
use super::{Origin, Setting, shown};

/// More than this is no file of settings.
const MOST: u64 = 64 * 1024;

pub(super) fn read(path: &Path, home: Option<&Path>) -> Result<Option<Vec<Setting>>, String> {
    let Some(text) = text(path).map_err(|why| format!("{}: {why}", shown(path)))? else { return Ok(None) };
    let line = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
    let fault = |at: usize, what: &str| format!("{}:{}: {what}", shown(path), line(at));
    let table = toml::de::DeTable::parse(&text).map_err(|e| {
        fault(e.span().map_or(0, |s| s.start), "not TOML here; a line is: key = value, with words in quotes")
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut entries: Vec<_> = table.get_ref().iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    let mut out = Vec::new();
    for (name, value) in entries {
        let at = name.span().start;
        let key = KEYS.iter().find(|k| k.name == name.get_ref().as_ref());
        let key = key.ok_or_else(|| fault(at, &unknown(name.get_ref())))?;
        let value = key.file_value(value.get_ref(), folder, home);
        let value = value.ok_or_else(|| fault(at, &format!("{} takes {}", key.name, key.takes_words())))?;
        out.push(Setting { key, value, origin: Origin::File(shown(path), line(at)) });
    }
    Ok(Some(out))
}

/// What the file holds; nothing when it is not there.
fn text(path: &Path) -> Result<Option<String>, String> {
    // A folder that may not be looked into is somebody else's home (`HOME` is kept by `su` and by containers).
    let absent =
        |kind| matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied);
    match std::fs::metadata(path) {
        Err(e) if absent(e.kind()) => return Ok(None),
        Err(e) => return Err(format!("cannot be read: {e}")),
        // A pipe would wait for ever.
        Ok(meta) if !meta.is_file() => return Err("is not a file".to_owned()),
        Ok(_) => {}
    }
    let mut text = String::new();
    let file = File::open(path).map_err(|e| format!("cannot be read: {e}"))?;
    match file.take(MOST + 1).read_to_string(&mut text) {
        Err(e) if e.kind() == ErrorKind::InvalidData => Err("is not UTF-8 text".to_owned()),
        Err(e) => Err(format!("cannot be read: {e}")),
        Ok(_) if text.len() as u64 > MOST => Err("is too large for a file of settings".to_owned()),
        Ok(_) => Ok(Some(text)),
    }
}

/// One word says which key may have been meant; what stands there is not repeated.
fn unknown(name: &str) -> String {
    if name == "no-sandbox" {
        return "no-sandbox is no key: only the command line can switch the sandbox off".to_owned();
    }
    let score = |k: &Key| strsim::jaro_winkler(k.name, name);
    let near = KEYS.iter().max_by(|a, b| score(a).total_cmp(&score(b))).filter(|k| score(k) > 0.8);
    match near {
        Some(key) => format!("unknown key; did you mean {}?", key.name),
        None => format!(
            "unknown key; the keys are {}",
            KEYS.iter().map(|k| k.name).collect::<Vec<_>>().join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Vec<(String, String, usize)>, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hartriage.toml");
        std::fs::write(&path, text).expect("written");
        let set = read(&path, None).map_err(|e| {
            let shown = shown(&path);
            e.strip_prefix(&shown).expect("it names the file").to_owned()
        })?;
        let line = |origin: &Origin| match origin {
            Origin::File(_, line) => *line,
            Origin::Environment(_) => 0,
        };
        let set = set.expect("the file is there").into_iter();
        Ok(set.map(|s| (s.key.name.to_owned(), s.value, line(&s.origin))).collect())
    }

    #[test]
    fn keys_come_with_their_lines() {
        let set =
            of("# ours\n\nlang = \"ja\"\nmin-confidence = 40\nanonymize = true\n").expect("well-formed");
        let set: Vec<_> = set.iter().map(|(k, v, n)| (k.as_str(), v.as_str(), *n)).collect();
        assert_eq!(set, [("lang", "ja", 3), ("min-confidence", "40", 4), ("anonymize", "true", 5)]);
    }

    #[test]
    fn what_is_wrong_is_said_by_its_place_alone() {
        let secret = "hunter2hunter2";
        for (text, says) in [
            (format!("lang = \"ja\"\n\n{secret} = 1\n"), ":3: unknown key; the keys are lang"),
            ("lang = \"ja\"\nanonymise = true\n".to_owned(), ":2: unknown key; did you mean anonymize?"),
            (format!("lang = \"{secret}\"\n"), ":1: lang takes en, ja"),
            (format!("\nlang = {secret}\n"), ":2: not TOML here"),
            (format!("threads = \"{secret}\"\n"), ":1: threads takes a whole number"),
            (format!("lang = [\"{secret}\"]\n"), ":1: lang takes en, ja"),
            (format!("lang = \"en\"\nlang = \"{secret}\"\n"), ":2: not TOML here"),
            ("no-sandbox = true\n".to_owned(), ":1: no-sandbox is no key"),
            (format!("[{secret}]\nx = 1\n"), ":1: unknown key"),
        ] {
            let problem = of(&text).expect_err(&text);
            assert!(problem.starts_with(says) && !problem.contains(secret), "{text}: {problem}");
        }
    }

    #[test]
    fn a_folder_and_a_huge_file_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(read(folder.path(), None).expect_err("a folder").ends_with("is not a file"));
        let huge = "#".repeat(70_000);
        assert!(of(&huge).expect_err("huge").ends_with("is too large for a file of settings"));
    }
}
