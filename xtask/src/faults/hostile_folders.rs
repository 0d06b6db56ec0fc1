//! Links, pipes and the like, wherever the program opens, makes, renames or removes something: nothing
//! outside of its folder is touched, nothing is waited for, and a run that is refused has changed nothing.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::chance::Chance;
use super::corpus::Corpus;
use super::job::{Job, Reference};
use super::parts::Parts;
use super::phase::Phase;
use super::running::{Ended, Running};
use super::setting::Setting;
use super::strace::Strace;
use super::tally::Tally;
use super::tree::{self, CARD_FILE, Tree, WORK_DIR};
use super::victim::{Look, Victim};

const CASES_A_ROUND: usize = 20;

/// Places that a run has besides those that it was seen to have.
const MORE_PLACES: [&str; 8] = [
    WORK_DIR,
    ".ossicle/lock",
    ".ossicle/job.json",
    ".ossicle/old.json",
    ".ossicle/failures.jsonl",
    ".ossicle/parts",
    ".ossicle/stage/dataset.json",
    ".ossicle/repair/.ossicle/lock",
];

/// Something that is where a file or a folder belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Planted {
    /// A link to what somebody else has under that name, or to all they have.
    Link,
    /// A link to a name that nothing has yet in somebody else's folder.
    LinkToNothing,
    /// A link to somebody else's empty folder.
    LinkToEmpty,
    LinkToDevice,
    /// Another name of somebody else's file.
    OtherName,
    Fifo,
    Socket,
    Folder,
    File,
}

const PLANTED: [Planted; 9] = [
    Planted::Link,
    Planted::LinkToNothing,
    Planted::LinkToEmpty,
    Planted::LinkToDevice,
    Planted::OtherName,
    Planted::Fifo,
    Planted::Socket,
    Planted::Folder,
    Planted::File,
];

/// What lies in the output folder besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Nothing,
    /// Parts of a run that was stopped.
    Begun,
    /// A dataset that is staged and not in place.
    Staged,
    Complete,
}

/// The command that meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    Extract(&'static [&'static str]),
    /// Reads alone.
    Verify(&'static [&'static str]),
    Repair,
    Info,
    Speed,
    Demo,
    Spikes,
}

const EXTRACTS: [Run; 4] = [
    Run::Extract(&[]),
    Run::Extract(&["--overwrite"]),
    Run::Extract(&["--retry-failed"]),
    Run::Extract(&["--overwrite", "--set", "feature.num_ceps=13"]),
];

#[derive(Debug, Clone)]
struct Case {
    run: Run,
    before: Before,
    planted: Planted,
    /// Below the folder that the command is given.
    place: PathBuf,
}

/// What all cases share.
struct Ground<'a> {
    setting: &'a Setting,
    reference: Reference,
    complete: PathBuf,
    begun: PathBuf,
}

pub(crate) fn hostile_folders(setting: &Setting, tally: &mut Tally, ground: &Path) -> Result<()> {
    let corpus = Corpus::tiny(ground.join("corpus"))?;
    let reference = Reference::make(Job::new(setting, corpus, &[]), ground)?;
    let (complete, begun) = (ground.join("complete"), ground.join("begun"));
    let job = &reference.job;
    Running::start(&mut job.command(&complete), ground)?.wait()?.require_code(reference.code)?;
    stop_half_way(job, &begun, ground)?;

    let mut places: BTreeSet<PathBuf> = MORE_PLACES.iter().map(PathBuf::from).collect();
    for folder in [&complete, &begun] {
        places.extend(names_below(folder)?);
    }
    places.extend(traced(&reference, ground, tally)?);
    tally.add("places", places.len());
    let mut cases = Case::all(&places);
    if let Some(text) = &setting.fault {
        cases.retain(|case| case.in_words().contains(text));
    }
    let all = cases.len();
    cases = choose(cases, setting.rounds * CASES_A_ROUND, &mut Chance::new(setting.seed()));
    tally.add("cases left out by chance", all - cases.len());
    let ground = Ground { setting, reference, complete, begun };
    for (number, case) in cases.iter().enumerate() {
        let words = case.in_words();
        let repeat = format!("cargo xtask faults --only hostile-folders --fault '{words}'");
        let name = format!("hostile-folders-{number}");
        setting.round_in(setting.work(), &name, &repeat, tally, |folder, tally| {
            ground.meet(case, folder, tally).context(words)
        })?;
    }
    Ok(())
}

/// Kills a run when some of its parts are there.
fn stop_half_way(job: &Job, out: &Path, ground: &Path) -> Result<()> {
    for _ in 0..100 {
        let mut running = Running::start(job.command(out).args(["--jobs", "1"]), ground)?;
        while Parts::of(out)?.count() == 0 && !running.has_ended()? {
            thread::sleep(Duration::from_micros(50));
        }
        running.kill()?;
        if Phase::of(out, None) == Phase::Computing && Parts::of(out)?.count() > 0 {
            return Ok(());
        }
        fs::remove_dir_all(out).with_context(|| format!("cannot remove {}", out.display()))?;
    }
    bail!("no run in a hundred is killed while it has parts")
}

/// Chooses about so many cases, as many of each command, so that none is left out.
fn choose(cases: Vec<Case>, most: usize, chance: &mut Chance) -> Vec<Case> {
    let mut by_run: Vec<(Run, Vec<Case>)> = Vec::new();
    for case in cases {
        match by_run.iter_mut().find(|(run, _)| *run == case.run) {
            Some((_, of_run)) => of_run.push(case),
            None => by_run.push((case.run, vec![case])),
        }
    }
    let each = most.div_ceil(by_run.len().max(1));
    let some = |(_, of_run): (_, Vec<Case>)| match of_run.len() > each {
        true => chance.sample(of_run, each),
        false => of_run,
    };
    by_run.into_iter().flat_map(some).collect()
}

/// The names of everything below a folder.
fn names_below(root: &Path) -> Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            names.push(entry.path().strip_prefix(root)?.to_owned());
            if entry.file_type()?.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    Ok(names)
}

/// The places that a run, one that replaces its dataset and one that goes on from parts were seen to touch,
/// where system calls can be seen.
fn traced(reference: &Reference, ground: &Path, tally: &mut Tally) -> Result<Vec<PathBuf>> {
    let Ok(strace) = Strace::find() else {
        tally.count("without strace");
        return Ok(Vec::new());
    };
    let out = ground.join("traced");
    let mut places = Vec::new();
    for more in [&[][..], &["--overwrite", "--set", "feature.num_ceps=13"]] {
        let mut command = reference.job.command(&out);
        command.args(["--jobs", "1"]).args(more);
        for call in strace.calls(&command, &[&out], ground)? {
            let whole = call.word.map_or(call.path.clone(), |word| call.path.join(word));
            // Drafts have their process' number in their names, which is another every time.
            let is_draft = whole.extension().is_some_and(|extension| extension == "draft");
            match whole.strip_prefix(&out) {
                Ok(place) if place.as_os_str().is_empty() || is_draft => {}
                Ok(place) => places.push(place.to_owned()),
                Err(_) => {}
            }
        }
    }
    ensure!(!places.is_empty(), "strace saw no place");
    fs::remove_dir_all(&out)?;
    Ok(places)
}

impl Case {
    fn all(places: &BTreeSet<PathBuf>) -> Vec<Self> {
        let mut cases = Vec::new();
        let mut add = |run, before, planted, place: &Path| {
            cases.push(Self { run, before, planted, place: place.to_owned() });
        };
        for planted in PLANTED {
            for place in places {
                for run in EXTRACTS {
                    for before in [Before::Nothing, Before::Begun, Before::Staged, Before::Complete]
                    {
                        add(run, before, planted, place);
                    }
                }
                for run in [Run::Verify(&[]), Run::Verify(&["--deep"]), Run::Repair, Run::Info] {
                    add(run, Before::Complete, planted, place);
                }
                add(Run::Info, Before::Begun, planted, place);
            }
            for place in ["run-0-jobs-1", "run-0-jobs-1/dataset.json", "run-0-jobs-1/.ossicle"] {
                add(Run::Speed, Before::Nothing, planted, place.as_ref());
            }
            for place in ["corpus", "corpus/demo.json", "dataset", "dataset/.ossicle", "speed"] {
                add(Run::Demo, Before::Nothing, planted, place.as_ref());
            }
            add(Run::Spikes, Before::Nothing, planted, "spikes.npy".as_ref());
        }
        cases
    }

    fn in_words(&self) -> String {
        let Self { run, before, planted, place } = self;
        format!("{run:?} after {before:?}: {planted:?} at {}", place.display())
    }

    /// Whether it has to be refused: what is planted can be neither file nor folder of the program's.
    fn is_refused(&self) -> bool {
        use Planted::{Fifo, Link, LinkToDevice, LinkToEmpty, LinkToNothing, Socket};
        let is_neither = matches!(
            self.planted,
            Link | LinkToNothing | LinkToEmpty | LinkToDevice | Fifo | Socket
        );
        is_neither && matches!(self.run, Run::Extract(_) | Run::Repair)
    }
}

impl Ground<'_> {
    fn meet(&self, case: &Case, folder: &Path, tally: &mut Tally) -> Result<()> {
        let victim = Victim::new(folder.join("victim"))?;
        let out = folder.join("out");
        self.prepare(case, &out)?;
        let Some(_socket) = plant(case.planted, &out.join(&case.place), &victim)? else {
            tally.count("→ cannot be planted");
            return Ok(());
        };
        // Another name of a file is ours to take away.
        let look = || -> Result<Look> {
            let look = victim.look()?;
            let has_names = case.planted == Planted::OtherName;
            Ok(if has_names { look.whatever_its_names() } else { look })
        };
        let look_at_ours = || -> Result<Look> {
            let look = Look::at(&out)?;
            // Speed works in a folder of its own there.
            Ok(if case.run == Run::Speed { look.without(&out) } else { look })
        };
        let (theirs, ours) = (look()?, look_at_ours()?);
        let ended = Running::start(&mut self.command(case, &out, folder), folder)?.wait()?;
        theirs.require_same(&look()?).context("what is somebody else's")?;
        let is_same = ours.require_same(&look_at_ours()?);
        match case.run {
            Run::Verify(_) | Run::Info | Run::Speed | Run::Spikes => {
                ensure!((0..=2).contains(&ended.code()), "exit code {}", ended.code());
                is_same.context("it only reads there")?;
                tally.count("→ read, and changed nothing");
                return Ok(());
            }
            Run::Demo if ended.code() != 2 => {
                tally.count("→ a demo all the same");
                return Ok(());
            }
            Run::Repair if ended.code() == 0 => {
                ensure!(!case.is_refused(), "it was repaired over what is no file of it");
                self.require_judge(&out)?;
                tally.count("→ repaired all the same");
                return Ok(());
            }
            Run::Extract(words) if ended.code() == self.reference.code => {
                ensure!(!case.is_refused(), "it went through");
                if !words.contains(&"--set") {
                    self.require_judge(&out)?;
                }
                tally.count("→ went through all the same");
                return Ok(());
            }
            _ => {}
        }
        self.require_refused(case, &ended, &out)?;
        if case.is_refused() {
            is_same.context("it was refused, and yet something was changed")?;
        }
        tally.count("→ refused in one sentence");
        Ok(())
    }

    /// What is in place must be the dataset, whatever else lies beside it.
    fn require_judge(&self, out: &Path) -> Result<()> {
        self.reference.tree.require_same(&Tree::of(out)?)
    }

    fn prepare(&self, case: &Case, out: &Path) -> Result<()> {
        match case.before {
            Before::Nothing => fs::create_dir_all(out)?,
            Before::Begun => tree::copy(&self.begun, out)?,
            Before::Staged => {
                tree::copy(&self.begun, out)?;
                tree::copy(&self.complete, &out.join(WORK_DIR).join("stage"))?;
            }
            Before::Complete => tree::copy(&self.complete, out)?,
        }
        if case.run == Run::Repair {
            fs::write(out.join("train/utterances.jsonl"), "damaged")?;
        }
        // A folder of others' files is refused for that; one that was begun is not.
        if case.before == Before::Nothing && matches!(case.run, Run::Extract(_)) {
            fs::create_dir_all(out.join(WORK_DIR))?;
        }
        Ok(())
    }

    fn command(&self, case: &Case, out: &Path, folder: &Path) -> Command {
        let job = &self.reference.job;
        let corpus = job.corpus.words();
        let of_corpus = corpus.iter().flat_map(|word| ["--corpus", word.as_str()]);
        let mut command = Command::new(self.setting.program());
        let preset = ["--preset", "timit-mfcc"];
        match case.run {
            Run::Extract(words) => {
                command = job.command(out);
                command.args(words);
            }
            Run::Verify(words) => {
                command.arg("verify").arg(out).args(words);
                if !words.is_empty() {
                    command.args(of_corpus);
                }
            }
            Run::Repair => {
                command.arg("verify").arg(out).arg("--repair");
                command.args(of_corpus);
            }
            Run::Info => {
                command.arg("info").arg(out);
            }
            Run::Speed => {
                command.arg("speed").args(&corpus).args(preset).arg("--work").arg(out);
                command.args(["--jobs", "1", "--repeat", "1"]);
            }
            Run::Demo => {
                command.arg("demo").arg(out).args(["--scale", "0.002"]);
            }
            Run::Spikes => {
                command.arg("spikes").arg(job.corpus.folder().join("train/0.wav"));
                command.current_dir(out);
            }
        }
        // Scratch folders lie where they can be looked at.
        command.env("TMPDIR", folder);
        command
    }

    /// One sentence, which names the place, or one above it, where it is why.
    fn require_refused(&self, case: &Case, ended: &Ended, out: &Path) -> Result<()> {
        // Before it repairs, it reads: a card that is none is damage, and one that is not there is no dataset.
        if case.run == Run::Repair && case.place == Path::new(CARD_FILE) {
            ensure!(matches!(ended.code(), 1 | 2), "exit code {}", ended.code());
            return Ok(());
        }
        ended.require_code(2)?;
        let lines = self.reference.new_lines(&ended.said());
        let [line] = lines[..] else {
            bail!("{} sentences where one was expected:\n{}", lines.len(), ended.stderr)
        };
        let places = case.place.ancestors().filter(|place| !place.as_os_str().is_empty());
        let names = |place: &Path| line.contains(&out.join(place).display().to_string());
        let is_why = !case.is_refused() || places.into_iter().any(names);
        ensure!(is_why, "it does not name the place: {line}");
        Ok(())
    }
}

/// Plants something, in the place of what is there. What keeps it is returned; `None` where it cannot be
/// planted there.
fn plant(planted: Planted, place: &Path, victim: &Victim) -> Result<Option<Option<UnixListener>>> {
    let folder = place.parent().context("a place is in a folder")?;
    match fs::symlink_metadata(place) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(place)?,
        Ok(_) => fs::remove_file(place)?,
        Err(_) => fs::create_dir_all(folder)?,
    }
    match planted {
        Planted::Link => symlink(victim.like(place), place)?,
        Planted::LinkToNothing => symlink(victim.at("new"), place)?,
        Planted::LinkToEmpty => symlink(victim.at("empty"), place)?,
        Planted::LinkToDevice => symlink("/dev/zero", place)?,
        Planted::OtherName if victim.like(place).is_file() => {
            fs::hard_link(victim.like(place), place)?;
        }
        Planted::OtherName => return Ok(None),
        Planted::Fifo => {
            let made = Command::new("mkfifo").arg(place).status().context("cannot start mkfifo")?;
            ensure!(made.success(), "mkfifo: {made}");
        }
        Planted::Socket => {
            // The path of a socket has room for a hundred bytes.
            let bound = UnixListener::bind(place);
            return Ok(bound.ok().map(Some));
        }
        Planted::Folder => fs::create_dir(place)?,
        Planted::File => fs::write(place, "a file")?,
    }
    Ok(Some(None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_cases_of_every_command_are_chosen() {
        let places = BTreeSet::from([PathBuf::from("a"), PathBuf::from("b")]);
        let cases = Case::all(&places);
        let runs = |cases: &[Case]| {
            cases.iter().map(|case| format!("{:?}", case.run)).collect::<BTreeSet<_>>()
        };
        let chosen = choose(cases.clone(), 20, &mut Chance::new(1));
        assert_eq!(runs(&chosen), runs(&cases));
        assert!((20..40).contains(&chosen.len()), "{}", chosen.len());
        assert_eq!(choose(cases.clone(), usize::MAX, &mut Chance::new(1)).len(), cases.len());
    }
}
