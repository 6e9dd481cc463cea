//! Access logs of web servers, proxies and load balancers.
//!
//! In: lines in the common and combined formats (nginx, Apache, with or without virtual host and syslog header),
//! Envoy, oauth2-proxy, HAProxy and AWS load balancers. Out: an exchange for each line, with the request target as
//! written; a plain record for what is no such line. Never: headers or bodies that the line does not have.

use std::borrow::Cow;

use jiff::Timestamp;
use nom::branch::alt;
use nom::bytes::complete::{escaped, is_not, tag, take, take_till1, take_until, take_while, take_while1};
use nom::character::complete::{char, one_of};
use nom::combinator::{map, opt, peek, recognize, verify};
use nom::multi::many1_count;
use nom::sequence::{delimited, preceded, terminated};
use nom::{IResult, Parser};

use super::lines::{Chunk, Line, Lines, pieces};
use super::stamp::line_stamp;
use super::time::stamp;
use super::{Format, Reach, Sink, Split};
use crate::model::{Event, EventKind, Exchange, Header, Part, Source};

/// One HTTP exchange a line.
pub(super) const FORMAT: Format = Format { name: "access", claim, split, reach: Reach::Lines };

type Got<'i, T> = IResult<&'i [u8], T>;

/// Longest line that is read as an access-log line.
const MAX: usize = 64 * 1024;

fn claim(head: &[u8]) -> u8 {
    let (mut hits, mut lines, mut stamped) = (0usize, 0usize, 0usize);
    for line in Lines::of_head(head).filter(|l| !l.is_blank()).take(200) {
        lines += 1;
        if entry(line.text).is_some() {
            hits += 1;
        } else {
            stamped += usize::from(line_stamp(line.text).is_some());
        }
    }
    match (hits, lines) {
        (0, _) => 0,
        _ if hits * 10 >= lines * 6 => 80,
        // The log of a proxy that writes its own messages between the requests.
        _ if hits * 3 >= lines && (hits >= 3 || hits + stamped == lines) => 55,
        _ => 0,
    }
}

fn split<'a>(source: &'a Source) -> Split<'a> {
    pieces(Chunk::whole(source).cut(|_| true), read)
}

fn read<'a>(chunk: &Chunk<'a>, sink: &mut dyn Sink<'a>) {
    for line in chunk.lines() {
        match entry(line.text) {
            Some(entry) => sink.event(event(chunk, &line, &entry)),
            None => chunk.plain_record(line.start, line.end(), line.number, sink),
        }
    }
}

/// What an access-log line says; every slice lies within the line.
#[derive(Debug, Default)]
struct Entry<'a> {
    time: Option<Timestamp>,
    client: &'a [u8],
    method: &'a [u8],
    url: &'a [u8],
    status: Option<i32>,
    host: &'a [u8],
    referer: &'a [u8],
    agent: &'a [u8],
}

/// The exchange that a message is behind a container's or a log daemon's prefix, and its time; `at` is its offset.
pub(super) fn exchange_of(message: &[u8], at: usize) -> Option<(Exchange<'_>, Option<Timestamp>)> {
    let entry = entry(message)?;
    let line = Line { text: message, start: at, number: 0 };
    Some((exchange(&line, &entry), entry.time))
}

fn event<'a>(chunk: &Chunk<'a>, line: &Line<'a>, entry: &Entry<'a>) -> Event<'a> {
    Event {
        place: chunk.place(line.start, line.end(), line.number),
        time: entry.time,
        kind: EventKind::Exchange(Box::new(exchange(line, entry))),
    }
}

fn exchange<'a>(line: &Line<'a>, entry: &Entry<'a>) -> Exchange<'a> {
    let part = |slice: &'a [u8]| Part::plain(slice, offset_in(line, slice));
    let mut exchange = Exchange {
        method: String::from_utf8_lossy(entry.method),
        url: part(entry.url),
        status: entry.status,
        log_line: true,
        client: (!entry.client.is_empty()).then(|| String::from_utf8_lossy(entry.client)),
        ..Exchange::default()
    };
    for (name, slice) in [("host", entry.host), ("referer", entry.referer), ("user-agent", entry.agent)] {
        if !slice.is_empty() && slice != b"-" {
            exchange.request_headers.push(Header { name: Cow::Borrowed(name), value: part(slice) });
        }
    }
    exchange
}

/// Offset in the source of a slice of the line.
fn offset_in(line: &Line<'_>, slice: &[u8]) -> usize {
    let within = (slice.as_ptr() as usize).wrapping_sub(line.text.as_ptr() as usize);
    if within <= line.text.len() { line.start + within } else { line.start }
}

fn entry(line: &[u8]) -> Option<Entry<'_>> {
    if line.len() > MAX || memchr::memchr(b'"', line).is_none() {
        return None;
    }
    alt((load_balancer, oauth2_proxy, haproxy, common)).parse(line).ok().map(|(_, entry)| entry)
}

/// `client ident user [time] "request" status bytes "referer" "agent"`, with anything before the client.
fn common(i: &[u8]) -> Got<'_, Entry<'_>> {
    let (i, before) = verify(alt((take_until(" ["), take(0usize))), |b: &[u8]| b.len() < 400).parse(i)?;
    let (i, _) = opt(char(' ')).parse(i)?;
    let (i, time) = bracketed_time(i)?;
    let (i, _) = spaces(i)?;
    // Some put the host or the session between time and request.
    let (i, between) = verify(take_while(|b| b != b'"'), |b: &[u8]| b.len() < 200).parse(i)?;
    let (i, (method, url)) =
        alt((terminated(quoted_request, peek((spaces, status))), unescaped_request)).parse(i)?;
    let (i, _) = spaces(i)?;
    let (i, status) = status(i)?;
    let quoted = quoted_strings(i);
    let envoy = before.is_empty();
    let agent_at = if envoy { 2 } else { 1 };
    let (vhost, client) = client_of(before);
    let host = if vhost.is_empty() { host_in(between) } else { vhost };
    let entry = Entry {
        time,
        client,
        method,
        url,
        status,
        host,
        referer: if envoy { b"" } else { quoted.first().copied().unwrap_or_default() },
        agent: quoted.get(agent_at).copied().unwrap_or_default(),
    };
    Ok((i, entry))
}

/// `client - id - user [time] host METHOD upstream "/path" HTTP/1.1 "agent" status bytes seconds`.
fn oauth2_proxy(i: &[u8]) -> Got<'_, Entry<'_>> {
    let (i, before) = verify(take_until(" ["), |b: &[u8]| b.len() < 400).parse(i)?;
    let (i, _) = char(' ').parse(i)?;
    let (i, time) = bracketed_time(i)?;
    let (i, _) = spaces(i)?;
    let (i, host) = terminated(token, spaces).parse(i)?;
    let (i, method) = terminated(method, spaces).parse(i)?;
    let (i, _) = terminated(token, spaces).parse(i)?;
    let (i, url) = terminated(quoted, spaces).parse(i)?;
    let (i, _) = terminated(preceded(tag("HTTP/"), token), spaces).parse(i)?;
    let (i, agent) = terminated(quoted, spaces).parse(i)?;
    let (i, status) = status(i)?;
    let (_, client) = client_of(before);
    Ok((i, Entry { time, client, method, url, status, host, agent, referer: b"" }))
}

/// `… client:port [time] frontend backend/server 0/0/1/2/3 200 123 - - ---- … "request"`.
fn haproxy(i: &[u8]) -> Got<'_, Entry<'_>> {
    let (i, before) = verify(take_until(" ["), |b: &[u8]| b.len() < 400).parse(i)?;
    // A process id in brackets comes before the time.
    let (i, before) = match bracketed_time(i.get(1..).unwrap_or_default()) {
        Ok(_) => (i, before),
        Err(_) => take_until(" [").parse(i.get(1..).unwrap_or_default())?,
    };
    let (i, _) = char(' ').parse(i)?;
    let (i, time) = terminated(bracketed_time, spaces).parse(i)?;
    let (i, _) = (token, spaces, verify(token, |t: &[u8]| t.contains(&b'/')), spaces).parse(i)?;
    let timers = verify(token, |t: &[u8]| {
        t.contains(&b'/') && t.iter().all(|b| b.is_ascii_digit() || matches!(b, b'/' | b'-' | b'+'))
    });
    let (i, _) = (timers, spaces).parse(i)?;
    let (i, status) = status(i)?;
    let (i, _) = take_until("\"").parse(i)?;
    let (i, (method, url)) = quoted_request(i)?;
    let (_, client) = client_of(before);
    Ok((i, Entry { time, client, method, url, status, ..Entry::default() }))
}

/// `https time balancer client:port target:port 0.0 0.0 0.0 200 200 34 366 "request" "agent" …`; the older form
/// lacks the first word.
fn load_balancer(i: &[u8]) -> Got<'_, Entry<'_>> {
    let kinds = alt((tag("https "), tag("http "), tag("h2 "), tag("wss "), tag("ws "), tag("grpcs ")));
    let (i, _) = opt(kinds).parse(i)?;
    let (i, when) =
        terminated(verify(token, |t: &[u8]| t.contains(&b'T') && t.ends_with(b"Z")), spaces).parse(i)?;
    let (i, _) = (token, spaces).parse(i)?;
    let (i, client) = terminated(token, spaces).parse(i)?;
    let (i, _) = (token, spaces, token, spaces, token, spaces, token, spaces).parse(i)?;
    let (i, status) = status(i)?;
    let (i, _) = verify(take_until("\""), |b: &[u8]| b.len() < 80).parse(i)?;
    let (i, (method, url)) = quoted_request(i)?;
    let agent = quoted_strings(i).first().copied().unwrap_or_default();
    let time = stamp(when).and_then(|s| s.time);
    Ok((i, Entry { time, client: without_port(client), method, url, status, agent, ..Entry::default() }))
}

fn bracketed_time(i: &[u8]) -> Got<'_, Option<Timestamp>> {
    let (rest, inside) = delimited(char('['), take_till1(|b| b == b']'), char(']')).parse(i)?;
    match stamp(inside) {
        Some(stamp) => Ok((rest, stamp.time)),
        None => Err(nom::Err::Error(nom::error::Error::new(i, nom::error::ErrorKind::Verify))),
    }
}

/// The request in quotes: method and target; `"-"` and binary rubbish have neither.
fn quoted_request(i: &[u8]) -> Got<'_, (&[u8], &[u8])> {
    let (rest, inside) = quoted(i)?;
    Ok((rest, request(inside)))
}

/// A request with bare quotes in it: it ends where a quote and a status follow.
fn unescaped_request(i: &[u8]) -> Got<'_, (&[u8], &[u8])> {
    let (inside, _) = char('"').parse(i)?;
    for end in memchr::memchr_iter(b'"', inside).take(64) {
        let rest = inside.get(end + 1..).unwrap_or_default();
        if (spaces, status).parse(rest).is_ok() {
            return Ok((rest, request(inside.get(..end).unwrap_or_default())));
        }
    }
    Err(nom::Err::Error(nom::error::Error::new(i, nom::error::ErrorKind::Verify)))
}

fn request(inside: &[u8]) -> (&[u8], &[u8]) {
    let request = (terminated(method, char(' ')), take_while(|_| true)).parse(inside);
    let (_, (method, target)): (&[u8], (&[u8], &[u8])) = request.unwrap_or((b"", (b"", b"")));
    // The target may hold blanks: only the protocol at its end is no part of it.
    let end = memchr::memmem::rfind(target, b" HTTP/").unwrap_or(target.len());
    (method, target.get(..end).unwrap_or_default())
}

/// A quoted string; backslashes escape.
fn quoted(i: &[u8]) -> Got<'_, &[u8]> {
    let inside = escaped(is_not("\"\\"), '\\', take(1usize));
    map(delimited(char('"'), opt(recognize(inside)), char('"')), Option::unwrap_or_default).parse(i)
}

/// All quoted strings of the rest of a line.
fn quoted_strings(mut i: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while let Some(at) = memchr::memchr(b'"', i).filter(|_| found.len() < 8) {
        match quoted(i.get(at..).unwrap_or_default()) {
            Ok((rest, inside)) => {
                found.push(inside);
                i = rest;
            }
            Err(_) => break,
        }
    }
    found
}

fn status(i: &[u8]) -> Got<'_, Option<i32>> {
    let digits = verify(take_while1(|b: u8| b.is_ascii_digit()), |d: &[u8]| d.len() == 3);
    let none = map(tag("-"), |_| None);
    let number = map(digits, |d: &[u8]| d.iter().try_fold(0, |n: i32, b| Some(n * 10 + i32::from(b - b'0'))));
    terminated(alt((number, none)), alt((recognize(one_of(" \t")), nom::combinator::eof))).parse(i)
}

fn method(i: &[u8]) -> Got<'_, &[u8]> {
    verify(take_while1(|b: u8| b.is_ascii_uppercase() || b == b'_' || b == b'-'), |m: &[u8]| {
        m.len() <= 24 && m != b"-"
    })
    .parse(i)
}

fn token(i: &[u8]) -> Got<'_, &[u8]> {
    take_till1(|b| b == b' ').parse(i)
}

fn spaces(i: &[u8]) -> Got<'_, &[u8]> {
    recognize(many1_count(one_of(" \t"))).parse(i)
}

/// Virtual host and client among the words before the time.
fn client_of(before: &[u8]) -> (&[u8], &[u8]) {
    let words = || before.split(|b| *b == b' ').filter(|w| !w.is_empty());
    let Some(at) = words().position(is_address) else {
        return (b"", words().next().map(without_port).unwrap_or_default());
    };
    let client = words().nth(at).map(without_port).unwrap_or_default();
    let vhost = words().next().filter(|_| at == 1).map(host_in).unwrap_or_default();
    (vhost, client)
}

fn host_in(word: &[u8]) -> &[u8] {
    let host = without_port(word.trim_ascii());
    let named = host.contains(&b'.')
        && host.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    if named { host } else { b"" }
}

fn is_address(word: &[u8]) -> bool {
    let word = word.strip_suffix(b",").unwrap_or(word);
    let bare = without_port(word);
    let four = bare.iter().filter(|b| **b == b'.').count() == 3
        && bare.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'x' | b'*'));
    let colons = word.iter().filter(|b| **b == b':').count();
    // A time of day has two colons as well.
    let six = (colons > 2 || memchr::memmem::find(word, b"::").is_some())
        && word.iter().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'[' | b']' | b'.' | b'%'));
    four || six
}

fn without_port(word: &[u8]) -> &[u8] {
    let word = word.strip_suffix(b",").unwrap_or(word);
    let colons = word.iter().filter(|b| **b == b':').count();
    match word.iter().rposition(|b| *b == b':') {
        Some(at) if colons == 1 => word.get(..at).unwrap_or(word),
        _ => word,
    }
}
