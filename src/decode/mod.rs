//! Bytes → events. One file per input format.
//!
//! In: a [`Source`]. Out: which format claims it, and its events, piece by piece. Never: judging what an event means,
//! or dropping anything without a [`Lost`].
//!
//! A new format is one file with a [`Format`] and its line in [`FORMATS`].

mod access;
mod csv;
mod docker;
mod fields;
mod har;
mod http;
mod iis;
pub mod json;
mod json_lines;
mod json_records;
mod json_table;
mod lines;
#[cfg(test)]
mod log_tests;
mod logfmt;
mod net_export;
mod packed;
mod part;
mod prefixed;
mod quoted;
mod sessions;
mod stamp;
mod survey;
mod text;
pub(crate) mod time;
mod wrapped;

pub(crate) use har::places as har_places;
pub(crate) use http::plain_message;
pub(crate) use packed::{chunks as unpack_chunks, readable as readable_body};
pub use part::decode_base64;
pub use survey::Survey;

use crate::model::{Event, Exchange, Lost, Source};

/// An input format.
pub struct Format {
    /// Name in reports: `har`, `json-lines`, `iis-w3c`…
    pub name: &'static str,
    /// How sure the format is, from the first 64 KiB: 0 not mine, 100 certainly mine. The highest claim wins; among
    /// equals the earlier in [`FORMATS`].
    pub claim: fn(head: &[u8]) -> u8,
    /// Cuts the source into pieces that can be read independently and in parallel.
    pub split: for<'a> fn(source: &'a Source) -> Split<'a>,
    /// Whether it can be read window by window.
    pub reach: Reach,
}

/// Answers whether an exchange is wanted, as [`Sink::wants_sketch`] does.
pub type Wanted = for<'a> fn(head: &Exchange<'a>, rest: &mut dyn FnMut() -> Option<Exchange<'a>>) -> bool;

/// Cuts a source into pieces for somebody who wants only some of its exchanges: the answer has to be that of the sink.
pub fn split_asking<'a>(format: &Format, source: &'a Source, wanted: Wanted) -> Split<'a> {
    if format.name == har::FORMAT.name {
        har::split_asking(source, Some(wanted))
    } else {
        (format.split)(source)
    }
}

/// How much of a source has to be there before any of it can be read.
#[derive(Clone, Copy)]
pub enum Reach {
    /// All of it.
    Whole,
    /// Some lines.
    Lines,
    /// Some lines, under header lines that may stand far before them: which of these hold for what follows.
    Headed(fn(bytes: &[u8]) -> Vec<u8>),
}

/// A source cut into pieces. The order of pieces is the order of the source.
#[derive(Default)]
pub struct Split<'a> {
    pub pieces: Vec<Box<dyn Piece<'a> + 'a>>,
    pub lost: Vec<Lost>,
    /// Facts about the capture itself that the format's frame tells (`capture-tool=webinspector`, `sanitised=chrome`).
    pub marks: Vec<(crate::model::FactName, String)>,
}

/// A part of a source that can be read by itself: one HAR entry, some thousand log lines.
pub trait Piece<'a>: Send + Sync {
    /// Hands every event to `sink`, in order of the source.
    fn read(&self, sink: &mut dyn Sink<'a>);
    /// Where it begins, which is where a record begins; `None` for formats that are read as a whole.
    fn start(&self) -> Option<Start> {
        None
    }
}

/// Where a piece begins.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    pub at: usize,
    /// One-based number of its first line; `None` where the lines of its places count from its beginning.
    pub line: Option<u64>,
}

/// Takes what a piece holds.
pub trait Sink<'a> {
    fn event(&mut self, event: Event<'a>);
    /// Whether a record with this text is wanted; of others only their number is told.
    fn wants(&self, _text: &[u8]) -> bool {
        true
    }
    /// One look at a whole stretch: records in its quiet parts are not wanted.
    fn survey(&self, _text: &[u8]) -> Survey {
        Survey::default()
    }
    /// Whether an exchange is wanted of which only the URL, the status and the recorder's error are told.
    fn wants_exchange(&self, _head: &Exchange<'a>) -> bool {
        true
    }
    /// As [`Sink::wants_exchange`], where `rest` can tell all that decides but not where it stands. It gives `None` where
    /// that would take as long as reading the exchange.
    fn wants_sketch(&self, _head: &Exchange<'a>, _rest: &mut dyn FnMut() -> Option<Exchange<'a>>) -> bool {
        true
    }
    /// So many line ends the piece has, if the lines of its places count from its beginning. Told once, at the end.
    fn lines(&mut self, _count: u64) {}
    /// So many records or exchanges that were not wanted.
    fn unwanted(&mut self, _count: u64) {}
    fn lost(&mut self, lost: Lost);
}

/// Every format, most specific first.
pub const FORMATS: &[Format] = &[
    har::FORMAT,
    sessions::FORMAT,
    net_export::FORMAT,
    iis::FORMAT,
    prefixed::FORMAT,
    access::FORMAT,
    json_table::FORMAT,
    json_records::FORMAT,
    json_lines::FORMAT,
    csv::FORMAT,
    logfmt::FORMAT,
    text::FORMAT,
];

/// A claim that no later format exceeds. A capture's has to be this high, for its head is expensive to ask about.
const CERTAIN: u8 = 97;

/// The format that claims the source; `None` when nothing could read it (binary rubbish).
pub fn format_of(source: &Source) -> Option<&'static Format> {
    format_of_head(source.bytes())
}

/// As [`format_of`], for a source of which only the beginning is there.
pub fn format_of_head(bytes: &[u8]) -> Option<&'static Format> {
    let head = &bytes[..bytes.len().min(64 * 1024)];
    let mut best: Option<(&Format, u8)> = None;
    for format in FORMATS {
        let claim = (format.claim)(head);
        if claim > best.map_or(0, |(_, c)| c) {
            best = Some((format, claim));
        }
        // The others need not be asked: none of them claims more.
        if claim >= CERTAIN {
            break;
        }
    }
    best.map(|(format, _)| format)
}
