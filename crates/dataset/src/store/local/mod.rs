//! A folder.

mod close;
mod folder;
mod regions;
mod spool;
mod system;

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ossicle_files::{OpenError, open_regular};

use super::{Draft, Put, ReadAt, RegionWriter, Spool, Stat, Store};
use crate::error::Error;
use crate::open::opened;
use crate::write::hash::REGION_BYTES;
pub(crate) use regions::DIRECT_ALIGNMENT;
use regions::LocalRegions;
use spool::LocalSpool;
use system::{fine_if_missing, is_nothing, rename_to_new};

/// The longest part of the host's name that is in a draft's.
const MOST_HOST_BYTES: usize = 32;

/// Runs what opens a file, or a folder to be listed. It may run it again where it failed because too many
/// files were open.
pub type Opening<'a> = dyn Fn(&mut dyn FnMut() -> io::Result<()>) -> io::Result<()> + Sync + 'a;

/// Keeps files in a folder and its folders.
///
/// Folders below it are made where a file needs one, itself only by [`LocalStore::create_folder`]. Its
/// own methods, which other stores do not have, serve publishing: what is published in a folder gets
/// its names by renames, in an order that is made to last by syncs. They return the system's own errors:
/// whoever publishes knows what each of them means at its step.
#[derive(Clone)]
pub struct LocalStore<'a> {
    root: PathBuf,
    /// This machine's name, as it is in the names of drafts.
    host: Arc<str>,
    opening: Option<&'a Opening<'a>>,
}

impl fmt::Debug for LocalStore<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalStore").field("root", &self.root).finish_non_exhaustive()
    }
}

impl LocalStore<'static> {
    /// A store in this folder, which need not be there yet.
    pub fn new(root: impl Into<PathBuf>) -> LocalStore<'static> {
        let system = rustix::system::uname();
        let host = host_in_names(&system.nodename().to_string_lossy()).into();
        LocalStore { root: root.into(), host, opening: None }
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
        &self.root
    }

    /// Returns the path that a file of this name has, or would have. The empty name is the store's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.root.clone() } else { self.root.join(name) }
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

    /// Opens a file to be written, and makes its folder where that is missing.
    fn create(&self, name: &str, options: &OpenOptions) -> io::Result<File> {
        let path = self.path(name);
        match self.opening(|| options.open(&path)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.create_folders_of(name)?;
                self.opening(|| options.open(&path))
            }
            opened => opened,
        }
    }

    /// Makes the folders that a file of this name is in. The store's own is not made: where it is gone,
    /// somebody has removed it.
    fn create_folders_of(&self, name: &str) -> io::Result<()> {
        for (end, _) in name.match_indices('/') {
            match fs::create_dir(self.path(&name[..end])) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                created => created?,
            }
        }
        Ok(())
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

    fn put_unless_failing(&self, draft: &Path, name: &str, put: &Put) -> Result<(), Error> {
        let path = self.path(name);
        let there = || Error::Present { path: path.clone() };
        if let Put::IfUnchanged(stat) = put
            && self.stat(name)?.as_ref() != Some(stat)
        {
            return Err(Error::Changed { path });
        }
        let give = || match put {
            Put::IfAbsent => rename_to_new(draft, &path),
            Put::Always | Put::IfUnchanged(_) => fs::rename(draft, &path),
        };
        let given = match give() {
            // Either end may be missing. Where it is the draft, it is missing still.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.create_folders_of(name).and_then(|()| give())
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
        // What is no file is not waited for.
        let file = self.opening(|| match open_regular(&path) {
            Err(OpenError::Io(error)) => Err(error),
            settled => Ok(settled),
        });
        let (file, bytes) = opened(&path, file.unwrap_or_else(|error| Err(error.into())))?;
        Ok(Box::new(LocalFile { file, path, bytes }))
    }

    fn stat(&self, name: &str) -> Result<Option<Stat>, Error> {
        let path = self.path(name);
        let found = match fs::metadata(&path) {
            Err(error) if is_nothing(&error) => return Ok(None),
            found => found.map_err(Error::io("look at", &path))?,
        };
        if !found.is_file() {
            return Err(Error::bad_file(&path, "is not a regular file"));
        }
        // A rename over the file shows in its number, a write in its time.
        let (device, inode) = (found.dev(), found.ino());
        let (seconds, nanoseconds) = (found.mtime(), found.mtime_nsec());
        let bytes = found.len();
        let tag = format!("{device}:{inode}:{seconds}:{nanoseconds}:{bytes}");
        Ok(Some(Stat { bytes, tag }))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, Error> {
        let path = self.path(folder);
        let unreadable = || Error::io("read the folder", &path);
        let entries = match self.opening(|| fs::read_dir(&path)) {
            Err(error) if is_nothing(&error) => return Ok(Vec::new()),
            entries => entries.map_err(unreadable())?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(unreadable())?;
            // What is no text is no file of ours.
            let Ok(file) = entry.file_name().into_string() else { continue };
            if entry.file_type().map_err(unreadable())?.is_file() {
                names.push(if folder.is_empty() { file } else { format!("{folder}/{file}") });
            }
        }
        names.sort();
        Ok(names)
    }

    fn spool(&self, name: &str) -> Result<Box<dyn Spool>, Error> {
        let mut again = false;
        loop {
            let draft = Draft { name: self.draft_name(name, again) };
            let path = self.path(&draft.name);
            match self.create(&draft.name, File::options().write(true).create_new(true)) {
                // Only then is it given a random number: as long as it can, the same run makes the
                // same calls, so that tests aim a fault at any one of them.
                Err(error) if error.kind() == ErrorKind::AlreadyExists && !again => again = true,
                file => {
                    let file = file.map_err(Error::io("create", &path))?;
                    return Ok(Box::new(LocalSpool::new(file, draft, path)));
                }
            }
        }
    }

    fn put(&self, draft: Draft, name: &str, put: Put) -> Result<(), Error> {
        let path = self.path(&draft.name);
        let done = self.put_unless_failing(&path, name, &put);
        if done.is_err() {
            // Whatever stays is removed by the next run.
            let _ = fs::remove_file(&path);
        }
        done
    }

    fn regions(&self, name: &str, _bytes: u64) -> Result<(), Error> {
        // It grows as it is written: a full disk, or a limit of file sizes, shows where something is
        // written, which says so.
        let file = self.create(name, File::options().write(true).create(true).truncate(true));
        file.map(drop).map_err(Error::io("create", &self.path(name)))
    }

    fn region_writer(&self, name: &str) -> Result<Box<dyn RegionWriter>, Error> {
        let path = self.path(name);
        let file = self.opening(|| File::options().write(true).open(&path));
        let file = file.map_err(Error::io("open", &path))?;
        Ok(Box::new(LocalRegions::new(file, path)))
    }

    fn region_bytes(&self) -> usize {
        REGION_BYTES
    }

    fn remove(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name);
        fine_if_missing(fs::remove_file(&path)).map_err(Error::io("remove", &path))
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

#[cfg(test)]
mod tests {
    use super::system::rename_without_links;
    use super::*;
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn store() -> (tempfile::TempDir, LocalStore<'static>) {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path());
        (folder, store)
    }

    #[test]
    fn what_is_no_regular_file_is_an_error() {
        let (folder, store) = store();
        store.create_folder("a/folder").unwrap();
        symlink(folder.path().join("a"), folder.path().join("link")).unwrap();
        symlink("/dev/null", folder.path().join("device")).unwrap();
        for name in ["a", "a/folder", "link", "device", ""] {
            let error = store.stat(name).unwrap_err().to_string();
            assert!(error.ends_with("is not a regular file"), "{name}: {error}");
            let error = store.read(name).unwrap_err().to_string();
            assert!(error.ends_with("is not a regular file"), "{name}: {error}");
        }
        assert_eq!(store.list("a").unwrap(), [""; 0]);
    }

    #[test]
    fn a_store_whose_folder_was_removed_is_not_made_again() {
        let (folder, store) = store();
        folder.close().unwrap();
        assert!(store.spool("a/b").unwrap_err().is_not_found());
        assert!(store.regions("a/b", 1).unwrap_err().is_not_found());
        assert!(!store.exists("").unwrap());
        store.create_folder("").unwrap();
        store.regions("a/b", 1).unwrap();
        fs::remove_dir_all(store.root()).unwrap();
    }

    #[test]
    fn all_that_opens_goes_through_the_hook() {
        let (_folder, store) = store();
        super::super::write_whole(&store, "a/b", b"x", true).unwrap();
        let counted = AtomicU32::new(0);
        let counting = |work: &mut dyn FnMut() -> io::Result<()>| {
            counted.fetch_add(1, Ordering::Relaxed);
            work()
        };
        let store = store.with_opening(&counting);
        let mut openings = 0;
        let mut opens = |what: &str, done: bool| {
            assert!(done, "{what}");
            openings += 1;
            assert_eq!(counted.load(Ordering::Relaxed), openings, "{what}");
        };
        opens("read", store.read("a/b").is_ok());
        opens("list", store.list("a").is_ok());
        opens("spool", store.spool("a/c").is_ok());
        opens("regions", store.regions("a/d", 1).is_ok());
        opens("region_writer", store.region_writer("a/d").is_ok());
        opens("sync_file", store.sync_file("a/d").is_ok());
        opens("sync_folder", store.sync_folder("a").is_ok());
        opens("open_to_lock", store.open_to_lock("a/lock").is_ok());
        opens("empty_folder", store.empty_folder("a", "b").is_ok());
        opens("remove_folder_all", store.remove_folder_all("a").is_ok());
        let nothing = |_: &mut dyn FnMut() -> io::Result<()>| Ok(());
        let never = store.with_opening(&nothing);
        assert!(never.read("a/b").is_err());
    }

    #[test]
    fn drafts_say_who_made_them_and_no_two_have_one_name() {
        let (_folder, store) = store();
        let who = format!("{}-{}", store.host, std::process::id());
        for (name, stem) in [
            ("parts/000012.part", "parts/000012"),
            ("000012", "000012"),
            (".hidden", ".hidden"),
            ("a.b/c", "a.b/c"),
            ("a/b.c.d", "a/b.c"),
        ] {
            let spools: Vec<_> = (0..3).map(|_| store.spool(name).unwrap()).collect();
            let mut drafts: Vec<_> =
                spools.into_iter().map(|spool| spool.finish(false).unwrap().name).collect();
            assert_eq!(drafts[0], format!("{stem}.{who}.draft"));
            for draft in &drafts[1..] {
                assert!(draft.starts_with(&format!("{stem}.{who}-")), "{draft}");
                assert!(draft.ends_with(".draft"), "{draft}");
            }
            drafts.dedup();
            assert_eq!(drafts.len(), 3);
        }
    }

    #[test]
    fn a_draft_that_was_removed_does_not_take_another_of_its_name_with_it() {
        let (_folder, store) = store();
        let first = store.spool("a").unwrap();
        let name = store.list("").unwrap().remove(0);
        store.remove(&name).unwrap();
        let second = store.spool("a").unwrap();
        assert_eq!(store.list("").unwrap(), [name.as_str()]);
        drop(first);
        assert_eq!(store.list("").unwrap(), [name.as_str()]);
        drop(second);
        assert_eq!(store.list("").unwrap(), [""; 0]);
    }

    #[test]
    fn hosts_have_a_name_that_fits_a_files() {
        let long = host_in_names(&format!("node-1.lab/über {}", "x".repeat(99)));
        assert_eq!(long, format!("node-1_lab__ber_{}", "x".repeat(16)));
        assert_eq!(host_in_names(""), "host");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_system_without_links_renames_to_a_new_name_too() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        fs::write(&a, "a").unwrap();
        rename_without_links(&a, &b).unwrap();
        fs::write(&a, "another").unwrap();
        let error = rename_without_links(&a, &b).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&b).unwrap(), "a");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_whenever_it_shows() {
        // Everything written there finds no room.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.draft");
        let spool = || {
            let full = File::options().write(true).open("/dev/full").unwrap();
            Box::new(LocalSpool::new(full, Draft { name: "x.draft".into() }, path.clone()))
        };
        let expected = format!("cannot write {}", path.display());
        let error = spool().append(&[0; 1 << 20]).unwrap_err();
        assert_eq!(error.to_string(), expected);
        // What fits the buffer shows at the end.
        let mut last = spool();
        last.append(&[0; 10]).unwrap();
        assert_eq!(last.finish(false).unwrap_err().to_string(), expected);
    }

    #[test]
    fn a_folder_is_emptied_but_for_one_file() {
        let (folder, store) = store();
        store.empty_folder("work", "lock").unwrap();
        for name in ["work/lock", "work/a", "work/stage/lock", "work/stage/b/c"] {
            super::super::write_whole(&store, name, b"", false).unwrap();
        }
        // What a link leads to is not in the folder.
        fs::write(folder.path().join("mine"), "").unwrap();
        symlink(folder.path().join("mine"), folder.path().join("work/link")).unwrap();
        store.remove_folder_if_empty("work").unwrap();
        assert!(store.exists("work/stage/b/c").unwrap());
        store.empty_folder("work", "lock").unwrap();
        let left: Vec<_> = fs::read_dir(store.path("work")).unwrap().collect();
        assert_eq!(left.len(), 1);
        assert!(store.exists("work/lock").unwrap() && store.exists("mine").unwrap());
        store.remove("work/lock").unwrap();
        for _ in 0..2 {
            store.remove_folder_if_empty("work").unwrap();
            store.remove_folder_all("work").unwrap();
        }
        assert!(!store.exists("work").unwrap());
    }
}
