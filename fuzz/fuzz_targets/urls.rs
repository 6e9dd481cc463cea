//! URLs and redirects given as an argument: no secret of them is ever shown.

#![no_main]

use hartriage::source::{Found, Limits, Origin, load};
use hartriage_fuzz::{judged, triage};
use libfuzzer_sys::fuzz_target;

/// What an authorization code looks like.
const CODE: &str = "0.AXkAq7Zk2LmX9vB4nR8sT1wY6cJ3hG5dF0pA7eU2iO9kQwErTy";

fuzz_target!(|text: &str| {
    triage();
    let planted = format!("{text}\nhttps://app.example/cb?code={CODE}&state=1");
    let found = Found { name: "argument".to_owned(), origin: Origin::Argument(planted) };
    for source in load(&found, &Limits::default()).sources {
        let (_, drawn) = judged(&String::from_utf8_lossy(source.bytes()));
        assert!(drawn.iter().all(|d| !d.contains(CODE)), "the code is shown");
    }
    judged(text);
});
