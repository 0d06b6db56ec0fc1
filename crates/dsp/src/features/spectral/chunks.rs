//! Recordings cut into chunks, each computed as a recording of its own.

use crate::error::Error;
use crate::features::spectral::config::FeatureConfig;
use crate::features::spectral::extractor::Extractor;
use crate::features::spectral::scratch::SpectralScratch;
use crate::frames::{Edges, FrameLayout};
use crate::kernels::simd::Level;
use crate::scratch::Scratch;
use crate::sink::Sink;
use crate::stream::{Feature, Next, RowStream, Start};

/// Features of recordings that are cut into chunks of [`Edges::Chunks`], the last completed with zeros:
/// each is padded for itself and has its own maximum, as Whisper's 30 s have.
#[derive(Debug, Clone)]
pub struct Chunked {
    /// That of a chunk.
    extractor: Extractor,
    frames: FrameLayout,
    chunk: usize,
}

impl Chunked {
    /// Checks the configurations and computes their tables; none where their frames are not in chunks.
    ///
    /// # Errors
    /// Those of [`Extractor::side_by_side`].
    pub fn side_by_side(configs: &[FeatureConfig], level: Level) -> Option<Result<Chunked, Error>> {
        let frames = configs.first()?.frames;
        let Edges::Chunks { samples: chunk, pad } = frames.edges else { return None };
        // A chunk's frames are those of a recording as long, without the one behind its end.
        let within = FrameLayout { edges: Edges::Center { pad, drop_last: true }, ..frames };
        let of_chunk = |config: &FeatureConfig| match config.frames == frames {
            true => FeatureConfig { frames: within, ..config.clone() },
            false => config.clone(),
        };
        let of_chunk: Vec<FeatureConfig> = configs.iter().map(of_chunk).collect();
        let checked = Extractor::check(configs);
        let planned = checked.and_then(|_| Extractor::side_by_side(&of_chunk, level));
        Some(planned.map(|extractor| Chunked { extractor, frames, chunk }))
    }
}

impl Feature for Chunked {
    fn dim(&self) -> usize {
        self.extractor.dim()
    }

    fn frames(&self) -> FrameLayout {
        self.frames
    }

    fn begin<'a>(&'a self, start: Start, scratch: &'a mut Scratch) -> Box<dyn RowStream + 'a> {
        let scratch = &mut scratch.spectral;
        let mut held = std::mem::take(&mut scratch.held);
        held.clear();
        let left_out = start.origin;
        Box::new(ChunkStream { chunked: self, scratch, held, start, left_out, next: 0 })
    }
}

/// An utterance on its way to rows, a chunk at a time.
#[derive(Debug)]
struct ChunkStream<'a> {
    chunked: &'a Chunked,
    scratch: &'a mut SpectralScratch,
    /// The samples of the chunk that is not complete yet.
    held: Vec<f32>,
    start: Start,
    /// The number of samples that are still to come before the origin.
    left_out: u64,
    /// The number of the chunk that comes next.
    next: u64,
}

impl ChunkStream<'_> {
    /// Computes the chunk that is held.
    fn compute(&mut self, out: &mut Sink) {
        let extractor = &self.chunked.extractor;
        self.held.resize(self.chunked.chunk, 0.0);
        let rows = out.append_rows(extractor.num_frames(self.held.len()) * extractor.dim());
        // Frames are counted from 0 in each chunk, whose noise is to differ.
        let key = self.start.key.wrapping_add(self.next);
        extractor.extract_whole(&self.held, key, self.scratch, rows);
        self.next += 1;
        self.held.clear();
    }
}

impl RowStream for ChunkStream<'_> {
    fn push(&mut self, samples: &[f32], out: &mut Sink) -> Result<(), Error> {
        let before = usize::try_from(self.left_out).unwrap_or(usize::MAX).min(samples.len());
        self.left_out -= before as u64;
        let mut rest = &samples[before..];
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.chunked.chunk - self.held.len()));
            self.held.extend_from_slice(now);
            rest = later;
            if self.held.len() == self.chunked.chunk {
                self.compute(out);
            }
        }
        Ok(())
    }

    fn finish(&mut self, last: &[f32], out: &mut Sink) -> Result<Next, Error> {
        self.push(last, out)?;
        if !self.held.is_empty() {
            self.compute(out);
        }
        Ok(Next::Done)
    }
}

impl Drop for ChunkStream<'_> {
    fn drop(&mut self) {
        // The next utterance uses the allocation again.
        self.scratch.held = std::mem::take(&mut self.held);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::Pad;

    #[test]
    fn rows_are_those_of_each_chunk_completed_with_zeros_however_samples_come() {
        let config = FeatureConfig::whisper(16_000, 20);
        let edges = Edges::Chunks { samples: 3200, pad: Pad::Reflect };
        let frames = FrameLayout { edges, ..config.frames };
        let in_chunks = FeatureConfig { frames, ..config.clone() };
        let plan = Chunked::side_by_side(&[in_chunks], Level::detect()).unwrap().unwrap();
        let alone = Extractor::new(config, Level::detect()).unwrap();
        let mut scratch = Scratch::default();
        for num_samples in [0, 1, 3199, 3200, 3201, 9000] {
            let samples = ossicle_testing::noise(num_samples, 1);
            let mut expected = Vec::new();
            for chunk in samples.chunks(3200) {
                let mut chunk = chunk.to_vec();
                chunk.resize(3200, 0.0);
                let mut rows = vec![0.0; 20 * 20];
                alone.extract_into(&chunk, &mut scratch, &mut rows);
                expected.extend(rows);
            }
            assert_eq!(frames.num_frames(num_samples) * 20, expected.len());
            for size in [1000, 3200, 7000] {
                let mut sink = Sink::default();
                let start = Start { origin: 5, ..Start::default() };
                let mut stream = plan.begin(start, &mut scratch);
                stream.push(&[0.5; 5], &mut sink).unwrap();
                for chunk in samples.chunks(size) {
                    stream.push(chunk, &mut sink).unwrap();
                }
                assert_eq!(stream.finish(&[], &mut sink).unwrap(), Next::Done);
                drop(stream);
                assert_eq!(sink.rows(), expected, "{num_samples} samples, {size} at a time");
            }
        }
    }
}
