//! The program that times features, with ossicle and other crates compiled in.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::{python, workspace};

/// The program's package, a workspace of its own, from the project's folder.
pub(crate) const FOLDER: &str = "bench/features";

/// The recording that features are computed of, from the project's folder.
pub(crate) const RECORDING: &str = "crates/dsp/tests/golden/speech16k/input.wav";

/// Cargo's flags for a program without other crates.
pub(crate) const ALONE: &str = "--no-default-features";

/// Builds the program, or a copy of its package, into `target`.
pub(crate) fn build(package: &Path, target: &Path, flags: &[&str]) -> Result<PathBuf> {
    python::succeed(&mut command(package, target, flags))?;
    Ok(target.join("release/ossicle-bench-features"))
}

/// Returns the command that builds it.
pub(crate) fn command(package: &Path, target: &Path, flags: &[&str]) -> Command {
    let mut cargo = workspace::cargo();
    cargo.args(["build", "--release"]).args(flags);
    cargo.arg("--manifest-path").arg(package.join("Cargo.toml"));
    cargo.arg("--target-dir").arg(target);
    cargo
}
