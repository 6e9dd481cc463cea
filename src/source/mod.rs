//! Arguments → streams of bytes.
//!
//! In: paths, folders, `-`, URLs given as arguments. Out: [`Source`]s: files mapped, archives opened, text in other
//! encodings turned into UTF-8. Never: reading what a limit forbids, following a link twice, or passing over a file
//! without a [`Lost`].
//!
//! [`find`] names what there is, in one order that only the arguments and file names decide; [`load`] opens one of
//! them, so that the caller can load several at once and number the sources afterwards.

mod archive;
pub(crate) mod codec;
mod embedded;
mod feed;
mod find;
mod load;
mod mail;
mod map;
mod narrow;
pub(crate) mod sessions;
mod sniff;
mod text;
mod unpack;
mod xz;
mod zipped_har;

pub(crate) use feed::Feed;
pub use find::find;
pub(crate) use load::is_plain_text;
#[doc(hidden)]
pub use load::load_bytes;
pub use load::{load, open, open_reader};
pub use map::Bytes;
pub(crate) use map::soon;
pub(crate) use sniff::is_http;

use std::path::PathBuf;

use crate::model::{Lost, Source};

/// How much is read at most. What was read before a limit was met is kept, and the limit is named in a [`Lost`].
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a plain file.
    pub max_file: u64,
    /// Bytes of one log that had to be decompressed, or came from standard input.
    pub max_source: u64,
    /// Bytes of one source that has to be in memory as a whole, when it came out of an archive, a compressed stream or
    /// standard input. Line logs are read window by window and may be longer.
    pub max_held: u64,
    /// Size of such a window.
    pub window: usize,
    /// Bytes that one input may decompress to, over all its members.
    pub max_total: u64,
    /// Files found in the folders given.
    pub max_files: usize,
    /// Members of one input, over all archives in it.
    pub max_members: usize,
    /// Archives within archives, and folders within folders.
    pub max_depth: usize,
    /// Bytes out for each byte in, once more than [`Limits::ratio_from`] came out.
    pub max_ratio: u64,
    /// Below this many bytes out, the ratio does not matter.
    pub ratio_from: u64,
    /// From this size of a source on, events are passed over that hold nothing an extractor looks for; smaller sources
    /// are not worth building the search. Changes nothing but time: `tests/gate.rs` holds both ways against each other.
    pub gate_from: u64,
    /// Time that one input may take; what is not begun by then stays unread, and that is said. Without it, the other
    /// limits alone bound the time.
    pub max_time: Option<std::time::Duration>,
    /// Leaves the members of a Fiddler archive apart, for a copy of it; otherwise they are one source.
    pub apart: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_file: 4 << 30,
            max_source: 4 << 30,
            max_held: 320 << 20,
            window: 16 << 20,
            max_total: 4 << 30,
            max_files: 100_000,
            max_members: 10_000,
            max_depth: 5,
            max_ratio: 40,
            ratio_from: 128 << 20,
            gate_from: 128 << 10,
            max_time: None,
            apart: false,
        }
    }
}

impl Limits {
    /// For a copy, which needs every input as a whole: one unpacked source is held up to 1 GiB.
    pub fn for_whole() -> Limits {
        Limits { max_held: 1 << 30, ..Limits::default() }
    }
}

/// One thing to read, not yet opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Name in the report: the path as reached, `-`, or `argument`.
    pub name: String,
    pub origin: Origin,
}

/// Where the bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    File(PathBuf),
    Stdin,
    /// The text of the argument itself.
    Argument(String),
}

/// What one found thing held: usually one source, several for an archive, none when nothing in it can be read.
#[derive(Clone, Default)]
pub struct Loaded {
    /// In order of the archive. Their ids are 0: the caller numbers them.
    pub sources: Vec<Source>,
    pub lost: Vec<Lost>,
}

/// Takes what is read of an input, one thing after the other, so that not all of it is in memory at once.
pub trait Taker: Send {
    /// A source that is all there.
    fn whole(&mut self, source: Source);

    /// Asks whether a long text that begins like this can be taken window by window. If so, nothing but windows
    /// follows until the last one.
    fn begins(&mut self, name: &str, head: &[u8]) -> bool;

    /// The next window: what was left of the one before, and more. Gives how many bytes from its front are used up:
    /// all where it is the last one, and some where it is as long as [`Limits::window`].
    fn window(&mut self, bytes: Bytes, last: bool) -> usize;
}

/// Keeps everything; for those who need a whole input at once.
impl Taker for Vec<Source> {
    fn whole(&mut self, source: Source) {
        self.push(source);
    }

    fn begins(&mut self, _name: &str, _head: &[u8]) -> bool {
        false
    }

    fn window(&mut self, bytes: Bytes, _last: bool) -> usize {
        (*bytes).as_ref().len()
    }
}

#[cfg(test)]
mod tests;
