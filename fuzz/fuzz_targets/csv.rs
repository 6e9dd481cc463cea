//! Tables exported as CSV.

#![no_main]

use hartriage_fuzz::{alone, format, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    alone();
    read(data, format("csv"));
});
