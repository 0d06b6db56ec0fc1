//! BLAKE3 of files that are written in pieces.
//!
//! BLAKE3 is a tree over 1 KiB chunks, so pieces of a file whose size is a power of two can be
//! hashed apart, by whoever has them in cache, and their values merged: the result is the ordinary
//! BLAKE3 of the file (the BLAKE3 paper, section 2.1 and 6.1; the `hazmat` module of the `blake3` crate).

use serde::{Deserialize, Serialize};

use blake3::hazmat::{
    ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root,
};

/// The size of the pieces that a file in a folder is written and hashed in; the last may be shorter.
pub const REGION_BYTES: usize = 4 << 20;

/// The hash of one region of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionHash(ChainingValue);

/// Hashes the region of a file that starts at `offset`.
///
/// - `region_bytes`: the size of the file's regions, but for the last
///
/// # Panics
/// If `region_bytes` is no power of two of 1024 or more, if `offset` is not a multiple of it, or if `bytes` is
/// empty (unless the file is) or not whole (unless it is the last).
pub(crate) fn hash_region(
    bytes: &[u8],
    offset: u64,
    file_bytes: u64,
    region_bytes: u64,
) -> RegionHash {
    assert!(region_bytes.is_power_of_two() && region_bytes >= 1024, "a region is a subtree");
    assert!(offset.is_multiple_of(region_bytes), "regions start at multiples of their size");
    let whole = (file_bytes - offset).min(region_bytes);
    assert_eq!(bytes.len() as u64, whole, "a region is whole");
    if file_bytes <= region_bytes {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_regions_are_the_hash_of_the_file() {
        for whole in [REGION_BYTES, 2 * REGION_BYTES] {
            let sizes = [0, 1, whole - 1, whole, whole + 1];
            let more = [2, 3, 4, 5, 7].map(|n| n * whole);
            for size in sizes.into_iter().chain(more).chain(more.map(|n| n + 1000)) {
                let bytes: Vec<u8> = (0..size).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect();
                let regions: Vec<_> = (0..size.max(1))
                    .step_by(whole)
                    .map(|at| {
                        let region = &bytes[at..(at + whole).min(size)];
                        hash_region(region, at as u64, size as u64, whole as u64)
                    })
                    .collect();
                let expected = blake3::hash(&bytes).to_hex();
                assert_eq!(merge_regions(&regions), expected.as_str(), "{size} in {whole}");
            }
        }
    }
}
