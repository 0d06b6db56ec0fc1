//! Utterances as spikegrams: spikes, found or read, and the rows that they are.

use ossicle_dataset::{Stage, event_rows};
use ossicle_dsp::spikes::{Encoder, PursuitScratch, Spike};
use ossicle_dsp::{Moments, SampleScale};

use crate::bounds::stop::Stop;
use crate::cause::Cause;
use crate::part::PartWriter;
use crate::rows::buffers::Buffers;
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::input::{Input, num_samples};
use crate::rows::samples::Samples;
use crate::rows::sink::RowSink;
use crate::rows::spike_plan::SpikePlan;
use crate::rows::tables::Tables;
use crate::spike_files::SpikeFiles;

/// The longest recording whose spikes are held until its rows are written; those of a longer one are found
/// a second time.
const MOST_SAMPLES: u64 = 1 << 20;

/// Whether the spikes are held until the rows are written. A file may have any number of them, and is read
/// again instead.
fn are_held(input: &Input) -> bool {
    match input {
        Input::Recording(recording) => num_samples(recording) <= MOST_SAMPLES,
        Input::Spikes(_) => false,
    }
}

/// The spikes of a recording from its first sample on, some at a time.
enum SpikeStream<'a> {
    Found {
        encoder: Encoder<'a>,
        samples: Samples<'a>,
        scale: SampleScale,
        scaled: Vec<f32>,
        block: usize,
        next: usize,
    },
    Read(&'a mut SpikeFiles),
}

impl<'a> SpikeStream<'a> {
    fn begin(
        plan: &'a SpikePlan,
        input: &'a mut Input,
        scratch: &'a mut PursuitScratch,
        buffer: &mut Vec<f32>,
    ) -> Result<SpikeStream<'a>, Failure> {
        match (input, &plan.pursuit) {
            (Input::Recording(recording), Some(pursuit)) => {
                let all = 0..num_samples(recording);
                Ok(SpikeStream::Found {
                    encoder: pursuit.begin(scratch),
                    samples: Samples::new(recording, all, std::mem::take(buffer)),
                    scale: plan.scale,
                    scaled: Vec::new(),
                    block: pursuit.config().block,
                    next: 0,
                })
            }
            (Input::Spikes(files), _) => {
                files.rewind()?;
                Ok(SpikeStream::Read(files))
            }
            (Input::Recording(_), None) => unreachable!("recordings are read to be coded"),
        }
    }

    /// Appends some spikes and says before which sample there are no more; none where there were no more.
    fn next(&mut self, spikes: &mut Vec<Spike>) -> Result<Option<u64>, Failure> {
        match self {
            SpikeStream::Read(files) => Ok(files.read(spikes)?),
            SpikeStream::Found { encoder, samples, scale, scaled, block, next } => {
                let wanted = *next..(*next + *block).min(samples.len());
                if wanted.is_empty() {
                    return Ok(None);
                }
                *next = wanted.end;
                scaled.clear();
                scaled.extend(samples.read(wanted)?.iter().map(|&x| scale.of(x)));
                let pushed = encoder.push(scaled, spikes);
                pushed.map_err(|error| {
                    Failure::new(Stage::Features, Cause::TooLoud, error.to_string())
                })?;
                Ok(Some(*next as u64))
            }
        }
    }

    fn into_buffer(self) -> Vec<f32> {
        match self {
            SpikeStream::Found { samples, .. } => samples.into_buffer(),
            SpikeStream::Read(_) => Vec::new(),
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
    input: &mut Input,
    start: u64,
    num_frames: usize,
    buffers: &mut Buffers,
    writer: &mut PartWriter,
) -> Result<Vec<Moments>, UtteranceError> {
    let holds = tables.arrays.events().is_some() && are_held(input);
    let Buffers { samples, pursuit, spikes, kept, rows, sink, .. } = buffers;
    kept.clear();
    let mut sink = RowSink::new(tables, num_frames, writer, sink);
    let mut sums = plan.columns.begin(start, num_frames);
    let mut stream = SpikeStream::begin(plan, input, pursuit, samples)?;
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
    input: &mut Input,
    buffers: &mut Buffers,
    writer: &mut PartWriter,
) -> Result<u64, UtteranceError> {
    let Buffers { samples, pursuit, spikes, kept, .. } = buffers;
    if are_held(input) {
        writer.append(array, &spike_rows(kept))?;
        return Ok(kept.len() as u64);
    }
    let mut count = 0;
    let mut stream = SpikeStream::begin(plan, input, pursuit, samples)?;
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
