//! Inputs → copies without secrets.
//!
//! In: what was found under an input. Out: the bytes of each copy, with what was replaced and what was left out. A
//! file becomes a file, an archive a zip. Never: something in the copy that could not be looked into: an image, an
//! encrypted member, a compressed body of an HTTP message are left out, and named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Cursor, Write as _};
use std::path::PathBuf;

use zip::write::SimpleFileOptions;

use crate::decode;
use crate::model::{Lost, Source};
use crate::redact::{self, Anonymiser, LastLook, SourceRedactor};
use crate::source::{self, Found, Limits};

/// Copies of one run: the same secret has the same mark, the same person the same pseudonym in all of them.
#[derive(Default)]
pub(super) struct Copier {
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
    pub(super) sources: usize,
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

    /// True for what came out of an archive.
    pub(super) fn is_member(&self) -> bool {
        !self.name.is_empty()
    }
}

/// The second half of a run, when every secret is known.
pub(super) struct Finisher {
    look: LastLook,
    anonymiser: Option<Anonymiser>,
}

impl Copier {
    pub(super) fn new(anonymize: bool) -> Copier {
        let limits = Limits { apart: true, ..Limits::for_whole() };
        Copier { anonymiser: anonymize.then(Anonymiser::default), limits, ..Copier::default() }
    }

    /// Copies one thing: a list of one with an empty name for a file, one for each member for an archive.
    pub(super) fn copy(&mut self, found: &Found) -> Result<Vec<Copied>, String> {
        let loaded = source::load(found, &self.limits);
        loaded.lost.iter().for_each(|lost| self.leave_out(lost));
        let mut names = BTreeSet::new();
        let mut out = Vec::new();
        for source in &loaded.sources {
            let inside = source.name.strip_prefix(&found.name).unwrap_or_default();
            let name = self.member(inside, &mut names);
            out.push(self.source(source, name)?);
        }
        Ok(out)
    }

    /// The parts that could not be read.
    pub(super) fn leave_out(&mut self, lost: &Lost) {
        let line = format!("{}: {}: {}", redact::name(&lost.source), redact::text(&lost.what), lost.why);
        self.summary.left_out.push(line);
    }

    fn source(&mut self, source: &Source, name: String) -> Result<Copied, String> {
        let kind = decode::format_of(source).map_or("", |f| f.name);
        let message = decode::plain_message(source.bytes());
        if message.as_ref().is_some_and(|(_, left_out)| *left_out) {
            let why = "a body that is no text";
            self.summary.left_out.push(format!("{}: {why}", redact::name(&source.name)));
        }
        let bytes = message.as_ref().map_or(source.bytes(), |(plain, _)| plain.as_slice());
        let done =
            self.secrets.redact(bytes, kind).map_err(|e| format!("{}: {e}", redact::name(&source.name)))?;
        for (what, n) in done.counts {
            *self.summary.counts.entry(what).or_default() += n;
        }
        self.summary.sources += 1;
        let json = serde_json::from_slice::<serde::de::IgnoredAny>(&done.bytes).is_ok();
        let bytes = match &mut self.anonymiser {
            // Twice, for names that stand before what tells that they are names.
            Some(anonymiser) => {
                let once = anonymiser.apply_bytes(&done.bytes);
                anonymiser.apply_bytes(&once)
            }
            None => done.bytes,
        };
        Ok(Copied { name, bytes, json, waits_in: None })
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
    pub(super) fn finish(self) -> Result<(Finisher, Summary), String> {
        let look = self.secrets.finish().map_err(|e| e.to_string())?;
        Ok((Finisher { look, anonymiser: self.anonymiser }, self.summary))
    }
}

impl Finisher {
    /// Looks once more, and packs what belongs in an archive.
    pub(super) fn release(&mut self, copied: Vec<Copied>) -> Result<Vec<u8>, String> {
        let mut done = Vec::new();
        for one in copied {
            let (name, json) = (one.name.clone(), one.json);
            let bytes = one.take().map_err(|e| format!("the copy could not be read again: {e}"))?;
            done.push((name, self.last(bytes, json)?));
        }
        match <[_; 1]>::try_from(done) {
            Ok([(name, bytes)]) if name.is_empty() => Ok(bytes),
            Ok(one) => pack(&one),
            Err(many) => pack(&many),
        }
    }

    fn last(&mut self, bytes: Vec<u8>, json: bool) -> Result<Vec<u8>, String> {
        let bytes = match &mut self.anonymiser {
            Some(anonymiser) => anonymiser.apply_bytes(&bytes),
            None => bytes,
        };
        let bytes = self.look.at(bytes).map_err(|e| e.to_string())?;
        if json && serde_json::from_slice::<serde::de::IgnoredAny>(&bytes).is_err() {
            return Err("the copy would not be valid JSON any more; nothing was written".to_owned());
        }
        Ok(bytes)
    }

    /// Which pseudonym stands for whom, one a line.
    pub(super) fn map(&self) -> String {
        let pairs = self.anonymiser.as_ref().map(Anonymiser::pairs).unwrap_or_default();
        pairs.iter().map(|(pseudonym, original)| format!("{pseudonym}\t{original}\n")).collect()
    }
}

/// A zip of these; the same bytes for the same members, whatever the time.
fn pack(members: &[(String, Vec<u8>)]) -> Result<Vec<u8>, String> {
    let fail = |_| "the archive could not be written".to_owned();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for (name, bytes) in members {
        zip.start_file(name, options).map_err(fail)?;
        zip.write_all(bytes).map_err(|_| "the archive could not be written".to_owned())?;
    }
    zip.finish().map(Cursor::into_inner).map_err(fail)
}
