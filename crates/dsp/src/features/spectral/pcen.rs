//! Per-channel energy normalisation.

use crate::error::Error;
use crate::kernels::lanes::Vector;

/// Per-channel energy normalisation: each column divided by its recent level, and then a root.
///
/// With x the column times `input_scale` and M its level, M\[t\] = (1 − s)·M\[t − 1\] + s·x\[t\] from
/// M\[−1\] = 1, a value becomes `(x / (eps + M)^gain + bias)^power − bias^power`; s follows from the
/// time constant T in frames: s = (√(1 + 4T²) − 1) / 2T². Y. Wang et al., "Trainable frontend for
/// robust and far-field keyword spotting", ICASSP 2017; the smoothing is that of `librosa.pcen`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pcen {
    /// The factor of the columns: 2³¹ brings energies of samples of ±1.0 into the range that the
    /// defaults were chosen for.
    pub input_scale: f32,
    /// The time in which the level follows, in seconds.
    pub time_constant_s: f64,
    /// The exponent of the level, by which a column is divided.
    pub gain: f32,
    /// A number added before the root.
    pub bias: f32,
    /// The exponent of the root.
    pub power: f32,
    /// The least level.
    pub eps: f32,
}

impl Default for Pcen {
    /// Returns the defaults of `librosa.pcen`, for energies of samples of ±1.0.
    fn default() -> Pcen {
        Pcen {
            input_scale: 2_147_483_648.0,
            time_constant_s: 0.4,
            gain: 0.98,
            bias: 2.0,
            power: 0.5,
            eps: 1e-6,
        }
    }
}

impl Pcen {
    pub(crate) fn check(&self) -> Result<(), Error> {
        let Pcen { input_scale, gain, bias, power, eps, .. } = *self;
        let numbers = [
            ("input_scale", input_scale),
            ("time_constant_s", self.time_constant_s as f32),
            ("gain", gain),
            ("bias", bias),
            ("power", power),
            ("eps", eps),
        ];
        match numbers.into_iter().find(|(_, x)| !x.is_normal() || *x < 0.0) {
            Some((key, value)) => Err(Error::NotPositive { key, value }),
            None => Ok(()),
        }
    }

    /// Returns the share of a frame that goes into the level.
    pub(crate) fn smoothing(&self, sample_rate_hz: u32, shift: usize) -> f32 {
        let frames = self.time_constant_s * f64::from(sample_rate_hz) / shift as f64;
        let square = frames * frames;
        ((libm::sqrt(1.0 + 4.0 * square) - 1.0) / (2.0 * square)) as f32
    }

    /// Normalises the columns of `N` frames, of which `num_frames` count.
    ///
    /// - `levels`: of each column, after the frame before; moved on
    #[inline(always)]
    pub(crate) fn apply<V: Vector<N>, const N: usize>(
        &self,
        smoothing: f32,
        num_frames: usize,
        columns: &mut [[f32; N]],
        levels: &mut [f32],
    ) {
        let inverse_bias = 1.0 / self.bias;
        let inverse_eps = 1.0 / self.eps;
        let log_eps = V::splat(libm::logf(self.eps));
        let root_of_bias = libm::powf(self.bias, self.power);
        for (column, level) in columns.iter_mut().zip(levels) {
            let x = V::load(column) * self.input_scale;
            x.store(column);
            // The level goes on from frame to frame, so lanes take turns; frames that only fill the last
            // vector must not move it.
            let mut smooth = [1.0; N];
            for (smooth, &x) in smooth.iter_mut().zip(&*column).take(num_frames) {
                *level = (1.0 - smoothing) * *level + smoothing * x;
                *smooth = *level;
            }
            // ln(eps + M) without what the sum loses.
            let log_level = log_eps + (V::load(&smooth) * inverse_eps).ln_1p();
            let divided = x * (log_level * -self.gain).exp();
            // (d + bias)^power − bias^power as bias^power · ((1 + d/bias)^power − 1), which loses no
            // digits where d is small.
            let root = ((divided * inverse_bias).ln_1p() * self.power).exp_m1();
            (root * root_of_bias).store(column);
        }
    }
}
