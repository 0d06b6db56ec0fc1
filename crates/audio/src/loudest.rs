//! The channel of a recording with the most energy.

use std::ops::Range;

use crate::{Error, Recording};

/// The channel with the most energy, among those of a recording or of a stretch of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loudest {
    /// The channel, from 0; of several that have as much, the lowest.
    pub channel: u16,
    /// The largest absolute value of its samples.
    pub peak: f32,
}

/// The most samples, of all channels together, that are decoded at a time.
const BLOCK_SAMPLES: usize = 8192;

impl Recording {
    /// Finds the channel with the most energy: the sum of the squares of its samples, in `f64`, from the first
    /// to the last. All channels are decoded; the position is then another.
    ///
    /// - `range`: the samples of a channel that count, up to the recording's end
    ///
    /// # Errors
    /// Those of [`Recording::read`], of a sample of any channel.
    pub fn loudest(&mut self, range: Range<u64>) -> Result<Loudest, Error> {
        let channels = usize::from(self.info().channels);
        let frames = (BLOCK_SAMPLES / channels).max(1);
        let mut interleaved = vec![0.0; frames * channels];
        let mut heard = vec![(0.0_f64, 0.0_f32); channels];
        self.seek(range.start)?;
        let mut left = range.end.saturating_sub(range.start);
        while left > 0 {
            let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(frames);
            let count = self.read_frames(&mut interleaved[..wanted * channels])?;
            if count == 0 {
                break;
            }
            for frame in interleaved[..count * channels].chunks_exact(channels) {
                for ((energy, peak), &sample) in heard.iter_mut().zip(frame) {
                    *energy += f64::from(sample) * f64::from(sample);
                    *peak = peak.max(sample.abs());
                }
            }
            left -= count as u64;
        }
        let mut loudest = 0;
        for (channel, (energy, _)) in heard.iter().enumerate() {
            if *energy > heard[loudest].0 {
                loudest = channel;
            }
        }
        // There are at most 1024.
        Ok(Loudest { channel: loudest as u16, peak: heard[loudest].1 })
    }
}
