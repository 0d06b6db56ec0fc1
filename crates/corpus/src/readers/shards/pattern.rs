//! Words that stand for several paths: `shard-{000000..000127}.tar`, `{train,valid}-0.tar`, `shard-*.tar`.
//!
//! Braces are those of bash's manual, "Brace Expansion", with numbers: webdataset's and NeMo's users write
//! them. NeMo also writes `_OP_` and `_CL_`, as its programs cannot have braces in their arguments.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{error::Error, names::folder_of, readers::reader::not_opened};

/// The most paths that a word stands for.
const MOST_PATHS: usize = 1_000_000;

/// Returns the paths that a word stands for, in order; none where it stands for no others.
///
/// # Errors
/// It stands for too many, or a folder that it names cannot be read.
pub(crate) fn expand(word: &Path) -> Result<Option<Vec<PathBuf>>, Error> {
    let Some(text) = word.to_str() else { return Ok(None) };
    let text = text.replace("_OP_", "{").replace("_CL_", "}");
    let mut expanded = Vec::new();
    if braces(&text, &mut expanded).is_none() {
        return Err(Error::TooManyPaths { word: word.to_path_buf(), most: MOST_PATHS });
    }
    let mut paths = Vec::new();
    let mut is_pattern = expanded.len() > 1 || expanded.first() != Some(&text);
    for text in expanded {
        let path = PathBuf::from(&text);
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        match name.contains(['*', '?']) && path.symlink_metadata().is_err() {
            true => {
                is_pattern = true;
                paths.extend(matching(folder_of(&path), name, &path)?);
            }
            false => paths.push(path),
        }
    }
    Ok((is_pattern && !paths.is_empty()).then_some(paths))
}

/// Adds what a text with braces stands for; none if that is too much.
fn braces(text: &str, all: &mut Vec<String>) -> Option<()> {
    let Some((before, choices, behind)) = first_braces(text) else {
        all.push(text.to_owned());
        return (all.len() <= MOST_PATHS).then_some(());
    };
    for choice in choices? {
        braces(&format!("{before}{choice}{behind}"), all)?;
    }
    Some(())
}

/// What is before the first braces that stand for something, what they stand for, and what is behind
/// them. There are too many choices where the second is none.
fn first_braces(text: &str) -> Option<(&str, Option<Vec<String>>, &str)> {
    for (open, _) in text.match_indices('{') {
        let Some(close) = closing(text, open) else { continue };
        let inside = &text[open + 1..close];
        let choices = match range(inside) {
            Some(choices) => choices,
            None => {
                let choices = at_commas(inside);
                if choices.len() < 2 {
                    continue;
                }
                Some(choices)
            }
        };
        return Some((&text[..open], choices, &text[close + 1..]));
    }
    None
}

/// Where the braces end that begin at a place.
fn closing(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The parts between commas that are in no braces of their own.
fn at_commas(inside: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for character in inside.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap_or(&mut String::new()).push(character);
    }
    parts
}

/// The numbers of `first..last`, as wide as the wider one where it has zeros in front; none of them where
/// they are too many.
fn range(inside: &str) -> Option<Option<Vec<String>>> {
    let (first, last) = inside.split_once("..")?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(first) || !is_number(last) {
        return None;
    }
    let is_wide = |text: &str| text.len() > 1 && text.starts_with('0');
    let width = if is_wide(first) || is_wide(last) { first.len().max(last.len()) } else { 0 };
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    if first.abs_diff(last) >= MOST_PATHS as u64 {
        return Some(None);
    }
    let number = |number: u64| format!("{number:0width$}");
    Some(Some(match first <= last {
        true => (first..=last).map(number).collect(),
        false => (last..=first).rev().map(number).collect(),
    }))
}

/// The paths in a folder whose names a pattern matches, in order.
fn matching(folder: &Path, pattern: &str, word: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(|source| not_opened(word, source))?;
    let pattern: Vec<char> = pattern.chars().collect();
    let is_match = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        name.to_str().is_some_and(|name| {
            // A hidden file is asked for by its dot.
            let is_hidden = name.starts_with('.') && pattern.first() != Some(&'.');
            !is_hidden && matches(&pattern, &name.chars().collect::<Vec<_>>())
        })
    };
    let names = entries.flatten().filter(is_match).map(|entry| entry.file_name());
    let in_folder = |name: std::ffi::OsString| match word.parent() {
        Some(folder) => folder.join(name),
        None => name.into(),
    };
    let mut paths: Vec<PathBuf> = names.map(in_folder).collect();
    paths.sort_unstable();
    Ok(paths)
}

/// Whether a pattern of `*` and `?` matches a name. Goes back to the last `*` alone, so that no pattern
/// takes longer than the product of both lengths.
fn matches(pattern: &[char], name: &[char]) -> bool {
    let (mut at, mut in_name, mut last) = (0, 0, None);
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                last = Some((at, in_name));
                at += 1;
            }
            Some(&one) if one == '?' || one == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => {
                let Some((star, from)) = last else { return false };
                (at, in_name) = (star + 1, from + 1);
                last = Some((star, from + 1));
            }
        }
    }
    pattern[at..].iter().all(|&one| one == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        braces(text, &mut all).unwrap();
        all
    }

    #[test]
    fn braces_stand_for_what_bash_makes_of_them() {
        for (text, expected) in [
            ("a.tar", &["a.tar"][..]),
            ("s-{08..11}.tar", &["s-08.tar", "s-09.tar", "s-10.tar", "s-11.tar"]),
            ("s-{2..0}", &["s-2", "s-1", "s-0"]),
            ("s-{9..010}", &["s-009", "s-010"]),
            ("{a,b}-{0..1}", &["a-0", "a-1", "b-0", "b-1"]),
            ("{a,b{0..1}}", &["a", "b0", "b1"]),
            ("{a}", &["{a}"]),
            ("{a..c}", &["{a..c}"]),
            ("{x{0..1}", &["{x0", "{x1"]),
            ("{,a}b", &["b", "ab"]),
        ] {
            assert_eq!(expanded(text), expected, "{text}");
        }
        for many in ["{0..99999999999}", "{0..999}{0..999}{0..999}"] {
            assert!(braces(many, &mut Vec::new()).is_none(), "{many}");
        }
    }

    #[test]
    fn nemos_words_for_braces_are_braces_and_stars_are_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["s-10.tar", "s-2.tar", "s-1.txt", ".s-3.tar"] {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        let of = |word: &str| {
            let paths = expand(&folder.path().join(word)).unwrap()?;
            let name = |path: PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
            Some(paths.into_iter().map(name).collect::<Vec<_>>())
        };
        assert_eq!(of("a_OP_0..1_CL_.tar").unwrap(), ["a0.tar", "a1.tar"]);
        assert_eq!(of("s-*.tar").unwrap(), ["s-10.tar", "s-2.tar"]);
        assert_eq!(of("s-?.*").unwrap(), ["s-1.txt", "s-2.tar"]);
        assert_eq!(of("{s-2,s-1*}.tar").unwrap(), ["s-2.tar", "s-10.tar"]);
        assert_eq!(of("x*.tar"), None);
        assert_eq!(of("s-2.tar"), None);
    }

    #[test]
    fn a_pattern_matches_as_the_naive_one_does() {
        fn naive(pattern: &[char], name: &[char]) -> bool {
            match (pattern.split_first(), name.split_first()) {
                (None, None) => true,
                (Some(('*', rest)), _) => (0..=name.len()).any(|n| naive(rest, &name[n..])),
                (Some((one, rest)), Some((c, others))) => {
                    (*one == '?' || one == c) && naive(rest, others)
                }
                _ => false,
            }
        }
        let mut random = 3_usize;
        for _ in 0..20_000 {
            let mut draw = |from: &str, most: usize| -> Vec<char> {
                let mut number = |below: usize| {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (random >> 33) % below
                };
                let from: Vec<char> = from.chars().collect();
                (0..number(most)).map(|_| from[number(from.len())]).collect()
            };
            let (pattern, name) = (draw("ab*?", 7), draw("ab", 8));
            assert_eq!(matches(&pattern, &name), naive(&pattern, &name), "{pattern:?} {name:?}");
        }
    }
}
