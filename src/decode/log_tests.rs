//! Tests that all log formats have in common: who claims what, places, and that chunks make no difference.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;

use super::{FORMATS, Format, Sink, Survey, format_of};
use crate::model::{Event, EventKind, Exchange, Lost, Part, Place, Record, Source};

thread_local! {
    static CHUNK: Cell<usize> = const { Cell::new(1024 * 1024) };
}

/// Stands in for the size of chunks in tests.
pub(super) fn chunk_size() -> usize {
    CHUNK.with(Cell::get)
}

fn with_chunks<T>(size: usize, work: impl FnOnce() -> T) -> T {
    CHUNK.with(|c| c.set(size));
    let result = work();
    CHUNK.with(|c| c.set(1024 * 1024));
    result
}

#[derive(Default)]
pub(super) struct Kept<'a> {
    pub(super) events: Vec<Event<'a>>,
    lost: Vec<Lost>,
    /// Events and lines of the pieces before, whose lines count from their beginning.
    before: (usize, u64),
}

impl<'a> Sink<'a> for Kept<'a> {
    fn event(&mut self, event: Event<'a>) {
        self.events.push(event);
    }

    fn lines(&mut self, count: u64) {
        for event in &mut self.events[self.before.0..] {
            event.place.line = event.place.line.map(|line| line + self.before.1);
        }
        self.before = (self.events.len(), self.before.1 + count);
    }

    fn lost(&mut self, lost: Lost) {
        self.lost.push(lost);
    }
}

fn source(bytes: &[u8]) -> Source {
    Source::whole("test", Arc::new(bytes.to_vec()))
}

pub(super) fn read<'a>(format: &Format, source: &'a Source) -> Kept<'a> {
    let split = (format.split)(source);
    let mut kept = Kept { lost: split.lost, ..Kept::default() };
    for piece in &split.pieces {
        piece.read(&mut kept);
    }
    kept
}

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/logs").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/logs");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder of fixtures")
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    names.into_iter().map(|n| (n.clone(), fixture(&n))).collect()
}

fn read_fixture<T>(name: &str, look: impl FnOnce(&Kept<'_>) -> T) -> T {
    let source = source(&fixture(name));
    let format = format_of(&source).expect("a format");
    look(&read(format, &source))
}

fn exchange<'e, 'a>(kept: &'e Kept<'a>, index: usize) -> &'e Exchange<'a> {
    match &kept.events[index].kind {
        EventKind::Exchange(exchange) => exchange,
        other => panic!("no exchange: {other:?}"),
    }
}

fn record<'e, 'a>(kept: &'e Kept<'a>, index: usize) -> &'e Record<'a> {
    match &kept.events[index].kind {
        EventKind::Record(record) => record,
        other => panic!("no record: {other:?}"),
    }
}

fn field(record: &Record<'_>, name: &str) -> String {
    record.fields.iter().find(|f| f.name == name).map(|f| f.value.text().into_owned()).unwrap_or_default()
}

fn time(kept: &Kept<'_>, index: usize) -> String {
    kept.events[index].time.map(|t| t.to_string()).unwrap_or_default()
}

fn parts<'e, 'a>(event: &'e Event<'a>) -> Vec<&'e Part<'a>> {
    match &event.kind {
        EventKind::Exchange(x) => {
            std::iter::once(&x.url).chain(x.request_headers.iter().map(|h| &h.value)).collect()
        }
        EventKind::Record(r) => std::iter::once(&r.text).chain(r.fields.iter().map(|f| &f.value)).collect(),
        EventKind::Paste(part) => vec![part],
    }
}

#[test]
fn each_fixture_has_one_highest_claim() {
    for (name, bytes) in fixtures() {
        let mut claims: Vec<(u8, &str)> = FORMATS.iter().map(|f| ((f.claim)(&bytes), f.name)).collect();
        claims.sort_by_key(|c| std::cmp::Reverse(c.0));
        assert!(claims[0].0 > claims[1].0, "{name}: {claims:?}");
        let wanted = ["iis-w3c", "json-lines", "json-records", "access", "csv", "logfmt", "text"]
            .into_iter()
            .find(|f| name.starts_with(f.trim_end_matches("-w3c")));
        assert_eq!(Some(claims[0].1), wanted, "{name}");
    }
}

#[test]
fn places_are_exact() {
    for (name, bytes) in fixtures() {
        let source = source(&bytes);
        let kept = read(format_of(&source).expect("a format"), &source);
        assert!(!kept.events.is_empty(), "{name}");
        for event in &kept.events {
            let start = usize::try_from(event.place.span.start).unwrap();
            let line = 1 + bytes[..start].iter().filter(|b| **b == b'\n').count() as u64;
            assert_eq!(event.place.line, Some(line), "{name}");
            for part in parts(event).into_iter().filter(|p| !p.is_empty()) {
                let span = part.span();
                let there = &bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()];
                let joined = part.raw.iter().zip(there).filter(|(a, b)| a != b).count();
                // A joined URL has a `?` of its own; everything else stands there as it is.
                let own = usize::from(name.starts_with("iis") && part.raw.contains(&b'?'));
                if !name.contains("two-headers") || own == 0 {
                    assert_eq!(joined, 0, "{name}: {:?}", part.text());
                }
                assert!(event.place.span.start <= span.start && span.end <= event.place.span.end, "{name}");
            }
        }
    }
}

#[test]
fn access_lines() {
    read_fixture("access-combined.log", |kept| {
        let first = exchange(kept, 0);
        assert_eq!(first.url.text(), "/oauth/callback?error=access_denied&error_subcode=cancel&state=s1");
        assert_eq!((first.status, first.method.as_ref()), (Some(302), "GET"));
        assert_eq!(first.client.as_deref(), Some("192.0.2.10"));
        assert_eq!(first.request_headers.len(), 2);
        assert!(first.log_line);
        let second = exchange(kept, 1);
        assert_eq!(second.request_headers[0].value.text(), "app.contoso.example");
        assert_eq!(second.client.as_deref(), Some("203.0.113.7"));
        assert_eq!(record(kept, 2).level, "error");
        assert_eq!(exchange(kept, 3).url.text(), "/search?q=\"mail\"");
        assert_eq!((exchange(kept, 4).status, exchange(kept, 4).url.is_empty()), (Some(400), true));
        assert_eq!(time(kept, 4), "2026-03-03T12:00:05Z");
    });
}

#[test]
fn lines_of_proxies() {
    read_fixture("access-proxies.log", |kept| {
        let seen: Vec<_> = (0..4)
            .map(|n| {
                let x = exchange(kept, n);
                (x.url.text().into_owned(), x.status, x.client.as_deref().unwrap_or_default().to_owned())
            })
            .collect();
        let client = "192.0.2.10".to_owned();
        assert_eq!(seen[0], ("/oauth2/callback?code=x&state=y".to_owned(), Some(500), client.clone()));
        assert_eq!(
            seen[1],
            ("https://app.contoso.example:443/connect".to_owned(), Some(502), client.clone())
        );
        assert_eq!(seen[2], ("/inbox".to_owned(), Some(200), client));
        assert_eq!(seen[3], ("/token".to_owned(), Some(503), String::new()));
        assert!(kept.events.iter().all(|e| e.time.is_some()));
    });
}

#[test]
fn iis_fields_in_any_order() {
    read_fixture("iis-two-headers.log", |kept| {
        assert_eq!(exchange(kept, 0).url.text(), "/EWS/Exchange.asmx");
        assert_eq!(exchange(kept, 0).status, Some(401));
        let second = exchange(kept, 1);
        assert_eq!(
            second.url.text(),
            "/autodiscover/autodiscover.json?Email=anna@contoso.example&Protocol=REST"
        );
        let bytes = fixture("iis-two-headers.log");
        let span = second.url.span_of("anna@contoso.example");
        let there = &bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()];
        assert_eq!(there, b"anna@contoso.example");
        let third = exchange(kept, 2);
        assert_eq!(third.url.text(), "/cb?error=access_denied");
        assert_eq!(third.request_headers[0].value.text(), "mail.contoso.example");
        assert_eq!(time(kept, 2), "2026-03-03T13:00:01Z");
    });
}

#[test]
fn json_fields() {
    read_fixture("json-lines-pino.log", |kept| {
        let first = record(kept, 0);
        assert_eq!(first.level, "error");
        assert_eq!(first.message.as_ref().map(|m| m.text().into_owned()).as_deref(), Some("refresh failed"));
        assert_eq!(field(first, "err.message"), "AADSTS50173: The provided grant has expired \"x\"");
        assert_eq!(field(first, "err.codes.0"), "50173");
        assert_eq!(time(kept, 0), "2026-03-03T12:00:01Z");
        assert_eq!(field(record(kept, 1), "ok"), "true");
    });
}

#[test]
fn json_with_prefixes_and_noise() {
    read_fixture("json-lines-noise.log", |kept| {
        assert_eq!(kept.events.len(), 6);
        assert_eq!(field(record(kept, 0), "error.code"), "ErrorAccessDenied");
        assert_eq!(field(record(kept, 1), "msg"), "next");
        assert!(record(kept, 2).text.text().starts_with("Traceback"));
        assert_eq!(field(record(kept, 3), "msg"), "over two lines");
        assert_eq!(field(record(kept, 5), "msg"), "behind a header");
        assert_eq!(time(kept, 5), "2026-03-03T12:00:05Z");
        let told: Vec<_> = kept.lost.iter().map(|l| (l.what.as_str(), l.place.as_str())).collect();
        assert_eq!(told, [("lines 3, 4, 5", "line 3"), ("line 8", "line 8")]);
    });
}

#[test]
fn json_within_json() {
    read_fixture("json-lines-docker.log", |kept| {
        let first = record(kept, 0);
        assert_eq!(field(first, "log.msg"), "AADSTS65001: no consent");
        assert_eq!(field(first, "log.user"), "anna@contoso.example");
        assert_eq!(field(record(kept, 1), "log"), "plain words\n");
    });
}

#[test]
fn documents_of_records() {
    read_fixture("json-records-signins.json", |kept| {
        // What stands around the array is kept as well.
        assert!(matches!(kept.events[0].kind, EventKind::Paste(_)));
        assert_eq!(field(record(kept, 1), "status.errorCode"), "50105");
        assert_eq!(field(record(kept, 2), "userPrincipalName"), "ben@contoso.example");
        assert_eq!(time(kept, 2), "2026-03-03T12:05:01Z");
    });
}

#[test]
fn tables() {
    read_fixture("csv-signins.csv", |kept| {
        assert_eq!(kept.events.len(), 2);
        let first = record(kept, 0);
        assert_eq!(field(first, "Application ID"), "33333333-3333-3333-3333-333333333333");
        assert_eq!(field(first, "Autonomous system number"), "64500");
        assert_eq!(field(first, "Failure reason"), "The user said \"no\",\non two lines");
        assert_eq!(field(first, "User agent"), "Mozilla/5.0, like Gecko");
        assert_eq!(kept.events[1].place.line, Some(4));
        assert_eq!(time(kept, 1), "2026-03-03T12:05:01Z");
    });
    read_fixture("csv-audit.csv", |kept| {
        assert_eq!(field(record(kept, 0), "ErrorNumber"), "50126");
        assert_eq!(field(record(kept, 0), "ExtendedProperties.0.Name"), "ResultStatusDetail");
        assert_eq!(field(record(kept, 0), "Operation"), "UserLoginFailed");
    });
    read_fixture("csv-httpproxy.log", |kept| {
        assert_eq!(kept.events.len(), 2);
        assert_eq!(field(record(kept, 0), "AnchorMailbox"), "Smtp~anna@contoso.example");
        assert_eq!(field(record(kept, 0), "GenericErrors"), "a, b");
        assert_eq!(time(kept, 0), "2026-03-03T12:00:01.123Z");
    });
}

#[test]
fn pairs() {
    read_fixture("logfmt-app.log", |kept| {
        let first = record(kept, 0);
        assert_eq!(field(first, "error"), "invalid_grant: AADSTS50173: \"expired\"");
        assert_eq!((first.level.as_str(), field(first, "attempt").as_str()), ("error", "3"));
        assert_eq!(time(kept, 0), "2026-03-03T12:00:01Z");
        assert_eq!(field(record(kept, 1), "status"), "401");
    });
}

#[test]
fn traces_belong_to_their_record() {
    read_fixture("text-java.log", |kept| {
        let lines: Vec<_> = kept.events.iter().filter_map(|e| e.place.line).collect();
        assert_eq!(lines, [1, 2, 8, 12]);
        assert!(record(kept, 1).text.text().contains("Timestamp: 2026"));
        assert!(record(kept, 2).text.text().ends_with('}'));
        assert_eq!((record(kept, 1).level.as_str(), record(kept, 3).level.as_str()), ("error", "warn"));
    });
}

#[test]
fn a_paste_is_one_event() {
    for name in ["text-ticket.txt", "text-error-body.json"] {
        read_fixture(name, |kept| {
            assert_eq!(kept.events.len(), 1, "{name}");
            assert!(matches!(kept.events[0].kind, EventKind::Paste(_)), "{name}");
        });
    }
}

#[test]
fn a_line_of_many_megabytes_is_read_in_parts() {
    let mut bytes = b"2026-03-03 12:00:01 ERROR ".to_vec();
    bytes.extend("\u{e9}x".repeat(1_000_000).into_bytes());
    let source = source(&bytes);
    let kept = read(format_of(&source).expect("a format"), &source);
    assert!(kept.events.len() > 10);
    assert_eq!(kept.lost.len(), 1);
    let text: String = (0..kept.events.len()).map(|n| record(&kept, n).text.text().into_owned()).collect();
    assert_eq!(text.as_bytes(), bytes);
}

#[test]
fn binary_is_nobodys() {
    let bytes: Vec<u8> =
        (0..4096u32).map(|n| u8::try_from(n.wrapping_mul(2_654_435_761) >> 24).unwrap()).collect();
    assert!(format_of(&source(&bytes)).is_none());
    assert!(format_of(&source(b"")).is_none());
    assert!(format_of(&source(b"caf\xE9 r\xE9sum\xE9, AADSTS50105")).is_some());
}

/// Events without what depends on chunks.
fn shown(format: &Format, source: &Source, size: usize) -> Vec<String> {
    with_chunks(size, || read(format, source).events.iter().map(|e| format!("{e:?}")).collect())
}

#[test]
fn chunks_make_no_difference() {
    for (name, bytes) in fixtures() {
        let header = bytes.iter().position(|b| *b == b'\n').map_or(0, |n| n + 1);
        let mut many = bytes.clone();
        if !name.starts_with("json-records") {
            for _ in 0..20 {
                many.extend_from_slice(&bytes[if name.starts_with("csv-") { header } else { 0 }..]);
            }
        }
        let source = source(&many);
        let format = format_of(&source).expect("a format");
        let whole = shown(format, &source, usize::MAX / 2);
        for size in [1, 100, 1000] {
            assert_eq!(shown(format, &source, size), whole, "{name} {size}");
        }
    }
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,40}",
        Just(r#"{"ts":"2026-03-03T12:00:01Z","level":"info","msg":"x"}"#.to_owned()),
        Just(r#"{"ts":"2026-03-03T12:00:01Z","msg":"cut"#.to_owned()),
        Just("2026-03-03 12:00:01 ERROR x".to_owned()),
        Just("2026-03-03T12:00:01Z stderr P {\"level\":\"error\",".to_owned()),
        Just("2026-03-03T12:00:01Z stderr F \"msg\":\"x\"}".to_owned()),
        Just("2026-03-03T12:00:01Z stderr F \tat a.b.c".to_owned()),
        Just("2026-03-03T12:00:01Z stdout F Caused by: x".to_owned()),
        Just("web-1  | 2026-03-03 12:00:01 x".to_owned()),
        Just("web-1  |   at a.b.c".to_owned()),
        Just("<13>1 2026-03-03T12:00:01Z h a 1 - [x y=\"z\"] m".to_owned()),
        Just(r#"{"log":"a","stream":"stdout","time":"2026-03-03T12:00:01Z"}"#.to_owned()),
        Just(r#"{"log":"\tat b\n","stream":"stdout","time":"2026-03-03T12:00:01Z"}"#.to_owned()),
        Just("\tat a.b.c".to_owned()),
        Just("  }".to_owned()),
        Just("a,\"b".to_owned()),
        Just("a,b\",\"c\"\"d\",e".to_owned()),
        Just("time=2026-03-03T12:00:01Z level=info msg=\"x".to_owned()),
        Just("#Fields: date time cs-uri-stem sc-status".to_owned()),
        Just("2026-03-03 12:00:01 /x 200".to_owned()),
        Just(r#"192.0.2.1 - - [03/Mar/2026:12:00:01 +0000] "GET / HTTP/1.1" 200 1"#.to_owned()),
        Just("{\"value\":[{\"a\":1},".to_owned()),
        Just(String::new()),
    ]
}

proptest! {
    #[test]
    fn any_bytes_in_any_format(bytes in prop::collection::vec(any::<u8>(), 0..600), size in 1usize..200) {
        let source = source(&bytes);
        for format in FORMATS {
            let _ = (format.claim)(&bytes);
            with_chunks(size, || read(format, &source).events.len());
        }
    }

    #[test]
    fn any_lines_in_any_chunks(lines in prop::collection::vec(line(), 0..40), size in 1usize..300) {
        let source = source(lines.join("\n").as_bytes());
        // Where a JSON document is broken, chunks decide how much of the rest is read as text.
        for format in FORMATS.iter().filter(|f| !matches!(f.name, "har" | "json-records")) {
            prop_assert_eq!(shown(format, &source, size), shown(format, &source, usize::MAX / 2), "{}", format.name);
        }
    }

    #[test]
    fn any_document_in_any_chunks(texts in prop::collection::vec("[ -~]{0,30}", 0..30), size in 1usize..300) {
        let elements: Vec<String> = texts
            .iter()
            .map(|t| serde_json::json!({ "createdDateTime": "2026-03-03T12:00:01Z", "message": t, "n": [1, {}] }))
            .map(|v| v.to_string())
            .collect();
        let source = source(format!("{{\"records\": [\n{}\n]}}", elements.join(",\n")).as_bytes());
        let format = FORMATS.iter().find(|f| f.name == "json-records").expect("the format");
        let whole = shown(format, &source, usize::MAX / 2);
        prop_assert_eq!(whole.len(), texts.len());
        prop_assert_eq!(shown(format, &source, size), whole);
    }

    #[test]
    fn text_loses_no_line(lines in prop::collection::vec(line(), 0..40)) {
        let text = lines.join("\n");
        let source = source(text.as_bytes());
        let Some(format) = format_of(&source).filter(|f| matches!(f.name, "text" | "json-lines" | "prefixed" | "access" | "logfmt")) else {
            return Ok(());
        };
        let kept = read(format, &source);
        let mut covered = vec![false; text.len()];
        for event in &kept.events {
            let span = event.place.span;
            covered[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()].fill(true);
        }
        let missed = text.bytes().zip(&covered).any(|(b, c)| !c && !b.is_ascii_whitespace());
        prop_assert!(!missed, "{}", format.name);
    }
}

/// Wants what speaks, with or without a survey of every stretch before.
#[derive(Default)]
struct Choosy {
    surveys: bool,
    /// Number, place and line of what was wanted.
    wanted: Vec<(u64, Place)>,
    events: u64,
    lines: u64,
}

const SPEAKS: &[u8] = b"speaks";

impl<'a> Sink<'a> for Choosy {
    fn event(&mut self, event: Event<'a>) {
        self.wanted.push((self.events, event.place));
        self.events += 1;
    }

    fn wants(&self, text: &[u8]) -> bool {
        memchr::memmem::find(text, SPEAKS).is_some()
    }

    fn survey(&self, text: &[u8]) -> Survey {
        if !self.surveys {
            return Survey::default();
        }
        let mut survey = Survey::quiet(text.len());
        memchr::memmem::find_iter(text, SPEAKS).for_each(|at| survey.mark(at..at + SPEAKS.len()));
        survey
    }

    fn unwanted(&mut self, count: u64) {
        self.events += count;
    }

    fn lines(&mut self, count: u64) {
        self.lines += count;
    }

    fn lost(&mut self, lost: Lost) {
        panic!("lost: {lost:?}");
    }
}

fn choose(bytes: &[u8], surveys: bool, size: usize) -> Choosy {
    let source = source(bytes);
    let format = FORMATS.last().expect("the format of any text");
    let split = with_chunks(size, || (format.split)(&source));
    let mut choosy = Choosy { surveys, ..Choosy::default() };
    split.pieces.iter().for_each(|piece| piece.read(&mut choosy));
    choosy
}

proptest! {
    /// A survey spares looks, and changes neither what is told nor how it is counted.
    #[test]
    fn a_survey_makes_no_difference(
        lines in prop::collection::vec((0usize..12, 0u32..80), 0..120),
        size in prop_oneof![Just(300usize), Just(1 << 20)],
        ended: bool,
    ) {
        let mut text = "2026-03-02 08:14:21 INFO the queue of mail is empty, worker goes on\n".repeat(3);
        for (kind, n) in lines {
            let stamp = format!("2026-03-02 08:14:{n:02}");
            text += &match kind {
                0..=4 => format!("{stamp} INFO worker has sent {n} of the messages in its queue"),
                5 => format!("{stamp} WARN the server speaks of {n} messages"),
                6 => format!("{stamp} x"),
                7 => format!("2026-03-02T08:15:{n:02}.{n:03}Z INFO another stamp, of another writer"),
                8 => format!("    at worker.send(line {n})"),
                9 => format!("{stamp} INFO worker ends its line in another way\r"),
                10 => format!("a line with no stamp that {}", if n % 2 == 0 { "speaks" } else { "does not" }),
                _ => "\0".repeat(n as usize % 3),
            };
            text.push('\n');
        }
        if !ended {
            text.pop();
        }
        let (with, without) = (choose(text.as_bytes(), true, size), choose(text.as_bytes(), false, size));
        prop_assert_eq!(with.events, without.events);
        prop_assert_eq!(with.lines, without.lines);
        prop_assert_eq!(with.wanted, without.wanted);
    }
}
