//! NumPy's arrays, as any program wrote them (`numpy.lib.format`, versions 1.0 to 3.0).

use ossicle_files::counted;

use crate::format::matrices::half;
use crate::format::matrices::matrix::Matrix;
use crate::format::npy::{field, shape_words};

pub(super) const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The rounding of half precision, relative to a number.
const HALF: f32 = 1.0 / 2048.0;

/// Reads an array of one or two dimensions, or of more of which all but two are 1.
///
/// # Errors
/// In words, without the file's name.
pub(super) fn matrix(bytes: &[u8]) -> Result<Matrix, String> {
    let (header, data) = parts(bytes).ok_or("its header is cut short")?;
    let header = std::str::from_utf8(header).map_err(|_| "its header is not text")?;
    let descr = field(header, "descr").ok_or("its header has no descr")?;
    let type_of = Type::of(descr).ok_or_else(|| {
        // A text, or a list of fields.
        let end = descr
            .get(1..)
            .and_then(|rest| rest.find(['\'', ']']))
            .map_or(descr.len(), |end| end + 2);
        let shown: String = descr[..end].chars().take(24).collect();
        format!("its numbers are of the type {shown}, which is no float or integer")
    })?;
    let is_fortran = field(header, "fortran_order").is_some_and(|text| text.starts_with("True"));
    let shape = shape(header).ok_or("its header has no shape")?;
    let wide: Vec<usize> = shape.iter().copied().filter(|&n| n != 1).collect();
    let (rows, columns) = match (&shape[..], &wide[..]) {
        ([], _) => return Err("it is a single number".to_owned()),
        (&[rows], _) => (rows, 1),
        (&[rows, columns], _) | (_, &[rows, columns]) => (rows, columns),
        (_, &[columns]) => (1, columns),
        (_, []) => (1, 1),
        _ => {
            return Err(format!(
                "it has {}, and a matrix has two",
                counted(shape.len() as u64, "dimension")
            ));
        }
    };
    let count = rows.checked_mul(columns).and_then(|count| count.checked_mul(type_of.size));
    if count.is_none_or(|bytes| bytes > data.len()) {
        return Err(format!("{rows} × {columns} numbers are promised and it is cut short"));
    }
    let number = |place: usize| type_of.number(&data[place * type_of.size..][..type_of.size]);
    let values = match is_fortran {
        false => (0..rows * columns).map(number).collect(),
        true => {
            let place = |i: usize| (i % columns) * rows + i / columns;
            (0..rows * columns).map(|i| number(place(i))).collect()
        }
    };
    let matrix = Matrix::new(rows, columns, values);
    Ok(if type_of.is_half() { matrix.rounded_by(HALF) } else { matrix })
}

/// Returns the text of the header, and the numbers.
fn parts(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (&[major, _], rest) = rest.split_first_chunk::<2>()?;
    let (length, rest) = match major {
        1 => rest.split_first_chunk::<2>().map(|(n, rest)| (u16::from_le_bytes(*n).into(), rest)),
        2 | 3 => rest.split_first_chunk::<4>().map(|(n, rest)| (u32::from_le_bytes(*n), rest)),
        _ => None,
    }?;
    rest.split_at_checked(length as usize)
}

fn shape(header: &str) -> Option<Vec<usize>> {
    // Python 2 wrote long integers as 40L.
    shape_words(header)?.map(|n| n.trim_end_matches('L').parse().ok()).collect()
}

/// The type of an array's numbers.
#[derive(Debug, Clone, Copy)]
struct Type {
    /// `f`, `i` or `u`.
    kind: u8,
    size: usize,
    is_big_endian: bool,
}

impl Type {
    fn of(descr: &str) -> Option<Type> {
        let text = descr.strip_prefix('\'')?.split_once('\'')?.0.as_bytes();
        let (&order, rest) = text.split_first()?;
        let (&kind, size) = rest.split_first()?;
        let size = match (kind, size) {
            (b'f', b"2") | (b'i' | b'u', b"2") => 2,
            (b'f' | b'i' | b'u', b"4") => 4,
            (b'f' | b'i' | b'u', b"8") => 8,
            (b'i' | b'u', b"1") => 1,
            _ => return None,
        };
        let is_big_endian = match order {
            b'<' | b'|' | b'=' => false,
            b'>' => true,
            _ => return None,
        };
        Some(Type { kind, size, is_big_endian })
    }

    fn is_half(self) -> bool {
        (self.kind, self.size) == (b'f', 2)
    }

    /// Reads a number of [`Type::size`] bytes.
    fn number(self, bytes: &[u8]) -> f32 {
        let mut word = [0; 8];
        for (to, at) in word.iter_mut().zip(0..bytes.len()) {
            *to = bytes[if self.is_big_endian { bytes.len() - 1 - at } else { at }];
        }
        let bits = u64::from_le_bytes(word);
        match (self.kind, self.size) {
            (b'f', 2) => half::from_bits(bits as u16),
            (b'f', 4) => f32::from_bits(bits as u32),
            (b'f', _) => f64::from_bits(bits) as f32,
            (b'i', 1) => f32::from(bits as i8),
            (b'i', 2) => f32::from(bits as i16),
            (b'i', 4) => bits as i32 as f32,
            (b'i', _) => bits as i64 as f32,
            _ => bits as f32,
        }
    }
}
