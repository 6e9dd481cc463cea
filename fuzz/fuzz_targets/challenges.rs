//! `WWW-Authenticate` and what else answers say about signing in.

#![no_main]

use hartriage_fuzz::judged;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let header = serde_json::json!({"name": "WWW-Authenticate", "value": text});
    let other = serde_json::json!({"name": "x-ms-diagnostics", "value": text});
    let har = serde_json::json!({"log": {"entries": [{
        "startedDateTime": "2026-01-02T03:04:05Z",
        "request": {"method": "GET", "url": "https://graph.microsoft.com/v1.0/me", "headers": []},
        "response": {"status": 401, "headers": [header, other], "content": {"text": text}}}]}});
    judged(&har.to_string());
    judged(&format!("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {text}\r\n\r\n"));
});
