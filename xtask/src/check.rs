//! `cargo xtask check`: everything that must hold before a commit, cheapest first.
//!
//! The tests come last and nothing is printed after them, so that a run ends with the test runners'
//! own closing lines.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::licences;
use crate::wheel;
use crate::workspace::{cargo, target_dir};

/// One command of Cargo's, with what it needs in the environment.
struct Step {
    name: &'static str,
    arguments: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
}

const FORMATTING: Step =
    Step { name: "formatting", arguments: &["fmt", "--all", "--check"], environment: &[] };

const CLIPPY: Step = Step {
    name: "clippy",
    arguments: &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
    environment: &[],
};

/// The crate of descriptions without the features that the command line asks for. Asked for alone, it would have other
/// features of its dependencies, too, and these would be checked twice.
const CLIPPY_WITHOUT_FEATURES: Step = Step {
    name: "clippy without features",
    arguments: &[
        "clippy",
        "--workspace",
        "--exclude=ossicle-cli",
        "--exclude=ossicle-compare",
        "--exclude=ossicle-dsp",
        "--exclude=ossicle-engine",
        "--exclude=ossicle-python",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ],
    environment: &[],
};

const DOCUMENTATION: Step = Step {
    name: "documentation",
    arguments: &["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"],
    environment: &[("RUSTDOCFLAGS", "-D warnings")],
};

/// Builds what the tests run, the program for the faults too. Built alone it would need other features of
/// its dependencies, and a fresh machine would compile the engine and thirty other crates twice.
const TEST_BUILD: Step = Step {
    name: "building the tests",
    arguments: &["test", "--workspace", "--locked", "--no-run"],
    environment: &[],
};

const TESTS: Step = Step {
    name: "tests",
    arguments: &["test", "--workspace", "--locked", "--no-fail-fast"],
    environment: &[],
};

pub(crate) fn run() -> Result<()> {
    let start = Instant::now();
    // Asked now: the build of the tests replaces it, and then it has no path any more.
    let xtask = env::current_exe()?;
    require_component("fmt", "rustfmt")?;
    require_component("clippy", "clippy")?;
    wheel::require_python()?;

    timed(FORMATTING.name, || FORMATTING.run())?;
    timed("licences", || licences::check().context("to see it alone: cargo xtask licences"))?;
    timed(CLIPPY.name, || CLIPPY.run())?;
    timed(CLIPPY_WITHOUT_FEATURES.name, || CLIPPY_WITHOUT_FEATURES.run())?;
    timed(DOCUMENTATION.name, || DOCUMENTATION.run())?;
    timed(TEST_BUILD.name, || TEST_BUILD.run())?;
    // Each keeps about one core busy, and both wait much.
    thread::scope(|scope| {
        let faults = scope.spawn(|| timed("faults, beside python", || faults(&xtask)));
        let python = timed("python", || wheel::check().context("the Python package"));
        let faults = faults.join().unwrap_or_else(|panicked| resume_unwind(panicked));
        match (python, faults) {
            (Err(python), Err(faults)) => Err(python.context(format!("{faults:#}; and"))),
            (python, faults) => python.and(faults),
        }
    })?;
    eprintln!("xtask: {} (all before took {:.1} s)", TESTS.name, start.elapsed().as_secs_f64());
    TESTS.run()
}

/// Plays a little of everything with the program that was built for the tests. Its lines come at its end, as
/// others come meanwhile.
///
/// - `xtask`: the path of this program
fn faults(xtask: &Path) -> Result<()> {
    let program = || target_dir().join("debug/ossicle").into();
    let program: OsString = env::var_os("OSSICLE_BIN").unwrap_or_else(program);
    let mut command = Command::new(xtask);
    command.args(["faults", "--short"]).env("OSSICLE_BIN", program).stdin(Stdio::null());
    let output = command.output().context("cannot start the faults")?;
    io::stderr().write_all(&[output.stdout, output.stderr].concat())?;
    if !output.status.success() {
        bail!("faults failed; to see them alone: cargo xtask faults --short");
    }
    Ok(())
}

/// Returns an error that names a missing component of Rust, before anything is built.
fn require_component(subcommand: &str, component: &str) -> Result<()> {
    let status = cargo()
        .args([subcommand, "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("cargo {subcommand} is missing: rustup component add {component}");
    }
    Ok(())
}

fn timed(name: &str, step: impl FnOnce() -> Result<()>) -> Result<()> {
    eprintln!("xtask: {name}");
    let start = Instant::now();
    step()?;
    eprintln!("xtask: {name}: ok, {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

impl Step {
    fn run(&self) -> Result<()> {
        let status = cargo()
            .args(self.arguments)
            .envs(self.environment.iter().copied())
            .status()
            .context("cannot start cargo")?;
        self.outcome(status)
    }

    fn outcome(&self, status: ExitStatus) -> Result<()> {
        if !status.success() {
            bail!("{} failed; to see it alone: {}", self.name, self.as_typed());
        }
        Ok(())
    }

    /// The step as one would type it in a shell.
    fn as_typed(&self) -> String {
        let mut words = Vec::new();
        for (name, value) in self.environment {
            words.push(format!("{name}='{value}'"));
        }
        words.push("cargo".to_owned());
        words.extend(self.arguments.iter().map(|&word| word.to_owned()));
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_says_what_to_type() {
        assert_eq!(
            DOCUMENTATION.as_typed(),
            "RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --document-private-items \
             --locked"
        );
    }

    #[test]
    #[cfg(unix)]
    fn a_step_that_exits_with_1_is_an_error() {
        use std::os::unix::process::ExitStatusExt;

        // What wait(2) reports for an exit with 1.
        let failure = ExitStatus::from_raw(1 << 8);
        assert_eq!(
            FORMATTING.outcome(failure).unwrap_err().to_string(),
            "formatting failed; to see it alone: cargo fmt --all --check"
        );
        assert!(FORMATTING.outcome(ExitStatus::default()).is_ok());
    }
}
