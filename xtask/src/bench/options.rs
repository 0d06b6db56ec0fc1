//! What can be said after `cargo xtask bench`.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result, bail};

use crate::workspace;

const USAGE: &str = "\
Usage: cargo xtask bench [OPTIONS]

Makes the full-size demo corpus once, then measures ossicle on a RAM disk and on disk, and Python.
OSSICLE_BIN=FILE takes that binary instead of building one.

  --work DIR       corpus and outputs on disk         [target/bench]
  --ram-disk DIR   outputs on a RAM disk              [/dev/shm/ossicle-bench, if 4 GB are free]
  --runs N         timed runs of each, after one that warms up  [5]
  --peer-runs N    timed runs of each way in Python   [1]
  --no-peers       without Python
  --record         write bench/record/whole-job.md too

cargo xtask bench features is another benchmark, a frame of each feature (features --help), and so are
cargo xtask bench spikes (spikes --help) and cargo xtask bench --against COMMIT: is this tree slower
than a commit (--against --help)?
";

#[derive(Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) work: PathBuf,
    /// Absent: the default, where there is one.
    pub(crate) ram_disk: Option<PathBuf>,
    pub(crate) runs: usize,
    pub(crate) peer_runs: usize,
    pub(crate) with_peers: bool,
    pub(crate) record: bool,
    /// As typed, for the record.
    pub(crate) command: String,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Run(Options),
    Help(&'static str),
}

pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Outcome> {
    let mut options = Options {
        work: workspace::target_dir().join("bench"),
        ram_disk: None,
        runs: 5,
        peer_runs: 1,
        with_peers: true,
        record: false,
        command: "cargo xtask bench".to_owned(),
    };
    let mut arguments = arguments.inspect(|it| {
        options.command.push(' ');
        options.command.push_str(it);
    });
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "--work" => options.work = value(&name, arguments.next())?,
            "--ram-disk" => options.ram_disk = Some(value(&name, arguments.next())?),
            "--runs" => options.runs = count(&name, arguments.next())?,
            "--peer-runs" => options.peer_runs = count(&name, arguments.next())?,
            "--no-peers" => options.with_peers = false,
            "--record" => options.record = true,
            "--help" | "-h" => return Ok(Outcome::Help(USAGE)),
            _ => bail!("unexpected argument {name:?} (see cargo xtask bench --help)"),
        }
    }
    Ok(Outcome::Run(options))
}

pub(crate) fn value<T: FromStr>(name: &str, value: Option<String>) -> Result<T> {
    let text = value.with_context(|| format!("{name} needs a value"))?;
    text.parse().ok().with_context(|| format!("{name} is {text:?}, which it cannot be"))
}

pub(crate) fn count(name: &str, text: Option<String>) -> Result<usize> {
    let count = value(name, text)?;
    if count == 0 {
        bail!("{name} is 0; it must be positive");
    }
    Ok(count)
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
            parsed(&["--runs", "3", "--no-peers", "--ram-disk", "/ram"]).unwrap()
        else {
            panic!("not help");
        };
        assert_eq!((options.runs, options.peer_runs), (3, 1));
        assert_eq!(options.ram_disk, Some(PathBuf::from("/ram")));
        assert!(!options.with_peers && !options.record);
        assert_eq!(options.command, "cargo xtask bench --runs 3 --no-peers --ram-disk /ram");
    }

    #[test]
    fn what_cannot_be_meant_is_an_error_that_names_it() {
        for (words, message) in [
            (vec!["--runs", "0"], "--runs is 0; it must be positive"),
            (vec!["--runs", "many"], "--runs is \"many\", which it cannot be"),
            (vec!["--runs"], "--runs needs a value"),
            (vec!["--fast"], "unexpected argument \"--fast\" (see cargo xtask bench --help)"),
        ] {
            assert_eq!(parsed(&words).unwrap_err().to_string(), message);
        }
    }
}
