//! What `ossicle speed --json` has measured.

use std::path::Path;

use anyhow::{Context, Result, bail};
use ossicle_corpus::printable;
use ossicle_files::read_small;
use serde_json::Value;

/// A run of a speed comparison. What the file does not say is 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct SpeedRun {
    pub(crate) isolation: String,
    pub(crate) jobs: f64,
    pub(crate) seconds: f64,
    pub(crate) speed_up: f64,
    pub(crate) audio_seconds: f64,
    pub(crate) peak_memory_bytes: f64,
    pub(crate) peak_open_files: f64,
}

/// Reads a comparison that was saved.
pub(crate) fn read(path: &Path) -> Result<Vec<SpeedRun>> {
    const MOST_BYTES: u64 = 1 << 24;
    let named = || printable(path);
    let text = read_small(path, MOST_BYTES).with_context(named)?;
    let object: Value = serde_json::from_str(&text).with_context(named)?;
    let Some(runs) = object["runs"].as_array().filter(|runs| !runs.is_empty()) else {
        bail!(crate::messages::no_speed(path));
    };
    let run = |run: &Value| {
        let number = |key: &str| run[key].as_f64().filter(|of| of.is_finite()).unwrap_or(0.0);
        SpeedRun {
            isolation: run["isolation"].as_str().unwrap_or("threads").chars().take(40).collect(),
            jobs: number("jobs"),
            seconds: number("seconds"),
            speed_up: number("speed_up"),
            audio_seconds: number("audio_seconds"),
            peak_memory_bytes: number("peak_memory_bytes"),
            peak_open_files: number("peak_open_files"),
        }
    };
    Ok(runs.iter().take(100).map(run).collect())
}
