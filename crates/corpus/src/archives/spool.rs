//! Archives that are compressed, each unpacked once into a file of the process' own.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufReader, ErrorKind, Read, Write},
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use ossicle_files::Source;

use super::{error::HeldError, inflate::Inflated};

/// What a process has unpacked: one archive behind the other in one file without a name, which is gone when
/// the process is, however it ends.
#[derive(Debug, Default)]
pub(super) struct Spool(Mutex<Unpacked>);

#[derive(Debug, Default)]
struct Unpacked {
    /// The file, once there is something in it, and how much.
    file: Option<(Arc<File>, u64)>,
    /// Where each archive is in it; none for one that had no room.
    places: HashMap<PathBuf, Option<Range<u64>>>,
}

impl Spool {
    /// Returns the file that has what an archive inflates to, and where in it that is. Whoever asks first
    /// unpacks, and others wait.
    ///
    /// - `opened`: the archive
    /// - `should_stop`: is asked now and then
    ///
    /// # Errors
    /// There is no room for it, it cannot be inflated, or it was asked to stop.
    pub(super) fn unpack(
        &self,
        path: &Path,
        opened: Source,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<(Arc<File>, Range<u64>), HeldError> {
        // What a worker that panicked has left half done is written over.
        let mut unpacked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Unpacked { file, places } = &mut *unpacked;
        let (file, end) = match file {
            Some(file) => file,
            None => file.insert((Arc::new(tempfile::tempfile()?), 0)),
        };
        if let Some(place) = places.get(path) {
            let place = place.clone().ok_or_else(|| no_room(path))?;
            return Ok((Arc::clone(file), place));
        }
        let bytes = opened.bytes;
        let input = Inflated::new(BufReader::with_capacity(1 << 16, opened.reader()), bytes);
        match append(file, *end, input, should_stop) {
            Ok(bytes) => {
                let place = *end..*end + bytes;
                *end = place.end;
                places.insert(path.to_owned(), Some(place.clone()));
                Ok((Arc::clone(file), place))
            }
            Err(error) if is_no_room(&error) => {
                places.insert(path.to_owned(), None);
                // What was written for nothing is room for others, where it can be given back.
                let _ = file.set_len(*end);
                Err(no_room(path))
            }
            Err(error) => Err(HeldError::Read(error)),
        }
    }
}

/// Writes all that is read behind what is there, and returns how much it was.
fn append(
    mut file: &File,
    end: u64,
    mut input: impl Read,
    should_stop: &dyn Fn() -> bool,
) -> io::Result<u64> {
    use std::io::{Seek, SeekFrom};
    file.seek(SeekFrom::Start(end))?;
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        if should_stop() {
            return Err(io::Error::other("it was asked to stop"));
        }
        match input.read(&mut buffer) {
            Ok(0) => return Ok(bytes),
            Ok(read) => {
                file.write_all(&buffer[..read])?;
                bytes += read as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn is_no_room(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    )
}

fn no_room(path: &Path) -> HeldError {
    HeldError::NoRoom { archive: path.to_owned(), folder: std::env::temp_dir() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use ossicle_files::open_source;
    use std::fs;

    fn packed(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(bytes).unwrap();
        let path = folder.join(name);
        fs::write(&path, packed.finish().unwrap()).unwrap();
        path
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_archive_that_has_no_room_says_what_to_do_and_is_not_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = packed(folder.path(), "a.tar.gz", &[7; 1 << 20]);
        // Whatever is written there finds no space left on the device.
        let full = File::options().write(true).open("/dev/full").unwrap();
        let unpacked = Unpacked { file: Some((Arc::new(full), 0)), ..Unpacked::default() };
        let spool = Spool(Mutex::new(unpacked));
        for _ in 0..2 {
            let error = spool.unpack(&path, open_source(&path).unwrap(), &|| false).unwrap_err();
            assert!(
                matches!(&error, HeldError::NoRoom { archive, .. } if *archive == path),
                "{error}"
            );
            assert!(error.to_string().contains("gunzip"), "{error}");
            // It is not read again.
            fs::write(&path, b"bytes").unwrap();
        }
    }

    #[test]
    fn archives_follow_one_another_and_each_is_inflated_once() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a", "b"].map(|name| packed(folder.path(), name, name.repeat(9).as_bytes()));
        let spool = Spool::default();
        let unpack = |path: &Path| spool.unpack(path, open_source(path).unwrap(), &|| false);
        for _ in 0..2 {
            for (number, path) in (0_u64..).zip(&paths) {
                let (_, place) = unpack(path).unwrap();
                assert_eq!(place, 9 * number..9 * (number + 1));
            }
            // It is not looked at again.
            fs::write(&paths[0], b"bytes").unwrap();
        }
        let torn = folder.path().join("torn");
        fs::write(&torn, &fs::read(&paths[1]).unwrap()[..12]).unwrap();
        assert!(matches!(unpack(&torn), Err(HeldError::Read(_))));
        let stopped = spool.unpack(&torn, open_source(&torn).unwrap(), &|| true).unwrap_err();
        assert!(std::error::Error::source(&stopped).unwrap().to_string().contains("stop"));
        let (_, place) = unpack(&packed(folder.path(), "c", b"123")).unwrap();
        assert_eq!(place, 18..21);
    }
}
