//! Reading to the letter, ahead and by several cores, against the lenient reader that goes from the front to the back.
//!
//! In: captures made of usual and unusual parts, whole, cut and damaged. Out: nothing that differs.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::select;

use super::ahead::Ahead;
use super::plain::Alike;
use super::scan::{Layout, scan, scan_after};
use super::sketch::Sketch;
use super::{claim, entry};
use crate::model::{Body, EventKind, Exchange, Header, Part, Place};

/// Members of an entry besides its request and response.
const MEMBERS: &[&str] = &[
    r#""startedDateTime":"2026-03-02T08:00:00.000Z""#,
    r#""pageref" : "page_1""#,
    r#""time":402.25"#,
    r#""cache":{}"#,
    r#""timings":{"blocked":1.2,"dns":-1,"a":[[],{}]}"#,
    r#""_initiator":{"type":"script","stack":{"frames":[{"u":"x\"y"},1,null]}}"#,
    r#""_error":null"#,
    r#""_error":"net::ERR_FAILED""#,
    r#""_errorText":"""#,
    r#""re\u0071uest":{"url":"https://hidden.example/"}"#,
    r#""Request":{"url":"https://shouted.example/"}"#,
    r#""entries":[{"request":{"url":"https://inner.example/"}}]"#,
    r#""odd":NaN"#,
    r#""odd":undefined"#,
    r#""odd":'single'"#,
    r#""odd":[1 2]"#,
    r#""odd":[1,]"#,
];

const URLS: &[&str] = &[
    r#""url":"https://app.contoso.example/a?b=1""#,
    r#""url":"https:\/\/app.contoso.example\/\u0061""#,
    r#""url":"https://login.microsoftonline.com/common/oauth2/v2.0/token""#,
    r#""url":"""#,
    r#""url":null,"url":"https://second.example/""#,
    r#""url":"https://first.example/","url":"https://second.example/""#,
    r#""url":["https://list.example/"]"#,
    r#""URL":"https://shouted.example/""#,
    r#""method":"GET""#,
];

const STATUSES: &[&str] = &[
    r#""status":200"#,
    r#""status":-1"#,
    r#""status":0407"#,
    r#""status":12345"#,
    r#""status":"404 Not Found""#,
    r#""status":null"#,
    r#""status":null,"status":500"#,
    r#""status":2e2"#,
    r#""status":true"#,
    r#""statusText":"OK""#,
];

const HEADERS: &[&str] = &[
    r#"{"name":"accept","value":"*/*"}"#,
    r#"{"name":"content-type","value":"text/html; charset=utf-8"}"#,
    r#"{"value":"first","name":"x-turned"}"#,
    r#"{ "name" : "x-wide" , "value" : "a" }"#,
    r#"{"name":"set-cookie","value":"a=1\nb=2"}"#,
    r#"{"name":"x-empty","value":""}"#,
    r#"{"name":"x-null","value":null}"#,
    r#"{"name":"","key":"x-key","value":"v"}"#,
    r#"{"name":"x-more","value":"v","comment":"c","extra":1}"#,
    r#"{"Name":"x-shouted","Value":"v"}"#,
    r#"{"x-single":"v"}"#,
    r#"["x-pair","v"]"#,
    r#""x-line: v""#,
    "12",
];

const CONTENTS: &[&str] = &[
    r#""content":{"size":3,"mimeType":"application/json","text":"{\"a\":\"b\\\"c\"}"}"#,
    r#""content":{"size":3,"mimeType":"image/png","encoding":"base64","text":"AAAA"}"#,
    r#""content":{"text":"[\"aGVsbG8=\"]","mimeType":"x-unknown"}"#,
    r#""content":{"mimeType":"text/html; charset=utf-8","text":"","_text":"kept"}"#,
    r#""content":{}"#,
    r#""content":null,"body":"plain""#,
    r#""content":"plain""#,
    r#""content":[]"#,
    r#""redirectURL":"https://app.contoso.example/cb?code=1""#,
    r#""redirectURL":"","redirectURL":"/second""#,
    r#""redirectURL":{"a":1}"#,
    r#""_transferSize":413"#,
];

const POSTED: &[&str] = &[
    r#""postData":{"mimeType":"application/json","text":"{}"}"#,
    r#""postData":null"#,
    r#""bodySize":0"#,
    r#""headersSize":-1"#,
];

fn some(of: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(select(of), 0..most).prop_map(|parts| parts.join(","))
}

fn headers() -> impl Strategy<Value = String> {
    let list = some(HEADERS, 6).prop_map(|items| format!(r#""headers":[{items}]"#));
    let usual = Just(
        r#""headers":[{"name":"accept","value":"*/*"},{"name":"accept-language","value":"en"}]"#.to_owned(),
    );
    let other =
        select(&[r#""headers":null"#, r#""headers":{"a":"b"}"#, r#""headers":[ ]"#, r#""cookies":[]"#][..]);
    prop_oneof![3 => list, 3 => usual, 1 => other.prop_map(str::to_owned)]
}

fn joined(parts: Vec<String>) -> String {
    parts.into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(",")
}

/// A long text, with escapes or without.
fn long() -> impl Strategy<Value = String> {
    (select(&["x", "\\\"", "\\\\", "{", "a\\n,", "é"][..]), 0..1500usize)
        .prop_map(|(what, times)| format!(r#""content":{{"text":"{}"}}"#, what.repeat(times)))
}

fn any_entry() -> impl Strategy<Value = String> {
    let url = prop_oneof![4 => Just(URLS[0]), 2 => select(URLS)].prop_map(str::to_owned);
    let request = (url, headers(), some(POSTED, 3)).prop_map(|(a, b, c)| joined(vec![a, b, c]));
    let status = prop_oneof![3 => Just(STATUSES[0]), 2 => select(STATUSES)].prop_map(str::to_owned);
    let content = prop_oneof![3 => some(CONTENTS, 3), 1 => long()];
    let response = (status, headers(), content).prop_map(|(a, b, c)| joined(vec![a, b, c]));
    let usual = some(&MEMBERS[..7], 5);
    let members = prop_oneof![5 => usual, 1 => some(MEMBERS, 4)];
    (members, request, response, 0..8u8).prop_map(|(members, request, response, form)| {
        let request = format!(r#""request":{{{request}}}"#);
        let response = format!(r#""response":{{{response}}}"#);
        let parts = match form {
            0 => vec![members],
            1 => vec![request],
            2 => vec![request.clone(), response, request],
            3 => vec![response, members, request],
            _ => vec![members, request, response],
        };
        format!("{{{}}}", joined(parts))
    })
}

fn capture() -> impl Strategy<Value = Vec<u8>> {
    let gap = select(&[",", ",\n  ", " ,", ",,", "", "]", "}"][..]);
    let gap = prop_oneof![12 => Just(","), 1 => gap];
    let frame = select(
        &[
            (r#"{"log":{"version":"1.2","creator":{"name":"x"},"entries":["#, "]}}"),
            (r#"{"log":{"entries":["#, r#"],"creator":{"name":"x"}}}"#),
            (r#"[{"a":{"entries":[ "#, "\n]}}]"),
            (r#"{"entries":{"k":{},"#, "}}"),
            (r#"callback({"log":{"pages":[{"title":"a"}],"entries":["#, "]}});"),
            ("[", "]"),
        ][..],
    );
    (frame, prop::collection::vec((any_entry(), gap), 0..12)).prop_map(|((front, back), entries)| {
        let mut out = front.to_owned();
        for (n, (entry, gap)) in entries.iter().enumerate() {
            let _ = write!(out, "{}{entry}", if n == 0 { "" } else { gap });
        }
        out.push_str(back);
        out.into_bytes()
    })
}

/// A capture with something cut off, put in, taken out or changed.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let sign = select(&b"\"\\{}[],:'x \0"[..]);
    let change = (any::<prop::sample::Index>(), 0..4u8, sign);
    (capture(), prop::collection::vec(change, 0..4)).prop_map(|(mut bytes, changes)| {
        for (at, what, sign) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match what {
                0 => bytes.truncate(at),
                1 => bytes.insert(at, sign),
                2 => drop(bytes.remove(at)),
                _ => bytes[at] = sign,
            }
        }
        bytes
    })
}

/// All that a layout says.
fn told(layout: &Layout) -> String {
    let slots: Vec<String> =
        layout.entries.iter().map(|s| format!("{:?} {} {:?}", s.span, s.pointer, s.state)).collect();
    format!(
        "{slots:#?} {:?} {:?} {:?} {:?} {} {} {} {}",
        layout.creators,
        layout.pages,
        layout.ending,
        layout.long,
        layout.list_seen,
        layout.log_seen,
        layout.log_around,
        layout.roots
    )
}

fn part(part: &Part<'_>) -> String {
    format!("{} {:?} {:?}", part.at, part.form, String::from_utf8_lossy(&part.raw))
}

fn header(header: &Header<'_>) -> String {
    // Where nothing stands, it does not matter where.
    let empty = header.value.raw.trim_ascii().is_empty();
    format!("{}: {}", header.name, if empty { String::new() } else { part(&header.value) })
}

fn body(body: &Option<Body<'_>>) -> Option<String> {
    body.as_ref().map(|b| format!("{} {} {}", part(&b.text), b.mime, b.params.len()))
}

/// What decides of an exchange, but for its headers.
fn decisive(e: &Exchange<'_>) -> String {
    let optional = |p: &Option<Part<'_>>| p.as_ref().map(part);
    format!(
        "{} {:?} {:?} {:?} {:?} {:?}",
        part(&e.url),
        e.status,
        optional(&e.redirect_url),
        optional(&e.error),
        body(&e.request_body),
        body(&e.response_body)
    )
}

/// Holds the sketches of a capture against what the lenient reader makes of the same entries. Gives how many there were.
fn check_sketches(bytes: &[u8], layout: &Layout) -> usize {
    let mut silent = Alike::default();
    let (mut count, mut shown): (usize, Vec<String>) = (0, Vec::new());
    for slot in &layout.entries {
        let Some(outline) = &slot.outline else { continue };
        let long: Vec<_> = layout.long.iter().filter(|l| slot.span.contains(&l.start)).cloned().collect();
        let entry = entry::open(bytes, slot.span.clone(), true, &long).expect("it is an object");
        assert!(entry.whole, "what was read to the letter is whole");
        let sketch = Sketch { bytes, span: slot.span.clone(), outline, long: &long };
        assert_eq!(decisive(&sketch.head()), decisive(&entry.head()));
        let EventKind::Exchange(whole) = entry.event(Place::default()).kind else { panic!("an exchange") };
        let Some(alone) = sketch.exchange(&mut Alike::default()) else { continue };
        let Some(sketched) = sketch.exchange(&mut silent) else {
            silent = Alike::default();
            shown.clear();
            continue;
        };
        count += 1;
        assert_eq!(decisive(&sketched), decisive(&whole));
        assert_eq!(decisive(&alone), decisive(&whole));
        let all = |e: &Exchange<'_>| -> Vec<String> {
            e.request_headers.iter().chain(&e.response_headers).map(header).collect()
        };
        assert_eq!(all(&alone), all(&whole));
        // What was left out was shown before.
        let text = |e: &Exchange<'_>| -> Vec<String> {
            let headers = e.request_headers.iter().chain(&e.response_headers);
            headers.map(|h| format!("{}: {:?}", h.name, h.value.raw)).collect()
        };
        shown.extend(text(&sketched));
        assert!(text(&alone).iter().all(|h| shown.contains(h)), "{:?} {shown:?}", text(&alone));
    }
    count
}

#[test]
fn usual_entries_are_read_to_the_letter() {
    let entry = |n: usize| {
        format!(
            r#"{{"_initiator":{{"type":"script"}},"pageref":"p","request":{{"method":"GET","url":"https://app.contoso.example/{n}","headers":[{{"name":"accept","value":"*/*"}}],"bodySize":0}},"response":{{"status":200,"headers":[],"content":{{"size":3,"mimeType":"text/html","text":"a\"b"}},"redirectURL":"","_error":null}},"time":{n}.25}}"#
        )
    };
    let all: Vec<String> = (0..50).map(entry).collect();
    let text = format!(r#"{{"log":{{"version":"1.2","entries":[{}]}}}}"#, all.join(","));
    let layout = scan_after(text.as_bytes(), Some(Ahead::look(text.as_bytes(), 1000, None)));
    assert_eq!(layout.entries.iter().filter(|e| e.outline.is_some()).count(), 50);
    assert_eq!(check_sketches(text.as_bytes(), &layout), 50);
}

proptest! {
    #[test]
    fn ahead_or_not(bytes in damaged(), stretch in 1usize..3000) {
        let plainly = scan_after(&bytes, None);
        let front = scan(&bytes);
        let ahead = scan_after(&bytes, Some(Ahead::look(&bytes, stretch, None)));
        prop_assert_eq!(told(&front), told(&plainly));
        prop_assert_eq!(told(&ahead), told(&plainly));
        for (one, other) in front.entries.iter().zip(&ahead.entries) {
            // An entry that is longer than two stretches is not found ahead, but then from the front.
            prop_assert_eq!(&one.outline, &other.outline);
        }
        check_sketches(&bytes, &ahead);
    }

    #[test]
    fn claims(bytes in damaged()) {
        prop_assert_eq!(claim::claim(&bytes), claim::claim_of_all(&bytes));
    }
}
