//! The weight of each sample within its frame.

/// The shape of the weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Window {
    /// ½ − ½·cos(2πn/N), which reaches zero again one sample past the frame: librosa's and
    /// PyTorch's Hann window (`scipy.signal.get_window("hann", N)`).
    HannPeriodic,
    /// Every sample counts alike.
    Rectangular,
}

impl Window {
    /// The weights of a frame of `length` samples, computed in f64 and rounded once.
    pub fn weights(self, length: usize) -> Vec<f32> {
        let weight = |n: usize| match self {
            Window::HannPeriodic => {
                let turn = n as f64 / length as f64;
                0.5 - 0.5 * libm::cos(2.0 * std::f64::consts::PI * turn)
            }
            Window::Rectangular => 1.0,
        };
        (0..length).map(|n| weight(n) as f32).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_periodic_hann_window_of_four_samples_is_known_by_hand() {
        assert_eq!(Window::HannPeriodic.weights(4), [0.0, 0.5, 1.0, 0.5]);
        assert_eq!(Window::Rectangular.weights(2), [1.0, 1.0]);
    }
}
