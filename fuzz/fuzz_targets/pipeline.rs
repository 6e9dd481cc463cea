//! Everything at once: any bytes, from the file to the report in every format; the gate loses nothing, and the same
//! input gives the same output.

#![no_main]

use std::sync::LazyLock;

use hartriage::source::{Limits, load_bytes};
use hartriage::{Options, Triage};
use hartriage_fuzz::{drawn, triage};
use libfuzzer_sys::fuzz_target;

/// As [`triage`], with the gate before extraction shut for all.
static GATED: LazyLock<Triage> = LazyLock::new(|| {
    let mut options = Options::default();
    options.limits.gate_from = 0;
    Triage::new(options).expect("the built-in rules compile")
});

fuzz_target!(|data: &[u8]| {
    let triage = triage();
    let loaded = load_bytes("x", data.to_vec(), &Limits::default());
    for source in loaded.sources.iter().take(4) {
        let text = String::from_utf8_lossy(source.bytes());
        let findings = triage.investigate_text(&source.name, &text);
        let gated = GATED.investigate_text(&source.name, &text);
        assert!(findings.observed == gated.observed, "the gate lost a fact");
        let (_, first) = drawn(&findings);
        let (_, second) = drawn(&triage.investigate_text(&source.name, &text));
        assert!(first == second, "the second time it says something else");
        let json = first.get(1).expect("the second format");
        assert!(serde_json::from_str::<serde_json::Value>(json).is_ok(), "no JSON");
    }
});
