//! The stages from samples to the spectrum of eight frames at once.

use crate::error::Error;
use crate::features::spectral::config::FeatureConfig;
use crate::features::spectral::energy::EnergyOf;
use crate::features::spectral::noise::Noise;
use crate::features::spectral::piece::Piece;
use crate::features::spectral::waveform::{Dither, Preemphasis};
use crate::kernels::bluestein::ChirpScratch;
use crate::kernels::fft::{BinSink, RealFft};
use crate::kernels::lanes::{ComplexLanes, LANES, Lanes, Vector};
use crate::samples::SampleScale;

/// Everything up to the spectrum, which several features may have in common.
#[derive(Debug, Clone)]
pub(crate) struct Front {
    config: FeatureConfig,
    window: Vec<f32>,
    fft: RealFft,
    /// Asks for the magnitudes of the bins too.
    magnitudes: bool,
    /// Asks for the energy of the samples before pre-emphasis and window.
    raw_energy: bool,
    /// Asks for the energy of the samples after pre-emphasis and window.
    windowed_energy: bool,
}

/// The buffers that a [`Front`] works in, and its results.
#[derive(Debug, Default)]
pub(crate) struct FrontScratch {
    span: Vec<f32>,
    dithered: Vec<f32>,
    packed: Vec<ComplexLanes>,
    spare: Vec<ComplexLanes>,
    chirp: ChirpScratch,
    pub(crate) power: Vec<Lanes>,
    pub(crate) magnitudes: Vec<Lanes>,
    pub(crate) raw_energy: Lanes,
    pub(crate) windowed_energy: Lanes,
}

#[cfg(test)]
impl FrontScratch {
    /// Counts the bytes that it holds on to.
    pub(crate) fn num_bytes(&self) -> usize {
        let FrontScratch { span, dithered, packed, spare, chirp, power, magnitudes, .. } = self;
        (span.capacity() + dithered.capacity()) * size_of::<f32>()
            + (packed.capacity() + spare.capacity()) * size_of::<ComplexLanes>()
            + (power.capacity() + magnitudes.capacity()) * size_of::<Lanes>()
            + chirp.num_bytes()
    }
}

/// A recording, what there is of its samples, and what names it.
#[derive(Clone, Copy)]
pub(crate) struct Utterance<'a> {
    /// The samples that the frames in question are made of, at least.
    pub(crate) piece: Piece<'a>,
    pub(crate) num_samples: usize,
    pub(crate) num_frames: usize,
    pub(crate) key: u64,
}

impl Front {
    /// Checks what it is made of, without computing tables.
    pub(crate) fn check(config: &FeatureConfig) -> Result<(), Error> {
        if config.sample_rate_hz == 0 {
            return Err(Error::SampleRate);
        }
        RealFft::check(config.n_fft)?;
        let frames = config.frames;
        frames.check(config.n_fft)?;
        config.preemphasis.check()?;
        if let Some(Dither { standard_deviation: value, .. }) = config.dither
            && !(value > 0.0 && value.is_finite())
        {
            return Err(Error::Dither { value });
        }
        let covered = config.window_length.unwrap_or(frames.length);
        if covered == 0 || covered > frames.length {
            return Err(Error::WindowLength { window_length: covered, length: frames.length });
        }
        let value = config.magnitude_epsilon;
        if !(value == 0.0 || (value.is_normal() && value > 0.0)) {
            return Err(Error::MagnitudeEpsilon { value });
        }
        Ok(())
    }

    /// Computes its tables.
    ///
    /// - `config`: as it [is checked](Front::check)
    pub(crate) fn new(config: &FeatureConfig) -> Front {
        let frames = config.frames;
        let covered = config.window_length.unwrap_or(frames.length);
        let mut window = vec![0.0; frames.length];
        let before = (frames.length - covered) / 2;
        window[before..before + covered].copy_from_slice(&config.window.weights(covered));
        let mut front = Front {
            config: config.clone(),
            window,
            fft: RealFft::new(config.n_fft),
            magnitudes: false,
            raw_energy: false,
            windowed_energy: false,
        };
        front.add_outputs(config);
        front
    }

    /// Returns whether another feature starts with the same spectrum.
    pub(crate) fn shares_spectrum_with(&self, other: &FeatureConfig) -> bool {
        let this = &self.config;
        // All but what comes after the spectrum.
        (this.sample_rate_hz, this.sample_scale, this.frames, this.dither)
            == (other.sample_rate_hz, other.sample_scale, other.frames, other.dither)
            && (this.remove_dc_offset, this.preemphasis, this.n_fft)
                == (other.remove_dc_offset, other.preemphasis, other.n_fft)
            && (this.window, this.window_length) == (other.window, other.window_length)
            && this.magnitude_epsilon == other.magnitude_epsilon
    }

    /// Computes what this feature wants, too.
    pub(crate) fn add_outputs(&mut self, config: &FeatureConfig) {
        self.magnitudes |=
            config.spectrum == crate::features::spectral::config::Spectrum::Magnitude;
        let energy = config.energy.map(|energy| energy.of);
        self.raw_energy |= energy == Some(EnergyOf::Raw);
        self.windowed_energy |= energy == Some(EnergyOf::Windowed);
    }

    /// Returns whether a sample's value depends on the one before it in the recording.
    pub(crate) fn filters_signal(&self) -> bool {
        matches!(self.config.preemphasis, Preemphasis::PerSignal(_))
    }

    pub(crate) fn prepare(&self, scratch: &mut FrontScratch) {
        scratch.packed.resize(self.fft.packed_len(), ComplexLanes::ZERO);
        scratch.spare.resize(self.fft.packed_len(), ComplexLanes::ZERO);
        self.fft.prepare(&mut scratch.chirp);
        scratch.power.resize(self.fft.num_bins(), Lanes::ZERO);
        scratch.magnitudes.resize(self.fft.num_bins(), Lanes::ZERO);
        let span = (LANES - 1) * self.config.frames.shift + self.config.frames.length;
        if scratch.span.len() < span {
            scratch.span.resize(span, 0.0);
        }
        if self.config.dither.is_some() {
            scratch.dithered.resize(LANES * self.config.frames.length, 0.0);
        }
    }

    /// Computes the spectrum of eight frames from `first` on. Where fewer are left, the last is
    /// repeated: that costs nothing and changes no maximum.
    #[inline(always)]
    pub(crate) fn run<V: Vector>(
        &self,
        utterance: Utterance<'_>,
        first: usize,
        scratch: &mut FrontScratch,
    ) {
        let last = utterance.num_frames - 1;
        let shift = self.config.frames.shift;
        let length = self.window.len();
        let begin = self.config.frames.first_sample() + (first * shift) as isize;
        let count = ((first + LANES - 1).min(last) - first) * shift + length;
        let Piece { samples, first: first_there } = utterance.piece;
        // Samples that are all there, and need no scale and no filter, are used where they lie.
        let inside = usize::try_from(begin - first_there as isize).ok().and_then(|begin| {
            let span = begin..begin.checked_add(count)?;
            samples.get(span)
        });
        let as_they_are = self.config.sample_scale == SampleScale::Unit && !self.filters_signal();
        let FrontScratch { span, dithered, packed, spare, chirp, power, .. } = scratch;
        let span = match inside {
            Some(inside) if as_they_are => inside,
            _ => {
                self.fill(utterance, begin, &mut span[..count]);
                &span[..count]
            }
        };
        let mut frames = [span; LANES];
        for (lane, frame) in frames.iter_mut().enumerate() {
            *frame = &span[(first + lane).min(last) * shift - first * shift..][..length];
        }
        if let Some(dither) = self.config.dither {
            let numbers = std::array::from_fn(|lane| (first + lane).min(last) as u64);
            let noise = Noise::new(dither.seed, utterance.key, numbers);
            frames = add_noise::<V>(noise, dither.standard_deviation, frames, dithered);
        }
        let conditioned = self.config.remove_dc_offset
            || matches!(self.config.preemphasis, Preemphasis::PerFrame(_))
            || self.raw_energy
            || self.windowed_energy;
        if conditioned {
            let (raw, windowed) = self.pack_conditioned::<V>(frames, packed);
            raw.store(&mut scratch.raw_energy.0);
            windowed.store(&mut scratch.windowed_energy.0);
        } else {
            self.pack_windowed::<V>(frames, packed);
        }
        self.fft.transform::<V>(packed, spare, chirp, &mut Power(power));
        if self.magnitudes {
            let epsilon = V::splat(self.config.magnitude_epsilon);
            for (magnitude, power) in scratch.magnitudes.iter_mut().zip(power) {
                (V::load(&power.0) + epsilon).sqrt().store(&mut magnitude.0);
            }
        }
    }

    /// Fills `span` with the scaled and filtered samples from `begin` on, and what stands for those
    /// past the ends.
    #[inline(always)]
    fn fill(&self, utterance: Utterance<'_>, begin: isize, span: &mut [f32]) {
        let Utterance { piece: Piece { samples, first }, num_samples, .. } = utterance;
        let scale = self.config.sample_scale;
        let coefficient = match self.config.preemphasis {
            Preemphasis::PerSignal(coefficient) => coefficient,
            _ => 0.0,
        };
        let value = |at: usize| {
            let x = scale.of(samples[at - first]);
            match coefficient {
                0.0 => x,
                _ if at == 0 => x,
                _ => x - coefficient * scale.of(samples[at - 1 - first]),
            }
        };
        let end = begin + span.len() as isize;
        let within = begin.clamp(0, num_samples as isize)..end.clamp(0, num_samples as isize);
        let inner = (within.start - begin).clamp(0, span.len() as isize) as usize;
        let (from, to) = (within.start as usize, within.end as usize);
        let (before, rest) = span.split_at_mut(inner);
        let (whole, after) = rest.split_at_mut(to - from);
        for (place, x) in (begin..).zip(before) {
            *x = self.config.frames.source(place, num_samples).map_or(0.0, value);
        }
        for (place, x) in (within.end.max(begin)..).zip(after) {
            *x = self.config.frames.source(place, num_samples).map_or(0.0, value);
        }
        if whole.is_empty() {
            // Then the recording's end may lie outside the piece.
            return;
        }
        let samples = &samples[from - first..to - first];
        if coefficient == 0.0 {
            for (x, &sample) in whole.iter_mut().zip(samples) {
                *x = scale.of(sample);
            }
        } else if let Some((outermost, others)) = whole.split_first_mut() {
            *outermost = value(from);
            for (x, pair) in others.iter_mut().zip(samples.windows(2)) {
                *x = scale.of(pair[1]) - coefficient * scale.of(pair[0]);
            }
        }
    }

    /// Puts frames into lanes, packed for the transform, times the window.
    #[inline(always)]
    fn pack_windowed<V: Vector>(&self, frames: [&[f32]; LANES], packed: &mut [ComplexLanes]) {
        let (weights, rest) = self.window.as_chunks();
        let blocks = frames.map(|frame| &frame.as_chunks().0[..weights.len()]);
        let (whole, after) = packed.split_at_mut(weights.len() * LANES / 2);
        for (n, (packed, weights)) in whole.as_chunks_mut().0.iter_mut().zip(weights).enumerate() {
            pack_block(weigh(V::transpose(nth_blocks(&blocks, n)), weights), packed);
        }
        after.fill(ComplexLanes::ZERO);
        let mut weights = [0.0; LANES];
        weights[..rest.len()].copy_from_slice(rest);
        pack_tail(weigh(self.tail::<V>(frames), &weights), rest.len(), after);
    }

    /// Puts frames into lanes, packed for the transform: without their mean, filtered, and times the
    /// window. Returns the energies of the samples before the filter, and after the window.
    #[inline(always)]
    fn pack_conditioned<V: Vector>(
        &self,
        frames: [&[f32]; LANES],
        packed: &mut [ComplexLanes],
    ) -> (V, V) {
        let (weights, rest) = self.window.as_chunks();
        let blocks = frames.map(|frame| &frame.as_chunks().0[..weights.len()]);
        let coefficient = match self.config.preemphasis {
            Preemphasis::PerFrame(coefficient) => coefficient,
            _ => 0.0,
        };
        let mean = match self.config.remove_dc_offset {
            true => self.frame_sums::<V>(&blocks, frames) * (1.0 / self.window.len() as f32),
            false => V::splat(0.0),
        };
        let mut conditioner = Conditioner {
            mean,
            coefficient,
            before: None,
            raw: self.raw_energy.then(|| V::splat(0.0)),
            windowed: self.windowed_energy.then(|| V::splat(0.0)),
        };
        let (whole, after) = packed.split_at_mut(weights.len() * LANES / 2);
        for (n, (packed, weights)) in whole.as_chunks_mut().0.iter_mut().zip(weights).enumerate() {
            let columns =
                conditioner.condition(V::transpose(nth_blocks(&blocks, n)), LANES, weights);
            pack_block(columns, packed);
        }
        after.fill(ComplexLanes::ZERO);
        if !rest.is_empty() {
            let mut weights = [0.0; LANES];
            weights[..rest.len()].copy_from_slice(rest);
            let tail = conditioner.condition(self.tail::<V>(frames), rest.len(), &weights);
            pack_tail(tail, rest.len(), after);
        }
        let zero = V::splat(0.0);
        (conditioner.raw.unwrap_or(zero), conditioner.windowed.unwrap_or(zero))
    }

    /// Sums each frame: its samples in eights, and then what the eight places hold.
    #[inline(always)]
    fn frame_sums<V: Vector>(
        &self,
        blocks: &[&[[f32; LANES]]; LANES],
        frames: [&[f32]; LANES],
    ) -> V {
        let mut places = [Lanes::ZERO; LANES];
        for (places, blocks) in places.iter_mut().zip(blocks) {
            // In two sums, so that one addition need not wait for the other.
            let mut sums = [V::splat(0.0); 2];
            let (pairs, last) = blocks.as_chunks::<2>();
            for [a, b] in pairs {
                sums = [sums[0] + V::load(a), sums[1] + V::load(b)];
            }
            for a in last {
                sums[0] = sums[0] + V::load(a);
            }
            (sums[0] + sums[1]).store(&mut places.0);
        }
        let [a, b, c, d, e, f, g, h] = &places;
        let sum = pairwise_sum(V::transpose([&a.0, &b.0, &c.0, &d.0, &e.0, &f.0, &g.0, &h.0]));
        sum + pairwise_sum(self.tail::<V>(frames))
    }

    /// Loads the samples after the last whole block of each frame, and zeros.
    #[inline(always)]
    fn tail<V: Vector>(&self, frames: [&[f32]; LANES]) -> [V; LANES] {
        let begin = self.window.len() / LANES * LANES;
        let mut tail = [V::splat(0.0); LANES];
        for (i, tail) in tail.iter_mut().enumerate().take(self.window.len() - begin) {
            *tail = V::load(&frames.map(|frame| frame[begin + i]));
        }
        tail
    }
}

/// Keeps the powers of the bins of a spectrum.
struct Power<'a>(&'a mut [Lanes]);

impl BinSink for Power<'_> {
    #[inline(always)]
    fn put<V: Vector>(&mut self, k: usize, x: ComplexLanes<V>) {
        (x.re * x.re + x.im * x.im).store(&mut self.0[k].0);
    }
}

/// Adds eight, in pairs of pairs.
#[inline(always)]
fn pairwise_sum<V: Vector>([a, b, c, d, e, f, g, h]: [V; LANES]) -> V {
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}

/// Returns the n-th block of each frame.
#[inline(always)]
fn nth_blocks<'a>(blocks: &[&'a [[f32; LANES]]; LANES], n: usize) -> [&'a [f32; LANES]; LANES] {
    let [a, b, c, d, e, f, g, h] = blocks;
    [&a[n], &b[n], &c[n], &d[n], &e[n], &f[n], &g[n], &h[n]]
}

#[inline(always)]
fn weigh<V: Vector>(mut columns: [V; LANES], weights: &[f32; LANES]) -> [V; LANES] {
    for (column, &weight) in columns.iter_mut().zip(weights) {
        *column = *column * weight;
    }
    columns
}

#[inline(always)]
fn pack_block<V: Vector>(columns: [V; LANES], packed: &mut [ComplexLanes; LANES / 2]) {
    for (j, packed) in packed.iter_mut().enumerate() {
        ComplexLanes { re: columns[2 * j], im: columns[2 * j + 1] }.store(packed);
    }
}

/// Packs what is less than a block.
#[inline(always)]
fn pack_tail<V: Vector>(columns: [V; LANES], count: usize, packed: &mut [ComplexLanes]) {
    for (i, column) in columns.into_iter().enumerate().take(count) {
        let to = &mut packed[i / 2];
        column.store(if i % 2 == 0 { &mut to.re.0 } else { &mut to.im.0 });
    }
}

/// The steps that each sample of eight frames goes through, from first to last.
struct Conditioner<V> {
    mean: V,
    coefficient: f32,
    /// The sample before, without the mean.
    before: Option<V>,
    /// The energies so far that are wanted.
    raw: Option<V>,
    windowed: Option<V>,
}

impl<V: Vector> Conditioner<V> {
    /// Filters and weights the next `count` samples; zeros come after them.
    #[inline(always)]
    fn condition(
        &mut self,
        columns: [V; LANES],
        count: usize,
        weights: &[f32; LANES],
    ) -> [V; LANES] {
        let mut centred = [V::splat(0.0); LANES];
        for (centred, &x) in centred[..count].iter_mut().zip(&columns) {
            *centred = x - self.mean;
        }
        let mut out = centred;
        let mut before = self.before.unwrap_or(centred[0]);
        for (out, &x) in out.iter_mut().zip(&centred) {
            *out = x - before * self.coefficient;
            before = x;
        }
        self.before = Some(before);
        let out = weigh(out, weights);
        if let Some(raw) = &mut self.raw {
            *raw = *raw + sum_of_squares(centred);
        }
        if let Some(windowed) = &mut self.windowed {
            *windowed = *windowed + sum_of_squares(out);
        }
        out
    }
}

#[inline(always)]
fn sum_of_squares<V: Vector>(mut x: [V; LANES]) -> V {
    for x in &mut x {
        *x = *x * *x;
    }
    pairwise_sum(x)
}

/// Writes the frames with noise added to `dithered`, and returns them.
#[inline(always)]
fn add_noise<'a, V: Vector>(
    mut noise: Noise,
    standard_deviation: f32,
    frames: [&[f32]; LANES],
    dithered: &'a mut [f32],
) -> [&'a [f32]; LANES] {
    let length = frames[0].len();
    let mut place = 0;
    while place < length {
        let mut columns = [Lanes::ZERO; LANES];
        for pair in columns.as_chunks_mut::<2>().0 {
            let (a, b) = noise.pair::<V>();
            (a * standard_deviation).store(&mut pair[0].0);
            (b * standard_deviation).store(&mut pair[1].0);
        }
        let [a, b, c, d, e, f, g, h] = &columns;
        let noise = V::transpose([&a.0, &b.0, &c.0, &d.0, &e.0, &f.0, &g.0, &h.0]);
        for ((row, frame), noise) in dithered.chunks_exact_mut(length).zip(frames).zip(noise) {
            let (row, frame) = (&mut row[place..], &frame[place..]);
            match (row.first_chunk_mut(), frame.first_chunk()) {
                (Some(row), Some(frame)) => (V::load(frame) + noise).store(row),
                _ => {
                    let mut rest = [0.0; LANES];
                    noise.store(&mut rest);
                    for ((x, sample), noise) in row.iter_mut().zip(frame).zip(rest) {
                        *x = sample + noise;
                    }
                }
            }
        }
        place += LANES;
    }
    let mut rows = dithered.chunks_exact(length);
    frames.map(|_| rows.next().unwrap_or_default())
}
