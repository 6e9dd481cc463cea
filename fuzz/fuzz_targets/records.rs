//! Logs of records: JSON lines, lists of records, tables in JSON, sessions of Fiddler.

#![no_main]

use hartriage_fuzz::{alone, read_as};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    alone();
    read_as(data, &["json-lines", "json-records", "json-table", "saz"]);
});
