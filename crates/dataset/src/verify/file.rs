//! Single files against the card, for whoever is about to read them.

use std::fs;
use std::path::Path;

use super::check::{OTHER_BYTES, what, wrong_size};
use super::checksums::{BUFFER_BYTES, Digest};
use crate::card::{Dataset, FileCard};
use crate::error::Error;

impl Dataset {
    /// Compares files with the card before they are read: all sizes, and then the bytes of the smallest, as long as
    /// these have no more than `most_bytes` together. Returns the files whose bytes were not compared.
    ///
    /// - `wanted`: whether a file is to be read, by its path in the card
    /// - `check_stop`: called before each file is read, for whoever may be asked to stop
    ///
    /// # Errors
    /// [`Error::Damaged`] if a file is missing, or has another size or other bytes than the card says; or what
    /// `check_stop` returns.
    pub fn check_files<E: From<Error>>(
        &self,
        wanted: impl Fn(&str) -> bool,
        most_bytes: u64,
        mut check_stop: impl FnMut() -> Result<(), E>,
    ) -> Result<Vec<&FileCard>, E> {
        let mut files: Vec<_> =
            self.card().files.iter().filter(|file| wanted(&file.path)).collect();
        for file in &files {
            check_size(&self.root().join(&file.path), file)?;
        }
        files.sort_by_key(|file| file.bytes);
        let (mut buffer, mut bytes) = (vec![0; BUFFER_BYTES], 0_u64);
        for (place, file) in files.iter().enumerate() {
            bytes = bytes.saturating_add(file.bytes);
            if bytes > most_bytes {
                return Ok(files.split_off(place));
            }
            check_stop()?;
            let path = self.root().join(&file.path);
            let reason = match Digest::of(&path, None, &mut buffer) {
                Ok(digest) if digest.hash == file.blake3 => continue,
                Ok(_) => OTHER_BYTES.to_owned(),
                Err(error) => what(error),
            };
            return Err(Error::Damaged { path, reason }.into());
        }
        Ok(Vec::new())
    }
}

fn check_size(path: &Path, file: &FileCard) -> Result<(), Error> {
    let found = fs::metadata(path).map_err(Error::io("open", path));
    let wrong = match found {
        Ok(found) if !found.is_file() => Some("is not a regular file".to_owned()),
        Ok(found) => wrong_size(found.len(), file.bytes),
        Err(error) => Some(what(error)),
    };
    wrong.map_or(Ok(()), |reason| Err(Error::Damaged { path: path.to_owned(), reason }))
}
