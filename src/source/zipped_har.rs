//! A HAR in a zip, with its bodies in files beside it, as Playwright writes it → one HAR.
//!
//! In: a zip with a HAR that names members in `_file`. Out: the HAR with the texts of those members put where their
//! names stand. Never: a member that is not text, or one larger than [`MOST`]: those stay named in the HAR alone.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};
use std::sync::Arc;

use ::zip::ZipArchive;
use memchr::memmem;

use super::archive::allowed;
use super::load::Loader;

/// Largest body that is put back.
const MOST: usize = 8 << 20;

/// Puts the bodies back into every HAR of the archive that names some. Gives the members that are done with.
pub(super) fn join<R: Read + Seek>(
    loader: &mut Loader<'_>,
    name: &str,
    archive: &mut ZipArchive<R>,
    depth: usize,
) -> BTreeSet<usize> {
    let mut done = BTreeSet::new();
    let index: BTreeMap<String, usize> = (0..archive.len())
        .filter_map(|n| Some((archive.name_for_index(n)?.ok()?.replace('\\', "/"), n)))
        .collect();
    let hars = index.iter().filter(|(member, _)| member.to_ascii_lowercase().ends_with(".har"));
    for (member, &at) in hars.take(16) {
        if !allowed(loader, name) {
            return done;
        }
        let Ok(file) = archive.by_index(at) else { continue };
        let flow = loader.budget.read(file);
        let folder = member.rsplit_once('/').map_or("", |(folder, _)| folder);
        let wanted = named(&flow.bytes);
        let mut texts = BTreeMap::new();
        for (_, _, file) in &wanted {
            let path = if folder.is_empty() { file.clone() } else { format!("{folder}/{file}") };
            let Some(&body) = index.get(&path) else { continue };
            if texts.contains_key(file) || !allowed(loader, name) {
                continue;
            }
            let Ok(part) = archive.by_index(body) else { continue };
            let body_flow = loader.budget.read(part);
            done.insert(body);
            if body_flow.stopped.is_none()
                && body_flow.bytes.len() <= MOST
                && let Ok(text) = String::from_utf8(body_flow.bytes)
            {
                texts.insert(file.clone(), text);
            }
        }
        done.insert(at);
        let label = format!("{name}!/{member}");
        if let Some(why) = &flow.stopped {
            loader.lose(&label, why);
        }
        let joined = put_back(&flow.bytes, &wanted, &texts);
        loader.take(&label, Arc::new(joined), depth);
    }
    done
}

/// Every `"_file": "name"`: where the key's name begins, where the value ends, and the name.
fn named(bytes: &[u8]) -> Vec<(usize, usize, String)> {
    memmem::find_iter(bytes, b"\"_file\"")
        .filter_map(|key| {
            let rest = bytes.get(key + 7..)?;
            let after = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start().strip_prefix(b"\"")?;
            let length = memchr::memchr(b'"', after.get(..after.len().min(512))?)?;
            let file = std::str::from_utf8(after.get(..length)?).ok()?.to_owned();
            let end = bytes.len() - after.len() + length + 1;
            Some((key, end, file))
        })
        .collect()
}

fn put_back(bytes: &[u8], wanted: &[(usize, usize, String)], texts: &BTreeMap<String, String>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for (key, end, file) in wanted {
        let Some(text) = texts.get(file) else { continue };
        let Ok(quoted) = serde_json::to_string(text) else { continue };
        out.extend_from_slice(bytes.get(at..*key).unwrap_or_default());
        out.extend_from_slice(b"\"_file_was\":");
        out.extend_from_slice(serde_json::to_string(file).unwrap_or_default().as_bytes());
        out.extend_from_slice(b",\"text\":");
        out.extend_from_slice(quoted.as_bytes());
        at = *end;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    out
}
