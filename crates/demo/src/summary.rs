//! A whole corpus at once, and what was in it.

use std::path::Path;

use crate::SAMPLE_RATE_HZ;
use crate::error::Error;
use crate::plan::{Demo, DemoConfig};

/// The counts of a written corpus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Recordings, SA1 and SA2 included.
    pub num_recordings: usize,
    /// Samples of all recordings.
    pub num_samples: u64,
    /// Phones of all recordings.
    pub num_phones: u64,
}

impl Summary {
    /// The length of all recordings together.
    pub fn duration_s(&self) -> f64 {
        self.num_samples as f64 / f64::from(SAMPLE_RATE_HZ)
    }
}

/// Plans a corpus and writes it below `root`, one recording after another.
///
/// This is for tests; whoever has threads writes [`Demo::recordings`] with them.
///
/// # Errors
/// Those of [`Demo::new`] and [`DemoRecording::write_into`](crate::DemoRecording::write_into).
pub fn write_corpus(root: &Path, config: &DemoConfig) -> Result<Summary, Error> {
    let mut summary = Summary::default();
    for recording in Demo::new(config)?.recordings() {
        let utterance = recording.synthesize();
        recording.write(&utterance, root)?;
        summary.num_recordings += 1;
        summary.num_samples += utterance.samples.len() as u64;
        summary.num_phones += utterance.phones.len() as u64;
    }
    Ok(summary)
}
