//! A log that is still written is reported as it goes, in bounded memory, however long it runs.
#![cfg(target_os = "linux")]

use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(120);

/// The program at work, and the lines that it prints.
struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(arguments: &[&str]) -> (Running, ChildStdin) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hartriage"))
            .args(arguments)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let out = BufReader::new(child.stdout.take().expect("its output"));
        let (sender, lines) = channel();
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let input = child.stdin.take().expect("its input");
        (Running { child, lines }, input)
    }

    /// The next line with that text in it.
    fn line_with(&self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(text) => return line,
                Ok(_) => {}
                Err(error) => panic!("no line with {text}: {error}"),
            }
        }
    }

    /// True while nothing more is printed for so long.
    fn is_silent(&self, long: Duration) -> bool {
        matches!(self.lines.recv_timeout(long), Err(RecvTimeoutError::Timeout))
    }

    /// Interrupts it as Ctrl-C does.
    fn interrupt(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
    }

    /// The rest of what it printed, its exit status, and what it complained of.
    fn end(mut self) -> (Vec<String>, Option<i32>, String) {
        let rest = self.lines.iter().collect();
        let mut complaints = String::new();
        self.child.stderr.take().expect("errors").read_to_string(&mut complaints).expect("text");
        (rest, self.child.wait().expect("it ends").code(), complaints)
    }

    /// Most memory that was resident so far, in KiB.
    fn most_resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find(|l| l.starts_with("VmHWM:")).expect("a mark");
        line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
    }
}

fn failed(second: u32, account: &str, code: &str) -> String {
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!(
        "2026-11-23T{:02}:{minute:02}:{second:02}Z ERROR connect failed for {account}@contoso.example: {code}: it was refused. \
         Correlation ID: 11111111-2222-3333-4444-{:012}\n",
        8 + hour,
        u64::from(hour) * 3600 + u64::from(minute) * 60 + u64::from(second) + account.len() as u64 * 100_000,
    )
}

fn put(to: &mut impl Write, text: &str) {
    to.write_all(text.as_bytes()).and_then(|()| to.flush()).expect("it is read");
}

#[test]
fn a_pipe_that_goes_on_is_reported_before_it_ends() {
    let (running, mut input) = Running::start(&["diagnose", "-"]);
    put(&mut input, "2026-11-23T08:00:00Z INFO start\n");
    put(&mut input, &failed(1, "a.adams", "AADSTS50105"));
    running.line_with("user-not-assigned");
    put(&mut input, &failed(30, "b.bell", "AADSTS700082"));
    let block = running.line_with("refresh-token-expired");
    assert!(block.contains("AADSTS700082"), "{block}");
    drop(input);
    let (rest, status, complaints) = running.end();
    let rest = rest.join("\n");
    assert!(rest.contains("Everything that was read") && rest.contains("user-not-assigned"), "{rest}");
    assert!(rest.contains("line 2 ›"), "{rest}");
    assert_eq!(status, Some(0));
    assert!(complaints.contains("reading on as it is written"), "{complaints}");
}

#[test]
fn the_bare_form_and_one_json_line_each() {
    let (running, mut input) = Running::start(&["--follow", "--format", "ndjson", "-"]);
    put(&mut input, &failed(1, "a.adams", "AADSTS50105"));
    let line = running.line_with("user-not-assigned");
    let one: serde_json::Value = serde_json::from_str(&line).expect("a JSON line");
    assert_eq!((one["schema"].as_str(), one["count"].as_u64()), (Some("hartriage.report/1"), Some(1)));
    // Half a line waits for its other half; the same try is not reported again.
    put(&mut input, "2026-11-23T08:00:40Z ERROR connect failed for b.bell@contoso.example: AADSTS70");
    assert!(running.is_silent(Duration::from_secs(2)));
    put(&mut input, "0082: expired\n");
    assert!(running.line_with("refresh-token-expired").contains("b.bell@contoso.example"));
    running.interrupt();
    let (rest, status, _) = running.end();
    assert_eq!((rest, status), (Vec::<String>::new(), Some(0)), "each once, and Ctrl-C ends cleanly");
    drop(input);
}

#[test]
fn what_failed_and_then_worked_is_not_reported() {
    let signin = |second: u32, code: u32| {
        format!(
            "{{\"createdDateTime\":\"2026-11-23T08:00:{second:02}Z\",\"userPrincipalName\":\"a.adams@contoso.example\",\
             \"appDisplayName\":\"Vendor\",\"correlationId\":\"11111111-2222-3333-4444-000000000009\",\"clientAppUsed\":\"Browser\",\
             \"status\":{{\"errorCode\":{code},\"failureReason\":\"\"}}}}\n"
        )
    };
    // By itself it is reported.
    let (running, mut input) = Running::start(&["--follow", "--format", "ndjson", "-"]);
    put(&mut input, &signin(0, 50076));
    running.line_with("mfa-required");
    drop(input);
    let (running, mut input) = Running::start(&["--follow", "--format", "ndjson", "-"]);
    put(&mut input, &signin(0, 50076));
    std::thread::sleep(Duration::from_secs(1));
    put(&mut input, &signin(9, 0));
    put(&mut input, &failed(20, "b.bell", "AADSTS50105"));
    let first = running.line_with("\"id\"");
    assert!(first.contains("user-not-assigned"), "{first}");
    drop(input);
    let (rest, _, _) = running.end();
    assert!(!rest.iter().any(|l| l.contains("mfa-required")), "{rest:?}");
}

#[test]
fn a_finished_pipe_is_read_as_a_file_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("app.log");
    let text: String = (0..9).map(|n| failed(n * 100, "a.adams", "AADSTS50105")).collect();
    fs::write(&path, &text).expect("a file");
    let of = |input: &str| {
        let (running, mut stdin) = Running::start(&["--format", "json", input]);
        put(&mut stdin, if input == "-" { &text } else { "" });
        drop(stdin);
        running.end().0.join("\n").replace(&path.to_string_lossy().into_owned(), "-")
    };
    assert_eq!(of("-"), of(&path.to_string_lossy()));
}

#[test]
fn a_capture_on_a_pipe_is_read_to_its_end() {
    let bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/inputs/capture.har"))
        .expect("a fixture");
    let (running, mut input) = Running::start(&["--format", "ndjson", "-"]);
    let half = bytes.len() / 2;
    input.write_all(&bytes[..half]).expect("it is read");
    assert!(running.is_silent(Duration::from_secs(4)), "half a capture is no answer");
    input.write_all(&bytes[half..]).expect("it is read");
    drop(input);
    assert!(running.end().0.join("\n").contains("refresh-token-expired"));
}

#[test]
fn a_file_that_grows_is_cut_and_is_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("app.log");
    let name = path.to_string_lossy().into_owned();
    fs::write(&path, failed(1, "a.adams", "AADSTS50105")).expect("a file");
    let (running, input) = Running::start(&["diagnose", "--follow", &name]);
    running.line_with("user-not-assigned");
    let mut file = OpenOptions::new().append(true).open(&path).expect("the file");
    put(&mut file, &failed(40, "b.bell", "AADSTS700082"));
    running.line_with("refresh-token-expired");
    // Cut, as `copytruncate` does.
    fs::write(&path, failed(80, "c", "AADSTS53003")).expect("a file");
    running.line_with("conditional-access-block");
    running.line_with("line 1 ›");
    // Replaced, as a rotation does.
    fs::rename(&path, folder.path().join("app.log.1")).expect("renamed");
    fs::write(&path, failed(120, "dd", "AADSTS50057")).expect("a file");
    running.line_with("account-disabled");
    running.interrupt();
    let (rest, status, complaints) = running.end();
    let rest = rest.join("\n").split_whitespace().collect::<Vec<_>>().join(" ");
    for cause in
        ["user-not-assigned", "refresh-token-expired", "conditional-access-block", "account-disabled"]
    {
        assert!(rest.contains(cause), "{cause} is in the report at the end: {rest}");
    }
    for note in ["it was cut while it was read", "another file took its name"] {
        assert!(rest.contains(note) && complaints.contains(note), "{note}: {rest}\n{complaints}");
    }
    assert_eq!(status, Some(0));
    drop(input);
}

#[test]
fn only_logs_are_followed() {
    let capture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/contoso-sign-in.har");
    for (arguments, words) in [
        (vec!["--follow", capture.to_str().expect("a path")], "no log of lines"),
        (vec!["--follow", "a.log", "b.log"], "name one log file"),
        (vec!["--follow", "/nowhere/app.log"], "no such file"),
    ] {
        let (running, _input) = Running::start(&arguments);
        let (_, status, complaints) = running.end();
        assert_eq!(status, Some(2));
        assert!(complaints.contains(words), "{complaints}");
    }
}

/// 300 MB in lines of 4 KB with a failure of somebody else every fourth of a megabyte, in the time of a day.
#[test]
fn a_long_stream_stays_in_bounded_memory() {
    let (running, mut input) = Running::start(&["--follow", "--format", "ndjson", "-"]);
    let filler = "lorem ipsum dolor sit amet ".repeat(152);
    let codes = ["AADSTS50105", "AADSTS700082", "AADSTS53003", "AADSTS50057"];
    let (mut sent, mut failures, mut second) = (0usize, 0u32, 0u32);
    let (mut early, mut next) = (0, 50 << 20);
    while sent < 300_000_000 {
        let mut block = String::new();
        for _ in 0..64 {
            second += 1;
            let clock = format!("{:02}:{:02}:{:02}", second / 3600 % 24, second / 60 % 60, second % 60);
            block.push_str(&format!("2026-11-23T{clock}Z INFO {filler}\n"));
        }
        failures += 1;
        block.push_str(&failed(
            second % 50_000,
            &format!("user{failures:05}"),
            codes[failures as usize % codes.len()],
        ));
        input.write_all(block.as_bytes()).expect("it is read");
        sent += block.len();
        if sent > next {
            next = usize::MAX;
            early = running.most_resident();
        }
    }
    let late = running.most_resident();
    eprintln!("after 50 MiB {early} KiB, after {sent} bytes {late} KiB resident at most");
    assert!(late < 256 * 1024, "{late} KiB");
    assert!(late < early + 96 * 1024, "it grew from {early} to {late} KiB");
    drop(input);
    let (lines, status, complaints) = running.end();
    assert_eq!(status, Some(0), "{complaints}");
    assert_eq!(lines.iter().filter(|l| l.contains("\"schema\"")).count(), failures as usize, "each once");
}
