//! Settings: where they come from, which wins, and what they must never do. Each test runs the program with a home of
//! its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const URL: &str = "https://app.example/cb?error=access_denied&error_subcode=cancel&state=1";

struct Home(tempfile::TempDir);

struct Done {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Home {
    fn new() -> Home {
        let home = Home(tempfile::tempdir().expect("a folder"));
        fs::create_dir_all(home.file().parent().expect("a folder")).expect("made");
        home
    }

    /// The user's file.
    fn file(&self) -> PathBuf {
        self.0.path().join("conf/hartriage/hartriage.toml")
    }

    fn with(text: &str) -> Home {
        let home = Home::new();
        fs::write(home.file(), text).expect("written");
        home
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hartriage"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HARTRIAGE_") {
                command.env_remove(name);
            }
        }
        let conf = self.0.path().join("conf");
        command.args(args).current_dir(self.0.path()).env("HOME", self.0.path()).env("LC_ALL", "C");
        command.env("XDG_CONFIG_HOME", &conf).env("APPDATA", &conf);
        command
    }

    fn run(&self, args: &[&str]) -> Done {
        done(&mut self.command(args))
    }
}

fn done(command: &mut Command) -> Done {
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Done { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok_and(|v| v["schema"] == "hartriage.report/1")
}

#[test]
fn a_flag_beats_the_environment_and_that_the_file() {
    let home = Home::with("format = \"csv\"\nlang = \"ja\"\n");
    assert!(home.run(&[URL]).out.starts_with("rank,"), "the file holds");
    let set = done(home.command(&[URL]).env("HARTRIAGE_FORMAT", "json"));
    assert!(
        is_json(&set.out) && set.out.contains("画面"),
        "the environment wins, the rest of the file holds"
    );
    let typed = done(home.command(&["--format", "html", URL]).env("HARTRIAGE_FORMAT", "json"));
    assert!(typed.out.starts_with("<!doctype html>") && typed.out.contains("lang=\"ja\""));
    assert!(home.run(&["--no-config", URL]).out.contains("What went wrong"), "nothing of the file");
    let empty = done(home.command(&[URL]).env("HARTRIAGE_FORMAT", ""));
    assert!(empty.out.starts_with("rank,"), "an empty variable is none");
}

#[test]
fn a_named_file_stands_for_the_others() {
    let home = Home::with("format = \"csv\"\nlang = \"ja\"\n");
    let own = home.0.path().join("own.toml");
    fs::write(&own, "format = \"json\"\n").expect("written");
    let run = home.run(&["--config", "own.toml", URL]);
    assert!(is_json(&run.out) && !run.out.contains("画面"));
    // Also for the commands, and also behind them.
    assert!(home.run(&["diagnose", "--config", "own.toml", URL]).out.starts_with('{'));
    let missing = home.run(&["--config", "other.toml", URL]);
    assert_eq!(
        (missing.code, missing.err.as_str()),
        (Some(2), "hartriage: other.toml: there is no such file\n")
    );
    assert_eq!(home.run(&["--config", "own.toml", "--no-config", URL]).code, Some(2));
}

#[test]
fn every_command_takes_what_it_knows() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let (good, bad) = (demo.join("adatum-works.har"), demo.join("contoso-sign-in.har"));
    let (good, bad) = (good.to_str().expect("UTF-8"), bad.to_str().expect("UTF-8"));
    let home = Home::with("format = \"csv\"\nlang = \"ja\"\nanonymize = true\ngroup-by = \"tenant\"\n");
    assert!(
        home.run(&["explain", "50105"]).out.contains("ユーザー"),
        "explain has no csv and keeps its own form"
    );
    let compared = home.run(&["compare", good, bad]);
    assert_eq!(compared.code, Some(0), "{}", compared.err);
    let swept = home.run(&["sweep", bad]);
    assert!(swept.out.starts_with("rank,") && swept.out.contains("\n1,tenant,"), "{}", swept.out);
    assert!(!swept.out.contains("ann.lee"), "{}", swept.out);
    assert!(!home.run(&["facts", bad]).out.contains("ann.lee@contoso.example"));
    let copy = home.0.path().join("copy.har");
    assert_eq!(home.run(&["redact", bad, "-o", copy.to_str().expect("UTF-8")]).code, Some(0));
    assert!(!fs::read_to_string(copy).expect("a copy").contains("ann.lee@contoso.example"));
}

#[test]
fn a_file_beside_the_captures_is_not_read() {
    let home = Home::new();
    let config = "format = \"json\"\nthis is no TOML\n";
    for name in
        ["hartriage.toml", ".hartriage.toml", ".config/hartriage/hartriage.toml", "hartriage/hartriage.toml"]
    {
        let path = home.0.path().join("case").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, config).expect("written");
    }
    // Not even where the environment leads to the working directory.
    let case = home.0.path().join("case");
    for (name, value) in [("HOME", "."), ("XDG_CONFIG_HOME", "."), ("XDG_CONFIG_HOME", ""), ("APPDATA", ".")]
    {
        let run =
            done(home.command(&[URL]).current_dir(&case).env_remove("XDG_CONFIG_HOME").env(name, value));
        assert!(run.code == Some(0) && run.out.contains("What went wrong"), "{name}={value}: {}", run.err);
    }
}

#[test]
fn no_setting_opens_the_sandbox() {
    let home = Home::with("lang = \"en\"\nno-sandbox = true\n");
    let run = home.run(&[URL]);
    assert!(run.code == Some(2) && run.err.contains("hartriage.toml:2: no-sandbox is no key"), "{}", run.err);
    let home = Home::new();
    let run = done(home.command(&[URL]).env("HARTRIAGE_NO_SANDBOX", "1"));
    assert!(!run.out.contains("--no-sandbox") && !run.err.contains("--no-sandbox"));
    // One that asks for it cannot be talked out of it by the flag.
    let home = Home::with("require-sandbox = true\n");
    let run = home.run(&["--no-sandbox", URL]);
    assert!(
        run.code == Some(2) && run.out.is_empty() && run.err.contains("--require-sandbox"),
        "{}",
        run.err
    );
}

#[test]
fn what_is_wrong_is_named_by_its_place() {
    for (text, says) in [
        ("colour = \"never\"\n", ":1: unknown key; did you mean color?"),
        ("\nformat = \"hunter2hunter2\"\n", ":2: format takes table, json"),
        ("\n\nhunter2 hunter2\n", ":3: not TOML here"),
        ("threads = -1\n", ":1: threads takes a whole number from 0 to"),
    ] {
        let home = Home::with(text);
        for args in [&[URL][..], &["config"], &["rules", "list"]] {
            let run = home.run(args);
            assert!(run.code == Some(2) && run.out.is_empty(), "{text}: {}", run.out);
            assert!(run.err.contains(&format!("hartriage.toml{says}")), "{text}: {}", run.err);
            assert!(run.err.lines().count() == 1 && !run.err.contains("hunter2"), "{}", run.err);
        }
        // What helps to mend it works without.
        assert_eq!(home.run(&["man"]).code, Some(0));
        assert_eq!(home.run(&["--help"]).code, Some(0));
        assert_eq!(home.run(&["--no-config", URL]).code, Some(0));
    }
    let home = Home::new();
    let run = done(home.command(&[URL]).env("HARTRIAGE_LANG", "hunter2"));
    assert_eq!(run.err, "hartriage: environment: HARTRIAGE_LANG takes en, ja\n");
}

#[test]
#[cfg(unix)]
fn one_that_cannot_be_read_stops_the_run() {
    use std::os::unix::fs::symlink;
    let home = Home::new();
    symlink(home.file(), home.file()).expect("a link to itself");
    let run = home.run(&[URL]);
    assert!(run.code == Some(2) && run.err.contains("hartriage.toml: cannot be read"), "{}", run.err);
    let home = Home::new();
    fs::create_dir(home.file()).expect("made");
    assert!(home.run(&[URL]).err.ends_with("hartriage.toml: is not a file\n"));
    let home = Home::new();
    fs::write(home.file(), [0xff, 0xfe, 0x00]).expect("written");
    assert!(home.run(&[URL]).err.ends_with("hartriage.toml: is not UTF-8 text\n"));
}

#[test]
fn config_prints_each_value_with_its_origin() {
    let home = Home::with("# ours\nprofile = \"hubspot\"\nrules = \"our-rules\"\n");
    let run = done(home.command(&["config"]).env("HARTRIAGE_THREADS", "2"));
    let line = |key: &str| -> Vec<String> {
        let line = run.out.lines().find(|l| l.split_whitespace().next() == Some(key)).unwrap_or_default();
        line.split_whitespace().map(ToOwned::to_owned).collect()
    };
    let file = home.file();
    let file = file.to_str().expect("UTF-8");
    let rules = file.replace("hartriage.toml", "our-rules");
    assert_eq!(line("profile"), ["profile", "hubspot", &format!("{file}:2")]);
    assert_eq!(line("rules"), ["rules", &rules, &format!("{file}:3")], "a path begins at the file");
    assert_eq!(line("threads"), ["threads", "2", "environment", "HARTRIAGE_THREADS"]);
    assert_eq!(line("format"), ["format", "table", "built", "in"]);
    assert_eq!(line("lang"), ["lang", "en", "locale"]);
    assert_eq!(line("min-severity"), ["min-severity", "-", "built", "in"]);
    assert!(run.out.contains(&format!("{file}: read\n")) && run.out.contains(": not there\n"), "{}", run.out);
    assert!(home.run(&["config", "--lang", "ja"]).out.contains("既定値"));
    assert!(home.run(&["config", "--no-config"]).out.contains("No file of settings was looked for."));
}

/// The page tells every key, and no other.
#[test]
fn the_page_names_every_key() {
    let home = Home::new();
    let keys: Vec<String> = home
        .run(&["config", "--no-config"])
        .out
        .lines()
        .take_while(|l| !l.is_empty())
        .filter_map(|l| l.split_whitespace().next().map(ToOwned::to_owned))
        .collect();
    assert!(keys.len() > 10);
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md"))
        .expect("a page");
    let told: Vec<&str> = page.lines().filter_map(|l| l.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(told, keys);
}
