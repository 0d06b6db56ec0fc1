//! A file of matrices while it is read.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::open::open_file;

/// A file of matrices while it is read.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    /// The size of the file.
    pub(super) bytes: u64,
    pub(super) reader: BufReader<File>,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Source, Error> {
        let (file, bytes) = open_file(path)?;
        Ok(Source { path: path.to_owned(), bytes, reader: BufReader::with_capacity(1 << 16, file) })
    }

    pub(super) fn bad(&self, reason: &str) -> Error {
        Error::bad_file(&self.path, reason)
    }

    /// Returns the file's first bytes, at most 4096.
    pub(super) fn head(&mut self) -> Result<Vec<u8>, Error> {
        self.seek(0)?;
        let mut head = Vec::new();
        let read = (&mut self.reader).take(4096).read_to_end(&mut head);
        read.map_err(Error::io("read", &self.path))?;
        Ok(head)
    }

    pub(super) fn seek(&mut self, offset: u64) -> Result<(), Error> {
        let sought = self.reader.seek(SeekFrom::Start(offset));
        sought.map(drop).map_err(Error::io("read", &self.path))
    }

    /// Returns the offset of the next byte.
    pub(super) fn position(&mut self) -> Result<u64, Error> {
        self.reader.stream_position().map_err(Error::io("read", &self.path))
    }

    /// Reads so many bytes, which the file must have.
    pub(super) fn take(&mut self, count: u64) -> Result<Vec<u8>, Error> {
        let left = self.bytes.saturating_sub(self.position()?);
        if count > left {
            return Err(self.bad(&format!("{count} bytes are promised and {left} are left")));
        }
        let mut bytes = Vec::new();
        let read = (&mut self.reader).take(count).read_to_end(&mut bytes);
        read.map_err(Error::io("read", &self.path))?;
        if (bytes.len() as u64) < count {
            return Err(self.bad("it is cut short"));
        }
        Ok(bytes)
    }

    /// Passes so many bytes over, which the file must have.
    pub(super) fn skip(&mut self, count: u64) -> Result<(), Error> {
        let at = self.position()?;
        match at.checked_add(count) {
            Some(end) if end <= self.bytes => {
                let passed = self.reader.seek_relative(count as i64);
                passed.map_err(Error::io("read", &self.path))
            }
            _ => Err(self.bad(&format!(
                "{count} bytes are promised and {} are left",
                self.bytes.saturating_sub(at)
            ))),
        }
    }

    /// Reads all bytes.
    pub(super) fn all(&mut self) -> Result<Vec<u8>, Error> {
        self.seek(0)?;
        self.take(self.bytes)
    }
}
