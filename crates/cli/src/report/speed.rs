//! What `ossicle speed --json` has measured.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use ossicle_corpus::printable;
use ossicle_files::read_small;
use serde_json::Value;

use crate::messages;

/// A run of a speed comparison. What the file does not say is 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct SpeedRun {
    /// The other program, where it is one's.
    pub(crate) command: Option<String>,
    pub(crate) isolation: String,
    pub(crate) jobs: f64,
    pub(crate) seconds: f64,
    pub(crate) speed_up: f64,
    pub(crate) audio_seconds: f64,
    pub(crate) peak_memory_bytes: f64,
    pub(crate) peak_open_files: f64,
}

/// A speed comparison.
#[derive(Debug, Clone, Default)]
pub(crate) struct Speed {
    pub(crate) runs: Vec<SpeedRun>,
    /// The key of the job that was timed, where the file says it.
    job: Option<String>,
}

impl Speed {
    /// Returns whether other recordings were timed than a dataset's, or another recipe.
    pub(crate) fn is_of_another(&self, job: &str) -> bool {
        self.job.as_ref().is_some_and(|own| own != job)
    }
}

/// Reads a comparison that was saved.
pub(crate) fn read(path: &Path) -> Result<Speed> {
    const MOST_BYTES: u64 = 1 << 24;
    let no_speed = || messages::no_speed(path);
    let text = read_small(path, MOST_BYTES).with_context(|| printable(path))?;
    let object: Value = serde_json::from_str(&text).with_context(no_speed)?;
    let runs = object["runs"].as_array().filter(|runs| !runs.is_empty());
    let runs = runs.context("it has no runs").with_context(no_speed)?;
    let is_run = |run: &Value| run["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0);
    if !runs.iter().all(is_run) {
        return Err(anyhow!("a run of it has no seconds").context(no_speed()));
    }
    let run = |run: &Value| {
        let number = |key: &str| run[key].as_f64().filter(|of| of.is_finite()).unwrap_or(0.0);
        SpeedRun {
            command: run["command"].as_str().map(|command| command.chars().take(200).collect()),
            isolation: run["isolation"].as_str().unwrap_or("threads").chars().take(40).collect(),
            jobs: number("jobs"),
            seconds: number("seconds"),
            speed_up: number("speed_up"),
            audio_seconds: number("audio_seconds"),
            peak_memory_bytes: number("peak_memory_bytes"),
            peak_open_files: number("peak_open_files"),
        }
    };
    let others = object["against"].as_array().into_iter().flatten();
    let runs = runs.iter().take(100).chain(others.take(20)).map(run).collect();
    Ok(Speed { runs, job: object["job"].as_str().map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_programs_come_after_the_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("speed.json");
        let text = r#"{"job": "a1", "runs": [{"jobs": 2, "isolation": "threads", "seconds": 1.5, "speed_up": 1.0}],
            "against": [{"command": "cp -r {corpus} {out}", "seconds": 3.0, "speed_up": 0.5}]}"#;
        std::fs::write(&path, text).unwrap();
        let speed = read(&path).unwrap();
        assert!(speed.is_of_another("b2") && !speed.is_of_another("a1"));
        assert!(!Speed::default().is_of_another("b2"));
        let runs = speed.runs;
        assert_eq!(runs.len(), 2);
        assert_eq!((runs[0].jobs, &runs[0].command), (2.0, &None));
        assert_eq!(runs[1].command.as_deref(), Some("cp -r {corpus} {out}"));
        assert_eq!((runs[1].jobs, runs[1].seconds), (0.0, 3.0));
    }
}
