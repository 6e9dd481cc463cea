//! The rules that are built in: one TOML file per diagnosis, beside this file.
//!
//! In: nothing. Out: their texts, to be compiled by `diagnose`. Never: logic.

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The same rules without those details, as a JSON array in the same order; `null` for one that is no TOML.
pub(crate) const AS_JSON: &str = include_str!(concat!(env!("OUT_DIR"), "/rules.json"));

/// File name and text of a built-in rule.
pub fn find(id: &str) -> Option<(&'static str, &'static str)> {
    FILES.iter().copied().find(|(file, _)| file.strip_suffix(".toml") == Some(id))
}
