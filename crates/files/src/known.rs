//! What is known of stores of objects while a corpus is looked at.
//!
//! Whoever finds out what a corpus is asks for the same few files and folders again and again, and for each of a
//! million recordings. On disk that is cheap. Of a store every question is a request, so that a folder is listed once
//! with all below it, and what was answered is kept, for as long as somebody says so: until the end of
//! [`Remembering`], on its thread alone. The next look finds what is there then.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    path::{Path, PathBuf},
};

use crate::{
    metadata::{Entry, Kind, Metadata},
    objects::{ObjectError, objects, text},
};

thread_local! {
    static KNOWN: RefCell<Option<Known>> = const { RefCell::new(None) };
}

#[derive(Debug, Default)]
struct Known {
    /// How many want it to be kept.
    users: usize,
    /// All objects below these folders, whose names end with `/`.
    listings: BTreeMap<Box<str>, Listing>,
    /// Single objects; none where there is none, and none below a folder of that name.
    objects: HashMap<Box<str>, Option<Metadata>>,
}

/// All objects below a folder.
#[derive(Debug)]
struct Listing {
    /// Names relative to the folder, in bytewise order.
    objects: Vec<(Box<str>, Metadata)>,
}

/// Keeps what is known for as long as this lives.
#[derive(Debug)]
pub struct Remembering(());

/// Keeps what stores of objects answer, until the value is dropped.
#[must_use]
pub fn remember_objects() -> Remembering {
    KNOWN.with_borrow_mut(|known| known.get_or_insert_default().users += 1);
    Remembering(())
}

impl Drop for Remembering {
    fn drop(&mut self) {
        KNOWN.with_borrow_mut(|known| {
            if let Some(some) = known {
                some.users -= 1;
                if some.users == 0 {
                    *known = None;
                }
            }
        });
    }
}

/// Lists all that is below a folder of a store, so that nothing there has to be asked for one by one.
///
/// # Errors
/// It cannot be listed.
pub fn list_objects(folder: &Path) -> io::Result<()> {
    let prefix = prefix(folder)?;
    if KNOWN.with_borrow(|known| known.as_ref().is_none_or(|it| it.listing(&prefix).is_some())) {
        return Ok(());
    }
    let listing = Listing::of(folder)?;
    KNOWN.with_borrow_mut(|known| {
        if let Some(known) = known {
            known.listings.insert(prefix.into(), listing);
        }
    });
    Ok(())
}

/// The folders and objects below a folder of a store, in bytewise order of names.
///
/// # Errors
/// It cannot be listed.
pub fn walk_objects(folder: &Path) -> io::Result<impl Iterator<Item = (PathBuf, Kind)>> {
    let prefix = prefix(folder)?;
    let names: Vec<Box<str>> = {
        let known = KNOWN.with_borrow(|known| {
            known.as_ref()?.listing(&prefix).map(|(listing, below)| {
                listing.below(below).iter().map(|(name, _)| name[below.len()..].into()).collect()
            })
        });
        match known {
            Some(names) => names,
            None => Listing::of(folder)?.objects.into_iter().map(|(name, _)| name).collect(),
        }
    };
    let (folder, mut last) = (folder.to_path_buf(), Box::<str>::default());
    Ok(names.into_iter().flat_map(move |name| {
        // Folders that the one before was not in.
        let shared = last.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
        let folders = name.match_indices('/').filter(|(at, _)| *at >= shared);
        let mut found: Vec<(PathBuf, Kind)> =
            folders.map(|(at, _)| (folder.join(&name[..at]), Kind::Folder)).collect();
        if !name.ends_with('/') {
            found.push((folder.join(&*name), Kind::File));
        }
        last = name;
        found
    }))
}

/// What is known of an object or a folder, or else what is found, which is known from then on.
pub(crate) fn object(
    url: &Path,
    look: impl FnOnce() -> io::Result<Metadata>,
) -> io::Result<Metadata> {
    let name = text(url)?.trim_end_matches('/');
    let known = KNOWN.with_borrow(|known| known.as_ref().and_then(|known| known.find(name)));
    if let Some(known) = known {
        return known.ok_or_else(|| ObjectError::NotFound.into());
    }
    let found = look();
    note(name, &found);
    found
}

/// The same of many objects.
pub(crate) fn objects_of(
    urls: &[&Path],
    look: impl FnOnce(&[&str]) -> Vec<io::Result<Metadata>>,
) -> Vec<io::Result<Metadata>> {
    let names: Vec<&str> = urls.iter().filter_map(|url| text(url).ok()).collect();
    let known: Vec<Option<Option<Metadata>>> = KNOWN.with_borrow(|known| {
        names.iter().map(|name| known.as_ref().and_then(|known| known.find(name))).collect()
    });
    let unknown = names.iter().zip(&known).filter(|(_, known)| known.is_none());
    let unknown: BTreeSet<&str> = unknown.map(|(name, _)| *name).collect();
    let unknown: Vec<&str> = unknown.into_iter().collect();
    let found: HashMap<&str, io::Result<Metadata>> =
        unknown.iter().copied().zip(look(&unknown)).collect();
    found.iter().for_each(|(name, found)| note(name, found));
    let answer = |(name, known): (&str, Option<Option<Metadata>>)| match (known, found.get(name)) {
        (Some(Some(known)), _) => Ok(known),
        (None, Some(Ok(found))) => Ok(*found),
        (None, Some(Err(error))) => Err(again(error)),
        _ => Err(ObjectError::NotFound.into()),
    };
    names.into_iter().zip(known).map(answer).collect()
}

/// The same error for another who asked.
pub(crate) fn again(error: &io::Error) -> io::Error {
    match ObjectError::of(error) {
        Some(error) => error.clone().into(),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

fn note(name: &str, found: &io::Result<Metadata>) {
    let found = match found {
        Ok(found) => Some(*found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(_) => return,
    };
    KNOWN.with_borrow_mut(|known| {
        if let Some(known) = known {
            known.objects.insert(name.into(), found);
        }
    });
}

/// What is known to be in a folder, or else what is found.
pub(crate) fn level(
    folder: &Path,
    list: impl FnOnce() -> io::Result<Vec<Entry>>,
) -> io::Result<Box<dyn Iterator<Item = Entry>>> {
    let prefix = prefix(folder)?;
    let known = KNOWN.with_borrow(|known| {
        let (listing, below) = known.as_ref()?.listing(&prefix)?;
        Some(listing.level(folder, below))
    });
    let entries = match known {
        Some(entries) => entries,
        None => list()?,
    };
    Ok(Box::new(entries.into_iter()))
}

/// The beginning of the names of all that is in a folder.
fn prefix(folder: &Path) -> io::Result<String> {
    Ok(format!("{}/", text(folder)?.trim_end_matches('/')))
}

impl Known {
    /// The listing that a folder is in, and the beginning of its names in it.
    fn listing<'a>(&self, prefix: &'a str) -> Option<(&Listing, &'a str)> {
        self.listings
            .iter()
            .find_map(|(all, listing)| Some((listing, prefix.strip_prefix(&**all)?)))
    }

    /// What is known at a URL: nothing, that nothing is there, or what is.
    fn find(&self, name: &str) -> Option<Option<Metadata>> {
        if let Some(found) = self.objects.get(name) {
            return Some(*found);
        }
        let folder = format!("{name}/");
        if let Some((listing, below)) = self.listing(&folder) {
            let found = listing.find(below.trim_end_matches('/'));
            let is_some = || below.is_empty() || !listing.below(below).is_empty();
            return Some(found.or_else(|| is_some().then_some(Metadata::FOLDER)));
        }
        None
    }
}

impl Listing {
    fn of(folder: &Path) -> io::Result<Listing> {
        let mut all: Vec<(Box<str>, Metadata)> = Vec::new();
        objects()?.list(text(folder)?, &mut |name, stat| {
            // What has no name or an impossible one can be asked for by none.
            let is_name = |part: &str| !matches!(part, "" | "." | "..");
            if name.trim_end_matches('/').split('/').all(is_name) {
                all.push((name.into(), Metadata::of_object(&stat)));
            }
        })?;
        all.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let mut listing = Listing { objects: all };
        // Tools mark a folder by an object without bytes, of whose name a store may tell the slash or not.
        let is_mark = |(name, found): &&(Box<str>, Metadata)| {
            found.bytes == 0 && !listing.below(&format!("{name}/")).is_empty()
        };
        let marks: BTreeSet<Box<str>> =
            listing.objects.iter().filter(is_mark).map(|(name, _)| name.clone()).collect();
        listing.objects.retain(|(name, _)| !marks.contains(name));
        Ok(listing)
    }

    fn find(&self, name: &str) -> Option<Metadata> {
        let at = self.objects.binary_search_by(|(other, _)| (**other).cmp(name)).ok()?;
        Some(self.objects[at].1)
    }

    /// The objects whose names begin so.
    fn below(&self, prefix: &str) -> &[(Box<str>, Metadata)] {
        let begin = self.objects.partition_point(|(name, _)| **name < *prefix);
        let length = self.objects[begin..].partition_point(|(name, _)| name.starts_with(prefix));
        &self.objects[begin..begin + length]
    }

    /// What is in a folder whose objects' names begin so.
    fn level(&self, folder: &Path, prefix: &str) -> Vec<Entry> {
        let mut entries = Vec::new();
        let mut left = self.below(prefix);
        while let [(name, _), rest @ ..] = left {
            let name = &name[prefix.len()..];
            left = match name.split_once('/') {
                // The mark of the folder itself.
                Some(("", _)) => rest,
                Some((inside, _)) => {
                    entries.push(Entry::of(folder, inside, Kind::Folder));
                    let all = format!("{prefix}{inside}/");
                    &left[left.partition_point(|(name, _)| name.starts_with(&all))..]
                }
                None => {
                    if !name.is_empty() {
                        entries.push(Entry::of(folder, name, Kind::File));
                    }
                    rest
                }
            };
        }
        entries
    }
}

#[cfg(test)]
#[cfg(feature = "memory")]
mod tests {
    use super::*;
    use crate::{
        MemoryObjects, entries, is_file, is_folder, is_there, metadata, metadata_of_files,
    };

    fn bucket(keys: &[&str]) -> PathBuf {
        let store = MemoryObjects::installed();
        let bucket = PathBuf::from(store.bucket());
        keys.iter().for_each(|key| store.put(format!("{}/{key}", bucket.display()), *key));
        bucket
    }

    /// What is in a folder, by its names, with a `/` behind those of folders.
    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: Entry| {
            let end = if entry.is_own_folder() { "/" } else { "" };
            entry.name().into_string().unwrap() + end
        };
        let mut names: Vec<String> = entries(folder).unwrap().map(name).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_listed_is_what_is_there_asked_one_by_one() {
        let root = bucket(&["a.wav", "b-1/c", "b/c/d.wav", "b/e", "b.wav", "f/g"]);
        MemoryObjects::installed().put(root.join("b"), []);
        let look = || {
            let b = root.join("b");
            let all = [names(&root), names(&b), names(&b.join("c")), names(&root.join("none"))];
            let is = ["a.wav", "b/c", "b-1", "b/c/d.wav", "none", "b/none", "a"];
            let is = is.map(|name| root.join(name)).map(|it| (is_file(&it), is_folder(&it)));
            (all, is, metadata(&root.join("b/e")).unwrap(), is_folder(&root))
        };
        let asked = look();
        assert_eq!(asked.0[1], ["c/", "e"]);
        assert_eq!(asked.1[..3], [(true, false), (false, true), (false, true)]);
        assert!(asked.1[4..].iter().all(|it| *it == (false, false)), "{asked:?}");
        let _known = remember_objects();
        list_objects(&root).unwrap();
        let before = MemoryObjects::installed().requests_of(&root);
        let listed = look();
        // But for the mark of a folder, which one who asks for the folder's own list is not told.
        assert_eq!(
            (&listed.0[1..], listed.1, listed.2, listed.3),
            (&asked.0[1..], asked.1, asked.2, asked.3)
        );
        assert_eq!(listed.0[0], ["a.wav", "b-1/", "b.wav", "b/", "f/"]);
        assert_eq!(MemoryObjects::installed().requests_of(&root), before, "all was known");
    }

    #[test]
    fn a_walk_comes_to_each_folder_once_and_before_what_is_in_it() {
        let root = bucket(&["b/c/d", "b/c/e", "a", "b-/x", "b/f/", "g/h/i"]);
        let walk = || -> Vec<String> {
            let below =
                |path: PathBuf| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            let end = |kind| if kind == Kind::Folder { "/" } else { "" };
            walk_objects(&root).unwrap().map(|(path, kind)| below(path) + end(kind)).collect()
        };
        let expected =
            ["a", "b-/", "b-/x", "b/", "b/c/", "b/c/d", "b/c/e", "b/f/", "g/", "g/h/", "g/h/i"];
        assert_eq!(walk(), expected);
        let _known = remember_objects();
        list_objects(&root).unwrap();
        assert_eq!(walk(), expected);
    }

    #[test]
    fn what_was_answered_is_known_until_nobody_wants_it_any_more() {
        let root = bucket(&["a"]);
        let store = MemoryObjects::installed();
        let (a, b) = (root.join("a"), root.join("b"));
        {
            let _known = remember_objects();
            let looked = metadata_of_files(&[a.clone(), b.clone(), a.clone()]);
            assert!(looked[0].is_ok() && looked[1].is_err() && looked[2].is_ok());
            store.put(&b, []);
            drop(remember_objects());
            assert!(is_there(&a) && !is_there(&b));
            assert_eq!(store.requests_of(&a), 1);
        }
        assert!(is_there(&b));
    }
}
