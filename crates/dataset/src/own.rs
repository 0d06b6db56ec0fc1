//! Whether what lies in an output folder is of the kinds that a run leaves there, and whose it is.
//!
//! Looked at before anything is changed. What others put there later meets descriptors that follow no link.

use crate::card::read_card;
use crate::error::Error;
use crate::format::names::{
    CARD_FILE, FAILURES_FILE, RUN_FILE, SOURCES_FILE, WORK_DIR, is_split_file,
};
use crate::publish::{OLD_CARD, staged};
use crate::store::LocalStore;

/// Returns an error if a link, a pipe or the like is anywhere where a run reads, writes, renames or removes:
/// as a file at the top, as a split's folder or a file of the format in it, as `.ossicle` or anywhere in it.
/// Other files, which are the user's, may be links.
///
/// - `splits`: the folders that the run will write to; those of the datasets that are there are looked at too
///
/// # Errors
/// [`Error::OutOfPlace`]; or if the system does not say what is there.
pub fn require_own<'a>(
    store: &LocalStore,
    splits: impl IntoIterator<Item = &'a str>,
) -> Result<(), Error> {
    for file in [CARD_FILE, RUN_FILE, SOURCES_FILE, FAILURES_FILE] {
        store.require_file(file)?;
    }
    store.require_plain_folder(WORK_DIR, None)?;
    let require_split = |split: &str| store.require_plain_folder(split, Some(is_split_file));
    splits.into_iter().try_for_each(require_split)?;
    for card in [CARD_FILE, OLD_CARD, &staged(CARD_FILE)] {
        let named = match read_card(store, card) {
            // What is no card names nothing, and is another step's to refuse.
            Err(Error::BadCard { .. }) => continue,
            Err(error) if error.is_nothing() => continue,
            named => named?,
        };
        named.splits.iter().map(|split| split.name.as_str()).try_for_each(require_split)?;
        if card == staged(CARD_FILE) {
            // What is not there any more is in place already.
            let files = named.files.iter().map(|file| file.path.as_str());
            let mut files = files.chain([RUN_FILE, SOURCES_FILE]);
            files.try_for_each(|file| store.require_file(&staged(file)))?;
        }
    }
    Ok(())
}

/// Returns an error if one of these is another user's than the one whose this process is. What is not there
/// is nobody's.
///
/// # Errors
/// [`Error::OfAnother`]; or if the system does not say.
pub fn require_owned(store: &LocalStore, names: &[&str]) -> Result<(), Error> {
    let us = rustix::process::geteuid().as_raw();
    for name in names {
        let path = store.path(name);
        match store.owner(name).map_err(Error::io("look at", &path))? {
            Some(owner) if owner != us => return Err(Error::OfAnother { path, owner }),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::tests::{empty_card, split};
    use crate::store::write_whole;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn store() -> (tempfile::TempDir, LocalStore<'static>) {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path());
        for file in ["train/index.npy", "notes/mine", ".ossicle/lock", ".ossicle/parts/0.part"] {
            write_whole(&store, file, b"", false).unwrap();
        }
        (folder, store)
    }

    #[test]
    fn a_link_is_refused_wherever_a_run_writes() {
        for name in [
            "dataset.json",
            "run.json",
            "failures.jsonl",
            "valid",
            "train/utterances.jsonl",
            "train/features-00007.npy",
            "train/index-pitch.npy",
            ".ossicle/job.json",
            ".ossicle/job.host-1.draft",
            ".ossicle/stage",
            ".ossicle/parts/1.part",
            ".ossicle/repair/.ossicle/lock",
        ] {
            let (folder, store) = store();
            require_own(&store, ["train", "valid"]).unwrap();
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink("/nowhere", &path).unwrap();
            let error = require_own(&store, ["train", "valid"]).unwrap_err().to_string();
            let expected = format!("{} is a symbolic link, where a fi", path.display());
            let of_folder = format!("{} is a symbolic link, where a fo", path.display());
            assert!(error.starts_with(&expected) || error.starts_with(&of_folder), "{error}");
        }
        let (folder, store) = store();
        fs::rename(folder.path().join(".ossicle"), folder.path().join("there")).unwrap();
        symlink("there", folder.path().join(".ossicle")).unwrap();
        let error = require_own(&store, []).unwrap_err().to_string();
        assert!(error.ends_with(".ossicle is a symbolic link, where a folder belongs"), "{error}");
    }

    #[test]
    fn the_users_own_links_stay() {
        let (folder, store) = store();
        for name in ["notes/link", "more", "train/notes.txt", "train/thesis.npy"] {
            symlink("/nowhere", folder.path().join(name)).unwrap();
        }
        require_own(&store, ["train", "valid"]).unwrap();
    }

    #[test]
    fn splits_of_the_datasets_that_are_there_are_looked_at_too() {
        for card_name in ["dataset.json", ".ossicle/old.json", ".ossicle/stage/dataset.json"] {
            let (folder, store) = store();
            symlink("train", folder.path().join("test")).unwrap();
            require_own(&store, ["train"]).unwrap();
            let mut card = empty_card();
            card.splits = vec![split("test")];
            write_whole(&store, card_name, card.to_text().as_bytes(), false).unwrap();
            let error = require_own(&store, ["train"]).unwrap_err().to_string();
            assert!(error.ends_with("test is a symbolic link, where a folder belongs"), "{error}");
        }
    }

    #[test]
    fn a_folder_that_is_staged_as_a_file_is_refused() {
        let (folder, store) = store();
        let mut card = empty_card();
        card.splits = vec![split("train")];
        card.files =
            vec![crate::FileCard { path: "train/index.npy".into(), bytes: 0, blake3: "0".into() }];
        let text = card.to_text();
        write_whole(&store, ".ossicle/stage/dataset.json", text.as_bytes(), false).unwrap();
        require_own(&store, []).unwrap();
        for file in ["train/index.npy", "run.json"] {
            let path = folder.path().join(".ossicle/stage").join(file);
            fs::create_dir_all(&path).unwrap();
            let error = require_own(&store, []).unwrap_err().to_string();
            let expected = format!("{} is a folder, where a file belongs", path.display());
            assert_eq!(error, expected);
            fs::remove_dir(&path).unwrap();
        }
    }

    #[test]
    fn what_another_user_has_left_is_told() {
        let (folder, store) = store();
        let owner = store.owner(".ossicle/lock").unwrap();
        assert_eq!(owner, Some(rustix::process::geteuid().as_raw()));
        require_owned(&store, &[".ossicle", ".ossicle/lock", "none/at/all"]).unwrap();
        // The top of the system is root's: the one who is not root is another.
        let system = LocalStore::new("/");
        match owner {
            Some(0) => {
                let path = folder.path().join(".ossicle/lock");
                std::os::unix::fs::chown(&path, Some(12_345), None).unwrap();
                let error = require_owned(&store, &[".ossicle", ".ossicle/lock"]).unwrap_err();
                assert!(matches!(error, Error::OfAnother { owner: 12_345, .. }), "{error}");
            }
            _ => {
                let error = require_owned(&system, &["etc"]).unwrap_err();
                assert!(matches!(error, Error::OfAnother { owner: 0, .. }), "{error}");
            }
        }
    }
}
