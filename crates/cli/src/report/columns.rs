//! The mean and the spread of every column, split by split, and how long reading them takes.

use std::time::{Duration, Instant};

use anyhow::Result;
use ossicle_dataset::{Dataset, Dtype, NpyHeader, Unit, read_rows};
use ossicle_engine::Stop;

/// The columns of an array.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ArrayFacts {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    /// Of each split its name, and the statistics of each column; nothing of splits without rows.
    pub(crate) splits: Vec<(String, Vec<Statistic>)>,
}

/// The statistics of a column.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Statistic {
    pub(crate) count: u64,
    pub(crate) mean: f64,
    /// The sum of squared deviations.
    m2: f64,
}

/// How much was read, and how long that took.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Reading {
    pub(crate) bytes: u64,
    pub(crate) took: Duration,
    /// How many bytes there are to read.
    pub(crate) all_bytes: u64,
}

/// A column whose mean in a split is far from that of the first split.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drift {
    pub(crate) array: String,
    pub(crate) column: String,
    pub(crate) split: String,
    /// How far, in standard deviations of the first split.
    pub(crate) deviations: f64,
}

/// What is read of an array at a time.
const AT_ONCE_BYTES: u64 = 4 << 20;
/// What is read of all arrays, at most: of more, stretches from everywhere.
const MOST_BYTES: u64 = 4 << 30;

impl Statistic {
    /// Counts one more number (B. P. Welford, Technometrics 4(3), 1962).
    fn add(&mut self, value: f32) {
        let value = f64::from(value);
        if !value.is_finite() {
            return;
        }
        self.count += 1;
        let apart = value - self.mean;
        self.mean += apart / self.count as f64;
        self.m2 += apart * (value - self.mean);
    }

    pub(crate) fn standard_deviation(&self) -> f64 {
        (self.m2 / self.count.max(1) as f64).sqrt()
    }
}

impl ArrayFacts {
    /// Reads all feature arrays of a dataset, or as much of it as [`MOST_BYTES`].
    ///
    /// - `stop`: asks to stop
    pub(crate) fn read(dataset: &Dataset, stop: &Stop) -> Result<(Vec<ArrayFacts>, Reading)> {
        let card = dataset.card();
        let is_read = |array: &ossicle_dataset::Array| {
            array.columns > 0 && array.dtype == Dtype::Float32 && array.unit == Unit::Frame
        };
        let mut shards = Vec::new();
        for (name, array) in card.arrays.iter().filter(|(_, array)| is_read(array)) {
            for split in &card.splits {
                for shard in 0..split.shards as usize {
                    let path = dataset.shard_path(&split.name, name, shard);
                    let header = NpyHeader::read(&path)?;
                    shards.push((name, array, &split.name, path, header));
                }
            }
        }
        let all_bytes: u64 = shards.iter().filter_map(|shard| shard.4.data_bytes()).sum();
        let stride = all_bytes.div_ceil(MOST_BYTES).max(1);
        let mut reading = Reading { all_bytes, ..Reading::default() };
        let mut arrays: Vec<ArrayFacts> = Vec::new();
        let mut buffer = Vec::new();
        for (name, array, split, path, header) in shards {
            if arrays.last().is_none_or(|last| last.name != *name) {
                let columns = match array.column_names.len() == array.columns {
                    true => array.column_names.clone(),
                    false => (0..array.columns).map(|n| n.to_string()).collect(),
                };
                arrays.push(ArrayFacts { name: name.clone(), columns, splits: Vec::new() });
            }
            let Some(last) = arrays.last_mut() else { continue };
            if last.splits.last().is_none_or(|(name, _)| name != split) {
                last.splits.push((split.clone(), vec![Statistic::default(); array.columns]));
            }
            let Some((_, statistics)) = last.splits.last_mut() else { continue };
            let num_rows = header.shape.first().copied().unwrap_or(0);
            let row_bytes = 4 * array.columns as u64;
            let at_once = (AT_ONCE_BYTES / row_bytes).max(1);
            let mut row = 0;
            while row < num_rows {
                stop.check()?;
                let end = (row + at_once).min(num_rows);
                let began = Instant::now();
                read_rows(&path, &header, row..end, &mut buffer)?;
                reading.took += began.elapsed();
                reading.bytes += (end - row) * row_bytes;
                for values in buffer.chunks_exact(array.columns) {
                    statistics.iter_mut().zip(values).for_each(|(of, &value)| of.add(value));
                }
                row += at_once * stride;
            }
        }
        for array in &mut arrays {
            array.splits.retain(|(_, of)| of.first().is_some_and(|first| first.count > 0));
        }
        Ok((arrays, reading))
    }

    /// Finds the column whose mean is farthest from that of the first split, for each other split.
    pub(crate) fn drifts(&self) -> Vec<Drift> {
        let Some(((_, first), others)) = self.splits.split_first() else { return Vec::new() };
        let farthest = |(split, of): &(String, Vec<Statistic>)| {
            let apart = first.iter().zip(of).map(|(a, b)| {
                let spread = a.standard_deviation();
                if spread > 0.0 { (b.mean - a.mean) / spread } else { 0.0 }
            });
            let (column, deviations) =
                apart.enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
            Some(Drift {
                array: self.name.clone(),
                column: self.columns.get(column)?.clone(),
                split: split.clone(),
                deviations,
            })
        };
        others.iter().filter_map(farthest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statistics(columns: &[&[f32]]) -> Vec<Statistic> {
        let of = |values: &&[f32]| {
            let mut statistic = Statistic::default();
            values.iter().for_each(|&value| statistic.add(value));
            statistic
        };
        columns.iter().map(of).collect()
    }

    #[test]
    fn a_columns_mean_and_spread_are_those_of_its_numbers() {
        let [of] = statistics(&[&[1.0, 2.0, 4.0, f32::NAN, 5.0]])[..] else { panic!() };
        assert_eq!((of.count, of.mean), (4, 3.0));
        assert!((of.standard_deviation() - 2.5_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn the_largest_drift_is_named() {
        let facts = ArrayFacts {
            name: "features".to_owned(),
            columns: vec!["c0".to_owned(), "c1".to_owned()],
            splits: vec![
                ("train".to_owned(), statistics(&[&[-1.0, 1.0], &[-2.0, 2.0]])),
                ("test".to_owned(), statistics(&[&[0.5, 0.5], &[-3.0, -3.0]])),
            ],
        };
        let [drift] = &facts.drifts()[..] else { panic!() };
        assert_eq!((&*drift.column, &*drift.split, drift.deviations), ("c1", "test", -1.5));
    }
}
