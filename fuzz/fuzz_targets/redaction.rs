//! Redaction: no planted secret survives, twice is once, JSON stays JSON. The first diagnosis of a sound input stays
//! the same where no error stands in the place of a secret; of a damaged one `redact` itself judges the copy.

#![no_main]

use hartriage::Findings;
use hartriage::decode::format_of;
use hartriage::redact::{block, redact_source};
use hartriage_fuzz::sound::{is_sound, mutate};
use hartriage_fuzz::{line_with_secret, readable_forms, source, triage};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed, fuzzer_mutate)
});

fuzz_target!(|data: &[u8]| {
    let triage = triage();
    // The input is used whole: without its first bytes a capture would be none.
    let input = data;
    let seed = input
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
    let (line, hidden) = line_with_secret(seed >> 48);
    let planted = [input, b"\n", line.as_bytes(), b"\n"].concat();
    let kind = format_of(&source(&planted)).map_or("", |f| f.name);
    let Ok(done) = redact_source(&planted, kind) else { return };
    let said = String::from_utf8_lossy(&done.bytes);
    let printed = block(&String::from_utf8_lossy(&planted));
    for form in readable_forms(&hidden) {
        assert!(!said.contains(&form), "{form} of {line} is left in the copy");
        assert!(!printed.as_str().contains(&form), "{form} of {line} is printed");
    }
    let again = redact_source(&done.bytes, kind).map(|d| d.bytes);
    assert!(again.as_ref() == Ok(&done.bytes), "a second time changes it again");
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(copy) = redact_source(input, kind) else { return };
    if serde_json::from_str::<serde_json::Value>(text).is_ok() {
        assert!(serde_json::from_slice::<serde_json::Value>(&copy.bytes).is_ok(), "no JSON any more");
    }
    if !is_sound(text) {
        return;
    }
    let judge = |bytes: &[u8]| triage.investigate_text("x", &String::from_utf8_lossy(bytes));
    let first = |findings: &Findings| findings.judgement.diagnoses.first().map(|d| d.rule);
    let (before, after) = (judge(input), judge(&copy.bytes));
    // An error that stands where a secret belongs (in a list of cookies, say) is hidden with it: then no answer is owed.
    let left = String::from_utf8_lossy(&copy.bytes);
    let mut facts = before.observed.iter().flat_map(|o| &o.facts);
    let hidden = facts.any(|f| text.contains(&f.value) && !left.contains(&f.value));
    assert!(hidden || first(&after) == first(&before), "another first diagnosis");
});
