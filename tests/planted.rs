//! Ten thousand secrets, planted in captures, Fiddler archives and logs, and looked for in everything that any command
//! prints or writes.

#[path = "redact/planted.rs"]
#[allow(dead_code)]
mod secrets;

use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use aho_corasick::AhoCorasick;
use hartriage::decode::decode_base64;
use hartriage::report::{Canvas, Format, render};
use hartriage::{Options, Triage};
use serde_json::{Value, json};

use secrets::{Dice, NAMES, base64, forms, in_header, placed, shaped, under_name, url_escape};

const FORMATS: [Format; 7] =
    [Format::Table, Format::Json, Format::Ndjson, Format::Markdown, Format::Html, Format::Csv, Format::Sarif];

/// Everything that was planted, and where.
struct Field {
    dice: Dice,
    hidden: Vec<String>,
}

impl Field {
    fn shaped(&mut self) -> String {
        let secret = shaped(&mut self.dice);
        self.hidden.push(secret.hidden);
        secret.shown
    }

    fn placed(&mut self) -> String {
        let secret = placed(&mut self.dice);
        self.hidden.push(secret.hidden);
        secret.shown
    }

    fn either(&mut self) -> String {
        if self.dice.next().is_multiple_of(3) { self.placed() } else { self.shaped() }
    }

    fn name(&mut self) -> &'static str {
        self.dice.pick::<&str>(NAMES)
    }
}

/// One exchange of a failing sign-in, a secret in every place that it has.
fn exchange(f: &mut Field, n: usize) -> Value {
    let (name, other) = (f.name(), f.name());
    let (bearer, cookie, set, query, fragment) = (f.shaped(), f.shaped(), f.shaped(), f.either(), f.shaped());
    let (code, password, body, hint, note, located) =
        (f.shaped(), f.placed(), f.shaped(), f.either(), f.shaped(), f.shaped());
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", &code)
        .append_pair("client_secret", &password)
        .finish();
    let error = format!("AADSTS50105: refused, see https://app.example/cb?{name}={}", url_escape(&hint));
    let content =
        json!({"error": "invalid_grant", "error_description": error, "error_codes": [50105], other: body});
    let content = if n.is_multiple_of(2) {
        json!({"mimeType": "application/json", "text": content.to_string()})
    } else {
        json!({"mimeType": "application/json", "encoding": "base64", "text": base64(&content.to_string())})
    };
    json!({
        "startedDateTime": format!("2026-11-23T08:{:02}:{:02}.000Z", n / 60 % 60, n % 60),
        "request": {"method": "POST",
            "url": format!("https://login.microsoftonline.com/common/oauth2/v2.0/token?{name}={}#id_token={fragment}", url_escape(&query)),
            "headers": [{"name": "Authorization", "value": format!("Bearer {bearer}")},
                {"name": "Cookie", "value": format!("ESTSAUTH={cookie}; lang=en")}],
            "cookies": [{"name": "ESTSAUTH", "value": cookie}],
            "queryString": [{"name": name, "value": query}],
            "postData": {"mimeType": "application/x-www-form-urlencoded", "text": form}},
        "response": {"status": 400,
            "headers": [{"name": "Set-Cookie", "value": format!("sid={set}; path=/; HttpOnly")},
                {"name": "Location", "value": format!("https://app.example/cb?error=access_denied&state={}", url_escape(&located))}],
            "cookies": [{"name": "sid", "value": set}],
            "redirectURL": format!("https://app.example/cb?error=access_denied&state={}", url_escape(&located)),
            "content": content},
        "_note": {"text": json!({"a": json!({"refresh_token": note}).to_string()}).to_string()}
    })
}

fn capture(f: &mut Field, entries: usize) -> Vec<u8> {
    let entries: Vec<Value> = (0..entries).map(|n| exchange(f, n)).collect();
    json!({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": entries}})
        .to_string()
        .into()
}

/// Log lines: tokens in prose, headers, and values under names in every syntax.
fn log(f: &mut Field, lines: usize) -> Vec<u8> {
    let mut out = String::new();
    for n in 0..lines {
        let line = match n % 4 {
            0 => format!("sync worker said {} and went on", f.shaped()),
            1 => {
                let secret = f.shaped();
                in_header(&mut f.dice, &secret).replace("\r\n", " | ")
            }
            _ => {
                let (name, secret) = (f.name(), f.either());
                under_name(&mut f.dice, name, &secret)
            }
        };
        let code = if n % 5 == 0 { "AADSTS700082: The refresh token has expired" } else { "" };
        out.push_str(&format!("2026-11-23 08:{:02}:{:02} ERROR {code} {line}\n", n / 60 % 60, n % 60));
    }
    out.into()
}

/// A Fiddler archive: requests and responses as they went over the wire.
fn saz(f: &mut Field, exchanges: usize) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for n in 1..=exchanges {
        let (query, code, bearer, cookie) = (f.shaped(), f.shaped(), f.shaped(), f.shaped());
        let body = format!(
            "grant_type=authorization_code&code={}&password={}",
            url_escape(&code),
            url_escape(&f.placed())
        );
        let request = format!(
            "POST https://login.microsoftonline.com/common/oauth2/v2.0/token?state={} HTTP/1.1\r\nHost: login.microsoftonline.com\r\nAuthorization: Bearer {bearer}\r\nCookie: ESTSAUTH={cookie}\r\n\r\n{body}",
            url_escape(&query)
        );
        let (set, token) = (f.shaped(), f.shaped());
        let response = format!(
            "HTTP/1.1 400 Bad Request\r\nSet-Cookie: sid={set}; path=/\r\nContent-Type: application/json\r\n\r\n{}",
            json!({"error": "invalid_grant", "error_description": "AADSTS50105: no", "access_token": token})
        );
        for (name, text) in [(format!("raw/{n}_c.txt"), request), (format!("raw/{n}_s.txt"), response)] {
            zip.start_file(name, options).expect("a member");
            zip.write_all(text.as_bytes()).expect("written");
        }
    }
    zip.finish().expect("a zip").into_inner()
}

/// Looks for every form of every secret.
struct Search {
    forms: Vec<String>,
    search: AhoCorasick,
    outputs: usize,
    bytes: usize,
}

impl Search {
    fn new(hidden: &[String]) -> Search {
        let mut all: Vec<String> = hidden.iter().flat_map(|h| forms(h)).collect();
        all.sort();
        all.dedup();
        let search = AhoCorasick::new(&all).expect("patterns");
        Search { forms: all, search, outputs: 0, bytes: 0 }
    }

    fn look(&mut self, what: &str, output: &[u8]) {
        self.outputs += 1;
        self.bytes += output.len();
        if let Some(hit) = self.search.find(output) {
            let around = hit.start().saturating_sub(200)..(hit.end() + 50).min(output.len());
            let form = &self.forms[hit.pattern().as_usize()];
            panic!("{what} shows {form} in\n{}", String::from_utf8_lossy(&output[around]));
        }
    }

    /// Also what base64 strings of it say.
    fn look_inside(&mut self, what: &str, output: &[u8]) {
        self.look(what, output);
        let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=');
        for run in output.split(|b| !part(b)).filter(|r| r.len() > 24) {
            if let Some(said) = std::str::from_utf8(run).ok().and_then(decode_base64) {
                self.look(what, &said);
            }
        }
    }
}

fn program(args: &[&str]) -> (Vec<u8>, Vec<u8>, Option<i32>) {
    let done = Command::new(env!("CARGO_BIN_EXE_hartriage")).args(args).output().expect("the program runs");
    (done.stdout, done.stderr, done.status.code())
}

fn members(bytes: &[u8]) -> Vec<Vec<u8>> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return vec![bytes.to_vec()] };
    (0..archive.len())
        .map(|n| {
            let mut out = Vec::new();
            archive.by_index(n).expect("a member").read_to_end(&mut out).expect("read");
            out
        })
        .collect()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn ten_thousand_planted_secrets_are_in_no_output() {
    let mut f = Field { dice: Dice(0xC0FF_EE12_3456_789B), hidden: Vec::new() };
    let folder = tempfile::tempdir().expect("a folder");
    let in_name = f.dice.alnum(64);
    f.hidden.push(in_name.clone());
    let inputs: Vec<PathBuf> = [
        ("capture.har".to_owned(), capture(&mut f, 460)),
        (format!("worker-{in_name}.log"), log(&mut f, 2600)),
        ("fiddler.saz".to_owned(), saz(&mut f, 350)),
    ]
    .into_iter()
    .map(|(name, bytes)| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("written");
        path
    })
    .collect();
    assert!(f.hidden.len() >= 10_000, "{}", f.hidden.len());
    let mut search = Search::new(&f.hidden);

    for anonymize in [false, true] {
        let triage = Triage::new(Options { anonymize, ..Options::default() }).expect("rules");
        let names: Vec<String> = inputs.iter().map(|p| text(p).to_owned()).collect();
        let report = triage.run(&names);
        assert!(report.diagnoses.len() > 1, "the fixtures say something");
        for format in FORMATS {
            for verbose in [false, true] {
                let canvas = Canvas { width: 120, colour: verbose, verbose, ..Canvas::default() };
                search.look("diagnose", render(&report, format, &canvas).as_bytes());
            }
        }
    }
    let (har, log, saz) = (text(&inputs[0]), text(&inputs[1]), text(&inputs[2]));
    let part = folder.path().join("part.json");
    let mut commands = vec![
        vec!["diagnose", har, log, saz, "--format", "ndjson", "-v"],
        vec!["facts", har, log, saz, "-v"],
        vec!["sweep", har, log, saz, "--format", "json", "-v"],
        vec!["sweep", har, log, saz, "--group-by", "input"],
        vec!["sweep", har, log, saz, "--format", "sarif"],
        vec!["sweep", har, log, saz, "--partial", "-o", text(&part)],
        vec!["merge", text(&part), "--format", "html"],
        vec!["compare", har, log, "--format", "json"],
        vec!["diagnose", &in_name],
        vec!["redact", &in_name, "-o", "/nowhere/x"],
    ];
    let asked: Vec<String> = f.hidden.iter().filter(|h| h.len() > 30).take(40).cloned().collect();
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    commands.push([&["explain"], asked.as_slice()].concat());
    let url = format!("https://app.example/cb?code={in_name}&error=access_denied");
    commands.push(vec!["diagnose", &url, "--format", "table", "-v"]);
    for args in &commands {
        let (out, err, _) = program(args);
        search.look(args[0], &out);
        search.look(args[0], &err);
    }
    search.look("sweep --partial", &fs::read(&part).expect("a part"));

    for (n, input) in inputs.iter().enumerate() {
        let out = folder.path().join(format!("copy{n}"));
        let (_, err, code) = program(&["redact", text(input), "-o", text(&out)]);
        assert_eq!(code, Some(0), "{}", String::from_utf8_lossy(&err));
        search.look("redact", &err);
        for member in members(&fs::read(&out).expect("a copy")) {
            search.look_inside("a redacted copy", &member);
        }
    }
    let out = folder.path().join("excerpt.har");
    let (_, err, code) = program(&["excerpt", har, "-o", text(&out)]);
    assert_eq!(code, Some(0), "{}", String::from_utf8_lossy(&err));
    search.look("excerpt", &err);
    search.look_inside("an excerpt", &fs::read(&out).expect("an excerpt"));
    eprintln!(
        "{} planted secrets in {} forms: none in {} outputs of {} kB",
        f.hidden.len(),
        search.forms.len(),
        search.outputs,
        search.bytes / 1000
    );
}
