//! strace: which system calls a run makes, and one of them made to fail.
//!
//! strace counts calls per thread, so a fault is aimed at the calls of one name *that touch one path*:
//! a file is touched by few threads, and every call of the coordinator's and of a worker's gets its
//! turn, whichever comes first. Names of files may hold the number of the process that writes them; so
//! each run has a world of processes of its own, where it has the same numbers every time.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::call::Call;
use super::fault::{Effect, Fault};
use super::running::Running;

/// All calls that make, change or remove a file, and those that read one.
const TRACED: &str = "openat,open,creat,write,pwrite64,writev,pwritev,rename,renameat,renameat2,unlink,\
                      unlinkat,rmdir,mkdir,mkdirat,fsync,fdatasync,sync_file_range,ftruncate,\
                      fallocate,flock,linkat,link,utimensat,read,pread64,readv,getdents64,statx,newfstatat";

/// The program that sees and changes system calls.
#[derive(Debug)]
pub(crate) struct Strace {
    /// The words that start it.
    words: &'static [&'static str],
}

/// The ways into a namespace of processes of its own (unshare(1)), as root and as anybody else.
const APART: [&[&str]; 2] = [
    &["unshare", "--fork", "--pid", "--mount-proc"],
    &["unshare", "--user", "--map-root-user", "--fork", "--pid", "--mount-proc"],
];

impl Strace {
    /// # Errors
    /// If there is none, with what to type.
    pub(crate) fn find() -> Result<Self> {
        let works = |words: &[&str]| {
            let mut command = Command::new("env");
            command.args(words).args(["strace", "-V"]).stdout(Stdio::null()).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        if !works(&[]) {
            bail!("strace is missing, without which no system call fails: apt-get install strace");
        }
        let words = APART.into_iter().find(|words| works(words)).unwrap_or_default();
        Ok(Self { words })
    }

    /// `strace … -o LOG`, in the environment of the command that is to follow.
    fn command(&self, command: &Command, log: &Path) -> Command {
        let mut strace = Command::new("env");
        strace.args(self.words).args(["strace", "-f", "-qq", "-y", "-o"]).arg(log);
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => strace.env(name, value),
                None => strace.env_remove(name),
            };
        }
        strace
    }

    /// Runs a command to its end and returns the calls that touch something below one of the folders.
    pub(crate) fn calls(
        &self,
        command: &Command,
        folders: &[&Path],
        beside: &Path,
    ) -> Result<Vec<Call>> {
        let log = beside.join("strace");
        let mut traced = self.command(command, &log);
        traced.args(["-s", "0", "-e", &format!("trace={TRACED}")]);
        let ended = Running::start(&mut then(traced, command), beside)?.wait()?;
        if ended.code() > 2 {
            bail!("exit code {} under strace: {}", ended.code(), ended.stderr);
        }
        read(&log, folders)
    }

    /// The command with this fault in its way.
    ///
    /// - `log`: where strace writes what it saw, for [`Fault::has_struck`]
    pub(crate) fn inject(&self, fault: &Fault, command: &Command, log: &Path) -> Command {
        let mut strace = self.command(command, log);
        let (call, number) = (&fault.call, fault.number);
        strace.args(["-e", &format!("trace={call}"), "-e"]).arg(match fault.effect {
            Effect::Kill => format!("inject={call}:signal=KILL:when={number}"),
            Effect::Error(error) => format!("inject={call}:error={error}:when={number}"),
            Effect::ErrorFromHereOn(error) => {
                format!("inject={call}:error={error}:when={number}+")
            }
        });
        for path in &fault.paths {
            strace.arg("-P").arg(path);
        }
        then(strace, command)
    }
}

fn then(mut strace: Command, command: &Command) -> Command {
    strace.arg(command.get_program()).args(command.get_args());
    strace
}

/// The calls that strace wrote down, of those that touch something below one of the folders.
fn read(log: &Path, folders: &[&Path]) -> Result<Vec<Call>> {
    let text = fs::read_to_string(log).with_context(|| format!("cannot read {}", log.display()))?;
    let mut numbers = HashMap::new();
    let mut calls = Vec::new();
    for line in text.lines() {
        let Some((thread, name, path, changes)) = parse(line) else { continue };
        let word = word(line);
        let opens_folder = line.contains("O_DIRECTORY");
        if !folders.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let number = numbers.entry((thread.to_owned(), name.to_owned(), path.clone())).or_insert(0);
        *number += 1;
        let (name, number) = (name.to_owned(), *number);
        calls.push(Call { name, path, word, number, changes, opens_folder });
    }
    Ok(calls)
}

/// The thread, the name and the path of a call, and whether it changes something:
/// `THREAD NAME(AT</cwd>, "PATH", FLAGS…`, `THREAD NAME(FD</PATH>, …` or `THREAD NAME("PATH", …`.
fn parse(line: &str) -> Option<(&str, &str, PathBuf, bool)> {
    let (thread, rest) = line.split_once(' ')?;
    let (name, arguments) = rest.trim_start().split_once('(')?;
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        // The other half of a call that another thread's came between.
        return None;
    }
    let quoted = |text: &str| Some(text.split_once('"')?.1.split_once('"')?.0.to_owned());
    let path = match arguments.strip_prefix("AT_FDCWD<") {
        Some(rest) => quoted(rest)?,
        None if arguments.starts_with('"') => quoted(arguments)?,
        None => arguments.split_once('<')?.1.split_once('>')?.0.to_owned(),
    };
    let reads = ["read", "pread64", "readv", "getdents64", "statx", "newfstatat"];
    let opens_to_read = arguments.contains("O_RDONLY") && !arguments.contains("O_CREAT");
    let only_reads = reads.contains(&name) || (name.starts_with("open") && opens_to_read);
    Some((thread, name, path.into(), !only_reads))
}

/// The name that a call has in an open folder: `NAME(FD</PATH>, "WORD", …`.
fn word(line: &str) -> Option<String> {
    let (_, arguments) = line.split_once('(')?;
    let (_, rest) = arguments.split_once(">, \"").filter(|(fd, _)| !fd.contains('"'))?;
    let word = rest.split_once('"')?.0;
    let is_in_folder = !arguments.starts_with("AT_FDCWD") && !word.is_empty();
    is_in_folder.then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_call_is_what_strace_selects_it_by() {
        for (line, expected) in [
            ("12 rename(\"/o/a\", \"/o/b\") = 0", Some(("12", "rename", "/o/a", true))),
            (
                "7  openat(AT_FDCWD</home>, \"/o/a\", O_WRONLY|O_CREAT, 0666) = 4</o/a>",
                Some(("7", "openat", "/o/a", true)),
            ),
            (
                "7 openat(AT_FDCWD</home>, \"/o/a\", O_RDONLY|O_CLOEXEC) = 4</o/a>",
                Some(("7", "openat", "/o/a", false)),
            ),
            ("7 unlinkat(4</o>, \"a\", 0) = 0", Some(("7", "unlinkat", "/o", true))),
            (
                "7 openat(4</o>, \"a\", O_RDONLY|O_NOFOLLOW|O_DIRECTORY) = 5</o/a>",
                Some(("7", "openat", "/o", false)),
            ),
            ("7 newfstatat(4</o>, \"a\", {}, 0) = 0", Some(("7", "newfstatat", "/o", false))),
            ("7 write(4</o/a>, \"\"..., 12) = 12", Some(("7", "write", "/o/a", true))),
            ("7 fsync(4</o/a> <unfinished ...>", Some(("7", "fsync", "/o/a", true))),
            ("7 <... fsync resumed>) = 0", None),
            ("7 +++ killed by SIGKILL +++", None),
        ] {
            let expected = expected.map(|(t, n, path, c)| (t, n, PathBuf::from(path), c));
            assert_eq!(parse(line), expected, "{line}");
        }
    }

    #[test]
    fn a_name_in_an_open_folder_is_told_from_a_path() {
        for (line, expected) in [
            ("7 unlinkat(4</o>, \"a\", 0) = 0", Some("a")),
            ("7 renameat(4</o>, \"a\", 5</o/b>, \"c\") = 0", Some("a")),
            ("7 openat(AT_FDCWD</home>, \"/o/a\", O_RDONLY) = 4</o/a>", None),
            ("7 write(4</o/a>, \"\"..., 12) = 12", None),
            ("7 rename(\"/o/a\", \"/o/b\") = 0", None),
            ("7 fsync(4</o/a>) = 0", None),
        ] {
            assert_eq!(word(line).as_deref(), expected, "{line}");
        }
    }
}
