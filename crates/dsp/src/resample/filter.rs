//! The weights from one sample rate to another, planned once.

use crate::error::Error;
use crate::kernels::lanes::{LANES, Lanes};
use crate::kernels::simd::Level;
use crate::resample::mode::{Place, ResampleMode};

/// The most weights that a table may have: 32 MiB. From or to 16,000 Hz, there are fewer for every rate up to
/// 60 kHz and for every usual one above.
const MOST_WEIGHTS: u64 = 1 << 23;

/// The number of weights that are summed in one step of the inner loop, of which a row has a whole number.
pub(super) const STEP: usize = 2 * LANES;

/// The weights that make recordings of one sample rate recordings of another.
///
/// It is immutable, so threads share it. [`begin`](ResampleFilter::begin) starts a recording.
#[derive(Debug, Clone)]
pub struct ResampleFilter {
    pub(super) level: Level,
    /// Both rates, divided by what divides both: so many outputs take so many samples, and then it repeats.
    pub(super) from: u32,
    pub(super) to: u32,
    /// The number of samples before an output's own, the last one at or before its time, that have weights.
    pub(super) before: usize,
    /// The weights of each output of a block, a row each, filled up with zeros; none where the rates are equal.
    pub(super) weights: Vec<[Lanes; 2]>,
    /// The number of steps in a row.
    pub(super) steps: usize,
    /// For each output of a block its own sample, counted from the block's first.
    pub(super) own: Vec<u32>,
}

impl ResampleFilter {
    /// Computes the weights.
    ///
    /// # Errors
    /// If a rate is 0, or the table would be larger than 32 MiB: two rates that have no divisor in common
    /// and are high.
    pub fn new(
        mode: ResampleMode,
        from_hz: u32,
        to_hz: u32,
        level: Level,
    ) -> Result<ResampleFilter, Error> {
        if from_hz == 0 || to_hz == 0 {
            return Err(Error::SampleRate);
        }
        let both = greatest_common_divisor(from_hz, to_hz);
        let (from, to) = (from_hz / both, to_hz / both);
        if from == to {
            let (weights, own) = (Vec::new(), Vec::new());
            return Ok(ResampleFilter { level, from, to, before: 0, weights, steps: 0, own });
        }
        let ratio = f64::from(from) / f64::from(from.min(to));
        let reach = (mode.half_width() * ratio).ceil() as usize;
        let steps = (2 * reach).div_ceil(STEP);
        let numbers = steps as u64 * STEP as u64 * u64::from(to);
        if numbers > MOST_WEIGHTS {
            return Err(Error::ResampleTable { from_hz, to_hz, numbers, most: MOST_WEIGHTS });
        }
        let before = reach - 1;
        let mut filter = ResampleFilter {
            level,
            from,
            to,
            before,
            weights: Vec::with_capacity(steps * to as usize),
            steps,
            own: Vec::with_capacity(to as usize),
        };
        let mut row = vec![0.0; steps * STEP];
        for output in 0..to {
            let own = (u64::from(output) * u64::from(from) / u64::from(to)) as u32;
            for (weight, offset) in row[..2 * reach].iter_mut().zip(0..) {
                let sample = i64::from(own) - before as i64 + offset;
                *weight = mode.weight(Place { output, sample, from, to });
            }
            if mode.is_normalized() {
                let sum: f64 = row.iter().sum();
                row.iter_mut().for_each(|weight| *weight /= sum);
            }
            let lanes = |eight: &[f64]| {
                let mut lanes = Lanes::default();
                lanes.0.iter_mut().zip(eight).for_each(|(lane, weight)| *lane = *weight as f32);
                lanes
            };
            let steps = row.as_chunks::<STEP>().0;
            filter
                .weights
                .extend(steps.iter().map(|step| [lanes(&step[..LANES]), lanes(&step[LANES..])]));
            filter.own.push(own);
        }
        Ok(filter)
    }

    /// Returns the number of samples that come out where so many go in: as many as lie within their time,
    /// `num_samples * to / from` rounded up.
    pub fn num_samples(&self, num_samples: u64) -> u64 {
        let outputs = u128::from(num_samples) * u128::from(self.to);
        u64::try_from(outputs.div_ceil(u128::from(self.from))).unwrap_or(u64::MAX)
    }

    /// Returns how many outputs come before the one at sample `origin`, where a recording
    /// [begins](ResampleFilter::begin) with that.
    pub fn num_before(&self, origin: u64) -> u64 {
        let outputs = u128::from(origin) * u128::from(self.to);
        u64::try_from(outputs / u128::from(self.from)).unwrap_or(u64::MAX)
    }

    /// Returns whether the rates are equal: then samples go through as they are.
    pub fn is_identity(&self) -> bool {
        self.from == self.to
    }

    /// Returns the number of bytes that the tables take.
    pub fn num_bytes(&self) -> usize {
        size_of_val(&*self.weights) + size_of_val(&*self.own)
    }
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
