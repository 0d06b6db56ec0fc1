//! What is at a path: a file, a folder, or nothing; on disk, or in a store of objects.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    known,
    metadata::{Entry, Kind, Metadata},
    objects::{ObjectError, ObjectStat, Objects, objects, text},
    url::{is_http, is_url},
};

/// Looks at what is at a path. Links are followed.
///
/// # Errors
/// Nothing is there, or it cannot be looked at.
pub fn metadata(path: &Path) -> io::Result<Metadata> {
    match is_url(path) {
        true => known::object(path, || look_at_object(path)),
        false => fs::metadata(path).map(Metadata::from),
    }
}

/// Looks at the files at many paths, several at a time where that is of use. Returns what there is of each, in their
/// order.
pub fn metadata_of_files(paths: &[PathBuf]) -> Vec<io::Result<Metadata>> {
    let urls: Vec<&Path> = paths.iter().map(PathBuf::as_path).filter(|path| is_url(path)).collect();
    let mut objects = known::objects_of(&urls, look_at_objects).into_iter();
    let look = |path: &PathBuf| match is_url(path) {
        true => objects.next().unwrap_or_else(|| Err(ObjectError::NotFound.into())),
        false => fs::metadata(path).map(Metadata::from),
    };
    paths.iter().map(look).collect()
}

/// Returns an error where nothing is at a path. A link is something, wherever it leads.
///
/// # Errors
/// Nothing is there, or it cannot be looked at.
pub fn look(path: &Path) -> io::Result<()> {
    match is_url(path) {
        true => metadata(path).map(drop),
        false => fs::symlink_metadata(path).map(drop),
    }
}

/// Returns whether something is at a path: a link is something, wherever it leads.
pub fn is_there(path: &Path) -> bool {
    look(path).is_ok()
}

/// Returns whether a regular file or an object is at a path, past any links.
pub fn is_file(path: &Path) -> bool {
    metadata(path).is_ok_and(|found| found.is_file())
}

/// Returns whether a folder is at a path, past any links.
pub fn is_folder(path: &Path) -> bool {
    metadata(path).is_ok_and(|found| found.is_folder())
}

fn look_at_object(url: &Path) -> io::Result<Metadata> {
    look_in(&*objects()?, url)
}

fn look_in(store: &dyn Objects, url: &Path) -> io::Result<Metadata> {
    let name = text(url)?;
    let is_bucket = crate::parent(url).is_none();
    let must_be_folder = is_bucket || name.ends_with('/');
    let none = match must_be_folder {
        true => ObjectError::NotFound.into(),
        false => match store.stat(name) {
            Ok(stat) => return Ok(Metadata::of_object(&stat)),
            Err(error) => error,
        },
    };
    let is_absent = none.kind() == io::ErrorKind::NotFound;
    if is_http(url) {
        return Err(if must_be_folder { no_folders() } else { none });
    }
    // Also where the answer was another: servers that keep objects in files may fail at the name of a folder of
    // theirs, as s3s-fs 0.14 does.
    let mut is_some = is_bucket;
    match store.list_level(name, &mut |_, _| is_some = true) {
        Ok(()) if is_some => Ok(Metadata::FOLDER),
        Err(error) if is_absent => Err(error),
        Ok(()) | Err(_) => Err(none),
    }
}

fn look_at_objects(urls: &[&str]) -> Vec<io::Result<Metadata>> {
    match objects() {
        Ok(store) => {
            let stats = store.stats(urls).into_iter();
            stats.map(|stat| stat.map(|stat| Metadata::of_object(&stat))).collect()
        }
        Err(error) => urls.iter().map(|_| Err(known::again(&error))).collect(),
    }
}

fn no_folders() -> io::Error {
    let sentence = "a server of HTTP has no folders that can be listed; name a recording, or a description of recordings";
    ObjectError::Refused(sentence.to_owned()).into()
}

/// The entries of a folder, in no order. What cannot be looked at is passed over.
///
/// # Errors
/// The folder cannot be read.
pub fn entries(folder: &Path) -> io::Result<Box<dyn Iterator<Item = Entry>>> {
    if is_url(folder) {
        return known::level(folder, || list_level(folder));
    }
    let entries = fs::read_dir(folder)?.flatten().map(|entry| {
        let kind = entry.file_type().ok().filter(|kind| !kind.is_symlink()).map(Kind::from);
        Entry { path: entry.path(), kind }
    });
    Ok(Box::new(entries))
}

/// Lists what is in a folder of a store.
fn list_level(folder: &Path) -> io::Result<Vec<Entry>> {
    if is_http(folder) {
        return Err(no_folders());
    }
    let mut entries = Vec::new();
    let mut listed = |name: &str, stat: Option<ObjectStat>| {
        let kind = if stat.is_some() { Kind::File } else { Kind::Folder };
        entries.push(Entry::of(folder, name.trim_end_matches('/'), kind));
    };
    objects()?.list_level(text(folder)?, &mut listed)?;
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryObjects;

    #[test]
    fn what_has_objects_below_is_a_folder_also_where_the_server_fails_at_its_name() {
        let store = MemoryObjects::failing();
        store.put("s3://corpora/some/wav/a.wav", [1, 2, 3]);
        let look = |url: &str| look_in(&store, Path::new(url));
        assert_eq!(look("s3://corpora/some/wav").unwrap(), Metadata::FOLDER);
        assert_eq!(look("s3://corpora/some/wav/").unwrap(), Metadata::FOLDER);
        assert_eq!(look("s3://corpora/some/wav/a.wav").unwrap().bytes, 3);
        let error = look("s3://corpora/some/none").unwrap_err();
        assert_eq!(error.to_string(), "the server answers 500");
    }
}
