//! Names that do not say whether a file is a recording, and the bounded look at what is behind them.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use ossicle_files::join;

use crate::{
    ignored::{keep_first, kind_of},
    readable::is_settled,
    recording::{begins_with_sound, has_extension},
};

/// The files of a kind that are looked at to see whether there are recordings among them: the first ones
/// in order of their paths. With the bound on kinds, 25,600 files are looked at for this at most.
const FIRST: usize = 100;

/// The extensions of files that are known and no recordings; nobody looks at them. Copies that editors and
/// downloads leave are among them: a recording's copy begins as the recording does.
#[rustfmt::skip]
const NO_RECORDINGS: [&str; 116] = [
    // Text, labels and settings.
    "txt", "text", "lst", "list", "scp", "csv", "tsv", "json", "jsonl", "xml", "html", "htm", "md",
    "rst", "rtf", "tex", "pdf", "doc", "docx", "odt", "xls", "xlsx", "log", "out", "err", "ini",
    "cfg", "conf", "toml", "yaml", "yml", "phn", "wrd", "lab", "mlf", "textgrid", "ctm", "stm",
    "rttm", "uem", "eaf", "trs", "trn", "cha", "srt", "vtt", "dot", "prompts",
    // Arrays, tables, archives and models.
    "npy", "npz", "h5", "hdf5", "pt", "pth", "pkl", "pickle", "ark", "parquet", "arrow", "feather",
    "safetensors", "mat", "ckpt", "onnx", "tfrecord", "db", "sqlite", "mdb", "gz", "tgz", "bz2",
    "xz", "zst", "zip", "7z", "rar", "tar",
    // Pictures and videos.
    "png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "svg", "webp", "avi", "mov", "mkv", "ogv", "mpg", "mpeg", "wmv", "flv", "3gp",
    // Programs, and sums of files.
    "py", "pyc", "ipynb", "sh", "c", "h", "cpp", "rs", "m", "pl", "md5", "sha1", "sha256",
    // Copies.
    "bak", "orig", "old", "tmp", "part", "partial", "crdownload", "download",
];

/// The files below some folders whose names do not say what they are: of each kind, the first ones.
#[derive(Debug, Default)]
pub(crate) struct Unknown {
    first: BTreeMap<Box<str>, BTreeSet<PathBuf>>,
}

/// The kinds among whose files are recordings.
#[derive(Debug, Default)]
pub(crate) struct SoundKinds(BTreeSet<Box<str>>);

impl Unknown {
    /// Notes a file, if its name does not say what it is.
    ///
    /// - `relative`: its path below the corpus' folder
    pub(crate) fn note(&mut self, relative: &Path) {
        let Some(kind) = unknown_kind(relative) else { return };
        let first = self.first.entry(kind).or_default();
        if first.len() < FIRST || first.last().is_some_and(|last| relative < last.as_path()) {
            first.insert(relative.to_path_buf());
            if first.len() > FIRST {
                first.pop_last();
            }
        }
        keep_first(&mut self.first);
    }

    /// Looks at them.
    ///
    /// # Errors
    /// This one cannot be looked at just now: too many files are open, or the disk does not answer.
    pub(crate) fn sound_kinds(self, root: &Path) -> Result<SoundKinds, (PathBuf, io::Error)> {
        let mut kinds = BTreeSet::new();
        for (kind, first) in self.first {
            for relative in first {
                if is_recording(&join(root, relative))? {
                    kinds.insert(kind);
                    break;
                }
            }
        }
        Ok(SoundKinds(kinds))
    }
}

impl SoundKinds {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether the file is a recording, though its name does not say so. Only a file of these kinds
    /// is looked at.
    ///
    /// # Errors
    /// It cannot be looked at just now.
    pub(crate) fn have(&self, root: &Path, relative: &Path) -> Result<bool, (PathBuf, io::Error)> {
        match unknown_kind(relative) {
            Some(kind) if self.0.contains(&kind) => is_recording(&join(root, relative)),
            _ => Ok(false),
        }
    }
}

/// Looks at a file. One that nobody may read, or that is gone, is no recording; no pipe or device is opened.
fn is_recording(path: &Path) -> Result<bool, (PathBuf, io::Error)> {
    match begins_with_sound(path) {
        Err(error) if is_settled(&error) || error.kind() == ErrorKind::NotFound => Ok(false),
        seen => seen.map_err(|error| (path.to_path_buf(), error)),
    }
}

/// The kind of a file whose name does not say what it is. What is hidden, or in a hidden folder, is the
/// business of a program: there, Git LFS and DVC keep second copies of recordings, called by their hash.
fn unknown_kind(relative: &Path) -> Option<Box<str>> {
    let is_hidden = |part: &OsStr| part.as_encoded_bytes().starts_with(b".");
    let name = relative.file_name()?;
    let is_known = has_extension(name, &NO_RECORDINGS) || name.as_encoded_bytes().ends_with(b"~");
    (!is_known && !relative.iter().any(is_hidden)).then(|| kind_of(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_or_hidden_is_not_looked_at() {
        for name in ["a.txt", "a.NPY", "a.wav.bak", "a.wav~", ".a", ".git/lfs/objects/0f", "a.json"]
        {
            assert_eq!(unknown_kind(Path::new(name)), None, "{name}");
        }
        for (name, kind) in [("a", "no extension"), ("b.c/a.DAT", ".dat"), ("x/a.1", ".1")] {
            assert_eq!(unknown_kind(Path::new(name)).as_deref(), Some(kind), "{name}");
        }
    }

    #[test]
    fn the_first_of_each_kind_are_kept_in_whatever_order_they_come() {
        let names: Vec<PathBuf> = (0..1000).map(|n| format!("{n:04}.dat").into()).collect();
        let (mut up, mut down) = (Unknown::default(), Unknown::default());
        names.iter().for_each(|name| up.note(name));
        names.iter().rev().for_each(|name| down.note(name));
        for unknown in [up, down] {
            assert!(unknown.first[".dat"].iter().eq(&names[..FIRST]));
        }
    }
}
