//! What the process gives up is really gone. Each check runs in a child process, which cannot get it back.
#![cfg(target_os = "linux")]

use std::fs;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use hartriage::sandbox::{Gap, Level, Writable, apply};

const FOLDER: &str = "SANDBOX_TEST_FOLDER";

/// The folder to try in, when this process is the child of a test.
///
/// Without it, this is the test itself: it makes the folder, runs itself again in a process of its own, which may then
/// give up everything, and judges how that ended.
fn in_child(test: &str, prepare: impl Fn(&Path)) -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return Some(folder.into());
    }
    let folder = tempfile::tempdir().expect("a folder");
    prepare(folder.path());
    let exe = std::env::current_exe().expect("this program");
    let output = Command::new(exe)
        .args(["--exact", "--nocapture", "--test-threads=1", test])
        .env(FOLDER, folder.path())
        .output()
        .expect("a child");
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    let level = said.lines().find(|l| l.contains("level "));
    eprintln!("{test}: {}", level.expect("the child tried"));
    None
}

fn denies_calls(level: &Level) -> bool {
    *level == Level::Full || *level == Level::Partial(Gap::Writes)
}

#[test]
fn nothing_but_reading_is_left() {
    let prepare = |folder: &Path| fs::write(folder.join("input"), "x").expect("written");
    let Some(folder) = in_child("nothing_but_reading_is_left", prepare) else { return };
    let level = apply(&Writable::default());
    eprintln!("level {level:?}");
    assert_eq!(fs::read_to_string(folder.join("input")).expect("reading stays"), "x");
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
        assert!(fs::write(folder.join("other"), "x").is_err());
        assert!(fs::write(folder.join("input"), "y").is_err());
        assert!(fs::remove_file(folder.join("input")).is_err());
        assert!(fs::create_dir(folder.join("sub")).is_err());
        use std::os::unix::fs::PermissionsExt as _;
        let open = fs::Permissions::from_mode(0o777);
        assert!(fs::set_permissions(folder.join("input"), open).is_err());
        assert!(fs::rename(folder.join("input"), folder.join("moved")).is_err());
    }
}

#[test]
fn one_file_can_be_written() {
    use std::io::Write as _;
    let Some(folder) = in_child("one_file_can_be_written", |_| ()) else { return };
    let (out, part) = (folder.join("out.har"), folder.join("out.har.part"));
    fs::write(&out, "old").expect("written before");
    let mut file = fs::File::create(&part).expect("opened before");
    let level = apply(&Writable { names_in: vec![folder.clone()], trees: Vec::new() });
    eprintln!("level {level:?}");
    file.write_all(b"new").expect("what is open can be written");
    if level == Level::Full {
        assert!(fs::write(&out, "x").is_err(), "even the old output can be replaced only");
        assert!(fs::write(folder.join("other"), "x").is_err());
        assert!(fs::write(&part, "x").is_err());
    }
    fs::rename(&part, &out).expect("it can take its name");
    assert_eq!(fs::read_to_string(&out).expect("read"), "new");
}

#[test]
fn one_folder_can_be_written() {
    let prepare = |folder: &Path| fs::create_dir(folder.join("out.part")).expect("made");
    let Some(folder) = in_child("one_folder_can_be_written", prepare) else { return };
    let out = folder.join("out.part");
    let level = apply(&Writable { names_in: vec![folder.clone()], trees: vec![out.clone()] });
    eprintln!("level {level:?}");
    fs::create_dir(out.join("sub")).expect("the folder can be filled");
    fs::write(out.join("sub/a"), "x").expect("the folder can be written");
    fs::rename(out.join("sub/a"), out.join("sub/b")).expect("within it, files can be renamed");
    if level == Level::Full {
        assert!(fs::write(folder.join("other"), "x").is_err());
    }
    fs::rename(&out, folder.join("out")).expect("it can take its name");
}

/// The program is sealed while it still waits for the first byte of its input.
#[test]
fn the_program_is_sealed_before_it_reads() {
    use std::io::Write as _;
    let mut child = Command::new(env!("CARGO_BIN_EXE_hartriage"))
        .args(["--require-sandbox", "--format", "json", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let tasks = PathBuf::from(format!("/proc/{}/task", child.id()));
    let status = |field: &str| -> Vec<String> {
        let threads = fs::read_dir(&tasks).into_iter().flatten().flatten();
        let texts = threads.filter_map(|t| fs::read_to_string(t.path().join("status")).ok());
        texts
            .filter_map(|t| t.lines().find_map(|l| l.strip_prefix(field)).map(|v| v.trim().to_owned()))
            .collect()
    };
    let mut sealed = Vec::new();
    for _ in 0..200 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        sealed = status("Seccomp:");
        if sealed.len() > 1 || child.try_wait().expect("asked").is_some() {
            break;
        }
    }
    if child.try_wait().expect("asked").is_some() {
        return eprintln!("this kernel has no complete sandbox");
    }
    assert!(sealed.len() > 1 && sealed.iter().all(|s| s == "2"), "a thread without filter: {sealed:?}");
    assert!(status("NoNewPrivs:").iter().all(|s| s == "1"));
    let url = b"https://app.example/cb?error=access_denied&error_subcode=cancel&state=1";
    child.stdin.take().expect("piped").write_all(url).expect("written");
    let done = child.wait_with_output().expect("it ends");
    assert!(String::from_utf8_lossy(&done.stdout).contains("consent-cancelled"));
}

#[test]
fn switching_it_off_is_said() {
    let run_in = |lang: &str, args: &[&str]| {
        let url = "https://app.example/cb?error=access_denied&error_subcode=cancel&state=1";
        let done = Command::new(env!("CARGO_BIN_EXE_hartriage"))
            .args(args)
            .args(["--lang", lang, url])
            .output()
            .expect("the program runs");
        (
            String::from_utf8_lossy(&done.stdout).into_owned(),
            String::from_utf8_lossy(&done.stderr).into_owned(),
        )
    };
    let run = |args: &[&str]| run_in("en", args);
    assert!(run(&["--no-sandbox"]).0.contains("Sandbox not complete"));
    let japanese = run_in("ja", &["--no-sandbox"]).0;
    assert!(japanese.contains("--no-sandbox で無効にされています"), "{japanese}");
    assert!(!japanese.contains("switched off"), "{japanese}");
    let (out, err) = run(&["--no-sandbox", "--format", "json"]);
    assert!(!out.contains("Sandbox") && err.contains("Sandbox not complete"), "{err}");
}

fn libc_eperm() -> i32 {
    1
}
