use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

/// Something that is made when it is first looked at: most runs need the words of a few rules.
#[derive(Clone)]
pub struct Later<T> {
    made: OnceLock<T>,
    source: &'static str,
    make: fn(&'static str) -> T,
}

impl<T> Later<T> {
    pub fn new(source: &'static str, make: fn(&'static str) -> T) -> Later<T> {
        Later { made: OnceLock::new(), source, make }
    }
}

impl<T: Default> From<T> for Later<T> {
    fn from(made: T) -> Later<T> {
        Later { made: OnceLock::from(made), source: "", make: |_| T::default() }
    }
}

impl<T> Deref for Later<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.made.get_or_init(|| (self.make)(self.source))
    }
}

impl<T: fmt::Debug> fmt::Debug for Later<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<'l, T> IntoIterator for &'l Later<Vec<T>> {
    type Item = &'l T;
    type IntoIter = std::slice::Iter<'l, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
