//! The errors that end a run.

use std::error::Error as StdError;
use std::io;
use std::path::{Path, PathBuf};

use crate::advice::Advice;
use crate::cause::Cause;
use crate::causes::CauseCount;
use crate::difference::Difference;
use crate::notice::{MemoryBound, Rate, Shared};
use crate::probe_difference::ProbeDifference;
use ossicle_dataset::FailureRow;
use ossicle_files::{SmallError, be, counted, is_url, printable};
use ossicle_recipe::RecipeError;

/// A reason why a job could not be planned, run or finished. A bad recording is none of these: it goes
/// to the ledger.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message says what its fields are")]
pub enum Error {
    #[error(transparent)]
    Corpus(#[from] ossicle_corpus::Error),
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    #[error(transparent)]
    Dataset(#[from] ossicle_dataset::Error),
    #[error("cannot {action} {}", printable(path))]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("{} holds other files ({example})", printable(path))]
    OutputInUse { path: PathBuf, example: String },
    #[error(
        "the output {} lies inside the corpus {}, where the next run would find it",
        printable(path),
        printable(corpus)
    )]
    InsideCorpus { path: PathBuf, corpus: PathBuf },
    #[error("{} holds {what} of another job: {difference}", printable(path))]
    OtherJob { path: PathBuf, what: &'static str, difference: Difference },
    /// Shares are of another plan.
    #[error("{} holds the plan of another job: {difference}", printable(path))]
    OtherPlan { path: PathBuf, difference: Difference },
    /// A plan that was stored for shares cannot be read.
    #[error("{} is damaged: {reason}", printable(path))]
    DamagedPlan { path: PathBuf, reason: String },
    /// There is no plan that shares could be of.
    #[error("{} holds no plan that shares are of", printable(path))]
    NoPlan { path: PathBuf },
    /// A machine of a cluster sees another file in its place.
    #[error("{} is not the plan of this job, which another machine has stored", printable(path))]
    NotThatPlan { path: PathBuf },
    /// A machine of a cluster does not see a recording.
    #[error("{} has {found} bytes, and {size} where the corpus was listed", printable(path))]
    OtherRecording { path: PathBuf, size: u64, found: u64 },
    #[error("the plan {} has {}, and none of number {number}", printable(path), counted(*parts as u64, "part"))]
    NoPart { path: PathBuf, number: usize, parts: usize },
    /// A cluster cannot go on.
    #[error("the cluster: {reason}")]
    Cluster { reason: String },
    /// There is nothing left to do.
    #[error("the dataset {} is complete", printable(path))]
    AlreadyPublished { path: PathBuf },
    #[error("{}: {file} is missing or not as large as it was", printable(path))]
    Damaged { path: PathBuf, file: String },
    #[error(
        "the limit of open files is {limit}, of which {in_use} are in use; one worker needs {needed}"
    )]
    TooFewFiles { limit: u64, in_use: u64, needed: u64, has_connections: bool },
    #[error("too many files were open, by other programs, for {waited_s} s")]
    FilesTaken { waited_s: u64 },
    #[error(
        "memory is limited to {limit} by {by}, and one worker needs {needed}",
        limit = crate::bounds::size::size(*limit), needed = crate::bounds::size::size(*needed)
    )]
    TooLittleMemory { limit: u64, by: MemoryBound, needed: u64 },
    #[error(
        "in the split {split:?}, two utterances would be called {id}: one is of a channel that the corpus \
         tells, and one of each that there is"
    )]
    SameIds { split: String, id: String },
    #[error("stopped{}", kept(*parts_done, *parts))]
    Stopped { signal: usize, parts_done: usize, parts: usize },
    #[error("cannot start a worker, {}", printable(program))]
    Worker { program: PathBuf, source: io::Error },
    #[error("workers died {attempts} times over a part, and not over any of its utterances alone")]
    WorkersDie { attempts: usize },
    #[error("{error}")]
    InWorker { error: String, advice: Option<Advice> },
    #[error("the run was begun by version {theirs}, and this worker is {ours}")]
    OtherVersion { theirs: String, ours: &'static str },
    /// Rows of it are taken, and it was checked before.
    #[error("{} was changed while an update took rows of it", printable(path))]
    EarlierChanged { path: PathBuf },
    #[error("{} was written and cannot be read", printable(path))]
    LostPart { path: PathBuf, source: Box<dyn StdError + Send + Sync> },
    #[error(
        "{} failed, and {allowed} may; the failures are listed in {}",
        counted(*failures, "utterance"), ledger.display()
    )]
    TooManyFailures { failures: u64, allowed: String, ledger: PathBuf },
    #[error(
        "the first {failures} of {utterances} utterances all failed for the same reason ({}), as {}: {}; \
         nothing was published, and the failures are listed in {}",
        first.cause, first.id, first.error, printable(ledger)
    )]
    Hopeless { failures: u64, utterances: u64, first: Box<FailureRow>, ledger: PathBuf },
    #[error(
        "nothing was stored, so nothing was published: {failures}; the failures are listed in {}",
        printable(ledger), failures = all_of(causes)
    )]
    NothingStored { causes: Vec<CauseCount>, ledger: PathBuf },
    #[error(
        "{} has {free} free, and the run needs up to {needed}", printable(path),
        free = crate::bounds::size::size(*free), needed = crate::bounds::size::size(*needed)
    )]
    NoSpace { path: PathBuf, free: u64, needed: u64 },
    #[error(
        "labels.map is {map:?}, which is neither one of {}, from-train nor a file that can be read",
        ossicle_corpus::LabelMap::names().join(", ")
    )]
    LabelMap { map: String, source: SmallError },
    #[error("{reason}")]
    Labels { reason: String },
    #[error("there is no label map {name:?}")]
    NoLabelMap { name: String },
    #[error(
        "no file of {hold} has an alignment beside it, whose end says where the recording ends"
    )]
    NoPhones { hold: &'static str },
    /// There are samples, and no corpus.
    #[error("the recipe is normalised by {from}, and there is no corpus here")]
    NoCorpus { from: String },
    /// There are samples, and it is not said whose.
    #[error("the recipe is normalised by each speaker, and there are no recordings of one here")]
    NoSpeaker,
    #[error("the recipe is not normalised by speakers")]
    NotBySpeaker,
    /// One of several recordings has no rows.
    #[error("recording {number}")]
    Recording { number: usize, source: Box<Error> },
    /// There are samples, and no files of events.
    #[error("the recipe makes rows of events that another program found, and there are none here")]
    EventsWithoutFiles,
    #[error(
        "there {} {}{}", be(*found as u64), counted(*found as u64, "sample"), least_of(*least)
    )]
    TooFewSamples { found: usize, least: Option<usize> },
    /// A number can be no sample.
    #[error("sample {at} is {value}")]
    NoSample { at: usize, value: f32 },
    /// A recipe says the rate of recordings, and samples have another.
    #[error("the recipe is for recordings of {wanted} Hz, and the samples are of {found}")]
    RecipeRate { wanted: u32, found: u32 },
    /// Samples that are none are to be kept, and the recipe resamples.
    #[error("sample {at} is no number, and the recipe resamples, where nothing of it can be kept")]
    KeepResampled { at: usize },
    /// A text is no front end that was saved.
    #[error("it is no front end: {reason}")]
    NoFrontEnd { reason: String },
    /// A front end gives other numbers than where it was saved.
    #[error("its rows are not those of where it was made: {0}")]
    ProbeDiffers(Box<ProbeDifference>),
    /// A front end gives rows of other columns, or as many others, than where it was saved.
    #[error("its columns are not those of where it was made, by version {version}")]
    ProbeOfOtherColumns { version: String },
    #[error("{0}")]
    Overlap(Shared),
    #[error(
        "normalize.scope is \"speaker\", and none of {utterances} utterances has a speaker; the first is \
         {first}"
    )]
    NoSpeakers { utterances: u64, first: String },
    #[error(
        "recordings have several sample rates, whose columns mean different things: {}",
        listed(rates)
    )]
    MixedRates { rates: Vec<Rate> },
    #[error(
        "the statistics of {folder} are of recordings of {theirs} Hz, and of these are {other}"
    )]
    OtherRate { folder: String, theirs: u32, other: Rate },
    /// Shards are written while statistics are made.
    #[error(
        "output.shards is \"parts\", which writes each part when it is done, and columns are normalised by {of}, whose \
         statistics are known when all are"
    )]
    LateStatistics { of: String },
    /// The splits that are normalised by have no utterance, or all of theirs failed.
    #[error("there is nothing to normalise by: {}", nothing_in(from, *utterances, ledger.as_deref()))]
    NoFrames { from: String, utterances: u64, ledger: Option<PathBuf> },
    #[error("the recipe does not fit the recordings, {rate}")]
    UnfitRate { rate: Rate, source: ossicle_dsp::Error },
    #[error(
        "normalize.stats_from is {from:?}, and the splits are {}; it may be one of them, \"all\" or a \
         dataset's folder", splits.join(", ")
    )]
    StatsFrom { from: String, splits: Vec<String> },
    /// The statistics of another dataset cannot be read.
    #[error(transparent)]
    Statistics(ossicle_dataset::Error),
    #[error(
        "{folder} has statistics of {found} columns; the recipe has {wanted}, in arrays of its own \
         names"
    )]
    OtherStatistics { folder: String, found: usize, wanted: usize },
    #[error("the statistics of {folder} are of other columns{}", why(difference))]
    OtherFeature { folder: String, difference: Option<Difference> },
    #[error("the card's recipe is not one that this version reads")]
    CardRecipe { source: serde_json::Error },
    #[error("the card's statistics do not fit its recipe")]
    CardStatistics,
    #[error(
        "{} was made of other utterances, or of recordings of other sizes, than this corpus has",
        printable(path)
    )]
    OtherCorpus { path: PathBuf },
    #[error(
        "this corpus is split otherwise than {}: {} {} in another split, as {example}, which is in {here:?} \
         here and in {there:?} there",
        printable(path), counted(*moved, "utterance"), be(*moved)
    )]
    SplitOtherwise { path: PathBuf, moved: u64, example: String, here: String, there: String },
    #[error(
        "{file} was computed again, and is not what it was: a recording, an alignment or a file that \
         the recipe names has changed"
    )]
    NotAsItWas { file: String },
}

impl Error {
    /// Makes an error of an I/O error, for `map_err`: what was to be done, and to which file.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error + use<> {
        let path = path.to_owned();
        move |source| Error::Io { action, path, source }
    }

    /// Returns advice about it, where there is something that helps.
    pub fn advice(&self) -> Option<Advice> {
        let stats_from = |split: &str| Advice::Set {
            key: "normalize.stats_from".into(),
            value: split.to_owned(),
        };
        Some(match self {
            Error::OutputInUse { .. } => Advice::OtherFolder,
            Error::Dataset(ossicle_dataset::Error::Locked { .. }) => Advice::WaitOrOtherOutput,
            Error::Dataset(ossicle_dataset::Error::NoLocks { .. }) => Advice::NoLock,
            Error::Dataset(
                ossicle_dataset::Error::OutOfPlace { .. }
                | ossicle_dataset::Error::OfAnother { .. },
            ) => Advice::RemoveIt,
            Error::InsideCorpus { .. } => Advice::FolderElsewhere,
            Error::Overlap(_) => Advice::AllowOverlap,
            Error::NoSpeakers { .. } => {
                Advice::Set { key: "normalize.scope".into(), value: "utterance".into() }
            }
            Error::MixedRates { rates } => {
                let most = rates.iter().max_by_key(|rate| rate.count)?;
                Advice::OneRate { sample_rate_hz: most.sample_rate_hz }
            }
            Error::OtherRate { theirs, .. } => {
                Advice::Set { key: "audio.sample_rate_hz".into(), value: theirs.to_string() }
            }
            Error::UnfitRate { source, .. } => return fitting(source),
            Error::RecipeRate { .. } => return Cause::WrongRate.advice(),
            // What only a dataset says of itself.
            Error::OtherJob {
                path,
                difference: Difference::UtterancesOrSizes | Difference::Sources,
                ..
            } if !is_url(path) => Advice::Update,
            Error::OtherJob { .. } => Advice::Overwrite,
            Error::OtherPlan { .. } | Error::DamagedPlan { .. } => Advice::PlanAnew,
            Error::NoPlan { .. } => Advice::PlanFirst,
            Error::Damaged { .. } => Advice::Repair,
            Error::NotAsItWas { .. } => Advice::MakeAnew,
            Error::TooFewFiles { has_connections: true, .. } => Advice::FewerConnections,
            Error::TooFewFiles { .. } => Advice::RaiseOpenFiles,
            Error::FilesTaken { .. } => Advice::CloseFiles,
            Error::TooLittleMemory { .. } => Advice::MoreMemory,
            Error::Stopped { parts: 1.., .. } => Advice::RunAgain,
            Error::EarlierChanged { .. } => Advice::RunAgain,
            Error::WorkersDie { .. } => Advice::FewerWorkers,
            Error::TooManyFailures { .. } => Advice::AllowMoreFailures,
            Error::SplitOtherwise { .. } => Advice::SameSplits,
            Error::Hopeless { .. } => Advice::KeepGoing,
            Error::NoSpace { .. } => Advice::MakeRoom { begun: false },
            Error::LateStatistics { .. } => {
                Advice::Set { key: "normalize.scope".into(), value: "utterance".into() }
            }
            Error::NoFrames { .. } => stats_from("all"),
            Error::StatsFrom { splits, .. } => {
                stats_from(splits.first().map_or("all", String::as_str))
            }
            Error::Recipe(error) => return error.advice().map(Advice::from),
            Error::InWorker { advice, .. } => return advice.clone(),
            // What is written may be gone on with; for what is only read there is no general advice.
            Error::Io { .. }
            | Error::Dataset(_)
            | Error::LostPart { .. }
            | Error::Worker { .. } => return Advice::of_system(os_error_underneath(self)?),
            _ => return None,
        })
    }
}

/// The key that makes features fit recordings of another rate than was thought of, if one is known to.
fn fitting(why: &ossicle_dsp::Error) -> Option<Advice> {
    let (key, value) = match why {
        ossicle_dsp::Error::FrameLength { length, n_fft } if length > n_fft => {
            ("feature.n_fft", "power-of-two")
        }
        // From half the sample rate.
        ossicle_dsp::Error::MelRange { high_hz, nyquist_hz, .. } if high_hz > nyquist_hz => {
            ("feature.high_freq_hz", "0")
        }
        _ => return None,
    };
    Some(Advice::Set { key: key.into(), value: value.to_owned() })
}

fn why(difference: &Option<Difference>) -> String {
    difference.as_ref().map(|difference| format!(": {difference}")).unwrap_or_default()
}

/// Tells how far a run that was stopped had come; one that had not begun has nothing to tell.
fn kept(parts_done: usize, parts: usize) -> String {
    match parts {
        0 => String::new(),
        _ => format!(
            ": {parts_done} of {} {} kept",
            counted(parts as u64, "part"),
            be(parts_done as u64)
        ),
    }
}

fn listed(rates: &[Rate]) -> String {
    rates.iter().map(Rate::to_string).collect::<Vec<_>>().join(", ")
}

/// Tells why a split has nothing to normalise by.
fn nothing_in(from: &str, utterances: u64, ledger: Option<&Path>) -> String {
    let mut text = match utterances {
        0 => return format!("{from:?} has no utterance"),
        1 => format!("the only utterance of {from:?} failed"),
        n => format!("all {n} utterances of {from:?} failed"),
    };
    if let Some(ledger) = ledger {
        text.push_str(&format!("; the failures are listed in {}", ledger.display()));
    }
    text
}

/// Lists what failed, by reason: as many words as there are reasons, of which there are few.
fn all_of(causes: &[CauseCount]) -> String {
    let words = |of: &CauseCount| {
        let CauseCount { cause, count, first } = of;
        let utterances = counted(*count, "utterance");
        format!("{utterances} failed ({cause}), as {}: {}", first.id, first.error)
    };
    causes.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// Writes an error and its causes as one sentence.
pub fn sentence(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// Returns the system's number for any error, if underneath is an error of the system.
pub(crate) fn os_error_underneath(error: &(dyn StdError + 'static)) -> Option<i32> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(number) = error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error) {
            return Some(number);
        }
        cause = error.source();
    }
    None
}

/// Says how many samples it takes.
fn least_of(least: Option<usize>) -> String {
    least.map_or_else(String::new, |least| format!(", and the first row takes {least}"))
}
