//! Hashes of the contents of an utterance's files, in place of sizes and times.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use ossicle_audio::Media;
use ossicle_corpus::{AlignmentPart, Archives, Held, Of, Split, Utterance};
use ossicle_files::{join, open_source};

use crate::bounds::stop::Stop;
use crate::error::{Error, sentence};
use crate::input_kind::InputKind;
use crate::part::{Stamp, alignment_text};
use crate::plan::Plan;
use crate::rows::input::media_of;
use crate::run::pool::{self, lock};

/// Hashes the contents of all files of a plan's utterances.
///
/// - `workers`: how many hash at once
///
/// # Errors
/// If it was asked to stop. A file that cannot be read is hashed as what is wrong with it.
pub(super) fn hash_contents(
    plan: &Plan,
    workers: usize,
    stop: &Stop,
) -> Result<Vec<Vec<Stamp>>, Error> {
    let of_parts: Vec<Mutex<Vec<Stamp>>> = plan.parts.iter().map(|_| Mutex::default()).collect();
    let (archives, kind) = (Archives::default(), InputKind::of(&plan.job.recipe));
    let start =
        || Ok::<_, Error>(Hasher { archives: &archives, kind, stop, recordings: HashMap::new() });
    let work = |hasher: &mut Hasher<'_>, number: usize| {
        let part = &plan.parts[number];
        let split = plan.split(part);
        let utterances = &split.utterances[part.utterances.clone()];
        let stamps = utterances.iter().map(|utterance| {
            stop.check()?;
            Ok(hasher.stamp(split, utterance))
        });
        *lock(&of_parts[number]) = stamps.collect::<Result<_, Error>>()?;
        Ok(())
    };
    pool::run(workers, plan.parts.len(), start, work, drop)?;
    stop.check()?;
    let mut all = vec![Vec::new(); plan.corpus.splits.len()];
    for (part, stamps) in plan.parts.iter().zip(of_parts) {
        all[part.split].append(&mut lock(&stamps));
    }
    Ok(all)
}

/// As many hashes of recordings are held, for the segments of each.
const MOST_HELD: usize = 1 << 10;

/// Hashes contents.
struct Hasher<'a> {
    archives: &'a Archives,
    kind: InputKind,
    stop: &'a Stop,
    recordings: HashMap<(PathBuf, Option<String>), blake3::Hash>,
}

impl Hasher<'_> {
    fn stamp(&mut self, split: &Split, utterance: &Utterance) -> Stamp {
        let mut record = Vec::new();
        record.extend_from_slice(self.recording(split, utterance).as_bytes());
        if let Some(companion) = self.kind.companion(&utterance.source) {
            record.extend_from_slice(hash(open(&split.root, &companion)).as_bytes());
        }
        for part in utterance.alignment.iter().flat_map(|source| source.parts()) {
            let of_part = match part {
                AlignmentPart::File(path) => hash(open(&split.root, path)),
                part => blake3::hash(read_alignment(split, utterance, part).as_bytes()),
            };
            record.extend_from_slice(of_part.as_bytes());
        }
        // Where in its file a recording is decides no byte: what stands in its row does.
        let held = utterance.held().map(Held::to_row);
        let said = (utterance.span(), utterance.channel(), held, &utterance.columns);
        record.extend_from_slice(&serde_json::to_vec(&said).unwrap_or_default());
        Stamp::of(&record, utterance)
    }

    /// Hashes a recording, or finds the hash of one that several utterances are of.
    fn recording(&mut self, split: &Split, utterance: &Utterance) -> blake3::Hash {
        let path = utterance.path(&split.root);
        let held = utterance.held();
        let key = (path, held.and_then(|held| serde_json::to_string(held).ok()));
        if let Some(hash) = self.recordings.get(&key) {
            return *hash;
        }
        let should_stop = || self.stop.signal().is_some();
        let hash = hash(media_of(&split.root, self.archives, utterance, &should_stop));
        if self.recordings.len() >= MOST_HELD {
            self.recordings.clear();
        }
        self.recordings.insert(key, hash);
        hash
    }
}

/// Writes an alignment that has no file of its own as a text that is another where any of it is.
fn read_alignment(split: &Split, utterance: &Utterance, part: AlignmentPart<'_>) -> String {
    let stem = utterance.source.file_stem().unwrap_or_default().to_string_lossy();
    let of = Of { names: &[&*utterance.id, &*stem], channel: utterance.channel() };
    match part.read(&split.root, of) {
        Ok(alignment) => alignment_text(&alignment),
        Err(error) => sentence(&error),
    }
}

/// Opens a file that lies beside a recording.
fn open(root: &Path, path: &Path) -> Result<Media, ossicle_audio::Error> {
    Ok(Media::from(open_source(&join(root, path))?))
}

/// Hashes bytes, or what is wrong with them.
fn hash<E: StdError>(media: Result<Media, E>) -> blake3::Hash {
    match media.map(read) {
        Ok(Ok(hash)) => hash,
        Ok(Err(error)) => blake3::hash(sentence(&error).as_bytes()),
        Err(error) => blake3::hash(sentence(&error).as_bytes()),
    }
}

fn read(media: Media) -> Result<blake3::Hash, ossicle_audio::Error> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    let mut offset = 0;
    loop {
        match media.read_at(offset, &mut buffer)? {
            0 => return Ok(hasher.finalize()),
            read => {
                hasher.update(&buffer[..read]);
                offset += read as u64;
            }
        }
    }
}
