//! How far the clocks of the sources are apart, measured from `Date:` headers.

use std::collections::BTreeMap;

use crate::model::{FactName, Observed, SourceId};

/// The clock of a source against Microsoft's: median of the differences seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skew {
    pub source: SourceId,
    /// Seconds by which the servers were ahead of the recorder; negative when behind.
    pub seconds: i64,
    /// Answers that it rests on.
    pub samples: usize,
}

/// One line per source whose clock was off.
pub fn skews(observed: &[Observed]) -> Vec<Skew> {
    let mut seen: BTreeMap<SourceId, Vec<i64>> = BTreeMap::new();
    for event in observed {
        for fact in event.facts.iter().filter(|f| f.name == FactName::DateSkew) {
            if let Ok(seconds) = fact.value.parse() {
                seen.entry(event.meta.source).or_default().push(seconds);
            }
        }
    }
    seen.into_iter()
        .map(|(source, mut list)| {
            list.sort_unstable();
            Skew { source, seconds: list[list.len() / 2], samples: list.len() }
        })
        .collect()
}
