//! The options of `cargo xtask bench features`.

use clap::Args;

use crate::command_line::positive;

#[derive(Debug, Args)]
#[group(id = "features", conflicts_with = "against")]
pub(crate) struct Options {
    /// Turns of each, 0.25 s every one
    #[arg(long, value_name = "N", default_value = "5", value_parser = positive)]
    pub(crate) runs: usize,
    /// PyTorch's and torchaudio's too: installs them, 5 GB
    #[arg(long)]
    pub(crate) with_torch: bool,
    /// Go without Python
    #[arg(long)]
    pub(crate) no_peers: bool,
    /// Write bench/record/features.md too
    #[arg(long)]
    pub(crate) record: bool,
}
