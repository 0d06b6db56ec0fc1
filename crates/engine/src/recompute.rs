//! A dataset, computed again from its recordings: to compare a sample of it, or to mend what is damaged.
//!
//! Both run the same job on some of the utterances, with the statistics that the card has, so that rows
//! come out as they are in the dataset. Nothing of how they are computed is written a second time.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::File;
use std::hash::Hash;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use ossicle_corpus::{CorpusSource, Selection, Split, Utterance};
use ossicle_dataset::{
    Array, CARD_FILE, Card, Dataset, FAILURES_FILE, Finding, IndexRow, LocalStore, UTTERANCES_FILE,
    Unit, UtteranceRow, VerifyStage, remove_work, require_own, shard_file,
};
use ossicle_dsp::Level;
use ossicle_files::{OpenError, open_regular};

use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::events::Observer;
use crate::extract::extract_again;
use crate::options::RunOptions;
use crate::output;
use crate::plan::statistics::{Statistics, of_card};
use crate::plan::{Plan, PlanRequest, plan_as_it_was};
use crate::scratch::Scratch;
use ossicle_recipe::{Recipe, Scope};

/// The recordings that a dataset was made of.
#[derive(Debug)]
pub struct Sources<'a> {
    /// The corpus, as it was given.
    pub corpus: &'a CorpusSource,
    /// The way it was read, and which of its utterances were kept, in which splits.
    pub selection: &'a Selection,
    /// The instruction set to compute with, which no byte depends on.
    pub level: Level,
}

/// A choice of utterances that are computed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UtteranceSample {
    /// The number of utterances; more are taken where speakers are normalised, which come whole.
    pub utterances: usize,
    /// The seed of the choice: another one chooses others.
    pub seed: u64,
}

/// The outcome of computing a sample again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeepVerification {
    /// The number of utterances that were computed again.
    pub utterances: u64,
    /// The number of frames that they have.
    pub frames: u64,
    /// The places where they are not what the dataset has.
    pub findings: Vec<Finding>,
}

/// Computes a sample of a dataset's utterances again from their recordings and compares every row.
///
/// - `options`: how many workers, and what asks to stop
///
/// # Errors
/// If there is no dataset, the corpus is unusable, or the run fails. What differs is in the
/// [`DeepVerification`].
pub fn verify_deep(
    root: &Path,
    sources: &Sources<'_>,
    sample: UtteranceSample,
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<DeepVerification, Error> {
    let dataset = Dataset::open(root)?;
    let card = dataset.card();
    let plan = plan_again(card, sources, &options.stop)?;
    let mut seen = DeepVerification::default();
    if plan.fingerprint != card.corpus.fingerprint {
        refuse_other_splits(&dataset, &plan)?;
        seen.find(CARD_FILE, "the corpus has other utterances, or recordings of other sizes");
    }
    let chosen = choose(&plan, sample);
    let plan =
        plan.only(|split, utterance| chosen.contains(&(split.name.clone(), utterance.id.clone())));
    let scratch = Scratch::new(&std::env::temp_dir(), "ossicle-verify-")?;
    let again = scratch.path().join("dataset");
    extract_again(&plan, &again, options, observer)?;
    let again = Dataset::open(&again)?;
    for split in &plan.corpus.splits {
        if !split.utterances.is_empty() {
            seen.compare(&dataset, &again, split)?;
        }
    }
    Ok(seen)
}

impl DeepVerification {
    /// Adds a finding about a file.
    fn find(&mut self, file: &str, what: impl Into<String>) {
        self.findings.push(Finding {
            stage: VerifyStage::Recordings,
            file: file.to_owned(),
            what: what.into(),
        });
    }

    /// Compares the utterances of a split.
    fn compare(&mut self, dataset: &Dataset, again: &Dataset, split: &Split) -> Result<(), Error> {
        let wanted: HashSet<&str> = split.utterances.iter().map(|u| &*u.id).collect();
        let old = locate(dataset, &split.name, &wanted)?;
        let new = locate(again, &split.name, &wanted)?;
        let list = format!("{}/{UTTERANCES_FILE}", split.name);
        for id in wanted.into_iter().collect::<BTreeSet<_>>() {
            let ((old_row, old_places), (new_row, new_places)) = match (old.get(id), new.get(id)) {
                (Some(old), Some(new)) => (old, new),
                // It failed then, and does now.
                (None, None) => continue,
                (Some(_), None) => {
                    self.find(&list, format!("{id}: its recording cannot be used any more"));
                    continue;
                }
                (None, Some(_)) => {
                    self.find(&list, format!("{id}: is missing, and its recording is good"));
                    continue;
                }
            };
            self.utterances += 1;
            self.frames += new_row.num_frames;
            if !same_row(old_row, new_row) {
                self.find(&list, format!("{id}: its row is not what its recording gives"));
                continue;
            }
            let findings = self.findings.len();
            let places = old_places.iter().zip(new_places);
            for ((name, array), (old_place, new_place)) in dataset.card().arrays.iter().zip(places)
            {
                let of_events = array.unit == Unit::Event;
                let rows = |dataset: &Dataset, row: &UtteranceRow, place: IndexRow| {
                    let path = dataset.shard_path(&split.name, name, place.shard);
                    let (first, count) = match of_events {
                        true => (row.first_event.unwrap_or(0), row.num_events.unwrap_or(0)),
                        false => (place.first_frame, place.num_frames),
                    };
                    Rows { path, first, count, array }
                };
                let (old, new) =
                    (rows(dataset, old_row, *old_place), rows(again, new_row, *new_place));
                if let Some(at) = old.first_difference(&new)? {
                    let row = old.first + at;
                    let kind = if of_events { array.dtype.to_string() } else { "frame".to_owned() };
                    let what =
                        format!("row {row} ({kind} {at} of {id}) is not what its recording gives");
                    self.find(&shard_file(&split.name, name, old_place.shard), what);
                }
            }
            // Of other samples the frames tell more.
            if old_row.levels != new_row.levels && self.findings.len() == findings {
                self.find(&list, format!("{id}: its levels are not what its recording gives"));
            }
        }
        Ok(())
    }
}

/// Compares two rows, but for the place of the utterance's events in its shard, and its levels.
fn same_row(a: &UtteranceRow, b: &UtteranceRow) -> bool {
    let moved = UtteranceRow { first_event: a.first_event, levels: a.levels, ..b.clone() };
    *a == moved
}

/// The rows of an utterance in an array.
struct Rows<'a> {
    path: PathBuf,
    /// The first, and how many.
    first: u64,
    count: u64,
    array: &'a Array,
}

impl Rows<'_> {
    /// Finds the first row in which they differ.
    fn first_difference(&self, other: &Rows<'_>) -> Result<Option<u64>, Error> {
        let row_bytes = row_bytes(self.array);
        let (ours, theirs) = (open(&self.path)?, open(&other.path)?);
        // Some 64 KiB at a time, and at least a row: an utterance's rows may be more than memory holds.
        let at_once = (1 << 16) / row_bytes.min(1 << 16);
        let (mut a, mut b) = (Vec::new(), Vec::new());
        let mut first = 0;
        while first < self.count {
            let rows = at_once.min(self.count - first);
            self.read(&ours, first, rows, &mut a)?;
            other.read(&theirs, first, rows, &mut b)?;
            if let Some(byte) = a.iter().zip(&b).position(|(a, b)| a != b) {
                return Ok(Some(first + byte as u64 / row_bytes));
            }
            first += rows;
        }
        Ok(None)
    }

    /// Reads rows into `bytes`.
    ///
    /// - `first`: counted from the first of these
    fn read(&self, file: &File, first: u64, rows: u64, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let row_bytes = row_bytes(self.array);
        bytes.resize((rows * row_bytes) as usize, 0);
        let header = self.array.dtype.header_bytes() as u64;
        // The index says where rows lie, and may say anything: what is past the end fails to be read.
        let offset =
            self.first.saturating_add(first).saturating_mul(row_bytes).saturating_add(header);
        file.read_exact_at(bytes, offset).map_err(Error::io("read", &self.path))
    }
}

/// Returns the bytes of a row of an array.
fn row_bytes(array: &Array) -> u64 {
    (array.dtype.size() * array.columns.max(1)) as u64
}

fn open(path: &Path) -> Result<File, Error> {
    let opened = open_regular(path).map_err(|error| match error {
        OpenError::Io(source) => source,
        other => io::Error::other(other),
    });
    Ok(opened.map_err(Error::io("open", path))?.file)
}

/// Reads the rows of some utterances of a split, and the places of their rows in each array.
fn locate(
    dataset: &Dataset,
    split: &str,
    wanted: &HashSet<&str>,
) -> Result<HashMap<String, (UtteranceRow, Vec<IndexRow>)>, Error> {
    let arrays = dataset.card().arrays.keys();
    let mut indices =
        arrays.map(|array| dataset.index_of(split, array)).collect::<Result<Vec<_>, _>>()?;
    let mut found = HashMap::new();
    for row in dataset.utterances(split)? {
        let row = row?;
        let places: Option<Vec<_>> = indices.iter_mut().map(Iterator::next).collect();
        let Some(places) = places else { break };
        if wanted.contains(row.id.as_str()) {
            let places = places.into_iter().collect::<Result<_, _>>()?;
            found.insert(row.id.clone(), (row, places));
        }
    }
    Ok(found)
}

/// Refuses a corpus whose utterances are the dataset's, but in other splits: nothing of them can be compared.
fn refuse_other_splits(dataset: &Dataset, plan: &Plan) -> Result<(), Error> {
    let mut there: HashMap<String, String> = HashMap::new();
    for split in &dataset.card().splits {
        // A list that is damaged is no reason to speak of splits.
        for row in dataset.utterances(&split.name).into_iter().flatten().map_while(Result::ok) {
            there.insert(row.id, split.name.clone());
        }
    }
    let mut moved = 0;
    let mut first = None;
    for split in &plan.corpus.splits {
        let is_there = |id: &str| there.get(id).is_some_and(|name| *name == split.name);
        for utterance in &split.utterances {
            if let Some(name) = there.get(&*utterance.id).filter(|_| !is_there(&utterance.id)) {
                moved += 1;
                first.get_or_insert_with(|| {
                    (utterance.id.to_string(), split.name.clone(), name.clone())
                });
            }
        }
    }
    match first {
        Some((example, here, there)) => {
            let path = dataset.root().to_owned();
            Err(Error::SplitOtherwise { path, moved, example, here, there })
        }
        None => Ok(()),
    }
}

/// Chooses utterances by a hash of seed, split and id: which ones does not depend on the others. Where
/// speakers are normalised, they are chosen whole.
fn choose(plan: &Plan, sample: UtteranceSample) -> HashSet<(String, Box<str>)> {
    let mut all = Vec::new();
    for split in &plan.corpus.splits {
        for utterance in &split.utterances {
            let mut hasher = blake3::Hasher::new();
            hasher.update(&sample.seed.to_le_bytes()).update(split.name.as_bytes()).update(b"\n");
            let hash = *hasher.update(utterance.id.as_bytes()).finalize().as_bytes();
            all.push((hash, split, utterance));
        }
    }
    all.sort_unstable_by_key(|(hash, _, _)| *hash);
    let chosen = &all[..sample.utterances.min(all.len())];
    let name = |split: &Split, utterance: &Utterance| (split.name.clone(), utterance.id.clone());
    let by_speaker = plan.job.recipe.normalize().is_some_and(|n| n.scope == Scope::Speaker);
    if !by_speaker {
        return chosen.iter().map(|(_, split, utterance)| name(split, utterance)).collect();
    }
    let speakers: HashSet<_> = chosen.iter().map(|(_, s, u)| (&s.name, &u.speaker)).collect();
    let of_speaker = all.iter().filter(|(_, s, u)| speakers.contains(&(&s.name, &u.speaker)));
    of_speaker.map(|(_, split, utterance)| name(split, utterance)).collect()
}

/// Plans a dataset's job again, with the card's statistics.
///
/// - `stop`: asks to stop
fn plan_again(card: &Card, sources: &Sources<'_>, stop: &Stop) -> Result<Plan, Error> {
    let unreadable = |source: serde_json::Error| Error::CardRecipe { source };
    let recipe: Recipe = serde_json::from_value(card.recipe.clone()).map_err(unreadable)?;
    // Whatever they came from, which may be a folder that is no longer there: the card has them.
    let recipe = recipe.normalized_by_all();
    let mut plan = plan_as_it_was(PlanRequest {
        selection: sources.selection.clone(),
        level: sources.level,
        // What was meant once is what there is.
        allow_overlap: true,
        stop: stop.clone(),
        ..PlanRequest::new(sources.corpus.clone(), recipe)
    })?;
    if plan.statistics.is_some() {
        let given = of_card(card, &plan.arrays).ok_or(Error::CardStatistics)?;
        plan.statistics = Some(Statistics::Given(given));
    }
    Ok(plan)
}

/// Computes damaged files of a dataset again and puts them in place, if they are then what the card says.
///
/// - `damaged`: files of the dataset, as a verification names them; others are left alone
///
/// Whole splits are computed again, those that have a damaged file. Returns the files that are mended.
///
/// # Errors
/// If there is no dataset, the corpus is not the one that it was made of, or the run fails.
pub fn repair(
    root: &Path,
    sources: &Sources<'_>,
    damaged: &[&str],
    options: &RunOptions,
    observer: &dyn Observer,
) -> Result<Vec<String>, Error> {
    let store = LocalStore::new(root);
    require_own(&store, [])?;
    let _lock = output::lock(&store, options.no_lock)?;
    let dataset = Dataset::open_in(&store)?;
    let card = dataset.card();
    let damaged: HashSet<&str> = damaged.iter().copied().collect();
    let files: Vec<_> = card.files.iter().filter(|f| damaged.contains(&*f.path)).collect();
    let plan = plan_again(card, sources, &options.stop)?;
    if plan.fingerprint != card.corpus.fingerprint {
        refuse_other_splits(&dataset, &plan)?;
        return Err(Error::OtherCorpus { path: root.to_owned() });
    }
    let folders: HashSet<_> =
        files.iter().filter_map(|file| Some(file.path.split_once('/')?.0)).collect();
    let all = files.iter().any(|file| file.path == FAILURES_FILE);
    let needs = |split: &Split| all || folders.contains(&*split.name);
    let plan = plan.only(|split, _| needs(split));
    let again = store.path(REPAIR_DIR);
    let mut mended = Vec::new();
    if !files.is_empty() {
        let options = RunOptions { overwrite: true, ..options.clone() };
        extract_again(&plan, &again, &options, observer)?;
        let made = Dataset::open_in(&LocalStore::new(&again))?;
        for (file, is_same) in each_among(files, &made.card().files) {
            if !is_same {
                return Err(Error::NotAsItWas { file: file.path.clone() });
            }
            put_in_place(&store, &file.path)?;
            mended.push(file.path.clone());
        }
    }
    remove_work(&store)?;
    store.sync_folder("")?;
    Ok(mended)
}

/// Returns of each whether it is among others, at a cost that does not grow with their product.
fn each_among<'a, T: Eq + Hash>(
    each: impl IntoIterator<Item = &'a T>,
    others: &'a [T],
) -> impl Iterator<Item = (&'a T, bool)> {
    let others: HashSet<&T> = others.iter().collect();
    each.into_iter().map(move |one| (one, others.contains(one)))
}

/// The folder where a dataset is made again to mend another.
const REPAIR_DIR: &str = ".ossicle/repair";

/// Moves a file that was made again, with what it holds on the disk before it has its name.
fn put_in_place(store: &LocalStore, file: &str) -> Result<(), Error> {
    let made = format!("{REPAIR_DIR}/{file}");
    store.sync_file(&made)?;
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let there = store.create_folder(folder);
    there.map_err(Error::io("create the folder", &store.path(folder)))?;
    store.rename(&made, file).map_err(Error::io("rename to", &store.path(file)))?;
    Ok(store.sync_folder(folder)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ossicle_recipe::RecipeSource;
    use std::cell::Cell;
    use std::hash::Hasher;

    /// A number that counts how often it is compared.
    struct Counted<'a>(u32, &'a Cell<u32>);

    impl PartialEq for Counted<'_> {
        fn eq(&self, other: &Self) -> bool {
            self.1.set(self.1.get() + 1);
            self.0 == other.0
        }
    }

    impl Eq for Counted<'_> {}

    impl Hash for Counted<'_> {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    #[test]
    fn files_are_found_among_many_with_a_look_at_each_and_no_more() {
        let compared = Cell::new(0);
        let numbers = |range: std::ops::Range<u32>| -> Vec<Counted<'_>> {
            range.map(|number| Counted(number, &compared)).collect()
        };
        let (each, others) = (numbers(5000..15_000), numbers(0..10_000));
        let found: Vec<bool> = each_among(&each, &others).map(|(_, found)| found).collect();
        assert!((0..10_000).all(|at| found[at] == (at < 5000)));
        // Once for each that is found, and now and then for another of the same hash.
        assert!((5000..15_000).contains(&compared.get()), "{}", compared.get());
    }

    #[test]
    fn a_recipe_comes_back_from_a_card() {
        for name in Recipe::preset_names() {
            let recipe = Recipe::preset(name).unwrap().parse::<RecipeSource>().unwrap();
            let recipe = recipe.finish().unwrap();
            // As the card does: through text.
            let text = serde_json::to_string(&recipe).unwrap();
            assert_eq!(serde_json::from_str::<Recipe>(&text).unwrap(), recipe, "{name}");
        }
    }
}
