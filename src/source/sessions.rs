//! A Fiddler archive (`.saz`) → one source that holds all its sessions.
//!
//! In: a zip with `raw/12_c.txt`, `raw/12_s.txt`, `raw/12_m.xml`. Out: the messages as they went over the wire, one
//! after the other, each behind a line with its name and length, in the order of the session numbers. Never: undoing
//! a message's encodings; that is the decoder's business.

use std::io::{Read, Seek};
use std::sync::Arc;

use ::zip::ZipArchive;

use super::archive::{allowed, zip_reason};
use super::load::Loader;

/// First line of a source made of sessions.
pub(crate) const MAGIC: &[u8] = b"HTTP sessions, joined by hartriage\r\n";

/// A member that belongs to a session: its index in the archive, the session's number, and which message it is.
struct Member {
    index: usize,
    session: u64,
    message: u8,
    name: String,
}

/// The members of sessions, when the archive is one of Fiddler's.
fn members<R: Read + Seek>(archive: &ZipArchive<R>) -> Vec<Member> {
    let mut out: Vec<Member> = (0..archive.len())
        .filter_map(|index| {
            let name = archive.name_for_index(index)?.ok()?.replace('\\', "/");
            let (session, message) = parse_name(&name)?;
            Some(Member { index, session, message, name })
        })
        .collect();
    if !out.iter().any(|m| m.message == b'c') {
        return Vec::new();
    }
    out.sort_by_key(|m| (m.session, m.message));
    out
}

/// `raw/12_c.txt` → 12, `c`.
fn parse_name(name: &str) -> Option<(u64, u8)> {
    let lower = name.to_ascii_lowercase();
    let (number, rest) = lower.strip_prefix("raw/")?.split_once('_')?;
    let message = match rest {
        "c.txt" => b'c',
        "s.txt" => b's',
        "m.xml" => b'm',
        "w.txt" => b'w',
        _ => return None,
    };
    Some((number.parse().ok()?, message))
}

/// Joins the sessions and hands them on; false when the archive holds none.
pub(super) fn join<R: Read + Seek>(loader: &mut Loader<'_>, name: &str, archive: &mut ZipArchive<R>) -> bool {
    let members = members(archive);
    if members.is_empty() {
        return false;
    }
    let most = loader.budget.limits.max_source;
    let mut joined = MAGIC.to_vec();
    for member in members {
        if !allowed(loader, name) {
            break;
        }
        let flow = match archive.by_index(member.index) {
            Ok(file) => loader.budget.read(file),
            Err(error) => {
                loader.lose(&format!("{name}!/{}", member.name), zip_reason(&error));
                continue;
            }
        };
        if let Some(why) = &flow.stopped {
            loader.lose(&format!("{name}!/{}", member.name), why);
        }
        if joined.len() as u64 + flow.bytes.len() as u64 > most {
            loader.lose(name, &format!("sessions of more than {most} bytes; the rest was not read"));
            break;
        }
        joined.extend_from_slice(format!("--- {} {}\r\n", member.name, flow.bytes.len()).as_bytes());
        joined.extend_from_slice(&flow.bytes);
        joined.extend_from_slice(b"\r\n");
    }
    loader.keep(name, Arc::new(joined));
    true
}
