//! `kind = "spikegram"`: sums of spikes.

use ossicle_dsp::spikes::{GammatoneConfig, PursuitConfig, Refine, SpikegramConfig};
use serde::{Deserialize, Serialize};

use super::array::ArrayKeys;
use super::events::EventFiles;
use super::own_frames::OwnFrames;
use super::recordings::Recordings;
use crate::keys::{groups, keys};
use crate::misfit::{Misfit, refuse_idle};

groups! {
    /// `kind = "spikegram"`: sums of spikes.
    SpikegramFeature {
        /// The array.
        array: ArrayKeys,
        /// Its own frames.
        own: OwnFrames,
        /// The band in which its channels lie.
        band: BandKeys,
        /// The spikes.
        spikes: SpikeKeys,
    }
}

keys! {
    /// The band in which the channels of a spikegram lie.
    BandKeys {
        /// The centre frequency of the lowest channel, in Hz.
        low_freq_hz: f64, or(usual().low_freq_hz);
        /// The frequency that the highest channel lies below, in Hz; 0 or less is counted from half the
        /// sample rate.
        high_freq_hz: f64, or(0.0);
    }
}

keys! {
    /// The keys of spikes: their source, the dictionary and the search.
    SpikeKeys {
        /// The source of spikes: recordings, in which they are looked for, or files `X_spike.raw` and
        /// `X_num.raw`, in which another program left them.
        spikes_from: SpikesFromKey, or(SpikesFromKey::Audio);
        /// Makes the spikes an array of the dataset, `spikes`.
        keep_spikes: bool, or(false);
        /// The number of gammatones in the dictionary, from `low_freq_hz` up.
        num_channels: usize, or(usual().num_channels);
        /// The number of stretches of equal length into which a frame is cut, whose sums are columns
        /// too.
        num_slots: usize, or(10);
        /// The order of the gammatones.
        gammatone_order: u32, or(usual().order);
        /// Their bandwidth, in equivalent rectangular bandwidths.
        gammatone_bandwidth: f64, or(usual().bandwidth);
        /// Their phase, in radians.
        gammatone_phase: f64, or(usual().phase);
        /// The most seconds that they last.
        gammatone_length_s: f64, or(usual().length_s);
        /// The signal-to-noise ratio at which the search ends, in dB. It ends in any case when there are as
        /// many spikes as samples, which is told.
        snr_db: f64, none("20, or no such end where there is another");
        /// The most spikes per second.
        max_spikes_per_s: f64, none("there is no bound");
        /// The smallest amplitude of a spike, in the units of `scale`.
        min_amplitude: f64, none("there is no bound");
        /// The number of samples that are coded at a time: at least 256 where spikes are looked for.
        block: usize, none("524288, or 12288 of files");
        /// The treatment of the amplitudes that the search gives: they stay, or all amplitudes of a block are solved
        /// together time and again (`orthogonal`), so that a tenth to a fifth fewer spikes are enough, in some five
        /// times the time.
        refine: Refine, or(Refine::None);
    }
}

/// Returns the default dictionary; what depends on the sample rate is not taken from here.
fn usual() -> GammatoneConfig {
    GammatoneConfig::new(16_000)
}

/// The source of spikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpikesFromKey {
    /// Recordings, in which they are looked for.
    Audio,
    /// Files `X_spike.raw` and `X_num.raw`, in which another program left them.
    Files,
}

/// The fewest samples that are coded at a time: below, the search takes several times as long, and with a
/// block of one sample a thousand times.
const LEAST_BLOCK: usize = 256;

/// The number of samples that the program coded at a time whose files are read.
const BLOCK_OF_FILES: usize = 12_288;

impl SpikegramFeature {
    /// Returns the name of the array of spikes, if they are kept.
    pub(crate) fn events_name(&self) -> Option<&'static str> {
        self.spikes.keep_spikes().then_some("spikes")
    }

    /// Returns the source of its spikes.
    pub fn from(&self) -> SpikesFromKey {
        self.spikes.spikes_from()
    }

    /// Returns the files of events that stand for recordings, where they do.
    pub(crate) fn event_files(&self) -> Option<EventFiles> {
        let files = EventFiles { block: self.block(), num_channels: self.spikes.num_channels() };
        (self.from() == SpikesFromKey::Files).then_some(files)
    }

    /// Returns the number of samples that are coded at a time.
    fn block(&self) -> usize {
        self.spikes.block.unwrap_or(match self.from() {
            SpikesFromKey::Audio => PursuitConfig::BLOCK,
            SpikesFromKey::Files => BLOCK_OF_FILES,
        })
    }

    /// Returns the configuration of the spikegrams of such recordings.
    pub fn config(&self, of: &Recordings) -> SpikegramConfig {
        let keys = &self.spikes;
        let other_end = keys.max_spikes_per_s.is_some() || keys.min_amplitude.is_some();
        let pursuit = PursuitConfig {
            snr_db: keys.snr_db.or((!other_end).then_some(20.0)),
            max_spikes_per_s: keys.max_spikes_per_s,
            min_amplitude: keys.min_amplitude.map(|amplitude| amplitude as f32),
            block: self.block(),
            refine: keys.refine(),
            ..PursuitConfig::endless()
        };
        SpikegramConfig {
            scale: self.array.scale.unwrap_or(of.scale),
            frames: of.frames,
            gammatones: GammatoneConfig {
                num_channels: keys.num_channels(),
                low_freq_hz: self.band.low_freq_hz(),
                high_freq_hz: of.below_nyquist(self.band.high_freq_hz()),
                order: keys.gammatone_order(),
                bandwidth: keys.gammatone_bandwidth(),
                length_s: keys.gammatone_length_s(),
                phase: keys.gammatone_phase(),
                ..GammatoneConfig::new(of.sample_rate_hz)
            },
            pursuit,
            num_slots: keys.num_slots(),
        }
    }

    /// Refuses keys that mean nothing beside the others.
    pub(super) fn check(&self) -> Result<(), Misfit> {
        let keys = &self.spikes;
        if keys.spikes_from() == SpikesFromKey::Audio {
            return match keys.block {
                Some(block) if block < LEAST_BLOCK => Err(Misfit::of_feature(
                    "block",
                    &format!(
                        "block is {block}; it must be at least {LEAST_BLOCK}: each block is searched with \
                         all that rings on from the one before, and shorter ones take for ever"
                    ),
                )),
                _ => Ok(()),
            };
        }
        let search = [
            ("snr_db", keys.snr_db.is_some()),
            ("max_spikes_per_s", keys.max_spikes_per_s.is_some()),
            ("min_amplitude", keys.min_amplitude.is_some()),
            ("refine", keys.refine.is_some()),
        ];
        refuse_idle(&search, "with spikes_from = \"files\"")
    }
}
