//! Utterances as spikegrams: spikes, found or read, and the rows that they are.

use std::ops::Range;

use ossicle_dataset::{Stage, event_rows};
use ossicle_dsp::spikes::{Encoder, PursuitScratch, Spike};
use ossicle_dsp::{Moments, SampleScale};

use crate::bounds::stop::Stop;
use crate::cause::Cause;
use crate::part::PartWriter;
use crate::rows::buffers::Buffers;
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::input::Input;
use crate::rows::samples::Samples;
use crate::rows::sink::RowSink;
use crate::rows::spike_plan::SpikePlan;
use crate::rows::tables::Tables;
use crate::spike_files::SpikeFiles;

/// The longest recording whose spikes are held until its rows are written; those of a longer one are found
/// a second time.
const MOST_SAMPLES: u64 = 1 << 20;

/// What an utterance's spikes are found in or read from.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) input: &'a mut Input,
    /// What the utterance is of the recording, in samples: nothing else has a part in its spikes.
    pub(crate) stretch: Range<u64>,
}

impl Source<'_> {
    /// Whether the spikes are held until the rows are written. A file may have any number of them, and is
    /// read again instead.
    fn are_held(&self) -> bool {
        match self.input {
            Input::Recording(_) => self.stretch.end - self.stretch.start <= MOST_SAMPLES,
            Input::Spikes(_) => false,
        }
    }
}

/// The spikes of an utterance from its first sample on, some at a time. Their samples are the recording's.
enum SpikeStream<'a> {
    Found {
        encoder: Encoder<'a>,
        samples: Samples<'a>,
        scale: SampleScale,
        scaled: Vec<f32>,
        block: usize,
        /// The utterance's first sample, of the recording's.
        origin: u64,
        next: usize,
    },
    Read {
        files: &'a mut SpikeFiles,
        stretch: Range<u64>,
    },
}

impl<'a> SpikeStream<'a> {
    fn begin(
        plan: &'a SpikePlan,
        source: &'a mut Source<'_>,
        scratch: &'a mut PursuitScratch,
        buffer: &mut Vec<f32>,
    ) -> Result<SpikeStream<'a>, Failure> {
        let stretch = source.stretch.clone();
        match (&mut *source.input, &plan.pursuit) {
            (Input::Recording(recording), Some(pursuit)) => {
                let origin = stretch.start;
                Ok(SpikeStream::Found {
                    encoder: pursuit.begin(scratch),
                    samples: Samples::new(recording, stretch, std::mem::take(buffer)),
                    scale: plan.scale,
                    scaled: Vec::new(),
                    block: pursuit.config().block,
                    origin,
                    next: 0,
                })
            }
            (Input::Spikes(files), _) => {
                files.rewind()?;
                Ok(SpikeStream::Read { files, stretch })
            }
            (Input::Recording(_), None) => unreachable!("recordings are read to be coded"),
        }
    }

    /// Appends some spikes and says before which sample there are no more; none where there were no more.
    fn next(&mut self, spikes: &mut Vec<Spike>) -> Result<Option<u64>, Failure> {
        match self {
            SpikeStream::Read { files, stretch } => {
                let end = files.read(spikes)?;
                spikes.retain(|spike| stretch.contains(&spike.sample));
                Ok(end)
            }
            SpikeStream::Found { encoder, samples, scale, scaled, block, origin, next } => {
                let wanted = *next..(*next + *block).min(samples.len());
                if wanted.is_empty() {
                    return Ok(None);
                }
                *next = wanted.end;
                scaled.clear();
                scaled.extend(samples.read(wanted)?.iter().map(|&x| scale.of(x)));
                let before = spikes.len();
                let pushed = encoder.push(scaled, spikes);
                pushed.map_err(|error| {
                    Failure::new(Stage::Features, Cause::TooLoud, error.to_string())
                })?;
                spikes[before..].iter_mut().for_each(|spike| spike.sample += *origin);
                Ok(Some(*origin + *next as u64))
            }
        }
    }

    fn into_buffer(self) -> Vec<f32> {
        match self {
            SpikeStream::Found { samples, .. } => samples.into_buffer(),
            SpikeStream::Read { .. } => Vec::new(),
        }
    }
}

/// Finds or reads the spikes of a recording and appends the rows of an utterance in it; returns the moments
/// of the wide columns.
///
/// - `start`: the sample of the recording where the utterance begins
#[expect(
    clippy::too_many_arguments,
    reason = "an utterance, where it comes from and where it goes"
)]
pub(crate) fn append_rows(
    tables: &Tables,
    stop: &Stop,
    plan: &SpikePlan,
    source: &mut Source<'_>,
    start: u64,
    num_frames: usize,
    buffers: &mut Buffers,
    writer: &mut PartWriter,
) -> Result<Vec<Moments>, UtteranceError> {
    let holds = tables.arrays.events().is_some() && source.are_held();
    let Buffers { samples, pursuit, spikes, kept, rows, sink, .. } = buffers;
    kept.clear();
    let mut sink = RowSink::new(tables, num_frames, writer, sink);
    let mut sums = plan.columns.begin(start, num_frames);
    let mut stream = SpikeStream::begin(plan, source, pursuit, samples)?;
    loop {
        stop.check()?;
        spikes.clear();
        let Some(end) = stream.next(spikes)? else { break };
        sums.add(spikes);
        rows.clear();
        sums.rows_before(end, rows);
        sink.push(rows)?;
        if holds {
            kept.extend_from_slice(spikes);
        }
    }
    rows.clear();
    sums.rest(rows);
    sink.push(rows)?;
    *samples = stream.into_buffer();
    Ok(sink.finish())
}

/// Appends the spikes of the recording whose rows were appended last, as events, and says how many there
/// are.
pub(crate) fn append_events(
    stop: &Stop,
    array: usize,
    plan: &SpikePlan,
    source: &mut Source<'_>,
    buffers: &mut Buffers,
    writer: &mut PartWriter,
) -> Result<u64, UtteranceError> {
    let Buffers { samples, pursuit, spikes, kept, .. } = buffers;
    if source.are_held() {
        writer.append(array, &spike_rows(kept))?;
        return Ok(kept.len() as u64);
    }
    let mut count = 0;
    let mut stream = SpikeStream::begin(plan, source, pursuit, samples)?;
    loop {
        stop.check()?;
        spikes.clear();
        if stream.next(spikes)?.is_none() {
            break;
        }
        writer.append(array, &spike_rows(spikes))?;
        count += spikes.len() as u64;
    }
    *samples = stream.into_buffer();
    Ok(count)
}

/// Spikes as a dataset has them: rows of its array of events.
pub fn spike_rows(spikes: &[Spike]) -> Vec<u8> {
    event_rows(spikes.iter().map(|spike| (spike.channel, spike.sample, spike.amplitude)))
}
