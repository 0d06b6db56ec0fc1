//! BLAKE3 of files that are written in pieces.
//!
//! BLAKE3 is a tree over 1 KiB chunks, so pieces of a file whose size is a power of two can be
//! hashed apart, by whoever has them in cache, and their values merged: the result is the ordinary
//! BLAKE3 of the file (the BLAKE3 paper, section 2.1 and 6.1; the `hazmat` module of the `blake3` crate).

use std::fs::File;
use std::io::{self, BufWriter, Write};
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

    /// Hands everything to the operating system and says the size and the BLAKE3, in hexadecimal.
    ///
    /// # Errors
    /// If the disk is full, or the like.
    pub fn finish(self) -> Result<(u64, String), Error> {
        let hash = self.hasher.finalize().to_hex().to_string();
        let flushed = self.file.into_inner().map_err(io::IntoInnerError::into_error);
        flushed.map_err(Error::io("write", &self.path))?;
        Ok((self.bytes, hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
