use std::sync::Arc;

/// Number of a source within one run, in the order in which the sources were reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SourceId(pub u32);

/// One stream of bytes: a file, an archive member, standard input, or a URL given as an argument.
///
/// `name` is the path as it was reached: `case.zip!/login.har` for a member, `-` for standard input, `argument` for a
/// URL given as such. `bytes` is what the decoders read: decompressed, and UTF-8 where the source was recognised as
/// text in another encoding, without the escape sequences that colour it in a terminal (spans then count bytes of that
/// text).
#[derive(Clone)]
pub struct Source {
    pub id: SourceId,
    pub name: String,
    pub bytes: Arc<dyn AsRef<[u8]> + Send + Sync>,
    /// Where these bytes stand, when they are one stretch of a longer log; `None` for a whole source.
    pub stretch: Option<Stretch>,
}

/// One stretch of a log that is read window by window: what its reader has to know of the bytes before it.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// One-based number of its first line in the log.
    pub line: u64,
    /// It is the beginning of the log.
    pub first: bool,
    /// The beginning of the log: what kind of log it is shows there, not in the stretch.
    pub head: Arc<[u8]>,
    /// Header lines that came before and hold for the lines of the stretch.
    pub frame: Arc<[u8]>,
    /// Size of the pieces into which the stretch is cut.
    pub piece: usize,
}

impl Source {
    /// A source that is all there.
    pub fn whole(name: impl Into<String>, bytes: Arc<dyn AsRef<[u8]> + Send + Sync>) -> Source {
        Source { id: SourceId(0), name: name.into(), bytes, stretch: None }
    }

    /// The beginning of what the source is part of.
    pub fn head(&self) -> &[u8] {
        self.stretch.as_ref().map_or_else(|| self.bytes(), |s| &s.head)
    }

    /// True for the beginning of a log, and for a whole source.
    pub fn is_first(&self) -> bool {
        self.stretch.as_ref().is_none_or(|s| s.first)
    }

    pub fn bytes(&self) -> &[u8] {
        (*self.bytes).as_ref()
    }
}

/// Something that could not be read or was passed over: what, why, and where. Each ends up in the report, so that
/// nothing is missing without a word. `why` never quotes input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The input it belongs to, by name.
    pub source: String,
    /// What was lost: `entry 12`, `member photo.png`, `the file`, `lines 4-9`.
    pub what: String,
    /// Why, in one plain clause without input text.
    pub why: String,
    /// Where: `byte 8123`, `line 12`, or empty.
    pub place: String,
}

/// What became of one source.
#[derive(Debug, Clone, Default)]
pub struct InputSummary {
    pub id: SourceId,
    pub name: String,
    /// Name of the format that claimed it: `har`, `json-lines`, `iis-w3c`, `text`, `unknown`…
    pub kind: String,
    pub bytes: u64,
    pub events: u64,
    pub lost: Vec<Lost>,
}
