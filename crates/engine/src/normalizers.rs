//! What takes mean and variance out of an utterance's rows.

use std::collections::BTreeMap;

use ossicle_dataset::Normalization;
use ossicle_dsp::{Moments, Normalizer};

use crate::error::Error;
use crate::part_file::PartFile;
use crate::plan::Plan;
use crate::recipe::Scope;

/// What takes mean and variance out of an utterance's rows.
pub(crate) enum Normalizers {
    /// Nothing does, or has already.
    None,
    /// The same for all.
    Corpus(Normalizer),
    /// For each part and good utterance a speaker, and each speaker's.
    Speakers { of: Vec<Vec<u32>>, normalizers: Vec<Normalizer> },
    /// The utterance's own moments.
    Utterance,
}

impl Normalizers {
    pub(crate) fn new(
        plan: &Plan,
        parts: &[PartFile],
        corpus: Option<&Normalization>,
    ) -> Result<Normalizers, Error> {
        if let Some(of) = corpus {
            let deviation = &of.standard_deviation;
            return Ok(Normalizers::Corpus(normalizer(plan, &of.mean, deviation)));
        }
        match plan.job.recipe.normalize.as_ref().map(|table| table.scope) {
            Some(Scope::Utterance) => Ok(Normalizers::Utterance),
            Some(Scope::Speaker) => speakers(plan, parts),
            Some(Scope::Corpus | Scope::Sliding) | None => Ok(Normalizers::None),
        }
    }

    /// That of one utterance.
    pub(crate) fn of_utterance(
        plan: &Plan,
        part: &PartFile,
        place: usize,
    ) -> Result<Normalizer, Error> {
        let bytes = 16 * plan.job.wide_dim() as u64;
        let begin = part.footer.rows_end + place as u64 * bytes;
        let block = part.read_block(begin..begin + bytes)?;
        let mut moments = Moments::empty(plan.job.wide_dim());
        merge(&mut moments, part.footer.num_frames[place], &numbers(&block));
        Ok(normalizer(plan, &moments.mean, &standard_deviation(plan, &moments)))
    }
}

/// Merges each speaker's statistics in the order of the utterances. A speaker of two splits is two.
fn speakers(plan: &Plan, parts: &[PartFile]) -> Result<Normalizers, Error> {
    let dim = plan.job.wide_dim();
    let mut numbers_of = BTreeMap::new();
    let mut all: Vec<Moments> = Vec::new();
    let mut of = Vec::with_capacity(parts.len());
    for (part, file) in plan.parts.iter().zip(parts) {
        let footer = &file.footer;
        let moments = file.read_block(footer.rows_end..footer.moments_end)?;
        let mut of_part = Vec::with_capacity(footer.num_frames.len());
        let rows = file.utterances()?.into_iter();
        for ((row, &frames), moments) in
            rows.zip(&footer.num_frames).zip(numbers(&moments).chunks_exact(2 * dim))
        {
            let number = *numbers_of.entry((part.split, row.speaker)).or_insert_with(|| {
                all.push(Moments::empty(dim));
                all.len() - 1
            });
            merge(&mut all[number], frames, moments);
            of_part.push(number as u32);
        }
        of.push(of_part);
    }
    let normalizers = all
        .iter()
        .map(|moments| normalizer(plan, &moments.mean, &standard_deviation(plan, moments)))
        .collect();
    Ok(Normalizers::Speakers { of, normalizers })
}

fn numbers(block: &[u8]) -> Vec<f64> {
    block.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect()
}

fn merge(moments: &mut Moments, frames: u64, numbers: &[f64]) {
    let (mean, m2) = numbers.split_at(numbers.len() / 2);
    moments.merge(frames, mean, m2);
}

/// The standard deviation of each column, with what stands for 0.
pub(crate) fn standard_deviation(plan: &Plan, moments: &Moments) -> Vec<f64> {
    let zero_std = plan.job.recipe.normalize.as_ref().map_or(1.0, |normalize| normalize.zero_std);
    let mut deviation = moments.standard_deviation();
    deviation.iter_mut().filter(|s| **s == 0.0).for_each(|s| *s = zero_std);
    deviation
}

fn normalizer(plan: &Plan, mean: &[f64], standard_deviation: &[f64]) -> Normalizer {
    let table = plan.job.recipe.normalize.as_ref();
    let (take_mean, take_variance) = table.map_or((true, true), |t| (t.mean, t.variance));
    let columns = mean.len();
    let ones = vec![1.0; columns];
    Normalizer::new(
        if take_mean { mean.to_vec() } else { vec![0.0; columns] },
        if take_variance { standard_deviation } else { &ones },
    )
}
