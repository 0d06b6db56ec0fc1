//! The recordings that are decoded.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::python;

/// Makes recordings of the speech that is there.
pub(super) fn make(
    python: &Path,
    speech: &Path,
    what: &str,
    folder: &Path,
    count: Option<usize>,
) -> Result<()> {
    eprintln!("xtask: making {}", folder.display());
    let mut command = Command::new(python);
    command.arg(python::folder().join("audio_files.py")).arg(speech).arg(what).arg(folder);
    command.args(count.map(|count| count.to_string()));
    python::succeed(&mut command)
}
