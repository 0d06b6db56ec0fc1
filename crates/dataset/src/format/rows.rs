//! The rows of `utterances.jsonl` and `failures.jsonl`.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Labelled intervals of each tier, in samples of the recording: label, start, end.
pub type Intervals = BTreeMap<String, Vec<(String, u64, u64)>>;

/// An utterance that is in the dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UtteranceRow {
    /// Unique within the split.
    pub id: String,
    /// Its recording, relative to the corpus.
    pub source: String,
    /// The recording's place in that file, if it has none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Value>,
    /// The channel that was taken: `first`, `mix` or a number from 0.
    pub channel: String,
    /// The recording's sample rate, in Hz.
    pub sample_rate_hz: u32,
    /// The first sample of the recording that was used.
    pub start_sample: u64,
    /// The sample after the last that was used.
    pub end_sample: u64,
    /// The number of its frames.
    pub num_frames: u64,
    /// The place of the utterance's first event in its shard of the array of events, if there is one. The key
    /// is version 1's (`format/events.rs`).
    #[serde(rename = "first_spike", default, skip_serializing_if = "Option::is_none")]
    pub first_event: Option<u64>,
    /// The number of its events there.
    #[serde(rename = "num_spikes", default, skip_serializing_if = "Option::is_none")]
    pub num_events: Option<u64>,
    /// The part that was there of a recording that ends before what its header promises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated: Option<Truncation>,
    /// The levels of the samples that were used, where the recipe asks for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Levels>,
    /// The speaker, if the corpus names one.
    pub speaker: Option<String>,
    /// The alignments by tier, as the corpus has them: before any folding of labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub intervals: Intervals,
    /// The other things that the corpus says of it, in its order: keys that no other field has.
    #[serde(flatten)]
    pub columns: Map<String, Value>,
}

/// The levels of the samples that an utterance was made of, at full scale ±1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Levels {
    /// The largest absolute value.
    pub peak: f32,
    /// The number of samples at full scale that stand beside another.
    pub clipped: u64,
    /// The share of samples that are exactly 0.
    pub silence: f32,
    /// The mean.
    pub dc: f32,
}

/// The part that was there of a recording that ends too early, in samples per channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truncation {
    /// The number that its header promises; none where it says nothing.
    pub promised: Option<u64>,
    /// The number that was found.
    pub found: u64,
}

/// An utterance that is not in the dataset, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureRow {
    /// The utterance's id.
    pub id: String,
    /// The split it belongs to.
    pub split: String,
    /// Its recording, relative to the corpus.
    pub source: String,
    /// The recording's place in that file, if it has none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Value>,
    /// The stage at which it failed.
    pub stage: Stage,
    /// The cause as a word in kebab-case to group failures by, such as `truncated`; empty in a ledger that
    /// was written without.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cause: String,
    /// The error, in one sentence.
    pub error: String,
}

/// The files that an utterance was computed of, as a line of `sources.jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRow {
    /// The split it belongs to.
    pub split: String,
    /// The utterance's id.
    pub id: String,
    /// A hash of all that the corpus says of it, and of the sizes and times of its files.
    pub stamp: String,
    /// The same with the files' contents in place of sizes and times, where these were hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// The stage of an utterance's way at which it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Stage {
    /// The recording could not be opened.
    Open,
    /// Its bytes are not the samples they say they are.
    Decode,
    /// Its sample rate is not the recipe's.
    Resample,
    /// There are no features to compute, or they are not numbers.
    Features,
    /// Its alignment is missing or does not fit.
    Labels,
    /// The worker came to grief over it.
    Worker,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stage::Open => "open",
            Stage::Decode => "decode",
            Stage::Resample => "resample",
            Stage::Features => "features",
            Stage::Labels => "labels",
            Stage::Worker => "worker",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_and_without_columns_is_read_and_written_as_it_was() {
        let plain = concat!(
            r#"{"id":"a","source":"a.wav","channel":"first","sample_rate_hz":16000,"#,
            r#""start_sample":0,"end_sample":560,"num_frames":3,"speaker":null"#,
        );
        let columns = concat!(
            r#","text":"café","z":18446744073709551615,"gain":0.30000000000000004,"#,
            r#""custom":{"z":[1,-1],"a":null}"#,
        );
        for (text, num_columns) in [(format!("{plain}}}"), 0), (format!("{plain}{columns}}}"), 4)] {
            let row: UtteranceRow = serde_json::from_str(&text).unwrap();
            assert_eq!(row.columns.len(), num_columns);
            assert_eq!(serde_json::to_string(&row).unwrap(), text);
        }
    }

    #[test]
    fn a_ledger_without_causes_is_read_and_written_as_it_was() {
        let old =
            r#"{"id":"a","split":"all","source":"a.wav","stage":"decode","error":"holds 0 bytes"}"#;
        let row: FailureRow = serde_json::from_str(old).unwrap();
        assert_eq!((row.cause.as_str(), row.stage), ("", Stage::Decode));
        assert_eq!(serde_json::to_string(&row).unwrap(), old);
        let new = FailureRow { cause: "empty".into(), ..row };
        let text = serde_json::to_string(&new).unwrap();
        assert!(text.contains(r#""stage":"decode","cause":"empty","error""#), "{text}");
        assert_eq!(serde_json::from_str::<FailureRow>(&text).unwrap(), new);
    }
}
