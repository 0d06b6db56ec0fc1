//! Bytes from anywhere: a file, a stretch of one, memory, or whoever gives them.

use std::{fmt, fs::File, io, ops::Range, path::Path, sync::Arc, time::SystemTime};

use ossicle_files::{Object, Place, Source, is_changed, open_source, read_file_at};

use crate::Error;

/// The bytes of a recording, wherever they are: a file, a stretch of an archive, memory, or a [`ByteSource`].
///
/// It has no position and can be read from several threads. Copies and stretches of it share one open
/// file.
///
/// ```
/// use ossicle_audio::Media;
///
/// let archive = Media::bytes(*b"..RIFF..");
/// let member = archive.stretch(2..6)?;
/// let mut bytes = [0; 4];
/// assert_eq!(member.read_at(0, &mut bytes)?, 4);
/// assert_eq!(&bytes, b"RIFF");
/// # Ok::<(), ossicle_audio::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Media {
    storage: Storage,
    /// The stretch of the stored bytes that this is.
    range: Range<u64>,
}

/// The place where the bytes are.
#[derive(Debug, Clone)]
enum Storage {
    File {
        file: Arc<File>,
        stamp: Stamp,
    },
    /// A file that nobody else changes.
    Spool(Arc<File>),
    Memory(Arc<[u8]>),
    Source(Arc<dyn ByteSource>),
}

/// Bytes that are no file of this machine and not in memory as a whole: an object of a store, or what somebody
/// reads ahead.
pub trait ByteSource: fmt::Debug + Send + Sync {
    /// Returns the size and time that it had when it was opened.
    fn stamp(&self) -> Stamp;

    /// Reads bytes from `offset` on, which is before the end, and returns how many: at least one, and fewer than
    /// asked for where that is cheaper.
    ///
    /// # Errors
    /// - [`Error::Read`]: it cannot be read
    /// - [`Error::Changed`]: it is not what it was when it was opened
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Error>;

    /// Returns an error if it is not what it was when it was opened.
    ///
    /// # Errors
    /// [`Error::Changed`], or [`Error::Read`] where that cannot be told.
    fn check_unchanged(&self) -> Result<(), Error>;
}

impl ByteSource for Object {
    fn stamp(&self) -> Stamp {
        Stamp { bytes: self.bytes(), modified: Object::stamp(self) }
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Error> {
        Object::read_at(self, offset, buffer).map_err(|source| match is_changed(&source) {
            true => Error::Changed { opened_bytes: self.bytes(), found_bytes: self.bytes() },
            false => Error::Read { source },
        })
    }

    /// Every request was for the object that was opened, and for no other.
    fn check_unchanged(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl From<Source> for Media {
    fn from(source: Source) -> Media {
        let Source { place, bytes, modified } = source;
        match place {
            Place::File(file) => Media::of_file(file, Stamp { bytes, modified }),
            Place::Object(object) => Media::of_source(Arc::new(object)),
        }
    }
}

/// The size and time of a file, by which a change of it is noticed.
///
/// That of a stretch is its whole file's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The size in bytes.
    pub bytes: u64,
    /// The time of the last modification, where the system tells; `None` for bytes in memory.
    pub modified: Option<SystemTime>,
}

impl Media {
    /// Opens a regular file or an object, all of it. Bytes added to it later are never read.
    ///
    /// # Errors
    /// - [`Error::Open`]: the operating system refuses
    /// - [`Error::NotRegular`]: something else is there; a FIFO is refused without waiting for it
    pub fn open(path: &Path) -> Result<Media, Error> {
        Ok(Media::from(open_source(path)?))
    }

    /// Takes a file that is open for reading, all of it.
    ///
    /// - `stamp`: its size and time when it was opened
    pub fn of_file(file: Arc<File>, stamp: Stamp) -> Media {
        Media { storage: Storage::File { file, stamp }, range: 0..stamp.bytes }
    }

    /// Takes a stretch of a file that this process has written and nobody changes, such as what it has
    /// unpacked. What is written behind the stretch is no change of it.
    pub fn spooled(file: Arc<File>, range: Range<u64>) -> Media {
        Media { storage: Storage::Spool(file), range }
    }

    /// Takes bytes that are in memory.
    pub fn bytes(bytes: impl Into<Arc<[u8]>>) -> Media {
        let bytes = bytes.into();
        let range = 0..bytes.len() as u64;
        Media { storage: Storage::Memory(bytes), range }
    }

    /// Takes bytes from anywhere else, all of them.
    pub fn of_source(source: Arc<dyn ByteSource>) -> Media {
        let range = 0..source.stamp().bytes;
        Media { storage: Storage::Source(source), range }
    }

    /// Takes a stretch of these bytes, such as a member of an archive.
    ///
    /// - `range`: counted from the first of these bytes
    ///
    /// # Errors
    /// [`Error::Stretch`] if it ends before it begins or behind the end of these bytes.
    pub fn stretch(&self, range: Range<u64>) -> Result<Media, Error> {
        if range.start > range.end || range.end > self.len() {
            let Range { start, end } = range;
            return Err(Error::Stretch { start, end, bytes: self.len() });
        }
        let first = self.range.start;
        let range = first + range.start..first + range.end;
        Ok(Media { storage: self.storage.clone(), range })
    }

    /// Returns the number of bytes.
    pub fn len(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// Returns whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// Returns the size and time that the file had when it was opened.
    pub fn stamp(&self) -> Stamp {
        match &self.storage {
            Storage::File { stamp, .. } => *stamp,
            Storage::Source(source) => source.stamp(),
            Storage::Spool(_) => Stamp { bytes: self.range.end, modified: None },
            Storage::Memory(bytes) => Stamp { bytes: bytes.len() as u64, modified: None },
        }
    }

    /// Returns an error if the file's size or time of modification is not that of its [`Stamp`] any
    /// more. What was read from one that has changed may be of two recordings. Memory does not change, nor does
    /// what this process has spooled.
    ///
    /// # Errors
    /// [`Error::Changed`], or [`Error::Read`] where the system does not tell.
    pub fn check_unchanged(&self) -> Result<(), Error> {
        let (file, stamp) = match &self.storage {
            Storage::File { file, stamp } => (file, stamp),
            Storage::Source(source) => return source.check_unchanged(),
            Storage::Spool(_) | Storage::Memory(_) => return Ok(()),
        };
        let metadata = file.metadata().map_err(|source| Error::Read { source })?;
        let found = Stamp { bytes: metadata.len(), modified: metadata.modified().ok() };
        match found == *stamp {
            true => Ok(()),
            false => Err(Error::Changed { opened_bytes: stamp.bytes, found_bytes: found.bytes }),
        }
    }

    /// Reads bytes from `offset` on and returns how many: fewer than asked for where the system gives
    /// fewer at once, and 0 only at the end or for an empty buffer.
    ///
    /// # Errors
    /// - [`Error::Read`]: the operating system refuses
    /// - [`Error::Changed`]: the file became shorter after it was opened
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Error> {
        let left = usize::try_from(self.len().saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = left.min(buffer.len());
        if wanted == 0 {
            return Ok(0);
        }
        let (at, buffer) = (self.range.start + offset, &mut buffer[..wanted]);
        let file = match &self.storage {
            Storage::File { file, .. } | Storage::Spool(file) => file,
            Storage::Memory(bytes) => {
                buffer.copy_from_slice(&bytes[at as usize..][..wanted]);
                return Ok(wanted);
            }
            Storage::Source(source) => {
                return match source.read_at(at, buffer)? {
                    0 => {
                        Err(Error::Changed { opened_bytes: source.stamp().bytes, found_bytes: at })
                    }
                    count => Ok(count.min(wanted)),
                };
            }
        };
        loop {
            match read_file_at(file, at, buffer) {
                Ok(0) => {
                    return Err(Error::Changed {
                        opened_bytes: self.stamp().bytes,
                        found_bytes: at,
                    });
                }
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(Error::Read { source }),
            }
        }
    }

    /// Reads as many bytes as the buffer has.
    ///
    /// # Errors
    /// Those of [`Media::read_at`]; [`Error::Stretch`] if there are fewer.
    pub fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), Error> {
        match self.fill_at(offset, buffer)? == buffer.len() {
            true => Ok(()),
            false => {
                let end = offset.saturating_add(buffer.len() as u64);
                Err(Error::Stretch { start: offset, end, bytes: self.len() })
            }
        }
    }

    /// Reads all of the bytes into memory, from where they cannot change any more.
    ///
    /// # Errors
    /// Those of [`Media::read_at`] and [`Media::check_unchanged`].
    pub fn to_memory(&self) -> Result<Media, Error> {
        let length = usize::try_from(self.len()).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        let reserved = bytes.try_reserve_exact(length);
        reserved.map_err(|_| Error::Read { source: io::ErrorKind::OutOfMemory.into() })?;
        bytes.resize(length, 0);
        self.read_exact_at(0, &mut bytes)?;
        self.check_unchanged()?;
        Ok(Media::bytes(bytes))
    }

    /// Reads until the buffer is full or the bytes end, and returns how many there were.
    pub(crate) fn fill_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, Error> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read_at(offset + filled as u64, &mut buffer[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        Ok(filled)
    }

    /// Returns all of the bytes without a copy, if they are in memory.
    pub(crate) fn in_memory(&self) -> Option<&[u8]> {
        match &self.storage {
            Storage::File { .. } | Storage::Spool(_) | Storage::Source(_) => None,
            Storage::Memory(bytes) => {
                Some(&bytes[self.range.start as usize..self.range.end as usize])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, OpenOptions};

    #[test]
    fn what_the_system_will_not_read_is_an_error_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bytes");
        fs::write(&path, [1, 2]).unwrap();
        let mut media = Media::open(&path).unwrap();
        let Storage::File { file, .. } = &mut media.storage else { panic!("{media:?}") };
        *file = Arc::new(OpenOptions::new().write(true).open(&path).unwrap());
        let error = media.read_at(0, &mut [0]).unwrap_err();
        assert!(matches!(error, Error::Read { .. }), "{error:?}");
        assert_eq!(error.to_string(), "cannot be read");
        assert!(std::error::Error::source(&error).is_some());
    }
}
