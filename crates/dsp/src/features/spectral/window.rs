//! The weight of each sample within its frame.

use std::f64::consts::PI;

/// The shape of the weights of N samples, n = 0..N.
///
/// The symmetric shapes end where they begin (a = 2πn/(N − 1)); the periodic ones would one sample
/// past the frame (a = 2πn/N).
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Window {
    /// (½ − ½·cos a)^0.85, symmetric: Kaldi's default.
    Povey,
    /// 0.54 − 0.46·cos a, symmetric: HTK, Kaldi.
    Hamming,
    /// 0.54 − 0.46·cos a, periodic: `scipy.signal.get_window("hamming", N)`.
    HammingPeriodic,
    /// ½ − ½·cos a, symmetric: Kaldi's `hanning`, NeMo.
    Hann,
    /// ½ − ½·cos a, periodic: librosa, torchaudio, Whisper.
    HannPeriodic,
    /// c − ½·cos a + (½ − c)·cos 2a, symmetric; Kaldi's `--blackman-coeff` c is 0.42.
    Blackman {
        /// The constant term.
        coefficient: f64,
    },
    /// 0.42 − ½·cos a + 0.08·cos 2a, periodic: `scipy.signal.get_window("blackman", N)`.
    BlackmanPeriodic,
    /// sin(a / 2), symmetric: Kaldi's `sine`.
    Sine,
    /// 1 everywhere.
    Rectangular,
}

impl Window {
    /// Computes the weights of a frame of `length` samples, in f64, and rounds them once.
    pub fn weights(self, length: usize) -> Vec<f32> {
        (0..length).map(|n| self.weight(n, length) as f32).collect()
    }

    /// Computes the weight of sample `n` of `length`.
    pub(crate) fn weight(self, n: usize, length: usize) -> f64 {
        let periodic = 2.0 * PI * n as f64 / length as f64;
        // A single sample lies in the middle.
        let symmetric = match length {
            1 => PI,
            _ => 2.0 * PI * n as f64 / (length - 1) as f64,
        };
        let hann = |a: f64| 0.5 - 0.5 * libm::cos(a);
        let hamming = |a: f64| 0.54 - 0.46 * libm::cos(a);
        let blackman = |c: f64, a: f64| c - 0.5 * libm::cos(a) + (0.5 - c) * libm::cos(2.0 * a);
        match self {
            Window::Povey => libm::pow(hann(symmetric), 0.85),
            Window::Hamming => hamming(symmetric),
            Window::HammingPeriodic => hamming(periodic),
            Window::Hann => hann(symmetric),
            Window::HannPeriodic => hann(periodic),
            Window::Blackman { coefficient } => blackman(coefficient, symmetric),
            Window::BlackmanPeriodic => blackman(0.42, periodic),
            Window::Sine => libm::sin(symmetric / 2.0),
            Window::Rectangular => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_of_four_or_five_samples_are_known_by_hand() {
        let near = |window: Window, expected: &[f64]| {
            let found = window.weights(expected.len());
            let worst = found.iter().zip(expected).map(|(&a, b)| (f64::from(a) - b).abs());
            assert!(worst.fold(0.0, f64::max) < 1e-7, "{window:?}: {found:?}");
        };
        assert_eq!(Window::HannPeriodic.weights(4), [0.0, 0.5, 1.0, 0.5]);
        assert_eq!(Window::Rectangular.weights(2), [1.0, 1.0]);
        near(Window::Hann, &[0.0, 0.5, 1.0, 0.5, 0.0]);
        near(Window::Hamming, &[0.08, 0.54, 1.0, 0.54, 0.08]);
        near(Window::HammingPeriodic, &[0.08, 0.54, 1.0, 0.54]);
        near(Window::Povey, &[0.0, 0.554_784_736_1, 1.0, 0.554_784_736_1, 0.0]);
        near(Window::Blackman { coefficient: 0.42 }, &[0.0, 0.34, 1.0, 0.34, 0.0]);
        near(Window::BlackmanPeriodic, &[0.0, 0.34, 1.0, 0.34]);
        near(Window::Sine, &[0.0, 0.5_f64.sqrt(), 1.0, 0.5_f64.sqrt(), 0.0]);
    }

    #[test]
    fn a_window_of_one_sample_keeps_it() {
        for window in [Window::Povey, Window::Hamming, Window::Hann, Window::Sine] {
            assert_eq!(window.weights(1), [1.0], "{window:?}");
        }
    }
}
