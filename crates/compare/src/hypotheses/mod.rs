//! The changes that are tried, one list a room of the recipe.

mod cepstra;
mod evidence;
mod fitted;
mod frames;
mod front;
mod input;
mod normalization;
mod of_rows;
mod shapes;
mod spectrum;

use crate::change::{Change, RowsChange};

pub(crate) use evidence::Evidence;
pub(crate) use fitted::fitted;
pub(crate) use of_rows::{of_matrix, of_rows};

/// Lists the changes that a recipe's difference may be explained by.
pub(crate) fn of_recipe(evidence: &Evidence<'_>) -> Vec<Change> {
    let mut changes = Vec::new();
    front::list(evidence, &mut changes);
    spectrum::list(evidence, &mut changes);
    if matches!(evidence.kind(), "mfcc" | "plp") {
        cepstra::list(evidence, &mut changes);
    }
    frames::list(evidence, &mut changes);
    normalization::list(evidence, &mut changes);
    input::list(evidence, &mut changes);
    shapes::list(evidence, &mut changes);
    // Rows side by side are keys of a recipe.
    let is_key = |change: &Change| matches!(change, Change::Rows(RowsChange::Stacked(_)));
    changes.extend(of_rows(evidence.base, evidence.target).into_iter().filter(|of| !is_key(of)));
    changes
}
