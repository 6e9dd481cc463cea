use super::SourceId;

/// Half-open range of bytes in a source: `start..end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    pub start: u64,
    pub end: u64,
}

/// Where something was seen. Orders by source, then by byte.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    pub source: SourceId,
    pub span: Span,
    /// Zero-based index of the HAR entry.
    pub entry: Option<u32>,
    /// One-based line, in line-oriented sources.
    pub line: Option<u64>,
    /// JSON pointer in the HAR (`/log/entries/3/response/content/text`), or the name of a log field; may be empty.
    pub pointer: String,
}
