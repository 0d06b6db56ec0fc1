//! Splits by the names of files, as Hugging Face's `datasets` finds them: a word of the name of a file or
//! of its folder says which split it is (its page "Structure your repository").

use std::path::{Path, PathBuf};

/// The words of the splits, in the order in which splits are.
const WORDS: [&[&str]; 3] = [
    &["train", "training"],
    &["validation", "valid", "val", "dev"],
    &["test", "testing", "eval", "evaluation"],
];

/// The splits that names tell, in order, and for each path the place of its split among them. None where
/// not all of them tell.
pub(crate) fn splits_of_names(paths: &[PathBuf]) -> Option<(Vec<String>, Vec<u32>)> {
    splits_by(paths, split_of)
}

/// The splits of files, as above.
///
/// - `split_of`: the split that a file is by its name
pub(crate) fn splits_by(
    paths: &[PathBuf],
    split_of: impl Fn(&Path) -> Option<String>,
) -> Option<(Vec<String>, Vec<u32>)> {
    let names: Vec<String> = paths.iter().map(|path| split_of(path)).collect::<Option<_>>()?;
    let rank = |name: &String| {
        let first = name.split(['-', '_']).next().unwrap_or_default();
        WORDS.iter().position(|words| words.contains(&first)).unwrap_or(WORDS.len())
    };
    let mut splits = names.clone();
    splits.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
    splits.dedup();
    let place = |name: &String| splits.iter().position(|split| split == name);
    // Each is there, and memory ends long before the numbers do.
    let places = names.iter().filter_map(place).map(|place| place as u32).collect();
    Some((splits, places))
}

/// The split of a file: the first word for one in its name, or else in the name of its folder.
pub(crate) fn split_of(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    [Some(name), folder].into_iter().flatten().find_map(|name| {
        let words = name.split(|c: char| !c.is_ascii_alphabetic()).map(str::to_ascii_lowercase);
        words.into_iter().find(|word| WORDS.iter().any(|known| known.contains(&word.as_str())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_splits_in_the_order_of_splits() {
        let of =
            |names: &[&str]| splits_of_names(&names.iter().map(PathBuf::from).collect::<Vec<_>>());
        let names = ["dev-0.tar", "d/test_00000-of-00001.parquet", "x/train/0.tar", "train0.tar"];
        let (splits, places) = of(&names).unwrap();
        assert_eq!(splits, ["train", "dev", "test"]);
        assert_eq!(places, [1, 2, 0, 0]);
        assert_eq!(of(&["train-0.tar", "shard-0.tar"]), None);
        assert_eq!(of(&["trainer-0.tar"]), None);
        assert_eq!(of(&["train/a-0.tar", "TEST/a-0.tar"]).unwrap().0, ["train", "test"]);
    }
}
