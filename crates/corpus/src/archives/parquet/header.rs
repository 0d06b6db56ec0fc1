//! Headers of pages, in the compact protocol of Apache Thrift.
//!
//! The structures are `PageHeader` and those in it, of Apache Parquet's `parquet.thrift` (format 2.11); the
//! protocol is that of Thrift's "Thrift Compact protocol encoding".

use parquet::basic::Encoding;

/// The deepest that structures may lie in one another.
const MOST_DEPTH: u32 = 16;

/// The header of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageHeader {
    /// The bytes that the page takes in the file, behind its header.
    pub(super) stored_bytes: usize,
    /// The bytes that it has unpacked.
    pub(super) bytes: usize,
    /// The CRC-32 of what is stored, if there is one.
    pub(super) crc: Option<u32>,
    /// What is in the page; `None` for what is passed over.
    pub(super) kind: Option<PageKind>,
}

/// What is in a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageKind {
    /// Values that pages of data refer to.
    Dictionary { num_values: u32, encoding: Encoding, is_sorted: bool },
    /// Values with their levels, all of it packed.
    Data { num_values: u32, encoding: Encoding, definition: Encoding, repetition: Encoding },
    /// The second version: levels stand in front and are not packed.
    DataV2 {
        num_values: u32,
        num_nulls: u32,
        num_rows: u32,
        encoding: Encoding,
        /// The bytes of levels of each kind.
        definition_bytes: u32,
        repetition_bytes: u32,
        is_packed: bool,
    },
}

impl PageHeader {
    /// Reads a header and returns the bytes that it takes, too; none where they end before it, or are none.
    pub(super) fn read(bytes: &[u8]) -> Option<(PageHeader, usize)> {
        let mut input = Compact { bytes, at: 0 };
        let fields = input.structure(0)?;
        let size = |id| usize::try_from(fields.number(id)?).ok();
        let kind = match fields.number(1)? {
            0 => Some(fields.data()?),
            2 => Some(fields.dictionary()?),
            3 => Some(fields.data_v2()?),
            _ => None,
        };
        let crc = fields.number(4).map(|crc| crc as u32);
        let header = PageHeader { stored_bytes: size(3)?, bytes: size(2)?, crc, kind };
        Some((header, input.at))
    }
}

/// The fields of a structure that are numbers, truth values or structures.
#[derive(Debug, Default)]
struct Fields(Vec<(i16, Field)>);

#[derive(Debug)]
enum Field {
    Number(i64),
    Truth(bool),
    Structure(Fields),
}

impl Fields {
    fn get(&self, id: i16) -> Option<&Field> {
        self.0.iter().find(|(other, _)| *other == id).map(|(_, field)| field)
    }

    fn number(&self, id: i16) -> Option<i64> {
        match self.get(id)? {
            Field::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn count(&self, id: i16) -> Option<u32> {
        // The format has counts of 31 bits.
        u32::try_from(self.number(id)?).ok().filter(|&count| count <= i32::MAX as u32)
    }

    fn truth(&self, id: i16) -> Option<bool> {
        match self.get(id)? {
            Field::Truth(truth) => Some(*truth),
            _ => None,
        }
    }

    fn encoding(&self, id: i16) -> Option<Encoding> {
        #[expect(deprecated, reason = "levels of old files are stored so")]
        Some(match self.number(id)? {
            0 => Encoding::PLAIN,
            2 => Encoding::PLAIN_DICTIONARY,
            3 => Encoding::RLE,
            4 => Encoding::BIT_PACKED,
            5 => Encoding::DELTA_BINARY_PACKED,
            6 => Encoding::DELTA_LENGTH_BYTE_ARRAY,
            7 => Encoding::DELTA_BYTE_ARRAY,
            8 => Encoding::RLE_DICTIONARY,
            9 => Encoding::BYTE_STREAM_SPLIT,
            _ => return None,
        })
    }

    fn inside(&self, id: i16) -> Option<&Fields> {
        match self.get(id)? {
            Field::Structure(fields) => Some(fields),
            _ => None,
        }
    }

    fn data(&self) -> Option<PageKind> {
        let of = self.inside(5)?;
        let (encoding, num_values) = (of.encoding(2)?, of.count(1)?);
        let (definition, repetition) = (of.encoding(3)?, of.encoding(4)?);
        Some(PageKind::Data { num_values, encoding, definition, repetition })
    }

    fn dictionary(&self) -> Option<PageKind> {
        let of = self.inside(7)?;
        let (num_values, encoding) = (of.count(1)?, of.encoding(2)?);
        let is_sorted = of.truth(3).unwrap_or(false);
        Some(PageKind::Dictionary { num_values, encoding, is_sorted })
    }

    fn data_v2(&self) -> Option<PageKind> {
        let of = self.inside(8)?;
        Some(PageKind::DataV2 {
            num_values: of.count(1)?,
            num_nulls: of.count(2)?,
            num_rows: of.count(3)?,
            encoding: of.encoding(4)?,
            definition_bytes: of.count(5)?,
            repetition_bytes: of.count(6)?,
            is_packed: of.truth(7).unwrap_or(true),
        })
    }
}

/// Reads the compact protocol.
struct Compact<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// Passes over so many bytes.
    fn skip(&mut self, bytes: u64) -> Option<()> {
        let end = (self.at as u64).checked_add(bytes)?;
        self.at = usize::try_from(end).ok().filter(|&end| end <= self.bytes.len())?;
        Some(())
    }

    /// A number without a sign, seven bits a byte.
    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A number whose last bit is its sign.
    fn signed(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    fn structure(&mut self, depth: u32) -> Option<Fields> {
        if depth > MOST_DEPTH {
            return None;
        }
        let mut fields = Fields::default();
        let mut id = 0_i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(fields);
            }
            id = match head >> 4 {
                0 => i16::try_from(self.signed()?).ok()?,
                delta => id.checked_add(i16::from(delta))?,
            };
            let field = match head & 0xf {
                kind @ (1 | 2) => Some(Field::Truth(kind == 1)),
                4..=6 => Some(Field::Number(self.signed()?)),
                12 => Some(Field::Structure(self.structure(depth + 1)?)),
                kind => {
                    self.skip_value(kind, depth + 1)?;
                    None
                }
            };
            fields.0.extend(field.map(|field| (id, field)));
        }
    }

    /// Passes over a value of a kind.
    fn skip_value(&mut self, kind: u8, depth: u32) -> Option<()> {
        match kind {
            _ if depth > MOST_DEPTH => None,
            // In a list, truth values take a byte.
            1..=3 => self.skip(1),
            4..=6 => self.signed().map(|_| ()),
            7 => self.skip(8),
            8 => {
                let bytes = self.unsigned()?;
                self.skip(bytes)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = match head >> 4 {
                    15 => self.unsigned()?,
                    count => u64::from(count),
                };
                (0..count).try_for_each(|_| self.skip_value(head & 0xf, depth + 1))
            }
            11 => {
                let count = self.unsigned()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                (0..count).try_for_each(|_| {
                    self.skip_value(kinds >> 4, depth + 1)?;
                    self.skip_value(kinds & 0xf, depth + 1)
                })
            }
            12 => self.structure(depth).map(|_| ()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header of pyarrow 26.0.1's: a page of 3 values with statistics, in the compact protocol by hand.
    #[rustfmt::skip]
    const HEADER: &[u8] = &[
        0x15, 0x00, // 1: DATA_PAGE
        0x15, 0xC8, 0x01, // 2: 100
        0x15, 0x64, // 3: 50
        0x15, 0x07, // 4: -4, a CRC
        0x1c, // 5: the header of a page of data
        0x15, 0x06, 0x15, 0x10, 0x15, 0x06, 0x15, 0x06, // 3 values, RLE_DICTIONARY, RLE, RLE
        0x1c, 0x18, 0x03, b'a', b'b', b'c', 0x19, 0x21, 0x01, 0x02, 0x00, // statistics, with a list
        0x00, 0x00,
    ];

    #[test]
    fn a_header_is_read_and_statistics_are_passed_over() {
        let (header, length) = PageHeader::read(&[HEADER, b"rest"].concat()).unwrap();
        assert_eq!(length, HEADER.len());
        let kind = PageKind::Data {
            num_values: 3,
            encoding: Encoding::RLE_DICTIONARY,
            definition: Encoding::RLE,
            repetition: Encoding::RLE,
        };
        let crc = Some(-4_i32 as u32);
        assert_eq!(header, PageHeader { stored_bytes: 50, bytes: 100, crc, kind: Some(kind) });
        for end in 0..HEADER.len() {
            assert_eq!(PageHeader::read(&HEADER[..end]), None, "{end} bytes");
        }
    }

    #[test]
    fn what_is_no_header_is_none() {
        for bytes in [&[0x3c; 99][..], &[0x19, 0xf1, 0xff, 0xff], &[0x15, 0, 0x15, 1, 0x15, 0, 0]] {
            assert_eq!(PageHeader::read(bytes), None, "{bytes:?}");
        }
    }
}
