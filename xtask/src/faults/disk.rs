//! Disks that are full, read-only or gone, and standard streams that nobody reads.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};

use super::chance::Chance;
use super::corpus::Corpus;
use super::job::{Job, Reference};
use super::moment::Moment;
use super::mount::Mount;
use super::running::{Ended, Running};
use super::setting::Setting;
use super::sweep::require_one_sentence;
use super::tally::Tally;

/// A disk that holds all that is written at once, and some.
const ENOUGH_KIB: u64 = 64 * 1024;

pub(crate) fn disk(setting: &Setting, tally: &mut Tally, ground: &Path) -> Result<()> {
    let tiny = Corpus::tiny(ground.join("tiny"))?;
    let tiny = Reference::make(Job::new(setting, tiny, &[]), ground)?;
    let small = Reference::small(setting, ground)?;
    let can_mount = Mount::new(ground.join("mount"), ENOUGH_KIB).map(drop);
    if let Err(error) = &can_mount {
        tally.not_run(format!("a full disk and a read-only one: {error:#}"));
    }
    setting.play(tally, setting.rounds, |folder, chance, tally| {
        let kind = chance.turn(5);
        let mut at = At { setting, folder, chance, tally };
        match kind {
            0 => at.small_files(&tiny).context("ulimit -f"),
            1 => at.folder_gone(&small).context("the folder is gone"),
            2 => at.streams(&tiny).context("standard streams"),
            _ if can_mount.is_err() => Ok(()),
            3 => at.read_only(&tiny).context("a read-only disk"),
            _ => at.full_disk(&small).context("a full disk"),
        }
    })
}

/// The surroundings of a round.
struct At<'a> {
    setting: &'a Setting,
    folder: &'a Path,
    chance: &'a mut Chance,
    tally: &'a mut Tally,
}

impl At<'_> {
    fn command(&mut self, reference: &Reference, out: &Path) -> Command {
        let mut command = reference.job.command(out);
        command.args(self.setting.any_workers(self.chance));
        command
    }

    /// Returns an error unless the run made the dataset, or could not go on and said so in one sentence.
    fn require_end(&mut self, reference: &Reference, ended: &Ended, out: &Path) -> Result<()> {
        if ended.code() == reference.code {
            reference.require_at(out)?;
            self.tally.count("→ ended well all the same");
        } else {
            ended.require_code(2)?;
            let lines = reference.new_lines(&ended.said());
            require_one_sentence(&lines).map_err(|error| anyhow!("{error}\n{}", ended.stderr))?;
            self.tally.count("→ ended with one sentence");
        }
        Ok(())
    }

    /// A file that grows past the limit sends a signal, which must not be the end.
    fn small_files(&mut self, reference: &Reference) -> Result<()> {
        for kib in [1, 4, 16, 64] {
            let out = self.folder.join(format!("limit-{kib}"));
            let job = self.command(reference, &out);
            let mut bash = Command::new("bash");
            bash.arg("-c").arg(format!("ulimit -f {kib} && exec \"$0\" \"$@\""));
            bash.arg(job.get_program()).args(job.get_args());
            let ended = Running::start(&mut bash, self.folder)?.wait()?;
            self.tally.count("small limits of file sizes");
            self.require_end(reference, &ended, &out)?;
            reference.finish(&mut self.command(reference, &out), &out)?;
        }
        Ok(())
    }

    fn full_disk(&mut self, reference: &Reference) -> Result<()> {
        let kib = 64 + self.chance.below(6 * 1024) as u64;
        let mount = Mount::new(self.folder.join("disk"), kib)?;
        let out = mount.path().join("out");
        // It looks at the space before it begins, and not when it goes on with something.
        let looks = self.chance.one_in(4);
        if !looks {
            fs::create_dir_all(out.join(".ossicle"))?;
        }
        let ended = Running::start(&mut self.command(reference, &out), self.folder)?.wait()?;
        self.tally.count(if looks { "disks too small" } else { "disks full on the way" });
        self.require_end(reference, &ended, &out).with_context(|| format!("{kib} KiB"))?;
        mount.change(&format!("size={ENOUGH_KIB}k"))?;
        finish(reference, &mut self.command(reference, &out), &out, self.folder)
    }

    fn read_only(&mut self, reference: &Reference) -> Result<()> {
        let mount = Mount::new(self.folder.join("read-only"), ENOUGH_KIB)?;
        let out = mount.path().join("out");
        fs::create_dir_all(&out)?;
        mount.change("ro")?;
        let ended = Running::start(&mut self.command(reference, &out), self.folder)?.wait()?;
        ended.require_code(2)?;
        self.tally.count("read-only disks");
        self.require_end(reference, &ended, &out)?;
        mount.change("rw")?;
        finish(reference, &mut self.command(reference, &out), &out, self.folder)
    }

    /// The output folder is removed, or moved away, under the run.
    fn folder_gone(&mut self, reference: &Reference) -> Result<()> {
        let (out, elsewhere) = (self.folder.join("gone"), self.folder.join("elsewhere"));
        let moment = Moment::any(self.chance, &out, reference.took);
        let mut running = Running::start(&mut self.command(reference, &out), self.folder)?;
        let is_running = moment.wait(&mut running)?;
        if is_running && self.chance.one_in(2) {
            match fs::rename(&out, &elsewhere) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                renamed => renamed?,
            }
            self.tally.count("folders moved away");
        } else if is_running {
            // Again, while the run still makes files in it.
            for _ in 0..100 {
                match fs::remove_dir_all(&out) {
                    Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
                    _ => break,
                }
                thread::sleep(Duration::from_micros(100));
            }
            self.tally.count("folders removed");
        }
        let ended = running.wait()?;
        if ended.code() == reference.code && !out.exists() {
            // It was gone when all was done.
            self.tally.count("→ gone after the end");
        } else {
            self.require_end(reference, &ended, &out)?;
        }
        reference.finish(&mut self.command(reference, &out), &out)?;
        Ok(())
    }

    fn streams(&mut self, reference: &Reference) -> Result<()> {
        let full = || File::options().write(true).open("/dev/full").context("no /dev/full");
        let closed = || -> Result<io::PipeWriter> { Ok(io::pipe()?.1) };
        let said = [self.folder.join("stdout"), self.folder.join("stderr")];
        let [stdout, stderr] = &said;

        let out = self.folder.join("full-stdout");
        let mut command = self.command(reference, &out);
        command.stdout(full()?);
        let ended =
            Running::start_printing(&mut command, "/dev/null".into(), stderr.clone())?.wait()?;
        ended.require_code(2)?;
        let lines = reference.new_lines(&ended.said());
        ensure!(lines.len() == 1, "{} sentences where one was expected", lines.len());
        reference.require_at(&out).context("stdout is full")?;
        self.tally.count("full standard outputs");

        let out = self.folder.join("closed-stdout");
        let mut command = self.command(reference, &out);
        command.stdout(closed()?);
        let ended =
            Running::start_printing(&mut command, "/dev/null".into(), stderr.clone())?.wait()?;
        ended.require_code(reference.code)?;
        reference.require_at(&out).context("stdout is closed")?;
        self.tally.count("closed standard outputs");

        for (name, is_full) in [("full-stderr", true), ("closed-stderr", false)] {
            let out = self.folder.join(name);
            let mut command = self.command(reference, &out);
            command.stdout(File::create(stdout)?);
            match is_full {
                true => command.stderr(full()?),
                false => command.stderr(closed()?),
            };
            let silent = self.folder.join("silent");
            let ended = Running::start_as_is(&mut command, stdout.clone(), silent)?.wait()?;
            ended.require_code(reference.code)?;
            reference.require_at(&out).with_context(|| name.to_owned())?;
            self.tally.count("standard errors that take nothing");
        }
        Ok(())
    }
}

/// Finishes a run whose output goes beside the mount, which is too small for it.
fn finish(reference: &Reference, command: &mut Command, out: &Path, beside: &Path) -> Result<()> {
    let ended = Running::start(command, beside)?.wait()?;
    ended.require_code(reference.code)?;
    reference.require_at(out).context("after finishing")
}
