//! One utterance on its way from a recording to the rows of a part.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::ops::Range;
use std::path::Path;

use ossicle_corpus::{
    FrameGrid, Interval, Utterance, interval_classes, labels_of_frames, printable, read_phn,
};
use ossicle_dataset::{FailureRow, Stage, UtteranceRow};
use ossicle_dsp::spikes::{PursuitScratch, Spike};
use ossicle_dsp::{Extractor, FrameLayout, Moments, Scratch};
use serde::{Deserialize, Serialize};

use crate::by_rate::ByRate;
use crate::cause::Cause;
use crate::error::{Error, sentence};
use crate::job::Job;
use crate::notice::Notice;
use crate::part_file::PartWriter;
use crate::patience::patiently;
use crate::piecewise::frames_at_once;
use crate::samples::Samples;
use crate::source::Source;
use crate::stop::Stop;
use crate::wide_moments::WideMoments;

/// How many sample rates' tables a worker keeps.
const MOST_EXTRACTORS: usize = 8;

type Extractors = ByRate<Extractor, MOST_EXTRACTORS>;

/// How many labels are made at a time.
const LABELS_AT_ONCE: usize = 8192;

/// What a worker needs for utterances: buffers that may be dirty, and do not grow with recordings.
#[derive(Debug, Default)]
pub(crate) struct Workbench {
    file: Vec<u8>,
    pub(crate) samples: Vec<f32>,
    extractors: Extractors,
    pub(crate) scratch: Scratch,
    pub(crate) rows: Vec<f32>,
    pub(crate) slid: Vec<f32>,
    track: Vec<i16>,
    pub(crate) mask: Vec<i16>,
    pub(crate) wide: Vec<f32>,
    pub(crate) widening: Vec<f32>,
    pub(crate) pursuit: PursuitScratch,
    pub(crate) spikes: Vec<Spike>,
    pub(crate) kept: Vec<Spike>,
}

/// What a worker is surrounded by while it works.
pub(crate) struct Surroundings<'a> {
    pub(crate) job: &'a Job,
    pub(crate) stop: &'a Stop,
    /// Is told what people should know.
    pub(crate) say: &'a mut dyn FnMut(Notice) -> Result<(), Error>,
}

/// Why an utterance is not stored.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It is bad: a row of the ledger.
    Bad(Failure),
    /// The run cannot go on.
    Ends(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::Ends(error)
    }
}

/// Why an utterance is not in the dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) stage: Stage,
    pub(crate) cause: Cause,
    pub(crate) error: String,
}

impl Failure {
    pub(crate) fn new(stage: Stage, cause: Cause, error: impl Into<String>) -> Failure {
        Failure { stage, cause, error: error.into() }
    }

    pub(crate) fn of<E: StdError>(stage: Stage, error: &E) -> Failure
    where
        for<'a> &'a E: Into<Cause>,
    {
        Failure::new(stage, error.into(), sentence(error))
    }

    /// The row of the ledger.
    pub(crate) fn row(self, split: &str, utterance: &Utterance) -> FailureRow {
        FailureRow {
            id: utterance.id.to_string(),
            split: split.to_owned(),
            source: printable(&utterance.source),
            stage: self.stage,
            cause: self.cause.as_str().to_owned(),
            error: self.error,
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        Trouble::Bad(failure)
    }
}

/// What went wrong with a recording, with the stage it happened in.
pub(crate) fn of_audio(error: &ossicle_audio::Error) -> Failure {
    use ossicle_audio::Error as Audio;
    let stage = match error {
        Audio::Open { .. } | Audio::Read { .. } | Audio::NotRegular { .. } => Stage::Open,
        _ => Stage::Decode,
    };
    Failure::of(stage, error)
}

/// The frames of an utterance.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frames<'a> {
    pub(crate) extractor: &'a Extractor,
    pub(crate) layout: FrameLayout,
    pub(crate) count: usize,
    /// What the noise of an utterance is keyed by.
    pub(crate) key: u64,
}

impl Workbench {
    /// Computes an utterance and appends it to the part, where it has begun.
    pub(crate) fn process(
        &mut self,
        around: &mut Surroundings<'_>,
        root: &Path,
        utterance: &Utterance,
        writer: &mut PartWriter,
    ) -> Result<(UtteranceRow, Moments), Trouble> {
        let mut extractors = std::mem::take(&mut self.extractors);
        let done = self.process_with(&mut extractors, around, root, utterance, writer);
        self.extractors = extractors;
        done
    }

    fn process_with(
        &mut self,
        extractors: &mut Extractors,
        around: &mut Surroundings<'_>,
        root: &Path,
        utterance: &Utterance,
        writer: &mut PartWriter,
    ) -> Result<(UtteranceRow, Moments), Trouble> {
        let job = around.job;
        let path = root.join(&utterance.source);
        let mut source = self.open(around, &path)?;
        let (sample_rate_hz, most_samples) = source.extent(job);
        let reads_spikes = job.recipe.reads_spikes();
        if !reads_spikes {
            admit(job, sample_rate_hz, most_samples)?;
        }
        let layout = job.recipe.frames(sample_rate_hz);
        let intervals = match job.labels.is_empty() && !reads_spikes {
            true => Vec::new(),
            false => intervals(around, root, utterance, most_samples, layout.length as u64)?,
        };
        let mut num_samples = most_samples;
        if reads_spikes {
            // Spikes do not say where the recording ended: its phones do.
            num_samples = crop(&intervals).end;
            admit(job, sample_rate_hz, num_samples)?;
        }
        let cropped = match job.labels.iter().any(|labels| labels.table.crop) {
            true => crop(&intervals),
            false => 0..num_samples,
        };
        let num_frames = num_frames(job, layout, &cropped)?;

        let plan = match &job.spikes {
            Some(spikes) => Some(spikes.plan(&job.recipe, sample_rate_hz, job.level)?),
            None => None,
        };
        let moments = match (&plan, &mut source) {
            (Some(plan), source) => {
                self.append_spikegram(around, plan, source, cropped.start, num_frames, writer)?
            }
            (None, Source::Recording(recording)) => {
                let extractor = extractor(extractors, job, sample_rate_hz)?;
                let key = blake3::hash(utterance.id.as_bytes());
                let key = key.as_bytes().first_chunk().map_or(0, |&b| u64::from_le_bytes(b));
                let frames = Frames { extractor, layout, count: num_frames, key };
                let buffer = std::mem::take(&mut self.samples);
                let mut samples = Samples::new(recording, cropped.clone(), buffer);
                let moments = match frames_at_once(frames, samples.len()) {
                    None => self.append_whole(around, frames, &mut samples, writer)?,
                    Some(n) => self.append_in_pieces(around, frames, n, &mut samples, writer)?,
                };
                self.samples = samples.into_buffer();
                moments
            }
            (None, Source::Spikes(_)) => unreachable!("only spikegrams are made of spikes"),
        };

        for array in &job.labels {
            let fail = |error| Failure::of(Stage::Labels, &error);
            let classes = interval_classes(&intervals, &array.map).map_err(fail)?;
            let grid = FrameGrid {
                first_sample: cropped.start as i64 + layout.first_sample() as i64,
                length: layout.length,
                shift: layout.shift,
            };
            let at = array.table.at.into();
            let mut labels = labels_of_frames(&intervals, &classes, at, grid, num_frames);
            loop {
                self.track.clear();
                self.track.extend(labels.by_ref().take(LABELS_AT_ONCE));
                if self.track.is_empty() {
                    break;
                }
                writer.append_track(&self.track)?;
            }
        }
        let num_spikes = match &plan {
            Some(plan) if job.keeps_spikes() => {
                Some(self.append_spikes(around, plan, &mut source, writer)?)
            }
            _ => None,
        };
        if let Source::Recording(recording) = source {
            recording.check_unchanged().map_err(|error| of_audio(&error))?;
            self.file = recording.into_buffer();
        }
        // Every column is in the moments, so that a single look finds whatever is not a number.
        let sums = moments.mean.iter().chain(&moments.m2);
        if let Some(column) = sums.clone().position(|x| !x.is_finite()) {
            let column = column % moments.mean.len();
            let error = format!("column {column} is not finite: samples are too large to square");
            return Err(Failure::new(Stage::Features, Cause::TooLoud, error).into());
        }
        let phones = intervals.into_iter().map(|i| (i.label, i.start, i.end)).collect::<Vec<_>>();
        let row = UtteranceRow {
            id: utterance.id.to_string(),
            source: printable(&utterance.source),
            channel: job.recipe.audio.channel.0.to_string(),
            sample_rate_hz,
            start_sample: cropped.start,
            end_sample: cropped.end,
            num_frames: num_frames as u64,
            first_spike: None,
            num_spikes,
            speaker: utterance.speaker.as_deref().map(str::to_owned),
            intervals: match phones.is_empty() {
                true => BTreeMap::new(),
                false => BTreeMap::from([("phones".to_owned(), phones)]),
            },
        };
        Ok((row, moments))
    }

    fn open(&mut self, around: &mut Surroundings<'_>, path: &Path) -> Result<Source, Trouble> {
        let job = around.job;
        let mut buffer = std::mem::take(&mut self.file);
        let open = || Source::open(job, path, std::mem::take(&mut buffer));
        Ok(patiently(around.stop, around.say, open)?.map_err(Failure::from)?)
    }

    /// Computes the rows and the mask of speech at once and appends them; returns the moments of the
    /// wide columns.
    fn append_whole(
        &mut self,
        around: &Surroundings<'_>,
        frames: Frames<'_>,
        samples: &mut Samples<'_>,
        writer: &mut PartWriter,
    ) -> Result<Moments, Trouble> {
        let job = around.job;
        let dim = job.dim();
        let mut moments = WideMoments::new(job, frames.count, &mut self.wide, &mut self.widening);
        self.rows.resize(frames.count * dim, 0.0);
        let whole = samples.read(0..samples.len())?;
        frames.extractor.extract_keyed_into(whole, frames.key, &mut self.scratch, &mut self.rows);
        if let Some(vad) = &job.vad {
            vad.apply(&self.rows, dim, &mut self.mask);
        }
        if let Some(sliding) = &job.sliding {
            self.slid.resize(self.rows.len(), 0.0);
            sliding.apply(&self.rows, dim, job.level, &mut self.slid);
            std::mem::swap(&mut self.rows, &mut self.slid);
        }
        moments.advance(&self.rows, 0);
        writer.append_rows(&self.rows)?;
        if job.vad.is_some() {
            writer.append_track(&self.mask)?;
        }
        Ok(moments.finish())
    }
}

/// Whether the recipe takes recordings like this.
fn admit(job: &Job, found: u32, num_samples: u64) -> Result<(), Failure> {
    let wanted = job.recipe.audio.sample_rate_hz.unwrap_or(found);
    if found != wanted {
        return Err(Failure::new(
            Stage::Resample,
            Cause::WrongRate,
            format!("the sample rate is {found} Hz; the recipe's is {wanted} Hz"),
        ));
    }
    let duration_s = num_samples as f64 / f64::from(found);
    match job.recipe.audio.max_duration_s {
        Some(longest) if duration_s > longest => Err(Failure::new(
            Stage::Decode,
            Cause::TooLong,
            format!("it lasts {duration_s:.1} s; audio.max_duration_s is {longest}"),
        )),
        _ => Ok(()),
    }
}

/// How many frames an utterance has, if it can have any.
fn num_frames(job: &Job, layout: FrameLayout, cropped: &Range<u64>) -> Result<usize, Failure> {
    let fail = |cause, error: String| Err(Failure::new(Stage::Features, cause, error));
    let Ok(num_samples) = usize::try_from(cropped.end - cropped.start) else {
        return fail(Cause::TooLong, "it has more samples than this machine can count".to_owned());
    };
    if layout.shift == 0 {
        return fail(
            Cause::UnfitRate,
            "at its sample rate, the frame shift is 0 samples".to_owned(),
        );
    }
    let num_frames = layout.num_frames(num_samples);
    if num_frames == 0 {
        let length = layout.length;
        let error = format!("a frame is {length} samples long; there are only {num_samples}");
        return fail(Cause::TooShort, error);
    }
    let least = job.deltas.min_frames();
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
    job: &Job,
    sample_rate_hz: u32,
) -> Result<&'a Extractor, Failure> {
    let make = || job.recipe.extractor(sample_rate_hz, job.level);
    let extractor = extractors.get(sample_rate_hz, make)?;
    let (found, dim) = (extractor.dim(), job.dim());
    if found != dim {
        let error = format!(
            "at {sample_rate_hz} Hz the feature has {found} columns, and the dataset {dim}"
        );
        return Err(Failure::new(Stage::Features, Cause::OtherColumns, error));
    }
    Ok(extractor)
}

/// The utterance's phones, clipped to the recording.
fn intervals(
    around: &mut Surroundings<'_>,
    root: &Path,
    utterance: &Utterance,
    num_samples: u64,
    frame_length: u64,
) -> Result<Vec<Interval>, Trouble> {
    let Some(alignment) = &utterance.alignment else {
        let error = "there is no .PHN file beside it";
        return Err(Failure::new(Stage::Labels, Cause::MissingAlignment, error).into());
    };
    let fail = |cause, what: &str| {
        Failure::new(Stage::Labels, cause, format!("{}: {what}", printable(alignment)))
    };
    let path = root.join(alignment);
    let read = patiently(around.stop, around.say, || read_phn(&path))?;
    let mut intervals = read.map_err(|error| fail((&error).into(), &sentence(&error)))?;
    let end = intervals.last().map_or(0, |last| last.end);
    if end > num_samples + frame_length {
        let what = format!(
            "its phones end at sample {end}, more than a frame past the recording's {num_samples}"
        );
        return Err(fail(Cause::BadAlignment, &what).into());
    }
    intervals.retain_mut(|interval| {
        interval.end = interval.end.min(num_samples);
        interval.start < interval.end
    });
    if intervals.is_empty() {
        return Err(
            fail(Cause::BadAlignment, "none of its phones lies within the recording").into()
        );
    }
    Ok(intervals)
}

/// From the first phone's start to the last phone's end.
fn crop(intervals: &[Interval]) -> Range<u64> {
    let start = intervals.first().map_or(0, |first| first.start);
    let end = intervals.last().map_or(0, |last| last.end);
    start..end
}
