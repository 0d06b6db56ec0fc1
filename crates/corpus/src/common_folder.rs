//! The paths of several things, and the folder that all of them are in.

use std::path::{Path, PathBuf};

use ossicle_files::{absolute, is_absolute, is_url, simple};

use crate::error::Error;

/// The paths without `.`, and all of them absolute where one of them is.
pub(crate) fn comparable(words: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let are_absolute = words.iter().any(|word| is_absolute(word));
    let path = |word: &PathBuf| match are_absolute {
        true => {
            let absolute = absolute(word);
            absolute.map_err(|source| Error::Open { path: word.clone(), source })
        }
        // A lone `.` stays one, so that there is something to look at.
        false => Ok(Some(simple(word)).filter(|path| path != Path::new("")).unwrap_or(".".into())),
    };
    words.iter().map(path).collect()
}

/// The innermost folder that all of these are in; `.` for the current one, and for those that have none in common.
pub(crate) fn common_folder(folders: &[PathBuf]) -> PathBuf {
    let folders: Vec<PathBuf> = folders.iter().map(|folder| simple(folder)).collect();
    let Some((first, others)) = folders.split_first() else { return ".".into() };
    let shared = |parts: usize, other: &PathBuf| {
        let same = first.components().zip(other.components()).take_while(|(a, b)| a == b);
        parts.min(same.count())
    };
    let parts = others.iter().fold(first.components().count(), shared);
    if is_url(first) {
        // A URL's components are its scheme, its bucket, and so on.
        let up = first.components().count() - parts;
        let mut above = std::iter::successors(Some(&**first), |path| ossicle_files::parent(path));
        return above.nth(up).map_or_else(|| ".".into(), Path::to_path_buf);
    }
    let common: PathBuf = first.components().take(parts).collect();
    if common.as_os_str().is_empty() { ".".into() } else { common }
}

/// A folder, as it is called in another that it is in.
pub(crate) fn relative_to(folder: &Path, root: &Path) -> PathBuf {
    let (folder, root) = (simple(folder), simple(root));
    folder.strip_prefix(&root).map(Path::to_path_buf).unwrap_or(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::folder_of;

    #[test]
    fn the_common_folder_has_all_of_them() {
        let common = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            let paths = comparable(&paths).unwrap();
            common_folder(&paths.iter().map(|path| folder_of(path).into()).collect::<Vec<_>>())
        };
        assert_eq!(common(&["a.wav", "b.wav"]), Path::new("."));
        assert_eq!(common(&["x/a.wav", "./x/b.wav"]), Path::new("x"));
        assert_eq!(common(&["x/y", "x/yz"]), Path::new("x"));
        assert_eq!(common(&["x/y/a.wav", "x"]), Path::new("."));
        assert_eq!(common(&["/d/x/a.wav", "/d/y"]), Path::new("/d"));
        assert_eq!(common(&["../x/a.wav", "../x/b.wav"]), Path::new("../x"));
        assert_eq!(common(&["s3://b/x/a.wav", "s3://b/x/y/b.wav"]), Path::new("s3://b/x"));
        assert_eq!(common(&["s3://b/x/a.wav", "s3://b/y/b.wav"]), Path::new("s3://b"));
        assert_eq!(common(&["s3://b/x/a.wav", "s3://c/y/b.wav"]), Path::new("."));
        assert_eq!(common(&["s3://b/x/a.wav", "gs://b/y/b.wav"]), Path::new("."));
        let here = std::env::current_dir().unwrap();
        let inside = here.join("b.wav");
        assert_eq!(common(&["a.wav", inside.to_str().unwrap()]), here);
    }
}
