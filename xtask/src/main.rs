//! The project's own chores, so that a fresh machine needs no other tool than Cargo.
//!
//! `cargo xtask` (an alias in `.cargo/config.toml`) lists them. Each chore is a file here; it starts
//! other programs and reads what they print, and knows nothing of the crates it looks after.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command: results on stdout, progress on stderr"
)]

mod bench;
mod check;
mod faults;
mod fuzz;
mod golden;
mod licences;
mod python;
mod spdx;
mod workspace;

use std::env;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask CHORE

  check      formatting, licences, clippy, documentation, some faults, all tests: what must pass before a commit
  licences   only the licences of all dependencies
  bench      the whole job, timed against its targets, the disk and Python (bench --help)
  bench features   a frame of each feature, timed beside other programs' (bench features --help)
  bench [features] --against COMMIT   whether this tree is slower than a commit (bench --against --help)
  bench spikes     matching pursuit, timed beside NumPy's (bench spikes --help)
  faults     kills, failing system calls, full disks: what a run leaves (faults --help)
  fuzz       bytes that nobody wrote, for everything that reads a file (fuzz --help)
  golden     the arrays that tests compare with, computed again by Python (golden --help)
";

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let chore = arguments.next();
    let outcome = match chore.as_deref() {
        Some("check") => check::run(arguments),
        Some("licences") => licences::run(arguments),
        Some("bench") => bench::run(arguments),
        Some("faults") => faults::run(arguments),
        Some("fuzz") => fuzz::run(arguments),
        Some("golden") => golden::run(arguments),
        None | Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some(unknown) => {
            eprint!("xtask: there is no chore {unknown:?}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
