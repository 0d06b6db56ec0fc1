//! The output of a command, as Kaldi takes it for a recording: `sph2pipe -f wav a.sph |`.
//!
//! Kaldi hands the text to the C library's `popen` ("Kaldi I/O mechanisms", extended file names), which POSIX
//! says runs `sh -c`. The output is kept in a file, and not in memory.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::{error::HeldError, watcher::Watcher};

/// The most bytes that a command may write: an hour of eight channels at 48 kHz, of 24 bits.
const MOST_BYTES: u64 = 4 << 30;

/// The longest that a command may take: what reads a day of audio from a slow disk takes less.
const LONGEST: Duration = Duration::from_secs(600);

/// The most of what it writes to standard error that is told.
const MOST_SAID: u64 = 400;

/// How often a command is looked at. It begins with the shortest pause, as most are done at once.
const PAUSES: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(20)];

/// The commands of a process that are running. They end when it does, however it ends.
#[derive(Debug, Default)]
pub(super) struct Commands(Mutex<Running>);

#[derive(Debug, Default)]
struct Running {
    /// The numbers of their groups of processes.
    groups: Vec<u32>,
    /// Who ends them once this process cannot; absent before the first of them.
    watcher: Option<Watcher>,
}

impl Commands {
    /// Runs a command, and returns its output.
    ///
    /// - `folder`: the folder that it runs in, as paths in it are relative to that
    /// - `should_stop`: is asked now and then
    ///
    /// # Errors
    /// It cannot be started, ends with another status than 0, writes or takes too much, or was asked to
    /// stop.
    pub(super) fn output(
        &self,
        command: &str,
        folder: &Path,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<File, HeldError> {
        let (output, said, mut group) = {
            // One command at a time is being started: that takes two more files for a moment.
            let mut running = self.running();
            let (output, said) = (tempfile::tempfile()?, tempfile::tempfile()?);
            let child = Command::new("sh")
                .arg("-c")
                .arg(command)
                .current_dir(folder)
                .stdin(Stdio::null())
                .stdout(output.try_clone()?)
                .stderr(said.try_clone()?)
                // A group of its own, which is ended as a whole: a shell's end is not that of what it
                // started.
                .process_group(0)
                .spawn()?;
            let group = Group { child, commands: self };
            running.groups.push(group.child.id());
            // Ended without the lock, which its end takes.
            let told = running.tell();
            drop(running);
            told?;
            (output, said, group)
        };
        let status = group.wait(&output, &said, should_stop)?;
        if !status.success() {
            return Err(HeldError::Command { how: ended(status), said: last_said(said)? });
        }
        Ok(output)
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    /// Tells the watcher what runs now. One that somebody has ended is started again.
    fn tell(&mut self) -> io::Result<()> {
        if let Some(watcher) = &mut self.watcher
            && watcher.tell(&self.groups).is_ok()
        {
            return Ok(());
        }
        self.watcher.insert(Watcher::start()?).tell(&self.groups)
    }
}

/// A command that was started, with whatever it has started itself. It is ended when this is dropped.
struct Group<'a> {
    child: Child,
    commands: &'a Commands,
}

impl Group<'_> {
    fn wait(
        &mut self,
        output: &File,
        said: &File,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<ExitStatus, HeldError> {
        let begin = Instant::now();
        let [mut pause, longest] = PAUSES;
        loop {
            // Looked at before the command is: all that it wrote counts once it has ended.
            let status = self.child.try_wait()?;
            if output.metadata()?.len() > MOST_BYTES || said.metadata()?.len() > MOST_BYTES {
                return Err(HeldError::CommandLimit { what: "writes more than 4 GiB" });
            }
            if let Some(status) = status {
                return Ok(status);
            }
            if begin.elapsed() > LONGEST {
                return Err(HeldError::CommandLimit { what: "takes longer than 10 minutes" });
            }
            if should_stop() {
                return Err(HeldError::Read(io::Error::other("it was asked to stop")));
            }
            thread::sleep(pause);
            pause = (2 * pause).min(longest);
        }
    }
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        let id = self.child.id();
        if let Ok(None) = self.child.try_wait() {
            // A process that has ended by now is no fault.
            if let Some(group) = rustix::process::Pid::from_raw(id as i32) {
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
            let _ = self.child.wait();
        }
        let mut running = self.commands.running();
        running.groups.retain(|group| *group != id);
        // One that is gone is started again for the next command.
        let _ = running.tell();
    }
}

/// Tells how a command ended.
fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        // A shell's word for a command that it does not find (POSIX, "Exit Status for Commands").
        (Some(127), _) => "ended with status 127: a program in it is not there".to_owned(),
        (Some(code), _) => format!("ended with status {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}

/// The end of what it wrote to standard error, on one line.
fn last_said(mut said: File) -> io::Result<String> {
    let bytes = said.metadata()?.len();
    said.seek(SeekFrom::Start(bytes.saturating_sub(MOST_SAID)))?;
    let mut text = Vec::new();
    said.take(MOST_SAID).read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Ok(lines.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(command: &str) -> Result<Vec<u8>, HeldError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "bytes").unwrap();
        let mut output = Commands::default().output(command, folder.path(), &|| false)?;
        output.seek(SeekFrom::Start(0)).unwrap();
        let mut bytes = Vec::new();
        output.read_to_end(&mut bytes).unwrap();
        Ok(bytes)
    }

    #[test]
    fn a_shell_runs_it_in_the_folder_and_without_input() {
        assert_eq!(run("cat a | tr b B && cat").unwrap(), b"Bytes");
        assert_eq!(run("echo $((1+1)); echo no >&2").unwrap(), b"2\n");
    }

    #[test]
    fn its_status_and_what_it_said_are_the_error() {
        let message = |command| run(command).unwrap_err().to_string();
        assert_eq!(
            message("echo one >&2; echo two >&2; exit 3"),
            "the command ended with status 3: one; two"
        );
        let gone = message("no-such-program-of-all a");
        assert!(gone.starts_with("the command ended with status 127: a program in it"), "{gone}");
        assert!(gone.contains("no-such-program-of-all"), "{gone}");
        assert_eq!(message("kill -9 $$"), "the command was ended by signal 9");
    }

    #[test]
    fn whatever_it_has_started_ends_when_it_is_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let command = "(sleep 1.5; touch late) & touch early; sleep 60";
        let early = folder.path().join("early");
        let begin = Instant::now();
        let stopped = || early.exists();
        let error = Commands::default().output(command, folder.path(), &stopped).unwrap_err();
        assert!(matches!(error, HeldError::Read(_)), "{error}");
        assert!(begin.elapsed() < Duration::from_secs(30));
        thread::sleep(Duration::from_secs(2));
        assert!(!folder.path().join("late").exists(), "what it has started goes on");
    }
}
