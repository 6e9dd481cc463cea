//! What is left of a log record when all is left out that is different every time.
//!
//! In: the text of a record. Out: its text without the digits of clocks, Microsoft's ids, long hexadecimal numbers, the
//! numbers of threads and what something took. Never: leaving out what may be a code, a status, an address or a known id.
//!
//! Two records of the same shape hold the same, byte by byte, but for the blanks, and these are as long and repeat one
//! another in the same places: what stands in one record stands at the same place in the other (see `template`).

use std::ops::Range;

use crate::knowledge;

/// Longest text that has a shape.
const LONGEST: usize = 4 << 10;
/// Stands for what was left out.
const BLANK: u8 = 0;
/// Digits of a hexadecimal number that is taken for an id.
const ID: usize = 16;
/// Most that is left out of a text.
const MOST: usize = 64;
/// The number of a thread stands this near the beginning.
const HEAD: usize = 120;
/// Words before such a number, behind a hyphen.
const THREADS: &[&str] = &[
    "worker",
    "thread",
    "exec",
    "pool",
    "task",
    "job",
    "consumer",
    "executor",
    "dispatcher",
    "scheduler",
    "shard",
    "process",
    "proc",
    "fiber",
    "actor",
    "runner",
];

/// A text without what was left out of it.
pub(crate) struct Shape {
    /// What it has in common with others of its shape: the text with a mark for each blank that tells how long it is and
    /// which earlier one says the same.
    key: Vec<u8>,
    /// Where the blanks stand in the text.
    pub(super) blanks: Vec<Range<usize>>,
}

impl Shape {
    /// `None` for a text that is too long.
    pub(crate) fn of(text: &[u8]) -> Option<Shape> {
        if text.len() > LONGEST || memchr::memchr(BLANK, text).is_some() {
            return None;
        }
        let mut shape = Shape { key: Vec::with_capacity(text.len()), blanks: Vec::new() };
        let mut said = Vec::new();
        // What lies before `kept` is in the key.
        let (mut at, mut kept) = (0, 0);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            // Only a whole run of letters and digits is a number or an id.
            let run = rest.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
            let end = blank(text, at..at + run);
            if let Some(end) = end {
                shape.key.extend_from_slice(text.get(kept..at).unwrap_or_default());
                shape.leave_out(text, at..end, &mut said);
                kept = end;
            }
            at = end.unwrap_or(at + run.max(1));
        }
        shape.key.extend_from_slice(text.get(kept..).unwrap_or_default());
        (shape.blanks.len() < MOST).then_some(shape)
    }

    /// Adds a blank; `said` is what the blanks so far say.
    fn leave_out<'t>(&mut self, text: &'t [u8], range: Range<usize>, said: &mut Vec<&'t [u8]>) {
        let says = compared(text, &range);
        let same = said.iter().position(|other| *other == says).unwrap_or(said.len());
        said.push(says);
        self.key.push(BLANK);
        // Neither is longer than [`LONGEST`] or more than [`MOST`].
        self.key.extend((range.len() as u16).to_le_bytes());
        self.key.push(same as u8);
        self.blanks.push(range);
    }

    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(crate) fn into_key(self) -> Vec<u8> {
        self.key
    }
}

/// What shapes have in common that differ in their accounts only, and in how long their blanks are.
pub(crate) fn kin(key: &[u8]) -> Vec<u8> {
    let mut kin = Vec::with_capacity(key.len());
    let mut rest = key;
    while let Some((&first, after)) = rest.split_first() {
        if first == BLANK {
            // Its length is left out.
            kin.push(BLANK);
            kin.extend(after.get(2));
            rest = after.get(3..).unwrap_or_default();
            continue;
        }
        let word = rest.iter().take_while(|b| in_address(**b)).count();
        let (said, after) = rest.split_at(word.max(1));
        let (name, domain) = said.split_at(memchr::memchr(b'@', said).unwrap_or(0));
        if name.is_empty() || domain.len() < 2 {
            kin.extend_from_slice(said);
        } else {
            kin.push(b'@');
        }
        rest = after;
    }
    kin
}

/// Letters, digits and signs of an address.
fn in_address(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._%+-@".contains(&byte)
}

/// Of a date with a time only these: the same moment is written with and without fraction and zone.
const MOMENT: usize = 19;

/// What blanks have in common that say the same.
fn compared<'t>(text: &'t [u8], range: &Range<usize>) -> &'t [u8] {
    let whole = text.get(range.clone()).unwrap_or_default();
    whole.get(..MOMENT).filter(|moment| stamp(moment).is_some()).unwrap_or(whole)
}

/// Where what is left out ends, if it begins with this run of letters and digits.
fn blank(text: &[u8], run: Range<usize>) -> Option<usize> {
    let rest = text.get(run.start..)?;
    let word = rest.get(..run.len())?;
    let before = run.start.checked_sub(1).and_then(|n| text.get(n));
    if !word.first()?.is_ascii_hexdigit() || before.is_some_and(|b| !b.is_ascii()) {
        return None;
    }
    // What is shorter and no number begins an id at most.
    let digits = word.iter().all(u8::is_ascii_digit);
    if !digits && word.len() < 8 {
        return None;
    }
    if digits && is_thread(text, &run) {
        return Some(run.end);
    }
    if before.is_some_and(|b| b"_-".contains(b)) {
        return None;
    }
    let clock = || clock(rest).filter(|_| before != Some(&b':'));
    if let Some(length) = stamp(rest).or_else(clock) {
        return Some(run.start + length);
    }
    if is_guid(rest) {
        let id = std::str::from_utf8(rest.get(..36)?).ok()?;
        let telling = id.bytes().all(|b| b"0-".contains(&b)) || knowledge::is_known_id(id);
        return (!telling).then_some(run.start + 36);
    }
    let hex = word.len() >= ID && word.iter().all(u8::is_ascii_hexdigit);
    let ends = !rest.get(run.len()).is_some_and(|b| b"_-@".contains(b));
    let took = digits && rest.get(run.len()..).is_some_and(|after| after.starts_with(b" ms"));
    (hex && ends || took).then_some(run.end)
}

/// The length of a date with a time, and a zone perhaps.
fn stamp(text: &[u8]) -> Option<usize> {
    let date = digits(text.get(..10)?, b"dddd-dd-dd") && matches!(text.get(10)?, b'T' | b' ');
    date.then(|| clock(text.get(11..)?).map(|length| 11 + length)).flatten()
}

/// The length of a time of day.
fn clock(text: &[u8]) -> Option<usize> {
    if !digits(text.get(..8)?, b"dd:dd:dd")
        || text.get(8) == Some(&b':')
        || text.get(8).is_some_and(u8::is_ascii_alphanumeric) && text.get(8) != Some(&b'Z')
    {
        return None;
    }
    let fraction = match text.get(8..) {
        Some([b'.' | b',', rest @ ..]) => rest.iter().take_while(|b| b.is_ascii_digit()).count(),
        _ => 0,
    };
    let length = if fraction > 0 { 9 + fraction } else { 8 };
    Some(length + usize::from(text.get(length) == Some(&b'Z')))
}

/// Whether a text is as written, `d` for a digit.
fn digits(text: &[u8], written: &[u8]) -> bool {
    text.len() == written.len()
        && text.iter().zip(written).all(|(b, w)| if *w == b'd' { b.is_ascii_digit() } else { b == w })
}

fn is_guid(text: &[u8]) -> bool {
    let Some(id) = text.get(..36) else { return false };
    let whole = !text.get(36).is_some_and(|b| b.is_ascii_alphanumeric() || b"_-".contains(b));
    let fits =
        |(n, b): (usize, &u8)| if [8, 13, 18, 23].contains(&n) { *b == b'-' } else { b.is_ascii_hexdigit() };
    whole && id.iter().enumerate().all(fits)
}

/// `worker-12]` near the beginning.
fn is_thread(text: &[u8], run: &Range<usize>) -> bool {
    let closed = matches!(text.get(run.end), Some(b']' | b')'));
    let named = || {
        let before = text.get(..run.start)?.strip_suffix(b"-")?;
        let word = before.rsplit(|b| !b.is_ascii_alphabetic()).next()?;
        Some(THREADS.iter().any(|thread| word.eq_ignore_ascii_case(thread.as_bytes())))
    };
    run.start < HEAD && run.len() <= 4 && closed && named() == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let key = Shape::of(text.as_bytes()).expect("a shape").into_key();
        let mut left = String::new();
        let mut rest = key.as_slice();
        while let Some((first, after)) = rest.split_first() {
            left.push(if *first == BLANK { '#' } else { char::from(*first) });
            rest = if *first == BLANK { &after[3..] } else { after };
        }
        left
    }

    #[test]
    fn what_is_left_out() {
        for (text, left) in [
            (
                "2026-03-02T00:00:07.123Z ERROR [worker-12] oauth - failed after 532 ms",
                "# ERROR [worker-#] oauth - failed after # ms",
            ),
            ("12:00:01,5 [http-nio-8080-exec-7] x", "# [http-nio-8080-exec-#] x"),
            (
                r#"Trace ID: 0d6f1c1e-7a34-4d5b-9c1e-1f2e3d4c5b6a Timestamp: 2026-03-02 00:00:07Z","error_codes":[50173]"#,
                r#"Trace ID: # Timestamp: #","error_codes":[50173]"#,
            ),
            ("trace 00f067aa0ba902b7 span 7", "trace # span 7"),
        ] {
            assert_eq!(shown(text), left);
        }
    }

    #[test]
    fn lengths_and_repetitions_count() {
        let key = |text: &str| Shape::of(text.as_bytes()).expect("a shape").into_key();
        let [a, b] = ["00f067aa0ba902b7", "11f067aa0ba902b7"];
        assert_eq!(key(&format!("{a} {a} {b}")), key(&format!("{b} {b} {a}")));
        assert_ne!(key(&format!("{a} {a} {b}")), key(&format!("{a} {b} {b}")));
        assert_ne!(key("after 12 ms"), key("after 120 ms"));
        let times = |a: &str, b: &str| key(&format!("2026-03-02T00:00:{a}.5Z x \"2026-03-02T00:00:{b}\""));
        assert_eq!(times("01", "01"), times("02", "02"));
        assert_ne!(times("01", "01"), times("02", "03"));
    }

    #[test]
    fn shapes_of_other_accounts_are_kin() {
        let kin = |text: &str| kin(&Shape::of(text.as_bytes()).expect("a shape").into_key());
        let one = kin("12:00:01 [worker-7] for ann@contoso.example answered 400: 00f067aa0ba902b7");
        assert_eq!(
            one,
            kin("12:00:02.125 [worker-12] for li.wei@adatum.example answered 400: 11f067aa0ba902b7")
        );
        for other in [
            "12:00:01 [worker-7] for ann@contoso.example answered 401: 00f067aa0ba902b7",
            "12:00:01 [worker-7] for ann answered 400: 00f067aa0ba902b7",
            "12:00:01 [worker-7] for @ann answered 400: 00f067aa0ba902b7",
            "12:00:01 [worker-7] for ann@contoso.example answered 400: 00f067aa0ba902b7 00f067aa0ba902b7",
        ] {
            assert_ne!(one, kin(other), "{other}");
        }
    }

    #[test]
    fn what_stays() {
        for text in [
            "AADSTS50173: expired",
            "[AADSTS-50173] [HTTP-403] [code-7]",
            "535 5.7.139 Authentication unsuccessful",
            "tenant 9188040d-6c67-4c5b-b112-36a304b66dad",
            "outlook_8d7f6a5b4c3d2e1f@outlook.example",
            "x_00f067aa0ba902b7 00f067aa0ba902b7@contoso.example",
            "id 00000000-0000-0000-0000-000000000000",
            "ratio 1:02:03:04 12:00:01x",
        ] {
            assert_eq!(shown(text), text);
        }
        let other = [&b"caf\xC3\xA9"[..], b"00f067aa0ba902b7"].concat();
        assert!(Shape::of(&other).is_some_and(|shape| shape.blanks.is_empty()));
        assert!(Shape::of(b"a\0b").is_none() && Shape::of(&[b'a'; LONGEST + 1]).is_none());
    }
}
