//! Writes array files in regions: each is made whole in memory, hashed there, and written once.

use std::ops::Range;

use crate::error::Error;
use crate::format::{Located, Piece};
use crate::store::{DIRECT_ALIGNMENT, RegionWriter, Store};
use crate::write::hash::{RegionHash, hash_region};
use crate::write::layout::{DatasetLayout, RegionOrder};

/// Rows of an utterance in an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsWanted {
    /// The split, by its place.
    pub split: usize,
    /// The array, by its place in [`DatasetLayout::arrays`].
    pub array: usize,
    /// The utterance, by its place in the split.
    pub utterance: usize,
    /// The utterance's rows that are asked for.
    pub rows: Range<u64>,
}

/// Has the rows that files are made of.
pub trait RowSource {
    /// The error of a source that cannot give its rows.
    type Error: From<Error>;

    /// Appends rows as they lie in a file: numbers little-endian, one row after the other.
    ///
    /// # Errors
    /// If they cannot be had.
    fn append(&mut self, wanted: &RowsWanted, out: &mut Vec<u8>) -> Result<(), Self::Error>;
}

/// Writes regions. It has one file of the store open at a time.
#[derive(Debug)]
pub struct Regions<'a> {
    layout: &'a DatasetLayout,
    store: &'a dyn Store,
    /// The folder of the store that the dataset's files go to, with `/` at its end, or nothing.
    folder: &'a str,
    open: Option<(usize, Box<dyn RegionWriter>)>,
    bytes: Vec<u8>,
}

impl<'a> Regions<'a> {
    /// - `folder`: of the store that the dataset's files go to, with `/` at its end, or nothing
    pub fn new(layout: &'a DatasetLayout, store: &'a dyn Store, folder: &'a str) -> Regions<'a> {
        Regions { layout, store, folder, open: None, bytes: Vec::new() }
    }

    /// Makes and writes a region, and returns its hash.
    ///
    /// # Errors
    /// If its rows cannot be had, or it cannot be written.
    pub fn write<R: RowSource + ?Sized>(
        &mut self,
        order: RegionOrder,
        source: &mut R,
    ) -> Result<RegionHash, R::Error> {
        let file = &self.layout.files[order.file];
        let whole = self.layout.region_bytes;
        let begin = order.region * whole;
        let end = (begin + whole).min(file.bytes);
        let mut bytes = std::mem::take(&mut self.bytes);
        let before = self.make(order.file, begin..end, source, &mut bytes)?;
        let region = &bytes[before..before + (end - begin) as usize];
        self.writer(order.file)?.write_at(region, begin)?;
        let hash = hash_region(region, begin, file.bytes, whole);
        self.bytes = bytes;
        Ok(hash)
    }

    fn writer(&mut self, file: usize) -> Result<&dyn RegionWriter, Error> {
        if self.open.as_ref().is_none_or(|(open, _)| *open != file) {
            // Closed first, so that there are never two.
            self.open = None;
            let name = format!("{}{}", self.folder, self.layout.files[file].path);
            self.open = Some((file, self.store.region_writer(&name)?));
        }
        match &self.open {
            Some((_, writer)) => Ok(&**writer),
            None => unreachable!("opened just now"),
        }
    }

    /// Puts a stretch of a file into `out`, with a part of a row before and behind it. Returns how many
    /// bytes there are before: so many that the stretch lies in memory as a disk takes it.
    fn make<R: RowSource + ?Sized>(
        &self,
        number: usize,
        stretch: Range<u64>,
        source: &mut R,
        out: &mut Vec<u8>,
    ) -> Result<usize, R::Error> {
        let file = &self.layout.files[number];
        let split = &self.layout.splits[file.split];
        let row_bytes = self.layout.arrays[file.array].row_bytes();
        let skipped = match file.pieces.piece_at(stretch.start, split) {
            Located { begin, piece: Piece::Rows { .. } } => (stretch.start - begin) % row_bytes,
            Located { piece: Piece::Bytes(_), .. } => 0,
        } as usize;
        out.clear();
        // Never moved while it grows, it stays aligned.
        let most = (stretch.end - stretch.start + 2 * row_bytes) as usize;
        out.reserve(most + DIRECT_ALIGNMENT);
        let padding = (out.as_ptr().addr() + skipped).wrapping_neg() % DIRECT_ALIGNMENT;
        out.resize(padding, 0);
        let mut at = stretch.start;
        while at < stretch.end {
            let Located { begin, piece } = file.pieces.piece_at(at, split);
            match piece {
                Piece::Bytes(bytes) => {
                    let end = (begin + bytes.len() as u64).min(stretch.end);
                    out.extend_from_slice(&bytes[(at - begin) as usize..(end - begin) as usize]);
                    at = end;
                }
                Piece::Rows { utterance, rows } => {
                    let first = (at - begin) / row_bytes;
                    let behind = (stretch.end - begin).div_ceil(row_bytes);
                    let wanted = rows.start + first..rows.end.min(rows.start + behind);
                    at = begin + (wanted.end - rows.start) * row_bytes;
                    let (split, array) = (file.split, file.array);
                    source.append(&RowsWanted { split, array, utterance, rows: wanted }, out)?;
                }
            }
        }
        Ok(padding + skipped)
    }
}
