//! What a picture is of: an utterance, as values, wherever they came from.

use std::path::PathBuf;

use anyhow::Result;
use ossicle_dataset::{Dtype, NpyHeader, read_labels, read_rows};
use ossicle_draw::{Envelope, Grid, Interval};

/// An utterance to be drawn.
#[derive(Debug, Default)]
pub struct Subject {
    /// Its name.
    pub title: String,
    /// Further facts of it, a line each.
    pub notes: Vec<String>,
    /// The stretch of time that is drawn, in seconds from its beginning.
    pub span_s: (f64, f64),
    /// Its waveform, where there is one.
    pub waveform: Option<Envelope>,
    /// Its labels, by tier.
    pub tiers: Vec<Tier>,
    /// Its arrays.
    pub arrays: Vec<Rows>,
    /// Its spikes, where they were kept.
    pub spikes: Option<Spikes>,
}

/// The labels of a tier.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// The tier's name.
    pub name: String,
    /// Its labels, with their times in seconds.
    pub intervals: Vec<Interval>,
}

/// A column of an array.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name, or its number.
    pub name: String,
    /// The frequency that it is of, if it is of one.
    pub freq_hz: Option<f64>,
}

/// The rows of an array, one a frame.
#[derive(Debug)]
pub struct Rows {
    /// The array's name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The number of rows.
    pub num_frames: usize,
    /// The time of the first row's middle, in seconds.
    pub first_s: f64,
    /// From one row to the next, in seconds.
    pub step_s: f64,
    /// The source of the numbers.
    pub source: Source,
}

/// The source of rows.
#[derive(Debug)]
pub enum Source {
    /// In memory, row-major.
    Memory(Vec<f32>),
    /// In a shard of a dataset, from a row on.
    Shard {
        /// The file.
        path: PathBuf,
        /// What it begins with.
        header: NpyHeader,
        /// The first row.
        first: u64,
    },
}

/// The spikes of an utterance.
#[derive(Debug, Clone, PartialEq)]
pub struct Spikes {
    /// Each with its time in seconds, its channel and its amplitude.
    pub spikes: Vec<(f64, usize, f32)>,
    /// The centre frequency of each channel.
    pub centre_freqs_hz: Vec<f64>,
}

/// How many rows are read at a time.
const AT_ONCE: usize = 4096;

impl Rows {
    /// Replaces `out` by rows, row-major.
    ///
    /// # Errors
    /// If they cannot be read.
    pub(crate) fn read(&self, begin: usize, end: usize, out: &mut Vec<f32>) -> Result<()> {
        match &self.source {
            Source::Memory(values) => {
                out.clear();
                let dim = self.columns.len();
                out.extend_from_slice(values.get(begin * dim..end * dim).unwrap_or_default());
            }
            Source::Shard { path, header, first } => {
                let rows = first + begin as u64..first + end as u64;
                match header.dtype {
                    Dtype::Int16 => {
                        let mut numbers = Vec::new();
                        read_labels(path, header, rows, &mut numbers)?;
                        out.clear();
                        out.extend(numbers.into_iter().map(f32::from));
                    }
                    _ => read_rows(path, header, rows, out)?,
                }
            }
        }
        Ok(())
    }

    /// Calls `each` with all rows from one to another, some at a time.
    pub(crate) fn for_each(
        &self,
        (begin, end): (usize, usize),
        mut each: impl FnMut(&[f32]),
    ) -> Result<()> {
        let mut buffer = Vec::new();
        let mut at = begin;
        while at < end {
            let next = (at + AT_ONCE).min(end);
            self.read(at, next, &mut buffer)?;
            each(&buffer);
            at = next;
        }
        Ok(())
    }

    /// Returns the first row that reaches into a stretch of time, and the row after the last.
    pub(crate) fn within(&self, (start_s, end_s): (f64, f64)) -> (usize, usize) {
        let row = |seconds: f64| (seconds - self.first_s) / self.step_s;
        let begin = (row(start_s) - 0.5).ceil().max(0.0) as usize;
        let end = (row(end_s) + 0.5).floor().max(0.0) as usize + 1;
        let end = end.min(self.num_frames);
        (begin.min(end), end)
    }

    /// Returns the times of the edges of a stretch of rows.
    pub(crate) fn edges_s(&self, (begin, end): (usize, usize)) -> (f64, f64) {
        let edge = |row: usize| self.first_s + (row as f64 - 0.5) * self.step_s;
        (edge(begin), edge(end))
    }

    /// Reads a stretch of rows into a grid.
    pub(crate) fn grid(&self, rows: (usize, usize)) -> Result<Grid> {
        let mut grid = Grid::new(rows.1 - rows.0, self.columns.len());
        self.for_each(rows, |values| grid.push(values))?;
        Ok(grid)
    }
}

impl Column {
    /// Names columns by their numbers.
    pub fn numbered(count: usize) -> Vec<Column> {
        (0..count).map(|n| Column { name: n.to_string(), freq_hz: None }).collect()
    }
}
