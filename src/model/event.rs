use std::borrow::Cow;

use jiff::Timestamp;

use super::Place;

/// One HTTP exchange, log record or pasted text, with its place. Borrows from the source; lives only while the
/// extractors look at it.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    pub place: Place,
    /// When it happened, as the source says; `None` where it does not say.
    pub time: Option<Timestamp>,
    pub kind: EventKind<'a>,
}

#[derive(Debug, Clone)]
pub enum EventKind<'a> {
    /// An HTTP exchange: a HAR entry, an archived session, an access-log line.
    Exchange(Box<Exchange<'a>>),
    /// A record of a log: one line, or one with its stack trace; structured or not.
    Record(Box<Record<'a>>),
    /// Pasted text without structure: a ticket, an error page copied as text, a URL.
    Paste(Part<'a>),
}

/// An HTTP exchange. Everything may be absent: captures are damaged, sanitised and cut.
#[derive(Debug, Clone, Default)]
pub struct Exchange<'a> {
    pub method: Cow<'a, str>,
    /// The request URL as written (access logs: path and query only).
    pub url: Part<'a>,
    /// HTTP status; 0 when no answer came (blocked, cancelled), `None` when the capture does not say.
    pub status: Option<i32>,
    pub status_text: Cow<'a, str>,
    pub request_headers: Vec<Header<'a>>,
    pub response_headers: Vec<Header<'a>>,
    pub request_body: Option<Body<'a>>,
    pub response_body: Option<Body<'a>>,
    /// `response.redirectURL` of a HAR.
    pub redirect_url: Option<Part<'a>>,
    /// The recorder's own words for a failed exchange (`_error`, `_failure`, `net::ERR_…`).
    pub error: Option<Part<'a>>,
    /// Address that made the request, where a server log says so.
    pub client: Option<Cow<'a, str>>,
    /// Opaque id that several exchanges of one page load or session share (`pageref`, session id); may be empty.
    pub session: Cow<'a, str>,
    /// True for an access-log line: no headers or bodies were ever recorded.
    pub log_line: bool,
}

#[derive(Debug, Clone)]
pub struct Header<'a> {
    pub name: Cow<'a, str>,
    pub value: Part<'a>,
}

#[derive(Debug, Clone, Default)]
pub struct Body<'a> {
    pub text: Part<'a>,
    /// Media type without parameters, lower case; empty when unknown.
    pub mime: String,
    /// `postData.params`, when the recorder split a form.
    pub params: Vec<Param<'a>>,
}

#[derive(Debug, Clone)]
pub struct Param<'a> {
    pub name: Cow<'a, str>,
    pub value: Part<'a>,
}

/// A log record.
#[derive(Debug, Clone, Default)]
pub struct Record<'a> {
    /// The whole record as written, including a stack trace.
    pub text: Part<'a>,
    /// Named fields of a structured record, flattened with dots (`error.code`), in order of appearance.
    pub fields: Vec<Param<'a>>,
    /// The message, where the format has one.
    pub message: Option<Part<'a>>,
    /// Severity as written, lower case; empty when unknown.
    pub level: String,
}

/// A stretch of source bytes that stands for a text, with the way to read it. Decoded only when looked at.
#[derive(Debug, Clone, Default)]
pub struct Part<'a> {
    /// The bytes as they stand in the source, without the quotes of a JSON string.
    pub raw: Cow<'a, [u8]>,
    /// Offset of `raw` in the source.
    pub at: u64,
    pub form: Form,
    /// JSON pointer or field name; completes [`Place::pointer`].
    pub pointer: Cow<'static, str>,
}

/// How the bytes of a [`Part`] are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// As they are (invalid UTF-8 is replaced).
    #[default]
    Plain,
    /// As they are, but they do not stand in the source like that: it holds so many bytes in their place (compressed, in
    /// pieces, or a number that they spell out).
    Made(u32),
    /// The inside of a JSON string: undo `\n`, `\"`, `\uXXXX`.
    JsonString,
    /// The inside of a JSON string that holds base64, possibly of gzip or zlib data.
    JsonBase64,
    /// The inside of a quoted CSV field: undo `""`.
    CsvQuoted,
    /// The inside of a JSON string that holds, as JSON, an array of chunks of compressed data in hex or base64.
    JsonChunks,
}
