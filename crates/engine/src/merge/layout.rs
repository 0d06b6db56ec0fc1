//! The layout of all files to write once all parts are there.

use ossicle_dataset::{
    ArrayFile, DatasetLayout, FAILURES_FILE, FOLDER_DIGITS, FRAMES, FileCard, HashingSpool,
    INDEX_FILE, Normalization, Npy, Put, RegionOrder, SplitLayout, Store, UTTERANCES_FILE,
    append_line, index_file,
};

use super::normalizers::Normalizers;
use super::statistics::{Gathered, normalization};
use crate::error::Error;
use crate::part::PartFile;
use crate::plan::Plan;
use crate::plan::statistics::Statistics;
use crate::run::pool;

/// A dataset that is to be written: what its files hold, and where it comes from.
#[derive(Debug)]
pub struct Layout {
    pub(crate) dataset: DatasetLayout,
    /// Every part, in order.
    pub(crate) parts: Vec<PartFile>,
    /// For each split, the parts that its utterances are in.
    pub(crate) places: Vec<Places>,
    /// The statistics that columns are normalised by, of each array that is; none where they are not the
    /// same for all utterances.
    pub(crate) normalization: Option<Vec<Normalization>>,
    /// Of each array that is normalised the wide columns that are the same number in all frames that it is
    /// normalised by.
    pub(crate) constant: Vec<Vec<usize>>,
    pub(crate) normalizers: Normalizers,
}

/// The parts that a split's utterances are in.
#[derive(Debug)]
pub(crate) struct Places {
    /// The first of its parts, among all.
    first_part: usize,
    /// For each of its parts, the good utterances before it, in the split.
    before: Vec<usize>,
}

impl Places {
    /// Returns the part of an utterance, among all, and its place among the part's good ones.
    pub(crate) fn of(&self, utterance: usize) -> (usize, usize) {
        // Of parts without a good utterance, the last one counts, which has them.
        let part = self.before.partition_point(|&before| before <= utterance) - 1;
        (self.first_part + part, utterance - self.before[part])
    }
}

/// Merges parts: gathers their statistics, and lays out the files of the dataset.
///
/// - `parts`: all of the plan's, in order
/// - `store`: where they are, and where files go, or one whose regions are as large
///
/// # Errors
/// If a part cannot be read, or if there is no frame to normalise by.
pub fn merge(plan: &Plan, parts: Vec<PartFile>, store: &dyn Store) -> Result<Layout, Error> {
    let Gathered { normalization, constant } = normalization(plan, &parts, store)?;
    let normalizers = Normalizers::new(plan, &parts, store, normalization.as_deref())?;
    let splits: Vec<_> =
        (0..plan.corpus.splits.len()).map(|split| lay_out(plan, &parts, split)).collect();
    let (splits, places) = splits.into_iter().unzip();
    let arrays = plan.arrays.in_layout();
    let dataset = DatasetLayout::new(arrays, splits, &Npy, store.region_bytes());
    Ok(Layout { dataset, parts, places, normalization, constant, normalizers })
}

/// Appends where the rows of utterances end, behind those before them.
fn append_ends(first_row: &mut Vec<u64>, rows: impl Iterator<Item = u64>) {
    let mut total = first_row.last().copied().unwrap_or(0);
    first_row.extend(rows.map(|rows| {
        total += rows;
        total
    }));
}

/// Lays out a split.
fn lay_out(plan: &Plan, parts: &[PartFile], split: usize) -> (SplitLayout, Places) {
    let first_part = plan.parts.partition_point(|part| part.split < split);
    let end = plan.parts.partition_point(|part| part.split <= split);
    let name = &plan.corpus.splits[split].name;
    let (layout, before) = lay_out_parts(plan, &parts[first_part..end], name);
    (layout, Places { first_part, before })
}

/// Lays out the consecutive parts of a split, and returns how many good utterances are before each.
fn lay_out_parts(plan: &Plan, parts: &[PartFile], name: &str) -> (SplitLayout, Vec<usize>) {
    let (arrays, event_grid) = (&plan.arrays, plan.arrays.event_grid());
    let mut first_row = vec![vec![0]; arrays.grids().len() + event_grid.iter().count()];
    let mut before = Vec::with_capacity(parts.len());
    for part in parts {
        // There is one more first row than utterances: the end of the last.
        before.push(first_row[FRAMES].len() - 1);
        for (grid, first_row) in first_row[..arrays.grids().len()].iter_mut().enumerate() {
            let rows = |place| arrays.num_rows(grid, |base| part.footer.rows[base][place]);
            append_ends(first_row, (0..part.footer.utterances()).map(rows));
        }
        if let Some(grid) = event_grid {
            let rows = part.footer.rows[grid].iter().copied();
            append_ends(&mut first_row[arrays.event_grid_of_files()], rows);
        }
    }
    if plan.are_shards_parts() {
        let all = first_row[FRAMES].len() - 1;
        let ends: Vec<usize> = before.iter().skip(1).copied().chain([all]).collect();
        return (SplitLayout::cut_behind(name, first_row, &ends), before);
    }
    // All arrays share the cut, so all of their columns decide.
    let bytes_a_row: Vec<u64> =
        (0..arrays.grids().len()).map(|grid| arrays.feature_bytes(grid)).collect();
    (SplitLayout::new(name, first_row, &bytes_a_row, plan.shard_bytes()), before)
}

impl Layout {
    /// Lays out the files of one part alone, of which each array has one.
    ///
    /// - `place`: the part's, among the plan's
    ///
    /// Of its normalisation only what is no statistics of other parts is known.
    pub(super) fn of_part(
        plan: &Plan,
        place: usize,
        part: PartFile,
        store: &dyn Store,
    ) -> Result<Layout, Error> {
        let given = match &plan.statistics {
            Some(Statistics::Given(given)) => Some(given.clone()),
            _ => None,
        };
        let parts = vec![part];
        let normalizers = Normalizers::new(plan, &parts, store, given.as_deref())?;
        let (split, before) = lay_out_parts(plan, &parts, &plan.split(&plan.parts[place]).name);
        let dataset =
            DatasetLayout::new(plan.arrays.in_layout(), vec![split], &Npy, store.region_bytes());
        let places = vec![Places { first_part: 0, before }];
        let constant = Vec::new();
        Ok(Layout { dataset, parts, places, normalization: given, constant, normalizers })
    }

    /// Returns the part whose rows a file has, among all; none for the file of an empty split.
    ///
    /// - `file`: by its place in the layout, where each part is a shard
    pub(crate) fn part_of_file(&self, file: usize) -> Option<usize> {
        let ArrayFile { split, shard, .. } = self.dataset.files[file];
        let utterances = &self.dataset.splits[split].shards[shard].utterances;
        (!utterances.is_empty()).then(|| self.places[split].of(utterances.start).0)
    }

    /// Returns every region of every array file, in order.
    pub fn regions(&self) -> impl Iterator<Item = RegionOrder> {
        self.dataset.regions()
    }

    /// Returns a BLAKE3 of all that the files are made of, in as many hexadecimal digits as a folder's name has:
    /// the job, and the bytes of all parts.
    pub fn hash(&self, plan: &Plan) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(plan.job.key.as_bytes());
        for part in &self.parts {
            hasher.update(&part.hash);
        }
        hasher.finalize().to_hex()[..FOLDER_DIGITS].to_owned()
    }

    /// Returns how many bytes all array files have.
    pub fn bytes(&self) -> u64 {
        self.dataset.bytes()
    }

    /// Returns the parts of a split.
    pub(crate) fn parts_of(&self, split: usize) -> &[PartFile] {
        let Places { first_part, before } = &self.places[split];
        &self.parts[*first_part..first_part + before.len()]
    }
}

/// Writes the index and the list of utterances of every split, and the ledger, and returns what the card
/// says of them.
///
/// - `store`: where parts are, and where the files go, in `folder`
/// - `folder`: with `/` at its end
pub(crate) fn write_lists(
    plan: &Plan,
    layout: &Layout,
    store: &dyn Store,
    folder: &str,
) -> Result<Vec<FileCard>, Error> {
    let mut files = Vec::new();
    let has_events = plan.arrays.event_grid().is_some();
    let event_grid = plan.arrays.event_grid_of_files();
    // Events have their places in the list.
    let indexed = FRAMES + 1..event_grid;
    for (split, of_split) in layout.dataset.splits.iter().enumerate() {
        let name = |file: &str| format!("{}/{file}", of_split.name);
        files.push(write_file(store, folder, name(INDEX_FILE), |file| {
            Ok(of_split.write_index(FRAMES, file)?)
        })?);
        for array in layout.dataset.arrays.iter().filter(|of| indexed.contains(&of.grid)) {
            files.push(write_file(store, folder, name(&index_file(&array.name)), |file| {
                Ok(of_split.write_index(array.grid, file)?)
            })?);
        }
        files.push(write_file(store, folder, name(UTTERANCES_FILE), |file| {
            let mut events = has_events.then(|| of_split.places(event_grid));
            let parts = layout.parts_of(split);
            let read = |number: usize| parts[number].utterance_text(store);
            pool::in_order(store.at_once(), parts.len(), read, |number, text| {
                let Some(events) = &mut events else { return Ok(file.append(&text)?) };
                // Where events lie in their shard, no part can know.
                let mut placed = Vec::new();
                for (row, place) in parts[number].utterances_of(&text)?.into_iter().zip(events) {
                    append_line(&mut placed, &row.with_events(place));
                }
                Ok(file.append(&placed)?)
            })
        })?);
    }
    files.push(write_file(store, folder, FAILURES_FILE.to_owned(), |file| {
        let read = |number: usize| layout.parts[number].failure_text(store);
        pool::in_order(store.at_once(), layout.parts.len(), read, |_, text| Ok(file.append(&text)?))
    })?);
    Ok(files)
}

/// Writes a file from front to back, to last.
fn write_file(
    store: &dyn Store,
    folder: &str,
    path: String,
    write: impl Fn(&mut HashingSpool) -> Result<(), Error>,
) -> Result<FileCard, Error> {
    let name = format!("{folder}{path}");
    let mut file = HashingSpool::new(store.spool(&name)?);
    write(&mut file)?;
    let (draft, bytes, blake3) = file.finish(true)?;
    store.put(draft, &name, Put::Always)?;
    Ok(FileCard { path, bytes, blake3 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_utterance_is_found_in_its_part(
            first_part in 0_usize..5, good in prop::collection::vec(0_usize..4, 1..9),
        ) {
            let before = (0..good.len()).map(|part| good[..part].iter().sum()).collect();
            let places = Places { first_part, before };
            let parts = good.iter().enumerate();
            let all = parts.flat_map(|(part, &n)| (0..n).map(move |i| (first_part + part, i)));
            for (utterance, expected) in all.enumerate() {
                prop_assert_eq!(places.of(utterance), expected);
            }
        }
    }
}
