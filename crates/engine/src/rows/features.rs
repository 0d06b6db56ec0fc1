//! The features of recordings, planned for each sample rate that there is.

use std::sync::{Arc, Mutex};

use ossicle_dataset::Stage;
use ossicle_dsp::Feature;

use crate::cause::Cause;
use crate::plan::job::Job;
use crate::rows::failure::Failure;
use crate::run::pool::lock;

/// The most sample rates whose plans are kept.
const MOST_RATES: usize = 8;

/// The features of recordings, planned for the last few sample rates. Workers share it: tables may be
/// megabytes.
#[derive(Debug, Default)]
pub(crate) struct Features(Mutex<Vec<(u32, Arc<dyn Feature>)>>);

impl Features {
    /// Returns the plan for recordings of this sample rate, made where there is none yet. Others wait
    /// meanwhile, which is sooner than making it themselves.
    ///
    /// - `dim`: how many columns the dataset has before deltas
    pub(crate) fn at(
        &self,
        job: &Job,
        sample_rate_hz: u32,
        dim: usize,
    ) -> Result<Arc<dyn Feature>, Failure> {
        let mut plans = lock(&self.0);
        if let Some((_, feature)) = plans.iter().find(|(rate, _)| *rate == sample_rate_hz) {
            return Ok(Arc::clone(feature));
        }
        let feature = job.recipe.planned(sample_rate_hz, job.level).map_err(|error| {
            let error = format!("at {sample_rate_hz} Hz, {error}");
            Failure::new(Stage::Features, Cause::UnfitRate, error)
        })?;
        if feature.dim() != dim {
            let found = feature.dim();
            let error = format!(
                "at {sample_rate_hz} Hz the feature has {found} columns, and the dataset {dim}"
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
