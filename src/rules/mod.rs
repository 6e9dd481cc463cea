//! The rules that are built in: one TOML file per diagnosis, beside this file.
//!
//! In: nothing. Out: their texts, to be compiled by `diagnose`. Never: logic.

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// File name and text of a built-in rule.
pub fn find(id: &str) -> Option<(&'static str, &'static str)> {
    FILES.iter().copied().find(|(file, _)| file.strip_suffix(".toml") == Some(id))
}
