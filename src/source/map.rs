//! Opens a file as bytes without reading it all.
//!
//! In: a path of a regular file. Out: its bytes, mapped where it is large. Never: opening a pipe or a device.
//!
//! Mapping is the one thing here that the language cannot vouch for: if another program shortens the file while it
//! is read, the operating system ends this process. Captures are finished files, and reading gigabytes into memory
//! instead would keep most of them from being looked at, so large regular files are mapped, read-only and private;
//! everything else is read.
#![allow(unsafe_code)]

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// Files below this are read: a mapping costs more than it saves.
const SMALL: u64 = 64 * 1024;

/// Bytes that sources share.
pub(super) type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// The first `most` bytes of the file, and how long it is in all.
pub(super) fn open(path: &Path, most: u64) -> io::Result<(Bytes, u64)> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    let length = meta.len();
    if length < SMALL {
        return read(&file, most);
    }
    let wanted = usize::try_from(length.min(most)).unwrap_or(usize::MAX);
    // SAFETY: the mapping is read-only and lives as long as the bytes handed out; see above for what remains.
    match unsafe { memmap2::MmapOptions::new().len(wanted).map(&file) } {
        Ok(map) => Ok((Arc::new(map), length)),
        Err(_) => read(&file, most),
    }
}

fn read(file: &File, most: u64) -> io::Result<(Bytes, u64)> {
    let mut out = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut out)?;
    let length = out.len() as u64;
    out.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    Ok((Arc::new(out), length))
}
