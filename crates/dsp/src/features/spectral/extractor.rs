//! Features of a recording.
//!
//! What bounds the loops is arithmetic on eight lanes. Of the time that a frame of `kaldi-fbank` with 80
//! filters takes with AVX2, the transform has 44 %, what comes before it (mean, pre-emphasis, window,
//! frames into lanes) 27 %, the logarithm 20 %, the filters 8 % and writing rows 2 %. Of 40 cepstra of 128
//! mels in decibels at n_fft 400, the transform has 33 %, the logarithm 31 %, the cosine transform 17 %,
//! what comes before 10 % and the filters 7 %. Half of the samples of a profile lie on sums, products,
//! comparisons and roots, which fill two units; 15 % on moves between registers and memory, most of
//! them in the transform, whose radix-8 passes need more registers than there are (the machine code
//! of all stages keeps 159 of them in memory for a while); and 7 to 11 % on spreading a weight over the
//! lanes. (`perf record` on an AMD EPYC with two cores; 0.26 and 0.28 µs a frame.)

use std::ops::Range;

use crate::error::Error;
use crate::features::spectral::config::FeatureConfig;
use crate::features::spectral::front::{Front, FrontScratch, Utterance};
use crate::features::spectral::head::{Head, HeadScratch};
use crate::features::spectral::piece::Piece;
use crate::features::spectral::scratch::SpectralScratch;
use crate::frames::{Edges, FrameLayout};
use crate::kernels::lanes::{LANES, Lanes, Vector};
use crate::kernels::simd::{Kernel, Level};
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
        self.prepare(num_frames.div_ceil(LANES), scratch);
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

    /// Begins a recording, with room for `batches` of eight frames where rows depend on all.
    pub(crate) fn prepare(&self, batches: usize, scratch: &mut SpectralScratch) {
        let num_heads = self.stages.iter().map(|(_, heads)| heads.len()).sum();
        scratch.fronts.resize_with(self.stages.len(), FrontScratch::default);
        scratch.heads.resize_with(num_heads, HeadScratch::default);
        let mut head_scratch = scratch.heads.iter_mut();
        for ((front, heads), scratch) in self.stages.iter().zip(&mut scratch.fronts) {
            front.prepare(scratch);
            for ((head, _), scratch) in heads.iter().zip(&mut head_scratch) {
                head.prepare(if head.needs_maxima() { batches } else { 1 }, scratch);
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

    /// Passes over frames, from a multiple of eight on.
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
            self.level.run(Extract {
                pass,
                front,
                heads,
                utterance,
                frames: frames.clone(),
                front_scratch,
                head_scratch: own_scratch,
                dim: self.dim,
                out,
            });
        }
    }
}

/// The use that is made of the columns of eight frames.
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

impl Kernel for Extract<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self) {
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
        let mut rows = out.chunks_mut(LANES * dim);
        for first in frames.clone().step_by(LANES) {
            let num_frames = (frames.end - first).min(LANES);
            front.run::<V>(utterance, first, front_scratch);
            let rows = rows.next().unwrap_or_default();
            for ((head, at), scratch) in heads.iter().zip(&mut *head_scratch) {
                if pass == Pass::FindMaxima && !head.needs_maxima() {
                    continue;
                }
                let kept = pass == Pass::Whole && head.needs_maxima();
                // Columns that wait for the maxima have a place each; all others share the first.
                let batch = if kept { first / LANES } else { 0 };
                head.gather::<V>(batch, num_frames, front_scratch, scratch);
                if !kept && pass != Pass::FindMaxima {
                    write_rows::<V>(head.finish::<V>(batch, scratch), rows, dim, *at);
                }
            }
        }
        for ((head, at), scratch) in heads.iter().zip(head_scratch) {
            if pass == Pass::Whole && head.needs_maxima() {
                for (batch, rows) in out.chunks_mut(LANES * dim).enumerate() {
                    write_rows::<V>(head.finish::<V>(batch, scratch), rows, dim, *at);
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
fn write_rows<V: Vector>(columns: &[Lanes], rows: &mut [f32], dim: usize, at: usize) {
    let blocks = columns.as_chunks::<LANES>().0;
    let whole = if rows.len() == LANES * dim { blocks } else { &[] };
    for (n, [a, b, c, d, e, f, g, h]) in whole.iter().enumerate() {
        let pieces = V::transpose([&a.0, &b.0, &c.0, &d.0, &e.0, &f.0, &g.0, &h.0]);
        for (row, piece) in rows.chunks_exact_mut(dim).zip(pieces) {
            if let Some(row) = row[at + n * LANES..].first_chunk_mut() {
                piece.store(row);
            }
        }
    }
    let done = whole.len() * LANES;
    for (lane, row) in rows.chunks_exact_mut(dim).enumerate() {
        for (x, column) in row[at + done..].iter_mut().zip(&columns[done..]) {
            *x = column.0[lane];
        }
    }
}
