//! The work of a run: what its workers' time went to, and which utterances took the longest.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The time that an utterance took, or several, by what it went to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Spent {
    /// Opening recordings: waiting for them, and reading those that are read whole.
    pub reading: Duration,
    /// Decoding samples, with reading those of recordings that are too large to be read whole.
    pub decoding: Duration,
    /// Computing features, with resampling.
    pub features: Duration,
    /// All of it.
    pub took: Duration,
}

impl Spent {
    /// Returns what went to everything else: deltas and what else comes after features, labels, and writing.
    pub fn writing(&self) -> Duration {
        self.took.saturating_sub(self.reading + self.decoding + self.features)
    }

    /// Returns what it went to as JSON has it, in seconds.
    pub fn to_json(&self) -> Map<String, Value> {
        let stages = [
            ("reading_seconds", self.reading),
            ("decoding_seconds", self.decoding),
            ("features_seconds", self.features),
            ("writing_seconds", self.writing()),
        ];
        stages
            .map(|(key, spent)| (key.to_owned(), spent.as_secs_f64().into()))
            .into_iter()
            .collect()
    }
}

/// An utterance that took long.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Slow {
    /// Its split.
    pub split: String,
    /// Its id.
    pub id: String,
    /// The time that it took.
    pub took: Duration,
}

/// The work of a run, of which what an earlier run has left is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Work {
    /// The time of all utterances that were stored, over all workers.
    pub spent: Spent,
    /// Those that took the longest, the slowest first.
    pub slowest: Vec<Slow>,
}

/// As many slow utterances are remembered.
const SLOWEST: usize = 10;

impl Work {
    /// Adds an utterance that was stored.
    pub(crate) fn add(&mut self, split: &str, id: &str, spent: Spent) {
        let sum = &mut self.spent;
        sum.reading += spent.reading;
        sum.decoding += spent.decoding;
        sum.features += spent.features;
        sum.took += spent.took;
        let took = spent.took;
        let place = self.slowest.partition_point(|slow| slow.took >= took);
        if place < SLOWEST && took > Duration::ZERO {
            self.slowest.truncate(SLOWEST - 1);
            let (split, id) = (split.to_owned(), id.to_owned());
            self.slowest.insert(place, Slow { split, id, took });
        }
    }

    /// Returns it as `run.json` has it.
    pub(crate) fn to_json(&self) -> Value {
        let slow =
            |of: &Slow| json!({"split": of.split, "id": of.id, "seconds": of.took.as_secs_f64()});
        let mut work = self.spent.to_json();
        work.insert("slowest".to_owned(), self.slowest.iter().map(slow).collect());
        work.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_added_and_the_slowest_are_remembered_in_order() {
        let mut work = Work::default();
        let ms = Duration::from_millis;
        for number in 0..100_u64 {
            let took = ms(number * 37 % 100);
            let spent = Spent { reading: took / 4, decoding: took / 2, took, ..Spent::default() };
            work.add("train", &number.to_string(), spent);
        }
        assert_eq!(work.spent.took, ms((0..100).sum()));
        assert_eq!(work.spent.writing(), work.spent.took / 4);
        let slowest: Vec<_> = work.slowest.iter().map(|slow| slow.took).collect();
        assert_eq!(slowest, (90..100).rev().map(ms).collect::<Vec<_>>());
        assert_eq!(work.slowest[0].id, "27");
    }
}
