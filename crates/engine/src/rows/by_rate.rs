//! What is made once for each sample rate.

use ossicle_dataset::Stage;

use crate::cause::Cause;
use crate::rows::failure::Failure;

/// What recordings of a sample rate need, for the last `MOST` rates that there was something made for.
#[derive(Debug)]
pub(crate) struct ByRate<T, const MOST: usize>(Vec<(u32, T)>);

impl<T, const MOST: usize> Default for ByRate<T, MOST> {
    fn default() -> Self {
        ByRate(Vec::new())
    }
}

impl<T, const MOST: usize> ByRate<T, MOST> {
    /// What there is for this sample rate, made where there is none yet.
    pub(crate) fn get(
        &mut self,
        sample_rate_hz: u32,
        make: impl FnOnce() -> Result<T, ossicle_dsp::Error>,
    ) -> Result<&T, Failure> {
        let at = match self.0.iter().position(|(rate, _)| *rate == sample_rate_hz) {
            Some(at) => at,
            None => {
                let made = make().map_err(|error| {
                    let error = format!("at {sample_rate_hz} Hz, {error}");
                    Failure::new(Stage::Features, Cause::UnfitRate, error)
                })?;
                if self.0.len() == MOST {
                    self.0.remove(0);
                }
                self.0.push((sample_rate_hz, made));
                self.0.len() - 1
            }
        };
        Ok(&self.0[at].1)
    }
}
