//! The keys of mel filters.

use ossicle_dsp::{Columns, MelConfig, MelNorm, MelScale, MelTriangles, Vtln, VtlnShape};

use super::recordings::Recordings;
use crate::keys::keys;

keys! {
    /// The keys of mel filters.
    FilterKeys {
        /// The number of mel filters.
        num_mel_bins: usize, needed;
        /// The frequency at which the first filter starts to rise, in Hz.
        low_freq_hz: f64, or(0.0);
        /// The frequency at which the last filter ends, in Hz; 0 or less is counted from half the
        /// sample rate.
        high_freq_hz: f64, or(0.0);
        /// The scale on which the filters are evenly spaced; Kaldi's is HTK's.
        mel_scale: MelScale, or(MelScale::Htk);
        /// The unit over which their sides are straight: Hz, as librosa has them; mels, as Kaldi; mels,
        /// in HTK's bins; bins, as python_speech_features; or Hz, each as wide above its peak as below, as
        /// SpeechBrain (`"symmetric"`).
        mel_triangles: MelTriangles, or(MelTriangles::Mel);
        /// The measure of a filter's weights that is 1: the largest, or the area under them.
        mel_norm: MelNorm, or(MelNorm::Peak);
        /// Vocal tract length normalisation: above 1, filters move down.
        vtln_factor: f64, none("there is none");
        /// The frequency at which the lower part of the warp ends, in Hz.
        vtln_low_hz: f64, or(100.0);
        /// The frequency at which the upper part begins, in Hz; 0 or less is counted from half the
        /// sample rate.
        vtln_high_hz: f64, or(-500.0);
        /// The place where the parts meet: as Kaldi has it, or as HTK.
        vtln_shape: VtlnShape, or(VtlnShape::Kaldi);
    }
}

impl FilterKeys {
    pub(super) fn columns(&self, of: &Recordings) -> Columns {
        Columns::Mel(MelConfig {
            num_mel_bins: self.num_mel_bins,
            low_freq_hz: self.low_freq_hz(),
            high_freq_hz: Some(of.below_nyquist(self.high_freq_hz())),
            scale: self.mel_scale(),
            triangles: self.mel_triangles(),
            norm: self.mel_norm(),
            vtln: self.vtln_factor.filter(|&factor| factor != 1.0).map(|factor| Vtln {
                factor,
                low_hz: self.vtln_low_hz(),
                high_hz: of.below_nyquist(self.vtln_high_hz()),
                shape: self.vtln_shape(),
            }),
        })
    }
}
