//! The normalisers, which take mean and variance out of an utterance's rows.

use std::collections::BTreeMap;

use ossicle_dataset::{Normalization, Store};
use ossicle_dsp::{Moments, Normalizer};

use super::statistics::{merge_part, no_moments, standard_deviation, together};
use crate::error::Error;
use crate::part::{PartFile, PartReader};
use crate::plan::Plan;
use crate::run::pool;
use ossicle_recipe::{Recipe, Scope};

/// The normalisers of a dataset, which take mean and variance out of an utterance's rows, of each array that
/// is normalised, by its place.
#[derive(Debug)]
pub(crate) enum Normalizers {
    /// None: rows stay as they are, or were normalised while they were computed.
    None,
    /// One for all utterances.
    Corpus(BTreeMap<usize, Normalizer>),
    /// One for each speaker; `of` has the speaker of each part's good utterances.
    Speakers { of: Vec<Vec<u32>>, normalizers: Vec<Vec<Normalizer>> },
    /// One for each utterance, made of its own moments.
    Utterance,
}

impl Normalizers {
    pub(crate) fn new(
        plan: &Plan,
        parts: &[PartFile],
        store: &dyn Store,
        corpus: Option<&[Normalization]>,
    ) -> Result<Normalizers, Error> {
        let recipe = &plan.job.recipe;
        if let Some(of) = corpus {
            let of_array =
                |of: &Normalization| normalizer(recipe, &of.mean, &of.standard_deviation);
            let arrays = plan.arrays.normalized().zip(of);
            let normalizers = arrays.map(|((array, _), of)| (array, of_array(of)));
            return Ok(Normalizers::Corpus(normalizers.collect()));
        }
        match recipe.normalize().map(|table| table.scope) {
            Some(Scope::Utterance) => Ok(Normalizers::Utterance),
            Some(Scope::Speaker) => speakers(plan, parts, store),
            Some(Scope::Corpus | Scope::Sliding | Scope::Constants) | None => Ok(Normalizers::None),
        }
    }
}

/// Makes the normaliser of one utterance by its own moments, in one array.
///
/// - `place`: the utterance's, in its part
pub(crate) fn of_utterance(
    plan: &Plan,
    part: &PartFile,
    reader: &PartReader,
    place: usize,
    array: usize,
) -> Result<Normalizer, Error> {
    let arrays = plan.arrays.in_parts();
    let (mean, m2) = reader.moments(part, arrays, place..place + 1)?.of(0, array);
    // Merged into nothing, as those of a speaker of one utterance are.
    let mut moments = Moments::empty(mean.len());
    moments.merge(plan.arrays.num_wide(array, &part.footer.rows, place) as u64, &mean, &m2);
    Ok(normalizer_of(&plan.job.recipe, &moments))
}

/// Merges each speaker's statistics in the order of the utterances. A speaker of two splits is two.
fn speakers(plan: &Plan, parts: &[PartFile], store: &dyn Store) -> Result<Normalizers, Error> {
    let mut numbers_of = BTreeMap::new();
    let mut all: Vec<Vec<Moments>> = Vec::new();
    let mut of = Vec::with_capacity(parts.len());
    let arrays = plan.arrays.in_parts();
    let read = |number: usize| {
        let file: &PartFile = &parts[number];
        Ok::<_, Error>((file.utterances(store)?, file.all_moments(store, arrays)?))
    };
    pool::in_order(store.at_once(), parts.len(), read, |number, (rows, moments)| {
        let (part, file) = (&plan.parts[number], &parts[number]);
        let mut of_part = Vec::with_capacity(rows.len());
        for row in rows {
            let number = *numbers_of.entry((part.split, row.speaker)).or_insert_with(|| {
                all.push(no_moments(plan));
                all.len() - 1
            });
            of_part.push(number as u32);
        }
        merge_part((plan, file), &moments, &mut all, |utterance| of_part[utterance] as usize);
        of.push(of_part);
        Ok(())
    })?;
    let recipe = &plan.job.recipe;
    let of_speaker =
        |moments: &Vec<Moments>| moments.iter().map(|m| normalizer_of(recipe, m)).collect();
    Ok(Normalizers::Speakers { of, normalizers: all.iter().map(of_speaker).collect() })
}

/// Makes the normaliser of rows of these moments.
pub(crate) fn normalizer_of(recipe: &Recipe, moments: &Moments) -> Normalizer {
    let moments = together(recipe, moments.clone());
    normalizer(recipe, &moments.mean, &standard_deviation(recipe, &moments))
}

/// Makes a normaliser that takes out mean and variance as far as the recipe asks for it.
pub(crate) fn normalizer(recipe: &Recipe, mean: &[f64], standard_deviation: &[f64]) -> Normalizer {
    let table = recipe.normalize();
    let (take_mean, take_variance) = table.map_or((true, true), |t| (t.mean, t.variance));
    let columns = mean.len();
    let ones = vec![1.0; columns];
    Normalizer::new(
        if take_mean { mean.to_vec() } else { vec![0.0; columns] },
        if take_variance { standard_deviation } else { &ones },
    )
}
