//! Signals: what asks to stop is passed on to the run, which leaves a folder that can be gone on with.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use ossicle_engine::Stop;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::{flag, low_level};

use crate::messages;
use crate::terminal::say;

/// The time that a run has to end by itself: its parts in hand are dropped, and it says what is kept.
const PATIENCE: Duration = Duration::from_millis(600);

/// The time from one look for a signal to the next.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);

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
    let stop = stop.clone();
    let end = move || end_late(&stop);
    // Without it a run still ends, once what it is at allows it.
    let _ = thread::Builder::new().name("signals".to_owned()).spawn(end);
    Ok(())
}

/// Ends the program where the run has not ended soon after it was asked to: tables of a second and more
/// are computed without a look at the clock. Nothing is lost by it that a kill would not lose. It looks
/// at the flag now and then, as being told would take open files.
fn end_late(stop: &Stop) {
    let signal = loop {
        match stop.signal() {
            Some(signal) => break signal,
            None => thread::sleep(LOOK_INTERVAL),
        }
    };
    thread::sleep(PATIENCE);
    say(&format!("ossicle: {}", messages::STOPPED_AT_ONCE));
    low_level::exit(128 + signal as i32);
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
