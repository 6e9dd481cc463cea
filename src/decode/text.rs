//! Plain text: a paste, or a log without a format of its own.
//!
//! In: any text. Out: for a paste (a ticket, an error page, a URL list, an error body) one event with the whole of
//! it; for a log one record for each line that begins with a time stamp, with the lines that follow it (stack traces,
//! bodies). Never: leaving out a line that is not blank.

use super::lines::{Chunk, Line, Lines, MAX_RECORD, MAX_RECORD_LINES, is_blank, pieces, trim};
use super::stamp::line_stamp;
use super::{Format, Reach, Sink, Split, Survey};
use crate::model::{Event, EventKind, Part, Source};

/// Text of any kind.
pub(super) const FORMAT: Format = Format { name: "text", claim, split, reach: Reach::Lines };

/// Largest source that is read as one paste.
const MAX_PASTE: usize = 256 * 1024;
/// Lines that decide what kind of text it is.
const SAMPLE: usize = 2_000;

fn claim(head: &[u8]) -> u8 {
    u8::from(is_text(head))
}

/// Text has hardly any control characters; a log may hold a run of NULs where a machine crashed.
pub(super) fn is_text(head: &[u8]) -> bool {
    let nul = memchr::memchr_iter(0, head).count();
    let control = head.iter().filter(|b| matches!(b, 1..=8 | 11 | 14..=26 | 28..=31 | 127)).count();
    let few = control * 25 <= head.len() || control * 4 <= head.len() && is_utf8(head);
    !is_blank(head) && few && nul * 3 <= head.len()
}

/// Whether the head is UTF-8 but for a character that its end may cut.
fn is_utf8(head: &[u8]) -> bool {
    match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none(),
    }
}

/// What a text turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Paste,
    /// Records begin at time stamps.
    Stamped,
    /// No time stamps: every line that is not indented begins a record.
    Unstamped,
}

fn split<'a>(source: &'a Source) -> Split<'a> {
    let whole = Chunk::whole(source);
    match shape(source) {
        Shape::Paste => pieces(vec![whole], read_paste),
        Shape::Stamped => {
            pieces(whole.cut_uncounted(|l| begins(l, true)), |c: &Chunk<'a>, s: &mut dyn Sink<'a>| {
                let lines = read_records(c, true, s);
                s.lines(lines);
            })
        }
        Shape::Unstamped => {
            pieces(whole.cut_uncounted(|l| begins(l, false)), |c: &Chunk<'a>, s: &mut dyn Sink<'a>| {
                let lines = read_records(c, false, s);
                s.lines(lines);
            })
        }
    }
}

fn shape(source: &Source) -> Shape {
    let bytes = source.head();
    // A log that is read window by window is never taken for a paste.
    let short = source.stretch.is_none() && bytes.len() <= MAX_PASTE;
    let (mut stamped, mut others, mut first, mut early) = (0usize, 0usize, None, false);
    for line in Lines::new(bytes, super::lines::bom(bytes), bytes.len().min(4 * MAX_PASTE), 1)
        .filter(|l| !l.is_blank())
        .take(SAMPLE)
    {
        let begins = line_stamp(line.text).is_some();
        if begins {
            early |= others <= 3;
            first.get_or_insert(others == 0);
            stamped += 1;
        } else if !continues(&line) {
            others += 1;
        }
    }
    // A log that begins with a stamp and goes on with bodies and traces may have few stamped lines.
    let clear = stamped >= others && (stamped >= 2 || stamped == 1 && first == Some(true));
    let wordy = stamped >= 3 && early && stamped * 5 >= others;
    let log = clear || wordy || stamped >= 50 && stamped * 20 >= others;
    match (log, short) {
        (true, _) => Shape::Stamped,
        (false, true) => Shape::Paste,
        (false, false) => Shape::Unstamped,
    }
}

/// Whether a line belongs to the one before it by its looks: indented, a stack frame, a bracket, a cause.
pub(super) fn continues(line: &Line<'_>) -> bool {
    const STARTS: [&str; 14] = [
        "at ",
        "Caused by",
        "Traceback (",
        "File \"",
        "goroutine ",
        "created by ",
        "--- ",
        "...",
        "During handling",
        "The above exception",
        "Suppressed:",
        "#",
        "from ",
        "End of ",
    ];
    let text = line.text;
    line.is_indented()
        || line.is_blank()
        || matches!(text.first(), Some(b'{' | b'}' | b'[' | b']' | b'<' | b'"' | b'/' | b')' | b'|' | b'^'))
            && line_stamp(text).is_none()
        || STARTS.iter().any(|s| text.starts_with(s.as_bytes()))
}

fn begins(line: &Line<'_>, stamped: bool) -> bool {
    if stamped { line_stamp(line.text).is_some() } else { !continues(line) }
}

/// Longest beginning of a line that is told quickly.
const QUICK: usize = 32;

/// Tells quickly that a line begins as the one before did: with the same stamp but for its seconds.
#[derive(Default)]
struct Alike {
    last: Option<Beginning>,
}

/// The beginning of a line up to the byte after its stamp, for lines of at least [`QUICK`] bytes.
struct Beginning {
    bytes: [u8; QUICK],
    /// Whether the byte may be any digit, or any byte.
    digit: [bool; QUICK],
    any: [bool; QUICK],
    /// Where the seconds stand.
    seconds: usize,
}

impl Alike {
    fn is_stamped(&mut self, line: &[u8]) -> bool {
        if self.last.as_ref().is_some_and(|last| last.is_begun_by(line)) {
            return true;
        }
        let found = line_stamp(line);
        // With colour codes the stamp is not where it seems to be.
        let head = found.and_then(|s| line.get(..=s.len)).filter(|h| memchr::memchr(0x1B, h).is_none());
        if let Some(head) = head {
            self.last = seconds_of(head).and_then(|at| Beginning::of(head, at));
        }
        found.is_some()
    }
}

impl Beginning {
    fn of(head: &[u8], seconds: usize) -> Option<Beginning> {
        let mut bytes = [0; QUICK];
        bytes.get_mut(..head.len())?.copy_from_slice(head);
        let digit = std::array::from_fn(|n| n >= seconds && bytes[n].is_ascii_digit());
        let any = std::array::from_fn(|n| n >= head.len());
        Some(Beginning { bytes, digit, any, seconds })
    }

    /// The same up to the seconds, good seconds, and digits where digits were.
    fn is_begun_by(&self, line: &[u8]) -> bool {
        let Some(start) = line.get(..QUICK).and_then(|l| <&[u8; QUICK]>::try_from(l).ok()) else {
            return false;
        };
        let mut good = start.get(self.seconds).is_some_and(|b| *b < b'6');
        for (n, byte) in start.iter().enumerate() {
            good &= self.any[n] | (*byte == self.bytes[n]) | (self.digit[n] & byte.is_ascii_digit());
        }
        good
    }
}

/// Where the seconds of `hh:mm:ss` begin, if nothing but digits and one mark of a fraction follows them.
fn seconds_of(head: &[u8]) -> Option<usize> {
    let (stamp, _) = head.split_at_checked(head.len().checked_sub(1)?)?;
    let colon = memchr::memrchr(b':', stamp)?;
    let before = stamp.get(colon.checked_sub(6)?..colon)?;
    let clock = matches!(before, [_, a, b, b':', c, d] if [a, b, c, d].iter().all(|x| x.is_ascii_digit()));
    let (seconds, fraction) = stamp.get(colon + 1..)?.split_at_checked(2)?;
    let fraction = fraction.strip_suffix(b"Z").unwrap_or(fraction);
    let marked =
        matches!(fraction, [] | [b'.' | b',', ..]) && fraction.iter().skip(1).all(u8::is_ascii_digit);
    (clock && marked && seconds.iter().all(u8::is_ascii_digit)).then_some(colon + 1)
}

fn read_paste<'a>(chunk: &Chunk<'a>, sink: &mut dyn Sink<'a>) {
    let (start, end) = trim(chunk.bytes, chunk.start, chunk.end);
    if start < end {
        let line = 1 + memchr::memchr_iter(b'\n', chunk.slice(chunk.start, start)).count() as u64;
        let text = Part::plain(chunk.slice(start, end), start);
        sink.event(Event { place: chunk.place(start, end, line), time: None, kind: EventKind::Paste(text) });
        super::wrapped::tell(chunk, sink);
        if ends_before_a_value(chunk.slice(start, end)) {
            let why = "the text ends before the first value of its JSON";
            sink.lost(chunk.lost("the rest of the input".to_owned(), why, line));
        }
    }
}

/// The beginning of a JSON object and nothing else, like `{` or `{ "log":`: what was cut there may be anything.
fn ends_before_a_value(text: &[u8]) -> bool {
    const LONGEST_KEY: usize = 64;
    let Some(rest) = text.strip_prefix(b"{").map(<[u8]>::trim_ascii) else { return false };
    let Some(key) = rest.strip_prefix(b"\"") else { return rest.is_empty() };
    match memchr::memchr(b'"', key) {
        Some(end) => matches!(key.get(end + 1..).map(<[u8]>::trim_ascii), Some(b"" | b":")),
        None => key.len() <= LONGEST_KEY && !key.contains(&b'\n'),
    }
}

/// Groups the lines of a chunk into records. A group that grows too large is closed early. Gives the number of line
/// ends.
pub(super) fn read_records<'a>(chunk: &Chunk<'a>, stamped: bool, sink: &mut dyn Sink<'a>) -> u64 {
    let survey = sink.survey(chunk.slice(chunk.start, chunk.end));
    let mut open: Option<(usize, usize, u64, usize)> = None;
    let mut alike = Alike::default();
    let mut lines = 0;
    let mut rest = chunk.lines();
    loop {
        if let Some(quiet) = alike.last.as_ref().and_then(|known| quiet_run(chunk, rest.at(), known, &survey))
        {
            if let Some((start, end, number, _)) = open.take() {
                emit(chunk, start, end, number, &survey, sink);
            }
            sink.unwanted(quiet.records);
            lines += quiet.records;
            rest.skip_to(quiet.end, quiet.records);
        }
        let Some(line) = rest.next() else { break };
        lines += 1;
        let fits = open.is_some_and(|(start, _, _, count)| {
            let begins = if stamped { alike.is_stamped(line.text) } else { begins(&line, false) };
            line.end() - start <= MAX_RECORD && count < MAX_RECORD_LINES && !begins
        });
        open = match open {
            Some((start, _, number, count)) if fits => Some((start, line.end(), number, count + 1)),
            before => {
                if let Some((start, end, number, _)) = before {
                    emit(chunk, start, end, number, &survey, sink);
                }
                Some((line.start, line.end(), line.number, 1))
            }
        };
    }
    if let Some((start, end, number, _)) = open {
        emit(chunk, start, end, number, &survey, sink);
    }
    lines - u64::from(!chunk.slice(chunk.start, chunk.end).ends_with(b"\n") && lines > 0)
}

/// Records of a line each in which nothing is of interest, and where the record after them begins.
struct QuietRun {
    records: u64,
    end: usize,
}

/// The run that begins at a line, if the line begins as the one that is known did: most of a log is told by this.
fn quiet_run(chunk: &Chunk<'_>, start: usize, known: &Beginning, survey: &Survey) -> Option<QuietRun> {
    let begins = |at: usize| known.is_begun_by(chunk.slice(at, chunk.end));
    let quiet_to = survey.quiet_to(start - chunk.start).saturating_add(chunk.start);
    let mut run = QuietRun { records: 0, end: start };
    if start + QUICK >= quiet_to || !begins(start) {
        return None;
    }
    while let Some(length) = memchr::memchr(b'\n', chunk.slice(run.end, chunk.end)) {
        let next = run.end + length + 1;
        if !(QUICK..=MAX_RECORD).contains(&length) || next >= quiet_to || !begins(next) {
            break;
        }
        run = QuietRun { records: run.records + 1, end: next };
    }
    (run.records > 0).then_some(run)
}

/// A record that starts with blank lines is placed where its text starts.
fn emit<'a>(
    chunk: &Chunk<'a>,
    start: usize,
    end: usize,
    number: u64,
    survey: &Survey,
    sink: &mut dyn Sink<'a>,
) {
    let (first, last) = trim(chunk.bytes, start, end);
    // A longer one is read in parts, and is a loss to be told.
    let short = first < last && last - first <= MAX_RECORD;
    if short && survey.is_quiet(first - chunk.start..last - chunk.start) {
        return sink.unwanted(1);
    }
    let skipped = memchr::memchr_iter(b'\n', chunk.slice(start, first)).count() as u64;
    chunk.plain_record(first, last, number + skipped, sink);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_that_end_before_a_value() {
        for text in ["{", "{ ", "{\"", "{\"lo", "{\n \"log\"", "{ \"log\" :"] {
            assert!(ends_before_a_value(text.as_bytes()), "{text}");
        }
        for text in ["", "}", "{}", "{x", "{\"log\": {", "{\"a\":1", "{\"a\nb", "{\"error\", failed", "[{"] {
            assert!(!ends_before_a_value(text.as_bytes()), "{text}");
        }
    }

    /// The quick way tells what the thorough one tells.
    #[test]
    fn lines_alike() {
        let heads = [
            "2026-03-02T08:14:22.123Z INFO x",
            "2026-03-02 08:14:22,123 INFO x",
            "[2026-03-02 08:14:22] x",
            "web_1  | 2026-03-02 08:14:22 x",
            "08:14:22.5 x",
            "2026-03-02T08:14:22+01:00 x",
            "1772539201.123 x",
        ];
        let changes = ["59", "60", "7x", "  ", "00", "22"];
        for head in heads {
            for change in changes {
                let head = format!("{head} and more");
                for (n, _) in head.char_indices().take(30).filter(|(n, _)| n + 2 <= head.len()) {
                    let line = format!("{}{change}{}", &head[..n], &head[n + 2..]);
                    let mut alike = Alike::default();
                    assert!(alike.is_stamped(head.as_bytes()));
                    assert_eq!(
                        alike.is_stamped(line.as_bytes()),
                        line_stamp(line.as_bytes()).is_some(),
                        "{head} {line}"
                    );
                }
            }
        }
    }
}
