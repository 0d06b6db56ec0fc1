//! `cargo xtask wheel`, and the Python step of `check`: the wheel is built, installed into a virtual
//! environment of its own, and tested there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::python::{environment, succeed};
use crate::workspace;

/// Build the wheel as it is released, and test it
///
/// With Opus, which takes a C compiler and cmake. What it is linked with is this machine's: pass
/// --manylinux for one that runs on others.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Link by zig, from PyPI, for every Linux since 2014
    #[arg(long)]
    manylinux: bool,
    /// Leave Opus out
    #[arg(long)]
    no_opus: bool,
    /// Print what each feature adds to the wheel instead: it is built for each
    #[arg(long, conflicts_with_all = ["manylinux", "no_opus"])]
    sizes: bool,
}

/// The features that a wheel may have, those that it has by default first.
const FEATURES: [&str; 3] = ["arrow", "cloud", "opus"];

pub(crate) fn run(options: &Options) -> Result<()> {
    if options.sizes {
        return sizes();
    }
    let mut arguments = vec!["--release"];
    if options.manylinux {
        arguments.extend(["--zig", "--compatibility", "manylinux2014"]);
    }
    arguments.extend(["--features", if options.no_opus { "cloud" } else { "cloud,opus" }]);
    let requirements = ["requirements-build.txt", "requirements.txt", "requirements-wheel.txt"];
    let (wheel, python) = tested("wheel-venv", &requirements, "wheels", &arguments, TESTS)?;
    // It brings a Node.js of its own, where there is none.
    let mut types = Command::new(&python);
    types.args(["-m", "pyright", "--pythonpath"]).arg(&python).current_dir(workspace::root());
    succeed(&mut types)?;
    println!("{}: {:.1} MB", wheel.display(), megabytes(&wheel)?);
    Ok(())
}

/// Prints the size of the wheel without any feature, and what each adds.
fn sizes() -> Result<()> {
    let files = ["requirements-build.txt", "requirements-wheel.txt"];
    let files = files.map(|file| workspace::root().join("python").join(file));
    let python = environment("wheel-sizes-venv", &files)?;
    let of = |features: &str| {
        let arguments = ["--release", "--no-default-features", "--features", features];
        megabytes(&built(&python, "wheels-sizes", &arguments)?)
    };
    let bare = of("")?;
    println!("without features: {bare:.1} MB");
    for feature in FEATURES {
        println!("{feature}: {:+.1} MB", of(feature)? - bare);
    }
    Ok(())
}

pub(crate) fn megabytes(wheel: &Path) -> Result<f64> {
    Ok(fs::metadata(wheel)?.len() as f64 / 1e6)
}

/// Builds the wheel as quickly as can be, and tests it, its types too.
pub(crate) fn check() -> Result<()> {
    let (_, python) = tested(
        "python-venv",
        &["requirements-build.txt", "requirements.txt"],
        "wheels-dev",
        &DEV,
        TESTS,
    )?;
    for arguments in [
        &["mypy", "--package", "ossicle"][..],
        &["mypy", "python/tests/typed_uses.py"],
        &[
            "mypy.stubtest",
            "ossicle",
            "--allowlist",
            "python/stubtest-allowlist.txt",
            "--mypy-config-file",
            "pyproject.toml",
        ],
    ] {
        succeed(Command::new(&python).arg("-m").args(arguments).current_dir(workspace::root()))?;
    }
    Ok(())
}

/// Compares it with what it stands in for; PyTorch is 5 GB of that.
pub(crate) fn parity() -> Result<()> {
    let requirements = ["requirements-build.txt", "requirements.txt", "requirements-parity.txt"];
    tested("parity-venv", &requirements, "wheels-dev", &DEV, "python/parity").map(drop)
}

/// Builds the wheel as quickly as can be, with object stores, and tests it with Ray.
pub(crate) fn ray() -> Result<()> {
    let requirements = ["requirements-build.txt", "requirements.txt", "requirements-ray.txt"];
    let arguments = ["--profile", "dev", "--features", "cloud"];
    tested("ray-venv", &requirements, "wheels-ray", &arguments, "python/ray").map(drop)
}

/// The options of a wheel that is built quickly: of what the tests were built of.
const DEV: [&str; 4] = ["--profile", "dev", "--features", "as-tested"];

const TESTS: &str = "python/tests";

/// Says what is missing if Python is, before anything is built.
pub(crate) fn require_python() -> Result<()> {
    const VERSION: &str = "import sys, venv; sys.exit(sys.version_info < (3, 10))";
    let found = Command::new("python3").args(["-c", VERSION]).stderr(Stdio::null()).status();
    match found {
        Ok(status) if status.success() => Ok(()),
        _ => bail!("python3 is missing, or older than 3.10, or without venv"),
    }
}

/// Builds a wheel, installs it and runs its tests. Returns its path, and the environment's Python.
///
/// - `to`: the folder in Cargo's target folder that it is written to
/// - `tests`: their folder
fn tested(
    name: &str,
    requirements: &[&str],
    to: &str,
    arguments: &[&str],
    tests: &str,
) -> Result<(PathBuf, PathBuf)> {
    let root = workspace::root();
    let files: Vec<PathBuf> =
        requirements.iter().map(|file| root.join("python").join(file)).collect();
    let python = environment(name, &files)?;
    let wheel = built(&python, to, arguments)?;
    install(&python, &wheel)?;
    succeed(Command::new(&python).args(["-m", "pytest", tests]).current_dir(root))?;
    Ok((wheel, python))
}

/// Builds a wheel by an environment that has maturin. Returns its path.
///
/// - `to`: the folder in Cargo's target folder that it is written to
pub(crate) fn built(python: &Path, to: &str, arguments: &[&str]) -> Result<PathBuf> {
    let out = workspace::target_dir().join(to);
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let mut build = in_environment(python, "maturin");
    build.args(["build", "--quiet", "--locked", "--out"]).arg(&out).args(arguments);
    build.arg("--interpreter").arg(python).current_dir(workspace::root());
    succeed(&mut build)?;
    only_file(&out)
}

/// Installs a wheel in place of what an environment has of it.
pub(crate) fn install(python: &Path, wheel: &Path) -> Result<()> {
    let mut install = Command::new(python);
    install.args(["-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall"]).arg(wheel);
    succeed(&mut install)
}

/// A program of a virtual environment, which finds others of it.
fn in_environment(python: &Path, program: &str) -> Command {
    let folder = python.parent().unwrap_or(Path::new("")).to_owned();
    let mut command = Command::new(folder.join(program));
    let mut path = folder.into_os_string();
    if let Some(old) = std::env::var_os("PATH") {
        path.push(":");
        path.push(old);
    }
    command.env("PATH", path);
    command
}

fn only_file(folder: &Path) -> Result<PathBuf> {
    let mut entries = fs::read_dir(folder)?;
    let (Some(entry), None) = (entries.next(), entries.next()) else {
        bail!("{} should hold one wheel", folder.display());
    };
    entry.map(|entry| entry.path()).context("cannot read the wheel's folder")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A line for each package with its features.
    fn packages(arguments: &[&str]) -> BTreeSet<String> {
        let mut tree = workspace::cargo();
        tree.args(["tree", "--locked", "--prefix", "none", "--format", "{p} {f}"]).args(arguments);
        let told = tree.output().unwrap();
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        let told = String::from_utf8(told.stdout).unwrap();
        told.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
    }

    #[test]
    fn the_wheel_that_is_checked_is_made_of_what_the_tests_are_made_of() {
        let features = ["--package", "ossicle-python", "--edges", "normal", DEV[2], DEV[3]];
        let of_wheel = packages(&features);
        let of_tests = packages(&["--workspace", "--edges", "normal,dev,build"]);
        let others: Vec<&String> = of_wheel.difference(&of_tests).collect();
        // The package of the wheel itself is in no test.
        assert!(matches!(others[..], [it] if it.starts_with("ossicle-python ")), "{others:#?}");
    }
}
