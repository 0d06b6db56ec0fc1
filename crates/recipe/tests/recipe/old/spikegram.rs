//! `kind = "spikegram"`: the keys that only it has.

use ossicle_dsp::spikes::{
    Dictionary, GammatoneConfig, MatchingPursuit, PursuitConfig, SpikeColumns,
};
use ossicle_dsp::{FrameLayout, SampleScale};

use super::ScaleKey;
use super::feature::{FeatureTable, Kind, from_nyquist};
use super::spikes_from::SpikesFromKey;

/// The keys of a spikegram that no other kind has.
const SPIKEGRAM_KEYS: [&str; 12] = [
    "spikes_from",
    "keep_spikes",
    "num_channels",
    "num_slots",
    "gammatone_order",
    "gammatone_bandwidth",
    "gammatone_phase",
    "gammatone_length_s",
    "snr_db",
    "max_spikes_per_s",
    "min_amplitude",
    "block",
];

/// The keys of a spikegram that other kinds have too.
const SHARED_KEYS: [&str; 5] = ["kind", "name", "scale", "low_freq_hz", "high_freq_hz"];

/// The keys that say how spikes are looked for.
const PURSUIT_KEYS: [&str; 3] = ["snr_db", "max_spikes_per_s", "min_amplitude"];

/// How many samples the program coded at a time whose files are read.
const BLOCK_OF_FILES: usize = 12_288;

/// How a spikegram is made of recordings of one sample rate.
#[derive(Debug, Clone, PartialEq)]
pub struct SpikegramConfig {
    /// Where spikes come from.
    pub from: SpikesFromKey,
    /// The range of the samples.
    pub scale: SampleScale,
    /// The dictionary.
    pub gammatones: GammatoneConfig,
    /// When the search for spikes ends.
    pub pursuit: PursuitConfig,
    /// Into how many stretches a frame is cut.
    pub num_slots: usize,
}

impl SpikegramConfig {
    /// Whether it can be computed, without what takes long.
    pub(super) fn check(&self, frames: FrameLayout) -> Result<(), ossicle_dsp::Error> {
        let dictionary = Dictionary::new(&self.gammatones)?;
        MatchingPursuit::check(&dictionary, &self.pursuit)?;
        SpikeColumns::new(&dictionary, frames, self.num_slots).map(drop)
    }
}

impl FeatureTable {
    /// The same of keys that only a spikegram has, or that it has not.
    pub(super) fn idle_key_of_spikegram(&self) -> Option<(String, &'static str)> {
        let given = toml::Table::try_from(self).unwrap_or_default();
        let is_given =
            |wanted: &dyn Fn(&str) -> bool| given.keys().find(|key| wanted(key)).cloned();
        let own = |key: &str| SPIKEGRAM_KEYS.contains(&key);
        if self.kind != Kind::Spikegram {
            return is_given(&own).map(|key| (key, "another kind than \"spikegram\""));
        }
        if let Some(key) = is_given(&|key| !own(key) && !SHARED_KEYS.contains(&key)) {
            return Some((key, "kind = \"spikegram\""));
        }
        match self.spikes_from {
            Some(SpikesFromKey::Files) => is_given(&|key| PURSUIT_KEYS.contains(&key))
                .map(|key| (key, "spikes_from = \"files\"")),
            _ => None,
        }
    }

    /// How the spikegram is made; none where it is none.
    pub(super) fn spikegram(
        &self,
        sample_rate_hz: u32,
        scale: ScaleKey,
    ) -> Option<SpikegramConfig> {
        if self.kind != Kind::Spikegram {
            return None;
        }
        let from = self.spikes_from.unwrap_or(SpikesFromKey::Audio);
        let default = GammatoneConfig::new(sample_rate_hz);
        let nyquist_hz = f64::from(sample_rate_hz) / 2.0;
        let other_end = self.max_spikes_per_s.is_some() || self.min_amplitude.is_some();
        let pursuit = PursuitConfig {
            snr_db: self.snr_db.or((!other_end).then_some(20.0)),
            max_spikes_per_s: self.max_spikes_per_s,
            min_amplitude: self.min_amplitude.map(|amplitude| amplitude as f32),
            block: self.block.unwrap_or(match from {
                SpikesFromKey::Audio => PursuitConfig::BLOCK,
                SpikesFromKey::Files => BLOCK_OF_FILES,
            }),
            ..PursuitConfig::endless()
        };
        Some(SpikegramConfig {
            from,
            scale: self.scale.unwrap_or(scale).into(),
            gammatones: GammatoneConfig {
                num_channels: self.num_channels.unwrap_or(default.num_channels),
                low_freq_hz: self.low_freq_hz.unwrap_or(default.low_freq_hz),
                high_freq_hz: from_nyquist(self.high_freq_hz.unwrap_or(0.0), nyquist_hz),
                order: self.gammatone_order.unwrap_or(default.order),
                bandwidth: self.gammatone_bandwidth.unwrap_or(default.bandwidth),
                length_s: self.gammatone_length_s.unwrap_or(default.length_s),
                phase: self.gammatone_phase.unwrap_or(default.phase),
                ..default
            },
            pursuit,
            num_slots: self.num_slots.unwrap_or(10),
        })
    }

    /// What each column of a spikegram is called.
    pub(super) fn spikegram_column_names(&self) -> Vec<String> {
        let config = self.spikegram(16_000, ScaleKey::Unit);
        let (channels, slots) = config.map_or((0, 0), |c| (c.gammatones.num_channels, c.num_slots));
        let channels = (0..channels).map(|channel| format!("channel{channel}"));
        channels.chain((0..slots).map(|slot| format!("slot{slot}"))).collect()
    }
}
