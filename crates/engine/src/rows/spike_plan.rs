//! What makes spikegrams, for each sample rate that there is.

use std::sync::{Arc, Mutex};

use ossicle_dsp::spikes::{Dictionary, MatchingPursuit, SpikeColumns};
use ossicle_dsp::{FrameLayout, Level, SampleScale};

use crate::rows::by_rate::ByRate;
use crate::rows::failure::Failure;
use crate::run::pool::lock;
use ossicle_recipe::{Recipe, SpikegramConfig, SpikesFromKey};

/// How many sample rates' tables a run keeps.
const MOST_RATES: usize = 4;

/// What makes spikegrams, for each sample rate that there is. Workers share it: its tables are megabytes.
#[derive(Debug)]
pub(crate) struct SpikePlans {
    /// How many samples are coded at a time.
    pub(crate) block: usize,
    pub(crate) num_channels: usize,
    /// Whether spikes are read from files.
    pub(crate) are_read: bool,
    plans: Mutex<ByRate<Arc<SpikePlan>, MOST_RATES>>,
}

/// What makes the spikegrams of one sample rate.
#[derive(Debug)]
pub(crate) struct SpikePlan {
    /// None where spikes are read.
    pub(crate) pursuit: Option<MatchingPursuit>,
    pub(crate) scale: SampleScale,
    pub(crate) columns: SpikeColumns,
}

impl SpikePlan {
    fn new(
        config: &SpikegramConfig,
        frames: FrameLayout,
        level: Level,
    ) -> Result<SpikePlan, ossicle_dsp::Error> {
        let dictionary = Dictionary::new(&config.gammatones)?;
        let columns = SpikeColumns::new(&dictionary, frames, config.num_slots)?;
        let pursuit = match config.from {
            SpikesFromKey::Audio => {
                Some(MatchingPursuit::new(dictionary, config.pursuit.clone(), level)?)
            }
            SpikesFromKey::Files => None,
        };
        Ok(SpikePlan { pursuit, scale: config.scale, columns })
    }
}

impl SpikePlans {
    /// None where the recipe has no spikegram.
    pub(crate) fn new(recipe: &Recipe) -> Option<SpikePlans> {
        // What is asked here is the same at any rate.
        let config = recipe.spikegram(recipe.usual_rate_hz())?;
        Some(SpikePlans {
            block: config.pursuit.block,
            num_channels: config.gammatones.num_channels,
            are_read: config.from == SpikesFromKey::Files,
            plans: Mutex::default(),
        })
    }

    /// Returns the plan for recordings of this sample rate, made where there is none yet. Others wait
    /// meanwhile, which is sooner than making it themselves.
    pub(crate) fn plan(
        &self,
        recipe: &Recipe,
        sample_rate_hz: u32,
        level: Level,
    ) -> Result<Arc<SpikePlan>, Failure> {
        let make = || {
            let Some(config) = recipe.spikegram(sample_rate_hz) else {
                unreachable!("the recipe that this is made from has a spikegram")
            };
            SpikePlan::new(&config, recipe.frames(sample_rate_hz), level).map(Arc::new)
        };
        Ok(lock(&self.plans).get(sample_rate_hz, make)?.clone())
    }

    /// Returns what a worker's buffers take for the samples of a block, in bytes: a correlation a channel,
    /// what else the pursuit has, and where every third sample has a spike, those.
    pub(crate) fn worker_bytes(&self) -> u64 {
        const CHANNEL_BYTES: u64 = 4;
        match self.are_read {
            true => 0,
            false => self.block as u64 * (CHANNEL_BYTES * self.num_channels as u64 + 60),
        }
    }
}
