//! Turns a finished stage into a dataset, rolling forward only.
//!
//! While a run is going on, everything it writes is under `.ossicle/` inside the dataset's folder.
//! The files of the new dataset are gathered and synced in `.ossicle/stage/`; the card is put there
//! last, under its final name: that is the commit. From then on every step below can be repeated
//! any number of times, by whoever comes next, and leads to the same dataset:
//!
//! 1. the card in place, if any, is set aside as `.ossicle/old.json`: the old dataset is no more
//! 2. files that it names and the new card does not are removed
//! 3. staged files are renamed into place, and the folders synced
//! 4. `.ossicle/job.json` is removed, so that parts are nobody's; the staged card is renamed into place, and
//!    the folder synced: the new dataset is there
//! 5. `.ossicle/` is removed, but for the parts where `.ossicle/kept.json` says that they are to be kept

use std::collections::HashSet;
use std::io::ErrorKind;

use crate::card::{Card, read_card};
use crate::error::Error;
use crate::format::names::CARD_FILE;
use crate::format::names::{
    JOB_FILE, KEPT_FILE, LOCK_FILE, PARTS_DIR, RUN_FILE, SOURCES_FILE, STAGE_DIR, WORK_DIR,
};
use crate::lock::Lock;
use crate::store::{LocalStore, Put, Store, remove_drafts};

pub(crate) const OLD_CARD: &str = ".ossicle/old.json";
/// The name under which the card is written: in the stage, the card itself is the commit.
const CARD_DRAFT: &str = ".ossicle/card.json";

/// Returns whether a run was stopped after its card was staged, so that [`publish`] has to finish it.
///
/// # Errors
/// If the system does not say: nothing may be done then that takes it for a no.
pub fn is_publishing(store: &LocalStore) -> Result<bool, Error> {
    is_there(store, &staged(CARD_FILE))
}

fn is_there(store: &LocalStore, name: &str) -> Result<bool, Error> {
    store.exists(name).map_err(Error::io("look at", &store.path(name)))
}

/// The name in the stage of a file of the dataset.
pub(crate) fn staged(file: &str) -> String {
    format!("{STAGE_DIR}/{file}")
}

/// Puts the card into the stage, whose other files are all there and synced.
///
/// # Errors
/// If the card cannot be written or the stage cannot be synced.
pub fn stage_card(store: &LocalStore, card: &Card) -> Result<(), Error> {
    let mut spool = store.spool(CARD_DRAFT)?;
    spool.append(card.to_text().as_bytes())?;
    let draft = spool.finish(true)?;
    // The files got their names by renames, which must last before the commit does.
    for split in &card.splits {
        store.sync_folder(&staged(&split.name))?;
    }
    store.sync_folder(STAGE_DIR)?;
    store.put(draft, &staged(CARD_FILE), Put::Always)?;
    store.sync_folder(STAGE_DIR)
}

/// Reads the card of a dataset that is staged.
///
/// # Errors
/// If there is none, or it cannot be read.
pub fn staged_card(store: &LocalStore) -> Result<Card, Error> {
    read_card(store, &staged(CARD_FILE))
}

/// Makes what is staged the dataset of the store. May be called again after any interruption.
///
/// # Errors
/// If a file cannot be removed, renamed or synced; the dataset can be finished by another call.
pub fn publish(store: &LocalStore) -> Result<(), Error> {
    if !is_publishing(store)? && is_there(store, CARD_FILE)? {
        // An earlier call came as far as the last step.
        remove_work(store)?;
        return store.sync_folder("");
    }
    let card = staged_card(store)?;
    if is_there(store, CARD_FILE)? {
        let set_aside = store.rename(CARD_FILE, OLD_CARD);
        set_aside.map_err(Error::io("set aside", &store.path(CARD_FILE)))?;
        store.sync_folder("")?;
    }
    if is_there(store, OLD_CARD)? {
        remove_old_files(store, &card)?;
    }
    for split in &card.splits {
        let made = store.create_folder(&split.name);
        made.map_err(Error::io("create", &store.path(&split.name)))?;
    }
    let unchecked = [RUN_FILE, SOURCES_FILE];
    for file in card.files.iter().map(|file| file.path.as_str()).chain(unchecked) {
        match store.rename(&staged(file), file) {
            // Renamed by an earlier call, unless somebody has removed it.
            Err(error)
                if error.kind() == ErrorKind::NotFound
                    && (unchecked.contains(&file) || is_there(store, file)?) => {}
            renamed => renamed.map_err(Error::io("rename to", &store.path(file)))?,
        }
    }
    for split in &card.splits {
        store.sync_folder(&split.name)?;
    }
    store.sync_folder("")?;
    // Its parts are no run's once the dataset is there. Should they not all be removed, nobody takes them
    // for those of another run.
    store.remove(JOB_FILE)?;
    let renamed = store.rename(&staged(CARD_FILE), CARD_FILE);
    renamed.map_err(Error::io("rename to", &store.path(CARD_FILE)))?;
    store.sync_folder("")?;
    remove_work(store)?;
    store.sync_folder("")
}

/// Removes `.ossicle/`, the lock last: until then nobody else begins there, and what somebody puts there
/// after that is not ours to remove. Parts that are to be kept stay, and what says so.
///
/// # Errors
/// If something in it cannot be removed.
pub fn remove_work(store: &LocalStore) -> Result<(), Error> {
    let kept: &[&str] = match is_there(store, KEPT_FILE)? {
        true => &[LOCK_FILE, word(PARTS_DIR), word(KEPT_FILE)],
        false => &[LOCK_FILE],
    };
    store.empty_folder(WORK_DIR, kept)?;
    remove_drafts(store, &format!("{PARTS_DIR}/"))?;
    Lock::remove(store)?;
    // One that is not empty is another run's, which has begun.
    let removed = store.remove_folder_if_empty(WORK_DIR);
    removed.map_err(Error::io("remove", &store.path(WORK_DIR)))
}

/// The last word of a name.
fn word(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, word)| word)
}

/// Removes the files of the old dataset that the new one does not overwrite.
fn remove_old_files(store: &LocalStore, new: &Card) -> Result<(), Error> {
    let old = match read_card(store, OLD_CARD) {
        // A damaged old card names nothing that could safely be removed.
        Err(Error::BadCard { .. }) => return Ok(()),
        old => old?,
    };
    let kept: HashSet<_> = new.files.iter().map(|file| &file.path).collect();
    for file in old.files.iter().filter(|file| !kept.contains(&file.path)) {
        store.remove(&file.path)?;
    }
    for split in &old.splits {
        // Only if nothing else is in it.
        let _ = store.remove_folder_if_empty(&split.name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::tests::empty_card;
    use crate::{FileCard, HashingSpool, SplitCard};
    use std::fs;
    use std::path::{Path, PathBuf};

    const A: &str = "index.npy";
    const B: &str = "features-00000.npy";
    const C: &str = "features-00001.npy";

    /// Stages a dataset of one split whose files say `text`, and returns its card.
    fn stage(root: &Path, split: &str, files: &[&str], text: &str) -> Card {
        let store = LocalStore::new(root);
        let mut card = empty_card();
        for file in files {
            let path = format!("{split}/{file}");
            let mut out = HashingSpool::new(store.spool(&staged(&path)).unwrap());
            out.append(text.as_bytes()).unwrap();
            let (draft, bytes, blake3) = out.finish(false).unwrap();
            store.put(draft, &staged(&path), Put::Always).unwrap();
            card.files.push(FileCard { path, bytes, blake3 });
        }
        card.splits.push(SplitCard {
            name: split.into(),
            utterances: 0,
            frames: 0,
            duration_s: 0.0,
            failures: 0,
            left_out: 0,
            shards: 1,
        });
        stage_card(&store, &card).unwrap();
        card
    }

    /// Every file and folder below, with the text of files.
    fn tree(root: &Path) -> Vec<(PathBuf, Option<String>)> {
        let mut found = Vec::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(root).unwrap().to_owned();
                if path.is_dir() {
                    found.push((name, None));
                    folders.push(path);
                } else {
                    found.push((name, Some(fs::read_to_string(path).unwrap())));
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn a_new_dataset_replaces_the_old_and_leaves_the_users_own_files() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        stage(root, "train", &[A, B], "old");
        publish(&LocalStore::new(root)).unwrap();
        fs::write(root.join("train/notes.txt"), "mine").unwrap();
        let card = stage(root, "test", &[A], "new");
        publish(&LocalStore::new(root)).unwrap();
        let names: Vec<_> = tree(root).into_iter().map(|(name, _)| name).collect();
        let expected = ["dataset.json", "test", "test/index.npy", "train", "train/notes.txt"];
        assert_eq!(names, expected.map(PathBuf::from));
        assert_eq!(read_card(&LocalStore::new(root), CARD_FILE).unwrap(), card);
    }

    #[test]
    fn publishing_can_be_finished_from_any_state_it_was_stopped_in() {
        // The states are those that stopping before each rename or removal leaves behind.
        let make = || {
            let folder = tempfile::tempdir().unwrap();
            stage(folder.path(), "train", &[A, B], "old");
            publish(&LocalStore::new(folder.path())).unwrap();
            stage(folder.path(), "train", &[A, C], "new");
            folder
        };
        let whole = make();
        publish(&LocalStore::new(whole.path())).unwrap();
        let expected = tree(whole.path());
        let steps: [fn(&Path); 5] = [
            |root| fs::rename(root.join(CARD_FILE), root.join(OLD_CARD)).unwrap(),
            |root| fs::remove_file(root.join("train").join(B)).unwrap(),
            |root| {
                fs::rename(root.join(STAGE_DIR).join("train").join(A), root.join("train").join(A))
                    .unwrap()
            },
            |root| {
                fs::rename(root.join(STAGE_DIR).join("train").join(C), root.join("train").join(C))
                    .unwrap()
            },
            |_| {},
        ];
        for stop in 0..steps.len() {
            let folder = make();
            assert!(is_publishing(&LocalStore::new(folder.path())).unwrap());
            steps[..=stop].iter().for_each(|step| step(folder.path()));
            publish(&LocalStore::new(folder.path())).unwrap();
            assert_eq!(tree(folder.path()), expected, "stopped after step {stop}");
        }
    }
}
