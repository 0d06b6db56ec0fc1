//! `cargo xtask faults`: the program with everything that can go wrong made to go wrong.
//!
//! SQLite's way of testing: the program is a black box, and from outside it is killed, its system calls
//! fail, its disk is full, its folder is gone. A dataset that an undisturbed run with one worker made
//! is the judge. Whatever happened, the program either ended well or said in one sentence why not and
//! what to do; and the same command, run again in peace, ends with the judge's bytes and leaves nothing
//! else.
//!
//! Each scenario is a function with a name in a file of its own, which plays rounds. A round has a
//! fresh folder and a seed, and one that fails keeps its folder and says what to type to see it again.

mod call;
mod chance;
mod corpus;
mod disk;
mod fault;
mod hostile_folders;
mod job;
mod kill;
mod kill_overwrite;
mod kill_worker;
mod moment;
mod mount;
mod options;
mod parts;
mod phase;
mod processes;
mod report;
mod running;
mod setting;
mod signals;
mod strace;
mod sweep;
mod sweep_resume;
mod tally;
mod tree;
mod two_runs;
mod victim;

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::bench::subject::Ossicle;
use crate::{command_line, workspace};
use setting::Setting;
use strace::Strace;
use tally::Tally;

/// A fault, and what has to be so all the same.
struct Scenario {
    name: &'static str,
    what: &'static str,
    /// The number of rounds in a short run.
    short: usize,
    needs_strace: bool,
    /// Plays it; the folder is for what all rounds share, and is removed afterwards.
    play: fn(&Setting, &mut Tally, &Path) -> Result<()>,
}

const SCENARIOS: [Scenario; 9] = [
    Scenario {
        name: "kill",
        what: "killed at any moment, again and again",
        short: 6,
        needs_strace: false,
        play: kill::kill,
    },
    Scenario {
        name: "kill-overwrite",
        what: "the same while one dataset replaces another",
        short: 5,
        needs_strace: false,
        play: kill_overwrite::kill_overwrite,
    },
    Scenario {
        name: "kill-worker",
        what: "worker processes killed, or left by their coordinator",
        short: 6,
        needs_strace: false,
        play: kill_worker::kill_worker,
    },
    Scenario {
        name: "sweep",
        what: "every system call of a small run killed at and made to fail",
        short: 3,
        needs_strace: true,
        play: sweep::sweep,
    },
    Scenario {
        name: "sweep-resume",
        what: "the same while a run goes on with what another has left",
        short: 1,
        needs_strace: true,
        play: sweep_resume::sweep_resume,
    },
    Scenario {
        name: "disk",
        what: "disks full, read-only or gone; streams that nobody reads",
        short: 5,
        needs_strace: false,
        play: disk::disk,
    },
    Scenario {
        name: "signals",
        what: "asked to stop: Ctrl-C, SIGTERM, SIGHUP",
        short: 12,
        needs_strace: false,
        play: signals::signals,
    },
    Scenario {
        name: "two-runs",
        what: "several runs into one folder",
        short: 8,
        needs_strace: false,
        play: two_runs::two_runs,
    },
    Scenario {
        name: "hostile-folders",
        what: "links, pipes and the like wherever a run opens, makes, renames or removes something",
        short: 3,
        needs_strace: false,
        play: hostile_folders::hostile_folders,
    },
];

/// Kill runs, fail their system calls, fill their disks
///
/// Runs the program, makes go wrong what can go wrong, and looks at what it
/// leaves. OSSICLE_BIN=FILE takes that binary instead of building one.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    how: options::Options,
    /// One scenario; may be repeated [default: all]
    #[arg(long, value_name = "NAME", value_parser = scenarios())]
    only: Vec<String>,
}

fn scenarios() -> PossibleValuesParser {
    SCENARIOS.map(|it| PossibleValue::new(it.name).help(it.what)).into()
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let ossicle = match options.how.short {
        true => Ossicle::find_or_build_for_tests()?,
        false => Ossicle::find_or_build()?,
    };
    run_with(&ossicle, options)
}

fn run_with(ossicle: &Ossicle, Options { how: options, only }: &Options) -> Result<()> {
    let mut setting = Setting::new(ossicle.binary(), options)?;
    let mut tallies = Vec::new();
    let is_wanted = |it: &&Scenario| only.is_empty() || only.iter().any(|name| name == it.name);
    for scenario in SCENARIOS.iter().filter(is_wanted) {
        if options.short {
            setting.rounds = scenario.short;
        }
        tallies.push(scenario.run(&setting, options.short));
    }
    let version = ossicle.version().unwrap_or_else(|| "?".to_owned());
    let page = report::page(&command_line::as_typed(), &version, &tallies);
    if options.short {
        // Each scenario has had its line; what failed is worth a page.
        let failed = tallies.iter().any(|tally| tally.failed() > 0);
        eprint!("{}", if failed { &page } else { "" });
    } else {
        print!("{page}");
    }
    if options.record {
        let path = workspace::root().join("bench/record/faults.md");
        fs::write(&path, &page).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("xtask: written to {}", path.display());
    }
    let failed: usize = tallies.iter().map(Tally::failed).sum();
    if failed > 0 {
        bail!("{failed} failed");
    }
    Ok(())
}

impl Scenario {
    /// - `short`: go without what this machine has not
    fn run(&self, setting: &Setting, short: bool) -> Tally {
        eprintln!("xtask: {}: {}", self.name, self.what);
        let begin = Instant::now();
        let mut tally = Tally::new(self.name);
        let ground = setting.work().join(self.name);
        let played = match Strace::find() {
            Err(error) if self.needs_strace && short => {
                tally.not_run(format!("{error:#}"));
                Ok(())
            }
            Err(error) if self.needs_strace => Err(error),
            _ => (self.play)(setting, &mut tally, &ground),
        };
        if let Err(error) = played {
            let repeat = format!("cargo xtask faults --only {}", self.name);
            setting.fail(&mut tally, format!("{error:#}"), &repeat, &ground);
        } else if ground.exists()
            && let Err(error) = fs::remove_dir_all(&ground)
        {
            eprintln!("xtask: cannot remove {}: {error}", ground.display());
        }
        tally.took = begin.elapsed();
        let (seconds, words) = (tally.took.as_secs_f64(), tally.in_words());
        let (rounds, failed) = (tally.rounds, tally.failed());
        eprintln!(
            "xtask: {}: {rounds} rounds in {seconds:.0} s, {failed} failed: {words}",
            self.name
        );
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::tests::parsed;

    #[test]
    fn only_scenarios_that_there_are_can_be_asked_for() {
        let words =
            ["--only", "kill", "--only", "two-runs", "--seed", "7", "--isolation", "threads"];
        let options: Options = parsed(&words).unwrap();
        assert_eq!(options.only, ["kill", "two-runs"]);
        assert_eq!((options.how.rounds, options.how.seed), (50, 7));
        let error = parsed::<Options>(&["--only", "kil"]).unwrap_err().to_string();
        assert!(error.contains("'kil'") && error.contains("kill-overwrite"), "{error}");
        for words in [["--rounds", "0"], ["--isolation", "ray"]] {
            assert!(parsed::<Options>(&words).is_err(), "{words:?}");
        }
    }
}
