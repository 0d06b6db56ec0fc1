//! A file, seen through a window of bytes.

use std::{
    fs::File,
    io::{ErrorKind, Read, Seek, SeekFrom},
    path::Path,
    time::SystemTime,
};

use ossicle_files::{OpenError, Opened, open_regular};

use crate::Error;

/// How many bytes are asked for at once. It holds eight seconds of 16-bit speech at 16 kHz, so that
/// most utterances are one read, and stays within a core's second-level cache while they are
/// decoded.
const WINDOW_BYTES: usize = 256 * 1024;

/// An open regular file, and the bytes of it read last.
#[derive(Debug)]
pub(crate) struct Source {
    file: File,
    /// The file's size when it was opened. Bytes added later are never read.
    file_bytes: u64,
    /// When it was last modified then, where the system tells.
    modified: Option<SystemTime>,
    /// Where the operating system would go on reading.
    cursor: u64,
    /// Its first `filled` bytes are those of the file from `window_start`. The rest is left over
    /// from whatever the buffer was used for before.
    buffer: Vec<u8>,
    window_start: u64,
    filled: usize,
}

impl Source {
    /// Opens a regular file that is not empty. `buffer` is only an allocation to use.
    pub(crate) fn open(path: &Path, buffer: Vec<u8>) -> Result<Self, Error> {
        let opened = open_regular(path).map_err(|error| match error {
            OpenError::Io(source) => Error::Open { source },
            OpenError::NotRegular { what } => Error::NotRegular { what },
        })?;
        let Opened { file, bytes: file_bytes, modified } = opened;
        if file_bytes == 0 {
            return Err(Error::Empty);
        }
        Ok(Self { file, file_bytes, modified, cursor: 0, buffer, window_start: 0, filled: 0 })
    }

    /// Whether the file is still what was opened, by its size and time.
    pub(crate) fn check_unchanged(&self) -> Result<(), Error> {
        let metadata = self.file.metadata().map_err(|source| Error::Read { source })?;
        match (metadata.len(), metadata.modified().ok()) {
            (bytes, modified) if bytes == self.file_bytes && modified == self.modified => Ok(()),
            (found_bytes, _) => Err(Error::Changed { opened_bytes: self.file_bytes, found_bytes }),
        }
    }

    /// The file's size when it was opened.
    pub(crate) fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    /// The bytes from `offset` on: at least `at_least` of them, or as many as there are up to the
    /// end of the file, and whatever else the window holds.
    ///
    /// It allocates no more than the larger of `at_least` and [`WINDOW_BYTES`], and no more than
    /// the file has.
    pub(crate) fn bytes(&mut self, offset: u64, at_least: usize) -> Result<&[u8], Error> {
        let offset = offset.min(self.file_bytes);
        let bytes_left = usize::try_from(self.file_bytes - offset).unwrap_or(usize::MAX);
        let needed = at_least.min(bytes_left);
        let skipped = offset
            .checked_sub(self.window_start)
            .and_then(|skipped| usize::try_from(skipped).ok())
            .filter(|&skipped| skipped <= self.filled)
            .unwrap_or(self.filled);
        let is_inside = self.window_start + skipped as u64 == offset;
        if is_inside && self.filled - skipped >= needed {
            return Ok(&self.buffer[skipped..self.filled]);
        }
        // Of the old window, what is also in the new one moves to the front: less than a block.
        self.buffer.copy_within(skipped..self.filled, 0);
        self.filled -= skipped;
        self.window_start = offset;
        self.fill(needed, needed.max(WINDOW_BYTES).min(bytes_left))?;
        Ok(&self.buffer[..self.filled])
    }

    /// Reads on behind the window until it holds at least `needed` and at most `wanted` bytes.
    fn fill(&mut self, needed: usize, wanted: usize) -> Result<(), Error> {
        if self.buffer.len() < wanted {
            self.buffer.reserve_exact(wanted - self.buffer.len());
            self.buffer.resize(wanted, 0);
        }
        let next = self.window_start + self.filled as u64;
        if self.cursor != next {
            self.file.seek(SeekFrom::Start(next)).map_err(|source| Error::Read { source })?;
            self.cursor = next;
        }
        while self.filled < needed {
            match self.file.read(&mut self.buffer[self.filled..wanted]) {
                Ok(0) => {
                    let (opened_bytes, found_bytes) = (self.file_bytes, self.cursor);
                    return Err(Error::Changed { opened_bytes, found_bytes });
                }
                Ok(count) => {
                    self.filled += count;
                    self.cursor += count as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => return Err(Error::Read { source }),
            }
        }
        Ok(())
    }

    /// Closes the file and hands the allocation on.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, OpenOptions};

    /// Longer than two windows, and no byte is that of the window before.
    fn long_file() -> (tempfile::TempDir, Vec<u8>, Source) {
        let content: Vec<u8> = (0..2 * WINDOW_BYTES + 999).map(|i| (i % 251) as u8).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bytes");
        fs::write(&path, &content).unwrap();
        let source = Source::open(&path, vec![0xAA; 100]).unwrap();
        (folder, content, source)
    }

    #[test]
    fn bytes_are_those_of_the_file_wherever_the_window_was_before() {
        let (_folder, content, mut source) = long_file();
        let end = content.len();
        let offsets = [0, 7, WINDOW_BYTES - 3, WINDOW_BYTES, 5, end - 1, end - 400, 6, end, 0];
        for offset in offsets {
            for at_least in [0, 1, 3, 500, WINDOW_BYTES + 1] {
                let bytes = source.bytes(offset as u64, at_least).unwrap();
                assert!(bytes.len() >= at_least.min(end - offset), "{offset}, {at_least}");
                assert_eq!(bytes, &content[offset..][..bytes.len()], "{offset}, {at_least}");
            }
        }
        assert_eq!(source.bytes(u64::MAX, 8).unwrap(), b"");
    }

    #[test]
    fn a_file_that_fits_the_window_is_read_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bytes");
        fs::write(&path, [1, 2, 3, 4]).unwrap();
        let mut source = Source::open(&path, Vec::new()).unwrap();
        source.bytes(0, 1).unwrap();
        // What is there now no longer matters.
        fs::write(&path, [9, 9]).unwrap();
        assert_eq!(source.bytes(1, 3).unwrap(), [2, 3, 4]);
        assert_eq!(source.into_buffer().len(), 4);
    }

    #[test]
    fn a_file_that_shrank_is_an_error_with_both_sizes() {
        let (folder, content, mut source) = long_file();
        source.bytes(0, 1).unwrap();
        let file = OpenOptions::new().write(true).open(folder.path().join("bytes")).unwrap();
        file.set_len(WINDOW_BYTES as u64 + 10).unwrap();
        let error = source.bytes(WINDOW_BYTES as u64, 11).unwrap_err();
        let Error::Changed { opened_bytes, found_bytes } = error else { panic!("{error:?}") };
        assert_eq!((opened_bytes, found_bytes), (content.len() as u64, WINDOW_BYTES as u64 + 10));
    }

    #[test]
    fn what_the_system_will_not_read_is_an_error_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bytes");
        fs::write(&path, [1, 2]).unwrap();
        let mut source = Source::open(&path, Vec::new()).unwrap();
        source.file = OpenOptions::new().write(true).open(&path).unwrap();
        let error = source.bytes(0, 1).unwrap_err();
        assert!(matches!(error, Error::Read { .. }), "{error:?}");
        assert_eq!(error.to_string(), "cannot be read");
        assert!(std::error::Error::source(&error).is_some());
    }
}
