//! A compiler of Debian's with the sources of its standard library, unpacked and not installed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::python::succeed;
use crate::workspace;

/// What is unpacked: the compiler, and the sources of its standard library. What the compiler needs to run is found by
/// what these depend on.
const PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];

/// The beginnings of the names of packages that the compiler needs besides.
const NEEDED: [&str; 2] = ["libstd-rust-web", "libllvm"];

/// A compiler, unpacked.
pub(super) struct Toolchain {
    root: PathBuf,
}

impl Toolchain {
    /// Fetches and unpacks it, unless it is there.
    pub(super) fn unpacked() -> Result<Toolchain> {
        let folder = workspace::target_dir().join("cross");
        let toolchain = Toolchain { root: folder.join("rust") };
        // Written last, so that an interrupted unpacking is done again.
        let done = folder.join("unpacked.txt");
        let packages = all_packages()?;
        if fs::read_to_string(&done).is_ok_and(|it| it == packages.join("\n")) {
            return Ok(toolchain);
        }
        eprintln!("xtask: unpacking {}", packages.join(", "));
        let fetched = folder.join("packages");
        for folder in [&fetched, &toolchain.root] {
            if folder.exists() {
                fs::remove_dir_all(folder)?;
            }
            fs::create_dir_all(folder)?;
        }
        succeed(
            Command::new("apt-get").args(["-qq", "download"]).args(&packages).current_dir(&fetched),
        )?;
        for entry in fs::read_dir(&fetched)? {
            let package = entry?.path();
            succeed(Command::new("dpkg-deb").arg("--extract").arg(package).arg(&toolchain.root))?;
        }
        fs::remove_dir_all(&fetched)?;
        fs::write(&done, packages.join("\n"))?;
        Ok(toolchain)
    }

    /// Lets a command of Cargo's use this compiler, which compiles the target's standard library too.
    pub(super) fn apply<'a>(
        &self,
        command: &'a mut Command,
        subcommand: &str,
        target: &str,
    ) -> &'a mut Command {
        let usr = self.root.join("usr");
        let libraries = usr.join("lib").join(format!("{}-linux-gnu", std::env::consts::ARCH));
        command
            .args([
                subcommand,
                "-Zbuild-std=std,panic_abort",
                "--quiet",
                "--locked",
                "--target",
                target,
            ])
            .env("RUSTC", usr.join("bin/rustc"))
            .env("LD_LIBRARY_PATH", libraries)
            // -Zbuild-std is for nightly compilers, or for those that are told so.
            .env("RUSTC_BOOTSTRAP", "1")
            // blake3 without assembler, for which there is none of the target's here.
            .env("CARGO_FEATURE_PURE", "1")
            .env("CARGO_TARGET_DIR", self.target_dir())
            .current_dir(workspace::root())
    }

    /// Where it builds: what another compiler has built is of no use to it.
    pub(super) fn target_dir(&self) -> PathBuf {
        self.root.with_file_name("target")
    }
}

/// Names the packages, and those that they need.
fn all_packages() -> Result<Vec<String>> {
    let mut all: Vec<String> = PACKAGES.map(str::to_owned).to_vec();
    let mut next = 0;
    while let Some(package) = all.get(next).cloned() {
        for needed in needed_by(&package)? {
            if !all.contains(&needed) {
                all.push(needed);
            }
        }
        next += 1;
    }
    Ok(all)
}

fn needed_by(package: &str) -> Result<Vec<String>> {
    let output = Command::new("apt-cache").args(["depends", package]).output();
    let output = output.context("apt-cache is missing: this chore takes Debian's packages")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() || text.is_empty() {
        bail!("apt-cache knows no {package}: apt-get update, and Debian 12 or later");
    }
    Ok(names(&text))
}

/// Reads the packages that are needed to run out of what `apt-cache depends` prints.
fn names(text: &str) -> Vec<String> {
    let depends = text.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    let needed = depends.filter(|name| NEEDED.iter().any(|begin| name.starts_with(begin)));
    needed.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_compiler_needs_to_run_is_found_and_nothing_else() {
        let text = "rustc-web\n  Depends: libc6\n  Depends: libstd-rust-web-dev\n  Depends: gcc\n  \
                    Conflicts: rustc\n  Recommends: cargo-web\n  Depends: libllvm22\n";
        assert_eq!(names(text), ["libstd-rust-web-dev", "libllvm22"]);
    }
}
