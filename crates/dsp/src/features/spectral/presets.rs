//! The front ends of other programs.

use crate::features::spectral::cepstrum::{C0, Cepstra, Lifter};
use crate::features::spectral::config::{Columns, Compression, FeatureConfig, Spectrum};
use crate::features::spectral::energy::{Energy, EnergyOf, EnergyPlace};
use crate::features::spectral::log::{Floor, Log, LogBase};
use crate::features::spectral::mel::{MelConfig, MelNorm, MelScale, MelTriangles};
use crate::features::spectral::plp::LinearPrediction;
use crate::features::spectral::waveform::Preemphasis;
use crate::features::spectral::window::Window;
use crate::frames::{Edges, FrameLayout, Pad};
use crate::samples::SampleScale;

/// The smallest `f64` that, added to 1, gives another number: NumPy's `finfo(float).eps`.
const F64_EPSILON: f32 = f64::EPSILON as f32;

/// Kaldi 5.5. Samples are brought to the 16-bit range, frames are of 25 ms every 10 ms, dither is off.
impl FeatureConfig {
    /// 23 log mel energies: `compute-fbank-feats --dither=0`.
    ///
    /// Each frame's mean is subtracted, it is pre-emphasised by 0.97 for itself, weighted by the Povey
    /// window and padded to a power of two; powers are gathered by triangles that are straight over
    /// mels, from 20 Hz to half the sample rate, without norm; ln with a floor of
    /// [`f32::EPSILON`].
    pub fn kaldi_fbank(sample_rate_hz: u32) -> FeatureConfig {
        let length = milliseconds(25, sample_rate_hz);
        let shift = milliseconds(10, sample_rate_hz);
        FeatureConfig {
            sample_rate_hz,
            sample_scale: SampleScale::Int16,
            frames: FrameLayout { length, shift, edges: Edges::Snip },
            dither: None,
            remove_dc_offset: true,
            preemphasis: Preemphasis::PerFrame(0.97),
            window: Window::Povey,
            window_length: None,
            n_fft: length.next_power_of_two(),
            spectrum: Spectrum::Power,
            magnitude_epsilon: 0.0,
            columns: Columns::Mel(MelConfig {
                num_mel_bins: 23,
                low_freq_hz: 20.0,
                high_freq_hz: None,
                scale: MelScale::Htk,
                triangles: MelTriangles::Mel,
                norm: MelNorm::Peak,
                vtln: None,
            }),
            compression: Compression::Log(Log::natural(f32::EPSILON)),
            cepstra: None,
            energy: None,
        }
    }

    /// Log energy and 12 cepstra of 23 mels: `compute-mfcc-feats --dither=0`.
    ///
    /// As [`kaldi_fbank`](FeatureConfig::kaldi_fbank), then an orthonormal DCT-II and a lifter of 22;
    /// C0 is replaced by the log energy of the samples before pre-emphasis.
    pub fn kaldi_mfcc(sample_rate_hz: u32) -> FeatureConfig {
        FeatureConfig {
            cepstra: Some(kaldi_cepstra(None)),
            energy: Some(kaldi_energy()),
            ..FeatureConfig::kaldi_fbank(sample_rate_hz)
        }
    }

    /// 40 cepstra of 40 mels from 20 Hz to 400 Hz below half the sample rate: `compute-mfcc-feats
    /// --dither=0 --use-energy=false --num-mel-bins=40 --num-ceps=40 --low-freq=20 --high-freq=-400`,
    /// which the recipes call `mfcc_hires.conf`.
    pub fn kaldi_mfcc_hires(sample_rate_hz: u32) -> FeatureConfig {
        let mut config = FeatureConfig::kaldi_fbank(sample_rate_hz);
        if let Columns::Mel(mel) = &mut config.columns {
            mel.num_mel_bins = 40;
            mel.high_freq_hz = Some(below_nyquist(400.0, sample_rate_hz));
        }
        let cepstra = Cepstra { num_ceps: 40, c0: C0::First, ..kaldi_cepstra(None) };
        FeatureConfig { cepstra: Some(cepstra), ..config }
    }

    /// Log energy and 12 cepstra of a linear prediction of order 12: `compute-plp-feats --dither=0`.
    pub fn kaldi_plp(sample_rate_hz: u32) -> FeatureConfig {
        FeatureConfig {
            compression: Compression::Linear,
            cepstra: Some(kaldi_cepstra(Some(LinearPrediction::kaldi()))),
            energy: Some(kaldi_energy()),
            ..FeatureConfig::kaldi_fbank(sample_rate_hz)
        }
    }

    /// Log energy in place of DC, and the logarithms of the other bins' powers:
    /// `compute-spectrogram-feats --dither=0`.
    pub fn kaldi_spectrogram(sample_rate_hz: u32) -> FeatureConfig {
        FeatureConfig {
            columns: Columns::Bins { skip_dc: true },
            energy: Some(kaldi_energy()),
            ..FeatureConfig::kaldi_fbank(sample_rate_hz)
        }
    }

    /// 80 log mel energies as lhotse and icefall have them from kaldi-native-fbank 1.23.0.
    ///
    /// As [`kaldi_fbank`](FeatureConfig::kaldi_fbank), but of samples of ±1.0 (where the same floor
    /// lies 20.8 higher, next to the signal), with mirrored edges, and only up to 400 Hz below half
    /// the sample rate.
    pub fn lhotse_fbank(sample_rate_hz: u32) -> FeatureConfig {
        let mut config = FeatureConfig::kaldi_fbank(sample_rate_hz);
        config.sample_scale = SampleScale::Unit;
        config.frames.edges = Edges::Symmetric;
        if let Columns::Mel(mel) = &mut config.columns {
            mel.num_mel_bins = 80;
            mel.high_freq_hz = Some(below_nyquist(400.0, sample_rate_hz));
        }
        config
    }
}

/// librosa 0.11.0. Samples are of ±1.0; frames are centred between zeros.
impl FeatureConfig {
    /// 128 mel energies, linear: `librosa.feature.melspectrogram` at its defaults.
    ///
    /// Frames of 2048 samples every 512, periodic Hann window, powers gathered by Slaney's mels of
    /// area 1 over Hz, from 0 to half the sample rate.
    pub fn librosa_mel(sample_rate_hz: u32) -> FeatureConfig {
        let center = Edges::Center { pad: Pad::Zero, drop_last: false };
        let mel = slaney_mels(128);
        spectrogram(sample_rate_hz, 2048, 512, center, mel, Compression::Linear)
    }

    /// 20 cepstra: `librosa.feature.mfcc` at its defaults.
    ///
    /// [`librosa_mel`](FeatureConfig::librosa_mel) in decibels, at most 80 below the recording's
    /// largest, then an orthonormal DCT-II.
    pub fn librosa_mfcc(sample_rate_hz: u32) -> FeatureConfig {
        FeatureConfig {
            compression: Compression::Log(Log::decibels(Some(80.0))),
            cepstra: Some(plain_cepstra(20)),
            ..FeatureConfig::librosa_mel(sample_rate_hz)
        }
    }
}

/// torchaudio 2.11.0's transforms. Samples are of ±1.0; frames are centred, the recording is mirrored
/// at its ends.
impl FeatureConfig {
    /// 80 mel energies, linear: `MelSpectrogram(n_fft=400, hop_length=160, n_mels=80)`.
    ///
    /// Periodic Hann window, powers gathered by HTK's mels of peak 1 over Hz, from 0 to half the
    /// sample rate.
    pub fn torchaudio_mel(sample_rate_hz: u32) -> FeatureConfig {
        torchaudio(sample_rate_hz, 160, 80, Compression::Linear)
    }

    /// 40 cepstra of 128 mels every 200 samples: `MFCC()` at its defaults, with decibels at most 80
    /// below the recording's largest.
    pub fn torchaudio_mfcc(sample_rate_hz: u32) -> FeatureConfig {
        FeatureConfig {
            cepstra: Some(plain_cepstra(40)),
            ..torchaudio(sample_rate_hz, 200, 128, Compression::Log(Log::decibels(Some(80.0))))
        }
    }
}

/// Whisper, as `WhisperFeatureExtractor` of transformers 4.57.1 has it. Samples are of ±1.0, at 16 kHz.
impl FeatureConfig {
    /// 80 or 128 log mel energies of a whole recording, neither cut nor padded to 30 s.
    ///
    /// Frames of 400 samples every 160, centred, mirrored at the ends, without the last; periodic Hann
    /// window, powers gathered by Slaney's mels of area 1 over Hz; log10 with a floor of 1e-10, at most
    /// 8 below the recording's largest, and then (x + 4) / 4.
    pub fn whisper(sample_rate_hz: u32, num_mel_bins: usize) -> FeatureConfig {
        let center = Edges::Center { pad: Pad::Reflect, drop_last: true };
        let log = Log {
            base: LogBase::Ten,
            top_db: Some(80.0),
            offset: 4.0,
            factor: 0.25,
            ..Log::natural(1e-10)
        };
        let mel = slaney_mels(num_mel_bins);
        spectrogram(sample_rate_hz, 400, 160, center, mel, Compression::Log(log))
    }
}

/// python_speech_features 0.6. Samples are brought to the 16-bit range.
impl FeatureConfig {
    /// Log energy and 12 cepstra of 26 mels: `mfcc` at its defaults.
    ///
    /// The recording is pre-emphasised by 0.97, frames of 25 ms every 10 ms are not weighted, the last
    /// is completed with zeros, and padded to 512 samples; powers, divided by that, are gathered by
    /// triangles with corners on whole bins; ln with zeros replaced; orthonormal DCT-II, lifter 22; C0
    /// is replaced by the log of the frame's power.
    pub fn psf_mfcc(sample_rate_hz: u32) -> FeatureConfig {
        FeatureConfig {
            cepstra: Some(kaldi_cepstra(None)),
            energy: Some(Energy {
                of: EnergyOf::Spectrum,
                floor: F64_EPSILON,
                place: EnergyPlace::First,
                normalization: None,
            }),
            ..FeatureConfig::psf_logfbank(sample_rate_hz)
        }
    }

    /// 26 log mel energies: `logfbank` at its defaults.
    pub fn psf_logfbank(sample_rate_hz: u32) -> FeatureConfig {
        let log = Log { floor: Floor::ReplaceZero(F64_EPSILON), ..Log::natural(F64_EPSILON) };
        FeatureConfig {
            sample_rate_hz,
            sample_scale: SampleScale::Int16,
            frames: FrameLayout {
                length: rounded_milliseconds(25, sample_rate_hz),
                shift: rounded_milliseconds(10, sample_rate_hz),
                edges: Edges::PadEnd,
            },
            dither: None,
            remove_dc_offset: false,
            preemphasis: Preemphasis::PerSignal(0.97),
            window: Window::Rectangular,
            window_length: None,
            n_fft: 512,
            spectrum: Spectrum::PowerOverSize,
            magnitude_epsilon: 0.0,
            columns: Columns::Mel(MelConfig {
                num_mel_bins: 26,
                low_freq_hz: 0.0,
                high_freq_hz: None,
                scale: MelScale::Htk,
                triangles: MelTriangles::Bins,
                norm: MelNorm::Peak,
                vtln: None,
            }),
            compression: Compression::Log(log),
            cepstra: None,
            energy: None,
        }
    }
}

/// HTK 3.4. Samples are brought to the 16-bit range.
impl FeatureConfig {
    /// 12 cepstra and C0 of 26 mels: `TARGETKIND = MFCC_0` with the settings of the HTK Book's
    /// tutorial (`USEHAMMING = T`, `PREEMCOEF = 0.97`, `NUMCHANS = 26`, `CEPLIFTER = 22`,
    /// `NUMCEPS = 12`), frames of 25 ms every 10 ms.
    ///
    /// As [`kaldi_mfcc`](FeatureConfig::kaldi_mfcc), but the mean stays, the window is Hamming's,
    /// magnitudes are gathered and not powers, the floor of ln is 1, and C0 is last, √2 times Kaldi's.
    pub fn htk_mfcc(sample_rate_hz: u32) -> FeatureConfig {
        FeatureConfig {
            remove_dc_offset: false,
            window: Window::Hamming,
            spectrum: Spectrum::Magnitude,
            columns: Columns::Mel(MelConfig {
                num_mel_bins: 26,
                low_freq_hz: 0.0,
                high_freq_hz: None,
                scale: MelScale::Htk,
                triangles: MelTriangles::Htk,
                norm: MelNorm::Peak,
                vtln: None,
            }),
            compression: Compression::Log(Log::natural(1.0)),
            cepstra: Some(Cepstra { c0: C0::Last, ..kaldi_cepstra(None) }),
            ..FeatureConfig::kaldi_fbank(sample_rate_hz)
        }
    }
}

/// The features of a phone recognition work of 2019 on TIMIT, which librosa 0.11.0 repeats. Samples
/// are brought to (int16 + ½) / 32767.5; frames are of 400 samples every 160, not centred.
impl FeatureConfig {
    /// 40 cepstra of 128 mel bands in decibels: `librosa.feature.mfcc(n_mfcc=40, n_fft=400,
    /// hop_length=160, center=False)`.
    pub fn timit_mfcc(sample_rate_hz: u32) -> FeatureConfig {
        let log = Compression::Log(Log::decibels(Some(80.0)));
        FeatureConfig {
            cepstra: Some(plain_cepstra(40)),
            ..timit(sample_rate_hz, Columns::Mel(slaney_mels(128)), log)
        }
    }

    /// 40 mel energies, linear: `librosa.feature.melspectrogram(n_mels=40, n_fft=400, hop_length=160,
    /// center=False)`.
    pub fn timit_mel(sample_rate_hz: u32) -> FeatureConfig {
        timit(sample_rate_hz, Columns::Mel(slaney_mels(40)), Compression::Linear)
    }

    /// The magnitudes of bins 0 to 199, summed in fives: `librosa.amplitude_to_db(…, ref=np.max)` of
    /// the sums, at most 80 dB below the recording's largest, which is 0 dB.
    pub fn timit_spectrogram(sample_rate_hz: u32) -> FeatureConfig {
        let log = Log { relative_to_maximum: true, ..Log::decibels(Some(80.0)) };
        let groups = Columns::Groups { num_columns: 40, bins_per_column: 5 };
        FeatureConfig {
            spectrum: Spectrum::Magnitude,
            ..timit(sample_rate_hz, groups, Compression::Log(log))
        }
    }
}

/// In whole samples; a part of one is dropped, as Kaldi does.
fn milliseconds(ms: u32, sample_rate_hz: u32) -> usize {
    (u64::from(sample_rate_hz) * u64::from(ms) / 1000).max(1) as usize
}

/// In whole samples, half a sample being one.
fn rounded_milliseconds(ms: u32, sample_rate_hz: u32) -> usize {
    ((u64::from(sample_rate_hz) * u64::from(ms) + 500) / 1000).max(1) as usize
}

fn below_nyquist(distance_hz: f64, sample_rate_hz: u32) -> f64 {
    f64::from(sample_rate_hz) / 2.0 - distance_hz
}

fn kaldi_cepstra(linear_prediction: Option<LinearPrediction>) -> Cepstra {
    Cepstra { num_ceps: 13, lifter: Lifter::FromZero(22.0), c0: C0::Dropped, linear_prediction }
}

fn kaldi_energy() -> Energy {
    Energy {
        of: EnergyOf::Raw,
        floor: f32::EPSILON,
        place: EnergyPlace::First,
        normalization: None,
    }
}

fn plain_cepstra(num_ceps: usize) -> Cepstra {
    Cepstra { num_ceps, lifter: Lifter::None, c0: C0::First, linear_prediction: None }
}

fn slaney_mels(num_mel_bins: usize) -> MelConfig {
    MelConfig {
        num_mel_bins,
        low_freq_hz: 0.0,
        high_freq_hz: None,
        scale: MelScale::Slaney,
        triangles: MelTriangles::Hz,
        norm: MelNorm::Area,
        vtln: None,
    }
}

/// What librosa, torchaudio and Whisper have in common.
fn spectrogram(
    sample_rate_hz: u32,
    length: usize,
    shift: usize,
    edges: Edges,
    mel: MelConfig,
    compression: Compression,
) -> FeatureConfig {
    FeatureConfig {
        sample_rate_hz,
        sample_scale: SampleScale::Unit,
        frames: FrameLayout { length, shift, edges },
        dither: None,
        remove_dc_offset: false,
        preemphasis: Preemphasis::None,
        window: Window::HannPeriodic,
        window_length: None,
        n_fft: length,
        spectrum: Spectrum::Power,
        magnitude_epsilon: 0.0,
        columns: Columns::Mel(mel),
        compression,
        cepstra: None,
        energy: None,
    }
}

fn torchaudio(
    sample_rate_hz: u32,
    shift: usize,
    num_mel_bins: usize,
    compression: Compression,
) -> FeatureConfig {
    let mel = MelConfig {
        // There, half of an odd rate is rounded down for the filters and for the bins, so that both move by
        // as much: at 11025 Hz weights are 8e-4 away, and 3e-3 if the filters' end alone were moved.
        scale: MelScale::Htk,
        norm: MelNorm::Peak,
        ..slaney_mels(num_mel_bins)
    };
    let center = Edges::Center { pad: Pad::Reflect, drop_last: false };
    spectrogram(sample_rate_hz, 400, shift, center, mel, compression)
}

fn timit(sample_rate_hz: u32, columns: Columns, compression: Compression) -> FeatureConfig {
    let mel = slaney_mels(40);
    FeatureConfig {
        sample_scale: SampleScale::Midpoint,
        columns,
        ..spectrogram(sample_rate_hz, 400, 160, Edges::Snip, mel, compression)
    }
}
