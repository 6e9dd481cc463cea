//! Captures: every entry is an event or is said to be lost, and every place lies within the file.

#![no_main]

use hartriage_fuzz::{alone, format, read};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    alone();
    let taken = read(data, format("har"));
    if let Ok(Value::Object(top)) = serde_json::from_slice::<Value>(data)
        && let Some(Value::Array(entries)) = top.get("log").and_then(|log| log.get("entries"))
    {
        let told = taken.events + taken.lost;
        assert!(told >= entries.len() as u64, "{} entries, {told} told of", entries.len());
    }
});
