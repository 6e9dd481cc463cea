//! Archives and compressed streams: what comes out is bounded, and something is said about every input.

#![no_main]

use hartriage::source::{Limits, load_bytes};
use libfuzzer_sys::fuzz_target;

/// What may come out: far less than in earnest, so that a bomb is seen in memory and time.
const MOST: u64 = 16 << 20;

fuzz_target!(|data: &[u8]| {
    let limits = Limits {
        max_source: MOST / 2,
        max_total: MOST,
        ratio_from: 1 << 20,
        max_members: 200,
        ..Limits::default()
    };
    let loaded = load_bytes("x", data.to_vec(), &limits);
    assert!(!loaded.sources.is_empty() || !loaded.lost.is_empty(), "nothing was said about it");
    let out: u64 = loaded.sources.iter().map(|s| s.bytes().len() as u64).sum();
    // Wide text grows by half when it becomes UTF-8, text of a legacy code page threefold.
    assert!(out <= 3 * MOST, "{out} bytes came out");
});
