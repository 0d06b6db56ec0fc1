//! Arrays in NumPy's files.

use std::fs;
use std::path::Path;

/// An array of a `.npy` file, to look at what was written.
///
/// Written from the documentation of NumPy's `numpy.lib.format`, version 1.0, and not from the product's
/// own reader. The crates that read such files (npyz 0.9, ndarray-npy 0.10) bring 27 others, a parser
/// generator and a C compiler among them, for the text of the header.
#[derive(Debug)]
pub struct Npy {
    /// The type of a number as NumPy writes it (`<f4`), or the list of a structure's fields.
    pub descr: String,
    /// The number of rows, then of columns and so on; empty for a single number.
    pub shape: Vec<usize>,
    /// True where the first index is the fastest; as the product writes them, the last is.
    pub fortran_order: bool,
    /// The numbers, little-endian.
    pub data: Vec<u8>,
}

impl Npy {
    /// Reads a `.npy` file.
    ///
    /// # Panics
    /// If the file cannot be read, is no array of version 1.0, or has another size than its
    /// header says.
    #[track_caller]
    pub fn read(path: impl AsRef<Path>) -> Npy {
        let path = path.as_ref();
        let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Npy::parse(&bytes).unwrap_or_else(|| panic!("{} is no array", path.display()))
    }

    /// Takes a file's bytes apart; `None` if they are no array.
    fn parse(bytes: &[u8]) -> Option<Npy> {
        let (length, rest) = bytes.strip_prefix(b"\x93NUMPY\x01\x00")?.split_first_chunk()?;
        let (text, data) = rest.split_at_checked(u16::from_le_bytes(*length).into())?;
        // What comes first is at a multiple of 64 bytes, and a line feed ends the header.
        let text = std::str::from_utf8(text).ok()?.strip_suffix('\n')?;
        let is_aligned = (bytes.len() - data.len()).is_multiple_of(64);
        let (descr, rest) = text.strip_prefix("{'descr': ")?.split_once(", 'fortran_order': ")?;
        let (order, rest) = rest.split_once(", 'shape': (")?;
        let fortran_order = match order {
            "True" => true,
            "False" => false,
            _ => return None,
        };
        let shape = rest.split_once("), }")?.0;
        let shape = shape.split(',').map(str::trim).filter(|n| !n.is_empty());
        let shape: Vec<usize> = shape.map(|n| n.parse().ok()).collect::<Option<_>>()?;
        // A number's type is in quotes, a structure's in brackets.
        let descr = descr.trim_matches('\'').to_owned();
        let sizes = descr.split('\'').map(|word| word.trim_start_matches(['<', 'f', 'i']));
        let size: usize = sizes.filter_map(|word| word.parse::<usize>().ok()).sum();
        let is_whole = data.len() == shape.iter().product::<usize>() * size;
        (is_aligned && is_whole).then(|| Npy { descr, shape, fortran_order, data: data.to_vec() })
    }

    #[track_caller]
    fn assert_is(&self, descr: &str) {
        assert_eq!(self.descr, descr);
        assert!(!self.fortran_order || self.shape.len() < 2, "rows are not together");
    }

    /// Returns a column of whole or floating-point numbers, in whatever order they lie.
    ///
    /// # Panics
    /// If there is no such column, or the numbers are of another type.
    #[track_caller]
    pub fn column(&self, column: usize) -> Vec<f64> {
        let [rows, columns] = self.shape[..] else { panic!("not of two dimensions") };
        assert!(column < columns, "there are {columns} columns");
        let bytes = self.data.len() / (rows * columns).max(1);
        let number = |at: usize| {
            let bytes = &self.data[at * bytes..][..bytes];
            match (&*self.descr, bytes) {
                ("<i2", &[a, b]) => i16::from_le_bytes([a, b]).into(),
                ("<i4", &[a, b, c, d]) => i32::from_le_bytes([a, b, c, d]).into(),
                ("<f4", &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]).into(),
                (other, _) => panic!("numbers are {other}"),
            }
        };
        let place = |row| match self.fortran_order {
            true => column * rows + row,
            false => row * columns + column,
        };
        (0..rows).map(|row| number(place(row))).collect()
    }

    /// Returns all numbers.
    ///
    /// # Panics
    /// If they are of another type.
    #[track_caller]
    pub fn f32s(&self) -> Vec<f32> {
        self.assert_is("<f4");
        self.data.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect()
    }

    /// Returns all numbers.
    ///
    /// # Panics
    /// If they are of another type.
    #[track_caller]
    pub fn f64s(&self) -> Vec<f64> {
        self.assert_is("<f8");
        self.data.as_chunks().0.iter().map(|&b| f64::from_le_bytes(b)).collect()
    }

    /// Returns all numbers.
    ///
    /// # Panics
    /// If they are of another type.
    #[track_caller]
    pub fn i16s(&self) -> Vec<i16> {
        self.assert_is("<i2");
        self.data.as_chunks().0.iter().map(|&b| i16::from_le_bytes(b)).collect()
    }

    /// Returns all numbers.
    ///
    /// # Panics
    /// If they are of another type.
    #[track_caller]
    pub fn i64s(&self) -> Vec<i64> {
        self.assert_is("<i8");
        self.data.as_chunks().0.iter().map(|&b| i64::from_le_bytes(b)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file as NumPy 2.2 writes it, of this dictionary.
    fn file(dictionary: &str, data: &[u8]) -> Vec<u8> {
        let mut text = format!("{dictionary:<117}\n");
        text.truncate(118);
        [b"\x93NUMPY\x01\x00\x76\x00", text.as_bytes(), data].concat()
    }

    #[test]
    fn numbers_and_structures_are_read() {
        let bytes = file(
            "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }",
            b"\x01\0\xFF\xFF\0\x80",
        );
        let array = Npy::parse(&bytes).expect("an array");
        assert_eq!((array.i16s(), array.shape), (vec![1, -1, i16::MIN], vec![3]));

        let float = 1.5_f32.to_le_bytes().repeat(6);
        let bytes = file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", &float);
        let array = Npy::parse(&bytes).expect("an array");
        assert_eq!((array.f32s(), array.shape), (vec![1.5; 6], vec![2, 3]));

        let fields =
            "{'descr': [('a', '<i4'), ('b', '<i8')], 'fortran_order': False, 'shape': (2,), }";
        let array = Npy::parse(&file(fields, &[0; 24])).expect("an array");
        assert_eq!(array.descr, "[('a', '<i4'), ('b', '<i8')]");
    }

    #[test]
    fn what_is_not_such_an_array_is_not_taken_for_one() {
        let rows = "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }";
        assert!(Npy::parse(&file(rows, &[0; 6])).is_some());
        assert!(Npy::parse(&file(rows, &[0; 7])).is_none());
        assert!(Npy::parse(&file(rows, &[0; 6])[1..]).is_none());
        assert!(Npy::parse(&file(&rows.replace("False", "Maybe"), &[0; 6])).is_none());
        // A header of 127 bytes: NumPy pads to 128.
        let mut short = file(rows, &[0; 6]);
        short[8] = 0x75;
        short.remove(100);
        assert!(Npy::parse(&short).is_none());
    }
}
