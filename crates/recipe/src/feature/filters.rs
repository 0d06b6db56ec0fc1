//! The keys of mel filters.

use ossicle_dsp::{Columns, MelConfig, MelNorm, MelScale, MelTriangles, Vtln, VtlnShape};

use super::recordings::Recordings;
use crate::keys::keys;

keys! {
    /// The keys of mel filters.
    FilterKeys {
        /// How many mel filters there are.
        num_mel_bins: usize, needed;
        /// Where the first filter starts to rise.
        low_freq_hz: f64, or(0.0);
        /// Where the last filter ends; 0 or less is counted from half the sample rate.
        high_freq_hz: f64, or(0.0);
        /// How the filters are spaced; Kaldi's scale is HTK's.
        mel_scale: MelScale, or(MelScale::Htk);
        /// Over what their sides are straight: Hz, as librosa has them; mels, as Kaldi; mels, in HTK's
        /// bins; or bins, as python_speech_features.
        mel_triangles: MelTriangles, or(MelTriangles::Mel);
        /// What is 1 of the weights of a filter.
        mel_norm: MelNorm, or(MelNorm::Peak);
        /// Vocal tract length normalisation: above 1, filters move down.
        vtln_factor: f64, none("there is none");
        /// Where the lower part of the warp ends.
        vtln_low_hz: f64, or(100.0);
        /// Where the upper part begins; 0 or less is counted from half the sample rate.
        vtln_high_hz: f64, or(-500.0);
        /// Where the parts meet.
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
