//! Reads rows of the arrays.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use crate::error::Error;
use crate::format::events::event_of;
use crate::format::npy::{Dtype, MOST_HEADER_BYTES, NpyHeader};
use crate::open::{fill, open_file};

impl NpyHeader {
    /// Reads the header of one of a dataset's arrays.
    ///
    /// # Errors
    /// If the file cannot be read, has no such header, or has another size than the header says.
    pub fn read(path: &Path) -> Result<NpyHeader, Error> {
        let (mut file, bytes) = open_file(path)?;
        let header = NpyHeader::of(path, &mut file)?;
        check_size(path, &header, bytes)?;
        Ok(header)
    }

    /// The header at the beginning of a file, which may be shorter or longer than it says.
    pub(crate) fn of(path: &Path, file: &mut File) -> Result<NpyHeader, Error> {
        let mut bytes = [0; MOST_HEADER_BYTES];
        let filled = fill(file, &mut bytes).map_err(Error::io("read", path))?;
        let (header, length) =
            NpyHeader::parse(&bytes[..filled]).map_err(|error| Error::bad_file(path, error))?;
        let expected = header.dtype.header_bytes();
        if length != expected {
            let reason = format!("its header has {length} bytes; it must have {expected}");
            return Err(Error::bad_file(path, reason));
        }
        Ok(header)
    }

    /// Returns the count of numbers in a row; `None` if that is more than fits.
    fn row_len(&self) -> Option<u64> {
        self.shape.iter().skip(1).try_fold(1_u64, |numbers, &n| numbers.checked_mul(n))
    }
}

/// Returns an error if the file is not as large as its header says.
pub(crate) fn check_size(path: &Path, header: &NpyHeader, bytes: u64) -> Result<(), Error> {
    let expected =
        header.data_bytes().and_then(|n| n.checked_add(header.dtype.header_bytes() as u64));
    if expected == Some(bytes) {
        return Ok(());
    }
    let expected = expected.map_or("more than there can be".to_owned(), |n| n.to_string());
    let reason = format!("has {bytes} bytes; its header, {header}, says {expected}");
    Err(Error::bad_file(path, reason))
}

/// Reads rows of a float32 array, such as those of one utterance.
///
/// - `header`: what [`NpyHeader::read`] says of the file, read once for all of its utterances
/// - `rows`: the first row, and the row after the last
/// - `out`: replaced by the rows' numbers, one row after the other
///
/// # Errors
/// If the file cannot be read, holds other numbers, or ends before those rows.
pub fn read_rows(
    path: &Path,
    header: &NpyHeader,
    rows: Range<u64>,
    out: &mut Vec<f32>,
) -> Result<(), Error> {
    read_numbers(path, header, Dtype::Float32, rows, f32::from_le_bytes, out)
}

/// Reads rows of an int16 array, such as the labels of one utterance.
///
/// Everything else is as in [`read_rows`].
///
/// # Errors
/// Those of [`read_rows`].
pub fn read_labels(
    path: &Path,
    header: &NpyHeader,
    rows: Range<u64>,
    out: &mut Vec<i16>,
) -> Result<(), Error> {
    read_numbers(path, header, Dtype::Int16, rows, i16::from_le_bytes, out)
}

/// Reads rows of an int32 array, such as labels of very many classes.
///
/// Everything else is as in [`read_rows`].
///
/// # Errors
/// Those of [`read_rows`].
pub fn read_wide_labels(
    path: &Path,
    header: &NpyHeader,
    rows: Range<u64>,
    out: &mut Vec<i32>,
) -> Result<(), Error> {
    read_numbers(path, header, Dtype::Int32, rows, i32::from_le_bytes, out)
}

/// Reads events: of each its channel, its sample and its amplitude.
///
/// Everything else is as in [`read_rows`].
///
/// # Errors
/// Those of [`read_rows`].
pub fn read_events(
    path: &Path,
    header: &NpyHeader,
    rows: Range<u64>,
    out: &mut Vec<(i32, i64, f32)>,
) -> Result<(), Error> {
    read_numbers(path, header, Dtype::Event, rows, event_of, out)
}

fn read_numbers<const SIZE: usize, T>(
    path: &Path,
    header: &NpyHeader,
    dtype: Dtype,
    rows: Range<u64>,
    number: impl Fn([u8; SIZE]) -> T,
    out: &mut Vec<T>,
) -> Result<(), Error> {
    out.clear();
    let bad = |reason: String| Error::bad_file(path, reason);
    if header.dtype != dtype {
        return Err(bad(format!("is {header}; {dtype} was asked for")));
    }
    let (mut file, file_bytes) = open_file(path)?;
    // The header and the rows may be those of another file, or of this one before it was changed.
    let row_bytes = header.row_len().and_then(|numbers| numbers.checked_mul(SIZE as u64));
    let place = |row: u64| row.checked_mul(row_bytes?)?.checked_add(dtype.header_bytes() as u64);
    let (Some(start), Some(end)) = (place(rows.start), place(rows.end)) else {
        return Err(bad(format!("rows {rows:?} of {header} cannot be")));
    };
    let num_rows = header.shape.first().copied().unwrap_or(0);
    if rows.start > rows.end || rows.end > num_rows || end > file_bytes {
        let reason = format!("has no rows {rows:?}: it is {header}, in {file_bytes} bytes");
        return Err(bad(reason));
    }
    file.seek(SeekFrom::Start(start)).map_err(Error::io("read", path))?;
    // Not more than the file has, by the check above.
    out.reserve(usize::try_from((end - start) / SIZE as u64).unwrap_or(usize::MAX));
    let mut buffer = [0; 1 << 14];
    let mut left = end - start;
    while left > 0 {
        let count = left.min(buffer.len() as u64) as usize;
        file.read_exact(&mut buffer[..count]).map_err(Error::io("read", path))?;
        out.extend(buffer[..count].as_chunks().0.iter().map(|&bytes| number(bytes)));
        left -= count as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::events::event_rows;
    use std::fs;
    use std::path::PathBuf;

    /// A file of `rows` rows of `columns` numbers, which count from 0.
    fn array(rows: u64, columns: u64) -> (tempfile::TempDir, PathBuf, NpyHeader) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("features-00000.npy");
        let header = NpyHeader { dtype: Dtype::Float32, shape: vec![rows, columns] };
        let mut bytes = header.to_bytes();
        bytes.extend((0..rows * columns).flat_map(|x| (x as f32).to_le_bytes()));
        fs::write(&path, bytes).unwrap();
        (folder, path, header)
    }

    #[test]
    fn the_rows_asked_for_are_read_whatever_the_vector_held() {
        // More than a buffer, and rows that lie across its end.
        let (_folder, path, header) = array(1000, 7);
        assert_eq!(NpyHeader::read(&path).unwrap(), header);
        let mut out = vec![f32::NAN; 3];
        for rows in [0..0, 0..1, 3..5, 0..1000, 900..1000, 1000..1000] {
            read_rows(&path, &header, rows.clone(), &mut out).unwrap();
            let expected: Vec<f32> = (7 * rows.start..7 * rows.end).map(|x| x as f32).collect();
            assert_eq!(out, expected, "{rows:?}");
        }
    }

    #[test]
    fn labels_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels-00000.npy");
        let header = NpyHeader { dtype: Dtype::Int16, shape: vec![4] };
        let labels = [-1_i16, 0, i16::MAX, i16::MIN].map(i16::to_le_bytes).concat();
        fs::write(&path, [header.to_bytes(), labels].concat()).unwrap();
        let mut out = Vec::new();
        read_labels(&path, &header, 1..4, &mut out).unwrap();
        assert_eq!(out, [0, i16::MAX, i16::MIN]);
        let error = read_rows(&path, &header, 0..1, &mut Vec::new()).unwrap_err().to_string();
        assert!(error.ends_with("is int16 (4,); float32 was asked for"), "{error}");
    }

    #[test]
    fn events_and_wide_labels_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spikes-00000.npy");
        let header = NpyHeader { dtype: Dtype::Event, shape: vec![3] };
        let events = [(0, 7, -0.5), (31, 1 << 40, 1e-9), (2, 0, 3.0)];
        fs::write(&path, [header.to_bytes(), event_rows(events)].concat()).unwrap();
        let mut out = Vec::new();
        read_events(&path, &header, 1..3, &mut out).unwrap();
        assert_eq!(out, [(31, 1 << 40, 1e-9), (2, 0, 3.0)]);

        let header = NpyHeader { dtype: Dtype::Int32, shape: vec![2] };
        let labels = [-1_i32, 100_000].map(i32::to_le_bytes).concat();
        fs::write(&path, [header.to_bytes(), labels].concat()).unwrap();
        let mut out = Vec::new();
        read_wide_labels(&path, &header, 0..2, &mut out).unwrap();
        assert_eq!(out, [-1, 100_000]);
    }

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "an index from disk may say so")]
    fn rows_that_are_not_there_are_an_error_and_no_allocation() {
        let (_folder, path, header) = array(10, 7);
        let huge = NpyHeader { dtype: Dtype::Float32, shape: vec![1 << 40, 7] };
        let short = NpyHeader { dtype: Dtype::Float32, shape: vec![5, 7] };
        let absurd = NpyHeader { dtype: Dtype::Float32, shape: vec![u64::MAX; 3] };
        for (header, rows) in [
            (&header, 0..11),
            (&header, 9..u64::MAX),
            (&header, 5..4),
            (&short, 0..6),
            (&huge, 0..1 << 40),
            (&huge, 0..11),
            (&absurd, 0..1),
        ] {
            let mut out = Vec::new();
            let error = read_rows(&path, header, rows.clone(), &mut out).unwrap_err().to_string();
            assert!(error.contains(&format!("rows {rows:?}")), "{error}");
            assert_eq!(out.capacity(), 0);
        }
    }

    #[test]
    fn a_header_of_another_length_or_another_files_size_is_an_error() {
        let (_folder, path, _) = array(2, 2);
        let bytes = fs::read(&path).unwrap();
        let mut short = bytes.clone();
        short[8] = 60;
        for (bytes, words) in [
            (&bytes[..143], "has 143 bytes; its header, float32 (2, 2), says 144"),
            (&[&bytes[..], b"\0"].concat(), "has 145 bytes; its header, float32 (2, 2), says 144"),
            (&short, "its header has 70 bytes; it must have 128"),
            (b"PK\x03\x04", "magic"),
            (b"", "magic"),
        ] {
            fs::write(&path, bytes).unwrap();
            let error = NpyHeader::read(&path).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
