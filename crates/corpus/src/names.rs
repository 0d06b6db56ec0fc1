//! Names: of files as people read them, of utterances, of splits.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use crate::recording::{Sought, stem};

/// A path as text: `/` between its parts, and `%XX` (upper-case hexadecimal) for `%` itself, for
/// control characters and for bytes that are not UTF-8.
///
/// The text is safe to print, is the same on every machine, and can be turned back into the path.
///
/// ```
/// use ossicle_corpus::printable;
/// use std::path::Path;
///
/// assert_eq!(printable(Path::new("mary/100%\n.wav")), "mary/100%25%0A.wav");
/// ```
pub fn printable(path: &Path) -> String {
    let text = escaped(path.as_os_str().as_encoded_bytes());
    if cfg!(windows) { text.replace('\\', "/") } else { text }
}

/// The bytes as text, escaped as [`printable`] says.
pub(crate) fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character == '%' || character.is_control() {
                escape_into(&mut text, character.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                text.push(character);
            }
        }
        escape_into(&mut text, chunk.invalid());
    }
    text
}

fn escape_into(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        write!(text, "%{byte:02X}").unwrap_or_else(|_| unreachable!("a String takes any text"));
    }
}

/// Something from a file for an error message: made visible, and no longer than a line.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => escaped(&text.as_bytes()[..end]) + "…",
        None => escaped(text.as_bytes()),
    }
}

/// The path that these bytes spell; none where the platform's paths cannot hold them.
pub(crate) fn path_from_bytes(bytes: &[u8]) -> Option<PathBuf> {
    #[cfg(unix)]
    {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        Some(PathBuf::from(OsStr::from_bytes(bytes)))
    }
    #[cfg(not(unix))]
    {
        std::str::from_utf8(bytes).ok().map(PathBuf::from)
    }
}

/// The folder that holds a file, `.` for a bare file name.
pub(crate) fn folder_of(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Whether a split may have this name: it becomes a folder of the dataset and a word of a command
/// line.
pub(crate) fn is_split_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// The ids of recordings, in the order of their `sources`: the path without its extension. Where
/// two recordings would share an id, both keep their extension.
///
/// # Errors
/// The indices of two sources whose ids are the same with their extension too. Different relative
/// paths never are; `a/b.wav` and `/a/b.wav` are.
pub(crate) fn assign_ids(
    sources: &[PathBuf],
    sought: Sought,
) -> Result<Vec<String>, (usize, usize)> {
    let mut ids: Vec<String> = sources.iter().map(|path| id_of(&stem(path, sought))).collect();
    let mut keeps_extension = vec![false; sources.len()];
    // `a.wav` and `a.flac` become their own ids, which may then be the id of `a.wav.wav`: again,
    // until nothing collides. A file name has room for few extensions, so this ends soon.
    loop {
        let colliding = collisions(&ids);
        if colliding.is_empty() {
            return Ok(ids);
        }
        let mut changed = false;
        for &index in &colliding {
            if !keeps_extension[index] {
                keeps_extension[index] = true;
                ids[index] = id_of(&sources[index]);
                changed = true;
            }
        }
        if !changed {
            return Err((colliding[0], colliding[1]));
        }
    }
}

/// The indices of ids that occur more than once, those of one id next to each other.
pub(crate) fn collisions(ids: &[String]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ids.len()).collect();
    order.sort_by_key(|&index| &ids[index]);
    order
        .chunk_by(|&a, &b| ids[a] == ids[b])
        .filter(|group| group.len() > 1)
        .flatten()
        .copied()
        .collect()
}

/// The parts of a path with `/` between them, escaped; the root of an absolute path is left out.
fn id_of(path: &Path) -> String {
    let mut id = String::with_capacity(path.as_os_str().len());
    for part in path.components().filter(|part| !matches!(part, Component::RootDir)) {
        if !id.is_empty() {
            id.push('/');
        }
        id.push_str(&escaped(part.as_os_str().as_encoded_bytes()));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Turns [`escaped`] back.
    fn unescaped(text: &str) -> Vec<u8> {
        let mut bytes = text.bytes();
        let mut found = Vec::new();
        while let Some(byte) = bytes.next() {
            found.push(if byte == b'%' {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            } else {
                byte
            });
        }
        found
    }

    fn ids(sources: &[&str]) -> Result<Vec<String>, (usize, usize)> {
        assign_ids(&sources.iter().map(PathBuf::from).collect::<Vec<_>>(), Sought::Audio)
    }

    proptest! {
        #[test]
        fn escaping_is_reversible_and_prints_no_control_character(
            bytes in prop::collection::vec(
                prop_oneof![any::<u8>(), Just(b'%'), 0x7f_u8..0xc3],
                0..64,
            )
        ) {
            let text = escaped(&bytes);
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert_eq!(unescaped(&text), bytes);
        }

        #[test]
        fn different_relative_paths_get_different_ids(
            sources in prop::collection::btree_set("[ab](\\.wav|\\.flac|\\.WAV){0,3}", 0..12)
        ) {
            let sources: Vec<PathBuf> = sources.into_iter().map(PathBuf::from).collect();
            let ids = assign_ids(&sources, Sought::Audio).unwrap();
            prop_assert_eq!(collisions(&ids), Vec::<usize>::new());
        }
    }

    #[test]
    fn a_long_word_is_cut_and_made_visible_in_messages() {
        assert_eq!(shown("a\tb"), "a%09b");
        assert_eq!(shown(&"ä".repeat(41)), "ä".repeat(40) + "…");
    }

    #[test]
    fn an_id_is_the_path_without_its_extension() {
        assert_eq!(ids(&["a.b/c.d.wav", "x", "../y.wav"]).unwrap(), ["a.b/c.d", "x", "../y"]);
    }

    #[test]
    fn colliding_ids_keep_their_extension_also_when_that_collides_again() {
        assert_eq!(ids(&["a.wav", "a.flac", "b.wav"]).unwrap(), ["a.wav", "a.flac", "b"]);
        assert_eq!(
            ids(&["a.wav", "a.flac", "a.wav.wav"]).unwrap(),
            ["a.wav", "a.flac", "a.wav.wav"]
        );
    }

    #[test]
    fn an_absolute_and_a_relative_path_can_collide_for_good() {
        assert_eq!(ids(&["x.wav", "/a/b.wav", "a/b.wav"]), Err((1, 2)));
    }

    #[test]
    fn split_names_are_plain_words() {
        for name in ["train", "9", "dev-clean_2"] {
            assert!(is_split_name(name), "{name}");
        }
        for name in ["", "-train", "_", "a b", "a/b", "..", "ä"] {
            assert!(!is_split_name(name), "{name}");
        }
    }
}
