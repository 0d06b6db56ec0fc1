//! The levels of samples, measured while they are read.

use ossicle_audio::{Encoding, RawEncoding};
use ossicle_dataset::Levels;
use ossicle_dsp::{Level, Tally};

/// Measures samples as they come.
#[derive(Debug, Clone)]
pub(crate) struct LevelMeter {
    tally: Tally,
    /// What a sample at full scale reaches at least.
    full_scale: f32,
    clipped: u64,
    /// How many samples were at full scale in a row, up to the last.
    run: u64,
}

impl LevelMeter {
    pub(crate) fn new(encoding: Encoding, level: Level) -> LevelMeter {
        let (tally, full_scale) = (Tally::new(level), full_scale(encoding));
        LevelMeter { tally, full_scale, clipped: 0, run: 0 }
    }

    /// Takes the next samples.
    pub(crate) fn add(&mut self, samples: &[f32]) {
        if self.tally.add(samples) >= self.full_scale {
            self.count_clipped(samples);
        } else if !samples.is_empty() {
            self.run = 0;
        }
    }

    /// Counts samples at full scale that follow another: one alone is the peak of what was made as loud as
    /// can be, and not clipped.
    fn count_clipped(&mut self, samples: &[f32]) {
        for x in samples {
            self.run = if x.abs() >= self.full_scale { self.run + 1 } else { 0 };
            self.clipped += match self.run {
                0 | 1 => 0,
                // The first of them as well.
                2 => 2,
                _ => 1,
            };
        }
    }

    /// The largest absolute value so far.
    pub(crate) fn peak(&self) -> f32 {
        self.tally.peak()
    }

    /// Returns what was measured.
    pub(crate) fn levels(&self) -> Levels {
        Levels {
            peak: self.tally.peak(),
            clipped: self.clipped,
            silence: (self.tally.zeros() as f64 / self.tally.count().max(1) as f64) as f32,
            dc: self.tally.mean() as f32,
        }
    }
}

/// Returns the largest value that samples of an encoding reach in both directions: of codecs and floats that
/// of 16 bits, which they were most likely made of.
fn full_scale(encoding: Encoding) -> f32 {
    match encoding {
        Encoding::Pcm(RawEncoding::U8 | RawEncoding::S8) => 127.0 / 128.0,
        Encoding::Pcm(RawEncoding::MuLaw) => 32_124.0 / 32_768.0,
        Encoding::Pcm(RawEncoding::ALaw) => 32_256.0 / 32_768.0,
        Encoding::Pcm(_) | Encoding::Coded(_) => 32_767.0 / 32_768.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S16: Encoding = Encoding::Pcm(RawEncoding::S16Le);

    fn of(encoding: Encoding, samples: &[f32]) -> Levels {
        let mut meter = LevelMeter::new(encoding, Level::detect());
        meter.add(samples);
        meter.levels()
    }

    #[test]
    fn levels_are_those_of_the_obvious_way_to_the_bit_however_samples_are_cut() {
        let mut random = ossicle_testing::Random::with_seed(5);
        for length in [0, 1, 15, 16, 17, 100, 1000] {
            let sample = |_| match random.u8(..4) {
                0 => 0.0,
                1 => [1.0, -1.0][usize::from(random.bool())],
                _ => random.f32() * 2.0 - 1.0,
            };
            let samples: Vec<f32> = (0..length).map(sample).collect();
            let whole = of(S16, &samples);
            let is_full = |x: Option<&f32>| x.is_some_and(|x| x.abs() >= 32_767.0 / 32_768.0);
            let before = |at: usize| is_full(at.checked_sub(1).map(|at| &samples[at]));
            let clipped = (0..length).filter(|&at| {
                is_full(samples.get(at)) && (before(at) || is_full(samples.get(at + 1)))
            });
            assert_eq!(whole.clipped, clipped.count() as u64);
            assert_eq!(whole.peak, samples.iter().fold(0.0, |peak: f32, x| peak.max(x.abs())));
            let zeros = samples.iter().filter(|&&x| x == 0.0).count() as f64;
            assert_eq!(whole.silence, (zeros / length.max(1) as f64) as f32);
            let mean = samples.iter().map(|&x| f64::from(x)).sum::<f64>() / length.max(1) as f64;
            // Several sums, in 32 bits for a while, are rounded otherwise than one.
            assert!((f64::from(whole.dc) - mean).abs() < 1e-7);
            for _ in 0..20 {
                let mut meter = LevelMeter::new(S16, Level::detect());
                let mut rest = &samples[..];
                while !rest.is_empty() {
                    let (chunk, left) = rest.split_at(random.usize(0..=rest.len()));
                    meter.add(chunk);
                    rest = left;
                }
                let cut = meter.levels();
                assert_eq!(cut, whole);
                assert_eq!(cut.dc.to_bits(), whole.dc.to_bits());
            }
        }
    }

    #[test]
    fn one_sample_at_full_scale_is_not_clipped() {
        let top = 32_767.0 / 32_768.0;
        assert_eq!(of(S16, &[0.0, top, 0.0, -1.0, 0.5]).clipped, 0);
        assert_eq!(of(S16, &[0.0, top, top, 0.5, -1.0, top, -1.0]).clipped, 5);
        // The largest sample of eight bits is less.
        assert_eq!(of(S16, &[127.0 / 128.0; 4]).clipped, 0);
        assert_eq!(of(Encoding::Pcm(RawEncoding::U8), &[127.0 / 128.0; 4]).clipped, 4);
    }
}
