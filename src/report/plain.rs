//! Text for a fixed number of columns: made inert, measured, wrapped.
//!
//! In: any string. Out: strings without control or direction characters, and where to break them. Never: words.

use std::ops::Range;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// One line without anything a terminal, an editor or a mail client could act upon.
///
/// `redact` has done this to text of inputs already; this is the last line, for whatever comes another way.
pub(crate) fn line(text: &str) -> String {
    inert(text, false)
}

/// As [`line`], keeping line ends.
pub(crate) fn block(text: &str) -> String {
    inert(text, true)
}

fn inert(text: &str, lines: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' if lines => out.push('\n'),
            '\r' if lines => {}
            '\n' | '\r' | '\t' => out.push(' '),
            c if c.is_control() || acts_unseen(c) => out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Characters that turn the direction of text round or show nothing at all.
fn acts_unseen(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Columns that a string takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Columns of one character, never less than it takes inside a string: a variation selector may widen the one before.
fn columns(c: char) -> usize {
    if c == '\u{fe0f}' { 1 } else { c.width().unwrap_or(0) }
}

/// Lines of at most `room` columns, as ranges of bytes of `text`. Breaks at spaces, after a few marks, and between
/// wide characters; a run with no such place is cut where it has to be.
pub(super) fn wrap(text: &str, room: usize) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    for paragraph in text.split('\n') {
        wrap_line(paragraph, start, room.max(2), &mut out);
        start += paragraph.len() + 1;
    }
    out
}

/// A place where a line may end: the end, where the next one starts, and the columns up to there.
type Break = (usize, usize, usize);

fn wrap_line(text: &str, offset: usize, room: usize, out: &mut Vec<Range<usize>>) {
    let mut push = |from: usize, to: usize| {
        let kept = text.get(from..to).unwrap_or_default().trim_end().len();
        out.push(offset + from..offset + from + kept);
    };
    // Where the line begins, its columns so far, and the last places to break it, good and second best.
    let (mut from, mut used) = (0, 0);
    let (mut good, mut second): (Option<Break>, Option<Break>) = (None, None);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if c == ' ' && at == from && at > 0 {
            from = at + 1;
            continue;
        }
        if at > from {
            match seam(before, c) {
                Seam::Good => good = Some((at, at, used)),
                Seam::Second => second = Some((at, at, used)),
                Seam::None => {}
            }
        }
        if used + columns(c) > room && at > from {
            let space = (c == ' ').then_some((at, at + 1, used));
            // A good place that would leave most of the line empty gives way to one inside the long word.
            let full = good.filter(|(_, _, columns)| columns * 2 >= room);
            let (end, next, columns) = space.or(full).or(second.max(good)).unwrap_or((at, at, used));
            push(from, end);
            (from, used) = (next, used.saturating_sub(columns));
            (good, second) =
                (None, second.filter(|(end, ..)| *end > next).map(|(e, n, u)| (e, n, u - columns)));
            if space.is_some() {
                (used, before) = (0, c);
                continue;
            }
        }
        used += columns(c);
        if c == ' ' {
            good = Some((at, at + 1, used));
        }
        before = c;
    }
    if from < text.len() || from == 0 {
        push(from, text.len());
    }
}

enum Seam {
    Good,
    Second,
    None,
}

/// Whether a line may end between two characters that no space parts.
fn seam(before: char, after: char) -> Seam {
    const NOT_FIRST: &str =
        "、。，．,.!?！？:：;；)]}）］｝」』】〉》”’・ー…ぁぃぅぇぉっゃゅょァィゥェォッャュョ";
    const NOT_LAST: &str = "([{（［｛「『【〈《“‘";
    if before == ' ' || NOT_FIRST.contains(after) || NOT_LAST.contains(before) {
        return Seam::None;
    }
    let wide = |c: char| c.width() == Some(2);
    if wide(before) || wide(after) {
        Seam::Good
    } else if matches!(before, ',' | ';' | '&' | '/' | '>' | '@' | '+' | '?' | '-') {
        Seam::Second
    } else {
        Seam::None
    }
}

/// The wrapped lines themselves.
pub(crate) fn wrapped(text: &str, room: usize) -> Vec<String> {
    wrap(text, room).into_iter().map(|r| text.get(r).unwrap_or_default().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_at_spaces_and_cuts_long_runs() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("abcdefghij kl", 4), ["abcd", "efgh", "ij", "kl"]);
        assert_eq!(wrapped("a   b", 2), ["a", "b"]);
        assert_eq!(wrapped("06f2bcfd-0941-47c3", 15), ["06f2bcfd-0941-", "47c3"]);
        assert_eq!(wrapped("", 5), [""]);
        assert_eq!(wrapped("a\n\nb", 5), ["a", "", "b"]);
    }

    #[test]
    fn breaks_between_wide_characters_but_not_before_a_full_stop() {
        assert_eq!(wrapped("日本語です。", 10), ["日本語で", "す。"]);
        assert_eq!(wrapped("予定表 calendar", 9), ["予定表", "calendar"]);
    }

    #[test]
    fn no_line_is_too_wide() {
        let text = "❤️👨‍👩‍👧 日本,語abc/def&ghi 漢字カナー、ー。{\"a\":\"b\",\"c\":[1,2,3]} zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";
        let text = line(text);
        for room in 2..40 {
            for l in wrapped(&text, room) {
                assert!(width(&l) <= room, "{room}: {l}");
            }
            let kept: String = wrapped(&text, room).concat().chars().filter(|c| *c != ' ').collect();
            let all: String = text.chars().filter(|c| *c != ' ').collect();
            assert_eq!(kept, all);
        }
    }

    #[test]
    fn inert() {
        assert_eq!(line("a\u{1b}[31mb\u{202e}c\r\nd"), "a⟨U+001B⟩[31mb⟨U+202E⟩c  d");
        assert_eq!(block("a\r\nb\u{85}"), "a\nb⟨U+0085⟩");
    }
}
