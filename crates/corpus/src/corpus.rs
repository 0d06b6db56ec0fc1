//! A corpus that was read: utterances in splits.

use std::{collections::BTreeSet, fmt, path::PathBuf};

use crate::{
    ignored::Ignored,
    left_out::{LeftOut, Reason, Reasons},
    utterance::Utterance,
};

/// All utterances of a corpus, in their splits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corpus {
    /// The kind that the corpus turned out to be.
    pub kind: CorpusKind,
    /// The splits, in their order.
    pub splits: Vec<Split>,
    /// The files found that are neither a recording of the corpus nor its alignment, by kind.
    pub ignored: Ignored,
    /// Recordings that are no utterance of any split, in total.
    pub left_out: u64,
    /// Why recordings are no utterances, in the order of the reasons: those that are left out, and
    /// those among the ignored files.
    pub left_out_because: Vec<LeftOut>,
    /// The folders that were searched for recordings with all that is below them, absolute, without
    /// links and in order: the folder given or, for TIMIT, its TRAIN and TEST, and wherever a link in
    /// them leads. What is written into one of them may be taken for a part of the corpus by the next
    /// run. None where the corpus is a list or a recording.
    pub walked: BTreeSet<PathBuf>,
    /// The lines that the user should see.
    pub notices: Vec<String>,
}

impl Corpus {
    /// Leaves out utterances for a reason, unless that is one of all of them.
    ///
    /// - `is_kept`: is asked of each utterance, with the name of its split
    pub fn leave_out(&mut self, reason: Reason, is_kept: impl Fn(&str, &Utterance) -> bool) {
        let any_in = |split: &Split| split.utterances.iter().any(|it| is_kept(&split.name, it));
        if !self.splits.iter().any(any_in) {
            return;
        }
        let mut reasons = Reasons::default();
        reasons.merge(&self.left_out_because);
        for split in &mut self.splits {
            split.utterances.retain(|utterance| {
                let is_kept = is_kept(&split.name, utterance);
                if !is_kept {
                    reasons.add(reason, &utterance.id);
                    split.left_out += 1;
                    self.left_out += 1;
                }
                is_kept
            });
        }
        self.left_out_because = reasons.into_list();
    }
}

/// One split of a corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Its name, a plain word.
    pub name: String,
    /// The folder that the paths of its utterances are relative to.
    pub root: PathBuf,
    /// Its utterances, in bytewise order of id.
    pub utterances: Vec<Utterance>,
    /// Recordings of this split's part of the corpus that are left out, as SA sentences are. Those
    /// that belong to no split at all are in [`Corpus::left_out`] only.
    pub left_out: u64,
}

/// The kinds of corpora.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CorpusKind {
    /// TIMIT, as the LDC ships it or as its copies do.
    Timit,
    /// A folder of recordings, or one recording.
    Folder,
    /// A list of recordings.
    List,
    /// A data folder of Kaldi's, or its list of recordings.
    Kaldi,
    /// A table of text with a header.
    Table,
    /// A filelist: lines with bars between their fields, and no header.
    Filelist,
    /// A script of HTK's.
    Htk,
    /// LibriSpeech.
    LibriSpeech,
    /// LibriTTS.
    LibriTts,
    /// VCTK.
    Vctk,
    /// LJSpeech, or what is laid out as it.
    LjSpeech,
    /// Common Voice: the folder of a language.
    CommonVoice,
    /// Speech Commands.
    SpeechCommands,
    /// The Buckeye corpus.
    Buckeye,
    /// A manifest of lhotse's.
    Lhotse,
    /// Shards: tar archives of recordings and what is said of them.
    Shards,
    /// Parquet files with recordings in a column.
    Parquet,
    /// A manifest of paths, as NeMo and fairseq have them.
    Manifest,
}

impl CorpusKind {
    /// Returns whether a description names its utterances itself, rather than files whose names name them.
    pub(crate) fn has_ids(self) -> bool {
        !matches!(self, CorpusKind::Timit | CorpusKind::Folder | CorpusKind::List)
    }
}

impl fmt::Display for CorpusKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CorpusKind::Timit => "TIMIT tree",
            CorpusKind::Folder => "folder",
            CorpusKind::List => "list",
            CorpusKind::Kaldi => "Kaldi data folder",
            CorpusKind::Table => "table",
            CorpusKind::Filelist => "filelist",
            CorpusKind::Htk => "script of HTK",
            CorpusKind::LibriSpeech => "LibriSpeech",
            CorpusKind::LibriTts => "LibriTTS",
            CorpusKind::Vctk => "VCTK",
            CorpusKind::LjSpeech => "LJSpeech",
            CorpusKind::CommonVoice => "Common Voice",
            CorpusKind::SpeechCommands => "Speech Commands",
            CorpusKind::Buckeye => "Buckeye corpus",
            CorpusKind::Lhotse => "lhotse manifest",
            CorpusKind::Shards => "set of tar shards",
            CorpusKind::Parquet => "set of Parquet files",
            CorpusKind::Manifest => "manifest",
        })
    }
}
