//! Notices about a run, which people should know of, as values.

use std::fmt;

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
    /// Other programs have too many files open.
    WaitingForFiles,
    /// A worker process died, and its part is computed again.
    WorkerDied {
        /// The manner of its death, as "was ended by signal 9".
        how: String,
    },
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
            Notice::WaitingForFiles => f.write_str(
                "too many files are open, by other programs: waiting until some are closed",
            ),
            Notice::WorkerDied { how } => {
                write!(f, "a worker {how}; its part is computed again")
            }
        }
    }
}
