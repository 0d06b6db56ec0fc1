//! The two files of a recording: NIST SPHERE for the samples, `.PHN` for the phones.

use std::fmt::Write;

use crate::SAMPLE_RATE_HZ;
use crate::phones::Phone;

/// A SPHERE file: a header of 1024 bytes with TIMIT's fields, then 16-bit little-endian samples.
///
/// Of `id`, which becomes `utterance_id`, at most 256 bytes are kept: the header has no room for
/// more.
///
/// ```
/// let file = ossicle_demo::sphere_bytes("FDHC0_SX104", &[3, -5]);
/// assert!(file.starts_with(b"NIST_1A\n   1024\n"));
/// assert_eq!(file[1024..], [3, 0, 251, 255]);
/// ```
pub fn sphere_bytes(id: &str, samples: &[i16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + 2 * samples.len());
    bytes.extend_from_slice(header(id, samples).as_bytes());
    bytes.resize(HEADER_BYTES, b' ');
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    bytes
}

const HEADER_BYTES: usize = 1024;

/// The fields of the header, without the blanks that fill it up.
fn header(id: &str, samples: &[i16]) -> String {
    let mut kept = id.len().min(256);
    while !id.is_char_boundary(kept) {
        kept -= 1;
    }
    let id = &id[..kept];
    let min = samples.iter().min().copied().unwrap_or(0);
    let max = samples.iter().max().copied().unwrap_or(0);
    // `database_id` does not claim to be TIMIT: a stray file must say where it came from.
    format!(
        "NIST_1A\n   1024\n\
         database_id -s{} {DATABASE}\n\
         database_version -s3 1.0\n\
         utterance_id -s{} {id}\n\
         channel_count -i 1\n\
         sample_count -i {}\n\
         sample_rate -i {SAMPLE_RATE_HZ}\n\
         sample_min -i {min}\n\
         sample_max -i {max}\n\
         sample_n_bytes -i 2\n\
         sample_byte_format -s2 01\n\
         sample_sig_bits -i 16\n\
         end_head\n",
        DATABASE.len(),
        id.len(),
        samples.len(),
    )
}

const DATABASE: &str = "OSSICLE_DEMO";

/// A `.PHN` file: a line `start end symbol` for each phone, in samples.
///
/// ```
/// use ossicle_demo::{Phone, phn_text};
///
/// let phones = [
///     Phone { start: 0, end: 2400, symbol: "h#" },
///     Phone { start: 2400, end: 4000, symbol: "iy" },
/// ];
/// assert_eq!(phn_text(&phones), "0 2400 h#\n2400 4000 iy\n");
/// ```
pub fn phn_text(phones: &[Phone]) -> String {
    phones.iter().fold(String::new(), |mut text, phone| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} {} {}", phone.start, phone.end, phone.symbol);
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_what_the_file_holds() {
        let file = sphere_bytes("MDAB0_SA1", &[100, -7, 0, 250]);
        assert_eq!(file.len(), 1024 + 8);
        let header = String::from_utf8(file[..1024].to_vec()).unwrap();
        let fields: Vec<&str> = header.lines().collect();
        for field in [
            "utterance_id -s9 MDAB0_SA1",
            "channel_count -i 1",
            "sample_count -i 4",
            "sample_rate -i 16000",
            "sample_min -i -7",
            "sample_max -i 250",
            "sample_n_bytes -i 2",
            "sample_byte_format -s2 01",
            "sample_sig_bits -i 16",
            "end_head",
        ] {
            assert!(fields.contains(&field), "{field:?} is missing in {header}");
        }
    }

    #[test]
    fn the_length_of_a_text_field_is_its_length() {
        let header = header("FDHC0_SX104", &[]);
        for line in header.lines().filter(|line| line.contains(" -s")) {
            let (_, text) = line.split_once(" -s").unwrap();
            let (length, value) = text.split_once(' ').unwrap();
            assert_eq!(length.parse::<usize>().unwrap(), value.len(), "{line}");
        }
    }

    #[test]
    fn an_id_too_long_for_the_header_is_cut_and_an_empty_recording_has_a_header() {
        let file = sphere_bytes(&"é".repeat(1000), &[]);
        assert_eq!(file.len(), 1024);
        assert!(String::from_utf8_lossy(&file).contains("\nend_head\n"));
    }
}
