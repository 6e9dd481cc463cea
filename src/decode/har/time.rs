//! `startedDateTime` in the forms that recorders write.
//!
//! In: a text or number. Out: an instant, or `None`. Never: a guess at a zone other than UTC.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Reads ISO 8601 with or without zone, RFC 2822, and seconds, milliseconds or microseconds since 1970.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    iso(text).or_else(|| zone_first(text)).or_else(|| epoch(text)).or_else(|| worded(text))
}

/// `+02:002026-03-04T05:06:07`, as some exporters put their format strings together.
fn zone_first(text: &str) -> Option<Timestamp> {
    let (zone, rest) = text.split_at_checked(6)?;
    let signed = zone.starts_with(['+', '-']) && zone.get(3..4) == Some(":");
    signed.then(|| iso(&format!("{rest}{zone}")))?
}

fn iso(text: &str) -> Option<Timestamp> {
    if !text.as_bytes().iter().take(4).all(u8::is_ascii_digit) || text.len() < 10 {
        return None;
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    // A zone said twice (`+00:00Z`), or a bracketed name that is not known.
    let trimmed = text.split('[').next().unwrap_or(text).trim_end();
    let twice = trimmed.strip_suffix(['Z', 'z']).unwrap_or(trimmed);
    if let Ok(time) = twice.parse::<Timestamp>().or_else(|_| trimmed.parse::<Timestamp>()) {
        return Some(time);
    }
    let civil: DateTime = twice.parse().ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

fn epoch(text: &str) -> Option<Timestamp> {
    let number: f64 = text.parse().ok()?;
    if !number.is_finite() || number <= 1e8 {
        return None;
    }
    // By size: seconds until the year 5138, then milliseconds, then microseconds, then nanoseconds.
    let seconds = match number {
        n if n < 1e11 => n,
        n if n < 1e14 => n / 1e3,
        n if n < 1e17 => n / 1e6,
        n => n / 1e9,
    };
    Timestamp::from_millisecond((seconds * 1e3).round() as i64).ok()
}

fn worded(text: &str) -> Option<Timestamp> {
    if let Ok(zoned) = jiff::fmt::rfc2822::parse(text) {
        return Some(zoned.timestamp());
    }
    // What a JavaScript `Date` prints: `Mon Nov 23 2026 15:17:33 GMT+0100 (CET)`.
    let short = text.split('(').next().unwrap_or(text).trim_end().replace("GMT", "");
    if let Ok(time) = Timestamp::strptime("%a %b %d %Y %H:%M:%S %z", &short) {
        return Some(time);
    }
    let civil = DateTime::strptime("%m/%d/%Y %I:%M:%S %p", text)
        .or_else(|_| DateTime::strptime("%Y/%m/%d %H:%M:%S", text))
        .ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let want: Timestamp = "2026-03-04T05:06:07Z".parse().expect("a time");
        for text in [
            "2026-03-04T05:06:07Z",
            "2026-03-04T05:06:07.000Z",
            "2026-03-04T06:06:07.000+01:00",
            "2026-03-04T06:06:07+0100",
            "2026-03-04T05:06:07",
            "2026-03-04 05:06:07",
            "2026-03-04T05:06:07.000+00:00Z",
            "+01:002026-03-04T06:06:07.000",
            "1772600767",
            "1772600767000",
            "1772600767000000",
            "Wed, 04 Mar 2026 05:06:07 GMT",
            "Wed Mar 04 2026 06:06:07 GMT+0100 (CET)",
            "03/04/2026 05:06:07 AM",
        ] {
            assert_eq!(parse(text), Some(want), "{text}");
        }
        for text in [
            "",
            "NaN",
            "NaN-NaN-NaNTNaN:NaN:NaN.NaNZ",
            "yesterday",
            "-1",
            "0",
            "Infinity",
            "2026-13-45T99:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
