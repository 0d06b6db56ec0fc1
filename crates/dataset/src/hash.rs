//! BLAKE3 of files that are written in pieces.
//!
//! BLAKE3 is a tree over 1 KiB chunks, so pieces of a file whose size is a power of two can be
//! hashed apart, by whoever has them in cache, and their values merged: the result is the ordinary
//! BLAKE3 of the file (the BLAKE3 paper, section 2.1 and 6.1; the `hazmat` module of the `blake3` crate).

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use blake3::hazmat::{
    ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root,
};

use crate::error::Error;

/// The size of the pieces that a file is hashed in; the last may be shorter.
pub const REGION_BYTES: usize = 4 << 20;

/// The hash of one region of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegionHash(ChainingValue);

/// Hashes the region of a file that starts at `offset`.
///
/// # Panics
/// If `offset` is not a multiple of [`REGION_BYTES`], or if `bytes` is empty (unless the file is) or
/// not whole (unless it is the last).
pub fn hash_region(bytes: &[u8], offset: u64, file_bytes: u64) -> RegionHash {
    assert!(offset.is_multiple_of(REGION_BYTES as u64), "regions start at multiples of their size");
    let whole = (file_bytes - offset).min(REGION_BYTES as u64);
    assert_eq!(bytes.len() as u64, whole, "a region is whole");
    if file_bytes <= REGION_BYTES as u64 {
        // The only region is the root of its tree.
        return RegionHash(*blake3::hash(bytes).as_bytes());
    }
    let mut hasher = blake3::Hasher::new();
    hasher.set_input_offset(offset).update(bytes);
    RegionHash(hasher.finalize_non_root())
}

/// The BLAKE3 of the file whose regions these are, in order, in hexadecimal.
///
/// # Panics
/// If there are no regions; an empty file has one.
pub fn merge_regions(regions: &[RegionHash]) -> String {
    match regions {
        [] => panic!("a file has at least one region"),
        [only] => blake3::Hash::from_bytes(only.0).to_hex().to_string(),
        _ => {
            let (left, right) = regions.split_at(left_len(regions.len()));
            merge_subtrees_root(&subtree(left), &subtree(right), Mode::Hash).to_hex().to_string()
        }
    }
}

fn subtree(regions: &[RegionHash]) -> ChainingValue {
    match regions {
        [only] => only.0,
        _ => {
            let (left, right) = regions.split_at(left_len(regions.len()));
            merge_subtrees_non_root(&subtree(left), &subtree(right), Mode::Hash)
        }
    }
}

/// The left subtree takes the largest power of two that leaves something for the right.
fn left_len(regions: usize) -> usize {
    regions.next_power_of_two() / 2
}

/// A place in a [`HashingFile`] that it can go back to.
#[derive(Debug, Clone)]
pub struct Mark {
    hasher: blake3::Hasher,
    bytes: u64,
}

/// A file written from front to back, hashed on the way.
#[derive(Debug)]
pub struct HashingFile {
    path: PathBuf,
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl HashingFile {
    /// Creates the file, or empties it.
    ///
    /// # Errors
    /// If that fails.
    pub fn create(path: &Path) -> Result<HashingFile, Error> {
        let file = File::create(path).map_err(Error::io("create", path))?;
        let file = BufWriter::with_capacity(1 << 13, file);
        Ok(HashingFile { path: path.to_owned(), file, hasher: blake3::Hasher::new(), bytes: 0 })
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes).map_err(Error::io("write", &self.path))
    }

    /// Remembers what was appended so far, for [`HashingFile::take_back`].
    pub fn mark(&self) -> Mark {
        Mark { hasher: self.hasher.clone(), bytes: self.bytes }
    }

    /// Takes back what was appended since the mark.
    ///
    /// # Errors
    /// If the file cannot be cut.
    pub fn take_back(&mut self, to: Mark) -> Result<(), Error> {
        let mut cut = || {
            self.file.flush()?;
            self.file.get_mut().set_len(to.bytes)?;
            self.file.get_mut().seek(SeekFrom::Start(to.bytes))
        };
        cut().map_err(Error::io("cut", &self.path))?;
        (self.hasher, self.bytes) = (to.hasher, to.bytes);
        Ok(())
    }

    /// How many bytes were appended.
    pub fn len(&self) -> u64 {
        self.bytes
    }

    /// Whether nothing was appended.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The BLAKE3 of what was appended so far.
    pub fn hash(&self) -> [u8; 32] {
        *self.hasher.finalize().as_bytes()
    }

    /// Hands everything to the operating system, closes the file and says its size and its BLAKE3, in
    /// hexadecimal.
    ///
    /// # Errors
    /// If the disk is full, or the like. Over a network that may not show before the file is closed.
    pub fn finish(self) -> Result<(u64, String), Error> {
        self.end(false)
    }

    /// The same, with the file on the disk before it returns.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    pub fn finish_synced(self) -> Result<(u64, String), Error> {
        self.end(true)
    }

    fn end(self, sync: bool) -> Result<(u64, String), Error> {
        let hash = self.hasher.finalize().to_hex().to_string();
        let flushed = self.file.into_inner().map_err(io::IntoInnerError::into_error);
        let file = flushed.map_err(Error::io("write", &self.path))?;
        if sync {
            file.sync_all().map_err(Error::io("sync", &self.path))?;
        }
        close(file).map_err(Error::io("close", &self.path))?;
        Ok((self.bytes, hash))
    }
}

/// Closes a file that was written. Dropping it would hide what the system says then: over a network that
/// a disk was full, for example.
///
/// # Errors
/// What the system says.
pub fn close(file: File) -> io::Result<()> {
    nix::unistd::close(file).map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_back_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, with_more: bool| {
            let path = folder.path().join(name);
            let mut file = HashingFile::create(&path).unwrap();
            file.append(&[1; 10_000]).unwrap();
            if with_more {
                let mark = file.mark();
                file.append(&[2; 9_000]).unwrap();
                file.append(&[3; 9]).unwrap();
                file.take_back(mark).unwrap();
            }
            file.append(&[4; 100]).unwrap();
            (file.finish().unwrap(), std::fs::read(path).unwrap())
        };
        assert_eq!(write("with", true), write("without", false));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_whenever_it_shows() {
        // Everything written there finds no room.
        let full = Path::new("/dev/full");
        let error = HashingFile::create(full).unwrap().append(&[0; 1 << 20]).unwrap_err();
        assert_eq!(error.to_string(), "cannot write /dev/full");
        // What fits the buffer shows at the end.
        let mut file = HashingFile::create(full).unwrap();
        file.append(&[0; 10]).unwrap();
        assert_eq!(file.finish().unwrap_err().to_string(), "cannot write /dev/full");
    }

    #[test]
    fn merged_regions_are_the_hash_of_the_file() {
        let sizes = [0, 1, REGION_BYTES - 1, REGION_BYTES, REGION_BYTES + 1];
        let more = [2, 3, 4, 5, 7, 8, 9].map(|n| n * REGION_BYTES);
        for size in sizes.into_iter().chain(more).chain(more.map(|n| n + 1000)) {
            let bytes: Vec<u8> = (0..size).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect();
            let regions: Vec<_> = (0..size.max(1))
                .step_by(REGION_BYTES)
                .map(|at| {
                    let region = &bytes[at..(at + REGION_BYTES).min(size)];
                    hash_region(region, at as u64, size as u64)
                })
                .collect();
            assert_eq!(merge_regions(&regions), blake3::hash(&bytes).to_hex().as_str(), "{size}");
        }
    }
}
