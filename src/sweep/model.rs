//! What a sweep keeps of the cases that went through it.
//!
//! Its size depends on the distinct causes, tenants, accounts and codes, not on the number or length of the inputs
//! (unless rows are inputs).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::text::Text;
use super::trend::Trend;
use crate::model::Severity;

/// Tenants that make a code vendor-wide; no more need to be remembered of one code.
pub(super) const WIDE: usize = 3;
/// Inputs named with what could not be read of them.
pub(super) const NAMED: usize = 50;

/// What a row of the table stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grouping {
    #[default]
    Cause,
    Tenant,
    Account,
    App,
    Input,
    Code,
}

impl Grouping {
    pub fn name(self) -> &'static str {
        match self {
            Grouping::Cause => "cause",
            Grouping::Tenant => "tenant",
            Grouping::Account => "account",
            Grouping::App => "app",
            Grouping::Input => "input",
            Grouping::Code => "code",
        }
    }
}

/// What decides what is counted. Parts counted differently cannot be merged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub tool: Text,
    pub rules_date: Text,
    pub group_by: Grouping,
    pub anonymize: bool,
    pub min_severity: Option<Severity>,
    pub min_confidence: u8,
    pub tenant: Option<Text>,
    pub account: Option<Text>,
    pub profile: Option<Text>,
    pub since: Option<Text>,
    pub until: Option<Text>,
}

/// Everything a sweep found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aggregate {
    pub settings: Settings,
    pub(super) inputs: Inputs,
    /// By what they stand for; the empty text where that is not known.
    pub(super) rows: BTreeMap<Text, Row>,
}

impl Aggregate {
    /// An empty one, to count into.
    pub fn new(settings: Settings) -> Aggregate {
        Aggregate { settings, ..Aggregate::default() }
    }

    /// True when no input could be read.
    pub fn nothing_read(&self) -> bool {
        self.inputs.read == 0 && self.inputs.partly == 0
    }
}

/// What became of the inputs. The first three add up to those found, the other four to those read at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inputs {
    pub(super) read: u64,
    pub(super) partly: u64,
    pub(super) unread: u64,
    /// Hold at least one cause that is counted.
    pub(super) failed: u64,
    /// Something succeeded and nothing failed in the end.
    pub(super) worked: u64,
    /// Hold only what the filters leave out.
    pub(super) filtered: u64,
    /// Hold nothing to report.
    pub(super) nothing: u64,
    pub(super) bytes: u64,
    pub(super) events: u64,
    /// First of the unread and partly read, with the first reason of each.
    pub(super) named: BTreeSet<NotRead>,
}

/// An input that was not or not wholly read. Those of which nothing was read come first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NotRead {
    pub(super) partly: bool,
    pub(super) input: Text,
    pub(super) what: Text,
    pub(super) why: Text,
    pub(super) place: Text,
}

/// One line of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) attempts: u64,
    pub(super) inputs: u64,
    pub(super) tenants: BTreeSet<Text>,
    pub(super) accounts: BTreeSet<Text>,
    /// Seconds since 1970.
    pub(super) first_seen: Option<i64>,
    pub(super) last_seen: Option<i64>,
    pub(super) trend: Trend,
    /// By id of the rule.
    pub(super) causes: BTreeMap<Text, Cause>,
    pub(super) example: Option<Representative>,
}

/// A cause within a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cause {
    pub(super) attempts: u64,
    pub(super) codes: BTreeMap<Text, Code>,
}

/// A code that a cause rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    pub(super) attempts: u64,
    /// The first tenants in order, [`WIDE`] at most.
    pub(super) tenants: BTreeSet<Text>,
}

/// The clearest case of a row and where to open it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Representative {
    pub(super) cause: Text,
    pub(super) confidence: u8,
    pub(super) input: Text,
    pub(super) entry: Option<u32>,
    pub(super) line: Option<u64>,
    pub(super) pointer: Text,
    pub(super) span: [u64; 2],
    pub(super) time: Option<i64>,
    pub(super) text: Text,
}
