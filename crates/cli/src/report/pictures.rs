//! Pictures of a few utterances.

use std::path::Path;

use anyhow::Result;
use ossicle_dataset::Dataset;
use ossicle_draw::Theme;

use crate::report::chosen::Chosen;
use crate::report::contents::DrawnUtterance;
use crate::show::{Found, Look, Wanted, subject_figure, subject_of_dataset};

/// The most that is drawn of an utterance, in seconds, and of its arrays.
const MOST_SECONDS: f64 = 10.0;
const MOST_ARRAYS: usize = 3;
/// The bytes that all pictures have together, at most: further ones are left out.
const MOST_BYTES: usize = 700_000;

/// Draws a few utterances, chosen by a seed.
///
/// - `corpus`: the folder that recordings are in, where they are not where they were
pub(crate) fn pictures(
    dataset: &Dataset,
    count: usize,
    seed: u64,
    corpus: Option<&Path>,
) -> Result<Vec<DrawnUtterance>> {
    let mut chosen = Chosen::new(count, seed);
    for split in &dataset.card().splits {
        for (number, row) in dataset.utterances(&split.name)?.enumerate() {
            let row = row?;
            if row.num_frames > 0 {
                let found = || Found { split: split.name.clone(), row: row.clone(), number };
                chosen.offer(&split.name, &row.id, found);
            }
        }
    }
    let mut pictures = Vec::new();
    let mut bytes = 0;
    for found in chosen.into_order() {
        let wanted = Wanted { most_s: Some(MOST_SECONDS), corpus, ..Wanted::default() };
        let mut subject = subject_of_dataset(dataset, &found, &wanted, &|_| {})?;
        subject.arrays.truncate(MOST_ARRAYS);
        let look = Look { width: Some(900.0), ..Look::default() };
        let svg = subject_figure(&subject, &look)?.to_svg(Theme::Page);
        bytes += svg.len();
        if bytes <= MOST_BYTES {
            pictures
                .push(DrawnUtterance { name: format!("{}: {}", found.split, found.row.id), svg });
        }
    }
    Ok(pictures)
}
