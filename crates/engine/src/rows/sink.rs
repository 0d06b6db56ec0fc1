//! Rows and events of an utterance on their way into its part, some at a time.

use std::collections::BTreeMap;

use ossicle_dataset::event_rows;
use ossicle_dsp::{Moments, Sink, Sliding, WideScratch};

use crate::error::Error;
use crate::part::PartWriter;
use crate::plan::arrays::{FeatureArray, StreamArrays};
use crate::rows::speech::Speech;
use crate::rows::tables::Tables;
use crate::rows::wide_moments::WideMoments;

/// The buffers of a sink, which may be dirty.
#[derive(Debug, Default)]
pub(crate) struct SinkScratch {
    slid: Vec<f32>,
    own: Vec<f32>,
    mask: Vec<i16>,
    widening: WideScratch,
}

/// A summary of an utterance's rows, which is stored beside them.
#[derive(Debug, Default)]
pub(crate) struct RowSummary {
    /// The moments of each feature array's wide columns, by its place.
    pub(crate) moments: BTreeMap<usize, Moments>,
    /// The number of events, where they are kept.
    pub(crate) num_events: Option<u64>,
    /// Whether the search for events ended at none of the ends that were asked for.
    pub(crate) ended_early: bool,
    /// The rule that tells speech from silence when the rows come a second time, where that is needed.
    pub(crate) speech: Option<Speech>,
}

impl RowSummary {
    /// Takes in that of another stream.
    pub(crate) fn merge(&mut self, other: RowSummary) {
        self.moments.extend(other.moments);
        self.num_events = self.num_events.or(other.num_events);
        self.ended_early |= other.ended_early;
        self.speech = self.speech.take().or(other.speech);
    }
}

/// Takes the base rows of an utterance in a stream, however many come at a time, and puts them into the arrays
/// of its part.
#[derive(Debug)]
pub(crate) struct RowSink<'a> {
    tables: &'a Tables,
    /// The stream, by its place.
    stream: usize,
    /// The number of rows that are still to come; what comes after them is another utterance's.
    left: usize,
    sliding: Option<Sliding>,
    /// The moments of each of its arrays, so far.
    moments: Vec<WideMoments>,
    speech: Option<Speech>,
    mask: MaskRows,
    num_events: Option<u64>,
    ended_early: bool,
    /// The sample of the recording that events are counted from.
    fed_from: u64,
    scratch: &'a mut SinkScratch,
}

impl<'a> RowSink<'a> {
    /// - `num_frames`: how many rows the utterance has; others that come are left out
    pub(crate) fn new(
        tables: &'a Tables,
        stream: usize,
        num_frames: usize,
        scratch: &'a mut SinkScratch,
    ) -> RowSink<'a> {
        let (arrays, level) = (&tables.arrays, tables.job.level);
        let StreamArrays { dim, is_plain, .. } = arrays.streams[stream];
        let sliding = tables.sliding.filter(|_| !is_plain);
        let of_array = |(_, of): (_, &FeatureArray)| WideMoments::new(of.after.wide, level, of.dim);
        RowSink {
            tables,
            stream,
            left: num_frames,
            sliding: sliding.map(|sliding| sliding.begin(dim, level)),
            moments: arrays.of_stream(stream).map(of_array).collect(),
            // By the first column of all.
            speech: tables.vad.filter(|_| stream == 0).map(Speech::new),
            mask: MaskRows::of(tables, num_frames),
            num_events: arrays.events_of(stream).map(|_| 0),
            ended_early: false,
            fed_from: 0,
            scratch,
        }
    }

    /// Says which sample of the recording was fed first; samples of events are counted from there, and are
    /// to be the recording's.
    pub(crate) fn fed_from(mut self, sample: u64) -> RowSink<'a> {
        self.fed_from = sample;
        self
    }

    /// Takes what a stream has made.
    pub(crate) fn take(&mut self, made: &Sink, writer: &mut PartWriter) -> Result<(), Error> {
        self.append_events(made, writer)?;
        self.push(made.rows(), writer)
    }

    /// Takes what a stream has made with its last samples.
    pub(crate) fn take_last(
        mut self,
        made: &Sink,
        writer: &mut PartWriter,
    ) -> Result<RowSummary, Error> {
        self.append_events(made, writer)?;
        self.finish(made.rows(), writer)
    }

    /// Takes the next rows.
    pub(crate) fn push(&mut self, rows: &[f32], writer: &mut PartWriter) -> Result<(), Error> {
        let rows = self.own_rows(rows);
        self.append_speech(rows, writer)?;
        let (arrays, dim) = (self.tables.arrays.of_stream(self.stream), self.dim());
        let SinkScratch { slid, own, widening, .. } = &mut *self.scratch;
        let rows = match &mut self.sliding {
            Some(sliding) => {
                slid.clear();
                sliding.push(rows, slid);
                &**slid
            }
            None => rows,
        };
        for ((number, array), moments) in arrays.zip(&mut self.moments) {
            let own = array.own(rows, dim, own);
            writer.append(number, bytemuck::cast_slice(own))?;
            moments.push(own, widening);
        }
        Ok(())
    }

    /// Takes the last rows.
    pub(crate) fn finish(
        mut self,
        last: &[f32],
        writer: &mut PartWriter,
    ) -> Result<RowSummary, Error> {
        let last = self.own_rows(last);
        self.append_speech(last, writer)?;
        let (arrays, dim) = (self.tables.arrays.of_stream(self.stream), self.dim());
        let SinkScratch { slid, own, mask, widening } = self.scratch;
        let last = match self.sliding {
            Some(sliding) => {
                slid.clear();
                sliding.finish(last, slid);
                &**slid
            }
            None => last,
        };
        let mut moments = BTreeMap::new();
        for ((number, array), of_array) in arrays.zip(self.moments) {
            let own = array.own(last, dim, own);
            writer.append(number, bytemuck::cast_slice(own))?;
            moments.insert(number, of_array.finish(own, widening));
        }
        mask.clear();
        let speech = self.speech.and_then(|speech| speech.finish(mask));
        self.mask.append(self.tables, writer, mask)?;
        let RowSink { num_events, ended_early, .. } = self;
        Ok(RowSummary { moments, num_events, ended_early, speech })
    }

    /// Returns the rows that are the utterance's, and counts them.
    fn own_rows<'r>(&mut self, rows: &'r [f32]) -> &'r [f32] {
        let dim = self.dim();
        let num_rows = (rows.len() / dim).min(self.left);
        self.left -= num_rows;
        &rows[..num_rows * dim]
    }

    /// Appends events, where they are kept, with samples counted from the recording's first.
    fn append_events(&mut self, made: &Sink, writer: &mut PartWriter) -> Result<(), Error> {
        self.ended_early |= made.ended_early();
        let array = self.tables.arrays.events_of(self.stream);
        let (Some(array), Some(count)) = (array, &mut self.num_events) else { return Ok(()) };
        let events = made.events();
        *count += events.len() as u64;
        let rows = event_rows(
            events
                .iter()
                .map(|event| (event.channel, event.sample + self.fed_from, event.amplitude)),
        );
        writer.append(array, &rows)
    }

    /// Appends as much of the mask of speech as these rows decide, where there is one.
    fn append_speech(&mut self, rows: &[f32], writer: &mut PartWriter) -> Result<(), Error> {
        let dim = self.dim();
        let Some(speech) = &mut self.speech else { return Ok(()) };
        let mask = &mut self.scratch.mask;
        mask.clear();
        speech.push(energies(rows, dim), mask);
        self.mask.append(self.tables, writer, mask)
    }

    /// Returns the number of columns of a row of its stream.
    fn dim(&self) -> usize {
        self.tables.arrays.streams[self.stream].dim
    }
}

/// The mask of speech of an utterance whose rows of the first stream come a second time.
#[derive(Debug)]
pub(crate) struct SpeechSink<'a> {
    tables: &'a Tables,
    writer: &'a mut PartWriter,
    /// The rule that tells speech from silence; none once the last rows have come.
    speech: Option<Speech>,
    /// The number of rows that are still to come.
    left: usize,
    mask: Vec<i16>,
    rows: MaskRows,
}

impl<'a> SpeechSink<'a> {
    pub(crate) fn new(
        tables: &'a Tables,
        num_frames: usize,
        speech: Speech,
        writer: &'a mut PartWriter,
    ) -> SpeechSink<'a> {
        let (speech, rows) = (Some(speech), MaskRows::of(tables, num_frames));
        SpeechSink { tables, writer, speech, left: num_frames, mask: Vec::new(), rows }
    }

    /// Takes what a stream has made.
    pub(crate) fn take(&mut self, made: &Sink, is_last: bool) -> Result<(), Error> {
        let dim = self.tables.arrays.streams[0].dim;
        self.mask.clear();
        if let Some(speech) = &mut self.speech {
            speech.push(energies(made.rows(), dim).take(self.left), &mut self.mask);
        }
        self.left -= self.left.min(made.rows().len() / dim);
        if let Some(speech) = self.speech.take_if(|_| is_last) {
            let _ = speech.finish(&mut self.mask);
        }
        self.rows.append(self.tables, self.writer, &self.mask)
    }
}

/// The frames whose value of the mask is kept: those of the dataset's rows, which may be every n-th.
#[derive(Debug)]
struct MaskRows {
    /// The number of frames from one row to the next.
    step: usize,
    /// The frames to pass until the next row's.
    until_next: usize,
    /// The number of rows that are still to come.
    left: usize,
}

impl MaskRows {
    fn of(tables: &Tables, num_frames: usize) -> MaskRows {
        let (step, left) = (tables.arrays.frames_per_row(), tables.arrays.num_labelled(num_frames));
        MaskRows { step, until_next: 0, left }
    }

    /// Appends the values of these frames that are kept.
    fn append(
        &mut self,
        tables: &Tables,
        writer: &mut PartWriter,
        mask: &[i16],
    ) -> Result<(), Error> {
        if mask.is_empty() {
            // There may be no array of masks.
            return Ok(());
        }
        let kept = mask.iter().skip(self.until_next).step_by(self.step).take(self.left);
        let kept: Vec<i16> = kept.copied().collect();
        self.left -= kept.len();
        let passed = self.until_next + kept.len() * self.step;
        self.until_next = if self.left > 0 { passed.saturating_sub(mask.len()) } else { 0 };
        writer.append(tables.arrays.first_track(), bytemuck::cast_slice(&kept))
    }
}

/// Returns what tells speech from silence: the first column.
fn energies(rows: &[f32], dim: usize) -> impl Iterator<Item = f32> {
    rows.iter().step_by(dim).copied()
}
