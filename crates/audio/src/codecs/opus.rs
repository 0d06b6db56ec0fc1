//! What packets of Opus say of themselves.
//!
//! Sources: J.-M. Valin, K. Vos and T. Terriberry, *Definition of the Opus Audio Codec*, RFC 6716 (2012), section
//! 3; T. Terriberry, R. Lee and R. Giles, *Ogg Encapsulation for the Opus Audio Codec*, RFC 7845 (2016), section 5.

/// The sample rate of all that is decoded.
pub(super) const RATE_HZ: u32 = 48_000;

/// The most bytes of a packet that tell how long it is.
pub(super) const MOST_HEAD_BYTES: usize = 2;

/// The most frames of a packet: 120 ms.
const MOST_FRAMES: u32 = RATE_HZ / 1000 * 120;

/// The header of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) channels: u8,
    /// The frames before the recording.
    pub(super) skipped: u16,
    /// The gain in decibels, times 256.
    gain: i16,
}

impl Head {
    /// Reads a header; none where these bytes are none.
    pub(super) fn of(bytes: &[u8]) -> Option<Head> {
        // Behind the version; between skip and gain is the sample rate of what was encoded.
        let &[_, channels, a, b, _, _, _, _, c, d, ..] = bytes.strip_prefix(b"OpusHead")? else {
            return None;
        };
        let (skipped, gain) = (u16::from_le_bytes([a, b]), i16::from_le_bytes([c, d]));
        Some(Head { channels, skipped, gain })
    }

    /// What every sample is to be multiplied by.
    pub(super) fn gain(&self) -> f32 {
        libm::pow(10.0, f64::from(self.gain) / (20.0 * 256.0)) as f32
    }
}

/// The time that so many frames take, to the nanosecond below.
pub(super) fn nanoseconds(frames: u16) -> u64 {
    u64::from(frames) * 1_000_000_000 / u64::from(RATE_HZ)
}

/// The frames that a packet holds, by its first bytes; none where that is more than any packet does.
pub(super) fn frames(packet: &[u8]) -> Option<u32> {
    let first = *packet.first()?;
    let kind = usize::from(first >> 3);
    // Of SILK, of both, and of CELT, in units of 2.5 ms.
    let parts = match kind {
        0..=11 => [4, 8, 16, 24][kind % 4],
        12..=15 => [4, 8][kind % 2],
        _ => [1, 2, 4, 8][kind % 4],
    };
    let count = match first & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(packet.get(1)? & 0x3F),
    };
    Some(count * parts * (RATE_HZ / 400)).filter(|frames| (1..=MOST_FRAMES).contains(frames))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_have_their_numbers() {
        let bytes = b"OpusHead\x01\x02\x38\x01\x80\xBB\0\0\0\xFA\0";
        let head = Head::of(bytes).unwrap();
        assert_eq!((head.channels, head.skipped, head.gain), (2, 312, -1536));
        // 6 dB are a factor of 1.9953.
        assert!((head.gain() - 0.501_187_2).abs() < 1e-6);
        assert_eq!(Head::of(&bytes[..17]), None);
        assert_eq!(Head::of(b"OpusTags\x01\x02\x38\x01\x80\xBB\0\0\0\0\0"), None);
    }

    #[test]
    fn packets_are_as_long_as_the_table_says() {
        // RFC 6716, section 3.1: the configurations 1, 3, 13, 16 and 31, of one, two and three frames.
        for (packet, milliseconds) in [
            (&[1 << 3][..], 20.0),
            (&[3 << 3 | 1], 120.0),
            (&[13 << 3 | 2], 40.0),
            (&[16 << 3], 2.5),
            (&[31 << 3 | 3, 3], 60.0),
            (&[31 << 3 | 3, 0x80 | 6], 120.0),
        ] {
            assert_eq!(frames(packet).map(f64::from), Some(milliseconds * 48.0), "{packet:?}");
        }
        for packet in [&[][..], &[31 << 3 | 3], &[31 << 3 | 3, 0], &[31 << 3 | 3, 7]] {
            assert_eq!(frames(packet), None, "{packet:?}");
        }
    }
}
