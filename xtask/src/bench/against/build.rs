//! The programs of a working tree and of a commit.
//!
//! Each commit has a folder of its own to build in: Cargo knows a package by its place in the workspace,
//! and would take one commit's for another's if the files happen to be older.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};

use super::checkout::Checkout;
use crate::bench::features::program::{self, ALONE};
use crate::bench::scratch::Scratch;
use crate::bench::subject::Ossicle;
use crate::{python, workspace};

/// The commit's command, as it is released.
pub(crate) fn ossicle_of(checkout: &Checkout) -> Result<Ossicle> {
    eprintln!("xtask: building ossicle of {}", checkout.name());
    let target = checkout.target_dir();
    python::succeed(
        workspace::cargo()
            .current_dir(checkout.folder())
            .args(["build", "--release", "--locked", "--package", "ossicle-cli", "--target-dir"])
            .arg(&target),
    )?;
    Ok(Ossicle::at(target.join("release/ossicle")))
}

/// The program that times features, without other crates.
pub(crate) fn features_here() -> Result<PathBuf> {
    eprintln!("xtask: building {}", program::FOLDER);
    let package = workspace::root().join(program::FOLDER);
    let target = workspace::target_dir().join("bench-features");
    program::build(&package, &target, &["--locked", ALONE])
}

/// The same program, as it is in this working tree, over the commit's `ossicle-dsp`. Where that is asked
/// for features in another way, the commit says how.
pub(crate) fn features_of(checkout: &Checkout, notes: &mut Vec<String>) -> Result<PathBuf> {
    let name = checkout.name();
    eprintln!("xtask: building {} over {name}", program::FOLDER);
    // Beside the commit's own, so that `../../crates/dsp` is the commit's.
    let package = checkout.folder().join("bench/against");
    copy_package(&workspace::root().join(program::FOLDER), &package)?;
    let target = checkout.target_dir().join("features");
    // Without --locked: the commit's `ossicle-dsp` may need what this lock file does not have.
    let fits = program::command(&package, &target, &[ALONE])
        .stderr(Stdio::null())
        .status()
        .context("cannot start cargo")?
        .success();
    if !fits {
        let ours = checkout.folder().join(program::FOLDER).join("src/ours.rs");
        fs::copy(&ours, package.join("src/ours.rs")).with_context(|| {
            format!("{name} cannot be measured alone: there is no {}", ours.display())
        })?;
        notes.push(format!("features are asked for as in {name}'s {}", program::FOLDER));
    }
    program::build(&package, &target, &[ALONE])
}

/// Copies a package: its manifest, its lock file and its sources.
fn copy_package(from: &Path, to: &Path) -> Result<()> {
    let sources = to.join("src");
    Scratch::new(to.to_owned()).clear()?;
    fs::create_dir_all(&sources).with_context(|| format!("cannot make {}", sources.display()))?;
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(from.join(file), to.join(file))?;
    }
    for entry in fs::read_dir(from.join("src"))? {
        let entry = entry?;
        fs::copy(entry.path(), sources.join(entry.file_name()))?;
    }
    Ok(())
}
