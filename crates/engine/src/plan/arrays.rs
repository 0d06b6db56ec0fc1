//! The arrays of a job: what is computed of each utterance, in parts and in the dataset.
//!
//! Arrays are known by their place: features first, then those that have a whole number a frame (the mask
//! of speech, labels), then events. Parts and the files of the dataset count them alike.

use std::collections::BTreeMap;

use ossicle_dataset::{Array, ArrayLayout, Dtype, FRAMES, FrameCard, Unit};
use ossicle_dsp::{Deltas, Splice, Wide, Widen};

use crate::part::PartArray;
use crate::plan::job::Job;
use ossicle_recipe::{Feature, Recipe, Stream};

/// The arrays of a job.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Arrays {
    /// What is computed together, in the recipe's order of streams.
    pub(crate) streams: Vec<StreamArrays>,
    pub(crate) features: Vec<FeatureArray>,
    tracks: Vec<Track>,
    events: Option<Events>,
    /// The grids of the dataset's files, but that of events.
    grids: Vec<Grid>,
    /// All of them, as parts have them.
    parts: Vec<PartArray>,
}

/// What is computed together: the columns of its features stand side by side in each row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StreamArrays {
    /// The number of columns of a row before deltas.
    pub(crate) dim: usize,
    /// The grid of its rows in parts.
    pub(crate) base_grid: usize,
    /// Its arrays are left out of normalisation, and of what else comes after.
    pub(crate) is_plain: bool,
}

/// The array of events.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Events {
    name: &'static str,
    /// The stream that finds them.
    stream: usize,
    /// The grid of events in parts.
    grid: usize,
}

/// A grid of the dataset's files: how many rows an utterance has in an array on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grid {
    /// The first stream that has rows on it.
    pub(crate) stream: usize,
    /// The grid, in parts, of what its rows are made of.
    base: usize,
    pub(crate) after: After,
}

/// What is made of base rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct After {
    /// What rows before normalisation are made of base rows by.
    pub(crate) wide: Wide,
    /// What rows of the dataset are made of those by.
    pub(crate) splice: Splice,
}

impl After {
    /// Nothing: rows are the base rows.
    const PLAIN: After =
        After { wide: Wide { deltas: Deltas::NONE, splice: Splice::NONE }, splice: Splice::NONE };

    /// Returns how many rows of the dataset an utterance of so many frames has.
    pub(crate) fn num_rows(&self, num_frames: usize) -> usize {
        self.splice.num_rows(self.wide.num_rows(num_frames))
    }

    /// Returns the number of frames from one row to the next.
    pub(crate) fn frames_per_row(&self) -> usize {
        self.wide.splice.step() * self.splice.step()
    }

    /// Returns whether both make as many rows.
    fn is_on_grid_of(&self, other: &After) -> bool {
        let one_each = |of: &After| of.frames_per_row() == 1;
        (one_each(self) && one_each(other)) || self == other
    }
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
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FeatureArray {
    pub(crate) name: String,
    /// The stream that its rows are computed in.
    pub(crate) stream: usize,
    /// Its columns in a row of all features of its stream; none where it has all of them.
    columns: Option<Vec<usize>>,
    /// The number of its columns before deltas.
    pub(crate) dim: usize,
    /// The names of its columns in the dataset.
    column_names: Vec<String>,
    /// The thing that a row is of.
    unit: Unit,
    /// It is kept as whole numbers of 16 bits.
    pub(crate) is_int16: bool,
    /// It is left out of normalisation.
    pub(crate) is_plain: bool,
    /// What is made of its base rows.
    pub(crate) after: After,
    /// How many frames stand before each.
    spliced_left: usize,
    /// Its grid in the dataset's files.
    pub(crate) grid: usize,
}

impl Arrays {
    /// Finds those of a job.
    pub(crate) fn of(job: &Job) -> Arrays {
        Arrays::new(&job.recipe, job.sample_rate_hz, &job.wide_labels())
    }

    /// - `sample_rate_hz`: the rate that columns are counted and named at, of streams that have none of their
    ///   own
    /// - `wide_labels`: of each label array, whether 16 bits do not count its classes; nothing where the
    ///   corpus has no alignments
    pub(crate) fn new(recipe: &Recipe, sample_rate_hz: u32, wide_labels: &[bool]) -> Arrays {
        let of_stream =
            |stream: &Stream| stream.base_columns(recipe.rate_of(stream, sample_rate_hz));
        let base: Vec<Vec<(String, String)>> = recipe.streams().iter().map(of_stream).collect();
        let base_grids = base_grids(recipe.streams());
        let of_stream = |(number, stream): (usize, &Stream)| StreamArrays {
            dim: base[number].len(),
            base_grid: base_grids[number],
            is_plain: stream.is_plain(),
        };
        let streams: Vec<_> = recipe.streams().iter().enumerate().map(of_stream).collect();
        let names = recipe.feature_names().into_iter();
        let mut features: Vec<_> =
            names.map(|name| FeatureArray::new(name, &base, recipe)).collect();
        let grids = Grid::all(&mut features, &streams);
        let vad = recipe.vad().into_iter().map(|(name, _)| (name, None, false));
        let ignore = i64::from(ossicle_corpus::IGNORE);
        let labels = recipe.labels().iter().zip(wide_labels);
        let labels = labels.map(|(labels, &is_wide)| (&*labels.name, Some(ignore), is_wide));
        let track = |(name, ignore_index, is_wide): (&str, _, _)| {
            let name = name.to_owned();
            Track { name, ignore_index, is_wide }
        };
        let tracks: Vec<_> = vad.chain(labels).map(track).collect();
        // Labels are those of rows of the dataset: of another grid, where there are fewer than frames.
        let num_base = base_grids.iter().max().map_or(1, |last| last + 1);
        let is_fewer = grids[FRAMES].after.frames_per_row() != 1 && !tracks.is_empty();
        let row_grid = if is_fewer { num_base } else { FRAMES };
        let events = recipe.events_name().map(|name| Events {
            name,
            stream: recipe.streams().iter().position(has_events).unwrap_or(0),
            grid: num_base + usize::from(is_fewer),
        });
        let of_feature = |feature: &FeatureArray| PartArray {
            row_bytes: 4 * feature.dim as u64,
            grid: streams[feature.stream].base_grid,
            wide_columns: feature.wide_dim(),
        };
        let of_track = |track: &Track| PartArray {
            row_bytes: track.in_card().dtype.size() as u64,
            grid: row_grid,
            wide_columns: 0,
        };
        let of_events = |events: &Events| PartArray {
            row_bytes: Array::events().dtype.size() as u64,
            grid: events.grid,
            wide_columns: 0,
        };
        let parts = features.iter().map(of_feature).chain(tracks.iter().map(of_track));
        let parts = parts.chain(events.iter().map(of_events)).collect();
        Arrays { streams, features, tracks, events, grids, parts }
    }

    /// Returns all of them, as parts have them.
    pub(crate) fn in_parts(&self) -> &[PartArray] {
        &self.parts
    }

    /// Returns the grids of the dataset's files, but that of events.
    pub(crate) fn grids(&self) -> &[Grid] {
        &self.grids
    }

    /// Returns how many rows an utterance has on a grid of the dataset's files.
    ///
    /// - `base_rows`: for each grid of parts, the rows that it has there
    pub(crate) fn num_rows(&self, grid: usize, base_rows: impl Fn(usize) -> u64) -> u64 {
        let Grid { base, after, .. } = &self.grids[grid];
        after.num_rows(base_rows(*base) as usize) as u64
    }

    /// Returns how many frames an utterance of a part has, of which the rows of an array are made.
    ///
    /// - `rows`: of the part, for each of its grids, those of each good utterance
    /// - `utterance`: by its place among the part's good ones
    pub(crate) fn num_base(&self, array: usize, rows: &[Vec<u64>], utterance: usize) -> usize {
        rows[self.parts[array].grid][utterance] as usize
    }

    /// Returns how many rows an utterance of a part has in an array before normalisation.
    pub(crate) fn num_wide(&self, array: usize, rows: &[Vec<u64>], utterance: usize) -> usize {
        self.features[array].after.wide.num_rows(self.num_base(array, rows, utterance))
    }

    /// Returns how many rows with a label an utterance has, of so many frames of the first stream.
    pub(crate) fn num_labelled(&self, num_frames: usize) -> usize {
        self.grids[FRAMES].after.num_rows(num_frames)
    }

    /// Returns the number of frames from one row with a label to the next.
    pub(crate) fn frames_per_row(&self) -> usize {
        self.grids[FRAMES].after.frames_per_row()
    }

    /// Returns the arrays that a stream's rows are of, each with its place.
    pub(crate) fn of_stream(
        &self,
        stream: usize,
    ) -> impl Iterator<Item = (usize, &FeatureArray)> + Clone {
        let arrays = self.features.iter().enumerate();
        arrays.filter(move |(_, array)| array.stream == stream)
    }

    /// Returns the arrays that are normalised, each with its place.
    pub(crate) fn normalized(&self) -> impl Iterator<Item = (usize, &FeatureArray)> {
        self.features.iter().enumerate().filter(|(_, array)| !array.is_plain)
    }

    /// Returns the place of the first array of whole numbers.
    pub(crate) fn first_track(&self) -> usize {
        self.features.len()
    }

    /// Returns the place of the array of events, if a stream finds such.
    pub(crate) fn events_of(&self, stream: usize) -> Option<usize> {
        let events = self.events.as_ref().filter(|events| events.stream == stream);
        events.map(|_| self.features.len() + self.tracks.len())
    }

    /// Returns the grid of events in parts, if there are any.
    pub(crate) fn event_grid(&self) -> Option<usize> {
        self.events.as_ref().map(|events| events.grid)
    }

    /// Returns the grid of events in the files of the dataset.
    pub(crate) fn event_grid_of_files(&self) -> usize {
        self.grids.len()
    }

    /// Returns the most columns that rows take while they are made, of all features.
    pub(crate) fn columns_at_once(&self) -> usize {
        let base: usize = self.streams.iter().map(|stream| stream.dim).sum();
        base + self.features.iter().map(FeatureArray::wide_dim).sum::<usize>()
    }

    /// Returns how many bytes a row on a grid takes in all features of it, as the cut of shards counts them.
    pub(crate) fn feature_bytes(&self, grid: usize) -> u64 {
        let own = self.features.iter().filter(|array| array.grid == grid);
        own.map(|array| 4 * array.written_dim() as u64).sum()
    }

    /// Returns how many bytes a row on a grid takes in all arrays of the dataset.
    pub(crate) fn row_bytes(&self, grid: usize) -> u64 {
        let own = self.features.iter().filter(|array| array.grid == grid);
        let features = own.map(|array| (array.dtype().size() * array.written_dim()) as u64);
        features.sum::<u64>() + if grid == FRAMES { self.track_bytes() } else { 0 }
    }

    /// Returns how many bytes a part has for a row on a grid of the dataset.
    pub(crate) fn part_row_bytes(&self, grid: usize) -> u64 {
        let own = self.features.iter().filter(|array| array.grid == grid);
        let features = own.map(|array| (4 * array.dim * array.after.frames_per_row()) as u64);
        features.sum::<u64>() + if grid == FRAMES { self.track_bytes() } else { 0 }
    }

    fn track_bytes(&self) -> u64 {
        self.tracks.iter().map(|track| track.in_card().dtype.size() as u64).sum()
    }

    /// Returns what the card says of each array, in order, but of its frames.
    fn in_order(&self) -> impl Iterator<Item = (&str, Array, usize)> {
        let features = self.features.iter().map(|feature| {
            let array = Array::features(feature.column_names.clone(), feature.unit);
            (&*feature.name, Array { dtype: feature.dtype(), ..array }, feature.grid)
        });
        let tracks = self.tracks.iter().map(|track| (&*track.name, track.in_card(), FRAMES));
        let grid = self.event_grid_of_files();
        let events = self.events.iter().map(move |of| (of.name, Array::events(), grid));
        features.chain(tracks).chain(events)
    }

    /// Returns the arrays as the card has them.
    ///
    /// - `frame`: describes the frames of a grid other than the first
    pub(crate) fn in_card(&self, frame: impl Fn(&Grid) -> FrameCard) -> BTreeMap<String, Array> {
        let in_card = |(name, array, grid): (&str, Array, usize)| {
            let other = self.grids.get(grid).filter(|_| grid != FRAMES);
            (name.to_owned(), Array { frame: other.map(&frame), ..array })
        };
        self.in_order().map(in_card).collect()
    }

    /// Returns the arrays as the layout of files has them.
    pub(crate) fn in_layout(&self) -> Vec<ArrayLayout> {
        self.in_order().map(|(name, array, grid)| ArrayLayout::new(name, &array, grid)).collect()
    }
}

/// Numbers the grids of rows of streams, from [`FRAMES`] on.
fn base_grids(streams: &[Stream]) -> Vec<usize> {
    let mut grids: Vec<usize> = Vec::new();
    for stream in streams {
        let same = streams[..grids.len()].iter().position(|other| other.is_on_grid_of(stream));
        let next = grids.iter().max().map_or(FRAMES, |last| last + 1);
        grids.push(same.map_or(next, |same| grids[same]));
    }
    grids
}

fn has_events(stream: &Stream) -> bool {
    stream.features().iter().any(|feature| feature.spikegram().is_some())
}

impl Grid {
    /// Finds the grids that arrays are on in the dataset's files, and says each array which it is. The first is
    /// that of the first stream.
    fn all(features: &mut [FeatureArray], streams: &[StreamArrays]) -> Vec<Grid> {
        let mut grids: Vec<Grid> = Vec::new();
        let mut places: Vec<usize> = (0..features.len()).collect();
        places.sort_by_key(|&at| features[at].stream);
        for array in places {
            let array = &mut features[array];
            let base = streams[array.stream].base_grid;
            let grid = Grid { stream: array.stream, base, after: array.after };
            let is_same = |of: &Grid| of.base == base && of.after.is_on_grid_of(&grid.after);
            array.grid = grids.iter().position(is_same).unwrap_or(grids.len());
            if array.grid == grids.len() {
                grids.push(grid);
            }
        }
        grids
    }

    /// Returns the number of frames from one row to the next.
    pub(crate) fn frames_per_row(&self) -> usize {
        self.after.frames_per_row()
    }
}

impl FeatureArray {
    /// Returns the place of a wide column, as a column before deltas of all features of its stream.
    pub(crate) fn base_column(&self, column: usize) -> usize {
        let column = column % self.dim.max(1);
        self.columns.as_ref().map_or(column, |columns| columns[column])
    }

    /// - `base`: of each stream, the array and the name of each column before deltas
    fn new(name: &str, base: &[Vec<(String, String)>], recipe: &Recipe) -> FeatureArray {
        let has_it =
            |columns: &Vec<(String, String)>| columns.iter().any(|(array, _)| array == name);
        // A recipe whose array has no column is refused.
        let stream = base.iter().position(has_it).unwrap_or(0);
        let base = &base[stream];
        let own = base.iter().enumerate().filter(|(_, (array, _))| array == name);
        let (columns, names): (Vec<usize>, Vec<&str>) = own.map(|(at, (_, c))| (at, &**c)).unzip();
        let is_plain = recipe.is_plain(name);
        let after = match is_plain {
            true => After::PLAIN,
            false => After { wide: recipe.wide(), splice: recipe.splice() },
        };
        let (left, right) = if is_plain { (0, 0) } else { recipe.spliced_frames() };
        let of_stream = recipe.streams()[stream].features().iter();
        FeatureArray {
            name: name.to_owned(),
            stream,
            dim: columns.len(),
            column_names: column_names(&names, &after, (left, right)),
            unit: match recipe.streams()[stream].is_waveform() {
                true => Unit::Sample,
                false => Unit::Frame,
            },
            is_int16: of_stream.clone().any(Feature::is_int16),
            is_plain,
            after,
            spliced_left: left,
            grid: FRAMES,
            columns: (columns.len() < base.len()).then_some(columns),
        }
    }

    /// Returns the number of its columns before normalisation.
    pub(crate) fn wide_dim(&self) -> usize {
        self.after.wide.wide_dim(self.dim)
    }

    /// Returns the number of its columns in the dataset.
    pub(crate) fn written_dim(&self) -> usize {
        self.after.splice.wide_dim(self.wide_dim())
    }

    /// Returns where its columns before deltas begin in a row of the dataset, of which each has the frame of its
    /// place: behind the frames before it.
    pub(crate) fn base_at(&self) -> usize {
        self.spliced_left * self.after.wide.deltas.wide_dim(self.dim)
    }

    fn dtype(&self) -> Dtype {
        if self.is_int16 { Dtype::Int16 } else { Dtype::Float32 }
    }

    /// Returns what a column is called, before neighbouring frames stand beside it.
    pub(crate) fn wide_name(&self, column: usize) -> String {
        // Behind the frames before it, if there are any.
        let columns = self.wide_dim();
        let left = if self.after.splice == Splice::NONE { 0 } else { self.spliced_left * columns };
        self.column_names.get(left + column).cloned().unwrap_or_else(|| column.to_string())
    }

    /// Returns the names of its columns in the dataset.
    pub(crate) fn column_names(&self) -> &[String] {
        &self.column_names
    }

    /// Takes the array's columns out of rows of all features of its stream.
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

/// Names the columns of an array in the dataset.
///
/// - `names`: of its columns before deltas
/// - `left`, `right`: how many frames stand beside each
fn column_names(names: &[&str], after: &After, (left, right): (usize, usize)) -> Vec<String> {
    let orders = after.wide.deltas.wide_dim(1);
    let wide_names = (0..orders).flat_map(|order| {
        let prefix = match order {
            0 => String::new(),
            1 => "delta-".to_owned(),
            n => format!("delta{n}-"),
        };
        names.iter().map(move |name| format!("{prefix}{name}"))
    });
    let wide_names: Vec<_> = wide_names.collect();
    let spliced = (0..left + 1 + right).flat_map(|place| {
        let offset = place as isize - left as isize;
        wide_names.iter().map(move |name| match offset {
            0 => name.clone(),
            _ => format!("{name}@{offset:+}"),
        })
    });
    spliced.collect()
}
