//! The samples and frames that an utterance has, as far as its header and its alignment tell.

use std::ops::Range;

use ossicle_corpus::Utterance;
use ossicle_dataset::Stage;
use ossicle_dsp::{Edges, FrameLayout};
use ossicle_recipe::{Recipe, Stream};

use crate::cause::Cause;
use crate::input_kind::InputKind;
use crate::rows::alignment_fit::Fit;
use crate::rows::context::Context;
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::input::Input;
use crate::rows::labels::{Labelled, Within};
use crate::rows::resampling::Rates;
use crate::rows::stretch::stretch;
use crate::rows::tables::Tables;

/// The samples and frames that an utterance has.
pub(crate) struct Extent {
    /// The recording's sample rate.
    pub(crate) sample_rate_hz: u32,
    /// The part of the recording that it is, in samples.
    pub(crate) stretch: Range<u64>,
    /// The samples that frames are made of: fewer where the utterance is cropped.
    pub(crate) samples: Range<u64>,
    /// Its frames in each stream.
    pub(crate) streams: Vec<StreamExtent>,
}

/// The frames that an utterance has in a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StreamExtent {
    pub(crate) rates: Rates,
    /// The layout of frames, in samples that they are made of: the recording's, or resampled ones.
    pub(crate) layout: FrameLayout,
    pub(crate) num_frames: usize,
}

impl Extent {
    /// Returns how many rows the utterance has on each grid of the dataset's files.
    pub(crate) fn rows(&self, tables: &Tables) -> Vec<u64> {
        rows(tables, |stream| self.streams[stream].num_frames)
    }

    /// Reads the alignment of an utterance, and finds out which samples and frames it has.
    pub(crate) fn measure(
        context: Context<'_>,
        input: &Input,
        utterance: &Utterance,
    ) -> Result<(Labelled, Extent), UtteranceError> {
        let tables = context.tables;
        let recipe = &tables.job.recipe;
        let (sample_rate_hz, most_samples) = input.extent(&tables.job);
        // In samples of the recording, as all that the corpus says.
        let frame_length = recipe.streams().first().map_or(0, |stream| {
            let rates = rates(recipe, stream, sample_rate_hz);
            rates.of_recording(stream.frames(rates.frames_hz).length as u64)
        });
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
        let of_stream = |(number, stream): (usize, &Stream)| {
            let rates = rates(recipe, stream, sample_rate_hz);
            let layout = stream.frames(rates.frames_hz);
            let num_samples = rates.of_frames(samples.end - samples.start);
            let num_frames = num_frames(tables, number, layout, num_samples)?;
            Ok(StreamExtent { rates, layout, num_frames })
        };
        let streams = recipe.streams().iter().enumerate().map(of_stream);
        let streams = streams.collect::<Result<Vec<_>, Failure>>()?;
        Ok((labelled, Extent { sample_rate_hz, stretch, samples, streams }))
    }
}

/// Returns the most rows that a recording of so many samples, or fewer, has on each grid of the dataset's files.
pub(crate) fn most_rows(
    tables: &Tables,
    sample_rate_hz: u32,
    num_samples: u64,
) -> Result<Vec<u64>, Failure> {
    let recipe = &tables.job.recipe;
    check_rate(recipe, sample_rate_hz)?;
    let num_frames = |stream: usize| {
        let stream = &recipe.streams()[stream];
        let rates = rates(recipe, stream, sample_rate_hz);
        let layout = stream.frames(rates.frames_hz);
        let samples = usize::try_from(rates.of_frames(num_samples)).unwrap_or(usize::MAX);
        if layout.shift > 0 { layout.num_frames(samples) } else { 0 }
    };
    Ok(rows(tables, num_frames))
}

/// - `num_frames`: of a stream, by its place
fn rows(tables: &Tables, num_frames: impl Fn(usize) -> usize) -> Vec<u64> {
    let grids = tables.arrays.grids().iter();
    grids.map(|grid| grid.after.num_rows(num_frames(grid.stream)) as u64).collect()
}

/// Returns the rates of a recording and of its frames in a stream.
pub(crate) fn rates(recipe: &Recipe, stream: &Stream, sample_rate_hz: u32) -> Rates {
    // Where nothing is resampled, a recording of another rate is refused.
    let frames_hz = recipe.rate_of(stream, recipe.audio().rate_after_hz(sample_rate_hz));
    Rates { recording_hz: sample_rate_hz, frames_hz }
}

/// Refuses a recording of another sample rate than the recipe's, where it is not resampled.
fn check_rate(recipe: &Recipe, found: u32) -> Result<(), Failure> {
    let is_other = |wanted: &u32| *wanted != found;
    let wanted = recipe.streams().iter().filter_map(Stream::sample_rate_hz).find(is_other);
    if let Some(wanted) = wanted.filter(|_| recipe.audio().resample_mode().is_none()) {
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

/// Returns the number of frames of an utterance in a stream, if it can have any.
fn num_frames(
    tables: &Tables,
    stream: usize,
    layout: FrameLayout,
    num_samples: u64,
) -> Result<usize, Failure> {
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
    for (_, array) in tables.arrays.of_stream(stream) {
        let least = array.after.wide.deltas.min_frames();
        if num_frames < least {
            let error =
                format!("its {num_frames} frames are fewer than the {least} that the deltas need");
            return fail(Cause::TooShort, error);
        }
        if array.after.num_rows(num_frames) == 0 {
            let least = (num_frames..num_frames + 200).find(|&n| array.after.num_rows(n) > 0);
            let least = least.unwrap_or(num_frames);
            let error =
                format!("its {num_frames} frames are fewer than the {least} of a spliced row");
            return fail(Cause::TooShort, error);
        }
    }
    Ok(num_frames)
}
