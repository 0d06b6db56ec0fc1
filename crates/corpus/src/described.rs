//! A folder that is no description itself, and has some: manifests, tables and lists beside their recordings,
//! or folders that are each a corpus.
//!
//! They are read where what they say is what is in the folder: a table of a few recordings among many is not
//! what was asked for.

use std::{
    cell::RefCell,
    collections::HashSet,
    io,
    path::{Path, PathBuf},
};

use ossicle_files::{entries, is_file, is_folder, is_too_many_files, join, printable};

use crate::{
    error::Error,
    found::{Found, Place},
    names::is_split_name,
    readable::{if_readable, subfolders},
    readers::{Wanted, splits_of_names},
    recording::has_extension,
    several::read_several,
    span::Span,
    tiers_sought::TiersSought,
    utterance::Utterance,
    walk::Walk,
};

/// The extensions of descriptions, which may be compressed. Others are read where they are named.
const EXTENSIONS: [&str; 8] = ["csv", "tsv", "json", "jsonl", "txt", "list", "lst", "scp"];

/// Of more files that could be descriptions, as where each recording has a text, only those are looked at
/// whose names say that they are some.
const MOST_FILES: usize = 64;

/// The most folders of a folder that are looked at.
const MOST_FOLDERS: usize = 64;

/// How discovery tells and reads one thing.
pub(crate) struct Readers<'a> {
    /// The name of the format that something is recognised as.
    pub(crate) format: &'a dyn Fn(&Path) -> Result<&'static str, Error>,
    /// Reads something as what it is recognised as.
    pub(crate) read: &'a dyn Fn(&Path, &Wanted) -> Result<Found, Error>,
}

/// What a folder comes to.
#[derive(Debug)]
pub(crate) enum Described {
    /// What its descriptions say.
    Read(Box<Found>),
    /// Its recordings, with what is to be told about descriptions that are not read.
    Not(Option<String>),
}

/// A description in a folder.
struct Part {
    path: PathBuf,
    /// It lists nothing but paths.
    is_list: bool,
    found: Found,
}

/// Looks for descriptions in a folder, and reads them.
///
/// # Errors
/// A description of recordings that are elsewhere has faults, or several name the same ones; a folder cannot
/// be read.
pub(crate) fn look(
    folder: &Path,
    wanted: &Wanted,
    readers: &Readers<'_>,
) -> Result<Described, Error> {
    let not_read = |source| Error::Open { path: folder.to_path_buf(), source };
    let folders = subfolders(folder).map_err(not_read)?;
    let folders = &folders[..folders.len().min(MOST_FOLDERS)];
    let mut paths = described(files_in(folder).map_err(not_read)?, readers)?;
    if paths.is_empty() {
        paths = described(folders.to_vec(), readers)?;
    }
    if paths.is_empty() {
        let mut files = Vec::new();
        for folder in folders {
            files.extend(files_in(folder).map_err(not_read)?);
        }
        paths = described(files, readers)?;
    }
    if paths.is_empty() {
        return Ok(Described::Not(None));
    }
    let (mut parts, mut failed): (Vec<Part>, Option<Error>) = (Vec::new(), None);
    for (path, format) in paths {
        let is_list = format == "list";
        match (readers.read)(&path, wanted) {
            Ok(found) if names_what_is_there(&found) => parts.push(Part { path, is_list, found }),
            Ok(_) => {}
            Err(error) if is_too_many_files(&error) => return Err(error),
            Err(error) if is_surely_one(format, &error) => failed = failed.or(Some(error)),
            // A settings file is called `a.json`, too.
            Err(_) => {}
        }
    }
    let walked = Walk::through(folder, &[folder], wanted.sought, TiersSought::new(&[]))?.recordings;
    choose(folder, parts, failed, &walked, wanted)
}

/// Returns whether several folders of a folder are each a corpus.
///
/// # Errors
/// Too many files are open to see.
pub(crate) fn has_several(folder: &Path, readers: &Readers<'_>) -> Result<bool, Error> {
    let not_read = |source| Error::Open { path: folder.to_path_buf(), source };
    let mut folders = subfolders(folder).map_err(not_read)?;
    folders.truncate(MOST_FOLDERS);
    Ok(described(folders, readers)?.len() > 1)
}

/// Those of the paths that are descriptions, with their formats.
fn described(
    paths: Vec<PathBuf>,
    readers: &Readers<'_>,
) -> Result<Vec<(PathBuf, &'static str)>, Error> {
    let mut described = Vec::new();
    for path in paths {
        let format = (readers.format)(&path)?;
        if !matches!(format, "folder" | "recording" | "webdataset" | "parquet") {
            described.push((path, format));
        }
    }
    Ok(described)
}

/// The files in a folder that could be descriptions, in order.
fn files_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let Some(entries) = if_readable(entries(folder))? else { return Ok(Vec::new()) };
    let (mut all, mut telling) = (Vec::new(), Vec::new());
    for path in entries.map(|entry| entry.path) {
        let name = path.file_name().unwrap_or_default();
        let bare = if has_extension(name, &["gz"]) { path.file_stem() } else { Some(name) };
        let is_hidden = name.as_encoded_bytes().starts_with(b".");
        if is_hidden || !bare.is_some_and(|name| has_extension(name, &EXTENSIONS)) {
            continue;
        }
        let is_metadata = name.as_encoded_bytes().starts_with(b"metadata.");
        if is_metadata || splits_of_names(&[name.into()]).is_some() {
            telling.push(path.clone());
        }
        if all.len() <= MOST_FILES {
            all.push(path);
        }
    }
    let mut files = if all.len() > MOST_FILES { telling } else { all };
    files.retain(|path| is_file(path));
    files.sort();
    Ok(if files.len() > MOST_FILES { Vec::new() } else { files })
}

/// Returns whether something that cannot be read is a description all the same, as more than its name says so.
fn is_surely_one(format: &str, error: &Error) -> bool {
    let is_by_name = matches!(format, "json" | "table" | "htk" | "list");
    matches!(error, Error::NoneExists { .. }) && format != "list" || !is_by_name
}

/// Returns whether most of what a description names is there.
fn names_what_is_there(found: &Found) -> bool {
    let there = found.utterances.iter().filter(|utterance| utterance.size_bytes > 0).count();
    2 * there >= found.utterances.len()
}

/// Takes the descriptions that say which splits they are, or else all, if they are what the folder has.
///
/// - `failed`: what is wrong with the first that cannot be read
/// - `walked`: the recordings that are in the folder
fn choose(
    folder: &Path,
    mut parts: Vec<Part>,
    failed: Option<Error>,
    walked: &[PathBuf],
    wanted: &Wanted,
) -> Result<Described, Error> {
    let says_split = |part: &Part| splits_of_names(&[name_of(&part.path, folder)]).is_some();
    if parts.iter().any(says_split) {
        parts.retain(says_split);
        let names: Vec<PathBuf> = parts.iter().map(|part| name_of(&part.path, folder)).collect();
        let places = splits_of_names(&names).map(|(_, places)| places).unwrap_or_default();
        let mut in_order: Vec<(u32, Part)> = places.into_iter().zip(parts).collect();
        in_order.sort_by_key(|(place, _)| *place);
        parts = in_order.into_iter().map(|(_, part)| part).collect();
    }
    if !walked.is_empty() && parts.len() == 1 {
        // A list says no more of its recordings than the folder does.
        parts.retain(|part| !part.is_list);
    }
    // A corpus somewhere deep in a folder is not what the folder is.
    if let [Part { path, .. }] = &parts[..]
        && is_folder(path)
        && !walked.is_empty()
    {
        parts.clear();
    }
    match failed {
        Some(error) if parts.is_empty() && walked.is_empty() => return Err(error),
        Some(error) if parts.is_empty() => {
            return Ok(Described::Not(Some(format!(
                "{}: a description in it is not read: {error}",
                printable(folder)
            ))));
        }
        _ if parts.is_empty() => return Ok(Described::Not(None)),
        _ => {}
    }
    let splits = if wanted.one_split { None } else { splits(&parts, folder) };
    let names =
        parts.iter().map(|part| printable(&name_of(&part.path, folder))).collect::<Vec<_>>();
    if let Some((a, b, both)) = same_recording(&parts, splits.as_deref()) {
        if walked.is_empty() {
            let (folder, files) = (folder.to_path_buf(), listed(&[&*names[a], &*names[b]]));
            return Err(Error::SeveralDescriptions { folder, files, both });
        }
        return Ok(Described::Not(Some(format!(
            "{}: {} both name {both}, and are not read; give the path of one to read it alone",
            printable(folder),
            listed(&[&*names[a], &*names[b]])
        ))));
    }
    let (named, others) = count(&parts, folder, walked);
    if others > named {
        return Ok(Described::Not(Some(format!(
            "{}: {} {} {} of its {} recordings, and {} not read; give its path to read it alone",
            printable(folder),
            listed(&names),
            if names.len() == 1 { "names" } else { "name" },
            walked.len() as u64 - others,
            walked.len(),
            if names.len() == 1 { "is" } else { "are" },
        ))));
    }
    let told = told(folder, &names, splits.as_deref(), walked.len() as u64, others);
    let mut found = merged(parts, splits, wanted)?;
    found.notices.push(told);
    Ok(Described::Read(Box::new(found)))
}

/// The split of each description, by the word in its name where these differ, or else by the name; none
/// where not all say one.
fn splits(parts: &[Part], folder: &Path) -> Option<Vec<String>> {
    let names: Vec<PathBuf> = parts.iter().map(|part| name_of(&part.path, folder)).collect();
    let (words, places) = splits_of_names(&names)?;
    if words.len() == names.len() {
        return Some(places.into_iter().map(|place| words[place as usize].clone()).collect());
    }
    let whole = |name: &PathBuf| {
        let name = name.file_name()?.to_str()?;
        let name = name.split('.').next()?;
        is_split_name(name).then(|| name.to_owned())
    };
    names.iter().map(whole).collect()
}

/// A recording that two descriptions of one split name, and which two; none where there is none.
fn same_recording(parts: &[Part], splits: Option<&[String]>) -> Option<(usize, usize, String)> {
    type Stretch<'a> = (PathBuf, Option<Span>, Option<u16>, Option<&'a str>);
    let mut seen: Vec<HashSet<Stretch<'_>>> = Vec::new();
    for (number, Part { found, .. }) in parts.iter().enumerate() {
        let split = splits.map(|splits| &*splits[number]);
        // Many lie in one archive.
        let plain = found.utterances.iter().filter(|utterance| utterance.held().is_none());
        let stretch = |it: &Utterance| (it.path(&found.root), it.span(), it.channel(), split);
        let own: HashSet<Stretch<'_>> = plain.map(stretch).collect();
        for (earlier, theirs) in seen.iter().enumerate() {
            if let Some((path, ..)) =
                own.iter().filter(|it| theirs.contains(*it)).min_by_key(|it| &it.0)
            {
                return Some((earlier, number, printable(path)));
            }
        }
        seen.push(own);
    }
    None
}

/// How many recordings the descriptions name, and how many others are in the folder and in none of the
/// folders that are read as a whole.
fn count(parts: &[Part], folder: &Path, walked: &[PathBuf]) -> (u64, u64) {
    let named: HashSet<PathBuf> = parts
        .iter()
        .flat_map(|part| part.found.utterances.iter().map(|it| it.path(&part.found.root)))
        .collect();
    let is_read = |path: &PathBuf| {
        named.contains(path) || parts.iter().any(|part| path.starts_with(&part.path))
    };
    let others = walked.iter().filter(|path| !is_read(&join(folder, path))).count() as u64;
    (named.len() as u64, others)
}

/// The line that tells what a folder is read by.
fn told(
    folder: &Path,
    names: &[String],
    splits: Option<&[String]>,
    recordings: u64,
    others: u64,
) -> String {
    let with_split = |(name, split): (&String, &String)| format!("{name} (split {split})");
    let names: Vec<String> = match splits {
        Some(splits) => names.iter().zip(splits).map(with_split).collect(),
        None => names.to_vec(),
    };
    let rest = match others {
        0 => String::new(),
        1 => format!("; 1 of the {recordings} recordings in it is in none of them"),
        _ => format!("; {others} of the {recordings} recordings in it are in none of them"),
    };
    format!("{}: it is read by {}{rest}", printable(folder), listed(&names))
}

/// The descriptions as one corpus.
fn merged(
    mut parts: Vec<Part>,
    splits: Option<Vec<String>>,
    wanted: &Wanted,
) -> Result<Found, Error> {
    if let Some(splits) = splits {
        for (Part { found, .. }, split) in parts.iter_mut().zip(splits) {
            // What a description says itself counts for more.
            if found.splits == ["all"] {
                found.splits = vec![split];
            }
        }
    }
    if parts.len() == 1
        && let Some(Part { found, .. }) = parts.pop()
    {
        return Ok(found);
    }
    let paths: Vec<PathBuf> = parts.iter().map(|part| part.path.clone()).collect();
    let founds = RefCell::new(parts.into_iter().map(|part| part.found));
    // They are asked for in this order.
    let mut found = read_several(&paths, wanted, |_| Ok(founds.borrow_mut().next()))?;
    if wanted.one_split {
        found.places.fill(Place { split: Some(0), left_out: false });
        found.splits.truncate(1);
    }
    Ok(found)
}

/// The path of a description in the folder.
fn name_of(path: &Path, folder: &Path) -> PathBuf {
    path.strip_prefix(folder).unwrap_or(path).to_path_buf()
}

/// `a, b and c`.
fn listed(names: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
