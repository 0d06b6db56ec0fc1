//! Says what the feature `opus` takes, where it is not there: the error of libopus' own build does not.

use std::env;
use std::process::{Command, Stdio};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CMAKE");
    if env::var_os("CARGO_FEATURE_OPUS").is_none() {
        return;
    }
    let cmake = env::var_os("CMAKE").unwrap_or_else(|| "cmake".into());
    let found = Command::new(cmake).arg("--version").stdout(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        println!(
            "cargo::warning=the feature `opus` builds libopus, which takes a C compiler and cmake, and cmake \
             is not here; without the feature all else is read, and Opus is refused by name"
        );
    }
}
