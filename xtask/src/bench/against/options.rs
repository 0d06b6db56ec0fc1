//! What can be said with `cargo xtask bench --against COMMIT`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::bench::options::{count, value};
use crate::workspace;

const USAGE: &str = "\
Usage: cargo xtask bench [features] --against COMMIT [OPTIONS]

Measures this working tree and COMMIT in turn: the whole job on a RAM disk, and a frame of each
feature; with the word features, only these. Prints the median of the ratios of all pairs. Exits with 1
if a median is above 1.02, which is slower by 2 percent.

  --pairs N        pairs of turns                     [20]
  --work DIR       the corpus                         [target/bench]
  --ram-disk DIR   outputs on a RAM disk              [/dev/shm/ossicle-bench, if 4 GB are free]
";

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) against: String,
    /// Without the whole job.
    pub(crate) features_only: bool,
    pub(crate) pairs: usize,
    pub(crate) work: PathBuf,
    /// Absent: the default, where there is one.
    pub(crate) ram_disk: Option<PathBuf>,
    /// As typed, for the record.
    pub(crate) command: String,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Run(Options),
    Help(&'static str),
}

pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Outcome> {
    let mut command = "cargo xtask bench".to_owned();
    let mut arguments = arguments
        .inspect(|it| {
            command.push(' ');
            command.push_str(it);
        })
        .peekable();
    let features_only = arguments.next_if_eq("features").is_some();
    let mut against = None;
    let mut pairs = 20;
    let mut work = workspace::target_dir().join("bench");
    let mut ram_disk = None;
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "--against" => match arguments.next() {
                Some(word) if is_help(&word) => return Ok(Outcome::Help(USAGE)),
                commit => against = Some(value(&name, commit)?),
            },
            "--pairs" => pairs = count(&name, arguments.next())?,
            "--work" => work = value(&name, arguments.next())?,
            "--ram-disk" => ram_disk = Some(value(&name, arguments.next())?),
            word if is_help(word) => return Ok(Outcome::Help(USAGE)),
            _ => bail!(
                "unexpected argument {name:?} beside --against (see cargo xtask bench --against --help)"
            ),
        }
    }
    drop(arguments);
    let against = against.context("--against names the commit")?;
    Ok(Outcome::Run(Options { against, features_only, pairs, work, ram_disk, command }))
}

fn is_help(word: &str) -> bool {
    matches!(word, "--help" | "-h")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Outcome> {
        parse(words.iter().map(|&word| word.to_owned()))
    }

    #[test]
    fn options_are_read_and_the_command_is_kept_as_typed() {
        let Outcome::Run(options) =
            parsed(&["features", "--against", "HEAD~3", "--pairs", "7"]).unwrap()
        else {
            panic!("not help");
        };
        assert_eq!((options.against.as_str(), options.pairs), ("HEAD~3", 7));
        assert!(options.features_only);
        assert_eq!(options.command, "cargo xtask bench features --against HEAD~3 --pairs 7");
        let Outcome::Run(options) = parsed(&["--against", "main"]).unwrap() else {
            panic!("not help");
        };
        assert_eq!((options.features_only, options.pairs), (false, 20));
    }

    #[test]
    fn help_is_given_with_and_without_a_commit() {
        for words in [vec!["--against", "--help"], vec!["features", "--against", "main", "-h"]] {
            assert_eq!(parsed(&words).unwrap(), Outcome::Help(USAGE), "{words:?}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_an_error_that_names_it() {
        for (words, message) in [
            (vec!["--against"], "--against needs a value"),
            (vec!["--against", "main", "--pairs", "0"], "--pairs is 0; it must be positive"),
            (vec!["--pairs", "3"], "--against names the commit"),
            (
                vec!["--against", "main", "--record"],
                "unexpected argument \"--record\" beside --against (see cargo xtask bench --against \
                 --help)",
            ),
        ] {
            assert_eq!(parsed(&words).unwrap_err().to_string(), message);
        }
    }
}
