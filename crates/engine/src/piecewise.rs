//! The rows of a recording that is too long to be held: computed in pieces, with the same bits.
//!
//! Where rows depend on all of the recording, on its largest value or its mean energy, it is read and
//! computed again rather than held or written down: computing is faster than most disks.

use std::ops::Range;

use ossicle_dsp::{Extractor, Moments, Piece, Pieces};

use crate::part_file::PartWriter;
use crate::row_sink::RowSink;
use crate::samples::Samples;
use crate::stop::Stop;
use crate::utterance::{Frames, Surroundings, Trouble, Workbench};

/// The most samples of a piece: a minute of speech.
const MOST_SAMPLES: usize = 1 << 20;

/// The most numbers of a piece's rows.
const MOST_NUMBERS: usize = 1 << 20;

/// How many frames are computed at a time of recordings with these frames; none where the whole
/// recording is a piece.
pub(crate) fn frames_at_once(frames: Frames<'_>, num_samples: usize) -> Option<usize> {
    let dim = frames.extractor.dim();
    if num_samples <= MOST_SAMPLES && frames.count * dim <= MOST_NUMBERS {
        return None;
    }
    let by_samples = MOST_SAMPLES.saturating_sub(frames.layout.length) / frames.layout.shift;
    let most = by_samples.min(MOST_NUMBERS / dim);
    const AT_ONCE: usize = Extractor::FRAMES_AT_ONCE;
    Some((most / AT_ONCE * AT_ONCE).max(AT_ONCE))
}

/// A recording on its way through.
struct Passage<'a, 's, 'r> {
    frames: Frames<'a>,
    at_once: usize,
    pieces: Pieces<'s>,
    samples: &'a mut Samples<'r>,
    stop: &'a Stop,
}

impl Passage<'_, '_, '_> {
    /// Frames that are computed together, in order.
    fn runs(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let (count, at_once) = (self.frames.count, self.at_once);
        (0..count).step_by(at_once).map(move |first| first..(first + at_once).min(count))
    }

    fn look(&mut self) -> Result<(), Trouble> {
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
        mut take: impl FnMut(&[f32]) -> Result<(), Trouble>,
    ) -> Result<(), Trouble> {
        for run in self.runs() {
            rows.resize(run.len() * self.frames.extractor.dim(), 0.0);
            let piece = read(self.stop, self.frames, self.samples, run.clone())?;
            self.pieces.extract_into(run, piece, rows);
            take(rows)?;
        }
        Ok(())
    }
}

/// What tells speech from silence: the first column.
fn energies(rows: &[f32], dim: usize) -> impl Iterator<Item = f32> {
    rows.iter().step_by(dim).copied()
}

/// The samples that some frames are made of.
fn read<'s>(
    stop: &Stop,
    frames: Frames<'_>,
    samples: &'s mut Samples<'_>,
    run: Range<usize>,
) -> Result<Piece<'s>, Trouble> {
    stop.check()?;
    let wanted = frames.extractor.samples_of(run, samples.len());
    Ok(Piece { first: wanted.start, samples: samples.read(wanted)? })
}

impl Workbench {
    /// Computes the rows and the mask of speech in pieces and appends them; returns the moments of the
    /// wide columns.
    pub(crate) fn append_in_pieces(
        &mut self,
        around: &Surroundings<'_>,
        frames: Frames<'_>,
        at_once: usize,
        samples: &mut Samples<'_>,
        writer: &mut PartWriter,
    ) -> Result<Moments, Trouble> {
        let job = around.job;
        let (dim, count) = (job.dim(), frames.count);
        let Workbench { scratch, rows, slid, mask, wide, widening, .. } = self;
        let pieces = frames.extractor.pieces(samples.len(), frames.key, scratch);
        let mut passage = Passage { frames, at_once, pieces, samples, stop: around.stop };
        if frames.extractor.needs_look() {
            passage.look()?;
        }

        let mut sink = RowSink::new(job, count, writer, slid, wide, widening);
        let mut energy_sum = 0.0;
        passage.rows(rows, |rows| {
            energy_sum = energies(rows, dim).fold(energy_sum, |sum, e| sum + f64::from(e));
            Ok(sink.push(rows)?)
        })?;
        let moments = sink.finish();

        if let Some(vad) = &job.vad {
            let mut speech = vad.begin(count, energy_sum);
            passage.rows(rows, |rows| {
                mask.clear();
                speech.push(energies(rows, dim), mask);
                Ok(writer.append_track(mask)?)
            })?;
        }
        Ok(moments)
    }
}
