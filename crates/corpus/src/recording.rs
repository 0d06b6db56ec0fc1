//! The test of what is a recording: by name when a folder is searched, by content when one file is
//! given.

use std::{
    ffi::OsStr,
    io::{self, Read},
    path::{Path, PathBuf},
};

use ossicle_audio::{MAGIC_BYTES, holds_sound, looks_like_a_recording};
use ossicle_files::{OpenError, open_source, path_from_bytes, without_query};

/// The extensions of recordings. Which decoder reads a file is decided by its content, later.
/// `.wv1` and `.wv2` are the two microphones of WSJ (LDC93S6, LDC94S13).
const EXTENSIONS: [&str; 28] = [
    "wav", "wave", "sph", "nist", "wv1", "wv2", "flac", "mp3", "ogg", "oga", "opus", "webm", "mka",
    "m4a", "mp4", "aac", "aif", "aiff", "aifc", "au", "snd", "w64", "rf64", "caf", "wma", "amr",
    "raw", "pcm",
];

/// Those of them that have no header. They count only where a sample format is given: many other
/// things are called `.raw`.
const HEADERLESS: [&str; 2] = ["raw", "pcm"];

/// The files that count as recordings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sought {
    /// Audio that has a header.
    #[default]
    Audio,
    /// Headerless audio too: a format for it was given.
    RawAudioToo,
    /// Other files instead, which stand for recordings.
    StandIns(StandIns),
}

/// Files that stand for recordings: what was found in them, say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandIns {
    /// The end of their names, behind the recording's, with small letters: `_notes.bin`.
    pub suffix: &'static str,
    /// Their contents, for messages: `notes`.
    pub hold: &'static str,
}

impl StandIns {
    /// Returns the place in a file's name where the suffix begins, if it is the name of one.
    fn suffix_at(self, name: &OsStr) -> Option<usize> {
        let name = name.as_encoded_bytes();
        let at = name.len().checked_sub(self.suffix.len())?;
        // What is before is a name of its own.
        let is_one = !name[..at].iter().all(|&byte| byte == b'.')
            && name[at..].eq_ignore_ascii_case(self.suffix.as_bytes());
        is_one.then_some(at)
    }

    /// Returns whether the name is that of one.
    pub(crate) fn have_name(self, name: &OsStr) -> bool {
        self.suffix_at(name).is_some()
    }
}

/// Returns what the names of a recording and its alignment share: the path without extension, and of a
/// stand-in without its suffix.
pub(crate) fn stem(path: &Path, sought: Sought) -> PathBuf {
    let path = without_query(path);
    let name = path.file_name().unwrap_or_default();
    let short = match sought {
        Sought::StandIns(stand_ins) => stand_ins.suffix_at(name),
        _ => None,
    };
    match short.and_then(|at| path_from_bytes(&name.as_encoded_bytes()[..at])) {
        Some(name) => path.with_file_name(name),
        None => path.with_file_name(unpacked(name)).with_extension(""),
    }
}

/// Returns the stem of a file whose name has the extension of a recording twice: `SX1` for what is left
/// of `SX1.WAV.wav`, which converters write that add their own extension.
///
/// - `stem`: the path without its last extension
pub(crate) fn undoubled(stem: &Path) -> Option<PathBuf> {
    has_recording_name(stem.file_name()?, Sought::RawAudioToo).then(|| stem.with_extension(""))
}

/// Returns whether a file of this name counts as a recording, before it is looked into.
pub(crate) fn has_recording_name(name: &OsStr, sought: Sought) -> bool {
    // macOS keeps a file's attributes in a second file `._NAME` on disks that have no other place.
    if name.as_encoded_bytes().starts_with(b"._") {
        return false;
    }
    match sought {
        Sought::Audio => {
            let name = unpacked(name);
            has_extension(name, &EXTENSIONS) && !is_headerless(name)
        }
        Sought::RawAudioToo => has_extension(unpacked(name), &EXTENSIONS),
        Sought::StandIns(stand_ins) => stand_ins.have_name(name),
    }
}

/// Returns the name that a compressed recording had: `a.wav` for `a.wav.gz`.
fn unpacked(name: &OsStr) -> &OsStr {
    match Path::new(name).file_stem() {
        Some(stem) if has_extension(name, &["gz"]) => stem,
        _ => name,
    }
}

/// Returns whether a file of this name would count if its encoding were given.
pub(crate) fn would_be_recording(name: &OsStr, sought: Sought) -> bool {
    sought == Sought::Audio && has_recording_name(name, Sought::RawAudioToo)
}

/// Returns whether this is the name of headerless audio, which says nothing of itself.
pub(crate) fn is_headerless(name: &OsStr) -> bool {
    has_extension(name, &HEADERLESS)
}

/// Returns whether the name ends in one of these extensions, in any case.
pub(crate) fn has_extension(name: &OsStr, extensions: &[&str]) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|found| extensions.iter().any(|known| found.eq_ignore_ascii_case(known)))
}

/// The extensions as an error message lists them.
pub(crate) fn extensions_in_words(sought: Sought) -> String {
    let raw = sought == Sought::RawAudioToo;
    let with_header: Vec<&str> =
        EXTENSIONS.into_iter().filter(|known| raw || !HEADERLESS.contains(known)).collect();
    match sought {
        Sought::RawAudioToo => with_header.join(" "),
        Sought::Audio => {
            with_header.join(" ") + " (raw and pcm too, once their sample format is given)"
        }
        Sought::StandIns(StandIns { suffix, hold }) => {
            format!("{suffix}, because the recipe's {hold} come from files")
        }
    }
}

/// Returns whether this is a regular file that begins like a recording, whatever its name.
///
/// # Errors
/// It cannot be opened or read.
pub(crate) fn begins_like_a_recording(path: &Path) -> io::Result<bool> {
    Ok(head(path)?.is_some_and(|head| looks_like_a_recording(&head)))
}

/// Returns whether this is a regular file that begins as only recordings do, whatever its name.
///
/// # Errors
/// It cannot be opened or read.
pub(crate) fn begins_with_sound(path: &Path) -> io::Result<bool> {
    Ok(head(path)?.is_some_and(|head| holds_sound(&head)))
}

/// The first bytes of a regular file; none of anything else, which is not opened.
fn head(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    let opened = match open_source(path) {
        Ok(opened) => opened,
        Err(OpenError::Io(error)) => return Err(error),
        Err(OpenError::NotRegular { .. }) => return Ok(None),
    };
    opened.reader().take(MAGIC_BYTES as u64).read_to_end(&mut head)?;
    Ok(Some(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_count_in_any_case_and_headerless_ones_on_request() {
        for name in ["a.wav", "a.WAV", "a.b.Flac", "a.Rf64", "a.sph.gz", "a.WAV.GZ", "a.WV1"] {
            assert!(has_recording_name(name.as_ref(), Sought::Audio), "{name}");
        }
        for name in ["a.txt", "wav", ".wav", "a.wav.txt", "._a.wav", "a.txt.gz", "wav.gz", "a.gz"] {
            assert!(!has_recording_name(name.as_ref(), Sought::RawAudioToo), "{name}");
        }
        for name in ["a.raw", "a.PCM"] {
            assert!(!has_recording_name(name.as_ref(), Sought::Audio), "{name}");
            assert!(has_recording_name(name.as_ref(), Sought::RawAudioToo), "{name}");
        }
    }

    #[test]
    fn stand_ins_count_on_request_and_share_a_stem_with_their_alignment() {
        let sought = Sought::StandIns(StandIns { suffix: "_note.raw", hold: "notes" });
        for name in ["a_note.raw", "SX37_NOTE.RAW", "x._note.raw"] {
            assert!(has_recording_name(name.as_ref(), sought), "{name}");
        }
        for name in
            ["a_num.raw", "_note.raw", ".._note.raw", "a_note.wav", "note.raw", "._a_note.raw"]
        {
            assert!(!has_recording_name(name.as_ref(), sought), "{name}");
        }
        for (path, expected) in [
            ("d/a_note.raw", "d/a"),
            ("SX37_NOTE.RAW", "SX37"),
            ("a.b.wav", "a.b"),
            ("_note.raw", "_note"),
            ("d/a.wav.gz", "d/a"),
            ("d/a.gz", "d/a"),
        ] {
            assert_eq!(stem(Path::new(path), sought), Path::new(expected), "{path}");
        }
        let audio = Path::new("neuron_note.raw");
        assert_eq!(stem(audio, Sought::RawAudioToo), Path::new("neuron_note"));
    }
}
