//! What fuzzing once found, for the tests that feed it to the checks again.

use std::fs;
use std::path::{Path, PathBuf};

/// Every fixture of a target: its path and its bytes.
///
/// # Panics
/// If there is none: a test that looks at nothing would pass.
pub(crate) fn fixtures(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let folder = above.find_map(|folder| {
        let fixtures = folder.join("fuzz/fixtures");
        fixtures.is_dir().then(|| fixtures.join(target))
    });
    let folder = folder.expect("the project has a folder fuzz/fixtures");
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry of a folder").path()).collect();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).expect("a fixture"))).collect()
}
