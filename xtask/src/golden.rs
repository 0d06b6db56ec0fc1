//! `cargo xtask golden`: the arrays that `ossicle-dsp`'s tests compare with, computed again.
//!
//! `bench/peers/golden.py` does the computing; this finds it a Python with the packages that made
//! the arrays. Kaldi's own arrays are not among them: it is no Python package.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{python, workspace};

const USAGE: &str = "\
Usage: cargo xtask golden [OPTIONS]

Computes again the golden arrays that Python packages gave, and compares them with those in
crates/dsp/tests/golden. An error if one is missing there, unknown here, or more than rounding away.

  --out DIR        where the computed arrays go       [target/golden]
  --check          writes none, only compares
  --against DIR    compares with the arrays in DIR instead
  --with-torch     torchaudio's too: installs PyTorch, 5 GB
";

pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> Result<()> {
    let mut out = workspace::target_dir().join("golden");
    let (mut check, mut with_torch) = (false, false);
    let mut against = None;
    while let Some(name) = arguments.next() {
        let mut folder = || arguments.next().with_context(|| format!("{name} needs a value"));
        match name.as_str() {
            "--out" => out = PathBuf::from(folder()?),
            "--against" => against = Some(folder()?),
            "--check" => check = true,
            "--with-torch" => with_torch = true,
            "--help" | "-h" => {
                print!("{USAGE}");
                return Ok(());
            }
            _ => bail!("unexpected argument {name:?} (see cargo xtask golden --help)"),
        }
    }
    let mut command = Command::new(python::of_features(with_torch)?);
    command
        .arg(python::folder().join("golden.py"))
        .arg(workspace::root().join("crates/dsp/tests/golden"));
    if !check {
        command.arg("--out").arg(&out);
    }
    if let Some(folder) = against {
        command.arg("--against").arg(folder);
    }
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("the golden arrays are not what their programs compute ({status})");
    }
    if !check {
        eprintln!("xtask: written to {}", out.display());
    }
    Ok(())
}
