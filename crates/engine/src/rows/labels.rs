//! The alignment of an utterance: its phones, and the labels of its frames.

use std::ops::Range;

use ossicle_corpus::{
    FrameGrid, Interval, LabelError, Utterance, interval_classes, labels_of_frames, printable,
    read_phn,
};
use ossicle_dataset::Stage;

use crate::cause::Cause;
use crate::error::sentence;
use crate::part::PartWriter;
use crate::rows::context::Context;
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::tables::{LabelArray, Tables};

/// The number of labels that are made at a time.
const LABELS_AT_ONCE: usize = 8192;

/// Appends the labels of an utterance's frames, for each label array.
///
/// - `phones`: in samples of the recording
/// - `laid`: the same in samples that frames are made of, and where the frames lie, counted alike
/// - `track`: an allocation to use
pub(crate) fn append_labels(
    tables: &Tables,
    utterance: &Utterance,
    phones: &[Interval],
    laid: (&[Interval], FrameGrid),
    num_frames: usize,
    track: &mut Vec<i16>,
    writer: &mut PartWriter,
) -> Result<(), UtteranceError> {
    let first = tables.arrays.first_track() + usize::from(tables.vad.is_some());
    for (number, array) in (first..).zip(&tables.labels) {
        let classes = classes(utterance, phones, array)?;
        let at = array.table.at;
        let mut labels = labels_of_frames(laid.0, &classes, at, laid.1, num_frames);
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

/// Finds the class of each phone in a label array.
pub(crate) fn classes(
    utterance: &Utterance,
    phones: &[Interval],
    array: &LabelArray,
) -> Result<Vec<i16>, Failure> {
    interval_classes(phones, &array.map).map_err(|error: LabelError| {
        // The line to look at is in the alignment, and not in the recording.
        let file = utterance.alignment.as_deref().map(printable).unwrap_or_default();
        Failure::new(Stage::Labels, (&error).into(), format!("{file}: {error}"))
    })
}

/// Reads the utterance's phones, in samples of the recording, cut to the stretch of it that is the
/// utterance.
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

/// Returns the samples from the first phone's start to the last phone's end.
pub(crate) fn crop(intervals: &[Interval]) -> Range<u64> {
    let start = intervals.first().map_or(0, |first| first.start);
    let end = intervals.last().map_or(0, |last| last.end);
    start..end
}
