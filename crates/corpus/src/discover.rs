//! Finds out what a source is, and reads it.

use std::{
    collections::BTreeSet,
    fmt, fs,
    io::{BufRead, BufReader, ErrorKind},
    path::{Path, PathBuf},
};

use ossicle_files::{OpenError, open_regular, printable};

use crate::{
    error::Error,
    folder, foreign, list,
    names::folder_of,
    recording::{self, Sought},
    source::CorpusSource,
    splits, timit,
    utterance::Utterance,
};

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct DiscoverOptions {
    /// A file of lines `NAME SPLIT` that replaces the corpus' own splits.
    pub splits_file: Option<PathBuf>,
    /// Which files count as recordings.
    pub sought: Sought,
    /// The recipe wants phones, so `.PHN` files are looked for beside recordings.
    pub alignments: bool,
}

/// All utterances of a corpus, in their splits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corpus {
    /// What the corpus turned out to be.
    pub kind: CorpusKind,
    /// The splits, in their order.
    pub splits: Vec<Split>,
    /// Files found that are neither a recording nor its alignment.
    pub ignored_files: u64,
    /// Recordings that are no utterance of any split, in total.
    pub left_out: u64,
    /// The folders that were searched for recordings with all that is below them, absolute, without
    /// links and in order: the folder given or, for TIMIT, its TRAIN and TEST, and wherever a link in
    /// them leads. What is written into one of them may be taken for a part of the corpus by the next
    /// run. None where the corpus is a list or a recording.
    pub walked: BTreeSet<PathBuf>,
    /// What the user should know, a line each.
    pub notices: Vec<String>,
}

/// The kinds of corpora.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorpusKind {
    /// TIMIT, as the LDC ships it or as its copies do.
    Timit,
    /// A folder of recordings, or one recording.
    Folder,
    /// A list of recordings.
    List,
}

impl fmt::Display for CorpusKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CorpusKind::Timit => "TIMIT tree",
            CorpusKind::Folder => "folder",
            CorpusKind::List => "list",
        })
    }
}

/// One split of a corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Its name, a plain word.
    pub name: String,
    /// What the paths of its utterances are relative to.
    pub root: PathBuf,
    /// Its utterances, in bytewise order of id.
    pub utterances: Vec<Utterance>,
    /// Recordings of this split's part of the corpus that are left out, as SA sentences are. Those
    /// that belong to no split at all are in [`Corpus::left_out`] only.
    pub left_out: u64,
}

/// Finds all utterances of a corpus.
///
/// - `stdin`: read only for [`CorpusSource::Stdin`]
///
/// Looks at every recording's size and time, and opens none. The result depends on names, sizes and
/// times alone, never on the order in which a file system lists them.
///
/// # Errors
/// The corpus as a whole is unusable: not there, empty, described in a way that this version does
/// not read, or with contradictory ids or splits. A bad recording stays in its split.
pub fn discover(
    source: &CorpusSource,
    options: &DiscoverOptions,
    stdin: &mut dyn BufRead,
) -> Result<Corpus, Error> {
    let found = match source {
        CorpusSource::Splits(pairs) => return discover_pairs(pairs, options),
        CorpusSource::Stdin => {
            list::read_list(stdin, "standard input", Path::new("."), "the current folder", options)?
        }
        CorpusSource::Path(path) => match timit::find_tree(path, options.sought) {
            Some(tree) => timit::read_tree(&tree, options)?,
            None => read_path(path, options)?,
        },
    };
    match (&options.splits_file, found.kind) {
        (Some(file), _) => splits::split_by_file(found, file),
        (None, CorpusKind::Timit) => Ok(found.split(timit::split_names(), timit::place)),
        (None, _) => Ok(found.split(vec!["all".into()], |_| Place::In(0))),
    }
}

fn discover_pairs(pairs: &[(String, PathBuf)], options: &DiscoverOptions) -> Result<Corpus, Error> {
    if let Some(file) = &options.splits_file {
        return Err(Error::SplitsAndPairs { file: file.clone() });
    }
    let mut corpus = Corpus {
        kind: CorpusKind::Folder,
        splits: Vec::with_capacity(pairs.len()),
        ignored_files: 0,
        left_out: 0,
        walked: BTreeSet::new(),
        notices: Vec::new(),
    };
    for (name, path) in pairs {
        let found = read_path(path, options)?;
        if found.kind == CorpusKind::List {
            corpus.kind = CorpusKind::List;
        }
        let part = found.split(vec![name.clone()], |_| Place::In(0));
        corpus.splits.extend(part.splits);
        corpus.ignored_files += part.ignored_files;
        corpus.walked.extend(part.walked);
        corpus.notices.extend(part.notices);
    }
    Ok(corpus)
}

/// Reads a folder, a list or a single recording.
fn read_path(path: &Path, options: &DiscoverOptions) -> Result<Found, Error> {
    let open_error = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound => Error::NotFound { path: path.to_path_buf() },
        _ => Error::Open { path: path.to_path_buf(), source },
    };
    let metadata = fs::metadata(path).map_err(open_error)?;
    if metadata.is_dir() {
        foreign::refuse_folder(path)?;
        return folder::read_folder(path, options);
    }
    if !metadata.is_file() {
        return Err(Error::NotACorpus { path: path.to_path_buf() });
    }
    let name = path.file_name().unwrap_or_default();
    let is_recording = match options.sought {
        Sought::Spikes => recording::has_spikes_name(name),
        sought => {
            recording::has_recording_name(name, sought) || recording::begins_like_a_recording(path)
        }
    };
    if is_recording {
        return Ok(folder::read_recording(path, options));
    }
    if recording::is_headerless(name) {
        return Err(Error::Headerless { path: path.to_path_buf() });
    }
    foreign::refuse_file(path)?;
    let base = folder_of(path);
    let base_in_words = format!("the list's own folder, {}", printable(base));
    let opened = open_regular(path).map_err(|error| match error {
        OpenError::Io(source) => open_error(source),
        OpenError::NotRegular { .. } => Error::NotACorpus { path: path.to_path_buf() },
    })?;
    let mut input = BufReader::new(opened.file);
    list::read_list(&mut input, &printable(path), base, &base_in_words, options)
}

/// Every recording of a source, before it is split.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) kind: CorpusKind,
    pub(crate) root: PathBuf,
    /// In no order.
    pub(crate) utterances: Vec<Utterance>,
    pub(crate) ignored_files: u64,
    pub(crate) walked: BTreeSet<PathBuf>,
    pub(crate) notices: Vec<String>,
}

/// Where one recording belongs, by the number of its split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    In(usize),
    LeftOutOf(usize),
    Nowhere,
}

impl Found {
    /// Puts every recording where `place` says.
    pub(crate) fn split(self, names: Vec<String>, place: impl Fn(&Utterance) -> Place) -> Corpus {
        let places: Vec<Place> = self.utterances.iter().map(place).collect();
        self.split_by(names, &places)
    }

    /// Puts every recording into its place; `places` are those of the utterances in their order.
    pub(crate) fn split_by(self, names: Vec<String>, places: &[Place]) -> Corpus {
        // Counted first: a list of a million utterances should not be copied as it grows.
        let mut sizes = vec![0; names.len()];
        for place in places {
            if let Place::In(split) = place {
                sizes[*split] += 1;
            }
        }
        let new_split = |(name, size)| Split {
            name,
            root: self.root.clone(),
            utterances: Vec::with_capacity(size),
            left_out: 0,
        };
        let mut splits: Vec<Split> = names.into_iter().zip(sizes).map(new_split).collect();
        let mut left_out = 0;
        for (utterance, place) in self.utterances.into_iter().zip(places) {
            match *place {
                Place::In(split) => splits[split].utterances.push(utterance),
                Place::LeftOutOf(split) => {
                    splits[split].left_out += 1;
                    left_out += 1;
                }
                Place::Nowhere => left_out += 1,
            }
        }
        for split in &mut splits {
            split.utterances.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        }
        Corpus {
            kind: self.kind,
            splits,
            ignored_files: self.ignored_files,
            left_out,
            walked: self.walked,
            notices: self.notices,
        }
    }
}
