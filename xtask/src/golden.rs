//! `cargo xtask golden`: the arrays that `ossicle-dsp`'s tests compare with, computed again.
//!
//! `bench/peers/golden.py` does the computing; this finds it a Python with the packages that made
//! the arrays. Kaldi's own arrays are not among them: it is no Python package.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{python, workspace};

/// Compute the arrays that tests compare with again, by Python
///
/// Those that Python packages gave are compared with those in
/// crates/dsp/tests/golden. An error if one is missing there, unknown here, or
/// more than rounding away.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where the computed arrays go [default: target/golden]
    #[arg(long, value_name = "DIR", default_value_os_t = default_out(), hide_default_value = true)]
    out: PathBuf,
    /// Write none, only compare
    #[arg(long)]
    check: bool,
    /// Compare with the arrays in DIR instead
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
    /// torchaudio's too: installs PyTorch, 5 GB
    #[arg(long)]
    with_torch: bool,
}

fn default_out() -> PathBuf {
    workspace::target_dir().join("golden")
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let mut command = Command::new(python::of_features(options.with_torch)?);
    command
        .arg(python::folder().join("golden.py"))
        .arg(workspace::root().join("crates/dsp/tests/golden"));
    if !options.check {
        command.arg("--out").arg(&options.out);
    }
    if let Some(folder) = &options.against {
        command.arg("--against").arg(folder);
    }
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("the golden arrays are not what their programs compute ({status})");
    }
    if !options.check {
        eprintln!("xtask: written to {}", options.out.display());
    }
    Ok(())
}
