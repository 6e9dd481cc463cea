//! A copy in which a secret could still be read is not released.
//!
//! The redactor replaces what it finds wherever it stands, so no input is known that gets this far. The tests open a
//! hole in it instead: the search for what is left still finds, but no longer replaces. All else is the command as it
//! is: arguments in, exit status and files out, each time in a process of its own.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Output};

use super::run_with;
use crate::redact::hole;

/// In the second place nothing tells that it is a password: only the last look finds it there.
const PASSWORD: &str = "kette-abzugvogel-7";
const FOLDER: &str = "HARTRIAGE_TEST_FOLDER";
const HOLE: &str = "HARTRIAGE_TEST_HOLE";

/// What the child process does: the command, in a program with or without the hole.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    if std::env::var_os(HOLE).is_some() {
        hole::open();
    }
    let folder = Path::new(&folder);
    let words = ["hartriage".into(), "redact".into(), folder.join("in"), "-o".into(), folder.join("out")];
    let code = run_with(words.map(OsString::from));
    let is = |status: u8| format!("{code:?}") == format!("{:?}", ExitCode::from(status));
    assert!(is(0) || is(2), "{code:?}");
    std::process::exit(if is(0) { 0 } else { 2 });
}

fn redact(folder: &Path, hole: bool) -> Output {
    let mut command = Command::new(std::env::current_exe().expect("this test program"));
    command.args(["cli::leak_tests::child", "--exact", "--nocapture"]).env(FOLDER, folder);
    if hole {
        command.env(HOLE, "1");
    }
    command.output().expect("it runs")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder");
    let mut names: Vec<String> =
        entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn text() -> String {
    format!("password={PASSWORD}\nthe worker then said {PASSWORD} aloud\n")
}

#[test]
fn a_file_that_would_leak_is_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("in"), text()).expect("written");
    let failed = redact(folder.path(), true);
    let said = String::from_utf8_lossy(&failed.stderr);
    assert_eq!(failed.status.code(), Some(2), "{said}");
    assert!(said.contains("1 secret could still be read in the result; nothing was written"), "{said}");
    assert!(!said.contains(PASSWORD) && !String::from_utf8_lossy(&failed.stdout).contains(PASSWORD));
    assert_eq!(names(folder.path()), ["in"], "neither the target nor a part of it");
    // The same without the hole: both places are hidden, and the copy is there.
    let done = redact(folder.path(), false);
    assert_eq!(done.status.code(), Some(0));
    assert!(!fs::read_to_string(folder.path().join("out")).expect("a copy").contains(PASSWORD));
}

#[test]
fn an_older_output_stays_when_the_new_one_would_leak() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("in"), text()).expect("written");
    fs::write(folder.path().join("out"), "the old one").expect("written");
    assert_eq!(redact(folder.path(), true).status.code(), Some(2));
    assert_eq!(fs::read_to_string(folder.path().join("out")).expect("there"), "the old one");
    assert_eq!(names(folder.path()), ["in", "out"]);
}

/// The secret of one file stands in another: only the last look over all files can find it.
#[test]
fn a_folder_that_would_leak_is_not_written() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("in")).expect("a folder");
    fs::write(folder.path().join("in/a.log"), format!("password={PASSWORD}\n")).expect("written");
    fs::write(folder.path().join("in/b.log"), format!("it said {PASSWORD} aloud\n")).expect("written");
    let failed = redact(folder.path(), true);
    let said = String::from_utf8_lossy(&failed.stderr);
    assert_eq!(failed.status.code(), Some(2), "{said}");
    assert!(said.contains("could still be read") && !said.contains(PASSWORD), "{said}");
    assert_eq!(names(folder.path()), ["in"]);
}
