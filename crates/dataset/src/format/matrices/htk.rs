//! HTK's parameter files (The HTK Book 3.4, section 5.10.1).

use crate::format::matrices::matrix::Matrix;

/// The file is compressed: `_C`.
const COMPRESSED: u16 = 0o2000;
/// A checksum follows the numbers: `_K`.
const CHECKSUM: u16 = 0o10000;
const HEADER_BYTES: usize = 12;

/// The header of a parameter file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// The number of frames, and in a compressed file four more, which are the bytes of its scales.
    frames: usize,
    bytes_a_frame: usize,
    kind: u16,
    is_little_endian: bool,
}

impl Header {
    /// Reads the header of a file of this size. None if the sizes that it says do not make this file.
    pub(super) fn read(head: &[u8], bytes: u64) -> Option<Header> {
        Header::in_order(head, bytes, false).or_else(|| Header::in_order(head, bytes, true))
    }

    fn in_order(head: &[u8], bytes: u64, is_little_endian: bool) -> Option<Header> {
        let head: &[u8; HEADER_BYTES] = head.first_chunk()?;
        let number = |range: std::ops::Range<usize>| {
            let add = |n: u32, &byte: &u8| n << 8 | u32::from(byte);
            match is_little_endian {
                false => head[range].iter().fold(0, add),
                true => head[range].iter().rev().fold(0, add),
            }
        };
        let (frames, bytes_a_frame) = (number(0..4), number(8..10));
        let kind = number(10..12) as u16;
        let header = Header {
            frames: frames as usize,
            bytes_a_frame: bytes_a_frame as usize,
            kind,
            is_little_endian,
        };
        // A waveform (0), and vector quantisation (10), have no rows; kinds end at PLP, 11.
        let is_of_rows = matches!(kind & 0o77, 1..=9 | 11);
        let is_whole = header.number_bytes() != 0
            && header.bytes_a_frame.is_multiple_of(header.number_bytes())
            && header.bytes_a_frame > 0;
        (is_of_rows && is_whole && header.file_bytes() == bytes).then_some(header)
    }

    fn is(self, flag: u16) -> bool {
        self.kind & flag != 0
    }

    fn number_bytes(self) -> usize {
        if self.is(COMPRESSED) { 2 } else { 4 }
    }

    /// The bytes of the file. Scales take those of four frames.
    fn file_bytes(self) -> u64 {
        let numbers = self.frames as u64 * self.bytes_a_frame as u64;
        HEADER_BYTES as u64 + numbers + if self.is(CHECKSUM) { 2 } else { 0 }
    }
}

/// Reads a parameter file. Its checksum is passed over: the book says where it is, and not what it is of.
///
/// # Errors
/// In words, without the file's name.
pub(super) fn matrix(bytes: &[u8]) -> Result<Matrix, String> {
    let header = Header::read(bytes, bytes.len() as u64).ok_or("it is no file of HTK's")?;
    let columns = header.bytes_a_frame / header.number_bytes();
    let numbers = &bytes[HEADER_BYTES..];
    let word = |at: usize| -> Option<[u8; 4]> {
        let mut word: [u8; 4] = *numbers.get(at..)?.first_chunk()?;
        if !header.is_little_endian {
            word.reverse();
        }
        Some(word)
    };
    let float = |at: usize| word(at).map(f32::from_le_bytes).ok_or("it is cut short");
    if !header.is(COMPRESSED) {
        let count = header.frames * columns;
        let values = (0..count).map(|i| float(4 * i)).collect::<Result<_, _>>()?;
        return Ok(Matrix::new(header.frames, columns, values));
    }
    let rows = header.frames.checked_sub(4).ok_or("its scales are missing")?;
    let scales = (0..columns).map(|i| float(4 * i)).collect::<Result<Vec<_>, _>>()?;
    let offsets = (0..columns).map(|i| float(4 * (columns + i))).collect::<Result<Vec<_>, _>>()?;
    let mut values = Vec::with_capacity(rows * columns);
    for (place, pair) in numbers[8 * columns..].chunks_exact(2).take(rows * columns).enumerate() {
        let pair = [pair[0], pair[1]];
        let code = match header.is_little_endian {
            true => i16::from_le_bytes(pair),
            false => i16::from_be_bytes(pair),
        };
        values.push((f32::from(code) + offsets[place % columns]) / scales[place % columns]);
    }
    if values.len() < rows * columns {
        return Err("it is cut short".to_owned());
    }
    let rounding = scales.iter().map(|scale| (1.0 / scale).abs()).collect();
    Ok(Matrix { rounding, ..Matrix::new(rows, columns, values) })
}
