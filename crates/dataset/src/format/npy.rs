//! NumPy's file format, version 1.0 (NumPy Enhancement Proposal 1, `numpy.lib.format`).

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::Error;
use crate::format::events::EVENT;

/// The type of the numbers of an array. Everything is little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dtype {
    /// IEEE 754 single precision.
    Float32,
    /// Two's complement of 16 bits.
    Int16,
    /// Two's complement of 32 bits.
    Int32,
    /// Two's complement of 64 bits.
    Int64,
    /// A structure of an event: `channel`, int32; `sample`, int64; `amplitude`, float32. Not aligned.
    Event,
}

impl Dtype {
    const ALL: [Dtype; 5] =
        [Dtype::Float32, Dtype::Int16, Dtype::Int32, Dtype::Int64, Dtype::Event];

    /// Returns the bytes that a number takes.
    pub const fn size(self) -> usize {
        match self {
            Dtype::Event => 16,
            Dtype::Int16 => 2,
            Dtype::Float32 | Dtype::Int32 => 4,
            Dtype::Int64 => 8,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Dtype::Float32 => "float32",
            Dtype::Int16 => "int16",
            Dtype::Int32 => "int32",
            Dtype::Int64 => "int64",
            Dtype::Event => EVENT,
        }
    }

    /// The type's name in a header, as Python writes it.
    fn descr(self) -> &'static str {
        match self {
            Dtype::Float32 => "'<f4'",
            Dtype::Int16 => "'<i2'",
            Dtype::Int32 => "'<i4'",
            Dtype::Int64 => "'<i8'",
            Dtype::Event => "[('channel', '<i4'), ('sample', '<i8'), ('amplitude', '<f4')]",
        }
    }

    /// The size of the header of a file of these: [`NPY_HEADER_BYTES`], or 192 for structures. The
    /// format asks for a multiple of 64.
    pub fn header_bytes(self) -> usize {
        match self {
            Dtype::Event => MOST_HEADER_BYTES,
            _ => NPY_HEADER_BYTES,
        }
    }
}

impl Serialize for Dtype {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Dtype {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Dtype, D::Error> {
        const NAMES: [&str; 5] = [
            Dtype::ALL[0].name(),
            Dtype::ALL[1].name(),
            Dtype::ALL[2].name(),
            Dtype::ALL[3].name(),
            Dtype::ALL[4].name(),
        ];
        let name = String::deserialize(deserializer)?;
        let dtype = Dtype::ALL.into_iter().find(|dtype| dtype.name() == name);
        dtype.ok_or_else(|| de::Error::unknown_variant(&name, &NAMES))
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The size of the header of an array of numbers: it holds any shape of two dimensions.
pub const NPY_HEADER_BYTES: usize = 128;

/// The largest header that is written here.
pub(crate) const MOST_HEADER_BYTES: usize = 192;

const MAGIC: &[u8; 8] = b"\x93NUMPY\x01\x00";

/// The header of a `.npy` file: the type and shape of its array, in C order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NpyHeader {
    /// The type of a number.
    pub dtype: Dtype,
    /// The counts of rows, columns and so on.
    pub shape: Vec<u64>,
}

impl NpyHeader {
    /// The header, of [`Dtype::header_bytes`] bytes.
    ///
    /// # Panics
    /// If there are more than two dimensions.
    pub fn to_bytes(&self) -> Vec<u8> {
        assert!(self.shape.len() <= 2, "shapes have at most two dimensions");
        let text = format!(
            "{{'descr': {}, 'fortran_order': False, 'shape': ({}), }}",
            self.dtype.descr(),
            self.shape_text()
        );
        let mut bytes = MAGIC.to_vec();
        let rest = self.dtype.header_bytes() - MAGIC.len() - 2;
        bytes.extend((rest as u16).to_le_bytes());
        bytes.extend(format!("{text:<width$}\n", width = rest - 1).into_bytes());
        bytes
    }

    /// The shape as Python writes a tuple, without its parentheses.
    fn shape_text(&self) -> String {
        match self.shape[..] {
            [only] => format!("{only},"),
            _ => self.shape.iter().map(u64::to_string).collect::<Vec<_>>().join(", "),
        }
    }

    /// Returns the size of the array without its header; `None` if that is more than fits.
    pub fn data_bytes(&self) -> Option<u64> {
        self.shape.iter().try_fold(self.dtype.size() as u64, |bytes, &n| bytes.checked_mul(n))
    }

    /// Reads a header from the start of `bytes`, and says how long it is.
    ///
    /// # Errors
    /// If it is not a header of an array of a [`Dtype`] in C order.
    pub fn parse(bytes: &[u8]) -> Result<(NpyHeader, usize), Error> {
        let bad = |reason: &str| Error::BadNpy { reason: reason.to_owned() };
        let Some((MAGIC, rest)) = bytes.split_first_chunk() else {
            return Err(bad("it does not begin with the magic bytes of version 1.0"));
        };
        let (length, rest) = rest.split_first_chunk().ok_or_else(|| bad("it is cut short"))?;
        let length = usize::from(u16::from_le_bytes(*length));
        let text = rest.get(..length).ok_or_else(|| bad("it is cut short"))?;
        let text = std::str::from_utf8(text).map_err(|_| bad("it is not text"))?;
        let descr = field(text, "descr").ok_or_else(|| bad("it has no descr"))?;
        let dtype = Dtype::ALL
            .into_iter()
            .find(|dtype| descr.starts_with(dtype.descr()))
            .ok_or_else(|| bad(&format!("its descr is none of <f4, <i2, <i8 and a {EVENT}'s")))?;
        if !field(text, "fortran_order").is_some_and(|order| order.starts_with("False")) {
            return Err(bad("it is not in C order"));
        }
        let shape = shape_words(text)
            .ok_or_else(|| bad("it has no shape"))?
            .map(|n| n.parse().map_err(|_| bad("its shape is not made of numbers")))
            .collect::<Result<_, _>>()?;
        Ok((NpyHeader { dtype, shape }, MAGIC.len() + 2 + length))
    }
}

/// Returns the text behind a key of a header's dictionary.
pub(crate) fn field<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let at = header.find(&format!("'{name}':"))?;
    Some(header[at + name.len() + 3..].trim_start())
}

/// Returns the counts of a header's shape, as they are written.
pub(crate) fn shape_words(header: &str) -> Option<impl Iterator<Item = &str>> {
    let (shape, _) = field(header, "shape")?.strip_prefix('(')?.split_once(')')?;
    Some(shape.split(',').map(str::trim).filter(|n| !n.is_empty()))
}

impl fmt::Display for NpyHeader {
    /// Writes type and shape, as `float32 (98, 120)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.dtype, self.shape_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_header_is_what_numpy_writes() {
        // From numpy.lib.format's own documentation: magic, version, length, a literal dictionary
        // padded with spaces and ended by a newline.
        let header = NpyHeader { dtype: Dtype::Float32, shape: vec![3, 4] }.to_bytes();
        assert_eq!(&header[..10], b"\x93NUMPY\x01\x00v\x00");
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }";
        assert_eq!(&header[10..10 + text.len()], text.as_bytes());
        assert!(header[10 + text.len()..127].iter().all(|&b| b == b' '));
        assert_eq!((header.len(), header[127]), (128, b'\n'));
        let vector = NpyHeader { dtype: Dtype::Int16, shape: vec![7] }.to_bytes();
        assert!(String::from_utf8_lossy(&vector).contains("'shape': (7,), }"));
    }

    #[test]
    fn every_dtype_is_written_as_its_name_and_read_back() {
        let names = ["float32", "int16", "int32", "int64", "spike"];
        for (dtype, name) in Dtype::ALL.into_iter().zip(names) {
            assert_eq!(serde_json::to_value(dtype).unwrap(), name);
            assert_eq!(serde_json::from_value::<Dtype>(name.into()).unwrap(), dtype);
        }
        let error = serde_json::from_value::<Dtype>("int8".into()).unwrap_err().to_string();
        let expected = "expected one of `float32`, `int16`, `int32`, `int64`, `spike`";
        assert!(error.starts_with("unknown variant `int8`") && error.contains(expected), "{error}");
    }

    #[test]
    fn the_largest_shapes_fit() {
        for dtype in Dtype::ALL {
            let header = NpyHeader { dtype, shape: vec![u64::MAX, u64::MAX] };
            let bytes = dtype.header_bytes();
            assert_eq!(NpyHeader::parse(&header.to_bytes()).unwrap(), (header.clone(), bytes));
            assert_eq!(header.data_bytes(), None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_header_or_an_error(mut bytes: Vec<u8>, real: bool) {
            if real {
                let good = NpyHeader { dtype: Dtype::Event, shape: vec![5] }.to_bytes();
                let cut = bytes.len().min(good.len());
                bytes = [&good[..cut], &bytes].concat();
            }
            let _ = NpyHeader::parse(&bytes);
        }
    }
}
