//! What bounds more than this process: its container or service, and the system.

use std::fs;
use std::path::Path;

use ossicle_engine::{ControlGroup, available_cores};
use serde::{Deserialize, Serialize};

/// What bounds more than this process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct System {
    /// `linux`, `macos`.
    pub(super) name: String,
    /// The processors that this process may use.
    pub(super) cores: usize,
    /// Those that its control group may use.
    pub(super) group_processors: Option<f64>,
    /// The memory that its control group may use.
    pub(super) group_memory_bytes: Option<u64>,
    /// The files that may be open in the whole system: `fs.file-max`, `kern.maxfiles`.
    pub(super) file_max: Option<u64>,
    /// What it runs in.
    pub(super) inside: Inside,
}

/// What a process runs in, by which its limits are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Inside {
    /// A login.
    Login,
    /// A service of systemd.
    Service,
    /// A container of Docker or Podman.
    Container,
    /// A container of Kubernetes.
    Kubernetes,
}

impl System {
    pub(super) fn now() -> System {
        let group = ControlGroup::now();
        System {
            name: std::env::consts::OS.to_owned(),
            cores: available_cores(),
            group_processors: group.processors,
            group_memory_bytes: group.memory_bytes,
            file_max: file_max(),
            inside: Inside::now(),
        }
    }
}

impl Inside {
    fn now() -> Inside {
        let group = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let is_kubernetes = std::env::var_os("KUBERNETES_SERVICE_HOST").is_some();
        let is_container =
            ["/.dockerenv", "/run/.containerenv"].iter().any(|mark| Path::new(mark).exists());
        Inside::of(&group, is_kubernetes, is_container)
    }

    /// - `group`: `/proc/self/cgroup`
    fn of(group: &str, is_kubernetes: bool, is_container: bool) -> Inside {
        let has = |words: &[&str]| words.iter().any(|word| group.contains(word));
        // What a user starts is below the service of that user's session, or in a scope of it.
        let last = group.lines().filter_map(|line| line.rsplit('/').next()).next_back();
        let is_service = last.is_some_and(|last| last.ends_with(".service"));
        match () {
            () if is_kubernetes || has(&["kubepods"]) => Inside::Kubernetes,
            () if is_container || has(&["/docker", "/libpod", "/lxc", "containerd"]) => {
                Inside::Container
            }
            () if is_service && !has(&["user@"]) => Inside::Service,
            () => Inside::Login,
        }
    }
}

/// The files that may be open in the whole system.
fn file_max() -> Option<u64> {
    #[cfg(target_os = "linux")]
    let said = fs::read_to_string("/proc/sys/fs/file-max").ok()?;
    #[cfg(not(target_os = "linux"))]
    let said = {
        let ran = std::process::Command::new("sysctl").args(["-n", "kern.maxfiles"]).output();
        String::from_utf8(ran.ok()?.stdout).ok()?
    };
    said.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_runs_in_shows_in_its_control_group() {
        let login = "0::/user.slice/user-1000.slice/session-3.scope\n";
        let of_user = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/a.service\n";
        for (group, expected) in [
            (login, Inside::Login),
            (of_user, Inside::Login),
            ("0::/system.slice/slurmd.service\n", Inside::Service),
            ("0::/docker/0123456789ab\n", Inside::Container),
            ("0::/kubepods.slice/kubepods-pod1.slice/cri-1.scope\n", Inside::Kubernetes),
            ("", Inside::Login),
        ] {
            assert_eq!(Inside::of(group, false, false), expected, "{group}");
        }
        // A namespace of control groups shows nothing above.
        assert_eq!(Inside::of("0::/\n", false, true), Inside::Container);
        assert_eq!(Inside::of("0::/\n", true, true), Inside::Kubernetes);
    }
}
