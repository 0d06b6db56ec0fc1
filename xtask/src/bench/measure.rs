//! Runs a command and says what it took; medians and ratios of several runs.

use std::fs;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The time between two looks at a program's memory. The kernel keeps the peak, so that only
/// growth in a run's very last moments can be missed.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The cost of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taken {
    pub(crate) wall_s: f64,
    /// User and system time of the program and its children; Linux only.
    pub(crate) cpu_s: Option<f64>,
    /// Largest resident memory of the program itself; Linux only.
    pub(crate) peak_mib: Option<f64>,
}

/// Runs a command to its end and measures it.
///
/// # Errors
/// If it cannot be started or does not exit with 0.
pub(crate) fn run(command: &mut Command) -> Result<Taken> {
    let (taken, status) = run_to_any_end(command)?;
    match status.success() {
        true => Ok(taken),
        false => bail!("{status} from {command:?}"),
    }
}

/// Runs a command to its end, whatever it comes to, and measures it.
///
/// # Errors
/// If it cannot be started.
pub(crate) fn run_to_any_end(command: &mut Command) -> Result<(Taken, ExitStatus)> {
    let cpu_before = cpu_of_children_s();
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
    let pid = child.id();
    let done = AtomicBool::new(false);
    let (status, wall_s, peak_mib) = thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut peak_mib = None;
            while !done.load(Ordering::Relaxed) {
                peak_mib = peak_mib.max(peak_of(pid));
                thread::sleep(LOOK_EVERY);
            }
            peak_mib
        });
        let status = child.wait();
        let wall_s = start.elapsed().as_secs_f64();
        done.store(true, Ordering::Relaxed);
        (status, wall_s, watcher.join().expect("the watcher only reads a file"))
    });
    let status = status?;
    let cpu_s = cpu_of_children_s().zip(cpu_before).map(|(after, before)| after - before);
    Ok((Taken { wall_s, cpu_s, peak_mib: peak_mib.map(|kib| kib as f64 / 1024.0) }, status))
}

/// The `VmHWM` of a process, in KiB.
fn peak_of(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// User and system time of all children that have ended, in seconds.
fn cpu_of_children_s() -> Option<f64> {
    children_s(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// Fields 16 and 17 of `/proc/[pid]/stat` (proc(5)): `cutime` and `cstime`, in hundredths of a
/// second on every Linux.
fn children_s(stat: &str) -> Option<f64> {
    // The second field is the program's name in parentheses, which may hold spaces itself.
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    let ticks = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some((ticks(16)? + ticks(17)?) as f64 / 100.0)
}

/// Several figures of the same thing.
#[derive(Debug)]
pub(crate) struct Figures(Vec<f64>);

impl Figures {
    /// # Panics
    /// If there are none.
    pub(crate) fn new(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        assert!(!sorted.is_empty(), "nothing was measured");
        sorted.sort_by(f64::total_cmp);
        Self(sorted)
    }

    /// Each of `a` divided by the one of `b` that was measured beside it.
    ///
    /// # Panics
    /// If there are not as many of one as of the other, or none.
    pub(crate) fn ratios(a: &[Taken], b: &[Taken]) -> Self {
        assert_eq!(a.len(), b.len(), "pairs are compared");
        Self::new(a.iter().zip(b).map(|(a, b)| a.wall_s / b.wall_s))
    }

    pub(crate) fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        if self.0.len() % 2 == 1 {
            self.0[middle]
        } else {
            (self.0[middle - 1] + self.0[middle]) / 2.0
        }
    }

    /// The figure below which this share of them lies, between two of them if need be.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let place = share * (self.0.len() - 1) as f64;
        let below = self.0[place.floor() as usize];
        let above = self.0[place.ceil() as usize];
        below + (above - below) * place.fract()
    }

    /// All of them, the smallest first.
    pub(crate) fn all(&self) -> &[f64] {
        &self.0
    }

    pub(crate) fn smallest(&self) -> f64 {
        self.0[0]
    }

    pub(crate) fn largest(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_or_the_mean_of_two() {
        assert_eq!(Figures::new([3.0, 1.0, 2.0]).median(), 2.0);
        assert_eq!(Figures::new([4.0, 1.0, 2.0, 3.0]).median(), 2.5);
        assert_eq!(Figures::new([7.0]).median(), 7.0);
    }

    #[test]
    fn a_quantile_lies_between_its_neighbours() {
        let figures = Figures::new([5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!([0.0, 0.5, 1.0].map(|share| figures.quantile(share)), [1.0, 3.0, 5.0]);
        assert!((figures.quantile(0.1) - 1.4).abs() < 1e-12);
        assert_eq!(Figures::new([7.0]).quantile(0.9), 7.0);
    }

    #[test]
    fn ratios_are_taken_pair_by_pair() {
        let taken = |wall_s| Taken { wall_s, cpu_s: None, peak_mib: None };
        // The second pair ran on a machine half as fast: its ratio is that of the first.
        let ratios = Figures::ratios(&[taken(2.0), taken(4.0)], &[taken(1.0), taken(2.0)]);
        assert_eq!((ratios.smallest(), ratios.largest()), (2.0, 2.0));
    }

    #[test]
    fn the_time_of_children_is_found_behind_any_name() {
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194304 100 200 0 0 11 12 130 25 20 0 1 0 5 6 7";
        assert_eq!(children_s(stat), Some(1.55));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_run_is_measured() {
        let taken = run(Command::new("sh").args(["-c", "sleep 0.1"])).unwrap();
        assert!(taken.wall_s >= 0.1);
        assert!(taken.cpu_s.is_some());
        assert!(taken.peak_mib.is_some_and(|mib| mib > 0.1));
    }

    #[test]
    fn a_run_that_fails_is_an_error() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert!(error.starts_with("exit status: 3 from "), "{error}");
    }
}
