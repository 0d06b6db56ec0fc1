//! Entries of Kaldi's archives: a key, a blank, and the bytes of a recording, one after the other.
//!
//! `wav-copy` writes a whole WAVE file as an entry (Kaldi's page "Kaldi I/O mechanisms"). kaldiio, which
//! ESPnet uses, also writes other containers, either bare or behind the word `AUDIO`, a byte that says how
//! many bytes there are in the number that follows, and that number, the length, little-endian
//! (kaldiio 2.18.1, `save_ark` with `write_function="soundfile"`).

use std::ops::Range;

use ossicle_files::Source;

use super::error::HeldError;

/// The word in front of a recording whose length is told.
const AUDIO: &[u8] = b"AUDIO";

/// Finds the bytes of an entry.
///
/// - `offset`: where the entry begins, behind its key
/// - `most`: the most bytes that it has, if that is known
///
/// A header that says how long the entry is counts, up to where the next one begins and to the archive's
/// end; one that says nothing of use has all up to there.
pub(super) fn entry(
    archive: &Source,
    offset: u64,
    most: Option<u64>,
) -> Result<Range<u64>, HeldError> {
    let bytes = archive.bytes;
    if offset >= bytes {
        return Err(HeldError::Behind { offset, bytes });
    }
    let left = bytes - offset;
    let left = most.map_or(left, |most| most.min(left));
    let mut head = [0; 16];
    let head = &mut head[..left.min(16) as usize];
    archive.fill_at(offset, head)?;
    if let Some(told) = head.strip_prefix(AUDIO) {
        let unlike = HeldError::NoRecording { offset, found: "a length that cannot be one" };
        let (header, length) = told_length(told).ok_or(unlike)?;
        let begin = offset + header;
        return Ok(begin..begin.saturating_add(length).min(offset + left));
    }
    if let Some(found) = other_kind(head) {
        return Err(HeldError::NoRecording { offset, found });
    }
    let length = riff_length(head).filter(|&length| length < left).unwrap_or(left);
    Ok(offset..offset + length)
}

/// Returns what is no recording, by how it begins.
fn other_kind(head: &[u8]) -> Option<&'static str> {
    match head {
        [0, b'B', ..] => Some("a matrix or a vector"),
        [b'N', b'P', b'Y', ..] => Some("an array of NumPy's"),
        [b'P', b'K', b'L', ..] => Some("a pickled object"),
        _ => None,
    }
}

/// Returns the bytes that a WAVE file says it has; none where it says nothing, as one that was streamed.
fn riff_length(head: &[u8]) -> Option<u64> {
    let (magic, rest) = head.split_first_chunk::<4>()?;
    let (size, _) = rest.split_first_chunk::<4>()?;
    let size = match magic {
        b"RIFF" => u32::from_le_bytes(*size),
        b"RIFX" => u32::from_be_bytes(*size),
        _ => return None,
    };
    (size != 0 && size != u32::MAX).then_some(u64::from(size) + 8)
}

/// Returns how many bytes the word and the number behind it take, and the number.
fn told_length(told: &[u8]) -> Option<(u64, u64)> {
    let (&width, rest) = told.split_first()?;
    let digits = rest.get(..usize::from(width)).filter(|digits| digits.len() <= 8)?;
    let length = digits.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte));
    Some((AUDIO.len() as u64 + 1 + u64::from(width), length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_files::open_source;
    use std::io::Write;

    fn range(bytes: &[u8], offset: u64, most: Option<u64>) -> Result<Range<u64>, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        entry(&open_source(file.path()).unwrap(), offset, most).map_err(|error| error.to_string())
    }

    #[test]
    fn a_wave_file_is_as_long_as_it_says_and_no_longer_than_there_is_room() {
        let wave = |size: u32| [b"k RIFF", &size.to_le_bytes()[..], &[0; 30]].concat();
        assert_eq!(range(&wave(12), 2, None), Ok(2..22));
        assert_eq!(range(&wave(12), 2, Some(15)), Ok(2..17));
        // Longer than what is there: whoever reads it says so.
        assert_eq!(range(&wave(100), 2, None), Ok(2..40));
        // Streamed: up to the next one.
        for size in [0, u32::MAX] {
            assert_eq!(range(&wave(size), 2, Some(20)), Ok(2..22));
            assert_eq!(range(&wave(size), 2, None), Ok(2..40));
        }
        assert_eq!(range(b"k RIFX\0\0\0\x04WAVE        ", 2, None), Ok(2..14));
    }

    #[test]
    fn a_length_in_front_counts_and_other_containers_go_up_to_the_next_entry() {
        let audio = b"k AUDIO\x02\x05\x00fLaC.z fLaC";
        assert_eq!(range(audio, 2, None), Ok(10..15));
        assert_eq!(range(audio, 2, Some(10)), Ok(10..12));
        assert_eq!(range(audio, 17, None), Ok(17..21));
        assert_eq!(range(b"NIST_1A", 0, Some(4)), Ok(0..4));
    }

    #[test]
    fn what_is_no_recording_is_named() {
        let error = range(b"k \0BFM ", 2, None).unwrap_err();
        assert_eq!(error, "has a matrix or a vector at byte 2, and no recording");
        let error = range(b"k", 1, None).unwrap_err();
        assert_eq!(error, "has 1 bytes, and the recording would begin at byte 1");
        for bytes in [&b"AUDIO"[..], b"AUDIO\x01", b"AUDIO\x09123456789", b"AUDIO\x02\x01"] {
            let error = range(bytes, 0, None).unwrap_err();
            assert_eq!(error, "has a length that cannot be one at byte 0, and no recording");
        }
    }

    #[test]
    fn no_bytes_make_it_leave_the_file() {
        let mut random = 5_u64;
        for _ in 0..2000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let bytes = (random >> 16).to_le_bytes();
            let begin: &[u8] = [&b"AUDIO"[..], b"RIFF", b"RIFX", b""][(random >> 60) as usize % 4];
            let bytes = [begin, &bytes, &[0xff; 8]].concat();
            if let Ok(range) = range(&bytes, random % 4, Some(random >> 59)) {
                assert!(range.end <= bytes.len() as u64, "{range:?} of {bytes:?}");
            }
        }
    }
}
