//! A folder.

mod beneath;
mod close;
mod folder;
mod regions;
mod spool;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{FileType, OFlags};

use super::{Draft, Put, ReadAt, RegionWriter, Spool, Stat, Store};
use crate::error::Error;
use crate::write::hash::REGION_BYTES;
use beneath::{Root, is_nothing};
pub(crate) use regions::DIRECT_ALIGNMENT;
use regions::LocalRegions;
use spool::LocalSpool;

/// The longest part of the host's name that is in a draft's.
const MOST_HOST_BYTES: usize = 32;

/// Runs what opens a file, or a folder to be listed. It may run it again where it failed because too many
/// files were open.
pub type Opening<'a> = dyn Fn(&mut dyn FnMut() -> io::Result<()>) -> io::Result<()> + Sync + 'a;

/// Keeps files in a folder and its folders.
///
/// Folders below it are made where a file needs one, itself only by [`LocalStore::create_folder`]. The
/// folder may be reached over a link; below it none is followed, and nothing outside is opened, made, renamed
/// or removed, whatever others put there. Its
/// own methods, which other stores do not have, serve publishing: what is published in a folder gets
/// its names by renames, in an order that is made to last by syncs. They return the system's own errors:
/// whoever publishes knows what each of them means at its step.
#[derive(Clone)]
pub struct LocalStore<'a> {
    root: Root,
    /// This machine's name, as it is in the names of drafts.
    host: Arc<str>,
    opening: Option<&'a Opening<'a>>,
}

impl fmt::Debug for LocalStore<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalStore").field("root", &self.root()).finish_non_exhaustive()
    }
}

impl LocalStore<'static> {
    /// A store in this folder, which need not be there yet.
    pub fn new(root: impl Into<PathBuf>) -> LocalStore<'static> {
        let system = rustix::system::uname();
        let host = host_in_names(&system.nodename().to_string_lossy()).into();
        LocalStore { root: Root::new(root.into()), host, opening: None }
    }
}

impl<'a> LocalStore<'a> {
    /// The same store, which opens every file by this, so that a shortage of open files can be waited
    /// out.
    #[must_use]
    pub fn with_opening<'b>(self, opening: &'b Opening<'b>) -> LocalStore<'b> {
        LocalStore { root: self.root, host: self.host, opening: Some(opening) }
    }

    /// The folder that it keeps files in.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// Returns the path that a file of this name has, or would have. The empty name is the store's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.root().to_owned() } else { self.root().join(name) }
    }

    /// Opens something: all that opens files or folders goes through here.
    fn opening<T>(&self, mut work: impl FnMut() -> io::Result<T>) -> io::Result<T> {
        let Some(opening) = &self.opening else { return work() };
        let mut opened = None;
        opening(&mut || {
            opened = Some(work()?);
            Ok(())
        })?;
        opened.ok_or_else(|| io::Error::other("it was never opened"))
    }

    /// Makes a file that nothing has the name of, and its folder where that is missing. The store's own
    /// is not made: where it is gone, somebody has removed it.
    fn create_new(&self, name: &str) -> io::Result<File> {
        match self.opening(|| self.root.enter().create_new(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.make_folder_of(name)?;
                self.opening(|| self.root.enter().create_new(name))
            }
            opened => opened,
        }
    }

    /// Makes the folder that a file of this name is in.
    fn make_folder_of(&self, name: &str) -> io::Result<()> {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.opening(|| self.root.enter().make_folder(folder).map(drop))
    }

    /// A name for a draft of this file, which another machine or process has hardly ever.
    ///
    /// - `again`: whether it turned out to be taken
    fn draft_name(&self, name: &str, again: bool) -> String {
        let file = name.rfind('/').map_or(0, |slash| slash + 1);
        let stem = match name[file..].rfind('.') {
            Some(dot) if dot > 0 => &name[..file + dot],
            _ => name,
        };
        let who = format!("{}-{}", self.host, std::process::id());
        if !again {
            return format!("{stem}.{who}.draft");
        }
        // The keys of every hasher differ, and are the system's random numbers.
        let random = RandomState::new().hash_one(name);
        format!("{stem}.{who}-{random:016x}.draft")
    }

    fn put_unless_failing(&self, draft: &str, name: &str, put: &Put) -> Result<(), Error> {
        let path = self.path(name);
        let there = || Error::Present { path: path.clone() };
        if let Put::IfUnchanged(stat) = put
            && self.stat(name)?.as_ref() != Some(stat)
        {
            return Err(Error::Changed { path });
        }
        let give = || {
            self.opening(|| match put {
                Put::IfAbsent => self.root.enter().rename_to_new(draft, name),
                Put::Always | Put::IfUnchanged(_) => self.root.enter().rename(draft, name),
            })
        };
        let given = match give() {
            // Either end may be missing. Where it is the draft, it is missing still.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.make_folder_of(name).and_then(|()| give())
            }
            given => given,
        };
        match given {
            Err(error) if *put == Put::IfAbsent && error.kind() == ErrorKind::AlreadyExists => {
                Err(there())
            }
            given => given.map_err(Error::io("rename to", &path)),
        }
    }
}

impl Store for LocalStore<'_> {
    fn read(&self, name: &str) -> Result<Box<dyn ReadAt>, Error> {
        let path = self.path(name);
        let file = self.open_to_read(name).map_err(Error::io("open", &path))?;
        let bytes = file.metadata().map_err(Error::io("look at", &path))?.len();
        Ok(Box::new(LocalFile { file, path, bytes }))
    }

    fn stat(&self, name: &str) -> Result<Option<Stat>, Error> {
        let found = self.opening(|| self.root.enter().look_at_file(name));
        let found = found.map_err(Error::io("look at", &self.path(name)))?;
        // A rename over the file shows in its number, a write in its time.
        Ok(found.map(|found| {
            let (device, inode) = (found.st_dev, found.st_ino);
            let (seconds, nanoseconds) = (found.st_mtime, found.st_mtime_nsec);
            let bytes = u64::try_from(found.st_size).unwrap_or_default();
            let tag = format!("{device}:{inode}:{seconds}:{nanoseconds}:{bytes}");
            Stat { bytes, tag }
        }))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Error> {
        let entries = match self.opening(|| self.root.enter().entries(folder)) {
            Err(error) if is_nothing(&error) => return Ok(Vec::new()),
            entries => entries.map_err(Error::io("read the folder", &self.path(folder)))?,
        };
        let files = entries.into_iter().filter(|(_, found)| *found == FileType::RegularFile);
        // What is no text is no file of ours.
        let names = files.filter_map(|(name, _)| name.into_string().ok());
        let whole = |name| if folder.is_empty() { name } else { format!("{folder}/{name}") };
        let mut names: Vec<_> = names.map(whole).collect();
        names.sort();
        Ok(names)
    }

    fn spool(&self, name: &str) -> Result<Box<dyn Spool>, Error> {
        let mut again = false;
        loop {
            let draft = Draft::of(self.draft_name(name, again));
            let path = self.path(&draft.name);
            match self.create_new(&draft.name) {
                // Only then is it given a random number: as long as it can, the same run makes the
                // same calls, so that tests aim a fault at any one of them.
                Err(error) if error.kind() == ErrorKind::AlreadyExists && !again => again = true,
                file => {
                    let file = file.map_err(Error::io("create", &path))?;
                    return Ok(Box::new(LocalSpool::new(file, draft, self.root.clone())));
                }
            }
        }
    }

    fn put(&self, draft: Draft, name: &str, put: Put) -> Result<(), Error> {
        let done = self.put_unless_failing(&draft.name, name, &put);
        if done.is_err() {
            // Whatever stays is removed by the next run.
            let _ = self.root.enter().remove(&draft.name);
        }
        done
    }

    fn regions(&self, name: &str, _bytes: u64) -> Result<(), Error> {
        // It grows as it is written: a full disk, or a limit of file sizes, shows where something is
        // written, which says so.
        let file = match self.create_new(name) {
            // What has the name is not written to: it may have other names too.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                self.remove(name)?;
                self.create_new(name)
            }
            file => file,
        };
        file.map(drop).map_err(Error::io("create", &self.path(name)))
    }

    fn region_writer(&self, name: &str) -> Result<Box<dyn RegionWriter>, Error> {
        let path = self.path(name);
        let file = self.opening(|| self.root.enter().open(name, OFlags::WRONLY));
        let file = file.map_err(Error::io("open", &path))?;
        Ok(Box::new(LocalRegions::new(file, path)))
    }

    fn address(&self, name: &str) -> PathBuf {
        self.path(name)
    }

    fn region_bytes(&self) -> usize {
        REGION_BYTES
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        let removed = self.opening(|| self.root.enter().remove(name));
        removed.map_err(Error::io("remove", &self.path(name)))
    }
}

/// A host's name as it may be in a file's: letters, digits, `_` and `-`.
fn host_in_names(host: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let name: String = host.chars().take(MOST_HOST_BYTES).map(safe).collect();
    if name.is_empty() { "host".to_owned() } else { name }
}

#[derive(Debug)]
struct LocalFile {
    file: File,
    path: PathBuf,
    bytes: u64,
}

impl ReadAt for LocalFile {
    fn bytes(&self) -> u64 {
        self.bytes
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> Result<(), Error> {
        self.file.read_exact_at(bytes, offset).map_err(Error::io("read", &self.path))
    }
}
