//! The beginning of a log line: its time stamp and its level.
//!
//! In: one line (or record). Out: whether and where a time stamp stands near its beginning, and the severity word.
//! Never: taking a time in the middle of a sentence, or after a label (`Timestamp: …`), for the beginning of a record.

use std::borrow::Cow;

use nom::Parser;
use nom::bytes::complete::take_while_m_n;
use nom::character::complete::{char, digit1};
use nom::combinator::opt;
use nom::sequence::delimited;

use super::time::{Stamp, stamp};

/// How far from the beginning of a line a time stamp may stand.
const REACH: usize = 72;

/// The time stamp of a line that begins a record. Its `len` is the number of bytes up to its end in the line as
/// shown, without colour codes.
pub(super) fn line_stamp(line: &[u8]) -> Option<Stamp> {
    if matches!(line.first()?, b' ' | b'\t' | b'}' | b'\n' | b'\r') {
        return None;
    }
    let shown = visible(line, 200);
    let head = shown.get(..200).unwrap_or(&shown);
    let head = head.split(|b| *b == b'\n').next()?;
    let prefix = priority(head);
    // Markup.
    if prefix == 0 && head.first() == Some(&b'<') {
        return None;
    }
    for at in 0..head.len().min(REACH) {
        let rest = head.get(at..)?;
        let before = head.get(..at)?;
        if (at == prefix || opens(before))
            && rest.first().is_some_and(u8::is_ascii_alphanumeric)
            && let Some(found) = stamp(rest)
            && (at == prefix || fits(before, found, rest))
        {
            return Some(Stamp { time: found.time, len: at + found.len });
        }
    }
    None
}

/// `<13>` or `<13>1 ` of a syslog line.
fn priority(head: &[u8]) -> usize {
    let parsed = (
        delimited(char::<&[u8], nom::error::Error<&[u8]>>('<'), digit1, char('>')),
        opt((digit1, take_while_m_n(1, 1, |b| b == b' '))),
    )
        .parse(head);
    // The digits after `<13>` may belong to the time stamp: only one digit and a blank are a version.
    match parsed {
        Ok((rest, (_, version))) if version.is_none_or(|(v, _): (&[u8], _)| v.len() == 1) => {
            head.len() - rest.len()
        }
        Ok((_, (digits, _))) => digits.len() + 2,
        Err(_) => 0,
    }
}

/// Whether a stamp may begin after these bytes.
fn opens(before: &[u8]) -> bool {
    matches!(before.last(), Some(b' ' | b'\t' | b'[' | b'(' | b'|' | b'>' | b'=' | b'"' | b'\''))
}

/// Whether what stands before a stamp looks like the beginning of a log line rather than a sentence.
fn fits(before: &[u8], found: Stamp, rest: &[u8]) -> bool {
    let words = before.trim_ascii_end();
    let words = words.strip_suffix(b"\"").or_else(|| words.strip_suffix(b"'")).unwrap_or(words);
    if let Some(key) = words.strip_suffix(b"=") {
        let key = key.rsplit(|b| *b == b' ').next().unwrap_or_default();
        return ["time", "ts", "timestamp", "date", "datetime", "t", "@timestamp", "at"]
            .iter()
            .any(|k| key.eq_ignore_ascii_case(k.as_bytes()));
    }
    if words.last() == Some(&b':') || before.last() == Some(&b'"') {
        return false;
    }
    // A number in the middle is hardly ever a time, and prose seldom has brackets, bars or capitals only.
    let digits = rest.get(..found.len).is_some_and(|s| s.iter().all(|b| b.is_ascii_digit() || *b == b'.'));
    let bracketed = matches!(words.last(), Some(b'[' | b'(' | b'|' | b'<' | b'>' | b'-'));
    let lower = words.split(|b| !b.is_ascii_alphabetic()).filter(|w| w.len() > 1 && prose(w)).count();
    if digits { lower == 0 && words.len() < 40 && !words.contains(&b',') } else { bracketed || lower < 2 }
}

fn prose(word: &[u8]) -> bool {
    word.iter().skip(1).all(u8::is_ascii_lowercase)
}

/// The line without terminal colour codes, as far as the first `limit` bytes need it.
pub(super) fn visible(line: &[u8], limit: usize) -> Cow<'_, [u8]> {
    let head = line.get(..limit * 2).unwrap_or(line);
    if memchr::memchr(0x1B, head).is_none() {
        return Cow::Borrowed(head);
    }
    let mut shown = Vec::with_capacity(head.len());
    let mut at = 0;
    while let Some(&b) = head.get(at) {
        if b == 0x1B && head.get(at + 1) == Some(&b'[') {
            let tail = head.get(at + 2..).unwrap_or_default();
            let end = tail.iter().position(|b| (0x40..=0x7E).contains(b)).unwrap_or(tail.len());
            at += end + 3;
        } else {
            shown.push(b);
            at += 1;
        }
    }
    Cow::Owned(shown)
}

/// The severity that a line names near its beginning, lower case; empty when it names none.
pub(super) fn level(line: &[u8]) -> String {
    const LEVELS: [&str; 18] = [
        "error",
        "warn",
        "warning",
        "info",
        "debug",
        "trace",
        "fatal",
        "critical",
        "notice",
        "err",
        "verbose",
        "severe",
        "alert",
        "emerg",
        "emergency",
        "crit",
        "information",
        "detail",
    ];
    let shown = visible(line, 160);
    let head = shown.get(..160).unwrap_or(&shown);
    let head = head.split(|b| *b == b'\n').next().unwrap_or_default();
    if let Some(name) = syslog_level(head) {
        return name.to_owned();
    }
    let mut before = 0u8;
    for word in head.split_inclusive(|b| !b.is_ascii_alphabetic()) {
        let letters: &[u8] = word.split(|b| !b.is_ascii_alphabetic()).next().unwrap_or_default();
        let after = word.get(letters.len()).copied().unwrap_or(0);
        let shouted = letters.len() > 2 && letters.iter().all(u8::is_ascii_uppercase);
        let framed = matches!(before, b'[' | b'<' | b'=' | b'"' | b'.' | b'(' | b'|')
            && matches!(after, b']' | b'>' | b' ' | b'"' | b':' | b')' | b'|' | 0);
        let known = LEVELS.iter().find(|l| letters.eq_ignore_ascii_case(l.as_bytes()));
        if let Some(name) = known.filter(|_| shouted || framed) {
            return (*name).to_owned();
        }
        before = after;
    }
    glog_level(head).to_owned()
}

fn syslog_level(head: &[u8]) -> Option<&'static str> {
    let inside = head.strip_prefix(b"<")?;
    let end = inside.iter().take(4).position(|b| *b == b'>')?;
    let number: usize = std::str::from_utf8(inside.get(..end)?).ok()?.parse().ok()?;
    Some(severity(number % 8))
}

/// Name of a syslog severity.
pub(super) fn severity(number: usize) -> &'static str {
    ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"].get(number).copied().unwrap_or("")
}

fn glog_level(head: &[u8]) -> &'static str {
    let digits =
        head.get(1..5).is_some_and(|d| d.iter().all(u8::is_ascii_digit)) && head.get(5) == Some(&b' ');
    match head.first() {
        Some(b'I') if digits => "info",
        Some(b'W') if digits => "warning",
        Some(b'E') if digits => "error",
        Some(b'F') if digits => "fatal",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_begin_a_record() {
        for line in [
            "2026-03-03 12:00:01,123 ERROR [main] x",
            "[2026-03-03 12:00:01] production.ERROR: x",
            "ERROR 2026-03-03T12:00:01Z x",
            "Mar  3 12:00:01 web sshd[1]: x",
            "<13>1 2026-03-03T12:00:01Z host app - - - x",
            "<15>2026-03-03T12:00:01+00:00 host tag x",
            "web_1  | 2026-03-03 12:00:01 x",
            "I, [2026-03-03T12:00:01.123456 #42]  INFO -- : x",
            "False MSAL 4.61.3.0 MSAL.NetCore .NET 8 Windows [2026-03-03 12:00:01Z - 1111] x",
            "time=2026-03-03T12:00:01Z level=info x",
            "1772539201.123 x",
            "I0303 12:00:01.678901 1 x.go:1] y",
            "\u{1b}[31m2026-03-03 12:00:01\u{1b}[0m x",
            "[Fri Mar 17 15:26:32.123 2023] [core:error] x",
            "12:00:01.123 [main] x",
        ] {
            assert!(line_stamp(line.as_bytes()).is_some(), "{line}");
        }
    }

    #[test]
    fn lines_that_do_not() {
        for line in [
            "Timestamp: 2026-03-03 12:00:01Z",
            "\"timestamp\": \"2026-03-03 12:00:01Z\"",
            "    at 2026-03-03 12:00:01",
            "It has not worked since 2026-03-03 12:00:01 for anybody",
            "Trace ID: 11111111-1111-1111-1111-111111111111",
            "Caused by: java.io.IOException: x",
            "",
        ] {
            assert!(line_stamp(line.as_bytes()).is_none(), "{line}");
        }
    }

    #[test]
    fn levels() {
        let cases = [
            ("2026-03-03 12:00:01,123 ERROR [main] x", "error"),
            ("[2026-03-03 12:00:01] production.ERROR: x", "error"),
            ("2026-03-03 12:00:01 [warning] x", "warning"),
            ("2026-03-03 there was no error at all", ""),
            ("E0303 12:00:01.678901 1 x.go:1] y", "error"),
            ("<11>1 2026-03-03T12:00:01Z host app - - - x", "err"),
            ("\u{1b}[31mWARN\u{1b}[0m x", "warn"),
        ];
        for (line, name) in cases {
            assert_eq!(level(line.as_bytes()), name, "{line}");
        }
    }
}
