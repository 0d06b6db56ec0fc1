//! The way from parts to a published dataset.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use ossicle_dataset::{
    ArrayFile, Card, DatasetLayout, FileCard, KEPT_FILE, Place, RegionHash, RegionOrder, STAGE_DIR,
    Stat, Store, merge_regions,
};

use crate::bounds::stop::Stop;
use crate::error::Error;
use crate::events::{Event, Observer};
use crate::merge::{EarlyShards, Layout, RegionWorker, Written, card, merge, write_lists};
use crate::notice::Notice;
use crate::part::{Note, Noted, PartFile};
use crate::plan::Plan;
use crate::rates;
use crate::run::pool::{self, lock};
use crate::update;

/// The options of finishing a dataset.
#[derive(Clone, Copy)]
pub(crate) struct FinishOptions<'a> {
    pub(crate) workers: usize,
    /// Leaves the parts where they are.
    pub(crate) keep_parts: bool,
    pub(crate) stop: &'a Stop,
    pub(crate) observer: &'a dyn Observer,
    /// The card that the new one replaces, where that is a condition.
    pub(crate) replaces: Option<&'a Stat>,
}

/// Writes and publishes the dataset of parts that are all there.
///
/// - `shards`: what was written while parts were computed
/// - `run`: what `run.json` says
pub(crate) fn finish(
    plan: &Plan,
    place: &Place<'_>,
    parts: Vec<PartFile>,
    (shards, options): (Option<&EarlyShards<'_>>, FinishOptions<'_>),
    run: &serde_json::Value,
) -> Result<Card, Error> {
    let observer = options.observer;
    let layout = merge(plan, parts, place.store())?;
    // Headers were only looked at here and there.
    let stored = rates::stored(&layout.parts);
    for notice in stored.resampled(plan.recipe()) {
        observer.on(Event::Notice(&notice));
    }
    // Of what is resampled, those that frames have.
    let rates = stored.into_list(plan.recipe());
    rates::refuse(plan, &rates)?;
    for ((_, array), columns) in plan.arrays.normalized().zip(&layout.constant) {
        if let Some(&first) = columns.first() {
            observer.on(Event::Notice(&Notice::ConstantColumns {
                array: array.name.clone(),
                count: columns.len() as u64,
                first: array.wide_name(first),
            }));
        }
    }
    type Tell = fn(u64, String) -> Notice;
    let notes: [(Note, Tell); 6] = [
        (Note::EndedEarly, |count, first| Notice::SearchEndedEarly { count, first }),
        (Note::FirstOfSeveral, |count, first| Notice::FirstOfSeveral { count, first }),
        (Note::SilentChannel, |count, first| Notice::SilentChannel { count, first }),
        (Note::LoudFloats, |count, first| Notice::LoudFloats { count, first }),
        (Note::Latin1, |count, first| Notice::Latin1Alignments { count, first }),
        (Note::ClippedSamples, |count, first| Notice::ClippedSamples { count, first }),
    ];
    for (note, tell) in notes {
        let noted = layout.parts.iter().filter_map(|part| part.footer.noted(note));
        if let Some(Noted { first, .. }) = noted.clone().next() {
            let (count, first) = (noted.map(|of_part| of_part.count).sum(), first.clone());
            observer.on(Event::Notice(&tell(count, first)));
        }
    }
    if rates.len() > 1 {
        let rates_hz = rates.into_iter().map(|rate| rate.sample_rate_hz).collect();
        observer.on(Event::Notice(&Notice::SampleRates { rates_hz }));
    }
    let made = match plan.are_shards_parts() {
        true => stage_shards(&layout, shards, place, options)?,
        false => BTreeMap::new(),
    };
    let made_bytes: u64 = made.values().map(|file| file.bytes).sum();
    observer.on(Event::Finishing { bytes: layout.bytes() - made_bytes });
    let written = write_arrays(plan, &layout, &made, place, options)?;
    if let Place::Folder(store) = place
        && options.keep_parts
    {
        update::keep(plan, &layout.parts, run, store)?;
    }
    let arrays = array_cards(&layout.dataset, &written, made);
    publish_files(plan, &layout, arrays, (place, options.replaces), options.workers, run)
}

/// Gives the shards of parts their names in the stage. Returns them by their places in the layout.
fn stage_shards(
    layout: &Layout,
    shards: Option<&EarlyShards<'_>>,
    place: &Place<'_>,
    options: FinishOptions<'_>,
) -> Result<BTreeMap<usize, FileCard>, Error> {
    // In an object store nothing is renamed: there they are written as all others are.
    let (Some(shards), Place::Folder(store)) = (shards, place) else {
        return Ok(BTreeMap::new());
    };
    let gathered = shards.gather(&layout.parts, options.workers, options.stop)?;
    let stage = format!("{STAGE_DIR}/");
    let mut made = BTreeMap::new();
    for (number, file) in layout.dataset.files.iter().enumerate() {
        let Some(part) = layout.part_of_file(number) else { continue };
        let (FileCard { path: from, bytes, blake3 }, path) =
            (gathered[part][file.array].clone(), file.path.clone());
        let to = format!("{stage}{path}");
        let folder = to.rsplit_once('/').map_or("", |(folder, _)| folder);
        let there = store.create_folder(folder);
        there.map_err(Error::io("create the folder", &store.path(folder)))?;
        store.rename(&from, &to).map_err(Error::io("rename to", &store.path(&to)))?;
        made.insert(number, FileCard { path, bytes, blake3 });
    }
    Ok(made)
}

/// Writes all array files but those that are made already, region by region.
fn write_arrays(
    plan: &Plan,
    layout: &Layout,
    made: &BTreeMap<usize, FileCard>,
    place: &Place<'_>,
    options: FinishOptions<'_>,
) -> Result<Vec<Written>, Error> {
    let folder = place.begin_files(&layout.hash(plan))?;
    let store = place.store();
    let files = layout.dataset.files.iter().enumerate();
    for (_, file) in files.filter(|(number, _)| !made.contains_key(number)) {
        store.regions(&format!("{folder}{}", file.path), file.bytes)?;
    }
    let is_left = |order: &RegionOrder| !made.contains_key(&order.file);
    let orders: Vec<RegionOrder> = layout.regions().filter(is_left).collect();
    let written = Mutex::new(Vec::with_capacity(orders.len()));
    let start = || Ok(RegionWorker::new(plan, layout, store, store, &folder));
    let work = |worker: &mut RegionWorker<'_>, number: usize| {
        options.stop.check()?;
        let region = worker.write_region(orders[number])?;
        lock(&written).push(region);
        Ok::<_, Error>(())
    };
    pool::run(options.workers, orders.len(), start, work, drop)?;
    Ok(written.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// Publishes a dataset whose array files are written: writes its lists and its card beside them, and gives
/// all of them their names.
///
/// - `written`: every region of the layout, in any order, written to the place's
///   [folder of files](Place::files) by the store that began them
/// - `place`: that of the dataset; if it is a folder, nobody else writes to it
/// - `replaces`: in an object store, the card that was there when the run began
/// - `workers`: how many threads wait for the disk at once
/// - `run`: what `run.json` says, which is no part of the dataset
///
/// # Errors
/// If anything cannot be read or written. Once the card is staged, opening the folder for another run
/// finishes what was begun.
///
/// # Panics
/// If a region is missing.
pub fn publish(
    plan: &Plan,
    layout: &Layout,
    written: &[Written],
    (place, replaces): (&Place<'_>, Option<&Stat>),
    workers: usize,
    run: &serde_json::Value,
) -> Result<Card, Error> {
    let arrays = array_cards(&layout.dataset, written, BTreeMap::new());
    publish_files(plan, layout, arrays, (place, replaces), workers, run)
}

/// Publishes a dataset whose array files are in the stage.
///
/// - `files`: of the card, those of arrays
fn publish_files(
    plan: &Plan,
    layout: &Layout,
    mut files: Vec<FileCard>,
    (place, replaces): (&Place<'_>, Option<&Stat>),
    workers: usize,
    run: &serde_json::Value,
) -> Result<Card, Error> {
    let hash = layout.hash(plan);
    let (folder, store) = (place.files(&hash), place.store());
    let arrays = &layout.dataset.files;
    pool::for_each(workers, arrays.len(), |file| {
        Ok::<_, Error>(store.region_writer(&format!("{folder}{}", arrays[file].path))?.commit()?)
    })?;
    files.extend(write_lists(plan, layout, store, &folder)?);
    files.sort_by(|a, b| a.path.cmp(&b.path));

    let card = card(plan, layout, files, place.folder(&hash))?;
    place.commit(&card, &hash, replaces, &format!("{run:#}\n"))?;
    // That is the commit: parts have had their use, unless they are to be kept. Freeing their memory is work for
    // all workers; what fails here is removed with the folder. A store removes them all at once.
    if let Place::Folder(store) = place {
        let parts = if store.stat(KEPT_FILE)?.is_some() { &[][..] } else { &layout.parts };
        pool::for_each(workers, parts.len(), |part| {
            let _ = store.remove(parts[part].name());
            Ok::<_, Error>(())
        })?;
    }
    place.publish(&card)?;
    Ok(card)
}

/// Makes the card's entries of array files: the hash of each is made of its regions' hashes.
///
/// - `made`: those that are known, by their places
fn array_cards(
    layout: &DatasetLayout,
    written: &[Written],
    mut made: BTreeMap<usize, FileCard>,
) -> Vec<FileCard> {
    let mut hashes: HashMap<usize, Vec<(u64, RegionHash)>> = HashMap::new();
    for Written { order, hash } in written {
        hashes.entry(order.file).or_default().push((order.region, *hash));
    }
    let files = layout.files.iter().enumerate();
    let card = |(number, file): (usize, &ArrayFile)| {
        if let Some(made) = made.remove(&number) {
            return made;
        }
        let mut regions = hashes.remove(&number).unwrap_or_default();
        regions.sort_unstable_by_key(|(region, _)| *region);
        regions.dedup_by_key(|(region, _)| *region);
        assert_eq!(
            regions.len() as u64,
            layout.regions_of(file),
            "{}: regions are missing",
            file.path
        );
        let regions: Vec<_> = regions.into_iter().map(|(_, hash)| hash).collect();
        let (path, bytes) = (file.path.clone(), file.bytes);
        FileCard { path, bytes, blake3: merge_regions(&regions) }
    };
    files.map(card).collect()
}
