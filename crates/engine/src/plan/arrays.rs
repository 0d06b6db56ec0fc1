//! The arrays of a job: what is computed of each utterance, in parts and in the dataset.
//!
//! Arrays are known by their place: features first, then those that have a whole number a frame (the mask
//! of speech, labels), then events. Parts and the files of the dataset count them alike.

use std::collections::BTreeMap;

use ossicle_dataset::{Array, ArrayLayout, FRAMES, Unit};
use ossicle_dsp::{Splice, Wide, Widen};

use crate::part::PartArray;
use crate::plan::job::Job;
use ossicle_recipe::{Feature, Recipe};

/// The grid of rows, where there are fewer of them than frames.
const ROWS: usize = FRAMES + 1;

/// The arrays of a job.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Arrays {
    /// The number of columns of a row before deltas, of all features side by side.
    pub(crate) dim: usize,
    pub(crate) features: Vec<FeatureArray>,
    tracks: Vec<Track>,
    events: Option<&'static str>,
    /// The grid of events in parts.
    event_grid: usize,
    /// What rows before normalisation are made of base rows by.
    pub(crate) wide: Wide,
    /// What rows of the dataset are made of those by.
    pub(crate) splice: Splice,
    /// The number of frames from one row of the dataset to the next.
    frames_per_row: usize,
    /// How many frames stand before each.
    spliced_left: usize,
    /// All of them, as parts have them.
    parts: Vec<PartArray>,
}

/// An array of one whole number a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Track {
    name: String,
    ignore_index: Option<i64>,
    /// It takes 32 bits, and not 16.
    is_wide: bool,
}

impl Track {
    /// Describes it as the card has it.
    fn in_card(&self) -> Array {
        match self.is_wide {
            true => Array::wide_track(self.ignore_index),
            false => Array::track(self.ignore_index),
        }
    }
}

/// A feature array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FeatureArray {
    pub(crate) name: String,
    /// Its columns in a row of all features side by side; none where it has all of them.
    columns: Option<Vec<usize>>,
    /// The number of its columns before deltas.
    pub(crate) dim: usize,
    /// The names of its columns in the dataset.
    column_names: Vec<String>,
    /// The thing that a row is of.
    unit: Unit,
}

impl Arrays {
    /// Finds those of a job.
    pub(crate) fn of(job: &Job) -> Arrays {
        Arrays::new(&job.recipe, job.sample_rate_hz, &job.wide_labels())
    }

    /// - `sample_rate_hz`: the rate that columns are counted and named at
    /// - `wide_labels`: of each label array, whether 16 bits do not count its classes; nothing where the
    ///   corpus has no alignments
    pub(crate) fn new(recipe: &Recipe, sample_rate_hz: u32, wide_labels: &[bool]) -> Arrays {
        let (wide, splice) = (recipe.wide(), recipe.splice());
        let frames_per_row = recipe.frames_per_row();
        let base = recipe.base_columns(sample_rate_hz);
        let names = recipe.feature_names().into_iter();
        let features: Vec<_> = names.map(|name| FeatureArray::new(name, &base, recipe)).collect();
        let vad = recipe.vad().into_iter().map(|(name, _)| (name, None, false));
        let ignore = i64::from(ossicle_corpus::IGNORE);
        let labels = recipe.labels().iter().zip(wide_labels);
        let labels = labels.map(|(labels, &is_wide)| (&*labels.name, Some(ignore), is_wide));
        let track = |(name, ignore_index, is_wide): (&str, _, _)| {
            let name = name.to_owned();
            Track { name, ignore_index, is_wide }
        };
        let tracks: Vec<_> = vad.chain(labels).map(track).collect();
        let events = recipe.events_name();
        let of_feature = |feature: &FeatureArray| PartArray {
            row_bytes: 4 * feature.dim as u64,
            grid: FRAMES,
            wide_columns: wide.wide_dim(feature.dim),
        };
        // Labels are those of rows of the dataset.
        let row_grid = if frames_per_row == 1 || tracks.is_empty() { FRAMES } else { ROWS };
        let event_grid = row_grid + 1;
        let of_track = |track: &Track| PartArray {
            row_bytes: track.in_card().dtype.size() as u64,
            grid: row_grid,
            wide_columns: 0,
        };
        let of_events = |_| PartArray {
            row_bytes: Array::events().dtype.size() as u64,
            grid: event_grid,
            wide_columns: 0,
        };
        let parts = features.iter().map(of_feature).chain(tracks.iter().map(of_track));
        let parts = parts.chain(events.map(of_events)).collect();
        Arrays {
            dim: base.len(),
            features,
            tracks,
            events,
            event_grid,
            wide,
            splice,
            frames_per_row,
            spliced_left: recipe.spliced_frames().0,
            parts,
        }
    }

    /// Returns all of them, as parts have them.
    pub(crate) fn in_parts(&self) -> &[PartArray] {
        &self.parts
    }

    /// Returns how many rows of the dataset an utterance of so many frames has.
    pub(crate) fn num_rows(&self, num_frames: usize) -> usize {
        self.splice.num_rows(self.wide.num_rows(num_frames))
    }

    /// Returns the number of frames from one row of the dataset to the next.
    pub(crate) fn frames_per_row(&self) -> usize {
        self.frames_per_row
    }

    /// Returns what a column of an array is called, before neighbouring frames stand beside it.
    pub(crate) fn wide_name(&self, array: &FeatureArray, column: usize) -> String {
        // Behind the frames before it, if there are any.
        let columns = self.wide.wide_dim(array.dim);
        let left = if self.splice == Splice::NONE { 0 } else { self.spliced_left * columns };
        array.column_names.get(left + column).cloned().unwrap_or_else(|| column.to_string())
    }

    /// Returns the place of the first array of whole numbers.
    pub(crate) fn first_track(&self) -> usize {
        self.features.len()
    }

    /// Returns the place of the array of events, if there is one.
    pub(crate) fn events(&self) -> Option<usize> {
        self.events.map(|_| self.features.len() + self.tracks.len())
    }

    /// Returns the grid of events in parts, if there are any.
    pub(crate) fn event_grid(&self) -> Option<usize> {
        self.events.map(|_| self.event_grid)
    }

    /// Returns the grid of events in the files of the dataset.
    pub(crate) fn event_grid_of_files() -> usize {
        FRAMES + 1
    }

    /// Returns how many columns all features have with deltas.
    pub(crate) fn wide_dim(&self) -> usize {
        self.wide.wide_dim(self.dim)
    }

    /// Returns how many columns all features have with deltas and neighbouring frames.
    pub(crate) fn written_dim(&self) -> usize {
        self.splice.wide_dim(self.wide_dim())
    }

    /// Returns how many bytes a row takes in all arrays of the dataset.
    pub(crate) fn frame_bytes(&self) -> u64 {
        let tracks = self.tracks.iter().map(|track| track.in_card().dtype.size());
        (4 * self.written_dim() + tracks.sum::<usize>()) as u64
    }

    /// Returns how many bytes a part has for a row of the dataset.
    pub(crate) fn part_frame_bytes(&self) -> u64 {
        let of_frame: usize = self.features.iter().map(|feature| 4 * feature.dim).sum();
        let tracks = self.tracks.iter().map(|track| track.in_card().dtype.size());
        (of_frame * self.frames_per_row + tracks.sum::<usize>()) as u64
    }

    /// Returns what the card says of each array, in order.
    fn in_order(&self) -> impl Iterator<Item = (&str, Array, usize)> {
        let features = self.features.iter().map(|feature| {
            let array = Array::features(feature.column_names.clone(), feature.unit);
            (&*feature.name, array, FRAMES)
        });
        let tracks = self.tracks.iter().map(|track| (&*track.name, track.in_card(), FRAMES));
        let grid = Arrays::event_grid_of_files();
        let events = self.events.map(|name| (name, Array::events(), grid));
        features.chain(tracks).chain(events)
    }

    /// Returns the arrays as the card has them.
    pub(crate) fn in_card(&self) -> BTreeMap<String, Array> {
        self.in_order().map(|(name, array, _)| (name.to_owned(), array)).collect()
    }

    /// Returns the arrays as the layout of files has them.
    pub(crate) fn in_layout(&self) -> Vec<ArrayLayout> {
        self.in_order().map(|(name, array, grid)| ArrayLayout::new(name, &array, grid)).collect()
    }
}

impl FeatureArray {
    /// Returns the place of a wide column, as a column before deltas of all features side by side.
    pub(crate) fn base_column(&self, column: usize) -> usize {
        let column = column % self.dim.max(1);
        self.columns.as_ref().map_or(column, |columns| columns[column])
    }

    /// - `base`: the array and the name of each column before deltas, of all features
    fn new(name: &str, base: &[(String, String)], recipe: &Recipe) -> FeatureArray {
        let own = base.iter().enumerate().filter(|(_, (array, _))| array == name);
        let (columns, names): (Vec<usize>, Vec<&str>) = own.map(|(at, (_, c))| (at, &**c)).unzip();
        let orders = recipe.deltas().wide_dim(1);
        let wide_names = (0..orders).flat_map(|order| {
            let prefix = match order {
                0 => String::new(),
                1 => "delta-".to_owned(),
                n => format!("delta{n}-"),
            };
            names.iter().map(move |name| format!("{prefix}{name}"))
        });
        let wide_names: Vec<_> = wide_names.collect();
        let (left, right) = recipe.spliced_frames();
        let spliced = (0..left + 1 + right).flat_map(|place| {
            let offset = place as isize - left as isize;
            wide_names.iter().map(move |name| match offset {
                0 => name.clone(),
                _ => format!("{name}@{offset:+}"),
            })
        });
        FeatureArray {
            name: name.to_owned(),
            dim: columns.len(),
            column_names: spliced.collect(),
            unit: match recipe.features().iter().any(Feature::is_waveform) {
                true => Unit::Sample,
                false => Unit::Frame,
            },
            columns: (columns.len() < base.len()).then_some(columns),
        }
    }

    /// Returns the names of its columns in the dataset.
    pub(crate) fn column_names(&self) -> &[String] {
        &self.column_names
    }

    /// Takes the array's columns out of rows of all features side by side.
    ///
    /// - `dim`: how many columns those have
    /// - `buffer`: an allocation to use
    pub(crate) fn own<'r>(
        &self,
        rows: &'r [f32],
        dim: usize,
        buffer: &'r mut Vec<f32>,
    ) -> &'r [f32] {
        let Some(columns) = &self.columns else { return rows };
        buffer.clear();
        let own = rows.chunks_exact(dim).flat_map(|row| columns.iter().map(move |&at| row[at]));
        buffer.extend(own);
        buffer
    }
}
