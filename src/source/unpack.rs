//! Reads streams with an eye on the limits.
//!
//! In: a reader. Out: the bytes that came, and why it stopped early if it did. Never: believing a size that a header
//! declares; only bytes that have flowed are counted.

use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Limits;
use super::map::Pages;

pub(super) const CHUNK: usize = 64 * 1024;

/// Pages of a mapped file are given back each time so many bytes came out of it.
const RELEASE: u64 = 16 << 20;

/// What one input has used up so far.
pub(super) struct Budget<'l> {
    pub(super) limits: &'l Limits,
    /// Bytes of the input as it lies on the disk.
    pub(super) input: u64,
    /// Bytes that came out of all its archives and streams.
    pub(super) out: u64,
    pub(super) members: usize,
    /// A limit of the whole input was met: nothing more is opened.
    pub(super) spent: bool,
    /// Of the file itself.
    pub(super) pages: Pages,
}

/// Bytes, and why they stop before their end.
#[derive(Default)]
pub(super) struct Flow {
    pub(super) bytes: Vec<u8>,
    /// The end was reached.
    pub(super) ended: bool,
    pub(super) stopped: Option<String>,
}

impl<'l> Budget<'l> {
    pub(super) fn new(limits: &'l Limits, input: u64) -> Self {
        Budget { limits, input, out: 0, members: 0, spent: false, pages: Pages::default() }
    }

    /// Reads to the end or to a limit, all into memory.
    pub(super) fn read(&mut self, reader: impl Read) -> Flow {
        let mut flow = Flow::default();
        let most = self.limits.max_held;
        self.fill(&mut Tap::new(reader), &mut flow, most);
        if !flow.ended && flow.stopped.is_none() {
            flow.stopped = Some(format!("longer than {most} bytes; the rest was not read"));
        }
        flow
    }

    /// Reads on until the flow holds `most` bytes, ends or meets a limit.
    pub(super) fn fill(&mut self, tap: &mut Tap<impl Read>, flow: &mut Flow, most: u64) {
        while !flow.ended && flow.stopped.is_none() {
            let room = most.saturating_sub(flow.bytes.len() as u64);
            if room == 0 {
                return;
            }
            if let Some(limit) = self.limit(tap.came) {
                flow.stopped = Some(limit);
                // What came of the last bytes beyond the limit does not count.
                let before = tap.came - flow.bytes.len() as u64;
                let most = self.limits.max_source.saturating_sub(before);
                flow.bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
                return;
            }
            let wanted = usize::try_from(room).unwrap_or(CHUNK).min(CHUNK);
            match tap.reader.read(tap.chunk.get_mut(..wanted).unwrap_or_default()) {
                Ok(0) => flow.ended = true,
                Ok(n) => {
                    self.out += n as u64;
                    tap.came += n as u64;
                    flow.bytes.extend_from_slice(tap.chunk.get(..n).unwrap_or_default());
                    if self.out / RELEASE != (self.out - n as u64) / RELEASE {
                        self.pages.release();
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) if tap.came == 0 => flow.stopped = Some("its compressed data is broken".to_owned()),
                Err(_) => {
                    let why =
                        format!("broken or cut short after {} bytes; what came before was read", tap.came);
                    flow.stopped = Some(why);
                }
            }
        }
    }

    fn limit(&mut self, length: u64) -> Option<String> {
        if length > self.limits.max_source {
            return Some(format!("longer than {} bytes; the rest was not read", self.limits.max_source));
        }
        let ratio = self.out > self.limits.ratio_from && self.out / self.limits.max_ratio.max(1) > self.input;
        if ratio {
            self.spent = true;
            return Some(format!("unpacks to more than {} times its size; stopped", self.limits.max_ratio));
        }
        if self.out > self.limits.max_total {
            self.spent = true;
            return Some(format!("the input unpacks to more than {} bytes; stopped", self.limits.max_total));
        }
        None
    }
}

/// Where bytes come from, and how many came.
pub(super) struct Tap<R> {
    reader: R,
    chunk: Vec<u8>,
    pub(super) came: u64,
}

impl<R: Read> Tap<R> {
    pub(super) fn new(reader: R) -> Self {
        Tap { reader, chunk: vec![0; CHUNK], came: 0 }
    }
}

fn broken() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// Frames of zstd, one after the other.
pub(super) struct ZstdFrames<'a> {
    rest: &'a [u8],
    frame: Option<Frame<'a>>,
}

type Frame<'a> = ruzstd::decoding::StreamingDecoder<&'a [u8], ruzstd::decoding::FrameDecoder>;

impl<'a> ZstdFrames<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        ZstdFrames { rest: bytes, frame: None }
    }
}

impl Read for ZstdFrames<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(mut frame) = self.frame.take() {
                let n = frame.read(out)?;
                if n > 0 {
                    self.frame = Some(frame);
                    return Ok(n);
                }
                self.rest = frame.into_inner();
            }
            while let Some(after) = skippable_zstd(self.rest) {
                self.rest = after;
            }
            if self.rest.is_empty() {
                return Ok(0);
            }
            let frame = ruzstd::decoding::StreamingDecoder::new(self.rest).map_err(|_| broken())?;
            self.frame = Some(frame);
        }
    }
}

/// Streams of bzip2, one after the other, as parallel compressors write them.
pub(super) struct Bzip2Streams<'a> {
    rest: std::vec::IntoIter<&'a [u8]>,
    stream: Option<bzip2_rs::DecoderReader<&'a [u8]>>,
}

impl<'a> Bzip2Streams<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Bzip2Streams { rest: bzip2_streams(bytes).into_iter(), stream: None }
    }
}

impl Read for Bzip2Streams<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(mut stream) = self.stream.take() {
                // The decoder asserts some of what it reads; a broken stream must not end the run.
                let read = catch_unwind(AssertUnwindSafe(|| stream.read(out).map(|n| (n, stream))));
                let (n, stream) = read.map_err(|_| broken())??;
                if n > 0 {
                    self.stream = Some(stream);
                    return Ok(n);
                }
            }
            match self.rest.next() {
                Some(next) => self.stream = Some(bzip2_rs::DecoderReader::new(next)),
                None => return Ok(0),
            }
        }
    }
}

/// What follows a skippable frame, if one stands here.
fn skippable_zstd(bytes: &[u8]) -> Option<&[u8]> {
    let [0x50..=0x5F, 0x2A, 0x4D, 0x18, a, b, c, d, rest @ ..] = bytes else { return None };
    let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
    Some(rest.get(length..).unwrap_or_default())
}

/// Cuts at the ten bytes that begin every bzip2 stream.
fn bzip2_streams(bytes: &[u8]) -> Vec<&[u8]> {
    let mut starts: Vec<usize> = memchr::memmem::find_iter(bytes, b"1AY&SY")
        .filter_map(|n| n.checked_sub(4))
        .filter(|n| matches!(bytes.get(*n..), Some([b'B', b'Z', b'h', b'1'..=b'9', ..])))
        .collect();
    if starts.first() != Some(&0) {
        starts.insert(0, 0);
    }
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    starts.iter().zip(ends).filter_map(|(start, end)| bytes.get(*start..end)).collect()
}
