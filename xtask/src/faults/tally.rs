//! The counts of what happened in a scenario.

use std::collections::BTreeMap;
use std::time::Duration;

/// The counts of one scenario.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) scenario: &'static str,
    pub(crate) rounds: usize,
    pub(crate) took: Duration,
    /// The events, each with how often it happened.
    pub(crate) counts: BTreeMap<String, usize>,
    pub(crate) failures: Vec<Failure>,
    /// The scenarios that could not be tried here, and why.
    pub(crate) not_run: Vec<String>,
    /// The longest time of something, by what it was.
    pub(crate) longest: BTreeMap<String, Duration>,
}

/// A broken promise.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) what: String,
    /// The command that shows it again.
    pub(crate) repeat: String,
    /// The folder of the round.
    pub(crate) kept: String,
    /// The number of others like it.
    pub(crate) more: usize,
}

impl Tally {
    pub(crate) fn new(scenario: &'static str) -> Self {
        Self {
            scenario,
            rounds: 0,
            took: Duration::ZERO,
            counts: BTreeMap::new(),
            failures: Vec::new(),
            not_run: Vec::new(),
            longest: BTreeMap::new(),
        }
    }

    pub(crate) fn count(&mut self, what: impl Into<String>) {
        self.add(what, 1);
    }

    pub(crate) fn add(&mut self, what: impl Into<String>, times: usize) {
        if times > 0 {
            *self.counts.entry(what.into()).or_default() += times;
        }
    }

    pub(crate) fn time(&mut self, what: &str, took: Duration) {
        let longest = self.longest.entry(what.to_owned()).or_default();
        *longest = took.max(*longest);
    }

    /// Counts the rounds that failed, those that are alike counted each.
    pub(crate) fn failed(&self) -> usize {
        self.failures.iter().map(|failure| 1 + failure.more).sum()
    }

    /// Counts a failure with one that is like it, if there was one: a fault that a hundred calls have is
    /// one to be looked at.
    pub(crate) fn is_known(&mut self, what: &str) -> bool {
        let known = self.failures.iter_mut().find(|known| alike(&known.what, what));
        known.map(|known| known.more += 1).is_some()
    }

    pub(crate) fn not_run(&mut self, what: impl Into<String>) {
        let what = what.into();
        eprintln!("xtask: {}: NOT RUN: {what}", self.scenario);
        self.not_run.push(what);
    }

    /// The counts and the longest times, in words.
    pub(crate) fn in_words(&self) -> String {
        let counts = self.counts.iter().map(|(what, times)| format!("{times} {what}"));
        let times = self.longest.iter().map(|(what, took)| {
            let milliseconds = took.as_secs_f64() * 1000.0;
            format!("{what} after {milliseconds:.0} ms at most")
        });
        counts.chain(times).collect::<Vec<_>>().join(", ")
    }
}

/// Returns whether two sentences differ in paths and numbers alone.
fn alike(a: &str, b: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let is_kind = |word: &&str| !word.contains(|c: char| c == '/' || c.is_ascii_digit());
        text.split_whitespace().filter(is_kind).map(str::to_owned).collect()
    };
    words(a) == words(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_that_differ_in_paths_and_numbers_are_alike() {
        assert!(alike("cannot open /tmp/1/a: error 5", "cannot open /tmp/2/b: error 28"));
        assert!(!alike("cannot open /tmp/1", "cannot write /tmp/1"));
    }

    #[test]
    fn counts_and_times_are_put_in_words() {
        let mut tally = Tally::new("kill");
        tally.count("kills");
        tally.add("kills", 2);
        tally.add("nothing", 0);
        tally.time("gone", Duration::from_millis(7));
        tally.time("gone", Duration::from_millis(3));
        assert_eq!(tally.in_words(), "3 kills, gone after 7 ms at most");
    }
}
