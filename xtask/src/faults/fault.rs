//! A fault: what is done to which system call.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::call::Call;

/// The effect of a fault on its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Everything ends when it begins.
    Kill,
    /// The call does nothing and says so.
    Error(&'static str),
    /// And so do all after it.
    ErrorFromHereOn(&'static str),
}

/// Aimed at calls of one name.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) call: String,
    pub(crate) effect: Effect,
    pub(crate) number: usize,
    /// Calls that touch one of these.
    pub(crate) paths: Vec<PathBuf>,
    /// True if the call would have changed something.
    pub(crate) changes: bool,
}

impl Fault {
    /// Each call with each of its errors, each changing call with a kill, and each kind of changing call
    /// failing from some moment on, as on a disk that is full or gone.
    pub(crate) fn all(calls: &[Call], out: &Path) -> Vec<Self> {
        let mut faults = Vec::new();
        let mut seen = HashSet::new();
        let mut kinds: BTreeMap<&str, (usize, Vec<PathBuf>)> = BTreeMap::new();
        for call in calls {
            // Threads that touch the same path each count their own calls.
            if !seen.insert((&call.name, &call.path, call.number)) {
                continue;
            }
            let aimed = |effect| Fault {
                call: call.name.clone(),
                effect,
                number: call.number,
                paths: vec![call.path.clone()],
                changes: call.changes,
            };
            if call.changes {
                faults.push(aimed(Effect::Kill));
            }
            faults.extend(errors(call).iter().map(|&error| aimed(Effect::Error(error))));
            if call.changes && call.name != "flock" && call.path.starts_with(out) {
                let (count, paths) = kinds.entry(&call.name).or_default();
                *count += 1;
                if !paths.contains(&call.path) {
                    paths.push(call.path.clone());
                }
            }
        }
        for (name, (count, paths)) in kinds {
            for number in 1..=count {
                let error =
                    if name.starts_with("unlink") || name == "rmdir" { "EROFS" } else { "ENOSPC" };
                let effect = Effect::ErrorFromHereOn(error);
                let (call, paths) = (name.to_owned(), paths.clone());
                faults.push(Fault { call, effect, number, paths, changes: true });
            }
        }
        faults
    }

    /// In words that a person can search: the call, what is done to it, which one, and where.
    pub(crate) fn in_words(&self, root: &Path) -> String {
        let call = &self.call;
        let place = match &self.paths[..] {
            [path] => {
                let path = path.strip_prefix(root).unwrap_or(path);
                format!("./{}", path.display())
            }
            _ => "anything".to_owned(),
        };
        let number = self.number;
        match self.effect {
            Effect::Kill => format!("{call} killed at {number} of {place}"),
            Effect::Error(error) => format!("{call} {error} at {number} of {place}"),
            Effect::ErrorFromHereOn(error) => format!("{call} {error} from {number} on of {place}"),
        }
    }

    /// Returns whether the call came, so that the fault struck.
    pub(crate) fn has_struck(&self, log: &Path) -> Result<bool> {
        let text = fs::read(log).with_context(|| format!("cannot read {}", log.display()))?;
        let text = String::from_utf8_lossy(&text);
        Ok(text.contains("(INJECTED)") || text.contains("+++ killed by SIGKILL +++"))
    }

    /// Returns whether waiting, or another try, is all it takes.
    pub(crate) fn passes(&self) -> bool {
        self.is_a_lack_of_files() || matches!(self.effect, Effect::Error("EINTR"))
    }

    pub(crate) fn is_a_lack_of_files(&self) -> bool {
        matches!(self.effect, Effect::Error("EMFILE" | "ENFILE"))
    }
}

/// Returns the errors to try on a call: those that calls of its kind can have (open(2), write(2), …).
fn errors(call: &Call) -> &'static [&'static str] {
    match (call.name.as_str(), call.changes) {
        ("openat" | "open" | "creat", true) => {
            &["ENOSPC", "EIO", "EDQUOT", "EROFS", "EMFILE", "ENFILE", "EINTR"]
        }
        // The C library's opendir() is not tried again when a signal comes between, unlike open().
        ("openat" | "open", false) if call.opens_folder => &["EIO", "EMFILE", "ENFILE"],
        ("openat" | "open", false) => &["EIO", "EMFILE", "ENFILE", "EINTR"],
        ("read" | "pread64" | "readv", _) => &["EIO", "EINTR"],
        ("getdents64" | "statx" | "newfstatat", _) => &["EIO"],
        ("write" | "pwrite64" | "writev" | "pwritev", _) => &["ENOSPC", "EIO", "EDQUOT", "EINTR"],
        ("fsync" | "fdatasync", _) => &["EIO", "ENOSPC", "EDQUOT", "EINTR"],
        ("ftruncate" | "fallocate", _) => &["ENOSPC", "EIO", "EDQUOT", "EINTR"],
        ("sync_file_range", _) => &["EIO", "ENOSPC"],
        ("flock", _) => &["EAGAIN", "ENOLCK", "EOPNOTSUPP"],
        ("unlink" | "unlinkat" | "rmdir", _) => &["EIO", "EROFS"],
        ("rename" | "renameat" | "renameat2" | "mkdir" | "mkdirat" | "link" | "linkat", _) => {
            &["ENOSPC", "EIO", "EDQUOT", "EROFS"]
        }
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_change_something_are_killed_at_and_fail_once_and_from_then_on() {
        let call = |name: &str, path: &str, changes| Call {
            name: name.to_owned(),
            path: path.into(),
            word: None,
            number: 1,
            changes,
            opens_folder: false,
        };
        let calls = [call("unlink", "/w/out/a", true), call("read", "/w/corpus/b", false)];
        let faults = Fault::all(&calls, Path::new("/w/out"));
        let words: Vec<_> = faults.iter().map(|it| it.in_words(Path::new("/w"))).collect();
        assert_eq!(
            words,
            [
                "unlink killed at 1 of ./out/a",
                "unlink EIO at 1 of ./out/a",
                "unlink EROFS at 1 of ./out/a",
                "read EIO at 1 of ./corpus/b",
                "read EINTR at 1 of ./corpus/b",
                "unlink EROFS from 1 on of ./out/a",
            ]
        );
        let passing: Vec<_> = faults.iter().map(Fault::passes).collect();
        assert_eq!(passing, [false, false, false, false, true, false]);
    }
}
