//! Arguments → things to open.
//!
//! In: the arguments as typed, or a folder. Out: files, standard input and URLs, each once. Never: opening a file.

use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

use super::{Found, Limits, Origin};
use crate::model::Lost;

/// Folders within folders that are entered at most.
const MAX_FOLDERS: usize = 64;

/// Everything the arguments name: in the order of the arguments, and within a folder by name. The same file reached
/// twice is found once.
pub fn find(inputs: &[String], limits: &Limits) -> (Vec<Found>, Vec<Lost>) {
    let mut finder =
        Finder { limits, found: Vec::new(), lost: Vec::new(), seen: HashSet::new(), full: false };
    for input in inputs {
        finder.argument(input);
    }
    (finder.found, finder.lost)
}

struct Finder<'l> {
    limits: &'l Limits,
    found: Vec<Found>,
    lost: Vec<Lost>,
    /// Real paths of the files and folders reached so far.
    seen: HashSet<PathBuf>,
    /// More files were there than the limit allows; said once.
    full: bool,
}

impl Finder<'_> {
    fn argument(&mut self, input: &str) {
        if input == "-" {
            if !self.found.iter().any(|f| f.origin == Origin::Stdin) {
                self.found.push(Found { name: "-".to_owned(), origin: Origin::Stdin });
            }
            return;
        }
        let path = Path::new(input);
        match fs::symlink_metadata(path) {
            Ok(_) => self.path(path, 0),
            Err(_) if is_url(input) => {
                self.found
                    .push(Found { name: "argument".to_owned(), origin: Origin::Argument(input.to_owned()) });
            }
            Err(error) => self.lose(input, reason(&error)),
        }
    }

    fn path(&mut self, path: &Path, depth: usize) {
        let name = path.to_string_lossy().into_owned();
        let meta = match fs::metadata(path) {
            Ok(meta) => meta,
            Err(_) if fs::symlink_metadata(path).is_ok_and(|m| m.is_symlink()) => {
                return self.lose(&name, "the link leads nowhere");
            }
            Err(error) => return self.lose(&name, reason(&error)),
        };
        if let Some(why) = special(&meta) {
            return self.lose(&name, why);
        }
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        if meta.is_dir() {
            if self.seen.insert(real.clone()) {
                self.folder(path, &real, depth);
            }
            return;
        }
        self.file(path, real, name);
    }

    /// What an entry of a folder names; `real` is the real path of the folder.
    fn child(&mut self, child: &Child, real: &Path, depth: usize) {
        // A file that is no link is where it seems to be: the system need not be asked again.
        match child.path.file_name() {
            Some(name) if child.plain => {
                self.file(&child.path, real.join(name), child.path.to_string_lossy().into_owned());
            }
            _ => self.path(&child.path, depth),
        }
    }

    fn file(&mut self, path: &Path, real: PathBuf, name: String) {
        if !self.seen.insert(real) {
            return;
        }
        if self.found.len() < self.limits.max_files {
            self.found.push(Found { name, origin: Origin::File(path.to_path_buf()) });
        } else if !self.full {
            self.full = true;
            let why = format!("more than {} files; the rest was not looked at", self.limits.max_files);
            self.lose(&name, &why);
        }
    }

    fn folder(&mut self, path: &Path, real: &Path, depth: usize) {
        let name = path.to_string_lossy().into_owned();
        if depth >= MAX_FOLDERS {
            return self.lose(&name, "folders are nested too deeply");
        }
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return self.lose(&name, reason(&error)),
        };
        // Of a folder that may be listed but not entered, nothing is known but names.
        let enters = fs::metadata(path.join(".")).is_ok();
        let mut children = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) if entry.file_name() == ".git" => {}
                Ok(entry) => {
                    let plain = enters && entry.file_type().is_ok_and(|kind| kind.is_file());
                    children.push(Child { path: entry.path(), plain });
                }
                Err(error) => self.lose(&name, reason(&error)),
            }
        }
        children.sort_by_cached_key(|child| rotation(&child.path));
        for child in children {
            if self.full {
                return;
            }
            self.child(&child, real, depth + 1);
        }
    }

    fn lose(&mut self, name: &str, why: &str) {
        self.lost.push(Lost {
            source: name.to_owned(),
            what: "the file".to_owned(),
            why: why.to_owned(),
            place: String::new(),
        });
    }
}

/// An entry of a folder.
struct Child {
    path: PathBuf,
    /// A regular file, and no link.
    plain: bool,
}

/// Sorts by name, but a rotated log by age: `app.log.2.gz`, `app.log.1`, `app.log-20260301`, `app.log`.
fn rotation(path: &Path) -> (String, i64, PathBuf) {
    static ROTATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^(.+?\.(?:log|txt|jsonl?|out|err))(?:\.(\d{1,3})|[.-](\d{4})-?(\d\d)-?(\d\d))(?:\.[A-Za-z0-9]{1,4})?$").ok()
    });
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let found = LazyLock::force(&ROTATED).as_ref().and_then(|r| r.captures(&name));
    let Some(parts) = found else { return (name, 0, path.to_path_buf()) };
    let number = |n: usize| parts.get(n).and_then(|m| m.as_str().parse::<i64>().ok());
    let age = match (number(2), number(3), number(4), number(5)) {
        (Some(n), ..) => -n,
        // Numbers go up to 999: a date is always before them.
        (None, Some(y), Some(m), Some(d)) => (y * 10_000 + m * 100 + d) - 1_000_000_000,
        _ => 0,
    };
    (parts.get(1).map_or_else(String::new, |m| m.as_str().to_owned()), age, path.to_path_buf())
}

/// Why a file could not be opened, in our words.
pub(super) fn reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "no such file or folder",
        io::ErrorKind::PermissionDenied => "no permission to read it",
        io::ErrorKind::InvalidFilename => "no such file or folder: the name is too long",
        io::ErrorKind::InvalidInput => "not a regular file",
        _ => "the system could not read it",
    }
}

#[cfg(unix)]
fn special(meta: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    let kind = meta.file_type();
    if kind.is_fifo() {
        Some("a named pipe: give it on standard input instead (`-`)")
    } else if kind.is_char_device() || kind.is_block_device() {
        Some("a device: not opened")
    } else if kind.is_socket() {
        Some("a socket: not opened")
    } else {
        None
    }
}

#[cfg(not(unix))]
fn special(meta: &Metadata) -> Option<&'static str> {
    (!meta.is_file() && !meta.is_dir()).then_some("not a regular file")
}

/// A URL, or the part of one that people paste: with a scheme, or with the parameters of an OAuth answer.
fn is_url(text: &str) -> bool {
    static SCHEME: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^\s*[A-Za-z][A-Za-z0-9+.-]{0,60}://").ok());
    static ANSWER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?:^|[?#&])(?:error|error_description|error_code|code|admin_consent|client_id)=").ok()
    });
    let matches =
        |regex: &LazyLock<Option<Regex>>| LazyLock::force(regex).as_ref().is_some_and(|r| r.is_match(text));
    matches(&SCHEME) || matches(&ANSWER)
}
