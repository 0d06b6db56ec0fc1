//! Features of a recording.
//!
//! What bounds the loops is arithmetic on lanes, and with sixteen of them the size of the first-level
//! cache: 512 samples of sixteen frames and their powers are 48 KiB. Of the time that a frame of
//! `kaldi-fbank` with 80 filters took with AVX2 on an AMD EPYC (`perf record`), the transform had 44 %, what
//! comes before it (mean, pre-emphasis, window, frames into lanes) 27 %, the logarithm 20 %, the filters 8 %
//! and writing rows 2 %; half of the samples lay on sums, products, comparisons and roots, which fill two
//! units. Since then transforms are in place and unpack in registers what their last pass gives, columns
//! are made of those a shift earlier, first passes leave out zeros and samples are used where they lie; and
//! sixteen lanes take half as many instructions as eight. µs a frame of three seconds of speech before
//! that and after, all with the same bits:
//!
//! | | AVX2 | AVX-512 |
//! |---|---|---|
//! | `kaldi-fbank`, 80 filters | 0.474 → 0.423 (x0.90) | 0.498 → 0.268 (x0.57) |
//! | `whisper-80` | 0.368 → 0.342 (x0.96) | 0.361 → 0.246 (x0.69) |
//! | `librosa-mel`, n_fft 2048 | 1.94 → 1.40 (x0.66) | 1.74 → 1.10 (x0.63) |
//! | `torchaudio-mel`, n_fft 400 | 0.268 → 0.266 (x0.99) | 0.257 → 0.196 (x0.76) |
//! | `kaldi-mfcc` | 0.418 → 0.397 (x0.94) | 0.444 → 0.268 (x0.60) |
//! | `psf-mfcc` | 0.400 → 0.344 (x0.85) | 0.412 → 0.234 (x0.56) |
//!
//! (Best calls, and medians of ratios of 31 to 61 pairs of calls that take turns, of the first three over
//! three runs; one core of an Intel Xeon with AVX-512 and 48 KiB of first-level cache. Asking for the points
//! of later butterflies ahead, by prefetch, changed nothing.) AVX2 gains less, and least where the last radix is 5: two
//! butterflies whose bins are unpacked together need 20 registers for their points alone, and it has 16.
//!
//! After that a third of the instructions had no part in the arithmetic (13,500 of the 41,500 that eight frames of
//! `kaldi-fbank` took with AVX2, counted by valgrind): questions whether a number is there, and addresses. Points and
//! bins are parts of equal lengths now, so that one question answers for all of a butterfly, the factors of the
//! unpacking lie in the order of their use, and samples whose energies are not asked for stay in registers: 35,500
//! instructions, of which 8,200 are of that kind, and all with the same bits. µs a frame on an AMD EPYC of 2021 (Zen 3,
//! medians of ratios of 15 pairs; another build of the old code took 0.433 for the first, x0.90):
//!
//! | | AVX2 | SSE2 |
//! |---|---|---|
//! | `kaldi-fbank`, 80 filters | 0.448 → 0.385 (x0.85) | 0.809 → 0.749 (x0.92) |
//! | `whisper-80` | 0.380 → 0.338 (x0.88) | 0.686 → 0.632 (x0.93) |
//! | `librosa-mel`, n_fft 2048 | 1.55 → 1.38 (x0.90) | 2.81 → 2.75 (x0.98) |
//! | `kaldi-mfcc` | 0.424 → 0.389 (x0.89) | 0.849 → 0.841 (x0.99) |
//!
//! With AVX-512 it was not measured; the scalar instructions in its code are 0.78 of those before.
//!
//! What instructions waited for came next, as many of them as before: logarithms of eight columns are taken step by
//! step together (17 % of a frame of `kaldi-fbank` before, 11 % after), and the samples of the next frames and the
//! rows of these are asked for ahead, by prefetch (sums of samples and rows 13 % before, 8 % after). On the same
//! processor, ten seconds of speech, medians of ratios of 63 pairs, the memory laid out anew for every third:
//!
//! | | AVX2 | SSE2 |
//! |---|---|---|
//! | `kaldi-fbank`, 80 filters | 0.387 → 0.351 (x0.90 to 0.92) | x0.97 to 0.99 |
//! | `whisper-80` | 0.340 → 0.302 (x0.89) | x0.96 to 0.99 |
//! | `timit-mfcc` | 0.493 → 0.438 (x0.88) | |
//! | `timit-spectrogram` | 0.336 → 0.321 (x0.96) | |
//!
//! `kaldi-mfcc`, `kaldi-plp`, `psf-mfcc`, `timit-mel` and `librosa-mel` took as long as before within 0.02. Samples that
//! are copied are not asked for ahead: it made `kaldi-mfcc` slower.

use std::ops::Range;

use crate::error::Error;
use crate::features::spectral::config::FeatureConfig;
use crate::features::spectral::front::{Front, FrontScratch, Utterance};
use crate::features::spectral::head::{Head, HeadScratch};
use crate::features::spectral::piece::Piece;
use crate::features::spectral::scratch::SpectralScratch;
use crate::frames::{Edges, FrameLayout};
use crate::kernels::lanes::{LANES, Vector, eight_of};
use crate::kernels::simd::{FrameKernel, Level};
use crate::scratch::Scratch;

/// A checked configuration with its tables, which threads may share.
///
/// ```
/// use ossicle_dsp::{Extractor, FeatureConfig, Level, Scratch};
///
/// let extractor = Extractor::new(FeatureConfig::kaldi_mfcc(16_000), Level::detect())?;
/// let one_second = vec![0.0; 16_000];
/// let mut features = vec![0.0; extractor.num_frames(one_second.len()) * extractor.dim()];
/// extractor.extract_into(&one_second, &mut Scratch::default(), &mut features);
/// assert_eq!(features.len(), 98 * 13);
/// # Ok::<(), ossicle_dsp::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Extractor {
    frames: FrameLayout,
    level: Level,
    dim: usize,
    /// Spectra, each with the features that are made of it and their first columns.
    stages: Vec<(Front, Vec<(Head, usize)>)>,
}

impl Extractor {
    /// Checks the configuration and computes window, twiddle factors and filters.
    ///
    /// # Errors
    /// If a value is out of range; the error shows it and says what is allowed.
    pub fn new(config: FeatureConfig, level: Level) -> Result<Extractor, Error> {
        Extractor::side_by_side(&[config], level)
    }

    /// Checks several features of the same frames, which stand side by side in one row. Where they
    /// have the same window and transform, the spectrum is computed once.
    ///
    /// # Errors
    /// If there is none, a value is out of range, or the frames are not the same, or are in
    /// [chunks](crate::Chunked).
    pub fn side_by_side(configs: &[FeatureConfig], level: Level) -> Result<Extractor, Error> {
        let frames = Extractor::check(configs)?;
        if let Edges::Chunks { .. } = frames.edges {
            return Err(Error::InChunks);
        }
        let mut stages: Vec<(Front, Vec<(Head, usize)>)> = Vec::new();
        let mut dim = 0;
        for config in configs {
            let stage =
                match stages.iter().position(|(front, _)| front.shares_spectrum_with(config)) {
                    Some(at) => &mut stages[at],
                    None => {
                        stages.push((Front::new(config), Vec::new()));
                        let last = stages.len() - 1;
                        &mut stages[last]
                    }
                };
            stage.0.add_outputs(config);
            stage.1.push((Head::new(config), dim));
            dim += config.dim();
        }
        Ok(Extractor { frames, level, dim, stages })
    }

    /// Checks features without computing tables, and returns where their frames lie.
    ///
    /// # Errors
    /// Those of [`Extractor::side_by_side`].
    pub fn check(configs: &[FeatureConfig]) -> Result<FrameLayout, Error> {
        let Some(first) = configs.first() else { return Err(Error::NoFeature) };
        let frames = first.frames;
        for config in configs {
            if config.frames != frames {
                return Err(Error::FrameGrids { first: frames, other: config.frames });
            }
            Front::check(config)?;
            Head::check(config)?;
        }
        Ok(frames)
    }

    /// Returns the number of columns of a row.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Returns the number of frames in a recording of `num_samples` samples.
    pub fn num_frames(&self, num_samples: usize) -> usize {
        self.frames.num_frames(num_samples)
    }

    /// Writes the features of a recording into `out`, one row a frame.
    ///
    /// - `samples`: mono, at [`FeatureConfig::sample_rate_hz`], full scale at ±1.0
    /// - `scratch`: of this thread; nothing is allocated once it has seen a recording as long
    /// - `out`: row-major, `[num_frames(samples.len()), dim()]`
    ///
    /// # Panics
    /// If `out.len() != self.num_frames(samples.len()) * self.dim()`.
    pub fn extract_into(&self, samples: &[f32], scratch: &mut Scratch, out: &mut [f32]) {
        self.extract_keyed_into(samples, 0, scratch, out);
    }

    /// Writes what [`extract_into`](Extractor::extract_into) does, with a key that names the
    /// utterance where there is [`Dither`](crate::Dither): utterances of the same key have the same
    /// noise.
    ///
    /// # Panics
    /// If `out.len() != self.num_frames(samples.len()) * self.dim()`.
    pub fn extract_keyed_into(
        &self,
        samples: &[f32],
        key: u64,
        scratch: &mut Scratch,
        out: &mut [f32],
    ) {
        self.extract_whole(samples, key, &mut scratch.spectral, out);
    }

    /// Writes the features of a recording that is there as a whole.
    pub(crate) fn extract_whole(
        &self,
        samples: &[f32],
        key: u64,
        scratch: &mut SpectralScratch,
        out: &mut [f32],
    ) {
        let (num_samples, num_frames) = (samples.len(), self.num_frames(samples.len()));
        assert_eq!(out.len(), num_frames * self.dim, "out must hold num_frames rows of dim");
        if num_frames == 0 {
            return;
        }
        self.prepare(num_frames, scratch);
        let piece = Piece { samples, first: 0 };
        let utterance = Utterance { piece, num_samples, num_frames, key };
        self.run(Pass::Whole, utterance, 0..num_frames, scratch, out);
    }

    /// Returns the layout of the frames.
    pub(crate) fn layout(&self) -> FrameLayout {
        self.frames
    }

    /// Returns whether rows depend on the largest value of the whole recording:
    /// [`Log::top_db`](crate::Log), `relative_to_maximum` and
    /// [`EnergyNormalization`](crate::EnergyNormalization).
    pub(crate) fn needs_maxima(&self) -> bool {
        self.stages.iter().any(|(_, heads)| needs_maxima(heads))
    }

    /// Returns the samples of a recording of `num_samples` that the frames `frames` are made of,
    /// from the first to the last: with what is mirrored at the ends, and with the sample before
    /// them where the recording is filtered. No frames need no samples.
    pub(crate) fn samples_of(&self, frames: Range<usize>, num_samples: usize) -> Range<usize> {
        let sources = self.frames.sources(&frames, num_samples);
        let filtered = self.stages.iter().any(|(front, _)| front.filters_signal());
        let before = usize::from(filtered && !sources.is_empty());
        sources.start.saturating_sub(before)..sources.end
    }

    /// Begins a recording, with room for `num_frames` where rows depend on all.
    pub(crate) fn prepare(&self, num_frames: usize, scratch: &mut SpectralScratch) {
        let lanes = self.level.lanes();
        let batches = num_frames.div_ceil(lanes);
        let num_heads = self.stages.iter().map(|(_, heads)| heads.len()).sum();
        scratch.fronts.resize_with(self.stages.len(), FrontScratch::default);
        scratch.heads.resize_with(num_heads, HeadScratch::default);
        let mut head_scratch = scratch.heads.iter_mut();
        for ((front, heads), scratch) in self.stages.iter().zip(&mut scratch.fronts) {
            front.prepare(lanes, scratch);
            for ((head, _), scratch) in heads.iter().zip(&mut head_scratch) {
                head.prepare(if head.needs_maxima() { batches } else { 1 }, lanes, scratch);
            }
        }
    }

    /// Goes back to the first frame, with the maxima of before.
    pub(crate) fn restart(&self, scratch: &mut SpectralScratch) {
        let heads = self.stages.iter().flat_map(|(_, heads)| heads);
        for ((head, _), scratch) in heads.zip(&mut scratch.heads) {
            head.restart(scratch);
        }
    }

    /// Passes over frames; [`Pass::Whole`] over all.
    pub(crate) fn run(
        &self,
        pass: Pass,
        utterance: Utterance<'_>,
        frames: Range<usize>,
        scratch: &mut SpectralScratch,
        out: &mut [f32],
    ) {
        let mut head_scratch = &mut scratch.heads[..];
        for ((front, heads), front_scratch) in self.stages.iter().zip(&mut scratch.fronts) {
            let (own_scratch, rest) = head_scratch.split_at_mut(heads.len());
            head_scratch = rest;
            if pass == Pass::FindMaxima && !needs_maxima(heads) {
                continue;
            }
            // Eight frames or fewer at the end need not have lanes for more; columns that are kept
            // until all are seen have the same lanes to the end.
            let after = frames.len() % self.level.lanes();
            let keeps = pass == Pass::Whole && needs_maxima(heads);
            let split = if after <= LANES && !keeps { frames.end - after } else { frames.end };
            for part in [frames.start..split, split..frames.end] {
                let rows =
                    (part.start - frames.start) * self.dim..(part.end - frames.start) * self.dim;
                self.level.run_frames(
                    part.len(),
                    Extract {
                        pass,
                        front,
                        heads,
                        utterance,
                        frames: part,
                        front_scratch: &mut *front_scratch,
                        head_scratch: &mut *own_scratch,
                        dim: self.dim,
                        out: out.get_mut(rows).unwrap_or_default(),
                    },
                );
            }
        }
    }
}

/// The use that is made of the columns of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// Their rows are written; where rows depend on all frames, columns are kept until all are seen.
    Whole,
    /// Their largest values are noted, and nothing is written.
    FindMaxima,
    /// Their rows are written: the largest values are known.
    Rows,
}

fn needs_maxima(heads: &[(Head, usize)]) -> bool {
    heads.iter().any(|(head, _)| head.needs_maxima())
}

/// One spectrum, and what is made of it.
struct Extract<'a> {
    pass: Pass,
    front: &'a Front,
    heads: &'a [(Head, usize)],
    utterance: Utterance<'a>,
    frames: Range<usize>,
    front_scratch: &'a mut FrontScratch,
    head_scratch: &'a mut [HeadScratch],
    dim: usize,
    out: &'a mut [f32],
}

impl FrameKernel for Extract<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector<N>, const N: usize>(self) {
        let Extract {
            pass,
            front,
            heads,
            utterance,
            frames,
            front_scratch,
            head_scratch,
            dim,
            out,
        } = self;
        let mut rows = out.chunks_mut(N * dim);
        for first in frames.clone().step_by(N) {
            let num_frames = (frames.end - first).min(N);
            let found = front.run::<V, N>(utterance, first, front_scratch);
            let rows = rows.next().unwrap_or_default();
            for ((head, at), scratch) in heads.iter().zip(&mut *head_scratch) {
                if pass == Pass::FindMaxima && !head.needs_maxima() {
                    continue;
                }
                let kept = pass == Pass::Whole && head.needs_maxima();
                let is_written = !kept && pass != Pass::FindMaxima;
                if is_written {
                    V::prefetch(rows);
                }
                // Columns that wait for the maxima have a place each; all others share the first.
                let batch = if kept { first / N } else { 0 };
                head.gather::<V, N>(batch, num_frames, &found, scratch);
                if is_written {
                    write_rows::<V, N>(head.finish::<V, N>(batch, scratch), rows, dim, *at);
                }
            }
        }
        for ((head, at), scratch) in heads.iter().zip(head_scratch) {
            if pass == Pass::Whole && head.needs_maxima() {
                for (batch, rows) in out.chunks_mut(N * dim).enumerate() {
                    write_rows::<V, N>(head.finish::<V, N>(batch, scratch), rows, dim, *at);
                }
            }
        }
    }
}

/// Writes lanes as columns of rows, of which there may be fewer than lanes.
///
/// - `columns`: the columns
/// - `rows`: row-major, `dim` columns
/// - `at`: the first column's place in a row
#[inline(always)]
fn write_rows<V: Vector<N>, const N: usize>(
    columns: &[[f32; N]],
    rows: &mut [f32],
    dim: usize,
    at: usize,
) {
    let blocks = columns.as_chunks::<LANES>().0;
    for (eight, rows) in rows.chunks_mut(LANES * dim).enumerate() {
        let whole = if rows.len() == LANES * dim { blocks } else { &[] };
        for (n, block) in whole.iter().enumerate() {
            let pieces = V::Eight::transpose(eight_of(block, eight));
            for (row, piece) in rows.chunks_exact_mut(dim).zip(pieces) {
                if let Some(row) = row[at + n * LANES..].first_chunk_mut() {
                    piece.store(row);
                }
            }
        }
        let done = whole.len() * LANES;
        for (lane, row) in rows.chunks_exact_mut(dim).enumerate() {
            for (x, column) in row[at + done..].iter_mut().zip(&columns[done..]) {
                *x = column[eight * LANES + lane];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::spectral::config::Compression;
    use crate::{Columns, Dither, EnergyNormalization, Pcen, Preemphasis};
    use ossicle_testing::noise;

    /// Configurations that take every way through samples, transforms and rows.
    fn configs() -> Vec<FeatureConfig> {
        let fbank = FeatureConfig::kaldi_fbank(16_000);
        let mut energies = FeatureConfig::htk_mfcc(16_000);
        if let Some(energy) = &mut energies.energy {
            energy.normalization = Some(EnergyNormalization { scale: 0.1, silence_floor_db: 50.0 });
        }
        let mut odd = FeatureConfig::timit_spectrogram(16_000);
        odd.columns = Columns::Bins { skip_dc: false };
        // Neither the transform's size nor the frames' length and shift have a factor of eight.
        (odd.n_fft, odd.frames.length, odd.frames.shift) = (442, 401, 150);
        let pcen = FeatureConfig {
            compression: Compression::Pcen(Pcen::default()),
            preemphasis: Preemphasis::PerSignal(0.97),
            ..fbank.clone()
        };
        vec![
            FeatureConfig {
                dither: Some(Dither { standard_deviation: 1.0, seed: 1 }),
                ..fbank.clone()
            },
            FeatureConfig::kaldi_plp(22_050),
            FeatureConfig::whisper(16_000, 80),
            FeatureConfig::librosa_mel(16_000),
            fbank,
            energies,
            odd,
            pcen,
        ]
    }

    #[test]
    fn sixteen_lanes_give_the_bits_of_eight() {
        let (mut scratch, mut wide_scratch) = (Scratch::default(), Scratch::default());
        for config in configs() {
            let extractor = |level| Extractor::new(config.clone(), level).unwrap();
            let (eight, sixteen) = (extractor(Level::BASELINE), extractor(Level::SIXTEEN));
            let FrameLayout { length, shift, .. } = config.frames;
            for n in [1, 7, 8, 9, 15, 16, 17, 24, 25, 33, 40] {
                let samples = noise(length + (n - 1) * shift, n as u64);
                let rows = eight.num_frames(samples.len()) * eight.dim();
                let (mut expected, mut found) = (vec![0.0; rows], vec![0.0; rows]);
                eight.extract_into(&samples, &mut scratch, &mut expected);
                sixteen.extract_into(&samples, &mut wide_scratch, &mut found);
                let same = expected.iter().zip(&found).all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(same, "{n} frames of {config:?}");
            }
        }
    }
}
