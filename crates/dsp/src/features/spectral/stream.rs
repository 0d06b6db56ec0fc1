//! Spectral features of a recording that comes a chunk at a time.

use std::ops::Range;

use crate::error::Error;
use crate::features::spectral::extractor::{Extractor, Pass};
use crate::features::spectral::front::Utterance;
use crate::features::spectral::piece::Piece;
use crate::features::spectral::scratch::SpectralScratch;
use crate::frames::FrameLayout;
use crate::kernels::lanes::LANES;
use crate::scratch::Scratch;
use crate::sink::Sink;
use crate::stream::{Feature, Latency, Next, RowStream, Start};

impl Feature for Extractor {
    fn dim(&self) -> usize {
        Extractor::dim(self)
    }

    fn frames(&self) -> FrameLayout {
        self.layout()
    }

    fn begin<'a>(&'a self, start: Start, scratch: &'a mut Scratch) -> Box<dyn RowStream + 'a> {
        Box::new(SpectralStream::new(self, start, &mut scratch.spectral))
    }
}

/// The use that is made of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// They are held, until the recording ends or is too long for that: rows depend on all of it.
    Hold,
    /// The largest values of their frames are noted; the recording is fed once more after that.
    FindMaxima,
    /// Their rows are handed out.
    Rows,
}

/// An utterance on its way to rows.
#[derive(Debug)]
struct SpectralStream<'a> {
    extractor: &'a Extractor,
    scratch: &'a mut SpectralScratch,
    start: Start,
    state: State,
    /// The number of samples that have come, those before the origin included.
    fed: u64,
    /// The place of the first sample that is held, counted from the origin.
    held_from: usize,
    /// The frame that comes next.
    next: usize,
}

impl<'a> SpectralStream<'a> {
    fn new(extractor: &'a Extractor, start: Start, scratch: &'a mut SpectralScratch) -> Self {
        let state = if extractor.needs_maxima() { State::Hold } else { State::Rows };
        extractor.prepare(1, scratch);
        let mut stream =
            SpectralStream { extractor, scratch, start, state, fed: 0, held_from: 0, next: 0 };
        stream.rewind();
        stream
    }

    /// Goes back to before the first sample, and keeps what is known of all.
    fn rewind(&mut self) {
        self.scratch.held.clear();
        (self.fed, self.held_from, self.next) = (0, 0, 0);
        self.extractor.restart(self.scratch);
    }

    /// Leaves out the samples before the origin, of which no frames are made.
    fn after_origin<'s>(&mut self, samples: &'s [f32]) -> &'s [f32] {
        let before = self.start.origin.saturating_sub(self.fed);
        self.fed += samples.len() as u64;
        &samples[usize::try_from(before).unwrap_or(usize::MAX).min(samples.len())..]
    }

    /// Returns whether these samples can be held with those that are.
    fn can_hold(&self, samples: &[f32]) -> bool {
        self.scratch.held.len() + samples.len() <= self.start.most_held
    }

    /// Extracts all frames of a recording that is there as a whole, into the sink's memory.
    fn extract_whole(&mut self, samples: &[f32], out: &mut Sink) {
        let num_frames = self.extractor.num_frames(samples.len());
        let rows = out.append_rows(num_frames * self.extractor.dim());
        self.extractor.extract_whole(samples, self.start.key, self.scratch, rows);
    }

    /// Passes over the frames that are final by the next samples.
    fn advance(&mut self, samples: &[f32], is_last: bool, out: &mut Sink) {
        let came_at = self.held_from + self.scratch.held.len();
        let seen = came_at + samples.len();
        let end = self.computable_end(seen, is_last);
        let split = self.first_apart(end, came_at, seen);
        let (dim, layout) = (self.extractor.dim(), self.extractor.layout());
        let pass = if self.state == State::FindMaxima { Pass::FindMaxima } else { Pass::Rows };
        let room = if pass == Pass::FindMaxima { 0 } else { (end - self.next) * dim };
        let rows = out.append_rows(room);
        let (before, after) = rows.split_at_mut(((split - self.next) * dim).min(room));
        let run = |scratch: &mut SpectralScratch, frames: Range<usize>, piece, rows| {
            let utterance =
                Utterance { piece, num_samples: seen, num_frames: end, key: self.start.key };
            self.extractor.run(pass, utterance, frames, scratch, rows);
        };

        // Frames that begin in what is held: a few, whose samples are put together.
        let mut held = std::mem::take(&mut self.scratch.held);
        let mut num_copied = 0;
        if self.next < split {
            let wanted = self.extractor.samples_of(self.next..split, seen);
            num_copied = wanted.end.saturating_sub(came_at);
            held.extend_from_slice(&samples[..num_copied]);
            let piece = Piece { samples: &held, first: self.held_from };
            run(self.scratch, self.next..split, piece, before);
        }
        if split < end {
            run(self.scratch, split..end, Piece { samples, first: came_at }, after);
        }
        self.next = end;

        let needed_from = layout.needed_from(end, seen);
        match needed_from.checked_sub(came_at) {
            Some(skipped) if skipped >= num_copied => {
                held.clear();
                held.extend_from_slice(&samples[skipped.min(samples.len())..]);
            }
            _ => {
                held.extend_from_slice(&samples[num_copied..]);
                held.drain(..needed_from.saturating_sub(self.held_from));
            }
        }
        self.held_from = self.held_from.max(needed_from);
        self.scratch.held = held;
    }

    /// Returns the frame before which all can be computed once so many samples have come.
    fn computable_end(&self, seen: usize, is_last: bool) -> usize {
        if is_last {
            return self.extractor.num_frames(seen);
        }
        let end = self.extractor.layout().num_final(seen).max(self.next);
        match self.start.latency {
            Latency::Row => end,
            // Frames are computed by eights, and an eight that is not full costs as much.
            Latency::Batch => self.next + (end - self.next) / LANES * LANES,
        }
    }

    /// Returns the frame from which on all are made of the samples from `came_at` on alone.
    fn first_apart(&self, end: usize, came_at: usize, seen: usize) -> usize {
        if came_at == 0 {
            return self.next;
        }
        let own = self.extractor.layout().first_frame_from(came_at + 1);
        let split = self.next + own.saturating_sub(self.next).next_multiple_of(LANES);
        if split >= end {
            return end;
        }
        // At the end, samples are mirrored that may have come before.
        match self.extractor.samples_of(split..end, seen).start >= came_at {
            true => split,
            false => end,
        }
    }
}

impl RowStream for SpectralStream<'_> {
    fn push(&mut self, samples: &[f32], out: &mut Sink) -> Result<(), Error> {
        let samples = self.after_origin(samples);
        if self.state == State::Hold {
            if self.can_hold(samples) {
                self.scratch.held.extend_from_slice(samples);
                return Ok(());
            }
            self.state = State::FindMaxima;
        }
        self.advance(samples, false, out);
        Ok(())
    }

    fn finish(&mut self, last: &[f32], out: &mut Sink) -> Result<Next, Error> {
        let last = self.after_origin(last);
        if self.state == State::Hold {
            if self.scratch.held.is_empty() {
                self.extract_whole(last, out);
                return Ok(Next::Done);
            }
            if self.can_hold(last) {
                let mut held = std::mem::take(&mut self.scratch.held);
                held.extend_from_slice(last);
                self.extract_whole(&held, out);
                self.scratch.held = held;
                return Ok(Next::Done);
            }
            self.state = State::FindMaxima;
        }
        self.advance(last, true, out);
        if self.state == State::Rows {
            return Ok(Next::Done);
        }
        self.state = State::Rows;
        self.rewind();
        Ok(Next::Again)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Compression, Dither, EnergyNormalization, FeatureConfig, Level, Pcen, Preemphasis,
    };

    /// Counts the bytes that the scratch holds on to after a recording of so many seconds of
    /// silence.
    fn num_bytes_after(configs: &[FeatureConfig], seconds: usize) -> usize {
        let extractor = Extractor::side_by_side(configs, Level::detect()).unwrap();
        let (mut scratch, mut sink) = (Scratch::default(), Sink::default());
        let start = Start { most_held: 20_000, ..Start::default() };
        let mut stream = extractor.begin(start, &mut scratch);
        let silence = [0.0; 4000];
        loop {
            for _ in 0..4 * seconds - 1 {
                stream.push(&silence, &mut sink).unwrap();
                sink.clear();
            }
            if stream.finish(&silence, &mut sink).unwrap() == Next::Done {
                break;
            }
        }
        drop(stream);
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
        let plain = FeatureConfig::kaldi_fbank(16_000);
        for configs in [vec![whisper, pcen], vec![htk, odd], vec![plain]] {
            let short = num_bytes_after(&configs, 2);
            assert!(short > 10_000);
            assert_eq!(num_bytes_after(&configs, 60), short);
        }
    }
}
