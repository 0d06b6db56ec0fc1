//! Whatever rows can be made anew of: a recipe and a recording, or rows alone.

use ossicle_dataset::Matrix;
use ossicle_engine::Bench;

use crate::change::{Change, InputChange};
use crate::hypotheses::{Evidence, Number, fitted, numbers, of_matrix, of_recipe};
use crate::laboratory::{Laboratory, Wanted};
use crate::measure::Target;

/// The noise that explanations are to stand, in dB below the recording.
pub(crate) const NOISE_DB: f64 = -60.0;

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

    /// Returns what noise in the recording does to each number as it is compared, evened out over its neighbours.
    pub(crate) fn noise(
        &self,
        changes: &[&Change],
        made: &Matrix,
        target: &Target<'_>,
        bench: &mut Bench,
    ) -> Option<Vec<f32>> {
        let Maker::Recipe(_) = self else { return None };
        let shape = (made.rows, made.columns);
        let view = target.view_of(made);
        let mut square = vec![0.0f32; view.len()];
        const SEEDS: [u64; 2] = [11, 12];
        for seed in SEEDS {
            let noise = Change::Input(InputChange::Noise { level_db: NOISE_DB, seed });
            // First, as what else becomes of a recording becomes of its noise.
            let with: Vec<&Change> = [&noise].into_iter().chain(changes.iter().copied()).collect();
            let noisy = self.rows(&with, &|of| of == shape, bench)?;
            let differences = target.view_of(&noisy);
            let pairs = square.iter_mut().zip(differences.iter().zip(view.iter()));
            pairs.for_each(|(square, (a, b))| *square += (a - b).powi(2) / SEEDS.len() as f32);
        }
        Some(evened(&square, made.columns))
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

/// The root of the mean of each square and its neighbours in time and in its row.
fn evened(square: &[f32], columns: usize) -> Vec<f32> {
    let rows = square.len() / columns.max(1);
    let mut evened = Vec::with_capacity(square.len());
    for row in 0..rows {
        for column in 0..columns {
            let (mut sum, mut count) = (0.0, 0.0);
            for r in row.saturating_sub(1)..(row + 2).min(rows) {
                for c in column.saturating_sub(1)..(column + 2).min(columns) {
                    sum += square[r * columns + c];
                    count += 1.0;
                }
            }
            evened.push((sum / count).sqrt());
        }
    }
    evened
}
