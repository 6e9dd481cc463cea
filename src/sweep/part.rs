//! A partial aggregate as a file: written by one sweep, read by a later merge.
//!
//! In: an [`Aggregate`], or bytes of one. Out: versioned JSON, or the aggregate. Never: trusting what it reads; every
//! text is redacted again.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Aggregate;

/// Name and version of the form.
pub const SCHEMA: &str = "hartriage.sweep-part/1";

#[derive(Serialize)]
struct Written<'a> {
    schema: &'static str,
    #[serde(flatten)]
    aggregate: &'a Aggregate,
}

#[derive(Deserialize)]
struct Head {
    schema: String,
}

/// Why a file is no partial aggregate. Never quotes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartError {
    /// Not JSON, or not an object that names its schema.
    Foreign,
    /// Of another version of the form.
    Version,
    /// Names the schema, but does not keep to it.
    Damaged { line: usize, column: usize },
}

impl fmt::Display for PartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PartError::Foreign => f.write_str("not a partial sweep (write one with `sweep --partial`)"),
            PartError::Version => write!(f, "a partial sweep of another version; this one reads {SCHEMA}"),
            PartError::Damaged { line, column } => {
                write!(f, "a damaged partial sweep (line {line}, column {column})")
            }
        }
    }
}

impl std::error::Error for PartError {}

impl Aggregate {
    /// The aggregate as a file.
    pub fn to_part(&self) -> String {
        let written = Written { schema: SCHEMA, aggregate: self };
        let mut text = serde_json::to_string_pretty(&written)
            .expect("an aggregate holds only strings, numbers and lists");
        text.push('\n');
        text
    }

    /// The aggregate that [`Aggregate::to_part`] wrote.
    pub fn from_part(bytes: &[u8]) -> Result<Aggregate, PartError> {
        let head: Head = serde_json::from_slice(bytes).map_err(|_| PartError::Foreign)?;
        if head.schema != SCHEMA {
            let ours = head.schema.starts_with("hartriage.sweep-part/");
            return Err(if ours { PartError::Version } else { PartError::Foreign });
        }
        let damaged = |e: serde_json::Error| PartError::Damaged { line: e.line(), column: e.column() };
        serde_json::from_slice::<Read>(bytes).map(Read::aggregate).map_err(damaged)
    }
}

/// As [`Aggregate`], with the schema's name beside its fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(rename = "schema")]
    _schema: String,
    settings: super::Settings,
    inputs: super::model::Inputs,
    rows: std::collections::BTreeMap<super::text::Text, super::model::Row>,
}

impl Read {
    fn aggregate(self) -> Aggregate {
        // Merged into an empty one, so that limits hold for what was read too.
        let mut out = Aggregate { settings: self.settings.clone(), ..Aggregate::default() };
        out.merge(Aggregate { settings: self.settings, inputs: self.inputs, rows: self.rows });
        out
    }
}
