//! `cargo xtask licences`: may everything that is linked or built with be used under its licence?

use anyhow::{Context, Result, anyhow, bail};
use cargo_metadata::{MetadataCommand, Package};
use spdx::{Expression, Licensee, ParseMode};

use crate::workspace;

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

/// The form in which packages state them: those older than the rule write a slash for `OR`.
const MODE: ParseMode = ParseMode { allow_slash_as_or_operator: true, ..ParseMode::STRICT };

/// Fails with a line for each dependency, of any platform or kind, that has no allowed licence.
pub(crate) fn check() -> Result<()> {
    let mut command = MetadataCommand::new();
    command.current_dir(workspace::root()).other_options(["--locked".to_owned()]);
    let metadata = command.exec()?;
    // The workspace's own packages come from no source.
    let dependencies: Vec<_> = metadata.packages.iter().filter(|it| it.source.is_some()).collect();
    let faults = faults_of(&dependencies)?;
    let num_dependencies = dependencies.len();
    if !faults.is_empty() {
        bail!("{} of {num_dependencies} dependencies:\n  {}", faults.len(), faults.join("\n  "));
    }
    eprintln!("xtask: {num_dependencies} dependencies, all under allowed licences");
    Ok(())
}

/// A line for each dependency at fault.
fn faults_of(dependencies: &[&Package]) -> Result<Vec<String>> {
    let allowed = allowed()?;
    let faults = dependencies.iter().filter_map(|package| {
        let fault = check_licence(package.license.as_deref(), &allowed).err()?;
        Some(format!("{} {}: {fault:#}", package.name, package.version))
    });
    Ok(faults.collect())
}

fn allowed() -> Result<Vec<Licensee>> {
    let parse = |name: &&str| Licensee::parse(name).with_context(|| format!("licence {name:?}"));
    ALLOWED.iter().map(parse).collect()
}

fn check_licence(licence: Option<&str>, allowed: &[Licensee]) -> Result<()> {
    let text = licence.context("states no licence")?;
    let expression = Expression::parse_mode(text, MODE)
        .map_err(|error| anyhow!("licence {text:?}: {}", error.reason))?;
    if !expression.evaluate(|licence| allowed.iter().any(|it| it.satisfies(licence))) {
        bail!("licence {text:?} is not on the list in xtask/src/licences.rs");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_allowed(text: &str) -> bool {
        check_licence(Some(text), &allowed().unwrap()).is_ok()
    }

    #[test]
    fn every_allowed_licence_is_one_and_satisfies_itself() {
        for name in ALLOWED {
            assert!(is_allowed(name), "{name}");
        }
    }

    #[test]
    fn a_choice_needs_one_that_is_allowed_and_a_sum_needs_all() {
        for text in [
            "MIT OR GPL-3.0-only",
            "GPL-3.0-only OR MIT",
            "MIT AND ISC",
            // (A AND B) OR C: C alone is enough.
            "GPL-3.0-only AND ISC OR MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
        ] {
            assert!(is_allowed(text), "{text}");
        }
        for text in ["GPL-3.0-only OR AGPL-3.0-only", "MIT AND GPL-3.0-only", "LGPL-2.1-or-later"] {
            assert!(!is_allowed(text), "{text}");
        }
    }

    #[test]
    fn a_slash_is_an_old_or() {
        assert!(is_allowed("MIT/GPL-3.0-only"));
        assert!(is_allowed("Unlicense / MIT"));
    }

    #[test]
    fn a_licence_with_an_exception_is_another_licence() {
        assert!(is_allowed("Apache-2.0 WITH LLVM-exception AND MIT"));
        assert!(!is_allowed("MIT WITH LLVM-exception"));
        assert!(!is_allowed("Apache-2.0 WITH Classpath-exception-2.0"));
    }

    #[test]
    fn each_dependency_at_fault_is_a_line() {
        let package = |name: &str, license: Option<&str>| -> Package {
            serde_json::from_value(serde_json::json!({
                "name": name, "version": "1.0.0", "id": name, "manifest_path": "Cargo.toml",
                "dependencies": [], "targets": [], "features": {}, "license": license,
            }))
            .unwrap()
        };
        let packages = [
            package("good", Some("MIT/Apache-2.0")),
            package("strict", Some("GPL-3.0-only")),
            package("silent", None),
            package("odd", Some("MIT OR")),
        ];
        let faults = faults_of(&packages.each_ref()).unwrap();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].starts_with("strict 1.0.0: licence \"GPL-3.0-only\" is not on the list"));
        assert_eq!(faults[1], "silent 1.0.0: states no licence");
        assert!(faults[2].starts_with("odd 1.0.0: licence \"MIT OR\": "), "{faults:?}");
        assert!(faults.iter().all(|fault| fault.lines().count() == 1), "{faults:?}");
    }
}
