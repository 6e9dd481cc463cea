//! What the targets share: reading bytes in one format, judging a text, and looking for what must not be there.
//!
//! In: bytes that libFuzzer made up. Out: nothing; a promise that is broken is a panic, which libFuzzer keeps.

use std::sync::{Arc, LazyLock, Once};

use hartriage::decode::{FORMATS, Format, Sink};
use hartriage::extract::extract;
use hartriage::model::{Event, Lost, Observed, Source};
use hartriage::report::{Canvas, Format as Output, Report, render};
use hartriage::{Findings, Options, Triage};

#[path = "../../tests/redact/planted.rs"]
#[allow(dead_code)]
mod planted;

pub mod sound;

pub use secrets::{line_with_secret, readable_forms};

/// The planted secrets of the test suite.
mod secrets {
    use super::planted::{Dice, NAMES, forms, in_header, shaped, under_name};

    /// A line that holds a secret, and the part of it that must never be read again.
    #[must_use]
    pub fn line_with_secret(seed: u64) -> (String, String) {
        let mut dice = Dice(seed.max(1));
        let secret = shaped(&mut dice);
        let name = *dice.pick(NAMES);
        let line = if seed % 2 == 0 {
            in_header(&mut dice, &secret.shown)
        } else {
            under_name(&mut dice, name, &secret.shown)
        };
        (line, secret.hidden)
    }

    /// Every way in which it could still be read.
    #[must_use]
    pub fn readable_forms(hidden: &str) -> Vec<String> {
        forms(hidden)
    }
}

/// One thread, this one, ready to work: coverage belongs to the input that caused it.
pub fn alone() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .use_current_thread()
            .build_global()
            .expect("the first pool of the process");
        // Patterns are compiled when they are first used, which must not count as time of the first input.
        read(
            b"2026-01-02 03:04:05 ERROR AADSTS50105: refused https://app.example/cb?error=x",
            format("text"),
        );
    });
}

/// Bytes as a source.
#[must_use]
pub fn source(bytes: &[u8]) -> Source {
    Source::whole("x", Arc::new(bytes.to_vec()))
}

/// The format of that name.
#[must_use]
pub fn format(name: &str) -> &'static Format {
    FORMATS.iter().find(|f| f.name == name).expect("a format of that name")
}

/// What a reader gave.
#[derive(Default)]
pub struct Taken {
    pub observed: Vec<Observed>,
    pub events: u64,
    pub lost: u64,
    /// Where each event lies in the source.
    pub spans: Vec<(u64, u64)>,
}

impl<'a> Sink<'a> for Taken {
    fn event(&mut self, event: Event<'a>) {
        self.observed.push(extract(&event, self.events));
        self.spans.push((event.place.span.start, event.place.span.end));
        self.events += 1;
    }

    fn lost(&mut self, lost: Lost) {
        assert!(!lost.why.is_empty(), "something was lost without a reason");
        self.lost += 1;
    }
}

/// Every event and fact of the bytes in that format; places must lie within them.
pub fn read(bytes: &[u8], format: &Format) -> Taken {
    let source = source(bytes);
    let split = (format.split)(&source);
    let mut taken = Taken { lost: split.lost.len() as u64, ..Taken::default() };
    for piece in split.pieces {
        piece.read(&mut taken);
    }
    let size = bytes.len() as u64;
    for fact in taken.observed.iter().flat_map(|o| &o.facts) {
        let span = fact.place.span;
        assert!(span.start <= span.end && span.end <= size, "{:?} lies outside the source", fact.place);
    }
    taken
}

/// The bytes in one of these formats, which the first byte chooses.
pub fn read_as(data: &[u8], names: &[&str]) {
    let Some((first, rest)) = data.split_first() else { return };
    let index = usize::from(*first) % names.len();
    read(rest, format(names.get(index).expect("within the list")));
}

/// A triage with the built-in rules, made once.
pub fn triage() -> &'static Triage {
    static TRIAGE: LazyLock<Triage> =
        LazyLock::new(|| Triage::new(Options::default()).expect("the built-in rules compile"));
    alone();
    &TRIAGE
}

/// Judges a text, and draws the report in every format.
pub fn judged(text: &str) -> (Report, Vec<String>) {
    let triage = triage();
    drawn(&triage.investigate_text("x", text))
}

/// The report of what was found, in every format.
#[must_use]
pub fn drawn(findings: &Findings) -> (Report, Vec<String>) {
    let report = triage().report(findings);
    let formats = [Output::Table, Output::Json, Output::Ndjson, Output::Markdown, Output::Html, Output::Csv];
    let canvas = Canvas { width: 80, colour: false, verbose: true, ascii: false, excel: false, links: None };
    let drawn: Vec<String> = formats.iter().map(|f| render(&report, *f, &canvas)).collect();
    for text in &drawn {
        assert!(
            !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r')),
            "a control character reached an output"
        );
    }
    (report, drawn)
}
