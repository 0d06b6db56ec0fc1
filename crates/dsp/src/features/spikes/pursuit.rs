//! Matching pursuit: its settings and its tables.

use super::atom::Atom;
use super::cells::Cells;
use super::correlate::{Correlator, CorrelatorScratch};
use super::gammatone::Dictionary;
use super::overlap::Overlaps;
use super::refine::Refiner;
use super::residual::{Kernels, Residual};
use crate::error::Error;
use crate::kernels::simd::Level;

/// The most numbers that the tables may have: half a gigabyte.
const MAX_OVERLAPS: usize = 1 << 27;

/// The treatment of the amplitudes that a pursuit gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Refine {
    /// They stay.
    #[default]
    None,
    /// All amplitudes of a block are solved together as soon as the largest correlation has halved, so that the
    /// residual is orthogonal to every kernel that was chosen. Fewer spikes are enough for a ratio then: on speech a
    /// ninth fewer at 10 dB and a fifth fewer at 30 dB, in some five times the time.
    Orthogonal,
}

/// The end of a pursuit: as soon as one of these is reached, in each block for itself, or at the
/// latest when there are as many spikes as samples. (Where a recording begins in the middle of a
/// sound, its first samples are beyond the reach of kernels that rise slowly; where a block ends in
/// one, its last samples can be beyond that of kernels that ring on.)
#[derive(Debug, Clone, PartialEq)]
pub struct PursuitConfig {
    /// The ratio of the block's energy to the residual's, in dB, at most 100. The residual's includes
    /// what kernels add behind the end of the block.
    pub snr_db: Option<f64>,
    /// The most spikes per second of sound.
    pub max_spikes_per_s: Option<f64>,
    /// The most spikes of a block.
    pub max_spikes: Option<usize>,
    /// The smallest amplitude that is a spike.
    pub min_amplitude: Option<f32>,
    /// The number of samples that are coded at a time. The kernels' sound behind the end of a block
    /// is carried over into the next.
    pub block: usize,
    /// The treatment of the amplitudes on the way.
    pub refine: Refine,
}

impl PursuitConfig {
    /// The number of samples of a block where nothing else is said: 33 seconds at 16 kHz.
    pub const BLOCK: usize = 1 << 19;

    /// Goes on until the signal-to-noise ratio, in dB, is this.
    pub fn snr_db(snr_db: f64) -> PursuitConfig {
        PursuitConfig { snr_db: Some(snr_db), ..PursuitConfig::endless() }
    }

    /// Goes on until there are so many spikes.
    pub fn max_spikes(max_spikes: usize) -> PursuitConfig {
        PursuitConfig { max_spikes: Some(max_spikes), ..PursuitConfig::endless() }
    }

    /// Goes on until no correlation is above the noise of single precision.
    pub fn endless() -> PursuitConfig {
        PursuitConfig {
            snr_db: None,
            max_spikes_per_s: None,
            max_spikes: None,
            min_amplitude: None,
            block: PursuitConfig::BLOCK,
            refine: Refine::None,
        }
    }

    /// Checks that a pursuit can end so.
    ///
    /// # Errors
    /// If something is out of range.
    pub fn check(&self) -> Result<(), Error> {
        if let Some(snr_db) = self.snr_db.filter(|snr| !(*snr > 0.0 && *snr <= 100.0)) {
            return Err(Error::Snr { snr_db });
        }
        let positive = [
            ("max_spikes_per_s", self.max_spikes_per_s.map(|x| x as f32)),
            ("min_amplitude", self.min_amplitude),
        ];
        for (key, value) in positive {
            if let Some(value) = value.filter(|x| !(*x > 0.0 && x.is_finite())) {
                return Err(Error::NotPositive { key, value });
            }
        }
        if self.block == 0 || self.block > 1 << 24 {
            return Err(Error::PursuitBlock { block: self.block });
        }
        Ok(())
    }
}

/// A plan for the matching pursuit of any recording over one dictionary.
///
/// It is immutable, so threads share it; each brings its own [`PursuitScratch`].
#[derive(Debug, Clone)]
pub struct MatchingPursuit {
    pub(super) dictionary: Dictionary,
    pub(super) config: PursuitConfig,
    pub(super) level: Level,
    pub(super) kernels: Kernels,
    pub(super) overlaps: Overlaps,
    pub(super) correlator: Correlator,
}

/// Buffers of a pursuit: 150 bytes for each sample of the longest block so far, with 32 channels.
#[derive(Debug, Default)]
pub struct PursuitScratch {
    pub(super) cells: Cells,
    pub(super) correlator: CorrelatorScratch,
    /// The residual of a block and what follows it, exact, and as it is while spikes are looked for.
    pub(super) exact: Vec<f64>,
    pub(super) residual: Residual,
    /// The spikes of the block so far.
    pub(super) atoms: Vec<Atom>,
    pub(super) refiner: Refiner,
}

impl MatchingPursuit {
    /// Computes the tables: some megabytes, and a fraction of a second, for 32 channels.
    ///
    /// # Errors
    /// If something in the configuration is out of range.
    pub fn new(
        dictionary: Dictionary,
        config: PursuitConfig,
        level: Level,
    ) -> Result<MatchingPursuit, Error> {
        MatchingPursuit::check(&dictionary, &config)?;
        Ok(MatchingPursuit::checked(dictionary, config, level))
    }

    /// Computes the tables of what was [checked](MatchingPursuit::check).
    pub(super) fn checked(
        dictionary: Dictionary,
        config: PursuitConfig,
        level: Level,
    ) -> MatchingPursuit {
        let kernels = Kernels::new(dictionary.kernels());
        let overlaps = Overlaps::new(&dictionary);
        let correlator = Correlator::new(&dictionary);
        MatchingPursuit { dictionary, config, level, kernels, overlaps, correlator }
    }

    /// Checks that there can be such a pursuit, without computing tables.
    ///
    /// # Errors
    /// If something in the configuration is out of range, or the tables would have more than 2^27 numbers.
    pub fn check(dictionary: &Dictionary, config: &PursuitConfig) -> Result<(), Error> {
        let numbers = Overlaps::size(dictionary);
        if numbers > MAX_OVERLAPS {
            return Err(Error::PursuitTables { numbers, most: MAX_OVERLAPS });
        }
        config.check()
    }

    /// Replaces the settings, and keeps the tables.
    ///
    /// # Errors
    /// If something in the configuration is out of range.
    pub fn with_config(mut self, config: PursuitConfig) -> Result<MatchingPursuit, Error> {
        config.check()?;
        self.config = config;
        Ok(self)
    }

    /// Returns the kernels that recordings are coded in.
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Returns the settings: the ends of a pursuit, and the block.
    pub fn config(&self) -> &PursuitConfig {
        &self.config
    }

    /// Returns the most spikes that a block of so many samples is asked to have, if that is asked.
    pub(super) fn asked_spikes(&self, num_samples: usize) -> Option<usize> {
        let seconds = num_samples as f64 / f64::from(self.dictionary.sample_rate_hz());
        let by_rate = self.config.max_spikes_per_s.map(|rate| (rate * seconds) as usize);
        by_rate.into_iter().chain(self.config.max_spikes).min()
    }
}
