//! Opens the files of a dataset, which may not be files at all.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use crate::error::Error;

/// Opens a regular file and says its size.
///
/// # Errors
/// If that fails, or something else is there: opening a pipe would wait for somebody to write into it.
pub(crate) fn open_file(path: &Path) -> Result<(File, u64), Error> {
    if !fs::metadata(path).map_err(Error::io("open", path))?.is_file() {
        return Err(Error::bad_file(path, "is not a regular file"));
    }
    let file = File::open(path).map_err(Error::io("open", path))?;
    let bytes = file.metadata().map_err(Error::io("open", path))?.len();
    Ok((file, bytes))
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
