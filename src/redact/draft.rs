//! What there is to replace in a source, before anything is.
//!
//! In: the bytes of a source. Out: its texts with the secrets found in them, those of bodies in base64 among them; then
//! the bytes with marks in their place. Never: a number given while texts are looked at side by side.

use std::cell::RefCell;
use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use rayon::prelude::*;

use super::engine;
use super::kind::{Finding, Kind};
use super::sasl;
use super::source::{Edit, Numbering, splice};
use super::walk::{self, Form, Item, printable};
use crate::decode::json::unescape;
use crate::decode::{decode_base64, readable_body, unpack_chunks};

/// Fewer bytes than this are not worth sharing out.
const WORTH_SHARING: usize = 32 * 1024;

/// Texts in which nothing was found, by their hash: most strings of a capture occur again and again.
#[derive(Debug, Default)]
pub(super) struct Clean {
    hasher: RandomState,
    /// Apart by their hash, so that threads seldom wait for each other.
    known: [Mutex<HashSet<u64>>; 16],
}

impl Clean {
    fn set(&self, key: u64) -> std::sync::MutexGuard<'_, HashSet<u64>> {
        let shard = usize::try_from(key >> 60).unwrap_or(0);
        let set = self.known.get(shard).unwrap_or(&self.known[0]);
        set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The texts of a source that hold something to replace.
pub(super) struct Draft {
    parts: Vec<(Item, Outcome)>,
}

/// What was found in a text.
enum Outcome {
    Secrets(Vec<Finding>),
    /// All of it is one.
    Word(Kind),
    /// A body, and what is to be replaced in it.
    Body(Vec<u8>, Draft),
}

impl Draft {
    /// Finds the secrets. `kind` is the name of the source's format, empty when not known.
    pub(super) fn new(bytes: &[u8], kind: &str, nesting: usize, clean: &Clean) -> Draft {
        let items = walk::items(bytes, kind, nesting);
        let look = |mut item: Item| look(bytes, &mut item, nesting, clean).map(|found| (item, found));
        let parts = if bytes.len() < WORTH_SHARING {
            items.into_iter().filter_map(look).collect()
        } else {
            items.into_par_iter().filter_map(look).collect()
        };
        Draft { parts }
    }

    /// The bytes with marks in place of the secrets; `None` when there is nothing to replace.
    pub(super) fn apply(self, bytes: &[u8], run: &mut Numbering<'_>) -> Option<Vec<u8>> {
        let mut edits = Vec::new();
        for (item, outcome) in self.parts {
            match outcome {
                Outcome::Secrets(found) => replace(bytes, &item, found, run, &mut edits),
                Outcome::Word(kind) => {
                    let word = printable(bytes.get(item.range.clone()).unwrap_or_default());
                    let with = format!("\"{}\"", run.mark(kind, &word));
                    run.count(kind, item.place);
                    edits.push(Edit { range: item.range, with });
                }
                Outcome::Body(body, draft) => {
                    let Some(after) = draft.apply(&body, run).filter(|after| *after != body) else {
                        continue;
                    };
                    edits.push(match item.form {
                        Form::Chunks { whole, .. } => {
                            let text = String::from_utf8_lossy(&after);
                            Edit { range: whole, with: serde_json::to_string(&text).unwrap_or_default() }
                        }
                        _ => {
                            let with = base64::engine::general_purpose::STANDARD.encode(after);
                            Edit { range: item.range, with }
                        }
                    });
                }
            }
        }
        (!edits.is_empty()).then(|| splice(bytes, edits))
    }
}

/// What is secret in that text, if anything.
fn look(bytes: &[u8], item: &mut Item, nesting: usize, clean: &Clean) -> Option<Outcome> {
    let raw = bytes.get(item.range.clone()).unwrap_or_default();
    let secrets = |found: Vec<Finding>| (!found.is_empty()).then_some(Outcome::Secrets(found));
    let body = |body: Vec<u8>| {
        let draft = Draft::new(&body, "", nesting + 1, clean);
        (!draft.parts.is_empty()).then_some(Outcome::Body(body, draft))
    };
    let (what, in_url) = match &mut item.form {
        Form::Word(kind) => return Some(Outcome::Word(*kind)),
        Form::Secrets(found) => return secrets(std::mem::take(found)),
        Form::Text => return secrets(engine::findings(&printable(raw))),
        Form::Inside { what, in_url } => (*what, *in_url),
        Form::Base64 { media, what, in_url } => match decode_base64(&unescape(raw)) {
            Some(image) if *media && std::str::from_utf8(&image).is_err() => return None,
            Some(packed) => return body(readable_body(&packed).unwrap_or(packed)),
            None => (*what, *in_url),
        },
        Form::Chunks { what, in_url, .. } => match unpack_chunks(&unescape(raw)) {
            Some(unpacked) => return body(unpacked),
            None => (*what, *in_url),
        },
    };
    item.form = Form::Inside { what, in_url };
    let text = printable(bytes.get(item.range.clone()).unwrap_or_default());
    let key = clean.hasher.hash_one((&*text, what, in_url));
    if clean.set(key).contains(&key) {
        return None;
    }
    let found = engine::findings_in_json(&text, what, in_url);
    if found.is_empty() {
        clean.set(key).insert(key);
    }
    secrets(found)
}

/// Marks in place of what was found; the claims of a JWT stay.
fn replace(bytes: &[u8], item: &Item, found: Vec<Finding>, run: &mut Numbering<'_>, edits: &mut Vec<Edit>) {
    let text = printable(bytes.get(item.range.clone()).unwrap_or_default());
    for edit in marked(&text, found, item.place, run) {
        let range = item.range.start + edit.range.start..item.range.start + edit.range.end;
        edits.push(Edit { range, with: edit.with });
    }
}

/// The same, for a text by itself.
fn marked(text: &str, found: Vec<Finding>, place: &'static str, run: &mut Numbering<'_>) -> Vec<Edit> {
    let mut edits = Vec::new();
    for finding in found {
        let Some(raw) = text.get(finding.range.clone()) else { continue };
        if let Some(with) = signed_in(raw, finding.kind, place, run) {
            edits.extend((with != raw).then_some(Edit { range: finding.range, with }));
            continue;
        }
        let (mut start, mut kind) = (finding.range.start, finding.kind);
        if kind == Kind::Jwt
            && let Some(dot) = claims_end(raw)
        {
            start += dot;
            kind = Kind::Signature;
        }
        let Some(secret) = text.get(start..finding.range.end) else { continue };
        let with = run.mark(kind, secret);
        run.count(finding.kind, place);
        edits.push(Edit { range: start..finding.range.end, with });
    }
    edits
}

/// The response of a mail client, without its token only.
fn signed_in(raw: &str, kind: Kind, place: &'static str, run: &mut Numbering<'_>) -> Option<String> {
    let run = RefCell::new(run);
    let inner = |plain: &str, found: Vec<Finding>| {
        let edits = marked(plain, found, place, &mut run.borrow_mut());
        String::from_utf8_lossy(&splice(plain.as_bytes(), edits)).into_owned()
    };
    sasl::redacted(raw, inner, |rest| {
        run.borrow_mut().count(kind, place);
        run.borrow_mut().mark(kind, rest)
    })
}

/// Where the signature of a JWT begins whose claims may stay: they are JSON and hold no secret by name.
fn claims_end(jwt: &str) -> Option<usize> {
    let mut parts = jwt.split('.');
    let (_, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let text = String::from_utf8(decode_base64(claims)?).ok()?;
    serde_json::from_str::<serde::de::IgnoredAny>(&text).ok()?;
    let lower = text.to_ascii_lowercase();
    let secret = ["secret", "password", "_token\"", "assertion"].iter().any(|w| lower.contains(w));
    (!secret && !signature.is_empty()).then(|| jwt.len() - signature.len())
}
