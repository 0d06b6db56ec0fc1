//! The options of `cargo xtask bench --against COMMIT`.

use clap::Args;

use crate::command_line::positive;

#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct Options {
    /// Instead: is this tree slower than COMMIT?
    #[arg(long, value_name = "COMMIT")]
    pub(crate) against: Option<String>,
    /// Pairs of turns of this tree and COMMIT
    #[arg(long, value_name = "N", default_value = "20", requires = "against", value_parser = positive)]
    pub(crate) pairs: usize,
}
