//! Publishing in an object store.
//!
//! Files lie in a folder of their own, so that those of two jobs never mix, and those of one job are the
//! same bytes whoever puts them. The card is the commit. Under `.ossicle/` stand, beside the parts:
//!
//! - `folder`: the name of the folder that is being filled, for who begins another job
//! - `old.json`: the card that was replaced, until the files that it names are removed

use std::hash::{BuildHasher, RandomState};

use crate::card::{Card, read_card};
use crate::error::Error;
use crate::format::names::{CARD_FILE, WORK_DIR, is_folder};
use crate::publish::OLD_CARD;
use crate::store::{ObjectStore, Put, Stat, Store, read_whole, write_whole};

/// The file that names the folder which is being filled.
const FOLDER_FILE: &str = ".ossicle/folder";
/// What files are called that are put on a condition to see whether there are conditions.
const PROBE_FILE: &str = ".ossicle/probe";
/// How often a store may fail to keep a condition before it counts as one that has none.
const PROBES: usize = 3;

/// Refuses a store that puts what it is asked to put on a condition, although the condition does not hold:
/// two runs that publish there at once would mix.
///
/// # Errors
/// [`Error::NoConditions`]; or if nothing can be put there.
pub fn require_conditions(store: &ObjectStore) -> Result<(), Error> {
    // Whoever publishes just now removes all of `.ossicle/`: what is gone in between is no answer.
    for _ in 0..PROBES {
        if keeps_conditions(store)? {
            return Ok(());
        }
    }
    Err(Error::NoConditions { path: store.location().to_string().into() })
}

/// Puts an object, and again on the condition that there is none.
fn keeps_conditions(store: &ObjectStore) -> Result<bool, Error> {
    // A name of its own, since shares of a job begin at once; other bytes, since the same would count as put.
    let random = || format!("{:016x}", RandomState::new().hash_one(PROBE_FILE));
    let probe = format!("{PROBE_FILE}-{}", random());
    store.write_on(&probe, random().into_bytes(), &Put::Always)?;
    let second = store.write_on(&probe, random().into_bytes(), &Put::IfAbsent);
    store.remove(&probe)?;
    match second {
        Err(Error::Present { .. }) => Ok(true),
        Ok(()) | Err(Error::Remote(ossicle_remote::Error::Unsupported { .. })) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Says which folder will be filled, and removes one that a run has left which was stopped.
pub(super) fn begin_files(store: &ObjectStore, hash: &str) -> Result<(), Error> {
    remove_unfinished(store, hash)?;
    store.give_up_below(hash)?;
    write_whole(store, FOLDER_FILE, hash.as_bytes(), false)
}

/// Removes the folder of a run that was stopped, unless it is this one or that of the dataset.
fn remove_unfinished(store: &ObjectStore, hash: &str) -> Result<(), Error> {
    let left = match read_whole(store, FOLDER_FILE) {
        Err(error) if error.is_not_found() => return Ok(()),
        left => left?,
    };
    let Some(left) = String::from_utf8(left).ok().filter(|left| is_folder(left) && left != hash)
    else {
        return Ok(());
    };
    let published = match read_card(store, CARD_FILE) {
        Err(error) if error.is_not_found() => None,
        // What is no card has no folder.
        Err(Error::BadCard { .. }) => None,
        card => card?.folder,
    };
    if published.as_ref() == Some(&left) { Ok(()) } else { store.remove_all(&left) }
}

/// Puts the card, which is the commit.
pub(super) fn put_card(
    store: &ObjectStore,
    card: &Card,
    replaces: Option<&Stat>,
) -> Result<(), Error> {
    let put = match replaces {
        Some(was) => {
            // Its files are removed once the new card is there, and by whoever comes next if this run does
            // not come so far.
            let old = read_whole(store, CARD_FILE)?;
            write_whole(store, OLD_CARD, &old, false)?;
            Put::IfUnchanged(was.clone())
        }
        None => Put::IfAbsent,
    };
    store.write_on(CARD_FILE, card.to_text().into_bytes(), &put)
}

/// Removes what a dataset in an object store needs no more: the files of the one that it has replaced, and
/// all that runs have left there. May be called again after any interruption.
///
/// - `card`: of the dataset that is there
///
/// # Errors
/// If something cannot be read or removed.
pub fn finish_publication(store: &ObjectStore, card: &Card) -> Result<(), Error> {
    match read_card(store, OLD_CARD) {
        // A damaged old card names nothing that could safely be removed.
        Err(Error::BadCard { .. }) => {}
        Err(error) if error.is_not_found() => {}
        old => {
            let old = old?.folder.filter(|old| is_folder(old) && Some(old) != card.folder.as_ref());
            old.map_or(Ok(()), |old| store.remove_all(&old))?;
        }
    }
    store.remove_all(WORK_DIR)
}
