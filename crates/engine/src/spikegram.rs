//! Utterances as spikegrams: spikes, found or read, and the rows that they are.

use std::sync::{Arc, Mutex};

use ossicle_dataset::{Dtype, Stage};
use ossicle_dsp::spikes::{
    Dictionary, Encoder, MatchingPursuit, PursuitScratch, Spike, SpikeColumns,
};
use ossicle_dsp::{FrameLayout, Level, Moments, SampleScale};

use crate::by_rate::ByRate;
use crate::cause::Cause;
use crate::job::Job;
use crate::part_file::PartWriter;
use crate::recipe::{Recipe, SpikegramConfig, SpikesFromKey};
use crate::row_sink::RowSink;
use crate::samples::Samples;
use crate::source::Source;
use crate::spike_files::{SpikeFileError, SpikeFiles};
use crate::utterance::{Failure, Surroundings, Trouble, Workbench};
use crate::workers::lock;

/// How many sample rates' tables a run keeps.
const MOST_RATES: usize = 4;

/// The longest recording whose spikes are held until its rows are written; those of a longer one are found
/// a second time.
const MOST_SAMPLES: u64 = 1 << 20;

/// What makes spikegrams, for each sample rate that there is. Workers share it: its tables are megabytes.
#[derive(Debug)]
pub(crate) struct SpikeJob {
    /// How many samples are coded at a time.
    pub(crate) block: usize,
    pub(crate) num_channels: usize,
    plans: Mutex<ByRate<Arc<SpikePlan>, MOST_RATES>>,
}

/// What makes the spikegrams of one sample rate.
#[derive(Debug)]
pub(crate) struct SpikePlan {
    /// None where spikes are read.
    pursuit: Option<MatchingPursuit>,
    scale: SampleScale,
    columns: SpikeColumns,
}

impl SpikePlan {
    fn new(
        config: &SpikegramConfig,
        frames: FrameLayout,
        level: Level,
    ) -> Result<SpikePlan, ossicle_dsp::Error> {
        let dictionary = Dictionary::new(&config.gammatones)?;
        let columns = SpikeColumns::new(&dictionary, frames, config.num_slots)?;
        let pursuit = match config.from {
            SpikesFromKey::Audio => {
                Some(MatchingPursuit::new(dictionary, config.pursuit.clone(), level)?)
            }
            SpikesFromKey::Files => None,
        };
        Ok(SpikePlan { pursuit, scale: config.scale, columns })
    }

    /// Whether there can be a plan, without what takes long.
    pub(crate) fn check(
        config: &SpikegramConfig,
        frames: FrameLayout,
    ) -> Result<(), ossicle_dsp::Error> {
        let dictionary = Dictionary::new(&config.gammatones)?;
        MatchingPursuit::check(&dictionary, &config.pursuit)?;
        SpikeColumns::new(&dictionary, frames, config.num_slots).map(drop)
    }
}

impl SpikeJob {
    pub(crate) fn new(recipe: &Recipe) -> Option<SpikeJob> {
        // What is asked here is the same at any rate.
        let config = recipe.spikegram(recipe.usual_rate_hz())?;
        Some(SpikeJob {
            block: config.pursuit.block,
            num_channels: config.gammatones.num_channels,
            plans: Mutex::default(),
        })
    }

    /// The plan for recordings of this sample rate, made where there is none yet. Others wait meanwhile,
    /// which is sooner than making it themselves.
    pub(crate) fn plan(
        &self,
        recipe: &Recipe,
        sample_rate_hz: u32,
        level: Level,
    ) -> Result<Arc<SpikePlan>, Failure> {
        let make = || {
            let Some(config) = recipe.spikegram(sample_rate_hz) else {
                unreachable!("the recipe that this is made from has a spikegram")
            };
            SpikePlan::new(&config, recipe.frames(sample_rate_hz), level).map(Arc::new)
        };
        Ok(lock(&self.plans).get(sample_rate_hz, make)?.clone())
    }
}

impl From<SpikeFileError> for Failure {
    fn from(error: SpikeFileError) -> Failure {
        let stage = match error {
            SpikeFileError::Open { .. }
            | SpikeFileError::Read { .. }
            | SpikeFileError::NotRegular { .. } => Stage::Open,
            _ => Stage::Decode,
        };
        Failure::of(stage, &error)
    }
}

/// Whether the spikes are held until the rows are written. A file may have any number of them, and is read
/// again instead.
fn are_held(source: &Source) -> bool {
    match source {
        Source::Recording(recording) => recording.info().num_samples <= MOST_SAMPLES,
        Source::Spikes(_) => false,
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
        source: &'a mut Source,
        scratch: &'a mut PursuitScratch,
        buffer: &mut Vec<f32>,
    ) -> Result<SpikeStream<'a>, Failure> {
        match (source, &plan.pursuit) {
            (Source::Recording(recording), Some(pursuit)) => {
                let all = 0..recording.info().num_samples;
                Ok(SpikeStream::Found {
                    encoder: pursuit.begin(scratch),
                    samples: Samples::new(recording, all, std::mem::take(buffer)),
                    scale: plan.scale,
                    scaled: Vec::new(),
                    block: pursuit.config().block,
                    next: 0,
                })
            }
            (Source::Spikes(files), _) => {
                files.rewind()?;
                Ok(SpikeStream::Read(files))
            }
            (Source::Recording(_), None) => unreachable!("recordings are read to be coded"),
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

impl Workbench {
    /// Finds or reads the spikes of a recording and appends the rows of an utterance in it; returns the
    /// moments of the wide columns.
    ///
    /// - `start`: the sample of the recording where the utterance begins
    pub(crate) fn append_spikegram(
        &mut self,
        around: &Surroundings<'_>,
        plan: &SpikePlan,
        source: &mut Source,
        start: u64,
        num_frames: usize,
        writer: &mut PartWriter,
    ) -> Result<Moments, Trouble> {
        let job = around.job;
        let holds = job.keeps_spikes() && are_held(source);
        let Workbench { samples, pursuit, spikes, kept, rows, slid, wide, widening, .. } = self;
        kept.clear();
        let mut sink = RowSink::new(job, num_frames, writer, slid, wide, widening);
        let mut sums = plan.columns.begin(start, num_frames);
        let mut stream = SpikeStream::begin(plan, source, pursuit, samples)?;
        loop {
            around.stop.check()?;
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

    /// Appends the spikes of the recording whose rows were appended last, and says how many there are.
    pub(crate) fn append_spikes(
        &mut self,
        around: &Surroundings<'_>,
        plan: &SpikePlan,
        source: &mut Source,
        writer: &mut PartWriter,
    ) -> Result<u64, Trouble> {
        let Workbench { samples, pursuit, spikes, kept, .. } = self;
        if are_held(source) {
            writer.append_spikes(kept)?;
            return Ok(kept.len() as u64);
        }
        let mut count = 0;
        let mut stream = SpikeStream::begin(plan, source, pursuit, samples)?;
        loop {
            around.stop.check()?;
            spikes.clear();
            if stream.next(spikes)?.is_none() {
                break;
            }
            writer.append_spikes(spikes)?;
            count += spikes.len() as u64;
        }
        *samples = stream.into_buffer();
        Ok(count)
    }
}

/// Spikes as an array of a dataset has them: int32 channel, int64 sample, float32 amplitude.
pub fn spike_rows(spikes: &[Spike]) -> Vec<u8> {
    let mut rows = Vec::with_capacity(Dtype::Spike.size() * spikes.len());
    for spike in spikes {
        rows.extend_from_slice(&spike.channel.to_le_bytes());
        rows.extend_from_slice(&spike.sample.to_le_bytes());
        rows.extend_from_slice(&spike.amplitude.to_le_bytes());
    }
    rows
}

/// What a worker's buffers take for the samples of a block, in bytes: a correlation a channel, what else
/// [`PursuitScratch`] has, and where every third sample has a spike, those.
pub(crate) fn worker_bytes(job: &Job) -> u64 {
    const CHANNEL_BYTES: u64 = 4;
    match &job.spikes {
        Some(spikes) if !job.recipe.reads_spikes() => {
            spikes.block as u64 * (CHANNEL_BYTES * spikes.num_channels as u64 + 60)
        }
        _ => 0,
    }
}
