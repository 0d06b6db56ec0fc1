//! The outline of a waveform, made as short as a page can show.

/// The most stretches: more than a page has pixels.
const MOST: usize = 4096;

/// The outline of a waveform: the least and the largest sample of each of many short stretches. Any number of
/// samples is taken, as they come.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    num_samples: u64,
    taken: u64,
    stretches: Vec<(f32, f32)>,
    /// The time of the first sample and of the end, in units of the axis.
    pub(crate) span: (f64, f64),
}

impl Envelope {
    /// Begins the outline of so many samples.
    ///
    /// - `span`: where the first sample and the end are on the horizontal axis
    pub fn new(num_samples: u64, span: (f64, f64)) -> Envelope {
        let stretches = num_samples.min(MOST as u64) as usize;
        let nothing = (f32::INFINITY, f32::NEG_INFINITY);
        Envelope { num_samples, taken: 0, stretches: vec![nothing; stretches], span }
    }

    /// Makes the outline of all samples at once.
    pub fn of(samples: &[f32], span: (f64, f64)) -> Envelope {
        let mut envelope = Envelope::new(samples.len() as u64, span);
        envelope.push(samples);
        envelope
    }

    /// Takes further samples; beyond the last, none.
    pub fn push(&mut self, samples: &[f32]) {
        for &sample in samples {
            if self.taken >= self.num_samples {
                return;
            }
            let at = u128::from(self.taken) * self.stretches.len() as u128
                / u128::from(self.num_samples);
            self.taken += 1;
            if sample.is_finite() {
                let (low, high) = &mut self.stretches[at as usize];
                (*low, *high) = (low.min(sample), high.max(sample));
            }
        }
    }

    /// Returns the largest absolute sample; 0 where there is none.
    pub fn peak(&self) -> f32 {
        self.heard().map(|(_, (low, high))| high.max(-low)).fold(0.0, f32::max)
    }

    /// Returns the largest absolute sample of each of `count` equal parts; 0 where there is none.
    pub fn peaks(&self, count: usize) -> Vec<f32> {
        let mut peaks = vec![0.0_f32; count];
        let all = self.stretches.len().max(1);
        for (at, (low, high)) in self.heard() {
            for peak in &mut peaks[at * count / all..((at + 1) * count).div_ceil(all).min(count)] {
                *peak = peak.max(high.max(-low));
            }
        }
        peaks
    }

    /// Returns the stretches in which there are samples, each with its number.
    pub(crate) fn heard(&self) -> impl DoubleEndedIterator<Item = (usize, (f32, f32))> {
        self.stretches.iter().copied().enumerate().filter(|(_, (low, high))| low <= high)
    }

    /// Returns where the middle of a stretch is on the horizontal axis.
    pub(crate) fn middle(&self, stretch: usize) -> f64 {
        let share = (stretch as f64 + 0.5) / self.stretches.len().max(1) as f64;
        self.span.0 + share * (self.span.1 - self.span.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stretch_has_its_extremes_whatever_the_pieces() {
        let samples: Vec<f32> =
            (0..3 * MOST).map(|n| [0.5, -0.25, n as f32 / 1e6][n % 3]).collect();
        let whole = Envelope::of(&samples, (0.0, 1.0));
        let mut pieces = Envelope::new(samples.len() as u64, (0.0, 1.0));
        samples.chunks(1001).for_each(|piece| pieces.push(piece));
        assert_eq!(whole, pieces);
        assert!(whole.heard().all(|(_, extremes)| extremes == (-0.25, 0.5)));
        assert_eq!(whole.peak(), 0.5);
        assert_eq!(whole.peaks(3), [0.5; 3]);
    }

    #[test]
    fn few_samples_and_none_are_outlines() {
        assert_eq!(Envelope::of(&[], (0.0, 1.0)).peak(), 0.0);
        assert_eq!(Envelope::of(&[f32::NAN, -0.5], (0.0, 1.0)).peaks(4), [0.0, 0.0, 0.5, 0.5]);
        // Samples that were promised and did not come.
        assert_eq!(Envelope::new(7, (0.0, 1.0)).peak(), 0.0);
    }
}
