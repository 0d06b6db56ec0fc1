//! What is asked of a corpus besides where it is.

use std::path::PathBuf;

use crate::{
    column_names::ColumnNames,
    formats::Formats,
    labels::Pattern,
    select::{PathPattern, SpeakerFrom, SplitShares},
};

/// The way descriptions are read, and which of their utterances are kept, in which splits.
///
/// What is chosen here shows in the list of utterances, and enters what names a job by that alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The formats that descriptions are read as, instead of those that they look like.
    pub formats: Formats,
    /// The names of the columns of tables and of the keys of manifests.
    pub columns: ColumnNames,
    /// Commands that a description names for recordings are taken for what they print, and run when that is
    /// read. Finding them runs none.
    pub allow_commands: bool,
    /// The places of ids in paths, instead of what utterances would be called.
    pub id: Option<PathPattern>,
    /// The places of speakers in paths.
    pub speaker: Option<SpeakerFrom>,
    /// A file of the ids of utterances that are kept; others are left out.
    pub ids_file: Option<PathBuf>,
    /// A file of lines `NAME SPLIT` that replaces the corpus' own splits.
    pub splits_file: Option<PathBuf>,
    /// The folder or the file that alignments are in, where they do not lie beside recordings.
    pub alignments: Option<PathBuf>,
    /// The tier whose labels are utterances, each a stretch of its recording; none where recordings are.
    pub segments_from: Option<Pattern>,
    /// The splits that are made of speakers, by shares.
    pub shares: Option<SplitShares>,
}
