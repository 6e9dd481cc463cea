//! A redacted line of what stands at a fact, for the evidence.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::safe::Safe;

/// Made when it is first asked for: of the facts of a busy log hardly one is shown. Copies share what was made. Nothing tells
/// what it is made of.
#[derive(Clone, Default)]
pub struct Excerpt(Option<Arc<Line<Make>>>);

type Make = dyn Fn() -> Safe + Send + Sync;

struct Line<F: ?Sized> {
    made: OnceLock<Safe>,
    make: F,
}

impl Excerpt {
    /// One that is made on demand.
    pub(crate) fn later(make: impl Fn() -> Safe + Send + Sync + 'static) -> Self {
        Excerpt(Some(Arc::new(Line { made: OnceLock::new(), make })))
    }

    pub fn as_str(&self) -> &str {
        self.0.as_ref().map_or("", |line| line.made.get_or_init(|| (line.make)()).as_str())
    }

    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }
}

impl From<Safe> for Excerpt {
    fn from(made: Safe) -> Self {
        Excerpt(Some(Arc::new(Line { made: OnceLock::from(made), make: Safe::default })))
    }
}

impl PartialEq for Excerpt {
    fn eq(&self, other: &Self) -> bool {
        let copies = self.0.as_ref().zip(other.0.as_ref()).is_some_and(|(one, two)| Arc::ptr_eq(one, two));
        copies || self.as_str() == other.as_str()
    }
}

impl Eq for Excerpt {}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn made_once_for_all_copies() {
        let times = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&times);
        let excerpt = Excerpt::later(move || {
            count.fetch_add(1, Ordering::Relaxed);
            Safe::own("a line")
        });
        let copy = excerpt.clone();
        assert!(copy == excerpt);
        assert_eq!(times.load(Ordering::Relaxed), 0);
        assert_eq!((copy.as_str(), excerpt.to_string()), ("a line", "a line".to_owned()));
        assert_eq!(times.load(Ordering::Relaxed), 1);
        assert_eq!((excerpt, Excerpt::default().is_empty()), (Safe::own("a line").into(), true));
    }
}
