//! Archives → their members.
//!
//! In: bytes of a zip or tar. Out: every member, handed back to the loader. Never: a member written anywhere, a path
//! of a member followed, or more members than the limit.
//!
//! Members that belong together are joined first: the sessions of a Fiddler archive, and a HAR with its bodies.

use std::io::{Cursor, Read, Seek};

use ::zip::ZipArchive;
use ::zip::read::ZipFile;
use ::zip::result::ZipError;

use super::load::Loader;
use super::{sessions, zipped_har};

/// Hands on the members of a zip, in the order of its directory.
pub(super) fn zip(loader: &mut Loader<'_>, name: &str, bytes: &[u8], depth: usize) {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return cut_zip(loader, name, bytes, depth);
    };
    if is_office(&archive) {
        return loader.lose(name, "an Office document: save it as text or CSV");
    }
    if archive.is_empty() {
        return loader.lose(name, "an empty archive");
    }
    if !loader.budget.limits.apart && sessions::join(loader, name, &mut archive) {
        return;
    }
    let mut folders = 0;
    let done = zipped_har::join(loader, name, &mut archive, depth);
    for index in (0..archive.len()).filter(|index| !done.contains(index)) {
        if !allowed(loader, name) {
            return;
        }
        let label = archive
            .name_for_index(index)
            .and_then(Result::ok)
            .map_or_else(|| format!("{name}!/member {index}"), |n| format!("{name}!/{n}"));
        match archive.by_index(index) {
            Ok(file) if file.is_dir() => folders += 1,
            Ok(file) => zip_member(loader, name, file, depth),
            Err(error) => loader.lose(&label, zip_reason(&error)),
        }
    }
    if folders == archive.len() {
        loader.lose(name, "an archive that holds no file");
    }
}

/// A Word, Excel, PowerPoint or Visio document. Its content list alone does not tell: Fiddler archives have one too.
fn is_office<R: Read + Seek>(archive: &ZipArchive<R>) -> bool {
    let parts: [&[u8]; 4] = [b"word/", b"xl/", b"ppt/", b"visio/"];
    archive.file_names_raw().any(|name| name == b"[Content_Types].xml")
        && archive.file_names_raw().any(|name| parts.iter().any(|part| name.starts_with(part)))
}

fn zip_member<R: Read>(loader: &mut Loader<'_>, name: &str, file: ZipFile<'_, R>, depth: usize) {
    let label = format!("{name}!/{}", member_name(file.name_raw()));
    loader.stream(&label, file, depth);
    loader.release();
}

/// A zip without its directory, which stands at its end: the members are read one after the other, as far as it goes.
fn cut_zip(loader: &mut Loader<'_>, name: &str, bytes: &[u8], depth: usize) {
    let mut rest = bytes;
    let mut count = 0;
    while allowed(loader, name) {
        match ::zip::read::read_zipfile_from_stream(&mut rest) {
            Ok(Some(file)) if file.is_dir() => {}
            Ok(Some(file)) => zip_member(loader, name, file, depth),
            Ok(None) => break,
            Err(error) => {
                if count == 0 || matches!(error, ZipError::UnsupportedArchive(_)) {
                    loader.lose(name, zip_reason(&error));
                }
                break;
            }
        }
        count += 1;
    }
    loader.lose(name, "the archive is cut short or broken: members may be missing");
}

pub(super) fn zip_reason(error: &ZipError) -> &'static str {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            "encrypted: unpack it with its password first"
        }
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            "its kind of compression is not read: unpack it first"
        }
        _ => "broken or cut short",
    }
}

/// Hands on the regular files of a tar.
pub(super) fn tar(loader: &mut Loader<'_>, name: &str, bytes: &[u8], depth: usize) {
    let mut archive = ::tar::Archive::new(bytes);
    let Ok(entries) = archive.entries() else { return loader.lose(name, "broken or cut short") };
    for entry in entries {
        if !allowed(loader, name) {
            return;
        }
        let Ok(mut entry) = entry else {
            return loader.lose(name, "the archive is cut short or broken: members may be missing");
        };
        let label = format!("{name}!/{}", member_name(&entry.path_bytes()));
        let kind = entry.header().entry_type();
        let declared = entry.size();
        if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
            let (came, ended) = loader.stream(&label, &mut entry, depth);
            if ended && came < declared {
                loader.lose(&label, "cut short: the archive ends inside it");
            }
            loader.release();
        } else if kind.is_symlink() || kind.is_hard_link() {
            loader.lose(&label, "a link inside the archive: not followed");
        }
    }
}

/// Counts one more member; false, and said, when there are too many or a limit was met before.
pub(super) fn allowed(loader: &mut Loader<'_>, name: &str) -> bool {
    if loader.budget.spent {
        loader.lose(name, "a limit was met: the members that follow were not read");
        return false;
    }
    loader.budget.members += 1;
    if loader.budget.members > loader.budget.limits.max_members {
        let why = format!("more than {} members; the rest was not read", loader.budget.limits.max_members);
        loader.budget.spent = true;
        loader.lose(name, &why);
        return false;
    }
    true
}

fn member_name(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw).replace('\\', "/")
}
