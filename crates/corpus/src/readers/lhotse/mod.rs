//! Manifests of lhotse's: recordings, supervisions and cuts, an object a line.
//!
//! The keys are those that lhotse 1.33 writes; they are described on its pages on representing a corpus and
//! on cuts.

mod alignment;
mod recording;
mod shar;

use std::{
    collections::{BTreeSet, HashMap},
    io,
    path::{Path, PathBuf},
};

use ossicle_files::{entries, is_there, percent_escaped, printable};
use serde_json::{Value, json};

use self::{
    alignment::{alignment, has_alignment},
    recording::{Recording, refuse_transforms},
};
use crate::{
    corpus::CorpusKind,
    error::Error,
    extra::{Column, Extra},
    format::{CorpusFormat, Given},
    found::Found,
    labels::Alignment,
    names::{folder_of, shown},
    readable::if_readable,
    readers::{
        document::for_each_object,
        faults::{At, Faults},
        objects::{Fields, Object, Shape, first_object, kind},
        reader::{Description, Reader, Wanted},
        rows::{Row, Rows},
        text::head,
    },
    span::Span,
};

/// Reads a manifest, or the folder of recordings and their supervisions.
#[derive(Debug)]
pub(crate) struct Lhotse;

/// What is wrong with a manifest of features.
const FEATURES: &str = "expected a recording, found features that were computed already; give the \
                        manifest of their recordings, or of cuts, and they are computed of those";

/// The kinds of manifests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manifest {
    Recordings,
    Supervisions,
    Cuts,
    Features,
}

impl Reader for Lhotse {
    fn format(&self) -> CorpusFormat {
        CorpusFormat {
            name: "lhotse",
            what: "a manifest of lhotse's, or a folder of them",
            given: Given::Either,
        }
    }

    fn recognises(&self, description: &Description<'_>, _: &Wanted) -> io::Result<bool> {
        Ok(Manifests::find(description)?.is_some())
    }

    fn read(&self, description: &Description<'_>, wanted: &Wanted) -> Result<Found, Error> {
        let path = description.path;
        let given = Manifests::find(description)
            .map_err(|source| Error::Open { path: path.to_path_buf(), source })?;
        match given {
            Some(given) => given.read(wanted),
            None => Err(crate::readers::reader::changed(path)),
        }
    }
}

/// The files that are read.
struct Manifests {
    manifest: Manifest,
    shape: Shape,
    file: PathBuf,
    /// The cuts of further shards.
    shards: Vec<PathBuf>,
    /// The recordings of supervisions.
    recordings: Option<PathBuf>,
    /// How many manifests of this kind the folder has besides, which are not read.
    others: usize,
}

impl Manifests {
    fn find(description: &Description<'_>) -> io::Result<Option<Manifests>> {
        let path = description.path;
        if !description.is_folder {
            let Some((shape, manifest)) = Manifest::of(path)? else { return Ok(None) };
            let recordings = (manifest == Manifest::Supervisions).then(|| recordings_beside(path));
            let file = path.to_path_buf();
            return Ok(Some(Manifests {
                manifest,
                shape,
                file,
                shards: Vec::new(),
                recordings,
                others: 0,
            }));
        }
        let Some(entries) = if_readable(entries(path))? else { return Ok(None) };
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.name().into_string().ok()).collect();
        names.sort_unstable();
        let is_manifest = |name: &&String| name.ends_with(".jsonl") || name.ends_with(".jsonl.gz");
        let first = |word: &str| {
            names
                .iter()
                .filter(is_manifest)
                .find(|name| name.starts_with(word))
                .map(|name| path.join(name))
        };
        if let Some(given) = Manifests::of_shards(path, &names)? {
            return Ok(Some(given));
        }
        // Recordings with what is said in them describe a corpus better than cuts do.
        let recordings = first("recordings");
        let (file, recordings) = match (first("supervisions"), &recordings) {
            (Some(supervisions), Some(_)) => (supervisions, recordings),
            _ => match recordings.or_else(|| first("cuts")) {
                Some(file) => (file, None),
                None => return Ok(None),
            },
        };
        let manifest = Manifest::of(&file)?;
        // The same manifest may lie there compressed as well.
        let stem =
            |name: &String| name.trim_end_matches(".gz").trim_end_matches(".jsonl").to_owned();
        let read = file.file_name().unwrap_or_default().to_string_lossy();
        let word = ["supervisions", "recordings", "cuts"].into_iter().find(|w| read.starts_with(w));
        let alike = names.iter().filter(is_manifest);
        let alike = alike.filter(|name| word.is_some_and(|word| name.starts_with(word)));
        let others = alike.map(stem).collect::<BTreeSet<_>>().len().saturating_sub(1);
        // What is called so and is not one says what is wrong with it.
        let (shape, manifest) = manifest.unwrap_or((
            Shape::Lines,
            match word {
                Some("supervisions") => Manifest::Supervisions,
                Some("recordings") => Manifest::Recordings,
                _ => Manifest::Cuts,
            },
        ));
        Ok(Some(Manifests { manifest, shape, file, shards: Vec::new(), recordings, others }))
    }

    /// The cuts of the shards of a folder, where one has an archive of its recordings: that another lacks its own
    /// is said where it is read.
    fn of_shards(folder: &Path, names: &[String]) -> io::Result<Option<Manifests>> {
        let archive = |name: &String| shar::archive_of(name);
        let is_there = |archive: String| names.binary_search(&archive).is_ok();
        if !names.iter().filter_map(archive).any(is_there) {
            return Ok(None);
        }
        let is_shard = |name: &&String| archive(name).is_some();
        let mut shards = names.iter().filter(is_shard).map(|name| folder.join(name));
        let Some(file) = shards.next() else { return Ok(None) };
        let shards = shards.collect();
        let (shape, manifest) = Manifest::of(&file)?.unwrap_or((Shape::Lines, Manifest::Cuts));
        Ok(Some(Manifests { manifest, shape, file, shards, recordings: None, others: 0 }))
    }

    fn read(self, wanted: &Wanted) -> Result<Found, Error> {
        let Manifests { manifest, shape, file: path, shards, recordings, others } = self;
        let file = match shards[..] {
            [] => printable(&path),
            _ => printable(folder_of(&path)),
        };
        let mut rows = Rows::new(CorpusKind::Lhotse, file.clone(), folder_of(&path));
        let mut faults = Faults::default();
        let mut by_id: HashMap<String, Recording> = HashMap::new();
        if let Some(recordings) = &recordings {
            let name = printable(recordings);
            let first = Manifest::of(recordings);
            let first = first.map_err(|source| Error::Open { path: recordings.clone(), source })?;
            let shape = first.map_or(Shape::Lines, |(shape, _)| shape);
            for_each_object(recordings, shape, &mut faults, |line, _, object, faults| {
                let at = At { file: &name, line, column: 0 };
                let Some(recording) = Recording::new(object, at, faults) else { return };
                if let Some(first) = by_id.insert(recording.id.clone(), recording) {
                    faults.add(at, "recordings that are there twice", || {
                        format!("the recording `{}` is there already; keep one", shown(&first.id))
                    });
                }
            })?;
        }
        // They are told of where nobody wants them.
        let mut alignments = Alignments { are_wanted: !wanted.tiers.is_none(), count: 0 };
        for path in [path].iter().chain(&shards) {
            let file = printable(path);
            let begin = rows.rows.len();
            for_each_object(path, shape, &mut faults, |line, _, object, faults| {
                let at = At { file: &file, line, column: 0 };
                let row = match manifest {
                    Manifest::Recordings => of_recording(object, at, faults),
                    Manifest::Supervisions => {
                        of_supervision(object, &by_id, &mut alignments, at, faults)
                    }
                    Manifest::Cuts => of_cut(object, &mut alignments, at, faults),
                    Manifest::Features => {
                        faults.add(at, "features", || FEATURES.into());
                        None
                    }
                };
                rows.rows.extend(row);
            })?;
            shar::place(path, &mut rows.rows[begin..], &mut faults)?;
        }
        if others > 0 {
            rows.notices.push(format!(
                "{file} is read, and {others} more of the folder's manifests of this kind are not; give each as \
                 split=PATH"
            ));
        }
        if alignments.count > 0 && !alignments.are_wanted {
            rows.notices.push(format!(
                "{file}: {} supervisions have alignments, and no labels are made of them",
                alignments.count
            ));
        }
        rows.into_found(wanted, faults)
    }
}

/// The manifest of recordings that goes with one of supervisions, as lhotse names them.
fn recordings_beside(supervisions: &Path) -> PathBuf {
    let name = supervisions.file_name().unwrap_or_default().to_string_lossy();
    let name = match name.contains("supervisions") {
        true => name.replacen("supervisions", "recordings", 1),
        false => "recordings.jsonl.gz".to_owned(),
    };
    // One of them may be compressed and the other not.
    let other = match name.strip_suffix(".gz") {
        Some(bare) => bare.to_owned(),
        None => format!("{name}.gz"),
    };
    let (path, other) = (supervisions.with_file_name(name), supervisions.with_file_name(other));
    if !is_there(&path) && is_there(&other) { other } else { path }
}

impl Manifest {
    /// Tells what a file is by its first object: lines of them, or the list that older versions write.
    fn of(path: &Path) -> io::Result<Option<(Shape, Manifest)>> {
        let first = first_object(&head(path)?, |object| Manifest::of_object(object).is_some());
        let is_list = |shape: &Shape| matches!(shape, Shape::Lines | Shape::List);
        let first = first.filter(|(shape, _)| is_list(shape));
        Ok(first.and_then(|(shape, object)| Some((shape, Manifest::of_object(&object)?))))
    }

    fn of_object(object: &Object) -> Option<Manifest> {
        let has = |keys: &[&str]| keys.iter().all(|key| object.contains_key(*key));
        let is_cut =
            object.get("type").and_then(Value::as_str).is_some_and(|it| it.ends_with("Cut"));
        match () {
            () if is_cut || has(&["tracks"]) || has(&["start", "duration", "recording"]) => {
                Some(Manifest::Cuts)
            }
            () if has(&["storage_type", "num_frames"]) => Some(Manifest::Features),
            () if has(&["sources", "sampling_rate"]) => Some(Manifest::Recordings),
            () if has(&["recording_id", "start", "duration"]) => Some(Manifest::Supervisions),
            () => None,
        }
    }
}

/// A whole recording as an utterance.
fn of_recording(object: Object, at: At<'_>, faults: &mut Faults) -> Option<Row> {
    let recording = Recording::new(object, at, faults)?;
    let id = Some(percent_escaped(recording.id.as_bytes()).into());
    Some(Row { line: at.line, id, source: recording.source, ..Row::default() })
}

/// What is said in a stretch of a recording.
fn of_supervision(
    object: Object,
    recordings: &HashMap<String, Recording>,
    alignments: &mut Alignments,
    at: At<'_>,
    faults: &mut Faults,
) -> Option<Row> {
    let mut fields = Fields { object, at };
    let id = fields.text(&["id"], faults).unwrap_or_default();
    let recording_id = fields.text(&["recording_id"], faults).unwrap_or_default();
    let span = span(&mut fields, faults)?;
    let Some(recording) = recordings.get(&recording_id) else {
        faults.add(at, "supervisions of recordings that are not there", || {
            format!("the recording `{}` is not in the manifest of recordings", shown(&recording_id))
        });
        return None;
    };
    let channel = recording.channel(fields.object.get("channel"), at, faults);
    let said = Said::new(vec![Value::Object(fields.object)], alignments, at, faults);
    row(&id, recording, span, channel, said, None, at, faults)
}

/// A cut of one recording; a fault for one of another kind.
fn of_cut(
    object: Object,
    alignments: &mut Alignments,
    at: At<'_>,
    faults: &mut Faults,
) -> Option<Row> {
    let kind_of_cut = object.get("type").and_then(Value::as_str).unwrap_or("MonoCut");
    let tracks = object.get("tracks").and_then(Value::as_array).map(Vec::len);
    if !matches!(kind_of_cut, "MonoCut" | "MultiCut") || tracks.is_some() {
        let kind_of_cut = shown(kind_of_cut);
        faults.add(at, "cuts of other kinds", || {
            let tracks = tracks.map_or(String::new(), |tracks| format!(" of {tracks} tracks"));
            format!(
                "expected a MonoCut, found a {kind_of_cut}{tracks}; save its audio with lhotse \
                 (`save_audio`) and give the cut of that"
            )
        });
        return None;
    }
    refuse_transforms(&object, at, faults);
    let mut fields = Fields { object, at };
    let id = fields.text(&["id"], faults).unwrap_or_default();
    let span = span(&mut fields, faults)?;
    let recording = match fields.take(&["recording"]) {
        Some((_, Value::Object(recording))) => Recording::new(recording, at, faults)?,
        other => {
            faults.add(at, "cuts without a recording", || {
                let found = other.map_or("nothing".into(), |(_, value)| kind(&value));
                format!("expected an object in `recording`, found {found}")
            });
            return None;
        }
    };
    let channel = recording.channel(fields.object.get("channel"), at, faults);
    let supervisions = match fields.take(&["supervisions"]) {
        Some((_, Value::Array(supervisions))) => supervisions,
        _ => Vec::new(),
    };
    let said = Said::new(supervisions, alignments, at, faults);
    let custom = fields.take(&["custom"]).map(|(_, custom)| custom);
    row(&id, &recording, span, channel, said, custom, at, faults)
}

/// The start and the end, in nanoseconds.
fn span(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<(u64, u64)> {
    let (start, duration) = (fields.time(&["start"], faults), fields.time(&["duration"], faults));
    let (Some(start), Some(duration)) = (start, duration) else {
        faults.add(fields.at, "stretches without times", || {
            "expected seconds in `start` and in `duration`".into()
        });
        return None;
    };
    Some((start, start.checked_add(duration)?))
}

/// What supervisions say.
struct Said {
    speaker: Option<String>,
    columns: Vec<(String, Value)>,
    alignment: Option<Box<Alignment>>,
}

/// The alignments that supervisions have.
struct Alignments {
    are_wanted: bool,
    /// How many supervisions have one.
    count: u64,
}

impl Said {
    fn new(
        supervisions: Vec<Value>,
        alignments: &mut Alignments,
        at: At<'_>,
        faults: &mut Faults,
    ) -> Said {
        alignments.count += supervisions.iter().filter(|it| has_alignment(it)).count() as u64;
        let alignment = match alignments.are_wanted {
            true => alignment(&supervisions, at, faults),
            false => None,
        };
        let mut speakers: Vec<&str> = supervisions
            .iter()
            .map(|it| it.get("speaker").and_then(Value::as_str).unwrap_or_default())
            .collect();
        speakers.dedup();
        let speaker = match speakers[..] {
            [speaker] if !speaker.is_empty() => Some(speaker.to_owned()),
            _ => None,
        };
        const KEPT: [&str; 3] = ["text", "language", "gender"];
        let mut columns = Vec::new();
        match &supervisions[..] {
            [one] => {
                let keys = KEPT.iter().map(|key| (*key, *key));
                for (key, name) in keys.chain([("custom", "supervision_custom")]) {
                    if let Some(value) = one.get(key).filter(|value| !value.is_null()) {
                        columns.push((name.to_owned(), value.clone()));
                    }
                }
            }
            [] => {}
            several => {
                // Each with its time in the cut.
                let brief = |it: &Value| {
                    let keys = ["id", "start", "duration", "speaker"].iter().chain(&KEPT);
                    let kept =
                        keys.filter_map(|key| Some((key.to_string(), it.get(*key)?.clone())));
                    Value::Object(kept.collect())
                };
                let all: Vec<Value> = several.iter().map(brief).collect();
                columns.push(("supervisions".to_owned(), json!(all)));
            }
        }
        Said { speaker, columns, alignment }
    }
}

#[expect(clippy::too_many_arguments, reason = "what a row is made of, of either kind of manifest")]
fn row(
    id: &str,
    recording: &Recording,
    (start, end): (u64, u64),
    channel: Option<u16>,
    said: Said,
    custom: Option<Value>,
    at: At<'_>,
    faults: &mut Faults,
) -> Option<Row> {
    let recording_id = ("recording".to_owned(), recording.id.as_str().into());
    let custom = custom.map(|custom| ("custom".to_owned(), custom));
    let columns = [recording_id].into_iter().chain(said.columns).chain(custom);
    let columns = match Column::all(columns) {
        Ok(columns) => columns,
        Err(error) => {
            faults.add(at, "keys that cannot be columns", || error.to_string());
            return None;
        }
    };
    // All of a recording is so, however its length was rounded.
    let is_whole = start == 0 && recording.duration_ns == Some(end);
    let span = (!is_whole).then_some(Span::Nanoseconds { start, end: Some(end) });
    Some(Row {
        line: at.line,
        id: Some(percent_escaped(id.as_bytes()).into()),
        source: recording.source.clone(),
        speaker: said.speaker.map(Into::into),
        split: None,
        extra: Extra::of(span, channel, None),
        columns,
        alignment: said.alignment,
    })
}
