//! How the limit of open files is raised here, for other programs than ossicle.

use std::fs;
use std::path::{Path, PathBuf};

use ossicle_engine::OpenFiles;

use super::system::{Inside, System};

/// As many open files as a program may want to have.
const ENOUGH: u64 = 65_535;

/// Where logins get their limits from.
const CONF: &str = "/etc/security/limits.conf";
const CONF_FOLDER: &str = "/etc/security/limits.d";

/// A line of advice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// A sentence, which may be broken.
    Said(String),
    /// What is typed, or stands in a file.
    Typed(String),
}

/// What can be changed, and how it is looked at afterwards: nothing that is so already.
pub(super) fn lines(files: &OpenFiles, system: &System) -> Vec<Line> {
    let is_enough_later = files.hard < ENOUGH && says_so(&conf_files());
    advise(files, system, is_enough_later)
}

/// - `says_so`: whether the next login has enough
fn advise(files: &OpenFiles, system: &System, says_so: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut say = |line: &str| lines.push(Line::of(line));
    if files.soft < files.hard {
        say("this shell and what it starts, without sudo:");
        say("    ulimit -n $(ulimit -Hn)");
    }
    if files.hard < ENOUGH {
        match system.inside {
            _ if system.name == "macos" => on_macos(&mut say),
            Inside::Kubernetes => {
                say(
                    "a container of Kubernetes has what the node's runtime gives it: on the node, with sudo,",
                );
                say("    LimitNOFILE=65535");
                say(
                    "in [Service] of `systemctl edit containerd`, then `systemctl restart containerd`",
                );
            }
            Inside::Container => {
                say("a container gets its limits when it is started:");
                say("    docker run --ulimit nofile=65535:65535 …");
                on_linux(&mut say, says_so);
            }
            Inside::Service => {
                say("a service of systemd, with sudo: in [Service] of `systemctl edit NAME`");
                say("    LimitNOFILE=65535");
                say("then `systemctl restart NAME`");
                on_linux(&mut say, says_so);
            }
            Inside::Login => on_linux(&mut say, says_so),
        }
    }
    if !lines.is_empty() {
        lines.push(Line::of("to look at it, in the same shell:"));
        lines.push(Line::of("    ulimit -Sn; ulimit -Hn"));
    }
    lines
}

impl Line {
    /// Takes what is indented as typed.
    fn of(line: &str) -> Line {
        match line.strip_prefix("    ") {
            Some(typed) => Line::Typed(typed.to_owned()),
            None => Line::Said(line.to_owned()),
        }
    }
}

fn on_linux(say: &mut dyn FnMut(&str), says_so: bool) {
    if says_so {
        say(
            "every login has enough from the next one on: /etc/security/limits.conf says so already",
        );
        return;
    }
    say("every login, with sudo: these lines in /etc/security/limits.conf, then a new login");
    say("(services of systemd do not read them)");
    for who in ["*   ", "root"] {
        say(&format!("    {who}  soft  nofile  65535"));
        say(&format!("    {who}  hard  nofile  65535"));
    }
}

fn on_macos(say: &mut dyn FnMut(&str)) {
    say(
        "every program that is started from now on, until the next start of the machine, with sudo:",
    );
    say("    sudo launchctl limit maxfiles 65535 200000");
    say("what the system allows a process, which is more than either:");
    say("    sysctl kern.maxfilesperproc");
}

/// The files that logins get their limits from.
fn conf_files() -> Vec<PathBuf> {
    let entries = fs::read_dir(CONF_FOLDER).into_iter().flatten().flatten();
    let more = entries.map(|entry| entry.path());
    let more = more.filter(|path| path.extension().is_some_and(|it| it == "conf"));
    std::iter::once(Path::new(CONF).to_owned()).chain(more).collect()
}

/// Returns whether files give everybody enough open files.
fn says_so(files: &[PathBuf]) -> bool {
    let texts: Vec<_> = files.iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    let is_enough = |line: &str, kind: &str| {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<_> = line.split_whitespace().collect();
        let [who, of, "nofile", value] = words[..] else { return false };
        let value = match value {
            "unlimited" | "infinity" | "-1" => u64::MAX,
            value => value.parse().unwrap_or(0),
        };
        who == "*" && (of == kind || of == "-") && value >= ENOUGH
    };
    let says = |kind| texts.iter().flat_map(|text| text.lines()).any(|line| is_enough(line, kind));
    says("soft") && says("hard")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(name: &str, inside: Inside) -> System {
        System {
            name: name.to_owned(),
            cores: 1,
            group_processors: None,
            group_memory_bytes: None,
            file_max: None,
            inside,
        }
    }

    fn advised(soft: u64, hard: u64, system: &System, later: bool) -> String {
        let lines = advise(&OpenFiles { soft, hard, in_use: 3 }, system, later);
        let text = |line: Line| match line {
            Line::Said(text) | Line::Typed(text) => text,
        };
        lines.into_iter().map(text).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn nothing_is_advised_that_is_so_already() {
        let login = system("linux", Inside::Login);
        assert_eq!(advised(65_535, 65_535, &login, false), "");
        let raised = advised(1024, 1 << 20, &login, false);
        assert!(raised.contains("ulimit -n $(ulimit -Hn)"), "{raised}");
        assert!(!raised.contains("limits.conf"), "{raised}");
        let lines = advised(1024, 4096, &login, false);
        for line in ["*     soft  nofile  65535", "root  hard  nofile  65535", "with sudo"] {
            assert!(lines.contains(line), "{line} is not in:\n{lines}");
        }
        let later = advised(1024, 4096, &login, true);
        assert!(later.contains("says so already") && !later.contains("soft  nofile"), "{later}");
        assert!(!advised(4096, 4096, &login, false).contains("$(ulimit -Hn)"));
    }

    #[test]
    fn what_to_change_is_that_of_where_it_runs() {
        for (system, words) in [
            (system("linux", Inside::Container), "docker run --ulimit nofile=65535:65535"),
            (system("linux", Inside::Kubernetes), "containerd"),
            (system("linux", Inside::Service), "LimitNOFILE=65535"),
            (system("macos", Inside::Login), "sudo launchctl limit maxfiles 65535 200000"),
        ] {
            let lines = advised(256, 1024, &system, false);
            assert!(lines.contains(words), "{words} is not in:\n{lines}");
        }
    }

    #[test]
    fn files_say_enough_for_everybody_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let says = |text: &str| {
            let path = folder.path().join("limits.conf");
            fs::write(&path, text).unwrap();
            says_so(&[path])
        };
        assert!(says("* soft nofile 65535\n* hard nofile 65535\n"));
        assert!(says("*  -  nofile  unlimited  # all\n"));
        assert!(!says("# * - nofile 65535\n"));
        assert!(!says("* soft nofile 65535\n* hard nofile 4096\n"));
        assert!(!says("root - nofile 65535\n"));
        assert!(!says("* - nproc 65535\n"));
    }
}
