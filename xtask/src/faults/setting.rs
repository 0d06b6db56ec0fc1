//! The setting of scenarios: the program, the folders, and what this machine and it can do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::chance::Chance;
use super::options::{Options, Wanted};
use super::tally::{Failure, Tally};

/// The place where parts are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    Threads,
    Processes,
}

/// The program, folders and options that every scenario needs.
#[derive(Debug)]
pub(crate) struct Setting {
    program: PathBuf,
    /// Everything on disk is below it; removed at the end, but for what is to be looked at.
    work: PathBuf,
    /// The same on a RAM disk, where there is one: what is injected there takes no time of a disk's.
    ram: PathBuf,
    pub(crate) rounds: usize,
    seed: u64,
    /// Nothing, if the program knows no such option: then it has threads alone.
    isolations: Vec<Isolation>,
    pub(crate) fault: Option<String>,
    options: Vec<String>,
    help: String,
}

const RAM_DISK: &str = "/dev/shm";

impl Setting {
    /// # Errors
    /// If the folders cannot be made, or the program has not what was asked for.
    pub(crate) fn new(program: &Path, options: &Options) -> Result<Self> {
        let name = format!("ossicle-faults-{}", std::process::id());
        let make = |folder: PathBuf| -> Result<PathBuf> {
            fs::create_dir_all(&folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
            // strace and the program must spell paths alike.
            Ok(fs::canonicalize(&folder)?)
        };
        let ram =
            make(Path::new(RAM_DISK).join(&name)).or_else(|_| make(options.work.join(&name)))?;
        // Most of what a round takes is the disk's: whoever wants it short does not wait for that.
        let work = if options.short { ram.clone() } else { make(options.work.join(&name))? };
        let help = Command::new(program).args(["extract", "--help"]).output();
        let help = help.with_context(|| format!("cannot start {}", program.display()))?;
        let help = String::from_utf8_lossy(&help.stdout).into_owned();
        let mut setting = Self {
            program: program.to_owned(),
            work,
            ram,
            rounds: options.rounds,
            seed: options.seed,
            isolations: Vec::new(),
            fault: options.fault.clone(),
            options: Vec::new(),
            help,
        };
        if options.isolation != Wanted::Both {
            let word = if options.isolation == Wanted::Threads { "threads" } else { "processes" };
            setting.options.push(format!("--isolation {word}"));
        }
        setting.isolations = match (setting.has("--isolation"), options.isolation) {
            (false, Wanted::Processes) => {
                bail!("{} has no --isolation: it has threads alone", program.display())
            }
            (false, _) => Vec::new(),
            (true, Wanted::Threads) => vec![Isolation::Threads],
            (true, Wanted::Processes) => vec![Isolation::Processes],
            (true, Wanted::Both) => vec![Isolation::Threads, Isolation::Processes],
        };
        Ok(setting)
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    pub(crate) fn work(&self) -> &Path {
        &self.work
    }

    pub(crate) fn ram(&self) -> &Path {
        &self.ram
    }

    /// Returns whether `ossicle extract` has this option; an earlier version may lack it.
    pub(crate) fn has(&self, option: &str) -> bool {
        let ends = |c: char| c.is_whitespace() || c == ',';
        self.help.split(ends).any(|word| word == option)
    }

    /// Returns whether parts may be computed in processes.
    pub(crate) fn has_processes(&self) -> bool {
        self.isolations.contains(&Isolation::Processes)
    }

    /// Options for each way to compute parts that is to be tried: their words, and their name.
    pub(crate) fn ways(&self) -> Vec<(&'static str, Vec<String>)> {
        match self.isolations.is_empty() {
            true => vec![("threads", Vec::new())],
            false => self.isolations.iter().map(|it| (it.word(), it.options())).collect(),
        }
    }

    /// Options for any number of workers of any kind.
    pub(crate) fn any_workers(&self, chance: &mut Chance) -> Vec<String> {
        let mut words = vec!["--jobs".to_owned(), (1 + chance.below(4)).to_string()];
        if !self.isolations.is_empty() {
            words.extend(chance.pick(&self.isolations).options());
        }
        words
    }

    /// Plays rounds one after the other, each in a fresh folder of its own, from a seed of its own. A
    /// round that fails leaves its folder, and the others go on.
    pub(crate) fn play(
        &self,
        tally: &mut Tally,
        rounds: usize,
        mut round: impl FnMut(&Path, &mut Chance, &mut Tally) -> Result<()>,
    ) -> Result<()> {
        for number in 0..rounds as u64 {
            let seed = self.seed + number;
            let repeat = format!(
                "cargo xtask faults --only {} --seed {seed} --rounds 1 {}",
                tally.scenario,
                self.options.join(" ")
            );
            let name = format!("{}-{seed}", tally.scenario);
            self.round_in(&self.work, &name, repeat.trim(), tally, |folder, tally| {
                round(folder, &mut Chance::new(seed), tally)
            })?;
        }
        Ok(())
    }

    /// Plays one round in a fresh folder below `parent`.
    ///
    /// - `repeat`: what to type to see it again
    pub(crate) fn round_in(
        &self,
        parent: &Path,
        name: &str,
        repeat: &str,
        tally: &mut Tally,
        round: impl FnOnce(&Path, &mut Tally) -> Result<()>,
    ) -> Result<()> {
        let folder = parent.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        tally.rounds += 1;
        match round(&folder, tally) {
            Err(error) if !tally.is_known(&format!("{error:#}")) => {
                self.fail(tally, format!("{error:#}"), repeat, &folder);
                Ok(())
            }
            _ => fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot remove {}", folder.display())),
        }
    }

    /// Notes a failure, whose folder stays.
    pub(crate) fn fail(&self, tally: &mut Tally, what: String, repeat: &str, folder: &Path) {
        eprintln!("xtask: {}: FAILED: {what}\n  again: {repeat}", tally.scenario);
        let kept = folder.display().to_string();
        tally.failures.push(Failure { what, repeat: repeat.to_owned(), kept, more: 0 });
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }
}

impl Isolation {
    fn word(self) -> &'static str {
        match self {
            Self::Threads => "threads",
            Self::Processes => "processes",
        }
    }

    fn options(self) -> Vec<String> {
        vec!["--isolation".to_owned(), self.word().to_owned()]
    }
}

impl Drop for Setting {
    /// Folders go when they are empty: what a failed round has kept stays.
    fn drop(&mut self) {
        for folder in [&self.ram, &self.work] {
            let _ = fs::remove_dir(folder);
            if folder.exists() {
                eprintln!("xtask: {} is kept", folder.display());
            }
        }
    }
}
