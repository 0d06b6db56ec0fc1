//! One utterance on its way from a recording to rows.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::ops::Range;
use std::path::Path;

use ossicle_audio::Recording;
use ossicle_corpus::{Interval, Utterance, frame_labels, printable, read_phn};
use ossicle_dataset::{Stage, UtteranceRow};
use ossicle_dsp::{Deltas, Extractor, Level, Moments, Scratch};

use crate::error::sentence;
use crate::plan::Plan;

/// How many rows are widened at a time: with deltas, 240 KiB, which a second-level cache holds.
pub(crate) const ROWS_AT_ONCE: usize = 512;

/// How many sample rates' tables a worker keeps.
const MOST_EXTRACTORS: usize = 8;

/// The largest sample that is taken for one: far above what was scaled to integers of 32 bits by
/// mistake, and far below what cannot be squared and summed in f32.
const LOUDEST: f32 = 1e10;

/// What a worker needs for utterances: buffers that grow with the longest, and may be dirty.
#[derive(Debug, Default)]
pub(crate) struct Workbench {
    file: Vec<u8>,
    samples: Vec<f32>,
    extractors: Vec<(u32, Extractor)>,
    scratch: Scratch,
    pub(crate) features: Vec<f32>,
    pub(crate) labels: Vec<Vec<i16>>,
    wide: Vec<f32>,
    widening: Vec<f32>,
}

/// Why an utterance is not in the dataset.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) stage: Stage,
    pub(crate) error: String,
}

impl Failure {
    fn new(stage: Stage, error: impl Into<String>) -> Failure {
        Failure { stage, error: error.into() }
    }

    fn of(stage: Stage) -> impl Fn(&dyn StdError) -> Failure {
        move |error| Failure::new(stage, sentence(error))
    }
}

impl Workbench {
    /// Computes the features, labels and moments of an utterance; the first two are left in the bench.
    pub(crate) fn process(
        &mut self,
        plan: &Plan,
        root: &Path,
        utterance: &Utterance,
    ) -> Result<(UtteranceRow, Moments), Failure> {
        let sample_rate_hz = self.decode(plan, &root.join(&utterance.source))?;
        let wanted = plan.recipe.audio.sample_rate_hz.unwrap_or(sample_rate_hz);
        if sample_rate_hz != wanted {
            return Err(Failure::new(
                Stage::Resample,
                format!("the sample rate is {sample_rate_hz} Hz; the recipe's is {wanted} Hz"),
            ));
        }
        let layout = plan.recipe.frames(sample_rate_hz);
        let intervals = match plan.labels.is_empty() {
            true => Vec::new(),
            false => intervals(root, utterance, self.samples.len() as u64, layout.length as u64)?,
        };
        let cropped = match plan.labels.iter().any(|labels| labels.table.crop) {
            true => crop(&intervals),
            false => 0..self.samples.len(),
        };
        let samples = &self.samples[cropped.clone()];

        let extractor = extractor(&mut self.extractors, plan, sample_rate_hz)?;
        let num_frames = extractor.num_frames(samples.len());
        if num_frames == 0 {
            let (length, found) = (layout.length, samples.len());
            return Err(Failure::new(
                Stage::Features,
                format!("a frame is {length} samples long; there are only {found}"),
            ));
        }
        let least = plan.deltas.min_frames();
        if num_frames < least {
            return Err(Failure::new(
                Stage::Features,
                format!("its {num_frames} frames are fewer than the {least} that the deltas need"),
            ));
        }
        let dim = extractor.dim();
        if dim != plan.dim() {
            return Err(Failure::new(
                Stage::Features,
                format!(
                    "at {sample_rate_hz} Hz the feature has {dim} columns, and the dataset {}; write \
                     --set audio.sample_rate_hz={sample_rate_hz} if all recordings have that rate",
                    plan.dim()
                ),
            ));
        }
        self.features.resize(num_frames * dim, 0.0);
        let key = blake3::hash(utterance.id.as_bytes());
        let key = key.as_bytes().first_chunk().map_or(0, |&bytes| u64::from_le_bytes(bytes));
        extractor.extract_keyed_into(samples, key, &mut self.scratch, &mut self.features);

        self.labels.resize_with(plan.num_tracks(), Vec::new);
        if let (Some(vad), Some(mask)) = (&plan.vad, self.labels.last_mut()) {
            vad.apply(&self.features, dim, mask);
        }
        for (array, labels) in plan.labels.iter().zip(&mut self.labels) {
            let at = array.table.at.into();
            let first = cropped.start as i64 + layout.first_sample() as i64;
            let (map, length, shift) = (&array.map, layout.length, layout.shift);
            frame_labels(&intervals, map, at, first, length, shift, num_frames, labels)
                .map_err(|error| Failure::of(Stage::Labels)(&error))?;
        }
        if let Some(sliding) = &plan.sliding {
            self.wide.resize(self.features.len(), 0.0);
            sliding.apply(&self.features, dim, plan.level, &mut self.wide);
            std::mem::swap(&mut self.features, &mut self.wide);
        }
        let moments = self.moments(plan.deltas, dim, plan.level);
        // Every column is in the moments, so that a single look finds whatever is not a number.
        let sums = moments.mean.iter().chain(&moments.m2);
        if let Some(column) = sums.clone().position(|x| !x.is_finite()) {
            let column = column % moments.mean.len();
            return Err(Failure::new(
                Stage::Features,
                format!("column {column} is not finite: samples are too large to square"),
            ));
        }
        let phones = intervals.into_iter().map(|i| (i.label, i.start, i.end)).collect::<Vec<_>>();
        let row = UtteranceRow {
            id: utterance.id.to_string(),
            source: printable(&utterance.source),
            channel: plan.recipe.audio.channel.0.to_string(),
            sample_rate_hz,
            start_sample: cropped.start as u64,
            end_sample: cropped.end as u64,
            num_frames: num_frames as u64,
            speaker: utterance.speaker.as_deref().map(str::to_owned),
            intervals: match phones.is_empty() {
                true => BTreeMap::new(),
                false => BTreeMap::from([("phones".to_owned(), phones)]),
            },
        };
        Ok((row, moments))
    }

    /// Fills `samples` with the whole recording, and says its sample rate.
    fn decode(&mut self, plan: &Plan, path: &Path) -> Result<u32, Failure> {
        use ossicle_audio::Error as Audio;
        let stage = |error: &Audio| match error {
            Audio::Open { .. } | Audio::Read { .. } | Audio::NotRegular { .. } => Stage::Open,
            _ => Stage::Decode,
        };
        let fail = |error: Audio| Failure::of(stage(&error))(&error);
        let (buffer, channel) = (std::mem::take(&mut self.file), plan.recipe.audio.channel.0);
        let mut recording =
            Recording::open_with_buffer(path, plan.raw, channel, buffer).map_err(fail)?;
        let info = *recording.info();
        let read = recording.read_to_end(&mut self.samples).map_err(fail);
        self.file = recording.into_buffer();
        read?;
        // Only floating-point recordings can be louder than full scale.
        let too_loud = |x: &f32| x.abs() > LOUDEST;
        if info.encoding.is_float()
            && let Some(sample) = self.samples.iter().position(too_loud)
        {
            let found = self.samples[sample];
            return Err(Failure::new(
                Stage::Features,
                format!("sample {sample} is {found:e}, which is too large: full scale is 1"),
            ));
        }
        Ok(info.sample_rate_hz)
    }

    /// The moments of the wide columns. Blocks of rows are merged, so that a long recording needs no
    /// more memory than a short one.
    fn moments(&mut self, deltas: Deltas, dim: usize, level: Level) -> Moments {
        let num_frames = self.features.len() / dim;
        let wide_dim = deltas.wide_dim(dim);
        let mut moments = Moments::empty(wide_dim);
        for begin in (0..num_frames).step_by(ROWS_AT_ONCE) {
            let rows = begin..(begin + ROWS_AT_ONCE).min(num_frames);
            let context = deltas.context(&rows, num_frames);
            self.wide.resize(rows.len() * wide_dim, 0.0);
            deltas.widen_into(
                level,
                &self.features[context.start * dim..context.end * dim],
                dim,
                rows,
                num_frames,
                &mut self.widening,
                &mut self.wide,
            );
            let block = Moments::of_rows(&self.wide, wide_dim, level);
            moments.merge(block.count, &block.mean, &block.m2);
        }
        moments
    }
}

/// The extractor for recordings of this sample rate, made where there is none yet.
fn extractor<'a>(
    extractors: &'a mut Vec<(u32, Extractor)>,
    plan: &Plan,
    sample_rate_hz: u32,
) -> Result<&'a Extractor, Failure> {
    let at = match extractors.iter().position(|(rate, _)| *rate == sample_rate_hz) {
        Some(at) => at,
        None => {
            let extractor = plan.recipe.extractor(sample_rate_hz, plan.level).map_err(|error| {
                Failure::new(Stage::Features, format!("at {sample_rate_hz} Hz, {error}"))
            })?;
            if extractors.len() == MOST_EXTRACTORS {
                extractors.remove(0);
            }
            extractors.push((sample_rate_hz, extractor));
            extractors.len() - 1
        }
    };
    Ok(&extractors[at].1)
}

/// The utterance's phones, clipped to the recording.
fn intervals(
    root: &Path,
    utterance: &Utterance,
    num_samples: u64,
    frame_length: u64,
) -> Result<Vec<Interval>, Failure> {
    let Some(alignment) = &utterance.alignment else {
        return Err(Failure::new(Stage::Labels, "there is no .PHN file beside it"));
    };
    let fail =
        |what: &str| Failure::new(Stage::Labels, format!("{}: {what}", printable(alignment)));
    let mut intervals = read_phn(&root.join(alignment)).map_err(|error| fail(&sentence(&error)))?;
    let end = intervals.last().map_or(0, |last| last.end);
    if end > num_samples + frame_length {
        return Err(fail(&format!(
            "its phones end at sample {end}, more than a frame past the recording's {num_samples}"
        )));
    }
    intervals.retain_mut(|interval| {
        interval.end = interval.end.min(num_samples);
        interval.start < interval.end
    });
    if intervals.is_empty() {
        return Err(fail("none of its phones lies within the recording"));
    }
    Ok(intervals)
}

/// From the first phone's start to the last phone's end.
fn crop(intervals: &[Interval]) -> Range<usize> {
    let start = intervals.first().map_or(0, |first| first.start as usize);
    let end = intervals.last().map_or(0, |last| last.end as usize);
    start..end
}
