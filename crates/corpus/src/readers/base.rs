//! The folder that the relative paths of a description are relative to.

use std::path::{Component, Path, PathBuf};

use ossicle_files::{is_there, is_url, join, metadata_of_files};

use crate::names::folder_of;

/// Finds the folder that a description's relative paths are relative to: of its own folder, those above
/// it, and the current one, that in which most of its first recordings are. Programs write paths
/// relative to the folder they run in, which is often above the description's.
///
/// - `own`: the description's own folder
/// - `inside`: folders in it that recordings of such descriptions lie in
/// - `paths`: the relative paths, in the description's order
///
/// Returns none where not one of them is in any.
pub(crate) fn find_base<'a>(
    own: &Path,
    inside: &[&str],
    paths: impl Iterator<Item = &'a Path>,
) -> Option<PathBuf> {
    /// So many are looked at.
    const MOST_PATHS: usize = 32;
    let paths: Vec<&Path> = paths.take(MOST_PATHS).collect();
    let mut best: Option<(usize, PathBuf)> = None;
    for base in candidates(own, inside) {
        let all: Vec<PathBuf> = paths.iter().map(|path| join(&base, path)).collect();
        // Asked for at once, where each is a request.
        let count = match is_url(&base) {
            true => metadata_of_files(&all).iter().filter(|found| found.is_ok()).count(),
            false => all.iter().filter(|path| is_there(path)).count(),
        };
        if count > best.as_ref().map_or(0, |(most, _)| *most) {
            let all = count == paths.len();
            best = Some((count, base));
            if all {
                break;
            }
        }
    }
    best.map(|(_, base)| base)
}

/// The folders that are looked into, nearest first.
fn candidates(own: &Path, inside: &[&str]) -> Vec<PathBuf> {
    let mut all = vec![own.to_path_buf()];
    all.extend(inside.iter().map(|name| join(own, name)));
    if is_url(own) {
        // The current folder is on another machine than those who wrote the description.
        let above = std::iter::successors(Some(own), |path| ossicle_files::parent(path));
        all.extend(above.skip(1).map(Path::to_path_buf));
        return all;
    }
    let mut folder = own;
    // What is before `..` is not above it.
    while folder.components().next_back().is_some_and(|last| matches!(last, Component::Normal(_))) {
        folder = folder_of(folder);
        all.push(folder.to_path_buf());
    }
    if let Ok(folder) = folder.canonicalize() {
        all.extend(folder.ancestors().skip(1).map(Path::to_path_buf));
    }
    all.push(".".into());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_nearest_folder_that_has_most_of_them_is_taken() {
        let root = tempfile::tempdir().unwrap();
        let own = root.path().join("data/train");
        for file in ["wav/a.wav", "wav/b.wav", "data/train/wav/a.wav", "data/train/clips/c.wav"] {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        let base = |paths: &[&str]| find_base(&own, &["clips"], paths.iter().map(Path::new));
        assert_eq!(base(&["wav/a.wav"]), Some(own.clone()));
        assert_eq!(base(&["wav/a.wav", "wav/b.wav"]), Some(root.path().to_path_buf()));
        assert_eq!(base(&["wav/a.wav", "wav/c.wav"]), Some(own.clone()));
        assert_eq!(base(&["c.wav"]), Some(own.join("clips")));
        assert_eq!(base(&["no-such-folder/c.wav"]), None);
        assert_eq!(base(&[]), None);
    }

    #[test]
    fn folders_above_are_looked_into_up_to_the_root() {
        let above = candidates(Path::new("/a/b"), &[]);
        assert_eq!(above, ["/a/b", "/a", "/", "."].map(PathBuf::from));
        assert_eq!(candidates(Path::new("a"), &[])[..2], ["a", "."].map(PathBuf::from));
        let above = candidates(Path::new("../x/y"), &[]);
        assert_eq!(above[..3], ["../x/y", "../x", ".."].map(PathBuf::from));
        let here = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(above.get(3).map(PathBuf::as_path), here.ancestors().nth(2));
        assert!(candidates(Path::new("."), &[]).len() > 1);
    }
}
