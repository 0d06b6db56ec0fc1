//! How standard error and a log tell what happens.

use std::ffi::OsString;

use clap::ValueEnum;

/// What lines are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// People
    Text,
    /// Programs: a JSON object a line, each an event
    Json,
}

/// Returns whether the words of a command line ask for events, of which something else may be wrong.
pub(crate) fn is_json_asked(words: &[OsString]) -> bool {
    let words = words.iter().take_while(|word| *word != "--");
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    let is_asked = |word: &str| word == "--log-format=json";
    words.iter().any(|word| is_asked(word))
        || words.windows(2).any(|pair| is_asked(&format!("{}={}", pair[0], pair[1])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_asked_for_in_one_word_or_two_before_the_words_that_are_paths() {
        let is_asked = |line: &str| {
            let words: Vec<_> = line.split(' ').map(OsString::from).collect();
            is_json_asked(&words)
        };
        assert!(is_asked("ossicle extract --log-format json --wrong"));
        assert!(is_asked("ossicle extract --wrong --log-format=json"));
        assert!(!is_asked("ossicle extract --log-format text json"));
        assert!(!is_asked("ossicle extract -- --log-format json"));
    }
}
