//! A recording on its way from one sample rate to another.

use crate::resample::dots::Dots;
use crate::resample::filter::{ResampleFilter, STEP};

/// A recording that is resampled as its samples come. [`ResampleFilter::begin`] starts one.
///
/// However samples are cut into pushes, the same bits come out. What is held between pushes are the samples
/// that outputs still to come need: as many as there are weights in an output.
#[derive(Debug, Clone)]
pub struct Resampler<'a> {
    filter: &'a ResampleFilter,
    /// The sample at whose time there is an output.
    origin: u64,
    /// The samples that are still needed, with zeros before the recording's first.
    held: Vec<f32>,
    /// The number of the first that is held.
    held_from: i64,
    /// The number of samples that have come.
    num_samples: i64,
    /// The sample at whose time the present block of outputs begins.
    block: i64,
    /// The next output's number in its block.
    output: usize,
}

impl ResampleFilter {
    /// Begins a recording.
    ///
    /// - `origin`: the sample at whose very time there is to be an output: the first that comes out is as
    ///   many outputs before that as there are. 0 for a recording whose outputs are counted from its begin
    pub fn begin(&self, origin: u64) -> Resampler<'_> {
        Resampler::new(self, origin)
    }
}

impl<'a> Resampler<'a> {
    pub(super) fn new(filter: &'a ResampleFilter, origin: u64) -> Resampler<'a> {
        let (held, held_from, num_samples, block, output) = (Vec::new(), 0, 0, 0, 0);
        let mut new = Resampler { filter, origin, held, held_from, num_samples, block, output };
        new.rewind();
        new
    }

    /// Takes the next samples, and appends to `out` the outputs that they complete.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) {
        if self.filter.is_identity() {
            out.extend_from_slice(samples);
            return;
        }
        self.held.extend_from_slice(samples);
        self.num_samples += samples.len() as i64;
        self.make(i64::MAX, out);
    }

    /// Appends the last outputs, as if zeros followed. After that, only [`rewind`](Self::rewind) makes sense.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        if self.filter.is_identity() {
            return;
        }
        self.held.resize(self.held.len() + self.filter.steps * STEP, 0.0);
        self.make(self.num_samples, out);
    }

    /// Returns how many samples make about so many outputs: no more samples than outputs, and at least 1.
    pub fn samples_for(&self, num_outputs: usize) -> usize {
        let samples = num_outputs as u128 * u128::from(self.filter.from);
        let most = num_outputs as u128;
        (samples / u128::from(self.filter.to)).clamp(1, most.max(1)) as usize
    }

    /// Begins again.
    pub fn rewind(&mut self) {
        let ResampleFilter { from, to, before, .. } = *self.filter;
        self.held.clear();
        self.held.resize(before, 0.0);
        self.held_from = -(before as i64);
        self.num_samples = 0;
        // The outputs before the origin, and the blocks that they are the end of.
        let outputs = self.filter.num_before(self.origin);
        let blocks = outputs.div_ceil(u64::from(to));
        self.output = (blocks * u64::from(to) - outputs) as usize;
        self.block = self.origin as i64 - (blocks * u64::from(from)) as i64;
    }

    /// Appends the outputs whose samples are all held, and that are before the time of sample `end`.
    fn make(&mut self, end: i64, out: &mut Vec<f32>) {
        let filter = self.filter;
        let (from, to) = (i64::from(filter.from), i64::from(filter.to));
        let held_end = self.held_from + self.held.len() as i64;
        // An output's weights begin `before` samples before its own.
        let complete = held_end + filter.before as i64 + 1 - (filter.steps * STEP) as i64;
        let samples = complete.min(end) - self.block;
        let outputs = i128::from(samples.max(0)) * i128::from(to);
        let outputs = (outputs + i128::from(from) - 1) / i128::from(from);
        let count = usize::try_from(outputs).unwrap_or(usize::MAX).saturating_sub(self.output);
        let made = out.len();
        out.resize(made + count, 0.0);
        filter.level.run(Dots {
            filter,
            samples: &self.held,
            block: self.block - filter.before as i64 - self.held_from,
            output: self.output,
            out: &mut out[made..],
        });
        self.output += count;
        self.block += (self.output / to as usize) as i64 * from;
        self.output %= to as usize;

        let needed_from = self.block + i64::from(filter.own[self.output]) - filter.before as i64;
        let done = (needed_from - self.held_from).clamp(0, self.held.len() as i64);
        self.held.drain(..done as usize);
        self.held_from += done;
    }
}
