//! Whole HARs through the format, and cut ones.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::{EventKind, Exchange, FactName};

/// What a HAR held, owned.
#[derive(Default)]
struct Got {
    events: Vec<(Place, Option<jiff::Timestamp>, EventKind<'static>)>,
    lost: Vec<Lost>,
    marks: Vec<(FactName, String)>,
}

struct Keep<'s> {
    source: &'s Source,
    got: Got,
}

/// Checks what must hold for every part, then keeps the event.
fn check(source: &Source, event: &Event<'_>) {
    let span = event.place.span;
    assert!(span.start <= span.end && span.end <= source.bytes().len() as u64);
    let EventKind::Exchange(exchange) = &event.kind else { return };
    let mut parts = vec![&exchange.url];
    parts.extend(exchange.request_headers.iter().chain(&exchange.response_headers).map(|h| &h.value));
    parts.extend(exchange.response_body.iter().chain(&exchange.request_body).map(|b| &b.text));
    for part in parts.into_iter().filter(|p| !p.raw.is_empty()) {
        let at = part.at as usize;
        assert_eq!(&source.bytes()[at..at + part.raw.len()], &*part.raw, "a part is where it says");
        assert!(span.start <= part.at && part.span().end <= span.end, "a part lies in its entry");
    }
}

impl<'a> Sink<'a> for Keep<'_> {
    fn event(&mut self, event: Event<'a>) {
        check(self.source, &event);
        let kind = match event.kind {
            EventKind::Exchange(e) => EventKind::Exchange(Box::new(own(&e))),
            EventKind::Paste(p) => EventKind::Paste(own_part(&p)),
            EventKind::Record(_) => panic!("a HAR has no records"),
        };
        self.got.events.push((event.place, event.time, kind));
    }

    fn lost(&mut self, lost: Lost) {
        self.got.lost.push(lost);
    }
}

fn own_part(part: &crate::model::Part<'_>) -> crate::model::Part<'static> {
    crate::model::Part {
        raw: part.raw.to_vec().into(),
        at: part.at,
        form: part.form,
        pointer: part.pointer.clone(),
    }
}

fn own(e: &Exchange<'_>) -> Exchange<'static> {
    let headers = |list: &[crate::model::Header<'_>]| {
        list.iter()
            .map(|h| crate::model::Header { name: h.name.to_string().into(), value: own_part(&h.value) })
            .collect()
    };
    let body = |b: &Option<crate::model::Body<'_>>| {
        b.as_ref().map(|b| crate::model::Body {
            text: own_part(&b.text),
            mime: b.mime.clone(),
            params: b
                .params
                .iter()
                .map(|p| crate::model::Param { name: p.name.to_string().into(), value: own_part(&p.value) })
                .collect(),
        })
    };
    Exchange {
        method: e.method.to_string().into(),
        url: own_part(&e.url),
        status: e.status,
        status_text: e.status_text.to_string().into(),
        request_headers: headers(&e.request_headers),
        response_headers: headers(&e.response_headers),
        request_body: body(&e.request_body),
        response_body: body(&e.response_body),
        redirect_url: e.redirect_url.as_ref().map(own_part),
        error: e.error.as_ref().map(own_part),
        client: None,
        session: e.session.to_string().into(),
        log_line: e.log_line,
    }
}

fn source(bytes: &[u8]) -> Source {
    Source::whole("case.har", Arc::new(bytes.to_vec()))
}

fn read(bytes: &[u8]) -> Got {
    let source = source(bytes);
    let Split { pieces, lost, marks } = split(&source);
    let mut keep = Keep { source: &source, got: Got { lost, marks, ..Got::default() } };
    for piece in &pieces {
        piece.read(&mut keep);
    }
    keep.got
}

impl Got {
    fn exchange(&self, index: usize) -> &Exchange<'static> {
        match &self.events[index].2 {
            EventKind::Exchange(e) => e,
            other => panic!("not an exchange: {other:?}"),
        }
    }

    fn urls(&self) -> Vec<String> {
        (0..self.events.len()).map(|n| self.exchange(n).url.text().into_owned()).collect()
    }
}

fn entry(url: &str, body: &str) -> String {
    let body = serde_json::to_string(body).expect("a string");
    format!(
        r#"{{"startedDateTime":"2026-03-04T05:06:07.000Z","time":1,"request":{{"method":"GET","url":"{url}","headers":[{{"name":"Accept","value":"*/*"}}]}},"response":{{"status":200,"statusText":"OK","headers":[],"content":{{"mimeType":"application/json; charset=utf-8","text":{body}}},"redirectURL":""}},"timings":{{}}}}"#
    )
}

fn har(entries: &[String]) -> String {
    format!(
        r#"{{"log":{{"version":"1.2","creator":{{"name":"WebInspector","version":"537.36"}},"pages":[],"entries":[{}]}}}}"#,
        entries.join(",")
    )
}

fn two() -> String {
    har(&[
        entry("https://login.contoso.example/a", "{\"a\":\"}]\\\"\"}"),
        entry("https://api.contoso.example/b", "b"),
    ])
}

#[test]
fn a_plain_har() {
    let text = two();
    assert_eq!(claim::claim(text.as_bytes()), 97);
    let got = read(text.as_bytes());
    assert_eq!(got.urls(), ["https://login.contoso.example/a", "https://api.contoso.example/b"]);
    assert!(got.lost.is_empty(), "{:?}", got.lost);
    let (place, time, _) = &got.events[1];
    assert_eq!((place.entry, place.pointer.as_str()), (Some(1), "/log/entries/1"));
    assert_eq!(*time, "2026-03-04T05:06:07Z".parse().ok());
    let first = got.exchange(0);
    assert_eq!((first.status, &*first.method), (Some(200), "GET"));
    let body = first.response_body.as_ref().expect("a body");
    assert_eq!((body.text.text().as_ref(), body.mime.as_str()), ("{\"a\":\"}]\\\"\"}", "application/json"));
    assert_eq!(body.text.pointer, "/response/content/text");
    assert_eq!(first.request_headers[0].value.pointer, "/request/headers/0/value");
    assert_eq!(got.marks, [(FactName::CaptureTool, "webinspector".to_owned())]);
}

#[test]
fn wrapped_and_nested() {
    let plain = two();
    let trailing = plain.replace("]}}", ",]},}").replace("\"pages\":[],", "_comment: \"x\", \"pages\":[],");
    let shapes = [
        format!("\u{FEFF}{plain}"),
        format!("onInputData({plain});"),
        format!("{{\"ticket\":7,\"attachments\":[{{\"name\":\"x\",\"har\":{plain}}}]}}"),
        format!("{{\"entries\":[{{\"id\":1,\"har\":{plain}}}]}}"),
        trailing,
        plain.replace("{\"log\":{\"version\":\"1.2\",", "{").replace("]}}", "]}"),
    ];
    for shape in &shapes {
        let got = read(shape.as_bytes());
        assert_eq!(got.events.len(), 2, "{shape}");
        assert!(got.lost.is_empty(), "{:?} in {shape}", got.lost);
        assert!(claim::claim(shape.as_bytes()) >= 90, "{shape}");
    }
    let nested = read(shapes[2].as_bytes());
    assert_eq!(nested.events[1].0.pointer, "/attachments/0/har/log/entries/1");
}

#[test]
fn one_after_the_other() {
    let got = read(format!("{}\n{}", two(), two()).as_bytes());
    let indices: Vec<_> = got.events.iter().filter_map(|e| e.0.entry).collect();
    assert_eq!(indices, [0, 1, 2, 3]);
    assert_eq!(got.events[3].0.pointer, "/log/entries/1");
}

#[test]
fn entries_as_an_object_or_without_a_list() {
    let (a, b) = (entry("https://a.example/", ""), entry("https://b.example/", ""));
    let keyed = format!(r#"{{"log":{{"entries":{{"0":{a},"x/y":{b}}}}}}}"#);
    let got = read(keyed.as_bytes());
    assert_eq!(got.urls(), ["https://a.example/", "https://b.example/"]);
    assert_eq!(got.events[1].0.pointer, "/log/entries/x~1y");
    assert_eq!(read(format!("[{a},{b}]").as_bytes()).events.len(), 2);
    assert_eq!(read(a.as_bytes()).events.len(), 1);
}

#[test]
fn odd_values() {
    let text = r#"{"log":{"entries":[
      {"startedDateTime":"NaN","pageref":"page_1","request":{"method":"POST","url":null,
        "headers":{"Host":"a.example","X-Many":["1",2]},
        "postData":{"mimeType":"application/x-www-form-urlencoded","text":"a=1","params":[{"name":"a","value":"2"}]}}},
      {"request":{"url":"https://b.example/?\ud800\u0000"},
       "response":{"status":-1,"_error":"net::ERR_FAILED","headers":[["Date","x"],{"name":"Set-Cookie","value":"a=1\nb=2"}],
        "content":{"encoding":"base64","text":"not base64!"}}},
      {"response":{"status":"403 Forbidden","content":{"text":{"error":{"code":"ErrorAccessDenied"}}}}},
      null, {}
    ]}}"#;
    let got = read(text.as_bytes());
    assert_eq!(got.events.len(), 3);
    assert_eq!(got.lost.iter().map(|l| l.what.as_str()).collect::<Vec<_>>(), ["entry 3", "entry 4"]);
    let first = got.exchange(0);
    assert!(first.url.is_empty() && first.status.is_none() && got.events[0].1.is_none());
    assert_eq!(first.session, "page_1");
    let values: Vec<_> = first.request_headers.iter().map(|h| h.value.text().into_owned()).collect();
    assert_eq!(values, ["a.example", "1", "2"]);
    let body = first.request_body.as_ref().expect("a body");
    assert_eq!((&*body.text.text(), &*body.params[0].value.text()), ("a=1", "2"));
    let second = got.exchange(1);
    assert_eq!(second.status, Some(0));
    assert_eq!(second.error.as_ref().map(|e| e.text().into_owned()).as_deref(), Some("net::ERR_FAILED"));
    let cookies: Vec<_> = second.response_headers[1..].iter().map(|h| h.value.text().into_owned()).collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!(second.response_body.as_ref().expect("a body").text.text(), "not base64!");
    let third = got.exchange(2);
    assert_eq!(third.status, Some(403));
    assert_eq!(
        third.response_body.as_ref().expect("a body").text.text(),
        r#"{"error":{"code":"ErrorAccessDenied"}}"#
    );
}

#[test]
fn page_titles_with_a_fragment() {
    let text = two().replace(
        "\"pages\":[]",
        r#""pages":[{"title":"Inbox # 1"},{"title":"https://app.contoso.example/cb#error=access_denied"}]"#,
    );
    let got = read(text.as_bytes());
    let (place, _, kind) = &got.events[0];
    assert_eq!(place.pointer, "/log/pages/1/title");
    assert!(
        matches!(kind, EventKind::Paste(p) if p.text() == "https://app.contoso.example/cb#error=access_denied")
    );
    assert_eq!(got.events.len(), 3);
}

#[test]
fn sanitised_captures() {
    let by = |text: &str| {
        read(text.as_bytes()).marks.into_iter().find(|(n, _)| *n == FactName::Sanitised).map(|(_, by)| by)
    };
    let login = two().replace("login.contoso.example", "login.microsoftonline.com");
    assert_eq!(by(&login).as_deref(), Some("chrome"));
    assert_eq!(by(&login.replace("Accept", "Cookie")), None);
    assert_eq!(by(&two()), None, "no sign-in: a missing cookie says nothing");
    assert_eq!(by(&login.replace("*/*", "[authorization redacted]")).as_deref(), Some("cloudflare"));
}

#[test]
fn a_damaged_entry_does_not_take_the_others_with_it() {
    let entries: Vec<String> = (0..5).map(|n| entry(&format!("https://a.example/{n}"), "x")).collect();
    for damage in ["\"x\"y\"", "{{", "}}", "]", "\"unclosed"] {
        let mut broken = entries.clone();
        broken[2] = broken[2].replacen("\"time\":1", &format!("\"time\":{damage}"), 1);
        let got = read(har(&broken).as_bytes());
        let urls = got.urls();
        for n in [0, 1, 3, 4] {
            assert!(urls.contains(&format!("https://a.example/{n}")), "{damage}: {urls:?}");
        }
        let known = urls.contains(&"https://a.example/2".to_owned());
        assert!(known || got.lost.iter().any(|l| l.what == "entry 2"), "{damage}: {:?}", got.lost);
    }
}

#[test]
fn nothing_to_read_says_why() {
    for text in [
        r#"{"log":{"version":"1.2","creator":{"name":"x"},"entries":[]}}"#,
        r#"{"log":{"version":"1.2","creator":{"name":"x"}}}"#,
        r#"{"log":{"version":"1.2","creator":{"na"#,
        r#"{"log":{"_recordingName":"a"#,
        "{\"log\":\n[\n    2,1,3\n]\n\"request:\"}",
    ] {
        assert!(claim::claim(text.as_bytes()) > 0, "{text}");
        let got = read(text.as_bytes());
        assert!(got.events.is_empty());
        assert_eq!(got.lost.len(), 1, "{text}");
    }
}

#[test]
fn other_json_is_not_claimed() {
    for text in [
        "{\"log\":\"GET / 200\\n\",\"stream\":\"stdout\"}\n{\"log\":\"x\"}",
        "{\"level\":\"info\",\"message\":\"\\\"entries\\\": \\\"log\\\" \\\"request\\\"\"}\n",
        "{\"request\":{\"method\":\"GET\"},\"response\":{\"status\":200}}\n",
        "{\"log\":{\"level\":\"warn\"},\"message\":\"entries request log\"}\n",
        "{\"entries\":[{\"id\":1},{\"id\":2}]}",
        "2026-03-04 05:06:07 {\"log\":{\"entries\":[{\"request\":{}}]}}",
        "",
        "[",
    ] {
        assert_eq!(claim::claim(text.as_bytes()), 0, "{text}");
    }
}

#[test]
fn hostile_shapes_stay_bounded() {
    for text in [
        "[".repeat(300_000),
        "{\"entries\":[{]".repeat(30_000),
        "{\"a\":".repeat(100_000),
        "{\"entries\":[".repeat(30_000),
    ] {
        read(text.as_bytes());
    }
    read(&vec![b'\\'; 100_000]);
    let slashes = format!("{{\"log\":{{\"entries\":[{{\"request\":{{\"url\":\"{}", "\\\"".repeat(200_000));
    read(slashes.as_bytes());
}

/// Ends of the entries in the text, found with a strict reader of JSON.
fn ends(text: &str) -> Vec<usize> {
    let mut at = text.find("\"entries\":[").expect("a list") + 11;
    let mut ends = Vec::new();
    while text.as_bytes().get(at) == Some(&b'{') {
        let mut stream = serde_json::Deserializer::from_str(&text[at..]).into_iter::<serde_json::Value>();
        stream.next().expect("an entry").expect("sound");
        at += stream.byte_offset();
        ends.push(at);
        at += 1;
    }
    ends
}

fn cut_holds(text: &str, cut: usize) {
    let all = ends(text);
    let got = read(&text.as_bytes()[..cut]);
    let whole = all.iter().filter(|end| **end <= cut).count();
    let read_whole = got.events.iter().filter(|e| all.contains(&(e.0.span.end as usize))).count();
    assert_eq!(read_whole, whole, "cut at {cut}");
    assert!(got.events.len() <= whole + 1, "cut at {cut}");
    if got.events.len() == whole + 1 {
        let partial = got.exchange(whole).url.text().into_owned();
        assert!(
            text.contains(&format!("\"url\":\"{partial}\"")),
            "a cut URL was taken for a whole one: {partial}"
        );
        assert!(!partial.is_empty());
    }
    let list_ended = cut > *all.last().unwrap_or(&usize::MAX);
    let expected = usize::from(cut < text.len());
    assert_eq!(got.lost.len(), expected, "cut at {cut}: {:?}", got.lost);
    if expected == 1 && !list_ended && whole < all.len() && cut > all.first().copied().unwrap_or(0) {
        assert!(got.lost[0].what.contains(&whole.to_string()), "cut at {cut}: {:?}", got.lost);
    }
}

#[test]
fn cut_at_every_byte() {
    let text = two();
    for cut in 1..=text.len() {
        cut_holds(&text, cut);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cut_anywhere(
        bodies in proptest::collection::vec("[ -~é\\\\\"{}\\[\\],:]{0,60}", 1..5),
        at in 0.0f64..1.0,
    ) {
        let entries: Vec<String> =
            bodies.iter().enumerate().map(|(n, b)| entry(&format!("https://a.example/{n}"), b)).collect();
        let text = har(&entries);
        let cut = ((text.len() as f64 * at) as usize).max(1);
        cut_holds(&text, cut);
    }

    #[test]
    fn any_bytes_are_survived(noise in proptest::collection::vec(any::<u8>(), 0..300), at in 0usize..900) {
        let mut text = two().into_bytes();
        let at = at.min(text.len());
        text.splice(at..at, noise);
        read(&text);
        claim::claim(&text);
    }
}

#[test]
fn fixtures() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/har");
    let expected = std::fs::read_to_string(folder.join("expected.tsv")).expect("a list");
    let limits = crate::source::Limits::default();
    for line in expected.lines().filter(|l| !l.starts_with('#')) {
        let [name, events, urls, losses] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (found, lost) = crate::source::find(&[folder.join(name).to_string_lossy().into_owned()], &limits);
        assert!(lost.is_empty(), "{name}: {lost:?}");
        let loaded = crate::source::load(&found[0], &limits);
        assert_eq!(crate::decode::format_of(&loaded.sources[0]).map(|f| f.name), Some("har"), "{name}");
        let got = read(loaded.sources[0].bytes());
        let known = got.urls().iter().filter(|u| !u.is_empty()).count();
        let figures = [got.events.len(), known, got.lost.len()].map(|n| n.to_string());
        assert_eq!(figures, [events, urls, losses], "{name}: {:?}", got.lost);
    }
}

#[test]
fn packed_bodies_are_unpacked_when_looked_at() {
    let got = read(include_bytes!("../../../fixtures/har/packed-bodies.har"));
    for index in [0, 1] {
        let body = got.exchange(index).response_body.as_ref().expect("a body");
        assert_eq!(body.text.text(), r#"{"error": {"code": "ErrorAccessDenied"}}"#);
    }
}

#[test]
fn a_cut_body_ends_before_its_last_word() {
    let got = read(include_bytes!("../../../fixtures/har/cut-in-entry.har"));
    let body = got.exchange(3).response_body.as_ref().expect("a body");
    assert_eq!(body.text.text(), r#"{"error": {"code":"#);
}
