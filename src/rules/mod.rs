//! The rules that are built in: one TOML file per diagnosis, beside this file.
//!
//! In: nothing. Out: their texts, to be compiled by `diagnose`. Never: logic.

include!(concat!(env!("OUT_DIR"), "/rules.rs"));
