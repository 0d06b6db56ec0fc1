//! The machine and the programs of a measurement.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::available_parallelism;

use super::peers::Peer;
use super::subject::Ossicle;
use crate::workspace;

/// Lines of the form "what: which".
pub(crate) struct Machine(pub(crate) Vec<(&'static str, String)>);

impl Machine {
    /// Whatever cannot be found out is a question mark.
    pub(crate) fn describe(
        ossicle: &Ossicle,
        peer: Option<&Peer>,
        ram_disk: &Path,
        work: &Path,
    ) -> Self {
        let known = |it: Option<String>| it.unwrap_or_else(|| "?".to_owned());
        let mut lines = hardware();
        lines.extend([
            ("RAM disk", known(file_system(ram_disk))),
            ("disk", known(file_system(work))),
            ("ossicle", format!("{}, commit {}", known(ossicle.version()), known(commit()))),
        ]);
        if let Some(peer) = peer {
            lines.push(("Python", known(peer.versions())));
        }
        Self(lines)
    }
}

/// Returns the date and the machine.
pub(crate) fn hardware() -> Vec<(&'static str, String)> {
    let cores = available_parallelism().map_or(0, |it| it.get());
    let known = |it: Option<String>| it.unwrap_or_else(|| "?".to_owned());
    vec![
        ("date", known(printed("date", &["-u", "+%Y-%m-%d"]))),
        ("processor", format!("{}, {cores} cores", known(field("/proc/cpuinfo", "model name")))),
        ("memory", known(memory())),
        ("kernel", known(printed("uname", &["-sr"]))),
    ]
}

/// The same, and what is measured.
pub(crate) fn hardware_and_commit() -> Vec<(&'static str, String)> {
    let commit = commit().unwrap_or_else(|| "?".to_owned());
    let mut lines = hardware();
    lines.push(("ossicle", format!("commit {commit}")));
    lines
}

fn memory() -> Option<String> {
    let text = field("/proc/meminfo", "MemTotal")?;
    let kib: f64 = text.strip_suffix(" kB")?.parse().ok()?;
    Some(format!("{:.1} GiB", kib / 1024.0 / 1024.0))
}

/// The first value of a file with lines of the form `name : value`.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = pairs.find(|(key, _)| key.trim() == name)?;
    Some(value.trim().to_owned())
}

fn file_system(folder: &Path) -> Option<String> {
    printed("stat", &["-f", "-c", "%T", folder.to_str()?])
}

/// The commit of the working tree, and whether it has changes.
pub(crate) fn commit() -> Option<String> {
    let hash = printed("git", &["rev-parse", "--short", "HEAD"])?;
    let changed = printed("git", &["status", "--porcelain", "--untracked-files=no"]);
    Some(if changed.is_some() { format!("{hash} with changes") } else { hash })
}

/// Returns what a command prints, in the workspace's folder; nothing if it fails or prints nothing.
fn printed(program: &str, arguments: &[&str]) -> Option<String> {
    let output =
        Command::new(program).args(arguments).current_dir(workspace::root()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}
