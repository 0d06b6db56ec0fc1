//! Splits by the names of files, as Hugging Face gives them.

use std::path::Path;

use crate::{names::is_split_name, readers::split_names::split_of};

/// The split that a file is by its name: `NAME-00000-of-00004.parquet`, and `NAME/0000.parquet` as Hugging Face
/// converts datasets (its pages "Structure your repository" and "List Parquet files"); else a word of it.
pub(super) fn split_of_file(path: &Path) -> Option<String> {
    let stem = path.file_stem()?.to_str()?;
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let name = match sharded(stem) {
        Some(name) => Some(name),
        None if is_number(stem) => folder,
        None => None,
    };
    // `train.clean.100` is a split there.
    let name = name.map(|name| name.replace('.', "-")).filter(|name| is_split_name(name));
    name.or_else(|| split_of(path))
}

/// What stands before `-00000-of-00004`, behind which a hash may follow.
fn sharded(stem: &str) -> Option<&str> {
    let (before, after) = stem.split_once("-of-")?;
    let (name, number) = before.rsplit_once('-')?;
    let all = after.split('-').next()?;
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(number) && is_number(all)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_hugging_faces_are_splits() {
        let split = |path: &str| split_of_file(Path::new(path));
        for (path, name) in [
            ("data/train-00000-of-00004.parquet", "train"),
            ("data/validation-00000-of-00001-0123456789abcdef.parquet", "validation"),
            ("all/train.clean.100-00003-of-00014.parquet", "train-clean-100"),
            ("default/test.other/0000.parquet", "test-other"),
            ("en/dev/part-7.parquet", "dev"),
            ("my_test_set.parquet", "test"),
        ] {
            assert_eq!(split(path).as_deref(), Some(name), "{path}");
        }
        for path in ["part-0.parquet", "-00000-of-00001.parquet", "0.parquet"] {
            assert_eq!(split(path), None, "{path}");
        }
    }
}
