//! Damaged, cut and invented inputs for every reader: none makes the program panic or run away, and redaction keeps
//! its promises. A short round by default; `HARTRIAGE_FUZZ_SECONDS=600 cargo test --release --test fuzz` runs each
//! target that long, with other inputs every time, and prints how many it tried.

#[path = "redact/planted.rs"]
#[allow(dead_code)]
mod secrets;

use std::fmt::Debug;
use std::fs;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hartriage::decode::{self, FORMATS, Sink};
use hartriage::extract::extract;
use hartriage::model::{Event, Lost, Source};
use hartriage::redact::redact_source;
use hartriage::source::{Found, Limits, Origin, load};
use hartriage::{Options, Triage, diagnose};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};

use secrets::{Dice, NAMES, forms, in_header, shaped, under_name};

/// Inputs of a short round.
const CASES: u32 = 60;
/// No input of these sizes may take longer, even without optimisation on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

/// Runs one target: a short round always with the same inputs, or as long as was asked with new ones.
fn campaign<S: Strategy>(name: &str, strategy: &S, check: impl Fn(S::Value) -> TestCaseResult)
where
    S::Value: Debug,
{
    let seconds = std::env::var("HARTRIAGE_FUZZ_SECONDS").ok().and_then(|s| s.parse::<u64>().ok());
    let config =
        Config { cases: CASES, failure_persistence: None, max_shrink_iters: 2000, ..Config::default() };
    let start = Instant::now();
    let (mut tried, mut slowest) = (0_u64, Duration::ZERO);
    loop {
        let mut runner = match seconds {
            None => {
                TestRunner::new_with_rng(config.clone(), TestRng::deterministic_rng(RngAlgorithm::ChaCha))
            }
            Some(_) => TestRunner::new(config.clone()),
        };
        let longest = std::cell::Cell::new(Duration::ZERO);
        let done = runner.run(strategy, |input| {
            let one = Instant::now();
            let result = check(input);
            longest.set(longest.get().max(one.elapsed()));
            prop_assert!(one.elapsed() < LONGEST, "it took {:?}", one.elapsed());
            result
        });
        if let Err(error) = done {
            panic!("{name}: {error}");
        }
        tried += u64::from(CASES);
        slowest = slowest.max(longest.get());
        if start.elapsed().as_secs() >= seconds.unwrap_or(0) {
            break;
        }
    }
    let rate = tried as f64 / start.elapsed().as_secs_f64();
    eprintln!("{name}: {tried} inputs, {rate:.0} a second, slowest {slowest:?}");
}

/// Every fixture of a folder that is not large.
fn corpus(folder: &str) -> Vec<Vec<u8>> {
    fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("fixtures") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { walk(&path, out) } else { out.push(path) }
        }
    }
    let mut paths = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder), &mut paths);
    paths.sort();
    let all = paths.iter().map(|p| fs::read(p).expect("a fixture"));
    all.filter(|bytes| bytes.len() < 40_000).collect()
}

/// What can happen to a file on its way.
#[derive(Debug, Clone)]
enum Damage {
    Cut(u16),
    Drop(u16, u8),
    Flip(u16, u8),
    Insert(u16, Vec<u8>),
    Word(u16, &'static str),
    Double(u16, u8),
}

const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "\\u",
    "\\ud800",
    ",",
    ":",
    "\n",
    "\r\n",
    "\0",
    "null",
    "1e999",
    "-",
    "\"entries\":[",
    "\"encoding\":\"base64\"",
    "%",
    "%25",
    "&amp;",
    "AADSTS",
    "eyJ",
    "eyJhbGciOiJub25lIn0.e30.",
    "Bearer ",
    "error=",
    "code=",
    "\u{202e}",
    "\u{feff}",
    "é",
    "#Fields:",
    "\t",
    " - - [",
    "=",
    "<",
    "]]>",
];

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        any::<u16>().prop_map(Damage::Cut),
        (any::<u16>(), any::<u8>()).prop_map(|(at, n)| Damage::Drop(at, n)),
        (any::<u16>(), any::<u8>()).prop_map(|(at, b)| Damage::Flip(at, b)),
        (any::<u16>(), prop::collection::vec(any::<u8>(), 1..8)).prop_map(|(at, b)| Damage::Insert(at, b)),
        (any::<u16>(), prop::sample::select(WORDS)).prop_map(|(at, w)| Damage::Word(at, w)),
        (any::<u16>(), any::<u8>()).prop_map(|(at, n)| Damage::Double(at, n)),
    ]
}

fn apply(mut bytes: Vec<u8>, all: &[Damage]) -> Vec<u8> {
    for one in all {
        let at = |part: u16| usize::from(part) * bytes.len() / 65_536;
        match one {
            Damage::Cut(part) => bytes.truncate(at(*part)),
            Damage::Drop(part, n) => {
                let from = at(*part);
                let to = (from + usize::from(*n)).min(bytes.len());
                bytes.drain(from..to);
            }
            Damage::Flip(part, b) => {
                let at = at(*part);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= *b;
                }
            }
            Damage::Insert(part, new) => {
                let at = at(*part);
                bytes.splice(at..at, new.iter().copied());
            }
            Damage::Word(part, word) => {
                let at = at(*part);
                bytes.splice(at..at, word.bytes());
            }
            Damage::Double(part, n) => {
                let from = at(*part);
                let to = (from + usize::from(*n) * 8).min(bytes.len());
                let piece = bytes.get(from..to).unwrap_or_default().to_vec();
                bytes.splice(to..to, piece);
            }
        }
    }
    bytes
}

fn damaged(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Bytes> {
    assert!(!seeds.is_empty());
    (prop::sample::select(seeds), prop::collection::vec(damage(), 1..12))
        .prop_map(|(seed, all)| Bytes(apply(seed, &all)))
}

/// Bytes that are shown as text when something fails.
#[derive(Clone)]
struct Bytes(Vec<u8>);

impl Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", String::from_utf8_lossy(&self.0))
    }
}

/// Takes events and reads what they say.
#[derive(Default)]
struct Facts {
    events: u64,
    wrong: Option<String>,
    size: u64,
}

impl<'a> Sink<'a> for Facts {
    fn event(&mut self, event: Event<'a>) {
        let observed = extract(&event, self.events);
        self.events += 1;
        for fact in &observed.facts {
            if fact.place.span.start > fact.place.span.end || fact.place.span.end > self.size {
                self.wrong = Some(format!("{:?} lies outside the source", fact.place));
            }
        }
    }

    fn lost(&mut self, lost: Lost) {
        assert!(!lost.why.is_empty());
    }
}

/// Every event and fact of the bytes, read in that format.
fn read(bytes: &[u8], format: &decode::Format) -> TestCaseResult {
    let source = Source::whole("x", Arc::new(bytes.to_vec()));
    let mut facts = Facts { size: bytes.len() as u64, ..Facts::default() };
    for piece in (format.split)(&source).pieces {
        piece.read(&mut facts);
    }
    prop_assert!(facts.wrong.is_none(), "{:?}", facts.wrong);
    Ok(())
}

fn triage() -> Triage {
    Triage::new(Options::default()).expect("the rules are well-formed")
}

fn named(name: &str) -> &'static decode::Format {
    FORMATS.iter().find(|f| f.name == name).expect("a format of that name")
}

#[test]
fn captures() {
    let seeds = [corpus("har"), corpus("cases")].concat();
    campaign("har", &damaged(seeds), |input| read(&input.0, named("har")));
}

#[test]
fn salvage_of_cut_captures() {
    let seeds = [corpus("demo"), corpus("cases")].concat();
    let strategy = (prop::sample::select(seeds), any::<u16>(), any::<u16>());
    campaign("salvage", &strategy, |(mut bytes, cut, hole)| {
        bytes.truncate(usize::from(cut) * bytes.len() / 65_536);
        if let Some(byte) =
            (usize::from(hole) * bytes.len()).checked_div(65_536).and_then(|at| bytes.get_mut(at))
        {
            *byte = b'"';
        }
        read(&bytes, named("har"))
    });
}

#[test]
fn every_log_reader() {
    let seeds = [corpus("logs"), corpus("har")].concat();
    for format in FORMATS.iter().filter(|f| f.name != "har") {
        campaign(format.name, &damaged(seeds.clone()), |input| read(&input.0, format));
    }
}

/// Texts made of what matters to URL, token and header readers.
fn made_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![5 => prop::sample::select(words).prop_map(str::to_owned), 1 => "\\PC{0,10}"];
    prop::collection::vec(piece, 0..30).prop_map(|v| v.concat())
}

fn judged(triage: &Triage, text: &str) {
    let findings = triage.investigate_text("x", text);
    let _ = triage.report(&findings);
}

#[test]
fn urls() {
    const WORDS: &[&str] = &[
        "https://",
        "login.microsoftonline.com",
        "/common/oauth2/v2.0/authorize",
        "?",
        "#",
        "&",
        "=",
        "%",
        "%2",
        "%252",
        "+",
        "error=access_denied",
        "error_description=",
        "AADSTS50105",
        "state=",
        "code=",
        "login_hint=",
        "ada%40contoso.example",
        "@",
        ":",
        "//",
        "[::1]",
        "xn--",
        "scope=",
        "Mail.Send",
        "admin_consent=True",
        "\u{202e}",
        " ",
    ];
    let triage = triage();
    campaign("urls", &made_of(WORDS), |text| {
        judged(&triage, &text);
        Ok(())
    });
}

#[test]
fn tokens() {
    const WORDS: &[&str] = &[
        "eyJhbGciOiJSUzI1NiJ9",
        ".",
        "eyJ1cG4iOiJhIn0",
        "eyJ",
        "e30",
        "=",
        "-",
        "_",
        "/",
        "Bearer ",
        "id_token=",
        "\"access_token\":\"",
        "\"",
        "EwB",
        "W10",
        "bnVsbA",
        "eyJleHAiOjFlOTk5fQ",
        "eyJ0aWQiOnt9fQ",
        "\n",
        "&",
    ];
    let triage = triage();
    campaign("tokens", &made_of(WORDS), |text| {
        judged(&triage, &text);
        Ok(())
    });
}

#[test]
fn challenge_headers() {
    const WORDS: &[&str] = &[
        "Bearer",
        "Basic",
        "Negotiate",
        "NTLM",
        " ",
        ",",
        "=",
        "\"",
        "\\",
        "realm=\"\"",
        "error=\"insufficient_claims\"",
        "claims=\"",
        "eyJhY2Nlc3NfdG9rZW4iOnt9fQ==",
        "authorization_uri=\"https://",
        "client_id=\"",
        "\t",
        "\u{7f}",
        "error=",
    ];
    let triage = triage();
    campaign("challenges", &made_of(WORDS), |text| {
        let header = serde_json::json!({"name": "WWW-Authenticate", "value": text});
        let har = serde_json::json!({"log": {"entries": [{"request": {"method": "GET", "url": "https://graph.microsoft.com/v1.0/me", "headers": []},
            "response": {"status": 401, "headers": [header], "content": {}}}]}});
        judged(&triage, &har.to_string());
        Ok(())
    });
}

#[test]
fn archives() {
    let text = b"2026-11-23 AADSTS50105: no\n".repeat(30);
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("raw/1_c.txt", zip::write::SimpleFileOptions::default()).expect("a member");
    zip.write_all(&text).expect("written");
    let zip = zip.finish().expect("a zip").into_inner();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&text).expect("written");
    let gzip = gzip.finish().expect("a stream");
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    header.set_cksum();
    tar.append_data(&mut header, "a.log", text.as_slice()).expect("a member");
    let tar = tar.into_inner().expect("a tar");
    let zstd =
        ruzstd::encoding::compress_to_vec(text.as_slice(), ruzstd::encoding::CompressionLevel::Fastest);
    let bzip2 = b"BZh91AY&SY".iter().copied().chain(text.iter().copied()).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x");
    campaign("archives", &damaged(vec![zip, gzip, tar, zstd, bzip2]), |input| {
        fs::write(&path, &input.0).expect("written");
        let found = Found { name: "x".to_owned(), origin: Origin::File(path.clone()) };
        let loaded = load(&found, &Limits::default());
        prop_assert!(!loaded.sources.is_empty() || !loaded.lost.is_empty(), "nothing was said about it");
        Ok(())
    });
}

#[test]
fn rule_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut seeds: Vec<(PathBuf, Vec<u8>)> = fs::read_dir(folder)
        .expect("rules")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .map(|p| (p.clone(), fs::read(p).expect("a rule")))
        .collect();
    seeds.sort();
    campaign("rules", &damaged(seeds.into_iter().map(|(_, b)| b).collect()), |input| {
        let _ = diagnose::compile("x.toml", &String::from_utf8_lossy(&input.0));
        Ok(())
    });
}

/// No planted secret survives, twice is once, JSON stays JSON, and the answer of what is still JSON stays the same; of
/// what is damaged `redact` judges the copy itself.
#[test]
fn redaction() {
    let triage = triage();
    let seeds = [corpus("cases"), corpus("logs")].concat();
    let first = |bytes: &[u8]| {
        let findings = triage.investigate_text("x", &String::from_utf8_lossy(bytes));
        findings.judgement.diagnoses.first().map(|d| d.rule)
    };
    campaign("redaction", &(damaged(seeds), 1_u64..), |(input, seed)| {
        let mut dice = Dice(seed);
        let secret = shaped(&mut dice);
        let name = *dice.pick(NAMES);
        let line = if seed % 2 == 0 {
            in_header(&mut dice, &secret.shown)
        } else {
            under_name(&mut dice, name, &secret.shown)
        };
        let planted = [input.0.as_slice(), b"\n", line.as_bytes(), b"\n"].concat();
        let source = Source::whole("x", Arc::new(planted.clone()));
        let kind = decode::format_of(&source).map_or("", |f| f.name);
        let Ok(done) = redact_source(&planted, kind) else { return Ok(()) };
        let said = String::from_utf8_lossy(&done.bytes);
        for form in forms(&secret.hidden) {
            prop_assert!(!said.contains(&form), "{} of {} is left", form, line);
        }
        let again = redact_source(&done.bytes, kind).map(|d| d.bytes);
        prop_assert!(again.as_ref() == Ok(&done.bytes), "a second time changes it again");
        if let Ok(text) = std::str::from_utf8(&input.0)
            && let Ok(copy) = redact_source(&input.0, kind)
            && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
        {
            prop_assert!(
                serde_json::from_slice::<serde::de::IgnoredAny>(&copy.bytes).is_ok(),
                "no JSON any more"
            );
            prop_assert_eq!(first(&copy.bytes), first(&input.0), "another first diagnosis");
        }
        Ok(())
    });
}
