//! The same text with one layer of encoding after another undone.
//!
//! In: a text. Out: that text, and what it says once JSON escapes, URL escapes and HTML entities are undone, in any
//! order and more than once, each with the way back to the bytes of the original. Never: more than [`MAX_VIEWS`].

use std::borrow::Cow;
use std::ops::Range;

const MAX_VIEWS: usize = 14;
const MAX_DEPTH: usize = 5;

/// A text and, for each of its bytes, where in the original the unit starts that it came from.
pub(super) struct View<'t> {
    pub(super) text: Cow<'t, str>,
    map: Option<Vec<u32>>,
    depth: usize,
}

#[derive(Clone, Copy)]
enum Layer {
    Json,
    Percent,
    Entity,
}

impl View<'_> {
    /// The bytes of the original that `range` of this view came from.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        match &self.map {
            None => range,
            Some(map) => at(map, range.start)..at(map, range.end),
        }
    }

    /// Undoes one layer; `None` when nothing changes.
    fn peel(&self, layer: Layer) -> Option<View<'static>> {
        let bytes = self.text.as_bytes();
        let marker = match layer {
            Layer::Json => b'\\',
            Layer::Percent => b'%',
            Layer::Entity => b'&',
        };
        memchr::memchr(marker, bytes)?;
        let (mut text, mut map) = (String::with_capacity(bytes.len()), Vec::with_capacity(bytes.len() + 1));
        let (mut pos, mut changed) = (0, false);
        while pos < bytes.len() {
            let next = memchr::memchr(marker, bytes.get(pos..)?).map_or(bytes.len(), |n| pos + n);
            text.push_str(self.text.get(pos..next)?);
            map.extend((pos..next).map(|i| self.back(i)));
            pos = next;
            if pos == bytes.len() {
                break;
            }
            let rest = bytes.get(pos..)?;
            let unit = match layer {
                Layer::Json => json_unit(rest),
                Layer::Percent => percent_unit(rest),
                Layer::Entity => entity_unit(rest),
            };
            let (c, len) = unit.unwrap_or((char::from(marker), 1));
            changed |= unit.is_some();
            let before = text.len();
            text.push(c);
            map.extend((before..text.len()).map(|_| self.back(pos)));
            pos += len;
        }
        map.push(self.back(bytes.len()));
        changed.then_some(View { text: Cow::Owned(text), map: Some(map), depth: self.depth + 1 })
    }

    fn back(&self, i: usize) -> u32 {
        match &self.map {
            None => u32::try_from(i).unwrap_or(u32::MAX),
            Some(map) => map.get(i).copied().unwrap_or(u32::MAX),
        }
    }
}

fn at(map: &[u32], i: usize) -> usize {
    map.get(i).or(map.last()).map_or(0, |v| *v as usize)
}

/// Calls `see` with the text itself and with every reading of it. The longest text is 4 GiB.
pub(super) fn each(text: &str, mut see: impl FnMut(&View<'_>)) {
    let mut queue: Vec<View<'_>> = vec![View { text: Cow::Borrowed(text), map: None, depth: 0 }];
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
