//! A system call: what strace sees, and what faults are aimed at.

use std::path::PathBuf;

/// A system call that a run makes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) name: String,
    /// The file or folder that strace knows it by.
    pub(crate) path: PathBuf,
    /// What it names in that folder, where it does.
    pub(crate) word: Option<String>,
    /// The number among its thread's calls of this name with this path, from 1.
    pub(crate) number: usize,
    /// True if it makes, changes or removes something.
    pub(crate) changes: bool,
    pub(crate) opens_folder: bool,
}
