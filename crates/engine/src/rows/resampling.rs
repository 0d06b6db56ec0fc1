//! The filters that recordings of other sample rates are resampled by, and the places of an utterance
//! among its resampled samples.

use std::sync::{Arc, Mutex};

use ossicle_corpus::Interval;
use ossicle_dataset::Stage;
use ossicle_dsp::ResampleFilter;

use crate::cause::Cause;
use crate::plan::job::Job;
use crate::rows::failure::Failure;
use crate::run::pool::lock;

/// The most filters that are kept.
const MOST: usize = 8;

/// The filters for the last few pairs of sample rates. Workers share it.
#[derive(Debug, Default)]
pub(crate) struct Filters(Mutex<Vec<(Rates, Arc<ResampleFilter>)>>);

impl Filters {
    /// Returns the filter between these rates, made where there is none yet; none where they are the same.
    pub(crate) fn at(
        &self,
        job: &Job,
        rates: Rates,
    ) -> Result<Option<Arc<ResampleFilter>>, Failure> {
        let Some(mode) = job.recipe.audio().resample_mode() else { return Ok(None) };
        let Rates { recording_hz, frames_hz } = rates;
        if recording_hz == frames_hz {
            return Ok(None);
        }
        let mut filters = lock(&self.0);
        if let Some((_, filter)) = filters.iter().find(|(own, _)| *own == rates) {
            return Ok(Some(Arc::clone(filter)));
        }
        let filter = ResampleFilter::new(mode, recording_hz, frames_hz, job.level);
        let filter =
            Arc::new(filter.map_err(|error| {
                Failure::new(Stage::Resample, Cause::UnfitRate, error.to_string())
            })?);
        if filters.len() == MOST {
            filters.remove(0);
        }
        filters.push((rates, Arc::clone(&filter)));
        Ok(Some(filter))
    }
}

/// The rate of an utterance's recording, and the one that its frames are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rates {
    pub(crate) recording_hz: u32,
    pub(crate) frames_hz: u32,
}

impl Rates {
    /// Returns the number of samples that frames are made of, of so many of the recording's.
    pub(crate) fn of_frames(self, num_samples: u64) -> u64 {
        self.scaled(num_samples, self.frames_hz, self.recording_hz)
    }

    /// Returns how many of the recording's samples last as long as so many of the frames', or longer.
    pub(crate) fn of_recording(self, num_samples: u64) -> u64 {
        self.scaled(num_samples, self.recording_hz, self.frames_hz)
    }

    fn scaled(self, num_samples: u64, to_hz: u32, from_hz: u32) -> u64 {
        let scaled = u128::from(num_samples) * u128::from(to_hz);
        u64::try_from(scaled.div_ceil(u128::from(from_hz.max(1)))).unwrap_or(u64::MAX)
    }

    /// Returns intervals of the recording in samples that frames are made of, counted from `origin`: a sample
    /// is in an interval if its time is.
    pub(crate) fn intervals(self, intervals: &[Interval], origin: u64) -> Vec<Interval> {
        let at = |sample: u64| self.of_frames(sample.saturating_sub(origin));
        let scaled = |interval: &Interval| Interval {
            start: at(interval.start),
            end: at(interval.end),
            label: interval.label.clone(),
        };
        intervals.iter().map(scaled).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_in_the_interval_that_its_time_is_in() {
        let rates = Rates { recording_hz: 44_100, frames_hz: 16_000 };
        let interval = |start, end| Interval { start, end, label: "a".into() };
        let origin = 1000;
        let own = [interval(1000, 1501), interval(1501, 5410), interval(5410, 45_100)];
        let scaled = rates.intervals(&own, origin);
        for sample in 0..16_000_u64 {
            // Both times in units of 1 / (44100 * 16000) s.
            let time = sample * 44_100;
            let holds = |of: &Interval| {
                ((of.start - origin) * 16_000..(of.end - origin) * 16_000).contains(&time)
            };
            let expected = own.iter().position(holds);
            let found = scaled.iter().position(|of| (of.start..of.end).contains(&sample));
            assert_eq!(found, expected, "sample {sample}");
        }
        assert_eq!(scaled[2].end, 16_000);
    }
}
