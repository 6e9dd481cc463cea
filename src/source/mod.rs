//! Arguments → streams of bytes.
//!
//! In: paths, folders, `-`, URLs given as arguments. Out: [`Source`]s: files mapped, archives opened, text in other
//! encodings turned into UTF-8. Never: reading what a limit forbids, following a link twice, or passing over a file
//! without a [`Lost`].
