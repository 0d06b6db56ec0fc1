//! Bytes from anywhere, as symphonia asks for them.

use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};

use crate::{Error, Media};

/// Bytes with a position.
struct Source {
    media: Media,
    at: u64,
}

/// Makes a stream of bytes, at its first.
pub(super) fn stream(media: Media) -> MediaSourceStream<'static> {
    let source = Source { media, at: 0 };
    MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default())
}

/// Tells symphonia what went wrong with the bytes themselves.
pub(super) fn io_error(error: Error) -> io::Error {
    io::Error::other(error)
}

/// Returns what went wrong with the bytes themselves, if that is what an error of symphonia is about.
pub(super) fn of_bytes(error: io::Error) -> Result<Error, io::Error> {
    error.downcast::<Error>()
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.media.read_at(self.at, buffer).map_err(io_error)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.media.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl MediaSource for Source {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.media.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_and_seeks_as_a_file_does() {
        let mut source = Source { media: Media::bytes(*b"0123456789"), at: 0 };
        let mut two = [0; 2];
        for (to, expected) in
            [(SeekFrom::Start(3), b"34"), (SeekFrom::Current(1), b"67"), (SeekFrom::End(-2), b"89")]
        {
            source.seek(to).unwrap();
            source.read_exact(&mut two).unwrap();
            assert_eq!(&two, expected);
        }
        assert_eq!(source.read(&mut two).unwrap(), 0);
        assert!(source.seek(SeekFrom::End(-11)).is_err());
        source.seek(SeekFrom::Start(99)).unwrap();
        assert_eq!(source.read(&mut two).unwrap(), 0);
    }
}
