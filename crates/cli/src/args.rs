//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand};
use ossicle_engine::Tolerance;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold());

/// Turns a speech corpus into training-ready feature matrices.
#[derive(Debug, Parser)]
#[command(name = "ossicle", version, styles = STYLES, max_term_width = 100)]
#[command(after_help = "Begin with: ossicle demo")]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Extract the features of a corpus into a dataset
    Extract(ExtractArgs),
    /// Compare how fast the same extraction is with different numbers of workers
    Speed(SpeedArgs),
    /// Show this machine's limits, what a run needs, and how to change them
    Limits(LimitsArgs),
    /// Make a small corpus in TIMIT's layout, extract it, and compare speeds
    Demo(DemoArgs),
    /// Check a dataset: structure, counts and checksums
    Verify(VerifyArgs),
    /// Show what is in a dataset or a corpus
    Info(InfoArgs),
    /// List the presets, or print one as a recipe
    Presets(PresetsArgs),
}

/// Which corpus, and how its recordings are read.
#[derive(Debug, Args)]
pub(crate) struct CorpusArgs {
    /// The corpus: a TIMIT tree, a folder, a list of paths, - for a list on standard input, or
    /// several split=PATH
    #[arg(required = true, value_name = "CORPUS")]
    pub(crate) corpus: Vec<OsString>,

    /// Which utterances belong to which split: lines `NAME SPLIT`, where NAME is an utterance id, a
    /// speaker or a folder ending in /
    #[arg(long, value_name = "FILE")]
    pub(crate) splits: Option<PathBuf>,
}

/// What to compute.
#[derive(Debug, Args)]
pub(crate) struct RecipeArgs {
    /// What to compute: a preset (see `ossicle presets`)
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,

    /// What to compute: a recipe in TOML
    #[arg(long, value_name = "FILE", conflicts_with = "preset")]
    pub(crate) recipe: Option<PathBuf>,

    /// Change a key of the recipe, for example feature.num_mel_bins=80 (may be repeated)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,

    /// How headerless recordings are encoded, for example s16le
    #[arg(long, value_name = "ENCODING")]
    pub(crate) raw_encoding: Option<String>,

    /// The sample rate of headerless recordings
    #[arg(long, value_name = "HZ")]
    pub(crate) sample_rate: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct ExtractArgs {
    #[command(flatten)]
    pub(crate) corpus: CorpusArgs,

    /// The folder of the dataset
    #[arg(short, long, value_name = "DATASET")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    /// How many workers [default: the cores this process may use]
    #[arg(short, long, visible_alias = "nj", value_name = "N", value_parser = positive)]
    pub(crate) jobs: Option<usize>,

    /// Replace a dataset of another job
    #[arg(long)]
    pub(crate) overwrite: bool,

    /// End the run when more utterances fail than this: a number or a percentage
    #[arg(long, value_name = "N|P%")]
    pub(crate) max_failures: Option<Tolerance>,

    /// Exit with 0 although this many utterances failed: a number or a percentage
    #[arg(long, value_name = "N|P%")]
    pub(crate) allow_failures: Option<Tolerance>,

    /// Say what the run would come to, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// A line for each file as it completes: number, id, frames, time
    #[arg(short, long, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Only failures
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Append everything that happens to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SpeedArgs {
    #[command(flatten)]
    pub(crate) corpus: CorpusArgs,

    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    /// The numbers of workers to compare [default: 1 and the cores this process may use]
    #[arg(short, long, value_name = "N,…", value_delimiter = ',', value_parser = positive)]
    pub(crate) jobs: Vec<usize>,

    /// Where the runs write, and what they write is removed again [default: the system's temporary
    /// folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) work: Option<PathBuf>,

    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct LimitsArgs {
    /// Also count this corpus' recordings
    #[arg(value_name = "CORPUS")]
    pub(crate) corpus: Vec<OsString>,

    /// How many workers [default: the cores this process may use]
    #[arg(short, long, visible_alias = "nj", value_name = "N", value_parser = positive)]
    pub(crate) jobs: Option<usize>,

    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The folder to make it in
    #[arg(default_value = "ossicle-demo", value_name = "DIR")]
    pub(crate) dir: PathBuf,

    /// How large the corpus is: 1.0 has TIMIT's 3696 + 400 + 192 utterances
    #[arg(long, default_value_t = 0.1)]
    pub(crate) scale: f64,

    /// The same seed gives the same bytes
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// Make the corpus in DIR, and nothing else
    #[arg(long)]
    pub(crate) corpus_only: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The folder of the dataset
    pub(crate) dataset: PathBuf,

    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InfoArgs {
    /// A dataset, or a corpus: a folder, a list of paths, or several split=PATH
    #[arg(required = true, value_name = "DATASET|CORPUS")]
    pub(crate) what: Vec<OsString>,

    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PresetsArgs {
    /// Print this preset, as the TOML that --recipe reads
    pub(crate) name: Option<String>,
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("it must be at least 1".to_owned()),
        Ok(n) if n <= 4096 => Ok(n),
        Ok(_) => Err("it must be at most 4096".to_owned()),
        Err(_) => Err("it must be a number".to_owned()),
    }
}
