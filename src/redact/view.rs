//! The same text with one layer of encoding after another undone.
//!
//! In: a text. Out: that text, and what it says once JSON escapes, URL escapes and HTML entities are undone, in any
//! order and more than once, each with the way back to the bytes of the original. Never: more than [`MAX_VIEWS`].

use std::borrow::Cow;
use std::ops::Range;

const MAX_VIEWS: usize = 14;
const MAX_DEPTH: usize = 5;

/// A text, and the way back from its bytes to those of the original.
pub(super) struct View<'t> {
    pub(super) text: Cow<'t, str>,
    /// `None` for the original itself.
    map: Option<Map>,
    depth: usize,
}

#[derive(Clone, Copy)]
enum Layer {
    Json,
    Percent,
    Entity,
}

/// Reads one unit of an encoding: what it stands for, and how long it is.
type Unit = fn(&[u8]) -> Option<(char, usize)>;

/// Where the bytes of a reading stand in the original: stretches that were copied, and characters that were decoded.
/// Most of a text is copied, so this is far smaller than a place for each byte.
#[derive(Default)]
struct Map {
    pieces: Vec<Piece>,
    /// Where the original ends, or what stands for its end.
    end: u32,
}

#[derive(Clone, Copy)]
struct Piece {
    /// First byte in the reading.
    at: u32,
    /// The same in the original.
    original: u32,
    /// Copied byte by byte; otherwise all of it came from one unit that begins at `original`.
    copied: bool,
}

impl Map {
    fn back(&self, i: usize, len: usize) -> usize {
        if i >= len {
            return self.end as usize;
        }
        let i = narrow(i);
        let next = self.pieces.partition_point(|p| p.at <= i);
        let Some(piece) = next.checked_sub(1).and_then(|n| self.pieces.get(n)) else { return i as usize };
        (piece.original + if piece.copied { i - piece.at } else { 0 }) as usize
    }

    fn push(&mut self, piece: Piece) {
        let goes_on = self.pieces.last().is_some_and(|last| {
            last.copied && piece.copied && piece.original.wrapping_sub(last.original) == piece.at - last.at
        });
        if !goes_on {
            self.pieces.push(piece);
        }
    }
}

/// The longest text is 4 GiB.
fn narrow(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

impl View<'_> {
    /// The bytes of the original that `range` of this view came from.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        match &self.map {
            None => range,
            Some(map) => map.back(range.start, self.text.len())..map.back(range.end, self.text.len()),
        }
    }

    /// Undoes one layer; `None` when nothing changes.
    fn peel(&self, layer: Layer) -> Option<View<'static>> {
        let bytes = self.text.as_bytes();
        let (marker, unit): (u8, Unit) = match layer {
            Layer::Json => (b'\\', json_unit),
            Layer::Percent => (b'%', percent_unit),
            Layer::Entity => (b'&', entity_unit),
        };
        // Up to the first unit that says something nothing changes, and most texts have none.
        let mut units = memchr::memchr_iter(marker, bytes);
        units.find(|at| bytes.get(*at..).and_then(unit).is_some())?;
        let mut text = String::with_capacity(bytes.len());
        let mut trail = Trail { from: self.map.as_ref(), piece: 0, map: Map::default() };
        let mut pos = 0;
        while pos < bytes.len() {
            let rest = bytes.get(pos..)?;
            let next = memchr::memchr(marker, rest).map_or(bytes.len(), |n| pos + n);
            trail.copy(pos..next, text.len());
            text.push_str(self.text.get(pos..next)?);
            pos = next;
            if pos == bytes.len() {
                break;
            }
            match bytes.get(pos..).and_then(unit) {
                Some((c, len)) => {
                    trail.decode(pos, text.len());
                    text.push(c);
                    pos += len;
                }
                None => {
                    trail.copy(pos..pos + 1, text.len());
                    text.push(char::from(marker));
                    pos += 1;
                }
            }
        }
        let mut map = trail.map;
        map.end = self.map.as_ref().map_or(narrow(bytes.len()), |m| m.end);
        Some(View { text: Cow::Owned(text), map: Some(map), depth: self.depth + 1 })
    }
}

/// Writes the map of a reading while it is made, from that of the reading before.
struct Trail<'m> {
    from: Option<&'m Map>,
    /// The piece of `from` that was used last; places only grow.
    piece: usize,
    map: Map,
}

impl Trail<'_> {
    /// The piece of the reading before that holds byte `pos`, and where the next one begins.
    fn seek(&mut self, pos: usize) -> Option<(Piece, usize)> {
        let pieces = &self.from?.pieces;
        while pieces.get(self.piece + 1).is_some_and(|p| p.at as usize <= pos) {
            self.piece += 1;
        }
        let end = pieces.get(self.piece + 1).map_or(usize::MAX, |p| p.at as usize);
        Some((*pieces.get(self.piece)?, end))
    }

    fn copy(&mut self, range: Range<usize>, at: usize) {
        let mut pos = range.start;
        while pos < range.end {
            let to = narrow(at + (pos - range.start));
            match self.seek(pos) {
                None => {
                    self.map.push(Piece { at: to, original: narrow(pos), copied: true });
                    return;
                }
                Some((piece, end)) => {
                    let original = piece.original + if piece.copied { narrow(pos) - piece.at } else { 0 };
                    self.map.push(Piece { at: to, original, copied: piece.copied });
                    pos = end;
                }
            }
        }
    }

    fn decode(&mut self, pos: usize, at: usize) {
        let original = match self.seek(pos) {
            None => narrow(pos),
            Some((piece, _)) => piece.original + if piece.copied { narrow(pos) - piece.at } else { 0 },
        };
        self.map.push(Piece { at: narrow(at), original, copied: false });
    }
}

/// Calls `see` with the text itself and with every reading of it. The longest text is 4 GiB.
pub(super) fn each(text: &str, mut see: impl FnMut(&View<'_>)) {
    let first = View { text: Cow::Borrowed(text), map: None, depth: 0 };
    if memchr::memchr3(b'\\', b'%', b'&', text.as_bytes()).is_none() {
        return see(&first);
    }
    let mut queue = vec![first];
    let mut next = 0;
    while next < queue.len() {
        let mut grown = Vec::new();
        if let Some(view) = queue.get(next) {
            see(view);
            if view.depth < MAX_DEPTH {
                for layer in [Layer::Json, Layer::Percent, Layer::Entity] {
                    grown.extend(view.peel(layer));
                }
            }
        }
        for view in grown {
            if queue.len() < MAX_VIEWS && !queue.iter().any(|v| v.text == view.text) {
                queue.push(view);
            }
        }
        next += 1;
    }
}

/// The inside of a JSON string with its escapes undone.
pub(super) fn json(text: &str) -> View<'_> {
    let view = View { text: Cow::Borrowed(text), map: None, depth: 0 };
    view.peel(Layer::Json).unwrap_or(view)
}

/// The text with every layer undone: equal for one secret in two encodings.
pub(super) fn plainest(text: &str) -> String {
    let mut view = View { text: Cow::Owned(text.to_owned()), map: None, depth: 0 };
    for _ in 0..MAX_DEPTH {
        let Some(next) = [Layer::Json, Layer::Percent, Layer::Entity].iter().find_map(|l| view.peel(*l))
        else {
            break;
        };
        view = next;
    }
    view.text.into_owned()
}

/// The unit of encoding, if any, that covers the middle of `text` at `pos`: its end. For cutting without tearing one.
pub(super) fn unit_end(bytes: &[u8], pos: usize) -> usize {
    for start in pos.saturating_sub(5)..pos {
        let Some(rest) = bytes.get(start..) else { continue };
        let unit = match rest.first() {
            Some(b'\\') if !escaped(bytes, start) => json_unit(rest).map(|u| u.1).or(Some(2)),
            Some(b'%') => percent_unit(rest).map(|u| u.1),
            _ => None,
        };
        if let Some(len) = unit
            && start + len > pos
        {
            return (start + len).min(bytes.len());
        }
    }
    pos
}

/// An odd number of backslashes stands before `pos`.
fn escaped(bytes: &[u8], pos: usize) -> bool {
    bytes.get(..pos).unwrap_or_default().iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

fn json_unit(rest: &[u8]) -> Option<(char, usize)> {
    let c = match rest.get(1)? {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'"' => '"',
        b'\'' => '\'',
        b'/' => '/',
        b'\\' => '\\',
        b'u' => return Some((char::from_u32(hex(rest.get(2..6)?)?)?, 6)),
        b'x' => return Some((char::from_u32(hex(rest.get(2..4)?)?)?, 4)),
        _ => return None,
    };
    Some((c, 2))
}

/// Printable ASCII only: the names and shapes that matter are ASCII.
fn percent_unit(rest: &[u8]) -> Option<(char, usize)> {
    let code = hex(rest.get(1..3)?)?;
    let plain = (0x20..0x7f).contains(&code) || matches!(code, 9 | 10 | 13);
    plain.then_some((char::from_u32(code)?, 3))
}

fn entity_unit(rest: &[u8]) -> Option<(char, usize)> {
    let head = rest.get(..rest.len().min(10))?;
    let end = memchr::memchr(b';', head)?;
    let name = std::str::from_utf8(head.get(1..end)?).ok()?;
    let c = match name {
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "lt" => '<',
        "gt" => '>',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| c.is_ascii())?
        }
    };
    Some((c, end + 1))
}

fn hex(digits: &[u8]) -> Option<u32> {
    let all = digits.iter().all(u8::is_ascii_hexdigit);
    all.then(|| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())?
}
