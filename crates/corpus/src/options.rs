//! The options of [`discover()`](crate::discover()).

use std::path::PathBuf;

use crate::recording::Sought;

/// The options of a search: which files count, and which splits there should be.
#[derive(Debug, Clone, Default)]
pub struct DiscoverOptions {
    /// A file of lines `NAME SPLIT` that replaces the corpus' own splits.
    pub splits_file: Option<PathBuf>,
    /// The files that count as recordings.
    pub sought: Sought,
    /// The recipe wants phones, so `.PHN` files are looked for beside recordings.
    pub alignments: bool,
}
