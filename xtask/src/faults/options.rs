//! What can be said after `cargo xtask faults`.

use std::env;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
Usage: cargo xtask faults [OPTIONS]

Runs the program, makes go wrong what can go wrong, and looks at what it leaves.
OSSICLE_BIN=FILE takes that binary instead of building one.

  --rounds N         of each scenario; the sweeps inject up to 20 faults a round  [50]
  --seed S           what chance begins with: the first round has S, the next S+1  [1]
  --isolation WHERE  threads, processes or both   [both, as far as the program has them]
  --only NAME        one scenario; may be repeated
  --fault TEXT       of the sweeps, only the faults whose description holds TEXT
  --work DIR         where corpora and datasets lie on disk  [the folder of temporary files]
  --short            some 20 seconds of it, whatever else is said
  --record           write bench/record/faults.md too

Scenarios:
";

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Options {
    pub(crate) rounds: usize,
    pub(crate) seed: u64,
    pub(crate) isolation: Wanted,
    /// Absent: all.
    pub(crate) only: Vec<String>,
    pub(crate) fault: Option<String>,
    pub(crate) work: PathBuf,
    pub(crate) short: bool,
    pub(crate) record: bool,
    /// As typed, for the record.
    pub(crate) command: String,
}

/// Where parts are to be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Threads,
    Processes,
    /// Each start takes one of what the program has.
    Both,
}

impl FromStr for Wanted {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "threads" => Ok(Self::Threads),
            "processes" => Ok(Self::Processes),
            "both" => Ok(Self::Both),
            _ => Err(()),
        }
    }
}

/// A scenario that can be asked for: its name, and what goes wrong in it.
pub(crate) type Named = (&'static str, &'static str);

#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Run(Options),
    Help(String),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            rounds: 50,
            seed: 1,
            isolation: Wanted::Both,
            only: Vec::new(),
            fault: None,
            work: env::temp_dir(),
            short: false,
            record: false,
            command: "cargo xtask faults".to_owned(),
        }
    }
}

pub(crate) fn parse(
    arguments: impl Iterator<Item = String>,
    scenarios: &[Named],
) -> Result<Outcome> {
    let mut options = Options::default();
    let mut command = options.command.clone();
    let mut arguments = arguments.inspect(|it| {
        command.push(' ');
        command.push_str(it);
    });
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "--rounds" => options.rounds = value(&name, arguments.next())?,
            "--seed" => options.seed = value(&name, arguments.next())?,
            "--isolation" => options.isolation = value(&name, arguments.next())?,
            "--only" => options.only.push(scenario(arguments.next(), scenarios)?),
            "--fault" => options.fault = Some(value(&name, arguments.next())?),
            "--work" => options.work = value(&name, arguments.next())?,
            "--short" => options.short = true,
            "--record" => options.record = true,
            "--help" | "-h" => return Ok(Outcome::Help(usage(scenarios))),
            _ => bail!("unexpected argument {name:?} (see cargo xtask faults --help)"),
        }
    }
    if options.rounds == 0 {
        bail!("--rounds is 0; it must be positive");
    }
    options.command = command;
    Ok(Outcome::Run(options))
}

fn usage(scenarios: &[Named]) -> String {
    let lines = scenarios.iter().map(|(name, what)| format!("  {name:<16} {what}\n"));
    format!("{USAGE}{}", lines.collect::<String>())
}

fn value<T: FromStr>(name: &str, value: Option<String>) -> Result<T> {
    let text = value.with_context(|| format!("{name} needs a value"))?;
    text.parse().ok().with_context(|| format!("{name} is {text:?}, which it cannot be"))
}

fn scenario(name: Option<String>, scenarios: &[Named]) -> Result<String> {
    let name: String = value("--only", name)?;
    let names: Vec<_> = scenarios.iter().map(|(name, _)| *name).collect();
    if !names.contains(&name.as_str()) {
        bail!("--only is {name:?}; there are {}", names.join(", "));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Outcome> {
        let scenarios = [("kill", "killed"), ("disk", "a full disk")];
        parse(words.iter().map(|&word| word.to_owned()), &scenarios)
    }

    #[test]
    fn options_are_read_and_the_command_is_kept_as_typed() {
        let words = ["--rounds", "3", "--seed", "7", "--isolation", "threads", "--only", "kill"];
        let Outcome::Run(options) = parsed(&words).unwrap() else { panic!("not help") };
        assert_eq!((options.rounds, options.seed), (3, 7));
        assert_eq!(options.isolation, Wanted::Threads);
        assert_eq!(options.only, ["kill"]);
        let command = "cargo xtask faults --rounds 3 --seed 7 --isolation threads --only kill";
        assert_eq!(options.command, command);
    }

    #[test]
    fn the_help_names_the_scenarios() {
        let Outcome::Help(text) = parsed(&["--help"]).unwrap() else { panic!("help") };
        assert!(text.ends_with("  kill             killed\n  disk             a full disk\n"));
    }

    #[test]
    fn what_cannot_be_meant_is_an_error_that_names_it() {
        for (words, message) in [
            (vec!["--rounds", "0"], "--rounds is 0; it must be positive"),
            (vec!["--isolation", "ray"], "--isolation is \"ray\", which it cannot be"),
            (vec!["--seed"], "--seed needs a value"),
            (vec!["--fast"], "unexpected argument \"--fast\" (see cargo xtask faults --help)"),
        ] {
            assert_eq!(parsed(&words).unwrap_err().to_string(), message);
        }
        let message = parsed(&["--only", "kil"]).unwrap_err().to_string();
        assert_eq!(message, "--only is \"kil\"; there are kill, disk");
    }
}
