//! Finds out what a source is, and reads it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use ossicle_files::{is_there, remember_objects};

use crate::{
    alignments_from::align_from,
    braces::{self, MOST_WORDS},
    corpus::{Corpus, CorpusKind},
    corpus_source::CorpusSource,
    described::{self, Described, Readers},
    error::Error,
    format::{CorpusFormat, Given},
    found::Found,
    globs,
    ignored::Ignored,
    left_out::Reasons,
    options::DiscoverOptions,
    readers::{
        Description, FOLDER, READERS, Reader, SETS, Wanted, know_sentences, leave_out_read_by_all,
        read_standard_input,
    },
    segments_from::segment,
    select::{IdList, SelectionError, name_ids, name_speakers, split_by_file, split_by_shares},
    selection::Selection,
    several,
    tiers_sought::TiersSought,
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
    let Selection { alignments, segments_from, .. } = &options.selection;
    let _known = remember_objects();
    let patterns: Vec<_> = options.tiers.iter().chain(segments_from).cloned().collect();
    let tiers = TiersSought::new(&patterns);
    let from = alignments.as_deref().filter(|_| !tiers.is_none());
    // Those that lie elsewhere are not looked for beside recordings.
    let beside = if from.is_some() { TiersSought::new(&[]) } else { tiers };
    let mut corpus = discover_beside(source, options, beside)?;
    if let Some(from) = from {
        align_from(&mut corpus, from, tiers, options.sought)?;
    }
    if let Some(tier) = segments_from {
        segment(&mut corpus, tier)?;
    }
    Ok(corpus)
}

/// Finds all utterances that are described, with the alignments beside them.
fn discover_beside(
    source: &CorpusSource,
    options: &DiscoverOptions,
    tiers: TiersSought,
) -> Result<Corpus, Error> {
    let Selection { formats, columns, allow_commands, ids_file, splits_file, shares, .. } =
        &options.selection;
    if let (Some(_), Some(by)) = (shares, given_splits(source, options)) {
        return Err(SelectionError::SplitsGiven { by }.into());
    }
    if let Some(stray) = formats.stray(match source {
        CorpusSource::Splits(pairs) => pairs,
        _ => &[],
    }) {
        return Err(Error::FormatOfNoSplit { name: stray.to_owned() });
    }
    let mut ids = ids_file.as_deref().map(IdList::read).transpose()?;
    if let CorpusSource::Splits(pairs) = source {
        return discover_pairs(pairs, options, tiers, ids);
    }
    let sought = options.sought;
    let wanted =
        Wanted { sought, tiers, allow_commands: *allow_commands, one_split: false, columns };
    let format = formats.of_all();
    let mut found = match source {
        CorpusSource::Splits(_) => unreachable!("they were read above"),
        CorpusSource::Listed(text) => {
            let mut found = read_standard_input(text, &wanted)?;
            know_sentences(&mut found, sought);
            found
        }
        CorpusSource::Path(path) => read_path(path, format, &wanted)?,
        CorpusSource::Paths(paths) => read_paths(paths, format, &wanted)?,
    };
    let an_id = choose(&mut found, &options.selection, ids.as_mut())?;
    if let Some(ids) = ids {
        found.notices.extend(ids.notice(an_id)?);
    }
    Ok(match (splits_file, shares) {
        (Some(file), _) => split_by_file(found, file)?,
        (None, Some(shares)) => split_by_shares(found, shares),
        (None, None) => found,
    }
    .into_corpus())
}

/// What says the splits of a corpus already, in words; none where nothing does but perhaps the corpus.
fn given_splits(source: &CorpusSource, options: &DiscoverOptions) -> Option<&'static str> {
    match (source, &options.selection.splits_file) {
        (CorpusSource::Splits(_), _) => Some("split=PATH"),
        (_, Some(_)) => Some("a file of splits"),
        _ => None,
    }
}

/// Names utterances as it is asked, and keeps those that a list names. Returns an id that there was before.
fn choose(
    found: &mut Found,
    selection: &Selection,
    ids: Option<&mut IdList>,
) -> Result<Option<String>, Error> {
    if let Some(from) = &selection.speaker {
        name_speakers(found, from)?;
    }
    if let Some(pattern) = &selection.id {
        name_ids(found, pattern)?;
    }
    let Some(ids) = ids else { return Ok(None) };
    let an_id = found.utterances.iter().map(|utterance| &*utterance.id).min().map(str::to_owned);
    ids.keep(found);
    Ok(an_id)
}

fn discover_pairs(
    pairs: &[(String, PathBuf)],
    options: &DiscoverOptions,
    tiers: TiersSought,
    mut ids: Option<IdList>,
) -> Result<Corpus, Error> {
    let Selection { formats, columns, allow_commands, splits_file, .. } = &options.selection;
    if let Some(file) = splits_file {
        return Err(Error::SplitsAndPairs { file: file.clone() });
    }
    let sought = options.sought;
    let wanted =
        Wanted { sought, tiers, allow_commands: *allow_commands, one_split: true, columns };
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
    let mut an_id = None;
    for (name, path) in pairs {
        let mut found = read_path(path, formats.of_split(name), &wanted)?;
        an_id = choose(&mut found, &options.selection, ids.as_mut())?.or(an_id);
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
    if let Some(ids) = ids {
        corpus.notices.extend(ids.notice(an_id)?);
    }
    corpus.left_out = left_out.utterances();
    corpus.left_out_because = left_out.into_list();
    Ok(corpus)
}

/// Reads what is at a path, or what it means where it is a pattern that no shell expanded.
fn read_path(path: &Path, format: Option<CorpusFormat>, wanted: &Wanted) -> Result<Found, Error> {
    match &expanded(path)?[..] {
        [] => read(path, format, wanted),
        [one] => read(one, format, wanted),
        several => read_paths(several, format, wanted),
    }
}

/// Reads several paths as one corpus; patterns among them are what they mean.
fn read_paths(
    paths: &[PathBuf],
    format: Option<CorpusFormat>,
    wanted: &Wanted,
) -> Result<Found, Error> {
    let mut all: Vec<PathBuf> = Vec::with_capacity(paths.len());
    for path in paths {
        match expanded(path)? {
            none if none.is_empty() => all.push(path.clone()),
            meant => all.extend(meant),
        }
    }
    match together(&all, format, wanted)? {
        Some(found) => Ok(found),
        None => {
            several::read_several(&all, wanted, |path| read_one_of_several(path, format, wanted))
        }
    }
}

/// The paths that a pattern means; none where something is called just so, or it is no pattern.
fn expanded(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if is_there(path) {
        return Ok(Vec::new());
    }
    let words: Vec<PathBuf> = match path.to_str() {
        Some(text) => {
            let too_many = || Error::TooManyPaths { word: path.to_path_buf(), most: MOST_WORDS };
            let words = braces::expand(text).ok_or_else(too_many)?;
            words.into_iter().map(PathBuf::from).collect()
        }
        None => vec![path.to_path_buf()],
    };
    let is_alone = words.len() == 1 && words[0] == path;
    let mut all = Vec::new();
    for word in words {
        let meant = match is_there(&word) {
            true => Vec::new(),
            false => globs::expand(&word)
                .map_err(|source| Error::Open { path: path.to_path_buf(), source })?,
        };
        // What braces stand for, and is not there, is missed.
        match meant.is_empty() && !is_alone {
            true => all.push(word),
            false => all.extend(meant),
        }
    }
    Ok(all)
}

/// Reads a recording, a folder or a description; none where what is there is none of them.
fn read_one_of_several(
    path: &Path,
    format: Option<CorpusFormat>,
    wanted: &Wanted,
) -> Result<Option<Found>, Error> {
    let description = Description::at(path)?;
    // Halves of a tree, and folders of one, are parts of one split.
    let one_split = Wanted { one_split: true, ..*wanted };
    let reader = match format {
        Some(_) => return read(path, format, wanted).map(Some),
        None => recognising(&description, &one_split)?.format(),
    };
    let wanted = match reader.name() {
        "folder" => return read_folder(path, wanted, &one_split).map(Some),
        "recording" | "list" => &one_split,
        // A description says its splits itself.
        _ => wanted,
    };
    match read(path, Some(reader), wanted) {
        // What no reader knows is taken for a list, which says what is wrong with it as a list.
        Err(error) if reader.name() == "list" && !matches!(error, Error::Open { .. }) => Ok(None),
        found => found.map(Some),
    }
}

/// Reads what is at a path by the reader of a format, or else by the first that recognises it.
fn read(path: &Path, format: Option<CorpusFormat>, wanted: &Wanted) -> Result<Found, Error> {
    let description = Description::at(path)?;
    let reader = match format {
        Some(format) => reader_of(format, &description)?,
        None => recognising(&description, wanted)?,
    };
    if format.is_none() && reader.format() == FOLDER.format() {
        return read_folder(path, wanted, wanted);
    }
    let found = read_as(reader, &description, wanted)?;
    // A layout that is found in one of the folders may have another beside it.
    let is_inside = found.root != path && found.root.starts_with(path);
    match format.is_none()
        && is_inside
        && with_readers(wanted, |it| described::has_several(path, it))?
    {
        true => read_folder(path, wanted, wanted),
        false => Ok(found),
    }
}

/// Calls what looks for descriptions in a folder.
fn with_readers<T>(wanted: &Wanted, look: impl FnOnce(&Readers<'_>) -> T) -> T {
    let format = |path: &Path| {
        let description = Description::at(path)?;
        Ok(recognising(&description, wanted)?.format().name)
    };
    look(&Readers { format: &format, read: &|path, wanted| read(path, None, wanted) })
}

/// Reads any folder: by the descriptions in it, or else all recordings below it.
///
/// - `as_folder`: how it is read where no description says what is in it
fn read_folder(path: &Path, wanted: &Wanted, as_folder: &Wanted) -> Result<Found, Error> {
    let notice = match with_readers(wanted, |readers| described::look(path, wanted, readers))? {
        Described::Read(found) => return Ok(*found),
        Described::Not(notice) => notice,
    };
    let description = Description::at(path)?;
    let mut found = read_as(&FOLDER, &description, as_folder)?;
    found.notices.extend(notice);
    Ok(found)
}

/// Reads a description by its reader.
fn read_as(
    reader: &dyn Reader,
    description: &Description<'_>,
    wanted: &Wanted,
) -> Result<Found, Error> {
    let mut found = reader.read(description, wanted)?;
    if found.kind != CorpusKind::Timit && !found.kind.has_ids() {
        know_sentences(&mut found, wanted.sought);
        // What a list names is asked for.
        if description.is_folder {
            leave_out_read_by_all(&mut found, wanted.sought);
        }
    }
    Ok(found)
}

/// Reads what may be files of one set, unless they are said to be something else; none where they are.
fn together(
    words: &[PathBuf],
    format: Option<CorpusFormat>,
    wanted: &Wanted,
) -> Result<Option<Found>, Error> {
    for (of_set, read) in SETS {
        if format.is_none_or(|format| format == *of_set)
            && let Some(found) = read(words, wanted)?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
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
            return Ok(*reader);
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
    match READERS.iter().find(|reader| reader.format() == format) {
        Some(reader) => Ok(*reader),
        None => unreachable!("formats are those of readers"),
    }
}
