//! xz streams, read bit by bit.
//!
//! In: the bytes of one or more streams. Out: what they hold, through [`Read`]. Never: a dictionary larger than
//! [`DICTIONARY`].

use std::io::{self, Read};

use xz4rust::{XzDecoder, XzNextBlockResult};

/// Largest dictionary; the strongest usual setting takes 64 MiB.
const DICTIONARY: usize = 64 << 20;

pub(super) struct XzStreams<'a> {
    rest: &'a [u8],
    decoder: Box<XzDecoder<'static>>,
    ended: bool,
}

impl<'a> XzStreams<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let decoder = XzDecoder::in_heap_with_alloc_dict_size(64 * 1024, DICTIONARY);
        XzStreams { rest: bytes, decoder, ended: false }
    }

    /// Steps over the zeros between two streams; false when none follows.
    fn next_stream(&mut self) -> bool {
        while let Some(rest) = self.rest.strip_prefix(b"\0") {
            self.rest = rest;
        }
        self.decoder.reset();
        self.rest.starts_with(b"\xFD7zXZ\0")
    }
}

impl Read for XzStreams<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.ended && !out.is_empty() {
            let step = self.decoder.decode(self.rest, out).map_err(|_| io::ErrorKind::InvalidData)?;
            self.rest = self.rest.get(step.input_consumed()..).unwrap_or_default();
            if let XzNextBlockResult::EndOfStream(..) = step {
                self.ended = !self.next_stream();
            } else if !step.made_progress() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if step.output_produced() > 0 {
                return Ok(step.output_produced());
            }
        }
        Ok(0)
    }
}
