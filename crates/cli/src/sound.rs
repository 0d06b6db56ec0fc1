//! A recording in memory, as a recipe reads it.

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
    pub(crate) samples: Vec<f32>,
    pub(crate) sample_rate_hz: u32,
    /// The recording's own rate, where it is another.
    pub(crate) resampled_from_hz: Option<u32>,
}

impl Sound {
    /// Reads a recording, of which the recipe says the channel and, where there is no header, the encoding.
    pub(crate) fn read(path: &Path, recipe: &Recipe) -> Result<Sound> {
        let (channel, by_energy) = match recipe.audio().channel {
            ChannelChoice::Of(channel) => (channel, false),
            ChannelChoice::Each => (Channel::First, false),
            ChannelChoice::Loudest => (Channel::First, true),
        };
        if !by_energy {
            return Sound::read_channel(path, recipe, channel);
        }
        let named = || printable(path);
        let mut recording = opened(path, recipe, channel)?;
        let loudest = recording.loudest(0..u64::MAX).with_context(named)?.channel;
        Sound::read_channel(path, recipe, Channel::Index(loudest))
    }

    /// Reads a channel of a recording.
    pub(crate) fn read_channel(path: &Path, recipe: &Recipe, channel: Channel) -> Result<Sound> {
        let named = || printable(path);
        let mut recording = opened(path, recipe, channel)?;
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
        self.resampled_to(mode, sample_rate_hz).with_context(|| printable(path))
    }

    /// Resamples it.
    pub(crate) fn resampled_to(&self, mode: ResampleMode, to_hz: u32) -> Result<Sound> {
        let filter = ResampleFilter::new(mode, self.sample_rate_hz, to_hz, simd::level()?)?;
        let mut samples = Vec::new();
        let mut resampler = filter.begin(0);
        resampler.push(&self.samples, &mut samples);
        resampler.finish(&mut samples);
        let resampled_from_hz = Some(self.sample_rate_hz);
        Ok(Sound { samples, sample_rate_hz: to_hz, resampled_from_hz })
    }

    /// Keeps a stretch of it, in samples.
    pub(crate) fn cut(mut self, start: u64, end: u64) -> Sound {
        let all = self.samples.len();
        let at = |sample: u64| usize::try_from(sample).unwrap_or(usize::MAX).min(all);
        self.samples.truncate(at(end));
        self.samples.drain(..at(start).min(at(end)));
        self
    }

    /// Returns how long it lasts, in seconds.
    pub(crate) fn duration_s(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.sample_rate_hz.max(1))
    }
}

fn opened(path: &Path, recipe: &Recipe, channel: Channel) -> Result<Recording> {
    let options = OpenOptions { raw: recipe.raw_format(), ..OpenOptions::of(channel) };
    Recording::open(path, options).with_context(|| printable(path))
}
