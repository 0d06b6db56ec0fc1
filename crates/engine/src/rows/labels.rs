//! The alignment of an utterance: its phones, and the labels of its frames.

use std::ops::Range;

use ossicle_corpus::{
    FrameGrid, Interval, Utterance, interval_classes, labels_of_frames, printable, read_phn,
};
use ossicle_dataset::Stage;
use ossicle_dsp::FrameLayout;

use crate::cause::Cause;
use crate::error::sentence;
use crate::part::PartWriter;
use crate::rows::context::Context;
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::tables::{LabelArray, Tables};

/// How many labels are made at a time.
const LABELS_AT_ONCE: usize = 8192;

/// Appends the labels of an utterance's frames, for each label array.
///
/// - `first_sample`: where the first frame begins, of the recording
/// - `track`: an allocation to use
pub(crate) fn append_labels(
    tables: &Tables,
    phones: &[Interval],
    first_sample: i64,
    layout: FrameLayout,
    num_frames: usize,
    track: &mut Vec<i16>,
    writer: &mut PartWriter,
) -> Result<(), UtteranceError> {
    let first = tables.arrays.first_track() + usize::from(tables.vad.is_some());
    for (number, array) in (first..).zip(&tables.labels) {
        let fail = |error| Failure::of(Stage::Labels, &error);
        let classes = interval_classes(phones, &array.map).map_err(fail)?;
        let grid = FrameGrid { first_sample, length: layout.length, shift: layout.shift };
        let at = array.table.at;
        let mut labels = labels_of_frames(phones, &classes, at, grid, num_frames);
        loop {
            track.clear();
            track.extend(labels.by_ref().take(LABELS_AT_ONCE));
            if track.is_empty() {
                break;
            }
            writer.append(number, bytemuck::cast_slice(track))?;
        }
    }
    Ok(())
}

/// Whether a label array has a class for each phone.
pub(crate) fn check_phones(phones: &[Interval], array: &LabelArray) -> Result<(), Failure> {
    let classes = interval_classes(phones, &array.map);
    classes.map(drop).map_err(|error| Failure::of(Stage::Labels, &error))
}

/// The utterance's phones, in samples of the recording, cut to the stretch of it that is the utterance.
///
/// - `num_samples`: how many the recording has
pub(crate) fn intervals(
    context: Context<'_>,
    utterance: &Utterance,
    num_samples: u64,
    stretch: &Range<u64>,
    frame_length: u64,
) -> Result<Vec<Interval>, UtteranceError> {
    let Some(alignment) = &utterance.alignment else {
        let error = "there is no .PHN file beside it";
        return Err(Failure::new(Stage::Labels, Cause::MissingAlignment, error).into());
    };
    let fail = |cause, what: &str| {
        Failure::new(Stage::Labels, cause, format!("{}: {what}", printable(alignment)))
    };
    let path = context.root.join(alignment);
    let mut intervals =
        context.patiently(|| read_phn(&path), |error| fail((&error).into(), &sentence(&error)))?;
    let end = intervals.last().map_or(0, |last| last.end);
    if end > num_samples + frame_length {
        let what = format!(
            "its phones end at sample {end}, more than a frame past the recording's {num_samples}"
        );
        return Err(fail(Cause::BadAlignment, &what).into());
    }
    intervals.retain_mut(|interval| {
        interval.start = interval.start.max(stretch.start);
        interval.end = interval.end.min(stretch.end);
        interval.start < interval.end
    });
    if intervals.is_empty() {
        let within = if utterance.span().is_some() { "its segment" } else { "the recording" };
        let what = format!("none of its phones lies within {within}");
        return Err(fail(Cause::BadAlignment, &what).into());
    }
    Ok(intervals)
}

/// From the first phone's start to the last phone's end.
pub(crate) fn crop(intervals: &[Interval]) -> Range<u64> {
    let start = intervals.first().map_or(0, |first| first.start);
    let end = intervals.last().map_or(0, |last| last.end);
    start..end
}
