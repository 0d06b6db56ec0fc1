//! Which samples each frame covers.

use crate::error::Error;

/// What happens where a frame would reach past the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edges {
    /// Only whole frames are produced.
    Snip,
}

/// Where frames lie in a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameLayout {
    /// Samples in a frame.
    pub length: usize,
    /// Samples from one frame's first to the next frame's first.
    pub shift: usize,
    /// What happens at the ends.
    pub edges: Edges,
}

impl FrameLayout {
    /// The number of frames in a recording of `num_samples` samples.
    ///
    /// ```
    /// use ossicle_dsp::{Edges, FrameLayout};
    ///
    /// let layout = FrameLayout { length: 400, shift: 160, edges: Edges::Snip };
    /// assert_eq!(layout.num_frames(399), 0);
    /// assert_eq!(layout.num_frames(400), 1);
    /// assert_eq!(layout.num_frames(16_000), 98);
    /// ```
    pub fn num_frames(&self, num_samples: usize) -> usize {
        match self.edges {
            Edges::Snip if num_samples < self.length => 0,
            Edges::Snip => 1 + (num_samples - self.length) / self.shift,
        }
    }

    /// The sample at the centre of the first frame.
    pub fn first_centre(&self) -> usize {
        match self.edges {
            Edges::Snip => self.length / 2,
        }
    }

    pub(crate) fn check(&self, n_fft: usize) -> Result<(), Error> {
        if self.length == 0 || self.length > n_fft {
            return Err(Error::FrameLength { length: self.length, n_fft });
        }
        if self.shift == 0 {
            return Err(Error::FrameShift);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn num_frames_counts_the_frames_that_fit() {
        for length in 1..12 {
            for shift in 1..12 {
                for num_samples in 0..64 {
                    let layout = FrameLayout { length, shift, edges: Edges::Snip };
                    let fitting = (0..).take_while(|t| t * shift + length <= num_samples).count();
                    assert_eq!(
                        layout.num_frames(num_samples),
                        fitting,
                        "{layout:?}, {num_samples}"
                    );
                }
            }
        }
    }
}
