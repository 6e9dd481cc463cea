//! The fast structural pass over a HAR: where its entries are.
//!
//! In: bytes. Out: the span of every entry, of `creator` and of `pages`, and how the file ends. Never: building a
//! tree, looking into an entry beyond its first level of keys, or recursion deeper than [`MAX_WALK`].

use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use super::ahead::Ahead;
use super::plain::{self, Alike, Outline};
use super::resync;
use crate::decode::{Wanted, quoted};

/// How deep a HAR may lie inside other JSON (a ticket export, a test fixture).
const MAX_WALK: usize = 10;

/// Strings of entries that are at least so long are remembered, so that nobody looks for their end again.
pub(super) const LONG: usize = 1024;

/// Stretches of a large capture that are looked at ahead.
const STRETCH: usize = 4 << 20;

/// Where things are.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) entries: Vec<Slot>,
    /// Values of `creator`.
    pub(super) creators: Vec<Range<usize>>,
    /// Values of `pages`, with their JSON pointer.
    pub(super) pages: Vec<(String, Range<usize>)>,
    /// An `entries` list was seen, even an empty one.
    pub(super) list_seen: bool,
    /// A `log` object with a key that only a HAR's has.
    pub(super) log_seen: bool,
    /// An `entries` list stands directly in a `log`.
    pub(super) log_around: bool,
    pub(super) ending: Ending,
    /// The insides of long strings in entries, in order.
    pub(super) long: Vec<Range<usize>>,
    /// Values at the top that were read to their end.
    pub(super) roots: usize,
    /// Values that look like an entry but stand in no `entries` list.
    loose: Vec<Slot>,
}

impl Layout {
    /// There is a list of entries with a HAR's `log` around it, or with a first exchange in it.
    pub(super) fn is_certain(&self) -> bool {
        let exchange = || self.entries.iter().any(|e| e.state != State::NotAnEntry);
        self.list_seen && (self.log_seen || self.log_around && exchange())
    }
}

/// How the bytes end.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub(super) enum Ending {
    #[default]
    Whole,
    /// Inside the last entry.
    InEntry,
    /// Inside a list of entries, between two of them.
    InList,
    /// Somewhere else.
    Elsewhere,
}

/// One entry.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) span: Range<usize>,
    pub(super) pointer: Pointer,
    pub(super) state: State,
    /// What is known of it already, when it was read to the letter.
    pub(super) outline: Option<Outline>,
}

impl Slot {
    fn of(span: Range<usize>, pointer: String, state: State) -> Slot {
        Slot { span, pointer: Pointer::Whole(pointer), state, outline: None }
    }

    /// The URL as written, where it is known.
    pub(super) fn url<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let inside = self.outline.as_ref()?.url;
        let at = self.span.start + inside.at as usize;
        bytes.get(at..at + inside.length as usize)
    }
}

/// The JSON pointer of an entry.
#[derive(Debug, Clone)]
pub(super) enum Pointer {
    Whole(String),
    /// Its list, and its number in it.
    Item(Arc<str>, usize),
}

impl std::fmt::Display for Pointer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Pointer::Whole(pointer) => f.write_str(pointer),
            Pointer::Item(list, index) => write!(f, "{list}/{index}"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Its closing bracket was found.
    Whole,
    /// The bytes end inside it.
    Cut,
    /// Its brackets do not match; it reaches up to where the next entry seems to begin.
    Damaged,
    /// Something else than an object of HTTP data stands in its place.
    NotAnEntry,
}

/// Finds the entries of every HAR in the bytes, one after the other.
pub(super) fn scan(bytes: &[u8]) -> Layout {
    scan_asking(bytes, None)
}

/// As [`scan`]; of the entries of a large capture it is asked on the way whether they are wanted.
pub(super) fn scan_asking(bytes: &[u8], wanted: Option<Wanted>) -> Layout {
    // From here on it pays to ask other cores.
    let large = bytes.len() >= 2 * STRETCH;
    scan_after(bytes, Some(if large { Ahead::look(bytes, STRETCH, wanted) } else { Ahead::default() }))
}

/// As [`scan`], with what was found ahead; with `None`, no entry is read to the letter.
pub(super) fn scan_after(bytes: &[u8], ahead: Option<Ahead>) -> Layout {
    Scanner { ahead, ..Scanner::new(bytes, 0) }.scan()
}

/// As [`scan`], up to where the bytes are certain to be a HAR: what is found behind does not change that.
pub(super) fn begin(head: &[u8]) -> Layout {
    Scanner { claims: true, ahead: Some(Ahead::default()), ..Scanner::new(head, 0) }.scan()
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The bytes ended inside something.
    cut: bool,
    /// From here on no entry visibly begins: asked once, so that broken input cannot make it be asked for ever.
    barren_from: usize,
    /// Entries that were found ahead; `None` where none is to be read to the letter.
    ahead: Option<Ahead>,
    /// The entry that was read to the letter last.
    alike: Alike,
    /// Nothing is asked but whether it is a HAR: the rest is left once that is certain.
    claims: bool,
    layout: Layout,
}

/// What the first level of an object's keys says about it.
#[derive(Default, Clone, Copy)]
struct Looks {
    request: bool,
    response: bool,
    started: bool,
    other: bool,
}

impl Looks {
    fn note(&mut self, key: &[u8]) {
        match key {
            b"request" => self.request = true,
            b"response" => self.response = true,
            b"startedDateTime" => self.started = true,
            b"pageref" | b"timings" | b"serverIPAddress" | b"cache" | b"time" => self.other = true,
            _ => {}
        }
    }

    fn strong(self) -> bool {
        self.request || self.response || self.started
    }

    fn entry(self) -> bool {
        self.strong() || self.other
    }

    /// Sure enough to be an entry though it stands alone.
    fn loose(self) -> bool {
        self.request && self.started
    }
}

impl<'a> Scanner<'a> {
    fn new(bytes: &'a [u8], at: usize) -> Self {
        Scanner {
            bytes,
            at,
            cut: false,
            barren_from: usize::MAX,
            ahead: None,
            alike: Alike::default(),
            claims: false,
            layout: Layout::default(),
        }
    }

    fn scan(mut self) -> Layout {
        while let Some(n) = memchr::memchr2(b'{', b'[', self.rest()) {
            self.at += n;
            self.walk(&mut String::new(), 0);
            if self.cut {
                break;
            }
            self.layout.roots += 1;
        }
        let mut layout = self.layout;
        if !layout.list_seen {
            layout.entries.append(&mut layout.loose);
            if layout.entries.last().is_some_and(|e| e.state == State::Cut) {
                layout.ending = Ending::InEntry;
            }
        }
        layout
    }

    /// Stops where a claim is certain: see [`Layout::is_certain`].
    fn settle(&mut self) {
        let exchange = || self.layout.entries.last().is_some_and(|e| e.state != State::NotAnEntry);
        let layout = &self.layout;
        self.cut |= self.claims && layout.list_seen && (layout.log_seen || layout.log_around && exchange());
    }

    fn next_entry(&mut self, from: usize) -> Option<usize> {
        if from >= self.barren_from {
            return None;
        }
        let found = resync::next(self.bytes, from);
        if found.is_none() {
            self.barren_from = from;
        }
        found
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n' | 0 | 0xEF | 0xBB | 0xBF) = self.peek() {
            self.at += 1;
        }
    }

    fn cut_here(&mut self, ending: Ending) {
        if !self.cut {
            self.layout.ending = ending;
        }
        self.cut = true;
    }

    /// Steps through a container outside any list of entries.
    fn walk(&mut self, path: &mut String, depth: usize) {
        match self.peek() {
            Some(b'{') if depth < MAX_WALK => self.walk_object(path, depth),
            Some(b'[') if depth < MAX_WALK => self.walk_array(path, depth),
            _ => self.skip_value(),
        }
    }

    fn walk_array(&mut self, path: &mut String, depth: usize) {
        self.at += 1;
        let mut index = 0usize;
        while !self.cut {
            self.space();
            match self.peek() {
                None => return self.cut_here(Ending::Elsewhere),
                Some(b']') => {
                    self.at += 1;
                    return;
                }
                Some(b'}') => return,
                Some(b',' | b':') => self.at += 1,
                Some(_) => {
                    let length = path.len();
                    let _ = write!(path, "/{index}");
                    self.walk(path, depth + 1);
                    path.truncate(length);
                    index += 1;
                }
            }
        }
    }

    fn walk_object(&mut self, path: &mut String, depth: usize) {
        let start = self.at;
        let mut looks = Looks::default();
        self.at += 1;
        while !self.cut {
            self.space();
            match self.peek() {
                None => self.cut_here(Ending::Elsewhere),
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(b']') => break,
                Some(b',' | b':') => self.at += 1,
                Some(b'{' | b'[') => self.walk(path, depth + 1),
                Some(_) => {
                    let key = self.key();
                    self.space();
                    if self.peek() == Some(b':') && !self.cut {
                        self.at += 1;
                        self.space();
                        looks.note(key);
                        self.member(key, path, depth);
                    }
                }
            }
        }
        if looks.loose() {
            let state = if self.cut { State::Cut } else { State::Whole };
            self.layout.loose.push(Slot::of(start..self.at, path.clone(), state));
        }
    }

    fn member(&mut self, key: &[u8], path: &mut String, depth: usize) {
        let opens = self.peek();
        let length = path.len();
        push_token(path, key);
        let start = self.at;
        match (key.to_ascii_lowercase().as_slice(), opens) {
            (b"entries", Some(b'[' | b'{')) => self.list(path, depth),
            (b"creator", Some(b'{')) => {
                self.log_seen(path);
                let before = self.layout.entries.len() + self.layout.loose.len();
                self.walk(path, depth + 1);
                if before == self.layout.entries.len() + self.layout.loose.len() {
                    self.layout.creators.push(start..self.at);
                }
            }
            (b"pages", Some(b'[')) => {
                self.log_seen(path);
                self.skip_value();
                self.layout.pages.push((path.clone(), start..self.at));
            }
            (b"version", _) => {
                self.log_seen(path);
                self.skip_value();
            }
            (_, Some(b'{' | b'[')) => self.walk(path, depth + 1),
            _ => self.skip_value(),
        }
        path.truncate(length);
    }

    fn log_seen(&mut self, path: &str) {
        self.layout.log_seen |= path.rsplit('/').nth(1) == Some("log");
    }

    /// The list of entries: an array, or an object whose values are the entries.
    fn list(&mut self, path: &mut String, depth: usize) {
        self.layout.list_seen = true;
        self.layout.log_around |= path.rsplit('/').nth(1).is_some_and(|p| p.eq_ignore_ascii_case("log"));
        let keyed = self.peek() == Some(b'{');
        let (closing, wrong) = if keyed { (b'}', b']') } else { (b']', b'}') };
        self.at += 1;
        let mut index = 0usize;
        let here: Arc<str> = Arc::from(path.as_str());
        loop {
            self.settle();
            if self.cut {
                return;
            }
            self.space();
            let start = self.at;
            match self.peek() {
                None => return self.cut_here(Ending::InList),
                Some(b'{') if !keyed && self.plain(&here, index) => index += 1,
                Some(b) if b == closing => {
                    self.at += 1;
                    return;
                }
                Some(b) if b == wrong => return self.broken_list(path, index),
                Some(b',' | b':') => self.at += 1,
                Some(_) => {
                    let length = path.len();
                    if keyed {
                        let key = self.key();
                        self.space();
                        if self.peek() != Some(b':') {
                            continue;
                        }
                        self.at += 1;
                        self.space();
                        push_token(path, key);
                    } else {
                        let _ = write!(path, "/{index}");
                    }
                    let start = if keyed { self.at } else { start };
                    let sound = self.element(start, path, depth);
                    path.truncate(length);
                    if !sound {
                        return self.recover(start, path, index);
                    }
                    index += 1;
                }
            }
        }
    }

    /// An element that is an entry as most are. False when it has to be looked at more closely.
    fn plain(&mut self, list: &Arc<str>, index: usize) -> bool {
        let Some(ahead) = &mut self.ahead else { return false };
        let (span, outline) = if let Some((entry, long)) = ahead.entry(self.at) {
            let seen = self.layout.long.last().map_or(0, |l| l.end);
            self.layout.long.extend(long.iter().filter(|l| l.start > seen).cloned());
            entry
        } else if let Ok(found) = plain::entry(self.bytes, self.at, &mut self.layout.long, &mut self.alike) {
            found
        } else {
            return false;
        };
        self.at = span.end;
        let pointer = Pointer::Item(Arc::clone(list), index);
        self.layout.entries.push(Slot { span, pointer, state: State::Whole, outline: Some(outline) });
        true
    }

    /// One element of the list. False when its brackets do not match or never close.
    fn element(&mut self, start: usize, path: &mut String, depth: usize) -> bool {
        if self.peek() != Some(b'{') {
            self.skip_value();
            self.layout.entries.push(Slot::of(start..self.at, path.clone(), State::NotAnEntry));
            return true;
        }
        let mut looks = Looks::default();
        let sound = self.skip_container(Some(&mut looks));
        let end = self.at;
        let inside = self.bytes.get(start..end).unwrap_or_default();
        if sound && !looks.strong() && depth < MAX_WALK && contains(inside, b"\"entries\"") {
            self.at = start;
            self.walk(path, depth + 1);
            self.at = end;
            return true;
        }
        let state = match (sound, looks.entry()) {
            (true, true) => State::Whole,
            (true, false) => State::NotAnEntry,
            (false, _) => State::Cut,
        };
        self.layout.entries.push(Slot::of(start..end, path.clone(), state));
        sound
    }

    /// A closing bracket of the wrong kind between entries: the entry before it closed too early.
    fn broken_list(&mut self, path: &str, index: usize) {
        let from = self.layout.entries.last().map_or(self.at, |e| e.span.start);
        if index > 0 && self.next_entry(self.at).is_some() {
            self.layout.entries.pop();
            self.recover_from(from, path, index - 1);
        }
        // The list simply has no end of its own.
    }

    /// The element at `start` never closed properly: either the file ends in it, or it is damaged and others follow.
    fn recover(&mut self, start: usize, path: &str, index: usize) {
        if self.next_entry(start + 1).is_some() {
            self.layout.entries.pop();
            return self.recover_from(start, path, index);
        }
        if self.at >= self.bytes.len() {
            self.cut_here(Ending::InEntry);
        } else if let Some(last) = self.layout.entries.last_mut() {
            last.state = State::Damaged;
        }
    }

    /// From here on brackets cannot be trusted: entries are cut where the next one visibly begins.
    fn recover_from(&mut self, start: usize, path: &str, mut index: usize) {
        let mut at = start;
        while at < self.bytes.len() {
            let next = self.next_entry(at + 1);
            let end = next.unwrap_or(self.bytes.len());
            let mut probe = Scanner::new(self.bytes.get(..end).unwrap_or_default(), at);
            let sound = probe.skip_container(None);
            // Closed, but more than a comma follows: it closed too early.
            let after = self.bytes.get(probe.at..end).unwrap_or_default();
            let early = next.is_some() && after.iter().any(|b| !b.is_ascii_whitespace() && *b != b',');
            let (state, stop) = match (sound, next) {
                (true, _) if !early => (State::Whole, probe.at),
                (true, _) => (State::Damaged, end),
                (false, Some(_)) => (State::Damaged, end),
                (false, None) if probe.at >= self.bytes.len() => (State::Cut, end),
                (false, None) => (State::Damaged, probe.at),
            };
            self.layout.entries.push(Slot::of(at..stop, format!("{path}/{index}"), state));
            index += 1;
            match next {
                Some(next) => at = next,
                None if state == State::Cut => {
                    self.at = end;
                    return self.cut_here(Ending::InEntry);
                }
                None => {
                    self.at = stop;
                    return;
                }
            }
        }
    }

    /// A key: the inside of a string, or a bare word. Always moves on, whatever stands there.
    fn key(&mut self) -> &'a [u8] {
        let start = self.at;
        let key = match self.peek() {
            Some(quote @ (b'"' | b'\'')) => self.string(quote),
            _ => self.bare(),
        };
        self.at = self.at.max(start + 1);
        key
    }

    fn bare(&mut self) -> &'a [u8] {
        let start = self.at;
        while let Some(b) = self.peek() {
            if matches!(b, b',' | b':' | b'{' | b'}' | b'[' | b']' | b'"') || b.is_ascii_whitespace() {
                break;
            }
            self.at += 1;
        }
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    fn skip_value(&mut self) {
        match self.peek() {
            Some(b'{' | b'[') => {
                if !self.skip_container(None) && self.at >= self.bytes.len() {
                    self.cut_here(Ending::Elsewhere);
                }
            }
            Some(quote @ (b'"' | b'\'')) => {
                self.string(quote);
            }
            Some(_) => {
                if self.bare().is_empty() && !matches!(self.peek(), None | Some(b'}' | b']' | b',')) {
                    self.at += 1;
                }
            }
            None => self.cut_here(Ending::Elsewhere),
        }
    }

    /// Steps over a string. Only quotes are looked for: bodies full of escapes must stay fast.
    fn string(&mut self, quote: u8) -> &'a [u8] {
        let start = self.at + 1;
        match quoted::end(self.bytes, start, quote, &[]) {
            Some(end) => {
                self.at = end + 1;
                self.bytes.get(start..end).unwrap_or_default()
            }
            None => {
                self.at = self.bytes.len();
                self.cut_here(Ending::Elsewhere);
                self.bytes.get(start..).unwrap_or_default()
            }
        }
    }

    /// Remembers a string, if it is long and not seen before.
    fn long_string(&mut self, inside: Range<usize>, quote: u8) {
        let long = &mut self.layout.long;
        if inside.len() >= LONG && quote == b'"' && long.last().is_none_or(|l| l.end < inside.start) {
            long.push(inside);
        }
    }

    /// Steps over an object or array; notes the keys of its first level. False when a bracket of the wrong kind
    /// closes something, or the bytes end.
    fn skip_container(&mut self, mut looks: Option<&mut Looks>) -> bool {
        let bytes = self.bytes;
        let mut open: Vec<u8> = Vec::with_capacity(16);
        let mut at = self.at;
        let mut before = b'[';
        while let Some(&b) = bytes.get(at) {
            match b {
                b'{' | b'[' => open.push(b),
                b'}' | b']' => {
                    if open.pop() != Some(if b == b'}' { b'{' } else { b'[' }) {
                        self.at = at;
                        return false;
                    }
                    if open.is_empty() {
                        self.at = at + 1;
                        return true;
                    }
                }
                b'"' | b'\'' if b == b'"' || matches!(before, b'{' | b'[' | b',' | b':') => {
                    let Some(end) = quoted::end(bytes, at + 1, b, &[]) else { break };
                    if let Some(looks) = looks.as_deref_mut().filter(|_| open.len() == 1 && before != b':') {
                        looks.note(bytes.get(at + 1..end).unwrap_or_default());
                    }
                    self.long_string(at + 1..end, b);
                    at = end;
                }
                b' ' | b'\t' | b'\r' | b'\n' => {
                    at += 1;
                    continue;
                }
                _ => {}
            }
            before = b;
            at += 1;
        }
        self.at = bytes.len();
        false
    }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}

/// Appends a key to a JSON pointer.
fn push_token(path: &mut String, key: &[u8]) {
    path.push('/');
    for c in super::super::json::unescape(key).chars() {
        match c {
            '~' => path.push_str("~0"),
            '/' => path.push_str("~1"),
            c => path.push(c),
        }
    }
}
