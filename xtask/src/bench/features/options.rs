//! What can be said after `cargo xtask bench features`.

use anyhow::{Result, bail};

use crate::bench::options;

pub(crate) const USAGE: &str = "\
Usage: cargo xtask bench features [OPTIONS]

Times a frame of each feature on one thread, of ten seconds of sound in memory: ossicle, mel_spec,
and Python's packages, in turn.

  --runs N         turns of each, 0.25 s every one    [5]
  --with-torch     PyTorch's and torchaudio's too: installs them, 5 GB
  --no-peers       without Python
  --record         write bench/record/features.md too

With --against COMMIT it is another benchmark: is this tree slower (--against --help)?
";

pub(crate) struct Options {
    pub(crate) runs: usize,
    pub(crate) with_torch: bool,
    pub(crate) with_peers: bool,
    pub(crate) record: bool,
    /// As typed, for the record.
    pub(crate) command: String,
}

pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Option<Options>> {
    let mut options = Options {
        runs: 5,
        with_torch: false,
        with_peers: true,
        record: false,
        command: "cargo xtask bench features".to_owned(),
    };
    let mut arguments = arguments.inspect(|it| {
        options.command.push(' ');
        options.command.push_str(it);
    });
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "--runs" => options.runs = options::count(&name, arguments.next())?,
            "--with-torch" => options.with_torch = true,
            "--no-peers" => options.with_peers = false,
            "--record" => options.record = true,
            "--help" | "-h" => return Ok(None),
            _ => bail!("unexpected argument {name:?} (see cargo xtask bench features --help)"),
        }
    }
    Ok(Some(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Option<Options>> {
        parse(words.iter().map(|&word| word.to_owned()))
    }

    #[test]
    fn options_are_read_and_the_command_is_kept_as_typed() {
        let options = parsed(&["--runs", "3", "--with-torch"]).unwrap().unwrap();
        assert_eq!(options.runs, 3);
        assert!(options.with_torch && options.with_peers && !options.record);
        assert_eq!(options.command, "cargo xtask bench features --runs 3 --with-torch");
        assert!(parsed(&["--help"]).unwrap().is_none());
    }

    #[test]
    fn an_unknown_option_is_an_error() {
        let error = parsed(&["--fast"]).err().unwrap().to_string();
        assert_eq!(error, "unexpected argument \"--fast\" (see cargo xtask bench features --help)");
    }
}
