//! Closing files that were written.

use std::fs::File;
use std::io;

/// Closes a file that was written. Dropping it would hide what the system says then: over a network that
/// a disk was full, for example.
pub(super) fn close(file: File) -> io::Result<()> {
    nix::unistd::close(file).map_err(io::Error::from)
}
