//! One utterance on its way from a recording to the rows of a part.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ossicle_audio::Channel;
use ossicle_corpus::{Column, FrameGrid, Held, Utterance, printable};
use ossicle_dataset::{Intervals, Stage, UtteranceRow};
use ossicle_dsp::{Feature as PlannedFeature, Moments, ResampleFilter};

use crate::bounds::cpu::{self, waits};
use crate::bounds::stop::Stop;
use crate::cause::Cause;
use crate::part::{Note, PartWriter};
use crate::rows::buffers::Buffers;
use crate::rows::context::Context;
use crate::rows::extent::{Extent, StreamExtent, most_rows, rates};
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::feed::{Feed, feed_samples};
use crate::rows::input::{Input, are_read_alike, media_of};
use crate::rows::int16::is_beyond_int16;
use crate::rows::levels::LevelMeter;
use crate::rows::resampling::Rates;
use crate::rows::samples::Samples;
use crate::rows::sink::RowSummary;
use crate::rows::tables::Tables;
use crate::work::Spent;
use ossicle_recipe::{ChannelChoice, Feature};

/// The bench that a worker computes utterances on: its buffers, and the input that stays open.
#[derive(Debug, Default)]
pub(crate) struct Workbench {
    /// The input of the last utterance, where the next is of the same recording.
    kept: Option<OpenInput>,
    /// The last recording's bytes.
    file: Vec<u8>,
    buffers: Buffers,
    /// The levels of the last recording's samples.
    meter: Option<LevelMeter>,
    /// The time that tables took or were waited for, which is no utterance's.
    set_up: Duration,
    /// The time that the last recording was waited for.
    opening: Duration,
}

/// An input that stays open for the next segment of its recording.
#[derive(Debug)]
struct OpenInput {
    input: Input,
    /// The utterance that it was opened for, and the folder that its paths are relative to.
    of: Utterance,
    root: PathBuf,
}

/// An utterance that is computed: what is stored of it apart from its rows.
#[derive(Debug)]
pub(crate) struct StoredUtterance {
    pub(crate) row: UtteranceRow,
    /// The moments of each feature array's wide columns.
    pub(crate) moments: Vec<Moments>,
    /// What people should know of it.
    pub(crate) noted: Vec<Note>,
}

/// A channel is silent below this, 60 dB below full scale.
const SILENT: f32 = 1e-3;

/// A channel beside a silent one is worth a word above this.
const AUDIBLE: f32 = 0.03;

/// Floating-point samples above this are no sound at full scale ±1 that is a little too loud.
const LOUDEST_FLOAT: f32 = 8.0;

/// The samples and frames that an utterance will come to.
pub(crate) struct Prospect {
    pub(crate) sample_rate_hz: u32,
    /// The number of samples that are used; where that is not known, the most that there can be.
    pub(crate) num_samples: u64,
    /// The number of rows on each grid of the dataset's files.
    pub(crate) rows: Vec<u64>,
}

/// A stream that is planned for a recording.
struct PlannedStream {
    feature: Arc<dyn PlannedFeature>,
    /// What samples are resampled by; none where they stay as they are.
    filter: Option<Arc<ResampleFilter>>,
}

impl Workbench {
    /// Computes an utterance and appends it to the part, where it has begun.
    ///
    /// - `next`: the one that may come next; where it is of the same recording, that stays open
    pub(crate) fn process(
        &mut self,
        context: Context<'_>,
        utterance: &Utterance,
        next: Option<&Utterance>,
        writer: &mut PartWriter,
    ) -> Result<StoredUtterance, UtteranceError> {
        self.buffers.spent = Spent::default();
        let mut input = self.open(context, utterance)?;
        let (mut labelled, extent) = Extent::measure(context, &input, utterance)?;
        let recipe = &context.tables.job.recipe;
        let channel = input.choose(recipe, utterance, extent.stretch.clone())?;
        let RowSummary { moments, num_events, ended_early, .. } =
            self.append_rows(context, &mut input, utterance, &extent, writer)?;
        let StreamExtent { rates, layout, num_frames } = extent.streams[0];
        let (tables, track) = (context.tables, &mut self.buffers.track);
        // Resampled samples are counted from the first frame's on, and the recording's from its begin.
        let origin = extent.samples.start;
        let is_resampled = rates.recording_hz != rates.frames_hz;
        let resampled = is_resampled.then_some((rates, origin));
        let first_sample = if is_resampled { 0 } else { origin as i64 };
        let first_sample = first_sample + layout.first_sample() as i64;
        let shift = layout.shift * tables.arrays.frames_per_row();
        let grid = FrameGrid { first_sample, length: layout.length, shift };
        labelled.classify(tables, utterance)?;
        let num_rows = tables.arrays.num_labelled(num_frames);
        labelled.append(tables, resampled, grid, num_rows, track, writer)?;
        if let Input::Recording(recording) = &input {
            recording.check_unchanged().map_err(|error| Failure::of_audio(&error))?;
        }
        let heard = self.heard(context, &mut input, utterance, channel, extent.stretch.clone())?;
        let truncated = input.truncation();
        match next.is_some_and(|next| are_read_alike(utterance, next)) {
            true => {
                let (of, root) = (utterance.clone(), context.root.to_owned());
                self.kept = Some(OpenInput { input, of, root });
            }
            false => self.close(input),
        }
        check_finite(tables, &extent, &moments)?;
        let is_clipped = is_clipped(tables, &moments);
        let is_latin1 = labelled.is_latin1;
        let intervals = labelled.into_intervals(tables);
        let row = row(channel, utterance, intervals, &extent, num_rows, num_events);
        let levels = self.meter.take().filter(|_| tables.job.recipe.audio().levels());
        let levels = levels.map(|meter| meter.levels());
        let row = UtteranceRow { truncated, levels, ..row };
        let latin1 = is_latin1.then_some(Note::Latin1);
        let noted = heard.into_iter().chain(ended_early.then_some(Note::EndedEarly));
        let clipped = is_clipped.then_some(Note::ClippedSamples);
        let noted = noted.chain(latin1).chain(clipped).collect();
        Ok(StoredUtterance { row, moments: moments.into_values().collect(), noted })
    }

    /// Finds what people should know of the samples of an utterance that were read.
    fn heard(
        &self,
        context: Context<'_>,
        input: &mut Input,
        utterance: &Utterance,
        channel: Channel,
        stretch: Range<u64>,
    ) -> Result<Vec<Note>, Failure> {
        let (Input::Recording(recording), Some(meter)) = (input, &self.meter) else {
            return Ok(Vec::new());
        };
        let mut noted = Vec::new();
        let info = *recording.info();
        if info.encoding.is_float() && meter.peak() > LOUDEST_FLOAT {
            noted.push(Note::LoudFloats);
        }
        if info.channels == 1 || channel == Channel::Mix {
            return Ok(noted);
        }
        if channel == Channel::First && utterance.channel().is_none() {
            noted.push(Note::FirstOfSeveral);
        }
        let is_meant = context.tables.job.recipe.audio().channel == ChannelChoice::Each;
        if meter.peak() < SILENT && !is_meant {
            // Nobody else listens to the others, and few recordings are silent.
            let loudest = recording.loudest(stretch).map_err(|error| Failure::of_audio(&error))?;
            if loudest.peak > AUDIBLE {
                noted.push(Note::SilentChannel);
            }
        }
        Ok(noted)
    }

    /// Computes the rows of all features and the events, and appends them.
    fn append_rows(
        &mut self,
        context: Context<'_>,
        input: &mut Input,
        utterance: &Utterance,
        extent: &Extent,
        writer: &mut PartWriter,
    ) -> Result<RowSummary, UtteranceError> {
        let begin = Instant::now();
        let planned = plan_streams(context.tables, extent)?;
        if matches!(input, Input::Recording(_)) {
            // Events take no such tables.
            planned.iter().for_each(|planned| planned.feature.prepare());
        }
        self.set_up += begin.elapsed();
        let feeds = feeds((context.tables, context.stop), utterance, extent, &planned);
        let recording = match input {
            Input::Recording(recording) => recording,
            Input::Events(file) => {
                let whole = Feed { range: extent.stretch.clone(), ..feeds[0].clone() };
                return whole.events(file, &mut self.buffers, writer);
            }
        };
        let all = feeds.iter().map(|feed| feed.range.clone());
        let all = all.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or_default();
        let buffer = std::mem::take(&mut self.buffers.samples);
        let mut samples = Samples::new(recording, all, buffer, context.tables.job.level);
        let gathered = feed_samples(&feeds, &mut samples, &mut self.buffers, writer);
        self.meter = Some(samples.meter().clone());
        self.buffers.samples = samples.into_buffer();
        gathered
    }

    /// Finds out what an utterance will come to, as far as its header and its alignment tell: nothing of it
    /// is decoded.
    pub(crate) fn look(
        &mut self,
        context: Context<'_>,
        utterance: &Utterance,
    ) -> Result<Prospect, UtteranceError> {
        let tables = context.tables;
        let recipe = &tables.job.recipe;
        let input = self.open_anew(context, utterance)?;
        let prospect = match &input {
            Input::Recording(recording) if recording.info().length.exact().is_none() => {
                let (sample_rate_hz, num_samples) = input.extent(&tables.job);
                let rows = most_rows(tables, sample_rate_hz, num_samples)?;
                Prospect { sample_rate_hz, num_samples, rows }
            }
            _ => {
                let (mut labelled, extent) = Extent::measure(context, &input, utterance)?;
                labelled.classify(tables, utterance)?;
                let num_samples = extent.samples.end - extent.samples.start;
                let (sample_rate_hz, rows) = (extent.sample_rate_hz, extent.rows(tables));
                Prospect { sample_rate_hz, num_samples, rows }
            }
        };
        self.close(input);
        for (number, stream) in recipe.streams().iter().enumerate() {
            plan_stream(tables, number, rates(recipe, stream, prospect.sample_rate_hz))?;
        }
        Ok(prospect)
    }

    /// Opens the input of an utterance, or takes the one that was kept open for it.
    fn open(
        &mut self,
        context: Context<'_>,
        utterance: &Utterance,
    ) -> Result<Input, UtteranceError> {
        if let Some(OpenInput { input, of, root }) = self.kept.take() {
            if root == context.root && are_read_alike(&of, utterance) {
                return Ok(input);
            }
            self.close(input);
        }
        let (begin, waits) = (Instant::now(), waits());
        let mut input = self.open_anew(context, utterance)?;
        let took = begin.elapsed();
        self.buffers.spent.reading = took;
        // A thread that only had no core to run on has not waited for a disk.
        if waits.is_none() || waits != cpu::waits() {
            self.opening = took;
        }
        input.count(context.tables.job.recipe.audio().max_duration_s())?;
        Ok(input)
    }

    /// Closes what an utterance was read from, and keeps its allocation.
    fn close(&mut self, input: Input) {
        self.file = input.into_buffer();
    }

    /// Opens the input of an utterance in the last one's allocation.
    fn open_anew(
        &mut self,
        context: Context<'_>,
        utterance: &Utterance,
    ) -> Result<Input, UtteranceError> {
        let Context { tables, root, .. } = context;
        let (recipe, archives) = (&tables.job.recipe, &tables.archives);
        let buffer = &mut self.file;
        let should_stop = || context.stop.signal().is_some();
        let open = || {
            let buffer = std::mem::take(buffer);
            if recipe.event_files().is_some() {
                return Input::open(recipe, root, archives, utterance, &should_stop, buffer);
            }
            let media = match context.read_ahead() {
                Some(media) => media,
                None => context.ahead.streamed(media_of(root, archives, utterance, &should_stop)?),
            };
            Input::of_media(recipe, utterance, media, buffer)
        };
        context.patiently(open, Failure::from)
    }

    /// Returns how long the last recording was waited for, since this was last asked.
    pub(crate) fn take_opening(&mut self) -> Duration {
        std::mem::take(&mut self.opening)
    }

    /// Returns what the time of the last utterance went to, of what was measured.
    pub(crate) fn spent(&self) -> Spent {
        self.buffers.spent
    }

    /// Returns the time since it was last asked that tables took or were waited for.
    pub(crate) fn take_set_up(&mut self) -> Duration {
        std::mem::take(&mut self.set_up)
    }

    /// Closes what was kept open for an utterance that does not come.
    pub(crate) fn end_part(&mut self) {
        if let Some(OpenInput { input, .. }) = self.kept.take() {
            self.close(input);
        }
    }
}

/// Plans a stream of a recording, or takes the plan that there is.
fn plan_stream(tables: &Tables, stream: usize, rates: Rates) -> Result<PlannedStream, Failure> {
    let dim = tables.arrays.streams[stream].dim;
    Ok(PlannedStream {
        feature: tables.features.at(&tables.job, stream, rates.frames_hz, dim)?,
        filter: tables.filters.at(&tables.job, rates)?,
    })
}

/// Plans all streams of a recording.
fn plan_streams(tables: &Tables, extent: &Extent) -> Result<Vec<PlannedStream>, Failure> {
    let streams = extent.streams.iter().enumerate();
    streams.map(|(number, of)| plan_stream(tables, number, of.rates)).collect()
}

/// Says what each stream is fed with.
fn feeds<'a>(
    (tables, stop): (&'a Tables, &'a Stop),
    utterance: &Utterance,
    extent: &Extent,
    planned: &'a [PlannedStream],
) -> Vec<Feed<'a>> {
    let key = noise_key(&utterance.id);
    let of_stream = |(stream, (planned, of)): (usize, (&'a PlannedStream, &StreamExtent))| Feed {
        tables,
        stop,
        stream,
        feature: &*planned.feature,
        filter: planned.filter.as_deref(),
        key,
        // Of the recording's samples, a feature is fed with those of the frames alone, unless others of
        // the utterance bear on its rows too.
        range: match planned.feature.hears_around() {
            true => extent.stretch.clone(),
            false => extent.samples.clone(),
        },
        first: extent.samples.start,
        num_frames: of.num_frames,
    };
    planned.iter().zip(&extent.streams).enumerate().map(of_stream).collect()
}

/// Returns the key of an utterance's noise: that of its id alone, so that it does not depend on where an
/// utterance is computed.
pub(crate) fn noise_key(id: &str) -> u64 {
    let hash = blake3::hash(id.as_bytes());
    hash.as_bytes().first_chunk().map_or(0, |&bytes| u64::from_le_bytes(bytes))
}

/// Makes an utterance's row of the list of utterances.
fn row(
    channel: Channel,
    utterance: &Utterance,
    intervals: Intervals,
    extent: &Extent,
    num_rows: usize,
    num_events: Option<u64>,
) -> UtteranceRow {
    UtteranceRow {
        id: utterance.id.to_string(),
        source: printable(&utterance.source),
        held: utterance.held().map(Held::to_row),
        channel: channel.to_string(),
        sample_rate_hz: extent.sample_rate_hz,
        start_sample: extent.samples.start,
        end_sample: extent.samples.end,
        num_frames: num_rows as u64,
        first_event: None,
        num_events,
        truncated: None,
        levels: None,
        speaker: utterance.speaker.as_deref().map(str::to_owned),
        intervals,
        columns: utterance.columns.unpacked().iter().map(column).collect(),
    }
}

fn column(column: &Column) -> (String, serde_json::Value) {
    (column.name().to_owned(), column.value().clone())
}

/// The longest frames whose powers are finite whatever their samples are: a sample is at most 1e10, at
/// Kaldi's scale 3.3e14, and the power of so many of them is below what 32 bits can hold.
const MOST_UNDETERMINED: usize = 10_000;

/// Refuses rows that are not finite. Every column is in the moments, so that a single look finds them.
fn check_finite(
    tables: &Tables,
    extent: &Extent,
    moments: &BTreeMap<usize, Moments>,
) -> Result<(), Failure> {
    let recipe = &tables.job.recipe;
    for (of_array, array) in moments.values().zip(&tables.arrays.features) {
        let mut sums = of_array.mean.iter().chain(&of_array.m2);
        if let Some(column) = sums.position(|x| !x.is_finite()) {
            // Counted over the means, and then over each M2.
            let column = column % of_array.mean.len();
            let StreamExtent { rates, layout, .. } = extent.streams[array.stream];
            let stream = &recipe.streams()[array.stream];
            let feature = stream.feature_of_column(array.base_column(column), rates.frames_hz);
            if let Some(Feature::Plp(plp)) = feature
                && layout.length <= MOST_UNDETERMINED
            {
                // Filters without a bin leave a spectrum of so few lines that one order more predicts
                // all of it, and the next divides by nothing.
                let error = format!(
                    "column {column} is not finite: frames of {} samples have too few frequencies for \
                     linear prediction of order {}; take longer frames or a smaller lpc_order",
                    layout.length,
                    plp.linear_prediction.lpc_order()
                );
                return Err(Failure::new(Stage::Features, Cause::UnfitRate, error));
            }
            let error = format!("column {column} is not finite: samples are too large to square");
            return Err(Failure::new(Stage::Features, Cause::TooLoud, error));
        }
    }
    Ok(())
}

/// Returns whether samples that are kept in 16 bits go beyond them.
fn is_clipped(tables: &Tables, moments: &BTreeMap<usize, Moments>) -> bool {
    let is_beyond = |of: &Moments| of.min.iter().chain(&of.max).any(|&x| is_beyond_int16(x));
    let mut arrays = moments.values().zip(&tables.arrays.features);
    arrays.any(|(of_array, array)| array.is_int16 && is_beyond(of_array))
}
