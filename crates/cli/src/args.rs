//! The words of the command line: verbs and their options.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::argument::{positive, setting};
use crate::compare_args::CompareArgs;
use crate::corpus_args::{CorpusArgs, SelectionArgs};
use crate::extract_args::{ExtractArgs, IsolationArg, JobArgs};
use crate::log_format::LogFormat;
use crate::picture_args::{ReportArgs, ShowArgs};
use crate::recipe_args::RecipeArgs;
use crate::verb_notes::examples;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold());

/// Turns a speech corpus into training-ready feature matrices.
#[derive(Debug, Parser)]
#[command(name = "ossicle", version, styles = STYLES, max_term_width = 80)]
#[command(after_help = "Begin with: ossicle demo")]
pub(crate) struct CommandLine {
    #[command(flatten)]
    pub(crate) stores: StoreArgs,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The heading of the options that are about object stores: all verbs have them.
const STORES: &str = "Object stores";

/// How object stores are reached.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// A setting of an object store (may be repeated): aws_endpoint=URL, aws_region=NAME, aws_skip_signature=true,
    /// … It counts before what the environment says (AWS_…, GOOGLE_…, AZURE_…)
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = setting, help_heading = STORES)]
    pub(crate) store_option: Vec<(String, String)>,

    /// The most connections to object stores at once [default: 32]
    #[arg(long, global = true, value_name = "N", value_parser = positive, help_heading = STORES)]
    pub(crate) connections: Option<usize>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Extract the features of a corpus into a dataset
    #[command(after_long_help = examples("extract"))]
    Extract(ExtractArgs),
    /// Compare how fast the same extraction is with different numbers of workers
    #[command(after_long_help = examples("speed"))]
    Speed(SpeedArgs),
    /// Show this machine's limits, what a run needs, and how to change them
    #[command(after_long_help = examples("limits"))]
    Limits(LimitsArgs),
    /// Make a small corpus in TIMIT's layout, extract it, and compare speeds
    #[command(after_long_help = examples("demo"))]
    Demo(DemoArgs),
    /// Check a dataset: structure, counts and checksums
    #[command(after_long_help = examples("verify"))]
    Verify(VerifyArgs),
    /// Show what is in a dataset or a corpus
    #[command(after_long_help = examples("info"))]
    Info(InfoArgs),
    /// Say how two sets of features differ, and why
    #[command(after_long_help = examples("compare"))]
    Compare(CompareArgs),
    /// Code a recording in spikes: what they cost, a picture, and what they sound like
    #[command(after_long_help = examples("spikes"))]
    Spikes(SpikesArgs),
    /// Draw an utterance of a dataset, or a recording with a recipe: waveform, labels, features
    #[command(after_long_help = examples("show"))]
    Show(ShowArgs),
    /// Write everything worth knowing about a dataset on one page of HTML
    #[command(after_long_help = examples("report"))]
    Report(ReportArgs),
    /// List the presets, or print one as a recipe
    #[command(after_long_help = examples("presets"))]
    Presets(PresetsArgs),
    /// Store the plan of a job whose shares other machines compute
    #[command(after_long_help = examples("plan"))]
    Plan(PlanArgs),
    /// Print what a shell completes commands with
    #[command(after_long_help = examples("completions"))]
    Completions(CompletionsArgs),
    /// Print the manual page of ossicle, or of a verb
    #[command(after_long_help = examples("man"))]
    Man(ManArgs),
    /// Compute parts for the ossicle that started this process
    #[command(hide = true)]
    Worker,
}

impl Command {
    /// Returns whether what it tells on standard error is JSON.
    pub(crate) fn tells_json(&self) -> bool {
        matches!(self, Command::Extract(args) if args.log_format == LogFormat::Json)
    }

    /// Returns whether what it prints is JSON.
    pub(crate) fn prints_json(&self) -> bool {
        match self {
            Command::Extract(args) => args.json,
            Command::Speed(args) => args.json,
            Command::Limits(args) => args.json,
            Command::Verify(args) => args.json,
            Command::Info(args) => args.json,
            Command::Compare(args) => args.json,
            Command::Spikes(args) => args.json,
            Command::Show(args) => args.json,
            Command::Report(args) => args.json,
            Command::Plan(args) => args.json,
            Command::Demo(_)
            | Command::Presets(_)
            | Command::Completions(_)
            | Command::Man(_)
            | Command::Worker => false,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct SpeedArgs {
    #[command(flatten)]
    pub(crate) corpus: CorpusArgs,

    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    /// The numbers of workers to compare [default: 1, 2, 4, … up to the cores this process may use]
    #[arg(short, long, value_name = "N,…", value_delimiter = ',', value_parser = positive)]
    pub(crate) jobs: Vec<usize>,

    /// Where parts are computed: threads, processes, or both
    #[arg(
        long,
        value_enum,
        value_name = "WHERE,…",
        value_delimiter = ',',
        default_value = "threads,processes"
    )]
    pub(crate) isolation: Vec<IsolationArg>,

    /// Time another program in the same table: a command for the shell, in which {corpus} stands for the corpus and
    /// {out} for a place to write to, where nothing is yet (may be repeated)
    #[arg(long, value_name = "COMMAND")]
    pub(crate) against: Vec<String>,

    /// How often each is run; the medians are compared
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = positive)]
    pub(crate) repeat: usize,

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

    #[command(flatten)]
    pub(crate) selection: SelectionArgs,

    /// How many workers [default: the cores this process may use]
    #[arg(short, long, visible_alias = "nj", value_name = "N", value_parser = positive)]
    pub(crate) jobs: Option<usize>,

    /// Show what is another on another machine, of which this file has what --json printed there
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Option<PathBuf>,

    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The verb [default: ossicle itself, which names all]
    #[arg(value_name = "VERB")]
    pub(crate) verb: Option<String>,
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

    /// The recordings that it was made of, as `extract` was given them (may be repeated)
    #[arg(long, value_name = "CORPUS")]
    pub(crate) corpus: Vec<OsString>,

    #[command(flatten)]
    pub(crate) selection: SelectionArgs,

    /// Compute a sample of the utterances again from --corpus, and compare every number
    #[arg(long)]
    pub(crate) deep: bool,

    /// With --deep: how many utterances
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) utterances: usize,

    /// With --deep: another seed takes other utterances
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,

    /// Compute damaged files again from --corpus, and put them in place
    #[arg(long)]
    pub(crate) repair: bool,

    /// How many workers [default: the cores this process may use]
    #[arg(short, long, visible_alias = "nj", value_name = "N", value_parser = positive)]
    pub(crate) jobs: Option<usize>,

    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InfoArgs {
    /// A dataset, or a corpus: a folder, a list of paths, or several split=PATH
    #[arg(required = true, value_name = "DATASET|CORPUS")]
    pub(crate) what: Vec<OsString>,

    #[command(flatten)]
    pub(crate) selection: SelectionArgs,

    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SpikesArgs {
    /// The recording
    #[arg(value_name = "AUDIO")]
    pub(crate) audio: PathBuf,

    /// Look for spikes until the signal-to-noise ratio is this; several give a table [default: the
    /// recipe's, 20]
    #[arg(long, value_name = "DB,…", value_delimiter = ',')]
    pub(crate) snr: Vec<f64>,

    /// Write the spikes as an array for NumPy: channel, sample, amplitude
    #[arg(long, value_name = "FILE.npy")]
    pub(crate) out: Option<PathBuf>,

    /// Write what the spikes sound like
    #[arg(long, value_name = "FILE.wav")]
    pub(crate) resynth: Option<PathBuf>,

    /// Draw the spikegram; of several --snr, the curve of ratio against spikes
    #[arg(long, value_name = "FILE.png|FILE.svg")]
    pub(crate) plot: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PresetsArgs {
    /// Print this preset, or the recipe of a dataset or that a model's own file comes to, as the TOML that
    /// --recipe reads
    #[arg(value_name = "NAME|FILE|DATASET")]
    pub(crate) name: Option<String>,

    /// Save it for serving as one file: the recipe, a dataset's statistics, and the rows of a probe, by which
    /// whoever loads it sees that it computes the same
    #[arg(long, value_name = "FILE", requires = "name")]
    pub(crate) save: Option<PathBuf>,

    /// Print what can be set: all keys, or those of a kind of feature or of a table
    #[arg(long, value_name = "KIND", num_args = 0..=1, conflicts_with = "name")]
    pub(crate) keys: Option<Option<String>>,
}

/// The arguments of `ossicle plan`.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) job: JobArgs,

    /// Replace a plan or a dataset of another job
    #[arg(long)]
    pub(crate) overwrite: bool,

    /// Do without a lock, where the file system has none: no other run may write to DATASET then
    #[arg(long)]
    pub(crate) no_lock: bool,

    /// Print the result as one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// Say nothing but why there is no plan
    #[arg(short, long)]
    pub(crate) quiet: bool,
}
