//! Finds the files of a folder and everything below it.

use std::{
    collections::BTreeSet,
    fs, io, mem,
    path::{Path, PathBuf},
};

use ossicle_files::{Kind, absolute, is_too_many_files, is_url, printable, walk_objects};
use walkdir::WalkDir;

use crate::{
    error::Error,
    ignored::Ignored,
    left_out::{Reason, Reasons},
    readable::is_settled,
    recording::{self, Sought},
    tiers_sought::TiersSought,
    unknown::{SoundKinds, Unknown},
};

/// The files below the starting points, independent of the order of directories.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    /// The paths called like a recording: files, but also pipes, dangling links and folders; and files that
    /// begin as one. In order, relative to the root.
    pub(crate) recordings: Vec<PathBuf>,
    /// The paths called like an alignment, likewise.
    pub(crate) alignments: Vec<PathBuf>,
    /// Every other file.
    pub(crate) ignored: Ignored,
    /// Recordings among them.
    pub(crate) left_out: Reasons,
    /// The starting points, and the folders that links led to: absolute and without links.
    pub(crate) walked: BTreeSet<PathBuf>,
    /// Folders that could not be read: how many, and why the first could not.
    unreadable: Tally,
    /// Their paths, relative to the root.
    unreadable_folders: Vec<PathBuf>,
    /// Links to a folder that they are in.
    loops: Tally,
    /// Those among the ignored files that may be recordings.
    unknown: Unknown,
}

/// What a walk looks for.
#[derive(Debug)]
struct Search<'a> {
    /// The folder that paths are relative to.
    root: &'a Path,
    sought: Sought,
    /// The tiers that alignments are looked for with.
    tiers: TiersSought,
    /// The kinds of files that are looked into.
    sound: SoundKinds,
}

/// Things that went wrong in the same way: how many, and the first in order.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    first: Option<(PathBuf, String)>,
}

impl Tally {
    pub(crate) fn add(&mut self, path: &Path, why: impl ToString) {
        self.count += 1;
        if self.first.as_ref().is_none_or(|(first, _)| path < first.as_path()) {
            self.first = Some((path.to_path_buf(), why.to_string()));
        }
    }

    /// One line about all of them; none if there are none.
    pub(crate) fn notice(&self, one: &str, many: &str) -> Option<String> {
        let (path, why) = self.first.as_ref()?;
        let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
        Some(match self.count {
            1 => format!("{}: {one}{why}", printable(path)),
            count => format!("{count} {many}; the first is {}{why}", printable(path)),
        })
    }
}

/// The most folders that are open at once. Deeper trees are read level by level into memory; the limit of
/// open files may be small.
const MOST_OPEN: usize = 3;

impl Walk {
    /// Walks through all that is below `starts`, which lie below `root`. Links are followed. Files that may
    /// be alignments with the tiers are collected.
    ///
    /// Files of names that say nothing are looked into, the first few of each kind; only where there is a
    /// recording among those is everything walked through again, and all of that kind are looked into.
    ///
    /// # Errors
    /// One of `starts` itself cannot be read, or too many files are open. What lies below may be as broken
    /// as it likes.
    pub(crate) fn through(
        root: &Path,
        starts: &[&Path],
        sought: Sought,
        tiers: TiersSought,
    ) -> Result<Walk, Error> {
        let mut search = Search { root, sought, tiers, sound: SoundKinds::default() };
        let mut walk = search.walk(starts)?;
        if !matches!(sought, Sought::StandIns(_)) {
            search.sound = mem::take(&mut walk.unknown).sound_kinds(root).map_err(not_looked_at)?;
        }
        if search.sound.is_empty() { Ok(walk) } else { search.walk(starts) }
    }

    fn note_walked(&mut self, folder: &Path) {
        // A folder that is gone by now, or closed, is known by its name.
        let path = folder.canonicalize().or_else(|_| absolute(folder));
        self.walked.extend(path);
    }

    /// Notes an error of the walk, and returns the path of a file that is there but cannot be looked at (a
    /// dangling link). Whatever else does not end the walk becomes a line of the notices.
    ///
    /// - `root`, `start`: what paths are relative to, and where the walk began
    /// - `last_folder`: the folder seen last, which the walk tries to read next
    fn note_error(
        &mut self,
        (root, start): (&Path, &Path),
        last_folder: &Path,
        error: walkdir::Error,
    ) -> Result<Option<PathBuf>, Error> {
        let path = error.path().unwrap_or(start).to_path_buf();
        if error.loop_ancestor().is_some() {
            self.loops.add(&path, "");
            return Ok(None);
        }
        // A folder that was just seen cannot be looked at again where its path is too long.
        let is_folder =
            path == last_folder || fs::metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        let why = error.io_error().map(ToString::to_string).unwrap_or_default();
        // What the next run would find just so is a notice.
        let is_settled = error.io_error().is_none_or(is_settled);
        let too_many = is_too_many_files(&error);
        if error.depth() == 0 || too_many || (is_folder && !is_settled) {
            let source = error.into_io_error().unwrap_or_else(|| io::Error::other(why));
            return Err(Error::Open { path, source });
        }
        if is_folder {
            self.unreadable.add(&path, why);
            self.unreadable_folders.push(path.strip_prefix(root).unwrap_or(&path).to_path_buf());
            return Ok(None);
        }
        Ok(Some(path))
    }

    /// The folders that could not be read, in order, relative to the root. One that is called like a recording is among
    /// the recordings.
    pub(crate) fn unreadable_folders(&self) -> Vec<PathBuf> {
        let mut folders = self.unreadable_folders.clone();
        folders.retain(|folder| self.recordings.binary_search(folder).is_err());
        folders.sort_unstable();
        folders.dedup();
        folders
    }

    /// Returns how many folders could not be read.
    pub(crate) fn num_unreadable(&self) -> u64 {
        self.unreadable.count
    }

    /// The lines that the user should see.
    pub(crate) fn notices(&self) -> Vec<String> {
        let unreadable = self.unreadable.notice(
            "the folder cannot be read; its recordings are missing",
            "folders cannot be read; their recordings are missing",
        );
        let loops = self.loops.notice(
            "the link leads back to a folder that it is in; not followed",
            "links lead back to a folder that they are in; not followed",
        );
        unreadable.into_iter().chain(loops).collect()
    }
}

impl Search<'_> {
    fn walk(&self, starts: &[&Path]) -> Result<Walk, Error> {
        let mut walk = Walk::default();
        for start in starts {
            self.walk_below(start, &mut walk)?;
        }
        walk.recordings.sort_unstable();
        walk.alignments.sort_unstable();
        Ok(walk)
    }

    fn walk_below(&self, start: &Path, found: &mut Walk) -> Result<(), Error> {
        found.note_walked(start);
        if is_url(start) {
            let objects =
                walk_objects(start).map_err(|error| not_looked_at((start.into(), error)))?;
            return objects
                .into_iter()
                .try_for_each(|(path, kind)| self.sort(&path, Some(kind), found));
        }
        let mut last_folder = PathBuf::new();
        let walk = WalkDir::new(start).min_depth(1).max_open(MOST_OPEN).follow_links(true);
        let mut walk = walk.into_iter();
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    if let Some(path) = found.note_error((self.root, start), &last_folder, error)? {
                        self.sort(&path, None, found)?;
                    }
                    continue;
                }
            };
            if entry.file_type().is_dir() {
                if entry.path_is_symlink() && leads_above(entry.path()) {
                    found.loops.add(entry.path(), "");
                    walk.skip_current_dir();
                    continue;
                }
                last_folder = entry.path().to_path_buf();
                if entry.path_is_symlink() {
                    found.note_walked(entry.path());
                }
            }
            self.sort(entry.path(), Some(entry.file_type().into()), found)?;
        }
        Ok(())
    }

    /// Puts a path where it belongs.
    ///
    /// - `kind`: none where a link leads nowhere
    fn sort(&self, path: &Path, kind: Option<Kind>, found: &mut Walk) -> Result<(), Error> {
        let name = path.file_name().unwrap_or_default();
        let relative = path.strip_prefix(self.root).unwrap_or(path);
        let is_file = kind == Some(Kind::File);
        if recording::has_recording_name(name, self.sought)
            || (is_file && self.sound.have(self.root, relative).map_err(not_looked_at)?)
        {
            found.recordings.push(relative.to_path_buf());
            return Ok(());
        }
        if kind == Some(Kind::Folder) {
            return Ok(());
        }
        if self.tiers.may_be_in(name) {
            found.alignments.push(relative.to_path_buf());
        } else {
            found.ignored.add(relative);
            if recording::would_be_recording(name, self.sought) {
                found.left_out.add(Reason::Headerless, &printable(relative));
            }
            if is_file {
                found.unknown.note(relative);
            }
        }
        Ok(())
    }
}

fn not_looked_at((path, source): (PathBuf, io::Error)) -> Error {
    Error::Open { path, source }
}

/// Returns whether a link leads to a folder that it is in, though the walk may have begun below that: what is there
/// is beside the corpus, and not of it.
fn leads_above(link: &Path) -> bool {
    let Ok(target) = link.canonicalize() else { return false };
    link.parent()
        .and_then(|folder| folder.canonicalize().ok())
        .is_some_and(|f| f.starts_with(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_names_the_first_in_order_whatever_came_first() {
        let mut tally = Tally::default();
        assert_eq!(tally.notice("is bad", "files are bad"), None);
        tally.add(Path::new("b"), "worn");
        assert_eq!(tally.notice("is bad", "files are bad").unwrap(), "b: is bad (worn)");
        tally.add(Path::new("a"), "");
        tally.add(Path::new("c"), "");
        let notice = tally.notice("is bad", "files are bad").unwrap();
        assert_eq!(notice, "3 files are bad; the first is a");
    }
}
