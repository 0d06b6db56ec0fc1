//! A commit's files in a folder of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::bench::scratch::Scratch;
use crate::{python, workspace};

/// The folder in which commits are laid out and built; kept, so that the next comparison begins at once.
pub(crate) fn folder() -> PathBuf {
    workspace::target_dir().join("against")
}

/// A commit laid out in `target/against/COMMIT`.
pub(crate) struct Checkout {
    name: String,
    folder: PathBuf,
}

impl Checkout {
    /// Lays out a commit that `git rev-parse` understands, unless it is there already.
    pub(crate) fn of(commit: &str) -> Result<Self> {
        let mut rev_parse = git();
        rev_parse.args(["rev-parse", "--verify", "--quiet", "--end-of-options"]);
        // Of a tag, the commit that it is on.
        rev_parse.arg(format!("{commit}^{{commit}}"));
        let Some(hash) = printed(&mut rev_parse)? else {
            bail!("{commit:?} is no commit of this repository");
        };
        let name = printed(git().args(["rev-parse", "--short", &hash]))?;
        let name = name.unwrap_or_else(|| hash.clone());
        let checkout = Self { name, folder: folder().join(&hash) };
        if !checkout.folder.is_dir() {
            checkout.lay_out(&hash)?;
        }
        Ok(checkout)
    }

    /// The commit's short hash.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder that Cargo builds it in.
    pub(crate) fn target_dir(&self) -> PathBuf {
        self.folder.join("target")
    }

    fn lay_out(&self, hash: &str) -> Result<()> {
        eprintln!("xtask: laying out {} in {}", self.name, self.folder.display());
        fs::create_dir_all(folder())?;
        let unfinished = Scratch::new(folder().join("unfinished"));
        unfinished.clear()?;
        let index = Scratch::new(folder().join("unfinished-index"));
        index.clear()?;
        fs::create_dir(index.path())?;
        // With an index of its own, git touches neither this working tree nor its list of worktrees.
        let git = || {
            let mut git = git();
            git.env("GIT_INDEX_FILE", index.path().join("index"));
            git
        };
        python::succeed(git().args(["read-tree", hash]))?;
        let mut prefix = unfinished.path().as_os_str().to_owned();
        prefix.push("/");
        python::succeed(git().args(["checkout-index", "--all", "--prefix"]).arg(prefix))?;
        fs::rename(unfinished.path(), &self.folder)
            .with_context(|| format!("cannot rename to {}", self.folder.display()))
    }
}

fn git() -> Command {
    let mut git = Command::new("git");
    git.current_dir(workspace::root());
    git
}

/// Returns what a command prints; nothing if it fails.
fn printed(command: &mut Command) -> Result<Option<String>> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let text = String::from_utf8(output.stdout)?.trim().to_owned();
    Ok(output.status.success().then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_commit_is_an_error_that_shows_it() {
        for word in ["no-such-branch", "--all", ""] {
            let error = Checkout::of(word).err().unwrap().to_string();
            assert_eq!(error, format!("{word:?} is no commit of this repository"));
        }
    }
}
