//! Patterns of paths that no shell has expanded, because they were quoted: `'data/*.wav'`.

use std::{
    ffi::OsStr,
    io,
    path::{Component, Path, PathBuf},
};

use ossicle_files::{entries, is_there, is_url, join};

use crate::readable::if_readable;

/// The paths that a pattern means, in order; none where it is no pattern, or means nothing.
///
/// In a part of a path `*` stands for any characters, `?` for one, and `[a-c]` and `[!a]` for one of those, or of
/// others; `**` is any folders, or none. What begins with a dot is meant only by what begins with one.
///
/// # Errors
/// Too many files are open.
pub(crate) fn expand(pattern: &Path) -> io::Result<Vec<PathBuf>> {
    if !is_pattern(pattern.as_os_str()) {
        return Ok(Vec::new());
    }
    // What is behind the bucket of a URL may be one.
    let start = match is_url(pattern) {
        true => std::iter::successors(Some(pattern), |path| ossicle_files::parent(path)).last(),
        false => None,
    };
    let passed = start.map_or(0, |start| start.components().count());
    let mut found = vec![start.unwrap_or(Path::new("")).to_path_buf()];
    for part in pattern.components().skip(passed) {
        let name = part.as_os_str();
        found = match part {
            Component::Normal(name) if name == "**" => {
                let mut all = Vec::new();
                for folder in found {
                    add_folders(folder, &mut all)?;
                }
                all
            }
            Component::Normal(name) if is_pattern(name) => {
                let mut all = Vec::new();
                for folder in found {
                    for entry in names_in(&folder)? {
                        if matches(name.as_encoded_bytes(), entry.as_encoded_bytes()) {
                            all.push(join(&folder, entry));
                        }
                    }
                }
                all
            }
            _ => found.into_iter().map(|folder| folder.join(name)).collect(),
        };
    }
    found.retain(|path| is_there(path));
    found.sort();
    found.dedup();
    Ok(found)
}

fn is_pattern(text: &OsStr) -> bool {
    text.as_encoded_bytes().iter().any(|byte| b"*?[".contains(byte))
}

/// The names in a folder; none where it cannot be read.
fn names_in(folder: &Path) -> io::Result<Vec<std::ffi::OsString>> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = if_readable(entries(folder))?;
    Ok(entries.into_iter().flatten().map(|entry| entry.name()).collect())
}

/// Adds a folder and all below it, but over no link: one may lead back.
fn add_folders(folder: PathBuf, all: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut left = vec![folder];
    while let Some(folder) = left.pop() {
        let named = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
        for entry in if_readable(entries(named))?.into_iter().flatten() {
            let name = entry.name();
            if entry.is_own_folder() && !name.as_encoded_bytes().starts_with(b".") {
                left.push(join(&folder, name));
            }
        }
        all.push(folder);
    }
    Ok(())
}

/// Returns whether a name is one that a pattern means.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    if name.starts_with(b".") && !pattern.starts_with(b".") {
        return false;
    }
    let (mut at, mut of) = (0, 0);
    // The last `*`, and where what it stands for ends.
    let mut star: Option<(usize, usize)> = None;
    while of < name.len() {
        let step = match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, of));
                at += 1;
                continue;
            }
            Some(b'?') => Some(1),
            Some(b'[') => match class(&pattern[at..], name[of]) {
                Some((length, is_in)) => is_in.then_some(length),
                None => (name[of] == b'[').then_some(1),
            },
            Some(byte) => (*byte == name[of]).then_some(1),
            None => None,
        };
        match (step, star) {
            (Some(length), _) => (at, of) = (at + length, of + 1),
            // The last star stands for one more.
            (None, Some((begin, end))) => {
                star = Some((begin, end + 1));
                (at, of) = (begin + 1, end + 1);
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// The length of the class that a pattern begins with, and whether a byte is in it; none where it has no end.
fn class(pattern: &[u8], byte: u8) -> Option<(usize, bool)> {
    let is_not = matches!(pattern.get(1), Some(b'!' | b'^'));
    let begin = if is_not { 2 } else { 1 };
    // A `]` that comes first is one of the characters.
    let end = begin + 1 + pattern.get(begin + 1..)?.iter().position(|byte| *byte == b']')?;
    let mut inside = &pattern[begin..end];
    let mut is_in = false;
    while let [first, rest @ ..] = inside {
        (is_in, inside) = match rest {
            [b'-', last, rest @ ..] => (is_in || (*first..=*last).contains(&byte), rest),
            rest => (is_in || *first == byte, rest),
        };
    }
    Some((end + 1, is_in != is_not))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs;

    /// What a pattern of `*` and `?` means, by trying everything.
    fn naive(pattern: &[u8], name: &[u8]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            ([b'*', rest @ ..], _) => (0..=name.len()).any(|length| naive(rest, &name[length..])),
            ([b'?', pattern @ ..], [_, name @ ..]) => naive(pattern, name),
            ([a, pattern @ ..], [b, name @ ..]) => a == b && naive(pattern, name),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn a_pattern_means_what_trying_everything_finds(
            pattern in "[ab*?]{0,8}", name in "[ab]{0,8}"
        ) {
            let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
            prop_assert_eq!(matches(pattern, name), naive(pattern, name));
        }
    }

    #[test]
    fn classes_have_ranges_and_opposites() {
        for (pattern, name, expected) in [
            ("[a-c]x", "bx", true),
            ("[a-c]x", "dx", false),
            ("[!a-c]x", "dx", true),
            ("[]x]", "]", true),
            ("[a", "[a", true),
            ("*.wav", ".wav", false),
            (".*", ".wav", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_quoted_pattern_is_expanded_as_a_shell_would() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["a/1.wav", "a/2.wav", "a/b/3.wav", "a/.4.wav", "c/1.txt"] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        let expanded = |pattern: &str| {
            let found = expand(&folder.path().join(pattern)).unwrap();
            let below = found.iter().map(|path| path.strip_prefix(folder.path()).unwrap());
            below.map(|path| path.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(expanded("a/*.wav"), ["a/1.wav", "a/2.wav"]);
        assert_eq!(expanded("*/1.*"), ["a/1.wav", "c/1.txt"]);
        assert_eq!(expanded("**/*.wav"), ["a/1.wav", "a/2.wav", "a/b/3.wav"]);
        assert_eq!(expanded("[ac]/?.txt"), ["c/1.txt"]);
        assert_eq!(expanded("a/1.wav"), [""; 0]);
        assert_eq!(expanded("x*/1.wav"), [""; 0]);
    }
}
