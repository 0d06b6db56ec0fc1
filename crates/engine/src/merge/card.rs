//! The card of a dataset, made of its plan and its parts.

use std::collections::{BTreeMap, BTreeSet};

use ossicle_corpus::{IgnoredKind, LeftOut};
use ossicle_dataset::{
    Card, CorpusCard, FORMAT, FORMAT_OF_GRIDS, FRAMES, FileCard, FrameCard, IgnoredCard,
    LeftOutCard, SplitCard,
};

use super::layout::Layout;
use crate::error::Error;
use crate::part::PartFile;
use crate::plan::Plan;
use crate::plan::arrays::Grid;
use crate::plan::job::recipe_value;
use crate::rows::extent::rates;
use crate::rows::tables::label_arrays;
use ossicle_recipe::Duration;

/// Makes the card of a dataset.
///
/// - `files`: all of its files
/// - `folder`: that they are in, where it is not that of the card
pub(crate) fn card(
    plan: &Plan,
    layout: &Layout,
    files: Vec<FileCard>,
    folder: Option<String>,
) -> Result<Card, Error> {
    let normalization = layout.normalization.iter().flatten();
    let split_card = |(number, split): (usize, &ossicle_corpus::Split)| {
        let (parts, own) = (layout.parts_of(number), &layout.dataset.splits[number]);
        let frames = own.rows(FRAMES, &(0..own.utterances()));
        SplitCard {
            name: split.name.clone(),
            utterances: own.utterances() as u64,
            frames: frames.end - frames.start,
            duration_s: duration_s(parts),
            failures: parts.iter().map(|part| part.footer.failures).sum(),
            left_out: split.left_out,
            shards: own.shards.iter().filter(|s| !s.utterances.is_empty()).count().max(1) as u64,
        }
    };
    Ok(Card {
        format: match plan.arrays.grids().len() {
            1 if folder.is_none() => FORMAT.to_owned(),
            _ => FORMAT_OF_GRIDS.to_owned(),
        },
        ossicle: env!("CARGO_PKG_VERSION").to_owned(),
        recipe: recipe_value(plan.recipe()),
        preset: plan.recipe().preset_name().map(str::to_owned),
        job: plan.job.key.clone(),
        arrays: plan.arrays.in_card(|grid| frame_card(plan, grid, &layout.parts)),
        frame: frame_card(plan, &plan.arrays.grids()[FRAMES], &layout.parts),
        label_names: label_arrays(&plan.job)?
            .iter()
            .map(|array| (array.table.name.clone(), array.map.class_names().to_vec()))
            .collect(),
        normalization: plan
            .arrays
            .normalized()
            .zip(normalization)
            .map(|((_, array), own)| (array.name.clone(), own.clone()))
            .collect(),
        corpus: CorpusCard {
            kind: plan.corpus.kind.to_string(),
            fingerprint: plan.fingerprint.clone(),
            left_out: plan.corpus.left_out,
            left_out_because: plan.corpus.left_out_because.iter().map(left_out).collect(),
            ignored_files: plan.corpus.ignored.files(),
            ignored_kinds: plan.corpus.ignored.kinds().into_iter().map(ignored).collect(),
        },
        shards: plan.are_shards_parts().then(|| "parts".to_owned()),
        splits: plan.corpus.splits.iter().enumerate().map(split_card).collect(),
        folder,
        files,
    })
}

fn left_out(of: &LeftOut) -> LeftOutCard {
    LeftOutCard { reason: of.reason.word().into(), count: of.count, first: of.first.clone() }
}

fn ignored(of: IgnoredKind) -> IgnoredCard {
    IgnoredCard { kind: of.kind, count: of.count }
}

/// Counts the samples of each rate that parts have: whole numbers, so that their sum has no order.
fn samples(parts: &[PartFile]) -> BTreeMap<u32, u64> {
    let mut samples = BTreeMap::new();
    for (&rate, of_rate) in parts.iter().flat_map(|part| &part.footer.rates) {
        *samples.entry(rate).or_default() += of_rate.samples;
    }
    samples
}

/// Returns the duration of all parts together, in seconds, summed in the order of sample rates.
fn duration_s(parts: &[PartFile]) -> f64 {
    // Folded from 0: the sum of nothing would be -0.
    samples(parts).iter().fold(0.0, |sum, (&rate, &count)| sum + count as f64 / f64::from(rate))
}

/// Describes the frames of a grid in samples, as far as these are the same in all recordings.
fn frame_card(plan: &Plan, grid: &Grid, parts: &[PartFile]) -> FrameCard {
    let stream = &plan.job.recipe.streams()[grid.stream];
    let of_recordings = samples(parts).into_keys();
    let rates: BTreeSet<u32> =
        of_recordings.map(|hz| rates(&plan.job.recipe, stream, hz).frames_hz).collect();
    let rate = rates.first().copied().filter(|_| rates.len() == 1);
    let layout = stream.frames(rate.unwrap_or(1));
    let known = |span: Duration, samples: usize| {
        (rate.is_some() || matches!(span, Duration::Samples(_))).then_some(samples as u64)
    };
    let frames = stream.frames_table();
    FrameCard {
        sample_rate_hz: rate,
        length: known(frames.length, layout.length),
        shift: known(frames.shift, layout.shift * grid.frames_per_row()),
        first_centre: known(frames.length, 0).map(|_| layout.first_centre() as i64),
    }
}
