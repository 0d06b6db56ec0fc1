//! What the features are computed of.

use std::error::Error;
use std::fs;
use std::path::Path;

/// Ten seconds at 16 kHz; `bench/peers/features.py` has the same.
const NUM_SAMPLES: usize = 160_000;
const HEADER_BYTES: usize = 44;

/// Reads a 16-bit WAVE file whose samples follow a header of 44 bytes, and repeats it up to ten
/// seconds, at full scale ±1.0.
pub(crate) fn read(path: &Path) -> Result<Vec<f32>, Box<dyn Error>> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if bytes.len() <= HEADER_BYTES || bytes[36..40] != *b"data" {
        return Err(format!("{}: its samples do not begin at byte 44", path.display()).into());
    }
    let pairs = bytes[HEADER_BYTES..].chunks_exact(2);
    let samples = pairs.map(|it| f32::from(i16::from_le_bytes([it[0], it[1]])) / 32768.0);
    Ok(samples.cycle().take(NUM_SAMPLES).collect())
}
