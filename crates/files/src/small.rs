//! Reads files that people write by hand, such as recipes.

use std::{
    io::{self, Read},
    path::Path,
};

use crate::{
    open::OpenError,
    source::open_source,
    url::{join, parent},
};

/// The reason why a small file was not read.
///
/// Messages leave out the path, because the caller knows it.
#[derive(Debug, thiserror::Error)]
pub enum SmallError {
    /// It was not opened.
    #[error(transparent)]
    Open(#[from] OpenError),

    /// It cannot be read.
    #[error("cannot be read")]
    Read(#[from] io::Error),

    /// It is no small file.
    #[error("is larger than {most} bytes, which no such file is")]
    TooLarge {
        /// The most bytes that it may have.
        most: u64,
    },

    /// It is not text.
    #[error("is not UTF-8 text")]
    NotText,
}

/// Reads a regular file or an object whole, as text.
///
/// - `most`: the most bytes that such a file may have; not one more is read
///
/// # Errors
/// Each has its kind of [`SmallError`].
pub fn read_small(path: &Path, most: u64) -> Result<String, SmallError> {
    String::from_utf8(read_small_bytes(path, most)?).map_err(|_| SmallError::NotText)
}

/// Reads a regular file or an object whole.
///
/// - `most`: the most bytes that such a file may have; not one more is read
///
/// # Errors
/// Each has its kind of [`SmallError`].
pub fn read_small_bytes(path: &Path, most: u64) -> Result<Vec<u8>, SmallError> {
    let opened = open_source(path)?;
    if opened.bytes > most {
        return Err(SmallError::TooLarge { most });
    }
    // A file may grow, and one of `/proc` does not tell its size.
    let mut bytes = Vec::new();
    opened.reader().take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(SmallError::TooLarge { most });
    }
    Ok(bytes)
}

/// A companion larger than this is none: NumPy's statistics of 100,000 columns take less.
const MOST_BESIDE_BYTES: u64 = 1 << 22;

/// Reads the companion that a file names: from its folder, where it may lie under its last name. None if there
/// is none there, or a larger one than companions are.
pub fn read_beside(path: &Path, name: &str) -> Option<Vec<u8>> {
    let folder = parent(path).unwrap_or(Path::new(""));
    let last = Path::new(name).file_name()?;
    let places = [join(folder, name), join(folder, last)];
    places.iter().find_map(|place| read_small_bytes(place, MOST_BESIDE_BYTES).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_companion_is_found_by_its_path_or_its_last_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("stats")).unwrap();
        std::fs::write(folder.path().join("stats/a"), "deep").unwrap();
        std::fs::write(folder.path().join("b"), "here").unwrap();
        let of = |name: &str| read_beside(&folder.path().join("config.yaml"), name);
        assert_eq!(of("stats/a").unwrap(), b"deep");
        assert_eq!(of("/elsewhere/exp/b").unwrap(), b"here");
        assert_eq!(of("a"), None);
        assert_eq!(of(".."), None);
    }

    #[test]
    fn a_file_is_read_up_to_the_limit_and_one_byte_more_is_too_many() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "häll").unwrap();
        assert_eq!(read_small(file.path(), 5).unwrap(), "häll");
        let error = read_small(file.path(), 4).unwrap_err();
        assert_eq!(error.to_string(), "is larger than 4 bytes, which no such file is");
        std::fs::write(file.path(), b"\xff").unwrap();
        assert!(matches!(read_small(file.path(), 5), Err(SmallError::NotText)));
    }

    #[test]
    fn what_is_no_file_is_not_read() {
        let error = read_small(Path::new("/dev/zero"), 9).unwrap_err();
        assert_eq!(error.to_string(), "is a device, not a regular file");
        let error = read_small(Path::new("no/such/file"), 9).unwrap_err();
        assert_eq!(error.to_string(), "cannot be opened");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_hides_its_size_is_not_read_further_either() {
        let error = read_small(Path::new("/proc/self/status"), 10).unwrap_err();
        assert!(matches!(error, SmallError::TooLarge { most: 10 }), "{error}");
    }
}
