//! A fresh folder per test, and what is discovered in it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ossicle_corpus::{
    Corpus, CorpusSource, DiscoverOptions, Error, Pattern, Reason, Selection, Sought, Split,
    StandIns, Utterance, discover,
};
use tempfile::TempDir;

/// A folder that is removed when the test ends.
pub(crate) struct Tree(TempDir);

impl Tree {
    /// With these files in it, each holding a few bytes.
    pub(crate) fn new(files: &[&str]) -> Tree {
        let tree = Tree(tempfile::tempdir().unwrap());
        for file in files {
            tree.write(file, b"bytes");
        }
        tree
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) -> PathBuf {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// What the whole folder is.
    pub(crate) fn discover(&self) -> Result<Corpus, Error> {
        from_path(self.path())
    }

    /// What the whole folder is when it is split by these lines.
    pub(crate) fn discover_split_by(&self, lines: &str) -> Result<Corpus, Error> {
        // Beside the folder, so that it is no file of the corpus.
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), lines).unwrap();
        let options = split_by(file.path().into());
        discover(&CorpusSource::Path(self.path().into()), &options)
    }
}

/// The options by which a file of splits replaces a corpus' own.
pub(crate) fn split_by(file: PathBuf) -> DiscoverOptions {
    let selection = Selection { splits_file: Some(file), ..Selection::default() };
    DiscoverOptions { selection, ..DiscoverOptions::default() }
}

/// The tiers that TIMIT's alignments have.
pub(crate) fn phones() -> Vec<Pattern> {
    vec![Pattern::new("phones")]
}

/// The path of an utterance's alignment, which is in one file.
pub(crate) fn alignment_of(utterance: &Utterance) -> Option<&Path> {
    let alignment = utterance.alignment.as_ref()?;
    assert_eq!(alignment.paths().count(), 1, "{alignment:?}");
    alignment.paths().next()
}

pub(crate) fn from_path(path: &Path) -> Result<Corpus, Error> {
    with_options(path, &DiscoverOptions::default())
}

pub(crate) fn with_alignments(path: &Path) -> Corpus {
    let options = DiscoverOptions { tiers: phones(), ..DiscoverOptions::default() };
    with_options(path, &options).unwrap()
}

pub(crate) fn with_raw(path: &Path) -> Result<Corpus, Error> {
    with_options(
        path,
        &DiscoverOptions { sought: Sought::RawAudioToo, ..DiscoverOptions::default() },
    )
}

pub(crate) fn with_stand_ins(path: &Path) -> Result<Corpus, Error> {
    let sought = Sought::StandIns(StandIns { suffix: "_spike.raw", hold: "spikes" });
    let options = DiscoverOptions { sought, tiers: phones(), ..DiscoverOptions::default() };
    with_options(path, &options)
}

fn with_options(path: &Path, options: &DiscoverOptions) -> Result<Corpus, Error> {
    discover(&CorpusSource::Path(path.into()), options)
}

pub(crate) fn from_pairs(pairs: &[(&str, PathBuf)]) -> Result<Corpus, Error> {
    let pairs = pairs.iter().map(|(name, path)| (name.to_string(), path.clone())).collect();
    discover(&CorpusSource::Splits(pairs), &DiscoverOptions::default())
}

/// Why recordings are left out, how many, and the first.
pub(crate) fn reasons(corpus: &Corpus) -> Vec<(Reason, u64, &str)> {
    corpus.left_out_because.iter().map(|of| (of.reason, of.count, &*of.first)).collect()
}

/// The message of an error and of its causes.
pub(crate) fn message(result: Result<Corpus, Error>) -> String {
    result.unwrap_err().to_string()
}

pub(crate) fn ids(split: &Split) -> Vec<&str> {
    split.utterances.iter().map(|utterance| &*utterance.id).collect()
}

/// The splits by name with the ids of their utterances.
pub(crate) fn splits(corpus: &Corpus) -> Vec<(&str, Vec<&str>)> {
    corpus.splits.iter().map(|split| (&*split.name, ids(split))).collect()
}
