//! Every stage by itself, and the whole: `cargo bench`. Bytes per second of the input that the stage stands for.

#[path = "gen.rs"]
mod generator;

use std::sync::{Arc, LazyLock};

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use hartriage::correlate::correlate;
use hartriage::decode::{Sink, format_of};
use hartriage::diagnose::Ruleset;
use hartriage::extract::{extract, may_matter, may_speak};
use hartriage::model::{Event, EventKind, Lost, Observed, Source};
use hartriage::rank::rank;
use hartriage::{Options, Triage, redact};

fn main() {
    divan::main();
}

fn source(name: &str, fill: impl Fn(&mut Vec<u8>)) -> Source {
    let mut bytes = Vec::new();
    fill(&mut bytes);
    Source::whole(name, Arc::new(bytes))
}

static HAR: LazyLock<Source> = LazyLock::new(|| {
    source("a.har", |out| generator::har(out, 120, 10 << 20, 3, 7).expect("memory takes all"))
});
static LOG: LazyLock<Source> =
    LazyLock::new(|| source("a.log", |out| generator::log(out, 60_000, 7).expect("memory takes all")));
static FAILURES: LazyLock<Source> =
    LazyLock::new(|| source("b.log", |out| generator::failures(out, 2_000, 7).expect("memory takes all")));

/// Keeps the facts, or only counts.
#[derive(Default)]
struct Kept {
    extracting: bool,
    gated: bool,
    events: u64,
    observed: Vec<Observed>,
}

impl<'a> Sink<'a> for Kept {
    fn event(&mut self, event: Event<'a>) {
        if self.extracting && !(self.gated && shut(&event)) {
            self.observed.push(extract(&event, self.events));
        }
        self.events += 1;
    }

    fn wants(&self, text: &[u8]) -> bool {
        !self.gated || may_speak(text)
    }

    fn unwanted(&mut self, count: u64) {
        self.events += count;
    }

    fn lost(&mut self, _: Lost) {}
}

fn shut(event: &Event<'_>) -> bool {
    match &event.kind {
        EventKind::Exchange(exchange) => !may_matter(exchange),
        _ => false,
    }
}

fn read(source: &Source, extracting: bool, gated: bool) -> Kept {
    let mut kept = Kept { extracting, gated, ..Kept::default() };
    let format = format_of(source).expect("a known format");
    for piece in (format.split)(source).pieces {
        piece.read(&mut kept);
    }
    kept
}

fn size(source: &Source) -> BytesCount {
    BytesCount::new(source.bytes().len())
}

/// Where the records or entries are.
#[divan::bench(args = ["har", "log"])]
fn split(bencher: Bencher<'_, '_>, kind: &str) {
    let source = of(kind);
    let format = format_of(source).expect("a known format");
    bencher.counter(size(source)).bench(|| (format.split)(black_box(source)).pieces.len());
}

/// Splitting, and reading every record or entry.
#[divan::bench(args = ["har", "log", "failures"])]
fn decode(bencher: Bencher<'_, '_>, kind: &str) {
    let source = of(kind);
    bencher.counter(size(source)).bench(|| read(black_box(source), false, false).events);
}

/// Reading only what the gate lets in.
#[divan::bench(args = ["har", "log", "failures"])]
fn gate(bencher: Bencher<'_, '_>, kind: &str) {
    let source = of(kind);
    bencher.counter(size(source)).bench(|| read(black_box(source), false, true).events);
}

/// Reading and extracting, as a run does.
#[divan::bench(args = ["har", "log", "failures"])]
fn extraction(bencher: Bencher<'_, '_>, kind: &str) {
    let source = of(kind);
    bencher.counter(size(source)).bench(|| read(black_box(source), true, true).observed);
}

/// Extraction from every event, the gate open.
#[divan::bench(args = ["har", "log"], sample_count = 10)]
fn extraction_without_gate(bencher: Bencher<'_, '_>, kind: &str) {
    let source = of(kind);
    bencher.counter(size(source)).bench(|| read(black_box(source), true, false).observed);
}

#[divan::bench]
fn redact_excerpt(bencher: Bencher<'_, '_>) {
    let line = String::from_utf8_lossy(FAILURES.bytes()).lines().next().unwrap_or_default().to_owned();
    bencher.counter(BytesCount::of_str(&line)).bench(|| redact::excerpt(black_box(&line), "AADSTS"));
}

fn failing() -> Vec<Observed> {
    let mut observed = read(&FAILURES, true, true).observed;
    observed.retain(|o| !o.facts.is_empty());
    observed
}

#[divan::bench]
fn correlation(bencher: Bencher<'_, '_>) {
    let observed = failing();
    bencher.counter(size(&FAILURES)).bench(|| correlate(black_box(&observed), &[], None));
}

#[divan::bench]
fn ranking(bencher: Bencher<'_, '_>) {
    let attempts = correlate(&failing(), &[], None);
    let rules = Ruleset::built_in().expect("the built-in rules compile");
    bencher.counter(size(&FAILURES)).bench(|| rank(&rules, black_box(&attempts), None));
}

#[divan::bench]
fn rule_compilation(bencher: Bencher<'_, '_>) {
    bencher.bench(Ruleset::built_in);
}

#[divan::bench(args = ["har", "log", "failures"])]
fn whole(bencher: Bencher<'_, '_>, kind: &str) {
    let source = of(kind);
    let folder = std::env::temp_dir().join(format!("hartriage-bench-{}-{}", std::process::id(), source.name));
    std::fs::write(&folder, source.bytes()).expect("a temporary file");
    let triage = Triage::new(Options::default()).expect("the built-in rules compile");
    let inputs = [folder.to_string_lossy().into_owned()];
    bencher.counter(size(source)).bench(|| triage.run(black_box(&inputs)));
    let _ = std::fs::remove_file(&folder);
}

fn of(kind: &str) -> &'static Source {
    match kind {
        "har" => &HAR,
        "log" => &LOG,
        _ => &FAILURES,
    }
}
