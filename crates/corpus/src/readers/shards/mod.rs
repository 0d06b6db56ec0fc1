//! WebDataset's shards: tar archives whose members are grouped into samples by their names.
//!
//! The format is that of webdataset 1.0: a member's key is its path up to the first dot of the base name,
//! and what is behind the dot says what it is. Shards are read once, headers alone and what is said of
//! recordings; these are read in place later.

mod said;
mod samples;
mod tallies;

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
};

use ossicle_files::{OpenError, printable};

use self::{
    samples::{Sample, Samples},
    tallies::Tallies,
};
use crate::{
    archives::{Shard, is_tar},
    common_folder::{common_folder, comparable},
    corpus::CorpusKind,
    error::Error,
    extra::Extra,
    format::{CorpusFormat, Given},
    found::{Found, Place},
    held::Held,
    names::folder_of,
    readable::if_readable,
    readers::{
        faults::Faults,
        files_in::files_in,
        reader::{Description, Reader, Wanted, not_opened},
        split_names::splits_of_names,
    },
    recording::{has_extension, has_recording_name},
    utterance::Utterance,
    walk::Tally,
};

/// The format of a shard.
pub(crate) const SHARDS: CorpusFormat = CorpusFormat {
    name: "webdataset",
    what: "a shard of WebDataset's: a tar archive of recordings and what is said of them",
    given: Given::File,
};

/// Reads a shard.
#[derive(Debug)]
pub(crate) struct Shards;

impl Reader for Shards {
    fn format(&self) -> CorpusFormat {
        SHARDS
    }

    fn recognises(&self, description: &Description<'_>, wanted: &Wanted) -> io::Result<bool> {
        let name = description.path.file_name().unwrap_or_default();
        // Recordings may be very many, and are not looked into.
        if description.is_folder || has_recording_name(name, wanted.sought) {
            return Ok(false);
        }
        Ok(has_shard_name(name) || if_readable(is_tar(description.path))?.unwrap_or(false))
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        read_all(&[description.path.to_path_buf()], wanted, None)
    }
}

/// Reads a folder of shards, or of folders of shards. Where the names say which splits they are, they are.
#[derive(Debug)]
pub(crate) struct ShardFolder;

impl Reader for ShardFolder {
    fn format(&self) -> CorpusFormat {
        let what = "a folder of WebDataset's shards";
        CorpusFormat { name: "webdataset-folder", what, given: Given::Folder }
    }

    fn recognises(&self, description: &Description<'_>, wanted: &Wanted) -> io::Result<bool> {
        Ok(description.is_folder && !shards_in(description.path, wanted)?.is_empty())
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let shards = shards_in(path, wanted)
            .map_err(|source| Error::Open { path: path.to_path_buf(), source })?;
        if shards.is_empty() {
            return Err(crate::readers::reader::changed(path));
        }
        read_all(&shards, wanted, Some(path))
    }
}

/// Reads paths that all have names of shards as one corpus; none where some have others.
pub(crate) fn read_shards(paths: &[PathBuf], wanted: &Wanted) -> Result<Option<Found>, Error> {
    match paths.iter().all(|path| has_shard_name(path.file_name().unwrap_or_default())) {
        true => read_all(paths, wanted, None).map(Some),
        false => Ok(None),
    }
}

/// Returns whether this is the name of an archive, compressed or not.
fn has_shard_name(name: &std::ffi::OsStr) -> bool {
    let is_packed = has_extension(name, &["gz"])
        && Path::new(name).file_stem().is_some_and(|stem| has_extension(stem, &["tar"]));
    is_packed || has_extension(name, &["tar", "tgz"])
}

/// The shards at the top of a folder or else in the folders there; none where recordings are, too.
fn shards_in(folder: &Path, wanted: &Wanted) -> io::Result<Vec<PathBuf>> {
    files_in(folder, 2, wanted, has_shard_name)
}

/// Reads shards as one corpus.
///
/// - `folder`: the folder that all of them are in, if that is what was given: then their names may say
///   which splits they are
fn read_all(paths: &[PathBuf], wanted: &Wanted, folder: Option<&Path>) -> Result<Found, Error> {
    let paths = comparable(paths)?;
    let root = match folder {
        Some(folder) => folder.to_path_buf(),
        None => common_folder(&paths.iter().map(|path| folder_of(path).into()).collect::<Vec<_>>()),
    };
    let mut faults = Faults::default();
    let mut tallies = Tallies::default();
    let mut utterances = Vec::new();
    for path in &paths {
        let source = path.strip_prefix(&root).unwrap_or(path).to_path_buf();
        let shard = Shard::open(path).map_err(|error| match error {
            OpenError::Io(source) => not_opened(path, source),
            OpenError::NotRegular { .. } => Error::NotACorpus { path: path.clone() },
        })?;
        let of_shard = Utterance::look_at(String::new(), &root, source);
        let samples = Samples::read(path, shard, wanted, &mut tallies, &mut faults);
        samples.each(&mut tallies, |id, sample| utterances.push(utterance(&of_shard, id, sample)));
    }
    let what = match &paths[..] {
        [path] => printable(path),
        _ => printable(&root),
    };
    faults.check(&what)?;
    if utterances.is_empty() {
        return Err(Error::NoSamples { file: what });
    }
    tell_apart(&mut utterances, &mut tallies.shared)?;
    let names = match (folder, wanted.one_split) {
        (Some(_), false) => splits_of_names(&paths),
        _ => None,
    };
    let found = Found {
        ignored: std::mem::take(&mut tallies.ignored),
        notices: tallies.notices(),
        ..Found::unsplit(CorpusKind::Shards, &root, utterances)
    };
    Ok(match names {
        Some((splits, of_paths)) => {
            let of_source: HashMap<&Path, u32> = paths
                .iter()
                .map(|path| path.strip_prefix(&root).unwrap_or(path))
                .zip(of_paths)
                .collect();
            let place = |utterance: &Utterance| Place {
                split: of_source.get(&*utterance.source).copied(),
                left_out: false,
            };
            let places = found.utterances.iter().map(place).collect();
            Found { splits, places, ..found }
        }
        None => found,
    })
}

/// Makes an utterance of a recording of a shard.
fn utterance(of_shard: &Utterance, id: String, sample: Sample) -> Utterance {
    let Sample { speaker, columns, held, alignment } = sample;
    let alignment = alignment.map(|it| it.with_paths(|_| of_shard.source.as_ref().into()));
    let extra = Extra::of(None, None, Some(held));
    Utterance { id: id.into(), speaker, columns, extra, alignment, ..of_shard.clone() }
}

/// Puts the shard's name before the ids that several shards have.
fn tell_apart(utterances: &mut [Utterance], shared: &mut Tally) -> Result<(), Error> {
    let by_id =
        |a: &Utterance, b: &Utterance| a.id.cmp(&b.id).then_with(|| a.source.cmp(&b.source));
    utterances.sort_unstable_by(by_id);
    for alike in utterances.chunk_by_mut(|a, b| a.id == b.id).filter(|alike| alike.len() > 1) {
        shared.add(&alike[0].source.join(&*alike[0].id), "");
        for utterance in alike {
            let source = printable(&utterance.source);
            let stem = source.trim_end_matches(".gz").trim_end_matches(".tar");
            let stem = stem.trim_end_matches(".tgz");
            utterance.id = format!("{stem}/{}", utterance.id).into();
        }
    }
    utterances.sort_unstable_by(by_id);
    let place = |utterance: &Utterance| {
        let member = utterance.held().map(Held::to_row).unwrap_or_default();
        format!("{member} of {}", printable(&utterance.source))
    };
    match utterances.array_windows().find(|[a, b]| a.id == b.id) {
        None => Ok(()),
        Some([a, b]) => {
            Err(Error::DuplicateId { id: a.id.to_string(), first: place(a), second: place(b) })
        }
    }
}
