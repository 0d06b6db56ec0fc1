//! The values of options.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// A setting: `KEY=VALUE`.
pub(crate) fn setting(text: &str) -> Result<(String, String), String> {
    ossicle_remote::Options::setting(text).ok_or_else(|| "it must be KEY=VALUE".to_owned())
}

/// A count of which there is at least one.
pub(crate) fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("it must be at least 1".to_owned()),
        Ok(n) if n <= 4096 => Ok(n),
        Ok(_) => Err("it must be at most 4096".to_owned()),
        Err(_) => Err("it must be a number".to_owned()),
    }
}

/// A duration in seconds.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds.is_finite() => Ok(seconds),
        _ => Err("it must be a positive number of seconds".to_owned()),
    }
}

/// A place in time, from 0 on.
pub(crate) fn second(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds >= 0.0 && seconds.is_finite() => Ok(seconds),
        _ => Err("it must be a number of seconds, 0 or more".to_owned()),
    }
}

/// Splits `PATH#UTTERANCE`: the path, and the utterance where one is named. What is there by the whole word is a path;
/// an id may have a `#` itself, where what stands before an earlier one is there.
pub(crate) fn path_and_utterance(word: &OsStr) -> (PathBuf, Option<String>) {
    if Path::new(word).exists() {
        return (word.into(), None);
    }
    let text = word.to_string_lossy();
    let mut splits = text.match_indices('#').map(|(at, _)| (&text[..at], &text[at + 1..]));
    let found = splits.find(|(path, _)| Path::new(path).exists()).or(text.rsplit_once('#'));
    match found {
        Some((path, name)) => (path.into(), Some(name.to_owned())),
        None => (word.into(), None),
    }
}

/// A size: `500MB`, `2GiB`, or bytes.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, f64); 11] = [
        ("", 1.0),
        ("k", 1e3),
        ("kB", 1e3),
        ("M", 1e6),
        ("MB", 1e6),
        ("G", 1e9),
        ("GB", 1e9),
        ("KiB", 1024.0),
        ("MiB", 1_048_576.0),
        ("GiB", 1_073_741_824.0),
        ("TB", 1e12),
    ];
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()));
    match (number.parse::<f64>(), unit) {
        (Ok(number), Some((_, unit))) if number > 0.0 => Ok((number * unit) as u64),
        _ => Err("it must be a size such as 500MB or 2GiB".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_a_path_and_what_follows_it_an_utterance() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["data", "a#b"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        for (word, path, name) in [
            ("data", "data", None),
            ("data#x", "data", Some("x")),
            ("data#x#y", "data", Some("x#y")),
            ("a#b", "a#b", None),
            ("a#b#c", "a#b", Some("c")),
            ("none#x#y", "none#x", Some("y")),
        ] {
            let (found, utterance) = path_and_utterance(folder.path().join(word).as_os_str());
            assert_eq!((found, utterance.as_deref()), (folder.path().join(path), name), "{word}");
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes("500MB"), Ok(500_000_000));
        assert_eq!(bytes("1.5 gib"), Ok(1_610_612_736));
        assert_eq!(bytes("4096"), Ok(4096));
        for bad in ["", "MB", "-1", "5 parsecs", "0"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }
}
