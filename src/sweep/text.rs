//! Printable text that can be read back from a partial aggregate.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::model::Safe;
use crate::redact;

/// Redacted text. Reading one redacts again: a partial aggregate is an input like any other.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Text(Safe);

impl Text {
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Safe> for Text {
    fn from(safe: Safe) -> Text {
        Text(safe)
    }
}

impl From<&Text> for Safe {
    fn from(text: &Text) -> Safe {
        text.0.clone()
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        String::deserialize(deserializer).map(|s| Text(redact::text(&s)))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
