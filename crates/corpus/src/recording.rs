//! The test of what is a recording: by name when a folder is searched, by content when one file is
//! given.

use std::{
    ffi::OsStr,
    io::{self, Read},
    path::{Path, PathBuf},
};

use ossicle_audio::looks_like_a_recording;
use ossicle_files::{OpenError, open_regular, path_from_bytes};

/// The extensions of recordings. Which decoder reads a file is decided by its content, later.
const EXTENSIONS: [&str; 24] = [
    "wav", "wave", "sph", "nist", "flac", "mp3", "ogg", "oga", "opus", "m4a", "mp4", "aac", "aif",
    "aiff", "aifc", "au", "snd", "w64", "rf64", "caf", "wma", "amr", "raw", "pcm",
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
    /// `X_spike.raw` instead: spikes that stand for a recording.
    Spikes,
}

/// The end of the name of a file of spikes.
const SPIKES_END: &[u8] = b"_spike.raw";

/// Returns whether this is the name of a file of spikes.
pub(crate) fn has_spikes_name(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    let begin = name.len().checked_sub(SPIKES_END.len());
    begin.is_some_and(|at| {
        // What is before is a name of its own.
        !name[..at].iter().all(|&byte| byte == b'.') && name[at..].eq_ignore_ascii_case(SPIKES_END)
    })
}

/// Returns what the names of a recording and its alignment share: the path without extension, and of spikes
/// without `_spike`.
pub(crate) fn stem(path: &Path, sought: Sought) -> PathBuf {
    let stem = path.with_extension("");
    if sought != Sought::Spikes || !path.file_name().is_some_and(has_spikes_name) {
        return stem;
    }
    let name = stem.file_name().unwrap_or_default().as_encoded_bytes();
    let short = name.len() - "_spike".len();
    match path_from_bytes(&name[..short]) {
        Some(name) => stem.with_file_name(name),
        None => stem,
    }
}

/// Returns whether a file of this name counts as a recording, before it is looked into.
pub(crate) fn has_recording_name(name: &OsStr, sought: Sought) -> bool {
    // macOS keeps a file's attributes in a second file `._NAME` on disks that have no other place.
    if name.as_encoded_bytes().starts_with(b"._") {
        return false;
    }
    match sought {
        Sought::Audio => has_extension(name, &EXTENSIONS) && !is_headerless(name),
        Sought::RawAudioToo => has_extension(name, &EXTENSIONS),
        Sought::Spikes => has_spikes_name(name),
    }
}

/// Returns whether this is the name of headerless audio, which says nothing of itself.
pub(crate) fn is_headerless(name: &OsStr) -> bool {
    has_extension(name, &HEADERLESS)
}

/// Returns whether this is the name of a TIMIT phone alignment.
pub(crate) fn has_alignment_name(name: &OsStr) -> bool {
    !name.as_encoded_bytes().starts_with(b"._") && has_extension(name, &["phn"])
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
        Sought::Spikes => "_spike.raw, because the recipe's spikes come from files".to_owned(),
    }
}

/// Returns whether this is a regular file that begins like a recording, whatever its name.
///
/// # Errors
/// It cannot be opened or read.
pub(crate) fn begins_like_a_recording(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    let opened = match open_regular(path) {
        Ok(opened) => opened,
        Err(OpenError::Io(error)) => return Err(error),
        Err(OpenError::NotRegular { .. }) => return Ok(false),
    };
    opened.file.take(12).read_to_end(&mut head)?;
    Ok(looks_like_a_recording(&head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_count_in_any_case_and_headerless_ones_on_request() {
        for name in ["a.wav", "a.WAV", "a.b.Flac", "a.Rf64"] {
            assert!(has_recording_name(name.as_ref(), Sought::Audio), "{name}");
        }
        for name in ["a.txt", "wav", ".wav", "a.wav.txt", "._a.wav"] {
            assert!(!has_recording_name(name.as_ref(), Sought::RawAudioToo), "{name}");
        }
        for name in ["a.raw", "a.PCM"] {
            assert!(!has_recording_name(name.as_ref(), Sought::Audio), "{name}");
            assert!(has_recording_name(name.as_ref(), Sought::RawAudioToo), "{name}");
        }
    }

    #[test]
    fn spikes_count_on_request_and_share_a_stem_with_their_alignment() {
        for name in ["a_spike.raw", "SX37_SPIKE.RAW", "x._spike.raw"] {
            assert!(has_recording_name(name.as_ref(), Sought::Spikes), "{name}");
        }
        for name in
            ["a_num.raw", "_spike.raw", ".._spike.raw", "a_spike.wav", "spike.raw", "._a_spike.raw"]
        {
            assert!(!has_recording_name(name.as_ref(), Sought::Spikes), "{name}");
        }
        for (path, expected) in [
            ("d/a_spike.raw", "d/a"),
            ("SX37_SPIKE.RAW", "SX37"),
            ("a.b.wav", "a.b"),
            ("_spike.raw", "_spike"),
        ] {
            assert_eq!(stem(Path::new(path), Sought::Spikes), Path::new(expected), "{path}");
        }
        let audio = Path::new("neuron_spike.raw");
        assert_eq!(stem(audio, Sought::RawAudioToo), Path::new("neuron_spike"));
    }
}
