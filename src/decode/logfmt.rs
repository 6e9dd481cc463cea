//! `key=value` logs.
//!
//! In: lines of pairs, values bare or in double quotes. Out: a record with fields for each line. Never: taking a line
//! for pairs that has a word without `=` before its second pair.

use std::borrow::Cow;

use nom::branch::alt;
use nom::bytes::complete::{escaped, is_not, take, take_while, take_while1};
use nom::character::complete::char;
use nom::combinator::{map, opt, recognize};
use nom::sequence::{delimited, preceded, separated_pair};
use nom::{IResult, Parser};

use super::fields::{Fields, MAX_FIELDS};
use super::json_lines::record;
use super::lines::{Chunk, Line, Lines, pieces, plain_field};
use super::{Format, Reach, Sink, Split};
use crate::model::{Form, Param, Source};

/// Pairs on a line.
pub(super) const FORMAT: Format = Format { name: "logfmt", claim, split, reach: Reach::Lines };

const MAX: usize = 64 * 1024;
const KNOWN: [&str; 9] = ["time", "ts", "timestamp", "t", "level", "lvl", "msg", "message", "severity"];

type Got<'i, T> = IResult<&'i [u8], T>;

/// A pair of a line; the flag says that the value was quoted.
type Pair<'a> = (&'a [u8], (&'a [u8], bool));

fn claim(head: &[u8]) -> u8 {
    let (mut hits, mut lines) = (0usize, 0usize);
    for line in Lines::of_head(head).filter(|l| !l.is_blank()).take(200) {
        lines += 1;
        hits += usize::from(is_entry(line.text));
    }
    if hits > 0 && hits * 10 >= lines * 6 { 60 } else { 0 }
}

/// Three pairs at least, two of them with the names that logs use.
fn is_entry(line: &[u8]) -> bool {
    let pairs = pairs(line);
    let known =
        pairs.iter().filter(|(k, _)| KNOWN.iter().any(|n| k.eq_ignore_ascii_case(n.as_bytes()))).count();
    pairs.len() >= 3 && known >= 2
}

fn split<'a>(source: &'a Source) -> Split<'a> {
    pieces(Chunk::whole(source).cut(|_| true), |chunk: &Chunk<'a>, sink: &mut dyn Sink<'a>| {
        for line in chunk.lines().filter(|l| !l.is_blank()) {
            if is_entry(line.text) {
                sink.event(record(chunk, fields(&line), line.start, line.end(), line.number));
            } else {
                chunk.plain_record(line.start, line.end(), line.number, sink);
            }
        }
    })
}

fn fields<'a>(line: &Line<'a>) -> Fields<'a> {
    let mut fields = Fields::default();
    for (key, (value, quoted)) in pairs(line.text) {
        let at = line.start + (value.as_ptr() as usize).saturating_sub(line.text.as_ptr() as usize);
        let Ok(name) = std::str::from_utf8(key) else { continue };
        let mut field: Param<'a> = plain_field(Cow::Borrowed(name), value, at);
        if quoted {
            field.value.form = Form::JsonString;
        }
        fields.list.push(field);
    }
    fields
}

/// The pairs of a line, as far as it consists of them; afterwards words without `=` are stepped over.
fn pairs(line: &[u8]) -> Vec<Pair<'_>> {
    let mut rest = line.get(..MAX).unwrap_or(line);
    let mut found: Vec<Pair<'_>> = Vec::new();
    while found.len() < MAX_FIELDS {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            break;
        }
        match pair(rest) {
            Ok((after, pair)) => {
                found.push(pair);
                rest = after;
            }
            Err(_) if found.len() >= 2 => {
                let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
                rest = rest.get(end..).unwrap_or_default();
            }
            Err(_) => break,
        }
    }
    found
}

fn pair(i: &[u8]) -> Got<'_, Pair<'_>> {
    let key = take_while1(|b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'@' | b'/'));
    separated_pair(key, char('='), alt((quoted, bare))).parse(i)
}

fn quoted(i: &[u8]) -> Got<'_, (&[u8], bool)> {
    let inside = recognize(escaped(is_not("\"\\"), '\\', take(1usize)));
    map(delimited(char('"'), opt(inside), char('"')), |text| (text.unwrap_or_default(), true)).parse(i)
}

/// Up to the next blank; a quote that is never closed takes the rest of the line.
fn bare(i: &[u8]) -> Got<'_, (&[u8], bool)> {
    let open = map(preceded(char('"'), take_while(|_| true)), |text| (text, true));
    let word = map(take_while(|b: u8| !b.is_ascii_whitespace() && b != b'"'), |text| (text, false));
    alt((open, word)).parse(i)
}
