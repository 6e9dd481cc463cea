//! Logs of lines: text, access logs, IIS, key=value, lines with a prefix.

#![no_main]

use hartriage_fuzz::{alone, read_as};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    alone();
    read_as(data, &["text", "access", "iis-w3c", "logfmt", "prefixed"]);
});
