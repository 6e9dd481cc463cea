//! Links that hide where they lead.
//!
//! In: a pasted text. Out: a note for each kind of link in it whose address nobody but the service that made it can tell.
//! Never: following one, or a note on a link that can be undone: those are read as the URL inside.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::Sink;
use super::lines::Chunk;

/// Says which line holds a link of Mimecast, which consists of a key.
pub(super) fn tell<'a>(chunk: &Chunk<'a>, sink: &mut dyn Sink<'a>) {
    static KEYED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i-u)https?://(?:[a-z0-9.-]{0,80}\.)?mimecast(?:protect)?\.com/[sr]/[A-Za-z0-9_-]").ok()
    });
    for line in chunk.lines() {
        if LazyLock::force(&KEYED).as_ref().is_some_and(|keyed| keyed.is_match(line.text)) {
            let why = "Mimecast has replaced the address by a key of its own: where it leads cannot be known from it. Ask \
                       for the address that the browser shows after a click";
            sink.lost(chunk.lost("the address inside a link".to_owned(), why, line.number));
        }
    }
}
