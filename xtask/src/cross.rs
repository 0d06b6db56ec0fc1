//! `cargo xtask cross`: whether the program compiles for machines that this is not, as far as that can be told here.
//!
//! The standard library of other targets is compiled from its sources, which rustup's toolchain here does not have:
//! Debian's `rust-web-src` and the compiler of the same version, `rustc-web`, are unpacked into Cargo's target folder and
//! not installed.

mod toolchain;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;

use self::toolchain::Toolchain;
use crate::python::{environment, succeed};
use crate::workspace;

/// Check the program for other machines
///
/// Type-checks it for macOS, Linux on 64-bit ARM and (the crates that can be) for
/// Windows. Links it statically by zig, from PyPI, for Linux with musl, and runs
/// that. It needs apt-get and dpkg-deb, which fetch and unpack Debian's rustc-web.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only this target, as x86_64-unknown-linux-musl; may be given again
    #[arg(long, value_name = "TARGET")]
    target: Vec<String>,
}

/// What is done for a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// These packages are type-checked.
    Check(&'static [&'static str]),
    /// The program is linked, and run.
    Run,
}

/// The program, and the module of Python.
const ALL: &[&str] = &["ossicle-cli", "ossicle-python"];

/// What there is for Windows: see docs/windows.md.
const FOR_WINDOWS: &[&str] = &["ossicle-dsp"];

const TARGETS: [(&str, What); 4] = [
    ("aarch64-apple-darwin", What::Check(ALL)),
    ("aarch64-unknown-linux-gnu", What::Check(ALL)),
    ("x86_64-unknown-linux-musl", What::Run),
    ("x86_64-pc-windows-msvc", What::Check(FOR_WINDOWS)),
];

pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(unknown) = options.target.iter().find(|it| !TARGETS.iter().any(|(t, _)| t == it)) {
        bail!("{unknown} is none of {}", TARGETS.map(|(target, _)| target).join(", "));
    }
    let toolchain = Toolchain::unpacked()?;
    let mut done = Vec::new();
    for (target, what) in TARGETS {
        if !options.target.is_empty() && !options.target.iter().any(|it| it == target) {
            continue;
        }
        eprintln!("xtask: {target}");
        let start = Instant::now();
        match what {
            What::Check(packages) => check(&toolchain, target, packages),
            What::Run => link_and_run(&toolchain, target),
        }
        .with_context(|| format!("for {target}"))?;
        done.push(line(target, what, start.elapsed().as_secs_f64()));
    }
    println!("{}", done.join("\n"));
    Ok(())
}

/// What was found out about a target.
fn line(target: &str, what: What, seconds: f64) -> String {
    let found = match what {
        What::Check(packages) => format!("{} type-checked, not run", packages.join(" and ")),
        What::Run => "linked statically, and run".to_owned(),
    };
    format!("{target}: {found} ({seconds:.0} s)")
}

fn check(toolchain: &Toolchain, target: &str, packages: &[&str]) -> Result<()> {
    let mut command = workspace::cargo();
    toolchain.apply(&mut command, "check", target);
    command.args(packages.iter().flat_map(|package| ["--package", package]));
    // The module for any Python from 3.10 on needs no interpreter of the target.
    command.env("PYO3_NO_PYTHON", "1");
    succeed(&mut command)
}

/// Links the program by zig, which has musl, and makes a small corpus with it.
fn link_and_run(toolchain: &Toolchain, target: &str) -> Result<()> {
    let requirements = workspace::root().join("python/requirements-cross.txt");
    let python = environment("cross-venv", &[requirements])?;
    let programs = python.parent().context("the environment has no folder of programs")?;
    let mut command = Command::new(programs.join("cargo-zigbuild"));
    toolchain.apply(&mut command, "rustc", target);
    command
        .args(["--package", "ossicle-cli", "--bin", "ossicle"])
        .env("PATH", with_first(programs)?);
    // musl and where programs begin are zig's: Debian's compiler brings none of this target's.
    command.args(["--", "-Clink-self-contained=no"]);
    succeed(&mut command)?;
    let program = toolchain.target_dir().join(target).join("debug/ossicle");
    if !is_static(&program)? {
        bail!("{} is linked with libraries", program.display());
    }
    succeed(Command::new(&program).arg("--version"))?;
    let demo = toolchain.target_dir().join("demo");
    succeed(Command::new(&program).args(["demo", "--scale", "0.01"]).arg(&demo))?;
    std::fs::remove_dir_all(&demo).with_context(|| format!("cannot remove {}", demo.display()))
}

/// The search path with a folder before all others.
fn with_first(folder: &Path) -> Result<std::ffi::OsString> {
    let old = std::env::var_os("PATH").unwrap_or_default();
    let all = [folder.to_owned()].into_iter().chain(std::env::split_paths(&old));
    std::env::join_paths(all).context("a folder of programs has a colon in its name")
}

/// Whether a program takes no library from the machine that it runs on: its headers name no loader.
fn is_static(program: &Path) -> Result<bool> {
    let output =
        Command::new("readelf").args(["--program-headers", "--wide"]).arg(program).output()?;
    Ok(output.status.success() && !String::from_utf8_lossy(&output.stdout).contains("INTERP"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_run_is_said() {
        assert_eq!(
            line("aarch64-apple-darwin", What::Check(ALL), 61.2),
            "aarch64-apple-darwin: ossicle-cli and ossicle-python type-checked, not run (61 s)"
        );
        assert_eq!(
            line("x86_64-unknown-linux-musl", What::Run, 200.0),
            "x86_64-unknown-linux-musl: linked statically, and run (200 s)"
        );
    }

    #[test]
    fn a_target_that_is_none_is_named() {
        let options = Options { target: vec!["sparc".to_owned()] };
        assert!(run(&options).unwrap_err().to_string().starts_with("sparc is none of aarch64-"));
    }
}
