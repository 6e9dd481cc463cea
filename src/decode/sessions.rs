//! The sessions of a Fiddler archive.
//!
//! In: the source that [`crate::source`] joins from an archive's members. Out: an exchange for each session; its number
//! in the archive is its `entry`. Never: a session passed over without a note, or WebSocket frames taken for bodies.

use std::borrow::Cow;
use std::sync::LazyLock;

use jiff::Timestamp;
use regex::bytes::Regex;

use super::http::Message;
use super::time::parse_time;
use super::{Format, Piece, Reach, Sink, Split};
use crate::model::{Event, EventKind, Exchange, FactName, Lost, Part, Place, Source, Span};
use crate::source::sessions::MAGIC;

/// Sessions of a Fiddler archive.
pub(super) const FORMAT: Format = Format { name: "saz", claim, split, reach: Reach::Whole };

fn claim(head: &[u8]) -> u8 {
    if head.starts_with(MAGIC) { 100 } else { 0 }
}

/// A member: its offset and bytes.
type Member<'a> = (usize, &'a [u8]);

/// The members of one session.
#[derive(Default, Clone, Copy)]
struct Session<'a> {
    number: u32,
    start: usize,
    end: usize,
    request: Option<Member<'a>>,
    response: Option<Member<'a>>,
    about: Option<Member<'a>>,
    frames: bool,
}

fn split<'a>(source: &'a Source) -> Split<'a> {
    let mut out = Split { marks: vec![(FactName::CaptureTool, "fiddler".to_owned())], ..Split::default() };
    for session in sessions(source.bytes()) {
        out.pieces.push(Box::new(SessionPiece { source, session }));
    }
    out
}

/// Walks the lines that name each member and its length.
fn sessions(bytes: &[u8]) -> Vec<Session<'_>> {
    let mut out: Vec<Session<'_>> = Vec::new();
    let mut at = MAGIC.len();
    while let Some((number, message, length, line)) = bytes.get(at..).and_then(heading) {
        let start = at + line;
        let end = (start + length).min(bytes.len());
        let member = (start, bytes.get(start..end).unwrap_or_default());
        if out.last().is_none_or(|s| s.number != number) {
            out.push(Session { number, start: at, ..Session::default() });
        }
        if let Some(session) = out.last_mut() {
            session.end = end;
            match message {
                b'c' => session.request = Some(member),
                b's' => session.response = Some(member),
                b'm' => session.about = Some(member),
                _ => session.frames = true,
            }
        }
        at = end + 2;
    }
    out
}

/// `--- raw/12_c.txt 345`: session, message, length, and how long the line is.
fn heading(rest: &[u8]) -> Option<(u32, u8, usize, usize)> {
    let end = memchr::memchr(b'\n', rest.get(..rest.len().min(400))?)?;
    let line = std::str::from_utf8(rest.get(..end)?).ok()?.trim_end().strip_prefix("--- ")?;
    let (name, length) = line.rsplit_once(' ')?;
    let (number, message) = name.rsplit('/').next()?.split_once('_')?;
    Some((number.parse().ok()?, *message.as_bytes().first()?, length.parse().ok()?, end + 1))
}

struct SessionPiece<'a> {
    source: &'a Source,
    session: Session<'a>,
}

impl SessionPiece<'_> {
    fn lost(&self, why: &str) -> Lost {
        Lost {
            source: self.source.name.clone(),
            what: format!("session {}", self.session.number),
            why: why.to_owned(),
            place: format!("byte {}", self.session.start),
        }
    }
}

impl<'a> Piece<'a> for SessionPiece<'a> {
    fn read(&self, sink: &mut dyn Sink<'a>) {
        let session = self.session;
        let Some((at, request)) = session.request.filter(|(_, bytes)| !bytes.is_empty()) else {
            return sink.lost(self.lost("without its request"));
        };
        if session.frames {
            sink.lost(Lost {
                what: format!("WebSocket messages of session {}", session.number),
                ..self.lost("not read")
            });
        }
        let request = Message::parse(request, at);
        let response = session.response.filter(|(_, b)| !b.is_empty()).map(|(at, b)| Message::parse(b, at));
        let mut exchange = Exchange { request_headers: request.headers.clone(), ..Exchange::default() };
        request_line(&request, &mut exchange);
        match request.text("/request/body") {
            Ok(body) => exchange.request_body = body,
            Err(why) => sink.lost(self.lost(why)),
        }
        match &response {
            None => exchange.status = Some(0),
            Some(response) => {
                status_line(response, &mut exchange);
                exchange.response_headers = response.headers.clone();
                match response.text("/response/body") {
                    Ok(body) => exchange.response_body = body,
                    Err(why) => sink.lost(self.lost(why)),
                }
                own_answer(response, &mut exchange);
            }
        }
        let place = Place {
            source: self.source.id,
            span: Span { start: session.start as u64, end: session.end as u64 },
            entry: Some(session.number),
            line: None,
            pointer: format!("raw/{}", session.number),
        };
        let time = session.about.and_then(|(_, about)| begun(about));
        sink.event(Event { place, time, kind: EventKind::Exchange(Box::new(exchange)) });
    }
}

/// Method and URL. A proxy's `CONNECT host:443` and a server's bare path become whole URLs.
fn request_line<'a>(request: &Message<'a>, exchange: &mut Exchange<'a>) {
    let line = request.first_line;
    let Some(blank) = memchr::memchr(b' ', line) else { return };
    let method = line.get(..blank).unwrap_or_default();
    let rest = line.get(blank + 1..).unwrap_or_default();
    let target = rest.get(..memchr::memrchr(b' ', rest).unwrap_or(rest.len())).unwrap_or_default();
    exchange.method = String::from_utf8_lossy(method);
    exchange.url = Part::plain(target, request.first_at + blank + 1);
    let text = String::from_utf8_lossy(target);
    if method == b"CONNECT" {
        exchange.url.raw = Cow::Owned(format!("https://{text}/").into_bytes());
    } else if text.starts_with('/')
        && let Some(host) = request.header("host")
    {
        exchange.url.raw = Cow::Owned(format!("https://{}{text}", host.trim()).into_bytes());
    }
}

fn status_line<'a>(response: &Message<'a>, exchange: &mut Exchange<'a>) {
    let line = String::from_utf8_lossy(response.first_line);
    let mut words = line.splitn(3, ' ').skip(1);
    exchange.status = words.next().and_then(|w| w.trim().parse().ok());
    exchange.status_text = Cow::Owned(words.next().unwrap_or_default().trim().to_owned());
}

/// Fiddler answers itself when no server did; its words are the error, not an answer.
fn own_answer(response: &Message<'_>, exchange: &mut Exchange<'_>) {
    let own = response.body.starts_with(b"[Fiddler]")
        || exchange.status_text.starts_with("Fiddler - ")
        || response.body.starts_with(b"Fiddler: ");
    if own && exchange.status.is_some_and(|s| s >= 500) {
        let text = response.body.get(..response.body.len().min(2000)).unwrap_or_default();
        let mut part = Part::plain(b"", response.body_at);
        part.raw = Cow::Owned(text.to_vec());
        part.pointer = Cow::Borrowed("/response/body");
        exchange.error = Some(part);
        exchange.status = Some(0);
        exchange.response_body = None;
        exchange.response_headers.clear();
    }
}

/// When the client sent the request.
fn begun(about: &[u8]) -> Option<Timestamp> {
    static BEGIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"(?-u)\b(?:ClientBeginRequest|GotRequestHeaders|ClientConnected)="([0-9T:.+Z-]{10,40})""#,
        )
        .ok()
    });
    let pattern = LazyLock::force(&BEGIN).as_ref()?;
    pattern
        .captures_iter(about)
        .filter_map(|c| Some(String::from_utf8_lossy(c.get(1)?.as_bytes()).into_owned()))
        .filter(|text| !text.starts_with("0001-"))
        .find_map(|text| parse_time(&text))
}
