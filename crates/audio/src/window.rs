//! Bytes, seen through a window.

use crate::{Error, Media};

/// The number of bytes asked for at once. It holds eight seconds of 16-bit speech at 16 kHz, so
/// that most utterances are one read, and stays within a core's second-level cache while they are
/// decoded.
const WINDOW_BYTES: usize = 256 * 1024;

/// Bytes of a recording, and those of them that were read last. What is in memory is not copied.
#[derive(Debug)]
pub(crate) struct Window {
    media: Media,
    /// Its first `filled` bytes are those of the media from `start`. The rest is left over from whatever
    /// the buffer was used for before.
    buffer: Vec<u8>,
    start: u64,
    filled: usize,
}

impl Window {
    /// Looks at bytes, of which there must be some. `buffer` is only an allocation to use.
    pub(crate) fn over(media: Media, buffer: Vec<u8>) -> Result<Self, Error> {
        if media.is_empty() {
            return Err(Error::Empty);
        }
        Ok(Self { media, buffer, start: 0, filled: 0 })
    }

    /// Returns the bytes that the window moves over.
    pub(crate) fn media(&self) -> &Media {
        &self.media
    }

    /// Returns the number of bytes of the media.
    pub(crate) fn len(&self) -> u64 {
        self.media.len()
    }

    /// Returns the bytes from `offset` on: at least `at_least` of them, or as many as there are up
    /// to the end, and whatever else the window holds.
    ///
    /// It allocates no more than the larger of `at_least` and [`WINDOW_BYTES`], and no more than
    /// there are.
    pub(crate) fn bytes(&mut self, offset: u64, at_least: usize) -> Result<&[u8], Error> {
        let Window { media, buffer, start, filled } = self;
        let offset = offset.min(media.len());
        if let Some(bytes) = media.in_memory() {
            return Ok(&bytes[offset as usize..]);
        }
        let bytes_left = usize::try_from(media.len() - offset).unwrap_or(usize::MAX);
        let needed = at_least.min(bytes_left);
        // Where `offset` is not within the buffer, all of it is skipped, and nothing is kept.
        let skipped = offset
            .checked_sub(*start)
            .and_then(|skipped| usize::try_from(skipped).ok())
            .filter(|&skipped| skipped <= *filled)
            .unwrap_or(*filled);
        let is_inside = *start + skipped as u64 == offset;
        if is_inside && *filled - skipped >= needed {
            return Ok(&buffer[skipped..*filled]);
        }
        // Of the old window, what is also in the new one moves to the front: less than a block.
        buffer.copy_within(skipped..*filled, 0);
        *filled -= skipped;
        *start = offset;
        let wanted = needed.max(WINDOW_BYTES).min(bytes_left);
        if buffer.len() < wanted {
            buffer.reserve_exact(wanted - buffer.len());
            buffer.resize(wanted, 0);
        }
        while *filled < needed {
            *filled += media.read_at(offset + *filled as u64, &mut buffer[*filled..wanted])?;
        }
        Ok(&buffer[..*filled])
    }

    /// Lets the media go and hands the allocation on.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        fs::{self, OpenOptions},
        path::PathBuf,
    };

    /// Makes bytes longer than two windows, none of them that of the window before.
    fn content() -> Vec<u8> {
        (0..2 * WINDOW_BYTES + 999).map(|i| (i % 251) as u8).collect()
    }

    fn file(content: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bytes");
        fs::write(&path, content).unwrap();
        (folder, path)
    }

    #[test]
    fn bytes_are_those_of_the_media_wherever_the_window_was_before() {
        let content = content();
        let around = [b"before", &*content, b"after"].concat();
        let (_folder, path) = file(&content);
        let (_other_folder, archive) = file(&around);
        let range = 6..6 + content.len() as u64;
        let medias = [
            Media::open(&path).unwrap(),
            Media::open(&archive).unwrap().stretch(range.clone()).unwrap(),
            Media::bytes(content.clone()),
            Media::bytes(around).stretch(range).unwrap(),
        ];
        for media in medias {
            let mut window = Window::over(media, vec![0xAA; 100]).unwrap();
            let end = content.len();
            let offsets = [0, 7, WINDOW_BYTES - 3, WINDOW_BYTES, 5, end - 1, end - 400, 6, end, 0];
            for offset in offsets {
                for at_least in [0, 1, 3, 500, WINDOW_BYTES + 1] {
                    let bytes = window.bytes(offset as u64, at_least).unwrap();
                    assert!(bytes.len() >= at_least.min(end - offset), "{offset}, {at_least}");
                    assert_eq!(bytes, &content[offset..][..bytes.len()], "{offset}, {at_least}");
                }
            }
            assert_eq!(window.bytes(u64::MAX, 8).unwrap(), b"");
        }
    }

    #[test]
    fn a_file_that_fits_the_window_is_read_once() {
        let (_folder, path) = file(&[1, 2, 3, 4]);
        let mut window = Window::over(Media::open(&path).unwrap(), Vec::new()).unwrap();
        window.bytes(0, 1).unwrap();
        // What is there now no longer matters.
        fs::write(&path, [9, 9]).unwrap();
        assert_eq!(window.bytes(1, 3).unwrap(), [2, 3, 4]);
        assert_eq!(window.into_buffer().len(), 4);
    }

    #[test]
    fn a_file_that_shrank_is_an_error_with_both_sizes() {
        let content = content();
        let (_folder, path) = file(&content);
        let mut window = Window::over(Media::open(&path).unwrap(), Vec::new()).unwrap();
        window.bytes(0, 1).unwrap();
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(WINDOW_BYTES as u64 + 10).unwrap();
        let error = window.bytes(WINDOW_BYTES as u64, 11).unwrap_err();
        let Error::Changed { opened_bytes, found_bytes } = error else { panic!("{error:?}") };
        assert_eq!((opened_bytes, found_bytes), (content.len() as u64, WINDOW_BYTES as u64 + 10));
    }
}
