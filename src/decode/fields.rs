//! A JSON object as the fields of a record.
//!
//! In: a parsed object. Out: its scalars, flattened with dots, and the time, level and message among them under
//! their many names. Never: more than [`MAX_FIELDS`] fields, or a field whose place is not where it says.

use std::borrow::Cow;

use jiff::Timestamp;

use super::json::{Node, Value, parse, unescape};
use super::stamp::severity;
use super::time::parse_time;
use crate::model::{Form, Param, Part};

/// Most fields of one record; the text of the record holds the rest.
pub(super) const MAX_FIELDS: usize = 600;
const MAX_NESTING: usize = 16;

const TIMES: &[&str] = &[
    "@timestamp",
    "timestamp",
    "time",
    "ts",
    "@t",
    "t",
    "date",
    "datetime",
    "createdDateTime",
    "TimeGenerated",
    "TimeGenerated [UTC]",
    "CreationTime",
    "CreationDate",
    "activityDateTime",
    "eventTime",
    "event_time",
    "asctime",
    "timeStamp",
    "logged_at",
    "created_at",
    "Received",
    "Date (UTC)",
    "__REALTIME_TIMESTAMP",
    "timeUnixNano",
    "__timestamp__",
    "datetime_utc",
    "eventTimestamp",
    "started_at",
    "instant.epochSecond",
];
const LEVELS: &[&str] = &[
    "level",
    "severity",
    "log.level",
    "@l",
    "lvl",
    "levelname",
    "loglevel",
    "severityText",
    "severity_text",
    "PRIORITY",
    "priority",
];
const MESSAGES: &[&str] = &[
    "message",
    "msg",
    "@m",
    "log",
    "MESSAGE",
    "textPayload",
    "body.stringValue",
    "body",
    "@mt",
    "event",
    "resultDescription",
    "ResultDescription",
    "failureReason",
    "short_message",
];

/// What the fields of a record say.
#[derive(Default)]
pub(super) struct Fields<'a> {
    pub(super) list: Vec<Param<'a>>,
}

impl<'a> Fields<'a> {
    /// The fields of an object that was parsed from bytes which begin at `base` in the source.
    pub(super) fn of(node: &Node<'a>, base: usize) -> Self {
        let mut fields = Fields::default();
        fields.flatten(node, base, "", 0);
        fields
    }

    /// The fields of the object that a text holds which stands in the source in several parts; all are placed at its
    /// beginning.
    pub(super) fn owned(text: &[u8], at: usize) -> Fields<'static> {
        let mut fields = Fields::default();
        let object = text.trim_ascii_start().first() == Some(&b'{');
        let Some(parsed) = parse(text, 0).filter(|p| object && !p.truncated) else { return fields };
        for field in Fields::of(&parsed.node, 0).list {
            let raw = Cow::Owned(field.value.raw.into_owned());
            let name = Cow::Owned(field.name.into_owned());
            let value = Part { raw, at: at as u64, form: field.value.form, pointer: field.value.pointer };
            fields.list.push(Param { name, value });
        }
        fields
    }

    fn flatten(&mut self, node: &Node<'a>, base: usize, prefix: &str, depth: usize) {
        if depth > MAX_NESTING {
            return;
        }
        for (key, child) in node.members() {
            self.take(join(prefix, key), child, base, depth);
        }
        for (index, child) in node.items().iter().enumerate() {
            self.take(join(prefix, &Cow::Owned(index.to_string())), child, base, depth);
        }
    }

    fn take(&mut self, name: Cow<'a, str>, node: &Node<'a>, base: usize, depth: usize) {
        if self.list.len() >= MAX_FIELDS {
            return;
        }
        match &node.value {
            Value::Str(raw) => {
                let nested = !nested_json(raw).is_empty();
                self.push(name.clone(), raw, base + node.start + 1, Form::JsonString);
                if nested && depth < 4 {
                    self.unpack(&name, raw, base + node.start + 1);
                }
            }
            Value::Bare(raw) => self.push(name, raw, base + node.start, Form::Plain),
            Value::Bool(yes) => {
                // The reader keeps no slice of a truth value; its words are short and its place is known.
                let mut value = Part::plain(if *yes { b"true" } else { b"false" }, base + node.start);
                value.pointer = Cow::Owned(name.to_string());
                self.list.push(Param { name, value });
            }
            Value::Object(_) | Value::Array(_) => self.flatten(node, base, &name, depth + 1),
            Value::Null | Value::Skipped => {}
        }
    }

    fn push(&mut self, name: Cow<'a, str>, raw: &'a [u8], at: usize, form: Form) {
        let value = Part {
            raw: Cow::Borrowed(raw),
            at: at as u64,
            form,
            pointer: Cow::Owned(name.clone().into_owned()),
        };
        self.list.push(Param { name, value });
    }

    /// A string that holds a JSON object: its members too, under the name of the string.
    fn unpack(&mut self, name: &str, raw: &'a [u8], at: usize) {
        let decoded = Decoded::json(raw, at);
        self.unpack_decoded(name, &decoded);
    }

    /// Adds the members of the object in `decoded`; `prefix` may be empty.
    pub(super) fn unpack_decoded(&mut self, prefix: &str, decoded: &Decoded<'a>) {
        let Some(parsed) = parse(&decoded.text, 0) else { return };
        let inner = Fields::of(&parsed.node, 0);
        for field in inner.list {
            if self.list.len() >= MAX_FIELDS {
                return;
            }
            let name = join(prefix, &Cow::Owned(field.name.into_owned())).into_owned();
            let value = decoded.part(&field.value, name.clone());
            self.list.push(Param { name: Cow::Owned(name), value });
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Param<'a>> {
        self.list.iter().find(|f| f.name.eq_ignore_ascii_case(name))
    }

    fn first(&self, names: &[&str]) -> Option<&Param<'a>> {
        names.iter().find_map(|name| self.get(name).filter(|f| !f.value.is_empty()))
    }

    pub(super) fn time(&self) -> Option<Timestamp> {
        let known = TIMES.iter().filter_map(|name| self.get(name)).find_map(|f| parse_time(&f.value.text()));
        known.or_else(|| {
            // OpenTelemetry, Sentinel and the like keep it one level down.
            let nested = |f: &&Param<'a>| {
                let last = f.name.rsplit('.').next().unwrap_or_default();
                f.name.contains('.') && TIMES.iter().any(|t| last.len() > 1 && last.eq_ignore_ascii_case(t))
            };
            self.list.iter().filter(nested).find_map(|f| parse_time(&f.value.text()))
        })
    }

    pub(super) fn level(&self) -> String {
        let Some(field) = self.first(LEVELS) else { return String::new() };
        let text = field.value.text().to_lowercase();
        match text.trim().parse::<usize>() {
            Ok(number) if number < 8 && field.name.eq_ignore_ascii_case("priority") => {
                severity(number).to_owned()
            }
            Ok(number) => bunyan(number).map_or(text, str::to_owned),
            Err(_) => text,
        }
    }

    pub(super) fn message(&self) -> Option<Part<'a>> {
        self.first(MESSAGES).map(|f| f.value.clone())
    }

    /// Whether these are the fields of a log, sign-in or audit record.
    pub(super) fn look_like_a_record(&self) -> bool {
        const MARKS: [&str; 22] = [
            "userPrincipalName",
            "operation",
            "operationName",
            "category",
            "correlationId",
            "resultType",
            "clientAppUsed",
            "activityDisplayName",
            "logger",
            "name",
            "stream",
            "caller",
            "status",
            "user",
            "userId",
            "pid",
            "hostname",
            "MessageTraceId",
            "SenderAddress",
            "RecipientAddress",
            "conditionalAccessStatus",
            "error",
        ];
        let oauth = self.get("error").is_some() && self.get("error_description").is_some();
        let timed = self.time().is_some();
        let told = self.first(LEVELS).is_some() || self.first(MESSAGES).is_some();
        !oauth
            && (timed && (told || MARKS.iter().any(|m| self.get(m).is_some()))
                || told && self.first(LEVELS).is_some() && self.first(MESSAGES).is_some())
    }
}

/// Level numbers of bunyan and pino.
fn bunyan(number: usize) -> Option<&'static str> {
    match number {
        10 => Some("trace"),
        20 => Some("debug"),
        30 => Some("info"),
        40 => Some("warn"),
        50 => Some("error"),
        60 => Some("fatal"),
        _ => None,
    }
}

fn join<'a>(prefix: &str, key: &Cow<'a, str>) -> Cow<'a, str> {
    if prefix.is_empty() { key.clone() } else { Cow::Owned(format!("{prefix}.{key}")) }
}

/// The raw string if it looks as if it held a JSON object or array, else nothing.
pub(super) fn nested_json(raw: &[u8]) -> &[u8] {
    let text = raw.trim_ascii();
    let open = text.starts_with(b"{") && text.contains(&b':') || text.starts_with(b"[{");
    if open && text.len() > 8 { text } else { b"" }
}

/// A text that stands escaped in the source, with the way back from its bytes to those of the source.
pub(super) struct Decoded<'a> {
    pub(super) text: Vec<u8>,
    raw: &'a [u8],
    at: usize,
    /// Pairs of offsets, in `text` and in `raw`, where a stretch without escapes begins.
    runs: Vec<(usize, usize)>,
}

impl<'a> Decoded<'a> {
    /// The inside of a JSON string.
    pub(super) fn json(raw: &'a [u8], at: usize) -> Self {
        Self::new(raw, at, |rest| match rest {
            [b'\\', b'u', ..] => {
                let pair = rest.get(6..8) == Some(b"\\u");
                rest.len().min(if pair { 12 } else { 6 })
            }
            [b'\\', _, ..] => 2,
            _ => 0,
        })
    }

    /// The inside of a quoted CSV field, where a quote is doubled.
    pub(super) fn csv(raw: &'a [u8], at: usize) -> Self {
        Self::new(raw, at, |rest| if rest.starts_with(b"\"\"") { 2 } else { 0 })
    }

    /// `escape` says how many bytes the escape takes with which some bytes begin; 0 for none.
    fn new(raw: &'a [u8], at: usize, escape: impl Fn(&[u8]) -> usize) -> Self {
        let mut decoded = Decoded { text: Vec::with_capacity(raw.len()), raw, at, runs: vec![(0, 0)] };
        let mut next = 0;
        while let Some(rest) = raw.get(next..).filter(|rest| !rest.is_empty()) {
            let plain = memchr::memchr2(b'\\', b'"', rest).unwrap_or(rest.len());
            decoded.text.extend_from_slice(rest.get(..plain).unwrap_or_default());
            next += plain;
            let Some(special) = raw.get(next..).filter(|s| !s.is_empty()) else { break };
            let taken = escape(special);
            if taken == 0 {
                decoded.text.extend_from_slice(special.get(..1).unwrap_or_default());
                next += 1;
                continue;
            }
            let escaped = special.get(..taken).unwrap_or_default();
            if escaped.starts_with(b"\"") {
                decoded.text.push(b'"');
            } else {
                decoded.text.extend_from_slice(unescape(escaped).as_bytes());
            }
            next += taken;
            decoded.runs.push((decoded.text.len(), next));
        }
        decoded
    }

    fn raw_offset(&self, offset: usize) -> usize {
        let run = self.runs.partition_point(|(text, _)| *text <= offset).saturating_sub(1);
        let (text, raw) = self.runs.get(run).copied().unwrap_or_default();
        (raw + offset.saturating_sub(text)).min(self.raw.len())
    }

    /// A part of the decoded text (its `at` counts there) as a part of the source: a slice of it where nothing was
    /// escaped in between, else a copy that stands where the original stands.
    fn part(&self, inner: &Part<'_>, pointer: String) -> Part<'a> {
        let start = usize::try_from(inner.at).unwrap_or(usize::MAX);
        let from = self.raw_offset(start);
        let raw = self.raw.get(from..from + inner.raw.len()).unwrap_or_default();
        let pointer = Cow::Owned(pointer);
        let at = (self.at + from) as u64;
        if raw == &*inner.raw {
            return Part { raw: Cow::Borrowed(raw), at, form: inner.form, pointer };
        }
        Part { raw: Cow::Owned(inner.raw.to_vec()), at, form: inner.form, pointer }
    }
}
