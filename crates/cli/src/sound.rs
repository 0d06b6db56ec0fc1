//! A recording in memory.

use std::path::Path;

use anyhow::{Context, Result, bail};
use ossicle_audio::{Channel, OpenOptions, Recording};
use ossicle_corpus::printable;
use ossicle_dsp::{ResampleFilter, ResampleMode};
use ossicle_recipe::{ChannelChoice, Recipe};

use crate::simd;

/// A recording, whole.
#[derive(Debug)]
pub(crate) struct Sound {
    /// Mono, full scale ±1.0.
    pub(crate) samples: Vec<f32>,
    pub(crate) sample_rate_hz: u32,
    /// The recording's own rate, where it is another.
    pub(crate) resampled_from_hz: Option<u32>,
}

impl Sound {
    /// Decodes the channel that a recipe takes.
    pub(crate) fn read(path: &Path, recipe: &Recipe) -> Result<Sound> {
        let named = || printable(path);
        let (channel, by_energy) = match recipe.audio().channel {
            ChannelChoice::Of(channel) => (channel, false),
            ChannelChoice::Each => (Channel::First, false),
            ChannelChoice::Loudest => (Channel::First, true),
        };
        let open = Recording::open(
            path,
            OpenOptions { raw: recipe.raw_format(), ..OpenOptions::of(channel) },
        );
        let mut recording = open.with_context(named)?;
        if by_energy {
            let loudest = recording.loudest(0..u64::MAX).with_context(named)?.channel;
            recording.select(Channel::Index(loudest)).with_context(named)?;
            recording.seek(0).with_context(named)?;
        }
        let mut samples = Vec::new();
        recording.read_to_end(&mut samples).with_context(named)?;
        if samples.is_empty() {
            bail!("{}: there are no samples", printable(path));
        }
        let sample_rate_hz = recording.info().sample_rate_hz;
        Ok(Sound { samples, sample_rate_hz, resampled_from_hz: None })
    }

    /// Resamples it where the recipe says so, as a dataset's recordings are.
    pub(crate) fn resampled(
        self,
        path: &Path,
        mode: Option<ResampleMode>,
        to_hz: Option<u32>,
    ) -> Result<Sound> {
        let from_hz = self.sample_rate_hz;
        let to_hz = to_hz.filter(|&to_hz| to_hz != from_hz);
        let (Some(mode), Some(sample_rate_hz)) = (mode, to_hz) else { return Ok(self) };
        let filter = ResampleFilter::new(mode, from_hz, sample_rate_hz, simd::level()?)
            .with_context(|| printable(path))?;
        let mut samples = Vec::new();
        let mut resampler = filter.begin(0);
        resampler.push(&self.samples, &mut samples);
        resampler.finish(&mut samples);
        Ok(Sound { samples, sample_rate_hz, resampled_from_hz: Some(from_hz) })
    }

    pub(crate) fn duration_s(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.sample_rate_hz)
    }
}
