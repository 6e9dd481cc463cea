//! Captures cut anywhere: what lay whole before the cut is still read, and the cut is said.

#![no_main]

use hartriage_fuzz::{alone, format, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    alone();
    let Some((at, capture)) = data.split_first_chunk::<2>() else { return };
    let cut = usize::from(u16::from_le_bytes(*at)) * capture.len() / 65_536;
    let part = read(capture.get(..cut).expect("within the capture"), format("har"));
    // Of sound JSON only: in damaged JSON the reader may take up the thread elsewhere.
    let sound = serde_json::from_slice::<serde_json::Value>(capture)
        .is_ok_and(|v| v.get("log").and_then(|l| l.get("entries")).is_some_and(|e| e.is_array()));
    if sound {
        let whole = read(capture, format("har"));
        let entries = |spans: &[(u64, u64)]| spans.iter().filter(|s| s.1 <= cut as u64).count();
        let (before, after) = (entries(&whole.spans), entries(&part.spans));
        assert!(
            after + usize::try_from(part.lost).expect("few") >= before,
            "{before} before the cut, {after} read"
        );
    }
});
