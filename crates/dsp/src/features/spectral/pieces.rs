//! A recording that comes in pieces.

use std::ops::Range;

use crate::features::spectral::extractor::{Extractor, Pass, SpectralScratch};
use crate::features::spectral::front::Utterance;
use crate::features::spectral::piece::Piece;
use crate::kernels::lanes::LANES;
use crate::scratch::Scratch;

/// A recording that comes in pieces, made by [`Extractor::pieces`].
///
/// Its rows are written a run of frames at a time, with the bits that they have when it is extracted
/// whole, and in memory that does not grow with it. Where rows depend on the largest value of all
/// frames, [`look`](Pieces::look) passes over the recording before
/// [`extract_into`](Pieces::extract_into) does.
///
/// ```
/// use ossicle_dsp::{Extractor, FeatureConfig, Level, Piece, Scratch};
///
/// let extractor = Extractor::new(FeatureConfig::kaldi_mfcc(16_000), Level::detect())?;
/// let num_samples = 16_000;
/// let mut scratch = Scratch::default();
/// let mut pieces = extractor.pieces(num_samples, 0, &mut scratch);
/// assert!(!extractor.needs_look());
///
/// let frames = 0..16;
/// let wanted = extractor.samples_of(frames.clone(), num_samples);
/// assert_eq!(wanted, 0..2800);
/// let piece = Piece { first: wanted.start, samples: &vec![0.1; wanted.len()] };
/// let mut rows = vec![0.0; frames.len() * extractor.dim()];
/// pieces.extract_into(frames, piece, &mut rows);
/// # Ok::<(), ossicle_dsp::Error>(())
/// ```
#[derive(Debug)]
pub struct Pieces<'a> {
    extractor: &'a Extractor,
    scratch: &'a mut SpectralScratch,
    num_samples: usize,
    num_frames: usize,
    key: u64,
    /// The frame that the look has come to.
    to_look_at: usize,
    /// The frame whose row comes next.
    to_write: usize,
}

impl Extractor {
    /// Begins a recording that comes in pieces: its rows have the bits that
    /// [`extract_keyed_into`](Extractor::extract_keyed_into) gives them.
    ///
    /// - `num_samples`: of the whole recording
    /// - `key`: what names the utterance where there is [`Dither`](crate::Dither)
    /// - `scratch`: of this thread; what it holds does not depend on the recording's length
    pub fn pieces<'a>(
        &'a self,
        num_samples: usize,
        key: u64,
        scratch: &'a mut Scratch,
    ) -> Pieces<'a> {
        Pieces::new(self, num_samples, key, scratch)
    }
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(
        extractor: &'a Extractor,
        num_samples: usize,
        key: u64,
        scratch: &'a mut Scratch,
    ) -> Pieces<'a> {
        let scratch = &mut scratch.spectral;
        extractor.prepare(1, scratch);
        let num_frames = extractor.num_frames(num_samples);
        Pieces { extractor, scratch, num_samples, num_frames, key, to_look_at: 0, to_write: 0 }
    }

    /// Takes note of the largest values of these frames. Where [`Extractor::needs_look`], all frames
    /// are looked at before the first row is written; elsewhere there is nothing to note.
    ///
    /// - `frames`: the frames after those of the call before, from 0 on; a multiple of
    ///   [`Extractor::FRAMES_AT_ONCE`], or all that are left
    /// - `piece`: at least [`Extractor::samples_of`] these frames
    ///
    /// # Panics
    /// If `frames.start` is not where the call before ended, if `frames.end` is neither a multiple of
    /// `FRAMES_AT_ONCE` nor the number of frames, or is above it, or if `piece` lacks a sample of
    /// `samples_of(frames, num_samples)` or has one past the recording's end.
    pub fn look(&mut self, frames: Range<usize>, piece: Piece<'_>) {
        self.check(&frames, self.to_look_at, piece);
        self.to_look_at = frames.end;
        self.run(Pass::Look, frames, piece, &mut []);
    }

    /// Writes the rows of these frames into `out`.
    ///
    /// - `frames`: the frames after those of the call before, a multiple of
    ///   [`Extractor::FRAMES_AT_ONCE`] or all that are left; or those from 0 on, which begins anew
    ///   without another look
    /// - `piece`: at least [`Extractor::samples_of`] these frames
    /// - `out`: row-major, `[frames.len(), dim()]`
    ///
    /// # Panics
    /// If the extractor needs a look and it has not come to the last frame, if `frames.start` is
    /// neither 0 nor where the call before ended, if `frames.end` is neither a multiple of
    /// `FRAMES_AT_ONCE` nor the number of frames, or is above it, if `piece` lacks a sample of
    /// `samples_of(frames, num_samples)` or has one past the recording's end, or if
    /// `out.len() != frames.len() * extractor.dim()`.
    pub fn extract_into(&mut self, frames: Range<usize>, piece: Piece<'_>, out: &mut [f32]) {
        assert!(
            self.to_look_at == self.num_frames || !self.extractor.needs_look(),
            "rows of a recording of which {} frames of {} have been looked at",
            self.to_look_at,
            self.num_frames
        );
        if frames.start == 0 {
            self.to_write = 0;
            self.extractor.restart(self.scratch);
        }
        self.check(&frames, self.to_write, piece);
        let dim = self.extractor.dim();
        assert_eq!(out.len(), frames.len() * dim, "out must hold the frames' rows of dim");
        self.to_write = frames.end;
        self.run(Pass::Rows, frames, piece, out);
    }

    fn run(&mut self, pass: Pass, frames: Range<usize>, piece: Piece<'_>, out: &mut [f32]) {
        let Pieces { num_samples, num_frames, key, .. } = *self;
        let utterance = Utterance { piece, num_samples, num_frames, key };
        self.extractor.run(pass, utterance, frames, self.scratch, out);
    }

    fn check(&self, frames: &Range<usize>, next: usize, piece: Piece<'_>) {
        let Range { start, end } = *frames;
        assert_eq!(start, next, "frames must come in order");
        let wanted = self.extractor.samples_of(frames.clone(), self.num_samples);
        // Eight frames are computed at once, and a run that ended among them would be in want of the
        // samples of those after it.
        assert!(
            end.is_multiple_of(LANES) || end == self.num_frames,
            "frames {frames:?} of {} must end at a multiple of {LANES}",
            self.num_frames
        );
        let there = piece.first..piece.first + piece.samples.len();
        assert!(
            there.end <= self.num_samples,
            "samples {there:?} of a recording of {}",
            self.num_samples
        );
        assert!(
            wanted.is_empty() || (there.start <= wanted.start && wanted.end <= there.end),
            "frames {frames:?} are made of samples {wanted:?}, and those there are {there:?}"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Compression, Dither, EnergyNormalization, FeatureConfig, Level, Pcen, Preemphasis,
    };

    /// What the scratch holds on to after a recording of so many frames of silence.
    fn num_bytes_after(configs: &[FeatureConfig], num_frames: usize) -> usize {
        let extractor = Extractor::side_by_side(configs, Level::detect()).unwrap();
        let num_samples = num_frames * configs[0].frames.shift + configs[0].frames.length;
        let silence = vec![0.0; num_samples];
        let num_frames = extractor.num_frames(num_samples);
        let mut scratch = Scratch::default();
        let mut pieces = extractor.pieces(num_samples, 0, &mut scratch);
        let runs = || (0..num_frames).step_by(16).map(|first| first..(first + 16).min(num_frames));
        let of = |frames| {
            let wanted = extractor.samples_of(frames, num_samples);
            Piece { first: wanted.start, samples: &silence[wanted] }
        };
        for frames in runs() {
            pieces.look(frames.clone(), of(frames));
        }
        let mut rows = vec![0.0; 16 * extractor.dim()];
        for frames in runs() {
            let rows = &mut rows[..frames.len() * extractor.dim()];
            pieces.extract_into(frames.clone(), of(frames), rows);
        }
        scratch.spectral.num_bytes()
    }

    #[test]
    fn scratch_holds_on_to_as_much_after_a_long_recording_as_after_a_short_one() {
        let whisper = FeatureConfig::whisper(16_000, 80);
        let pcen = FeatureConfig {
            compression: Compression::Pcen(Pcen::default()),
            preemphasis: Preemphasis::PerSignal(0.97),
            ..whisper.clone()
        };
        let mut htk = FeatureConfig::htk_mfcc(16_000);
        htk.dither = Some(Dither { standard_deviation: 1.0, seed: 0 });
        if let Some(energy) = &mut htk.energy {
            energy.normalization = Some(EnergyNormalization { scale: 0.1, silence_floor_db: 50.0 });
        }
        // Of a size with a large prime factor, which is transformed in f64.
        let odd = FeatureConfig { n_fft: 442, ..FeatureConfig::librosa_mfcc(16_000) };
        let odd = FeatureConfig { frames: htk.frames, ..odd };
        for configs in [vec![whisper, pcen], vec![htk, odd]] {
            let short = num_bytes_after(&configs, 16);
            assert!(short > 10_000);
            assert_eq!(num_bytes_after(&configs, 5000), short);
        }
    }
}
