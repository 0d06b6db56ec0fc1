//! The shards of a part, written when it is done, where each part is a shard.
//!
//! They lie below `.ossicle/shards/`, in a folder for each part and under the names that its files would have were it the
//! only part; a file beside the folder says of which part they are, and has their hashes. A run that finishes
//! gives them their own names: which number a shard has shows when all parts are there.

use std::collections::BTreeSet;
use std::sync::Mutex;

use ossicle_dataset::{
    FileCard, LocalStore, Place, RegionHash, Store, hash_whole, merge_regions, read_whole,
    write_whole,
};
use serde::{Deserialize, Serialize};

use super::layout::Layout;
use super::regions::RegionWorker;
use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::part::{PartFile, part_name};
use crate::plan::Plan;
use crate::plan::parts::Part;
use crate::run::pool::{self, lock};

/// The folder of shards that have no number yet.
pub(crate) const SHARDS_DIR: &str = ".ossicle/shards";

/// What is said of a part's shards.
#[derive(Debug, Serialize, Deserialize)]
struct PartShards {
    /// BLAKE3 of the part.
    part: String,
    /// A file for each array, in order, as it is called below the part's folder.
    files: Vec<FileCard>,
}

fn folder(part: usize) -> String {
    format!("{SHARDS_DIR}/{part:06}/")
}

fn journal(part: usize) -> String {
    format!("{SHARDS_DIR}/{part:06}.json")
}

/// Writes the shards of parts that are done, and finds them again.
#[derive(Debug)]
pub(crate) struct EarlyShards<'a> {
    plan: &'a Plan,
    store: &'a LocalStore<'a>,
    /// The parts, by their places, whose shards were written by this process.
    written: Mutex<BTreeSet<usize>>,
}

impl<'a> EarlyShards<'a> {
    /// Those at a place; none in an object store, where shards are written when all parts are done.
    pub(crate) fn at(plan: &'a Plan, place: &'a Place<'a>) -> Option<EarlyShards<'a>> {
        match place {
            Place::Folder(store) => Some(EarlyShards { plan, store, written: Mutex::default() }),
            Place::Objects(_) => None,
        }
    }

    /// Takes notice of a part that is done: writes its shards, where each part is one.
    ///
    /// # Errors
    /// If the part cannot be read, or its shards cannot be written.
    pub(crate) fn done(&self, part: &Part) -> Result<(), Error> {
        if !self.plan.are_shards_parts() {
            return Ok(());
        }
        let name = part_name(part.number);
        let file = PartFile::of_job(self.store, &name, &self.plan.job);
        let file =
            file.map_err(|source| Error::LostPart { path: name.into(), source: source.into() })?;
        let place = self.plan.place_of(part);
        self.write(place, &file)?;
        lock(&self.written).insert(place);
        Ok(())
    }

    /// Finds the shards of all parts, and writes those that are not there, or not as they were written. Returns for
    /// each part a file for each array, under its name below the store.
    ///
    /// - `workers`: how many are looked at at once
    ///
    /// # Errors
    /// If a part cannot be read, a shard cannot be written, or it was asked to stop.
    pub(crate) fn gather(
        &self,
        parts: &[PartFile],
        workers: usize,
        stop: &Stop,
    ) -> Result<Vec<Vec<FileCard>>, Error> {
        let found: Vec<Mutex<Vec<FileCard>>> = parts.iter().map(|_| Mutex::default()).collect();
        pool::for_each(workers, parts.len(), |place| {
            stop.check()?;
            let there = self.find(place, &parts[place])?;
            let files = there.map_or_else(|| self.write(place, &parts[place]), Ok)?;
            let folder = folder(self.plan.parts[place].number);
            let below =
                |file: FileCard| FileCard { path: format!("{folder}{}", file.path), ..file };
            *lock(&found[place]) = files.into_iter().map(below).collect();
            Ok::<_, Error>(())
        })?;
        stop.check()?;
        Ok(found.into_iter().map(|files| std::mem::take(&mut *lock(&files))).collect())
    }

    /// Writes the shards of a part.
    ///
    /// - `place`: the part's, among the plan's
    fn write(&self, place: usize, part: &PartFile) -> Result<Vec<FileCard>, Error> {
        let EarlyShards { plan, store, .. } = *self;
        let number = plan.parts[place].number;
        let folder = folder(number);
        let layout = Layout::of_part(plan, place, part.clone(), store)?;
        let mut worker = RegionWorker::new(plan, &layout, store, store, &folder);
        let mut files = Vec::with_capacity(layout.dataset.files.len());
        let mut regions = layout.regions().peekable();
        for (at, file) in layout.dataset.files.iter().enumerate() {
            store.regions(&format!("{folder}{}", file.path), file.bytes)?;
            let mut hashes: Vec<RegionHash> = Vec::new();
            while let Some(order) = regions.next_if(|order| order.file == at) {
                hashes.push(worker.write_region(order)?.hash);
            }
            let (path, bytes) = (file.path.clone(), file.bytes);
            files.push(FileCard { path, bytes, blake3: merge_regions(&hashes) });
        }
        let said = PartShards { part: part.hash(store)?, files };
        let text = serde_json::to_vec(&said).unwrap_or_default();
        write_whole(store, &journal(number), &text, false)?;
        Ok(said.files)
    }

    /// Returns the shards of a part, if they are there as they were written.
    fn find(&self, place: usize, part: &PartFile) -> Result<Option<Vec<FileCard>>, Error> {
        let number = self.plan.parts[place].number;
        let text = read_whole(self.store, &journal(number)).ok();
        let said = text.and_then(|text| serde_json::from_slice::<PartShards>(&text).ok());
        let Some(PartShards { part: of, files }) = said else { return Ok(None) };
        if of != part.hash(self.store)? {
            return Ok(None);
        }
        let folder = folder(number);
        let is_whole = |file: &FileCard| {
            let name = format!("{folder}{}", file.path);
            hash_whole(self.store, &name).is_ok_and(|hash| hash == file.blake3)
        };
        let is_ours = lock(&self.written).contains(&place);
        Ok((is_ours || files.iter().all(is_whole)).then_some(files))
    }
}
