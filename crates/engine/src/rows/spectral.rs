//! Rows of a recording's spectrum: at once, or in pieces of recordings that are too long to be held, with
//! the same bits.
//!
//! Where rows depend on all of the recording, on its largest value or its mean energy, a long one is read
//! and computed again rather than held or written down: computing is faster than most disks.

use std::ops::Range;

use ossicle_dsp::{Extractor, FrameLayout, Moments, Piece, Pieces};

use crate::bounds::stop::Stop;
use crate::part::PartWriter;
use crate::rows::buffers::Buffers;
use crate::rows::failure::UtteranceError;
use crate::rows::samples::Samples;
use crate::rows::sink::RowSink;
use crate::rows::tables::Tables;

/// The most samples of a piece: a minute of speech.
const MOST_SAMPLES: usize = 1 << 20;

/// The most numbers of a piece's rows.
const MOST_NUMBERS: usize = 1 << 20;

/// The frames of an utterance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frames<'a> {
    pub(crate) extractor: &'a Extractor,
    pub(crate) layout: FrameLayout,
    pub(crate) count: usize,
    /// What the noise of an utterance is keyed by.
    pub(crate) key: u64,
}

impl Frames<'_> {
    /// Returns how many frames are computed at a time; none where the whole recording is a piece.
    fn at_once(self, num_samples: usize) -> Option<usize> {
        let dim = self.extractor.dim();
        if num_samples <= MOST_SAMPLES && self.count * dim <= MOST_NUMBERS {
            return None;
        }
        let by_samples = MOST_SAMPLES.saturating_sub(self.layout.length) / self.layout.shift;
        let most = by_samples.min(MOST_NUMBERS / dim);
        const AT_ONCE: usize = Extractor::FRAMES_AT_ONCE;
        Some((most / AT_ONCE * AT_ONCE).max(AT_ONCE))
    }
}

/// Computes the rows of an utterance and its mask of speech and appends them; returns the moments of each
/// array's wide columns.
pub(crate) fn append(
    tables: &Tables,
    stop: &Stop,
    frames: Frames<'_>,
    samples: &mut Samples<'_>,
    buffers: &mut Buffers,
    writer: &mut PartWriter,
) -> Result<Vec<Moments>, UtteranceError> {
    match frames.at_once(samples.len()) {
        None => append_whole(tables, frames, samples, buffers, writer),
        Some(at_once) => append_in_pieces(tables, stop, frames, at_once, samples, buffers, writer),
    }
}

fn append_whole(
    tables: &Tables,
    frames: Frames<'_>,
    samples: &mut Samples<'_>,
    buffers: &mut Buffers,
    writer: &mut PartWriter,
) -> Result<Vec<Moments>, UtteranceError> {
    let Buffers { scratch, rows, track, sink, .. } = buffers;
    let dim = tables.arrays.dim;
    rows.resize(frames.count * dim, 0.0);
    let whole = samples.read(0..samples.len())?;
    frames.extractor.extract_keyed_into(whole, frames.key, scratch, rows);
    let mut sink = RowSink::new(tables, frames.count, writer, sink);
    sink.push(rows)?;
    let moments = sink.finish();
    if let Some(vad) = &tables.vad {
        vad.apply(rows, dim, track);
        writer.append(tables.arrays.first_track(), bytemuck::cast_slice(track))?;
    }
    Ok(moments)
}

fn append_in_pieces(
    tables: &Tables,
    stop: &Stop,
    frames: Frames<'_>,
    at_once: usize,
    samples: &mut Samples<'_>,
    buffers: &mut Buffers,
    writer: &mut PartWriter,
) -> Result<Vec<Moments>, UtteranceError> {
    let Buffers { scratch, rows, track, sink, .. } = buffers;
    let dim = tables.arrays.dim;
    let pieces = frames.extractor.pieces(samples.len(), frames.key, scratch);
    let mut recording = LongRecording { frames, at_once, pieces, samples, stop };
    if frames.extractor.needs_look() {
        recording.look()?;
    }

    let mut sink = RowSink::new(tables, frames.count, writer, sink);
    let mut energy_sum = 0.0;
    recording.rows(rows, |rows| {
        energy_sum = energies(rows, dim).fold(energy_sum, |sum, e| sum + f64::from(e));
        Ok(sink.push(rows)?)
    })?;
    let moments = sink.finish();

    if let Some(vad) = &tables.vad {
        let mut speech = vad.begin(frames.count, energy_sum);
        recording.rows(rows, |rows| {
            track.clear();
            speech.push(energies(rows, dim), track);
            Ok(writer.append(tables.arrays.first_track(), bytemuck::cast_slice(track))?)
        })?;
    }
    Ok(moments)
}

/// What tells speech from silence: the first column.
fn energies(rows: &[f32], dim: usize) -> impl Iterator<Item = f32> {
    rows.iter().step_by(dim).copied()
}

/// A recording that is computed in pieces.
struct LongRecording<'a, 's, 'r> {
    frames: Frames<'a>,
    at_once: usize,
    pieces: Pieces<'s>,
    samples: &'a mut Samples<'r>,
    stop: &'a Stop,
}

impl LongRecording<'_, '_, '_> {
    /// Frames that are computed together, in order.
    fn runs(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (count, at_once) = (self.frames.count, self.at_once);
        (0..count).step_by(at_once).map(move |first| first..(first + at_once).min(count))
    }

    /// Goes through all of it for what rows depend on.
    fn look(&mut self) -> Result<(), UtteranceError> {
        for run in self.runs() {
            let piece = read(self.stop, self.frames, self.samples, run.clone())?;
            self.pieces.look(run, piece);
        }
        Ok(())
    }

    /// Computes all rows, and hands out a run of them at a time.
    fn rows(
        &mut self,
        rows: &mut Vec<f32>,
        mut take: impl FnMut(&[f32]) -> Result<(), UtteranceError>,
    ) -> Result<(), UtteranceError> {
        for run in self.runs() {
            rows.resize(run.len() * self.frames.extractor.dim(), 0.0);
            let piece = read(self.stop, self.frames, self.samples, run.clone())?;
            self.pieces.extract_into(run, piece, rows);
            take(rows)?;
        }
        Ok(())
    }
}

/// Reads the samples that some frames are made of.
fn read<'s>(
    stop: &Stop,
    frames: Frames<'_>,
    samples: &'s mut Samples<'_>,
    run: Range<usize>,
) -> Result<Piece<'s>, UtteranceError> {
    stop.check()?;
    let wanted = frames.extractor.samples_of(run, samples.len());
    Ok(Piece { first: wanted.start, samples: samples.read(wanted)? })
}
