//! The words of the command line: verbs and their options.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use ossicle_corpus::{CorpusFormat, PathPattern, SpeakerFrom, SplitShares};
use ossicle_engine::Tolerance;

use crate::log_format::LogFormat;
use crate::picture_args::{ReportArgs, ShowArgs};
pub(crate) use crate::recipe_args::RecipeArgs;
use crate::recipe_args::seconds;
use crate::share_arg::ShareArg;

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

/// How object stores are reached.
#[derive(Debug, Args)]
pub(crate) struct StoreArgs {
    /// A setting of an object store (may be repeated): aws_endpoint=URL, aws_region=NAME, aws_skip_signature=true,
    /// … It counts before what the environment says (AWS_…, GOOGLE_…, AZURE_…)
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = setting)]
    pub(crate) store_option: Vec<(String, String)>,

    /// The most connections to object stores at once [default: 32]
    #[arg(long, global = true, value_name = "N", value_parser = positive)]
    pub(crate) connections: Option<usize>,
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
    /// Say how two sets of features differ, and why
    Compare(CompareArgs),
    /// Code a recording in spikes: what they cost, a picture, and what they sound like
    Spikes(SpikesArgs),
    /// Draw an utterance of a dataset, or a recording with a recipe: waveform, labels, features
    Show(ShowArgs),
    /// Write everything worth knowing about a dataset on one page of HTML
    Report(ReportArgs),
    /// List the presets, or print one as a recipe
    Presets(PresetsArgs),
    /// Store the plan of a job whose shares other machines compute
    Plan(PlanArgs),
    /// Print what a shell completes commands with
    Completions(CompletionsArgs),
    /// Print the manual page of ossicle, or of a verb
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

/// Which corpus, and how its recordings are read.
#[derive(Debug, Args)]
pub(crate) struct CorpusArgs {
    /// The corpus: a TIMIT tree, folders, recordings, a list of paths, - for a list on standard input,
    /// or several split=PATH
    #[arg(required = true, value_name = "CORPUS")]
    pub(crate) corpus: Vec<OsString>,

    #[command(flatten)]
    pub(crate) selection: SelectionArgs,

    /// Let two splits have the same recordings
    #[arg(long)]
    pub(crate) allow_overlap: bool,
}

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

/// How a corpus is read, and which of its utterances are kept, in which splits.
#[derive(Debug, Clone, Default, PartialEq, Args)]
pub(crate) struct SelectionArgs {
    #[arg(long, value_name = "NAME", help = format_help())]
    pub(crate) corpus_format: Vec<String>,

    /// The columns of a table that has no header, in their order: path,speaker,text for example; - skips
    /// one
    #[arg(long, value_name = "NAME,…")]
    pub(crate) columns: Option<String>,

    /// What a table or a manifest calls something, for example audio=wav_file (may be repeated)
    #[arg(long, value_name = "NAME=COLUMN")]
    pub(crate) column: Vec<String>,

    /// Run the commands that a wav.scp of Kaldi's has in place of recordings (`sph2pipe -f wav a.sph |`),
    /// in a shell, as you
    #[arg(long)]
    pub(crate) allow_commands: bool,

    /// Find ids in the paths of recordings: a regular expression, whose group is the id
    #[arg(long, value_name = "PATTERN")]
    pub(crate) id: Option<PathPattern>,

    /// Find speakers in the paths of recordings: a regular expression, whose group is the speaker, or
    /// `folder` for the first folder
    #[arg(long, value_name = "PATTERN|folder")]
    pub(crate) speaker: Option<SpeakerFrom>,

    /// Keep the utterances whose ids this file names, one a line
    #[arg(long, value_name = "FILE")]
    pub(crate) ids: Option<PathBuf>,

    /// Which utterances belong to which split: lines `NAME SPLIT`, where NAME is an utterance id, a
    /// speaker or a folder ending in /
    #[arg(long, value_name = "FILE")]
    pub(crate) splits: Option<PathBuf>,

    /// Make splits of speakers, each by a hash of its name, so that a corpus that grows keeps them:
    /// train=0.8,valid=0.1,test=0.1 for example
    #[arg(long, value_name = "SPLIT=SHARE,…", conflicts_with = "splits")]
    pub(crate) split_speakers: Option<SplitShares>,

    /// Where alignments are, if not beside their recordings: a folder, or one file for all (a master label
    /// file, CTM, CSV)
    #[arg(long, value_name = "PATH")]
    pub(crate) alignments: Option<PathBuf>,

    /// Make an utterance of each label of this tier of the alignments, as of an interview's turns
    #[arg(long, value_name = "TIER")]
    pub(crate) segments_from: Option<String>,
}

/// What `--corpus-format` is for, with the formats that there are.
fn format_help() -> String {
    let formats: Vec<&str> = CorpusFormat::all().map(CorpusFormat::name).collect();
    format!(
        "Read the corpus as this, whatever it looks like: {}; SPLIT=NAME reads that of a split so (may be \
         repeated)",
        formats.join(", ")
    )
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
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
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

/// Two sides, and what they were computed of.
#[derive(Debug, Args)]
pub(crate) struct CompareArgs {
    /// One side: a dataset, Kaldi's ark or feats.scp, .npy, .npz, a file of HTK's, or a recording with a
    /// recipe; FILE#UTTERANCE names one of many
    #[arg(value_name = "A")]
    pub(crate) a: OsString,

    /// The other side; absent, A's recording with another recipe, or what --python makes of it
    #[arg(value_name = "B")]
    pub(crate) b: Option<OsString>,

    #[command(flatten)]
    pub(crate) recipe: RecipeArgs,

    /// B's recipe, where it is a recording: a preset [default: that of A]
    #[arg(long, value_name = "NAME", conflicts_with = "b_recipe")]
    pub(crate) b_preset: Option<String>,

    /// B's recipe, as --recipe takes it
    #[arg(long, value_name = "FILE|DATASET")]
    pub(crate) b_recipe: Option<PathBuf>,

    /// Change a key of B's recipe (may be repeated)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) b_set: Vec<String>,

    /// The recording that arrays are of: with its recipe it lets causes be looked for by computing them
    #[arg(long, value_name = "AUDIO")]
    pub(crate) recording: Option<PathBuf>,

    /// The other side: a function of Python, called with A's samples (float32, full scale ±1.0) and, where
    /// it takes one, their rate
    #[arg(long, value_name = "MODULE:FUNCTION")]
    pub(crate) python: Option<String>,

    /// The Python that is started [default: $PYTHON, or python3]
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) interpreter: Option<PathBuf>,

    /// The array that is compared, of a dataset or recipe that has several [default: the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) array: Option<String>,

    /// Draw both sides and their difference
    #[arg(short, long, value_name = "FILE.png|FILE.svg")]
    pub(crate) out: Option<PathBuf>,

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
}

fn setting(text: &str) -> Result<(String, String), String> {
    ossicle_remote::Options::setting(text).ok_or_else(|| "it must be KEY=VALUE".to_owned())
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("it must be at least 1".to_owned()),
        Ok(n) if n <= 4096 => Ok(n),
        Ok(_) => Err("it must be at most 4096".to_owned()),
        Err(_) => Err("it must be a number".to_owned()),
    }
}

/// A size: `500MB`, `2GiB`, or bytes.
fn bytes(text: &str) -> Result<u64, String> {
    const UNITS: [(&str, f64); 11] = [
        ("", 1.0),
        ("k", 1e3),
        ("kB", 1e3),
        ("M", 1e6),
        ("MB", 1e6),
        ("G", 1e9),
        ("GB", 1e9),
        ("KiB", 1024.0),
        ("MiB", 1_048_576.0),
        ("GiB", 1_073_741_824.0),
        ("TB", 1e12),
    ];
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()));
    match (number.parse::<f64>(), unit) {
        (Ok(number), Some((_, unit))) if number > 0.0 => Ok((number * unit) as u64),
        _ => Err("it must be a size such as 500MB or 2GiB".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes("500MB"), Ok(500_000_000));
        assert_eq!(bytes("1.5 gib"), Ok(1_610_612_736));
        assert_eq!(bytes("4096"), Ok(4096));
        for bad in ["", "MB", "-1", "5 parsecs", "0"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }
}
