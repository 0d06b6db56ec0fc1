//! Reads `index.npy`, a row at a time.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::arrays::check_size;
use crate::error::Error;
use crate::format::npy::{Dtype, NPY_HEADER_BYTES, NpyHeader};
use crate::open::open_file;

/// The place of an utterance's frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexRow {
    /// The number of the shard, from 0.
    pub shard: usize,
    /// The utterance's first row in the shard.
    pub first_frame: u64,
    /// The number of its rows.
    pub num_frames: u64,
}

/// The size of a row: three numbers.
const ROW_BYTES: usize = 24;

/// The rows of an `index.npy`, in order of utterance; after an error there are no more.
///
/// One row is in memory at a time, however many there are.
#[derive(Debug)]
pub struct IndexReader {
    path: PathBuf,
    input: BufReader<File>,
    num_rows: u64,
    next: u64,
}

impl IndexReader {
    /// Opens an index and reads its header.
    ///
    /// # Errors
    /// If that fails, or its header is not that of an index of the file's size.
    pub fn open(path: &Path) -> Result<IndexReader, Error> {
        let (mut file, bytes) = open_file(path)?;
        let header = NpyHeader::of(path, &mut file)?;
        check_size(path, &header, bytes)?;
        let &[num_rows, 3] = &header.shape[..] else { return Err(not_an_index(path, &header)) };
        if header.dtype != Dtype::Int64 {
            return Err(not_an_index(path, &header));
        }
        let start = SeekFrom::Start(NPY_HEADER_BYTES as u64);
        file.seek(start).map_err(Error::io("read", path))?;
        let input = BufReader::with_capacity(1 << 16, file);
        Ok(IndexReader { path: path.to_owned(), input, num_rows, next: 0 })
    }

    /// Returns the number of utterances in the split.
    pub fn num_rows(&self) -> u64 {
        self.num_rows
    }

    fn read_row(&mut self) -> Result<IndexRow, Error> {
        let mut bytes = [0; ROW_BYTES];
        self.input.read_exact(&mut bytes).map_err(Error::io("read", &self.path))?;
        let numbers = bytes.as_chunks().0;
        let [shard, first_frame, num_frames] =
            [0, 1, 2].map(|column| i64::from_le_bytes(numbers[column]));
        let bad = |number: i64| {
            Error::bad_file(&self.path, format!("row {} holds the number {number}", self.next))
        };
        Ok(IndexRow {
            shard: usize::try_from(shard).map_err(|_| bad(shard))?,
            first_frame: u64::try_from(first_frame).map_err(|_| bad(first_frame))?,
            num_frames: u64::try_from(num_frames).map_err(|_| bad(num_frames))?,
        })
    }
}

fn not_an_index(path: &Path, header: &NpyHeader) -> Error {
    Error::bad_file(path, format!("is {header}; an index is int64 (utterances, 3)"))
}

impl Iterator for IndexReader {
    type Item = Result<IndexRow, Error>;

    fn next(&mut self) -> Option<Result<IndexRow, Error>> {
        if self.next == self.num_rows {
            return None;
        }
        let row = self.read_row();
        self.next = if row.is_ok() { self.next + 1 } else { self.num_rows };
        Some(row)
    }

    /// Passes rows over without reading them: all have one size.
    fn nth(&mut self, n: usize) -> Option<Result<IndexRow, Error>> {
        let n = (n as u64).min(self.num_rows - self.next);
        // Rows of the file's size: what is passed over fits.
        let passed = self.input.seek_relative((n * ROW_BYTES as u64) as i64);
        self.next += n;
        if let Err(error) = passed {
            self.next = self.num_rows;
            return Some(Err(Error::io("read", &self.path)(error)));
        }
        self.next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn open(shape: &[u64], dtype: Dtype, numbers: &[i64]) -> Result<IndexReader, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.npy");
        let mut bytes = NpyHeader { dtype, shape: shape.to_vec() }.to_bytes();
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        fs::write(&path, bytes).unwrap();
        IndexReader::open(&path)
    }

    #[test]
    fn rows_come_in_order_and_then_no_more() {
        let mut index = open(&[2, 3], Dtype::Int64, &[0, 0, 7, 1, 0, i64::MAX]).unwrap();
        assert_eq!(index.num_rows(), 2);
        let row = |shard, first_frame, num_frames| IndexRow { shard, first_frame, num_frames };
        assert_eq!(index.next().unwrap().unwrap(), row(0, 0, 7));
        assert_eq!(index.next().unwrap().unwrap(), row(1, 0, i64::MAX as u64));
        assert!(index.next().is_none());
        assert!(open(&[0, 3], Dtype::Int64, &[]).unwrap().next().is_none());
    }

    #[test]
    fn any_row_is_found_as_by_going_through_all_before_it() {
        let numbers: Vec<i64> = (0..30).collect();
        let all: Vec<_> =
            open(&[10, 3], Dtype::Int64, &numbers).unwrap().map(Result::unwrap).collect();
        for n in 0..12 {
            let mut index = open(&[10, 3], Dtype::Int64, &numbers).unwrap();
            assert_eq!(index.nth(n).transpose().unwrap(), all.get(n).copied(), "{n}");
            let rest: Vec<_> = index.map(Result::unwrap).collect();
            assert_eq!(rest, all.get(n + 1..).unwrap_or_default(), "{n}");
        }
    }

    #[test]
    fn a_number_below_0_is_an_error_that_names_its_row_and_is_the_last() {
        let mut index = open(&[3, 3], Dtype::Int64, &[0, 0, 7, 0, -7, 1, 0, 8, 1]).unwrap();
        assert!(index.next().unwrap().is_ok());
        let error = index.next().unwrap().unwrap_err().to_string();
        assert!(error.ends_with("index.npy: row 1 holds the number -7"), "{error}");
        assert!(index.next().is_none());
    }

    #[test]
    fn what_is_no_index_is_an_error_that_says_what_it_is() {
        for (shape, dtype, words) in [
            (&[2, 4][..], Dtype::Int64, "is int64 (2, 4); an index is int64 (utterances, 3)"),
            (&[8], Dtype::Int64, "is int64 (8,); an index"),
            (&[16, 1], Dtype::Float32, "is float32 (16, 1); an index"),
            (&[3, 3], Dtype::Int64, "has 192 bytes; its header, int64 (3, 3), says 200"),
            (&[2, 3], Dtype::Int64, "has 192 bytes; its header, int64 (2, 3), says 176"),
        ] {
            let error = open(shape, dtype, &[0; 8]).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        let error = open(&[6, 3], Dtype::Float32, &[0; 9]).unwrap_err().to_string();
        assert!(error.contains("is float32 (6, 3); an index"), "{error}");
    }
}
