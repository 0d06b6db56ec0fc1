//! The options of `cargo xtask bench audio`.

use std::path::PathBuf;

use clap::Args;

use crate::command_line::positive;

/// Time decoding beside other programs', and features of FLAC beside Python
///
/// A minute of speech in each format, on one thread, with the page cache warm:
/// ossicle, symphonia and claxon, soundfile, librosa, asrfront and, where it is
/// installed, torchcodec, in turn. Then `extract` of a corpus of FLAC in
/// LibriSpeech's layout with kaldi-fbank, beside soundfile and kaldi-native-fbank
/// in a pool. OSSICLE_BIN=FILE takes that binary instead of building one.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Speech to make the recordings of: WAVE, FLAC or SPHERE [default: the demo's
    /// voices]
    #[arg(long, value_name = "DIR")]
    pub(crate) speech: Option<PathBuf>,
    /// Recordings of the corpus, 12 s each
    #[arg(long, value_name = "N", default_value = "1000", value_parser = positive)]
    pub(crate) utterances: usize,
    /// Workers of both
    #[arg(long, value_name = "N", default_value = "2", value_parser = positive)]
    pub(crate) jobs: usize,
    /// Turns of each, 0.25 s every one
    #[arg(long, value_name = "N", default_value = "5", value_parser = positive)]
    pub(crate) runs: usize,
    /// Opus too: builds libopus, which takes a C compiler and cmake
    #[arg(long)]
    pub(crate) opus: bool,
    /// Write bench/record/audio.md too
    #[arg(long)]
    pub(crate) record: bool,
}
