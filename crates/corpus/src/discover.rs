//! Finds out what a source is, and reads it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::{
    corpus::{Corpus, CorpusKind},
    corpus_source::CorpusSource,
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    ignored::Ignored,
    left_out::Reasons,
    options::DiscoverOptions,
    readers::{
        Description, READERS, Reader, SHARDS, Wanted, know_sentences, leave_out_read_by_all,
        read_shards, read_standard_input,
    },
    selection::Selection,
    several, splits,
};

/// Finds all utterances of a corpus.
///
/// Looks at every recording's size and time, and opens none but those of a folder whose names do not say
/// what they are. The result depends on names, sizes, times and those files' first bytes alone, never on the
/// order in which a file system lists them.
///
/// # Errors
/// The corpus as a whole is unusable: not there, empty, described in a way that this version does
/// not read, or with contradictory ids or splits. A bad recording stays in its split.
pub fn discover(source: &CorpusSource, options: &DiscoverOptions) -> Result<Corpus, Error> {
    let Selection { formats, columns, allow_commands, splits_file } = &options.selection;
    let DiscoverOptions { sought, alignments, .. } = *options;
    let wanted =
        Wanted { sought, alignments, allow_commands: *allow_commands, one_split: false, columns };
    let format = formats.of_all();
    if let Some(stray) = formats.stray(match source {
        CorpusSource::Splits(pairs) => pairs,
        _ => &[],
    }) {
        return Err(Error::FormatOfNoSplit { name: stray.to_owned() });
    }
    let found = match source {
        CorpusSource::Splits(pairs) => return discover_pairs(pairs, options),
        CorpusSource::Listed(text) => {
            let mut found = read_standard_input(text, &wanted)?;
            know_sentences(&mut found, sought);
            found
        }
        CorpusSource::Path(path) => read(path, format, &wanted)?,
        CorpusSource::Paths(paths) => match shards(paths, format, &wanted)? {
            Some(found) => found,
            None => several::read_several(paths, &wanted, |path, wanted| {
                read_one_of_several(path, format, wanted)
            })?,
        },
    };
    match splits_file {
        Some(file) => Ok(splits::split_by_file(found, file)?.into_corpus()),
        None => Ok(found.into_corpus()),
    }
}

fn discover_pairs(pairs: &[(String, PathBuf)], options: &DiscoverOptions) -> Result<Corpus, Error> {
    let Selection { formats, columns, allow_commands, splits_file } = &options.selection;
    if let Some(file) = splits_file {
        return Err(Error::SplitsAndPairs { file: file.clone() });
    }
    let DiscoverOptions { sought, alignments, .. } = *options;
    let wanted =
        Wanted { sought, alignments, allow_commands: *allow_commands, one_split: true, columns };
    let mut corpus = Corpus {
        kind: CorpusKind::Folder,
        splits: Vec::with_capacity(pairs.len()),
        ignored: Ignored::default(),
        left_out: 0,
        left_out_because: Vec::new(),
        walked: BTreeSet::new(),
        notices: Vec::new(),
    };
    let mut left_out = Reasons::default();
    for (name, path) in pairs {
        let found = read(path, formats.of_split(name), &wanted)?;
        if found.kind == CorpusKind::List || found.kind.has_ids() {
            corpus.kind = found.kind;
        }
        let part = Found { splits: vec![name.clone()], ..found }.into_corpus();
        corpus.splits.extend(part.splits);
        corpus.ignored.merge(&part.ignored);
        left_out.merge(&part.left_out_because);
        corpus.walked.extend(part.walked);
        corpus.notices.extend(part.notices);
    }
    corpus.left_out = left_out.utterances();
    corpus.left_out_because = left_out.into_list();
    Ok(corpus)
}

/// Reads a recording or a folder; none where something else is at the path.
fn read_one_of_several(
    path: &Path,
    format: Option<CorpusFormat>,
    wanted: &Wanted,
) -> Result<Option<Found>, Error> {
    let is_folder = Description::at(path)?.is_folder;
    let found = match read(path, format, wanted) {
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

/// Reads what is at a path by the reader of a format, or else by the first that recognises it.
fn read(path: &Path, format: Option<CorpusFormat>, wanted: &Wanted) -> Result<Found, Error> {
    let description = match Description::at(path) {
        Err(error @ Error::NotFound { .. }) => {
            // What is not there may stand for what is.
            return shards(&[path.to_path_buf()], format, wanted)?.ok_or(error);
        }
        description => description?,
    };
    let reader = match format {
        Some(format) => reader_of(format, &description)?,
        None => recognising(&description, wanted)?,
    };
    let mut found = reader.read(&description, wanted)?;
    if found.kind != CorpusKind::Timit && !found.kind.has_ids() {
        know_sentences(&mut found, wanted.sought);
        // What a list names is asked for.
        if description.is_folder {
            leave_out_read_by_all(&mut found, wanted.sought);
        }
    }
    Ok(found)
}

/// Reads what may be shards, unless they are said to be something else; none where they are.
fn shards(
    words: &[PathBuf],
    format: Option<CorpusFormat>,
    wanted: &Wanted,
) -> Result<Option<Found>, Error> {
    match format {
        Some(format) if format != SHARDS => Ok(None),
        _ => read_shards(words, wanted),
    }
}

/// The first reader that recognises a description.
fn recognising(
    description: &Description<'_>,
    wanted: &Wanted,
) -> Result<&'static dyn Reader, Error> {
    let path = description.path;
    for reader in READERS {
        let recognised = reader.recognises(description, wanted);
        if recognised.map_err(|source| Error::Open { path: path.to_path_buf(), source })? {
            return Ok(reader);
        }
    }
    // The last readers take any folder and any file.
    Err(Error::NotACorpus { path: path.to_path_buf() })
}

/// The reader of a format that a description is said to have.
fn reader_of(
    format: CorpusFormat,
    description: &Description<'_>,
) -> Result<&'static dyn Reader, Error> {
    let is_given = match format.given {
        Given::Folder => description.is_folder,
        Given::File => !description.is_folder,
        Given::Either => true,
    };
    if !is_given {
        return Err(Error::NotOfFormat {
            path: description.path.to_path_buf(),
            what: format.what,
            is_folder: description.is_folder,
        });
    }
    match READERS.into_iter().find(|reader| reader.format() == format) {
        Some(reader) => Ok(reader),
        None => unreachable!("formats are those of readers"),
    }
}
