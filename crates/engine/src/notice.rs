//! Notices about a run, which people should know of, as values.

mod words;

use std::fmt;

use ossicle_corpus::{Corpus, LeftOut, LookAlikes, Overlap, Reason, look_alikes};
use serde::{Deserialize, Serialize};

use crate::update::UpdateCounts;

/// Something the user should know, which ends nothing. Displayed, it is one sentence; what could be done
/// about it each door to the engine says in words of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Notice {
    /// A notice that the description of the corpus gave rise to, in a sentence.
    Corpus(String),
    /// Labels were asked for, and no recording has an alignment.
    NoAlignments,
    /// Columns are normalised by the only split there is, as none is named `train`.
    NormalizedBy {
        /// The split.
        split: String,
    },
    /// Memory allows fewer workers than were asked for.
    Memory {
        /// The bytes that there may be.
        limit: u64,
        /// The origin of the bound.
        by: MemoryBound,
        /// The number of workers that fit.
        workers: usize,
        /// The number of workers that were asked for.
        wanted: usize,
    },
    /// The limit of open files allows fewer workers than were asked for.
    OpenFiles {
        /// The number of workers that fit.
        workers: usize,
        /// The number of workers that were asked for.
        wanted: usize,
    },
    /// The system started fewer workers than were asked for.
    Workers {
        /// The number of workers that it started.
        workers: usize,
        /// The number of workers that were asked for.
        wanted: usize,
    },
    /// There is room for fewer readers than were asked for.
    Readers {
        /// The number that there is room for.
        readers: usize,
        /// The number that were asked for.
        wanted: usize,
    },
    /// Failures of a complete dataset are tried again.
    Retrying {
        /// The number of those failures.
        failures: u64,
        /// The number of parts that are computed for that: all there are.
        parts: usize,
    },
    /// A dataset is updated.
    Updating {
        /// What changed since, and where rows come from.
        counts: UpdateCounts,
        /// True where nothing is done, and this is what a run would do.
        is_foreseen: bool,
    },
    /// Recordings have several sample rates.
    SampleRates {
        /// The rates, in Hz.
        rates_hz: Vec<u32>,
    },
    /// Keys of the recipe's text mean nothing beside what was set since, and are left out.
    DroppedKeys {
        /// The keys with their tables, as `feature.energy_of`.
        keys: Vec<String>,
        /// Why they mean nothing, as `with use_energy = false`.
        why: String,
    },
    /// The corpus can be read by its owner alone, and the dataset that is made of it by others too.
    PrivateCorpus {
        /// The corpus' folder, safe to print.
        corpus: String,
        /// The dataset's, too.
        dataset: String,
    },
    /// Other programs have too many files open.
    WaitingForFiles,
    /// A worker process died, and its part is computed again.
    WorkerDied {
        /// The manner of its death, as "was ended by signal 9".
        how: String,
    },
    /// More than a handful of recordings are left out, and nobody has asked for that in so many words.
    LeftOut {
        /// Why.
        reason: Reason,
        /// How many.
        count: u64,
        /// The first, by its id or path.
        first: String,
    },
    /// Two splits share recordings, and may.
    Overlap {
        /// How many recordings, which the first is, and in which splits.
        of: Shared,
    },
    /// Columns are normalised by speaker, and some utterances have none: they count as one speaker.
    NoSpeaker {
        /// How many utterances.
        count: u64,
        /// Of how many.
        of: u64,
        /// The id of the first.
        first: String,
    },
    /// Frames are so many samples long, and were made for another rate.
    FramesOfOtherRate {
        /// How many samples.
        length: u32,
        /// The rate that they were made for.
        made_for_hz: u32,
        /// A rate that recordings have.
        sample_rate_hz: u32,
        /// The id of one of them. How many there are shows when all are opened.
        example: String,
    },
    /// Recordings are resampled.
    Resampled {
        /// Their rates, and how many have them.
        rates: Vec<Rate>,
        /// The rate that features are computed at, in Hz.
        to_hz: u32,
    },
    /// Headers contradict the sample rates that the corpus' description says, and count.
    OtherRateSaid {
        /// In how many recordings.
        count: u64,
        /// Of how many that were looked at, and of which the description says one.
        of: u64,
        /// The id of the first.
        first: String,
        /// What is said of it, in Hz.
        said_hz: u32,
        /// What its header says, in Hz.
        found_hz: u32,
    },
    /// Files say no sample rate, the recipe says none either, and one is taken.
    AssumedRate {
        /// The rate, in Hz.
        sample_rate_hz: u32,
        /// How many files.
        count: u64,
        /// The id of the first.
        first: String,
    },
    /// Mel filters have no bin of the spectrum in them.
    EmptyFilters {
        /// The array that they are of.
        array: String,
        /// Their numbers, from 0.
        filters: Vec<u32>,
        /// How many filters there are.
        of: u32,
        /// The number of samples that the spectrum is of.
        n_fft: u32,
        /// The sample rate of the recordings, in Hz.
        sample_rate_hz: u32,
    },
    /// The search for spikes ended at none of the ends that were asked for.
    SearchEndedEarly {
        /// In how many recordings.
        count: u64,
        /// The id of the first.
        first: String,
    },
    /// Recordings have several channels, of which the first is taken as the recipe says no other.
    FirstOfSeveral {
        /// How many utterances are of such recordings.
        count: u64,
        /// The id of the first.
        first: String,
    },
    /// The channel that is taken is silent, and another one of the recording is not.
    SilentChannel {
        /// In how many utterances.
        count: u64,
        /// The id of the first.
        first: String,
    },
    /// The corpus has TextGrids, and the recipe makes no labels.
    UnusedTextGrids {
        /// How many.
        count: u64,
    },
    /// Alignments are in no Unicode encoding, and are read as Latin-1.
    Latin1Alignments {
        /// Of how many utterances.
        count: u64,
        /// The id of the first.
        first: String,
    },
    /// Floating-point samples have another full scale than 1, as that of 16 bits.
    LoudFloats {
        /// In how many utterances.
        count: u64,
        /// The id of the first.
        first: String,
    },
    /// Samples go beyond full scale, and are kept in 16 bits, which end there.
    ClippedSamples {
        /// In how many utterances.
        count: u64,
        /// The id of the first.
        first: String,
    },
    /// Columns are the same number in every frame that is normalised by.
    ConstantColumns {
        /// Their array.
        array: String,
        /// How many.
        count: u64,
        /// What the first is called.
        first: String,
    },
    /// A complete dataset's folder holds parts of a run that would have replaced it and was stopped.
    PartsLeft {
        /// How many.
        parts: usize,
    },
    /// Ids or paths differ, and look alike: their characters are composed and decomposed ones.
    LookAlikes {
        /// How many.
        count: u64,
        /// The first.
        first: String,
        /// The one that it looks like.
        other: String,
    },
}

/// A sample rate, and the number of recordings that have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// The rate.
    pub sample_rate_hz: u32,
    /// The number of recordings that have it.
    pub count: u64,
    /// The id of the first.
    pub first: String,
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rate { sample_rate_hz, count, first } = self;
        write!(f, "{count} of {sample_rate_hz} Hz (the first is {first})")
    }
}

/// Recordings that two splits share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// The number of recordings.
    pub count: u64,
    /// The id of the first.
    pub first: String,
    /// The first split that it is in.
    pub split: String,
    /// Another one.
    pub other: String,
}

impl Shared {
    pub(crate) fn of(corpus: &Corpus) -> Option<Shared> {
        let Overlap { count, first, split, other } = ossicle_corpus::overlap(corpus)?;
        Some(Shared { count, first, split, other })
    }
}

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { count, first, split, other } = self;
        let them = match count {
            1 => "a recording is".to_owned(),
            count => format!("{count} recordings are"),
        };
        write!(f, "{them} in two splits; the first is {first}, in {split:?} and in {other:?}")
    }
}

/// The origin of a bound on a run's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemoryBound {
    /// Whoever started the run: [`RunOptions::max_memory`](crate::RunOptions::max_memory).
    Asked,
    /// The control group.
    ControlGroup,
    /// The limit of this process' address space.
    AddressSpace,
}

impl fmt::Display for MemoryBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MemoryBound::Asked => "whoever started the run",
            MemoryBound::ControlGroup => "the control group (memory.max)",
            MemoryBound::AddressSpace => "the limit of the address space",
        })
    }
}

/// So many recordings may be left out without a word of their own.
const HANDFUL: u64 = 5;

impl Notice {
    /// Lists the things that people should know of a corpus that was found.
    pub fn of_corpus(corpus: &Corpus) -> Vec<Notice> {
        let sentences = corpus.notices.iter().cloned().map(Notice::Corpus);
        // Recordings that the standard splits leave out, or that lie there twice, are no surprise; those
        // outside the tree have a sentence of their own.
        let is_surprise = |of: &&LeftOut| {
            of.count > HANDFUL && matches!(of.reason, Reason::NotInSplitsFile | Reason::Headerless)
        };
        let left_out = corpus.left_out_because.iter().filter(is_surprise).cloned();
        let left_out = left_out.map(|LeftOut { reason, count, first }| Notice::LeftOut {
            reason,
            count,
            first,
        });
        sentences.chain(left_out).collect()
    }

    /// The notice of recordings that two splits of a corpus share.
    pub fn of_overlap(corpus: &Corpus) -> Option<Notice> {
        Shared::of(corpus).map(|of| Notice::Overlap { of })
    }

    /// The notice of a corpus' names that look alike.
    pub(crate) fn of_look_alikes(corpus: &Corpus) -> Option<Notice> {
        let LookAlikes { count, first, other } = look_alikes(corpus)?;
        Some(Notice::LookAlikes { count, first, other })
    }

    /// Names the kind of notice, in a word for programs that does not change.
    pub fn kind(&self) -> &'static str {
        match self {
            Notice::Corpus(_) => "corpus",
            Notice::NoAlignments => "no-alignments",
            Notice::NormalizedBy { .. } => "normalized-by",
            Notice::Memory { .. } => "memory",
            Notice::OpenFiles { .. } => "open-files",
            Notice::Workers { .. } => "workers",
            Notice::Readers { .. } => "readers",
            Notice::Retrying { .. } => "retrying",
            Notice::Updating { .. } => "updating",
            Notice::SampleRates { .. } => "sample-rates",
            Notice::DroppedKeys { .. } => "dropped-keys",
            Notice::PrivateCorpus { .. } => "private-corpus",
            Notice::WaitingForFiles => "waiting-for-files",
            Notice::WorkerDied { .. } => "worker-died",
            Notice::LeftOut { .. } => "left-out",
            Notice::Overlap { .. } => "overlap",
            Notice::NoSpeaker { .. } => "no-speaker",
            Notice::FramesOfOtherRate { .. } => "frames-of-other-rate",
            Notice::ConstantColumns { .. } => "constant-columns",
            Notice::PartsLeft { .. } => "parts-left",
            Notice::LookAlikes { .. } => "look-alikes",
            Notice::Resampled { .. } => "resampled",
            Notice::OtherRateSaid { .. } => "other-rate-said",
            Notice::AssumedRate { .. } => "assumed-rate",
            Notice::EmptyFilters { .. } => "empty-filters",
            Notice::SearchEndedEarly { .. } => "search-ended-early",
            Notice::FirstOfSeveral { .. } => "first-of-several-channels",
            Notice::SilentChannel { .. } => "silent-channel",
            Notice::Latin1Alignments { .. } => "latin-1-alignments",
            Notice::UnusedTextGrids { .. } => "unused-textgrids",
            Notice::LoudFloats { .. } => "loud-floats",
            Notice::ClippedSamples { .. } => "clipped-samples",
        }
    }

    /// Returns how many things it is about; none where it is not about things that can be counted.
    pub fn count(&self) -> Option<u64> {
        match self {
            Notice::Retrying { failures, .. } => Some(*failures),
            Notice::SampleRates { rates_hz } => Some(rates_hz.len() as u64),
            Notice::DroppedKeys { keys, .. } => Some(keys.len() as u64),
            Notice::LeftOut { count, .. } | Notice::Overlap { of: Shared { count, .. } } => {
                Some(*count)
            }
            Notice::NoSpeaker { count, .. }
            | Notice::ConstantColumns { count, .. }
            | Notice::AssumedRate { count, .. }
            | Notice::OtherRateSaid { count, .. }
            | Notice::FirstOfSeveral { count, .. }
            | Notice::SilentChannel { count, .. }
            | Notice::Latin1Alignments { count, .. }
            | Notice::UnusedTextGrids { count }
            | Notice::LoudFloats { count, .. }
            | Notice::ClippedSamples { count, .. }
            | Notice::SearchEndedEarly { count, .. } => Some(*count),
            Notice::EmptyFilters { filters, .. } => Some(filters.len() as u64),
            Notice::Resampled { rates, .. } => Some(rates.iter().map(|rate| rate.count).sum()),
            Notice::PartsLeft { parts } => Some(*parts as u64),
            Notice::LookAlikes { count, .. } => Some(*count),
            _ => None,
        }
    }

    /// Returns the first of the things it is about, in words; none where it names no example.
    pub fn first(&self) -> Option<String> {
        match self {
            Notice::NormalizedBy { split } => Some(split.clone()),
            Notice::DroppedKeys { keys, .. } => keys.first().cloned(),
            Notice::LeftOut { first, .. } | Notice::Overlap { of: Shared { first, .. } } => {
                Some(first.clone())
            }
            Notice::LookAlikes { first, .. } => Some(first.clone()),
            Notice::NoSpeaker { first, .. }
            | Notice::ConstantColumns { first, .. }
            | Notice::AssumedRate { first, .. }
            | Notice::OtherRateSaid { first, .. }
            | Notice::FirstOfSeveral { first, .. }
            | Notice::SilentChannel { first, .. }
            | Notice::Latin1Alignments { first, .. }
            | Notice::LoudFloats { first, .. }
            | Notice::ClippedSamples { first, .. }
            | Notice::SearchEndedEarly { first, .. }
            | Notice::FramesOfOtherRate { example: first, .. } => Some(first.clone()),
            Notice::SampleRates { rates_hz } => rates_hz.first().map(|hz| format!("{hz} Hz")),
            Notice::Resampled { rates, .. } => rates.first().map(|rate| rate.first.clone()),
            Notice::EmptyFilters { filters, .. } => {
                filters.first().map(|first| format!("mel{first}"))
            }
            _ => None,
        }
    }
}
