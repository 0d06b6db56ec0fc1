//! The interface of a reader of one kind of description.

use std::{
    fmt,
    io::{self, ErrorKind},
    path::Path,
};

use ossicle_files::{Kind, is_url, list_objects, metadata};

use crate::{
    column_names::ColumnNames, error::Error, format::CorpusFormat, found::Found, recording::Sought,
    tiers_sought::TiersSought,
};

/// Reads one kind of description of a corpus: a folder of a certain shape, or a file in a certain
/// format.
///
/// Readers decode nothing and open no recording but to see what it is. What they find depends on names,
/// sizes, times and the description's text alone, never on the order in which a file system lists its
/// files. `conformance.rs` holds what every reader passes.
pub(crate) trait Reader: fmt::Debug + Sync {
    /// The format that it reads, by which people can ask for it.
    fn format(&self) -> CorpusFormat;

    /// Returns whether the description is of this reader's kind.
    ///
    /// # Errors
    /// Too many files are open to see. Whatever else cannot be read does not look like this kind.
    fn recognises(&self, description: &Description<'_>, wanted: &Wanted) -> io::Result<bool>;

    /// Reads a description that was recognised, or that is said to be of this kind.
    ///
    /// A recording that is missing, a pipe or a folder is found like any other, with size 0.
    ///
    /// # Errors
    /// The description is unusable as a whole.
    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error>;
}

/// A folder or a regular file that is said to describe a corpus.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Description<'a> {
    /// Its path, as given.
    pub(crate) path: &'a Path,
    /// True for a folder; else it is a regular file.
    pub(crate) is_folder: bool,
}

impl<'a> Description<'a> {
    /// Looks at what is at a path.
    ///
    /// # Errors
    /// Nothing is there, it cannot be looked at, or it is a pipe, a socket or a device.
    pub(crate) fn at(path: &'a Path) -> Result<Description<'a>, Error> {
        let metadata = metadata(path).map_err(|source| not_opened(path, source))?;
        if metadata.is_folder() && is_url(path) {
            list_objects(path).map_err(|source| not_opened(path, source))?;
        }
        match metadata.kind {
            Kind::Other => Err(Error::NotACorpus { path: path.to_path_buf() }),
            kind => Ok(Description { path, is_folder: kind == Kind::Folder }),
        }
    }
}

/// The options that a reader needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The files that count as recordings.
    pub(crate) sought: Sought,
    /// The tiers that alignments are looked for with.
    pub(crate) tiers: TiersSought,
    /// Commands may stand for recordings.
    pub(crate) allow_commands: bool,
    /// The description is that of one split: splits of its own are not asked for.
    pub(crate) one_split: bool,
    /// What the columns of tables and the keys of manifests are called.
    pub(crate) columns: &'a ColumnNames,
}

/// The error of a description that cannot be opened.
pub(crate) fn not_opened(path: &Path, source: io::Error) -> Error {
    match source.kind() {
        ErrorKind::NotFound => Error::NotFound { path: path.to_path_buf() },
        _ => Error::Open { path: path.to_path_buf(), source },
    }
}

/// The error of a description that no longer is what was recognised.
pub(crate) fn changed(path: &Path) -> Error {
    let source = io::Error::other("it was changed while it was looked at");
    Error::Open { path: path.to_path_buf(), source }
}
