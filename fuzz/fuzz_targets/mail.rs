//! Mails with attachments, and tickets and pages as they are pasted.

#![no_main]

use hartriage::source::{Limits, load_bytes};
use hartriage_fuzz::{judged, triage};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    triage();
    let loaded = load_bytes("x", data.to_vec(), &Limits::default());
    assert!(!loaded.sources.is_empty() || !loaded.lost.is_empty(), "nothing was said about it");
    for source in loaded.sources {
        judged(&String::from_utf8_lossy(source.bytes()));
    }
});
