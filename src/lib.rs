//! hartriage: why a Microsoft 365 / Outlook mailbox or calendar would not connect.
//!
//! source → decode → redact → extract → correlate → diagnose → rank → report

pub mod cli;
pub mod compare;
pub mod correlate;
pub mod decode;
pub mod diagnose;
pub mod explain;
pub mod extract;
pub mod knowledge;
pub mod live;
pub mod model;
mod pattern;
pub mod proof;
pub mod rank;
pub mod redact;
pub mod report;
pub mod rules;
pub mod sandbox;
pub mod source;
pub mod sweep;
mod triage;

pub use triage::{Fatal, Findings, Observations, Options, Triage};
