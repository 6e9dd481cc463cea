//! One file per command.

pub(super) mod compare;
pub(super) mod config;
pub(super) mod diagnose;
pub(super) mod excerpt;
pub(super) mod explain;
pub(super) mod facts;
pub(super) mod merge;
pub(super) mod redact;
pub(super) mod rules;
pub(super) mod shell;
pub(super) mod sweep;
