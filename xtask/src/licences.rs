//! `cargo xtask licences`: may everything that is linked or built with be used under its licence?

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::spdx::Expression;
use crate::workspace::{cargo, no_arguments};

/// Permissive licences, and MPL-2.0, whose conditions end at its own files.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<()> {
    no_arguments(arguments)?;
    check()
}

/// Fails with a line for each dependency, of any platform or kind, that has no allowed licence.
pub(crate) fn check() -> Result<()> {
    let output = cargo()
        .args(["metadata", "--locked", "--format-version", "1"])
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: Value =
        serde_json::from_slice(&output.stdout).context("cargo metadata printed no JSON")?;
    let (num_dependencies, faults) = judge(&metadata)?;
    if !faults.is_empty() {
        bail!("{} of {num_dependencies} dependencies:\n  {}", faults.len(), faults.join("\n  "));
    }
    eprintln!("xtask: {num_dependencies} dependencies, all under allowed licences");
    Ok(())
}

/// The number of dependencies in what `cargo metadata` printed, and a line for each at fault.
fn judge(metadata: &Value) -> Result<(usize, Vec<String>)> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    // The workspace's own packages come from no source.
    let dependencies: Vec<_> = packages.iter().filter(|it| !it["source"].is_null()).collect();
    let mut faults = Vec::new();
    for package in &dependencies {
        let name = package["name"].as_str().unwrap_or("?");
        let version = package["version"].as_str().unwrap_or("?");
        if let Err(fault) = judge_licence(package["license"].as_str()) {
            faults.push(format!("{name} {version}: {fault:#}"));
        }
    }
    Ok((dependencies.len(), faults))
}

fn judge_licence(licence: Option<&str>) -> Result<()> {
    let licence = licence.context("states no licence")?;
    let expression = Expression::parse(licence).with_context(|| format!("licence {licence:?}"))?;
    if !expression.is_satisfied_by(ALLOWED) {
        bail!("licence {licence:?} is not on the list in xtask/src/licences.rs");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_dependency_at_fault_is_a_line_and_own_packages_are_not_judged() {
        let metadata = json!({"packages": [
            {"name": "own", "version": "0.1.0", "source": null, "license": null},
            {"name": "good", "version": "1.0.0", "source": "registry", "license": "MIT/Apache-2.0"},
            {"name": "strict", "version": "2.0.0", "source": "registry", "license": "GPL-3.0-only"},
            {"name": "silent", "version": "3.0.0", "source": "registry", "license": null},
            {"name": "odd", "version": "4.0.0", "source": "registry", "license": "MIT OR"},
        ]});
        let (num_dependencies, faults) = judge(&metadata).unwrap();
        assert_eq!(num_dependencies, 4);
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].starts_with("strict 2.0.0: licence \"GPL-3.0-only\" is not on the list"));
        assert_eq!(faults[1], "silent 3.0.0: states no licence");
        assert!(faults[2].starts_with("odd 4.0.0: licence \"MIT OR\""));
    }
}
