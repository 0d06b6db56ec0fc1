//! Processor time, and waiting.

use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// What this process has taken so far, with its children that have ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Processor time in the programs themselves.
    pub(crate) user: Duration,
    /// Processor time in the system, for them.
    pub(crate) system: Duration,
    /// Bytes that were asked of files, pipes and sockets, in memory or not; none where the system does not tell.
    pub(crate) read: Option<u64>,
    pub(crate) written: Option<u64>,
}

impl Taken {
    pub(crate) fn now() -> Taken {
        let [(user, system), (user_of_children, system_of_children)] = times();
        let text = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
        let bytes =
            |name| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        Taken {
            user: user + user_of_children,
            system: system + system_of_children,
            read: bytes("rchar:"),
            written: bytes("wchar:"),
        }
    }

    /// Returns what was taken since.
    pub(crate) fn since(self, earlier: Taken) -> Taken {
        let more = |now: Option<u64>, then: Option<u64>| Some(now?.saturating_sub(then?));
        Taken {
            user: self.user.saturating_sub(earlier.user),
            system: self.system.saturating_sub(earlier.system),
            read: more(self.read, earlier.read),
            written: more(self.written, earlier.written),
        }
    }
}

/// The time in user mode and in the system's, of this process and of its children that have ended.
fn times() -> [(Duration, Duration); 2] {
    let time = |time: TimeVal| {
        Duration::from_micros(time.tv_sec() as u64 * 1_000_000 + time.tv_usec() as u64)
    };
    [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN].map(|who| {
        getrusage(who).map_or_else(
            |_| Default::default(),
            |usage| (time(usage.user_time()), time(usage.system_time())),
        )
    })
}

/// Returns how often this thread has waited for something so far, and was not only made to wait by others that
/// run; none where the system does not tell.
pub(crate) fn waits() -> Option<i64> {
    #[cfg(target_os = "linux")]
    {
        let usage = getrusage(UsageWho::RUSAGE_THREAD).ok()?;
        Some(usage.voluntary_context_switches())
    }
    #[cfg(not(target_os = "linux"))]
    None
}
