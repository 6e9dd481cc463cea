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
}

impl Source {
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
