//! Whatever rows can be made anew of: a recipe and a recording, or rows alone.

use ossicle_dataset::Matrix;
use ossicle_engine::Bench;

use crate::change::{Change, InputChange};
use crate::hypotheses::{Evidence, Number, fitted, numbers, of_matrix, of_recipe};
use crate::laboratory::{Laboratory, Wanted};
use crate::measure::Target;
use crate::noise::NOISE_DB;

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
            Maker::Recipe(laboratory) => of_recipe(&evidence(laboratory, base, target)),
            Maker::Rows(base) => of_matrix(base, target),
        }
    }

    /// Lists the changes whose numbers fit what there is already.
    pub(crate) fn fitted(&self, made: &Matrix, target: &Target<'_>) -> Vec<Change> {
        match self {
            Maker::Recipe(laboratory) => {
                fitted(Some(&evidence(laboratory, made, target.matrix)), made, target)
            }
            Maker::Rows(_) => fitted(None, made, target),
        }
    }

    /// Lists the numbers of which the best is searched for.
    pub(crate) fn numbers(&self, made: &Matrix, target: &Matrix) -> Vec<Number> {
        match self {
            Maker::Recipe(laboratory) => numbers(&evidence(laboratory, made, target)),
            Maker::Rows(_) => Vec::new(),
        }
    }

    /// Makes rows with changes, of the recording with noise. None where they cannot be made, or there is no recording.
    ///
    /// - `shape`: the rows and columns that there are without noise
    pub(crate) fn noisy(
        &self,
        changes: &[&Change],
        shape: (usize, usize),
        seed: u64,
        bench: &mut Bench,
    ) -> Option<Matrix> {
        let Maker::Recipe(laboratory) = self else { return None };
        let noise = Change::Input(InputChange::Noise { level_db: NOISE_DB, seed });
        // First, as what else becomes of a recording becomes of its noise.
        let with: Vec<&Change> = [&noise].into_iter().chain(changes.iter().copied()).collect();
        laboratory.rows(&with, &|of| of == shape, bench)
    }
}

fn evidence<'a>(
    laboratory: &'a Laboratory<'_>,
    base: &'a Matrix,
    target: &'a Matrix,
) -> Evidence<'a> {
    let origin = laboratory.origin();
    let recording = (origin.samples.len(), origin.sample_rate_hz);
    Evidence::new(laboratory.recipe(), origin.array.as_deref(), (base, target), recording)
}
