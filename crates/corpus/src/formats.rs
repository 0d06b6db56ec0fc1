//! The formats that descriptions are read as, by their names.

use std::{path::PathBuf, str::FromStr};

use crate::{error::Error, format::CorpusFormat, readers::READERS};

impl CorpusFormat {
    /// Returns every format, in the order in which they are looked for.
    pub fn all() -> impl Iterator<Item = CorpusFormat> {
        READERS.iter().map(|reader| reader.format())
    }
}

impl FromStr for CorpusFormat {
    type Err = Error;

    fn from_str(name: &str) -> Result<CorpusFormat, Error> {
        let found = CorpusFormat::all().find(|format| format.name == name);
        found.ok_or_else(|| Error::NoSuchFormat {
            name: name.to_owned(),
            known: CorpusFormat::all().map(CorpusFormat::name).collect(),
        })
    }
}

/// The formats that descriptions are read as, where they are not recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Formats {
    of_all: Option<CorpusFormat>,
    of_splits: Vec<(String, CorpusFormat)>,
}

impl Formats {
    /// Makes it of words: a format's name, for every description, or `SPLIT=NAME`, for that of a split.
    ///
    /// # Errors
    /// A name that no format has; one split or all descriptions given twice.
    pub fn parse<S: AsRef<str>>(words: &[S]) -> Result<Formats, Error> {
        let mut formats = Formats::default();
        for word in words.iter().map(AsRef::as_ref) {
            let twice = || Error::FormatTwice { word: word.to_owned() };
            match word.split_once('=') {
                None if formats.of_all.is_some() => return Err(twice()),
                None => formats.of_all = Some(word.parse()?),
                Some((split, _)) if formats.of_splits.iter().any(|(it, _)| it == split) => {
                    return Err(twice());
                }
                Some((split, name)) => formats.of_splits.push((split.to_owned(), name.parse()?)),
            }
        }
        Ok(formats)
    }

    /// The format of every description that has none of its own.
    pub(crate) fn of_all(&self) -> Option<CorpusFormat> {
        self.of_all
    }

    /// The format of a split's description.
    pub(crate) fn of_split(&self, split: &str) -> Option<CorpusFormat> {
        let own = self.of_splits.iter().find(|(name, _)| name == split);
        own.map(|(_, format)| *format).or(self.of_all)
    }

    /// A split that a format is given for, and that is none of these.
    pub(crate) fn stray<'a>(&'a self, splits: &[(String, PathBuf)]) -> Option<&'a str> {
        let is_there = |name: &str| splits.iter().any(|(split, _)| split == name);
        self.of_splits.iter().map(|(name, _)| &**name).find(|name| !is_there(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_a_name_of_its_own_that_leads_back() {
        let mut names: Vec<&str> = Vec::new();
        for format in CorpusFormat::all() {
            assert_eq!(format.name().parse::<CorpusFormat>().unwrap(), format);
            names.push(format.name());
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), READERS.len());
        let error = "caldi".parse::<CorpusFormat>().unwrap_err().to_string();
        assert!(names.iter().all(|name| error.contains(name)), "{error}");
    }

    #[test]
    fn a_split_may_have_a_format_of_its_own() {
        let formats = Formats::parse(&["list", "dev=kaldi"]).unwrap();
        assert_eq!(formats.of_all().unwrap().name(), "list");
        assert_eq!(formats.of_split("dev").unwrap().name(), "kaldi");
        assert_eq!(formats.of_split("train").unwrap().name(), "list");
        assert_eq!(formats.stray(&[("train".into(), "x".into())]), Some("dev"));
        for words in [&["list", "list"][..], &["a=list", "a=kaldi"], &["a=b"], &["lists"]] {
            Formats::parse(words).unwrap_err();
        }
    }
}
