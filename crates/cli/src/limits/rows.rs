//! The limits of a process, as `ulimit -a` of bash shows them.

use rlimit::Resource;
use serde::{Deserialize, Serialize};

/// A limit of a process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Limit {
    /// The option of `ulimit` that shows it.
    pub(super) letter: char,
    pub(super) name: String,
    /// What bash counts it in.
    pub(super) unit: Option<String>,
    /// The limit in force, in that unit; absent where there is none.
    pub(super) soft: Option<u64>,
    /// What it may be raised to.
    pub(super) hard: Option<u64>,
}

/// The limits that there are, with bash's names and units, and how many of the system's units one of bash's is; in
/// bash's order.
const KINDS: [(Resource, char, &str, Option<&str>, u64); 16] = [
    (Resource::RTTIME, 'R', "real-time non-blocking time", Some("microseconds"), 1),
    (Resource::CORE, 'c', "core file size", Some("blocks"), 1024),
    (Resource::DATA, 'd', "data seg size", Some("kbytes"), 1024),
    (Resource::NICE, 'e', "scheduling priority", None, 1),
    (Resource::FSIZE, 'f', "file size", Some("blocks"), 1024),
    (Resource::SIGPENDING, 'i', "pending signals", None, 1),
    (Resource::MEMLOCK, 'l', "max locked memory", Some("kbytes"), 1024),
    (Resource::RSS, 'm', "max memory size", Some("kbytes"), 1024),
    (Resource::NOFILE, 'n', "open files", None, 1),
    (Resource::MSGQUEUE, 'q', "POSIX message queues", Some("bytes"), 1),
    (Resource::RTPRIO, 'r', "real-time priority", None, 1),
    (Resource::STACK, 's', "stack size", Some("kbytes"), 1024),
    (Resource::CPU, 't', "cpu time", Some("seconds"), 1),
    (Resource::NPROC, 'u', "max user processes", None, 1),
    (Resource::AS, 'v', "virtual memory", Some("kbytes"), 1024),
    (Resource::LOCKS, 'x', "file locks", None, 1),
];

/// What a pipe takes in one piece, in units of 512 bytes; nothing changes it.
const PIPE: (char, &str, &str) = ('p', "pipe size", "512 bytes");

/// Returns the limits of this process.
pub(super) fn now() -> Vec<Limit> {
    let mut limits = Vec::new();
    for (resource, letter, name, unit, scale) in KINDS {
        if letter > PIPE.0 && !limits.iter().any(|limit: &Limit| limit.letter == PIPE.0) {
            limits.push(pipe());
        }
        let Ok((soft, hard)) = resource.get() else { continue };
        let scaled = |limit: u64| (limit != rlimit::INFINITY).then_some(limit / scale);
        limits.push(Limit {
            letter,
            name: name.to_owned(),
            unit: unit.map(str::to_owned),
            soft: scaled(soft),
            hard: scaled(hard),
        });
    }
    limits
}

fn pipe() -> Limit {
    let (letter, name, unit) = PIPE;
    let size = Some(libc::PIPE_BUF as u64 / 512);
    Limit { letter, name: name.to_owned(), unit: Some(unit.to_owned()), soft: size, hard: size }
}

impl Limit {
    /// `open files (-n)`, `stack size (kbytes, -s)`.
    pub(super) fn label(&self) -> String {
        match &self.unit {
            Some(unit) => format!("{} ({unit}, -{})", self.name, self.letter),
            None => format!("{} (-{})", self.name, self.letter),
        }
    }

    /// The limit in force and what it may be raised to, for people.
    pub(super) fn figures(&self) -> [String; 2] {
        [self.soft, self.hard].map(figure)
    }
}

/// A limit for people.
pub(super) fn figure(limit: Option<u64>) -> String {
    limit.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// bash itself is the oracle; where there is none, nothing is compared.
    #[test]
    fn limits_are_what_bash_shows() {
        for (option, of) in [("-Sa", 0), ("-Ha", 1)] {
            let Ok(ran) = Command::new("bash").args(["-c", &format!("ulimit {option}")]).output()
            else {
                return;
            };
            let shown = String::from_utf8(ran.stdout).unwrap();
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let shown: Vec<_> = shown.lines().map(words).collect();
            let ours: Vec<_> = now()
                .iter()
                .map(|limit| format!("{} {}", limit.label(), limit.figures()[of]))
                .collect();
            assert_eq!(ours, shown);
        }
    }
}
