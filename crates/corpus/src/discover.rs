//! Finds out what a source is, and reads it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::{
    corpus::{Corpus, CorpusKind},
    corpus_source::CorpusSource,
    error::Error,
    found::Found,
    left_out::Reasons,
    options::DiscoverOptions,
    readers::{
        Description, READERS, Wanted, know_sentences, leave_out_read_by_all, read_standard_input,
    },
    several, splits,
};

/// Finds all utterances of a corpus.
///
/// Looks at every recording's size and time, and opens none. The result depends on names, sizes and
/// times alone, never on the order in which a file system lists them.
///
/// # Errors
/// The corpus as a whole is unusable: not there, empty, described in a way that this version does
/// not read, or with contradictory ids or splits. A bad recording stays in its split.
pub fn discover(source: &CorpusSource, options: &DiscoverOptions) -> Result<Corpus, Error> {
    let DiscoverOptions { sought, alignments, .. } = *options;
    let wanted = Wanted { sought, alignments, one_split: false };
    let found = match source {
        CorpusSource::Splits(pairs) => return discover_pairs(pairs, options),
        CorpusSource::Listed(text) => {
            let mut found = read_standard_input(text, &wanted)?;
            know_sentences(&mut found, sought);
            found
        }
        CorpusSource::Path(path) => read(path, &wanted)?,
        CorpusSource::Paths(paths) => several::read_several(paths, &wanted, read_one_of_several)?,
    };
    match &options.splits_file {
        Some(file) => Ok(splits::split_by_file(found, file)?.into_corpus()),
        None => Ok(found.into_corpus()),
    }
}

fn discover_pairs(pairs: &[(String, PathBuf)], options: &DiscoverOptions) -> Result<Corpus, Error> {
    if let Some(file) = &options.splits_file {
        return Err(Error::SplitsAndPairs { file: file.clone() });
    }
    let DiscoverOptions { sought, alignments, .. } = *options;
    let wanted = Wanted { sought, alignments, one_split: true };
    let mut corpus = Corpus {
        kind: CorpusKind::Folder,
        splits: Vec::with_capacity(pairs.len()),
        ignored_files: 0,
        left_out: 0,
        left_out_because: Vec::new(),
        walked: BTreeSet::new(),
        notices: Vec::new(),
    };
    let mut left_out = Reasons::default();
    for (name, path) in pairs {
        let found = read(path, &wanted)?;
        if found.kind == CorpusKind::List || found.kind.has_ids() {
            corpus.kind = found.kind;
        }
        let part = Found { splits: vec![name.clone()], ..found }.into_corpus();
        corpus.splits.extend(part.splits);
        corpus.ignored_files += part.ignored_files;
        left_out.merge(&part.left_out_because);
        corpus.walked.extend(part.walked);
        corpus.notices.extend(part.notices);
    }
    corpus.left_out = left_out.utterances();
    corpus.left_out_because = left_out.into_list();
    Ok(corpus)
}

/// Reads a recording or a folder; none where something else is at the path.
fn read_one_of_several(path: &Path, wanted: &Wanted) -> Result<Option<Found>, Error> {
    let is_folder = Description::at(path)?.is_folder;
    let found = match read(path, wanted) {
        // What no reader knows is taken for a list, which says what is wrong with it as a list.
        Err(error)
            if !is_folder && !matches!(error, Error::Headerless { .. } | Error::Open { .. }) =>
        {
            return Ok(None);
        }
        found => found?,
    };
    let is_named_by_path = |found: &Found| match found.kind {
        CorpusKind::List => is_folder,
        kind => !kind.has_ids(),
    };
    Ok(Some(found).filter(is_named_by_path))
}

/// Reads what is at a path by the first reader that recognises it.
fn read(path: &Path, wanted: &Wanted) -> Result<Found, Error> {
    let description = Description::at(path)?;
    for reader in READERS {
        let recognised = reader.recognises(&description, wanted);
        if recognised.map_err(|source| Error::Open { path: path.to_path_buf(), source })? {
            let mut found = reader.read(&description, wanted)?;
            if found.kind != CorpusKind::Timit && !found.kind.has_ids() {
                know_sentences(&mut found, wanted.sought);
                // What a list names is asked for.
                if description.is_folder {
                    leave_out_read_by_all(&mut found, wanted.sought);
                }
            }
            return Ok(found);
        }
    }
    // The last readers take any folder and any file.
    Err(Error::NotACorpus { path: path.to_path_buf() })
}
