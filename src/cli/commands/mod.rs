//! One file per command.

pub(super) mod diagnose;
pub(super) mod explain;
pub(super) mod facts;
pub(super) mod rules;
pub(super) mod shell;
