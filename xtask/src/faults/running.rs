//! The program on its way: in a process group of its own, so that all of it can be killed at once.

use std::fs::{self, File};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;

use super::processes;

/// The time after which a run hangs: none here takes a tenth of it, also under strace.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// The time in which processes are gone that nothing keeps.
const TIME_TO_GO: Duration = Duration::from_secs(5);

/// A started program. What it prints goes to files beside the output.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    pid: Pid,
    /// The command as typed, for messages.
    words: String,
    stdout: PathBuf,
    stderr: PathBuf,
}

/// The end of a program: its status, and what it printed.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    words: String,
}

impl Running {
    /// - `beside`: the folder for what it prints, as `stdout` and `stderr`
    pub(crate) fn start(command: &mut Command, beside: &Path) -> Result<Self> {
        Self::start_as(command, beside, "")
    }

    /// - `name`: told apart from other programs that print into this folder
    pub(crate) fn start_as(command: &mut Command, beside: &Path, name: &str) -> Result<Self> {
        let stdout = beside.join(format!("stdout{name}"));
        command.stdout(File::create(&stdout)?);
        Self::start_printing(command, stdout, beside.join(format!("stderr{name}")))
    }

    /// Starts it with standard output as the command has it.
    pub(crate) fn start_printing(
        command: &mut Command,
        stdout: PathBuf,
        stderr: PathBuf,
    ) -> Result<Self> {
        command.stderr(File::create(&stderr)?);
        Self::start_as_is(command, stdout, stderr)
    }

    /// Starts it with standard output and standard error as the command has them.
    pub(crate) fn start_as_is(
        command: &mut Command,
        stdout: PathBuf,
        stderr: PathBuf,
    ) -> Result<Self> {
        command.stdin(Stdio::null()).process_group(0).env_remove("OSSICLE_SIMD");
        let words = as_typed(command);
        let child = command.spawn().with_context(|| format!("cannot start {words}"))?;
        let pid = Pid::from_child(&child);
        Ok(Self { child, pid, words, stdout, stderr })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Sends a signal to the program alone, as `kill` does.
    pub(crate) fn signal(&self, signal: Signal) {
        // A program that has ended takes no signal, and that is for `wait` to see.
        let _ = kill_process(self.pid, signal);
    }

    /// Sends a signal to the program and what it started, as a terminal does.
    pub(crate) fn signal_group(&self, signal: Signal) {
        let _ = kill_process_group(self.pid, signal);
    }

    /// Kills all of it, and returns when nothing of it is left. What had ended before by itself is
    /// returned.
    pub(crate) fn kill(mut self) -> Result<Option<Ended>> {
        self.signal_group(Signal::KILL);
        let status = self.child.wait()?;
        self.require_gone()?;
        let ended = self.ended(status)?;
        Ok((status.signal() != Some(Signal::KILL.as_raw())).then_some(ended))
    }

    /// Kills the program and not what it started, which has to go by itself.
    pub(crate) fn kill_alone(mut self) -> Result<()> {
        self.signal(Signal::KILL);
        self.child.wait()?;
        self.require_gone()
    }

    /// Waits for its end, which must come, with all that it started.
    pub(crate) fn wait(mut self) -> Result<Ended> {
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            if begin.elapsed() > TIME_LIMIT {
                self.signal_group(Signal::KILL);
                self.child.wait()?;
                bail!("it hung for {} s: {}", TIME_LIMIT.as_secs(), self.words);
            }
            thread::sleep(Duration::from_micros(500));
        };
        self.require_gone()?;
        self.ended(status)
    }

    /// Nothing that it started may outlive it.
    fn require_gone(&self) -> Result<()> {
        let begin = Instant::now();
        loop {
            let left = processes::members(self.id());
            if left.is_empty() {
                return Ok(());
            }
            if begin.elapsed() > TIME_TO_GO {
                self.signal_group(Signal::KILL);
                bail!("{} processes outlive the program: {}", left.len(), self.words);
            }
            thread::sleep(Duration::from_micros(500));
        }
    }

    fn ended(&self, status: ExitStatus) -> Result<Ended> {
        let read = |path: &Path| -> Result<String> {
            let bytes = if path.exists() { fs::read(path)? } else { Vec::new() };
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let (stdout, stderr) = (read(&self.stdout)?, read(&self.stderr)?);
        for sign in ["panicked at", "RUST_BACKTRACE"] {
            ensure!(!stderr.contains(sign), "it panicked: {}\n{stderr}", self.words);
        }
        Ok(Ended { status, stdout, stderr, words: self.words.clone() })
    }
}

impl Ended {
    /// Returns the exit code as a shell shows it.
    pub(crate) fn code(&self) -> i32 {
        let by_signal = || 128 + self.status.signal().unwrap_or_default();
        self.status.code().unwrap_or_else(by_signal)
    }

    /// # Errors
    /// If it ended otherwise.
    pub(crate) fn require_code(&self, code: i32) -> Result<()> {
        ensure!(
            self.code() == code,
            "exit code {} where {code} was expected: {}\n{}",
            self.code(),
            self.words,
            self.stderr
        );
        Ok(())
    }

    /// The one object that `--json` prints.
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.stdout).with_context(|| format!("no JSON from {}", self.words))
    }

    /// Returns what it said in its own name: failures, notices and errors, not the times.
    pub(crate) fn said(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with("ossicle: ")).collect()
    }
}

/// A command as one would type it in a shell.
pub(crate) fn as_typed(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let quoted = words.map(|word| {
        let word = word.to_string_lossy();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+".contains(c);
        match !word.is_empty() && word.chars().all(is_plain) {
            true => word.into_owned(),
            false => format!("'{}'", word.replace('\'', r"'\''")),
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_a_shell_would_split_are_quoted() {
        let mut command = Command::new("ossicle");
        command.args(["--out", "a b", "it's", ""]);
        assert_eq!(as_typed(&command), r"ossicle --out 'a b' 'it'\''s' ''");
    }
}
