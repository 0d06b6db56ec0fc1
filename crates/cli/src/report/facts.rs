//! What a report says of a dataset, as values.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use ossicle_dataset::{Dataset, FAILURES_FILE, FailureRows, UtteranceRow};
use serde_json::Value;

use crate::report::chosen::Chosen;

/// What is known of all utterances together.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// In the card's order.
    pub(crate) splits: Vec<SplitFacts>,
    /// Utterances by sample rate in Hz, and by channel.
    pub(crate) rates: BTreeMap<u32, u64>,
    pub(crate) channels: BTreeMap<String, u64>,
    /// The durations of all utterances, in seconds, in no order.
    pub(crate) durations_s: Vec<f32>,
    pub(crate) levels: LevelFacts,
    /// The labels of each tier, and how often each is there; beyond [`MOST_LABELS`], none.
    pub(crate) tiers: BTreeMap<String, BTreeMap<String, u64>>,
    /// Tiers that have more labels.
    pub(crate) crowded_tiers: BTreeSet<String>,
    /// Failures by cause.
    pub(crate) failures: Vec<FailureFacts>,
    /// Utterances that stand for the others, by the order of their splits and ids.
    pub(crate) listed: Vec<Listed>,
    /// The longest utterances, the longest first.
    pub(crate) longest: Vec<Listed>,
}

/// What is known of a split.
#[derive(Debug, Default)]
pub(crate) struct SplitFacts {
    pub(crate) name: String,
    pub(crate) utterances: u64,
    pub(crate) frames: u64,
    pub(crate) duration_s: f64,
    pub(crate) failures: u64,
    /// The number of speakers; 0 where the corpus names none.
    pub(crate) speakers: usize,
}

/// How many utterances have levels that should be looked at.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct LevelFacts {
    /// How many utterances have any levels.
    pub(crate) known: u64,
    /// Problems, each with how many utterances have it and the one that has most of it.
    pub(crate) clipped: Problem,
    pub(crate) silent: Problem,
    pub(crate) quiet: Problem,
    pub(crate) dc: Problem,
}

/// A problem that utterances have.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Problem {
    pub(crate) utterances: u64,
    /// The worst of them, and how bad it is.
    pub(crate) worst: Option<(String, f64)>,
}

/// The failures of one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailureFacts {
    pub(crate) cause: String,
    pub(crate) count: u64,
    /// The first of them, and what was wrong.
    pub(crate) id: String,
    pub(crate) error: String,
}

/// An utterance in a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Listed {
    pub(crate) split: String,
    pub(crate) id: String,
    pub(crate) speaker: String,
    pub(crate) duration_s: f64,
    pub(crate) frames: u64,
    pub(crate) rate_hz: u32,
    /// The peak, where levels are known.
    pub(crate) peak: Option<f32>,
    pub(crate) text: String,
}

/// The most utterances that a page lists, and the most labels that it counts of a tier.
pub(crate) const MOST_LISTED: usize = 1000;
pub(crate) const MOST_LABELS: usize = 500;
/// The most characters of a text, an id or an error.
const MOST_TEXT: usize = 160;
const LONGEST: usize = 10;

impl Facts {
    /// Reads what is said of all utterances, one after the other.
    ///
    /// - `seed`: of the choice of those that are listed
    pub(crate) fn read(dataset: &Dataset, seed: u64) -> Result<Facts> {
        let mut facts = Facts::default();
        let mut chosen = Chosen::new(MOST_LISTED, seed);
        for split in &dataset.card().splits {
            let mut speakers = BTreeSet::new();
            for row in dataset.utterances(&split.name)? {
                let row = row?;
                let listed = Listed::of(&split.name, &row);
                facts.count(&row, &listed);
                if let Some(speaker) = row.speaker {
                    speakers.insert(speaker);
                }
                chosen.offer(&split.name, &row.id, || listed);
            }
            facts.splits.push(SplitFacts {
                name: split.name.clone(),
                utterances: split.utterances,
                frames: split.frames,
                duration_s: split.duration_s,
                failures: split.failures,
                speakers: speakers.len(),
            });
        }
        facts.listed = chosen.into_order();
        facts.failures = failures(dataset)?;
        Ok(facts)
    }

    fn count(&mut self, row: &UtteranceRow, listed: &Listed) {
        *self.rates.entry(row.sample_rate_hz).or_default() += 1;
        *self.channels.entry(row.channel.clone()).or_default() += 1;
        self.durations_s.push(listed.duration_s as f32);
        for (tier, intervals) in &row.intervals {
            if self.crowded_tiers.contains(tier) {
                continue;
            }
            let labels = self.tiers.entry(tier.clone()).or_default();
            for (label, ..) in intervals {
                *labels.entry(cut(label)).or_default() += 1;
            }
            if labels.len() > MOST_LABELS {
                self.tiers.remove(tier);
                self.crowded_tiers.insert(tier.clone());
            }
        }
        self.levels.count(row);
        let at = self.longest.partition_point(|other| other.duration_s >= listed.duration_s);
        if at < LONGEST {
            self.longest.insert(at, listed.clone());
            self.longest.truncate(LONGEST);
        }
    }

    /// Returns the number of utterances.
    pub(crate) fn utterances(&self) -> u64 {
        self.splits.iter().map(|split| split.utterances).sum()
    }

    /// Returns the duration of all, in seconds.
    pub(crate) fn duration_s(&self) -> f64 {
        self.splits.iter().fold(0.0, |sum, split| sum + split.duration_s)
    }
}

impl Listed {
    fn of(split: &str, row: &UtteranceRow) -> Listed {
        let samples = row.end_sample.saturating_sub(row.start_sample);
        Listed {
            split: split.to_owned(),
            id: cut(&row.id),
            speaker: cut(row.speaker.as_deref().unwrap_or_default()),
            duration_s: samples as f64 / f64::from(row.sample_rate_hz.max(1)),
            frames: row.num_frames,
            rate_hz: row.sample_rate_hz,
            peak: row.levels.map(|levels| levels.peak),
            text: cut(row.columns.get("text").and_then(Value::as_str).unwrap_or_default()),
        }
    }
}

impl LevelFacts {
    fn count(&mut self, row: &UtteranceRow) {
        let Some(levels) = row.levels else { return };
        self.known += 1;
        let id = || cut(&row.id);
        self.clipped.count(levels.clipped > 0, levels.clipped as f64, id);
        // Of digital silence: what a dead microphone or padding leaves.
        self.silent.count(levels.silence > 0.2, levels.silence.into(), id);
        // Below -40 dB of full scale.
        self.quiet.count(levels.peak < 0.01, -f64::from(levels.peak), id);
        self.dc.count(levels.dc.abs() > 0.01, levels.dc.abs().into(), id);
    }
}

impl Problem {
    fn count(&mut self, has_it: bool, how_bad: f64, id: impl FnOnce() -> String) {
        if !has_it {
            return;
        }
        self.utterances += 1;
        if self.worst.as_ref().is_none_or(|(_, worst)| how_bad > *worst) {
            self.worst = Some((id(), how_bad));
        }
    }
}

fn failures(dataset: &Dataset) -> Result<Vec<FailureFacts>> {
    let path = dataset.root().join(FAILURES_FILE);
    let mut causes: BTreeMap<String, FailureFacts> = BTreeMap::new();
    for row in FailureRows::open(&path)? {
        let row = row?;
        let cause = if row.cause.is_empty() { row.stage.to_string() } else { row.cause };
        let of_cause = causes.entry(cause.clone()).or_insert_with(|| FailureFacts {
            cause,
            count: 0,
            id: cut(&row.id),
            error: cut(&row.error),
        });
        of_cause.count += 1;
    }
    let mut failures: Vec<_> = causes.into_values().collect();
    failures.sort_by_key(|failure| std::cmp::Reverse(failure.count));
    Ok(failures)
}

/// The beginning of a text that may be long.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
