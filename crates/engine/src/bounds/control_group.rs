//! The control groups (version 2 of Linux's) that this process is in: what a container or a service may use.

use std::fs;
use std::path::Path;

/// The bounds of the control groups (version 2) that this process is in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ControlGroup {
    /// The most memory, in bytes.
    pub memory_bytes: Option<u64>,
    /// The most processor time, in processors.
    pub processors: Option<f64>,
}

impl ControlGroup {
    /// Looks at the groups; where there are none, nothing is bounded.
    pub fn now() -> ControlGroup {
        let text = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let group = text.lines().find_map(|line| line.strip_prefix("0::"));
        match group {
            Some(group) => ControlGroup::of(Path::new("/sys/fs/cgroup"), group),
            None => ControlGroup { memory_bytes: None, processors: None },
        }
    }

    /// The least that a group and those above it allow.
    fn of(root: &Path, group: &str) -> ControlGroup {
        let folder = root.join(group.trim_start_matches('/'));
        let above = || folder.ancestors().take_while(|folder| folder.starts_with(root));
        let said = |folder: &Path, name: &str| fs::read_to_string(folder.join(name)).ok();
        // "max" is no number.
        let memory = |folder: &Path| said(folder, "memory.max")?.trim().parse().ok();
        let processors = |folder: &Path| {
            let said = said(folder, "cpu.max")?;
            let (quota, period) = said.trim().split_once(' ')?;
            let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
            (quota > 0.0 && period > 0.0).then_some(quota / period)
        };
        ControlGroup {
            memory_bytes: above().filter_map(memory).min(),
            processors: above().filter_map(processors).min_by(f64::total_cmp),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_limit_of_all_groups_above_counts() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/memory.max"), "1000\n").unwrap();
        fs::write(root.join("a/b/memory.max"), "max\n").unwrap();
        fs::write(root.join("a/cpu.max"), "max 100000\n").unwrap();
        fs::write(root.join("a/b/cpu.max"), "150000 100000\n").unwrap();
        let group = ControlGroup::of(root, "/a/b");
        assert_eq!(group, ControlGroup { memory_bytes: Some(1000), processors: Some(1.5) });
        let none = ControlGroup { memory_bytes: None, processors: None };
        assert_eq!(ControlGroup::of(root, "/"), none);
    }
}
