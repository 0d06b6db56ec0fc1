//! Files and folders below a store's own folder, reached word by word and by descriptor.
//!
//! In a folder that others write to, a link can stand where a file or a folder of ours belongs. A path is
//! looked up anew at every call, links and all. A descriptor is the folder itself, and of a name in it
//! nothing is followed: whatever is made, renamed or removed through here lies below the store's folder,
//! which itself may be a link, since somebody gave its path.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::{Errno, retry_on_intr};

use crate::format::names::WORK_DIR;
use crate::out_of_place::{Due, OutOfPlace};

const FOLDER: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// The deepest that folders lie in one another below a folder that is removed, or looked through: a run
/// makes five at most.
const MOST_DEPTH: usize = 16;

/// The folder that a store keeps files in.
#[derive(Debug, Clone)]
pub(super) struct Root {
    path: PathBuf,
    /// The part of the path that may lead over links, since somebody gave it: all but a folder in
    /// [`WORK_DIR`], where a dataset is made again to mend another.
    given: PathBuf,
    /// The rest of it, with `/` between words.
    own: String,
    /// Held by whoever has folders open on the way to a file: two at a time, whatever the number of
    /// workers, is what the bound on open files counts.
    turn: Arc<Mutex<()>>,
}

impl Root {
    pub(super) fn new(path: PathBuf) -> Root {
        let work = path.parent().filter(|above| above.file_name() == Some(WORK_DIR.as_ref()));
        let name = path.file_name().and_then(OsStr::to_str);
        let (given, own) = match (work.and_then(Path::parent), name) {
            // The output may be where one stands.
            (Some(given), Some(name)) if given.as_os_str().is_empty() => {
                (".".into(), format!("{WORK_DIR}/{name}"))
            }
            (Some(given), Some(name)) => (given.to_owned(), format!("{WORK_DIR}/{name}")),
            _ => (path.clone(), String::new()),
        };
        Root { path, given, own, turn: Arc::default() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until nobody else is on the way to a file.
    pub(super) fn enter(&self) -> Beneath<'_> {
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        Beneath { root: self, _turn: turn }
    }
}

/// The way to what lies below a store's folder. Held for as long as a call takes, never while one waits.
#[derive(Debug)]
pub(super) struct Beneath<'a> {
    root: &'a Root,
    _turn: MutexGuard<'a, ()>,
}

impl Beneath<'_> {
    /// Opens a folder; the empty name is the store's own.
    pub(super) fn folder(&self, name: &str) -> io::Result<OwnedFd> {
        let mut folder = self.given()?;
        for (word, end) in words(&self.root.own) {
            folder =
                self.step(folder.as_fd(), word, || self.root.given.join(&self.root.own[..end]))?;
        }
        for (word, end) in words(name) {
            folder = self.step(folder.as_fd(), word, || self.root.path.join(&name[..end]))?;
        }
        Ok(folder)
    }

    fn given(&self) -> io::Result<OwnedFd> {
        let flags = FOLDER.difference(OFlags::NOFOLLOW);
        Ok(retry_on_intr(|| rustix::fs::open(&self.root.given, flags, Mode::empty()))?)
    }

    /// Makes the store's own folder, where it is missing.
    pub(super) fn make_root(&self) -> io::Result<()> {
        std::fs::create_dir_all(&self.root.given)?;
        let mut folder = self.given()?;
        for (word, end) in words(&self.root.own) {
            let path = || self.root.given.join(&self.root.own[..end]);
            folder = self.make_step(folder.as_fd(), word, path)?;
        }
        Ok(())
    }

    /// Opens a folder, and makes it and those above it where they are missing. The store's own has to be
    /// there.
    pub(super) fn make_folder(&self, name: &str) -> io::Result<OwnedFd> {
        let mut folder = self.folder("")?;
        for (word, end) in words(name) {
            let path = || self.root.path.join(&name[..end]);
            folder = self.make_step(folder.as_fd(), word, path)?;
        }
        Ok(folder)
    }

    /// Opens a folder in an open one, and makes it where it is missing.
    fn make_step(
        &self,
        folder: BorrowedFd<'_>,
        word: &str,
        path: impl Fn() -> PathBuf,
    ) -> io::Result<OwnedFd> {
        match self.step(folder, word, &path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                match rustix::fs::mkdirat(folder, word, Mode::from_raw_mode(0o777)) {
                    // Another worker was here first.
                    Ok(()) | Err(Errno::EXIST) => self.step(folder, word, path),
                    Err(error) => Err(error.into()),
                }
            }
            opened => opened,
        }
    }

    /// Opens a folder in an open one.
    ///
    /// - `path`: the path that it is called by
    fn step(
        &self,
        folder: BorrowedFd<'_>,
        word: &str,
        path: impl Fn() -> PathBuf,
    ) -> io::Result<OwnedFd> {
        if matches!(word, ".." | "." | "") {
            return Err(ErrorKind::InvalidInput.into());
        }
        retry_on_intr(|| rustix::fs::openat(folder, word, FOLDER, Mode::empty())).map_err(|error| {
            let found = look_at(folder, word.as_ref()).ok().flatten();
            match found.map(|found| file_type(&found)) {
                // A file where a folder would be means that nothing can be below, and is said so.
                None | Some(FileType::Directory | FileType::RegularFile) => error.into(),
                Some(found) => OutOfPlace::new(path(), found, Due::Folder).into(),
            }
        })
    }

    /// Opens the folder that a name is in, and returns the name's last word.
    fn parent<'n>(&self, name: &'n str) -> io::Result<(OwnedFd, &'n str)> {
        let (folder, word) = split(name);
        match word {
            "" | "." | ".." => Err(ErrorKind::InvalidInput.into()),
            word => Ok((self.folder(folder)?, word)),
        }
    }

    /// Looks at what has a name, and follows no link: `None` where nothing has, nor can.
    pub(super) fn look(&self, name: &str) -> io::Result<Option<Stat>> {
        if name.is_empty() {
            return Ok(Some(rustix::fs::fstat(self.folder("")?)?));
        }
        match self.parent(name) {
            Err(error) if is_nothing(&error) => Ok(None),
            parent => {
                let (folder, word) = parent?;
                look_at(folder.as_fd(), word.as_ref())
            }
        }
    }

    /// Looks at a file, as [`Beneath::look`] does.
    ///
    /// # Errors
    /// If something else is there.
    pub(super) fn look_at_file(&self, name: &str) -> io::Result<Option<Stat>> {
        let found = self.look(name)?;
        match found.map(|found| file_type(&found)) {
            None | Some(FileType::RegularFile) => Ok(found),
            Some(other) => Err(self.out_of_place(name, other, Due::File)),
        }
    }

    /// Returns whether an open file is the one that has a name.
    pub(super) fn is_at(&self, file: &File, name: &str) -> io::Result<bool> {
        let open = rustix::fs::fstat(file)?;
        let there = self.look(name)?;
        Ok(there.is_some_and(|there| (there.st_dev, there.st_ino) == (open.st_dev, open.st_ino)))
    }

    /// Opens a regular file, and never waits for another program.
    ///
    /// - `flags`: how; with `CREATE` it is made where it is missing
    pub(super) fn open(&self, name: &str, flags: OFlags) -> io::Result<File> {
        let (folder, word) = match name {
            "" => return Err(self.out_of_place(name, FileType::Directory, Due::File)),
            name => self.parent(name)?,
        };
        let require_file = |found: Stat| match file_type(&found) {
            FileType::RegularFile => Ok(()),
            found => Err(self.out_of_place(name, found, Due::File)),
        };
        // Before opening, since to open a device can do things; and after it, since what has the name may
        // be another thing by then.
        look_at(folder.as_fd(), word.as_ref())?.map_or(Ok(()), require_file)?;
        let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o666);
        let file = retry_on_intr(|| rustix::fs::openat(&folder, word, flags, mode))?;
        require_file(rustix::fs::fstat(&file)?)?;
        Ok(file.into())
    }

    /// Makes a file that nothing has the name of.
    pub(super) fn create_new(&self, name: &str) -> io::Result<File> {
        let (folder, word) = self.parent(name)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(0o666);
        Ok(retry_on_intr(|| rustix::fs::openat(&folder, word, flags, mode))?.into())
    }

    /// Gives a file another name, whatever has it.
    pub(super) fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.with_both(from, to, |from_folder, from, to_folder, to| {
            Ok(rustix::fs::renameat(from_folder, from, to_folder, to)?)
        })
    }

    /// Gives a file a name that nothing has yet, in one step.
    pub(super) fn rename_to_new(&self, from: &str, to: &str) -> io::Result<()> {
        self.with_both(from, to, |from_folder, from, to_folder, to| {
            // A link fails where the name is taken, on every system; only file systems without links
            // need the rename that does so too.
            match rustix::fs::linkat(from_folder, from, to_folder, to, AtFlags::empty()) {
                Err(error) if is_without_links(error) => {
                    return rename_without_links(from_folder, from, to_folder, to);
                }
                linked => linked?,
            }
            fine_if_missing(rustix::fs::unlinkat(from_folder, from, AtFlags::empty()))
        })
    }

    /// Opens the folders of two names, or the one that both are in.
    fn with_both(
        &self,
        from: &str,
        to: &str,
        work: impl FnOnce(BorrowedFd<'_>, &str, BorrowedFd<'_>, &str) -> io::Result<()>,
    ) -> io::Result<()> {
        let (from_folder, from_word) = self.parent(from)?;
        if split(from).0 == split(to).0 {
            return work(from_folder.as_fd(), from_word, from_folder.as_fd(), split(to).1);
        }
        let (to_folder, to_word) = self.parent(to)?;
        work(from_folder.as_fd(), from_word, to_folder.as_fd(), to_word)
    }

    /// Removes a file, or a link itself. That there is none is fine.
    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        match self.parent(name) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            parent => {
                let (folder, word) = parent?;
                fine_if_missing(rustix::fs::unlinkat(&folder, word, AtFlags::empty()))
            }
        }
    }

    /// Removes an empty folder.
    pub(super) fn remove_folder(&self, name: &str) -> io::Result<()> {
        let (folder, word) = self.parent(name)?;
        Ok(rustix::fs::unlinkat(&folder, word, AtFlags::REMOVEDIR)?)
    }

    /// Removes whatever has a name, a folder with all that is in it. That there is nothing is fine.
    pub(super) fn remove_all(&self, name: &str) -> io::Result<()> {
        match self.parent(name) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            parent => {
                let (folder, word) = parent?;
                remove_below(folder.as_fd(), word.as_ref(), MOST_DEPTH)
            }
        }
    }

    /// Removes something in a folder, of any name, as [`Beneath::remove_all`] does.
    pub(super) fn remove_all_in(&self, folder: &str, word: &OsStr) -> io::Result<()> {
        remove_below(self.folder(folder)?.as_fd(), word, MOST_DEPTH)
    }

    /// Lists what is in a folder with the types of files, in no order.
    pub(super) fn entries(&self, name: &str) -> io::Result<Vec<(OsString, FileType)>> {
        entries(self.folder(name)?).map(|(entries, _)| entries)
    }

    /// Returns an error if there is anything but files and folders in a folder, or below.
    pub(super) fn require_plain(&self, name: &str) -> io::Result<()> {
        let mut waiting = vec![(name.to_owned(), 0)];
        while let Some((folder, depth)) = waiting.pop() {
            for (word, found) in self.entries(&folder)? {
                let path = format!("{folder}/{}", word.to_string_lossy());
                match found {
                    FileType::RegularFile => {}
                    // What is no text is no folder of ours: it is not looked into.
                    FileType::Directory if word.to_str().is_none() => {}
                    FileType::Directory if depth == MOST_DEPTH => return Err(too_deep()),
                    FileType::Directory => waiting.push((path, depth + 1)),
                    other => return Err(self.out_of_place(&path, other, Due::File)),
                }
            }
        }
        Ok(())
    }

    /// Makes the error of something that is where another thing belongs.
    pub(super) fn out_of_place(&self, name: &str, found: FileType, due: Due) -> io::Error {
        let root = &self.root.path;
        let path = if name.is_empty() { root.clone() } else { root.join(name) };
        OutOfPlace::new(path, found, due).into()
    }
}

/// The words of a name, each with where it ends.
fn words(name: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut end = 0;
    let words = name.split('/').filter(|_| !name.is_empty());
    words.map(move |word| {
        let begin = if end == 0 { 0 } else { end + 1 };
        end = begin + word.len();
        (word, end)
    })
}

/// The folder that a name is in, and its last word.
fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("", name))
}

/// Looks at what has a name in a folder, and follows no link.
fn look_at(folder: BorrowedFd<'_>, word: &OsStr) -> io::Result<Option<Stat>> {
    match rustix::fs::statat(folder, word, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
        found => Ok(Some(found?)),
    }
}

pub(super) fn file_type(found: &Stat) -> FileType {
    FileType::from_raw_mode(found.st_mode)
}

/// Lists what is in an open folder, and returns that too.
fn entries(folder: OwnedFd) -> io::Result<(Vec<(OsString, FileType)>, Dir)> {
    let mut folder = Dir::new(folder)?;
    let mut found = Vec::new();
    while let Some(entry) = folder.read() {
        let entry = entry?;
        let word = OsStr::from_bytes(entry.file_name().to_bytes());
        if word == "." || word == ".." {
            continue;
        }
        let found_type = match entry.file_type() {
            // Not every file system tells.
            FileType::Unknown => match look_at(folder.fd()?, word)? {
                Some(found) => file_type(&found),
                None => continue,
            },
            known => known,
        };
        found.push((word.to_owned(), found_type));
    }
    Ok((found, folder))
}

/// Removes something in an open folder, with all that is in it.
///
/// - `depth`: how deep folders may lie in one another
fn remove_below(folder: BorrowedFd<'_>, word: &OsStr, depth: usize) -> io::Result<()> {
    let Some(found) = look_at(folder, word)? else { return Ok(()) };
    if file_type(&found) != FileType::Directory {
        return fine_if_missing(rustix::fs::unlinkat(folder, word, AtFlags::empty()));
    }
    let Some(depth) = depth.checked_sub(1) else { return Err(too_deep()) };
    let own = retry_on_intr(|| rustix::fs::openat(folder, word, FOLDER, Mode::empty()))?;
    let (entries, own) = entries(own)?;
    for (word, _) in entries {
        remove_below(own.fd()?, &word, depth)?;
    }
    drop(own);
    fine_if_missing(rustix::fs::unlinkat(folder, word, AtFlags::REMOVEDIR))
}

fn too_deep() -> io::Error {
    io::Error::other(format!("it has folders in one another, more than {MOST_DEPTH}"))
}

/// Returns whether nothing is there, nor can be, since a file is where its folder would be.
pub(super) fn is_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn fine_if_missing(removed: rustix::io::Result<()>) -> io::Result<()> {
    match removed {
        Err(Errno::NOENT) => Ok(()),
        removed => Ok(removed?),
    }
}

fn is_without_links(error: Errno) -> bool {
    let kind = io::Error::from(error).kind();
    matches!(kind, ErrorKind::PermissionDenied | ErrorKind::Unsupported)
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(super) fn rename_without_links(
    from_folder: BorrowedFd<'_>,
    from: &str,
    to_folder: BorrowedFd<'_>,
    to: &str,
) -> io::Result<()> {
    use rustix::fs::{RenameFlags, renameat_with};
    Ok(renameat_with(from_folder, from, to_folder, to, RenameFlags::NOREPLACE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(super) fn rename_without_links(
    _: BorrowedFd<'_>,
    _: &str,
    _: BorrowedFd<'_>,
    _: &str,
) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}
