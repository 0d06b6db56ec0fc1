//! Finds out what a source is, and reads it.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufReader, ErrorKind},
    path::{Path, PathBuf},
};

use ossicle_files::{OpenError, open_regular, printable};

use crate::{
    corpus::{Corpus, CorpusKind},
    error::Error,
    folder, foreign,
    found::{Found, Place},
    list,
    names::folder_of,
    options::DiscoverOptions,
    recording::{self, Sought},
    source::CorpusSource,
    splits, timit,
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
    let found = match source {
        CorpusSource::Splits(pairs) => return discover_pairs(pairs, options),
        CorpusSource::Listed(text) => {
            let (mut text, base) = (&text[..], Path::new("."));
            list::read_list(&mut text, "standard input", base, "the current folder", options)?
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
