//! A recipe and a recording, computed again with changes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ossicle_dataset::Matrix;
use ossicle_dsp::{Level, ResampleFilter, ResampleMode};
use ossicle_engine::{Bench, Transform, Unusable};
use ossicle_recipe::{Recipe, RecipeError, Scope};

use crate::change::{Change, InputChange};
use crate::error::Error;
use crate::origin::Origin;

/// Says whether a matrix of so many rows and columns is wanted at all.
pub(crate) type Wanted<'a> = &'a (dyn Fn((usize, usize)) -> bool + Sync);

/// The most samples of a recording at other rates that are held.
const MOST_HELD: usize = 1 << 24;

/// A way to resample, from a rate to another in Hz.
type Resampling = (ResampleMode, u32, u32);

/// A recording at other rates.
#[derive(Debug, Default)]
struct Resampled {
    held: HashMap<Resampling, Arc<[f32]>>,
    num_samples: usize,
}

/// A recipe and a recording, computed again with changes.
#[derive(Debug)]
pub(crate) struct Laboratory<'a> {
    origin: &'a Origin,
    recipe: Recipe,
    level: Level,
    /// The recording at other rates, which many changes ask for.
    resampled: Mutex<Resampled>,
    /// The largest sample.
    peak: f32,
    /// The root of the mean square.
    rms: f64,
}

impl<'a> Laboratory<'a> {
    /// Takes what a matrix was computed of.
    ///
    /// # Errors
    /// If the recipe is wrong.
    pub(crate) fn new(origin: &'a Origin, level: Level) -> Result<Laboratory<'a>, Error> {
        let recipe = origin.recipe.clone().finish()?;
        let peak = origin.samples.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        let energy: f64 = origin.samples.iter().map(|&x| f64::from(x).powi(2)).sum();
        let rms = (energy / origin.samples.len().max(1) as f64).sqrt();
        Ok(Laboratory { origin, recipe, level, resampled: Mutex::default(), peak, rms })
    }

    pub(crate) fn origin(&self) -> &'a Origin {
        self.origin
    }

    /// Returns the recipe without changes.
    pub(crate) fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Returns the recipe with the keys of changes.
    pub(crate) fn recipe_with(&self, changes: &[Change]) -> Option<Recipe> {
        let mut source = self.origin.recipe.clone();
        for change in changes {
            let Change::Keys(keys) = change else { continue };
            keys.iter().try_for_each(|key| source.set(&key.to_string())).ok()?;
        }
        source.finish().ok()
    }

    /// Computes the rows with changes, and none where they cannot be computed.
    pub(crate) fn rows(
        &self,
        changes: &[&Change],
        wanted: Wanted<'_>,
        bench: &mut Bench,
    ) -> Option<Matrix> {
        self.attempt(changes, wanted, bench).ok().flatten()
    }

    /// Computes the rows with changes.
    ///
    /// # Errors
    /// If they cannot be computed.
    pub(crate) fn computed(&self, changes: &[&Change]) -> Result<Matrix, Error> {
        let rows = self.attempt(changes, &|_| true, &mut Bench::default())?;
        rows.ok_or(Error::Empty { side: "the recording", rows: 0, columns: 0 })
    }

    /// Computes the rows with changes. None where the changes cannot be made, or nobody wants a matrix of so many rows
    /// and columns.
    fn attempt(
        &self,
        changes: &[&Change],
        wanted: Wanted<'_>,
        bench: &mut Bench,
    ) -> Result<Option<Matrix>, Error> {
        let mut source = self.origin.recipe.clone();
        let mut rate = self.origin.sample_rate_hz;
        for change in changes {
            match change {
                Change::Keys(keys) => {
                    keys.iter().try_for_each(|key| source.set(&key.to_string()))?
                }
                Change::Input(InputChange::TakenFor(hz)) => rate = *hz,
                _ => {}
            }
        }
        if rate != self.origin.sample_rate_hz && self.recipe.audio().sample_rate_hz.is_some() {
            source.set("audio.sample_rate_hz=")?;
        }
        let recipe = source.finish()?;
        let resampling = match (recipe.audio().sample_rate_hz, recipe.audio().resample_mode()) {
            (Some(wanted), Some(mode)) if wanted != rate => Some((mode, rate, wanted)),
            _ => None,
        };
        let transform = self.planned(&recipe, resampling.map_or(rate, |(_, _, wanted)| wanted))?;
        let array = place(&transform, self.origin.array.as_deref())?;
        let columns = transform.arrays().nth(array).map_or(0, |(_, columns)| columns.len());
        let held;
        let samples = match (self.samples(changes), resampling) {
            (None, None) => Cow::from(&self.origin.samples),
            (None, Some(resampling)) => {
                held = self.held(resampling)?;
                Cow::Borrowed(&*held)
            }
            (Some(changed), None) => changed.into(),
            (Some(changed), Some(resampling)) => self.resampled(&changed, resampling)?.into(),
        };
        let has_row_changes = changes.iter().any(|change| matches!(change, Change::Rows(_)));
        let rows = transform.num_rows(samples.len())[array];
        if rows == 0 || columns == 0 || (!has_row_changes && !wanted((rows, columns))) {
            return Ok(None);
        }
        let mut arrays = transform.rows(&samples, &self.origin.id, Unusable::Refuse, bench)?;
        let mut matrix = Matrix::new(rows, columns, arrays.swap_remove(array));
        for change in changes {
            if let Change::Rows(change) = change {
                match change.made(&matrix) {
                    Some(made) => matrix = made,
                    None => return Ok(None),
                }
            }
        }
        Ok(wanted((matrix.rows, matrix.columns)).then_some(matrix))
    }

    /// Returns the recording at another rate.
    fn held(&self, resampling: Resampling) -> Result<Arc<[f32]>, Error> {
        let lock = || self.resampled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(samples) = lock().held.get(&resampling) {
            return Ok(samples.clone());
        }
        // Without the lock: another thread may want another rate.
        let samples: Arc<[f32]> = self.resampled(&self.origin.samples, resampling)?.into();
        let mut of = lock();
        if of.num_samples + samples.len() <= MOST_HELD {
            of.num_samples += samples.len();
            of.held.insert(resampling, samples.clone());
        }
        Ok(samples)
    }

    fn resampled(&self, samples: &[f32], (mode, from, to): Resampling) -> Result<Vec<f32>, Error> {
        let filter = ResampleFilter::new(mode, from, to, self.level);
        let filter = filter.map_err(RecipeError::Feature)?;
        let mut resampled = Vec::new();
        let mut resampler = filter.begin(0);
        resampler.push(samples, &mut resampled);
        resampler.finish(&mut resampled);
        Ok(resampled)
    }

    fn planned(&self, recipe: &Recipe, rate: u32) -> Result<Transform, Error> {
        let by_corpus = recipe.normalize().is_some_and(|table| table.scope == Scope::Corpus);
        Ok(match &self.origin.statistics {
            Some(statistics) if by_corpus => {
                Transform::normalized_by(recipe, rate, statistics.clone(), self.level)?
            }
            _ => Transform::new(recipe, rate, self.level)?,
        })
    }

    /// Makes the changes of the recording. None where there are none.
    fn samples(&self, changes: &[&Change]) -> Option<Vec<f32>> {
        let mut changed: Option<Vec<f32>> = None;
        for change in changes {
            let Change::Input(change) = change else { continue };
            let samples = changed.get_or_insert_with(|| self.origin.samples.clone());
            match *change {
                InputChange::TakenFor(_) => {}
                InputChange::PeakNormalized(peak) => {
                    let gain = peak / self.peak.max(1e-9);
                    samples.iter_mut().for_each(|x| *x *= gain);
                }
                InputChange::Gain(gain) => samples.iter_mut().for_each(|x| *x *= gain),
                InputChange::PaddedTo(count) => samples.resize(count.max(samples.len()), 0.0),
                InputChange::Delayed(by) => delayed(samples, by),
                InputChange::Noise { level_db, seed } => {
                    let rms = self.rms * libm::pow(10.0, level_db / 20.0);
                    let mut noise = Noise(seed);
                    samples.iter_mut().for_each(|x| *x += (noise.next() * rms) as f32);
                }
            }
        }
        changed
    }
}

/// Puts zeros before samples, or leaves the first of them out.
fn delayed(samples: &mut Vec<f32>, by: i64) {
    let count = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
    match by > 0 {
        true => drop(samples.splice(..0, std::iter::repeat_n(0.0, count))),
        false => drop(samples.drain(..count.min(samples.len()))),
    }
}

/// Finds an array by its name; the first where none is asked for.
fn place(transform: &Transform, name: Option<&str>) -> Result<usize, Error> {
    let Some(name) = name else { return Ok(0) };
    let known: Vec<String> = transform.arrays().map(|(name, _)| name.to_owned()).collect();
    let found = known.iter().position(|known| known == name);
    found.ok_or_else(|| Error::NoArray { name: name.to_owned(), known })
}

/// White noise of variance 1, close to Gaussian: sums of four even numbers of SplitMix64.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        let sum: f64 = (0..4).map(|_| self.even()).sum();
        (sum - 2.0) * 3.0f64.sqrt()
    }

    fn even(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) >> 11) as f64 / (1u64 << 53) as f64
    }
}
