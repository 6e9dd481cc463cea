//! One found thing → its sources.
//!
//! In: a file, standard input or a URL given as such. Out: what can be read of it. Never: a file left out without a
//! [`Lost`].

use std::sync::Arc;

use super::find::reason;
use super::map::{self, Bytes};
use super::sniff::{self, Kind};
use super::unpack::{Budget, Flow};
use super::{Found, Limits, Loaded, Origin, archive, embedded, mail, narrow, text};
use crate::model::{Lost, Source, SourceId};

/// Opens one thing: maps or reads it, unpacks what is packed, and turns wide text into UTF-8.
pub fn load(found: &Found, limits: &Limits) -> Loaded {
    let mut loader = Loader { input: &found.name, budget: Budget::new(limits, 0), out: Loaded::default() };
    match &found.origin {
        Origin::Argument(text) => {
            let bytes: Bytes = Arc::new(text.trim().as_bytes().to_vec());
            loader.keep(&found.name, bytes);
        }
        Origin::Stdin => {
            let flow = loader.budget.read(std::io::stdin().lock());
            loader.budget = Budget::new(limits, flow.bytes.len() as u64);
            loader.flow(&found.name, flow, 0);
        }
        Origin::File(path) => match map::open(path, limits.max_file) {
            Ok((bytes, length)) => {
                if length > limits.max_file {
                    let why = format!("longer than {} bytes; the rest was not read", limits.max_file);
                    loader.lose(&found.name, &why);
                }
                loader.budget = Budget::new(limits, length);
                loader.take(&found.name, bytes, 0);
            }
            Err(error) => loader.lose(&found.name, reason(&error)),
        },
    }
    loader.out
}

/// As [`load`], for bytes that are in memory already: what fuzzing needs.
#[doc(hidden)]
pub fn load_bytes(name: &str, bytes: Vec<u8>, limits: &Limits) -> Loaded {
    let budget = Budget::new(limits, bytes.len() as u64);
    let mut loader = Loader { input: name, budget, out: Loaded::default() };
    loader.take(name, Arc::new(bytes), 0);
    loader.out
}

/// What is being loaded, and what came of it.
pub(super) struct Loader<'l> {
    /// Name of the input as found.
    input: &'l str,
    pub(super) budget: Budget<'l>,
    out: Loaded,
}

impl Loader<'_> {
    /// Bytes that flowed out of a compressed stream or archive.
    pub(super) fn flow(&mut self, name: &str, flow: Flow, depth: usize) {
        if let Some(why) = &flow.stopped {
            self.lose(name, why);
            if flow.bytes.is_empty() {
                return;
            }
        }
        self.take(name, Arc::new(flow.bytes), depth);
    }

    /// Bytes of any kind, by their content.
    pub(super) fn take(&mut self, name: &str, bytes: Bytes, depth: usize) {
        let content = (*bytes).as_ref();
        if content.is_empty() {
            return self.lose(name, "empty");
        }
        let kind = sniff::kind(content);
        let packed = matches!(kind, Kind::Zip | Kind::Gzip | Kind::Zstd | Kind::Bzip2 | Kind::Xz | Kind::Tar);
        if packed && depth >= self.budget.limits.max_depth {
            return self.lose(name, "archives are nested too deeply");
        }
        match kind {
            Kind::Text => self.text(name, bytes, depth),
            Kind::Binary(why) => self.lose(name, why),
            Kind::Zip => archive::zip(self, name, content, depth + 1),
            Kind::Tar => archive::tar(self, name, content, depth + 1),
            Kind::Gzip => {
                let flow = self.budget.gzip(content);
                self.flow(name, flow, depth + 1);
            }
            Kind::Zstd => {
                let flow = self.budget.zstd(content);
                self.flow(name, flow, depth + 1);
            }
            Kind::Bzip2 => {
                let flow = self.budget.bzip2(content);
                self.flow(name, flow, depth + 1);
            }
            Kind::Xz => {
                let flow = self.budget.xz(content);
                self.flow(name, flow, depth + 1);
            }
            Kind::Utf16Le | Kind::Utf16Be | Kind::Utf32Le | Kind::Utf32Be => {
                self.wide(name, content, kind, depth);
            }
        }
    }

    /// Text: a message is opened, captures within a document are taken out, the rest is made UTF-8.
    fn text(&mut self, name: &str, bytes: Bytes, depth: usize) {
        let content = (*bytes).as_ref();
        if depth < self.budget.limits.max_depth && mail::is_mail(content) {
            return mail::open(self, name, content, depth + 1);
        }
        let found = if depth < self.budget.limits.max_depth { embedded::find(content) } else { Vec::new() };
        if !found.is_empty() {
            self.keep(name, Arc::new(embedded::without(content, &found)));
            for (number, one) in found.into_iter().enumerate() {
                let label = format!("{name}!/embedded-{}", number + 1);
                self.take(&label, Arc::new(one.bytes), depth + 1);
            }
            return;
        }
        if sniff::is_http(content) {
            return self.keep(name, bytes);
        }
        let utf8: Option<Bytes> = narrow::to_utf8(content).map(|text| Arc::new(text) as Bytes);
        let text = utf8.unwrap_or_else(|| Arc::clone(&bytes));
        match narrow::without_colours((*text).as_ref()) {
            Some(plain) if !plain.trim_ascii().is_empty() => self.keep(name, Arc::new(plain)),
            _ => self.keep(name, text),
        }
    }

    fn wide(&mut self, name: &str, content: &[u8], kind: Kind, depth: usize) {
        let most = usize::try_from(self.budget.limits.max_source).unwrap_or(usize::MAX) & !3;
        if content.len() > most {
            let why = format!("longer than {most} bytes of UTF-16 text; the rest was not read");
            self.lose(name, &why);
        }
        let content = content.get(..content.len().min(most)).unwrap_or_default();
        match text::to_utf8(content, kind) {
            Some(text) if !text.is_empty() => self.text(name, Arc::new(text), depth),
            _ => self.lose(name, "empty"),
        }
    }

    pub(super) fn keep(&mut self, name: &str, bytes: Bytes) {
        self.out.sources.push(Source { id: SourceId(0), name: name.to_owned(), bytes });
    }

    /// Something could not be read; a name within the input is told as its member.
    pub(super) fn lose(&mut self, name: &str, why: &str) {
        let member = name.strip_prefix(self.input).and_then(|n| n.strip_prefix("!/"));
        self.out.lost.push(Lost {
            source: self.input.to_owned(),
            what: member.map_or_else(|| "the file".to_owned(), |m| format!("member {m}")),
            why: why.to_owned(),
            place: String::new(),
        });
    }
}
