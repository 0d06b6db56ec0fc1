//! How standard error and a log tell what happens.

use clap::ValueEnum;

/// What lines are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// People
    Text,
    /// Programs: a JSON object a line, each an event
    Json,
}
