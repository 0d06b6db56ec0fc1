//! What the caller of [`discover()`](crate::discover()) wants.

use std::path::PathBuf;

use crate::recording::Sought;

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct DiscoverOptions {
    /// A file of lines `NAME SPLIT` that replaces the corpus' own splits.
    pub splits_file: Option<PathBuf>,
    /// Which files count as recordings.
    pub sought: Sought,
    /// The recipe wants phones, so `.PHN` files are looked for beside recordings.
    pub alignments: bool,
}
