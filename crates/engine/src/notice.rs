//! Notices about a run, which people should know of, as values.

use std::fmt;

use ossicle_corpus::{Corpus, LeftOut, LookAlikes, Overlap, Reason, look_alikes};
use serde::{Deserialize, Serialize};

use crate::bounds::size::size;
use crate::counted::counted;

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
    /// Failures of a complete dataset are tried again.
    Retrying {
        /// The number of those failures.
        failures: u64,
        /// The number of parts that are computed for that: all there are.
        parts: usize,
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
    /// Floating-point samples have another full scale than 1, as that of 16 bits.
    LoudFloats {
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

/// How many recordings have a sample rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// The rate.
    pub sample_rate_hz: u32,
    /// How many recordings have it.
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
    /// How many recordings.
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

/// So many recordings, and the verb that fits them.
fn several(count: u64) -> (String, &'static str) {
    (counted(count, "recording"), if count == 1 { "has" } else { "have" })
}

/// A name with the numbers of its characters that are not ASCII, by which alone look-alikes can be told.
fn spelled(name: &str) -> String {
    let spell = |c: char| if c.is_ascii() { c.to_string() } else { c.escape_unicode().to_string() };
    name.chars().map(spell).collect()
}

/// So many filters are named.
const SHOWN: usize = 5;

/// So many recordings may be left out without a word of their own.
const HANDFUL: u64 = 5;

impl Notice {
    /// What people should know of a corpus that was found.
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
            Notice::Retrying { .. } => "retrying",
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
            Notice::AssumedRate { .. } => "assumed-rate",
            Notice::EmptyFilters { .. } => "empty-filters",
            Notice::SearchEndedEarly { .. } => "search-ended-early",
            Notice::FirstOfSeveral { .. } => "first-of-several-channels",
            Notice::SilentChannel { .. } => "silent-channel",
            Notice::LoudFloats { .. } => "loud-floats",
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
            | Notice::FirstOfSeveral { count, .. }
            | Notice::SilentChannel { count, .. }
            | Notice::LoudFloats { count, .. }
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
            | Notice::FirstOfSeveral { first, .. }
            | Notice::SilentChannel { first, .. }
            | Notice::LoudFloats { first, .. }
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

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::Corpus(sentence) => f.write_str(sentence),
            Notice::NoAlignments => f.write_str(
                "no recording has a .PHN file beside it: there are no labels, and recordings are not \
                 cropped",
            ),
            Notice::NormalizedBy { split } => {
                write!(f, "there is no split \"train\": columns are normalised by {split:?}")
            }
            Notice::Memory { limit, by, workers, wanted } => write!(
                f,
                "memory is limited to {} by {by}, which allows {workers} of {wanted} workers",
                size(*limit)
            ),
            Notice::OpenFiles { workers, wanted } => {
                write!(f, "the limit of open files allows {workers} of {wanted} workers")
            }
            Notice::Workers { workers, wanted } => {
                write!(f, "the system started {workers} of {wanted} workers")
            }
            Notice::Retrying { failures, parts } => write!(
                f,
                "tried again: {}; with that all parts are computed, {parts}, as a complete dataset has \
                 kept none of them",
                counted(*failures, "failed utterance")
            ),
            Notice::SampleRates { rates_hz } => {
                let rates: Vec<_> = rates_hz.iter().map(|rate| format!("{rate} Hz")).collect();
                let rates = rates.join(", ");
                write!(
                    f,
                    "recordings have several sample rates ({rates}), and their frames are not alike; \
                     audio.sample_rate_hz admits a single one"
                )
            }
            Notice::DroppedKeys { keys, why } => {
                let (verb, are) = if keys.len() == 1 { ("means", "is") } else { ("mean", "are") };
                let keys = keys.join(", ");
                write!(f, "of the recipe, {keys} {verb} nothing {why}, and {are} left out")
            }
            Notice::PrivateCorpus { corpus, dataset } => {
                write!(f, "{corpus} is its owner's alone, and others can read {dataset}")
            }
            Notice::WaitingForFiles => f.write_str(
                "too many files are open, by other programs: waiting until some are closed",
            ),
            Notice::WorkerDied { how } => {
                write!(f, "a worker {how}; its part is computed again")
            }
            Notice::LeftOut { reason, count, first } => {
                write!(f, "{count} recordings are left out: {reason}; the first is {first}")
            }
            Notice::Overlap { of } => of.fmt(f),
            Notice::NoSpeaker { count, of, first } => write!(
                f,
                "{count} of {of} utterances have no speaker and are normalised as one; the first is \
                 {first}"
            ),
            Notice::FramesOfOtherRate { length, made_for_hz, sample_rate_hz, example } => {
                let ms = |hz: u32| 1000.0 * f64::from(*length) / f64::from(hz);
                write!(
                    f,
                    "frames of {length} samples last {:.1} ms at {sample_rate_hz} Hz, and were made for \
                     {made_for_hz} Hz, where they last {:.1} ms; a recording of that rate is {example}",
                    ms(*sample_rate_hz),
                    ms(*made_for_hz)
                )
            }
            Notice::Resampled { rates, to_hz } => {
                let rates: Vec<_> = rates.iter().map(Rate::to_string).collect();
                write!(f, "recordings are resampled to {to_hz} Hz: {}", rates.join(", "))
            }
            Notice::AssumedRate { sample_rate_hz, count, first } => {
                let files = counted(*count, "file");
                let say = if *count == 1 { "says" } else { "say" };
                write!(
                    f,
                    "{files} of spikes {say} no sample rate, and are taken to be of {sample_rate_hz} Hz; \
                     the first is {first}"
                )
            }
            Notice::EmptyFilters { array, filters, of, n_fft, sample_rate_hz } => {
                let shown: Vec<_> = filters.iter().take(SHOWN).map(|at| format!("mel{at}")).collect();
                let more = if filters.len() > SHOWN { ", …" } else { "" };
                let (have, are) = if filters.len() == 1 { ("has", "is") } else { ("have", "are") };
                write!(
                    f,
                    "{} of {of} mel filters of {array} {have} no bin of a spectrum of {n_fft} samples at \
                     {sample_rate_hz} Hz, and {are} silent in every frame ({}{more})",
                    filters.len(),
                    shown.join(", ")
                )
            }
            Notice::SearchEndedEarly { count, first } => {
                let recordings = counted(*count, "recording");
                write!(
                    f,
                    "the search for spikes in {recordings} ended before what was asked for was reached: it \
                     stops at as many spikes as samples, and where only noise is left; the first is {first}"
                )
            }
            Notice::FirstOfSeveral { count, first } => {
                let (recordings, have) = several(*count);
                write!(
                    f,
                    "{recordings} {have} several channels, of which the first is taken; the first is {first}"
                )
            }
            Notice::SilentChannel { count, first } => {
                let of = counted(*count, "recording");
                write!(
                    f,
                    "the channel that is taken of {of} is silent, and another is not; the first is {first}"
                )
            }
            Notice::LoudFloats { count, first } => {
                let (recordings, have) = several(*count);
                write!(
                    f,
                    "{recordings} {have} floating-point samples far above 1, which full scale is: they may \
                     be at the scale of 16 bits; the first is {first}"
                )
            }
            Notice::ConstantColumns { array, count, first } => {
                let (are, them) = if *count == 1 { ("column is", "it") } else { ("columns are", "the first") };
                write!(
                    f,
                    "{count} {are} the same number in every frame that {array} is normalised by; {them} \
                     is {first}"
                )
            }
            Notice::LookAlikes { count, first, other } => write!(
                f,
                "{count} names differ and look alike, as {} and {}: their characters are composed and \
                 decomposed ones (NFC and NFD of Unicode)",
                spelled(first),
                spelled(other)
            ),
            Notice::PartsLeft { parts } => {
                let (are, of) = (if *parts == 1 { "is" } else { "are" }, counted(*parts as u64, "part"));
                write!(
                    f,
                    "beside the complete dataset {of} {are} kept of a run that was stopped while it made \
                     the dataset again"
                )
            }
        }
    }
}
