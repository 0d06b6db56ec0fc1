//! What is computed of recordings, planned for each sample rate that there is.

use std::sync::{Arc, Mutex};

use ossicle_dataset::Stage;
use ossicle_dsp::Feature;
use ossicle_files::counted;

use crate::cause::Cause;
use crate::plan::job::Job;
use crate::rows::failure::Failure;
use crate::run::pool::lock;

/// The most sample rates whose plans are kept, of a stream.
const MOST_RATES: usize = 8;

/// What is computed of recordings, planned for the last few sample rates, of each stream. Workers share it:
/// tables may be megabytes.
#[derive(Debug)]
pub(crate) struct Features(Mutex<Vec<Plans>>);

/// The plans of a stream, each with its sample rate.
type Plans = Vec<(u32, Arc<dyn Feature>)>;

impl Features {
    /// Makes none yet, of so many streams.
    pub(crate) fn new(num_streams: usize) -> Features {
        Features(Mutex::new(vec![Vec::new(); num_streams]))
    }

    /// Returns a stream's plan for samples of this rate, made where there is none yet. Others wait meanwhile,
    /// which is sooner than making it themselves.
    ///
    /// - `dim`: how many columns the dataset has of it before deltas
    pub(crate) fn at(
        &self,
        job: &Job,
        stream: usize,
        sample_rate_hz: u32,
        dim: usize,
    ) -> Result<Arc<dyn Feature>, Failure> {
        let mut plans = lock(&self.0);
        let plans = &mut plans[stream];
        if let Some((_, feature)) = plans.iter().find(|(rate, _)| *rate == sample_rate_hz) {
            return Ok(Arc::clone(feature));
        }
        let planned = job.recipe.streams()[stream].planned(sample_rate_hz, job.level);
        let feature = planned.map_err(|error| {
            let error = format!("at {sample_rate_hz} Hz, {error}");
            Failure::new(Stage::Features, Cause::UnfitRate, error)
        })?;
        if feature.dim() != dim {
            let found = feature.dim();
            let error = format!(
                "at {sample_rate_hz} Hz the feature has {}, and the dataset {dim}",
                counted(found as u64, "column")
            );
            return Err(Failure::new(Stage::Features, Cause::OtherColumns, error));
        }
        if plans.len() == MOST_RATES {
            plans.remove(0);
        }
        plans.push((sample_rate_hz, Arc::clone(&feature)));
        Ok(feature)
    }
}
