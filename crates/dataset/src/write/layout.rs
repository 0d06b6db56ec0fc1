//! The place of every row in every file, decided before any of them is written.

use serde::{Deserialize, Serialize};

use crate::format::{Format, Pieces};
use crate::write::split::{ArrayLayout, SplitLayout};

/// A region of a file, of [`DatasetLayout::region_bytes`] unless it is the file's last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionOrder {
    /// The file, by its place in [`DatasetLayout::files`].
    pub file: usize,
    /// The region, from 0.
    pub region: u64,
}

/// A file of an array that is to be written.
#[derive(Debug)]
pub struct ArrayFile {
    /// Relative to the dataset.
    pub path: String,
    /// The split, by its place.
    pub split: usize,
    /// The array, by its place.
    pub array: usize,
    /// The shard, by its place in the split.
    pub shard: usize,
    /// The size of the file.
    pub bytes: u64,
    pub(crate) pieces: Box<dyn Pieces>,
}

/// The array files of a dataset.
#[derive(Debug)]
pub struct DatasetLayout {
    /// The arrays.
    pub arrays: Vec<ArrayLayout>,
    /// The splits.
    pub splits: Vec<SplitLayout>,
    /// The files, split by split.
    pub files: Vec<ArrayFile>,
    /// The size of a region, which is that of the store that the files go to.
    pub region_bytes: u64,
}

impl DatasetLayout {
    /// Lays out the files of all arrays.
    ///
    /// - `region_bytes`: those of the [store](crate::Store::region_bytes) that the files go to
    pub fn new(
        arrays: Vec<ArrayLayout>,
        splits: Vec<SplitLayout>,
        format: &dyn Format,
        region_bytes: usize,
    ) -> DatasetLayout {
        let mut files = Vec::new();
        for (split, layout) in splits.iter().enumerate() {
            for (array, of_array) in arrays.iter().enumerate() {
                for (number, shard) in layout.shards.iter().enumerate() {
                    let pieces = format.lay_out(of_array, layout, shard.utterances.clone());
                    let path = format.path(&layout.name, &of_array.name, number);
                    let (shard, bytes) = (number, pieces.bytes());
                    files.push(ArrayFile { path, split, array, shard, bytes, pieces });
                }
            }
        }
        DatasetLayout { arrays, splits, files, region_bytes: region_bytes as u64 }
    }

    /// Returns the size of all array files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Returns how many regions a file has.
    pub fn regions_of(&self, file: &ArrayFile) -> u64 {
        file.bytes.div_ceil(self.region_bytes)
    }

    /// Returns every region of every file, in order.
    pub fn regions(&self) -> impl Iterator<Item = RegionOrder> {
        let of_file = |(file, array): (usize, &ArrayFile)| {
            (0..self.regions_of(array)).map(move |region| RegionOrder { file, region })
        };
        self.files.iter().enumerate().flat_map(of_file)
    }
}
