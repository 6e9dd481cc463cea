//! Rule files: refused with a reason on one line, or compiled.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(error) = hartriage::diagnose::compile("x.toml", text) {
        assert!(!error.to_string().is_empty(), "refused without a reason");
    }
});
