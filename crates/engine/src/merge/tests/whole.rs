//! A dataset made in the obvious way: every utterance whole and every file in memory. It knows neither
//! parts nor regions.

use std::collections::BTreeMap;

use ossicle_corpus::Utterance;
use ossicle_dataset::{Dtype, NPY_HEADER_BYTES, NpyHeader};
use ossicle_dsp::{Around, Level, Widen};

use crate::plan::Plan;
use crate::run::mock::MadeRows;

/// Mean and standard deviation of every column of an array.
pub(super) type Scale = (Vec<f64>, Vec<f64>);

/// Returns the good utterances of a split, by its place.
pub(super) fn good<'p>(plan: &'p Plan, split: usize, bad: &[&str]) -> Vec<&'p Utterance> {
    let utterances = plan.corpus.splits[split].utterances.iter();
    utterances.filter(|utterance| !bad.contains(&&*utterance.id)).collect()
}

/// Returns the wide rows of an utterance in a feature array.
pub(super) fn wide_rows(plan: &Plan, utterance: &Utterance, array: usize) -> Vec<Vec<f32>> {
    let arrays = &plan.arrays;
    let made = MadeRows::of(utterance, arrays);
    // Which columns are the array's own, by their names.
    let columns = plan.recipe().base_columns(plan.job.sample_rate_hz);
    let own = |column: usize| columns[column].0 == arrays.features[array].name;
    let base: Vec<f32> = made
        .base
        .chunks(columns.len())
        .flat_map(|row| (0..row.len()).filter(|&column| own(column)).map(|column| row[column]))
        .collect();
    let (dim, frames) = (base.len() / made.num_frames, made.num_frames);
    let deltas = arrays.features[array].after.wide.deltas;
    let wide_dim = deltas.wide_dim(dim);
    let mut wide = vec![0.0; frames * wide_dim];
    let around = Around { base: &base, dim, rows: 0..frames, num_base: frames };
    deltas.widen_into(Level::BASELINE, around, &mut Vec::new(), &mut wide);
    wide.chunks(wide_dim).map(<[f32]>::to_vec).collect()
}

/// Returns mean and standard deviation of each column, in two passes over all rows.
pub(super) fn plain(rows: &[Vec<f32>]) -> Scale {
    let (count, columns) = (rows.len() as f64, 0..rows[0].len());
    let sum = |f: &dyn Fn(&Vec<f32>) -> f64| rows.iter().map(f).sum::<f64>();
    let mean: Vec<f64> = columns.clone().map(|c| sum(&|row| f64::from(row[c])) / count).collect();
    let variance = |c: usize| sum(&|row| (f64::from(row[c]) - mean[c]).powi(2)) / count;
    let deviation = columns.map(|c| variance(c).sqrt()).collect();
    (mean, deviation)
}

/// Returns every array file of the dataset with its bytes.
///
/// - `scale`: what an utterance's rows in an array are normalised by: split, utterance, array
pub(super) fn files(
    plan: &Plan,
    bad: &[&str],
    scale: &dyn Fn(usize, &Utterance, usize) -> Scale,
) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for (split, of_split) in plan.corpus.splits.iter().enumerate() {
        for (number, shard) in shards(plan, &good(plan, split, bad)).into_iter().enumerate() {
            for (array, layout) in plan.arrays.in_layout().into_iter().enumerate() {
                let rows: Vec<u8> = shard
                    .iter()
                    .flat_map(|utterance| match array < plan.arrays.features.len() {
                        true => features(plan, utterance, array, &scale(split, utterance, array)),
                        false => as_made(plan, utterance, array),
                    })
                    .collect();
                let row_bytes = layout.dtype.size() * layout.columns.max(1);
                let mut shape = vec![(rows.len() / row_bytes) as u64];
                shape.extend((layout.columns > 0).then_some(layout.columns as u64));
                let header = NpyHeader { dtype: layout.dtype, shape }.to_bytes();
                let name = format!("{}/{}-{number:05}.npy", of_split.name, layout.name);
                assert!(files.insert(name, [header, rows].concat()).is_none());
            }
        }
    }
    files
}

/// Fills one shard after the other; each has an utterance at least, if there is one.
fn shards<'p>(plan: &Plan, utterances: &[&'p Utterance]) -> Vec<Vec<&'p Utterance>> {
    let columns = plan.arrays.in_layout().into_iter().filter(|a| a.dtype == Dtype::Float32);
    let frame_bytes = 4 * columns.map(|array| array.columns as u64).sum::<u64>();
    let most = plan.recipe().output().shard_bytes;
    let mut shards = vec![Vec::new()];
    let mut bytes = NPY_HEADER_BYTES as u64;
    for &utterance in utterances {
        // Made-up utterances have as many frames as bytes.
        let more = utterance.size_bytes * frame_bytes;
        if bytes + more > most && !shards[shards.len() - 1].is_empty() {
            shards.push(Vec::new());
            bytes = NPY_HEADER_BYTES as u64;
        }
        bytes += more;
        shards.last_mut().unwrap().push(utterance);
    }
    shards
}

/// Wide rows, normalised, each with its neighbours beside it.
fn features(
    plan: &Plan,
    utterance: &Utterance,
    array: usize,
    (mean, deviation): &Scale,
) -> Vec<u8> {
    let mut rows = wide_rows(plan, utterance, array);
    for row in &mut rows {
        for (column, x) in row.iter_mut().enumerate() {
            *x = ((f64::from(*x) - mean[column]) * (1.0 / deviation[column])) as f32;
        }
    }
    let (left, right) = plan.recipe().spliced_frames();
    let (left, right) = (left as isize, right as isize);
    let row = |t: isize| &rows[t.clamp(0, rows.len() as isize - 1) as usize];
    let spliced = (0..rows.len() as isize).flat_map(|t| (t - left..=t + right).flat_map(row));
    spliced.flat_map(|x| x.to_le_bytes()).collect()
}

/// Returns the rows of an array that is no feature, as they were made: whole numbers, and then events.
fn as_made(plan: &Plan, utterance: &Utterance, array: usize) -> Vec<u8> {
    let made = MadeRows::of(utterance, &plan.arrays);
    match made.tracks.get(array - plan.arrays.features.len()) {
        Some(track) => track.iter().flat_map(|x| x.to_le_bytes()).collect(),
        None => made.events,
    }
}
