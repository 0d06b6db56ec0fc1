//! Questions to the system about files, and two ways to give them names.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Returns whether this open file is the one at that path.
pub(super) fn is_open_at(file: &File, path: &Path) -> io::Result<bool> {
    let open = file.metadata()?;
    let there = fs::metadata(path);
    Ok(there.is_ok_and(|there| (there.dev(), there.ino()) == (open.dev(), open.ino())))
}

/// Returns whether nothing is there, nor can be, since a file is where its folder would be.
pub(super) fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

pub(super) fn fine_if_missing(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Renames to a name that nothing has yet, in one step.
pub(super) fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    // A link fails where the name is taken, on every system; only file systems without links need the
    // rename that does so too.
    let linked = match fs::hard_link(from, to) {
        Err(error) if is_without_links(&error) => return rename_without_links(from, to),
        linked => linked,
    };
    linked?;
    fine_if_missing(fs::remove_file(from))
}

fn is_without_links(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(super) fn rename_without_links(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(super) fn rename_without_links(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}
