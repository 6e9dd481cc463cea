//! Inputs → copies without secrets.
//!
//! In: what was found under an input. Out: the bytes of each copy, with what was replaced and what was left out. A
//! file becomes a file, an archive a zip. Each copy is judged as its original was: where the first diagnosis is another
//! one, that is said. Never: something in the copy that could not be looked into: an image, an
//! encrypted member, a compressed body of an HTTP message are left out, and named.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Cursor, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;
use zip::write::SimpleFileOptions;

use crate::decode;
use crate::model::{Lost, Source};
use crate::redact::{self, Anonymiser, LastLook, RedactError, Redacted, SourceRedactor};
use crate::source::{self, Found, Limits, Loaded, Origin};
use crate::{Fatal, Options, Triage};

/// Copies of one run: the same secret has the same mark, the same person the same pseudonym in all of them.
pub(super) struct Copier {
    triage: Triage,
    secrets: SourceRedactor,
    anonymiser: Option<Anonymiser>,
    limits: Limits,
    pub(super) summary: Summary,
}

/// What happened, for people.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// How many were replaced, by kind and place.
    pub(super) counts: BTreeMap<(&'static str, &'static str), u64>,
    /// What is not in the copy, and why.
    pub(super) left_out: Vec<String>,
    /// Copies that were judged again, and the names of those whose first diagnosis is not their original's.
    pub(super) judged: usize,
    pub(super) others: Vec<String>,
    pub(super) sources: usize,
    /// As read, unpacked.
    pub(super) bytes: u64,
}

impl Summary {
    /// A copy was judged; `name` tells it from others.
    pub(super) fn judged(&mut self, same: bool, name: &str) {
        self.judged += 1;
        if !same {
            self.others.push(redact::name(name).to_string());
        }
    }
}

/// The copy of one thing, before the last look: one part for a file, one for each member of an archive.
pub(super) struct Copy {
    pub(super) parts: Vec<Copied>,
    /// The rule of the first diagnosis of the original.
    first: Option<usize>,
}

impl Copy {
    /// True for what came out of an archive.
    pub(super) fn is_archive(&self) -> bool {
        self.parts.first().is_some_and(|part| !part.name.is_empty())
    }
}

/// A copy that may leave.
pub(super) struct Released {
    pub(super) bytes: Vec<u8>,
    /// Its first diagnosis is the original's.
    pub(super) same: bool,
}

/// A copied file, before the last look.
pub(super) struct Copied {
    /// Name within the archive; empty for a file by itself.
    name: String,
    bytes: Vec<u8>,
    /// Where the bytes wait instead, so that a folder of any size can be copied.
    waits_in: Option<PathBuf>,
    json: bool,
}

impl Copied {
    /// Puts the bytes into a file until they are released.
    pub(super) fn wait_in(&mut self, file: PathBuf) -> io::Result<()> {
        fs::write(&file, &self.bytes)?;
        self.bytes = Vec::new();
        self.waits_in = Some(file);
        Ok(())
    }

    fn take(self) -> io::Result<Vec<u8>> {
        let Some(file) = self.waits_in else { return Ok(self.bytes) };
        let bytes = fs::read(&file)?;
        fs::remove_file(&file)?;
        Ok(bytes)
    }
}

/// A source as it is redacted.
struct Read<'s> {
    kind: &'static str,
    bytes: Cow<'s, [u8]>,
    /// A body that is no text was left out.
    left_out: bool,
    /// It is JSON, and has to stay so.
    json: bool,
}

impl Read<'_> {
    fn of(source: &Source) -> Read<'_> {
        let kind = decode::format_of(source).map_or("", |f| f.name);
        let (bytes, left_out) = match decode::plain_message(source.bytes()) {
            Some((plain, left_out)) => (Cow::Owned(plain), left_out),
            None => (Cow::Borrowed(source.bytes()), false),
        };
        let json = is_json(&bytes);
        Read { kind, bytes, left_out, json }
    }
}

fn is_json(bytes: &[u8]) -> bool {
    let first = bytes.iter().find(|b| !b.is_ascii_whitespace());
    // Anything else is no container, and not worth reading to its end.
    matches!(first, Some(b'{' | b'[' | b'"'))
        && serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

/// Most bytes of files that are copied side by side; a larger one is copied by itself.
const BATCH_BYTES: u64 = 16 << 20;
/// Most files that are copied side by side.
const BATCH_FILES: usize = 64;

/// What is found, in pieces that are copied side by side. The pieces depend on nothing but the files, so the numbers of
/// secrets do not depend on threads.
pub(super) fn batches(found: &[Found]) -> Vec<&[Found]> {
    let size = |one: &Found| match &one.origin {
        Origin::File(path) => fs::metadata(path).map_or(0, |m| m.len()),
        Origin::Stdin | Origin::Argument(_) => 0,
    };
    let (mut out, mut from, mut bytes) = (Vec::new(), 0, 0);
    for (at, one) in found.iter().enumerate() {
        let own = size(one);
        if at > from && (bytes + own > BATCH_BYTES || at - from >= BATCH_FILES) {
            out.extend(found.get(from..at));
            (from, bytes) = (at, 0);
        }
        bytes += own;
    }
    out.extend(found.get(from..).filter(|rest| !rest.is_empty()));
    out
}

/// The second half of a run, when every secret is known.
pub(super) struct Finisher {
    triage: Triage,
    look: LastLook,
    anonymiser: Option<Anonymiser>,
}

impl Copier {
    pub(super) fn new(anonymize: bool) -> Result<Copier, Fatal> {
        Ok(Copier {
            triage: Triage::new(Options::default())?,
            secrets: SourceRedactor::default(),
            anonymiser: anonymize.then(Anonymiser::default),
            limits: Limits { apart: true, ..Limits::for_whole() },
            summary: Summary::default(),
        })
    }

    /// Copies one thing: a list of one with an empty name for a file, one for each member for an archive.
    pub(super) fn copy(&mut self, found: &Found) -> Result<Option<Copy>, String> {
        Ok(self.copy_all(std::slice::from_ref(found))?.pop())
    }

    /// Copies several things, side by side. All of them are in memory at once: see [`batches`].
    pub(super) fn copy_all(&mut self, found: &[Found]) -> Result<Vec<Copy>, String> {
        let loaded: Vec<Loaded> = found.par_iter().map(|one| source::load(one, &self.limits)).collect();
        let read: Vec<Vec<Read<'_>>> =
            loaded.par_iter().map(|one| one.sources.par_iter().map(Read::of).collect()).collect();
        let firsts: Vec<_> = loaded.par_iter().map(|one| first(&self.triage, &one.sources)).collect();
        let all: Vec<(&[u8], &str)> = read.iter().flatten().map(|r| (&*r.bytes, r.kind)).collect();
        let mut done = self.secrets.redact_all(&all).into_iter();
        let mut out = Vec::new();
        for (((one, loaded), read), first) in found.iter().zip(&loaded).zip(&read).zip(firsts) {
            loaded.lost.iter().for_each(|lost| self.leave_out(lost));
            let mut names = BTreeSet::new();
            let mut parts = Vec::new();
            for (source, read) in loaded.sources.iter().zip(read) {
                let inside = source.name.strip_prefix(&one.name).unwrap_or_default();
                let name = self.member(inside, &mut names);
                let redacted = done.next().unwrap_or(Err(RedactError::TooLarge));
                let redacted = redacted.map_err(|e| format!("{}: {e}", redact::name(&source.name)))?;
                parts.push(self.source(source, read, redacted, name));
            }
            out.push(Copy { parts, first });
        }
        Ok(out)
    }

    /// The parts that could not be read.
    pub(super) fn leave_out(&mut self, lost: &Lost) {
        let line = format!("{}: {}: {}", redact::name(&lost.source), redact::text(&lost.what), lost.why);
        self.summary.left_out.push(line);
    }

    fn source(&mut self, source: &Source, read: &Read<'_>, done: Redacted, name: String) -> Copied {
        if read.left_out {
            let why = "a body that is no text";
            self.summary.left_out.push(format!("{}: {why}", redact::name(&source.name)));
        }
        for (what, n) in done.counts {
            *self.summary.counts.entry(what).or_default() += n;
        }
        self.summary.sources += 1;
        self.summary.bytes += read.bytes.len() as u64;
        let bytes = match &mut self.anonymiser {
            // Twice, for names that stand before what tells that they are names.
            Some(anonymiser) => {
                let once = anonymiser.apply_bytes(&done.bytes);
                anonymiser.apply_bytes(&once)
            }
            None => done.bytes,
        };
        Copied { name, bytes, json: read.json, waits_in: None }
    }

    /// A name for a copy within its archive: no way out of a folder, no secret, none given twice.
    fn member(&mut self, inside: &str, names: &mut BTreeSet<String>) -> String {
        let parts = inside.split(['/', '\\']).map(|p| p.trim_end_matches('!'));
        let plain: Vec<String> =
            parts.filter(|p| !matches!(*p, "" | "." | "..")).map(|p| self.label(p)).collect();
        let mut name = plain.join("/");
        while !name.is_empty() && !names.insert(name.clone()) {
            name.push('_');
        }
        name
    }

    /// One part of a path, safe to use in a file system.
    pub(super) fn label(&mut self, part: &str) -> String {
        let text = redact::name(part).to_string();
        let text = self.anonymiser.as_mut().map_or(text.clone(), |a| a.apply(&text));
        text.chars()
            .map(|c| if matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|' | '/' | '\\') { '_' } else { c })
            .collect()
    }

    /// Ends the first half.
    pub(super) fn finish(self) -> (Finisher, Summary) {
        let Copier { triage, secrets, anonymiser, summary, .. } = self;
        (Finisher { triage, look: secrets.finish(), anonymiser }, summary)
    }
}

impl Finisher {
    /// Looks once more, packs what belongs in an archive, and judges the copy.
    pub(super) fn release(&mut self, copy: Copy) -> Result<Released, String> {
        self.release_all(vec![copy])?.pop().ok_or_else(String::new)
    }

    /// As [`Finisher::release`], for several things side by side.
    pub(super) fn release_all(&mut self, all: Vec<Copy>) -> Result<Vec<Released>, String> {
        let mut ready = Vec::new();
        for copy in all {
            let mut members = Vec::new();
            for one in copy.parts {
                let (name, json) = (one.name.clone(), one.json);
                let bytes = one.take().map_err(|e| format!("the copy could not be read again: {e}"))?;
                let bytes = match &mut self.anonymiser {
                    Some(anonymiser) => anonymiser.apply_bytes(&bytes),
                    None => bytes,
                };
                members.push((name, bytes, json));
            }
            ready.push((members, copy.first));
        }
        let (look, triage) = (&self.look, &self.triage);
        ready.into_par_iter().map(|(members, first)| released(look, triage, members, first)).collect()
    }

    /// Which pseudonym stands for whom, one a line.
    pub(super) fn map(&self) -> String {
        let pairs = self.anonymiser.as_ref().map(Anonymiser::pairs).unwrap_or_default();
        pairs.iter().map(|(pseudonym, original)| format!("{pseudonym}\t{original}\n")).collect()
    }
}

/// The rule of the first diagnosis of these sources.
fn first(triage: &Triage, sources: &[Source]) -> Option<usize> {
    triage.investigate_sources(sources).judgement.diagnoses.first().map(|d| d.rule)
}

fn released(
    look: &LastLook,
    triage: &Triage,
    members: Vec<(String, Vec<u8>, bool)>,
    before: Option<usize>,
) -> Result<Released, String> {
    let last = |(name, bytes, json)| Ok::<_, String>(Source::whole(name, Arc::new(last(look, bytes, json)?)));
    let done: Vec<Source> = members.into_par_iter().map(last).collect::<Result<_, _>>()?;
    let same = first(triage, &done) == before;
    let bytes = match done.as_slice() {
        [one] if one.name.is_empty() => one.bytes().to_vec(),
        members => pack(members)?,
    };
    Ok(Released { bytes, same })
}

fn last(look: &LastLook, bytes: Vec<u8>, json: bool) -> Result<Vec<u8>, String> {
    let bytes = look.at(bytes).map_err(|e| e.to_string())?;
    if json && !is_json(&bytes) {
        return Err("the copy would not be valid JSON any more; nothing was written".to_owned());
    }
    Ok(bytes)
}

/// A zip of these; the same bytes for the same members, whatever the time.
fn pack(members: &[Source]) -> Result<Vec<u8>, String> {
    let fail = |_| "the archive could not be written".to_owned();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for member in members {
        zip.start_file(&member.name, options).map_err(fail)?;
        zip.write_all(member.bytes()).map_err(|_| "the archive could not be written".to_owned())?;
    }
    zip.finish().map(Cursor::into_inner).map_err(fail)
}
