//! `[[feature]]`: what is computed of each frame.

use ossicle_dsp::{
    C0, Cepstra, Columns, Compression, Dither, Energy, EnergyNormalization, EnergyOf, EnergyPlace,
    FeatureConfig, Floor, FrameLayout, Lifter, LinearPrediction, Log, LogBase, MelConfig, MelNorm,
    MelScale, MelTriangles, Pcen, Preemphasis, SampleScale, Spectrum, Vtln, VtlnShape, Window,
};
use serde::{Deserialize, Serialize};
use toml::Value;

use super::ScaleKey;
use super::spikes_from::SpikesFromKey;

/// `[[feature]]`: what is computed of each frame.
///
/// Every key but `kind` may be absent; what that means stands last in its description. Keys are
/// Kaldi's words where Kaldi has one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureTable {
    /// What the columns are.
    pub kind: Kind,
    /// The array's name. Features of the same name stand side by side in one array.
    #[serde(default = "features")]
    pub name: String,
    /// The range of the samples, where it is another than `audio.scale`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<ScaleKey>,
    /// The standard deviation of the Gaussian noise added to each frame, in the units of `scale`;
    /// 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dither: Option<f64>,
    /// Another seed gives other noise; 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dither_seed: Option<u64>,
    /// Whether each frame's mean is subtracted from it; false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remove_dc_offset: Option<bool>,
    /// The coefficient of the high-pass filter; 0 is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preemphasis: Option<f64>,
    /// Whether each `"frame"` is filtered for itself, or the whole `"signal"`; `"frame"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preemphasis_of: Option<PreemphasisKey>,
    /// The weight of each sample within a frame; `"rectangular"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowKey>,
    /// The constant term of `window = "blackman"`; 0.42.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blackman_coeff: Option<f64>,
    /// How many samples in the middle of a frame the window covers; all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_length: Option<usize>,
    /// The size of the Fourier transform in samples, or `"power-of-two"`: the least that holds a
    /// frame; that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_fft: Option<NFft>,
    /// What is taken of each bin: `"power"`, `"magnitude"` or `"power/n_fft"`; `"power"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spectrum: Option<SpectrumKey>,
    /// How many mel filters there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_mel_bins: Option<usize>,
    /// Where the first filter starts to rise; 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low_freq_hz: Option<f64>,
    /// Where the last filter ends; 0 or less is counted from half the sample rate; 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high_freq_hz: Option<f64>,
    /// How the filters are spaced: `"htk"` (Kaldi's too) or `"slaney"`; `"htk"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mel_scale: Option<MelScaleKey>,
    /// Over what their sides are straight: `"mel"`, `"hz"`, `"htk"` or `"bins"`; `"mel"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mel_triangles: Option<MelTrianglesKey>,
    /// What their weights add up to: `"peak"` or `"area"`; `"peak"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mel_norm: Option<MelNormKey>,
    /// Vocal tract length normalisation: above 1, filters move down; none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vtln_factor: Option<f64>,
    /// Where the lower part of the warp ends; 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vtln_low_hz: Option<f64>,
    /// Where the upper part begins; 0 or less is counted from half the sample rate; -500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vtln_high_hz: Option<f64>,
    /// Where the parts meet: `"kaldi"` or `"htk"`; `"kaldi"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vtln_shape: Option<VtlnShapeKey>,
    /// How many sums of neighbouring bins there are; every bin is a column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_columns: Option<usize>,
    /// How many bins are summed for each column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bins_per_column: Option<usize>,
    /// Whether DC is left out where every bin is a column; false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_dc: Option<bool>,
    /// How the range is compressed: `"none"`, `"ln"`, `"log10"`, `"db"` or `"pcen"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogKey>,
    /// What keeps the logarithm from nothing, or before linear prediction is the least energy;
    /// 1e-10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
    /// `"raise"`: smaller values are raised to it; `"add"`: it is added; `"zero"`: it replaces
    /// zeros; `"raise"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor_mode: Option<FloorKey>,
    /// How many dB a value may lie below the recording's largest; no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_db: Option<f64>,
    /// Whether the recording's largest value becomes 0; false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative_to_maximum: Option<bool>,
    /// What is added to the logarithm; 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_offset: Option<f64>,
    /// What the sum is multiplied with; 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_factor: Option<f64>,
    /// What the columns are multiplied with; 2³¹.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pcen_input_scale: Option<f64>,
    /// How fast the level follows, in seconds; 0.4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pcen_time_constant_s: Option<f64>,
    /// How much of the level is divided out; 0.98.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pcen_gain: Option<f64>,
    /// What is added before the root; 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pcen_bias: Option<f64>,
    /// The exponent of the root; 0.5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pcen_power: Option<f64>,
    /// The least level; 1e-6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pcen_eps: Option<f64>,
    /// How many cepstra there are, C0 counted even where the energy replaces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_ceps: Option<usize>,
    /// How much high orders are raised; 0 is not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cepstral_lifter: Option<f64>,
    /// Whether the lifter leaves C0 (`"zero"`: Kaldi, HTK) or begins with it (`"one"`: librosa);
    /// `"zero"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifter_from: Option<LifterFromKey>,
    /// `"first"`, `"last"` (HTK's, times √2) or `"dropped"`; `"dropped"` with `use_energy`, or
    /// else `"first"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c0: Option<C0Key>,
    /// The order of linear prediction; 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lpc_order: Option<usize>,
    /// The exponent of the intensity-loudness law; 0.33333.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compress_factor: Option<f64>,
    /// What the cepstra are multiplied with; 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cepstral_scale: Option<f64>,
    /// Whether the frame's log energy is a column; false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_energy: Option<bool>,
    /// What is squared and summed: `"raw"` samples, `"windowed"` samples or the `"spectrum"`;
    /// `"raw"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy_of: Option<EnergyOfKey>,
    /// Energies below this are raised to it; 1.1920929e-7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy_floor: Option<f64>,
    /// `"first"` or `"last"` column; `"first"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy_place: Option<EnergyPlaceKey>,
    /// HTK's ESCALE, with `ENORMALISE = T`; the energy stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy_scale: Option<f64>,
    /// HTK's SILFLOOR; 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence_floor_db: Option<f64>,
    /// Where spikes come from: `"audio"`, in which they are looked for, or `"files"`, in which another
    /// program left them; `"audio"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spikes_from: Option<SpikesFromKey>,
    /// Whether the spikes become an array of the dataset, `spikes`; false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_spikes: Option<bool>,
    /// How many gammatones the dictionary has, from `low_freq_hz` up; 32.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_channels: Option<usize>,
    /// Into how many stretches of equal length a frame is cut, whose sums are columns too; 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_slots: Option<usize>,
    /// The order of the gammatones; 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gammatone_order: Option<u32>,
    /// Their bandwidth, in equivalent rectangular bandwidths; 1.019.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gammatone_bandwidth: Option<f64>,
    /// Their phase, in radians; 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gammatone_phase: Option<f64>,
    /// The most seconds that they last; 0.128.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gammatone_length_s: Option<f64>,
    /// Spikes are looked for until the signal-to-noise ratio is this, in dB; 20, or no such end where there
    /// is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snr_db: Option<f64>,
    /// The most spikes per second; no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_spikes_per_s: Option<f64>,
    /// The smallest amplitude of a spike, in the units of `scale`; no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_amplitude: Option<f64>,
    /// How many samples are coded at a time; 524288, or 12288 of files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<usize>,
}

/// Kaldi's way to say how far below half the sample rate.
pub(super) fn from_nyquist(hz: f64, nyquist_hz: f64) -> f64 {
    if hz > 0.0 { hz } else { nyquist_hz + hz }
}

fn features() -> String {
    "features".to_owned()
}

/// What the columns of a feature are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// Cepstra of mel energies.
    Mfcc,
    /// Mel energies.
    #[serde(alias = "fbank")]
    Mel,
    /// Cepstra of linear prediction.
    Plp,
    /// Bins of the spectrum, or sums of neighbouring ones.
    Spectrogram,
    /// Sums of spikes: the recording's gammatones. It stands alone in its recipe.
    Spikegram,
}

/// Whether keys are used, what makes them idle where they are not, and which have a value.
type Group<'a> = (bool, &'static str, &'a [(&'static str, bool)]);

impl FeatureTable {
    /// The first key that has a value and means nothing here.
    fn idle_key(&self) -> Option<(String, &'static str)> {
        if let Some(idle) = self.idle_key_of_spikegram() {
            return Some(idle);
        }
        if self.kind == Kind::Spikegram {
            return None;
        }
        let pcen = self.log == Some(LogKey::Pcen);
        let no_log = matches!(self.log, None | Some(LogKey::None));
        let groups: [Group<'_>; 8] = [
            (
                self.kind != Kind::Spectrogram,
                "kind = \"spectrogram\"",
                &[
                    ("num_mel_bins", self.num_mel_bins.is_some()),
                    ("low_freq_hz", self.low_freq_hz.is_some()),
                    ("high_freq_hz", self.high_freq_hz.is_some()),
                    ("mel_scale", self.mel_scale.is_some()),
                    ("mel_triangles", self.mel_triangles.is_some()),
                    ("mel_norm", self.mel_norm.is_some()),
                    ("vtln_factor", self.vtln_factor.is_some()),
                    ("vtln_low_hz", self.vtln_low_hz.is_some()),
                    ("vtln_high_hz", self.vtln_high_hz.is_some()),
                    ("vtln_shape", self.vtln_shape.is_some()),
                ],
            ),
            (
                self.kind == Kind::Spectrogram,
                "another kind than \"spectrogram\"",
                &[
                    ("num_columns", self.num_columns.is_some()),
                    ("bins_per_column", self.bins_per_column.is_some()),
                    ("skip_dc", self.skip_dc.is_some()),
                ],
            ),
            (self.kind != Kind::Plp, "kind = \"plp\"", &[("log", self.log.is_some())]),
            (
                !pcen && (!no_log || self.kind == Kind::Mfcc),
                "this log",
                &[
                    ("floor_mode", self.floor_mode.is_some()),
                    ("top_db", self.top_db.is_some()),
                    ("relative_to_maximum", self.relative_to_maximum.is_some()),
                    ("log_offset", self.log_offset.is_some()),
                    ("log_factor", self.log_factor.is_some()),
                ],
            ),
            (
                pcen,
                "another log than \"pcen\"",
                &[
                    ("pcen_input_scale", self.pcen_input_scale.is_some()),
                    ("pcen_time_constant_s", self.pcen_time_constant_s.is_some()),
                    ("pcen_gain", self.pcen_gain.is_some()),
                    ("pcen_bias", self.pcen_bias.is_some()),
                    ("pcen_power", self.pcen_power.is_some()),
                    ("pcen_eps", self.pcen_eps.is_some()),
                ],
            ),
            (
                matches!(self.kind, Kind::Mfcc | Kind::Plp),
                "another kind than \"mfcc\" and \"plp\"",
                &[
                    ("num_ceps", self.num_ceps.is_some()),
                    ("cepstral_lifter", self.cepstral_lifter.is_some()),
                    ("lifter_from", self.lifter_from.is_some()),
                    ("c0", self.c0.is_some()),
                ],
            ),
            (
                self.kind == Kind::Plp,
                "another kind than \"plp\"",
                &[
                    ("lpc_order", self.lpc_order.is_some()),
                    ("compress_factor", self.compress_factor.is_some()),
                    ("cepstral_scale", self.cepstral_scale.is_some()),
                ],
            ),
            (
                self.use_energy == Some(true),
                "use_energy = false",
                &[
                    ("energy_of", self.energy_of.is_some()),
                    ("energy_floor", self.energy_floor.is_some()),
                    ("energy_place", self.energy_place.is_some()),
                    ("energy_scale", self.energy_scale.is_some()),
                    ("silence_floor_db", self.silence_floor_db.is_some()),
                ],
            ),
        ];
        let idle = groups.into_iter().filter(|(used, ..)| !used);
        idle.flat_map(|(_, why, keys)| keys.iter().map(move |&(key, given)| (key, given, why)))
            .find(|(_, given, _)| *given)
            .map(|(key, _, why)| (key.to_owned(), why))
    }

    /// What only the whole table can tell, in words.
    pub(super) fn check(&self) -> Result<(), String> {
        if let Some((key, why)) = self.idle_key() {
            return Err(format!("{key} means nothing with {why}"));
        }
        if self.kind == Kind::Spikegram {
            return Ok(());
        }
        let kind = self.kind.word();
        let missing = |key: &str| Err(format!("kind = {kind:?} needs {key}"));
        if self.kind != Kind::Spectrogram && self.num_mel_bins.is_none() {
            return missing("num_mel_bins");
        }
        if matches!(self.kind, Kind::Mfcc | Kind::Plp) && self.num_ceps.is_none() {
            return missing("num_ceps");
        }
        if self.num_columns.is_some() != self.bins_per_column.is_some() {
            return Err("num_columns and bins_per_column belong together".to_owned());
        }
        if self.num_columns.is_some() && self.skip_dc.is_some() {
            return Err("skip_dc is for spectrograms without num_columns".to_owned());
        }
        if self.energy_scale.is_none() && self.silence_floor_db.is_some() {
            return Err("silence_floor_db means nothing without energy_scale".to_owned());
        }
        Ok(())
    }

    /// What is computed of recordings of this sample rate.
    ///
    /// - `scale`: of the samples, where the feature has none of its own
    pub(super) fn config(
        &self,
        sample_rate_hz: u32,
        scale: ScaleKey,
        frames: FrameLayout,
    ) -> FeatureConfig {
        let coefficient = self.preemphasis.unwrap_or(0.0) as f32;
        FeatureConfig {
            sample_rate_hz,
            sample_scale: SampleScale::from(self.scale.unwrap_or(scale)),
            frames,
            dither: self.dither.filter(|&dither| dither != 0.0).map(|dither| Dither {
                standard_deviation: dither as f32,
                seed: self.dither_seed.unwrap_or(0),
            }),
            remove_dc_offset: self.remove_dc_offset.unwrap_or(false),
            preemphasis: match self.preemphasis_of.unwrap_or(PreemphasisKey::Frame) {
                _ if coefficient == 0.0 => Preemphasis::None,
                PreemphasisKey::Frame => Preemphasis::PerFrame(coefficient),
                PreemphasisKey::Signal => Preemphasis::PerSignal(coefficient),
            },
            window: self.window(),
            window_length: self.window_length,
            n_fft: match self.n_fft.unwrap_or(NFft::PowerOfTwo) {
                NFft::PowerOfTwo => frames.length.next_power_of_two(),
                NFft::Frame => frames.length,
                NFft::Samples(samples) => samples,
            },
            spectrum: self.spectrum.unwrap_or(SpectrumKey::Power).into(),
            columns: self.columns(f64::from(sample_rate_hz) / 2.0),
            compression: self.compression(),
            cepstra: self.cepstra(),
            energy: self.energy(),
        }
    }

    fn window(&self) -> Window {
        match self.window.unwrap_or(WindowKey::Rectangular) {
            WindowKey::Povey => Window::Povey,
            WindowKey::Hamming => Window::Hamming,
            WindowKey::HammingPeriodic => Window::HammingPeriodic,
            WindowKey::Hann => Window::Hann,
            WindowKey::HannPeriodic => Window::HannPeriodic,
            WindowKey::Blackman => {
                Window::Blackman { coefficient: self.blackman_coeff.unwrap_or(0.42) }
            }
            WindowKey::BlackmanPeriodic => Window::BlackmanPeriodic,
            WindowKey::Sine => Window::Sine,
            WindowKey::Rectangular => Window::Rectangular,
        }
    }

    fn columns(&self, nyquist_hz: f64) -> Columns {
        let from_nyquist = |hz: f64| from_nyquist(hz, nyquist_hz);
        if self.kind != Kind::Spectrogram {
            return Columns::Mel(MelConfig {
                num_mel_bins: self.num_mel_bins.unwrap_or(0),
                low_freq_hz: self.low_freq_hz.unwrap_or(0.0),
                high_freq_hz: Some(from_nyquist(self.high_freq_hz.unwrap_or(0.0))),
                scale: self.mel_scale.unwrap_or(MelScaleKey::Htk).into(),
                triangles: self.mel_triangles.unwrap_or(MelTrianglesKey::Mel).into(),
                norm: self.mel_norm.unwrap_or(MelNormKey::Peak).into(),
                vtln: self.vtln_factor.filter(|&factor| factor != 1.0).map(|factor| Vtln {
                    factor,
                    low_hz: self.vtln_low_hz.unwrap_or(100.0),
                    high_hz: from_nyquist(self.vtln_high_hz.unwrap_or(-500.0)),
                    shape: self.vtln_shape.unwrap_or(VtlnShapeKey::Kaldi).into(),
                }),
            });
        }
        match (self.num_columns, self.bins_per_column) {
            (Some(num_columns), Some(bins_per_column)) => {
                Columns::Groups { num_columns, bins_per_column }
            }
            _ => Columns::Bins { skip_dc: self.skip_dc.unwrap_or(false) },
        }
    }

    fn compression(&self) -> Compression {
        let base = match (self.kind, self.log) {
            (Kind::Plp, _) | (_, Some(LogKey::None)) => return Compression::Linear,
            (_, Some(LogKey::Pcen)) => return Compression::Pcen(self.pcen()),
            (_, Some(LogKey::Ln)) => LogBase::E,
            (_, Some(LogKey::Log10)) => LogBase::Ten,
            (_, Some(LogKey::Db)) => LogBase::Decibels,
            (Kind::Mfcc, None) => LogBase::E,
            (_, None) => return Compression::Linear,
        };
        let floor = self.floor.unwrap_or(1e-10) as f32;
        Compression::Log(Log {
            base,
            floor: match self.floor_mode.unwrap_or(FloorKey::Raise) {
                FloorKey::Raise => Floor::Raise(floor),
                FloorKey::Add => Floor::Add(floor),
                FloorKey::Zero => Floor::ReplaceZero(floor),
            },
            top_db: self.top_db.map(|db| db as f32),
            relative_to_maximum: self.relative_to_maximum.unwrap_or(false),
            offset: self.log_offset.unwrap_or(0.0) as f32,
            factor: self.log_factor.unwrap_or(1.0) as f32,
        })
    }

    fn pcen(&self) -> Pcen {
        let default = Pcen::default();
        let or = |key: Option<f64>, default: f32| key.map_or(default, |x| x as f32);
        Pcen {
            input_scale: or(self.pcen_input_scale, default.input_scale),
            time_constant_s: self.pcen_time_constant_s.unwrap_or(default.time_constant_s),
            gain: or(self.pcen_gain, default.gain),
            bias: or(self.pcen_bias, default.bias),
            power: or(self.pcen_power, default.power),
            eps: or(self.pcen_eps, default.eps),
        }
    }

    fn cepstra(&self) -> Option<Cepstra> {
        let kaldi = LinearPrediction::kaldi();
        let linear_prediction = (self.kind == Kind::Plp).then(|| LinearPrediction {
            lpc_order: self.lpc_order.unwrap_or(kaldi.lpc_order),
            floor: self.floor.map_or(kaldi.floor, |floor| floor as f32),
            compress_factor: self.compress_factor.map_or(kaldi.compress_factor, |x| x as f32),
            cepstral_scale: self.cepstral_scale.map_or(kaldi.cepstral_scale, |x| x as f32),
        });
        let lifter = self.cepstral_lifter.unwrap_or(0.0) as f32;
        Some(Cepstra {
            num_ceps: self.num_ceps?,
            lifter: match self.lifter_from.unwrap_or(LifterFromKey::Zero) {
                _ if lifter == 0.0 => Lifter::None,
                LifterFromKey::Zero => Lifter::FromZero(lifter),
                LifterFromKey::One => Lifter::FromOne(lifter),
            },
            c0: match self.c0 {
                Some(C0Key::First) => C0::First,
                Some(C0Key::Last) => C0::Last,
                Some(C0Key::Dropped) => C0::Dropped,
                None if self.use_energy == Some(true) => C0::Dropped,
                None => C0::First,
            },
            linear_prediction,
        })
    }

    fn energy(&self) -> Option<Energy> {
        self.use_energy.filter(|&wanted| wanted)?;
        Some(Energy {
            of: match self.energy_of.unwrap_or(EnergyOfKey::Raw) {
                EnergyOfKey::Raw => EnergyOf::Raw,
                EnergyOfKey::Windowed => EnergyOf::Windowed,
                EnergyOfKey::Spectrum => EnergyOf::Spectrum,
            },
            floor: self.energy_floor.map_or(f32::EPSILON, |floor| floor as f32),
            place: self.energy_place(),
            normalization: self.energy_scale.map(|scale| EnergyNormalization {
                scale: scale as f32,
                silence_floor_db: self.silence_floor_db.unwrap_or(50.0) as f32,
            }),
        })
    }

    fn energy_place(&self) -> EnergyPlace {
        match self.energy_place.unwrap_or(EnergyPlaceKey::First) {
            EnergyPlaceKey::First => EnergyPlace::First,
            EnergyPlaceKey::Last => EnergyPlace::Last,
        }
    }

    /// What each column is called before deltas.
    pub(super) fn column_names(&self, config: &FeatureConfig) -> Vec<String> {
        let numbered = |prefix: &str, numbers: std::ops::Range<usize>| -> Vec<String> {
            numbers.map(|i| format!("{prefix}{i}")).collect()
        };
        let mut names = match (&config.cepstra, &config.columns) {
            (Some(cepstra), _) => {
                let mut names = numbered("c", 0..cepstra.num_ceps);
                match cepstra.c0 {
                    C0::Last => names.rotate_left(1),
                    C0::Dropped => drop(names.remove(0)),
                    _ => {}
                }
                names
            }
            (None, Columns::Mel(mel)) => numbered("mel", 0..mel.num_mel_bins),
            (None, Columns::Groups { num_columns, .. }) => numbered("band", 0..*num_columns),
            (None, _) => {
                numbered("bin", usize::from(self.skip_dc == Some(true))..config.n_fft / 2 + 1)
            }
        };
        match config.energy.map(|_| self.energy_place()) {
            None => {}
            Some(EnergyPlace::First) => names.insert(0, "energy".to_owned()),
            Some(_) => names.push("energy".to_owned()),
        }
        names
    }
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Mfcc => "mfcc",
            Kind::Mel => "mel",
            Kind::Plp => "plp",
            Kind::Spectrogram => "spectrogram",
            Kind::Spikegram => "spikegram",
        }
    }
}

/// The size of a transform, as a recipe writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum NFft {
    /// The least power of two that holds a frame.
    PowerOfTwo,
    /// As long as a frame.
    Frame,
    /// So many samples.
    Samples(usize),
}

impl TryFrom<Value> for NFft {
    type Error = String;

    fn try_from(value: Value) -> Result<NFft, String> {
        match &value {
            Value::String(word) if word == "power-of-two" => Some(NFft::PowerOfTwo),
            Value::String(word) if word == "frame" => Some(NFft::Frame),
            Value::Integer(samples) => usize::try_from(*samples).map(NFft::Samples).ok(),
            _ => None,
        }
        .ok_or_else(|| {
            format!("n_fft is {value}; it must be a number, \"power-of-two\" or \"frame\"")
        })
    }
}

impl From<NFft> for Value {
    fn from(key: NFft) -> Value {
        match key {
            NFft::PowerOfTwo => Value::String("power-of-two".to_owned()),
            NFft::Frame => Value::String("frame".to_owned()),
            NFft::Samples(samples) => Value::Integer(samples as i64),
        }
    }
}

/// What is filtered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PreemphasisKey {
    /// Each frame for itself: Kaldi, HTK.
    Frame,
    /// The recording, before it is cut into frames: python_speech_features.
    Signal,
}

/// A window's shape; see [`Window`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum WindowKey {
    /// Kaldi's default.
    Povey,
    /// Symmetric.
    Hamming,
    /// Periodic.
    HammingPeriodic,
    /// Symmetric: Kaldi's `hanning`.
    Hann,
    /// Periodic: librosa, torchaudio, Whisper.
    HannPeriodic,
    /// Symmetric, with `blackman_coeff`.
    Blackman,
    /// Periodic.
    BlackmanPeriodic,
    /// Symmetric.
    Sine,
    /// Every sample counts alike.
    Rectangular,
}

/// What is taken of a bin; see [`Spectrum`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SpectrumKey {
    /// |X|².
    Power,
    /// |X|.
    Magnitude,
    /// |X|² / n_fft.
    #[serde(rename = "power/n_fft")]
    PowerOverSize,
}

impl From<SpectrumKey> for Spectrum {
    fn from(key: SpectrumKey) -> Spectrum {
        match key {
            SpectrumKey::Power => Spectrum::Power,
            SpectrumKey::Magnitude => Spectrum::Magnitude,
            SpectrumKey::PowerOverSize => Spectrum::PowerOverSize,
        }
    }
}

/// A mel scale; see [`MelScale`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MelScaleKey {
    /// Slaney's.
    Slaney,
    /// HTK's.
    Htk,
}

impl From<MelScaleKey> for MelScale {
    fn from(key: MelScaleKey) -> MelScale {
        match key {
            MelScaleKey::Slaney => MelScale::Slaney,
            MelScaleKey::Htk => MelScale::Htk,
        }
    }
}

/// Over what the sides of filters are straight; see [`MelTriangles`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MelTrianglesKey {
    /// Over Hz: librosa.
    Hz,
    /// Over mels: Kaldi.
    Mel,
    /// Over mels, in HTK's bins.
    Htk,
    /// Over bins: python_speech_features.
    Bins,
}

impl From<MelTrianglesKey> for MelTriangles {
    fn from(key: MelTrianglesKey) -> MelTriangles {
        match key {
            MelTrianglesKey::Hz => MelTriangles::Hz,
            MelTrianglesKey::Mel => MelTriangles::Mel,
            MelTrianglesKey::Htk => MelTriangles::Htk,
            MelTrianglesKey::Bins => MelTriangles::Bins,
        }
    }
}

/// What the weights of a filter add up to; see [`MelNorm`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MelNormKey {
    /// The peak is 1.
    Peak,
    /// The area is 1.
    Area,
}

impl From<MelNormKey> for MelNorm {
    fn from(key: MelNormKey) -> MelNorm {
        match key {
            MelNormKey::Peak => MelNorm::Peak,
            MelNormKey::Area => MelNorm::Area,
        }
    }
}

/// Where the parts of a warp meet; see [`VtlnShape`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum VtlnShapeKey {
    /// Kaldi's.
    Kaldi,
    /// HTK's.
    Htk,
}

impl From<VtlnShapeKey> for VtlnShape {
    fn from(key: VtlnShapeKey) -> VtlnShape {
        match key {
            VtlnShapeKey::Kaldi => VtlnShape::Kaldi,
            VtlnShapeKey::Htk => VtlnShape::Htk,
        }
    }
}

/// How the range is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LogKey {
    /// Not at all.
    None,
    /// ln.
    Ln,
    /// log10.
    Log10,
    /// Ten times the decimal logarithm of powers.
    Db,
    /// Per-channel energy normalisation; see [`Pcen`].
    Pcen,
}

/// How the logarithm of nothing is avoided; see [`Floor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FloorKey {
    /// Smaller values are raised.
    Raise,
    /// To every value, something is added.
    Add,
    /// Zeros are replaced.
    Zero,
}

/// Where the lifter begins; see [`Lifter`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LifterFromKey {
    /// C0 stays: Kaldi, HTK.
    Zero,
    /// C0 is raised too: librosa.
    One,
}

/// What becomes of C0; see [`C0`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum C0Key {
    /// It is the first.
    First,
    /// It is the last.
    Last,
    /// It is dropped.
    Dropped,
}

/// What is squared and summed; see [`EnergyOf`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EnergyOfKey {
    /// Samples before the filter.
    Raw,
    /// Samples after filter and window.
    Windowed,
    /// The spectrum.
    Spectrum,
}

/// Where the energy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EnergyPlaceKey {
    /// First.
    First,
    /// Last.
    Last,
}
