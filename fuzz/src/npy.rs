//! Any bytes as an array of a dataset.

use std::fs;
use std::path::Path;

use ossicle_dataset::{IndexReader, NPY_HEADER_BYTES, NpyHeader, read_labels, read_rows};

/// Reads the bytes as an index, and their first, middle and last rows as features and as labels.
pub fn check(bytes: &[u8], folder: &Path) {
    if let Ok((header, length)) = NpyHeader::parse(bytes) {
        assert!(length <= bytes.len());
        if header.shape.len() <= 2 {
            let again = NpyHeader::parse(&header.to_bytes());
            assert_eq!(again.ok(), Some((header, NPY_HEADER_BYTES)));
        }
    }
    let path = folder.join("array.npy");
    fs::write(&path, bytes).expect("the folder for temporary files can be written to");
    if let Ok(index) = IndexReader::open(&path) {
        assert_eq!(index.num_rows(), (bytes.len() - NPY_HEADER_BYTES) as u64 / 24);
        let most = index.num_rows() as usize;
        assert!(index.count() <= most);
    }
    let Ok(header) = NpyHeader::read(&path) else { return };
    let data_bytes = (bytes.len() - NPY_HEADER_BYTES) as u128;
    let size = header.dtype.size() as u128;
    let counted = header.shape.iter().try_fold(size, |bytes, &n| bytes.checked_mul(n.into()));
    // Where there is not a single number, other dimensions may be of any size.
    assert!(counted == Some(data_bytes) || header.shape.contains(&0), "{header}");
    let num_rows = header.shape.first().copied().unwrap_or(0);
    let (mut features, mut labels) = (Vec::new(), Vec::new());
    for rows in [0..num_rows, num_rows / 2..num_rows, 0..num_rows.min(1), 1..num_rows / 3] {
        let _ = read_rows(&path, &header, rows.clone(), &mut features);
        let _ = read_labels(&path, &header, rows, &mut labels);
        assert!(4 * features.capacity() <= bytes.len().max(64));
        assert!(2 * labels.capacity() <= bytes.len().max(64));
    }
}
