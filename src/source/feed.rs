//! A long text, window by window.
//!
//! In: bytes as they come. Out: the same as text in UTF-8 without a terminal's colours, of which the taker uses up whole
//! records from the front; the rest waits for more. Never: more in memory than a window and what came last.

use std::sync::Arc;

use super::map::Bytes;
use super::unpack::CHUNK;
use super::{Taker, narrow};

/// What came and is not used up yet.
pub(crate) struct Feed {
    way: narrow::Way,
    /// Bytes of a line whose end has not come, before they become text.
    raw: Vec<u8>,
    text: Vec<u8>,
}

impl Feed {
    /// The encoding and the colours show in the beginning of the text.
    pub(crate) fn new(head: &[u8]) -> Feed {
        Feed { way: narrow::Way::of(head), raw: Vec::new(), text: Vec::new() }
    }

    /// As [`Feed::new`], for a text whose colours may begin later.
    pub(crate) fn coloured(head: &[u8]) -> Feed {
        Feed { way: narrow::Way::coloured(head), raw: Vec::new(), text: Vec::new() }
    }

    /// True when the bytes of such a text can be handed on as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.way.is_plain()
    }

    /// Text that waits.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Bytes that wait, in whatever form.
    pub(crate) fn len(&self) -> usize {
        self.raw.len() + self.text.len()
    }

    /// Adds what came. Where the text has to be changed on its way, that happens up to the last line end: neither a
    /// character nor a colour goes on beyond it. A line longer than `most` is changed in parts.
    pub(crate) fn push(&mut self, bytes: &[u8], most: usize) {
        if self.way.is_plain() {
            return self.text.extend_from_slice(bytes);
        }
        self.raw.extend_from_slice(bytes);
        let end = match memchr::memrchr(b'\n', &self.raw) {
            Some(n) => n + 1,
            None if self.raw.len() >= most => self.raw.len(),
            None => return,
        };
        self.turn(end);
    }

    /// Nothing more comes for now: an unfinished line counts as it is.
    pub(crate) fn end(&mut self) {
        self.turn(self.raw.len());
    }

    fn turn(&mut self, end: usize) {
        let rest = self.raw.split_off(end.min(self.raw.len()));
        let ready = std::mem::replace(&mut self.raw, rest);
        self.text.extend_from_slice(&self.way.turned(&ready));
    }

    /// Adds all that came, and hands over what makes a window.
    pub(super) fn take(&mut self, came: &[u8], taker: &mut (impl Taker + ?Sized), window: usize) {
        let mut rest = came;
        while !rest.is_empty() {
            let room = window.saturating_sub(self.len()).max(CHUNK).min(rest.len());
            let (part, after) = rest.split_at(room);
            self.push(part, window);
            self.hand_all(taker, window);
            rest = after;
        }
    }

    /// Hands the text over until less than a window waits.
    pub(super) fn hand_all(&mut self, taker: &mut (impl Taker + ?Sized), window: usize) {
        while self.text.len() >= window {
            self.hand(taker, false);
        }
    }

    /// Hands the text over and keeps what the taker leaves.
    pub(crate) fn hand(&mut self, taker: &mut (impl Taker + ?Sized), last: bool) {
        let text = Arc::new(std::mem::take(&mut self.text));
        let used = taker.window(Arc::clone(&text) as Bytes, last).min(text.len());
        // The taker is done with it: nothing is copied but what is left.
        let mut text = Arc::try_unwrap(text).unwrap_or_else(|shared| shared.to_vec());
        text.drain(..used);
        self.text = text;
    }
}

/// A stretch of shared bytes.
pub(super) struct Slice {
    pub(super) bytes: Bytes,
    pub(super) range: std::ops::Range<usize>,
}

impl AsRef<[u8]> for Slice {
    fn as_ref(&self) -> &[u8] {
        (*self.bytes).as_ref().get(self.range.clone()).unwrap_or_default()
    }
}
