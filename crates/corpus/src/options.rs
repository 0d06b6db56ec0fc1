//! The options of [`discover()`](crate::discover()).

use crate::{recording::Sought, selection::Selection};

/// The options of a search: which files count, and which utterances there should be.
#[derive(Debug, Clone, Default)]
pub struct DiscoverOptions {
    /// How descriptions are read, and which of their utterances are kept, in which splits.
    pub selection: Selection,
    /// The files that count as recordings.
    pub sought: Sought,
    /// The recipe wants phones, so `.PHN` files are looked for beside recordings.
    pub alignments: bool,
}
