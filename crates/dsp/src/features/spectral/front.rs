//! The stages from samples to the spectrum of as many frames at once as a vector has lanes.

use crate::error::Error;
use crate::features::spectral::config::FeatureConfig;
use crate::features::spectral::energy::EnergyOf;
use crate::features::spectral::noise::{Noise, add_noise};
use crate::features::spectral::pack::{Conditioner, Packer, SampleEnergies, Weigh};
use crate::features::spectral::piece::Piece;
use crate::features::spectral::waveform::{Dither, Preemphasis};
use crate::kernels::bluestein::ChirpScratch;
use crate::kernels::buffer::{ComplexArray, LaneBuffer};
use crate::kernels::fft::RealFft;
use crate::kernels::lanes::{ComplexLanes, Vector};
use crate::kernels::unpack::BinSink;
use crate::samples::SampleScale;

/// Everything up to the spectrum, which several features may have in common.
#[derive(Debug, Clone)]
pub(crate) struct Front {
    config: FeatureConfig,
    /// The weight of each sample, times what samples have still to be multiplied with.
    window: Vec<f32>,
    /// The range that samples are brought into before the window.
    sample_scale: SampleScale,
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
    packed: LaneBuffer,
    chirp: ChirpScratch,
    power: LaneBuffer,
    magnitudes: LaneBuffer,
}

/// What a [`Front`] finds of frames.
pub(crate) struct Found<'a, V, const N: usize> {
    /// The powers of the bins.
    pub(crate) power: &'a [[f32; N]],
    /// The magnitudes of the bins, where they are asked for.
    pub(crate) magnitudes: &'a [[f32; N]],
    /// The energies of the samples, where they are asked for.
    pub(crate) energies: SampleEnergies<V>,
}

#[cfg(test)]
impl FrontScratch {
    /// Counts the bytes that it holds on to.
    pub(crate) fn num_bytes(&self) -> usize {
        let FrontScratch { span, dithered, packed, chirp, power, magnitudes } = self;
        (span.capacity() + dithered.capacity()) * size_of::<f32>()
            + packed.num_bytes()
            + power.num_bytes()
            + magnitudes.num_bytes()
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
            sample_scale: config.sample_scale,
            fft: RealFft::new(config.n_fft).of_short_frames(frames.length),
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
        self.place_scale();
    }

    /// Leaves a factor of samples to the window where that comes to the same: then they are used where
    /// they lie. A power of two changes no rounding of what is computed in between, which is all
    /// proportional to the samples but for noise and energies.
    fn place_scale(&mut self) {
        let can_wait = !self.filters_signal() && self.config.dither.is_none() && !self.raw_energy;
        let (scale, factor) = match (self.sample_scale, self.config.sample_scale) {
            (SampleScale::Int16, SampleScale::Int16) if can_wait => (SampleScale::Unit, 32768.0),
            (SampleScale::Unit, SampleScale::Int16) if !can_wait => {
                (SampleScale::Int16, 1.0 / 32768.0)
            }
            (placed, _) => (placed, 1.0),
        };
        self.sample_scale = scale;
        self.window.iter_mut().for_each(|weight| *weight *= factor);
    }

    /// Returns whether a sample's value depends on the one before it in the recording.
    pub(crate) fn filters_signal(&self) -> bool {
        matches!(self.config.preemphasis, Preemphasis::PerSignal(_))
    }

    /// - `lanes`: the most frames that are computed at once
    pub(crate) fn prepare(&self, lanes: usize, scratch: &mut FrontScratch) {
        scratch.packed.resize(self.fft.packed_len() * 2 * lanes);
        self.fft.prepare(lanes, &mut scratch.chirp);
        scratch.power.resize(self.fft.num_bins() * lanes);
        if self.magnitudes {
            scratch.magnitudes.resize(self.fft.num_bins() * lanes);
        }
        let span = (lanes - 1) * self.config.frames.shift + self.config.frames.length;
        if scratch.span.len() < span {
            scratch.span.resize(span, 0.0);
        }
        if self.config.dither.is_some() {
            scratch.dithered.resize(lanes * self.config.frames.length, 0.0);
        }
    }

    /// Computes the spectrum of `N` frames from `first` on. Where fewer are left, the last is
    /// repeated: that costs nothing and changes no maximum.
    #[inline(always)]
    pub(crate) fn run<'a, V: Vector<N>, const N: usize>(
        &self,
        utterance: Utterance<'_>,
        first: usize,
        scratch: &'a mut FrontScratch,
    ) -> Found<'a, V, N> {
        let FrontScratch { span, dithered, packed, chirp, power, magnitudes } = scratch;
        let packed = &mut packed.complex_mut()[..self.fft.packed_len()];
        // The last sample of an odd number has no other beside it.
        if !self.window.len().is_multiple_of(2) {
            packed[self.window.len() / 2][1] = [0.0; N];
        }
        let num_bins = self.fft.num_bins();
        let last = utterance.num_frames - 1;
        let mut frames = self.frames::<N>(utterance, first, span);
        if let Some(dither) = self.config.dither {
            let numbers = std::array::from_fn(|lane| (first + lane).min(last) as u64);
            let noise = Noise::new(dither.seed, utterance.key, numbers);
            frames = add_noise::<V, N>(noise, dither.standard_deviation, frames, dithered);
        }
        let next = self.samples_after::<N>(utterance, first);
        let energies = self.pack::<V, N>(frames, next, first + N <= last + 1, packed);
        let power = &mut power.lanes_mut()[..num_bins];
        self.fft.transform::<V, Power, N>(packed, chirp, power);
        let mut magnitudes = magnitudes.lanes_mut();
        if self.magnitudes {
            magnitudes = &mut magnitudes[..num_bins];
            let epsilon = V::splat(self.config.magnitude_epsilon);
            for (magnitude, power) in magnitudes.iter_mut().zip(&*power) {
                (V::load(power) + epsilon).sqrt().store(magnitude);
            }
        }
        Found { power, magnitudes, energies }
    }

    /// Returns whether samples need no scale and no filter.
    fn takes_samples_as_they_are(&self) -> bool {
        self.sample_scale == SampleScale::Unit && !self.filters_signal()
    }

    /// Returns the samples of `N` frames from `first` on.
    ///
    /// - `span`: takes those that do not lie in the recording as they are used
    #[inline(always)]
    fn frames<'a, const N: usize>(
        &self,
        utterance: Utterance<'a>,
        first: usize,
        span: &'a mut [f32],
    ) -> [&'a [f32]; N] {
        let last = utterance.num_frames - 1;
        let shift = self.config.frames.shift;
        let length = self.window.len();
        let begin = self.config.frames.first_sample() + (first * shift) as isize;
        let count = ((first + N - 1).min(last) - first) * shift + length;
        let Piece { samples, first: first_there } = utterance.piece;
        // Where all are there.
        let inside = usize::try_from(begin - first_there as isize).ok().and_then(|begin| {
            let span = begin..begin.checked_add(count)?;
            samples.get(span)
        });
        let span = match inside {
            Some(inside) if self.takes_samples_as_they_are() => inside,
            _ => {
                self.fill(utterance, begin, &mut span[..count]);
                &span[..count]
            }
        };
        let mut frames = [span; N];
        for (lane, frame) in frames.iter_mut().enumerate() {
            *frame = &span[(first + lane).min(last) * shift - first * shift..][..length];
        }
        frames
    }

    /// Returns the samples that the next `N` frames need beyond those of the `N` frames from `first` on, if they are
    /// used where they lie. (Those that are copied are read one after the other, which a processor foresees.)
    #[inline(always)]
    fn samples_after<'a, const N: usize>(
        &self,
        utterance: Utterance<'a>,
        first: usize,
    ) -> &'a [f32] {
        if !self.takes_samples_as_they_are() {
            return &[];
        }
        let Piece { samples, first: first_there } = utterance.piece;
        let shift = self.config.frames.shift;
        let end = ((first + N - 1) * shift + self.window.len()) as isize;
        let begin = self.config.frames.first_sample() + end - first_there as isize;
        let rest = &samples[begin.clamp(0, samples.len() as isize) as usize..];
        &rest[..rest.len().min(N * shift)]
    }

    /// Fills `span` with the scaled and filtered samples from `begin` on, and what stands for those
    /// past the ends.
    #[inline(always)]
    fn fill(&self, utterance: Utterance<'_>, begin: isize, span: &mut [f32]) {
        let Utterance { piece: Piece { samples, first }, num_samples, .. } = utterance;
        let scale = self.sample_scale;
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

    /// Puts frames into lanes, packed for the transform, and returns the energies that are asked for.
    ///
    /// - `next`: the samples that will be needed after these
    /// - `distinct`: whether no frame is repeated
    #[inline(always)]
    fn pack<V: Vector<N>, const N: usize>(
        &self,
        frames: [&[f32]; N],
        next: &[f32],
        distinct: bool,
        packed: &mut [ComplexArray<N>],
    ) -> SampleEnergies<V> {
        // Noise is each frame's own, and energies are summed from the first sample to the last.
        let has_energies = self.raw_energy || self.windowed_energy;
        let overlap = distinct && self.config.dither.is_none() && !has_energies;
        let shift = if overlap { self.config.frames.shift } else { usize::MAX };
        let zero = V::splat(0.0);
        let packer = Packer::new(frames, &self.window, next, shift);
        let conditioned = self.config.remove_dc_offset
            || matches!(self.config.preemphasis, Preemphasis::PerFrame(_))
            || has_energies;
        if !conditioned {
            packer.pack::<V>(&mut Weigh, packed);
            return SampleEnergies { raw: zero, windowed: zero };
        }
        if has_energies {
            self.condition::<V, true, N>(&packer, packed)
        } else {
            self.condition::<V, false, N>(&packer, packed)
        }
    }

    /// Puts frames into lanes without their mean, and filtered each on its own.
    #[inline(always)]
    fn condition<V: Vector<N>, const ENERGIES: bool, const N: usize>(
        &self,
        packer: &Packer<'_, N>,
        packed: &mut [ComplexArray<N>],
    ) -> SampleEnergies<V> {
        let coefficient = match self.config.preemphasis {
            Preemphasis::PerFrame(coefficient) => coefficient,
            _ => 0.0,
        };
        let mean = match self.config.remove_dc_offset {
            true => packer.sums::<V>() * (1.0 / self.window.len() as f32),
            false => V::splat(0.0),
        };
        let mut conditioner = Conditioner::<V, ENERGIES>::new(mean, coefficient);
        packer.pack(&mut conditioner, packed);
        conditioner.energies()
    }
}

/// Keeps the powers of bins.
struct Power;

impl<const N: usize> BinSink<N> for Power {
    type Bin = [f32; N];

    #[inline(always)]
    fn put<V: Vector<N>>(power: &mut [f32; N], x: ComplexLanes<V>) {
        (x.re * x.re + x.im * x.im).store(power);
    }
}
