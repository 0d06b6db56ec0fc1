//! Recordings of 16-bit samples.

use std::io::Cursor;

use hound::{SampleFormat, WavSpec, WavWriter};

/// Returns a WAVE file of 16-bit samples, whose channels alternate: 44 bytes of header, then `samples`.
///
/// Tests whose matter is the header write their own.
///
/// # Panics
/// If `samples` are no whole number of blocks of `channels`, or too many for a WAVE file.
#[expect(clippy::unwrap_used, reason = "nothing fails but what is documented as a panic")]
pub fn wav(samples: &[i16], channels: u16, sample_rate_hz: u32) -> Vec<u8> {
    let (bits_per_sample, sample_format) = (16, SampleFormat::Int);
    let spec = WavSpec { channels, sample_rate: sample_rate_hz, bits_per_sample, sample_format };
    let mut bytes = Cursor::new(Vec::with_capacity(44 + 2 * samples.len()));
    let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
    let mut block = writer.get_i16_writer(samples.len().try_into().unwrap());
    samples.iter().for_each(|&sample| block.write_sample(sample));
    block.flush().unwrap();
    writer.finalize().unwrap();
    bytes.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_file_is_the_header_of_the_specification_and_the_samples() {
        let bytes = wav(&[1, -2, 0x1234, i16::MIN], 2, 8000);
        // IBM's and Microsoft's *Multimedia Programming Interface and Data Specifications 1.0*: PCM, two
        // channels, 8000 blocks and 32000 bytes a second, four bytes a block, 16 bits.
        let header =
            b"RIFF\x2C\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x40\x1F\0\0\0\x7D\0\0\x04\0\x10\0";
        assert_eq!(bytes[..36], *header);
        assert_eq!(bytes[36..], *b"data\x08\0\0\0\x01\0\xFE\xFF\x34\x12\0\x80");
    }
}
