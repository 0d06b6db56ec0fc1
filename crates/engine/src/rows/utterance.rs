//! One utterance on its way from a recording to the rows of a part.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use ossicle_corpus::{Interval, Utterance, printable};
use ossicle_dataset::{Stage, UtteranceRow};
use ossicle_dsp::{Extractor, FrameLayout, Moments};

use crate::cause::Cause;
use crate::part::PartWriter;
use crate::rows::buffers::Buffers;
use crate::rows::by_rate::ByRate;
use crate::rows::context::Context;
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::input::Input;
use crate::rows::labels::{append_labels, crop, intervals};
use crate::rows::samples::Samples;
use crate::rows::spectral::{self, Frames};
use crate::rows::spikegram;
use crate::rows::tables::Tables;
use ossicle_recipe::Recipe;

/// How many sample rates' tables a worker keeps.
const MOST_EXTRACTORS: usize = 8;

type Extractors = ByRate<Extractor, MOST_EXTRACTORS>;

/// What a worker needs for utterances: tables of sample rates, and buffers.
#[derive(Debug, Default)]
pub(crate) struct Workbench {
    extractors: Extractors,
    /// The last recording's bytes.
    file: Vec<u8>,
    buffers: Buffers,
}

/// What is stored of an utterance apart from its rows.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) row: UtteranceRow,
    /// Of each feature array's wide columns.
    pub(crate) moments: Vec<Moments>,
}

/// Which samples and frames an utterance has.
struct Extent {
    sample_rate_hz: u32,
    layout: FrameLayout,
    /// Its samples, of the recording's.
    samples: Range<u64>,
    num_frames: usize,
}

impl Workbench {
    /// Computes an utterance and appends it to the part, where it has begun.
    pub(crate) fn process(
        &mut self,
        context: Context<'_>,
        utterance: &Utterance,
        writer: &mut PartWriter,
    ) -> Result<Stored, UtteranceError> {
        let mut input = self.open(context, &context.root.join(&utterance.source))?;
        let (phones, extent) = measure(context, &input, utterance)?;
        let (moments, num_events) =
            self.append_rows(context, &mut input, utterance, &extent, writer)?;
        let Extent { layout, num_frames, .. } = extent;
        let first_sample = extent.samples.start as i64 + layout.first_sample() as i64;
        let (tables, track) = (context.tables, &mut self.buffers.track);
        append_labels(tables, &phones, first_sample, layout, num_frames, track, writer)?;
        if let Input::Recording(recording) = input {
            recording.check_unchanged().map_err(|error| Failure::of_audio(&error))?;
            self.file = recording.into_buffer();
        }
        check_finite(&moments)?;
        let row = row(&tables.job.recipe, utterance, phones, &extent, num_events);
        Ok(Stored { row, moments })
    }

    /// Computes the rows of all features and the events, and appends them. Returns the moments of each
    /// feature array's wide columns, and how many events there are where they are kept.
    fn append_rows(
        &mut self,
        context: Context<'_>,
        input: &mut Input,
        utterance: &Utterance,
        extent: &Extent,
        writer: &mut PartWriter,
    ) -> Result<(Vec<Moments>, Option<u64>), UtteranceError> {
        let Context { tables, stop, .. } = context;
        let Some(spikes) = &tables.spikes else {
            return Ok((self.append_spectral(context, input, utterance, extent, writer)?, None));
        };
        let plan = spikes.plan(&tables.job.recipe, extent.sample_rate_hz, tables.job.level)?;
        let (start, num_frames, buffers) =
            (extent.samples.start, extent.num_frames, &mut self.buffers);
        let moments =
            spikegram::append_rows(tables, stop, &plan, input, start, num_frames, buffers, writer)?;
        let events = tables.arrays.events();
        let events = events
            .map(|array| spikegram::append_events(stop, array, &plan, input, buffers, writer));
        Ok((moments, events.transpose()?))
    }

    fn open(&mut self, context: Context<'_>, path: &Path) -> Result<Input, UtteranceError> {
        let mut buffer = std::mem::take(&mut self.file);
        let open = || Input::open(context.tables, path, std::mem::take(&mut buffer));
        context.patiently(open, Failure::from)
    }

    fn append_spectral(
        &mut self,
        context: Context<'_>,
        input: &mut Input,
        utterance: &Utterance,
        extent: &Extent,
        writer: &mut PartWriter,
    ) -> Result<Vec<Moments>, UtteranceError> {
        let Input::Recording(recording) = input else {
            unreachable!("only spikegrams are made of spikes")
        };
        let extractor = extractor(&mut self.extractors, context.tables, extent.sample_rate_hz)?;
        let key = blake3::hash(utterance.id.as_bytes());
        let key = key.as_bytes().first_chunk().map_or(0, |&b| u64::from_le_bytes(b));
        let frames = Frames { extractor, layout: extent.layout, count: extent.num_frames, key };
        let buffer = std::mem::take(&mut self.buffers.samples);
        let mut samples = Samples::new(recording, extent.samples.clone(), buffer);
        let Context { tables, stop, .. } = context;
        let appended =
            spectral::append(tables, stop, frames, &mut samples, &mut self.buffers, writer);
        self.buffers.samples = samples.into_buffer();
        appended
    }
}

/// Reads the alignment of an utterance, and finds out which samples and frames it has.
fn measure(
    context: Context<'_>,
    input: &Input,
    utterance: &Utterance,
) -> Result<(Vec<Interval>, Extent), UtteranceError> {
    let tables = context.tables;
    let recipe = &tables.job.recipe;
    let (sample_rate_hz, most_samples) = input.extent(recipe);
    let layout = recipe.frames(sample_rate_hz);
    let reads_spikes = recipe.reads_spikes();
    if !reads_spikes {
        admit(recipe, sample_rate_hz, most_samples)?;
    }
    let phones = match tables.labels.is_empty() && !reads_spikes {
        true => Vec::new(),
        false => intervals(context, utterance, most_samples, layout.length as u64)?,
    };
    let mut num_samples = most_samples;
    if reads_spikes {
        // Spikes do not say where the recording ended: its phones do.
        num_samples = crop(&phones).end;
        admit(recipe, sample_rate_hz, num_samples)?;
    }
    let samples = match tables.labels.iter().any(|labels| labels.table.crop) {
        true => crop(&phones),
        false => 0..num_samples,
    };
    let num_frames = num_frames(tables, layout, &samples)?;
    Ok((phones, Extent { sample_rate_hz, layout, samples, num_frames }))
}

/// Makes an utterance's row of the list of utterances.
fn row(
    recipe: &Recipe,
    utterance: &Utterance,
    phones: Vec<Interval>,
    extent: &Extent,
    num_events: Option<u64>,
) -> UtteranceRow {
    let phones: Vec<_> = phones.into_iter().map(|i| (i.label, i.start, i.end)).collect();
    UtteranceRow {
        id: utterance.id.to_string(),
        source: printable(&utterance.source),
        channel: recipe.audio().channel.to_string(),
        sample_rate_hz: extent.sample_rate_hz,
        start_sample: extent.samples.start,
        end_sample: extent.samples.end,
        num_frames: extent.num_frames as u64,
        first_event: None,
        num_events,
        speaker: utterance.speaker.as_deref().map(str::to_owned),
        intervals: match phones.is_empty() {
            true => BTreeMap::new(),
            false => BTreeMap::from([("phones".to_owned(), phones)]),
        },
    }
}

/// Every column is in the moments, so that a single look finds whatever is not a number.
fn check_finite(moments: &[Moments]) -> Result<(), Failure> {
    for of_array in moments {
        let mut sums = of_array.mean.iter().chain(&of_array.m2);
        if let Some(column) = sums.position(|x| !x.is_finite()) {
            let column = column % of_array.mean.len();
            let error = format!("column {column} is not finite: samples are too large to square");
            return Err(Failure::new(Stage::Features, Cause::TooLoud, error));
        }
    }
    Ok(())
}

/// Whether the recipe takes recordings like this.
fn admit(recipe: &Recipe, found: u32, num_samples: u64) -> Result<(), Failure> {
    let wanted = recipe.audio().sample_rate_hz.unwrap_or(found);
    if found != wanted {
        return Err(Failure::new(
            Stage::Resample,
            Cause::WrongRate,
            format!("the sample rate is {found} Hz; the recipe's is {wanted} Hz"),
        ));
    }
    let duration_s = num_samples as f64 / f64::from(found);
    match recipe.audio().max_duration_s {
        Some(longest) if duration_s > longest => Err(Failure::new(
            Stage::Decode,
            Cause::TooLong,
            format!("it lasts {duration_s:.1} s; audio.max_duration_s is {longest}"),
        )),
        _ => Ok(()),
    }
}

/// How many frames an utterance has, if it can have any.
fn num_frames(
    tables: &Tables,
    layout: FrameLayout,
    cropped: &Range<u64>,
) -> Result<usize, Failure> {
    let fail = |cause, error: String| Err(Failure::new(Stage::Features, cause, error));
    let Ok(num_samples) = usize::try_from(cropped.end - cropped.start) else {
        return fail(Cause::TooLong, "it has more samples than this machine can count".to_owned());
    };
    if layout.shift == 0 {
        let error = "at its sample rate, the frame shift is 0 samples";
        return fail(Cause::UnfitRate, error.to_owned());
    }
    let num_frames = layout.num_frames(num_samples);
    if num_frames == 0 {
        let length = layout.length;
        let error = format!("a frame is {length} samples long; there are only {num_samples}");
        return fail(Cause::TooShort, error);
    }
    let least = tables.arrays.deltas.min_frames();
    if num_frames < least {
        let error =
            format!("its {num_frames} frames are fewer than the {least} that the deltas need");
        return fail(Cause::TooShort, error);
    }
    Ok(num_frames)
}

/// The extractor for recordings of this sample rate, made where there is none yet.
fn extractor<'a>(
    extractors: &'a mut Extractors,
    tables: &Tables,
    sample_rate_hz: u32,
) -> Result<&'a Extractor, Failure> {
    let make = || tables.job.recipe.extractor(sample_rate_hz, tables.job.level);
    let extractor = extractors.get(sample_rate_hz, make)?;
    let (found, dim) = (extractor.dim(), tables.arrays.dim);
    if found != dim {
        let error = format!(
            "at {sample_rate_hz} Hz the feature has {found} columns, and the dataset {dim}"
        );
        return Err(Failure::new(Stage::Features, Cause::OtherColumns, error));
    }
    Ok(extractor)
}
