//! Every system call of a small run, killed at and made to fail, one at a time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail, ensure};

use super::chance::Chance;
use super::corpus::Corpus;
use super::fault::{Effect, Fault};
use super::job::{Job, Reference, rows};
use super::parts::Parts;
use super::phase::Phase;
use super::running::{Ended, Running, as_typed};
use super::setting::Setting;
use super::strace::Strace;
use super::tally::Tally;
use super::tree::{self, WORK_DIR};

const FAULTS_A_ROUND: usize = 20;

pub(crate) fn sweep(setting: &Setting, tally: &mut Tally, _ground: &Path) -> Result<()> {
    // On a RAM disk: what syncs take would be most of the time.
    let folder = setting.ram().join("sweep");
    let corpus = Corpus::tiny(folder.join("corpus"))?;
    let reference = Reference::make(Job::new(setting, corpus, &[]), &folder)?;
    let strace = Strace::find()?;
    for (way, words) in setting.ways() {
        let sweep = Sweep {
            setting,
            strace: &strace,
            reference: &reference,
            begun: None,
            options: words,
            folder: &folder,
            way: way.to_owned(),
        };
        sweep.run(tally)?;
    }
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// A command whose calls are made to fail.
pub(crate) struct Sweep<'a> {
    pub(crate) setting: &'a Setting,
    pub(crate) strace: &'a Strace,
    pub(crate) reference: &'a Reference,
    /// The output folder as the command finds it; absent: there is none.
    pub(crate) begun: Option<PathBuf>,
    pub(crate) options: Vec<String>,
    pub(crate) folder: &'a Path,
    /// Its name among the counts.
    pub(crate) way: String,
}

impl Sweep<'_> {
    pub(crate) fn run(&self, tally: &mut Tally) -> Result<()> {
        let out = self.folder.join("out");
        self.prepare(&out)?;
        let folders = [&*out, self.reference.job.corpus.folder()];
        let calls = self.strace.calls(&self.command(&out), &folders, self.folder)?;
        ensure!(calls.iter().any(|call| call.changes), "strace saw nothing change");
        tally.add(format!("calls seen ({})", self.way), calls.len());
        self.reference.require_at(&out).context("under strace, without a fault")?;

        let mut faults = Fault::all(&calls, &out);
        if let Some(text) = &self.setting.fault {
            faults.retain(|fault| fault.in_words(self.folder).contains(text));
        }
        let most = self.setting.rounds * FAULTS_A_ROUND;
        if faults.len() > most {
            tally.add("faults left out by chance", faults.len() - most);
            faults = Chance::new(self.setting.seed()).sample(faults, most);
        }
        for fault in &faults {
            let words = fault.in_words(self.folder);
            let name = format!("{}-{}", tally.scenario, tally.rounds);
            let repeat = format!(
                "cargo xtask faults --only {} --fault '{words}'\n  that is: {}",
                tally.scenario,
                as_typed(&self.strace.inject(fault, &self.command(&out), Path::new("strace.log")))
            );
            // The output has always the same path, and is moved where it can be kept.
            let kept = |folder: &Path| {
                let _ = fs::rename(&out, folder.join("out"));
                for name in ["strace", "stdout", "stderr"] {
                    let _ = fs::rename(self.folder.join(name), folder.join(name));
                }
            };
            self.setting.round_in(
                self.setting.work(),
                &name,
                &repeat,
                tally,
                |folder, tally| {
                    let struck = self.strike(fault, &out, tally).with_context(|| words.clone());
                    struck.inspect_err(|_| kept(folder))
                },
            )?;
        }
        Ok(())
    }

    fn command(&self, out: &Path) -> Command {
        let mut command = self.reference.job.command(out);
        command.args(["--jobs", "1", "--json"]).args(&self.options);
        command
    }

    fn prepare(&self, out: &Path) -> Result<()> {
        if out.exists() {
            fs::remove_dir_all(out)?;
        }
        match &self.begun {
            Some(begun) => tree::copy(begun, out),
            None => Ok(()),
        }
    }

    /// Runs the command with the fault, judges what came of it, and runs it again without.
    fn strike(&self, fault: &Fault, out: &Path, tally: &mut Tally) -> Result<()> {
        self.prepare(out)?;
        let log = self.folder.join("strace");
        let mut injected = self.strace.inject(fault, &self.command(out), &log);
        let ended = Running::start(&mut injected, self.folder)?.wait()?;
        if !fault.has_struck(&log)? {
            // A call that does not come up every time, such as one more read of a pipe.
            tally.count("calls that did not come");
            ended.require_code(self.reference.code)?;
            return self.reference.require_at(out);
        }
        let name = match fault.effect {
            Effect::Kill => "kill".to_owned(),
            Effect::Error(error) | Effect::ErrorFromHereOn(error) => error.to_owned(),
        };
        tally.count(format!("{} {name}", fault.call));
        let mut again = self.command(out);
        match self.verdict(fault, &ended, out)? {
            Verdict::Killed => tally.count("→ killed"),
            Verdict::EndedWell => tally.count("→ ended well all the same"),
            Verdict::SaidWhy => tally.count("→ ended with one sentence"),
            Verdict::OneRowMore => {
                tally.count("→ one row more in the ledger");
                if !self.options.iter().any(|word| word == "--overwrite") {
                    let retries = self.setting.has("--retry-failed");
                    again.arg(if retries { "--retry-failed" } else { "--overwrite" });
                }
            }
        }
        self.reference.finish(&mut again, out)?;
        Ok(())
    }

    /// Returns an error if parts that were there were computed again, whatever else failed.
    fn require_parts_taken(&self, fault: &Fault, ended: &Ended) -> Result<()> {
        let Some(begun) = &self.begun else { return Ok(()) };
        // A part that cannot be read is not there, and one whose recordings cannot be looked at may be
        // an old one.
        let corpus = self.reference.job.corpus.folder();
        let parts = self.folder.join("out").join(WORK_DIR).join("parts");
        // Parts are opened in their folder, and that in those above it.
        let excuses = |path: &PathBuf| {
            path.extension().is_some_and(|it| it == "part")
                || path.starts_with(corpus)
                || (!fault.changes && parts.starts_with(path))
        };
        if Phase::of(begun, None) != Phase::Computing || fault.paths.iter().any(excuses) {
            return Ok(());
        }
        let (parts, json) = (Parts::of(begun)?.count() as u64, ended.json()?);
        let resumed = json["resumed_parts"].as_u64().context("no resumed_parts in --json")?;
        ensure!(resumed == parts, "{parts} parts were there, and {resumed} were taken");
        Ok(())
    }

    /// Compares how a run ended that this fault struck with how the undisturbed one did.
    ///
    /// # Errors
    /// It lost something, or did not say what happened.
    fn verdict(&self, fault: &Fault, ended: &Ended, out: &Path) -> Result<Verdict> {
        let reference = self.reference;
        if fault.effect == Effect::Kill && ended.code() == 137 {
            return Ok(Verdict::Killed);
        }
        let new_lines = reference.new_lines(&ended.said());
        if ended.code() == reference.code {
            let same = reference.require_at(out);
            if same.is_ok() {
                self.require_parts_taken(fault, ended)?;
                // Whether a folder holds a TIMIT can be told without looking into it.
                let is_looked_into = !fault.changes && fault.paths.iter().all(|it| it.is_dir());
                if fault.is_a_lack_of_files() && !is_looked_into {
                    let says_so = new_lines.iter().any(|line| line.contains("files are open"));
                    ensure!(says_so, "it waited and did not say so\n{}", ended.stderr);
                }
                return Ok(Verdict::EndedWell);
            }
            // Where a recording cannot be read, that is one bad recording, or the bad one is bad for
            // another reason. A folder is more than one, and does not show in the ledger.
            let is_bad_recording = !fault.changes && fault.paths.iter().all(|it| it.is_file());
            let one_more = reference.failures..=reference.failures + 1;
            if is_bad_recording && one_more.contains(&rows(out)?) && !new_lines.is_empty() {
                ensure!(
                    !fault.passes(),
                    "it passes, and yet it is in the ledger\n{}",
                    ended.stderr
                );
                return Ok(Verdict::OneRowMore);
            }
            same.context(format!("exit code {}", ended.code()))?;
        }
        ensure!(ended.code() == 2, "exit code {}\n{}", ended.code(), ended.stderr);
        // A call that every worker process makes first kills them all, one after the other.
        if fault.effect == Effect::Kill {
            let says_so = new_lines.iter().any(|line| line.contains("workers died"));
            ensure!(says_so, "it was not killed, and yet it ended\n{}", ended.stderr);
            return Ok(Verdict::SaidWhy);
        }
        ensure!(!fault.passes(), "it passes, and yet it ended the run\n{}", ended.stderr);
        // About the corpus it can only say what cannot be read; what is written has ways out.
        let corpus = reference.job.corpus.folder().display().to_string();
        if !(fault.paths.iter().all(|it| it.starts_with(&corpus))
            && matches!(&new_lines[..], [line] if line.contains(&corpus)))
        {
            require_one_sentence(&new_lines)
                .map_err(|error| anyhow!("{error}\n{}", ended.stderr))?;
        }
        Ok(Verdict::SaidWhy)
    }
}

/// The consequence of a fault.
#[derive(Debug, Clone, Copy)]
enum Verdict {
    Killed,
    EndedWell,
    SaidWhy,
    OneRowMore,
}

/// Words of which a sentence has one that says what to do.
const WAYS_OUT: [&str; 9] = [
    "same command",
    "--out",
    "--overwrite",
    "--no-lock",
    "ulimit",
    "make room",
    "wait for it",
    "permission",
    "run it again",
];

/// # Errors
/// If it is not one sentence, or says no way out.
pub(crate) fn require_one_sentence(lines: &[&str]) -> Result<()> {
    let errors: Vec<_> = lines.iter().filter(|line| !line.contains("files are open")).collect();
    let [line] = errors[..] else { bail!("{} sentences where one was expected", errors.len()) };
    ensure!(WAYS_OUT.iter().any(|way| line.contains(way)), "no word of what to do: {line}");
    Ok(())
}
