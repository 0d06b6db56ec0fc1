//! A tar archive on disk, opened to be read from its beginning, compressed or not.

use std::{
    io::{self, BufRead, BufReader, Read},
    path::Path,
};

use ossicle_files::{OpenError, SourceReader, open_source};

use super::{
    inflate::{GZIP, Inflated},
    tar::{Forward, Members, begins_like_tar},
};

/// An archive, opened.
pub(crate) struct Shard {
    pub(crate) members: Members<Box<dyn Forward>>,
    /// It is compressed, so that places in it are places in what it inflates to.
    pub(crate) is_packed: bool,
}

impl Shard {
    /// Opens an archive.
    ///
    /// # Errors
    /// Those of opening and reading a file.
    pub(crate) fn open(path: &Path) -> Result<Shard, OpenError> {
        let opened = open_source(path)?;
        let bytes = opened.bytes;
        let mut input = BufReader::new(opened.reader());
        let is_packed = input.fill_buf()?.starts_with(GZIP);
        let input: Box<dyn Forward> = match is_packed {
            true => Box::new(Inflated::new(input, bytes)),
            false => Box::new(Plain { input, left: bytes }),
        };
        Ok(Shard { members: Members::new(input), is_packed })
    }
}

/// Returns whether a file begins as an archive does, compressed or not.
///
/// # Errors
/// It cannot be opened or read.
pub(crate) fn is_tar(path: &Path) -> io::Result<bool> {
    let opened = match open_source(path) {
        Ok(opened) => opened,
        Err(OpenError::Io(error)) => return Err(error),
        Err(OpenError::NotRegular { .. }) => return Ok(false),
    };
    let bytes = opened.bytes;
    let mut input = BufReader::with_capacity(512, opened.reader());
    let mut head = Vec::new();
    match input.fill_buf()?.starts_with(GZIP) {
        // What cannot be inflated is no archive.
        true => drop(Inflated::new(input, bytes).take(512).read_to_end(&mut head)),
        false => drop(input.take(512).read_to_end(&mut head)?),
    }
    Ok(begins_like_tar(&head))
}

/// A file whose bytes can be passed over without reading them.
struct Plain {
    input: BufReader<SourceReader>,
    left: u64,
}

impl Read for Plain {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}

impl Forward for Plain {
    fn skip(&mut self, bytes: u64) -> io::Result<u64> {
        let bytes = bytes.min(self.left);
        // A file has fewer than 2^63 bytes.
        self.input.seek_relative(i64::try_from(bytes).map_err(io::Error::other)?)?;
        self.left -= bytes;
        Ok(bytes)
    }
}
