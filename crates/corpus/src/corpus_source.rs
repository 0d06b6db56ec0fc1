//! A corpus as command lines name it.

use std::{
    ffi::OsString,
    io::Read,
    path::{Path, PathBuf},
};

use ossicle_files::{path_from_bytes, percent_escaped, printable};

use crate::{error::Error, names::is_split_name};

/// The source of a corpus, as given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorpusSource {
    /// A folder, a list of recordings, or one recording.
    Path(PathBuf),
    /// Several recordings and folders, which together are one corpus.
    Paths(Vec<PathBuf>),
    /// The text of a list of recordings, relative to the current folder: what standard input had.
    Listed(Vec<u8>),
    /// A folder or list for each split, in this order.
    Splits(Vec<(String, PathBuf)>),
}

impl CorpusSource {
    /// The source that command-line words name: one path, `-`, several paths, or several `split=PATH`.
    ///
    /// - `stdin`: is read to its end for `-`, and not at all for anything else
    ///
    /// Words are paths if something is at one of those paths, whatever characters are in it.
    ///
    /// # Errors
    /// No word; some that are `split=PATH` and others that are not; a name that cannot name a split; a split
    /// given twice; a standard input that cannot be read.
    ///
    /// ```
    /// use ossicle_corpus::CorpusSource;
    ///
    /// let mut stdin = "a.wav\nb.wav\n".as_bytes();
    /// let listed = CorpusSource::Listed(stdin.to_vec());
    /// assert_eq!(CorpusSource::parse(&["-".into()], &mut stdin)?, listed);
    /// let paths = CorpusSource::Paths(vec!["a.wav".into(), "folder".into()]);
    /// assert_eq!(CorpusSource::parse(&["a.wav".into(), "folder".into()], &mut stdin)?, paths);
    /// assert_eq!(
    ///     CorpusSource::parse(&["train=a".into(), "dev=b".into()], &mut stdin)?,
    ///     CorpusSource::Splits(vec![("train".into(), "a".into()), ("dev".into(), "b".into())]),
    /// );
    /// # Ok::<(), ossicle_corpus::Error>(())
    /// ```
    pub fn parse(words: &[OsString], stdin: &mut dyn Read) -> Result<CorpusSource, Error> {
        match words {
            [] => Err(Error::NoCorpus),
            [word] if word == "-" => {
                let mut text = Vec::new();
                let read = stdin.read_to_end(&mut text);
                read.map_err(|source| Error::Read { file: "standard input".into(), source })?;
                Ok(CorpusSource::Listed(text))
            }
            [word] if !is_pair(word) => Ok(CorpusSource::Path(word.into())),
            words if !words.iter().any(is_pair) && !words.iter().any(|word| word == "-") => {
                Ok(CorpusSource::Paths(words.iter().map(PathBuf::from).collect()))
            }
            words => parse_pairs(words).map(CorpusSource::Splits),
        }
    }
}

/// Returns whether a word means `split=PATH`: nothing is called so, and before the `=` is no
/// folder.
fn is_pair(word: &OsString) -> bool {
    let is_separator = |byte: &u8| std::path::is_separator(char::from(*byte));
    halves(word).is_some_and(|(name, _)| !name.iter().any(is_separator))
        && Path::new(word).symlink_metadata().is_err()
}

fn parse_pairs(words: &[OsString]) -> Result<Vec<(String, PathBuf)>, Error> {
    let mut splits: Vec<(String, PathBuf)> = Vec::with_capacity(words.len());
    for word in words {
        let not_a_pair = || Error::NotAPair { word: printable(Path::new(word)) };
        let (name, path) = halves(word).ok_or_else(not_a_pair)?;
        let path = path_from_bytes(path).filter(|path| !path.as_os_str().is_empty());
        let path = path.ok_or_else(not_a_pair)?;
        let name = percent_escaped(name);
        if !is_split_name(&name) {
            return Err(Error::SplitName { name });
        }
        if splits.iter().any(|(other, _)| *other == name) {
            return Err(Error::SplitTwice { name });
        }
        splits.push((name, path));
    }
    Ok(splits)
}

/// Splits a word at its first `=`.
fn halves(word: &OsString) -> Option<(&[u8], &[u8])> {
    let bytes = word.as_encoded_bytes();
    let equals = bytes.iter().position(|&byte| byte == b'=')?;
    Some((&bytes[..equals], &bytes[equals + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<CorpusSource, Error> {
        CorpusSource::parse(
            &words.iter().map(OsString::from).collect::<Vec<_>>(),
            &mut std::io::empty(),
        )
    }

    #[test]
    fn no_word_is_an_error_that_says_what_to_give() {
        assert!(matches!(parse(&[]), Err(Error::NoCorpus)));
    }

    #[test]
    fn one_word_is_a_path() {
        assert_eq!(parse(&["corpus"]).unwrap(), CorpusSource::Path("corpus".into()));
        let path = "no/such/a=b";
        assert_eq!(parse(&[path]).unwrap(), CorpusSource::Path(path.into()));
    }

    #[test]
    fn one_pair_is_a_corpus_of_one_split() {
        let pair = CorpusSource::Splits(vec![("train".into(), "no/such=folder".into())]);
        assert_eq!(parse(&["train=no/such=folder"]).unwrap(), pair);
    }

    #[test]
    fn an_existing_path_with_an_equals_sign_given_alone_is_a_path() {
        let folder = tempfile::Builder::new().prefix("a=b").tempdir_in(".").unwrap();
        let name = PathBuf::from(folder.path().file_name().unwrap());
        assert_eq!(parse(&[name.to_str().unwrap()]).unwrap(), CorpusSource::Path(name));
    }

    #[test]
    fn several_words_are_pairs_all_of_them_or_none() {
        for words in [["train=a", "b"], ["a", "-"], ["train=a", "-"], ["train=a", "test="]] {
            let error = parse(&words).unwrap_err();
            assert!(matches!(&error, Error::NotAPair { .. }), "{words:?}: {error}");
        }
    }

    #[test]
    fn several_words_without_a_split_are_paths() {
        let paths = CorpusSource::Paths(vec!["a.wav".into(), "x/y=z".into()]);
        assert_eq!(parse(&["a.wav", "x/y=z"]).unwrap(), paths);
    }

    #[test]
    fn split_names_are_checked_and_must_differ() {
        for word in ["=a", "my split=a", "..=a", "\u{7f}=a"] {
            let error = parse(&["train=a", word]).unwrap_err();
            assert!(matches!(&error, Error::SplitName { .. }), "{word:?}: {error}");
        }
        assert!(matches!(
            parse(&["train=a", "train=b"]),
            Err(Error::SplitTwice { name }) if name == "train"
        ));
    }

    #[cfg(unix)]
    #[test]
    fn paths_need_not_be_utf8() {
        use std::os::unix::ffi::OsStringExt;
        let word = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        assert_eq!(
            CorpusSource::parse(&[word(b"caf\xe9")], &mut std::io::empty()).unwrap(),
            CorpusSource::Path(word(b"caf\xe9").into())
        );
        assert_eq!(
            CorpusSource::parse(&[word(b"train=caf\xe9"), word(b"test=b")], &mut std::io::empty())
                .unwrap(),
            CorpusSource::Splits(vec![
                ("train".into(), word(b"caf\xe9").into()),
                ("test".into(), "b".into())
            ])
        );
    }
}
