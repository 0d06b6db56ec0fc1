//! The checks that the options of several chores share.

use std::env;

/// The command as it was typed, for records and reports.
pub(crate) fn as_typed() -> String {
    words(env::args().skip(1))
}

fn words(arguments: impl Iterator<Item = String>) -> String {
    arguments.fold("cargo xtask".to_owned(), |command, argument| command + " " + &argument)
}

/// Reads a count of which there is at least one.
pub(crate) fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it must be a whole number from 1".to_owned()),
        Ok(count) => Ok(count),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use clap::{Args, FromArgMatches, error::ErrorKind};

    use super::*;

    /// A chore's options out of the words after its name, or why they are refused.
    pub(crate) fn parsed<T: Args + FromArgMatches>(words: &[&str]) -> Result<T, clap::Error> {
        let command = T::augment_args(clap::Command::new("chore").no_binary_name(true));
        T::from_arg_matches(&command.try_get_matches_from(words)?)
    }

    /// Returns the reason why words are refused.
    pub(crate) fn refusal<T: Args + FromArgMatches>(words: &[&str]) -> ErrorKind {
        match parsed::<T>(words) {
            Ok(_) => panic!("{words:?} are accepted"),
            Err(error) => error.kind(),
        }
    }

    #[test]
    fn the_command_is_kept_as_typed() {
        let arguments = ["bench", "--runs", "3"].map(str::to_owned);
        assert_eq!(words(arguments.into_iter()), "cargo xtask bench --runs 3");
    }

    #[test]
    fn a_count_is_at_least_one() {
        assert_eq!(positive("3"), Ok(3));
        for text in ["0", "-1", "many", "", "1.5"] {
            assert!(positive(text).is_err(), "{text:?}");
        }
    }
}
