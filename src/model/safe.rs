use std::fmt;

/// Text that holds no secret and no control character. Only `redact.rs` makes one (a test over the sources keeps it
/// so); renderers accept nothing else, so leaking a token takes a deliberate act.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct Safe(String);

impl Safe {
    /// For `redact.rs` alone.
    pub(crate) fn vouched(text: String) -> Self {
        Safe(text)
    }

    /// For words of the product itself, which never came from an input.
    pub fn own(text: &'static str) -> Self {
        Safe(text.to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
