//! A copy of a source without its secrets.
//!
//! In: the bytes of a source. Out: the same bytes with every secret replaced by a mark (`redacted~kind~length~number`).
//! JSON is changed inside string values only, so it parses as before, entries and vendor fields in place; base64
//! bodies are decoded, redacted and encoded again. The same secret has the same number within a run, a JWT keeps its
//! claims and an opaque token its first three characters, so a diagnosis comes out the same. Never: bytes in which a
//! secret that was found can still be read, in any encoding: then nothing is released.
//!
//! Finding the secrets is most of the work, and is done for all sources and texts side by side ([`super::draft`]);
//! numbers are given one after the other, so that they do not depend on the number of threads.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::ops::Range;

use rayon::prelude::*;

use super::draft::{Clean, Draft};
use super::kind::{Kind, MARK, OPAQUE_STARTS};
use super::sweep::Sweeper;
use super::view;

/// Most rounds of looking again.
const ROUNDS: usize = 8;

/// A redacted source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    pub bytes: Vec<u8>,
    /// How many secrets were replaced, by kind and by place (`headers`, `cookies`, `url`, `body`, `text`…).
    pub counts: BTreeMap<(&'static str, &'static str), u64>,
}

/// Why a source could not be redacted. Never quotes input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RedactError {
    /// This many secrets could still be read in the result.
    Leaked(usize),
    /// Larger than can be addressed.
    TooLarge,
}

impl fmt::Display for RedactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RedactError::Leaked(n) => {
                let plural = if *n == 1 { "" } else { "s" };
                write!(f, "{n} secret{plural} could still be read in the result; nothing was written")
            }
            RedactError::TooLarge => f.write_str("larger than 4 GiB"),
        }
    }
}

impl std::error::Error for RedactError {}

/// Redacts one source by itself. `kind` is the name of its format (`har`, `json-lines`…), empty when not known.
pub fn redact_source(bytes: &[u8], kind: &str) -> Result<Redacted, RedactError> {
    SourceRedactor::default().redact(bytes, kind)
}

/// What every redaction counts: how many secrets were replaced, by kind and by place.
pub(super) type Counts = BTreeMap<(&'static str, &'static str), u64>;

/// Redacts the sources of a run, in order: the same secret gets the same number in all of them.
#[derive(Debug, Default)]
pub struct SourceRedactor {
    numbers: HashMap<String, usize>,
    secrets: Vec<Secret>,
    clean: Clean,
}

/// Looks for the secrets of a whole run.
pub struct LastLook(Sweeper);

impl LastLook {
    /// The bytes without them; an error where one can still be read.
    pub fn at(&self, bytes: Vec<u8>) -> Result<Vec<u8>, RedactError> {
        self.0.sweep(bytes).map_err(RedactError::Leaked)
    }
}

/// A secret that was replaced.
#[derive(Debug)]
pub(super) struct Secret {
    pub(super) plain: String,
    pub(super) mark: String,
    pub(super) kind: Kind,
}

/// One source on its way.
struct Work<'s> {
    kind: &'s str,
    bytes: Vec<u8>,
    counts: Counts,
    /// The secrets that stand in it.
    here: BTreeSet<usize>,
    /// Looking again would change nothing.
    settled: bool,
}

impl SourceRedactor {
    /// The next source of the run.
    pub fn redact(&mut self, bytes: &[u8], kind: &str) -> Result<Redacted, RedactError> {
        self.redact_all(&[(bytes, kind)]).pop().unwrap_or(Err(RedactError::TooLarge))
    }

    /// The next sources of the run, with the names of their formats.
    pub fn redact_all(&mut self, sources: &[(&[u8], &str)]) -> Vec<Result<Redacted, RedactError>> {
        let drafts: Vec<Option<Draft>> = sources
            .par_iter()
            .map(|(bytes, kind)| {
                let fits = u32::try_from(bytes.len()).is_ok();
                fits.then(|| Draft::new(bytes, kind, 0, &self.clean))
            })
            .collect();
        let mut works: Vec<Result<Work<'_>, RedactError>> = Vec::new();
        for (draft, (bytes, kind)) in drafts.into_iter().zip(sources) {
            let begun = draft.ok_or(RedactError::TooLarge).map(|draft| {
                let (mut counts, mut here) = (Counts::new(), BTreeSet::new());
                let done =
                    draft.apply(bytes, &mut Numbering { run: self, counts: &mut counts, here: &mut here });
                let settled = here.is_empty();
                Work { kind, bytes: done.unwrap_or_else(|| bytes.to_vec()), counts, here, settled }
            });
            works.push(begun);
        }
        self.sweep(&mut works);
        for _ in 0..ROUNDS {
            self.look_again(&mut works);
        }
        works.into_iter().map(|w| w.map(|w| Redacted { bytes: w.bytes, counts: w.counts })).collect()
    }

    /// What a mark has uncovered is found by looking again, until nothing is.
    fn look_again(&mut self, works: &mut [Result<Work<'_>, RedactError>]) {
        let clean = &self.clean;
        let drafts: Vec<Option<Draft>> = works
            .par_iter()
            .map(|work| {
                let work = work.as_ref().ok().filter(|w| !w.settled)?;
                Some(Draft::new(&work.bytes, work.kind, 0, clean))
            })
            .collect();
        for (draft, work) in drafts.into_iter().zip(works.iter_mut()) {
            let (Some(draft), Ok(work)) = (draft, work) else { continue };
            let mut counts = Counts::new();
            let numbering = &mut Numbering { run: self, counts: &mut counts, here: &mut work.here };
            match draft.apply(&work.bytes, numbering) {
                Some(again) if again != work.bytes => work.bytes = again,
                _ => work.settled = true,
            }
        }
        self.sweep(works);
    }

    /// Without what is left of the secrets of each source in other places or encodings.
    fn sweep(&self, works: &mut [Result<Work<'_>, RedactError>]) {
        works.par_iter_mut().for_each(|work| {
            let Ok(open) = work else { return };
            if open.settled {
                return;
            }
            let here = open.here.iter().filter_map(|n| self.secrets.get(*n));
            match Sweeper::new(here).sweep(std::mem::take(&mut open.bytes)) {
                Ok(bytes) => open.bytes = bytes,
                Err(left) => *work = Err(RedactError::Leaked(left)),
            }
        });
    }

    /// Ends the run: what looks once more at every source for the secrets of all of them.
    pub fn finish(self) -> LastLook {
        LastLook(Sweeper::new(self.secrets.iter()))
    }
}

/// Gives secrets their marks, in order, and counts them.
pub(super) struct Numbering<'r> {
    run: &'r mut SourceRedactor,
    counts: &'r mut Counts,
    here: &'r mut BTreeSet<usize>,
}

impl Numbering<'_> {
    /// The mark for a secret, and the secret kept for the last check.
    pub(super) fn mark(&mut self, kind: Kind, raw: &str) -> String {
        let run = &mut *self.run;
        let plain = view::plainest(raw);
        if let Some(known) = run.numbers.get(&plain) {
            self.here.insert(*known);
            return run.secrets.get(*known).map(|s| s.mark.clone()).unwrap_or_default();
        }
        let index = run.secrets.len();
        let mark =
            format!("{}{MARK}{}~{}~{}", kept(kind, &plain), kind.id(), length_class(plain.len()), index + 1);
        run.numbers.insert(plain.clone(), index);
        self.here.insert(index);
        run.secrets.push(Secret { plain, mark: mark.clone(), kind });
        mark
    }

    pub(super) fn count(&mut self, kind: Kind, place: &'static str) {
        *self.counts.entry((kind.id(), place)).or_default() += 1;
    }
}

/// The first characters of an opaque token, which tell its issuer.
fn kept(kind: Kind, plain: &str) -> String {
    let start = OPAQUE_STARTS.iter().find(|s| plain.starts_with(**s) && plain.len() >= 20);
    match start {
        Some(s) if kind != Kind::Password => format!("{s}~"),
        _ => String::new(),
    }
}

/// Length rounded to one digit.
fn length_class(len: usize) -> usize {
    let mut unit = 1;
    while len / unit >= 10 {
        unit *= 10;
    }
    (len + unit / 2) / unit * unit
}

/// A replacement: bytes of the source, and what stands there instead.
pub(super) struct Edit {
    pub(super) range: Range<usize>,
    pub(super) with: String,
}

/// Carries out the edits; where two overlap, the first one wins.
pub(super) fn splice(bytes: &[u8], mut edits: Vec<Edit>) -> Vec<u8> {
    edits.sort_by_key(|e| (e.range.start, std::cmp::Reverse(e.range.end)));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for edit in edits {
        if edit.range.start < at {
            at = at.max(edit.range.end);
            continue;
        }
        out.extend_from_slice(bytes.get(at..edit.range.start).unwrap_or_default());
        out.extend_from_slice(edit.with.as_bytes());
        at = edit.range.end;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    out
}
