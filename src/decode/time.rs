//! Times as logs, headers and captures write them.
//!
//! In: text that is, or begins with, a time stamp. Out: the moment, where the stamp names one. A stamp without a
//! zone is read as UTC; one without a year is recognised but names no moment. Never: the clock or the time zone of
//! the machine, or a guess at a missing year.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use nom::branch::alt;
use nom::bytes::complete::{tag, tag_no_case, take_while, take_while_m_n};
use nom::character::complete::{char, one_of, satisfy};
use nom::combinator::{map, map_opt, not, opt, peek, recognize, value, verify};
use nom::sequence::{preceded, terminated};
use nom::{IResult, Parser};

type Got<'i, T> = IResult<&'i [u8], T>;

/// A time stamp at the beginning of some text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// `None` where the stamp lacks a year or a date.
    pub(crate) time: Option<Timestamp>,
    /// Bytes that the stamp takes.
    pub(crate) len: usize,
}

/// The moment that `text` names, when the whole of it is a time stamp.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim().trim_matches(['"', '\'', '[', ']']).trim();
    let text = text.strip_prefix("/Date(").or_else(|| text.strip_prefix("\\/Date(")).map_or(text, |inner| {
        let end = inner.find(|c: char| !c.is_ascii_digit()).unwrap_or(inner.len());
        inner.get(..end).unwrap_or_default()
    });
    let stamp = stamp(text.as_bytes())?;
    let rest = text.get(stamp.len..).unwrap_or_default().trim_start();
    // JavaScript's `toString` ends with the zone's name in parentheses.
    if rest.is_empty() || rest.starts_with('(') { stamp.time } else { None }
}

/// The time stamp with which `bytes` begin.
pub(crate) fn stamp(bytes: &[u8]) -> Option<Stamp> {
    let head = bytes.get(..80).unwrap_or(bytes);
    let (rest, time) = match head.first()? {
        b'0'..=b'9' => {
            alt((year_first, compact, day_month_name, slashed, epoch, clock_only)).parse(head).ok()?
        }
        b'A'..=b'Z' | b'a'..=b'z' => alt((weekday_first, month_first, glog)).parse(head).ok()?,
        _ => return None,
    };
    Some(Stamp { time, len: head.len() - rest.len() })
}

#[derive(Debug, Clone, Copy, Default)]
struct Date {
    year: Option<i64>,
    month: i64,
    day: i64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Clock {
    hour: i64,
    minute: i64,
    second: i64,
    nano: i64,
}

fn moment(date: Date, clock: Clock, zone: Option<i32>) -> Option<Timestamp> {
    let civil = DateTime::new(
        i16::try_from(date.year?).ok()?,
        i8::try_from(date.month).ok()?,
        i8::try_from(date.day).ok()?,
        i8::try_from(clock.hour).ok()?,
        i8::try_from(clock.minute).ok()?,
        i8::try_from(clock.second.min(59)).ok()?,
        i32::try_from(clock.nano).ok()?,
    )
    .ok()?;
    Offset::from_seconds(zone.unwrap_or(0)).ok()?.to_timestamp(civil).ok()
}

fn is_digit(b: u8) -> bool {
    b.is_ascii_digit()
}

fn number<'i>(
    min: usize,
    max: usize,
) -> impl Parser<&'i [u8], Output = i64, Error = nom::error::Error<&'i [u8]>> {
    map(take_while_m_n(min, max, is_digit), |digits: &[u8]| {
        digits.iter().fold(0, |n, d| n * 10 + i64::from(d - b'0'))
    })
}

fn no_digit(i: &[u8]) -> Got<'_, ()> {
    not(peek(satisfy(|c| c.is_ascii_digit()))).parse(i)
}

/// `2024-10-28T12:55:31.123+09:00`, `2024/10/28 12:55:31`, `2024.10.28-12:55:31,123`.
fn year_first(i: &[u8]) -> Got<'_, Option<Timestamp>> {
    let (i, year) = number(4, 4).parse(i)?;
    let (i, separator) = one_of("-/.").parse(i)?;
    let (i, month) = number(1, 2).parse(i)?;
    let (i, _) = char(separator).parse(i)?;
    let (i, day) = number(1, 2).parse(i)?;
    let (i, _) =
        take_while_m_n(1, 3, |b| matches!(b, b'T' | b't' | b' ' | b'_' | b'-' | b':' | b',' | b'\t'))
            .parse(i)?;
    rest_of_day(i, Date { year: Some(year), month, day })
}

/// `20241028T125531Z`, `20241028-12:55:31:606`.
fn compact(i: &[u8]) -> Got<'_, Option<Timestamp>> {
    let (i, (year, month, day)) = (number(4, 4), number(2, 2), number(2, 2)).parse(i)?;
    let (i, _) = verify(one_of("T- _"), |_| (1990..2100).contains(&year)).parse(i)?;
    let date = Date { year: Some(year), month, day };
    alt((
        |i| rest_of_day(i, date),
        |i| {
            let (i, (hour, minute, second)) = (number(2, 2), number(2, 2), number(2, 2)).parse(i)?;
            let (i, nano) = fraction(i)?;
            let (i, zone) = opt(zone).parse(i)?;
            Ok((i, moment(date, Clock { hour, minute, second, nano }, zone)))
        },
    ))
    .parse(i)
}

/// `28/Oct/2021:12:55:31 +0000`, `17 Oct 2024 11:07:33 GMT`, `06-Nov-94 08:49:37 GMT`.
fn day_month_name(i: &[u8]) -> Got<'_, Option<Timestamp>> {
    let (i, day) = number(1, 2).parse(i)?;
    let (i, _) = one_of("/ -").parse(i)?;
    let (i, month) = month_name(i)?;
    let (i, _) = one_of("/ -").parse(i)?;
    let (i, year) = terminated(number(2, 4), no_digit).parse(i)?;
    let (i, _) = take_while_m_n(1, 2, |b| matches!(b, b':' | b' ' | b'T' | b',')).parse(i)?;
    let year = if year < 70 {
        year + 2000
    } else if year < 100 {
        year + 1900
    } else {
        year
    };
    rest_of_day(i, Date { year: Some(year), month, day })
}

/// `10/28/2024 1:02:03 PM`, `28.10.2024 13:02:03`: the American order, unless only the other one is a date.
fn slashed(i: &[u8]) -> Got<'_, Option<Timestamp>> {
    let (i, first) = number(1, 2).parse(i)?;
    let (i, separator) = one_of("/.-").parse(i)?;
    let (i, second) = number(1, 2).parse(i)?;
    let (i, _) = char(separator).parse(i)?;
    let (i, year) = terminated(alt((number(4, 4), number(2, 2))), no_digit).parse(i)?;
    let (i, _) = take_while_m_n(1, 3, |b| matches!(b, b' ' | b',' | b'-' | b'T' | b'\t' | b':')).parse(i)?;
    let year = if year < 100 { year + 2000 } else { year };
    let day_first = separator == '.' || first > 12;
    let (day, month) = if day_first { (first, second) } else { (second, first) };
    rest_of_day(i, Date { year: Some(year), month, day })
}

/// `Thu, 17 Oct 2024 11:07:33 GMT`, `Fri Mar 17 15:26:32.123 2023`, `Sunday, 06-Nov-94 08:49:37 GMT`.
fn weekday_first(i: &[u8]) -> Got<'_, Option<Timestamp>> {
    let (i, _) = verify(take_while_m_n(3, 9, |b: u8| b.is_ascii_alphabetic()), |word: &[u8]| {
        const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        word.get(..3).is_some_and(|w| DAYS.iter().any(|d| w.eq_ignore_ascii_case(d.as_bytes())))
    })
    .parse(i)?;
    let (i, _) = take_while_m_n(1, 2, |b| matches!(b, b',' | b' ' | b'.')).parse(i)?;
    alt((day_month_name, month_first)).parse(i)
}

/// `Mar  3 12:00:01`, `Mar 17 15:26:32 2023`, `Oct 17 2024 11:07:33 GMT+0900`, `Jan 2, 2024 3:04:05 PM`.
fn month_first(i: &[u8]) -> Got<'_, Option<Timestamp>> {
    let (i, month) = month_name(i)?;
    let (i, _) = take_while_m_n(1, 3, |b| b == b' ' || b == b'.').parse(i)?;
    let (i, day) = terminated(number(1, 2), no_digit).parse(i)?;
    let (i, _) = opt(char(',')).parse(i)?;
    let (i, year) = opt(preceded(char(' '), terminated(number(4, 4), no_digit))).parse(i)?;
    let (i, _) = take_while_m_n(1, 2, |b| b == b' ' || b == b',').parse(i)?;
    let (i, clock) = clock(i)?;
    let (i, zone_before) = opt(zone).parse(i)?;
    let (i, late_year) = opt(preceded(char(' '), terminated(number(4, 4), no_digit))).parse(i)?;
    // Only four digits that read as a year of our time: `Mar  3 12:00:01 1234 bytes` has none.
    let late = late_year.filter(|y| year.is_none() && (1990..2100).contains(y));
    let (i, zone) = match zone_before {
        None => opt(zone).parse(i)?,
        some => (i, some),
    };
    Ok((i, moment(Date { year: year.or(late), month, day }, clock, zone)))
}

/// `I0102 03:04:05.678901`: no year.
fn glog(i: &[u8]) -> Got<'_, Option<Timestamp>> {
    let (i, _) = one_of("IWEFD").parse(i)?;
    let (i, _) = verify(number(4, 4), |n| (101..=1231).contains(n)).parse(i)?;
    let (i, _) = char(' ').parse(i)?;
    map(clock, |_| None).parse(i)
}

/// Seconds, milli-, micro- or nanoseconds since 1970.
fn epoch(i: &[u8]) -> Got<'_, Option<Timestamp>> {
    let (rest, whole) = take_while_m_n(10, 19, is_digit).parse(i)?;
    let (rest, part) = opt(preceded(char('.'), take_while_m_n(1, 9, is_digit))).parse(rest)?;
    let (rest, ()) = not(peek(satisfy(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '@' | '_'))))
        .parse(rest)?;
    let time = epoch_of(whole, part.unwrap_or_default());
    match time {
        Some(time) => Ok((rest, Some(time))),
        None => Err(nom::Err::Error(nom::error::Error::new(i, nom::error::ErrorKind::Digit))),
    }
}

fn epoch_of(whole: &[u8], part: &[u8]) -> Option<Timestamp> {
    let number: i128 = std::str::from_utf8(whole).ok()?.parse().ok()?;
    let scale: i128 = match whole.len() {
        10 => 1_000_000_000,
        13 => 1_000_000,
        16 => 1_000,
        19 => 1,
        _ => return None,
    };
    let nanos = number * scale + i128::from(nanos_of(part)) * scale / 1_000_000_000;
    // Between 2001 and 2033; anything else is some other number.
    let time = Timestamp::from_nanosecond(nanos).ok()?;
    (1_000_000_000..2_000_000_000).contains(&time.as_second()).then_some(time)
}

/// `12:55:31.123`: a stamp, but no moment.
fn clock_only(i: &[u8]) -> Got<'_, Option<Timestamp>> {
    let (rest, _) =
        recognize((number(2, 2), char(':'), number(2, 2), char(':'), number(2, 2), no_digit)).parse(i)?;
    let (rest, _) = fraction(rest)?;
    // No `satisfy` here: it panics when it accepts a byte above ASCII.
    if rest.first().is_some_and(|b| !matches!(b, b' ' | b'\t' | b']' | b')' | b'|')) {
        return Err(nom::Err::Error(nom::error::Error::new(rest, nom::error::ErrorKind::Not)));
    }
    Ok((rest, None))
}

fn rest_of_day(i: &[u8], date: Date) -> Got<'_, Option<Timestamp>> {
    let (i, clock) = clock(i)?;
    let (i, zone) = opt(zone).parse(i)?;
    match moment(date, clock, zone) {
        Some(time) => Ok((i, Some(time))),
        None => Err(nom::Err::Error(nom::error::Error::new(i, nom::error::ErrorKind::Verify))),
    }
}

fn clock(i: &[u8]) -> Got<'_, Clock> {
    let (i, hour) = verify(number(1, 2), |h| *h < 24).parse(i)?;
    let (i, _) = char(':').parse(i)?;
    let (i, minute) = verify(terminated(number(2, 2), no_digit), |m| *m < 60).parse(i)?;
    let (i, second) =
        opt(preceded(char(':'), verify(terminated(number(2, 2), no_digit), |s| *s <= 60))).parse(i)?;
    let (i, nano) = if second.is_some() { fraction(i)? } else { (i, 0) };
    let (i, half) = opt(preceded(
        take_while(|b| b == b' '),
        terminated(
            alt((value(0, tag_no_case("am")), value(12, tag_no_case("pm")))),
            not(peek(satisfy(|c| c.is_ascii_alphanumeric()))),
        ),
    ))
    .parse(i)?;
    let hour = match half {
        Some(add) if (1..=12).contains(&hour) => hour % 12 + add,
        _ => hour,
    };
    Ok((i, Clock { hour, minute, second: second.unwrap_or(0), nano }))
}

/// The part of a second after `.`, `,` or `:`, in nanoseconds. A comma may also be the next column: only the usual
/// lengths count after one.
fn fraction(i: &[u8]) -> Got<'_, i64> {
    let dotted = preceded(one_of(".:"), take_while_m_n(1, 40, is_digit));
    let comma = preceded(
        char(','),
        verify(take_while_m_n(1, 40, is_digit), |d: &[u8]| matches!(d.len(), 3 | 6 | 7 | 9)),
    );
    map(opt(alt((dotted, comma))), |digits| nanos_of(digits.unwrap_or_default())).parse(i)
}

fn nanos_of(digits: &[u8]) -> i64 {
    (0..9).fold(0, |n, k| n * 10 + digits.get(k).map_or(0, |d| i64::from(d.saturating_sub(b'0'))))
}

/// Offset from UTC in seconds: `Z`, `UTC`, `GMT+0900`, `+09:00`, ` -0700`, `EST`.
fn zone(i: &[u8]) -> Got<'_, i32> {
    let word_ends = |i| not(peek(satisfy(|c| c.is_ascii_alphanumeric()))).parse(i);
    alt((
        terminated(value(0, one_of("Zz")), word_ends),
        preceded(
            (opt(char(' ')), alt((tag("UTC"), tag("GMT")))),
            map(opt(offset), |offset| offset.unwrap_or(0)),
        ),
        offset,
        preceded(char(' '), verify_long_offset),
        preceded(char(' '), terminated(value(0, char('Z')), word_ends)),
        preceded(char(' '), terminated(named_zone, word_ends)),
    ))
    .parse(i)
}

fn verify_long_offset(i: &[u8]) -> Got<'_, i32> {
    let (rest, seconds) = offset(i)?;
    if i.len() - rest.len() >= 5 {
        Ok((rest, seconds))
    } else {
        Err(nom::Err::Error(nom::error::Error::new(i, nom::error::ErrorKind::Verify)))
    }
}

fn offset(i: &[u8]) -> Got<'_, i32> {
    let (i, sign) = alt((value(1, char('+')), value(-1, char('-')))).parse(i)?;
    let (i, hours) = verify(number(2, 2), |h| *h <= 14).parse(i)?;
    let (i, minutes) = opt(preceded(opt(char(':')), verify(number(2, 2), |m| *m < 60))).parse(i)?;
    let (i, ()) = no_digit(i)?;
    let seconds = hours * 3600 + minutes.unwrap_or(0) * 60;
    Ok((i, sign * i32::try_from(seconds).unwrap_or(0)))
}

/// Abbreviations that mean one zone only; the others are left unread.
fn named_zone(i: &[u8]) -> Got<'_, i32> {
    const ZONES: [(&str, i32); 9] = [
        ("EST", -5),
        ("EDT", -4),
        ("CDT", -5),
        ("MDT", -6),
        ("PST", -8),
        ("PDT", -7),
        ("CET", 1),
        ("CEST", 2),
        ("JST", 9),
    ];
    map_opt(take_while_m_n(3, 4, |b: u8| b.is_ascii_uppercase()), |word: &[u8]| {
        ZONES.iter().find(|(name, _)| name.as_bytes() == word).map(|(_, hours)| hours * 3600)
    })
    .parse(i)
}

fn month_name(i: &[u8]) -> Got<'_, i64> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    map_opt(take_while_m_n(3, 9, |b: u8| b.is_ascii_alphabetic()), |word: &[u8]| {
        let short = word.get(..3)?;
        let month = MONTHS.iter().position(|m| short.eq_ignore_ascii_case(m.as_bytes()))?;
        i64::try_from(month + 1).ok()
    })
    .parse(i)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> String {
        parse_time(text).map(|t| t.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_follows_a_clock_may_be_any_byte() {
        assert!(stamp(b"13:00:00\xff").is_none_or(|s| s.time.is_none()));
        assert!(stamp("13:00:00é".as_bytes()).is_none_or(|s| s.time.is_none()));
    }

    #[test]
    fn every_form_names_the_same_moment() {
        let forms = [
            "2024-10-17T11:07:33Z",
            "2024-10-17T11:07:33.000+00:00",
            "2024-10-17 11:07:33,000",
            "2024-10-17 11:07:33Z",
            "2024-10-17T20:07:33+0900",
            "2024/10/17 11:07:33",
            "17/Oct/2024:11:07:33 +0000",
            "17/Oct/2024:04:07:33 -0700",
            "Thu, 17 Oct 2024 11:07:33 GMT",
            "Thursday, 17-Oct-24 11:07:33 GMT",
            "Thu Oct 17 11:07:33 2024",
            "Thu Oct 17 2024 20:07:33 GMT+0900 (Japan Standard Time)",
            "Oct 17, 2024 11:07:33 AM",
            "10/17/2024 11:07:33 AM",
            "10/17/2024, 11:07:33",
            "17.10.2024 11:07:33",
            "20241017T110733Z",
            "1729163253",
            "1729163253000",
            "1729163253000000",
            "1729163253000000000",
            "1729163253.000",
            "/Date(1729163253000)/",
            "[2024-10-17 11:07:33 UTC]",
            "2024-10-17 06:07:33 EST",
        ];
        for form in forms {
            assert_eq!(at(form), "2024-10-17T11:07:33Z", "{form}");
        }
    }

    #[test]
    fn fractions_and_afternoons() {
        assert_eq!(at("2024-10-17T11:07:33.1234567Z"), "2024-10-17T11:07:33.1234567Z");
        assert_eq!(at("10/17/2024 1:02:03 PM"), "2024-10-17T13:02:03Z");
        assert_eq!(at("10/17/2024 12:02:03 AM"), "2024-10-17T00:02:03Z");
        assert_eq!(at("1729163253.5"), "2024-10-17T11:07:33.5Z");
        assert_eq!(at("2024-10-17T11:07:60Z"), "2024-10-17T11:07:59Z");
    }

    #[test]
    fn stamps_without_a_year_name_no_moment() {
        for text in
            ["Mar  3 12:00:01 web sshd[1]: x", "I0102 03:04:05.678901 1 x.go:1] y", "12:55:31.123 [main] x"]
        {
            let stamp = stamp(text.as_bytes()).expect(text);
            assert_eq!(stamp.time, None, "{text}");
        }
        assert_eq!(stamp(b"Mar  3 12:00:01 web").map(|s| s.len), Some(15));
    }

    #[test]
    fn what_is_no_time_stays_none() {
        for text in [
            "",
            "2024",
            "2024-10-17",
            "2024-13-17 11:07:33",
            "May be 12",
            "12345678901",
            "192.0.2.1",
            "NaN",
            "2024-10-17T11:07:33Z and more",
            "9999999999",
            "Market 3 12",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn length_of_a_stamp() {
        let line = b"2024-10-28 12:55:31,123 ERROR x";
        assert_eq!(stamp(line).map(|s| s.len), Some(23));
        let line = b"2024-10-28 12:55:31 - message";
        assert_eq!(stamp(line).map(|s| s.len), Some(19));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..100)) {
            if let Some(stamp) = stamp(&bytes) {
                assert!(stamp.len <= bytes.len() && stamp.len > 0);
            }
            let _ = parse_time(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn any_line_of_time_characters(text in "[0-9TZ:/ .,+-]{0,40}") {
            let _ = parse_time(&text);
        }
    }
}
