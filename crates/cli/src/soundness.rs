//! Whether what is read of a dataset is what was written, before anything is shown of it.

use std::path::Path;

use anyhow::Result;
use ossicle_dataset::{Card, Dataset, INDEX_FILE, UTTERANCES_FILE, index_file, shard_file};
use ossicle_engine::Stop;

use crate::messages;

/// The bytes of shards that are compared with the card before one utterance is shown: it should not take longer than
/// a second or two.
pub(crate) const MOST_OF_AN_UTTERANCE: u64 = 1 << 30;
/// Those that are compared before all utterances are looked at.
pub(crate) const MOST_OF_ALL: u64 = 4 << 30;

/// Looks at the files of a dataset that a command is about to read.
pub(crate) struct Soundness<'a> {
    dataset: &'a Dataset,
    /// The bytes that are compared, at most, besides those of lists.
    most_bytes: u64,
    /// Is told what was not compared.
    say: &'a dyn Fn(&str),
}

impl<'a> Soundness<'a> {
    pub(crate) fn new(
        dataset: &'a Dataset,
        most_bytes: u64,
        say: &'a dyn Fn(&str),
    ) -> Soundness<'a> {
        Soundness { dataset, most_bytes, say }
    }

    /// Compares the lists of utterances and the indexes of a split, or of all.
    pub(crate) fn check_lists(&self, split: Option<&str>) -> Result<()> {
        let card = self.dataset.card();
        let of_split = card.splits.iter().filter(|of| split.is_none_or(|name| of.name == name));
        let lists: Vec<_> = of_split.flat_map(|split| lists(card, &split.name)).collect();
        let go_on = || anyhow::Ok(());
        self.dataset.check_files(|file| lists.iter().any(|it| it == file), u64::MAX, go_on)?;
        Ok(())
    }

    /// Compares some shards, each named by its split, array and number.
    pub(crate) fn check_shards<'s>(
        &self,
        shards: impl IntoIterator<Item = (&'s str, &'s str, usize)>,
    ) -> Result<()> {
        let names = shards.into_iter().map(|(split, array, shard)| shard_file(split, array, shard));
        let names: Vec<_> = names.collect();
        self.check(|file| names.iter().any(|name| name == file), || Ok(()))
    }

    /// Compares all files.
    ///
    /// - `stop`: asks to stop
    pub(crate) fn check_all(&self, stop: &Stop) -> Result<()> {
        self.check(|_| true, || Ok(stop.check()?))
    }

    fn check(
        &self,
        wanted: impl Fn(&str) -> bool,
        go_on: impl FnMut() -> Result<()>,
    ) -> Result<()> {
        let left = self.dataset.check_files(wanted, self.most_bytes, go_on)?;
        if !left.is_empty() {
            let bytes = left.iter().map(|file| file.bytes).fold(0, u64::saturating_add);
            let root: &Path = self.dataset.root();
            (self.say)(&messages::sizes_alone(root, left.len() as u64, bytes));
        }
        Ok(())
    }
}

/// The files that say which utterances a split has and where their rows are.
fn lists(card: &Card, split: &str) -> Vec<String> {
    let own = card.arrays.iter().filter(|(_, array)| array.frame.is_some());
    let names = own.map(|(name, _)| index_file(name));
    let names = names.chain([INDEX_FILE, UTTERANCES_FILE].map(str::to_owned));
    names.map(|name| format!("{split}/{name}")).collect()
}
