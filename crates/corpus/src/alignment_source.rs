//! Where the alignment of an utterance is.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// Where the alignment of an utterance is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlignmentSource {
    /// A file of its own. Paths are relative to [`Split::root`](crate::Split::root), or absolute where
    /// they were given so and lie elsewhere.
    File(AlignmentPath),
    /// Several files, each with other tiers; where two have one tier, the first counts.
    Files(Box<[AlignmentPath]>),
}

/// The path of an alignment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlignmentPath(#[serde(with = "crate::paths")] Box<Path>);

impl AlignmentPath {
    /// Returns the path.
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

impl AlignmentSource {
    /// The alignment in a file of its own.
    pub fn file(path: impl Into<Box<Path>>) -> AlignmentSource {
        AlignmentSource::File(AlignmentPath(path.into()))
    }

    /// The alignment in one or several files; none where there are none.
    pub(crate) fn files(paths: Vec<Box<Path>>) -> Option<AlignmentSource> {
        match <[Box<Path>; 1]>::try_from(paths) {
            Ok([path]) => Some(AlignmentSource::file(path)),
            Err(paths) if paths.is_empty() => None,
            Err(paths) => {
                Some(AlignmentSource::Files(paths.into_iter().map(AlignmentPath).collect()))
            }
        }
    }

    /// Returns the paths of its files, what counts first first.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let paths = match self {
            AlignmentSource::File(path) => std::slice::from_ref(path),
            AlignmentSource::Files(paths) => paths,
        };
        paths.iter().map(AlignmentPath::as_path)
    }

    /// The same with other paths.
    pub(crate) fn with_paths(mut self, place: impl Fn(&Path) -> Box<Path>) -> AlignmentSource {
        let paths = match &mut self {
            AlignmentSource::File(path) => std::slice::from_mut(path),
            AlignmentSource::Files(paths) => paths,
        };
        for path in paths {
            path.0 = place(&path.0);
        }
        self
    }
}
