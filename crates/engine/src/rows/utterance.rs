//! One utterance on its way from a recording to the rows of a part.

use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use ossicle_audio::Channel;
use ossicle_corpus::{Column, FrameGrid, Held, Utterance, printable};
use ossicle_dataset::{Intervals, Stage, UtteranceRow};
use ossicle_dsp::{Edges, FrameLayout, Moments};

use crate::cause::Cause;
use crate::input_kind::InputKind;
use crate::part::{Note, PartWriter};
use crate::rows::alignment_fit::Fit;
use crate::rows::buffers::Buffers;
use crate::rows::context::Context;
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::feed::Feed;
use crate::rows::input::Input;
use crate::rows::labels::{Labelled, Within};
use crate::rows::levels::LevelMeter;
use crate::rows::resampling::Rates;
use crate::rows::samples::Samples;
use crate::rows::sink::RowSummary;
use crate::rows::stretch::stretch;
use crate::rows::tables::Tables;
use ossicle_recipe::{ChannelChoice, Feature, Recipe};

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
    /// The number of rows of the dataset.
    pub(crate) num_frames: u64,
}

/// The samples and frames that an utterance has.
struct Extent {
    rates: Rates,
    /// The layout of frames, in samples that they are made of: the recording's, or resampled ones.
    layout: FrameLayout,
    /// The part of the recording that it is, in samples.
    stretch: Range<u64>,
    /// The samples that frames are made of: fewer where the utterance is cropped.
    samples: Range<u64>,
    num_frames: usize,
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
        let mut input = self.open(context, utterance)?;
        let (mut labelled, extent) = measure(context, &input, utterance)?;
        let recipe = &context.tables.job.recipe;
        let channel = input.choose(recipe, utterance, extent.stretch.clone())?;
        let RowSummary { moments, num_events, ended_early, .. } =
            self.append_rows(context, &mut input, utterance, &extent, writer)?;
        let Extent { layout, num_frames, rates, .. } = extent;
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
        let num_rows = tables.arrays.num_rows(num_frames);
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
        check_finite(tables, &layout, &moments)?;
        let is_latin1 = labelled.is_latin1;
        let intervals = labelled.into_intervals(tables);
        let row = row(channel, utterance, intervals, &extent, num_rows, num_events);
        let levels = self.meter.take().filter(|_| tables.job.recipe.audio().levels());
        let levels = levels.map(|meter| meter.levels());
        let row = UtteranceRow { truncated, levels, ..row };
        let latin1 = is_latin1.then_some(Note::Latin1);
        let noted = heard.into_iter().chain(ended_early.then_some(Note::EndedEarly));
        let noted = noted.chain(latin1).collect();
        Ok(StoredUtterance { row, moments, noted })
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
        let Context { tables, stop, .. } = context;
        let begin = Instant::now();
        let feature = tables.features.at(&tables.job, extent.rates.frames_hz, tables.arrays.dim)?;
        if matches!(input, Input::Recording(_)) {
            // Events take no such tables.
            feature.prepare();
        }
        let filter = tables.filters.at(&tables.job, extent.rates.recording_hz)?;
        self.set_up += begin.elapsed();
        let key = noise_key(&utterance.id);
        let Extent { stretch, samples, num_frames, .. } = extent;
        let (origin, num_frames) = (samples.start, *num_frames);
        let feed = Feed { tables, stop, feature: &*feature, key, fed_from: 0, origin, num_frames };
        let recording = match input {
            Input::Recording(recording) => recording,
            Input::Events(file) => return feed.events(file, stretch, &mut self.buffers, writer),
        };
        // Of the recording's samples, a feature is fed with those of the frames alone, unless others of
        // the utterance bear on its rows too.
        let range = match feature.hears_around() {
            true => stretch.clone(),
            false => samples.clone(),
        };
        let buffer = std::mem::take(&mut self.buffers.samples);
        let mut fed = Samples::new(recording, range.clone(), buffer, tables.job.level);
        let mut origin = samples.start - range.start;
        if let Some(filter) = &filter {
            // The first frame begins at the very time of a sample of the recording.
            let buffer = std::mem::take(&mut self.buffers.resampled);
            fed = fed.resampled(filter.begin(origin), buffer);
            origin = filter.num_before(origin);
        }
        let feed = Feed { fed_from: range.start, origin, ..feed };
        let gathered = feed.samples(&mut fed, &mut self.buffers, writer);
        self.meter = Some(fed.meter().clone());
        let (buffer, resampled) = fed.into_buffers();
        self.buffers.samples = buffer;
        if let Some(resampled) = resampled {
            self.buffers.resampled = resampled;
        }
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
                check_rate(recipe, sample_rate_hz)?;
                let rates = rates(recipe, sample_rate_hz);
                let layout = recipe.frames(rates.frames_hz);
                let samples = rates.of_frames(num_samples);
                let samples = usize::try_from(samples).unwrap_or(usize::MAX);
                let num_frames = if layout.shift > 0 { layout.num_frames(samples) } else { 0 };
                let num_frames = tables.arrays.num_rows(num_frames) as u64;
                Prospect { sample_rate_hz, num_samples, num_frames }
            }
            _ => {
                let (mut labelled, extent) = measure(context, &input, utterance)?;
                labelled.classify(tables, utterance)?;
                let Extent { rates, samples, num_frames, .. } = extent;
                let num_samples = samples.end - samples.start;
                let sample_rate_hz = rates.recording_hz;
                let num_frames = tables.arrays.num_rows(num_frames) as u64;
                Prospect { sample_rate_hz, num_samples, num_frames }
            }
        };
        self.close(input);
        let rates = rates(recipe, prospect.sample_rate_hz);
        tables.filters.at(&tables.job, rates.recording_hz)?;
        tables.features.at(&tables.job, rates.frames_hz, tables.arrays.dim)?;
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
        let mut input = self.open_anew(context, utterance)?;
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
            Input::open(recipe, root, archives, utterance, &should_stop, buffer)
        };
        context.patiently(open, Failure::from)
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

/// Returns the key of an utterance's noise: that of its id alone, so that it does not depend on where an
/// utterance is computed.
pub(crate) fn noise_key(id: &str) -> u64 {
    let hash = blake3::hash(id.as_bytes());
    hash.as_bytes().first_chunk().map_or(0, |&bytes| u64::from_le_bytes(bytes))
}

/// Reads the alignment of an utterance, and finds out which samples and frames it has.
fn measure(
    context: Context<'_>,
    input: &Input,
    utterance: &Utterance,
) -> Result<(Labelled, Extent), UtteranceError> {
    let tables = context.tables;
    let recipe = &tables.job.recipe;
    let (sample_rate_hz, most_samples) = input.extent(&tables.job);
    let rates = rates(recipe, sample_rate_hz);
    let layout = recipe.frames(rates.frames_hz);
    // In samples of the recording, as all that the corpus says.
    let frame_length = rates.of_recording(layout.length as u64);
    let says_where_it_ends = InputKind::of(recipe).says_where_it_ends();
    if says_where_it_ends {
        check_rate(recipe, sample_rate_hz)?;
    }
    let stretch = stretch(utterance.span(), sample_rate_hz, most_samples, frame_length)?;
    if says_where_it_ends {
        check_duration(recipe, sample_rate_hz, &stretch)?;
    }
    let fit = Fit {
        rate_hz: sample_rate_hz,
        num_samples: most_samples,
        is_exact: says_where_it_ends && input.is_counted(),
        frame_length,
        called: if utterance.span().is_some() { "its segment" } else { "the recording" },
    };
    let labelled = Labelled::read(context, utterance, &Within { stretch: &stretch, fit })?;
    let mut used = stretch.clone();
    if !says_where_it_ends {
        // Events do not say where the recording ended: its labels do.
        used.end = labelled.end().unwrap_or(used.end);
        check_rate(recipe, sample_rate_hz)?;
        check_duration(recipe, sample_rate_hz, &used)?;
    }
    let samples = labelled.crop(tables).unwrap_or(used);
    let num_samples = rates.of_frames(samples.end - samples.start);
    let num_frames = num_frames(tables, layout, num_samples)?;
    Ok((labelled, Extent { rates, layout, stretch, samples, num_frames }))
}

/// Returns the rates of a recording and of its frames.
fn rates(recipe: &Recipe, sample_rate_hz: u32) -> Rates {
    let frames_hz = recipe.audio().rate_after_hz(sample_rate_hz);
    Rates { recording_hz: sample_rate_hz, frames_hz }
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
        sample_rate_hz: extent.rates.recording_hz,
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

/// Returns whether one opened input serves both utterances: the same file, or the same place in it, as it
/// was when the corpus was listed. The channel is chosen anew.
fn are_read_alike(a: &Utterance, b: &Utterance) -> bool {
    let of = |utterance: &Utterance| (utterance.size_bytes, utterance.modified_ns);
    a.source == b.source && a.held() == b.held() && of(a) == of(b)
}

/// The longest frames whose powers are finite whatever their samples are: a sample is at most 1e10, at
/// Kaldi's scale 3.3e14, and the power of so many of them is below what 32 bits can hold.
const MOST_UNDETERMINED: usize = 10_000;

/// Refuses rows that are not finite. Every column is in the moments, so that a single look finds them.
fn check_finite(tables: &Tables, layout: &FrameLayout, moments: &[Moments]) -> Result<(), Failure> {
    for (of_array, array) in moments.iter().zip(&tables.arrays.features) {
        let mut sums = of_array.mean.iter().chain(&of_array.m2);
        if let Some(column) = sums.position(|x| !x.is_finite()) {
            // Counted over the means, and then over each M2.
            let column = column % of_array.mean.len();
            let feature = tables.job.recipe.feature_of_column(array.base_column(column));
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

/// Refuses a recording of another sample rate than the recipe's, where it is not resampled.
fn check_rate(recipe: &Recipe, found: u32) -> Result<(), Failure> {
    let wanted = recipe.audio().sample_rate_hz.unwrap_or(found);
    if found != wanted && recipe.audio().resampling().is_none() {
        return Err(Failure::new(
            Stage::Resample,
            Cause::WrongRate,
            format!("the sample rate is {found} Hz; the recipe's is {wanted} Hz"),
        ));
    }
    Ok(())
}

/// Refuses an utterance that lasts longer, or less, than the recipe allows.
fn check_duration(
    recipe: &Recipe,
    sample_rate_hz: u32,
    samples: &Range<u64>,
) -> Result<(), Failure> {
    let duration_s = (samples.end - samples.start) as f64 / f64::from(sample_rate_hz);
    let shortest = recipe.audio().min_duration_s();
    if duration_s < shortest {
        return Err(Failure::new(
            Stage::Decode,
            Cause::TooShort,
            format!("it lasts {duration_s:.3} s; audio.min_duration_s is {shortest}"),
        ));
    }
    let longest = recipe.audio().max_duration_s();
    if duration_s > longest {
        return Err(Failure::new(
            Stage::Decode,
            Cause::TooLong,
            format!("it lasts {duration_s:.1} s; audio.max_duration_s is {longest}"),
        ));
    }
    Ok(())
}

/// Writes a number of samples: `a sample`, `160 samples`.
fn of_samples(count: usize) -> String {
    if count == 1 { "a sample".to_owned() } else { format!("{count} samples") }
}

/// Returns the number of frames of an utterance, if it can have any.
fn num_frames(tables: &Tables, layout: FrameLayout, num_samples: u64) -> Result<usize, Failure> {
    let fail = |cause, error: String| Err(Failure::new(Stage::Features, cause, error));
    let Ok(num_samples) = usize::try_from(num_samples) else {
        return fail(Cause::TooLong, "it has more samples than this machine can count".to_owned());
    };
    if layout.shift == 0 {
        let error = "at its sample rate, the frame shift is 0 samples";
        return fail(Cause::UnfitRate, error.to_owned());
    }
    let num_frames = layout.num_frames(num_samples);
    if num_frames == 0 {
        let samples = match num_samples {
            0 => "there are none".to_owned(),
            1 => "there is only 1".to_owned(),
            n => format!("there are only {n}"),
        };
        let length = layout.length;
        // How long a frame is decides nothing where samples stand for those past the ends.
        let least = (num_samples..=num_samples + length + layout.shift)
            .find(|&samples| layout.num_frames(samples) > 0);
        let error = match (layout.edges, least) {
            (Edges::Snip, _) | (_, None) => format!("a frame is {length} samples long; {samples}"),
            (_, Some(least)) => format!("the first frame takes {}; {samples}", of_samples(least)),
        };
        return fail(Cause::TooShort, error);
    }
    let least = tables.arrays.wide.deltas.min_frames();
    if num_frames < least {
        let error =
            format!("its {num_frames} frames are fewer than the {least} that the deltas need");
        return fail(Cause::TooShort, error);
    }
    if tables.arrays.num_rows(num_frames) == 0 {
        let least = (num_frames..num_frames + 200).find(|&n| tables.arrays.num_rows(n) > 0);
        let least = least.unwrap_or(num_frames);
        let error = format!("its {num_frames} frames are fewer than the {least} of a spliced row");
        return fail(Cause::TooShort, error);
    }
    Ok(num_frames)
}
