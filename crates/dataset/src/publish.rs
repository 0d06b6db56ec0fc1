//! From a finished stage to a dataset, rolling forward only.
//!
//! While a run is going on, everything it writes is under `.ossicle/` inside the dataset's folder.
//! The files of the new dataset are gathered and synced in `.ossicle/stage/`; the card is put there
//! last, under its final name: that is the commit. From then on every step below can be repeated
//! any number of times, by whoever comes next, and leads to the same dataset:
//!
//! 1. the card in place, if any, is set aside as `.ossicle/old.json`: the old dataset is no more
//! 2. files that it names and the new card does not are removed
//! 3. staged files are renamed into place, and the folders synced
//! 4. the staged card is renamed into place, and the folder synced: the new dataset is there
//! 5. `.ossicle/` is removed

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::card::{CARD_FILE, Card, read_card};
use crate::error::Error;
use crate::layout::RUN_FILE;

/// Everything but the dataset's own files is in this folder while a run is going on.
pub const WORK_DIR: &str = ".ossicle";
/// Where the files of the new dataset are gathered.
pub const STAGE_DIR: &str = ".ossicle/stage";

/// What a run locks, in [`WORK_DIR`].
pub const LOCK_FILE: &str = "lock";

const OLD_CARD: &str = ".ossicle/old.json";

/// Whether a run was stopped after its card was staged, so that [`publish`] has to finish it.
///
/// # Errors
/// If the system does not say: nothing may be done then that takes it for a no.
pub fn is_publishing(root: &Path) -> Result<bool, Error> {
    is_there(&root.join(STAGE_DIR).join(CARD_FILE))
}

fn is_there(path: &Path) -> Result<bool, Error> {
    path.try_exists().map_err(Error::io("look at", path))
}

/// Puts the card into the stage, whose other files are all there and synced.
///
/// # Errors
/// If the card cannot be written or the stage cannot be synced.
pub fn stage_card(root: &Path, card: &Card) -> Result<(), Error> {
    let stage = root.join(STAGE_DIR);
    let (draft, path) = (root.join(WORK_DIR).join("card.draft"), stage.join(CARD_FILE));
    let mut file = File::create(&draft).map_err(Error::io("create", &draft))?;
    file.write_all(card.to_text().as_bytes()).map_err(Error::io("write", &draft))?;
    file.sync_all().map_err(Error::io("sync", &draft))?;
    for split in &card.splits {
        sync_dir(&stage.join(&split.name))?;
    }
    fs::rename(&draft, &path).map_err(Error::io("rename to", &path))?;
    sync_dir(&stage)
}

/// Makes what is staged the dataset at `root`. May be called again after any interruption.
///
/// # Errors
/// If a file cannot be removed, renamed or synced; the dataset can be finished by another call.
pub fn publish(root: &Path) -> Result<(), Error> {
    let stage = root.join(STAGE_DIR);
    let (staged_card, card_path) = (stage.join(CARD_FILE), root.join(CARD_FILE));
    if !is_publishing(root)? && is_there(&card_path)? {
        // An earlier call came as far as the last step.
        remove_work(root)?;
        return sync_dir(root);
    }
    let card = read_card(&staged_card)?;
    let old_path = root.join(OLD_CARD);
    if is_there(&card_path)? {
        fs::rename(&card_path, &old_path).map_err(Error::io("set aside", &card_path))?;
        sync_dir(root)?;
    }
    if is_there(&old_path)? {
        remove_old_files(root, &old_path, &card)?;
    }
    for split in &card.splits {
        let folder = root.join(&split.name);
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    }
    for file in card.files.iter().map(|file| file.path.as_str()).chain([RUN_FILE]) {
        let (from, to) = (stage.join(file), root.join(file));
        match fs::rename(&from, &to) {
            // Renamed by an earlier call, unless somebody has removed it.
            Err(error)
                if error.kind() == ErrorKind::NotFound && (file == RUN_FILE || is_there(&to)?) => {}
            renamed => renamed.map_err(Error::io("rename to", &to))?,
        }
    }
    for split in &card.splits {
        sync_dir(&root.join(&split.name))?;
    }
    sync_dir(root)?;
    fs::rename(&staged_card, &card_path).map_err(Error::io("rename to", &card_path))?;
    sync_dir(root)?;
    remove_work(root)?;
    sync_dir(root)
}

/// Removes `.ossicle/`, the lock last: until then nobody else begins there, and what somebody puts there
/// after that is not ours to remove.
///
/// # Errors
/// If something in it cannot be removed.
pub fn remove_work(root: &Path) -> Result<(), Error> {
    let work = root.join(WORK_DIR);
    let entries = match fs::read_dir(&work) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(Error::io("read the folder", &work))?,
    };
    for entry in entries {
        let entry = entry.map_err(Error::io("read the folder", &work))?;
        if entry.file_name() == LOCK_FILE {
            continue;
        }
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(Error::io("remove", &path))?;
    }
    let lock = work.join(LOCK_FILE);
    match fs::remove_file(&lock) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        removed => removed.map_err(Error::io("remove", &lock))?,
    }
    match fs::remove_dir(&work) {
        // Another run has begun.
        Err(error)
            if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty) =>
        {
            Ok(())
        }
        removed => removed.map_err(Error::io("remove", &work)),
    }
}

/// Removes the files of the old dataset that the new one does not overwrite.
fn remove_old_files(root: &Path, old_card: &Path, new: &Card) -> Result<(), Error> {
    let old = match read_card(old_card) {
        // A damaged old card names nothing that could safely be removed.
        Err(Error::BadCard { .. }) => return Ok(()),
        old => old?,
    };
    let kept: HashSet<_> = new.files.iter().map(|file| &file.path).collect();
    for file in old.files.iter().filter(|file| !kept.contains(&file.path)) {
        let path = root.join(&file.path);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            removed => removed.map_err(Error::io("remove", &path))?,
        }
    }
    for split in &old.splits {
        // Only if nothing else is in it.
        let _ = fs::remove_dir(root.join(&split.name));
    }
    Ok(())
}

/// Makes the renames within a folder last.
///
/// # Errors
/// If the folder cannot be opened or synced.
pub fn sync_dir(path: &Path) -> Result<(), Error> {
    let folder = File::open(path).map_err(Error::io("open", path))?;
    folder.sync_all().map_err(Error::io("sync", path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::tests::empty_card;
    use crate::{FileCard, HashingFile, SplitCard};
    use std::path::PathBuf;

    /// Stages a dataset of one split whose files say `text`, and returns its card.
    fn stage(root: &Path, split: &str, files: &[&str], text: &str) -> Card {
        let folder = root.join(STAGE_DIR).join(split);
        fs::create_dir_all(&folder).unwrap();
        let mut card = empty_card();
        for file in files {
            let mut out = HashingFile::create(&folder.join(file)).unwrap();
            out.append(text.as_bytes()).unwrap();
            let (bytes, blake3) = out.finish().unwrap();
            card.files.push(FileCard { path: format!("{split}/{file}"), bytes, blake3 });
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
        stage_card(root, &card).unwrap();
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
        stage(root, "train", &["a", "b"], "old");
        publish(root).unwrap();
        fs::write(root.join("train/notes.txt"), "mine").unwrap();
        let card = stage(root, "test", &["a"], "new");
        publish(root).unwrap();
        let names: Vec<_> = tree(root).into_iter().map(|(name, _)| name).collect();
        let expected = ["dataset.json", "test", "test/a", "train", "train/notes.txt"];
        assert_eq!(names, expected.map(PathBuf::from));
        assert_eq!(read_card(&root.join(CARD_FILE)).unwrap(), card);
    }

    #[test]
    fn publishing_can_be_finished_from_any_state_it_was_stopped_in() {
        // The states are those that stopping before each rename or removal leaves behind.
        let make = || {
            let folder = tempfile::tempdir().unwrap();
            stage(folder.path(), "train", &["a", "b"], "old");
            publish(folder.path()).unwrap();
            stage(folder.path(), "train", &["a", "c"], "new");
            folder
        };
        let whole = make();
        publish(whole.path()).unwrap();
        let expected = tree(whole.path());
        let steps: [fn(&Path); 5] = [
            |root| fs::rename(root.join(CARD_FILE), root.join(OLD_CARD)).unwrap(),
            |root| fs::remove_file(root.join("train/b")).unwrap(),
            |root| fs::rename(root.join(STAGE_DIR).join("train/a"), root.join("train/a")).unwrap(),
            |root| fs::rename(root.join(STAGE_DIR).join("train/c"), root.join("train/c")).unwrap(),
            |_| {},
        ];
        for stop in 0..steps.len() {
            let folder = make();
            assert!(is_publishing(folder.path()).unwrap());
            steps[..=stop].iter().for_each(|step| step(folder.path()));
            publish(folder.path()).unwrap();
            assert_eq!(tree(folder.path()), expected, "stopped after step {stop}");
        }
    }
}
