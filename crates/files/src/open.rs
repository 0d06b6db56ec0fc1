//! Opens a file that is one: regular, with a size and a beginning.

use std::{
    fs::{self, File, FileType, OpenOptions},
    io,
    path::Path,
    time::SystemTime,
};

/// A regular file that was opened for reading.
#[derive(Debug)]
pub struct Opened {
    /// The file, at its first byte.
    pub file: File,
    /// Its size when it was opened.
    pub bytes: u64,
    /// The time of its last modification when it was opened, where the system tells.
    pub modified: Option<SystemTime>,
}

/// The reason why a file was not opened.
///
/// Messages leave out the path, because the caller knows it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The operating system would not look at the file, or not open it.
    #[error("cannot be opened")]
    Io(#[from] io::Error),

    /// The path names something without a size and a beginning.
    #[error("is {what}, not a regular file")]
    NotRegular {
        /// "a directory", "a FIFO", "a socket" or "a device".
        what: &'static str,
    },
}

/// Opens a regular file for reading; a link is followed. Never waits for another program, as opening a
/// FIFO would, and leaves devices alone.
///
/// # Errors
/// - [`OpenError::Io`]: the operating system refuses
/// - [`OpenError::NotRegular`]: something else is there
pub fn open_regular(path: &Path) -> Result<Opened, OpenError> {
    // Before opening: opening a device can do things (a tape rewinds). After opening: what the path
    // names may have changed in between.
    let file_type = fs::metadata(path)?.file_type();
    // Opening a folder does nothing, and tells why it cannot be read, where that is so.
    #[cfg(unix)]
    if file_type.is_dir() {
        open_without_waiting(path)?;
    }
    check_regular(file_type)?;
    let file = open_without_waiting(path)?;
    let metadata = file.metadata()?;
    check_regular(metadata.file_type())?;
    Ok(Opened { file, bytes: metadata.len(), modified: metadata.modified().ok() })
}

/// Opens for reading. A FIFO without a writer would otherwise keep `open` waiting for ever.
#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)
}

#[cfg(not(unix))]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// Refuses what has no size and no beginning.
fn check_regular(file_type: FileType) -> Result<(), OpenError> {
    if file_type.is_file() {
        return Ok(());
    }
    Err(OpenError::NotRegular {
        what: if file_type.is_dir() { "a directory" } else { special(file_type) },
    })
}

#[cfg(unix)]
fn special(file_type: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if file_type.is_fifo() {
        "a FIFO"
    } else if file_type.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: FileType) -> &'static str {
    "a device"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{ErrorKind, Read};

    #[test]
    fn a_regular_file_is_opened_at_its_beginning_with_its_size_and_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bytes");
        fs::write(&path, [1, 2, 3]).unwrap();
        let mut opened = open_regular(&path).unwrap();
        assert_eq!(opened.bytes, 3);
        assert_eq!(opened.modified, Some(fs::metadata(&path).unwrap().modified().unwrap()));
        let mut bytes = Vec::new();
        opened.file.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, [1, 2, 3]);
    }

    #[test]
    fn an_empty_file_is_a_regular_one() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(open_regular(file.path()).unwrap().bytes, 0);
    }

    #[test]
    fn what_is_not_there_is_an_error_with_the_systems_reason() {
        let folder = tempfile::tempdir().unwrap();
        let error = open_regular(&folder.path().join("none")).unwrap_err();
        assert_eq!(error.to_string(), "cannot be opened");
        let OpenError::Io(cause) = error else { panic!("{error:?}") };
        assert_eq!(cause.kind(), ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_refused_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status().unwrap();
        assert!(made.success());
        let socket = folder.path().join("socket");
        let _socket = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&fifo, &link).unwrap();
        for (path, expected) in [
            (folder.path(), "is a directory, not a regular file"),
            (&fifo, "is a FIFO, not a regular file"),
            (&link, "is a FIFO, not a regular file"),
            (&socket, "is a socket, not a regular file"),
            (Path::new("/dev/null"), "is a device, not a regular file"),
        ] {
            assert_eq!(open_regular(path).unwrap_err().to_string(), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn opening_a_fifo_that_nobody_writes_to_does_not_wait() {
        use std::{process::Command, sync::mpsc, thread, time::Duration};

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.wav");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        // On a thread of its own, so that a failure is a failure and not a test that never ends.
        let (done, opened) = mpsc::channel();
        thread::spawn(move || done.send(open_without_waiting(&path).is_ok()));
        assert_eq!(opened.recv_timeout(Duration::from_secs(10)), Ok(true));
    }
}
