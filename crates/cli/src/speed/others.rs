//! Other programs, timed in the same rounds.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use ossicle_engine::{Stopwatch, Watched};

use crate::corpus_args::CorpusArgs;

/// A command of somebody else's.
#[derive(Debug)]
pub(super) struct Other {
    /// As it was given.
    pub(super) command: String,
    /// The words of the corpus, for `{corpus}`.
    corpus: String,
}

impl Other {
    pub(super) fn new(command: &str, corpus: &CorpusArgs) -> Other {
        let words = corpus.corpus.iter().map(|word| quoted(&word.to_string_lossy()));
        let corpus = words.collect::<Vec<_>>().join(" ");
        Other { command: command.to_owned(), corpus }
    }

    /// Runs it in a shell.
    ///
    /// # Errors
    /// If it does not end well.
    pub(super) fn time(&self, watch: &mut Stopwatch<'_>) -> Result<Watched> {
        let run = |out: &Path| {
            let line = self.line(&out.to_string_lossy());
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(line).stdin(Stdio::null()).stdout(Stdio::null()).status()
        };
        let (status, watched) = watch.time_other(run)?;
        let status = status.context("cannot start sh")?;
        match status.success() {
            true => Ok(watched),
            false => bail!("{status} from {}", self.command),
        }
    }

    /// The line for the shell.
    fn line(&self, out: &str) -> String {
        self.command.replace("{corpus}", &self.corpus).replace("{out}", &quoted(out))
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_the_corpus_and_where_to_write() {
        let corpus = "'a b' 'it'\\''s'".to_owned();
        let other = Other { command: "run {corpus} --out {out}".to_owned(), corpus };
        assert_eq!(other.line("/tmp/x y"), "run 'a b' 'it'\\''s' --out '/tmp/x y'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        let line = format!("printf %s {}", quoted("it's $HOME \""));
        let said = Command::new("sh").args(["-c", &line]).output().unwrap();
        assert_eq!(said.stdout, b"it's $HOME \"");
    }
}
