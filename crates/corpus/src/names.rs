//! Names: of utterances, of splits, and words of a file in messages.

use std::path::{Component, Path};

use ossicle_files::{is_url, parent, percent_escaped, without_query};

use crate::recording::{Sought, stem};

/// Shows text from a file in an error message: made visible, and no longer than a line.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => percent_escaped(&text.as_bytes()[..end]) + "…",
        None => percent_escaped(text.as_bytes()),
    }
}

/// The folder that holds a file, `.` for a bare file name.
pub(crate) fn folder_of(file: &Path) -> &Path {
    match parent(file) {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        // A bucket is in nothing.
        None if is_url(file) => file,
        _ => Path::new("."),
    }
}

/// Returns whether a split may have this name: it becomes a folder of the dataset and a word of a
/// command line.
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
    sources: &[impl AsRef<Path>],
    sought: Sought,
) -> Result<Vec<String>, (usize, usize)> {
    let mut ids: Vec<String> =
        sources.iter().map(|path| id_of(&stem(path.as_ref(), sought))).collect();
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
                ids[index] = id_of(sources[index].as_ref());
                changed = true;
            }
        }
        if !changed {
            return Err((colliding[0], colliding[1]));
        }
    }
}

/// The indices of ids that occur more than once, those of one id next to each other.
pub(crate) fn collisions(ids: &[impl Ord]) -> Vec<usize> {
    collisions_of(ids.len(), |number| &ids[number])
}

/// The same of so many things that have ids.
pub(crate) fn collisions_of<T: Ord>(count: usize, id: impl Fn(usize) -> T) -> Vec<usize> {
    // Memory ends long before the numbers do.
    let mut order: Vec<u32> = (0..count as u32).collect();
    let id = |&number: &u32| id(number as usize);
    order.sort_by_key(id);
    order
        .chunk_by(|a, b| id(a) == id(b))
        .filter(|group| group.len() > 1)
        .flatten()
        .map(|&number| number as usize)
        .collect()
}

/// The id of a folder that stands for the recordings in it, which nobody can list: that of no recording.
pub(crate) fn id_of_folder(path: &Path) -> String {
    id_of(path) + "/"
}

/// The parts of a path with `/` between them, escaped; the root of an absolute path is left out, as is the scheme of a
/// URL.
fn id_of(path: &Path) -> String {
    let mut id = String::with_capacity(path.as_os_str().len());
    let scheme = usize::from(is_url(path));
    let parts = without_query(path).components().skip(scheme);
    for part in parts.filter(|part| !matches!(part, Component::RootDir)) {
        if !id.is_empty() {
            id.push('/');
        }
        id.push_str(&percent_escaped(part.as_os_str().as_encoded_bytes()));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::PathBuf;

    fn ids(sources: &[&str]) -> Result<Vec<String>, (usize, usize)> {
        assign_ids(&sources.iter().map(PathBuf::from).collect::<Vec<_>>(), Sought::Audio)
    }

    proptest! {
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
