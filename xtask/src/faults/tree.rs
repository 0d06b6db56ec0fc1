//! All files of a dataset, with their bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// The file of what varies from run to run, which no promise covers.
const RUN_FILE: &str = "run.json";
pub(crate) const CARD_FILE: &str = "dataset.json";
pub(crate) const WORK_DIR: &str = ".ossicle";

/// The bytes of every file below a folder, by its path there; an empty folder ends with a slash.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tree(BTreeMap<String, Vec<u8>>);

impl Tree {
    /// All but `run.json`.
    pub(crate) fn of(folder: &Path) -> Result<Self> {
        let mut files = BTreeMap::new();
        gather(folder, "", &mut files)?;
        files.remove(RUN_FILE);
        Ok(Self(files))
    }

    /// The same without what a run keeps while it goes on.
    pub(crate) fn without_work(mut self) -> Self {
        let prefix = format!("{WORK_DIR}/");
        self.0.retain(|name, _| !name.starts_with(&prefix));
        self
    }

    /// Adds a file that is not the program's.
    pub(crate) fn with(mut self, name: &str, text: &str) -> Self {
        self.0.insert(name.to_owned(), text.as_bytes().to_vec());
        self
    }

    /// # Errors
    /// If a file is missing, is too many, or has other bytes.
    pub(crate) fn require_same(&self, found: &Self) -> Result<()> {
        for (name, bytes) in &self.0 {
            let found = found.0.get(name).with_context(|| format!("{name} is missing"))?;
            ensure!(found == bytes, "{name} has other bytes than in the reference");
        }
        let extra = found.0.keys().find(|name| !self.0.contains_key(*name));
        ensure!(extra.is_none(), "{} is left over", extra.map_or("", String::as_str));
        Ok(())
    }
}

fn gather(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    let entries = fs::read_dir(folder);
    let mut is_empty = true;
    for entry in entries.with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        is_empty = false;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    if is_empty && !prefix.is_empty() {
        files.insert(prefix.to_owned(), Vec::new());
    }
    Ok(())
}

/// Copies a folder with everything in it, also the times of its files.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy(&from, &to)?;
        } else {
            fs::copy(&from, &to)?;
            let modified = entry.metadata()?.modified()?;
            fs::File::options().write(true).open(&to)?.set_modified(modified)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_a_changed_and_an_extra_file_are_named() {
        let tree = |files: &[(&str, &str)]| {
            Tree(files.iter().map(|(n, b)| (n.to_string(), b.as_bytes().to_vec())).collect())
        };
        let whole = tree(&[("a", "1"), ("b/c", "2")]);
        let message = |found| whole.require_same(&found).unwrap_err().to_string();
        assert_eq!(message(tree(&[("a", "1")])), "b/c is missing");
        assert!(message(tree(&[("a", "1"), ("b/c", "3")])).starts_with("b/c has other bytes"));
        let extra = tree(&[("a", "1"), ("b/c", "2"), (".ossicle/", "")]);
        assert_eq!(message(extra.clone()), ".ossicle/ is left over");
        whole.require_same(&extra.without_work()).unwrap();
    }
}
