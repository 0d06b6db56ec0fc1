//! Signals: what asks to stop is passed on to the run, which leaves a folder that can be gone on with.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use ossicle_engine::Stop;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;

/// Lets Ctrl-C, SIGTERM and SIGHUP (the terminal is gone) ask the run to stop; a second of
/// them leaves at once. What was ignored when the program started stays so: that is how `nohup` works.
pub(crate) fn watch(stop: &Stop) -> Result<()> {
    let armed = Arc::new(AtomicBool::new(false));
    let ignored = ignored();
    for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !ignored(*signal)) {
        let register = || {
            // In this order: the first signal finds nothing armed.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&armed))?;
            flag::register(signal, Arc::clone(&armed))?;
            flag::register_usize(signal, stop.flag(), signal as usize)
        };
        register().context("cannot watch for signals")?;
    }
    Ok(())
}

/// A file that grows past `ulimit -f` is an error of the write, and not the end of the program.
pub(crate) fn survive_file_size_limit() {
    let _ = flag::register(SIGXFSZ, Arc::default());
}

/// Ignores Ctrl-C in a worker, which ends when its coordinator has closed the socket.
pub(crate) fn ignore_interrupts() {
    for signal in [SIGINT, SIGHUP] {
        let _ = flag::register(signal, Arc::default());
    }
}

/// Returns which signals are ignored now: the bits of `SigIgn` in `/proc/self/status`.
fn ignored() -> impl Fn(i32) -> bool {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = text.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    move |signal| mask >> (signal - 1) & 1 == 1
}
