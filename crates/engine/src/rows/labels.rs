//! The alignment of an utterance: its labels, and those of its frames.

use std::borrow::Cow;
use std::ops::Range;

use ossicle_corpus::{
    Alignment, AlignmentError, AlignmentPart, FrameGrid, Interval, LabelError, Utterance,
    interval_classes, labels_of_frames,
};
use ossicle_dataset::{Intervals, Stage};

use crate::cause::Cause;
use crate::error::sentence;
use crate::part::PartWriter;
use crate::plan::counted::read_part;
use crate::rows::alignment_fit::Fit;
use crate::rows::context::Context;
use crate::rows::failure::{Failure, UtteranceError};
use crate::rows::resampling::Rates;
use crate::rows::tables::{LabelArray, Tables, WantedTier};

/// The number of labels that are made at a time.
const LABELS_AT_ONCE: usize = 8192;

/// The labels of an utterance: for each tier that is wanted, intervals in samples of the recording, or
/// nothing where the utterance may do without them.
#[derive(Debug, Default)]
pub(crate) struct Labelled {
    tiers: Vec<Option<Vec<Interval>>>,
    /// The class of each label, for each label array, once they were looked for.
    classes: Vec<Vec<i32>>,
    /// Some text was in no Unicode encoding, and was read as Latin-1.
    pub(crate) is_latin1: bool,
}

/// Where an alignment's labels are looked for.
pub(crate) struct Within<'a> {
    /// The samples of the recording that are the utterance.
    pub(crate) stretch: &'a Range<u64>,
    pub(crate) fit: Fit,
}

impl Labelled {
    /// Reads the labels of an utterance, cut to the stretch that it is.
    pub(crate) fn read(
        context: Context<'_>,
        utterance: &Utterance,
        within: &Within<'_>,
    ) -> Result<Labelled, UtteranceError> {
        let mut labelled = Labelled::default();
        let mut files = Files { context, utterance, read: Vec::new() };
        for wanted in &context.tables.tiers {
            let intervals = match files.tier(wanted, within) {
                Err(UtteranceError::Bad(failure)) if wanted.may_be_missing(failure.cause) => None,
                intervals => Some(intervals?),
            };
            labelled.tiers.push(intervals);
        }
        labelled.is_latin1 = files.read.iter().any(|alignment| alignment.is_latin1);
        Ok(labelled)
    }

    /// Returns the end of the last label.
    pub(crate) fn end(&self) -> Option<u64> {
        self.tiers.iter().flatten().flatten().map(|interval| interval.end).max()
    }

    /// Returns the samples from the first label's start to the last label's end, of the tiers that recordings
    /// are cropped to; none where they are not.
    pub(crate) fn crop(&self, tables: &Tables) -> Option<Range<u64>> {
        let cropping = tables.labels.iter().filter(|array| array.table.crop);
        let tiers = cropping.filter_map(|array| self.tiers.get(array.tier)?.as_ref());
        let bounds = tiers.filter_map(|tier| Some((tier.first()?.start, tier.last()?.end)));
        bounds.map(|(start, end)| start..end).reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
    }

    /// Finds the class of every label.
    ///
    /// # Errors
    /// One has none.
    pub(crate) fn classify(
        &mut self,
        tables: &Tables,
        utterance: &Utterance,
    ) -> Result<(), Failure> {
        let intervals = |array: &LabelArray| self.tiers[array.tier].as_deref().unwrap_or_default();
        let classes = tables.labels.iter().map(|array| classes(utterance, intervals(array), array));
        self.classes = classes.collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Appends the labels of an utterance's frames, for each label array.
    ///
    /// - `resampled`: where frames are made of resampled samples, the rates, and the recording's sample that
    ///   those are counted from
    /// - `grid`: where the frames lie, in samples that they are made of
    /// - `track`: an allocation to use
    pub(crate) fn append(
        &self,
        tables: &Tables,
        resampled: Option<(Rates, u64)>,
        grid: FrameGrid,
        num_frames: usize,
        track: &mut Vec<i32>,
        writer: &mut PartWriter,
    ) -> Result<(), UtteranceError> {
        let mut narrow: Vec<i16> = Vec::new();
        let first = tables.arrays.first_track() + usize::from(tables.vad.is_some());
        for ((number, array), classes) in (first..).zip(&tables.labels).zip(&self.classes) {
            let tier = self.tiers[array.tier].as_deref();
            let intervals = tier.unwrap_or_default();
            let mut classes = Cow::from(classes);
            let mut laid = match resampled {
                Some((rates, origin)) => Cow::from(rates.intervals(intervals, origin)),
                None => Cow::from(intervals),
            };
            if let Some(silence) = array.silence.filter(|_| tier.is_some()) {
                fill_gaps(laid.to_mut(), classes.to_mut(), silence);
            }
            let mut labels = labels_of_frames(&laid, &classes, array.table.at, grid, num_frames);
            loop {
                track.clear();
                track.extend(labels.by_ref().take(LABELS_AT_ONCE));
                if track.is_empty() {
                    break;
                }
                match array.map.is_wide() {
                    true => writer.append(number, bytemuck::cast_slice(track))?,
                    false => {
                        narrow.clear();
                        // Not more than 32,767 classes: their numbers, which may be a file's, are checked.
                        narrow.extend(track.iter().map(|&label| label as i16));
                        writer.append(number, bytemuck::cast_slice(&narrow))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns the intervals of each tier, as the utterance's row has them.
    pub(crate) fn into_intervals(self, tables: &Tables) -> Intervals {
        let named = tables.tiers.iter().zip(self.tiers);
        let row = |interval: Interval| (interval.label, interval.start, interval.end);
        let of_tier = |(wanted, tier): (&WantedTier, Option<Vec<Interval>>)| {
            Some((wanted.pattern.to_string(), tier?.into_iter().map(row).collect()))
        };
        named.filter_map(of_tier).collect()
    }
}

/// The files of an utterance's alignment, read as far as tiers are not found.
struct Files<'c, 'u> {
    context: Context<'c>,
    utterance: &'u Utterance,
    read: Vec<Alignment>,
}

impl Files<'_, '_> {
    /// Returns the labels of a tier, of the first file that has it.
    fn tier(
        &mut self,
        wanted: &WantedTier,
        within: &Within<'_>,
    ) -> Result<Vec<Interval>, UtteranceError> {
        let Some(source) = &self.utterance.alignment else {
            // The words of ledgers that were written when no other files were read.
            let error = match wanted.pattern.as_name() {
                Some("phones") => "there is no .PHN file beside it",
                _ => "there is no alignment beside it",
            };
            return Err(Failure::new(Stage::Labels, Cause::MissingAlignment, error).into());
        };
        let mut missing = None;
        for (number, part) in source.parts().enumerate() {
            if self.read.len() == number {
                self.read.push(self.parse(number, part)?);
            }
            match lay(&self.read[number], part, wanted, within) {
                Err(failure) if failure.cause == Cause::MissingTier => {
                    missing.get_or_insert(failure);
                }
                laid => return Ok(laid?),
            }
        }
        let none = || Failure::new(Stage::Labels, Cause::MissingTier, "its alignment has no files");
        Err(missing.unwrap_or_else(none).into())
    }

    fn parse(&self, number: usize, part: AlignmentPart<'_>) -> Result<Alignment, UtteranceError> {
        if number == 0
            && let Some(alignment) = self.context.alignment_read_ahead()
        {
            return Ok(alignment);
        }
        let Context { root, tables, .. } = self.context;
        let read = || read_part(root, self.utterance, &tables.job.recipe, part);
        self.context.patiently(read, |error| failure(part, &error))
    }
}

fn failure(part: AlignmentPart<'_>, error: &AlignmentError) -> Failure {
    let what = sentence(error);
    Failure::new(Stage::Labels, error.into(), format!("{}: {what}", part.shown()))
}

/// Makes intervals of a tier, cut to the stretch that is the utterance.
fn lay(
    alignment: &Alignment,
    part: AlignmentPart<'_>,
    wanted: &WantedTier,
    within: &Within<'_>,
) -> Result<Vec<Interval>, Failure> {
    let bad = |what: &str| {
        let error = format!("{}: {what}", part.shown());
        Failure::new(Stage::Labels, Cause::BadAlignment, error)
    };
    let Within { stretch, fit } = within;
    let labels = if wanted.pattern.as_name() == Some("phones") { "phones" } else { "labels" };
    let laid = alignment.intervals(&wanted.pattern, fit.rate_hz, wanted.scale, wanted.overlap);
    let mut intervals = laid.map_err(|error| failure(part, &error))?;
    let begin = if part.begins_with_utterance() { stretch.start } else { 0 };
    for interval in &mut intervals {
        interval.start = interval.start.saturating_add(begin);
        interval.end = interval.end.saturating_add(begin);
    }
    let end = alignment.sample(alignment.last_end(), fit.rate_hz, wanted.scale);
    let end = end.saturating_add(begin);
    let is_whole = alignment.spans_recording() && !wanted.is_scale_meant;
    fit.check(end, is_whole, labels).map_err(|what| bad(&what))?;
    intervals.retain_mut(|interval| {
        interval.start = interval.start.max(stretch.start);
        interval.end = interval.end.min(stretch.end);
        interval.start < interval.end
    });
    match intervals.is_empty() {
        true => Err(bad(&format!("none of its {labels} lies within {}", fit.called))),
        false => Ok(intervals),
    }
}

/// Finds the class of each label in a label array.
fn classes(
    utterance: &Utterance,
    intervals: &[Interval],
    array: &LabelArray,
) -> Result<Vec<i32>, Failure> {
    interval_classes(intervals, &array.map).map_err(|error: LabelError| {
        // The line to look at is in the alignment, and not in the recording.
        let part = utterance.alignment.iter().flat_map(|source| source.parts()).next();
        let file = part.map(AlignmentPart::shown).unwrap_or_default();
        Failure::new(Stage::Labels, (&error).into(), format!("{file}: {error}"))
    })
}

/// Puts an interval of silence into every gap, before the first and behind the last too.
fn fill_gaps(intervals: &mut Vec<Interval>, classes: &mut Vec<i32>, silence: i32) {
    let old = std::mem::take(intervals).into_iter().zip(std::mem::take(classes));
    let mut end = 0;
    let gap = |start, end| Interval { start, end, label: String::new() };
    for (interval, class) in old {
        if end < interval.start {
            intervals.push(gap(end, interval.start));
            classes.push(silence);
        }
        end = interval.end;
        intervals.push(interval);
        classes.push(class);
    }
    intervals.push(gap(end, u64::MAX));
    classes.push(silence);
}
