//! `--share`: what it may say.

use std::str::FromStr;

use ossicle_engine::Share;

/// A share as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShareArg {
    /// This one.
    Of(Share),
    /// That of the task of a Slurm array that this process is.
    Auto,
    /// None: only a look at what is there.
    None,
}

impl FromStr for ShareArg {
    type Err = String;

    fn from_str(text: &str) -> Result<ShareArg, String> {
        match text {
            "auto" => Ok(ShareArg::Auto),
            "none" => Ok(ShareArg::None),
            _ => text.parse().map(ShareArg::Of).map_err(|_| {
                "it must be I/N with I from 1 to N, as 3/7, or auto, or none".to_owned()
            }),
        }
    }
}
