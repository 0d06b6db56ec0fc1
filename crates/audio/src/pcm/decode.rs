//! Stored bytes → mono `f32` samples.

use crate::{
    RawEncoding,
    channel::Selection,
    pcm::companded::{A_LAW, MU_LAW},
};

/// Decodes whole blocks (one sample of every channel) to mono.
///
/// - `bytes`: `out.len() * channels` samples, the channels alternating
/// - `out`: full scale at ±1.0; floating-point input is not checked for NaN here
///
/// # Panics
/// If `bytes.len() != out.len() * channels * encoding.bytes_per_sample()`.
pub(crate) fn decode(
    encoding: RawEncoding,
    bytes: &[u8],
    channels: usize,
    selection: Selection,
    out: &mut [f32],
) {
    assert_eq!(bytes.len(), out.len() * channels * encoding.bytes_per_sample());
    // Multiplying by a power of two only moves the exponent: it is exact, and equal to dividing.
    const SCALE_8: f32 = 1.0 / (1u32 << 7) as f32;
    const SCALE_16: f32 = 1.0 / (1u32 << 15) as f32;
    const SCALE_32: f32 = 1.0 / (1u32 << 31) as f32;
    match encoding {
        RawEncoding::S8 => {
            to_mono(bytes, channels, selection, out, |b| f32::from(i8::from_le_bytes(b)) * SCALE_8)
        }
        RawEncoding::U8 => {
            to_mono(bytes, channels, selection, out, |[b]| f32::from(i16::from(b) - 128) * SCALE_8)
        }
        RawEncoding::S16Le => to_mono(bytes, channels, selection, out, |b| {
            f32::from(i16::from_le_bytes(b)) * SCALE_16
        }),
        RawEncoding::S16Be => to_mono(bytes, channels, selection, out, |b| {
            f32::from(i16::from_be_bytes(b)) * SCALE_16
        }),
        // Three bytes become the upper three of four, so that the sign is where it should be. The
        // lowest byte is zero, and the 24 bits above it fit an `f32`.
        RawEncoding::S24Le => to_mono(bytes, channels, selection, out, |[low, mid, high]| {
            i32::from_le_bytes([0, low, mid, high]) as f32 * SCALE_32
        }),
        RawEncoding::S24Be => to_mono(bytes, channels, selection, out, |[high, mid, low]| {
            i32::from_le_bytes([0, low, mid, high]) as f32 * SCALE_32
        }),
        // The upper byte is the sign's, or nothing: the lower three move up.
        RawEncoding::S24In32Le => to_mono(bytes, channels, selection, out, |b| {
            (i32::from_le_bytes(b) << 8) as f32 * SCALE_32
        }),
        RawEncoding::S24In32Be => to_mono(bytes, channels, selection, out, |b| {
            (i32::from_be_bytes(b) << 8) as f32 * SCALE_32
        }),
        RawEncoding::S32Le => {
            to_mono(bytes, channels, selection, out, |b| i32::from_le_bytes(b) as f32 * SCALE_32)
        }
        RawEncoding::S32Be => {
            to_mono(bytes, channels, selection, out, |b| i32::from_be_bytes(b) as f32 * SCALE_32)
        }
        RawEncoding::MuLaw => {
            to_mono(bytes, channels, selection, out, |[code]| MU_LAW[usize::from(code)])
        }
        RawEncoding::ALaw => {
            to_mono(bytes, channels, selection, out, |[code]| A_LAW[usize::from(code)])
        }
        RawEncoding::F32Le => to_mono(bytes, channels, selection, out, f32::from_le_bytes),
        RawEncoding::F32Be => to_mono(bytes, channels, selection, out, f32::from_be_bytes),
        RawEncoding::F64Le => {
            to_mono(bytes, channels, selection, out, |b| f64::from_le_bytes(b) as f32)
        }
        RawEncoding::F64Be => {
            to_mono(bytes, channels, selection, out, |b| f64::from_be_bytes(b) as f32)
        }
    }
}

/// Takes or mixes channels while `sample` decodes the `N` bytes of one sample.
#[inline(always)]
fn to_mono<const N: usize>(
    bytes: &[u8],
    channels: usize,
    selection: Selection,
    out: &mut [f32],
    sample: impl Fn([u8; N]) -> f32,
) {
    selection.to_mono(bytes.as_chunks().0, channels, out, sample);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_16_bit_sample_is_itself_divided_by_32768() {
        let bytes: Vec<u8> = (i16::MIN..=i16::MAX).flat_map(i16::to_le_bytes).collect();
        let mut out = vec![f32::NAN; 65_536];
        decode(RawEncoding::S16Le, &bytes, 1, Selection::One(0), &mut out);
        for (sample, value) in (i16::MIN..=i16::MAX).zip(out) {
            assert_eq!(value, f32::from(sample) / 32768.0);
        }
    }
}
