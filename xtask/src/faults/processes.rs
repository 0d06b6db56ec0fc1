//! The processes of this machine, as `/proc` tells.

use std::fs;

/// A process that has not been waited for yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) parent: i32,
    group: i32,
    /// True if it has ended, and nobody has asked how.
    ended: bool,
}

/// Those that run and whose parent this is.
pub(crate) fn children(parent: u32) -> Vec<Process> {
    running().filter(|process| process.parent as u32 == parent).collect()
}

/// Those that run and belong to this process group.
pub(crate) fn members(group: u32) -> Vec<Process> {
    running().filter(|process| process.group as u32 == group).collect()
}

fn running() -> impl Iterator<Item = Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    // Whatever is no process, or is none any more, has no such file.
    let stats = entries.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    stats.filter_map(|stat| parse(&stat)).filter(|process| !process.ended)
}

/// Fields 1, 3, 4 and 5 of `/proc/[pid]/stat` (proc(5)).
fn parse(stat: &str) -> Option<Process> {
    // The second field is the program's name in parentheses, which may hold spaces itself.
    let (before, after) = stat.rsplit_once(')')?;
    let pid = before.split_once(' ')?.0.parse().ok()?;
    let mut fields = after.split_whitespace();
    let ended = matches!(fields.next()?, "Z" | "X");
    let parent = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    Some(Process { pid, parent, group, ended })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_spaces_and_parentheses_is_passed_over() {
        let process = Process { pid: 42, parent: 7, group: 40, ended: true };
        assert_eq!(parse("42 (a ) b) Z 7 40 40 0 -1 4194304"), Some(process));
        assert_eq!(parse(""), None);
    }
}
