//! The one hash by which values are joined that must not be shown.
//!
//! In: a secret or an opaque value (`state`, an authorization code). Out: sixteen hexadecimal digits, the same on every
//! run and platform. Never: a way back to the value for anything as long as a code or a state.

/// FNV-1a over 64 bits, then mixed once more so that short inputs differ in every digit.
pub(crate) fn join_hash(value: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in value.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    format!("{hash:016x}")
}

/// True for marks that stand where a sanitiser removed a value, and for values too short to be one.
pub(super) fn is_removed(value: &str) -> bool {
    let value = value.trim();
    let framed = value.starts_with(['[', '<']) || value.starts_with("{{") || value.starts_with("${");
    if value.is_empty() || framed || value.contains("***") || value.contains('…') {
        return true;
    }
    let lower = value.to_ascii_lowercase();
    let first = lower.chars().next();
    // The marks of our own copies are numbered: equal ones stand for equal values.
    if lower.starts_with("redacted~") {
        return false;
    }
    lower.chars().all(|c| Some(c) == first)
        || ["redact", "removed", "sanitiz", "sanitis", "masked", "filtered", "hidden", "undefined"]
            .iter()
            .any(|mark| lower.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_and_short() {
        assert_eq!(join_hash("state-1"), join_hash("state-1"));
        assert_ne!(join_hash("state-1"), join_hash("state-2"));
        assert_eq!(join_hash("").len(), 16);
        // The value must not change between versions.
        assert_eq!(join_hash("a"), "ed8170de1919a24d");
    }

    #[test]
    fn marks_of_sanitisers() {
        for mark in ["", "[redacted]", "***", "REDACTED", "xxxxxxxx", "<code>", "[code redacted]"] {
            assert!(is_removed(mark), "{mark}");
        }
        assert!(!is_removed("0.AAAAbbbCCC"));
        assert!(!is_removed("f3a1"));
    }
}
