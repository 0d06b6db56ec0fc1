//! The options of `ossicle extract`.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};
use ossicle_engine::Tolerance;

use crate::argument::{bytes, positive, seconds};
use crate::corpus_args::CorpusArgs;
use crate::log_format::LogFormat;
use crate::recipe_args::RecipeArgs;
use crate::share_arg::ShareArg;

/// A job: a corpus, what is computed of it, and where the dataset goes.
#[derive(Debug, Args)]
pub(crate) struct JobArgs {
    #[command(flatten)]
    pub(crate) corpus: CorpusArgs,

    /// The folder of the dataset
    #[arg(short, long, value_name = "DATASET")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    /// Make the spikes of a spikegram an array of the dataset, too
    #[arg(long)]
    pub(crate) keep_spikes: bool,
}

impl JobArgs {
    /// Returns the recipe with what the other arguments change of it.
    pub(crate) fn recipe(&self) -> RecipeArgs {
        let mut recipe = self.recipe.clone();
        if self.keep_spikes {
            recipe.set.push("feature.keep_spikes=true".to_owned());
        }
        recipe
    }
}

/// Where parts are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IsolationArg {
    /// On threads of one process
    Threads,
    /// In processes: what a recording does to one costs that recording alone
    Processes,
}

/// How closely a dry run looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DryRun {
    /// At headers and alignments
    Headers,
    /// At the list of utterances
    Quick,
}

#[derive(Debug, Args)]
pub(crate) struct ExtractArgs {
    #[command(flatten)]
    pub(crate) job: JobArgs,

    /// How many workers [default: the cores this process may use]
    #[arg(short, long, visible_alias = "nj", value_name = "N", value_parser = positive)]
    pub(crate) jobs: Option<usize>,

    /// Where parts are computed
    #[arg(long, value_enum, value_name = "WHERE", default_value = "threads")]
    pub(crate) isolation: IsolationArg,

    /// With --isolation processes: an utterance that takes longer than this is bad
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, value_parser = seconds)]
    pub(crate) timeout_per_utterance: Option<f64>,

    /// Compute one share of the job alone, and publish nothing: I/N from 1/N to N/N, auto for that of a Slurm
    /// array's task; none says which parts are missing
    #[arg(long, value_name = "I/N|auto|none", conflicts_with_all = ["overwrite", "dry_run"])]
    pub(crate) share: Option<ShareArg>,

    /// Replace a dataset of another job
    #[arg(long)]
    pub(crate) overwrite: bool,

    /// Try the utterances again that failed
    #[arg(long, conflicts_with = "overwrite")]
    pub(crate) retry_failed: bool,

    /// Bring a dataset of the same recipe up to the corpus as it is now: what it has of utterances that are as they
    /// were is taken, where rows can be had exactly, and the rest is computed
    #[arg(long, conflicts_with = "overwrite")]
    pub(crate) update: bool,

    /// Leave the parts that the dataset is made of beside it, in DATASET/.ossicle/parts, for --update
    #[arg(long)]
    pub(crate) keep_parts: bool,

    /// Tell by the contents of recordings and alignments, and not by their sizes and times, which utterances are as
    /// they were; and keep hashes of them
    #[arg(long)]
    pub(crate) hash_inputs: bool,

    /// End the run when more utterances fail than this: a number or a percentage
    #[arg(long, value_name = "N|P%")]
    pub(crate) max_failures: Option<Tolerance>,

    /// Go on although all of the first hundred utterances fail for one and the same reason
    #[arg(long)]
    pub(crate) keep_going: bool,

    /// Exit with 0 although this many utterances failed: a number or a percentage
    #[arg(long, value_name = "N|P%")]
    pub(crate) allow_failures: Option<Tolerance>,

    /// The most files that may be open at once [default: the system's limit]
    #[arg(long, value_name = "N")]
    pub(crate) max_open_files: Option<u64>,

    /// Threads that read recordings ahead of the workers, in each process [default: 8 once reading shows to be slow, or one a connection to a store]
    #[arg(long, value_name = "N")]
    pub(crate) readers: Option<usize>,

    /// The most memory, for example 500MB [default: the system's limits]
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub(crate) max_memory: Option<u64>,

    /// Do without a lock, where the file system has none: no other run may write to DATASET then
    #[arg(long)]
    pub(crate) no_lock: bool,

    /// Check all that the run would before it works, look at every recording's header and alignment, say
    /// what the run would come to and how it would end, and do nothing; `--dry-run=quick` looks at no
    /// recording
    #[arg(
        long,
        value_enum,
        value_name = "HOW",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "headers",
        hide_possible_values = true
    )]
    pub(crate) dry_run: Option<DryRun>,

    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// A line for each file as it completes: number, id, frames, time; -vv also shows what each worker has in hand
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,

    /// Only failures
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Append everything that happens to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,

    /// How standard error and the log tell what happens
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
}
