//! Bytes of something that is still being written.
//!
//! In: standard input, or the path of a file. Out: bytes as they come, and when they end. Never: waiting longer than
//! [`TURN`], or anything that writes.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

/// Longest wait for something to come.
pub(super) const TURN: Duration = Duration::from_millis(150);
/// Bytes at a time.
const PART: usize = 256 << 10;

/// What became of waiting.
pub(super) enum Came {
    Bytes(Vec<u8>),
    Nothing,
    /// It begins anew, and why.
    Again(&'static str),
    End,
}

/// Something that is read as it grows.
pub(super) trait Comes {
    fn next(&mut self) -> io::Result<Came>;
}

/// Standard input. A thread reads it, since reading waits; at most a few parts are ahead of who takes them.
pub(super) struct Pipe {
    parts: Receiver<io::Result<Vec<u8>>>,
    /// What was handed back, and the part that is being read from.
    rest: io::Cursor<Vec<u8>>,
}

impl Pipe {
    pub(super) fn open() -> Pipe {
        let (sender, parts) = sync_channel(4);
        std::thread::spawn(move || {
            let mut input = io::stdin().lock();
            let mut part = vec![0; PART];
            loop {
                let read = match input.read(&mut part) {
                    Ok(0) => return,
                    Ok(n) => Ok(part.get(..n).unwrap_or_default().to_vec()),
                    Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                    Err(e) => Err(e),
                };
                let failed = read.is_err();
                if sender.send(read).is_err() || failed {
                    return;
                }
            }
        });
        Pipe { parts, rest: io::Cursor::default() }
    }

    /// The whole stream: these bytes first, then what still comes.
    pub(super) fn after(mut self, bytes: Vec<u8>) -> Pipe {
        self.rest = io::Cursor::new(bytes);
        self
    }
}

impl Comes for Pipe {
    fn next(&mut self) -> io::Result<Came> {
        match self.parts.recv_timeout(TURN) {
            Ok(part) => part.map(Came::Bytes),
            Err(RecvTimeoutError::Timeout) => Ok(Came::Nothing),
            Err(RecvTimeoutError::Disconnected) => Ok(Came::End),
        }
    }
}

impl Read for Pipe {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.rest.read(out)?;
            if n > 0 || out.is_empty() {
                return Ok(n);
            }
            match self.parts.recv() {
                Ok(part) => self.rest = io::Cursor::new(part?),
                Err(_) => return Ok(0),
            }
        }
    }
}

/// A file that grows. It has no end; when another takes its name, the old one is read out before.
pub(super) struct Tail {
    path: PathBuf,
    file: File,
    at: u64,
}

impl Tail {
    pub(super) fn open(path: &Path) -> io::Result<Tail> {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(Tail { path: path.to_owned(), file, at: 0 })
    }

    fn begins_again(&mut self) -> io::Result<Option<&'static str>> {
        let own = self.file.metadata()?;
        if own.len() < self.at {
            self.file.seek(SeekFrom::Start(0))?;
            self.at = 0;
            return Ok(Some("it was cut while it was read: read again from its beginning"));
        }
        // Between the old file and the new one the name may be nobody's for a moment.
        let Ok(file) = File::open(&self.path) else { return Ok(None) };
        let new = file.metadata()?;
        if !new.is_file() || same(&own, &new) {
            return Ok(None);
        }
        (self.file, self.at) = (file, 0);
        Ok(Some("another file took its name: that one is read from its beginning"))
    }
}

impl Comes for Tail {
    fn next(&mut self) -> io::Result<Came> {
        let mut part = vec![0; PART];
        match self.file.read(&mut part) {
            Ok(0) => {}
            Ok(n) => {
                self.at += n as u64;
                part.truncate(n);
                return Ok(Came::Bytes(part));
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => return Ok(Came::Nothing),
            Err(e) => return Err(e),
        }
        if let Some(why) = self.begins_again()? {
            return Ok(Came::Again(why));
        }
        std::thread::sleep(TURN);
        Ok(Came::Nothing)
    }
}

#[cfg(unix)]
fn same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

#[cfg(not(unix))]
fn same(a: &Metadata, b: &Metadata) -> bool {
    a.created().ok() == b.created().ok()
}

/// True when standard input is a file, which has an end, and not a pipe or a terminal.
#[cfg(unix)]
pub(super) fn stdin_is_a_file() -> bool {
    use std::os::fd::AsFd as _;
    let file = io::stdin().as_fd().try_clone_to_owned().map(File::from);
    file.and_then(|f| f.metadata()).is_ok_and(|m| m.is_file())
}

#[cfg(not(unix))]
pub(super) fn stdin_is_a_file() -> bool {
    false
}
