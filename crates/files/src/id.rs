//! What tells a file from every other.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use crate::url::{is_url, simple};

/// A file, whatever it is called: links to it have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u64, u64);

/// Returns which file a path leads to; none where it leads to nothing that can be looked at.
#[cfg(unix)]
pub fn file_id(path: &Path) -> Option<FileId> {
    if is_url(path) {
        return Some(object_id(path));
    }
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path).ok()?;
    Some(FileId(metadata.dev(), metadata.ino()))
}

/// Returns which file a path leads to; none where it leads to nothing that can be looked at.
#[cfg(not(unix))]
pub fn file_id(path: &Path) -> Option<FileId> {
    if is_url(path) {
        return Some(object_id(path));
    }
    let mut hasher = DefaultHasher::new();
    std::fs::canonicalize(path).ok()?.hash(&mut hasher);
    Some(FileId(0, hasher.finish()))
}

/// An object is known by its name alone. No device has this number.
fn object_id(url: &Path) -> FileId {
    let mut hasher = DefaultHasher::new();
    simple(url).hash(&mut hasher);
    FileId(u64::MAX, hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn links_of_both_kinds_are_the_file_and_a_copy_is_another() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("a"), b"1").unwrap();
        fs::write(at("copy"), b"1").unwrap();
        fs::hard_link(at("a"), at("hard")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("a", at("soft")).unwrap();
        let id = |name: &str| file_id(&at(name));
        assert!(id("a").is_some());
        assert_eq!(id("a"), id("./a"));
        #[cfg(unix)]
        assert_eq!([id("hard"), id("soft")], [id("a"); 2]);
        assert_ne!(id("copy"), id("a"));
        assert_eq!(id("none"), None);
    }
}
