//! A recipe applied to samples in memory, without a corpus.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ossicle_dataset::{Dataset, FrameCard, Normalization};
use ossicle_dsp::{
    Around, Feature, FrameLayout, Level, Moments, Next, Normalizer, ResampleFilter, Scratch, Sink,
    Splice, Start, WideScratch, Widen, first_unusable, is_sample,
};
use ossicle_recipe::{Recipe, RecipeError, Scope, Stream};
use serde::Deserialize;

use crate::error::Error;
use crate::merge::{normalizer, normalizer_of, standard_deviation, together};
use crate::plan::arrays::{After, Arrays, FeatureArray, StreamArrays};
use crate::plan::statistics::{constants, of_card, of_dataset};
use crate::rows::int16::int16;
use crate::rows::utterance::noise_key;
use crate::rows::wide_moments::WideMoments;

/// A recipe applied to samples in memory: the rows that a dataset would have of a recording of these samples,
/// bit for bit.
///
/// It is immutable, so threads share it; each has a [`Bench`] of its own.
#[derive(Debug)]
pub struct Transform {
    recipe: Recipe,
    sample_rate_hz: u32,
    level: Level,
    streams: Vec<PlannedStream>,
    arrays: Arrays,
    normalized: Normalized,
    /// The statistics that rows are normalised by.
    statistics: Option<Vec<Normalization>>,
}

/// What is computed together, planned.
#[derive(Debug)]
struct PlannedStream {
    feature: Arc<dyn Feature>,
    /// What samples are resampled by; none where they stay as they are.
    filter: Option<ResampleFilter>,
}

impl PlannedStream {
    fn new(
        recipe: &Recipe,
        stream: &Stream,
        sample_rate_hz: u32,
        level: Level,
    ) -> Result<PlannedStream, Error> {
        let wanted = stream.sample_rate_hz().unwrap_or(sample_rate_hz);
        let filter = match recipe.audio().resample_mode() {
            _ if wanted == sample_rate_hz => None,
            // Whose rate is the recipe's is not resampled unseen.
            Some(mode) if recipe.audio().sample_rate_hz != Some(wanted) => {
                let filter = ResampleFilter::new(mode, sample_rate_hz, wanted, level);
                Some(filter.map_err(RecipeError::Feature)?)
            }
            _ => return Err(Error::RecipeRate { wanted, found: sample_rate_hz }),
        };
        let feature = stream.planned(wanted, level).map_err(RecipeError::Feature)?;
        feature.prepare();
        Ok(PlannedStream { feature, filter })
    }

    /// Computes the rows of samples that are all finite.
    fn rows(&self, samples: &[f32], id: &str, bench: &mut Bench) -> Result<Vec<f32>, Error> {
        let Bench { scratch, sink, resampled, .. } = bench;
        let samples = match &self.filter {
            None => samples,
            Some(filter) => {
                resampled.clear();
                let mut resampler = filter.begin(0);
                resampler.push(samples, resampled);
                resampler.finish(resampled);
                &**resampled
            }
        };
        let key = noise_key(id);
        let start = Start { key, most_held: samples.len().max(1), ..Start::default() };
        let mut stream = self.feature.begin(start, scratch);
        loop {
            sink.clear();
            match stream.finish(samples, sink).map_err(RecipeError::Feature)? {
                Next::Done => return Ok(sink.take_rows()),
                Next::Again => {}
            }
        }
    }

    /// Returns how many frames so many samples have.
    fn num_frames(&self, num_samples: usize) -> usize {
        let own = |filter: &ResampleFilter| filter.num_samples(num_samples as u64) as usize;
        self.feature.frames().num_frames(self.filter.as_ref().map_or(num_samples, own))
    }
}

/// What rows are normalised by.
#[derive(Debug)]
enum Normalized {
    /// Nothing, or their neighbours.
    No,
    /// The statistics of a corpus, for each array that is normalised, by its place.
    By(BTreeMap<usize, Normalizer>),
    /// Their own mean and variance.
    ByThemselves,
    /// Those of a speaker, whose recordings are not here yet.
    BySpeaker,
}

/// The fate of numbers that can be no samples: NaN, infinity, and what no computation could hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// They are an error.
    Refuse,
    /// They count as 0, and rows of frames that hold one are NaN, before anything is made of several rows.
    Keep,
}

/// The buffers of a thread, which may be dirty.
#[derive(Debug, Default)]
pub struct Bench {
    scratch: Scratch,
    sink: Sink,
    widening: WideScratch,
    around: Vec<f32>,
    finite: Vec<f32>,
    resampled: Vec<f32>,
}

impl Transform {
    /// Plans a recipe for samples of this rate.
    ///
    /// # Errors
    /// It is for recordings of another rate, cannot be computed at this one, is normalised by a corpus, which is
    /// not here (a dataset's folder as `normalize.stats_from` is), or has rows of events that other programs found.
    pub fn new(recipe: &Recipe, sample_rate_hz: u32, level: Level) -> Result<Transform, Error> {
        let arrays = Arrays::new(recipe, sample_rate_hz, &[]);
        let statistics = match recipe.normalize() {
            Some(table) if table.scope == Scope::Constants => constants(recipe, &arrays)?,
            Some(table) if table.scope == Scope::Corpus => match table.stats_from.as_deref() {
                Some(folder) if Path::new(folder).is_dir() => {
                    Some(of_dataset(recipe, &arrays, folder)?)
                }
                from => return Err(Error::NoCorpus { from: from.unwrap_or("train").to_owned() }),
            },
            _ => None,
        };
        Transform::planned(recipe, sample_rate_hz, arrays, statistics, level)
    }

    /// Plans what a dataset was made by: its recipe, and its statistics.
    ///
    /// - `sample_rate_hz`: that of its recordings if none is given
    ///
    /// # Errors
    /// As [`Transform::new`], or it is no dataset.
    pub fn of_dataset(
        folder: &Path,
        sample_rate_hz: Option<u32>,
        level: Level,
    ) -> Result<Transform, Error> {
        let dataset = Dataset::open(folder)?;
        let card = dataset.card();
        let recipe =
            Recipe::deserialize(&card.recipe).map_err(|source| Error::CardRecipe { source })?;
        let rate = sample_rate_hz.or(card.frame.sample_rate_hz);
        let rate = rate.unwrap_or_else(|| recipe.example_rate_hz());
        let arrays = Arrays::new(&recipe, rate, &[]);
        let by_statistics = |scope| matches!(scope, Scope::Corpus | Scope::Constants);
        let has_statistics = recipe.normalize().is_some_and(|table| by_statistics(table.scope));
        let statistics = match has_statistics {
            true => Some(of_card(card, &arrays).ok_or(Error::CardStatistics)?),
            false => None,
        };
        Transform::planned(&recipe, rate, arrays, statistics, level)
    }

    /// Plans a recipe that is normalised by these statistics, of each array.
    ///
    /// # Errors
    /// As [`Transform::new`], or they are of other columns.
    pub fn normalized_by(
        recipe: &Recipe,
        sample_rate_hz: u32,
        statistics: Vec<Normalization>,
        level: Level,
    ) -> Result<Transform, Error> {
        let arrays = Arrays::new(recipe, sample_rate_hz, &[]);
        let columns = |of: &Normalization| (of.mean.len(), of.standard_deviation.len());
        let wide = |(_, array): (usize, &FeatureArray)| (array.wide_dim(), array.wide_dim());
        let found = statistics.iter().map(columns);
        if !found.eq(arrays.normalized().map(wide)) {
            return Err(Error::CardStatistics);
        }
        Transform::planned(recipe, sample_rate_hz, arrays, Some(statistics), level)
    }

    fn planned(
        recipe: &Recipe,
        sample_rate_hz: u32,
        arrays: Arrays,
        statistics: Option<Vec<Normalization>>,
        level: Level,
    ) -> Result<Transform, Error> {
        if recipe.event_files().is_some() {
            return Err(Error::EventsWithoutFiles);
        }
        let of_array = |of: &Normalization| normalizer(recipe, &of.mean, &of.standard_deviation);
        let normalized = match (&statistics, recipe.normalize().map(|table| table.scope)) {
            (Some(of), _) => {
                let arrays = arrays.normalized().zip(of);
                Normalized::By(arrays.map(|((array, _), of)| (array, of_array(of))).collect())
            }
            (None, Some(Scope::Utterance)) => Normalized::ByThemselves,
            (None, Some(Scope::Speaker)) => Normalized::BySpeaker,
            (None, Some(Scope::Corpus | Scope::Sliding | Scope::Constants) | None) => {
                Normalized::No
            }
        };
        let plan = |stream| PlannedStream::new(recipe, stream, sample_rate_hz, level);
        let streams = recipe.streams().iter().map(plan).collect::<Result<_, _>>()?;
        let recipe = recipe.clone();
        Ok(Transform { recipe, sample_rate_hz, level, streams, arrays, normalized, statistics })
    }

    /// Returns the recipe.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Returns the rate of the samples.
    pub fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }

    /// Returns the layout of frames, of the first of the recipe's streams.
    pub fn frames(&self) -> FrameLayout {
        self.streams[0].feature.frames()
    }

    /// Returns the statistics that rows are normalised by, of each array that is; none where there are none.
    pub fn statistics(&self) -> Option<&[Normalization]> {
        self.statistics.as_deref()
    }

    /// Returns the names of the arrays, and of the columns of each.
    pub fn arrays(&self) -> impl ExactSizeIterator<Item = (&str, &[String])> {
        self.arrays.features.iter().map(|array| (&*array.name, array.column_names()))
    }

    /// Returns the frames that an array's rows are of, by its place: their length, from one to the next, and the sample
    /// that the first is centred at, of samples at the rate that it is computed at.
    ///
    /// # Panics
    /// If there is no such array.
    pub fn row_frames(&self, array: usize) -> FrameCard {
        let of = &self.arrays.features[array];
        let (layout, stream) =
            (self.streams[of.stream].feature.frames(), &self.recipe.streams()[of.stream]);
        FrameCard {
            sample_rate_hz: Some(stream.sample_rate_hz().unwrap_or(self.sample_rate_hz)),
            length: Some(layout.length as u64),
            shift: Some((layout.shift * of.after.frames_per_row()) as u64),
            first_centre: Some(layout.first_centre() as i64),
        }
    }

    /// Returns how many rows so many samples have in the first array; 0 where they are too few for a row of each.
    pub fn num_frames(&self, num_samples: usize) -> usize {
        self.num_rows(num_samples).first().copied().unwrap_or(0)
    }

    /// Returns how many rows so many samples have in each array; 0 where they are too few for a row of each.
    pub fn num_rows(&self, num_samples: usize) -> Vec<usize> {
        let rows = |array: &FeatureArray| array.after.num_rows(self.num_base(array, num_samples));
        let rows: Vec<usize> = self.arrays.features.iter().map(rows).collect();
        if rows.contains(&0) { vec![0; rows.len()] } else { rows }
    }

    /// Returns how many frames so many samples have, of which rows of an array are made; 0 where they are too
    /// few for that.
    fn num_base(&self, array: &FeatureArray, num_samples: usize) -> usize {
        let num_frames = self.streams[array.stream].num_frames(num_samples);
        if num_frames < array.after.wide.deltas.min_frames() { 0 } else { num_frames }
    }

    /// Computes the rows of each array, row-major, of samples that are a whole recording.
    ///
    /// - `samples`: mono, full scale ±1.0
    /// - `id`: the name that a recipe's noise depends on, as in a dataset
    ///
    /// # Errors
    /// There are too few samples for a row, one is none and `unusable` refuses it, or rows are normalised by
    /// their speaker, of whom there is nothing: see [`for_speaker`](Transform::for_speaker).
    pub fn rows(
        &self,
        samples: &[f32],
        id: &str,
        unusable: Unusable,
        bench: &mut Bench,
    ) -> Result<Vec<Vec<f32>>, Error> {
        if matches!(self.normalized, Normalized::BySpeaker) {
            return Err(Error::NoSpeaker);
        }
        let bases = self.bases(samples, id, unusable, bench)?;
        let arrays = bases.into_iter().enumerate();
        let finished = |(array, base)| self.finished(array, base, samples.len(), bench);
        Ok(arrays.map(finished).collect())
    }

    /// Plans the same with the statistics of a speaker.
    ///
    /// - `recordings`: the speaker's, with their ids, in the order of a dataset's utterances
    ///
    /// # Errors
    /// The recipe is not normalised by speakers, there is no recording, or one has no rows.
    pub fn for_speaker<'a>(
        &self,
        recordings: impl IntoIterator<Item = (&'a [f32], &'a str)>,
        bench: &mut Bench,
    ) -> Result<Transform, Error> {
        if self.recipe.normalize().map(|table| table.scope) != Some(Scope::Speaker) {
            return Err(Error::NotBySpeaker);
        }
        let arrays = &self.arrays;
        let mut all: Vec<Moments> =
            arrays.normalized().map(|(_, array)| Moments::empty(array.wide_dim())).collect();
        for (number, (samples, id)) in recordings.into_iter().enumerate() {
            let bases = self.bases(samples, id, Unusable::Refuse, bench);
            let bases =
                bases.map_err(|source| Error::Recording { number, source: Box::new(source) })?;
            for ((place, array), moments) in arrays.normalized().zip(&mut all) {
                let of = WideMoments::new(array.after.wide, self.level, array.dim);
                let of = of.finish(&bases[place], &mut bench.widening);
                moments.merge(of.count, &of.mean, &of.m2);
            }
        }
        if all.iter().any(|moments| moments.count == 0) {
            return Err(Error::NoSpeaker);
        }
        let of_speaker = |moments: Moments| {
            let moments = together(&self.recipe, moments);
            Normalization {
                stats_from: "speaker".to_owned(),
                count: moments.count,
                standard_deviation: standard_deviation(&self.recipe, &moments),
                mean: moments.mean,
            }
        };
        let statistics = all.into_iter().map(of_speaker).collect();
        Transform::normalized_by(&self.recipe, self.sample_rate_hz, statistics, self.level)
    }

    /// Computes the rows of each array before deltas and normalisation.
    fn bases(
        &self,
        samples: &[f32],
        id: &str,
        unusable: Unusable,
        bench: &mut Bench,
    ) -> Result<Vec<Vec<f32>>, Error> {
        if self.num_frames(samples.len()) == 0 {
            let least = (samples.len()..)
                .take(1 << 24)
                .find(|&num_samples| self.num_frames(num_samples) > 0);
            return Err(Error::TooFewSamples { found: samples.len(), least });
        }
        let mut bases = vec![Vec::new(); self.arrays.features.len()];
        for (number, stream) in self.streams.iter().enumerate() {
            let StreamArrays { dim, is_plain, .. } = self.arrays.streams[number];
            let mut base = self.base_rows(stream, samples, id, unusable, bench)?;
            base.truncate(stream.num_frames(samples.len()) * dim);
            let arrays: Vec<_> = self.arrays.of_stream(number).collect();
            if let (Some(sliding), false) = (self.recipe.sliding(), is_plain) {
                let mut slid = Vec::with_capacity(base.len());
                sliding.begin(dim, self.level).finish(&base, &mut slid);
                base = slid;
            }
            match &arrays[..] {
                [(only, _)] => bases[*only] = base,
                arrays => {
                    for (place, array) in arrays {
                        array.own(&base, dim, &mut bases[*place]);
                    }
                }
            }
        }
        Ok(bases)
    }

    /// Computes the rows of all features of a stream side by side, before anything is made of them.
    fn base_rows(
        &self,
        stream: &PlannedStream,
        samples: &[f32],
        id: &str,
        unusable: Unusable,
        bench: &mut Bench,
    ) -> Result<Vec<f32>, Error> {
        let Some(at) = first_unusable(samples, self.level) else {
            return stream.rows(samples, id, bench);
        };
        if unusable == Unusable::Refuse {
            return Err(Error::NoSample { at, value: samples[at] });
        }
        if stream.filter.is_some() {
            return Err(Error::KeepResampled { at });
        }
        let mut finite = std::mem::take(&mut bench.finite);
        finite.clear();
        finite.extend(samples.iter().map(|&x| if is_sample(x) { x } else { 0.0 }));
        let rows = stream.rows(&finite, id, bench);
        bench.finite = finite;
        let mut rows = rows?;
        let frames = stream.feature.frames();
        for (frame, row) in rows.chunks_mut(stream.feature.dim()).enumerate() {
            if frames.any_of(frame, samples, |x| !is_sample(x)) {
                row.fill(f32::NAN);
            }
        }
        Ok(rows)
    }

    /// Makes the rows of an array, by its place, of its rows before deltas.
    fn finished(
        &self,
        place: usize,
        base: Vec<f32>,
        num_samples: usize,
        bench: &mut Bench,
    ) -> Vec<f32> {
        let array = &self.arrays.features[place];
        let After { wide: widen, splice } = &array.after;
        let (dim, num_frames) = (array.dim, self.num_base(array, num_samples));
        let (wide_dim, num_wide) = (widen.wide_dim(dim), widen.num_rows(num_frames));
        let own = match &self.normalized {
            _ if array.is_plain => None,
            Normalized::No | Normalized::BySpeaker => None,
            Normalized::By(normalizers) => normalizers.get(&place).cloned(),
            Normalized::ByThemselves => Some(self.own(array, &base, &mut bench.widening)),
        };
        let mut rows = base;
        if (wide_dim, num_wide) != (dim, num_frames) {
            rows = self.widened(widen, (dim, num_frames), &rows, bench);
        }
        if let Some(own) = own {
            own.apply(&mut rows, self.level);
        }
        if array.is_int16 {
            rows.iter_mut().filter(|x| x.is_finite()).for_each(|x| *x = int16(*x).into());
        }
        if *splice == Splice::NONE {
            return rows;
        }
        self.widened(splice, (wide_dim, num_wide), &rows, bench)
    }

    /// Makes all wide rows of all base rows.
    ///
    /// - `dim`, `num_base`: how many columns and rows those have
    fn widened(
        &self,
        widen: &dyn Widen,
        (dim, num_base): (usize, usize),
        base: &[f32],
        bench: &mut Bench,
    ) -> Vec<f32> {
        let rows = 0..widen.num_rows(num_base);
        let mut wide = vec![0.0; rows.len() * widen.wide_dim(dim)];
        // Of rows behind the last whole step nothing is made.
        let context = widen.context(&rows, num_base);
        let base = &base[context.start * dim..context.end * dim];
        let around = Around { base, dim, rows, num_base };
        widen.widen_into(self.level, around, &mut bench.around, &mut wide);
        wide
    }

    /// Makes the normaliser of rows by their own statistics.
    fn own(&self, array: &FeatureArray, base: &[f32], widening: &mut WideScratch) -> Normalizer {
        let of_all = WideMoments::new(array.after.wide, self.level, array.dim);
        let of_all = of_all.finish(base, widening);
        // Merged into nothing, as those of a dataset's utterance are.
        let mut moments = Moments::empty(of_all.mean.len());
        moments.merge(of_all.count, &of_all.mean, &of_all.m2);
        normalizer_of(&self.recipe, &moments)
    }
}
