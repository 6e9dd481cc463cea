//! An entry as recorders write it, read in one go.
//!
//! In: bytes, and where an entry begins. Out: where it ends, the long strings in it, and where in it things stand that
//! decide whether it is wanted. Never: anything of an entry that is not JSON to the letter, or in which one of these
//! things is unusual: the lenient readers take such entries, and would say the same of those that are read here.

use std::ops::Range;

use super::scan::LONG;
use crate::decode::quoted;

/// Containers that may be open around a value; what is nested deeper is left to the lenient readers.
const MAX_OPEN: u32 = 60;

/// Where things stand in an entry, as offsets from its beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// The inside of the URL's string.
    pub(super) url: Inside,
    /// `None` where the recorder wrote none.
    pub(super) status: Option<u16>,
    /// The inside of `redirectURL`, where it holds something.
    pub(super) redirect: Option<Inside>,
    pub(super) request_headers: Option<u32>,
    pub(super) response_headers: Option<u32>,
    pub(super) content: Option<u32>,
    /// There is more in it that may decide, such as a request body.
    pub(super) more: bool,
    /// It was asked already, and nobody wants it.
    pub(super) unwanted: bool,
}

/// The inside of a string: offset and length.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Inside {
    pub(super) at: u32,
    pub(super) length: u32,
}

/// What of an entry is likely to be the same in the next one: what is the same to the byte as that in its place before
/// need not be read again.
#[derive(Default)]
pub(super) struct Alike {
    members: Vec<Range<usize>>,
    pub(super) request: Side,
    pub(super) response: Side,
}

/// The same of a request or a response.
#[derive(Default)]
pub(super) struct Side {
    members: Vec<Range<usize>>,
    pub(super) headers: Vec<Range<usize>>,
}

/// Places that are remembered.
const PLACES: usize = 64;

/// Remembers what stands in this place; they come one after the other.
pub(super) fn keep(alike: &mut Vec<Range<usize>>, place: usize, at: Range<usize>) {
    match alike.get_mut(place) {
        Some(before) => *before = at,
        None if place < PLACES => alike.push(at),
        None => {}
    }
}

/// Whether a member decides anything.
#[derive(PartialEq)]
enum Tells {
    Nothing,
    Something,
}

/// Whether the bytes go on with what stands at `like`, which was read to the letter and shows its end.
pub(super) fn goes_on(bytes: &[u8], at: usize, like: Option<&Range<usize>>) -> bool {
    let pair = like.and_then(|like| Some((bytes.get(at..at + like.len())?, bytes.get(like.clone())?)));
    pair.is_some_and(|(here, there)| !there.is_empty() && here == there)
}

/// Reads the entry that begins with the brace at `at`; its long strings are added to `long`. `alike` is of the entry
/// that was read before. An error tells how far was looked.
pub(super) fn entry(
    bytes: &[u8],
    at: usize,
    long: &mut Vec<Range<usize>>,
    alike: &mut Alike,
) -> Result<(Range<usize>, Outline), usize> {
    let before = long.len();
    let mut reader = Reader { bytes, at, start: at, known: &[], long: Some(&mut *long) };
    let outline = reader.entry(alike);
    let reached = reader.at;
    match outline {
        Some(outline) => Ok((at..reached, outline)),
        None => {
            long.truncate(before);
            Err(reached)
        }
    }
}

/// The value of a member, as far as it is looked at.
pub(super) enum Told {
    Null,
    /// The inside of a string.
    Text(Range<usize>),
    /// A number or a word.
    Bare(Range<usize>),
    List,
    /// Where it begins.
    Object(usize),
}

/// Reads JSON to the letter; every function gives `None` where it is none.
pub(super) struct Reader<'a, 'l> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// Where the entry begins.
    pub(super) start: usize,
    /// The insides of long strings, in order, as far as they are known.
    pub(super) known: &'l [Range<usize>],
    /// Where long strings are noted.
    pub(super) long: Option<&'l mut Vec<Range<usize>>>,
}

impl<'a> Reader<'a, '_> {
    fn entry(&mut self, alike: &mut Alike) -> Option<Outline> {
        let mut outline = Outline::default();
        let (mut requests, mut responses) = (0, 0);
        let Alike { members, request, response } = alike;
        self.members(members, |reader, key| {
            match key {
                b"request" => {
                    requests += 1;
                    reader.request(&mut outline, request)?;
                }
                b"response" => {
                    responses += 1;
                    reader.response(&mut outline, response)?;
                }
                _ if is_any_of(key, &[b"request", b"response"]) => return None,
                _ => return reader.other(key),
            }
            Some(Tells::Something)
        })?;
        (requests == 1 && responses < 2 && outline.url.length > 0).then_some(outline)
    }

    fn request(&mut self, outline: &mut Outline, alike: &mut Side) -> Option<()> {
        let Side { members, headers } = alike;
        self.members(members, |reader, key| {
            match key {
                b"url" if outline.url.length == 0 => {
                    let Told::Text(inside) = reader.told()? else { return None };
                    outline.url = reader.inside(inside)?;
                }
                b"headers" if outline.request_headers.is_none() => {
                    outline.request_headers = reader.headers(headers)?;
                }
                _ if is_any_of(key, &[b"url", b"headers"]) => return None,
                _ if is_any_of(key, &[b"postData", b"_postData"]) => {
                    outline.more |= !matches!(reader.told()?, Told::Null);
                }
                _ => return reader.other(key),
            }
            Some(Tells::Something)
        })
    }

    fn response(&mut self, outline: &mut Outline, alike: &mut Side) -> Option<()> {
        let Side { members, headers } = alike;
        let mut statuses = 0;
        self.members(members, |reader, key| {
            match key {
                b"status" if statuses == 0 => {
                    statuses += 1;
                    outline.status = match reader.told()? {
                        Told::Null => None,
                        Told::Bare(word) => Some(status(reader.bytes.get(word)?)?),
                        _ => return None,
                    };
                }
                b"headers" if outline.response_headers.is_none() => {
                    outline.response_headers = reader.headers(headers)?;
                }
                b"redirectURL" if outline.redirect.is_none() => match reader.told()? {
                    Told::Null => return Some(Tells::Nothing),
                    Told::Text(inside) if inside.is_empty() => return Some(Tells::Nothing),
                    Told::Text(inside) => outline.redirect = Some(reader.relative(inside)?),
                    _ => return None,
                },
                b"content" if outline.content.is_none() => match reader.told()? {
                    Told::Null => {}
                    Told::Object(at) => outline.content = Some(reader.offset(at)?),
                    _ => outline.more = true,
                },
                _ if is_any_of(key, &[b"status", b"headers", b"redirectURL", b"content"]) => return None,
                _ if is_any_of(key, &[b"body", b"_content"]) => {
                    outline.more |= !matches!(reader.told()?, Told::Null);
                }
                _ => return reader.other(key),
            }
            Some(Tells::Something)
        })
    }

    /// A member of an entry, a request or a response that decides nothing, unless the recorder tells of an error in it.
    fn other(&mut self, key: &[u8]) -> Option<Tells> {
        if !tells_error(key) {
            self.value()?;
            return Some(Tells::Nothing);
        }
        match self.told()? {
            Told::Null => Some(Tells::Nothing),
            Told::Text(inside) if inside.is_empty() => Some(Tells::Nothing),
            _ => None,
        }
    }

    /// An object; `member` reads the value of each key, but not of a member that told nothing in the entry before and is
    /// the same here.
    fn members(
        &mut self,
        alike: &mut Vec<Range<usize>>,
        mut member: impl FnMut(&mut Self, &'a [u8]) -> Option<Tells>,
    ) -> Option<()> {
        if !self.opens(b'{', b'}')? {
            return Some(());
        }
        for place in 0.. {
            let start = self.at;
            if goes_on(self.bytes, start, alike.get(place)) {
                self.at += alike.get(place).map_or(0, |a| a.len());
            } else {
                let key = self.key()?;
                let tells = member(self, self.bytes.get(key)?)?;
                self.space();
                self.at += 1;
                // With the sign behind it, for a number ends only there; and long strings are to be noted.
                let silent = tells == Tells::Nothing && self.at - start < LONG;
                keep(alike, place, if silent { start..self.at } else { 0..0 });
            }
            match self.bytes.get(self.at - 1)? {
                b',' => self.space(),
                b'}' => return Some(()),
                _ => return None,
            }
        }
        None
    }

    /// Where the list of headers begins, if there is one.
    fn headers(&mut self, alike: &mut Vec<Range<usize>>) -> Option<Option<u32>> {
        if self.peek()? != b'[' {
            return if let Told::Null = self.told()? { Some(None) } else { None };
        }
        let begin = self.offset(self.at)?;
        let mut count = 0;
        self.list(|reader| {
            let (start, place) = (reader.at, count);
            count += 1;
            if goes_on(reader.bytes, start, alike.get(place)) {
                reader.at += alike.get(place).map_or(0, |a| a.len());
                return Some(());
            }
            let object = reader.peek()? == b'{';
            reader.value()?;
            // Only an object ends where it ends, whatever follows; and long strings are to be noted.
            let read = if object && reader.at - start < LONG { start..reader.at } else { 0..0 };
            keep(alike, place, read);
            Some(())
        })?;
        Some(Some(begin))
    }

    fn offset(&self, at: usize) -> Option<u32> {
        u32::try_from(at - self.start).ok()
    }

    fn relative(&self, inside: Range<usize>) -> Option<Inside> {
        Some(Inside { at: self.offset(inside.start)?, length: u32::try_from(inside.len()).ok()? })
    }

    /// As [`Reader::relative`], for a text that has to hold something.
    fn inside(&self, inside: Range<usize>) -> Option<Inside> {
        self.relative(inside).filter(|i| i.length > 0)
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline(always)]
    pub(super) fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    /// An object; `member` reads the value of each key.
    pub(super) fn object(&mut self, mut member: impl FnMut(&mut Self, &'a [u8]) -> Option<()>) -> Option<()> {
        let mut more = self.opens(b'{', b'}')?;
        while more {
            let key = self.key()?;
            member(self, self.bytes.get(key)?)?;
            more = self.goes_on(b'}')?;
        }
        Some(())
    }

    /// A list; `item` reads each value.
    pub(super) fn list(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        let mut more = self.opens(b'[', b']')?;
        while more {
            item(self)?;
            more = self.goes_on(b']')?;
        }
        Some(())
    }

    /// Steps into a container; false when it is empty and was stepped over.
    fn opens(&mut self, with: u8, closes: u8) -> Option<bool> {
        if self.peek()? != with {
            return None;
        }
        self.at += 1;
        self.space();
        let empty = self.peek()? == closes;
        self.at += usize::from(empty);
        Some(!empty)
    }

    /// Steps over what stands behind a value in a container; false when that closes it.
    fn goes_on(&mut self, closes: u8) -> Option<bool> {
        self.space();
        let after = self.peek()?;
        self.at += 1;
        match after {
            b',' => {
                self.space();
                Some(true)
            }
            _ => (after == closes).then_some(false),
        }
    }

    /// A key and its colon. A key with an escape may be another than it seems.
    #[inline(always)]
    fn key(&mut self) -> Option<Range<usize>> {
        if self.peek()? != b'"' {
            return None;
        }
        let key = self.string()?;
        self.space();
        if self.peek()? != b':' {
            return None;
        }
        self.at += 1;
        self.space();
        Some(key)
    }

    /// The inside of the string that begins here.
    #[inline(always)]
    fn string(&mut self) -> Option<Range<usize>> {
        let start = self.at + 1;
        let Some(end) = quoted::end(self.bytes, start, b'"', self.known) else {
            self.at = self.bytes.len();
            return None;
        };
        self.at = end + 1;
        if end - start >= LONG {
            self.note(start..end);
        }
        Some(start..end)
    }

    #[inline(never)]
    fn note(&mut self, inside: Range<usize>) {
        if let Some(long) = self.long.as_deref_mut().filter(|l| l.last().is_none_or(|l| l.end < inside.start))
        {
            long.push(inside);
        }
    }

    /// A number or one of the three words.
    fn bare(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        while let Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.') = self.peek() {
            self.at += 1;
        }
        let word = self.bytes.get(start..self.at)?;
        let sound = match word.first()? {
            b'0'..=b'9' | b'-' => true,
            _ => matches!(word, b"true" | b"false" | b"null"),
        };
        sound.then_some(start..self.at)
    }

    /// A value of which something is asked.
    pub(super) fn told(&mut self) -> Option<Told> {
        Some(match self.peek()? {
            b'"' => Told::Text(self.string()?),
            b'{' => {
                let at = self.at;
                self.value()?;
                Told::Object(at)
            }
            b'[' => {
                self.value()?;
                Told::List
            }
            _ => {
                let word = self.bare()?;
                if self.bytes.get(word.clone())? == b"null" { Told::Null } else { Told::Bare(word) }
            }
        })
    }

    /// Steps over a value.
    pub(super) fn value(&mut self) -> Option<()> {
        // A bit for every container around: set for an object.
        let mut open = 1u64;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                b'{' => {
                    self.at += 1;
                    self.space();
                    if self.peek()? != b'}' {
                        open = deeper(open)? | 1;
                        self.key()?;
                        continue;
                    }
                    self.at += 1;
                }
                b'[' => {
                    self.at += 1;
                    self.space();
                    if self.peek()? != b']' {
                        open = deeper(open)?;
                        continue;
                    }
                    self.at += 1;
                }
                _ => {
                    self.bare()?;
                }
            }
            if !self.after(&mut open)? {
                return Some(());
            }
        }
    }

    /// Steps over what stands behind a value, up to the next one. False when there is none in the outermost container.
    #[inline(always)]
    fn after(&mut self, open: &mut u64) -> Option<bool> {
        while *open != 1 {
            self.space();
            let b = self.peek()?;
            self.at += 1;
            match (b, *open & 1) {
                (b',', 1) => {
                    self.space();
                    self.key()?;
                    return Some(true);
                }
                (b',', _) => {
                    self.space();
                    return Some(true);
                }
                (b'}', 1) | (b']', 0) => *open >>= 1,
                _ => return None,
            }
        }
        Some(false)
    }
}

/// One more container around.
fn deeper(open: u64) -> Option<u64> {
    (open.leading_zeros() > 63 - MAX_OPEN).then_some(open << 1)
}

fn is_any_of(key: &[u8], names: &[&[u8]]) -> bool {
    key.contains(&b'\\') || names.iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// Members in which recorders tell of an error.
fn tells_error(key: &[u8]) -> bool {
    const NAMES: &[&[u8]] =
        &[b"_error", b"_failure", b"_errorText", b"errorText", b"_failureText", b"_blocked_reason", b"error"];
    matches!(key.first(), Some(b'_' | b'e' | b'E')) && NAMES.iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// A status as recorders write it: they write -1 as well as 0 where no answer came.
fn status(word: &[u8]) -> Option<u16> {
    match word {
        b"-1" => Some(0),
        _ if word.len() <= 4 => std::str::from_utf8(word).ok()?.parse().ok(),
        _ => None,
    }
}
