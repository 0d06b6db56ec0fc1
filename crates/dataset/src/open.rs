//! Opens the files of a dataset, which may not be files at all.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use ossicle_files::{OpenError, Opened, open_regular};

use crate::error::Error;

/// Opens a regular file and says its size.
///
/// # Errors
/// If that fails, or something else is there.
pub(crate) fn open_file(path: &Path) -> Result<(File, u64), Error> {
    match open_regular(path) {
        Ok(Opened { file, bytes, .. }) => Ok((file, bytes)),
        Err(OpenError::NotRegular { .. }) => Err(Error::bad_file(path, "is not a regular file")),
        Err(OpenError::Io(source)) => Err(Error::io("open", path)(source)),
    }
}

/// Reads until the buffer is full or the file ends, and says how many bytes there were.
pub(crate) fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
