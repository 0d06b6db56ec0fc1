//! The checksums of frames: of 8 bits for a header (polynomial x^8 + x^2 + x + 1), of 16 for all of a frame
//! (x^16 + x^15 + x^2 + 1); both begin at 0.

/// Returns the checksum of a header.
pub(super) fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, &byte| CRC8[usize::from(crc ^ byte)])
}

/// Returns the checksum of a frame.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    // Eight bytes at a time: each has a table of what it does to the checksum so many bytes later.
    let crc = chunks.iter().fold(0_u16, |crc, chunk| {
        let [high, low] = crc.to_be_bytes();
        let mut bytes = *chunk;
        bytes[0] ^= high;
        bytes[1] ^= low;
        let tables = CRC16.iter().rev();
        bytes.iter().zip(tables).fold(0, |crc, (&byte, table)| crc ^ table[usize::from(byte)])
    });
    rest.iter().fold(crc, |crc, &byte| crc << 8 ^ CRC16[0][usize::from((crc >> 8) as u8 ^ byte)])
}

static CRC8: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x80 != 0 { crc << 1 ^ 0x07 } else { crc << 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

/// What a byte does to the checksum when so many bytes of zeros follow it.
static CRC16: [[u16; 256]; 8] = {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 != 0 { crc << 1 ^ 0x8005 } else { crc << 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut later = 1;
    while later < 8 {
        let mut byte = 0;
        while byte < 256 {
            let crc = tables[later - 1][byte];
            tables[later][byte] = crc << 8 ^ tables[0][(crc >> 8) as usize];
            byte += 1;
        }
        later += 1;
    }
    tables
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_that_are_published() {
        // "CRC-8/SMBUS" and "CRC-16/UMTS" of the catalogue of parametrised CRC algorithms.
        assert_eq!(crc8(b"123456789"), 0xF4);
        assert_eq!(crc16(b"123456789"), 0xFEE8);
        assert_eq!(crc16(b""), 0);
    }

    #[test]
    fn eight_bytes_at_a_time_are_one_after_the_other() {
        let bytes: Vec<u8> = (0..100_u8).map(|i| i.wrapping_mul(37)).collect();
        for length in 0..bytes.len() {
            let slow = bytes[..length].iter().fold(0_u16, |crc, &byte| {
                (0..8).fold(crc ^ u16::from(byte) << 8, |crc, _| {
                    if crc & 0x8000 != 0 { crc << 1 ^ 0x8005 } else { crc << 1 }
                })
            });
            assert_eq!(crc16(&bytes[..length]), slow, "{length}");
        }
    }
}
