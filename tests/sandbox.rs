//! What the process gives up is really gone. Each check runs in a child process, which cannot get it back.
#![cfg(target_os = "linux")]

use std::fs;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use hartriage::sandbox::{Level, apply};

const FOLDER: &str = "SANDBOX_TEST_FOLDER";

/// Runs one ignored test of this file in a process of its own.
fn in_child(test: &str, folder: &Path) {
    let exe = std::env::current_exe().expect("this program");
    let output = Command::new(exe)
        .args(["--ignored", "--exact", "--nocapture", "--test-threads=1", test])
        .env(FOLDER, folder)
        .output()
        .expect("a child");
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    eprintln!("{test}: {}", said.lines().find(|l| l.contains("level ")).unwrap_or_default());
}

fn folder() -> PathBuf {
    PathBuf::from(std::env::var_os(FOLDER).expect("the folder of the test"))
}

fn denies_calls(level: &Level) -> bool {
    *level == Level::Full || matches!(level, Level::Partial(what) if what.starts_with("writes"))
}

#[test]
fn nothing_but_reading_is_left() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("input"), "x").expect("written");
    in_child("child_without_output", folder.path());
}

#[test]
fn one_file_can_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    in_child("child_with_file", folder.path());
}

#[test]
fn one_folder_can_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("out")).expect("made");
    in_child("child_with_folder", folder.path());
}

#[test]
#[ignore = "run in a child process"]
fn child_without_output() {
    let level = apply(None);
    eprintln!("level {level}");
    assert_eq!(fs::read_to_string(folder().join("input")).expect("reading stays"), "x");
    let sum: i32 = std::thread::spawn(|| 1 + 1).join().expect("threads stay");
    assert_eq!(sum, 2);
    if denies_calls(&level) {
        assert!(TcpStream::connect("127.0.0.1:9").is_err_and(|e| e.raw_os_error() == Some(libc_eperm())));
        assert!(TcpListener::bind("127.0.0.1:0").is_err());
        assert!(UdpSocket::bind("127.0.0.1:0").is_err());
        assert!(UnixStream::pair().is_err());
        assert!(Command::new("/bin/true").status().is_err());
        assert!(std::thread::spawn(|| UdpSocket::bind("127.0.0.1:0").is_err()).join().expect("a thread"));
    }
    if level == Level::Full {
        assert!(fs::write(folder().join("other"), "x").is_err());
        assert!(fs::write(folder().join("input"), "y").is_err());
        assert!(fs::remove_file(folder().join("input")).is_err());
        assert!(fs::create_dir(folder().join("sub")).is_err());
        assert!(fs::rename(folder().join("input"), folder().join("moved")).is_err());
    }
}

#[test]
#[ignore = "run in a child process"]
fn child_with_file() {
    let out = folder().join("out.har");
    let level = apply(Some(&out));
    eprintln!("level {level}");
    fs::write(&out, "twice").expect("the output can be written");
    fs::write(&out, "once").expect("and written over");
    assert_eq!(fs::read_to_string(&out).expect("read"), "once");
    if level == Level::Full {
        assert!(fs::write(folder().join("other"), "x").is_err());
    }
}

#[test]
#[ignore = "run in a child process"]
fn child_with_folder() {
    let out = folder().join("out");
    let level = apply(Some(&out));
    eprintln!("level {level}");
    fs::write(out.join("a"), "x").expect("the folder can be written");
    fs::rename(out.join("a"), out.join("b")).expect("within it, files can be renamed");
    if level == Level::Full {
        assert!(fs::write(folder().join("other"), "x").is_err());
    }
}

fn libc_eperm() -> i32 {
    1
}
