//! What the run that made a dataset took, as it has written down itself.

use std::path::Path;

use serde_json::Value;

use crate::run_notes::run_of;

/// What the workers' time went to, and which utterances took the longest. Whatever is not known is empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct WorkFacts {
    /// What time went to, and which share of it, from 0 to 1.
    pub(crate) shares: Vec<(&'static str, f64)>,
    /// Those that took the longest, the slowest first.
    pub(crate) slowest: Vec<SlowUtterance>,
    /// The parts that the run found computed, of which it knows no times, and all parts.
    pub(crate) resumed: Option<(u64, u64)>,
}

/// An utterance that took long.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct SlowUtterance {
    pub(crate) split: String,
    pub(crate) id: String,
    pub(crate) seconds: f64,
}

/// No run remembers as many.
const MOST: usize = 100;

impl WorkFacts {
    /// Reads what is known.
    ///
    /// - `root`: the dataset's folder
    pub(crate) fn read(root: &Path) -> WorkFacts {
        run_of(root).map_or_else(WorkFacts::default, |run| WorkFacts::of(&run))
    }

    fn of(run: &Value) -> WorkFacts {
        let work = &run["work"];
        const STAGES: [(&str, &str); 4] = [
            ("reading", "reading_seconds"),
            ("decoding", "decoding_seconds"),
            ("features", "features_seconds"),
            ("labels and writing", "writing_seconds"),
        ];
        let seconds = |of: &Value| of.as_f64().filter(|s| s.is_finite() && *s >= 0.0);
        let known = STAGES.map(|(name, key)| Some((name, seconds(&work[key])?)));
        let known: Option<Vec<_>> = known.into_iter().collect();
        let all = known.iter().flatten().fold(0.0, |sum, (_, seconds)| sum + seconds);
        let shares = known.filter(|_| all > 0.0).unwrap_or_default();
        let slow = |of: &Value| {
            Some(SlowUtterance {
                split: of["split"].as_str()?.to_owned(),
                id: of["id"].as_str()?.to_owned(),
                seconds: seconds(&of["seconds"])?,
            })
        };
        let slowest = work["slowest"].as_array().into_iter().flatten();
        WorkFacts {
            shares: shares.into_iter().map(|(name, seconds)| (name, seconds / all)).collect(),
            slowest: slowest.take(MOST).filter_map(slow).collect(),
            resumed: run["resumed_parts"].as_u64().zip(run["parts"].as_u64()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shares_are_of_all_and_what_is_something_else_is_nothing() {
        let work = json!({
            "reading_seconds": 1.0, "decoding_seconds": 2.0, "features_seconds": 4.0, "writing_seconds": 1.0,
            "slowest": [{"split": "train", "id": "a", "seconds": 0.5}, {"id": 3}],
        });
        let mut run = json!({"work": work, "parts": 3, "resumed_parts": 1});
        let facts = WorkFacts::of(&run);
        let shares: Vec<_> = facts.shares.iter().map(|(_, share)| *share).collect();
        assert_eq!(shares, [0.125, 0.25, 0.5, 0.125]);
        assert_eq!(facts.slowest.iter().map(|of| &*of.id).collect::<Vec<_>>(), ["a"]);
        assert_eq!(facts.resumed, Some((1, 3)));
        run["work"]["decoding_seconds"] = json!("much");
        assert_eq!(WorkFacts::of(&run).shares, []);
        assert_eq!(WorkFacts::of(&json!(7)), WorkFacts::default());
    }
}
