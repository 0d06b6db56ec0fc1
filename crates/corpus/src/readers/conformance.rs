//! The suite that every reader passes, of a corpus on disk and of the same one in a store of objects.
//!
//! A new reader brings a [`Specimen`] and a line in `suite!`.
#![cfg(unix)]

mod specimens;

use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::symlink},
    path::{Path, PathBuf},
    process::Command,
};

use ossicle_files::{MemoryObjects, printable};
use tempfile::TempDir;

use self::specimens::*;
use super::{Description, READERS, Reader, Wanted};
use crate::{
    alignment_source::AlignmentSource, column_names::ColumnNames, corpus::Corpus,
    corpus_source::CorpusSource, discover::discover, error::Error, found::Found, held::Held,
    labels::Pattern, options::DiscoverOptions, selection::Selection, tiers_sought::TiersSought,
    utterance::Utterance,
};

/// A maker of descriptions of one reader's kind.
struct Specimen {
    reader: &'static dyn Reader,
    /// The folder in which such a corpus has its recordings, below the corpus'.
    folder: &'static str,
    /// The most recordings that it can have.
    most: usize,
    /// It can name files whose names are not UTF-8.
    names_bytes: bool,
    /// It holds the recordings itself: they are no files, and nothing lies beside them.
    holds: bool,
    /// It is put into a store of objects.
    in_store: bool,
    /// Writes the description of these recordings, in this order, into the corpus' folder. Returns what
    /// is then given as the corpus.
    describe: fn(&Path, &[PathBuf]) -> PathBuf,
}

/// Makes the tests of a reader.
macro_rules! tests_of {
    ($specimen:ident: $($name:ident)*) => {
        $(#[test] fn $name() { super::$name(&super::specimens::$specimen); })*

        mod in_a_store {
            use super::super::{Specimen, specimens};

            $(#[test] fn $name() {
                super::super::$name(&Specimen { in_store: true, ..specimens::$specimen });
            })*
        }
    };
}

/// Makes a module of tests for every reader.
macro_rules! suite {
    ($($name:ident)*) => {
        mod a_timit_tree { tests_of! { TIMIT: $($name)* } }
        mod a_recording { tests_of! { RECORDING: $($name)* } }
        mod a_folder { tests_of! { FOLDER: $($name)* } }
        mod a_kaldi_folder { tests_of! { KALDI: $($name)* } }
        mod a_table { tests_of! { TABLE: $($name)* } }
        mod a_nemo_manifest { tests_of! { NEMO: $($name)* } }
        mod a_fairseq_manifest { tests_of! { FAIRSEQ: $($name)* } }
        mod a_lhotse_manifest { tests_of! { LHOTSE: $($name)* } }
        mod a_filelist { tests_of! { FILELIST: $($name)* } }
        mod a_script_of_htk { tests_of! { HTK: $($name)* } }
        mod a_document_of_json { tests_of! { JSON: $($name)* } }
        mod librispeech { tests_of! { LIBRISPEECH: $($name)* } }
        mod vctk { tests_of! { VCTK: $($name)* } }
        mod ljspeech { tests_of! { LJSPEECH: $($name)* } }
        mod common_voice { tests_of! { COMMON_VOICE: $($name)* } }
        mod speech_commands { tests_of! { SPEECH_COMMANDS: $($name)* } }
        mod the_buckeye_corpus { tests_of! { BUCKEYE: $($name)* } }
        mod a_shard { tests_of! { SHARDS: $($name)* } }
        mod a_folder_of_shards { tests_of! { SHARD_FOLDER: $($name)* } }
        #[cfg(feature = "arrow")]
        mod a_parquet_file { tests_of! { PARQUET: $($name)* } }
        #[cfg(feature = "arrow")]
        mod a_folder_of_parquet_files { tests_of! { PARQUET_FOLDER: $($name)* } }
        mod a_list { tests_of! { LIST: $($name)* } }
    };
}

suite! {
    is_read_by_its_own_reader
    the_order_of_files_does_not_matter
    every_recording_is_found_whatever_its_name
    ids_are_unique_and_printable
    a_bad_file_stays_in_the_list
    what_vanishes_while_it_is_looked_at_is_no_panic
    every_utterance_has_a_place
    a_splits_file_on_top_replaces_its_splits
    a_splits_file_of_other_names_is_an_error
    it_can_be_given_for_a_split
    alignments_are_found_when_they_are_wanted
}

#[test]
fn every_reader_is_in_the_suite() {
    let in_suite = [
        TIMIT,
        LIBRISPEECH,
        VCTK,
        LJSPEECH,
        COMMON_VOICE,
        SPEECH_COMMANDS,
        BUCKEYE,
        RECORDING,
        FOLDER,
        LIST,
        KALDI,
        TABLE,
        FILELIST,
        HTK,
        NEMO,
        JSON,
        FAIRSEQ,
        LHOTSE,
        SHARDS,
        SHARD_FOLDER,
        #[cfg(feature = "arrow")]
        PARQUET,
        #[cfg(feature = "arrow")]
        PARQUET_FOLDER,
    ]
    .map(|specimen| format!("{:?}", specimen.reader));
    let mut readers: BTreeSet<String> = READERS.iter().map(|it| format!("{it:?}")).collect();
    // It finds nothing: whatever it recognises is an error.
    assert!(readers.remove("Foreign"));
    assert_eq!(readers, BTreeSet::from(in_suite));
}

#[test]
fn what_is_not_there_and_what_is_a_pipe_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a\n.wav");
    let shown = format!("{}/a%0A.wav", folder.path().display());
    let error = Description::at(&path).unwrap_err();
    assert_eq!(error.to_string(), format!("{shown}: no such file or folder"));
    make_pipe(&path);
    let error = Description::at(&path).unwrap_err();
    assert!(error.to_string().starts_with(&format!("{shown}: neither a folder nor")), "{error}");
    let found = discover(&CorpusSource::Path(path), &DiscoverOptions::default());
    assert!(matches!(found, Err(Error::NotACorpus { .. })), "{found:?}");
}

/// A corpus on disk or in a store, removed when the test ends.
struct Made {
    /// Its folder, or the URL of its bucket.
    root: PathBuf,
    /// What it is or was written into.
    disk: TempDir,
    given: PathBuf,
    /// Relative to the root.
    recordings: Vec<PathBuf>,
}

/// Five bytes each.
const BYTES: &[u8] = b"bytes";

impl Specimen {
    /// A corpus of recordings with these stems, of as many of them as it can have.
    fn make<S: AsRef<[u8]>>(&self, stems: &[S]) -> Made {
        self.make_of(stems, |path| fs::write(path, BYTES).unwrap())
    }

    fn make_of<S: AsRef<[u8]>>(&self, stems: &[S], make: impl Fn(&Path)) -> Made {
        let disk = tempfile::tempdir().unwrap();
        let name = |stem: &S| [stem.as_ref(), b".wav"].concat();
        let recordings: Vec<PathBuf> = stems
            .iter()
            .take(self.most)
            .map(|stem| Path::new(self.folder).join(OsStr::from_bytes(&name(stem))))
            .collect();
        fs::create_dir_all(disk.path().join(self.folder)).unwrap();
        for recording in &recordings {
            make(&disk.path().join(recording));
        }
        let given = (self.describe)(disk.path(), &recordings);
        let root: PathBuf = match self.in_store {
            true => MemoryObjects::installed().put_folder(disk.path()).unwrap().into(),
            false => disk.path().into(),
        };
        let given = match given.strip_prefix(disk.path()).unwrap() {
            whole if whole == Path::new("") => root.clone(),
            below => root.join(below),
        };
        Made { root, disk, given, recordings }
    }
}

impl Made {
    fn source(&self) -> CorpusSource {
        CorpusSource::Path(self.given.clone())
    }

    fn discover(&self) -> Corpus {
        discover(&self.source(), &DiscoverOptions::default()).unwrap()
    }

    fn discover_split_by(&self, lines: &str) -> Result<Corpus, Error> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), lines).unwrap();
        let splits_file = Some(file.path().to_path_buf());
        let selection = Selection { splits_file, ..Selection::default() };
        discover(&self.source(), &DiscoverOptions { selection, ..DiscoverOptions::default() })
    }

    /// Runs the reader alone, without `discover` around it.
    fn read_by(&self, reader: &dyn Reader, wanted: &Wanted) -> Found {
        reader.read(&Description::at(&self.given).unwrap(), wanted).unwrap()
    }

    /// The recordings as a reader has to name them: relative to the root that it gives them, or to the
    /// archive that they are in.
    fn names(&self, specimen: &Specimen, root: &Path) -> BTreeSet<String> {
        if specimen.holds {
            return self.recordings.iter().map(|path| printable(path)).collect();
        }
        let absolute = self.recordings.iter().map(|path| self.root.join(path));
        absolute.map(|path| printable(path.strip_prefix(root).unwrap())).collect()
    }
}

fn wanted(alignments: bool) -> Wanted<'static> {
    let DiscoverOptions { sought, .. } = DiscoverOptions::default();
    static NO_NAMES: ColumnNames = ColumnNames::NONE;
    let phones = [Pattern::new("phones")];
    let tiers = TiersSought::new(if alignments { &phones } else { &[] });
    Wanted { sought, tiers, allow_commands: false, one_split: false, columns: &NO_NAMES }
}

/// The recording of an utterance, as [`Made::names`] has it.
fn name_of(utterance: &Utterance) -> String {
    match utterance.held() {
        Some(Held::Member { name, .. }) => name.to_string(),
        Some(Held::Row { .. }) => {
            utterance.columns.unpacked()[0].value().as_str().unwrap().to_owned()
        }
        Some(held) => panic!("{held:?}"),
        None => printable(&utterance.source),
    }
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn is_read_by_its_own_reader(specimen: &Specimen) {
    let made = specimen.make(&["SX1", "SX2"]);
    let description = Description::at(&made.given).unwrap();
    let recognises =
        |reader: &&&dyn Reader| reader.recognises(&description, &wanted(false)).unwrap();
    let first = READERS.iter().find(recognises);
    assert_eq!(format!("{:?}", first.unwrap()), format!("{:?}", specimen.reader));
}

fn the_order_of_files_does_not_matter(specimen: &Specimen) {
    // `SX1-.wav` comes before `SX1.wav`, but the id `SX1` before `SX1-`.
    let stem = |n: u32| format!("SX{}{}", n / 2, if n.is_multiple_of(2) { "" } else { "-" });
    let mut stems: Vec<String> = (0..50).map(stem).collect();
    stems.truncate(specimen.most);
    let forwards = specimen.make(&stems).discover();
    stems.reverse();
    let backwards = specimen.make(&stems).discover();
    let without_times = |corpus: Corpus| {
        let utterances = corpus.splits.into_iter().flat_map(|split| split.utterances);
        utterances.map(|it| (it.id.clone(), name_of(&it), it.speaker)).collect::<Vec<_>>()
    };
    let (forwards, backwards) = (without_times(forwards), without_times(backwards));
    assert_eq!(forwards.len(), stems.len());
    assert!(forwards.is_sorted_by(|(a, ..), (b, ..)| a < b), "{forwards:?}");
    assert_eq!(forwards, backwards);
}

/// Hard stems: not UTF-8, what that becomes in an id, a control character, spaces, and a name that may be
/// split.
const STEMS: [&[u8]; 6] = [b"caf\xe9", b"caf%E9", b"a\x01b", b"a b", b"a.b_c|d", b"\xff"];

impl Specimen {
    /// The hard stems that it can name, as many at once as it can have.
    fn stems(&self) -> Vec<Vec<&'static [u8]>> {
        // A bar in a filelist is one between fields.
        let has_bars = ["filelist", "ljspeech"].contains(&self.reader.format().name());
        let can_be = |stem: &&[u8]| {
            ((self.names_bytes && !self.in_store) || std::str::from_utf8(stem).is_ok())
                && !(has_bars && stem.contains(&b'|'))
        };
        let stems: Vec<&[u8]> = STEMS.into_iter().filter(can_be).collect();
        stems.chunks(self.most.min(stems.len())).map(<[_]>::to_vec).collect()
    }
}

fn every_recording_is_found_whatever_its_name(specimen: &Specimen) {
    for stems in specimen.stems() {
        let made = specimen.make(&stems);
        let corpus = made.discover();
        let utterances = corpus.splits.iter().flat_map(|split| &split.utterances);
        let (names, sizes): (BTreeSet<String>, Vec<u64>) =
            utterances.map(|it| (name_of(it), it.recording_bytes())).unzip();
        assert_eq!(names, made.names(specimen, &corpus.splits[0].root));
        // What stands about them in a file may be counted, too.
        let most = if specimen.holds { 64 } else { 5 };
        assert!(sizes.iter().all(|size| (5..=most).contains(size)), "{sizes:?}");
        assert_eq!(sizes.len(), stems.len());
    }
}

fn ids_are_unique_and_printable(specimen: &Specimen) {
    for stems in specimen.stems() {
        let found = specimen.make(&stems).read_by(specimen.reader, &wanted(false));
        let ids: BTreeSet<&str> = found.utterances.iter().map(|it| &*it.id).collect();
        assert_eq!(ids.len(), stems.len(), "{ids:?}");
        for id in ids {
            assert!(!id.is_empty() && !id.contains(|c: char| c.is_control()), "{id:?}");
        }
    }
}

fn a_bad_file_stays_in_the_list(specimen: &Specimen) {
    if specimen.holds {
        return;
    }
    let made = specimen.make_of(&["SX1", "SX2", "SX3", "SX4"], |path| {
        match path.file_name().unwrap().as_bytes() {
            b"SX2.wav" => make_pipe(path),
            b"SX3.wav" => symlink("nowhere", path).unwrap(),
            b"SX4.wav" => {
                fs::create_dir(path).unwrap();
                // In a store there is no folder but of objects.
                fs::write(path.join("nothing.txt"), b"").unwrap();
            }
            _ => fs::write(path, b"").unwrap(),
        }
    });
    let found = made.read_by(specimen.reader, &wanted(true));
    // What is not there in a store is there for nobody who looks.
    let there =
        if specimen.in_store { made.recordings.len().min(2) } else { made.recordings.len() };
    assert!((there..=made.recordings.len()).contains(&found.utterances.len()), "{found:?}");
    assert!(found.utterances.iter().all(|utterance| utterance.size_bytes == 0), "{found:?}");
}

fn what_vanishes_while_it_is_looked_at_is_no_panic(specimen: &Specimen) {
    let made = specimen.make(&["SX1", "SX2"]);
    let description = Description::at(&made.given).unwrap();
    assert!(specimen.reader.recognises(&description, &wanted(true)).unwrap());
    fs::remove_dir_all(made.disk.path()).unwrap();
    MemoryObjects::installed().remove(&made.root);
    specimen.reader.recognises(&description, &wanted(true)).unwrap();
    match specimen.reader.read(&description, &wanted(true)) {
        Ok(found) => assert!(found.utterances.iter().all(|it| it.size_bytes == 0), "{found:?}"),
        Err(error) => {
            let path = made.root.display().to_string();
            assert!(error.to_string().contains(&path), "{error}");
        }
    }
}

fn every_utterance_has_a_place(specimen: &Specimen) {
    let found = specimen.make(&["SX1", "SA1", "SX2"]).read_by(specimen.reader, &wanted(false));
    assert_eq!(found.places.len(), found.utterances.len());
    for place in &found.places {
        assert!(place.split.is_none_or(|split| (split as usize) < found.splits.len()), "{found:?}");
    }
}

fn a_splits_file_on_top_replaces_its_splits(specimen: &Specimen) {
    let made = specimen.make(&["SX1", "SX2", "SX3"]);
    let id = made.discover().splits[0].utterances[0].id.clone();
    let corpus = made.discover_split_by(&format!("{id} dev\n")).unwrap();
    let [split] = &corpus.splits[..] else { panic!("{corpus:?}") };
    assert_eq!((&*split.name, split.utterances.len()), ("dev", 1));
    assert_eq!(split.utterances[0].id, id);
    assert_eq!(corpus.left_out, made.recordings.len() as u64 - 1);
}

fn a_splits_file_of_other_names_is_an_error(specimen: &Specimen) {
    let made = specimen.make(&["SX1", "SX2"]);
    let id = &made.discover().splits[0].utterances[0].id.clone();
    match made.discover_split_by("somebody dev\n") {
        Err(Error::SplitsMatchNothing { an_id, .. }) => assert_eq!(an_id, **id),
        other => panic!("{other:?}"),
    }
}

fn it_can_be_given_for_a_split(specimen: &Specimen) {
    let made = specimen.make(&["SX1", "SX3", "SX2"]);
    let pairs = ["two", "one"].map(|name| (name.to_owned(), made.given.clone()));
    let source = CorpusSource::Splits(pairs.into());
    let corpus = discover(&source, &DiscoverOptions::default()).unwrap();
    let names: Vec<&str> = corpus.splits.iter().map(|split| &*split.name).collect();
    assert_eq!(names, ["two", "one"]);
    for split in &corpus.splits {
        let names = split.utterances.iter().map(name_of);
        assert_eq!(names.collect::<BTreeSet<_>>(), made.names(specimen, &split.root));
    }
    assert_eq!(corpus.left_out, 0);
}

fn alignments_are_found_when_they_are_wanted(specimen: &Specimen) {
    let made = specimen.make_of(&["SX1", "SX2"], |path| {
        fs::write(path, BYTES).unwrap();
        fs::write(path.with_extension("PHN"), BYTES).unwrap();
    });
    for alignments in [false, true] {
        let found = made.read_by(specimen.reader, &wanted(alignments));
        assert_eq!(found.utterances.len(), made.recordings.len());
        for utterance in &found.utterances {
            let are_found = alignments && !specimen.holds;
            let beside = are_found.then(|| utterance.source.with_extension("PHN"));
            assert_eq!(utterance.alignment, beside.map(AlignmentSource::file));
        }
    }
}
