//! The project's own chores, so that a fresh machine needs no other tool than Cargo.
//!
//! `cargo xtask` (an alias in `.cargo/config.toml`) lists them. Each chore is a file here; it starts
//! other programs and reads what they print, and knows nothing of the crates it looks after.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command: results on stdout, progress on stderr"
)]

mod advice;
mod bench;
mod browser;
mod check;
mod command_line;
mod cross;
mod faults;
mod fuzz;
mod golden;
mod licences;
mod python;
mod remote;
mod wheel;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

/// The project's own chores.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 80)]
enum Chore {
    /// Run what must pass before a commit
    ///
    /// That is formatting, licences, clippy, documentation, the Python package, some
    /// faults, and all tests.
    Check,
    /// Check only the licences of all dependencies
    Licences,
    /// Run every command that a message advises on the input it is advised for
    ///
    /// It needs sox, ffmpeg and jq.
    Advice,
    Bench(bench::Options),
    /// Look at reports in a real browser
    ///
    /// It needs Chromium (Debian's `chromium`, or CHROMIUM=PATH) and Node, and installs
    /// playwright-core and axe-core from npm.
    Browser,
    Cross(cross::Options),
    Faults(faults::Options),
    Fuzz(fuzz::Options),
    Golden(golden::Options),
    /// Compare the Python package with the programs that it stands in for
    ///
    /// Over random settings of every argument, and by the pages for who comes from
    /// them. It installs PyTorch from PyPI.
    Parity,
    /// Test the Python package on a cluster of Ray
    ///
    /// Of three nodes on this machine, in network namespaces of their own where this is
    /// root's. It installs Ray and moto from PyPI.
    Ray,
    /// Write to and read from object stores: servers on loopback, with faults
    ///
    /// It installs moto from PyPI and s3s-fs from crates.io.
    Remote,
    Wheel(wheel::Options),
}

fn main() -> ExitCode {
    let outcome = match Chore::parse() {
        Chore::Check => check::run(),
        Chore::Licences => licences::check(),
        Chore::Advice => advice::run(),
        Chore::Bench(options) => bench::run(options),
        Chore::Browser => browser::run(),
        Chore::Cross(options) => cross::run(&options),
        Chore::Faults(options) => faults::run(&options),
        Chore::Fuzz(options) => fuzz::run(options),
        Chore::Golden(options) => golden::run(&options),
        Chore::Parity => wheel::parity(),
        Chore::Ray => wheel::ray(),
        Chore::Remote => remote::run(),
        Chore::Wheel(options) => wheel::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::*;

    /// The long help of a command and of all below it.
    fn helps(command: &mut Command) -> Vec<String> {
        let mut texts = vec![command.render_long_help().to_string()];
        for below in command.get_subcommands_mut() {
            texts.extend(helps(below));
        }
        texts
    }

    #[test]
    fn every_help_fits_80_columns() {
        let mut command = Chore::command();
        command.build();
        let helps = helps(&mut command);
        assert!(helps.len() >= 9, "there are eight chores besides the list: {}", helps.len());
        for line in helps.iter().flat_map(|help| help.lines()) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn no_two_options_contradict_each_other() {
        Chore::command().debug_assert();
    }
}
