//! Virtual environments: for the scripts of `bench/peers`, and for the Python package.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// The folder of the scripts and of what they require.
pub(crate) fn folder() -> PathBuf {
    workspace::root().join("bench/peers")
}

/// A Python with what `features.py` and `golden.py` require; PyTorch is 5 GB of it.
pub(crate) fn of_features(with_torch: bool) -> Result<PathBuf> {
    if with_torch {
        let requirements = ["requirements-features.txt", "requirements-torch.txt"];
        peers("peers-torch-venv", &requirements)
    } else {
        peers("peers-features-venv", &["requirements-features.txt"])
    }
}

/// Makes a virtual environment of what these files of `bench/peers` require; see [`environment`].
pub(crate) fn peers(name: &str, requirements: &[&str]) -> Result<PathBuf> {
    let files: Vec<PathBuf> = requirements.iter().map(|file| folder().join(file)).collect();
    environment(name, &files)
}

/// Makes a virtual environment in Cargo's target folder, unless one of what these files require is there.
/// Returns its Python.
pub(crate) fn environment(name: &str, requirements: &[PathBuf]) -> Result<PathBuf> {
    let environment = workspace::target_dir().join(name);
    let python = environment.join("bin/python");
    // Written last, so that an interrupted installation is made again.
    let installed = environment.join("installed.txt");
    let mut wanted = Vec::new();
    let mut arguments = vec![];
    for path in requirements {
        let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        wanted.extend(text);
        arguments.extend([PathBuf::from("--requirement"), path.clone()]);
    }
    if fs::read(&installed).is_ok_and(|it| it == wanted) {
        return Ok(python);
    }
    eprintln!("xtask: making {}", environment.display());
    succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    succeed(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(arguments))?;
    fs::write(&installed, wanted)?;
    Ok(python)
}

/// Runs a command to its end.
///
/// # Errors
/// If it cannot be started or does not exit with 0.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{status} from {command:?}");
    }
    Ok(())
}
