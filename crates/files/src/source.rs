//! What a path leads to, opened: a regular file, or an object of a store.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
    time::SystemTime,
};

use crate::{
    object::Object,
    open::{OpenError, Opened, open_regular},
    url::is_url,
};

/// A regular file or an object, opened for reading. It has no position, and can be read from several threads.
#[derive(Debug, Clone)]
pub struct Source {
    /// The place of its bytes.
    pub place: Place,
    /// Its size when it was opened.
    pub bytes: u64,
    /// When it was modified last before it was opened, where that is known. That of an object stands for its ETag,
    /// too.
    pub modified: Option<SystemTime>,
}

/// The place where the bytes of a [`Source`] are.
#[derive(Debug, Clone)]
pub enum Place {
    /// A file.
    File(Arc<File>),
    /// An object.
    Object(Object),
}

/// Opens a regular file or an object; see [`open_regular`] for files.
///
/// # Errors
/// - [`OpenError::Io`]: the operating system or the store refuses
/// - [`OpenError::NotRegular`]: something else is there
pub fn open_source(path: &Path) -> Result<Source, OpenError> {
    if is_url(path) {
        return Ok(Object::open(path)?.into());
    }
    let Opened { file, bytes, modified } = open_regular(path)?;
    Ok(Source { place: Place::File(Arc::new(file)), bytes, modified })
}

/// Opens whatever can be read from its beginning: an object, a file, and also a pipe, which a shell's `<(…)` is.
///
/// # Errors
/// Those of opening it.
pub fn open_stream(path: &Path) -> io::Result<Box<dyn Read>> {
    match is_url(path) {
        true => Ok(Box::new(Source::from(Object::open(path)?).reader())),
        false => Ok(Box::new(File::open(path)?)),
    }
}

/// Opens what was listed. An object is not looked at before it is read, and reading it is an error if it is not the
/// one that was listed; a file is opened as it is.
///
/// - `bytes`, `modified`: what it had when it was listed
///
/// # Errors
/// Those of [`open_source`].
pub fn open_listed(
    path: &Path,
    bytes: u64,
    modified: Option<SystemTime>,
) -> Result<Source, OpenError> {
    match is_url(path) {
        true => Ok(Object::listed(path, bytes, modified)?.into()),
        false => open_source(path),
    }
}

impl From<Object> for Source {
    fn from(object: Object) -> Source {
        let (bytes, modified) = (object.bytes(), object.stamp());
        Source { place: Place::Object(object), bytes, modified }
    }
}

impl Source {
    /// Reads bytes from `offset` on and returns how many: fewer than asked for where that is cheaper, and 0 only at
    /// the end or for an empty buffer.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.place {
            Place::File(file) => read_file_at(file, offset, buffer),
            Place::Object(object) => object.read_at(offset, buffer),
        }
    }

    /// Reads just so many bytes.
    ///
    /// # Errors
    /// It cannot be read, or ends before.
    pub fn fill_at(&self, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
        while !buffer.is_empty() {
            match self.read_at(offset, buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    offset += count as u64;
                    buffer = &mut buffer[count..];
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads it from its first byte on.
    pub fn reader(self) -> SourceReader {
        SourceReader { source: self, at: 0 }
    }
}

/// Reads a [`Source`] from a position on.
#[derive(Debug)]
pub struct SourceReader {
    source: Source,
    at: u64,
}

impl Read for SourceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read_at(self.at, buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for SourceReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.source.bytes.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// Reads at a place of a file that others read, too.
///
/// # Errors
/// Those of the operating system.
#[cfg(unix)]
pub fn read_file_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

/// Reads at a place of a file that others read, too.
///
/// # Errors
/// Those of the operating system.
#[cfg(windows)]
pub fn read_file_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Reads at a place of a file that others read, too.
///
/// # Errors
/// That cannot be done here.
#[cfg(not(any(unix, windows)))]
pub fn read_file_at(_: &File, _: u64, _: &mut [u8]) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}
