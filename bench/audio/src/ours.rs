//! ossicle's decoders and its resampling.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;

use ossicle_audio::{OpenOptions, Recording};
use ossicle_dsp::{Level, ResampleFilter, ResampleMode};

use crate::subject::{Decoded, Subject};

/// The samples that are read at a time.
const CHUNK: usize = 16_384;

/// A recording read to its end as an extraction reads it: with buffers that are kept, and with the checksums
/// that its format has.
///
/// Nothing where it is not read, as Opus without the feature `opus`.
pub(crate) fn decoding(recording: &Path) -> Option<Subject> {
    Recording::open(recording, OpenOptions::default()).ok()?;
    let (path, mut buffer, mut samples) = (recording.to_owned(), Vec::new(), vec![0.0; CHUNK]);
    let decode = move || {
        let kept = std::mem::take(&mut buffer);
        let mut recording = Recording::open_with_buffer(&path, OpenOptions::default(), kept)?;
        let mut num_frames = 0;
        loop {
            let count = recording.read(&mut samples)?;
            if count == 0 {
                break;
            }
            black_box(&samples[..count]);
            num_frames += count;
        }
        buffer = recording.into_buffer();
        Ok(Decoded { num_frames, channels: 1 })
    };
    let what = recording.file_name()?.to_string_lossy().into_owned();
    Some(Subject { what, program: "ossicle", decode: Box::new(decode) })
}

/// A minute of noise in memory made 16 kHz. A frame is a sample of 44,100 Hz.
pub(crate) fn resampling() -> Result<Vec<Subject>, Box<dyn Error>> {
    let mut state = 1_u32;
    let mut noise = || {
        // Marsaglia's xorshift (2003).
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 - 0.5
    };
    let samples: Vec<f32> = (0..60 * 44_100).map(|_| noise()).collect();
    let subjects = Level::available().map(|level| {
        let filter = ResampleFilter::new(ResampleMode::Hq, 44_100, 16_000, level)?;
        let (samples, mut out) = (samples.clone(), Vec::new());
        let resample = move || {
            let mut resampler = filter.begin(0);
            for chunk in samples.chunks(CHUNK) {
                out.clear();
                resampler.push(chunk, &mut out);
                black_box(&out);
            }
            out.clear();
            resampler.finish(&mut out);
            Ok(Decoded { num_frames: samples.len(), channels: 1 })
        };
        let program = match level.to_string().as_str() {
            "avx2" => "ossicle hq (avx2)",
            "avx512" => "ossicle hq (avx512)",
            _ => "ossicle hq (scalar)",
        };
        let what = "44.1 to 16 kHz".to_owned();
        Ok(Subject { what, program, decode: Box::new(resample) })
    });
    subjects.collect()
}
