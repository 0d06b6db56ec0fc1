//! The stamps of a corpus' utterances, and the file beside a dataset that keeps them.

use ossicle_dataset::{
    HashingSpool, LocalStore, Put, RUN_FILE, Rows, SOURCES_FILE, STAGE_DIR, SourceRow, Store,
    append_line, hash_whole, read_whole,
};

use super::contents::hash_contents;
use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::part::Stamp;
use crate::plan::Plan;

/// The stamps of all utterances of a plan, as their files are now.
#[derive(Debug)]
pub(crate) struct Stamps {
    /// BLAKE3 over the sizes and times of all files.
    pub(crate) sources: String,
    /// Of each split, those of its utterances.
    of: Vec<Vec<Stamp>>,
    /// Those by contents, where these were hashed.
    contents: Option<Vec<Vec<Stamp>>>,
}

impl Stamps {
    /// Looks at all files, and hashes their contents where that is asked for.
    ///
    /// - `workers`: how many hash at once
    ///
    /// # Errors
    /// If the system does not say what a file looks like, or it was asked to stop.
    pub(crate) fn take(
        plan: &Plan,
        hash_inputs: bool,
        workers: usize,
        stop: &Stop,
    ) -> Result<Stamps, Error> {
        let mut all = Vec::new();
        let sources = plan.sources(&mut |stamp| all.push(stamp))?;
        let mut all = all.into_iter();
        let of_split = |split: &ossicle_corpus::Split| {
            all.by_ref().take(split.utterances.len()).collect::<Vec<_>>()
        };
        let of = plan.corpus.splits.iter().map(of_split).collect();
        let contents = hash_inputs.then(|| hash_contents(plan, workers, stop)).transpose()?;
        Ok(Stamps { sources, of, contents })
    }

    /// Returns the stamp of an utterance, by its split and its place there.
    pub(super) fn stamp(&self, split: usize, utterance: usize) -> Stamp {
        self.of[split][utterance]
    }

    /// Compares an utterance with what it was. None where that is not known.
    pub(super) fn is_as_it_was(
        &self,
        split: usize,
        utterance: usize,
        was: &SourceRow,
    ) -> Option<bool> {
        match &self.contents {
            Some(contents) => Some(contents[split][utterance].to_hex() == *was.content.as_ref()?),
            None => Some(self.stamp(split, utterance).to_hex() == was.stamp),
        }
    }

    /// Returns whether some utterance is another than when the dataset was made that is in a folder. What is not known of
    /// it does not count.
    pub(crate) fn differ(&self, plan: &Plan, store: &LocalStore) -> bool {
        let Some(mut earlier) = EarlierStamps::open(store) else { return false };
        plan.corpus.splits.iter().enumerate().any(|(number, split)| {
            earlier.pass_to(&split.name);
            split.utterances.iter().enumerate().any(|(place, utterance)| {
                let was = earlier.of(&split.name, &utterance.id);
                was.and_then(|was| self.is_as_it_was(number, place, &was)) == Some(false)
            })
        })
    }

    /// Writes them into the stage, and returns the BLAKE3 of the file.
    pub(crate) fn stage(&self, plan: &Plan, store: &dyn Store) -> Result<String, Error> {
        let name = format!("{STAGE_DIR}/{SOURCES_FILE}");
        let mut file = HashingSpool::new(store.spool(&name)?);
        let mut text = Vec::new();
        for (number, split) in plan.corpus.splits.iter().enumerate() {
            for (place, utterance) in split.utterances.iter().enumerate() {
                let contents = self.contents.as_ref();
                let row = SourceRow {
                    split: split.name.clone(),
                    id: utterance.id.to_string(),
                    stamp: self.stamp(number, place).to_hex(),
                    content: contents.map(|contents| contents[number][place].to_hex()),
                };
                append_line(&mut text, &row);
                if text.len() >= 1 << 16 {
                    file.append(&text)?;
                    text.clear();
                }
            }
        }
        file.append(&text)?;
        let (draft, _, blake3) = file.finish(false)?;
        store.put(draft, &name, Put::Always)?;
        Ok(blake3)
    }
}

/// The stamps that an earlier run has kept, in order.
pub(super) struct EarlierStamps {
    rows: Rows<SourceRow>,
    next: Option<SourceRow>,
}

impl EarlierStamps {
    /// Opens them; none where the run that wrote the dataset has kept none, or they are not what it wrote.
    pub(super) fn open(store: &LocalStore) -> Option<EarlierStamps> {
        let written = listed_sources(store)?;
        // What another program left there is of another dataset.
        if hash_whole(store, SOURCES_FILE).ok()? != written {
            return None;
        }
        let mut rows = Rows::open(&store.path(SOURCES_FILE)).ok()?;
        let next = rows.next().and_then(Result::ok);
        Some(EarlierStamps { rows, next })
    }

    /// Passes to the rows of a split, which come in the card's order.
    pub(super) fn pass_to(&mut self, split: &str) {
        while self.next.as_ref().is_some_and(|row| row.split != split) {
            self.pass();
        }
    }

    /// Returns the row of an utterance of the split that was passed to; asked for in the order of ids.
    pub(super) fn of(&mut self, split: &str, id: &str) -> Option<SourceRow> {
        while self.next.as_ref().is_some_and(|row| row.split == split && *row.id < *id) {
            self.pass();
        }
        match self.next.as_ref().is_some_and(|row| row.split == split && row.id == id) {
            true => self.pass(),
            false => None,
        }
    }

    /// Hands out the next row.
    fn pass(&mut self) -> Option<SourceRow> {
        let next = self.rows.next().and_then(Result::ok);
        std::mem::replace(&mut self.next, next)
    }
}

/// Returns the BLAKE3 of the file that the run which wrote the dataset has left, as it says itself.
pub(super) fn listed_sources(store: &LocalStore) -> Option<String> {
    let run = read_whole(store, RUN_FILE).ok()?;
    let run: serde_json::Value = serde_json::from_slice(&run).ok()?;
    Some(run.get(SOURCES_BLAKE3)?.as_str()?.to_owned())
}

/// The key of `run.json` for the BLAKE3 of the file.
pub(crate) const SOURCES_BLAKE3: &str = "sources_blake3";
