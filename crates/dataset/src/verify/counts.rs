//! The second stage: whether index, utterances, shards, ledger and card count the same.

use std::collections::HashMap;
use std::path::Path;

use ossicle_files::counted;

use super::check::{Check, VerifyStage, what};
use super::structure::Shards;
use crate::card::{Array, Card, SplitCard, Unit};
use crate::format::names::{FAILURES_FILE, INDEX_FILE, UTTERANCES_FILE, index_file, shard_file};
use crate::format::rows::UtteranceRow;
use crate::index::{IndexReader, IndexRow};
use crate::jsonl::{FailureRows, UtteranceRows};

/// Reads every index, every `utterances.jsonl` and the ledger, each from front to back.
pub(super) fn check(check: &mut Check<'_>, shards: &Shards) {
    for split in &check.card.splits {
        check.index(split, shards);
        for (name, _) in check.card.arrays.iter().filter(|(_, array)| array.frame.is_some()) {
            check.own_index(split, name, shards);
        }
        check.utterances(split, shards);
    }
    check.ledger();
}

impl Check<'_> {
    fn find_counts(&mut self, file: &str, what: impl AsRef<str>) {
        self.findings.add(VerifyStage::Counts, file, what);
    }

    /// The rows of the index follow on one another and are as many as the card says; and each shard of
    /// every array has as many.
    fn index(&mut self, split: &SplitCard, shards: &Shards) {
        let name = format!("{}/{INDEX_FILE}", split.name);
        if self.findings.has(&name) {
            return;
        }
        let on_it = |array: &Array| array.unit != Unit::Event && array.frame.is_none();
        let arrays = self.card.arrays.iter().filter(|(_, array)| on_it(array));
        let arrays: Vec<&str> = arrays.map(|(name, _)| &**name).collect();
        self.index_and_shards(split, &name, Some(split.frames), &arrays, shards);
    }

    /// The same of the index of an array that has its own.
    fn own_index(&mut self, split: &SplitCard, array: &str, shards: &Shards) {
        let name = format!("{}/{}", split.name, index_file(array));
        if !self.findings.has(&name) {
            self.index_and_shards(split, &name, None, &[array], shards);
        }
    }

    /// - `num_frames`: how many the card says, if it does
    /// - `arrays`: those whose rows the index counts
    fn index_and_shards(
        &mut self,
        split: &SplitCard,
        name: &str,
        num_frames: Option<u64>,
        arrays: &[&str],
        shards: &Shards,
    ) {
        let path = self.root.join(name);
        if let Err(what) = is_index_of(split, num_frames, &path) {
            return self.find_counts(name, what);
        }
        // Only now: of a wrong index and a shard that disagree, the index is the one to name.
        let looked = each_shard(&path, |shard, frames| {
            for array in arrays {
                let file = shard_file(&split.name, array, shard);
                let rows = shards.get(&file).and_then(|header| header.shape.first());
                if let Some(rows) = rows.filter(|rows| **rows != frames) {
                    self.find_counts(
                        &file,
                        format!("has {}; the index says {frames}", counted(*rows, "row")),
                    );
                }
            }
        });
        if let Err(what) = looked {
            self.find_counts(name, what);
        }
    }

    /// The rows of `utterances.jsonl` are in order of id and as long as the index says.
    fn utterances(&mut self, split: &SplitCard, shards: &Shards) {
        let name = format!("{}/{UTTERANCES_FILE}", split.name);
        if self.findings.has(&name) {
            return;
        }
        // A wrong index says nothing about the utterances: then only their order is looked at.
        let index_name = format!("{}/{INDEX_FILE}", split.name);
        let mut index = match self.findings.has(&index_name) {
            true => None,
            false => IndexReader::open(&self.root.join(&index_name)).ok(),
        };
        let mut rows = match UtteranceRows::open(&self.root.join(&name)) {
            Ok(rows) => rows,
            Err(error) => return self.find_counts(&name, what(error)),
        };
        let (mut last, mut num_rows) = (None, 0_u64);
        let mut events = EventCount::new(self.card, split, shards);
        while let Some(row) = rows.next() {
            let row = match row {
                Ok(row) => row,
                Err(error) => return self.find_counts(&name, what(error)),
            };
            let expected = index.as_mut().and_then(|index| index.next()?.ok());
            if let Some(expected) = expected.filter(|own| own.num_frames != row.num_frames) {
                let what = format!(
                    "line {}: {:?} has {} frames; the index says {}",
                    rows.line(),
                    row.id,
                    row.num_frames,
                    expected.num_frames
                );
                return self.find_counts(&name, what);
            }
            if let (Some(events), Some(place)) = (&mut events, expected)
                && let Err(what) = events.take(place.shard, &row)
            {
                let what = format!("line {}: {:?} {what}", rows.line(), row.id);
                return self.find_counts(&name, what);
            }
            if let Some(last) = last.filter(|last| *last >= row.id) {
                let what =
                    format!("line {}: {:?} does not come after {last:?}", rows.line(), row.id);
                return self.find_counts(&name, what);
            }
            last = Some(row.id);
            num_rows += 1;
        }
        if num_rows != split.utterances {
            let what = rows_and_utterances(num_rows, split);
            return self.find_counts(&name, what);
        }
        if index.is_some()
            && let Some(events) = events
        {
            for (file, what) in events.finish() {
                self.find_counts(&file, what);
            }
        }
    }

    /// The ledger has as many rows of each split as the card says.
    fn ledger(&mut self) {
        if self.findings.has(FAILURES_FILE) {
            return;
        }
        let mut rows = match FailureRows::open(&self.root.join(FAILURES_FILE)) {
            Ok(rows) => rows,
            Err(error) => return self.find_counts(FAILURES_FILE, what(error)),
        };
        let names = self.card.splits.iter().map(|split| (split.name.as_str(), 0));
        let mut counts: HashMap<&str, u64> = names.collect();
        while let Some(row) = rows.next() {
            let row = match row {
                Ok(row) => row,
                Err(error) => return self.find_counts(FAILURES_FILE, what(error)),
            };
            match counts.get_mut(row.split.as_str()) {
                Some(count) => *count += 1,
                None => {
                    let what = format!("line {}: there is no split {:?}", rows.line(), row.split);
                    return self.find_counts(FAILURES_FILE, what);
                }
            }
        }
        for split in &self.card.splits {
            let found = counts[split.name.as_str()];
            if found != split.failures {
                let what =
                    format!("has {found} of {}; the card says {}", split.name, split.failures);
                self.find_counts(FAILURES_FILE, what);
            }
        }
    }
}

/// The rows of an array of events, counted along the utterances of a split.
struct EventCount<'a> {
    array: &'a str,
    split: &'a str,
    shards: &'a Shards,
    /// The shard of the last utterance, and its events so far.
    shard: usize,
    events: u64,
    /// Shards of other lengths, and how that is said.
    wrong: Vec<(String, String)>,
}

impl<'a> EventCount<'a> {
    /// None where the dataset has no such array.
    fn new(card: &'a Card, split: &'a SplitCard, shards: &'a Shards) -> Option<EventCount<'a>> {
        let (array, _) = card.arrays.iter().find(|(_, array)| array.unit == Unit::Event)?;
        let (split, wrong) = (split.name.as_str(), Vec::new());
        Some(EventCount { array, split, shards, shard: 0, events: 0, wrong })
    }

    fn take(&mut self, shard: usize, row: &UtteranceRow) -> Result<(), String> {
        if shard != self.shard {
            self.end_shard();
            (self.shard, self.events) = (shard, 0);
        }
        let (Some(first), Some(count)) = (row.first_event, row.num_events) else {
            return Err(format!("does not say where its rows of {} are", self.array));
        };
        if first != self.events {
            return Err(format!(
                "begins at row {first} of {}; the utterance before ends at {}",
                self.array, self.events
            ));
        }
        self.events = first.saturating_add(count);
        Ok(())
    }

    fn end_shard(&mut self) {
        let file = shard_file(self.split, self.array, self.shard);
        let rows = self.shards.get(&file).and_then(|header| header.shape.first());
        if let Some(rows) = rows.filter(|rows| **rows != self.events) {
            let what = format!("has {}; the utterances say {}", counted(*rows, "row"), self.events);
            self.wrong.push((file, what));
        }
    }

    fn finish(mut self) -> Vec<(String, String)> {
        self.end_shard();
        self.wrong
    }
}

/// Returns an error unless the index is sound in itself and counts what the card does.
///
/// - `wanted`: how many frames the card says, if it does
fn rows_and_utterances(num_rows: u64, split: &SplitCard) -> String {
    let (rows, utterances) = (counted(num_rows, "row"), counted(split.utterances, "utterance"));
    format!("has {rows}; the card says {utterances}")
}

fn is_index_of(split: &SplitCard, wanted: Option<u64>, path: &Path) -> Result<(), String> {
    let num_rows = IndexReader::open(path).map_err(what)?.num_rows();
    if num_rows != split.utterances {
        return Err(rows_and_utterances(num_rows, split));
    }
    let (mut num_frames, mut num_shards) = (0_u64, 0_u64);
    each_shard(path, |_, frames| {
        num_frames = num_frames.saturating_add(frames);
        num_shards += 1;
    })?;
    let wanted = wanted.unwrap_or(num_frames);
    if (num_frames, num_shards) != (wanted, split.shards) {
        return Err(format!(
            "counts {} in {}; the card says {wanted} in {}",
            counted(num_frames, "frame"),
            counted(num_shards, "shard"),
            split.shards
        ));
    }
    Ok(())
}

/// Calls with the number of every shard and its frames, in order.
///
/// # Errors
/// If a row does not follow on the row before.
fn each_shard(path: &Path, mut seen: impl FnMut(usize, u64)) -> Result<(), String> {
    // An empty split has an empty shard, like any other.
    let (mut shard, mut frames) = (0, 0_u64);
    for (number, row) in IndexReader::open(path).map_err(what)?.enumerate() {
        let IndexRow { shard: own, first_frame, num_frames } = row.map_err(what)?;
        if own == shard + 1 && number > 0 {
            seen(shard, frames);
            (shard, frames) = (own, 0);
        }
        if own != shard || first_frame != frames {
            return Err(format!(
                "row {number} is at frame {first_frame} of shard {own}; the row before ends at \
                 frame {frames} of shard {shard}"
            ));
        }
        frames = frames.saturating_add(num_frames);
    }
    seen(shard, frames);
    Ok(())
}
