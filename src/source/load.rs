//! One found thing → its sources.
//!
//! In: a file, standard input or a URL given as such. Out: what can be read of it, handed to a [`Taker`]: line logs that
//! are long window by window, everything else as a whole. Never: a file left out without a [`Lost`].

use std::io::Read;
use std::sync::Arc;

use super::feed::{Feed, Slice};
use super::find::reason;
use super::map::{self, Bytes, Pages};
use super::sniff::{self, Kind};
use super::unpack::{Budget, Flow};
use super::{Found, Limits, Loaded, Origin, Taker, archive, embedded, mail, narrow, text, unpack};
use crate::model::{Lost, Source};

/// Opens one thing and keeps all that it holds.
pub fn load(found: &Found, limits: &Limits) -> Loaded {
    let mut sources = Vec::new();
    let lost = open(found, limits, &mut sources);
    Loaded { sources, lost }
}

/// Opens one thing: maps or reads it, unpacks what is packed, and turns wide text into UTF-8. Gives what was lost.
pub fn open(found: &Found, limits: &Limits, taker: &mut dyn Taker) -> Vec<Lost> {
    match &found.origin {
        Origin::Argument(text) => {
            taker.whole(Source::whole(&found.name, Arc::new(text.trim().as_bytes().to_vec())));
            Vec::new()
        }
        Origin::Stdin => open_reader(&found.name, std::io::stdin().lock(), limits, taker),
        Origin::File(path) => {
            let mut loader = Loader::new(&found.name, limits, taker);
            match map::open(path, limits.max_file) {
                Ok(opened) => {
                    if opened.length > limits.max_file {
                        let why = format!("longer than {} bytes; the rest was not read", limits.max_file);
                        loader.lose(&found.name, &why);
                    }
                    loader.budget = Budget::new(limits, opened.length);
                    loader.budget.pages = opened.pages;
                    loader.take(&found.name, opened.bytes, 0);
                }
                Err(error) => loader.lose(&found.name, reason(&error)),
            }
            loader.lost
        }
    }
}

/// As [`open`], for bytes that come as they come. What was packed may unpack as if the input were as long as its limit.
pub fn open_reader(name: &str, reader: impl Read, limits: &Limits, taker: &mut dyn Taker) -> Vec<Lost> {
    let mut loader = Loader::new(name, limits, taker);
    loader.budget.input = u64::MAX;
    loader.stream(name, reader, 0);
    loader.lost
}

/// True for text that is neither packed, nor in a wide encoding, nor a message: it may be a log.
pub(crate) fn is_plain_text(head: &[u8]) -> bool {
    !head.is_empty() && sniff::kind(head) == Kind::Text && !sniff::is_http(head) && !mail::is_mail(head)
}

/// As [`load`], for bytes that are in memory already: what fuzzing needs.
#[doc(hidden)]
pub fn load_bytes(name: &str, bytes: Vec<u8>, limits: &Limits) -> Loaded {
    let mut sources = Vec::new();
    let mut loader = Loader::new(name, limits, &mut sources);
    loader.budget = Budget::new(limits, bytes.len() as u64);
    loader.take(name, Arc::new(bytes), 0);
    let lost = loader.lost;
    Loaded { sources, lost }
}

/// What is being loaded, and what came of it.
pub(super) struct Loader<'l> {
    /// Name of the input as found.
    input: &'l str,
    pub(super) budget: Budget<'l>,
    taker: &'l mut dyn Taker,
    lost: Vec<Lost>,
}

impl<'l> Loader<'l> {
    fn new(input: &'l str, limits: &'l Limits, taker: &'l mut dyn Taker) -> Self {
        Loader { input, budget: Budget::new(limits, 0), taker, lost: Vec::new() }
    }

    /// What flows out of a compressed stream or archive: a long log window by window, the rest as a whole. Gives how
    /// many bytes came, and whether they came to their end.
    pub(super) fn stream(&mut self, name: &str, reader: impl Read, depth: usize) -> (u64, bool) {
        let limits = self.budget.limits;
        let mut tap = unpack::Tap::new(reader);
        let mut flow = Flow::default();
        self.budget.fill(&mut tap, &mut flow, limits.long());
        let long = !flow.ended && flow.stopped.is_none();
        if let (true, Kind::Binary(why)) = (long, sniff::kind(&flow.bytes)) {
            self.lose(name, why);
            return (tap.came, false);
        }
        if long && is_plain_text(&flow.bytes) && self.taker.begins(name, &flow.bytes) {
            return self.windows(name, &mut tap, flow);
        }
        if depth == 0 {
            // Standard input: what it unpacks to is measured by what came.
            self.budget.fill(&mut tap, &mut flow, limits.max_held);
            (self.budget.input, self.budget.out) = (flow.bytes.len() as u64, 0);
        } else {
            self.budget.fill(&mut tap, &mut flow, limits.max_held);
        }
        if !flow.ended && flow.stopped.is_none() {
            let why = format!(
                "longer than {} bytes, and no line log that could be read in parts; the rest was not read",
                limits.max_held
            );
            flow.stopped = Some(why);
        }
        let came = (flow.bytes.len() as u64, flow.ended);
        self.flow(name, flow, depth);
        came
    }

    /// The rest of a long log, as it comes. While a window is read, the next one is unpacked.
    fn windows(&mut self, name: &str, tap: &mut unpack::Tap<impl Read>, mut flow: Flow) -> (u64, bool) {
        let window = self.budget.limits.window;
        let mut feed = Feed::new(&flow.bytes);
        let mut came = std::mem::take(&mut flow.bytes);
        loop {
            let over = flow.ended || flow.stopped.is_some();
            let (budget, taker) = (&mut self.budget, &mut *self.taker);
            rayon::in_place_scope(|scope| {
                scope.spawn(|_| feed.take(&came, taker, window));
                if !over {
                    budget.fill(tap, &mut flow, window.max(unpack::CHUNK) as u64);
                }
            });
            if over {
                break;
            }
            // Its room is used again.
            came.clear();
            std::mem::swap(&mut came, &mut flow.bytes);
        }
        feed.hand_all(self.taker, window);
        feed.end();
        feed.hand(self.taker, true);
        if let Some(why) = &flow.stopped {
            self.lose(name, why);
        }
        (tap.came, flow.ended)
    }

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
        let depth = if packed { depth + 1 } else { depth };
        match kind {
            Kind::Text => self.text(name, bytes, depth),
            Kind::Binary(why) => self.lose(name, why),
            Kind::Zip => archive::zip(self, name, content, depth),
            Kind::Tar => archive::tar(self, name, content, depth),
            Kind::Gzip => drop(self.stream(name, flate2::read::MultiGzDecoder::new(content), depth)),
            Kind::Zstd => drop(self.stream(name, unpack::ZstdFrames::new(content), depth)),
            Kind::Bzip2 => drop(self.stream(name, unpack::Bzip2Streams::new(content), depth)),
            Kind::Xz => drop(self.stream(name, super::xz::XzStreams::new(content), depth)),
            Kind::Utf16Le | Kind::Utf16Be | Kind::Utf32Le | Kind::Utf32Be => {
                self.wide(name, content, kind, depth);
            }
        }
    }

    /// Text: a message is opened, captures within a document are taken out, the rest is made UTF-8.
    fn text(&mut self, name: &str, bytes: Bytes, depth: usize) {
        let content = (*bytes).as_ref();
        if content.len() as u64 > self.budget.limits.long() && self.long(name, &bytes) {
            return;
        }
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
        if sniff::is_http(content) || narrow::is_bare(content) {
            return self.keep(name, bytes);
        }
        let utf8: Option<Bytes> = narrow::to_utf8(content).map(|text| Arc::new(text) as Bytes);
        let text = utf8.unwrap_or_else(|| Arc::clone(&bytes));
        match narrow::without_colours((*text).as_ref()) {
            Some(plain) if !plain.trim_ascii().is_empty() => self.keep(name, Arc::new(plain)),
            _ => self.keep(name, text),
        }
    }

    /// A long log that is all there, window by window; false when it is none. Pages that were looked at are given back.
    fn long(&mut self, name: &str, bytes: &Bytes) -> bool {
        let content = (**bytes).as_ref();
        let limits = self.budget.limits;
        let head = content.get(..limits.window).unwrap_or(content);
        if !is_plain_text(head) || !self.taker.begins(name, head) {
            return false;
        }
        let mut feed = Feed::new(head);
        if feed.is_plain() {
            let mut at = 0;
            let window = limits.window.max(1).saturating_mul(AT_ONCE);
            while at < content.len() {
                let end = at.saturating_add(window).min(content.len());
                let slice = Slice { bytes: Arc::clone(bytes), range: at..end };
                let used = self.taker.window(Arc::new(slice), end == content.len()).max(1);
                let next = content.len().min(at + used);
                self.budget.pages.release_soon(&content[at..next]);
                at = next;
            }
            return true;
        }
        for part in content.chunks(limits.window.max(1)) {
            feed.push(part, limits.window);
            feed.hand_all(self.taker, limits.window);
            self.budget.pages.release();
        }
        feed.end();
        feed.hand(self.taker, true);
        true
    }

    fn wide(&mut self, name: &str, content: &[u8], kind: Kind, depth: usize) {
        let most = usize::try_from(self.budget.limits.max_held).unwrap_or(usize::MAX) & !3;
        if content.len() > most {
            let why = format!("longer than {most} bytes of UTF-16 text; the rest was not read");
            self.lose(name, &why);
        }
        let content = content.get(..content.len().min(most)).unwrap_or_default();
        let pages = self.budget.pages.clone();
        match text::to_utf8(content, kind, || pages.release()) {
            Some(text) if !text.is_empty() => self.text(name, Arc::new(text), depth),
            _ => self.lose(name, "empty"),
        }
    }

    pub(super) fn keep(&mut self, name: &str, bytes: Bytes) {
        self.taker.whole(Source::whole(name, bytes));
    }

    /// Something could not be read; a name within the input is told as its member.
    pub(super) fn lose(&mut self, name: &str, why: &str) {
        let member = name.strip_prefix(self.input).and_then(|n| n.strip_prefix("!/"));
        self.lost.push(Lost {
            source: self.input.to_owned(),
            what: member.map_or_else(|| "the file".to_owned(), |m| format!("member {m}")),
            why: why.to_owned(),
            place: String::new(),
        });
    }
}

/// So many windows of a file that lies there as it is are read as one: they take no memory but pages that are given back.
const AT_ONCE: usize = 4;

impl Limits {
    /// From this length on, a log is read window by window.
    fn long(&self) -> u64 {
        2 * self.window as u64
    }
}

impl Loader<'_> {
    /// The pages of the file, if it was mapped.
    pub(super) fn release(&self) {
        let pages: &Pages = &self.budget.pages;
        pages.release();
    }
}
