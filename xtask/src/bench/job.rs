//! The job that the benchmark is about.

use std::path::Path;

use super::subject::Ossicle;

/// The job that every section measures.
pub(crate) struct Job<'a> {
    pub(crate) ossicle: &'a Ossicle,
    pub(crate) corpus: &'a Path,
    pub(crate) num_cores: usize,
    pub(crate) runs: usize,
}
