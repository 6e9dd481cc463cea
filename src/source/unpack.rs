//! Reads streams with an eye on the limits.
//!
//! In: a reader. Out: the bytes that came, and why it stopped early if it did. Never: believing a size that a header
//! declares; only bytes that have flowed are counted.

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Limits;

const CHUNK: usize = 64 * 1024;

/// What one input has used up so far.
pub(super) struct Budget<'l> {
    pub(super) limits: &'l Limits,
    /// Bytes of the input as it lies on the disk.
    input: u64,
    /// Bytes that came out of all its archives and streams.
    out: u64,
    pub(super) members: usize,
    /// A limit of the whole input was met: nothing more is opened.
    pub(super) spent: bool,
}

/// Bytes, and why they stop before their end.
pub(super) struct Flow {
    pub(super) bytes: Vec<u8>,
    pub(super) stopped: Option<String>,
}

impl<'l> Budget<'l> {
    pub(super) fn new(limits: &'l Limits, input: u64) -> Self {
        Budget { limits, input, out: 0, members: 0, spent: false }
    }

    /// Reads to the end or to a limit.
    pub(super) fn read(&mut self, mut reader: impl Read) -> Flow {
        let mut bytes = Vec::new();
        let mut chunk = vec![0; CHUNK];
        let stopped = loop {
            if let Some(limit) = self.limit(bytes.len() as u64) {
                break Some(limit);
            }
            match reader.read(&mut chunk) {
                Ok(0) => break None,
                Ok(n) => {
                    self.out += n as u64;
                    bytes.extend_from_slice(chunk.get(..n).unwrap_or_default());
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) if bytes.is_empty() => break Some("its compressed data is broken".to_owned()),
                Err(_) => {
                    let why =
                        format!("broken or cut short after {} bytes; what came before was read", bytes.len());
                    break Some(why);
                }
            }
        };
        bytes.truncate(usize::try_from(self.limits.max_source).unwrap_or(usize::MAX));
        Flow { bytes, stopped }
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

    pub(super) fn gzip(&mut self, bytes: &[u8]) -> Flow {
        self.read(flate2::read::MultiGzDecoder::new(bytes))
    }

    pub(super) fn xz(&mut self, bytes: &[u8]) -> Flow {
        self.read(super::xz::XzStreams::new(bytes))
    }

    /// Every frame, one after the other.
    pub(super) fn zstd(&mut self, bytes: &[u8]) -> Flow {
        let mut rest = bytes;
        let mut all = Flow { bytes: Vec::new(), stopped: None };
        while !rest.is_empty() && all.stopped.is_none() {
            if let Some(after) = skippable_zstd(rest) {
                rest = after;
                continue;
            }
            let Ok(decoder) = ruzstd::decoding::StreamingDecoder::new(&mut rest) else {
                all.stopped = Some("its compressed data is broken".to_owned());
                break;
            };
            let flow = self.read(decoder);
            if all.bytes.len() as u64 + flow.bytes.len() as u64 > self.limits.max_source {
                all.stopped =
                    Some(format!("longer than {} bytes; the rest was not read", self.limits.max_source));
                break;
            }
            all.bytes.extend(flow.bytes);
            all.stopped = flow.stopped;
        }
        all
    }

    /// Every stream, one after the other, as parallel compressors write them.
    pub(super) fn bzip2(&mut self, bytes: &[u8]) -> Flow {
        let mut all = Flow { bytes: Vec::new(), stopped: None };
        for stream in bzip2_streams(bytes) {
            // The decoder asserts some of what it reads; a broken stream must not end the run.
            let flow = catch_unwind(AssertUnwindSafe(|| self.read(bzip2_rs::DecoderReader::new(stream))));
            let Ok(flow) = flow else {
                all.stopped = Some("its compressed data is broken".to_owned());
                break;
            };
            all.bytes.extend(flow.bytes);
            all.stopped = flow.stopped;
            if all.stopped.is_some() {
                break;
            }
        }
        all
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
