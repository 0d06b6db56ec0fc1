//! `cargo xtask remote`: object stores, beside servers that are programs of other people.
//!
//! moto and s3s-fs run on loopback; between them and ossicle stands a proxy that answers 503, cuts bodies,
//! stands still, loses answers and sends requests twice. The tests are in `bench/remote`.

use anyhow::Result;
use std::process::Command;

use crate::python::{environment, succeed};
use crate::workspace::{cargo, root, target_dir};

/// The version of the server that is installed from crates.io.
const S3S_FS: &str = "0.14.1";

pub(crate) fn run() -> Result<()> {
    let folder = root().join("bench/remote");
    let python = environment("remote-venv", &[folder.join("requirements.txt")])?;
    let servers = target_dir().join("remote-servers");
    let s3s_fs = servers.join("bin/s3s-fs");
    if !s3s_fs.exists() {
        let mut install = cargo();
        install
            .args(["install", "s3s-fs", "--version", S3S_FS, "--features", "binary", "--root"])
            .arg(&servers);
        succeed(&mut install)?;
    }
    succeed(cargo().args(["test", "-p", "ossicle-remote", "--features", "cloud", "--locked"]))?;
    succeed(cargo().args(["build", "-p", "ossicle-cli", "--features", "cloud", "--locked"]))?;
    let mut tests = Command::new(python);
    tests.args(["-m", "pytest", "-x", "-q"]).arg(&folder).current_dir(root());
    tests.env("OSSICLE", target_dir().join("debug/ossicle")).env("S3S_FS", s3s_fs);
    succeed(&mut tests)
}
