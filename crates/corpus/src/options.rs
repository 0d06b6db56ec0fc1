//! The options of [`discover()`](crate::discover()).

use crate::{labels::Pattern, recording::Sought, selection::Selection};

/// The options of a search: which files count, and which utterances there should be.
#[derive(Debug, Clone, Default)]
pub struct DiscoverOptions {
    /// The way descriptions are read, and which of their utterances are kept, in which splits.
    pub selection: Selection,
    /// The files that count as recordings.
    pub sought: Sought,
    /// The tiers that the recipe makes labels of, so that alignments are looked for beside recordings;
    /// none where it makes none.
    pub tiers: Vec<Pattern>,
}
