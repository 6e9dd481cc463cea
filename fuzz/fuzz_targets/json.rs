//! The lenient JSON reader: what a strict reader takes, it reads as that one does; of the rest it keeps places.

#![no_main]

use hartriage::decode::json::{MAX_DEPTH, Node, Value, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(parsed) = parse(data, 0) else {
        assert!(serde_json::from_slice::<serde_json::Value>(data).is_err(), "JSON was not read");
        return;
    };
    places(&parsed.node, 0..data.len());
    if let Ok(strict) = serde_json::from_slice::<serde_json::Value>(data) {
        assert!(!parsed.truncated, "JSON was not read to its end");
        equal(&parsed.node, &strict, 0);
    }
});

/// Every value lies within the one around it.
fn places(node: &Node<'_>, around: std::ops::Range<usize>) {
    assert!(
        around.start <= node.start && node.start <= node.end && node.end <= around.end,
        "a place is wrong"
    );
    for child in node.items().iter().chain(node.members().iter().map(|(_, v)| v)) {
        places(child, node.start..node.end);
    }
}

fn equal(node: &Node<'_>, strict: &serde_json::Value, depth: usize) {
    use serde_json::Value as Strict;
    match (&node.value, strict) {
        (Value::Null, Strict::Null) => {}
        (Value::Bool(a), Strict::Bool(b)) => assert_eq!(a, b),
        (Value::Str(_), Strict::String(b)) => assert_eq!(node.text().as_deref(), Some(b.as_str())),
        (Value::Bare(_), Strict::Number(_)) => {}
        (Value::Array(a), Strict::Array(b)) => {
            assert_eq!(a.len(), b.len());
            a.iter().zip(b).for_each(|(a, b)| equal(a, b, depth + 1));
        }
        // Of equal keys the strict reader keeps the last one.
        (Value::Object(a), Strict::Object(b)) => {
            for (key, value) in b {
                let last = a.iter().rev().find(|(k, _)| k == key);
                equal(&last.expect("every key").1, value, depth + 1);
            }
        }
        (Value::Skipped, _) => assert!(depth >= MAX_DEPTH, "skipped too early"),
        (a, b) => panic!("{a:?} is not {b:?}"),
    }
}
