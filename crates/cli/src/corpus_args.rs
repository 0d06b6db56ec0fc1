//! The options that say which corpus, and how it is read.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use ossicle_corpus::{CorpusFormat, PathPattern, SpeakerFrom, SplitShares};

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
