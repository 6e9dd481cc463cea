//! Where a result goes: standard output, a file, or a folder.
//!
//! In: the name a person gave. Out: a place to write, opened before the process gives up writing. A file or folder is
//! written aside (`.part`) and takes its name when it is whole; what is not finished is removed, also on Ctrl-C.
//! Never: a named output that is half-written, or a link followed to somewhere else.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::output;
use crate::redact;
use crate::sandbox::Writable;

/// What lies aside now and has to go when the process is interrupted.
static ASIDE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// An output that is open and not yet written.
#[derive(Debug)]
pub(super) enum Target {
    Stdout,
    /// Something that is no regular file (`/dev/null`, a pipe): written to directly.
    Device(File),
    File {
        file: File,
        aside: Aside,
    },
    Folder(Aside),
}

/// Something written aside, removed unless it was finished.
#[derive(Debug)]
pub(super) struct Aside {
    part: PathBuf,
    name: PathBuf,
}

impl Target {
    /// Standard output, or that file.
    pub(super) fn open(file: Option<&Path>) -> Result<Target, String> {
        match file {
            None => Ok(Target::Stdout),
            Some(file) => Target::file(file, false),
        }
    }

    /// That file; a private one can be read by its owner alone.
    pub(super) fn file(path: &Path, private: bool) -> Result<Target, String> {
        let fail = |e: io::Error| problem(path, &e);
        let name = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        match fs::metadata(&name) {
            Ok(meta) if meta.is_dir() => return Err(format!("{}: is a folder", shown(path))),
            Ok(meta) if !meta.is_file() => {
                return OpenOptions::new().write(true).open(&name).map(Target::Device).map_err(fail);
            }
            _ => {}
        }
        let aside = Aside::new(name);
        let _ = fs::remove_file(&aside.part);
        let file = new_file(&aside.part, private).map_err(fail)?;
        aside.note();
        Ok(Target::File { file, aside })
    }

    /// That folder, which must not be there yet or be empty.
    pub(super) fn folder(path: &Path) -> Result<Target, String> {
        let fail = |e: io::Error| problem(path, &e);
        if fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(format!("{}: the folder is there already and not empty", shown(path)));
        }
        let name: PathBuf = path.components().collect();
        let aside = Aside::new(name);
        let _ = fs::remove_dir_all(&aside.part);
        fs::create_dir(&aside.part).map_err(fail)?;
        aside.note();
        Ok(Target::Folder(aside))
    }

    /// The folder in which the files of a folder are written until it is finished.
    pub(super) fn tree(&self) -> Option<&Path> {
        if let Target::Folder(aside) = self { Some(&aside.part) } else { None }
    }

    /// Adds what has to stay writable for this output.
    pub(super) fn keep(&self, writable: &mut Writable) {
        let (Target::File { aside, .. } | Target::Folder(aside)) = self else { return };
        let folder = aside.name.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        writable.names_in.push(folder.to_owned());
        if let Target::Folder(aside) = self {
            writable.trees.push(aside.part.clone());
        }
    }

    /// Writes a part of it now; false when nobody reads it any more.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<bool, String> {
        match self {
            Target::Stdout => output::write_now(bytes),
            Target::Device(file) => file.write_all(bytes).map(|()| true).map_err(|e| format!("output: {e}")),
            Target::File { file, aside } => {
                file.write_all(bytes).map(|()| true).map_err(|e| problem(&aside.name, &e))
            }
            Target::Folder(_) => Ok(true),
        }
    }

    /// Writes everything and gives the output its name.
    pub(super) fn finish(self, bytes: &[u8]) -> Result<(), String> {
        match self {
            Target::Stdout => output::write_bytes(bytes),
            Target::Device(mut file) => file.write_all(bytes).map_err(|e| format!("output: {e}")),
            Target::File { mut file, aside } => {
                file.write_all(bytes).map_err(|e| problem(&aside.name, &e))?;
                drop(file);
                aside.finish()
            }
            Target::Folder(aside) => aside.finish(),
        }
    }
}

impl Aside {
    fn new(name: PathBuf) -> Aside {
        let mut part = name.as_os_str().to_owned();
        part.push(".part");
        Aside { part: PathBuf::from(part), name }
    }

    fn note(&self) {
        ASIDE.lock().unwrap_or_else(PoisonError::into_inner).push(self.part.clone());
    }

    fn finish(self) -> Result<(), String> {
        if self.part.is_dir() {
            // An empty folder of that name gives way; one that was filled meanwhile stays, and this fails.
            let _ = fs::remove_dir(&self.name);
        }
        fs::rename(&self.part, &self.name).map_err(|e| problem(&self.name, &e))
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // While an interrupt cleans up, this waits for it: the process ends there, with its status.
        let mut all = ASIDE.lock().unwrap_or_else(PoisonError::into_inner);
        remove(&self.part);
        all.retain(|p| *p != self.part);
    }
}

/// The process is to end by itself when it is interrupted: it has something to say.
static ENDS_ITSELF: AtomicBool = AtomicBool::new(false);
/// It was interrupted.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on the first interrupt is only noted; the next one ends the process.
pub(super) fn note_interrupt() {
    ENDS_ITSELF.store(true, Ordering::SeqCst);
    // Where an output lies aside the handler is there already.
    let _ = ctrlc::set_handler(interrupted);
}

/// From now on an interrupt ends the process again.
pub(super) fn end_on_interrupt() {
    ENDS_ITSELF.store(false, Ordering::SeqCst);
}

/// Whether an interrupt was noted.
pub(super) fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

fn interrupted() {
    if ENDS_ITSELF.load(Ordering::SeqCst) && !INTERRUPTED.swap(true, Ordering::SeqCst) {
        return;
    }
    leave(130);
}

/// Ends the process without an output: what lies aside is removed first.
fn leave(status: i32) -> ! {
    let aside = ASIDE.lock().unwrap_or_else(PoisonError::into_inner);
    aside.iter().for_each(|part| remove(part));
    std::process::exit(status)
}

/// The seconds of `--time-limit` for a copy of so many inputs; when they are over, the process says so and ends without an
/// output. Half a copy is none, so there is nothing else to be done with it.
pub(super) fn give_up_after(seconds: u32, inputs: usize) {
    if seconds == 0 {
        return;
    }
    let most = Duration::from_secs(u64::from(seconds).saturating_mul(inputs.max(1) as u64));
    std::thread::spawn(move || {
        std::thread::sleep(most);
        output::complain("the time for a copy was over (--time-limit); nothing was written");
        leave(2);
    });
}

/// From now on an interrupt removes what lies aside and ends the process with status 130.
pub(super) fn clean_up_on_interrupt() {
    if ASIDE.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
        return;
    }
    let _ = ctrlc::set_handler(interrupted);
}

fn remove(part: &Path) {
    if !part.is_dir() {
        let _ = fs::remove_file(part);
        return;
    }
    // Other threads may still be writing into it. Under another name they do not find it any more.
    let mut name = part.as_os_str().to_owned();
    name.push(".gone");
    let gone = PathBuf::from(name);
    let folder = if fs::rename(part, &gone).is_ok() { gone.as_path() } else { part };
    for _ in 0..5 {
        if fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return;
        }
    }
}

#[cfg(unix)]
fn new_file(path: &Path, private: bool) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mode = if private { 0o600 } else { 0o666 };
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

#[cfg(not(unix))]
fn new_file(path: &Path, _private: bool) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

fn shown(path: &Path) -> String {
    redact::name(&path.to_string_lossy()).to_string()
}

fn problem(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", shown(path))
}
