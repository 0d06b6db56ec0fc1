//! Whatever rows can be made anew of: a recipe and a recording, or rows alone.

use ossicle_dataset::Matrix;
use ossicle_engine::Bench;
use ossicle_recipe::Recipe;

use crate::change::{Change, InputChange};
use crate::hypotheses::{Evidence, Number, fitted, numbers, of_matrix, of_recipe};
use crate::laboratory::{Laboratory, Wanted};
use crate::measure::Target;

/// Whatever rows can be made anew of.
#[derive(Debug)]
pub(crate) enum Maker<'a> {
    /// A recipe and a recording.
    Recipe(Box<Laboratory<'a>>),
    /// Rows.
    Rows(&'a Matrix),
}

impl Maker<'_> {
    /// Makes rows with changes. None where they cannot be made, or nobody wants so many rows and columns.
    pub(crate) fn rows(
        &self,
        changes: &[&Change],
        wanted: Wanted<'_>,
        bench: &mut Bench,
    ) -> Option<Matrix> {
        match self {
            Maker::Recipe(laboratory) => laboratory.rows(changes, wanted, bench),
            Maker::Rows(base) => {
                let mut made = (*base).clone();
                for change in changes {
                    let Change::Rows(change) = change else { return None };
                    made = change.made(&made)?;
                }
                wanted((made.rows, made.columns)).then_some(made)
            }
        }
    }

    /// Lists the changes to try, whatever there is already.
    pub(crate) fn changes(&self, base: &Matrix, target: &Matrix) -> Vec<Change> {
        match self {
            Maker::Recipe(laboratory) => {
                of_recipe(&evidence(laboratory, laboratory.recipe(), base, target))
            }
            Maker::Rows(base) => of_matrix(base, target),
        }
    }

    /// Lists the changes whose numbers fit what there is already.
    ///
    /// - `changes`: those that made it
    pub(crate) fn fitted(
        &self,
        changes: &[Change],
        made: &Matrix,
        target: &Target<'_>,
    ) -> Vec<Change> {
        let Maker::Recipe(laboratory) = self else { return fitted(None, made, target) };
        let recipe = laboratory.recipe_with(changes);
        let evidence =
            recipe.as_ref().map(|recipe| evidence(laboratory, recipe, made, target.matrix));
        fitted(evidence.as_ref(), made, target)
    }

    /// Lists the numbers of which the best is searched for.
    ///
    /// - `changes`: those that made what there is already
    pub(crate) fn numbers(
        &self,
        changes: &[Change],
        made: &Matrix,
        target: &Matrix,
    ) -> Vec<Number> {
        let Maker::Recipe(laboratory) = self else { return Vec::new() };
        let recipe = laboratory.recipe_with(changes);
        recipe.map_or_else(Vec::new, |recipe| numbers(&evidence(laboratory, &recipe, made, target)))
    }

    /// Makes rows with changes, of the recording with noise. None where they cannot be made, or there is no recording.
    ///
    /// - `shape`: the rows and columns that there are without noise
    /// - its level in dB relative to the recording, and its seed
    pub(crate) fn noisy(
        &self,
        changes: &[&Change],
        shape: (usize, usize),
        (level_db, seed): (f64, u64),
        bench: &mut Bench,
    ) -> Option<Matrix> {
        let Maker::Recipe(laboratory) = self else { return None };
        let noise = Change::Input(InputChange::Noise { level_db, seed });
        // First, as what else becomes of a recording becomes of its noise.
        let with: Vec<&Change> = [&noise].into_iter().chain(changes.iter().copied()).collect();
        laboratory.rows(&with, &|of| of == shape, bench)
    }
}

fn evidence<'a>(
    laboratory: &'a Laboratory<'_>,
    recipe: &'a Recipe,
    base: &'a Matrix,
    target: &'a Matrix,
) -> Evidence<'a> {
    let origin = laboratory.origin();
    let recording = (origin.samples.len(), origin.sample_rate_hz);
    Evidence::new(recipe, origin.array.as_deref(), (base, target), recording)
}
