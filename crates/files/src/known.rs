//! What is known of stores of objects while a corpus is looked at.
//!
//! Whoever finds out what a corpus is asks for the same few files and folders again and again, and for each of a
//! million recordings. On disk that is cheap. Of a store every question is a request, so that a folder is listed once
//! with all below it, and what was answered is kept, for as long as somebody says so: until the end of
//! [`Remembering`], on its thread alone. The next look finds what is there then.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    io,
    path::Path,
};

use crate::{
    objects::{ObjectError, objects, text},
    place::{Entry, Kind, Metadata},
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

/// Calls for each folder and object below a folder of a store, in bytewise order of names, with its path and kind.
///
/// # Errors
/// It cannot be listed, or the call's.
pub fn walk_objects<E: From<io::Error>>(
    folder: &Path,
    mut each: impl FnMut(&Path, Kind) -> Result<(), E>,
) -> Result<(), E> {
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
    let mut last = "";
    for name in &names {
        // Folders that the one before was not in.
        let shared = last.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
        for (at, _) in name.match_indices('/').filter(|(at, _)| *at >= shared) {
            each(&folder.join(&name[..at]), Kind::Folder)?;
        }
        if !name.ends_with('/') {
            each(&folder.join(&**name), Kind::File)?;
        }
        last = name;
    }
    Ok(())
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
    let unknown: Vec<&str> = unknown.map(|(name, _)| *name).collect();
    let mut found = look(&unknown).into_iter();
    let answer = |(name, known): (&str, Option<Option<Metadata>>)| match known {
        Some(known) => known.ok_or_else(|| ObjectError::NotFound.into()),
        None => {
            let found = found.next().unwrap_or_else(|| Err(ObjectError::NotFound.into()));
            if found.is_ok() {
                note(name, &found);
            }
            found
        }
    };
    names.into_iter().zip(known).map(answer).collect()
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
        Ok(Listing { objects: all })
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
