//! Which columns of the rows that are computed side by side stand in which array.

use ossicle_dataset::Normalization;

use crate::error::Error;
use crate::recipe::Recipe;

/// A feature array.
#[derive(Debug)]
pub(crate) struct FeatureArray {
    pub(crate) name: String,
    /// Its columns in a wide row: features and deltas.
    wide: Vec<usize>,
    /// Its columns in a written row, which has the neighbouring frames too.
    pub(crate) columns: Vec<usize>,
    /// What those are called.
    pub(crate) column_names: Vec<String>,
}

impl FeatureArray {
    /// The arrays of a recipe, in the order of its tables.
    pub(crate) fn all(recipe: &Recipe) -> Result<Vec<FeatureArray>, Error> {
        let base = recipe.base_columns();
        let dim = base.len();
        let orders = recipe.deltas()?.wide_dim(1);
        let wide_dim = dim * orders;
        let (left, right) = recipe.splice.as_ref().map_or((0, 0), |s| (s.left, s.right));
        let array = |name: &str| {
            let own = || base.iter().enumerate().filter(move |(_, (array, _))| array == name);
            let wide: Vec<(usize, String)> = (0..orders)
                .flat_map(|order| {
                    let prefix = match order {
                        0 => String::new(),
                        1 => "delta-".to_owned(),
                        n => format!("delta{n}-"),
                    };
                    own().map(move |(at, (_, c))| (order * dim + at, format!("{prefix}{c}")))
                })
                .collect();
            let spliced = (0..left + 1 + right).flat_map(|place| {
                let offset = place as isize - left as isize;
                wide.iter().map(move |(at, name)| {
                    let name =
                        if offset == 0 { name.clone() } else { format!("{name}@{offset:+}") };
                    (place * wide_dim + at, name)
                })
            });
            let (columns, column_names) = spliced.unzip();
            let wide = wide.iter().map(|(at, _)| *at).collect();
            FeatureArray { name: name.to_owned(), wide, columns, column_names }
        };
        Ok(recipe.feature_names().into_iter().map(array).collect())
    }

    /// The array's part of the statistics of wide rows.
    pub(crate) fn statistics(&self, of: &Normalization) -> Normalization {
        let own = |all: &[f64]| self.wide.iter().map(|&at| all[at]).collect();
        Normalization {
            stats_from: of.stats_from.clone(),
            count: of.count,
            mean: own(&of.mean),
            standard_deviation: own(&of.standard_deviation),
        }
    }

    /// Puts the array's statistics where they belong in those of wide rows; none if there are not as
    /// many.
    pub(crate) fn restore(&self, of: &Normalization, whole: &mut Normalization) -> Option<()> {
        let count = self.wide.len();
        if of.mean.len() != count || of.standard_deviation.len() != count {
            return None;
        }
        for (i, &at) in self.wide.iter().enumerate() {
            whole.mean[at] = of.mean[i];
            whole.standard_deviation[at] = of.standard_deviation[i];
        }
        whole.count = of.count;
        Some(())
    }

    /// Appends the array's columns of written rows of `dim` columns.
    pub(crate) fn append(&self, rows: &[f32], dim: usize, out: &mut Vec<u8>) {
        if self.columns.len() == dim {
            out.extend_from_slice(bytemuck::cast_slice(rows));
            return;
        }
        for row in rows.chunks_exact(dim) {
            out.extend(self.columns.iter().flat_map(|&at| row[at].to_le_bytes()));
        }
    }
}
