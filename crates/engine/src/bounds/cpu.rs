//! Processor time, and waiting.

use std::time::Duration;

/// Returns the processor time of all threads of this process so far.
pub(crate) fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// Returns how often this thread has waited for something so far, and was not only made to wait by others that
/// run; none where the system does not tell.
pub(crate) fn waits() -> Option<i64> {
    #[cfg(target_os = "linux")]
    {
        use nix::sys::resource::{UsageWho, getrusage};
        let usage = getrusage(UsageWho::RUSAGE_THREAD).ok()?;
        Some(usage.voluntary_context_switches())
    }
    #[cfg(not(target_os = "linux"))]
    None
}
