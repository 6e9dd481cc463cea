//! The time that one input may take.
//!
//! In: when reading began, and the limit. Out: whether the time is over, and what is said then. Never: stopping in the
//! middle of a piece: what was begun is read to its end.

use std::time::{Duration, Instant};

use crate::model::Lost;

/// Runs from the moment an input is opened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    until: Option<Instant>,
}

impl Clock {
    pub(super) fn start(limit: Option<Duration>) -> Clock {
        Clock { until: limit.and_then(|limit| Instant::now().checked_add(limit)) }
    }

    /// A clock that never stops: a log that is followed has no end.
    pub(super) fn endless() -> Clock {
        Clock { until: None }
    }

    pub(super) fn is_over(self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }
}

/// What is said of a source from which so many pieces were left unread, the first of them at this offset.
pub(super) fn unread(source: &str, offset: Option<u64>) -> Lost {
    Lost {
        source: source.to_owned(),
        what: "the rest of the input".to_owned(),
        why: "the time for one input was over (--time-limit)".to_owned(),
        place: offset.map_or_else(String::new, |at| format!("byte {at}")),
    }
}
