//! What is counted of samples as they come: their largest, how many are zero, and their sum.

use crate::kernels::lanes::{LANES, Lanes, Vector};
use crate::kernels::simd::{Kernel, Level};

/// As many sums as two vectors have lanes.
const SUMS: usize = 2 * LANES;

/// After so many samples, sums in 32 bits go into those in 64. 256 samples of 16 bits add up in a lane
/// without rounding: each is a whole number of 2⁻¹⁵, and their sum is below 2⁸.
const STRIDE: usize = 256 * SUMS;

/// The largest sample, the number of zeros and the mean of a recording, gathered as its samples come.
///
/// Which sum a sample goes to depends on its place alone: however samples are cut into pieces, and at every
/// [`Level`], the same bits come out. Of 16-bit recordings the sum is exact.
///
/// ```
/// use ossicle_dsp::{Level, Tally};
///
/// let mut tally = Tally::new(Level::detect());
/// tally.add(&[0.5, 0.0, -0.75]);
/// tally.add(&[0.0]);
/// assert_eq!((tally.peak(), tally.zeros(), tally.mean()), (0.75, 2, -0.0625));
/// ```
#[derive(Debug, Clone)]
pub struct Tally {
    level: Level,
    count: u64,
    peak: f32,
    zeros: u64,
    sums: [f64; SUMS],
    /// The sums since the last stride.
    recent: [Lanes; 2],
}

impl Tally {
    /// Nothing yet.
    pub fn new(level: Level) -> Tally {
        let recent = [Lanes::ZERO; 2];
        Tally { level, count: 0, peak: 0.0, zeros: 0, sums: [0.0; SUMS], recent }
    }

    /// Takes the next samples, none of which is NaN. Returns the largest absolute value of them.
    pub fn add(&mut self, samples: &[f32]) -> f32 {
        let (mut rest, mut peak) = (samples, 0.0_f32);
        while !rest.is_empty() {
            let place = (self.count % STRIDE as u64) as usize;
            let (now, later) = rest.split_at(rest.len().min(STRIDE - place));
            peak = peak.max(self.add_within_stride(now, place % SUMS));
            self.count += now.len() as u64;
            if self.count.is_multiple_of(STRIDE as u64) {
                self.sums = self.sums();
                self.recent = [Lanes::ZERO; 2];
            }
            rest = later;
        }
        self.peak = self.peak.max(peak);
        peak
    }

    /// - `lane`: of the first sample
    fn add_within_stride(&mut self, samples: &[f32], lane: usize) -> f32 {
        let (head, rest) = samples.split_at(samples.len().min((SUMS - lane) % SUMS));
        let (steps, tail) = rest.as_chunks::<SUMS>();
        let of_head = self.add_one_by_one(head, lane);
        let (of_steps, zeros) = self.level.run(Steps { steps, sums: &mut self.recent });
        self.zeros += zeros;
        of_head.max(of_steps).max(self.add_one_by_one(tail, 0))
    }

    fn add_one_by_one(&mut self, samples: &[f32], lane: usize) -> f32 {
        let mut peak = 0.0_f32;
        for (&x, lane) in samples.iter().zip(lane..) {
            self.recent[lane / LANES].0[lane % LANES] += x;
            peak = peak.max(x.abs());
            self.zeros += u64::from(x == 0.0);
        }
        peak
    }

    /// Returns the number of samples.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the largest absolute value; 0 of no samples.
    pub fn peak(&self) -> f32 {
        self.peak
    }

    /// Returns how many samples are zero.
    pub fn zeros(&self) -> u64 {
        self.zeros
    }

    /// Returns the mean; 0 of no samples.
    pub fn mean(&self) -> f64 {
        self.sums().iter().sum::<f64>() / self.count.max(1) as f64
    }

    /// Returns the sums with those since the last stride.
    fn sums(&self) -> [f64; SUMS] {
        let mut sums = self.sums;
        for (sum, recent) in sums.iter_mut().zip(self.recent.iter().flat_map(|lanes| lanes.0)) {
            *sum += f64::from(recent);
        }
        sums
    }
}

/// Whole steps of samples, less than a stride of them.
struct Steps<'a> {
    steps: &'a [[f32; SUMS]],
    sums: &'a mut [Lanes; 2],
}

impl Kernel for Steps<'_> {
    /// The peak, and the number of zeros.
    type Output = (f32, u64);

    #[inline(always)]
    fn run<V: Vector>(self) -> (f32, u64) {
        let [even, odd] = self.sums;
        let (mut even_sum, mut odd_sum) = (V::load(&even.0), V::load(&odd.0));
        let (mut even_peak, mut odd_peak) = (V::splat(0.0), V::splat(0.0));
        let (mut even_zeros, mut odd_zeros) = (V::splat(0.0), V::splat(0.0));
        for step in self.steps {
            let [low, high] = step.as_chunks().0 else { unreachable!("a step is two vectors") };
            let (low, high) = (V::load(low), V::load(high));
            even_sum = even_sum + low;
            odd_sum = odd_sum + high;
            even_peak = low.abs().max(even_peak);
            odd_peak = high.abs().max(odd_peak);
            even_zeros = even_zeros + low.is_zero();
            odd_zeros = odd_zeros + high.is_zero();
        }
        even_sum.store(&mut even.0);
        odd_sum.store(&mut odd.0);
        let mut zeros = [0.0; LANES];
        // At most 256 in each lane.
        (even_zeros + odd_zeros).store(&mut zeros);
        (even_peak.max(odd_peak).largest(), zeros.iter().map(|&zeros| zeros as u64).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_testing::Random;

    /// Samples of 16 bits, many of them zeros.
    fn recording(random: &mut Random, length: usize) -> Vec<f32> {
        let sample = |_| match random.u8(..4) {
            0 => 0.0,
            1 => -1.0,
            _ => f32::from(random.i16(..)) / 32768.0,
        };
        (0..length).map(sample).collect()
    }

    #[test]
    fn a_tally_is_that_of_the_obvious_way_to_the_bit_at_every_level_however_samples_are_cut() {
        let mut random = Random::with_seed(5);
        for length in [0, 1, 15, 16, 17, 100, 4095, 4096, 4097, 20_000] {
            let samples = recording(&mut random, length);
            let sum: i64 = samples.iter().map(|&x| (x * 32768.0) as i64).sum();
            let mean = sum as f64 / 32768.0 / length.max(1) as f64;
            let peak = samples.iter().fold(0.0, |peak: f32, x| peak.max(x.abs()));
            let zeros = samples.iter().filter(|&&x| x == 0.0).count() as u64;
            for level in Level::available() {
                for cuts in 0..10 {
                    let mut tally = Tally::new(level);
                    let mut rest = &samples[..];
                    while !rest.is_empty() {
                        let now = if cuts == 0 { rest.len() } else { random.usize(0..=rest.len()) };
                        let (now, later) = rest.split_at(now);
                        let largest = now.iter().fold(0.0, |peak: f32, x| peak.max(x.abs()));
                        assert_eq!(tally.add(now), largest);
                        rest = later;
                    }
                    let found = (tally.count(), tally.peak(), tally.zeros(), tally.mean());
                    assert_eq!(found, (length as u64, peak, zeros, mean), "{level}");
                }
            }
        }
    }

    #[test]
    fn samples_that_round_have_the_same_sum_however_they_are_cut() {
        let mut random = Random::with_seed(6);
        let samples: Vec<f32> = (0..10_000).map(|_| 1000.0 * random.f32() - 400.0).collect();
        let means = Level::available().flat_map(|level| {
            [1, 7, 16, 1000, 10_000].map(|size| {
                let mut tally = Tally::new(level);
                samples.chunks(size).for_each(|chunk| {
                    tally.add(chunk);
                });
                tally.mean()
            })
        });
        let means: Vec<f64> = means.collect();
        let naive = samples.iter().map(|&x| f64::from(x)).sum::<f64>() / 10_000.0;
        assert!((means[0] - naive).abs() < 1e-4 * naive.abs(), "{} and {naive}", means[0]);
        assert!(means.iter().all(|mean| mean.to_bits() == means[0].to_bits()), "{means:?}");
    }
}
