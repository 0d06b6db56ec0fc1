//! What can be read, among much that perhaps cannot.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use ossicle_files::{entries, is_too_many_files, is_unanswered};

/// Returns what was read, or nothing where it cannot be read.
///
/// # Errors
/// Too many files are open, or a store does not answer: what is there would seem to be missing.
pub(crate) fn if_readable<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if is_too_many_files(&error) || is_unanswered(&error) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Returns whether the next run would find the same. Anything else passes, too many open files for example,
/// or a disk that does not answer: the corpus would seem smaller than it is.
pub(crate) fn is_settled(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::InvalidFilename)
}

/// The folders in a folder, in order; none where it cannot be read.
///
/// # Errors
/// Too many files are open.
pub(crate) fn subfolders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let Some(entries) = if_readable(entries(folder))? else { return Ok(Vec::new()) };
    // Only links are looked at: this may be a folder of a million recordings.
    let mut folders: Vec<PathBuf> =
        entries.filter(|entry| entry.is_folder()).map(|entry| entry.path).collect();
    folders.sort();
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_not_read_a_file_may_not_read_it_the_next_time_either() {
        assert!(is_settled(&io::Error::from(ErrorKind::PermissionDenied)));
        // EIO, EMFILE, ESTALE.
        for number in [5, 24, 116] {
            assert!(!is_settled(&io::Error::from_raw_os_error(number)), "{number}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_nothing_but_too_many_open_files_are_an_error() {
        assert_eq!(if_readable(Ok(7)).unwrap(), Some(7));
        let closed = Err::<u8, _>(io::Error::from(ErrorKind::PermissionDenied));
        assert_eq!(if_readable(closed).unwrap(), None);
        // EMFILE and ENFILE.
        for number in [24, 23] {
            let too_many = Err::<u8, _>(io::Error::from_raw_os_error(number));
            assert_eq!(if_readable(too_many).unwrap_err().raw_os_error(), Some(number));
        }
    }
}
