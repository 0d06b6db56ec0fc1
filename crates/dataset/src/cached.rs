//! Datasets of object stores, copied to a folder of this machine to be read and mapped.
//!
//! A copy is in a folder named by its card's BLAKE3, as the dataset lies in its store. Every file is hashed
//! while it comes and gets its name when it is whole, so that a copy that was broken off is gone on with.
//! Together the copies have a bound: what was not used for longest goes first.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::card::{Card, FileCard, published_card};
use crate::error::Error;
use crate::format::names::CARD_FILE;
use crate::place::Place;
use crate::store::{ReadAt, Store};

/// The bytes that all copies have together, at most, unless one alone has more: then nothing is copied.
const MOST_BYTES: u64 = 64 << 30;
/// The variable that says otherwise, in bytes.
const MOST_BYTES_VARIABLE: &str = "OSSICLE_CACHE_BYTES";
const PIECE_BYTES: usize = 4 << 20;

/// The treatment of a file that is not what its card says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// It is an error: the dataset is to be read.
    Refused,
    /// It is copied as it is, and one that is missing is left out: the dataset is to be verified.
    Kept,
}

/// Returns the folder of a dataset: its own, or that of a copy if it is in an object store.
///
/// # Errors
/// If there is none, it is damaged, it cannot be copied, or it has more bytes than copies may have.
pub fn local_copy(root: &Path, damage: Damage) -> Result<PathBuf, Error> {
    if !ossicle_files::is_url(root) {
        return Ok(root.to_owned());
    }
    copy_to(&Place::at(root)?, &cache_folder()?, most_bytes(), damage)
}

/// The folder of copies: that of caches of the user (XDG Base Directory Specification 0.8).
fn cache_folder() -> Result<PathBuf, Error> {
    let of = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let caches = of("XDG_CACHE_HOME").or_else(|| Some(of("HOME")?.join(".cache")));
    let none =
        || Error::io("find a folder of caches in", Path::new("HOME"))(ErrorKind::NotFound.into());
    Ok(caches.ok_or_else(none)?.join("ossicle/datasets"))
}

fn most_bytes() -> u64 {
    let said = std::env::var(MOST_BYTES_VARIABLE).ok().and_then(|text| text.parse().ok());
    said.unwrap_or(MOST_BYTES)
}

fn copy_to(place: &Place<'_>, caches: &Path, most: u64, damage: Damage) -> Result<PathBuf, Error> {
    let store = place.store();
    let card = published_card(store)?.ok_or_else(|| Error::NoCard { path: place.root() })?;
    let text = card.to_text();
    let name = blake3::hash(text.as_bytes()).to_hex()[..32].to_owned();
    let copy = caches.join(name);
    let bytes = card.files.iter().map(|file| file.bytes).fold(0, u64::saturating_add);
    if bytes > most {
        let reason = format!(
            "has {bytes} bytes, more than the {most} that copies may have ({MOST_BYTES_VARIABLE})"
        );
        return Err(Error::bad_file(&place.root(), reason));
    }
    make_room(caches, &copy, most - bytes)?;
    for file in &card.files {
        copy_file(store, &card, file, &copy, damage)?;
    }
    // Written last, and again each time: its time is that of the last use.
    write(&copy.join(CARD_FILE), |to| to.write_all(text.as_bytes()))?;
    Ok(copy)
}

/// Copies a file, unless it is there with its size: it got its name when it was whole.
fn copy_file(
    store: &dyn Store,
    card: &Card,
    file: &FileCard,
    copy: &Path,
    damage: Damage,
) -> Result<(), Error> {
    let name = match &card.folder {
        Some(folder) => format!("{folder}/{}", file.path),
        None => file.path.clone(),
    };
    let to = copy.join(&name);
    if damage == Damage::Refused && fs::metadata(&to).is_ok_and(|it| it.len() == file.bytes) {
        return Ok(());
    }
    let from = match store.read(&name) {
        Err(error) if error.is_not_found() && damage == Damage::Kept => return remove(&to),
        from => from?,
    };
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(Error::io("create the folder", folder))?;
    }
    let mut hash = String::new();
    write(&to, |out| {
        hash = send(&*from, out).map_err(std::io::Error::other)?;
        let is_sound = damage == Damage::Kept || hash == file.blake3;
        if is_sound { Ok(()) } else { Err(ErrorKind::InvalidData.into()) }
    })
    .map_err(|error| match hash == file.blake3 || hash.is_empty() {
        true => error,
        false => {
            let reason = "is not what its card says; verify tells more";
            Error::bad_file(&store.address(&name), reason)
        }
    })
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(Error::io("remove", path)),
    }
}

/// Copies an object piece by piece, and returns its BLAKE3, in hexadecimal.
fn send(from: &dyn ReadAt, to: &mut File) -> Result<String, Error> {
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; PIECE_BYTES];
    for at in (0..from.bytes()).step_by(PIECE_BYTES) {
        let length = (from.bytes() - at).min(PIECE_BYTES as u64) as usize;
        from.read_exact_at(&mut piece[..length], at)?;
        hasher.update(&piece[..length]);
        to.write_all(&piece[..length]).map_err(Error::io("write", Path::new("a copy")))?;
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// Writes a file beside its place and gives it its name once it is whole.
fn write(to: &Path, work: impl FnOnce(&mut File) -> std::io::Result<()>) -> Result<(), Error> {
    let folder = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(Error::io("create the folder", folder))?;
    let draft = tempfile::NamedTempFile::new_in(folder).map_err(Error::io("create", to))?;
    let (mut file, path) = draft.into_parts();
    work(&mut file).map_err(Error::io("copy", to))?;
    path.persist(to).map_err(|error| Error::io("rename to", to)(error.error))
}

/// Removes copies, those first that were not used for longest, until the others have no more than `most` bytes.
///
/// - `wanted`: which is not removed
fn make_room(caches: &Path, wanted: &Path, most: u64) -> Result<(), Error> {
    let entries = match fs::read_dir(caches) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(Error::io("read the folder", caches))?,
    };
    let mut copies = Vec::new();
    for entry in entries {
        let path = entry.map_err(Error::io("read the folder", caches))?.path();
        if path != wanted && is_copy(&path) {
            let used = fs::metadata(path.join(CARD_FILE)).and_then(|card| card.modified());
            copies.push((used.unwrap_or(SystemTime::UNIX_EPOCH), bytes_in(&path), path));
        }
    }
    copies.sort();
    let mut all: u64 = copies.iter().map(|(_, bytes, _)| bytes).sum();
    for (_, bytes, path) in copies {
        if all <= most {
            break;
        }
        fs::remove_dir_all(&path).map_err(Error::io("remove", &path))?;
        all -= bytes;
    }
    Ok(())
}

/// Returns whether a folder is a copy, by its name: nothing else is removed.
fn is_copy(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(crate::format::names::is_folder)
}

fn bytes_in(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let each = entries.flatten().map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => bytes_in(&entry.path()),
        _ => entry.metadata().map_or(0, |it| it.len()),
    });
    each.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::tests::empty_card;
    use crate::store::{ObjectStore, write_whole};
    use ossicle_remote::{Client, Location};

    /// A dataset of one file in a store.
    fn published(client: &Client, name: &str, text: &[u8]) -> Place<'static> {
        let root = Location::parse("s3://speech").unwrap().join(name);
        let place = Place::Objects(ObjectStore::new(client.clone(), root));
        let folder = "0123456789abcdef".repeat(2);
        let mut card = empty_card();
        card.format = crate::card::FORMAT_OF_GRIDS.to_owned();
        let blake3 = blake3::hash(text).to_hex().to_string();
        card.files =
            vec![FileCard { path: "failures.jsonl".into(), bytes: text.len() as u64, blake3 }];
        card.job = name.to_owned();
        write_whole(place.store(), &format!("{folder}/failures.jsonl"), text, false).unwrap();
        card.folder = Some(folder);
        write_whole(place.store(), CARD_FILE, card.to_text().as_bytes(), false).unwrap();
        place
    }

    #[test]
    fn a_copy_is_checked_used_again_and_goes_when_others_need_its_room() {
        let caches = tempfile::tempdir().unwrap();
        let client = Client::in_memory();
        let place = published(&client, "a", b"12345");
        let copy = |place: &Place<'_>, damage| copy_to(place, caches.path(), 12, damage);
        let first = copy(&place, Damage::Refused).unwrap();
        let dataset = crate::Dataset::open(&first).unwrap();
        let file = dataset.root().join("failures.jsonl");
        assert_eq!(fs::read(&file).unwrap(), b"12345");
        // What is there is not fetched again: it is not even asked for.
        let folder = dataset.card().folder.clone().unwrap();
        place.store().remove(&format!("{folder}/failures.jsonl")).unwrap();
        assert_eq!(copy(&place, Damage::Refused).unwrap(), first);
        copy(&place, Damage::Kept).unwrap();
        assert!(!file.exists());

        let damaged = published(&client, "b", b"12345");
        write_whole(damaged.store(), &format!("{folder}/failures.jsonl"), b"12346", false).unwrap();
        let error = copy(&damaged, Damage::Refused).unwrap_err().to_string();
        assert!(error.contains("failures.jsonl: is not what its card says"), "{error}");
        let kept = copy(&damaged, Damage::Kept).unwrap();
        assert_eq!(fs::read(kept.join(&folder).join("failures.jsonl")).unwrap(), b"12346");

        let error = copy(&published(&client, "c", &[0; 13]), Damage::Refused).unwrap_err();
        assert!(error.to_string().contains("has 13 bytes, more than the 12"), "{error}");
        // The first copy is now the one that was not used for longest.
        copy(&published(&client, "d", b"1234567"), Damage::Refused).unwrap();
        assert!(!first.exists());
    }
}
