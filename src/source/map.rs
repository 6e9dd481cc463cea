//! Opens a file as bytes without reading it all.
//!
//! In: a path of a regular file. Out: its bytes, mapped where it is large, and a way to give mapped pages back that have
//! been looked at; a hint which bytes are looked at next. Never: opening a pipe or a device.
//!
//! Mapping is the one thing here that the language cannot vouch for: if another program shortens the file while it
//! is read, the operating system ends this process. Captures are finished files, and reading gigabytes into memory
//! instead would keep most of them from being looked at, so large regular files are mapped, read-only and private;
//! everything else is read.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

/// Files below this are read: a mapping costs more than it saves, and threads that map wait for each other.
const SMALL: u64 = 1 << 20;

/// Bytes that sources share.
pub type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// A file that was opened.
pub(super) struct Opened {
    pub(super) bytes: Bytes,
    /// How long it is in all.
    pub(super) length: u64,
    pub(super) pages: Pages,
}

/// The mapped pages of a file, if it was mapped.
#[derive(Clone, Default)]
pub(super) struct Pages(Option<Arc<memmap2::Mmap>>);

impl Pages {
    /// Gives the pages back that have been looked at: they count as memory of this process. A later look reads them
    /// again.
    #[cfg(unix)]
    pub(super) fn release(&self) {
        let Some(map) = &self.0 else { return };
        // SAFETY: the mapping is of a file, shared with nobody and never written: a page that is dropped comes back
        // with the same bytes.
        let _ = unsafe { map.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
    }

    /// As [`Pages::release`], for the pages under these bytes, beside what goes on.
    #[cfg(unix)]
    pub(super) fn release_soon(&self, bytes: &[u8]) {
        let Some(map) = self.0.clone() else { return };
        let from = (bytes.as_ptr() as usize).checked_sub(map.as_ptr() as usize);
        let Some(from) = from.filter(|from| from + bytes.len() <= map.len()) else { return };
        let length = bytes.len();
        rayon::spawn(move || {
            // SAFETY: as in [`Pages::release`].
            let _ = unsafe { map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, from, length) };
        });
    }

    #[cfg(not(unix))]
    pub(super) fn release(&self) {}

    #[cfg(not(unix))]
    pub(super) fn release_soon(&self, _bytes: &[u8]) {}
}

/// The first `most` bytes of the file.
pub(super) fn open(path: &Path, most: u64) -> io::Result<Opened> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    let length = meta.len();
    if length < SMALL {
        return read(&file, most, length);
    }
    let wanted = usize::try_from(length.min(most)).unwrap_or(usize::MAX);
    // SAFETY: the mapping is read-only and lives as long as the bytes handed out; see above for what remains.
    match unsafe { memmap2::MmapOptions::new().len(wanted).map(&file) } {
        Ok(map) => {
            let map = Arc::new(map);
            Ok(Opened { bytes: Arc::new(Mapped(Arc::clone(&map))), length, pages: Pages(Some(map)) })
        }
        Err(_) => read(&file, most, length),
    }
}

/// The bytes of a mapping.
struct Mapped(Arc<memmap2::Mmap>);

/// Pages of a mapping that are given back in one go.
const PART: usize = 32 << 20;

/// All cores give the pages of a large mapping back: to unmap it would leave that to one, for which the end would wait.
impl Drop for Mapped {
    fn drop(&mut self) {
        let (map, length) = (&self.0, self.0.len());
        if length < 2 * PART {
            return;
        }
        #[cfg(unix)]
        (0..length).into_par_iter().step_by(PART).for_each(|at| {
            // SAFETY: as in [`Pages::release`].
            let _ = unsafe {
                map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, at, PART.min(length - at))
            };
        });
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn read(file: &File, most: u64, expected: u64) -> io::Result<Opened> {
    let wanted = usize::try_from(most.saturating_add(1)).unwrap_or(usize::MAX);
    let mut out = Reused { room: SPARE.take(), length: 0 };
    loop {
        // One byte more than it is said to have: whether that comes tells that this was all.
        let next = out.length.max(usize::try_from(expected).unwrap_or(0)).saturating_add(1).min(wanted);
        if out.room.len() < next {
            out.room.resize(next, 0);
        }
        match read_some(file, out.room.get_mut(out.length..next).unwrap_or_default())? {
            0 => break,
            more => out.length += more,
        }
    }
    let length = out.length as u64;
    out.length = out.length.min(usize::try_from(most).unwrap_or(usize::MAX));
    Ok(Opened { bytes: Arc::new(out), length, pages: Pages::default() })
}

fn read_some(mut file: &File, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

thread_local! {
    /// Room for the next small file: fresh memory has to be cleared by the system first.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The bytes of a small file, whose room is used again.
struct Reused {
    room: Vec<u8>,
    length: usize,
}

impl AsRef<[u8]> for Reused {
    fn as_ref(&self) -> &[u8] {
        self.room.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Reused {
    fn drop(&mut self) {
        let room = std::mem::take(&mut self.room);
        if room.capacity() as u64 <= 2 * SMALL {
            let _ = SPARE.try_with(|spare| spare.set(room));
        }
    }
}

/// Asks for the bytes around that place to be brought near, for they will be looked at soon.
#[inline(always)]
pub(crate) fn soon(bytes: &[u8], at: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint, for which any address will do: nothing is read.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(bytes.as_ptr().wrapping_add(at).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (bytes, at);
}
