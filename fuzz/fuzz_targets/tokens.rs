//! Tokens, wherever they stand: as a header, as a parameter, in an answer, by themselves.

#![no_main]

use hartriage_fuzz::judged;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    judged(text);
    judged(&format!("2026-01-02 03:04:05 ERROR Authorization: Bearer eyJ0eXAiOiJKV1QifQ.{text}"));
    let answer =
        serde_json::json!({"token_type": "Bearer", "access_token": text, "id_token": text, "scope": text});
    judged(&answer.to_string());
});
